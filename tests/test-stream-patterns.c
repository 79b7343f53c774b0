/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <zmq.h>

#include "test-stream-util.h"

/* Streams of all types of sockets, with streams as their peers, in all kinds of main contexts, and
 * what becomes of them when their context or their socket goes. */

/* A stream around the peer's socket, with a log of its own. */
static void
open_far (StreamFixture *far,
          StreamFixture *fixture)
{
  *far = (StreamFixture){
    .socket = g_object_ref (fixture->peer),
    .stream = zmqglib_stream_new (fixture->peer),
    .events = g_ptr_array_new_with_free_func (g_free),
  };
  stream_fixture_listen (far);
}

static void
close_far (StreamFixture *far)
{
  g_assert_finalize_object (far->stream);
  g_object_unref (far->socket);
  g_ptr_array_unref (far->events);
}

static void
reopen (StreamFixture *fixture,
        gconstpointer  transport,
        ZmqSocketType  type,
        ZmqSocketType  peer_type)
{
  stream_fixture_tear_down (fixture, transport);
  stream_fixture_open (fixture, transport, type, peer_type);
}

/* Both streams run in the one loop. */
static void
check_one_way (StreamFixture *sender,
               StreamFixture *receiver)
{
  enum
  {
    N_MESSAGES = 300
  };

  stream_fixture_send_numbers (sender, 0, N_MESSAGES);
  stream_fixture_wait (receiver, N_MESSAGES);
  stream_settle ();
  g_ptr_array_set_size (sender->events, 0);
  stream_fixture_assert_numbers (receiver, "received", 0, N_MESSAGES);
}

static void
test_push_pull (StreamFixture *fixture,
                gconstpointer  transport)
{
  StreamFixture far;

  reopen (fixture, transport, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL);
  stream_fixture_listen (fixture);
  stream_fixture_connect_peer (fixture);
  open_far (&far, fixture);
  check_one_way (fixture, &far);
  close_far (&far);

  reopen (fixture, transport, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH);
  stream_fixture_listen (fixture);
  stream_fixture_connect_peer (fixture);
  open_far (&far, fixture);
  check_one_way (&far, fixture);
  close_far (&far);
}

static void
test_pair (StreamFixture *fixture,
           gconstpointer  transport)
{
  StreamFixture far;

  reopen (fixture, transport, ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR);
  stream_fixture_listen (fixture);
  stream_fixture_connect_peer (fixture);
  open_far (&far, fixture);
  check_one_way (fixture, &far);
  check_one_way (&far, fixture);
  close_far (&far);
}

/* Publishes until the subscription has arrived. */
static void
publish_until_heard (StreamFixture *publisher,
                     StreamFixture *subscriber)
{
  gint64 deadline = g_get_monotonic_time () + TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC;

  while (subscriber->events->len == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      stream_fixture_send (publisher, "topic begins");
      stream_settle ();
    }
}

static gboolean
is_last (gpointer data)
{
  GPtrArray *events = data;

  return events->len > 0 &&
         g_str_equal (g_ptr_array_index (events, events->len - 1), "received topic ends");
}

static void
check_publications (StreamFixture *publisher,
                    StreamFixture *subscriber)
{
  g_autoptr (GError) error = NULL;
  guint n_events;

  zmqglib_socket_subscribe (subscriber->socket, "topic", &error);
  g_assert_no_error (error);
  publish_until_heard (publisher, subscriber);

  stream_fixture_send (publisher, "another topic");
  stream_fixture_send (publisher, "topic");
  stream_fixture_send (publisher, "topi");
  stream_fixture_send (publisher, "topic ends");
  test_iterate_until (NULL, is_last, subscriber->events);

  n_events = subscriber->events->len;
  for (guint i = 0; i < n_events - 2; i++)
    g_assert_cmpstr (g_ptr_array_index (subscriber->events, i), ==, "received topic begins");
  g_assert_cmpstr (g_ptr_array_index (subscriber->events, n_events - 2), ==, "received topic");
  g_ptr_array_set_size (subscriber->events, 0);
}

static void
test_pub_sub (StreamFixture *fixture,
              gconstpointer  transport)
{
  StreamFixture far;

  reopen (fixture, transport, ZMQGLIB_SOCKET_PUB, ZMQGLIB_SOCKET_SUB);
  stream_fixture_connect_peer (fixture);
  open_far (&far, fixture);
  check_publications (fixture, &far);
  close_far (&far);

  reopen (fixture, transport, ZMQGLIB_SOCKET_SUB, ZMQGLIB_SOCKET_PUB);
  stream_fixture_listen (fixture);
  stream_fixture_connect_peer (fixture);
  open_far (&far, fixture);
  check_publications (&far, fixture);
  close_far (&far);
}

/* Subscriptions are messages on both sides. */
static void
test_xpub_xsub (StreamFixture *fixture,
                gconstpointer  transport)
{
  StreamFixture far;

  reopen (fixture, transport, ZMQGLIB_SOCKET_XPUB, ZMQGLIB_SOCKET_XSUB);
  stream_fixture_listen (fixture);
  stream_fixture_connect_peer (fixture);
  open_far (&far, fixture);

  stream_fixture_send (&far, "\1topic");
  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "received \1topic");

  stream_fixture_send (fixture, "another topic");
  stream_fixture_send (fixture, "topic a");
  stream_fixture_send (fixture, "topic b");
  stream_fixture_wait (&far, 2);
  stream_fixture_assert_events (&far, "received topic a, received topic b");
  stream_fixture_wait (fixture, 3);
  stream_fixture_assert_events (fixture, "sent another topic, sent topic a, sent topic b");

  close_far (&far);
}

static void
return_message (ZmqStream  *stream,
                ZmqMessage *message,
                gpointer    data)
{
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send (stream, message, &error);
  g_assert_no_error (error);
}

/* All requests at once: each waits in the queue until it is its turn. */
static void
test_req_rep (StreamFixture *fixture,
              gconstpointer  transport)
{
  StreamFixture far;

  reopen (fixture, transport, ZMQGLIB_SOCKET_REP, ZMQGLIB_SOCKET_REQ);
  g_signal_connect (fixture->stream, "received", G_CALLBACK (return_message), NULL);
  stream_fixture_connect_peer (fixture);
  open_far (&far, fixture);

  stream_fixture_send_numbers (&far, 0, 100);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (far.stream), >=, 99);
  stream_fixture_wait (&far, 100);
  stream_fixture_assert_numbers (&far, "received", 0, 100);
  stream_fixture_wait (fixture, 100);
  stream_fixture_assert_numbers (fixture, "sent", 0, 100);
  close_far (&far);
}

/* A reply that comes before its request waits for it. */
static void
test_reply_before_request (StreamFixture *fixture,
                           gconstpointer  transport)
{
  reopen (fixture, transport, ZMQGLIB_SOCKET_REP, ZMQGLIB_SOCKET_REQ);
  stream_fixture_listen (fixture);
  stream_fixture_connect_peer (fixture);
  stream_fixture_send (fixture, "0");
  stream_settle ();
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 1);

  test_send_string (fixture->peer, "request");
  stream_fixture_wait (fixture, 3);
  stream_fixture_assert_events (fixture, "received request, sent 0, drained");
  stream_fixture_peer_receive_numbers (fixture, 0, 1);
}

/* Each of three clients gets its own messages back. */
static void
test_dealer_router (StreamFixture *fixture,
                    gconstpointer  transport)
{
  StreamFixture far[3];

  reopen (fixture, transport, ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER);
  g_signal_connect (fixture->stream, "received", G_CALLBACK (return_message), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (far); i++)
    {
      if (i > 0)
        {
          g_object_unref (fixture->peer);
          fixture->peer = test_socket_new (fixture->context, ZMQGLIB_SOCKET_DEALER);
        }
      stream_fixture_connect_peer (fixture);
      open_far (&far[i], fixture);
      stream_fixture_send_numbers (&far[i], 1000 * i, 100);
    }

  for (guint i = 0; i < G_N_ELEMENTS (far); i++)
    {
      stream_fixture_wait (&far[i], 100);
      stream_fixture_assert_numbers (&far[i], "received", 1000 * i, 100);
      close_far (&far[i]);
    }
}

static void
test_wrong_direction (StreamFixture *fixture,
                      gconstpointer  transport)
{
  g_autoptr (GError) error = NULL;
  StreamFixture far;

  reopen (fixture, transport, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH);
  open_far (&far, fixture);
  g_assert_false (zmqglib_stream_send_string (fixture->stream, "a", &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_SUPPORTED, "pull");
  stream_settle ();
  stream_fixture_assert_events (fixture, "");
  stream_fixture_assert_events (&far, "");
  close_far (&far);
}

/* A mandatory ROUTER with a peer that is full and one that is not */

static ZmqSocket *
connect_named (StreamFixture *fixture,
               const char    *name)
{
  ZmqSocket *socket = test_socket_new (fixture->context, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (GBytes) id = g_bytes_new (name, strlen (name));
  g_autoptr (GError) error = NULL;

  g_object_set (socket, "routing-id", id, "receive-high-water-mark", 1,
                "receive-buffer-size", 65536, NULL);
  zmqglib_socket_connect_to (socket, fixture->endpoint, &error);
  g_assert_no_error (error);
  test_send_string (socket, "hello");

  return socket;
}

static void
send_to (StreamFixture *fixture,
         const char    *name,
         const char    *text)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv ((const char *[]){ name, text, NULL });
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send (fixture->stream, message, &error);
  g_assert_no_error (error);
}

static guint
count_iterations_in (gint64 time_us)
{
  g_autoptr (GSource) end = g_timeout_source_new (time_us / 1000);
  gboolean is_over = FALSE;
  guint    n_iterations = 0;

  g_source_set_callback (end, test_on_timeout, &is_over, NULL);
  g_source_attach (end, NULL);
  while (!is_over)
    {
      g_main_context_iteration (NULL, TRUE);
      n_iterations++;
    }

  return n_iterations;
}

static guint
count_events (StreamFixture *fixture,
              const char    *prefix)
{
  guint n_events = 0;

  for (guint i = 0; i < fixture->events->len; i++)
    n_events += g_str_has_prefix (g_ptr_array_index (fixture->events, i), prefix);

  return n_events;
}

static void
test_mandatory_router (StreamFixture *fixture,
                       gconstpointer  transport)
{
  g_autofree char *large = g_strnfill (200000, 'x');
  g_autoptr (ZmqMessage) to_nobody = zmqglib_message_new_from_strv ((const char *[]){ "nobody", "a", NULL });
  g_autoptr (ZmqSocket) full = NULL;
  g_autoptr (ZmqSocket) free = NULL;
  g_autoptr (GError) error = NULL;
  guint n_full = 0;
  guint n_iterations;

  reopen (fixture, transport, ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER);
  zmqglib_socket_unbind (fixture->socket, fixture->endpoint, NULL);
  g_object_set (fixture->socket, "send-high-water-mark", 1, "router-mandatory", TRUE,
                "send-buffer-size", 65536, NULL);
  g_free (fixture->endpoint);
  fixture->endpoint = test_bind (fixture->socket, transport);

  g_assert_false (zmqglib_stream_send (fixture->stream, to_nobody, &error));
  test_assert_error (error, ZMQGLIB_ERROR_HOST_UNREACHABLE, "router");

  stream_fixture_listen (fixture);
  full = connect_named (fixture, "full");
  free = connect_named (fixture, "free");
  stream_fixture_wait (fixture, 2);

  /* the system’s buffers take some time to fill: what counts is a while in which messages waited */
  do
    {
      while (zmqglib_stream_get_n_queued (fixture->stream) < 3)
        {
          send_to (fixture, "full", large);
          g_assert_cmpuint (++n_full, <, 1000);
        }
      n_iterations = count_iterations_in (300 * 1000);
    }
  while (zmqglib_stream_get_n_queued (fixture->stream) == 0);
  g_assert_cmpuint (n_iterations, <, 300);
  send_to (fixture, "free", "a");

  for (guint i = 0; i < n_full; i++)
    {
      stream_poll_until (stream_can_receive, full);
      test_receive_string (full, large);
    }
  stream_poll_until (stream_can_receive, free);
  test_receive_string (free, "a");

  stream_settle ();
  g_assert_cmpuint (count_events (fixture, "sent "), ==, n_full + 1);
}

/* Main contexts */

typedef struct
{
  const char *transport;
  guint       n_received;
  GThread    *thread;
} Program;

static void
on_received_in_thread (ZmqStream  *stream,
                       ZmqMessage *message,
                       gpointer    data)
{
  Program *program = data;

  g_assert_true (program->thread == g_thread_self ());
  program->n_received++;
  return_message (stream, message, NULL);
}

static gboolean
is_enough (gpointer data)
{
  Program *program = data;

  return program->n_received >= 100;
}

/* Two streams that throw a message to and fro, in whatever main context is the thread's default. */
static void
run_program (Program *program)
{
  g_autoptr (ZmqSocket) bound = NULL;
  g_autoptr (ZmqSocket) connected = NULL;
  g_autoptr (ZmqStream) one = NULL;
  g_autoptr (ZmqStream) other = NULL;

  program->thread = g_thread_self ();
  test_socket_pair (NULL, program->transport, ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, &bound,
                    &connected);
  one = zmqglib_stream_new (bound);
  other = zmqglib_stream_new (connected);
  g_signal_connect (one, "received", G_CALLBACK (on_received_in_thread), program);
  g_signal_connect (other, "received", G_CALLBACK (on_received_in_thread), program);

  zmqglib_stream_send_string (one, "ball", NULL);
  test_iterate_until (g_main_context_get_thread_default (), is_enough, program);
}

static void
test_default_context (StreamFixture *fixture,
                      gconstpointer  transport)
{
  Program program = { .transport = transport };

  run_program (&program);
  g_assert_cmpuint (program.n_received, >=, 100);
}

static gpointer
run_in_own_context (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  run_program (data);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_thread_default_context (StreamFixture *fixture,
                             gconstpointer  transport)
{
  Program  programs[] = { { .transport = transport }, { .transport = transport } };
  GThread *threads[G_N_ELEMENTS (programs)];

  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    threads[i] = g_thread_new ("worker", run_in_own_context, &programs[i]);
  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_thread_join (threads[i]);
      g_assert_cmpuint (programs[i].n_received, >=, 100);
    }
}

/* A context of its own, over and over, as tests make them; the default one has no part in it. */
static void
test_private_context (StreamFixture *fixture,
                      gconstpointer  transport)
{
  for (guint i = 0; i < 10; i++)
    {
      Program program = { .transport = transport };

      run_in_own_context (&program);
      g_assert_cmpuint (program.n_received, >=, 100);
      g_assert_false (g_main_context_pending (NULL));
    }
}

/* The end of a context, and of a socket */

static void
test_shutdown (StreamFixture *fixture,
               gconstpointer  transport)
{
  stream_fixture_listen (fixture);
  stream_fixture_send (fixture, "a");
  stream_fixture_send (fixture, "b");
  stream_settle ();
  stream_fixture_assert_events (fixture, "");

  zmqglib_context_shutdown (fixture->context);
  stream_fixture_wait (fixture, 3);
  g_assert_true (zmqglib_stream_is_closed (fixture->stream));
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 0);
  stream_settle ();
  stream_fixture_assert_events (fixture, "sent a: terminated, sent b: terminated, closed: terminated");
}

/* While messages come in and go out. */
static void
test_shutdown_of_busy (StreamFixture *fixture,
                       gconstpointer  transport)
{
  StreamFixture far;

  g_signal_connect (fixture->stream, "received", G_CALLBACK (return_message), NULL);
  stream_fixture_connect_peer (fixture);
  open_far (&far, fixture);
  g_signal_connect (far.stream, "closed", G_CALLBACK (stream_fixture_on_closed), &far);
  stream_fixture_send_numbers (&far, 0, 500);
  stream_fixture_wait (&far, 1);

  zmqglib_context_shutdown (fixture->context);
  while (!zmqglib_stream_is_closed (far.stream) || !zmqglib_stream_is_closed (fixture->stream))
    g_main_context_iteration (NULL, TRUE);
  stream_settle ();

  g_assert_cmpstr (g_ptr_array_index (far.events, far.events->len - 1), ==, "closed: terminated");
  g_assert_cmpstr (g_ptr_array_index (fixture->events, fixture->events->len - 1), ==,
                   "closed: terminated");
  close_far (&far);
}

/* The socket lingers on because of a message that its peer has not got yet: what is left of it can
 * still be asked. */
static void
test_handle_closed (StreamFixture *fixture,
                    gconstpointer  transport)
{
  g_object_set (fixture->socket, "linger", -1, NULL);
  stream_fixture_connect_peer_and_wait (fixture);
  stream_fixture_listen (fixture);
  stream_fixture_send (fixture, "last");
  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "sent last");

  g_assert_cmpint (zmq_close (zmqglib_socket_get_handle (fixture->socket)), ==, 0);
  stream_fixture_wait (fixture, 1);
  stream_settle ();
  g_assert_true (zmqglib_stream_is_closed (fixture->stream));
  stream_fixture_assert_events (fixture, "closed: closed");
  test_receive_string (fixture->peer, "last");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  stream_test_add ("patterns/push-pull", test_push_pull);
  stream_test_add ("patterns/pub-sub", test_pub_sub);
  stream_test_add ("patterns/req-rep", test_req_rep);
  stream_test_add ("patterns/dealer-router", test_dealer_router);
  stream_test_add ("patterns/pair", test_pair);
  stream_test_add ("patterns/xpub-xsub", test_xpub_xsub);
  stream_test_add ("patterns/reply-before-request", test_reply_before_request);
  stream_test_add ("patterns/wrong-direction", test_wrong_direction);
  stream_test_add ("patterns/mandatory-router", test_mandatory_router);
  stream_test_add ("contexts/default", test_default_context);
  stream_test_add ("contexts/thread-default", test_thread_default_context);
  stream_test_add ("contexts/private", test_private_context);
  stream_test_add ("shutdown/waiting", test_shutdown);
  stream_test_add ("shutdown/busy", test_shutdown_of_busy);
  stream_test_add ("handle-closed", test_handle_closed);

  return g_test_run ();
}

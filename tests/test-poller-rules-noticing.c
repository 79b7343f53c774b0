/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <dlfcn.h>

#include "test-poller-rules-util.h"

/* Rules 2, 3, 5 and 6 of the poller: what it notices, and what that costs. */

typedef int (*GetSockOptFunc) (void *, int, void *, size_t *);

static guint n_queries;

/* Stands before libzmq's own, and counts how often a socket is asked what is ready. */
int
zmq_getsockopt (void   *socket,
                int     option,
                void   *value,
                size_t *size)
{
  static gsize next;

  if (g_once_init_enter (&next))
    g_once_init_leave (&next, (gsize) dlsym (RTLD_NEXT, "zmq_getsockopt"));
  if (option == ZMQ_EVENTS)
    n_queries++;

  return ((GetSockOptFunc) next) (socket, option, value, size);
}

/* Rule 2 */

static void
test_prepare_queries (RuleFixture  *fixture,
                      gconstpointer data)
{
  int timeout_ms;

  rule_listen_with (fixture, G_CALLBACK (rule_on_received));
  rule_settle ();

  /* asleep: not asked, and nothing keeps the loop from blocking */
  n_queries = 0;
  g_assert_false (rule_prepare_loop (&timeout_ms));
  g_assert_cmpint (timeout_ms, ==, -1);
  g_assert_cmpuint (n_queries, ==, 0);

  /* hot, without anything that is wanted: asked once, and asleep again */
  rule_try_send (fixture);
  g_assert_false (rule_prepare_loop (&timeout_ms));
  g_assert_cmpint (timeout_ms, ==, -1);
  g_assert_cmpuint (n_queries, ==, 1);
  g_assert_false (rule_prepare_loop (&timeout_ms));
  g_assert_cmpuint (n_queries, ==, 1);

  /* hot, with a message: ready before the loop polls */
  rule_send_numbers (fixture, 1);
  g_usleep (5000);
  rule_try_send (fixture);
  g_assert_false (rule_is_signalled (fixture));
  g_assert_true (rule_prepare_loop (&timeout_ms));
  g_assert_cmpint (timeout_ms, ==, 0);
  g_assert_cmpuint (n_queries, ==, 2);

  test_iterate_until (NULL, rule_has_received_all, fixture);
}

/* Rule 3 */

static void
test_check_collects (RuleFixture  *fixture,
                     gconstpointer data)
{
  GPollFD fds[32];
  int     priority;
  int     timeout_ms;
  int     n_fds;

  rule_listen_with (fixture, G_CALLBACK (rule_on_received));
  rule_settle ();

  g_assert_true (g_main_context_acquire (g_main_context_default ()));
  g_assert_false (g_main_context_prepare (g_main_context_default (), &priority));
  n_fds = g_main_context_query (g_main_context_default (), priority, &timeout_ms, fds, G_N_ELEMENTS (fds));
  g_assert_cmpint (timeout_ms, ==, -1);

  n_queries = 0;
  rule_send_numbers (fixture, 1);
  g_assert_cmpint (g_poll (fds, n_fds, TEST_TIMEOUT_SECONDS * 1000), >=, 1);
  g_assert_true (g_main_context_check (g_main_context_default (), priority, fds, n_fds));
  g_assert_cmpuint (n_queries, ==, 1);

  g_main_context_dispatch (g_main_context_default ());
  g_assert_cmpuint (fixture->n_received, ==, 1);
  g_main_context_release (g_main_context_default ());
}

#define N_MANY 300

typedef struct
{
  ZmqSocket *sockets[N_MANY];
  ZmqSocket *peers[N_MANY];
  ZmqStream *streams[N_MANY];
  guint      n_received;
} Many;

static void
on_received_many (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    user_data)
{
  Many *many = user_data;

  g_assert_true (many->streams[rule_get_number (message)] == stream);
  many->n_received++;
}

static gboolean
have_all_received (gpointer data)
{
  return ((Many *) data)->n_received == N_MANY;
}

/* More are signalled at once than the kernel is asked for at a time. */
static void
test_check_collects_many (RuleFixture  *fixture,
                          gconstpointer data)
{
  g_autofree Many *many = g_new0 (Many, 1);

  for (guint i = 0; i < N_MANY; i++)
    {
      test_socket_pair (fixture->context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR,
                        &many->sockets[i], &many->peers[i]);
      many->streams[i] = zmqglib_stream_new (many->sockets[i]);
      g_signal_connect (many->streams[i], "received", G_CALLBACK (on_received_many), many);
    }
  rule_settle ();

  for (guint i = 0; i < N_MANY; i++)
    rule_send_number (many->peers[i], i);
  test_iterate_until (NULL, have_all_received, many);

  for (guint i = 0; i < N_MANY; i++)
    {
      g_object_unref (many->streams[i]);
      g_object_unref (many->sockets[i]);
      g_object_unref (many->peers[i]);
    }
}

typedef struct
{
  ZmqSocket *socket;
  ZmqSocket *peer;
  guint      n_rounds;
} Busy;

static gboolean
on_keep_busy (gpointer data)
{
  Busy *busy = data;

  busy->n_rounds++;
  test_send_string (busy->peer, "hello");
  /* it is known to be ready before the loop gets to poll */
  g_assert_true (zmqglib_socket_get_condition (busy->socket) & G_IO_IN);

  return G_SOURCE_CONTINUE;
}

static void
on_received_busy (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    user_data)
{
  Busy *busy = user_data;

  g_assert_cmpuint (zmqglib_message_get_size (message), ==, strlen ("hello"));
  g_assert_cmpuint (busy->n_rounds, >, 0);
}

/* A stream that is ready in each prepare, so that there is nothing to check, hides no other. */
static void
test_check_is_not_skipped (RuleFixture  *fixture,
                           gconstpointer data)
{
  g_autoptr (ZmqStream) stream = NULL;
  Busy  busy = { 0 };
  guint idle_id;
  guint n_rounds;

  test_socket_pair (fixture->context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR,
                    &busy.socket, &busy.peer);
  stream = zmqglib_stream_new (busy.socket);
  g_signal_connect (stream, "received", G_CALLBACK (on_received_busy), &busy);
  rule_listen_with (fixture, G_CALLBACK (rule_on_received));
  rule_settle ();

  idle_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_keep_busy, &busy, NULL);
  while (busy.n_rounds < 10)
    g_main_context_iteration (NULL, FALSE);

  rule_send_numbers (fixture, 1);
  n_rounds = busy.n_rounds;
  while (fixture->n_received == 0 && busy.n_rounds < n_rounds + 5)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (fixture->n_received, ==, 1);

  g_source_remove (idle_id);
  g_clear_object (&stream);
  g_object_unref (busy.socket);
  g_object_unref (busy.peer);
}

/* Rule 5 */

static void
test_raw_handle (RuleFixture  *fixture,
                 gconstpointer data)
{
  gpointer handle = zmqglib_socket_get_handle (fixture->socket);
  char     buffer[16];

  rule_listen_with (fixture, G_CALLBACK (rule_on_received));

  for (guint i = 0; i < 3; i++)
    {
      rule_settle ();
      rule_send_numbers (fixture, 2);
      /* takes the first message, and with it the signal of both */
      g_assert_cmpint (zmq_recv (handle, buffer, sizeof buffer, ZMQ_DONTWAIT), >, 0);
      fixture->n_received++;
      g_assert_false (rule_is_signalled (fixture));

      test_iterate_until (NULL, rule_has_received_all, fixture);
    }
}

static void
test_adopted_handle (RuleFixture  *fixture,
                     gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gpointer context = zmq_ctx_new ();
  gpointer handle = zmq_socket (context, ZMQ_PAIR);
  gpointer peer = zmq_socket (context, ZMQ_PAIR);
  gsize    size = sizeof fixture->fd;
  char     buffer[16];

  g_assert_cmpint (zmq_bind (handle, "inproc://adopted"), ==, 0);
  g_assert_cmpint (zmq_connect (peer, "inproc://adopted"), ==, 0);

  g_clear_object (&fixture->socket);
  fixture->socket = zmqglib_socket_new_for_handle (handle, &error);
  g_assert_no_error (error);
  g_assert_cmpint (zmq_getsockopt (handle, ZMQ_FD, &fixture->fd, &size), ==, 0);
  rule_listen_with (fixture, G_CALLBACK (rule_on_received));

  for (guint i = 0; i < 3; i++)
    {
      rule_settle ();
      g_assert_cmpint (zmq_send (peer, "unseen", 6, 0), ==, 6);
      g_assert_cmpint (zmq_send (peer, i == 0 ? "0" : i == 1 ? "1"
                                                             : "2",
                                 1, 0),
                       ==, 1);
      fixture->n_sent++;
      g_assert_cmpint (zmq_recv (handle, buffer, sizeof buffer, ZMQ_DONTWAIT), ==, 6);
      g_assert_false (rule_is_signalled (fixture));

      test_iterate_until (NULL, rule_has_received_all, fixture);
    }

  g_clear_object (&fixture->stream);
  g_clear_object (&fixture->socket);
  zmq_close (handle);
  zmq_close (peer);
  zmq_ctx_term (context);
}

/* It is just those sockets, and just one query in each iteration. */
static void
test_raw_handle_price (RuleFixture  *fixture,
                       gconstpointer data)
{
  g_autoptr (RuleFlood) others G_GNUC_UNUSED = rule_flood_new (fixture->context, 0, G_CALLBACK (rule_flood_on_received));

  rule_listen_with (fixture, G_CALLBACK (rule_on_received));
  rule_settle ();
  n_queries = 0;
  for (guint i = 0; i < 5; i++)
    g_assert_false (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpuint (n_queries, ==, 0);

  g_assert_nonnull (zmqglib_socket_get_handle (fixture->socket));
  for (guint i = 0; i < 5; i++)
    g_assert_false (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpuint (n_queries, ==, 5);

  rule_assert_loop_sleeps ();
}

/* Rule 6 */

static void
test_unheard_input (RuleFixture  *fixture,
                    gconstpointer data)
{
  gulong id;

  fixture->stream = zmqglib_stream_new (fixture->socket);
  rule_settle ();
  rule_send_numbers (fixture, 3);
  rule_assert_loop_sleeps ();

  id = rule_listen_with (fixture, G_CALLBACK (rule_on_received));
  test_iterate_until (NULL, rule_has_received_all, fixture);

  g_signal_handler_block (fixture->stream, id);
  rule_send_numbers (fixture, 3);
  rule_assert_loop_sleeps ();
  g_assert_cmpuint (fixture->n_received, ==, 3);

  /* the rest may be read by somebody else: it is there still */
  rule_receive (fixture);
  rule_assert_loop_sleeps ();
  g_assert_cmpuint (fixture->n_received, ==, 4);

  g_signal_handler_unblock (fixture->stream, id);
  test_iterate_until (NULL, rule_has_received_all, fixture);
}

static void
test_unwanted_input (RuleFixture  *fixture,
                     gconstpointer data)
{
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  g_autoptr (GSource) source = zmqglib_poller_create_source (poller);
  g_autoptr (GError) error = NULL;
  guint n_ready = 0;

  g_source_attach (source, NULL);
  zmqglib_poller_add_socket (poller, fixture->socket, 0, rule_count_ready, &n_ready, NULL, &error);
  g_assert_no_error (error);

  rule_send_numbers (fixture, 1);
  rule_assert_loop_sleeps ();
  g_assert_cmpuint (n_ready, ==, 0);

  zmqglib_poller_modify_socket (poller, fixture->socket, G_IO_IN, &error);
  g_assert_no_error (error);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (n_ready, >, 0);

  g_source_destroy (source);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  rule_test_add ("/poller/rule-02-prepare-queries-hot", NULL, test_prepare_queries);
  rule_test_add ("/poller/rule-03-check-collects-signalled/one", NULL, test_check_collects);
  rule_test_add ("/poller/rule-03-check-collects-signalled/many", NULL, test_check_collects_many);
  rule_test_add ("/poller/rule-03-check-collects-signalled/beside-a-busy-one", NULL,
                 test_check_is_not_skipped);
  rule_test_add ("/poller/rule-05-raw-handle-stays-hot/given", NULL, test_raw_handle);
  rule_test_add ("/poller/rule-05-raw-handle-stays-hot/adopted", NULL, test_adopted_handle);
  rule_test_add ("/poller/rule-05-raw-handle-stays-hot/price", NULL, test_raw_handle_price);
  rule_test_add ("/poller/rule-06-unheard-input-is-left/stream", NULL, test_unheard_input);
  rule_test_add ("/poller/rule-06-unheard-input-is-left/poller", NULL, test_unwanted_input);

  return g_test_run ();
}

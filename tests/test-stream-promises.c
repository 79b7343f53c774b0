/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <zmq.h>

#include "test-stream-util.h"

/* The nine promises of a stream. */

/* Calls of the library into libzmq that ask or take something, for the ninth promise: the program's
 * symbols come before those of libzmq. */
static int n_calls;

int
zmq_getsockopt (void   *handle,
                int     option,
                void   *value,
                size_t *size)
{
  static int (*original) (void *, int, void *, size_t *);

  if (original == NULL)
    original = (int (*) (void *, int, void *, size_t *)) dlsym (RTLD_NEXT, "zmq_getsockopt");
  g_atomic_int_inc (&n_calls);

  return original (handle, option, value, size);
}

int
zmq_msg_recv (zmq_msg_t *message,
              void      *handle,
              int        flags)
{
  static int (*original) (zmq_msg_t *, void *, int);

  if (original == NULL)
    original = (int (*) (zmq_msg_t *, void *, int)) dlsym (RTLD_NEXT, "zmq_msg_recv");
  g_atomic_int_inc (&n_calls);

  return original (message, handle, flags);
}

static gboolean
is_slow_tool (void)
{
  return g_getenv ("ZMQGLIB_TEST_SLOW_TOOL") != NULL;
}

/* 1: nothing is read unless somebody listens */

static void
test_nothing_read (StreamFixture *fixture,
                   gconstpointer  transport)
{
  gulong id;

  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 10);
  stream_poll_until (stream_can_receive, fixture->socket);
  stream_settle ();
  test_receive_string (fixture->socket, "0");

  /* a blocked handler does not listen */
  id = stream_fixture_listen (fixture);
  g_signal_handler_block (fixture->stream, id);
  stream_fixture_peer_send_numbers (fixture, 10, 10);
  stream_settle ();
  test_receive_string (fixture->socket, "1");

  stream_fixture_assert_events (fixture, "");
  g_signal_handler_unblock (fixture->stream, id);
  stream_fixture_wait (fixture, 18);
  stream_settle ();
  stream_fixture_assert_numbers (fixture, "received", 2, 18);
}

typedef struct
{
  StreamFixture *fixture;
  gulong         id;
  guint          n_until_pause;
  gboolean       blocks; /* else it disconnects */
} Pauser;

static void
on_received_pause (ZmqStream  *stream,
                   ZmqMessage *message,
                   gpointer    data)
{
  Pauser *pauser = data;

  stream_fixture_on_received (stream, message, pauser->fixture);
  if (--pauser->n_until_pause > 0)
    return;

  if (pauser->blocks)
    g_signal_handler_block (stream, pauser->id);
  else
    g_clear_signal_handler (&pauser->id, stream);
}

static void
pauser_listen (Pauser *pauser,
               guint   n_until_pause)
{
  ZmqStream *stream = pauser->fixture->stream;

  pauser->n_until_pause = n_until_pause;
  if (pauser->id != 0)
    g_signal_handler_unblock (stream, pauser->id);
  else
    pauser->id = g_signal_connect (stream, "received", G_CALLBACK (on_received_pause), pauser);
}

/* Pauses in bursts of all lengths: not one message more is read, and none is lost. */
static void
check_pauses (StreamFixture *fixture,
              gboolean       blocks)
{
  enum
  {
    N_MESSAGES = 500
  };
  Pauser pauser = { .fixture = fixture, .blocks = blocks };
  guint  n_received = 0;

  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, N_MESSAGES);

  for (guint n_until_pause = 1; n_received < N_MESSAGES; n_until_pause += 5)
    {
      guint n_wanted = MIN (n_until_pause, N_MESSAGES - n_received);

      pauser_listen (&pauser, n_wanted);
      stream_fixture_wait (fixture, n_wanted);
      stream_settle ();
      stream_fixture_assert_numbers (fixture, "received", n_received, n_wanted);
      n_received += n_wanted;
    }
}

static void
test_disconnect_in_burst (StreamFixture *fixture,
                          gconstpointer  transport)
{
  check_pauses (fixture, FALSE);
}

static void
test_block_in_burst (StreamFixture *fixture,
                     gconstpointer  transport)
{
  check_pauses (fixture, TRUE);
}

/* With two handlers it is the last one that counts. */
static void
test_last_of_two (StreamFixture *fixture,
                  gconstpointer  transport)
{
  Pauser first = { .fixture = fixture };
  Pauser second = { .fixture = fixture };

  stream_fixture_connect_peer (fixture);
  pauser_listen (&first, 2);
  pauser_listen (&second, 3);
  stream_fixture_peer_send_numbers (fixture, 0, 10);
  stream_fixture_wait (fixture, 5);
  stream_settle ();
  stream_fixture_assert_events (fixture, "received 0, received 0, received 1, received 1, received 2");

  stream_fixture_listen (fixture);
  stream_fixture_wait (fixture, 7);
  stream_fixture_assert_numbers (fixture, "received", 3, 7);
}

/* 2: ::received comes once for each whole message, in order, and the message may be kept */

static void
on_received_keep (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    data)
{
  g_ptr_array_add (data, zmqglib_message_ref (message));
}

static gboolean
is_long (gpointer data)
{
  GPtrArray *array = data;

  return array->len >= 300;
}

static ZmqMessage *
make_message (guint index)
{
  ZmqMessage      *message = zmqglib_message_new ();
  g_autofree char *large = g_strnfill (index * 100, 'a' + index % 26);

  /* with short, empty and long frames */
  zmqglib_message_append_data (message, &index, sizeof index);
  for (guint i = 0; i < index % 4; i++)
    zmqglib_message_append_string (message, "");
  zmqglib_message_append_string (message, large);

  return message;
}

static void
test_kept_in_order (StreamFixture *fixture,
                    gconstpointer  transport)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_message_unref);

  stream_fixture_connect_peer (fixture);
  g_signal_connect (fixture->stream, "received", G_CALLBACK (on_received_keep), kept);
  for (guint i = 0; i < 300; i++)
    {
      g_autoptr (ZmqMessage) message = make_message (i);
      g_autoptr (GError) error = NULL;

      zmqglib_socket_send (fixture->peer, message, NULL, &error);
      g_assert_no_error (error);
    }
  test_iterate_until (NULL, is_long, kept);
  stream_settle ();
  stream_fixture_drop (fixture);
  zmqglib_socket_close (fixture->socket);

  g_assert_cmpuint (kept->len, ==, 300);
  for (guint i = 0; i < kept->len; i++)
    {
      g_autoptr (ZmqMessage) expected = make_message (i);

      g_assert_true (zmqglib_message_equal (g_ptr_array_index (kept, i), expected));
    }
}

/* 3: send() never blocks, and keeps the order */

static void
test_send_at_once (StreamFixture *fixture,
                   gconstpointer  transport)
{
  stream_fixture_connect_peer_and_wait (fixture);

  /* the loop does not run here */
  stream_fixture_send_numbers (fixture, 0, 10);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 0);
  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);

      test_receive_string (fixture->peer, number);
    }
}

static void
test_send_without_peer (StreamFixture *fixture,
                        gconstpointer  transport)
{
  gint64 start = g_get_monotonic_time ();
  guint  n_messages = is_slow_tool () ? 500 : 5000;

  stream_fixture_send_numbers (fixture, 0, n_messages);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, n_messages);

  /* it could go at once now, but it is not its turn */
  stream_fixture_connect_peer (fixture);
  while (!stream_can_send (fixture->socket))
    g_thread_yield ();
  stream_fixture_send_numbers (fixture, n_messages, 1);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, n_messages + 1);

  stream_fixture_peer_receive_numbers (fixture, 0, n_messages + 1);
}

static void
test_send_at_high_water_mark (StreamFixture *fixture,
                              gconstpointer  transport)
{
  g_autofree char *padding = g_strnfill (100000, 'x');
  guint            n_sent = 0;

  g_object_set (fixture->socket, "send-high-water-mark", 2, NULL);
  g_object_set (fixture->peer, "receive-high-water-mark", 2, NULL);
  zmqglib_socket_unbind (fixture->socket, fixture->endpoint, NULL);
  g_free (fixture->endpoint);
  fixture->endpoint = test_bind (fixture->socket, transport);
  stream_fixture_connect_peer_and_wait (fixture);

  /* large ones, to fill the system's buffers too */
  while (zmqglib_stream_get_n_queued (fixture->stream) < 5)
    {
      stream_fixture_send (fixture, padding);
      g_assert_cmpuint (++n_sent, <, 5000);
    }

  for (guint i = 0; i < n_sent; i++)
    {
      stream_poll_until (stream_can_receive, fixture->peer);
      test_receive_string (fixture->peer, padding);
    }
  stream_fixture_wait (fixture, n_sent + 1);
  g_assert_cmpuint (fixture->events->len, ==, n_sent + 1);
}

static void
test_send_out_of_turn (StreamFixture *fixture,
                       gconstpointer  transport)
{
  stream_fixture_tear_down (fixture, transport);
  stream_fixture_open (fixture, transport, ZMQGLIB_SOCKET_REQ, ZMQGLIB_SOCKET_REP);
  stream_fixture_listen (fixture);
  stream_fixture_connect_peer_and_wait (fixture);

  stream_fixture_send_numbers (fixture, 0, 3);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 2);
  for (guint i = 0; i < 3; i++)
    {
      stream_fixture_peer_receive_numbers (fixture, i, 1);
      test_send_string (fixture->peer, "reply");
    }

  stream_fixture_wait (fixture, 7);
  g_assert_cmpuint (fixture->events->len, ==, 7);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 0);
}

/* 4: ::sent comes once for each message, in order, from the main loop */

static void
test_sent_from_loop (StreamFixture *fixture,
                     gconstpointer  transport)
{
  stream_fixture_send_numbers (fixture, 0, 200);
  stream_fixture_assert_events (fixture, "");
  stream_fixture_connect_peer (fixture);
  stream_fixture_wait (fixture, 201);
  g_assert_cmpstr (g_ptr_array_index (fixture->events, 200), ==, "drained");
  g_ptr_array_set_size (fixture->events, 200);
  stream_fixture_assert_numbers (fixture, "sent", 0, 200);

  /* what goes at once as well */
  stream_fixture_send_numbers (fixture, 200, 200);
  stream_fixture_assert_events (fixture, "");
  stream_fixture_wait (fixture, 200);
  stream_settle ();
  stream_fixture_assert_numbers (fixture, "sent", 200, 200);
  stream_fixture_peer_receive_numbers (fixture, 0, 400);
}

/* 5: flush() handles what is pending, up to a limit, from wherever, and nothing else */

static gboolean
fail_if_run (gpointer data)
{
  g_assert_not_reached ();

  return G_SOURCE_REMOVE;
}

static void
flush_in (StreamFixture *fixture,
          guint          n_messages)
{
  gint64 deadline = g_get_monotonic_time () + TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC;
  guint  n_handled = 0;

  while (n_handled < n_messages)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      n_handled += zmqglib_stream_flush (fixture->stream, G_IO_IN, n_messages - n_handled);
    }
  g_assert_cmpuint (n_handled, ==, n_messages);
}

static void
test_flush_limit (StreamFixture *fixture,
                  gconstpointer  transport)
{
  guint source_id = g_timeout_add_full (G_PRIORITY_HIGH, 0, fail_if_run, NULL, NULL);

  stream_fixture_connect_peer (fixture);
  while (!stream_can_send (fixture->socket))
    g_thread_yield ();
  stream_fixture_peer_send_numbers (fixture, 0, 20);
  stream_fixture_listen (fixture);

  flush_in (fixture, 5);
  stream_fixture_assert_numbers (fixture, "received", 0, 5);
  flush_in (fixture, 14);
  stream_fixture_assert_numbers (fixture, "received", 5, 14);

  /* received and sent together: ten of eleven, wherever they come from */
  while (!stream_can_receive (fixture->socket))
    g_thread_yield ();
  stream_fixture_send_numbers (fixture, 0, 10);
  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_IN | G_IO_OUT, 10), ==, 10);
  g_assert_cmpuint (fixture->events->len, ==, 10);
  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_IN | G_IO_OUT, 10), ==, 1);
  g_assert_cmpuint (fixture->events->len, ==, 11);
  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_IN | G_IO_OUT, 0), ==, 0);

  g_source_remove (source_id);
}

static void
test_flush_drops_unheard (StreamFixture *fixture,
                          gconstpointer  transport)
{
  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 10);
  flush_in (fixture, 6);
  stream_fixture_assert_events (fixture, "");

  stream_fixture_listen (fixture);
  stream_fixture_wait (fixture, 4);
  stream_fixture_assert_numbers (fixture, "received", 6, 4);
}

static void
on_received_flush (ZmqStream     *stream,
                   ZmqMessage    *message,
                   StreamFixture *fixture)
{
  g_signal_handlers_disconnect_by_func (stream, on_received_flush, fixture);
  stream_fixture_listen (fixture);
  flush_in (fixture, 7);
  stream_fixture_assert_numbers (fixture, "received", 1, 7);
}

static void
test_flush_in_handler (StreamFixture *fixture,
                       gconstpointer  transport)
{
  stream_fixture_connect_peer (fixture);
  g_signal_connect (fixture->stream, "received", G_CALLBACK (on_received_flush), fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 20);

  while (g_signal_handler_find (fixture->stream, G_SIGNAL_MATCH_FUNC, 0, 0, NULL,
                                on_received_flush, NULL) != 0)
    g_main_context_iteration (NULL, TRUE);
  stream_fixture_wait (fixture, 12);
  stream_fixture_assert_numbers (fixture, "received", 8, 12);
}

/* 6: close() */

static void
test_close (StreamFixture *fixture,
            gconstpointer  transport)
{
  g_autoptr (GError) error = NULL;

  stream_fixture_listen (fixture);
  stream_fixture_send (fixture, "a");
  stream_fixture_send (fixture, "b");
  zmqglib_stream_close (fixture->stream);
  zmqglib_stream_close (fixture->stream);
  g_assert_true (zmqglib_stream_is_closed (fixture->stream));
  g_assert_false (zmqglib_stream_send_string (fixture->stream, "late", &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED);
  stream_fixture_assert_events (fixture, "");

  stream_fixture_wait (fixture, 3);
  zmqglib_stream_close (fixture->stream);
  stream_settle ();
  stream_fixture_assert_events (fixture, "sent a: closed, sent b: closed, closed");
}

/* What was handed to libzmq is sent, and said to be. */
static void
test_close_after_sending (StreamFixture *fixture,
                          gconstpointer  transport)
{
  stream_fixture_connect_peer_and_wait (fixture);
  g_object_set (fixture->socket, "linger", TEST_TIMEOUT_SECONDS * 1000, NULL);
  stream_fixture_send (fixture, "0");
  zmqglib_stream_close (fixture->stream);
  stream_fixture_wait (fixture, 2);
  stream_fixture_assert_events (fixture, "sent 0, closed");
  stream_fixture_peer_receive_numbers (fixture, 0, 1);
}

/* The stream keeps itself until it has said so. */
static void
test_close_and_drop (StreamFixture *fixture,
                     gconstpointer  transport)
{
  stream_fixture_send (fixture, "a");
  zmqglib_stream_close (fixture->stream);
  g_object_unref (fixture->stream);
  g_assert_nonnull (fixture->stream);

  test_iterate_until (NULL, stream_is_null, &fixture->stream);
  stream_fixture_assert_events (fixture, "sent a: closed, closed");
}

/* 7: handlers may do anything */

typedef enum
{
  CLOSE,
  DROP,
  SEND,
  FLUSH,
  DISCONNECT,
  NEST,
} Action;

typedef struct
{
  const char *transport;
  const char *signal;
  Action      action;
} Case;

typedef struct
{
  StreamFixture base;
  const Case   *test_case;
  ZmqSocket    *other_socket;
  ZmqSocket    *other_peer;
  ZmqStream    *other_stream;
  gulong        id;
  guint         n_acts;
  guint         n_other;
} ActFixture;

static const char *const action_names[] = { "close", "drop", "send", "flush", "disconnect", "nested-loop" };

static void
on_other_received (ZmqStream  *stream,
                   ZmqMessage *message,
                   gpointer    data)
{
  guint *n_other = data;

  ++*n_other;
}

static gboolean
is_not_zero (gpointer data)
{
  guint *number = data;

  return *number != 0;
}

/* The other stream goes on while this one is in its handler. */
static void
nest (ActFixture *fixture)
{
  fixture->n_other = 0;
  test_send_string (fixture->other_peer, "a");
  test_iterate_until (NULL, is_not_zero, &fixture->n_other);
}

static void
act (ActFixture *fixture)
{
  ZmqStream *stream = fixture->base.stream;

  if (fixture->n_acts++ > 0)
    return;

  switch (fixture->test_case->action)
    {
    case CLOSE:
      zmqglib_stream_close (stream);
      g_assert_true (zmqglib_stream_is_closed (stream));
      break;
    case DROP:
      g_object_unref (stream);
      break;
    case SEND:
      g_assert_cmpint (zmqglib_stream_send_string (stream, "more", NULL), ==,
                       !zmqglib_stream_is_closed (stream));
      break;
    case FLUSH:
      zmqglib_stream_flush (stream, G_IO_IN | G_IO_OUT, 0);
      break;
    case DISCONNECT:
      g_clear_signal_handler (&fixture->id, stream);
      break;
    case NEST:
      nest (fixture);
      break;
    }
}

static void
act_fixture_set_up (ActFixture   *fixture,
                    gconstpointer data)
{
  const Case *test_case = data;

  stream_fixture_set_up (&fixture->base, test_case->transport);
  fixture->test_case = test_case;

  test_socket_pair (fixture->base.context, test_case->transport, ZMQGLIB_SOCKET_PAIR,
                    ZMQGLIB_SOCKET_PAIR, &fixture->other_socket, &fixture->other_peer);
  fixture->other_stream = zmqglib_stream_new (fixture->other_socket);
  g_signal_connect (fixture->other_stream, "received", G_CALLBACK (on_other_received),
                    &fixture->n_other);
}

static void
act_fixture_tear_down (ActFixture   *fixture,
                       gconstpointer data)
{
  g_assert_finalize_object (g_steal_pointer (&fixture->other_stream));
  g_clear_object (&fixture->other_socket);
  g_clear_object (&fixture->other_peer);
  stream_fixture_tear_down (&fixture->base, NULL);
}

/* Lets all signals come, and sees to it that the stream still works, if it should. */
static gboolean
has_sent_last (gpointer events)
{
  return g_ptr_array_find_with_equal_func (events, "sent last", g_str_equal, NULL);
}

static void
test_act (ActFixture   *fixture,
          gconstpointer data)
{
  StreamFixture *base = &fixture->base;
  gboolean       is_gone;

  fixture->id = g_signal_connect_swapped (base->stream, fixture->test_case->signal,
                                          G_CALLBACK (act), fixture);
  if (!g_str_equal (fixture->test_case->signal, "received"))
    stream_fixture_listen (base);

  stream_fixture_send_numbers (base, 0, 3);
  stream_fixture_connect_peer (base);
  stream_fixture_peer_send_numbers (base, 0, 3);
  if (g_str_equal (fixture->test_case->signal, "closed"))
    zmqglib_stream_close (base->stream);

  test_iterate_until (NULL, is_not_zero, &fixture->n_acts);
  stream_settle ();

  is_gone = base->stream == NULL || zmqglib_stream_is_closed (base->stream);
  g_assert_cmpint (is_gone, ==,
                   fixture->test_case->action <= DROP ||
                       g_str_equal (fixture->test_case->signal, "closed"));
  if (!is_gone)
    {
      stream_poll_until (stream_can_send, base->socket);
      stream_settle ();
      g_ptr_array_set_size (base->events, 0);
      stream_fixture_send (base, "last");
      test_iterate_until (NULL, has_sent_last, base->events);
    }
  nest (fixture);
}

static void
on_received_drop (ZmqStream     *stream,
                  ZmqMessage    *message,
                  StreamFixture *fixture)
{
  stream_fixture_on_received (stream, message, fixture);
  if (fixture->events->len == 3)
    g_object_unref (stream);
}

/* In the middle of a burst, of which the rest is left to the next stream. */
static void
test_drop_in_burst (StreamFixture *fixture,
                    gconstpointer  transport)
{
  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 50);
  stream_poll_until (stream_can_receive, fixture->socket);
  g_signal_connect (fixture->stream, "received", G_CALLBACK (on_received_drop), fixture);
  test_iterate_until (NULL, stream_is_null, &fixture->stream);
  stream_settle ();
  stream_fixture_assert_numbers (fixture, "received", 0, 3);

  fixture->stream = zmqglib_stream_new (fixture->socket);
  g_object_add_weak_pointer (G_OBJECT (fixture->stream), (gpointer *) &fixture->stream);
  stream_fixture_listen (fixture);
  stream_fixture_wait (fixture, 47);
  stream_fixture_assert_numbers (fixture, "received", 3, 47);
}

static void
on_sent_drop (ZmqStream     *stream,
              ZmqMessage    *message,
              const GError  *error,
              StreamFixture *fixture)
{
  if (fixture->events->len == 3)
    g_object_unref (stream);
}

static void
test_drop_while_sending (StreamFixture *fixture,
                         gconstpointer  transport)
{
  g_signal_connect (fixture->stream, "sent", G_CALLBACK (on_sent_drop), fixture);
  stream_fixture_send_numbers (fixture, 0, 10);
  stream_fixture_connect_peer (fixture);
  test_iterate_until (NULL, stream_is_null, &fixture->stream);
  stream_settle ();
  stream_fixture_assert_numbers (fixture, "sent", 0, 3);
}

/* So does flush(). */
static void
test_drop_while_flushing (StreamFixture *fixture,
                          gconstpointer  transport)
{
  g_signal_connect (fixture->stream, "received", G_CALLBACK (on_received_drop), fixture);
  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 10);
  while (fixture->stream != NULL)
    zmqglib_stream_flush (fixture->stream, G_IO_IN, 0);
  stream_fixture_assert_numbers (fixture, "received", 0, 3);
  test_receive_string (fixture->socket, "3");
}

static void
add_acts (void)
{
  static const char *const signals[] = { "received", "sent", "drained", "closed" };
  static const char *const transports[] = { "inproc", "ipc", "tcp" };
  static Case              cases[G_N_ELEMENTS (signals) * G_N_ELEMENTS (transports) * (NEST + 1)];
  guint                    n_cases = 0;

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    for (Action action = CLOSE; action <= NEST; action++)
      for (guint j = 0; j < G_N_ELEMENTS (transports); j++)
        {
          Case            *test_case = &cases[n_cases++];
          g_autofree char *path = g_strdup_printf ("/stream/promise-7-handlers-may-do-anything/%s-%s-%s",
                                                   signals[i], action_names[action], transports[j]);

          *test_case = (Case){ transports[j], signals[i], action };
          g_test_add (path, ActFixture, test_case, act_fixture_set_up, test_act,
                      act_fixture_tear_down);
        }
}

/* 8: a flood leaves the others their turn */

typedef struct
{
  ZmqSocket *socket; /* the thread's while it runs */
  int        stop;
} Flood;

static gpointer
flood_thread (gpointer data)
{
  Flood *flood = data;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("flood");

  while (!g_atomic_int_get (&flood->stop))
    if (!zmqglib_socket_try_send (flood->socket, message, NULL))
      g_thread_yield ();

  return NULL;
}

static gboolean
count_turn (gpointer data)
{
  guint *n_turns = data;

  ++*n_turns;

  return G_SOURCE_CONTINUE;
}

static void
on_received_count (ZmqStream  *stream,
                   ZmqMessage *message,
                   gpointer    data)
{
  count_turn (data);
}

/* Works for longer than it takes the next message to come. */
static void
on_received_work (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    data)
{
  gint64 end = g_get_monotonic_time () + 200;

  while (g_get_monotonic_time () < end)
    ;
  count_turn (data);
}

static void
check_flood (StreamFixture *fixture,
             gconstpointer  transport,
             GCallback      on_received)
{
  Flood    flood = { NULL, FALSE };
  GThread *thread;
  guint    n_received = 0;
  guint    n_timer = 0;
  guint    n_redraws = 0;
  guint    ids[2];
  gint64   end;

  stream_fixture_tear_down (fixture, transport);
  stream_fixture_open (fixture, transport, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH);
  stream_fixture_connect_peer (fixture);
  flood.socket = fixture->peer;
  g_signal_connect (fixture->stream, "received", on_received, &n_received);
  ids[0] = g_timeout_add (1, count_turn, &n_timer);
  ids[1] = g_idle_add_full (G_PRIORITY_HIGH_IDLE + 20, count_turn, &n_redraws, NULL);
  thread = g_thread_new ("flood", flood_thread, &flood);

  test_iterate_until (NULL, is_not_zero, &n_received);
  n_received = n_timer = n_redraws = 0;
  end = g_get_monotonic_time () + G_USEC_PER_SEC;
  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);

  g_test_message ("in a second: %u messages, %u turns of a timer, %u of an idle source",
                  n_received, n_timer, n_redraws);
  g_atomic_int_set (&flood.stop, TRUE);
  g_thread_join (thread);
  g_source_remove (ids[0]);
  g_source_remove (ids[1]);

  g_assert_cmpuint (n_received, >, is_slow_tool () ? 100 : 1000);
  g_assert_cmpuint (n_timer, >=, is_slow_tool () ? 5 : 50);
  g_assert_cmpuint (n_redraws, >=, is_slow_tool () ? 5 : 50);
}

static void
test_flood (StreamFixture *fixture,
            gconstpointer  transport)
{
  check_flood (fixture, transport, G_CALLBACK (on_received_count));
}

static void
test_flood_of_work (StreamFixture *fixture,
                    gconstpointer  transport)
{
  check_flood (fixture, transport, G_CALLBACK (on_received_work));
}

/* 9: an idle stream costs nothing */

enum
{
  N_IDLE = 1000,
  N_ITERATIONS = 500
};

static GPtrArray *
make_idle_streams (ZmqContext *context,
                   gboolean    listening,
                   guint      *n_received)
{
  GPtrArray *streams = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < N_IDLE; i++)
    {
      g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
      g_autofree char *endpoint G_GNUC_UNUSED = test_bind (socket, "inproc");
      ZmqStream                *stream = zmqglib_stream_new (socket);

      if (listening)
        g_signal_connect (stream, "received", G_CALLBACK (on_received_count), n_received);
      g_ptr_array_add (streams, stream);
    }

  return streams;
}

static void
count_iterations (guint n_iterations)
{
  guint n_left = n_iterations;

  g_idle_add (stream_count_down, &n_left);
  test_iterate_until (NULL, stream_is_zero, &n_left);
}

static ZmqContext *
make_large_context (void)
{
  return g_object_new (ZMQGLIB_TYPE_CONTEXT, "max-sockets", 4 * N_IDLE, NULL);
}

static void
check_idle (gboolean listening)
{
  g_autoptr (ZmqContext) context = make_large_context ();
  guint                         n_received = 0;
  g_autoptr (GPtrArray) streams G_GNUC_UNUSED = make_idle_streams (context, listening, &n_received);

  stream_settle ();
  g_atomic_int_set (&n_calls, 0);
  count_iterations (N_ITERATIONS);
  g_assert_cmpint (g_atomic_int_get (&n_calls), ==, 0);
  g_assert_cmpuint (n_received, ==, 0);
}

static void
test_idle (void)
{
  check_idle (TRUE);
}

static void
test_idle_unheard (void)
{
  check_idle (FALSE);
}

static void
on_received_return (ZmqStream  *stream,
                    ZmqMessage *message,
                    gpointer    data)
{
  guint *n_left = data;

  /* one dispatch may do several rounds */
  if (*n_left == 0)
    return;

  --*n_left;
  zmqglib_stream_send (stream, message, NULL);
}

/* Nor does it cost a busy one anything. */
static void
test_idle_beside_busy (void)
{
  g_autoptr (ZmqContext) context = make_large_context ();
  guint                      n_received = 0;
  guint                      n_left = N_ITERATIONS;
  g_autoptr (GPtrArray) idle G_GNUC_UNUSED = make_idle_streams (context, TRUE, &n_received);
  g_autoptr (ZmqSocket) bound = NULL;
  g_autoptr (ZmqSocket) connected = NULL;
  g_autoptr (ZmqStream) one = NULL;
  g_autoptr (ZmqStream) other = NULL;

  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, &bound, &connected);
  one = zmqglib_stream_new (bound);
  other = zmqglib_stream_new (connected);
  g_signal_connect (one, "received", G_CALLBACK (on_received_return), &n_left);
  g_signal_connect (other, "received", G_CALLBACK (on_received_return), &n_left);

  stream_settle ();
  g_atomic_int_set (&n_calls, 0);
  zmqglib_stream_send_string (one, "ball", NULL);
  test_iterate_until (NULL, stream_is_zero, &n_left);

  /* a few calls for each message, and not one for each idle stream */
  g_assert_cmpint (g_atomic_int_get (&n_calls), >, N_ITERATIONS);
  g_assert_cmpint (g_atomic_int_get (&n_calls), <, 20 * N_ITERATIONS);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  stream_test_add ("promise-1-nothing-read-unless-somebody-listens", test_nothing_read);
  stream_test_add ("promise-1-disconnecting-in-a-burst-stops-reading", test_disconnect_in_burst);
  stream_test_add ("promise-1-blocking-in-a-burst-stops-reading", test_block_in_burst);
  stream_test_add ("promise-1-the-last-handler-counts", test_last_of_two);
  stream_test_add ("promise-2-received-once-in-order-and-kept", test_kept_in_order);
  stream_test_add ("promise-3-send-tries-at-once", test_send_at_once);
  stream_test_add ("promise-3-send-never-blocks/no-peer", test_send_without_peer);
  stream_test_add ("promise-3-send-never-blocks/high-water-mark", test_send_at_high_water_mark);
  stream_test_add ("promise-3-send-never-blocks/out-of-turn", test_send_out_of_turn);
  stream_test_add ("promise-4-sent-once-in-order-from-the-loop", test_sent_from_loop);
  stream_test_add ("promise-5-flush-handles-up-to-a-limit", test_flush_limit);
  stream_test_add ("promise-5-flush-drops-what-nobody-hears", test_flush_drops_unheard);
  stream_test_add ("promise-5-flush-in-a-handler", test_flush_in_handler);
  stream_test_add ("promise-6-close", test_close);
  stream_test_add ("promise-6-close-after-sending", test_close_after_sending);
  stream_test_add ("promise-6-close-and-drop", test_close_and_drop);
  add_acts ();
  stream_test_add ("promise-7-handlers-may-do-anything/drop-in-a-burst", test_drop_in_burst);
  stream_test_add ("promise-7-handlers-may-do-anything/drop-while-sending", test_drop_while_sending);
  stream_test_add ("promise-7-handlers-may-do-anything/drop-while-flushing", test_drop_while_flushing);
  stream_test_add ("promise-8-a-flood-leaves-others-their-turn/quick-handler", test_flood);
  stream_test_add ("promise-8-a-flood-leaves-others-their-turn/slow-handler", test_flood_of_work);
  g_test_add_func ("/stream/promise-9-idle-streams-cost-nothing/listening", test_idle);
  g_test_add_func ("/stream/promise-9-idle-streams-cost-nothing/unheard", test_idle_unheard);
  g_test_add_func ("/stream/promise-9-idle-streams-cost-nothing/beside-a-busy-one", test_idle_beside_busy);

  return g_test_run ();
}

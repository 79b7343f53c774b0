/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-stream-util.h"

/* The seventh promise of a stream: handlers may do anything */

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

/* The other stream goes on while this one is in its handler. */
static void
nest (ActFixture *fixture)
{
  fixture->n_other = 0;
  test_send_string (fixture->other_peer, "a");
  test_iterate_until (NULL, stream_is_not_zero, &fixture->n_other);
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
      if (g_str_equal (fixture->test_case->signal, "received"))
        stream_disconnect (stream, &fixture->id);
      else
        g_clear_signal_handler (&fixture->id, stream);
      break;
    case NEST:
      nest (fixture);
      break;
    }
}

static void
on_received_act (ZmqStream  *stream,
                 ZmqMessage *message,
                 gpointer    data)
{
  act (data);
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
  stream_connect (fixture->other_stream, G_CALLBACK (on_other_received), &fixture->n_other);
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

static gboolean
has_sent_last (gpointer events)
{
  return g_ptr_array_find_with_equal_func (events, "sent last", g_str_equal, NULL);
}

/* Lets all signals come, and sees to it that the stream still works, if it should. */
static void
test_act (ActFixture   *fixture,
          gconstpointer data)
{
  StreamFixture *base = &fixture->base;
  gboolean       is_gone;

  if (g_str_equal (fixture->test_case->signal, "received"))
    fixture->id = stream_connect (base->stream, G_CALLBACK (on_received_act), fixture);
  else
    {
      fixture->id = g_signal_connect_swapped (base->stream, fixture->test_case->signal,
                                              G_CALLBACK (act), fixture);
      stream_fixture_listen (base);
    }

  stream_fixture_send_numbers (base, 0, 3);
  stream_fixture_connect_peer (base);
  stream_fixture_peer_send_numbers (base, 0, 3);
  if (g_str_equal (fixture->test_case->signal, "closed"))
    zmqglib_stream_close (base->stream);

  test_iterate_until (NULL, stream_is_not_zero, &fixture->n_acts);
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
  stream_connect (fixture->stream, G_CALLBACK (on_received_drop), fixture);
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
  stream_connect (fixture->stream, G_CALLBACK (on_received_drop), fixture);
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

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add_acts ();
  stream_test_add ("promise-7-handlers-may-do-anything/drop-in-a-burst", test_drop_in_burst);
  stream_test_add ("promise-7-handlers-may-do-anything/drop-while-sending", test_drop_while_sending);
  stream_test_add ("promise-7-handlers-may-do-anything/drop-while-flushing", test_drop_while_flushing);

  return g_test_run ();
}

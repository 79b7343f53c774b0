/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-stream-util.h"

/* The fifth promise of a stream: flush() handles what is pending, up to a limit, from wherever, and
 * nothing else. */

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
flush_out_one_by_one (StreamFixture *fixture,
                      guint          n_messages)
{
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, n_messages);
  while (n_messages-- > 0)
    {
      g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_OUT, 1), ==, 1);
      g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, n_messages);
    }
}

static void
test_flush_limit (StreamFixture *fixture,
                  gconstpointer  transport)
{
  guint source_id = g_timeout_add_full (G_PRIORITY_HIGH, 0, fail_if_run, NULL, NULL);

  stream_fixture_send_numbers (fixture, 0, 4);
  stream_fixture_connect_peer (fixture);
  while (!stream_can_send (fixture->socket))
    g_thread_yield ();
  flush_out_one_by_one (fixture, 4);
  stream_fixture_assert_numbers (fixture, "sent", 0, 4);
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

typedef struct
{
  StreamFixture *fixture;
  gulong         id;
  guint          has_flushed;
} Flusher;

static void
on_received_flush (ZmqStream  *stream,
                   ZmqMessage *message,
                   Flusher    *flusher)
{
  stream_disconnect (stream, &flusher->id);
  stream_fixture_listen (flusher->fixture);
  flush_in (flusher->fixture, 7);
  stream_fixture_assert_numbers (flusher->fixture, "received", 1, 7);
  flusher->has_flushed = TRUE;
}

static void
test_flush_in_handler (StreamFixture *fixture,
                       gconstpointer  transport)
{
  Flusher flusher = { .fixture = fixture };

  stream_fixture_connect_peer (fixture);
  flusher.id = stream_connect (fixture->stream, G_CALLBACK (on_received_flush), &flusher);
  stream_fixture_peer_send_numbers (fixture, 0, 20);

  test_iterate_until (NULL, stream_is_not_zero, &flusher.has_flushed);
  stream_fixture_wait (fixture, 12);
  stream_fixture_assert_numbers (fixture, "received", 8, 12);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  stream_test_add ("promise-5-flush-handles-up-to-a-limit", test_flush_limit);
  stream_test_add ("promise-5-flush-drops-what-nobody-hears", test_flush_drops_unheard);
  stream_test_add ("promise-5-flush-in-a-handler", test_flush_in_handler);

  return g_test_run ();
}

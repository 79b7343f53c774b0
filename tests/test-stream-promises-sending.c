/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-stream-util.h"

/* The third and the fourth promise of a stream. */

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
  guint  n_messages = test_is_slow_tool () ? 500 : 5000;

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

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  stream_test_add ("promise-3-send-tries-at-once", test_send_at_once);
  stream_test_add ("promise-3-send-never-blocks/no-peer", test_send_without_peer);
  stream_test_add ("promise-3-send-never-blocks/high-water-mark", test_send_at_high_water_mark);
  stream_test_add ("promise-3-send-never-blocks/out-of-turn", test_send_out_of_turn);
  stream_test_add ("promise-4-sent-once-in-order-from-the-loop", test_sent_from_loop);

  return g_test_run ();
}

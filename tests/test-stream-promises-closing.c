/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-stream-util.h"

/* The sixth promise of a stream: close() */

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
  g_assert_nonnull (strstr (error->message, "socket: The stream is closed"));
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

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  stream_test_add ("promise-6-close", test_close);
  stream_test_add ("promise-6-close-after-sending", test_close_after_sending);
  stream_test_add ("promise-6-close-and-drop", test_close_and_drop);

  return g_test_run ();
}

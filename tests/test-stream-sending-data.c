/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "test-stream-util.h"

/* What is sent without a message: as bytes or as a string, it gets there as if it was one. */

typedef gboolean (*SendFunc) (ZmqStream    *stream,
                              gconstpointer data,
                              gsize         size,
                              GError      **error);

static gboolean
send_as_bytes (ZmqStream    *stream,
               gconstpointer data,
               gsize         size,
               GError      **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  return zmqglib_stream_send_bytes (stream, bytes, error);
}

static const SendFunc functions[] = { zmqglib_stream_send_data, send_as_bytes };

static void
receive (ZmqSocket    *socket,
         gconstpointer data,
         gsize         size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = NULL;
  gconstpointer found;
  gsize         found_size;

  stream_poll_until (stream_can_receive, socket);
  message = zmqglib_socket_receive (socket, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 1);
  found = zmqglib_message_peek_frame (message, 0, &found_size);
  g_assert_cmpmem (found, found_size, data, size);
}

/* Of all sizes, at once and from the queue; what is sent is a copy. */
static void
check_sizes (StreamFixture *fixture,
             SendFunc       send,
             gboolean       queued)
{
  static const gsize sizes[] = { 0, 1, 29, 33, 34, 64, 8191, 8192, 100000 };
  g_autoptr (GError) error = NULL;

  if (!queued)
    stream_fixture_connect_peer_and_wait (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *data = g_malloc0 (sizes[i] + 1);

      memset (data, 'a' + i, sizes[i] / 2);
      g_assert_true (send (fixture->stream, sizes[i] > 0 ? data : NULL, sizes[i], &error));
      g_assert_no_error (error);
      memset (data, 'x', sizes[i]);
    }
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, queued ? G_N_ELEMENTS (sizes) : 0);
  if (queued)
    stream_fixture_connect_peer (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *data = g_malloc0 (sizes[i] + 1);

      memset (data, 'a' + i, sizes[i] / 2);
      receive (fixture->peer, data, sizes[i]);
    }
  stream_fixture_wait (fixture, G_N_ELEMENTS (sizes) + (queued ? 1 : 0));
}

static void
test_data_at_once (StreamFixture *fixture,
                   gconstpointer  transport)
{
  check_sizes (fixture, zmqglib_stream_send_data, FALSE);
}

static void
test_data_queued (StreamFixture *fixture,
                  gconstpointer  transport)
{
  check_sizes (fixture, zmqglib_stream_send_data, TRUE);
}

static void
test_bytes_at_once (StreamFixture *fixture,
                    gconstpointer  transport)
{
  check_sizes (fixture, send_as_bytes, FALSE);
}

static void
test_bytes_queued (StreamFixture *fixture,
                   gconstpointer  transport)
{
  check_sizes (fixture, send_as_bytes, TRUE);
}

/* ::sent tells of it, with a message, once, in order, and not from within. */
static void
test_reported (StreamFixture *fixture,
               gconstpointer  transport)
{
  stream_fixture_connect_peer_and_wait (fixture);
  fixture->quiet = TRUE;
  g_assert_true (zmqglib_stream_send_data (fixture->stream, "0", 1, NULL));
  g_assert_true (zmqglib_stream_send_string (fixture->stream, "1", NULL));
  g_assert_true (send_as_bytes (fixture->stream, "2", 1, NULL));
  g_assert_true (zmqglib_stream_send_data (fixture->stream, "3", 1, NULL));
  fixture->quiet = FALSE;
  stream_fixture_wait (fixture, 4);
  stream_fixture_assert_numbers (fixture, "sent", 0, 4);
  stream_fixture_peer_receive_numbers (fixture, 0, 4);
}

static void
ignore_sent (StreamFixture *fixture)
{
  g_signal_handlers_disconnect_by_func (fixture->stream, stream_fixture_on_sent, fixture);
}

/* Who listens from then on hears of what is sent from then on. */
static void
test_unreported (StreamFixture *fixture,
                 gconstpointer  transport)
{
  ignore_sent (fixture);
  stream_fixture_connect_peer_and_wait (fixture);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);

      g_assert_true (zmqglib_stream_send_data (fixture->stream, number, strlen (number), NULL));
    }
  g_signal_connect (fixture->stream, "sent", G_CALLBACK (stream_fixture_on_sent), fixture);
  g_assert_true (zmqglib_stream_send_data (fixture->stream, "3", 1, NULL));
  stream_fixture_wait (fixture, 1);
  stream_settle ();
  stream_fixture_assert_numbers (fixture, "sent", 3, 1);
  stream_fixture_peer_receive_numbers (fixture, 0, 4);
}

/* A limit counts what waits, and what was not reported. */
static void
test_limited (StreamFixture *fixture,
              gconstpointer  transport)
{
  g_autoptr (GError) error = NULL;

  g_object_set (fixture->stream, "send-limit", 2, NULL);
  g_assert_true (zmqglib_stream_send_data (fixture->stream, "0", 1, NULL));
  g_assert_true (zmqglib_stream_send_data (fixture->stream, "1", 1, NULL));
  g_assert_false (zmqglib_stream_send_data (fixture->stream, "2", 1, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_QUEUE_FULL);

  ignore_sent (fixture);
  stream_fixture_connect_peer_and_wait (fixture);
  stream_fixture_peer_receive_numbers (fixture, 0, 2);
  for (guint i = 0; i < 10; i++)
    g_assert_true (zmqglib_stream_send_data (fixture->stream, "a", 1, NULL));
}

static gpointer
send_in_thread (gpointer data)
{
  StreamFixture *fixture = data;

  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);

      g_assert_true (functions[i % G_N_ELEMENTS (functions)](fixture->stream, number, strlen (number), NULL));
    }

  return NULL;
}

static void
test_from_elsewhere (StreamFixture *fixture,
                     gconstpointer  transport)
{
  stream_fixture_connect_peer_and_wait (fixture);
  g_thread_join (g_thread_new ("send", send_in_thread, fixture));
  stream_fixture_wait (fixture, 11);
  stream_fixture_peer_receive_numbers (fixture, 0, 10);
}

static void
test_refused (StreamFixture *fixture,
              gconstpointer  transport)
{
  g_autoptr (ZmqSocket) pull = test_socket_new (fixture->context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqStream) deaf = zmqglib_stream_new (pull);

  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (functions[i](deaf, "a", 1, &error));
      g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_NOT_SUPPORTED);
    }

  zmqglib_stream_close (fixture->stream);
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (functions[i](fixture->stream, "a", 1, &error));
      g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED);
    }
}

static gboolean
is_freed (gpointer data)
{
  return g_atomic_int_get ((int *) data) != 0;
}

static void
on_freed (gpointer data)
{
  g_atomic_int_set ((int *) data, TRUE);
}

/* Large bytes are sent by reference, and let go when the peer has had them. */
static void
test_bytes_shared (StreamFixture *fixture,
                   gconstpointer  transport)
{
  static char content[100000];
  int         freed = FALSE;
  GBytes     *bytes = g_bytes_new_with_free_func (content, sizeof content, on_freed, &freed);

  ignore_sent (fixture);
  stream_fixture_connect_peer_and_wait (fixture);
  g_assert_true (zmqglib_stream_send_bytes (fixture->stream, bytes, NULL));
  g_bytes_unref (bytes);
  receive (fixture->peer, content, sizeof content);
  stream_poll_until (is_freed, &freed);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  stream_test_add ("send-data-at-once", test_data_at_once);
  stream_test_add ("send-data-from-the-queue", test_data_queued);
  stream_test_add ("send-bytes-at-once", test_bytes_at_once);
  stream_test_add ("send-bytes-from-the-queue", test_bytes_queued);
  stream_test_add ("send-bytes-by-reference", test_bytes_shared);
  stream_test_add ("send-data-is-reported", test_reported);
  stream_test_add ("send-data-that-nobody-hears-of", test_unreported);
  stream_test_add ("send-data-up-to-a-limit", test_limited);
  stream_test_add ("send-data-from-another-thread", test_from_elsewhere);
  stream_test_add ("send-data-refused", test_refused);

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-stream-util.h"

/* Streams that are made with their sockets, and how one sees that a stream is open. */

static void
test_new (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = test_endpoint ("tcp");
  g_autofree char *last_endpoint = NULL;
  g_autoptr (ZmqStream) pull = zmqglib_stream_new_bound (ZMQGLIB_SOCKET_PULL, endpoint, &error);
  g_autoptr (ZmqStream) push = NULL;
  guint n_received = 0;

  g_assert_no_error (error);
  g_assert_true (zmqglib_socket_get_context (zmqglib_stream_get_socket (pull)) == zmqglib_context_get_default ());
  g_object_get (zmqglib_stream_get_socket (pull), "last-endpoint", &last_endpoint, NULL);
  push = zmqglib_stream_new_connected (ZMQGLIB_SOCKET_PUSH, last_endpoint, &error);
  g_assert_no_error (error);

  g_signal_connect (pull, "received", G_CALLBACK (stream_on_received_count), &n_received);
  zmqglib_stream_send_string (push, "x", &error);
  g_assert_no_error (error);
  test_iterate_until (NULL, stream_is_not_zero, &n_received);
}

static void
test_bad_endpoint (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (zmqglib_stream_new_bound (ZMQGLIB_SOCKET_PULL, "tcp://nonsense", &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "tcp://nonsense");
  g_assert_null (zmqglib_stream_new_connected (ZMQGLIB_SOCKET_PULL, "nonsense://x", &error));
  test_assert_error (error, ZMQGLIB_ERROR_PROTOCOL_NOT_SUPPORTED, "nonsense://x");
  g_assert_null (zmqglib_stream_new_bound (1234, "tcp://127.0.0.1:*", &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT);
}

static gboolean
is_made (gpointer endpoint)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqStream) stream = zmqglib_stream_new_bound (ZMQGLIB_SOCKET_PULL, endpoint, &error);

  g_assert_true (stream != NULL || g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_ADDRESS_IN_USE));

  return stream != NULL;
}

/* Nobody else has the socket, which goes with the stream: its name is free soon. */
static void
test_socket_goes_with_stream (void)
{
  g_autofree char *endpoint = test_endpoint ("inproc");

  for (guint i = 0; i < 3; i++)
    stream_poll_until (is_made, endpoint);
}

static void
on_open_changed (ZmqStream  *stream,
                 GParamSpec *pspec,
                 guint      *n_changes)
{
  gboolean is_open = TRUE;

  g_object_get (stream, "open", &is_open, NULL);
  g_assert_false (is_open);
  ++*n_changes;
}

/* A widget’s property may be bound to it. */
static void
test_open (gconstpointer shut_down)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (socket);
  gboolean is_open = FALSE;
  guint    n_changes = 0;

  g_signal_connect (stream, "notify::open", G_CALLBACK (on_open_changed), &n_changes);
  g_object_get (stream, "open", &is_open, NULL);
  g_assert_true (is_open);
  g_assert_false (zmqglib_stream_is_closed (stream));
  stream_settle ();
  g_assert_cmpuint (n_changes, ==, 0);

  if (shut_down != NULL)
    zmqglib_context_shutdown (context);
  else
    zmqglib_stream_close (stream);
  g_assert_cmpuint (n_changes, ==, 0);
  test_iterate_until (NULL, stream_is_not_zero, &n_changes);

  g_assert_true (zmqglib_stream_is_closed (stream));
  zmqglib_stream_close (stream);
  stream_settle ();
  g_assert_cmpuint (n_changes, ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/stream-endpoints/new", test_new);
  g_test_add_func ("/stream-endpoints/bad-endpoint", test_bad_endpoint);
  g_test_add_func ("/stream-endpoints/socket-goes-with-stream", test_socket_goes_with_stream);
  g_test_add_data_func ("/stream-endpoints/open/closed", NULL, test_open);
  g_test_add_data_func ("/stream-endpoints/open/shut-down", "shut down", test_open);

  return g_test_run ();
}

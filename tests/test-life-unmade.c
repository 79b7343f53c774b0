/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-life-util.h"

/* What g_object_new() alone makes of a class, without what the class is made from, and what is left of an object that was disposed of:
 * closed, and of no use, which each method says that can. */

#define assert_closed(expression)                                      \
  G_STMT_START                                                         \
  {                                                                    \
    g_autoptr (GError) error = NULL;                                   \
                                                                       \
    g_assert_false (expression);                                       \
    g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_CLOSED); \
  }                                                                    \
  G_STMT_END

static void
on_message (ZmqStream  *stream,
            ZmqMessage *message,
            gpointer    data)
{
  g_assert_not_reached ();
}

static void
test_stream (void)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  g_autoptr (GBytes) bytes = g_bytes_new ("x", 1);
  g_autoptr (GAsyncResult) drained = NULL;
  g_autoptr (GAsyncResult) received = NULL;
  g_autoptr (ZmqStream) stream = NULL;

  g_test_expect_message ("zmqglib", G_LOG_LEVEL_CRITICAL, "*without a socket*");
  stream = g_object_new (ZMQGLIB_TYPE_STREAM, NULL);
  g_test_assert_expected_messages ();

  g_assert_true (zmqglib_stream_is_closed (stream));
  g_assert_null (zmqglib_stream_get_socket (stream));
  g_assert_cmpuint (zmqglib_stream_get_n_queued (stream), ==, 0);
  g_assert_cmpuint (zmqglib_stream_flush (stream, G_IO_IN | G_IO_OUT, 0), ==, 0);
  g_assert_cmpuint (zmqglib_stream_discard (stream), ==, 0);
  zmqglib_stream_set_receive_func (stream, on_message, NULL, NULL);
  g_object_set (stream, "paused", TRUE, "send-limit", 1, NULL);

  assert_closed (zmqglib_stream_send (stream, message, &error));
  assert_closed (zmqglib_stream_send_full (stream, message, 1, NULL, &error));
  assert_closed (zmqglib_stream_send_bytes (stream, bytes, &error));
  assert_closed (zmqglib_stream_send_string (stream, "x", &error));
  zmqglib_stream_drain_async (stream, NULL, test_keep_result, &drained);
  zmqglib_stream_receive_async (stream, NULL, test_keep_result, &received);
  test_until (drained != NULL && received != NULL);
  assert_closed (zmqglib_stream_drain_finish (stream, drained, &error));
  assert_closed (zmqglib_stream_receive_finish (stream, received, &error) != NULL);
  zmqglib_stream_close (stream);
}

static void
assert_does_not_start (ZmqProxy *proxy)
{
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "*two sides*");
  zmqglib_proxy_start (proxy);
  g_test_assert_expected_messages ();
  assert_closed (zmqglib_proxy_start_in_thread (proxy, &error));
  g_assert_false (zmqglib_proxy_get_running (proxy));
  zmqglib_proxy_stop (proxy);
}

static void
test_proxy (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) frontend = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) backend = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqProxy) unmade = g_object_new (ZMQGLIB_TYPE_PROXY, NULL);
  g_autoptr (ZmqProxy) disposed = zmqglib_proxy_new (frontend, backend, NULL, NULL);

  assert_does_not_start (unmade);
  g_assert_false (g_initable_init (G_INITABLE (unmade), NULL, NULL));
  assert_does_not_start (unmade);
  g_object_run_dispose (G_OBJECT (disposed));
  assert_does_not_start (disposed);
}

static void
test_server (void)
{
  g_autoptr (ZmqServer) server = g_object_new (ZMQGLIB_TYPE_SERVER, NULL);
  g_autoptr (ZmqRequest) request = g_object_new (ZMQGLIB_TYPE_REQUEST, NULL);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");

  g_assert_true (zmqglib_server_is_closed (server));
  assert_closed (zmqglib_server_bind (server, "inproc://unmade", &error));
  assert_closed (zmqglib_request_reply (request, message, &error));
  zmqglib_server_close (server);

  g_assert_true (g_initable_init (G_INITABLE (server), NULL, NULL));
  g_assert_false (zmqglib_server_is_closed (server));
  g_assert_true (zmqglib_server_bind (server, "inproc://unmade", NULL));
}

static void
test_lists (void)
{
  g_autoptr (ZmqFeed) feed = g_object_new (ZMQGLIB_TYPE_FEED, NULL);
  g_autoptr (ZmqPeerList) peers = g_object_new (ZMQGLIB_TYPE_PEER_LIST, NULL);

  g_assert_true (zmqglib_feed_is_closed (feed));
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (feed), 0));
  zmqglib_feed_close (feed);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (peers), 0));
  zmqglib_peer_list_close (peers);
}

static void
test_monitor (void)
{
  g_autoptr (ZmqMonitor) monitor = g_object_new (ZMQGLIB_TYPE_MONITOR, NULL);
  g_autoptr (GAsyncResult) waited = NULL;

  g_assert_true (zmqglib_monitor_is_closed (monitor));
  zmqglib_monitor_wait_async (monitor, 0, -1, NULL, test_keep_result, &waited);
  test_until (waited != NULL);
  assert_closed (zmqglib_monitor_wait_finish (monitor, waited, &error) != NULL);
  zmqglib_monitor_close (monitor);
}

static void
test_authenticator (void)
{
  g_autoptr (ZmqAuthenticator) authenticator = g_object_new (ZMQGLIB_TYPE_AUTHENTICATOR, NULL);
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);

  g_assert_true (zmqglib_authenticator_is_closed (authenticator));
  assert_closed (zmqglib_authenticator_protect (authenticator, socket, "domain", &error));
  zmqglib_authenticator_close (authenticator);
}

/* Nobody is made to wait for a message that there is not. */
static void
test_tracker (void)
{
  g_autoptr (ZmqTracker) tracker = g_object_new (ZMQGLIB_TYPE_TRACKER, NULL);
  g_autoptr (GAsyncResult) waited = NULL;

  g_assert_true (zmqglib_tracker_is_done (tracker));
  g_assert_true (zmqglib_tracker_wait (tracker, -1, NULL, NULL));
  zmqglib_tracker_wait_async (tracker, NULL, test_keep_result, &waited);
  test_until (waited != NULL);
  g_assert_true (zmqglib_tracker_wait_finish (tracker, waited, NULL));
}

static void
test_certificate (void)
{
  g_autoptr (ZmqCertificate) certificate = g_object_new (ZMQGLIB_TYPE_CERTIFICATE, NULL);
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "zmqglib-unmade", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;

  g_assert_false (zmqglib_certificate_save_public (certificate, file, NULL, &error));
  g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_WRONG_STATE);
  g_assert_false (g_file_query_exists (file, NULL));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/life/unmade/stream", test_stream);
  g_test_add_func ("/life/unmade/proxy", test_proxy);
  g_test_add_func ("/life/unmade/server", test_server);
  g_test_add_func ("/life/unmade/lists", test_lists);
  g_test_add_func ("/life/unmade/monitor", test_monitor);
  g_test_add_func ("/life/unmade/authenticator", test_authenticator);
  g_test_add_func ("/life/unmade/tracker", test_tracker);
  g_test_add_func ("/life/unmade/certificate", test_certificate);

  return g_test_run ();
}

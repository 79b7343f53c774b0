/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-util.h"

/* What the program itself gets wrong is a critical warning, and the program goes on. */

#define expect_critical(text) g_test_expect_message ("zmqglib", G_LOG_LEVEL_CRITICAL, "*" text "*")

static void
on_result (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static gboolean
is_there (gpointer data)
{
  return *(GAsyncResult **) data != NULL;
}

/* A result is read by the function that belongs to the one that has begun it, and by no other: what is in it would be taken for
 * something else. */
static void
test_wrong_finish_of_socket (void)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PUB);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("to nobody");
  g_autoptr (GAsyncResult) sent = NULL;
  g_autoptr (GAsyncResult) waited = NULL;
  g_autoptr (GError) error = NULL;

  zmqglib_socket_send_async (socket, message, G_PRIORITY_DEFAULT, NULL, on_result, &sent);
  test_iterate_until (NULL, is_there, &sent);
  zmqglib_socket_wait_async (socket, G_IO_OUT, G_PRIORITY_DEFAULT, NULL, on_result, &waited);
  test_iterate_until (NULL, is_there, &waited);

  expect_critical ("zmqglib_socket_receive_async");
  g_assert_null (zmqglib_socket_receive_finish (socket, sent, &error));
  expect_critical ("zmqglib_socket_wait_async");
  g_assert_cmpint (zmqglib_socket_wait_finish (socket, sent, &error), ==, 0);
  expect_critical ("zmqglib_socket_send_async");
  g_assert_false (zmqglib_socket_send_finish (socket, waited, &error));
  g_test_assert_expected_messages ();
  g_assert_no_error (error);

  g_assert_true (zmqglib_socket_send_finish (socket, sent, &error));
  g_assert_cmpint (zmqglib_socket_wait_finish (socket, waited, &error), ==, G_IO_OUT);
  g_assert_no_error (error);
}

static void
test_wrong_finish_of_stream (void)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (socket);
  g_autoptr (GAsyncResult) drained = NULL;
  g_autoptr (GAsyncResult) received = NULL;
  g_autoptr (GError) error = NULL;

  zmqglib_stream_receive_async (stream, NULL, on_result, &received);
  zmqglib_stream_drain_async (stream, NULL, on_result, &drained);
  test_iterate_until (NULL, is_there, &drained);
  zmqglib_stream_close (stream);
  test_iterate_until (NULL, is_there, &received);

  expect_critical ("zmqglib_stream_receive_async");
  g_assert_null (zmqglib_stream_receive_finish (stream, drained, &error));
  expect_critical ("zmqglib_stream_drain_async");
  g_assert_false (zmqglib_stream_drain_finish (stream, received, &error));
  g_test_assert_expected_messages ();
  g_assert_no_error (error);

  g_assert_true (zmqglib_stream_drain_finish (stream, drained, &error));
  g_assert_no_error (error);
  g_assert_null (zmqglib_stream_receive_finish (stream, received, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "pull");
}

/* The results of others, whatever they are of. */
static void
test_foreign_results (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqClient) client = zmqglib_client_new (NULL, NULL);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("tracked");
  g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqMonitor) monitor = zmqglib_monitor_new (socket, NULL);
  g_autoptr (GTask) of_context = g_task_new (context, NULL, NULL, NULL);
  g_autoptr (GTask) of_client = g_task_new (client, NULL, NULL, NULL);
  g_autoptr (GTask) of_tracker = g_task_new (tracker, NULL, NULL, NULL);
  g_autoptr (GTask) of_monitor = g_task_new (monitor, NULL, NULL, NULL);

  expect_critical ("zmqglib_context_terminate_async");
  g_assert_false (zmqglib_context_terminate_finish (context, G_ASYNC_RESULT (of_context), NULL));
  expect_critical ("zmqglib_client_request_async");
  g_assert_null (zmqglib_client_request_finish (client, G_ASYNC_RESULT (of_client), NULL));
  expect_critical ("zmqglib_tracker_wait_async");
  g_assert_false (zmqglib_tracker_wait_finish (tracker, G_ASYNC_RESULT (of_tracker), NULL));
  expect_critical ("zmqglib_monitor_wait_async");
  g_assert_null (zmqglib_monitor_wait_finish (monitor, G_ASYNC_RESULT (of_monitor), NULL));
  g_test_assert_expected_messages ();
}

/* What has not got what it is made of, since it was made past its constructor. */
static void
test_without_sockets (void)
{
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GError) error = NULL;

  expect_critical ("without a socket");
  stream = g_object_new (ZMQGLIB_TYPE_STREAM, NULL);
  g_test_assert_expected_messages ();

  g_assert_true (zmqglib_stream_is_closed (stream));
  g_assert_cmpuint (zmqglib_stream_discard (stream), ==, 0);
  g_assert_cmpuint (zmqglib_stream_flush (stream, G_IO_IN | G_IO_OUT, 0), ==, 0);
  g_assert_false (zmqglib_stream_send_string (stream, "where to", &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "closed");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/misuse/wrong-finish-of-socket", test_wrong_finish_of_socket);
  g_test_add_func ("/misuse/wrong-finish-of-stream", test_wrong_finish_of_stream);
  g_test_add_func ("/misuse/foreign-results", test_foreign_results);
  g_test_add_func ("/misuse/without-sockets", test_without_sockets);

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <zmq.h>

#include "test-life-util.h"

/* Rule 5: what a child has inherited says that it is another process's, also when the child's main loop has gone round. */

typedef struct
{
  ZmqContext       *context;
  ZmqSocket        *socket;
  ZmqStream        *stream;
  ZmqProxy         *proxy;
  ZmqAuthenticator *authenticator;
  ZmqTracker       *tracker; /* of a message that libzmq has */
  gboolean          has_turned;
} Inherited;

#define assert_forked(expression)                                   \
  G_STMT_START                                                      \
  {                                                                 \
    g_autoptr (GError) error = NULL;                                \
                                                                    \
    g_assert_false (expression);                                    \
    test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "forked from"); \
  }                                                                 \
  G_STMT_END

static void
use_stream (Inherited *self)
{
  g_autoptr (GAsyncResult) drained = NULL;
  g_autoptr (GAsyncResult) received = NULL;

  assert_forked (zmqglib_stream_send_string (self->stream, "x", &error));
  zmqglib_stream_drain_async (self->stream, NULL, test_keep_result, &drained);
  zmqglib_stream_receive_async (self->stream, NULL, test_keep_result, &received);
  life_until (NULL, drained != NULL && received != NULL);
  assert_forked (zmqglib_stream_drain_finish (self->stream, drained, &error));
  assert_forked (zmqglib_stream_receive_finish (self->stream, received, &error) != NULL);
}

static void
use_tracker (ZmqTracker *tracker)
{
  g_autoptr (GAsyncResult) waited = NULL;

  assert_forked (zmqglib_tracker_wait (tracker, -1, NULL, &error));
  zmqglib_tracker_wait_async (tracker, NULL, test_keep_result, &waited);
  life_until (NULL, waited != NULL);
  assert_forked (zmqglib_tracker_wait_finish (tracker, waited, &error));
}

static void
use_options (ZmqSocket *socket)
{
  g_autoptr (GBytes) bytes = g_bytes_new ("id", 2);
  int number;

  assert_forked (zmqglib_socket_set_option_int (socket, ZMQ_LINGER, 0, &error));
  assert_forked (zmqglib_socket_get_option_int (socket, ZMQ_LINGER, &number, &error));
  assert_forked (zmqglib_socket_set_option_bytes (socket, ZMQ_ROUTING_ID, bytes, &error));
  assert_forked (zmqglib_socket_get_option_bytes (socket, ZMQ_ROUTING_ID, &error) != NULL);
}

static void
use_all (gpointer data)
{
  Inherited *self = data;

  if (self->has_turned)
    life_settle (NULL);
  use_options (self->socket);
  use_stream (self);
  use_tracker (self->tracker);
  assert_forked (zmqglib_authenticator_protect (self->authenticator, self->socket, "domain", &error));
  g_assert_false (zmqglib_proxy_get_running (self->proxy));
  assert_forked (zmqglib_proxy_start_in_thread (self->proxy, &error));
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "*forked from*");
  zmqglib_proxy_start (self->proxy);
  g_test_assert_expected_messages ();
}

static void
test_told (gconstpointer data)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqSocket) frontend = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) backend = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (socket);
  g_autoptr (ZmqProxy) proxy = zmqglib_proxy_new (frontend, backend, NULL, NULL);
  g_autoptr (ZmqAuthenticator) authenticator = zmqglib_authenticator_new (context, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (100000), 100000);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_bytes (bytes);
  g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
  g_autoptr (ZmqSocket) receiver = NULL;
  g_autoptr (ZmqSocket) sender = NULL;
  Inherited inherited = { context, socket, stream, proxy, authenticator, tracker, GPOINTER_TO_INT (data) };

  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &receiver, &sender);
  g_assert_true (zmqglib_socket_try_send (sender, message, NULL));
  g_clear_pointer (&message, zmqglib_message_unref);

  zmqglib_proxy_start (proxy);
  life_settle (NULL);
  life_wait_child (life_fork (use_all, &inherited));
  g_assert_true (zmqglib_proxy_get_running (proxy));
  g_assert_true (zmqglib_stream_send_string (stream, "x", NULL));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/life/rule-5-told/at-once", GINT_TO_POINTER (FALSE), test_told);
  g_test_add_data_func ("/life/rule-5-told/after-a-turn", GINT_TO_POINTER (TRUE), test_told);

  return g_test_run ();
}

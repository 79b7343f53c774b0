/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <zmq.h>

#include "test-util.h"

/* Contexts of libzmq that another library has made, and goes on to use. */

typedef struct
{
  gpointer    handle;
  ZmqContext *context;
} Fixture;

static void
set_up (Fixture      *self,
        gconstpointer data)
{
  self->handle = zmq_ctx_new ();
  g_assert_cmpint (zmq_ctx_set (self->handle, ZMQ_IO_THREADS, 3), ==, 0);
  g_assert_cmpint (zmq_ctx_set (self->handle, ZMQ_MAX_SOCKETS, 77), ==, 0);
  self->context = zmqglib_context_new_for_handle (self->handle);
}

/* Whose context it is can go on with it, and end it. */
static void
tear_down (Fixture      *self,
           gconstpointer data)
{
  char     content[2] = { 0 };
  gpointer pull, push;

  g_clear_object (&self->context);
  pull = zmq_socket (self->handle, ZMQ_PULL);
  g_assert_nonnull (pull);
  push = zmq_socket (self->handle, ZMQ_PUSH);
  g_assert_cmpint (zmq_bind (pull, "inproc://afterwards"), ==, 0);
  g_assert_cmpint (zmq_connect (push, "inproc://afterwards"), ==, 0);
  g_assert_cmpint (zmq_send (push, "x", 1, 0), ==, 1);
  g_assert_cmpint (zmq_recv (pull, content, 1, 0), ==, 1);
  g_assert_cmpstr (content, ==, "x");
  zmq_close (pull);
  zmq_close (push);
  g_assert_cmpint (zmq_ctx_term (self->handle), ==, 0);
}

static void
test_inproc (Fixture      *self,
             gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) pull = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) push = test_socket_new (self->context, ZMQGLIB_SOCKET_PUSH);
  gpointer their_push = zmq_socket (self->handle, ZMQ_PUSH);
  gpointer their_pull = zmq_socket (self->handle, ZMQ_PULL);
  char     content[2] = { 0 };

  zmqglib_socket_bind (pull, "inproc://ours", &error);
  g_assert_no_error (error);
  g_assert_cmpint (zmq_connect (their_push, "inproc://ours"), ==, 0);
  g_assert_cmpint (zmq_send (their_push, "1", 1, 0), ==, 1);
  test_receive_string (pull, "1");

  /* before it is bound */
  zmqglib_socket_connect_to (push, "inproc://theirs", &error);
  g_assert_no_error (error);
  g_assert_cmpint (zmq_bind (their_pull, "inproc://theirs"), ==, 0);
  test_send_string (push, "2");
  g_assert_cmpint (zmq_recv (their_pull, content, 1, 0), ==, 1);
  g_assert_cmpstr (content, ==, "2");

  g_assert_true (zmqglib_socket_get_context (pull) == self->context);
  zmq_close (their_push);
  zmq_close (their_pull);
}

/* Names that others may be bound to do not count against a limit. */
static void
test_many_names (Fixture      *self,
                 gconstpointer data)
{
  g_autoptr (ZmqSocket) push = test_socket_new (self->context, ZMQGLIB_SOCKET_PUSH);
  gpointer their_pull = zmq_socket (self->handle, ZMQ_PULL);

  for (guint i = 0; i < 5000; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *endpoint = g_strdup_printf ("inproc://name-%u", i);

      g_assert_cmpint (zmq_bind (their_pull, endpoint), ==, 0);
      zmqglib_socket_connect_to (push, endpoint, &error);
      g_assert_no_error (error);
      zmqglib_socket_disconnect_from (push, endpoint, &error);
      g_assert_no_error (error);
      g_assert_cmpint (zmq_unbind (their_pull, endpoint), ==, 0);
    }
  zmq_close (their_pull);
}

static void
test_properties (Fixture      *self,
                 gconstpointer data)
{
  int      io_threads, max_sockets, socket_limit;
  gboolean ipv6;

  g_object_get (self->context, "io-threads", &io_threads, "max-sockets", &max_sockets, "socket-limit", &socket_limit,
                "ipv6", &ipv6, NULL);
  g_assert_cmpint (io_threads, ==, 3);
  g_assert_cmpint (max_sockets, ==, 77);
  g_assert_cmpint (socket_limit, ==, zmq_ctx_get (self->handle, ZMQ_SOCKET_LIMIT));
  g_assert_false (ipv6);

  g_object_set (self->context, "ipv6", TRUE, "max-message-size", 1234, NULL);
  g_assert_cmpint (zmq_ctx_get (self->handle, ZMQ_IPV6), ==, 1);
  g_assert_cmpint (zmq_ctx_get (self->handle, ZMQ_MAX_MSGSZ), ==, 1234);

  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "*io-threads*somebody else*");
  g_object_set (self->context, "io-threads", 5, NULL);
  g_test_assert_expected_messages ();
  g_assert_cmpint (zmq_ctx_get (self->handle, ZMQ_IO_THREADS), ==, 3);
}

/* The socket keeps the object, and neither ends what is not theirs. */
static void
test_dropped (Fixture      *self,
              gconstpointer data)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);
  g_autofree char *endpoint = NULL;

  g_clear_object (&self->context);
  endpoint = test_bind (socket, "inproc");
  g_assert_nonnull (endpoint);
}

static void
test_shutdown (Fixture      *self,
               gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) push = test_socket_new (self->context, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint = test_bind (socket, "inproc");

  zmqglib_context_shutdown (self->context);
  g_assert_null (zmqglib_socket_new (self->context, ZMQGLIB_SOCKET_PULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_TERMINATED, "pull");

  zmqglib_socket_connect_to (push, endpoint, &error);
  g_assert_no_error (error);
  test_send_string (push, "x");
  test_receive_string (socket, "x");
}

static void
test_terminate (Fixture      *self,
                gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);

  g_assert_false (zmqglib_context_terminate (self->context, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "1 socket");
  zmqglib_socket_close (socket);
  zmqglib_context_terminate (self->context, NULL, &error);
  g_assert_no_error (error);
  zmqglib_context_terminate (self->context, NULL, &error);
  g_assert_no_error (error);

  g_assert_null (zmqglib_socket_new (self->context, ZMQGLIB_SOCKET_PULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_TERMINATED, "pull");
}

/* Waits for the sockets, each of which is closed by who has it. */
static void
test_terminate_async (Fixture      *self,
                      gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (ZmqSocket) first = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) second = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);

  zmqglib_context_terminate_async (self->context, NULL, test_keep_result, &result);
  zmqglib_socket_close (first);
  for (guint i = 0; i < 10; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_null (result);

  zmqglib_socket_close (second);
  test_iterate_until (NULL, test_is_set, &result);
  g_assert_true (zmqglib_context_terminate_finish (self->context, result, &error));
  g_assert_no_error (error);
}

static void
test_terminate_unused (Fixture      *self,
                       gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  zmqglib_context_terminate (self->context, NULL, &error);
  g_assert_no_error (error);
}

static void
on_closed (ZmqStream    *stream,
           const GError *error,
           gboolean     *is_closed)
{
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TERMINATED);
  *is_closed = TRUE;
}

static gpointer
terminate_in_thread (gpointer handle)
{
  return GINT_TO_POINTER (zmq_ctx_term (handle));
}

/* Its owner ends it while a stream uses it, which lets go. */
static void
test_ended_by_owner (void)
{
  gpointer handle = zmq_ctx_new ();
  g_autoptr (ZmqContext) context = zmqglib_context_new_for_handle (handle);
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (socket);
  g_autoptr (GError) error = NULL;
  gboolean is_closed = FALSE;
  GThread *thread;

  g_signal_connect (stream, "closed", G_CALLBACK (on_closed), &is_closed);
  thread = g_thread_new ("terminate", terminate_in_thread, handle);
  test_iterate_until (NULL, test_is_true, &is_closed);
  g_assert_cmpint (GPOINTER_TO_INT (g_thread_join (thread)), ==, 0);

  /* nothing of it is touched any more */
  zmqglib_context_shutdown (context);
  zmqglib_context_terminate (context, NULL, &error);
  g_assert_no_error (error);
}

static void
test_no_context (void)
{
  g_autofree char *nothing = g_malloc0 (4096);

  g_test_expect_message ("zmqglib", G_LOG_LEVEL_CRITICAL, "*zmq_ctx != NULL*");
  g_assert_null (zmqglib_context_new_for_handle (NULL));
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_CRITICAL, "*zmq_ctx_get*");
  g_assert_null (zmqglib_context_new_for_handle (nothing));
  g_test_assert_expected_messages ();
}

static void
add (const char *name,
     void (*test) (Fixture      *fixture,
                   gconstpointer data))
{
  g_autofree char *path = g_strconcat ("/context-adopted/", name, NULL);

  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("inproc", test_inproc);
  add ("many-names", test_many_names);
  add ("properties", test_properties);
  add ("dropped", test_dropped);
  add ("shutdown", test_shutdown);
  add ("terminate", test_terminate);
  add ("terminate-async", test_terminate_async);
  add ("terminate-unused", test_terminate_unused);
  g_test_add_func ("/context-adopted/ended-by-owner", test_ended_by_owner);
  g_test_add_func ("/context-adopted/no-context", test_no_context);

  return g_test_run ();
}

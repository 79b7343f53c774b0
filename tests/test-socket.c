/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <zmq.h>

#include "test-util.h"

#define N_MESSAGES 100

static const char *const transports[] = { "inproc", "ipc", "tcp" };

static const char *const frames[] = { "one", "", "three", NULL };

static void
assert_cancelled (GError **error)
{
  g_assert_error (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (error);
}

static void
test_new (void)
{
  g_autoptr (GTypeClass) enum_class G_GNUC_UNUSED = g_type_class_ref (ZMQGLIB_TYPE_SOCKET_TYPE);

  for (guint type = ZMQGLIB_SOCKET_PAIR; type <= ZMQGLIB_SOCKET_STREAM; type++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqContext) context = zmqglib_context_new ();
      g_autoptr (ZmqSocket) socket = zmqglib_socket_new (context, type, &error);
      g_autoptr (ZmqContext) property_context = NULL;
      ZmqSocketType property_type;
      int           real_type = -1;
      gsize         size = sizeof real_type;

      g_assert_no_error (error);
      g_assert_true (zmqglib_socket_get_context (socket) == context);
      g_assert_cmpint (zmqglib_socket_get_socket_type (socket), ==, type);
      g_assert_false (zmqglib_socket_is_closed (socket));

      g_object_get (socket, "context", &property_context, "socket-type", &property_type, NULL);
      g_assert_true (property_context == context);
      g_assert_cmpint (property_type, ==, type);

      g_assert_cmpint (zmq_getsockopt (zmqglib_socket_get_handle (socket), ZMQ_TYPE, &real_type, &size), ==, 0);
      g_assert_cmpint (real_type, ==, type);
    }
}

/* The constructor takes options along, and tells what went wrong. */
static void
test_initable (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = NULL;
  int linger = -1;

  socket = g_initable_new (ZMQGLIB_TYPE_SOCKET, NULL, &error, "context", context,
                           "socket-type", ZMQGLIB_SOCKET_REP, "linger", 17, NULL);
  g_assert_no_error (error);
  g_assert_cmpint (zmqglib_socket_get_socket_type (socket), ==, ZMQGLIB_SOCKET_REP);
  g_object_get (socket, "linger", &linger, NULL);
  g_assert_cmpint (linger, ==, 17);

  zmqglib_context_shutdown (context);
  g_assert_null (g_initable_new (ZMQGLIB_TYPE_SOCKET, NULL, &error, "context", context,
                                 "socket-type", ZMQGLIB_SOCKET_REP, NULL));
  test_assert_error (error, ZMQGLIB_ERROR_TERMINATED, "rep");
}

static void
test_close (void)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);

  zmqglib_socket_close (socket);
  zmqglib_socket_close (socket);
  g_assert_true (zmqglib_socket_is_closed (socket));
  g_assert_null (zmqglib_socket_get_handle (socket));
  g_assert_true (zmqglib_socket_get_context (socket) == zmqglib_context_get_default ());
  g_assert_cmpint (zmqglib_socket_get_socket_type (socket), ==, ZMQGLIB_SOCKET_PULL);
}

/* The last reference closes the socket, so that the context can end. */
static void
test_unref_closes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();

  g_object_unref (test_socket_new (context, ZMQGLIB_SOCKET_PULL));
  g_assert_true (zmqglib_context_terminate (context, NULL, &error));
  g_assert_no_error (error);
}

/* Others' handles are used, and left open. */
static void
test_new_for_handle (void)
{
  g_autoptr (GError) error = NULL;
  gpointer context = zmq_ctx_new ();
  gpointer pull = zmq_socket (context, ZMQ_PULL);
  gpointer push = zmq_socket (context, ZMQ_PUSH);
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new_for_handle (pull, &error);
  char content[2] = { 0 };

  g_assert_no_error (error);
  g_assert_cmpint (zmqglib_socket_get_socket_type (socket), ==, ZMQGLIB_SOCKET_PULL);
  g_assert_true (zmqglib_socket_get_handle (socket) == pull);
  g_assert_null (zmqglib_socket_get_context (socket));

  zmqglib_socket_bind (socket, "inproc://handle", &error);
  g_assert_no_error (error);
  g_assert_cmpint (zmq_connect (push, "inproc://handle"), ==, 0);
  g_assert_cmpint (zmq_send (push, "1", 1, 0), ==, 1);
  test_receive_string (socket, "1");

  zmqglib_socket_close (socket);
  g_assert_true (zmqglib_socket_is_closed (socket));
  g_assert_cmpint (zmq_send (push, "2", 1, 0), ==, 1);
  g_assert_cmpint (zmq_recv (pull, content, 1, 0), ==, 1);
  g_assert_cmpstr (content, ==, "2");

  g_clear_object (&socket);
  socket = zmqglib_socket_new_for_handle (pull, &error);
  g_assert_no_error (error);
  g_clear_object (&socket);
  g_assert_cmpint (zmq_close (pull), ==, 0);
  g_assert_cmpint (zmq_close (push), ==, 0);
  g_assert_cmpint (zmq_ctx_term (context), ==, 0);
}

static void
on_notify (ZmqSocket  *socket,
           GParamSpec *pspec,
           guint      *n_notified)
{
  (*n_notified)++;
}

/* libzmq closes what was unbound in its own thread, some time later. */
static void
bind_once_free (ZmqSocket  *socket,
                const char *endpoint)
{
  gint64 deadline = g_get_monotonic_time () + TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC;
  g_autoptr (GError) error = NULL;

  while (!zmqglib_socket_bind (socket, endpoint, &error))
    {
      test_assert_error (error, ZMQGLIB_ERROR_ADDRESS_IN_USE, endpoint);
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
}

/* One can connect to what “last-endpoint” says, until it is unbound; then somebody else can bind. */
static void
test_bind_unbind (gconstpointer data)
{
  const char *transport = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqSocket) other = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autofree char *endpoint = NULL;
  guint            n_notified = 0;

  pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_signal_connect (pull, "notify::last-endpoint", G_CALLBACK (on_notify), &n_notified);
  endpoint = test_bind (pull, transport);
  g_assert_true (g_str_has_prefix (endpoint, transport));
  g_assert_cmpuint (n_notified, ==, 1);

  /* libzmq removes the file of an ipc endpoint that is in use, and binds again */
  if (!g_str_equal (transport, "ipc"))
    {
      g_assert_false (zmqglib_socket_bind (other, endpoint, &error));
      test_assert_error (error, ZMQGLIB_ERROR_ADDRESS_IN_USE, endpoint);
    }

  g_assert_true (zmqglib_socket_connect_to (push, endpoint, &error));
  g_assert_no_error (error);
  test_send_string (push, "x");
  test_receive_string (pull, "x");

  g_assert_true (zmqglib_socket_unbind (pull, endpoint, &error));
  g_assert_no_error (error);
  g_assert_false (zmqglib_socket_unbind (pull, endpoint, &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_FOUND, endpoint);

  bind_once_free (other, endpoint);
}

static void
test_free_ports (void)
{
  static const char *const wildcards[] = { "tcp://127.0.0.1:*", "tcp://127.0.0.1:0", "tcp://*:*", "ipc://*" };

  for (guint i = 0; i < G_N_ELEMENTS (wildcards); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
      g_autoptr (ZmqSocket) push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
      g_autofree char *endpoint = NULL;

      zmqglib_socket_bind (pull, wildcards[i], &error);
      g_assert_no_error (error);
      g_object_get (pull, "last-endpoint", &endpoint, NULL);
      g_assert_null (strchr (endpoint, '*'));
      g_assert_false (g_str_has_suffix (endpoint, ":0"));

      zmqglib_socket_connect_to (push, endpoint, &error);
      g_assert_no_error (error);
      test_send_string (push, endpoint);
      test_receive_string (pull, endpoint);
    }
}

/* After disconnecting there is nobody left to send to. */
static void
test_connect_disconnect (gconstpointer data)
{
  const char *transport = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  g_autofree char *endpoint = test_bind (pull, transport);

  zmqglib_socket_connect_to (push, endpoint, &error);
  g_assert_no_error (error);
  test_send_string (push, "x");
  test_receive_string (pull, "x");

  g_assert_true (zmqglib_socket_disconnect_from (push, endpoint, &error));
  g_assert_no_error (error);
  g_assert_false (zmqglib_socket_try_send (push, message, &error));
  test_assert_error (error, ZMQGLIB_ERROR_AGAIN, "push");
  g_assert_false (zmqglib_socket_disconnect_from (push, endpoint, &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_FOUND, endpoint);

  /* the peer may come later */
  zmqglib_socket_unbind (pull, endpoint, &error);
  g_assert_no_error (error);
  zmqglib_socket_connect_to (push, endpoint, &error);
  g_assert_no_error (error);
  test_send_string (push, "early");
  bind_once_free (pull, endpoint);
  test_receive_string (pull, "early");
}

static void
publish_both (ZmqSocket  *publisher,
              const char *unwanted,
              const char *wanted)
{
  test_send_string (publisher, unwanted);
  test_send_string (publisher, wanted);
}

/* An XPUB tells when a subscription has arrived. */
static void
expect_subscription (ZmqSocket  *publisher,
                     char        is_subscribe,
                     const char *prefix,
                     gsize       size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive (publisher, NULL, &error);
  const char *data;
  gsize       data_size;

  g_assert_no_error (error);
  data = zmqglib_message_peek_frame (message, 0, &data_size);
  g_assert_cmpint (data[0], ==, is_subscribe);
  g_assert_cmpmem (data + 1, data_size - 1, prefix, size);
}

static void
test_subscribe (gconstpointer data)
{
  const char *transport = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) publisher = NULL;
  g_autoptr (ZmqSocket) subscriber = NULL;

  test_socket_pair (NULL, transport, ZMQGLIB_SOCKET_XPUB, ZMQGLIB_SOCKET_SUB, &publisher, &subscriber);

  g_assert_true (zmqglib_socket_subscribe (subscriber, "a/", &error));
  g_assert_no_error (error);
  expect_subscription (publisher, 1, "a/", 2);
  publish_both (publisher, "b/1", "a/1");
  test_receive_string (subscriber, "a/1");

  g_assert_true (zmqglib_socket_subscribe (subscriber, "", &error));
  g_assert_no_error (error);
  expect_subscription (publisher, 1, "", 0);
  publish_both (publisher, "b/2", "a/2");
  test_receive_string (subscriber, "b/2");
  test_receive_string (subscriber, "a/2");

  g_assert_true (zmqglib_socket_unsubscribe (subscriber, "", &error));
  g_assert_no_error (error);
  expect_subscription (publisher, 0, "", 0);
  publish_both (publisher, "b/3", "a/3");
  test_receive_string (subscriber, "a/3");
}

/* A prefix with a NUL is not cut short. */
static void
test_subscribe_bytes (gconstpointer data)
{
  const char *transport = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) publisher = NULL;
  g_autoptr (ZmqSocket) subscriber = NULL;
  g_autoptr (GBytes) prefix = g_bytes_new_static ("\0\xff\0x", 4);
  g_autoptr (GBytes) other = g_bytes_new_static ("\0\xff\0y", 4);
  g_autoptr (ZmqMessage) wanted = zmqglib_message_new_from_bytes (prefix);
  g_autoptr (ZmqMessage) unwanted = zmqglib_message_new_from_bytes (other);
  g_autoptr (ZmqMessage) received = NULL;

  test_socket_pair (NULL, transport, ZMQGLIB_SOCKET_XPUB, ZMQGLIB_SOCKET_SUB, &publisher, &subscriber);

  g_assert_true (zmqglib_socket_subscribe_bytes (subscriber, prefix, &error));
  g_assert_no_error (error);
  expect_subscription (publisher, 1, "\0\xff\0x", 4);
  zmqglib_socket_send (publisher, unwanted, NULL, &error);
  g_assert_no_error (error);
  zmqglib_socket_send (publisher, wanted, NULL, &error);
  g_assert_no_error (error);
  received = zmqglib_socket_receive (subscriber, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (zmqglib_message_equal (received, wanted));

  g_assert_true (zmqglib_socket_unsubscribe_bytes (subscriber, prefix, &error));
  g_assert_no_error (error);
  expect_subscription (publisher, 0, "\0\xff\0x", 4);
}

static void
test_send_receive (gconstpointer data)
{
  const char *transport = data;
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (frames);

  test_socket_pair (NULL, transport, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);

  for (guint i = 0; i < N_MESSAGES; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqMessage) received = NULL;

      g_assert_true (zmqglib_socket_send (push, message, NULL, &error));
      g_assert_no_error (error);
      received = zmqglib_socket_receive (pull, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (zmqglib_message_equal (received, message));
    }
}

static gpointer
echo_thread (gpointer data)
{
  const char *endpoint = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) rep = test_socket_new (NULL, ZMQGLIB_SOCKET_REP);

  zmqglib_socket_connect_to (rep, endpoint, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < N_MESSAGES; i++)
    {
      g_autoptr (ZmqMessage) message = zmqglib_socket_receive (rep, NULL, &error);

      g_assert_no_error (error);
      zmqglib_socket_send (rep, message, NULL, &error);
      g_assert_no_error (error);
    }

  return NULL;
}

/* Both sides block on each other. */
static void
test_threads (gconstpointer data)
{
  const char *transport = data;
  g_autoptr (ZmqSocket) req = test_socket_new (NULL, ZMQGLIB_SOCKET_REQ);
  g_autofree char *endpoint = test_bind (req, transport);
  GThread         *thread = g_thread_new ("echo", echo_thread, endpoint);

  for (guint i = 0; i < N_MESSAGES; i++)
    {
      test_send_string (req, "again");
      test_receive_string (req, "again");
    }

  g_thread_join (thread);
}

static void
test_timeouts (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  gint64 start;

  g_object_set (pull, "receive-timeout", 50, NULL);
  g_object_set (push, "send-timeout", 50, NULL);

  start = g_get_monotonic_time ();
  g_assert_null (zmqglib_socket_receive (pull, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_AGAIN, "pull");
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 50000);

  start = g_get_monotonic_time ();
  g_assert_false (zmqglib_socket_send (push, message, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_AGAIN, "push");
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 50000);

  g_object_set (pull, "receive-timeout", 0, NULL);
  g_assert_null (zmqglib_socket_receive (pull, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_AGAIN, "pull");
}

static void
test_try (gconstpointer data)
{
  const char *transport = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (frames);
  g_autoptr (ZmqMessage) received = NULL;
  g_autofree char *endpoint = test_bind (pull, transport);

  g_assert_null (zmqglib_socket_try_receive (pull, &error));
  test_assert_error (error, ZMQGLIB_ERROR_AGAIN, "pull");
  g_assert_false (zmqglib_socket_try_send (push, message, &error));
  test_assert_error (error, ZMQGLIB_ERROR_AGAIN, "push");

  zmqglib_socket_connect_to (push, endpoint, &error);
  g_assert_no_error (error);
  g_assert_true (zmqglib_socket_try_send (push, message, &error));
  g_assert_no_error (error);
  zmqglib_socket_wait (pull, G_IO_IN, TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC, NULL, &error);
  g_assert_no_error (error);
  received = zmqglib_socket_try_receive (pull, &error);
  g_assert_no_error (error);
  g_assert_true (zmqglib_message_equal (received, message));
}

/* What is refused at the high-water mark has left no frame behind, and what has come is whole. */
static void
test_all_or_nothing (gconstpointer data)
{
  const char *transport = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint = NULL;
  g_autofree char *filler = g_strnfill (20000, 'f');
  guint            n_sent = 0;
  guint            n_refused = 0;

  g_object_set (pull, "receive-high-water-mark", 3, NULL);
  g_object_set (push, "send-high-water-mark", 3, NULL);
  endpoint = test_bind (pull, transport);
  zmqglib_socket_connect_to (push, endpoint, &error);
  g_assert_no_error (error);

  for (guint n_received = 0; n_received < N_MESSAGES;)
    {
      g_autofree char *number = g_strdup_printf ("%u", n_sent);
      g_autofree char *expected = g_strdup_printf ("%u", n_received);
      g_autofree char *actual = NULL;
      const char      *strv[] = { number, filler, "", number, NULL };
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (strv);
      g_autoptr (ZmqMessage) received = NULL;

      if (n_sent < N_MESSAGES && zmqglib_socket_try_send (push, message, &error))
        {
          n_sent++;
          continue;
        }

      if (n_sent < N_MESSAGES)
        {
          test_assert_error (error, ZMQGLIB_ERROR_AGAIN, "push");
          n_refused++;
        }

      /* what was received makes room, but perhaps not at once */
      if (n_sent == n_received)
        {
          zmqglib_socket_wait (push, G_IO_OUT, TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC, NULL, &error);
          g_assert_no_error (error);
          continue;
        }

      received = zmqglib_socket_receive (pull, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (zmqglib_message_get_n_frames (received), ==, 4);
      actual = zmqglib_message_get_string (received, 0, NULL);
      g_assert_cmpstr (actual, ==, expected);
      g_clear_pointer (&actual, g_free);
      actual = zmqglib_message_get_string (received, 3, NULL);
      g_assert_cmpstr (actual, ==, expected);
      n_received++;
    }

  g_assert_cmpuint (n_refused, >, 0);
}

static gpointer
cancel_thread (gpointer data)
{
  g_usleep (g_random_int_range (0, 5000));
  g_cancellable_cancel (data);

  return NULL;
}

/* Wherever it is cancelled, the message that comes at the same time is either received or still there. */
static void
test_cancel_receive (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  guint n_cancelled = 0;

  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);

  for (guint i = 0; i < N_MESSAGES; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      GThread *thread = g_thread_new ("cancel", cancel_thread, cancellable);
      g_autoptr (ZmqMessage) message = NULL;
      g_autofree char *expected = g_strdup_printf ("%u", i);

      message = zmqglib_socket_receive (pull, cancellable, &error);
      g_assert_null (message);
      assert_cancelled (&error);
      n_cancelled++;

      test_send_string (push, expected);
      g_assert_null (zmqglib_socket_receive (pull, cancellable, &error));
      assert_cancelled (&error);
      g_thread_join (thread);
      test_receive_string (pull, expected);
    }

  g_assert_cmpuint (n_cancelled, ==, N_MESSAGES);
}

static void
test_cancel_send (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (frames);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread         *thread = g_thread_new ("cancel", cancel_thread, cancellable);
  g_autofree char *endpoint = test_bind (pull, "inproc");

  g_assert_false (zmqglib_socket_send (push, message, cancellable, &error));
  assert_cancelled (&error);
  g_thread_join (thread);
  g_assert_false (zmqglib_socket_send (push, message, cancellable, &error));
  assert_cancelled (&error);

  /* nothing of it has been sent */
  zmqglib_socket_connect_to (push, endpoint, &error);
  g_assert_no_error (error);
  test_send_string (push, "first");
  test_receive_string (pull, "first");
}

static void
test_cancel_wait (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread = g_thread_new ("cancel", cancel_thread, cancellable);

  g_assert_false (zmqglib_socket_wait (pull, G_IO_IN, -1, cancellable, &error));
  assert_cancelled (&error);
  g_thread_join (thread);
}

static void
test_wait (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  gint64 start = g_get_monotonic_time ();

  test_socket_pair (context, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);

  g_assert_false (zmqglib_socket_wait (pull, G_IO_IN, 30000, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_AGAIN, "pull");
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 30000);
  g_assert_false (zmqglib_socket_wait (pull, G_IO_IN, 0, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_AGAIN, "pull");

  g_assert_true (zmqglib_socket_wait (push, G_IO_IN | G_IO_OUT, -1, NULL, &error));
  g_assert_no_error (error);
  test_send_string (push, "x");
  g_assert_true (zmqglib_socket_wait (pull, G_IO_IN, -1, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (zmqglib_socket_wait (pull, G_IO_IN, 0, NULL, &error));
  g_assert_no_error (error);
  test_receive_string (pull, "x");

  zmqglib_context_shutdown (context);
  g_assert_false (zmqglib_socket_wait (pull, G_IO_IN, -1, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_TERMINATED, "pull");
}

static void
test_condition (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) a = test_socket_new (context, ZMQGLIB_SOCKET_PAIR);
  g_autoptr (ZmqSocket) b = NULL;

  g_assert_cmpint (zmqglib_socket_get_condition (a), ==, 0);
  g_clear_object (&a);

  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, &a, &b);
  g_assert_cmpint (zmqglib_socket_get_condition (a), ==, G_IO_OUT);
  test_send_string (b, "x");
  g_assert_cmpint (zmqglib_socket_get_condition (a), ==, G_IO_IN | G_IO_OUT);
  test_receive_string (a, "x");
  g_assert_cmpint (zmqglib_socket_get_condition (a), ==, G_IO_OUT);

  zmqglib_context_shutdown (context);
  g_assert_cmpint (zmqglib_socket_get_condition (a), ==, G_IO_HUP);
  zmqglib_socket_close (a);
  g_assert_cmpint (zmqglib_socket_get_condition (a), ==, G_IO_NVAL);
}

static void
add_for_transports (const char   *name,
                    GTestDataFunc func)
{
  for (guint i = 0; i < G_N_ELEMENTS (transports); i++)
    {
      g_autofree char *path = g_strdup_printf ("/socket/%s/%s", name, transports[i]);

      g_test_add_data_func (path, transports[i], func);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/socket/new", test_new);
  g_test_add_func ("/socket/initable", test_initable);
  g_test_add_func ("/socket/close", test_close);
  g_test_add_func ("/socket/unref-closes", test_unref_closes);
  g_test_add_func ("/socket/new-for-handle", test_new_for_handle);
  add_for_transports ("bind-unbind", test_bind_unbind);
  g_test_add_func ("/socket/free-ports", test_free_ports);
  add_for_transports ("connect-disconnect", test_connect_disconnect);
  add_for_transports ("subscribe", test_subscribe);
  add_for_transports ("subscribe-bytes", test_subscribe_bytes);
  add_for_transports ("send-receive", test_send_receive);
  add_for_transports ("threads", test_threads);
  g_test_add_func ("/socket/timeouts", test_timeouts);
  add_for_transports ("try", test_try);
  add_for_transports ("all-or-nothing", test_all_or_nothing);
  g_test_add_func ("/socket/cancel-receive", test_cancel_receive);
  g_test_add_func ("/socket/cancel-send", test_cancel_send);
  g_test_add_func ("/socket/cancel-wait", test_cancel_wait);
  g_test_add_func ("/socket/wait", test_wait);
  g_test_add_func ("/socket/condition", test_condition);

  return g_test_run ();
}

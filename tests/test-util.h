/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <string.h>
#include <zmqglib/zmqglib.h>

#define TEST_TIMEOUT_SECONDS 20

G_BEGIN_DECLS

typedef gboolean (*TestDoneFunc) (gpointer data);

/* Under valgrind or a sanitizer, where tests do with fewer messages and less speed. */
static inline gboolean
test_is_slow_tool (void)
{
  return g_getenv ("ZMQGLIB_TEST_SLOW_TOOL") != NULL;
}

static inline gboolean
test_on_timeout (gpointer data)
{
  gboolean *timed_out = data;

  *timed_out = TRUE;

  return G_SOURCE_REMOVE;
}

/* Iterates the main context until the condition holds; fails the test when it does not in time. */
static inline void
test_iterate_until (GMainContext *context,
                    TestDoneFunc  done,
                    gpointer      data)
{
  g_autoptr (GSource) timeout = g_timeout_source_new_seconds (TEST_TIMEOUT_SECONDS);
  gboolean timed_out = FALSE;

  g_source_set_callback (timeout, test_on_timeout, &timed_out, NULL);
  g_source_attach (timeout, context);

  while (!done (data))
    {
      g_main_context_iteration (context, TRUE);
      g_assert_false (timed_out);
    }

  g_source_destroy (timeout);
}

static inline gboolean
test_on_tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Iterates the default main context until the expression is true, which other threads or processes may make it. */
#define test_until(expression)                                                                  \
  G_STMT_START                                                                                  \
  {                                                                                             \
    gint64 _deadline = g_get_monotonic_time () + TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC;         \
    guint  _tick = g_timeout_add (2, test_on_tick, NULL);                                       \
                                                                                                \
    while (!(expression))                                                                       \
      {                                                                                         \
        g_main_context_iteration (NULL, TRUE);                                                  \
        if (g_get_monotonic_time () > _deadline)                                                \
          g_error ("%s:%d: never came true: %s", __FILE__, __LINE__, G_STRINGIFY (expression)); \
      }                                                                                         \
    g_source_remove (_tick);                                                                    \
  }                                                                                             \
  G_STMT_END

/* Lets time pass, in which things go wrong or must not happen, while the main loop goes on. */
static inline void
test_pass_time (guint ms)
{
  gint64 end = g_get_monotonic_time () + ms * G_TIME_SPAN_MILLISECOND;

  test_until (g_get_monotonic_time () >= end);
}

/* A condition for test_iterate_until(): the pointer to a pointer, such as a GAsyncResult, is set. */
static inline gboolean
test_is_set (gpointer data)
{
  gpointer *location = data;

  return g_atomic_pointer_get (location) != NULL;
}

/* A condition for test_iterate_until(): the gboolean pointed to is TRUE. */
static inline gboolean
test_is_true (gpointer data)
{
  gboolean *location = data;

  return g_atomic_int_get (location) != FALSE;
}

/* A GAsyncReadyCallback that keeps the result in the GAsyncResult pointer it is given. */
static inline void
test_keep_result (GObject      *source,
                  GAsyncResult *result,
                  gpointer      data)
{
  GAsyncResult **location = data;

  g_assert_null (*location);
  g_atomic_pointer_set (location, g_object_ref (result));
}

/* An endpoint to bind to that nobody else uses: of “inproc”, “ipc” or “tcp”. */
static inline char *
test_endpoint (const char *transport)
{
  if (g_str_equal (transport, "tcp"))
    return g_strdup ("tcp://127.0.0.1:*");

  if (g_str_equal (transport, "ipc"))
    {
      g_autofree char *id = g_uuid_string_random ();

      return g_strdup_printf ("ipc://%s/zmqglib-%s", g_get_tmp_dir (), id);
    }

  g_assert_cmpstr (transport, ==, "inproc");

  return g_strdup_printf ("inproc://zmqglib-%08x-%08x", g_random_int (), g_random_int ());
}

/* Binds to a free endpoint and returns the one to connect to. */
static inline char *
test_bind (ZmqSocket  *socket,
           const char *transport)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = test_endpoint (transport);
  char            *last_endpoint = NULL;

  zmqglib_socket_bind (socket, endpoint, &error);
  g_assert_no_error (error);

  g_object_get (socket, "last-endpoint", &last_endpoint, NULL);
  g_assert_nonnull (last_endpoint);

  return last_endpoint;
}

/* A socket whose blocking calls do not outlive the test, and that does not keep its context from terminating. */
static inline ZmqSocket *
test_socket_new (ZmqContext   *context,
                 ZmqSocketType type)
{
  g_autoptr (GError) error = NULL;
  ZmqSocket *socket = zmqglib_socket_new (context, type, &error);

  g_assert_no_error (error);
  g_assert_nonnull (socket);

  g_object_set (socket, "linger", 0, "send-timeout", TEST_TIMEOUT_SECONDS * 1000, "receive-timeout",
                TEST_TIMEOUT_SECONDS * 1000, NULL);

  return socket;
}

/* Two connected sockets: the first one binds. */
static inline void
test_socket_pair (ZmqContext   *context,
                  const char   *transport,
                  ZmqSocketType bound_type,
                  ZmqSocketType connected_type,
                  ZmqSocket   **bound,
                  ZmqSocket   **connected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;

  *bound = test_socket_new (context, bound_type);
  *connected = test_socket_new (context, connected_type);

  endpoint = test_bind (*bound, transport);
  zmqglib_socket_connect_to (*connected, endpoint, &error);
  g_assert_no_error (error);
}

static inline void
test_send_string (ZmqSocket  *socket,
                  const char *string)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (string);

  zmqglib_socket_send (socket, message, NULL, &error);
  g_assert_no_error (error);
}

static inline void
test_receive_string (ZmqSocket  *socket,
                     const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive (socket, NULL, &error);
  g_autofree char *string = NULL;

  g_assert_no_error (error);
  string = zmqglib_message_get_string (message, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (string, ==, expected);
}

/* The error has the code, and its message names the thing it is about; it is cleared for the next check. */
#define test_assert_error(error, error_code, name)                                              \
  G_STMT_START                                                                                  \
  {                                                                                             \
    g_assert_error ((error), ZMQGLIB_ERROR, (int) (error_code));                                \
    if (strstr ((error)->message, (name)) == NULL)                                              \
      g_error ("%s:%d: “%s” does not name “%s”", __FILE__, __LINE__, (error)->message, (name)); \
    g_clear_error (&(error));                                                                   \
  }                                                                                             \
  G_STMT_END

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "test-util.h"

G_BEGIN_DECLS

/* A stream of a bound socket, a peer that is not connected yet, and a log of the stream's signals:
 * “sent a”, “sent b: closed”, “drained”, …, which each test empties by asserting it. */
typedef struct
{
  ZmqContext *context;
  ZmqSocket  *socket;
  ZmqSocket  *peer;
  ZmqStream  *stream;
  char       *endpoint;
  GPtrArray  *events;   /* of strings */
  gboolean    quiet;    /* whether a signal would be too early */
  int         priority; /* of the stream, to be set before it is opened */
} StreamFixture;

static inline char *
stream_describe_error (const GError *error)
{
  g_autoptr (GEnumClass) codes = NULL;

  codes = g_type_class_ref (error->domain == G_IO_ERROR ? G_TYPE_IO_ERROR_ENUM : ZMQGLIB_TYPE_ERROR);
  g_assert_true (error->domain == G_IO_ERROR || error->domain == ZMQGLIB_ERROR);

  return g_strdup (g_enum_get_value (codes, error->code)->value_nick);
}

static inline void
stream_fixture_log (StreamFixture *fixture,
                    const char    *signal,
                    ZmqMessage    *message,
                    const GError  *error)
{
  g_autofree char *text = message != NULL ? zmqglib_message_get_string (message, 0, NULL) : NULL;
  g_autofree char *code = error != NULL ? stream_describe_error (error) : NULL;

  g_assert_false (fixture->quiet);
  g_ptr_array_add (fixture->events,
                   g_strconcat (signal, text != NULL ? " " : "", text != NULL ? text : "",
                                code != NULL ? ": " : "", code != NULL ? code : "", NULL));
}

static inline void
stream_fixture_on_received (ZmqStream     *stream,
                            ZmqMessage    *message,
                            StreamFixture *fixture)
{
  stream_fixture_log (fixture, "received", message, NULL);
}

static inline void
stream_fixture_on_sent (ZmqStream     *stream,
                        ZmqMessage    *message,
                        const GError  *error,
                        StreamFixture *fixture)
{
  stream_fixture_log (fixture, "sent", message, error);
}

static inline void
stream_fixture_on_drained (ZmqStream     *stream,
                           StreamFixture *fixture)
{
  stream_fixture_log (fixture, "drained", NULL, NULL);
}

static inline void
stream_fixture_on_closed (ZmqStream     *stream,
                          const GError  *error,
                          StreamFixture *fixture)
{
  stream_fixture_log (fixture, "closed", NULL, error);
}

/* What a stream promises holds for handlers, and for the function that may be set in their place: the tests of
 * the promises are run with either. */
static inline gboolean
stream_uses_function (void)
{
  return g_strcmp0 (g_getenv ("TEST_RECEIVE"), "function") == 0;
}

static inline gulong
stream_connect (ZmqStream *stream,
                GCallback  func,
                gpointer   data)
{
  if (!stream_uses_function ())
    return g_signal_connect (stream, "received", func, data);

  zmqglib_stream_set_receive_func (stream, (ZmqStreamReceiveFunc) func, data, NULL);

  return 0;
}

static inline void
stream_disconnect (ZmqStream *stream,
                   gulong    *id)
{
  if (stream_uses_function ())
    zmqglib_stream_set_receive_func (stream, NULL, NULL, NULL);
  else
    g_clear_signal_handler (id, stream);
}

/* A function is not blocked, but paused. */
static inline void
stream_block (ZmqStream *stream,
              gulong     id)
{
  if (stream_uses_function ())
    g_object_set (stream, "paused", TRUE, NULL);
  else
    g_signal_handler_block (stream, id);
}

static inline void
stream_unblock (ZmqStream *stream,
                gulong     id)
{
  if (stream_uses_function ())
    g_object_set (stream, "paused", FALSE, NULL);
  else
    g_signal_handler_unblock (stream, id);
}

static inline gulong
stream_fixture_listen (StreamFixture *fixture)
{
  return stream_connect (fixture->stream, G_CALLBACK (stream_fixture_on_received), fixture);
}

static inline void
stream_fixture_open (StreamFixture *fixture,
                     const char    *transport,
                     ZmqSocketType  type,
                     ZmqSocketType  peer_type)
{
  fixture->context = zmqglib_context_new ();
  fixture->socket = test_socket_new (fixture->context, type);
  fixture->peer = test_socket_new (fixture->context, peer_type);
  fixture->endpoint = test_bind (fixture->socket, transport);
  fixture->events = g_ptr_array_new_with_free_func (g_free);

  fixture->stream = g_object_new (ZMQGLIB_TYPE_STREAM, "socket", fixture->socket, "priority", fixture->priority, NULL);
  g_object_add_weak_pointer (G_OBJECT (fixture->stream), (gpointer *) &fixture->stream);
  g_signal_connect (fixture->stream, "sent", G_CALLBACK (stream_fixture_on_sent), fixture);
  g_signal_connect (fixture->stream, "drained", G_CALLBACK (stream_fixture_on_drained), fixture);
  g_signal_connect (fixture->stream, "closed", G_CALLBACK (stream_fixture_on_closed), fixture);
}

/* Sockets that send and receive as they like: what most tests are about. */
static inline void
stream_fixture_set_up (StreamFixture *fixture,
                       gconstpointer  transport)
{
  stream_fixture_open (fixture, transport, ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_DEALER);
}

static inline gboolean
stream_count_down (gpointer data)
{
  guint *n_left = data;

  return --*n_left > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static inline gboolean
stream_is_zero (gpointer data)
{
  guint *number = data;

  return *number == 0;
}

static inline gboolean
stream_is_not_zero (gpointer data)
{
  guint *number = data;

  return *number != 0;
}

static inline gboolean
stream_count_call (gpointer data)
{
  guint *n_calls = data;

  ++*n_calls;

  return G_SOURCE_CONTINUE;
}

static inline void
stream_on_received_count (ZmqStream  *stream,
                          ZmqMessage *message,
                          gpointer    data)
{
  stream_count_call (data);
}

/* Lets a main loop do all that it has to do by now. */
static inline void
stream_settle (void)
{
  guint n_left = 20;

  g_idle_add_full (G_PRIORITY_LOW + 1000, stream_count_down, &n_left, NULL);
  test_iterate_until (NULL, stream_is_zero, &n_left);
}

static inline gboolean
stream_is_null (gpointer data)
{
  gpointer *location = data;

  return *location == NULL;
}

/* Drops the stream, unless the test did, which must be the last reference. */
static inline void
stream_fixture_drop (StreamFixture *fixture)
{
  if (fixture->stream != NULL)
    g_object_unref (fixture->stream);

  test_iterate_until (NULL, stream_is_null, &fixture->stream);
}

static inline void
stream_fixture_tear_down (StreamFixture *fixture,
                          gconstpointer  transport)
{
  stream_fixture_drop (fixture);
  g_clear_pointer (&fixture->events, g_ptr_array_unref);
  g_clear_pointer (&fixture->endpoint, g_free);
  g_clear_object (&fixture->peer);
  g_clear_object (&fixture->socket);
  g_clear_object (&fixture->context);
}

static inline gboolean
stream_can_send (gpointer data)
{
  return (zmqglib_socket_get_condition (data) & G_IO_OUT) != 0;
}

static inline gboolean
stream_can_receive (gpointer data)
{
  return (zmqglib_socket_get_condition (data) & G_IO_IN) != 0;
}

/* Iterates until a socket can do something that need not wake the loop, since no stream may have it. */
static inline void
stream_poll_until (TestDoneFunc done,
                   gpointer     data)
{
  gint64 deadline = g_get_monotonic_time () + TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC;

  while (!done (data))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
}

static inline void
stream_fixture_connect_peer (StreamFixture *fixture)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_connect_to (fixture->peer, fixture->endpoint, &error);
  g_assert_no_error (error);
}

/* Iterates until that many events are in the log. */
static inline void
stream_fixture_wait (StreamFixture *fixture,
                     guint          n_events)
{
  g_autoptr (GSource) timeout = g_timeout_source_new_seconds (TEST_TIMEOUT_SECONDS);
  gboolean timed_out = FALSE;

  g_source_set_callback (timeout, test_on_timeout, &timed_out, NULL);
  g_source_attach (timeout, g_main_context_get_thread_default ());

  while (fixture->events->len < n_events)
    {
      g_main_context_iteration (g_main_context_get_thread_default (), TRUE);
      g_assert_false (timed_out);
    }

  g_source_destroy (timeout);
}

/* The log is this, separated by commas; empties it. */
static inline void
stream_fixture_assert_events (StreamFixture *fixture,
                              const char    *expected)
{
  g_autofree char *actual = NULL;

  g_ptr_array_add (fixture->events, NULL);
  actual = g_strjoinv (", ", (char **) fixture->events->pdata);
  g_ptr_array_set_size (fixture->events, 0);

  g_assert_cmpstr (actual, ==, expected);
}

/* The log is “signal first”, “signal first + 1”, …; empties it. */
static inline void
stream_fixture_assert_numbers (StreamFixture *fixture,
                               const char    *signal,
                               guint          first,
                               guint          n_events)
{
  g_assert_cmpuint (fixture->events->len, ==, n_events);

  for (guint i = 0; i < n_events; i++)
    {
      g_autofree char *expected = g_strdup_printf ("%s %u", signal, first + i);

      g_assert_cmpstr (g_ptr_array_index (fixture->events, i), ==, expected);
    }
  g_ptr_array_set_size (fixture->events, 0);
}

/* Sends through the stream, which says nothing of it yet. */
static inline void
stream_fixture_send (StreamFixture *fixture,
                     const char    *string)
{
  g_autoptr (GError) error = NULL;

  fixture->quiet = TRUE;
  zmqglib_stream_send_string (fixture->stream, string, &error);
  fixture->quiet = FALSE;
  g_assert_no_error (error);
}

static inline void
stream_fixture_send_numbers (StreamFixture *fixture,
                             guint          first,
                             guint          n_messages)
{
  for (guint i = 0; i < n_messages; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", first + i);

      stream_fixture_send (fixture, number);
    }
}

static inline void
stream_fixture_peer_send_numbers (StreamFixture *fixture,
                                  guint          first,
                                  guint          n_messages)
{
  for (guint i = 0; i < n_messages; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", first + i);

      test_send_string (fixture->peer, number);
    }
}

/* The peer receives the numbers; the loop runs meanwhile, since the stream may have to send them. */
static inline void
stream_fixture_peer_receive_numbers (StreamFixture *fixture,
                                     guint          first,
                                     guint          n_messages)
{
  for (guint i = 0; i < n_messages; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", first + i);

      stream_poll_until (stream_can_receive, fixture->peer);
      test_receive_string (fixture->peer, number);
    }
}

/* Connects, and waits until the stream could send. */
static inline void
stream_fixture_connect_peer_and_wait (StreamFixture *fixture)
{
  stream_fixture_connect_peer (fixture);
  stream_poll_until (stream_can_send, fixture->socket);
}

typedef void (*StreamTest) (StreamFixture *fixture,
                            gconstpointer  transport);

/* Adds a test for one transport. A path has at most three parts, since GTest's -p looks no deeper. */
static inline void
stream_test_add_for (const char *path,
                     const char *transport,
                     StreamTest  test)
{
  const char      *separator = strchr (path, '/') != NULL ? "-" : "/";
  g_autofree char *full_path = g_strdup_printf ("/stream/%s%s%s", path, separator, transport);

  g_test_add (full_path, StreamFixture, transport, stream_fixture_set_up, test,
              stream_fixture_tear_down);
}

/* Adds a test for each transport. */
static inline void
stream_test_add (const char *path,
                 StreamTest  test)
{
  stream_test_add_for (path, "inproc", test);
  stream_test_add_for (path, "ipc", test);
  stream_test_add_for (path, "tcp", test);
}

G_END_DECLS

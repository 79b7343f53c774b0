/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Every function, property and signal of ZmqStream. */

#include "test-stream-util.h"

static void
test_send (StreamFixture *fixture,
           gconstpointer  transport)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv ((const char *[]){ "a", "", "b", NULL });
  g_autoptr (ZmqMessage) received = NULL;

  stream_fixture_connect_peer_and_wait (fixture);

  g_assert_true (zmqglib_stream_send (fixture->stream, message, &error));
  g_assert_no_error (error);

  received = zmqglib_socket_receive (fixture->peer, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (zmqglib_message_equal (received, message));

  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "sent a");
}

static void
test_send_bytes (StreamFixture *fixture,
                 gconstpointer  transport)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\0\xff\1", 3);
  g_autoptr (GBytes) frame = NULL;
  g_autoptr (ZmqMessage) received = NULL;

  stream_fixture_connect_peer_and_wait (fixture);

  g_assert_true (zmqglib_stream_send_bytes (fixture->stream, bytes, &error));
  g_assert_no_error (error);

  received = zmqglib_socket_receive (fixture->peer, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (zmqglib_message_get_n_frames (received), ==, 1);
  frame = zmqglib_message_get_frame (received, 0);
  g_assert_true (g_bytes_equal (frame, bytes));
}

static void
test_send_text (StreamFixture *fixture,
                gconstpointer  transport)
{
  g_autoptr (GError) error = NULL;

  stream_fixture_connect_peer_and_wait (fixture);

  g_assert_true (zmqglib_stream_send_string (fixture->stream, "“text”", &error));
  g_assert_no_error (error);
  g_assert_true (zmqglib_stream_send_string (fixture->stream, "", &error));
  g_assert_no_error (error);

  test_receive_string (fixture->peer, "“text”");
  test_receive_string (fixture->peer, "");
}

static void
test_send_without_frames (StreamFixture *fixture,
                          gconstpointer  transport)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();

  g_assert_false (zmqglib_stream_send (fixture->stream, message, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "dealer");

  stream_settle ();
  stream_fixture_assert_events (fixture, "");
}

/* A message that waits must not change; one that is done may. */
static void
test_queued_message_is_frozen (StreamFixture *fixture,
                               gconstpointer  transport)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("a");

  g_assert_true (zmqglib_stream_send (fixture->stream, message, NULL));
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_CRITICAL, "*");
  zmqglib_message_append_string (message, "b");
  g_test_assert_expected_messages ();
  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 1);

  zmqglib_stream_discard (fixture->stream);
  zmqglib_message_append_string (message, "b");
  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 2);
}

static void
test_flush_counts_to_the_limit (StreamFixture *fixture,
                                gconstpointer  transport)
{
  guint n_handled = 0;

  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 10);
  stream_poll_until (stream_can_receive, fixture->socket);
  stream_fixture_listen (fixture);

  while (n_handled < 4)
    n_handled += zmqglib_stream_flush (fixture->stream, G_IO_IN, 4 - n_handled);
  g_assert_cmpuint (n_handled, ==, 4);
  stream_fixture_assert_numbers (fixture, "received", 0, 4);

  while (n_handled < 10)
    n_handled += zmqglib_stream_flush (fixture->stream, G_IO_IN, 0);
  g_assert_cmpuint (n_handled, ==, 10);
  stream_fixture_assert_numbers (fixture, "received", 4, 6);

  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_IN | G_IO_OUT, 0), ==, 0);
}

static void
test_flush_output (StreamFixture *fixture,
                   gconstpointer  transport)
{
  stream_fixture_send_numbers (fixture, 0, 5);
  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_OUT, 0), ==, 0);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 5);

  stream_fixture_connect_peer (fixture);
  while (!stream_can_send (fixture->socket))
    g_thread_yield ();

  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_IN, 0), ==, 0);
  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_OUT, 2), ==, 2);
  stream_fixture_assert_numbers (fixture, "sent", 0, 2);
  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_OUT, 0), ==, 3);
  stream_fixture_assert_numbers (fixture, "sent", 2, 3);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 0);

  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "drained");
  stream_fixture_peer_receive_numbers (fixture, 0, 5);
}

static void
test_flush_without_condition (StreamFixture *fixture,
                              gconstpointer  transport)
{
  stream_fixture_connect_peer_and_wait (fixture);
  stream_fixture_send (fixture, "a");

  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, 0, 0), ==, 0);
  stream_fixture_assert_events (fixture, "");
  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_OUT, 0), ==, 1);
  stream_fixture_assert_events (fixture, "sent a");
}

static void
test_close (StreamFixture *fixture,
            gconstpointer  transport)
{
  g_assert_false (zmqglib_stream_is_closed (fixture->stream));
  zmqglib_stream_close (fixture->stream);
  g_assert_true (zmqglib_stream_is_closed (fixture->stream));
  g_assert_true (zmqglib_socket_is_closed (fixture->socket));
  stream_fixture_assert_events (fixture, "");

  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "closed");
  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_IN | G_IO_OUT, 0), ==, 0);
}

static void
test_discard (StreamFixture *fixture,
              gconstpointer  transport)
{
  g_assert_cmpuint (zmqglib_stream_discard (fixture->stream), ==, 0);

  stream_fixture_send (fixture, "a");
  stream_fixture_send (fixture, "b");
  g_assert_cmpuint (zmqglib_stream_discard (fixture->stream), ==, 2);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 0);
  g_assert_cmpuint (zmqglib_stream_discard (fixture->stream), ==, 0);
  stream_fixture_assert_events (fixture, "");

  stream_fixture_wait (fixture, 3);
  stream_fixture_assert_events (fixture, "sent a: cancelled, sent b: cancelled, drained");

  /* those who come after are sent */
  stream_fixture_send (fixture, "c");
  stream_fixture_connect_peer (fixture);
  stream_fixture_wait (fixture, 2);
  stream_fixture_assert_events (fixture, "sent c, drained");
  test_receive_string (fixture->peer, "c");
}

static void
drain (StreamFixture *fixture,
       GCancellable  *cancellable,
       GAsyncResult **result)
{
  zmqglib_stream_drain_async (fixture->stream, cancellable, test_keep_result, result);
  g_assert_null (*result);
}

static void
test_drain (StreamFixture *fixture,
            gconstpointer  transport)
{
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GError) error = NULL;

  stream_fixture_send (fixture, "a");
  stream_fixture_send (fixture, "b");
  drain (fixture, NULL, &first);
  drain (fixture, NULL, &second);
  stream_settle ();
  g_assert_null (first);

  stream_fixture_connect_peer (fixture);
  test_iterate_until (NULL, test_is_set, &first);
  stream_fixture_assert_events (fixture, "sent a, sent b, drained");
  g_assert_true (zmqglib_stream_drain_finish (fixture->stream, first, &error));
  g_assert_no_error (error);

  test_iterate_until (NULL, test_is_set, &second);
  g_assert_true (zmqglib_stream_drain_finish (fixture->stream, second, &error));
  g_assert_no_error (error);
}

static void
test_drain_of_nothing (StreamFixture *fixture,
                       gconstpointer  transport)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  drain (fixture, NULL, &result);
  test_iterate_until (NULL, test_is_set, &result);
  g_assert_true (zmqglib_stream_drain_finish (fixture->stream, result, &error));
  g_assert_no_error (error);
  stream_fixture_assert_events (fixture, "");
}

static void
test_drain_cancelled (StreamFixture *fixture,
                      gconstpointer  transport)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) cancelled = NULL;
  g_autoptr (GAsyncResult) late = NULL;
  g_autoptr (GAsyncResult) other = NULL;
  g_autoptr (GError) error = NULL;

  stream_fixture_send (fixture, "a");
  drain (fixture, cancellable, &cancelled);
  drain (fixture, NULL, &other);

  g_cancellable_cancel (cancellable);
  test_iterate_until (NULL, test_is_set, &cancelled);
  g_assert_false (zmqglib_stream_drain_finish (fixture->stream, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  drain (fixture, cancellable, &late);
  test_iterate_until (NULL, test_is_set, &late);
  g_assert_false (zmqglib_stream_drain_finish (fixture->stream, late, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  /* the message itself is none the worse */
  g_assert_null (other);
  stream_fixture_connect_peer (fixture);
  test_iterate_until (NULL, test_is_set, &other);
  g_assert_true (zmqglib_stream_drain_finish (fixture->stream, other, &error));
  g_assert_no_error (error);
  test_receive_string (fixture->peer, "a");
}

static void
test_drain_closed (StreamFixture *fixture,
                   gconstpointer  transport)
{
  g_autoptr (GAsyncResult) before = NULL;
  g_autoptr (GAsyncResult) after = NULL;
  g_autoptr (GError) error = NULL;

  stream_fixture_send (fixture, "a");
  drain (fixture, NULL, &before);
  zmqglib_stream_close (fixture->stream);
  drain (fixture, NULL, &after);

  test_iterate_until (NULL, test_is_set, &before);
  g_assert_false (zmqglib_stream_drain_finish (fixture->stream, before, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "dealer");

  test_iterate_until (NULL, test_is_set, &after);
  g_assert_false (zmqglib_stream_drain_finish (fixture->stream, after, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED);
}

static void
on_notify (GObject    *object,
           GParamSpec *pspec,
           gpointer    data)
{
  GString *log = data;
  guint    value;

  g_object_get (object, pspec->name, &value, NULL);
  g_string_append_printf (log, "%s %u, ", pspec->name, value);
}

static void
test_n_queued (StreamFixture *fixture,
               gconstpointer  transport)
{
  g_autoptr (GString) log = g_string_new (NULL);

  g_signal_connect (fixture->stream, "notify::n-queued", G_CALLBACK (on_notify), log);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 0);

  stream_fixture_send (fixture, "a");
  stream_fixture_send (fixture, "b");
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 2);
  g_assert_cmpstr (log->str, ==, "n-queued 1, n-queued 2, ");
  g_string_truncate (log, 0);

  stream_fixture_connect_peer (fixture);
  stream_fixture_wait (fixture, 3);
  g_assert_cmpstr (log->str, ==, "n-queued 0, ");
  g_string_truncate (log, 0);

  /* what goes at once is not queued */
  stream_fixture_send (fixture, "c");
  g_assert_cmpstr (log->str, ==, "");
}

static void
test_send_limit (StreamFixture *fixture,
                 gconstpointer  transport)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  guint limit;

  g_object_get (fixture->stream, "send-limit", &limit, NULL);
  g_assert_cmpuint (limit, ==, 0);
  g_signal_connect (fixture->stream, "notify::send-limit", G_CALLBACK (on_notify), log);
  g_object_set (fixture->stream, "send-limit", 2, NULL);
  g_object_set (fixture->stream, "send-limit", 2, NULL);
  g_assert_cmpstr (log->str, ==, "send-limit 2, ");

  stream_fixture_send_numbers (fixture, 0, 2);
  g_assert_false (zmqglib_stream_send_string (fixture->stream, "lost", &error));
  test_assert_error (error, ZMQGLIB_ERROR_QUEUE_FULL, "dealer");

  g_object_set (fixture->stream, "send-limit", 3, NULL);
  stream_fixture_send_numbers (fixture, 2, 1);
  g_object_set (fixture->stream, "send-limit", 1, NULL);
  g_assert_false (zmqglib_stream_send_string (fixture->stream, "lost", &error));
  test_assert_error (error, ZMQGLIB_ERROR_QUEUE_FULL, "dealer");
  g_object_set (fixture->stream, "send-limit", 0, NULL);
  stream_fixture_send_numbers (fixture, 3, 10);

  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_receive_numbers (fixture, 0, 13);
}

static void
test_get_socket (StreamFixture *fixture,
                 gconstpointer  transport)
{
  g_autoptr (ZmqSocket) socket = NULL;

  g_assert_true (zmqglib_stream_get_socket (fixture->stream) == fixture->socket);
  g_object_get (fixture->stream, "socket", &socket, NULL);
  g_assert_true (socket == fixture->socket);

  zmqglib_stream_close (fixture->stream);
  g_assert_true (zmqglib_stream_get_socket (fixture->stream) == fixture->socket);
}

static gboolean
append_character (gpointer data)
{
  gpointer *args = data;

  g_string_append_c (args[0], GPOINTER_TO_INT (args[1]));

  return G_SOURCE_REMOVE;
}

static void
on_received_append (ZmqStream  *stream,
                    ZmqMessage *message,
                    gpointer    data)
{
  append_character (data);
}

/* Among sources of all priorities, each stream has its place. */
static void
test_priority (StreamFixture *fixture,
               gconstpointer  transport)
{
  const int priorities[] = { G_PRIORITY_LOW, G_PRIORITY_DEFAULT, G_PRIORITY_HIGH };
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func (g_object_unref);
  gpointer args[3][2];
  gpointer idle[2] = { log, GINT_TO_POINTER ('i') };
  int      priority;
  guint    n_left = 1;

  g_object_get (fixture->stream, "priority", &priority, NULL);
  g_assert_cmpint (priority, ==, G_PRIORITY_DEFAULT);

  for (guint i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      ZmqSocket *bound;
      ZmqSocket *connected;
      ZmqStream *stream;

      test_socket_pair (fixture->context, transport, ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR,
                        &bound, &connected);
      stream = g_object_new (ZMQGLIB_TYPE_STREAM, "socket", bound, "priority", priorities[i], NULL);
      g_object_get (stream, "priority", &priority, NULL);
      g_assert_cmpint (priority, ==, priorities[i]);

      args[i][0] = log;
      args[i][1] = GINT_TO_POINTER ('0' + i);
      g_signal_connect (stream, "received", G_CALLBACK (on_received_append), args[i]);
      test_send_string (connected, "a");
      while (!stream_can_receive (bound))
        g_thread_yield ();

      g_ptr_array_add (objects, stream);
      g_ptr_array_add (objects, bound);
      g_ptr_array_add (objects, connected);
    }
  g_idle_add (append_character, idle);

  g_idle_add_full (G_PRIORITY_LOW + 1000, stream_count_down, &n_left, NULL);
  test_iterate_until (NULL, stream_is_zero, &n_left);
  g_assert_cmpstr (log->str, ==, "21i0");
}

/* A subclass with class handlers, which log like those of the fixture. */
typedef struct
{
  ZmqStream      parent_instance;
  StreamFixture *fixture;
} LoggingStream;

typedef struct
{
  ZmqStreamClass parent_class;
} LoggingStreamClass;

GType logging_stream_get_type (void);

G_DEFINE_TYPE (LoggingStream, logging_stream, ZMQGLIB_TYPE_STREAM)

static void
logging_stream_received (ZmqStream  *stream,
                         ZmqMessage *message)
{
  stream_fixture_log (((LoggingStream *) stream)->fixture, "received", message, NULL);
}

static void
logging_stream_sent (ZmqStream    *stream,
                     ZmqMessage   *message,
                     const GError *error)
{
  stream_fixture_log (((LoggingStream *) stream)->fixture, "sent", message, error);
}

static void
logging_stream_drained (ZmqStream *stream)
{
  stream_fixture_log (((LoggingStream *) stream)->fixture, "drained", NULL, NULL);
}

static void
logging_stream_closed (ZmqStream    *stream,
                       const GError *error)
{
  stream_fixture_log (((LoggingStream *) stream)->fixture, "closed", NULL, error);
}

static void
logging_stream_class_init (LoggingStreamClass *klass)
{
  ZmqStreamClass *stream_class = ZMQGLIB_STREAM_CLASS (klass);

  stream_class->received = logging_stream_received;
  stream_class->sent = logging_stream_sent;
  stream_class->drained = logging_stream_drained;
  stream_class->closed = logging_stream_closed;
}

static void
logging_stream_init (LoggingStream *self)
{
}

static void
test_subclass (StreamFixture *fixture,
               gconstpointer  transport)
{
  LoggingStream *stream;

  stream_fixture_drop (fixture);
  stream = g_object_new (logging_stream_get_type (), "socket", fixture->socket, NULL);
  stream->fixture = fixture;

  zmqglib_stream_send_string (ZMQGLIB_STREAM (stream), "a", NULL);
  stream_fixture_connect_peer (fixture);
  stream_fixture_wait (fixture, 2);
  stream_fixture_assert_events (fixture, "sent a, drained");

  stream_fixture_peer_send_numbers (fixture, 0, 100);
  stream_fixture_wait (fixture, 100);
  stream_fixture_assert_numbers (fixture, "received", 0, 100);

  zmqglib_stream_close (ZMQGLIB_STREAM (stream));
  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "closed");
  g_assert_finalize_object (stream);
}

static void
test_closed_socket (StreamFixture *fixture,
                    gconstpointer  transport)
{
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GError) error = NULL;

  stream_fixture_drop (fixture);
  zmqglib_socket_close (fixture->socket);

  stream = zmqglib_stream_new (fixture->socket);
  g_signal_connect (stream, "closed", G_CALLBACK (stream_fixture_on_closed), fixture);
  g_assert_true (zmqglib_stream_is_closed (stream));
  g_assert_false (zmqglib_stream_send_string (stream, "a", &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED);
  g_assert_cmpuint (zmqglib_stream_flush (stream, G_IO_IN | G_IO_OUT, 0), ==, 0);
  g_assert_cmpuint (zmqglib_stream_discard (stream), ==, 0);
  zmqglib_stream_close (stream);

  stream_fixture_wait (fixture, 1);
  stream_settle ();
  stream_fixture_assert_events (fixture, "closed: closed");
}

/* The socket is closed, not the stream, which learns of it. */
static void
test_socket_closed_under_stream (StreamFixture *fixture,
                                 gconstpointer  transport)
{
  stream_fixture_listen (fixture);
  stream_fixture_send (fixture, "a");
  zmqglib_socket_close (fixture->socket);

  stream_fixture_wait (fixture, 2);
  g_assert_true (zmqglib_stream_is_closed (fixture->stream));
  stream_settle ();
  stream_fixture_assert_events (fixture, "sent a: closed, closed: closed");
}

/* Dropping a stream says nothing, and leaves the socket and what is in it to the next one. */
static void
test_drop (StreamFixture *fixture,
           gconstpointer  transport)
{
  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 3);
  stream_poll_until (stream_can_receive, fixture->socket);
  stream_fixture_drop (fixture);
  stream_settle ();

  stream_fixture_assert_events (fixture, "");
  g_assert_false (zmqglib_socket_is_closed (fixture->socket));

  fixture->stream = zmqglib_stream_new (fixture->socket);
  g_object_add_weak_pointer (G_OBJECT (fixture->stream), (gpointer *) &fixture->stream);
  stream_fixture_listen (fixture);
  stream_fixture_wait (fixture, 3);
  stream_fixture_assert_numbers (fixture, "received", 0, 3);
}

static void
test_drop_with_queue (StreamFixture *fixture,
                      gconstpointer  transport)
{
  stream_fixture_send_numbers (fixture, 0, 3);
  stream_fixture_drop (fixture);
  stream_fixture_connect_peer (fixture);
  stream_settle ();

  stream_fixture_assert_events (fixture, "");
  g_assert_cmpint (zmqglib_socket_get_condition (fixture->peer) & G_IO_IN, ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  stream_test_add ("send", test_send);
  stream_test_add ("send-bytes", test_send_bytes);
  stream_test_add ("send-string", test_send_text);
  stream_test_add_for ("send-without-frames", "inproc", test_send_without_frames);
  stream_test_add_for ("queued-message-is-frozen", "inproc", test_queued_message_is_frozen);
  stream_test_add ("flush-counts-to-the-limit", test_flush_counts_to_the_limit);
  stream_test_add ("flush-output", test_flush_output);
  stream_test_add_for ("flush-without-condition", "inproc", test_flush_without_condition);
  stream_test_add ("close", test_close);
  stream_test_add ("discard", test_discard);
  stream_test_add ("drain", test_drain);
  stream_test_add_for ("drain-of-nothing", "inproc", test_drain_of_nothing);
  stream_test_add ("drain-cancelled", test_drain_cancelled);
  stream_test_add_for ("drain-closed", "inproc", test_drain_closed);
  stream_test_add ("n-queued", test_n_queued);
  stream_test_add ("send-limit", test_send_limit);
  stream_test_add_for ("get-socket", "inproc", test_get_socket);
  stream_test_add ("priority", test_priority);
  stream_test_add ("subclass", test_subclass);
  stream_test_add_for ("closed-socket", "inproc", test_closed_socket);
  stream_test_add ("socket-closed-under-stream", test_socket_closed_under_stream);
  stream_test_add ("drop", test_drop);
  stream_test_add ("drop-with-queue", test_drop_with_queue);

  return g_test_run ();
}

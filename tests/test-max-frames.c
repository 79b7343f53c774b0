/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <zmq.h>

#include "test-util.h"

/* Messages of very many frames: those that are too many are dropped as they are read, and those that are not do not hold
 * up the loop. */

#define MAX_FRAMES 3

static ZmqMessage *
make_message (const char *first,
              guint       n_frames)
{
  ZmqMessage *message = zmqglib_message_new_from_string (first);

  for (guint i = 1; i < n_frames; i++)
    zmqglib_message_append_string (message, "x");

  return message;
}

static void
send_frames (ZmqSocket  *socket,
             const char *first,
             guint       n_frames)
{
  g_autoptr (ZmqMessage) message = make_message (first, n_frames);
  g_autoptr (GError) error = NULL;

  zmqglib_socket_send (socket, message, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_message (ZmqMessage *message,
                const char *first,
                guint       n_frames)
{
  g_autofree char *text = NULL;

  g_assert_nonnull (message);
  text = zmqglib_message_get_string (message, 0, NULL);
  g_assert_cmpstr (text, ==, first);
  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, n_frames);
}

typedef enum
{
  RECEIVE,
  TRY_RECEIVE,
  TRY_MANY,
  ASYNC,
  N_WAYS
} Way;

static ZmqMessage *
try_to_receive (ZmqSocket *socket,
                Way        way)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) messages = NULL;

  zmqglib_socket_wait (socket, G_IO_IN, -1, NULL, NULL);

  switch (way)
    {
    case RECEIVE:
      return zmqglib_socket_receive (socket, NULL, NULL);
    case TRY_RECEIVE:
      return zmqglib_socket_try_receive (socket, NULL);
    case TRY_MANY:
      messages = zmqglib_socket_try_receive_many (socket, 1, NULL);
      return messages->len > 0 ? zmqglib_message_ref (messages->pdata[0]) : NULL;
    default:
      zmqglib_socket_receive_async (socket, G_PRIORITY_DEFAULT, NULL, test_keep_result, &result);
      test_iterate_until (NULL, test_is_set, &result);
      return zmqglib_socket_receive_finish (socket, result, NULL);
    }
}

/* What is passed over may be all that there is at the moment. */
static ZmqMessage *
receive (ZmqSocket *socket,
         Way        way)
{
  const gint64 end = g_get_monotonic_time () + TEST_TIMEOUT_SECONDS * G_TIME_SPAN_SECOND;
  ZmqMessage  *message;

  do
    {
      message = try_to_receive (socket, way);
      g_assert_cmpint (g_get_monotonic_time (), <, end);
    }
  while (message == NULL);

  return message;
}

/* Each way of reading a socket passes over what is too long, and reads on. */
static void
test_passed_over (gconstpointer transport)
{
  for (Way way = 0; way < N_WAYS; way++)
    {
      g_autoptr (ZmqSocket) pull = NULL;
      g_autoptr (ZmqSocket) push = NULL;
      static const guint n_frames[] = { 4, 1, 3, 100, 5, 2, 20000, 1 };

      test_socket_pair (NULL, transport, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
      g_object_set (pull, "max-frames", MAX_FRAMES, NULL);
      for (gsize i = 0; i < G_N_ELEMENTS (n_frames); i++)
        {
          send_frames (push, "first", n_frames[i]);
          if (n_frames[i] <= MAX_FRAMES)
            {
              g_autoptr (ZmqMessage) message = receive (pull, way);

              assert_message (message, "first", n_frames[i]);
            }
        }
    }
}

/* What stands before it is not counted away: a ROUTER's routing id is a frame. */
static void
test_routing_id (void)
{
  g_autoptr (ZmqSocket) router = NULL;
  g_autoptr (ZmqSocket) dealer = NULL;
  g_autoptr (ZmqMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER, &router, &dealer);
  g_object_set (router, "max-frames", MAX_FRAMES, NULL);
  send_frames (dealer, "too long", MAX_FRAMES);
  send_frames (dealer, "fits", MAX_FRAMES - 1);
  message = zmqglib_socket_receive (router, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, MAX_FRAMES);
}

/* A REP answers, since it could not read on otherwise. */
static void
test_rep (void)
{
  g_autoptr (ZmqSocket) rep = NULL;
  g_autoptr (ZmqSocket) req = NULL;
  g_autoptr (ZmqMessage) request = NULL;
  g_autoptr (ZmqMessage) reply = NULL;
  g_autoptr (GError) error = NULL;

  test_socket_pair (NULL, "tcp", ZMQGLIB_SOCKET_REP, ZMQGLIB_SOCKET_REQ, &rep, &req);
  g_object_set (rep, "max-frames", MAX_FRAMES, "receive-timeout", 200, NULL);
  send_frames (req, "too long", MAX_FRAMES + 1);
  zmqglib_socket_wait (rep, G_IO_IN, -1, NULL, NULL);
  g_assert_null (zmqglib_socket_receive (rep, NULL, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
  g_clear_error (&error);

  reply = zmqglib_socket_receive (req, NULL, &error);
  g_assert_no_error (error);
  assert_message (reply, "", 1);

  send_frames (req, "fits", MAX_FRAMES);
  zmqglib_socket_wait (rep, G_IO_IN, -1, NULL, NULL);
  request = zmqglib_socket_receive (rep, NULL, &error);
  g_assert_no_error (error);
  assert_message (request, "fits", MAX_FRAMES);
  test_send_string (rep, "reply");
  test_receive_string (req, "reply");
}

/* Who does not want to wait gets at once what stands behind some that are passed over. */
static void
test_passed_over_at_once (void)
{
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  g_object_set (pull, "max-frames", 1, NULL);
  for (guint i = 0; i < 100; i++)
    send_frames (push, "too long", 2);
  send_frames (push, "first", 1);

  message = zmqglib_socket_try_receive (pull, &error);
  g_assert_no_error (error);
  assert_message (message, "first", 1);
}

/* A peer that sends nothing else does not keep one who does not want to wait. */
static void
test_flood (void)
{
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (GError) error = NULL;

  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  g_object_set (pull, "max-frames", 1, NULL);
  for (guint i = 0; i < 1500; i++)
    send_frames (push, "too long", 2);

  g_assert_null (zmqglib_socket_try_receive (pull, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
  g_assert_cmpint (zmqglib_socket_get_condition (pull) & G_IO_IN, ==, G_IO_IN);
}

typedef struct
{
  GPtrArray *received;
  guint      n_rejected;
  guint      n_closed_at;
} Heard;

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  g_ptr_array_add (((Heard *) data)->received, zmqglib_message_ref (message));
}

static void
on_rejected (ZmqStream    *stream,
             const GError *error,
             gpointer      data)
{
  Heard *heard = data;

  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_MESSAGE_TOO_LARGE);
  g_assert_nonnull (strstr (error->message, "3"));
  g_assert_nonnull (strstr (error->message, "pull"));
  if (++heard->n_rejected == heard->n_closed_at)
    zmqglib_stream_close (stream);
}

static gboolean
has_received (gpointer data)
{
  return ((Heard *) data)->received->len > 0;
}

/* A stream says what was dropped, in order, and goes on. */
static void
test_stream (void)
{
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  Heard heard = { g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_message_unref), 0, 0 };

  test_socket_pair (NULL, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  g_object_set (pull, "max-frames", MAX_FRAMES, NULL);
  stream = zmqglib_stream_new (pull);
  g_signal_connect (stream, "received", G_CALLBACK (on_received), &heard);
  g_signal_connect (stream, "rejected", G_CALLBACK (on_rejected), &heard);

  send_frames (push, "too long", 4);
  send_frames (push, "too long", 20000);
  send_frames (push, "fits", 3);
  test_iterate_until (NULL, has_received, &heard);
  assert_message (heard.received->pdata[0], "fits", 3);
  g_assert_cmpuint (heard.n_rejected, ==, 2);

  /* also where it is flushed, which counts them */
  send_frames (push, "too long", 20000);
  send_frames (push, "fits", 1);
  zmqglib_socket_wait (pull, G_IO_IN, -1, NULL, NULL);
  while (heard.received->len < 2)
    zmqglib_stream_flush (stream, G_IO_IN, 1);
  g_assert_cmpuint (heard.n_rejected, ==, 3);
  g_ptr_array_unref (heard.received);
}

static gboolean
is_closed (gpointer data)
{
  return zmqglib_stream_is_closed (data);
}

/* A handler may do anything. */
static void
test_closed_in_handler (void)
{
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  Heard heard = { g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_message_unref), 0, 1 };

  test_socket_pair (NULL, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  g_object_set (pull, "max-frames", MAX_FRAMES, NULL);
  stream = zmqglib_stream_new (pull);
  g_signal_connect (stream, "received", G_CALLBACK (on_received), &heard);
  g_signal_connect (stream, "rejected", G_CALLBACK (on_rejected), &heard);
  send_frames (push, "too long", 4);
  send_frames (push, "too long", 4);
  test_iterate_until (NULL, is_closed, stream);
  g_assert_cmpuint (heard.n_rejected, ==, 1);
  g_ptr_array_unref (heard.received);
}

/* A timer that measures how long the loop does nothing else. */
typedef struct
{
  gint64 last;
  gint64 longest;
} Lateness;

static gboolean
on_tick (gpointer data)
{
  Lateness    *self = data;
  const gint64 now = g_get_monotonic_time ();

  if (self->last > 0)
    self->longest = MAX (self->longest, now - self->last);
  self->last = now;

  return G_SOURCE_CONTINUE;
}

/* A message of a million frames arrives whole, and in between others have their turn. */
static void
test_million (gconstpointer data)
{
  const gboolean is_async = GPOINTER_TO_INT (data);
  const guint    n_frames = test_is_slow_tool () ? 50000 : 1000000;
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (ZmqMessage) message = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  Heard    heard = { g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_message_unref), 0, 0 };
  Lateness lateness = { 0, 0 };
  guint    n_turns = 0;
  guint    timer;

  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  send_frames (push, "first", n_frames);

  timer = g_idle_add_full (G_PRIORITY_DEFAULT, on_tick, &lateness, NULL);
  if (is_async)
    zmqglib_socket_receive_async (pull, G_PRIORITY_DEFAULT, NULL, test_keep_result, &result);
  else
    {
      stream = zmqglib_stream_new (pull);
      g_signal_connect (stream, "received", G_CALLBACK (on_received), &heard);
    }

  while (result == NULL && heard.received->len == 0)
    {
      g_main_context_iteration (NULL, TRUE);
      n_turns++;
    }
  g_source_remove (timer);

  message = is_async ? zmqglib_socket_receive_finish (pull, result, NULL) : zmqglib_message_ref (heard.received->pdata[0]);
  assert_message (message, "first", n_frames);
  g_assert_cmpuint (n_turns, >, n_frames / 50000);
  g_test_message ("%u turns, the longest %" G_GINT64_FORMAT " µs", n_turns, lateness.longest);
  g_ptr_array_unref (heard.received);
}

/* Whoever reads next goes on with a message that is half read, also when the one before listens no more. */
static void
test_handed_over (void)
{
  const guint n_frames = 100000;
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  Heard heard = { g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_message_unref), 0, 0 };

  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);

  for (Way way = 0; way < N_WAYS; way++)
    {
      g_autoptr (ZmqMessage) message = NULL;

      send_frames (push, "long", n_frames);
      send_frames (push, "next", 1);
      g_clear_object (&result);
      zmqglib_socket_receive_async (pull, G_PRIORITY_DEFAULT, cancellable, test_keep_result, &result);
      g_main_context_iteration (NULL, FALSE);
      g_cancellable_cancel (cancellable);
      test_iterate_until (NULL, test_is_set, &result);
      g_assert_null (zmqglib_socket_receive_finish (pull, result, NULL));
      g_cancellable_reset (cancellable);

      message = receive (pull, way);
      assert_message (message, "long", n_frames);
      g_clear_pointer (&message, zmqglib_message_unref);
      message = receive (pull, way);
      assert_message (message, "next", 1);
    }

  /* a stream, too */
  send_frames (push, "long", n_frames);
  g_clear_object (&result);
  zmqglib_socket_receive_async (pull, G_PRIORITY_DEFAULT, cancellable, test_keep_result, &result);
  g_main_context_iteration (NULL, FALSE);
  g_cancellable_cancel (cancellable);
  test_iterate_until (NULL, test_is_set, &result);
  stream = zmqglib_stream_new (pull);
  g_signal_connect (stream, "received", G_CALLBACK (on_received), &heard);
  test_iterate_until (NULL, has_received, &heard);
  assert_message (heard.received->pdata[0], "long", n_frames);
  g_ptr_array_unref (heard.received);
}

/* Nobody may want the rest. */
static void
test_dropped_half_read (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (ZmqSocket) pull = NULL;
      g_autoptr (ZmqSocket) push = NULL;
      g_autoptr (GAsyncResult) result = NULL;

      test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
      if (i == 1)
        g_object_set (pull, "max-frames", 10, NULL);
      send_frames (push, "long", 100000);
      zmqglib_socket_receive_async (pull, G_PRIORITY_DEFAULT, NULL, test_keep_result, &result);
      g_main_context_iteration (NULL, FALSE);
      zmqglib_socket_close (pull);
      test_iterate_until (NULL, test_is_set, &result);
      g_assert_null (zmqglib_socket_receive_finish (pull, result, NULL));
    }
}

#define N_READ_FRAMES 10000 /* more than are read at once */

static void
on_freed (gpointer data)
{
  gboolean *is_freed = data;

  g_atomic_int_set (is_freed, TRUE);
}

static void
send_watched (ZmqSocket *push,
              gboolean  *is_freed)
{
  static const char contents[100000];
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (contents, sizeof contents, on_freed, is_freed);
  g_autoptr (GError) error = NULL;

  zmqglib_message_append_bytes (message, bytes);
  for (guint i = 0; i < N_READ_FRAMES; i++)
    zmqglib_message_append_string (message, "x");
  zmqglib_socket_send (push, message, NULL, &error);
  g_assert_no_error (error);
}

/* Of a message that turns out to be too long when much of it was read, nothing is kept. */
static void
test_dropped_wholly (void)
{
  for (Way way = 0; way < N_WAYS; way++)
    {
      g_autoptr (ZmqSocket) pull = NULL;
      g_autoptr (ZmqSocket) push = NULL;
      g_autoptr (ZmqMessage) message = NULL;
      gboolean is_freed = FALSE;

      test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
      g_object_set (pull, "max-frames", N_READ_FRAMES, NULL);
      send_watched (push, &is_freed);
      g_assert_false (g_atomic_int_get (&is_freed));
      send_frames (push, "next", 1);
      message = receive (pull, way);
      assert_message (message, "next", 1);
      g_assert_true (g_atomic_int_get (&is_freed));
    }
}

static void
count (guint *n_notified)
{
  (*n_notified)++;
}

static void
test_property (void)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_auto (GValue) value = G_VALUE_INIT;
  g_autoptr (GError) error = NULL;
  guint n_notified = 0;
  guint max_frames;

  g_object_get (socket, "max-frames", &max_frames, NULL);
  g_assert_cmpuint (max_frames, ==, 0);
  g_signal_connect_swapped (socket, "notify::max-frames", G_CALLBACK (count), &n_notified);
  g_object_set (socket, "max-frames", 7, NULL);
  g_object_set (socket, "max-frames", 7, NULL);
  g_assert_cmpuint (n_notified, ==, 1);

  g_value_init (&value, G_TYPE_UINT);
  zmqglib_socket_set_option (socket, "max-frames", &value, &error);
  g_assert_no_error (error);
  g_object_get (socket, "max-frames", &max_frames, NULL);
  g_assert_cmpuint (max_frames, ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/max-frames/passed-over/inproc", "inproc", test_passed_over);
  g_test_add_data_func ("/max-frames/passed-over/tcp", "tcp", test_passed_over);
  g_test_add_func ("/max-frames/passed-over/at-once", test_passed_over_at_once);
  g_test_add_func ("/max-frames/routing-id", test_routing_id);
  g_test_add_func ("/max-frames/rep", test_rep);
  g_test_add_func ("/max-frames/flood", test_flood);
  g_test_add_func ("/max-frames/stream", test_stream);
  g_test_add_func ("/max-frames/closed-in-handler", test_closed_in_handler);
  g_test_add_data_func ("/max-frames/million/stream", GINT_TO_POINTER (FALSE), test_million);
  g_test_add_data_func ("/max-frames/million/async", GINT_TO_POINTER (TRUE), test_million);
  g_test_add_func ("/max-frames/handed-over", test_handed_over);
  g_test_add_func ("/max-frames/dropped-half-read", test_dropped_half_read);
  g_test_add_func ("/max-frames/dropped-wholly", test_dropped_wholly);
  g_test_add_func ("/max-frames/property", test_property);

  return g_test_run ();
}

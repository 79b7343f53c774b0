/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-life-util.h"

/* What is left of a main context, a stream, a tracker or an operation goes, in whatever thread, without a
 * loop, and says what it has to say where somebody listens. */

/* A closed stream goes in one thread, its main context in another. */
typedef struct
{
  ZmqStream *streams[2];
  gint      *n_ready; /* atomic */
} Dropper;

static gpointer
drop_streams (gpointer data)
{
  Dropper *self = data;

  g_atomic_int_inc (self->n_ready);
  while (g_atomic_int_get (self->n_ready) % 2 != 0)
    ;
  for (guint i = 0; i < G_N_ELEMENTS (self->streams); i++)
    g_clear_object (&self->streams[i]);

  return NULL;
}

static ZmqStream *
closed_stream_new (ZmqContext *context,
                   gboolean    limited)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  ZmqStream *stream = zmqglib_stream_new (socket);

  if (limited)
    for (guint i = 0; i < 10; i++)
      {
        g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");

        g_assert_true (zmqglib_stream_send_full (stream, message, G_USEC_PER_SEC, NULL, NULL));
      }
  zmqglib_stream_close (stream);

  return stream;
}

#define N_ROUNDS 200

static void
test_closed_and_context (gconstpointer data)
{
  gboolean limited = GPOINTER_TO_INT (data);
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  guint n_rounds = test_is_slow_tool () ? N_ROUNDS / 10 : N_ROUNDS;

  for (guint i = 0; i < n_rounds; i++)
    {
      GMainContext *main_context = g_main_context_new ();
      gint          n_ready = 0;
      Dropper       dropper = { { NULL }, &n_ready };
      GThread      *thread;

      g_main_context_push_thread_default (main_context);
      for (guint k = 0; k < G_N_ELEMENTS (dropper.streams); k++)
        dropper.streams[k] = closed_stream_new (context, limited);
      while (i % 2 == 0 && g_main_context_iteration (main_context, FALSE))
        ;
      g_main_context_pop_thread_default (main_context);

      thread = g_thread_new ("dropper", drop_streams, &dropper);
      while (g_atomic_int_get (&n_ready) == 0)
        ;
      g_atomic_int_inc (&n_ready);
      g_main_context_unref (main_context);
      g_thread_join (thread);
    }
  life_terminate (context);
}

/* Closed streams that have lost their main context, with messages that may have waited for longer. */
static void
test_lost_context (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  guint n_rounds = test_is_slow_tool () ? N_ROUNDS / 20 : N_ROUNDS / 2;

  for (guint i = 0; i < n_rounds; i++)
    {
      g_autoptr (GMainContext) main_context = g_main_context_new ();
      gint     n_ready = 0;
      Dropper  one = { { NULL }, &n_ready };
      Dropper  two = one;
      GThread *threads[2];

      g_main_context_push_thread_default (main_context);
      for (guint k = 0; k < G_N_ELEMENTS (one.streams); k++)
        {
          one.streams[k] = closed_stream_new (context, TRUE);
          two.streams[k] = closed_stream_new (context, TRUE);
        }
      g_main_context_pop_thread_default (main_context);
      g_clear_pointer (&main_context, g_main_context_unref);

      threads[0] = g_thread_new ("one", drop_streams, &one);
      threads[1] = g_thread_new ("two", drop_streams, &two);
      g_thread_join (threads[0]);
      g_thread_join (threads[1]);
    }
  life_terminate (context);
}

/* A program without a loop waits for trackers. */
static void
test_tracker_without_loop (void)
{
  gint n_alive = 0;

  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
      g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
      g_autoptr (GError) error = NULL;

      life_count (tracker, &n_alive);
      g_clear_pointer (&message, zmqglib_message_unref);
      g_assert_true (zmqglib_tracker_wait (tracker, -1, NULL, &error));
      g_assert_no_error (error);
    }

  g_assert_cmpint (n_alive, ==, 0);
}

/* Who waits for a tracker does not take it from those who listen. */
static void
on_done (ZmqTracker *tracker,
         GParamSpec *pspec,
         gpointer    data)
{
  guint *n_told = data;

  (*n_told)++;
}

static void
test_tracker_with_handler (void)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
  guint n_told = 0;

  g_signal_connect (tracker, "notify::done", G_CALLBACK (on_done), &n_told);
  g_clear_pointer (&message, zmqglib_message_unref);
  g_assert_true (zmqglib_tracker_wait (tracker, -1, NULL, NULL));
  g_assert_cmpuint (n_told, ==, 0);
  life_until (NULL, n_told == 1);
}

/* A stream that somebody has heard of by a property alone says so, too, before it goes. */
static void
test_closed_heard_by_property (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  ZmqStream *stream = closed_stream_new (context, FALSE);
  guint      n_told = 0;

  g_signal_connect (stream, "notify::open", G_CALLBACK (on_done), &n_told);
  g_object_unref (stream);
  life_settle (NULL);
  g_assert_cmpuint (n_told, ==, 0);

  {
    g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);

    stream = zmqglib_stream_new (socket);
  }
  g_signal_connect (stream, "notify::open", G_CALLBACK (on_done), &n_told);
  zmqglib_stream_close (stream);
  g_object_unref (stream);
  life_until (NULL, n_told == 1);
  life_terminate (context);
}

/* What was cancelled was cancelled, also when the cancellable is used anew. */
static void
on_cancelled (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  guint *n_told = data;
  g_autoptr (GError) error = NULL;

  if (ZMQGLIB_IS_TRACKER (source))
    g_assert_false (zmqglib_tracker_wait_finish (ZMQGLIB_TRACKER (source), result, &error));
  else if (ZMQGLIB_IS_STREAM (source))
    g_assert_false (zmqglib_stream_drain_finish (ZMQGLIB_STREAM (source), result, &error));
  else
    g_assert_null (zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (source), result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  (*n_told)++;
}

static void
test_cancelled_and_reset (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) push = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (push);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  guint n_told = 0;

  g_assert_true (zmqglib_stream_send (stream, message, NULL));
  zmqglib_stream_drain_async (stream, cancellable, on_cancelled, &n_told);
  zmqglib_tracker_wait_async (tracker, cancellable, on_cancelled, &n_told);
  zmqglib_socket_receive_async (pull, G_PRIORITY_DEFAULT, cancellable, on_cancelled, &n_told);
  life_settle (NULL);
  g_cancellable_cancel (cancellable);
  g_cancellable_reset (cancellable);
  life_until (NULL, n_told == 3);
}

/* Nobody else's thread handles anything. */
static void
flush_elsewhere (gpointer stream)
{
  g_assert_cmpuint (zmqglib_stream_flush (stream, G_IO_IN | G_IO_OUT, 0), ==, 0);
  g_assert_cmpuint (zmqglib_stream_discard (stream), ==, 0);
}

static void
test_flush_elsewhere (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) push = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (push);

  g_assert_true (zmqglib_stream_send_string (stream, "x", NULL));
  life_elsewhere (flush_elsewhere, stream);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (stream), ==, 1);
  g_assert_cmpuint (zmqglib_stream_discard (stream), ==, 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/life/dropped/closed-and-context", GINT_TO_POINTER (FALSE), test_closed_and_context);
  g_test_add_data_func ("/life/dropped/closed-and-context-limited", GINT_TO_POINTER (TRUE), test_closed_and_context);
  g_test_add_func ("/life/dropped/lost-context", test_lost_context);
  g_test_add_func ("/life/dropped/tracker-without-loop", test_tracker_without_loop);
  g_test_add_func ("/life/dropped/tracker-with-handler", test_tracker_with_handler);
  g_test_add_func ("/life/dropped/closed-heard-by-property", test_closed_heard_by_property);
  g_test_add_func ("/life/dropped/cancelled-and-reset", test_cancelled_and_reset);
  g_test_add_func ("/life/dropped/flush-elsewhere", test_flush_elsewhere);

  return g_test_run ();
}

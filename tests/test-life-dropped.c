/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <zmq.h>

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

/* Sources go while their main context is looking at them. */
static gboolean
on_idle (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
on_source_ready (ZmqSocket   *socket,
                 GIOCondition condition,
                 gpointer     data)
{
  return G_SOURCE_CONTINUE;
}

static void
on_polled (ZmqPoller   *poller,
           ZmqSocket   *socket,
           int          fd,
           GIOCondition condition,
           gpointer     data)
{
}

static GSource *
socket_source_new (ZmqContext   *context,
                   GCancellable *cancellable,
                   gint         *n_alive)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  GSource *source = zmqglib_socket_create_source (socket, G_IO_IN, cancellable);

  life_count (socket, n_alive);
  g_source_set_callback (source, G_SOURCE_FUNC (on_source_ready), NULL, NULL);

  return source;
}

static GSource *
poller_source_new (ZmqContext *context,
                   gint       *n_alive)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();

  life_count (poller, n_alive);
  g_assert_true (zmqglib_poller_add_socket (poller, socket, G_IO_IN, on_polled, NULL, NULL, NULL));

  return zmqglib_poller_create_source (poller);
}

static void
test_source_under_loop (gconstpointer data)
{
  gboolean is_poller = GPOINTER_TO_INT (data);
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (GSource) idle = g_idle_source_new ();
  guint    n_rounds = test_is_slow_tool () ? 200 : 10000;
  gint     n_alive = 0;
  LifeLoop loop;

  g_source_set_callback (idle, on_idle, NULL, NULL);
  g_source_attach (idle, main_context);
  life_loop_start (&loop, main_context);
  for (guint i = 0; i < n_rounds; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      GSource *source = is_poller ? poller_source_new (context, &n_alive)
                                  : socket_source_new (context, cancellable, &n_alive);

      g_source_attach (source, main_context);
      if (i % 2 == 0)
        g_thread_yield ();
      if (i % 3 == 0)
        g_cancellable_cancel (cancellable);
      g_source_destroy (source);
      g_source_unref (source);
      /* libzmq closes them later, and there is a limit to how many may be open */
      if (i % 100 == 0)
        life_poll_until (NULL, g_atomic_int_get (&n_alive) == 0);
    }
  life_poll_until (NULL, g_atomic_int_get (&n_alive) == 0);
  g_source_destroy (idle);
  life_loop_stop (&loop);
  life_terminate (context);
}

/* A socket is closed while the loop of another thread is receiving from it, in the middle of a call of libzmq. */
static gint n_inside;      /* atomic; that are in such calls */
static gint n_closed_then; /* atomic */

/* These stand before libzmq's own. */
int
zmq_msg_recv (zmq_msg_t *msg,
              void      *socket,
              int        flags)
{
  static gsize next;
  int          result;

  if (g_once_init_enter (&next))
    g_once_init_leave (&next, (gsize) dlsym (RTLD_NEXT, "zmq_msg_recv"));

  g_atomic_int_inc (&n_inside);
  g_thread_yield ();
  result = ((int (*) (zmq_msg_t *, void *, int)) next) (msg, socket, flags);
  g_atomic_int_add (&n_inside, -1);

  return result;
}

int
zmq_close (void *socket)
{
  static gsize next;

  if (g_once_init_enter (&next))
    g_once_init_leave (&next, (gsize) dlsym (RTLD_NEXT, "zmq_close"));

  if (g_atomic_int_get (&n_inside) > 0)
    g_atomic_int_inc (&n_closed_then);

  return ((int (*) (void *)) next) (socket);
}

typedef struct
{
  ZmqSocket *pull;
  ZmqSocket *push;
  ZmqStream *stream;
  gint       n_closed; /* atomic */
} Receiving;

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
}

static void
on_closed_by_other (ZmqStream    *stream,
                    const GError *error,
                    gpointer      data)
{
  Receiving *self = data;

  g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_CLOSED);
  g_atomic_int_inc (&self->n_closed);
}

static void
begin_receiving (gpointer data)
{
  Receiving *self = data;

  self->stream = zmqglib_stream_new (self->pull);
  g_signal_connect (self->stream, "received", G_CALLBACK (on_received), self);
  g_signal_connect (self->stream, "closed", G_CALLBACK (on_closed_by_other), self);
}

static void
test_closed_under_loop (void)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  guint    n_rounds = test_is_slow_tool () ? 50 : 500;
  LifeLoop loop;

  life_loop_start (&loop, main_context);
  for (guint i = 0; i < n_rounds; i++)
    {
      Receiving receiving = { NULL };

      test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &receiving.pull, &receiving.push);
      life_loop_call (&loop, begin_receiving, &receiving);
      for (guint k = 0; k < 1000 + i; k++)
        test_send_string (receiving.push, "x");
      zmqglib_socket_close (receiving.pull);
      life_loop_until (&loop, g_atomic_int_get (&receiving.n_closed) == 1);
      g_assert_cmpint (n_closed_then, ==, 0);
      g_object_unref (receiving.stream);
      g_object_unref (receiving.pull);
      g_object_unref (receiving.push);
    }
  life_loop_stop (&loop);
  life_terminate (context);
}

/* Where nobody runs the loop, a socket is closed at once by whichever thread. */
static void
close_elsewhere (gpointer socket)
{
  zmqglib_socket_close (socket);
}

static void
test_closed_without_loop (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (GMainContext) nobodys = g_main_context_new ();
  g_autoptr (ZmqSocket) one = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqStream) stream G_GNUC_UNUSED = zmqglib_stream_new (one);
  g_autofree char             *endpoint = test_bind (one, "inproc");
  g_autoptr (ZmqSocket) other = test_socket_new (context, ZMQGLIB_SOCKET_PULL);

  life_elsewhere (close_elsewhere, one);
  /* a thread of libzmq gives the name free; the stream's main context is not iterated */
  life_poll_until (nobodys, zmqglib_socket_bind (other, endpoint, NULL));
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
  g_test_add_data_func ("/life/dropped/source-under-loop/socket", GINT_TO_POINTER (FALSE), test_source_under_loop);
  g_test_add_data_func ("/life/dropped/source-under-loop/poller", GINT_TO_POINTER (TRUE), test_source_under_loop);
  g_test_add_func ("/life/dropped/closed-under-loop", test_closed_under_loop);
  g_test_add_func ("/life/dropped/closed-without-loop", test_closed_without_loop);

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Whether a window still paints while a list view shows a feed of 100,000 topics at full speed, and scrolls through them. Sides:
 * latest, an item a topic; log, an item a message. To be run under xvfb-run, or on a desktop for the eye. */

#include <gtk/gtk.h>

#include <stdlib.h>

#include "bench.h"

#define DURATION_US (3 * G_TIME_SPAN_SECOND)
#define N_TOPICS    100000
#define WIDTH       480
#define HEIGHT      640

#define EXIT_SKIP 77

typedef struct
{
  Bench          bench;
  GMainLoop     *loop;
  ZmqFeed       *feed;
  GtkAdjustment *adjustment;
  void          *context; /* of the publisher */
  char          *endpoint;
  guint64        n_messages;
  guint64        n_before;
  gint64         started_us;
  gint64         last_frame_us;
  gint64         longest_us;
  guint          n_frames;
} Viewing;

/* As fast as it can, until its context ends. */
static gpointer
publish (gpointer data)
{
  Viewing  *self = data;
  void     *socket = zmq_socket (self->context, ZMQ_PUSH);
  const int none = 0;
  char      topic[32];
  char      text[64];

  /* nobody reads on when the time is over */
  zmq_setsockopt (socket, ZMQ_LINGER, &none, sizeof none);
  bench_check (zmq_connect (socket, self->endpoint));
  for (guint64 i = 0;; i++)
    {
      int topic_size = g_snprintf (topic, sizeof topic, "topic %06u", (guint) (i % N_TOPICS));
      int text_size = g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT, i);

      if (zmq_send (socket, topic, topic_size, ZMQ_SNDMORE) < 0 || zmq_send (socket, text, text_size, 0) < 0)
        break;
    }
  zmq_close (socket);

  return NULL;
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  ((Viewing *) data)->n_messages++;
}

static void
on_setup (GtkSignalListItemFactory *factory,
          GtkListItem              *list_item)
{
  gtk_list_item_set_child (list_item, gtk_label_new (NULL));
}

static void
show_item (ZmqFeedItem *item,
           GParamSpec  *pspec,
           GtkLabel    *label)
{
  g_autofree char *value = zmqglib_message_get_string (zmqglib_feed_item_get_message (item), 1, NULL);
  g_autofree char *text = g_strconcat (zmqglib_feed_item_get_topic (item), ": ", value, NULL);

  gtk_label_set_text (label, text);
}

static void
on_bind (GtkSignalListItemFactory *factory,
         GtkListItem              *list_item)
{
  ZmqFeedItem *item = gtk_list_item_get_item (list_item);
  GtkWidget   *label = gtk_list_item_get_child (list_item);

  g_signal_connect (item, "notify::message", G_CALLBACK (show_item), label);
  show_item (item, NULL, GTK_LABEL (label));
}

static void
on_unbind (GtkSignalListItemFactory *factory,
           GtkListItem              *list_item)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (list_item), show_item, gtk_list_item_get_child (list_item));
}

static gboolean
is_full (Viewing *self)
{
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (self->feed));

  return n_items >= (zmqglib_feed_get_mode (self->feed) == ZMQGLIB_FEED_MODE_LATEST ? N_TOPICS : zmqglib_feed_get_max_items (self->feed));
}

static void
count_frame (Viewing *self,
             gint64   now)
{
  if (self->started_us == 0)
    {
      self->started_us = self->last_frame_us = now;
      self->n_before = self->n_messages;
      return;
    }

  self->n_frames++;
  self->longest_us = MAX (self->longest_us, now - self->last_frame_us);
  self->last_frame_us = now;
  if (now - self->started_us >= DURATION_US)
    g_main_loop_quit (self->loop);
}

/* Scrolls a screenful in a third of a second. */
static gboolean
on_tick (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       data)
{
  Viewing *self = data;
  double   value = gtk_adjustment_get_value (self->adjustment) + HEIGHT / 20.0;

  if (value > gtk_adjustment_get_upper (self->adjustment) - HEIGHT)
    value = 0;
  gtk_adjustment_set_value (self->adjustment, value);
  gtk_widget_queue_draw (widget);
  if (self->started_us != 0 || is_full (self))
    count_frame (self, g_get_monotonic_time ());

  return G_SOURCE_CONTINUE;
}

static GtkWidget *
new_window (Viewing *self)
{
  GtkWidget          *window = gtk_window_new ();
  GtkWidget          *scrolled = gtk_scrolled_window_new ();
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkNoSelection     *selection = gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->feed)));
  GtkWidget          *view = gtk_list_view_new (GTK_SELECTION_MODEL (selection), factory);

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), NULL);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);
  self->adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  gtk_widget_add_tick_callback (scrolled, on_tick, self, NULL);
  gtk_window_set_child (GTK_WINDOW (window), scrolled);
  gtk_window_set_default_size (GTK_WINDOW (window), WIDTH, HEIGHT);

  return window;
}

static void
print_figures (Viewing *self)
{
  double seconds = (self->last_frame_us - self->started_us) / (double) G_TIME_SPAN_SECOND;

  bench_print ("frames_per_second", self->n_frames / seconds, "longest_frame_ms",
               self->longest_us / (double) G_TIME_SPAN_MILLISECOND, "messages_per_second",
               (self->n_messages - self->n_before) / seconds, NULL);
}

int
main (int   argc,
      char *argv[])
{
  static const char *const sides[] = { "latest", "log", NULL };
  Viewing                  viewing = { 0 };
  ZmqSocket               *socket;
  ZmqStream               *stream;
  GtkWidget               *window;
  GThread                 *publisher;

  /* the same drawing everywhere, and nobody to be told about it */
  g_setenv ("GSK_RENDERER", "cairo", FALSE);
  g_setenv ("GTK_A11Y", "none", FALSE);

  if (!gtk_init_check ())
    {
      g_printerr ("There is no display: run it under xvfb-run -a\n");
      return EXIT_SKIP;
    }

  viewing.bench.transport = NULL;
  bench_init (&viewing.bench, argc, argv, sides);
  viewing.loop = g_main_loop_new (NULL, FALSE);
  socket = bench_bind (&viewing.bench, ZMQGLIB_SOCKET_PULL, &viewing.endpoint);
  stream = zmqglib_stream_new (socket);
  g_signal_connect (stream, "received", G_CALLBACK (on_received), &viewing);
  viewing.feed = zmqglib_feed_new (stream);
  if (g_str_equal (viewing.bench.side, "latest"))
    zmqglib_feed_set_mode (viewing.feed, ZMQGLIB_FEED_MODE_LATEST);
  window = new_window (&viewing);
  gtk_window_present (GTK_WINDOW (window));

  viewing.context = zmq_ctx_new ();
  publisher = g_thread_new ("publisher", publish, &viewing);
  g_main_loop_run (viewing.loop);
  print_figures (&viewing);

  zmq_ctx_shutdown (viewing.context);
  g_thread_join (publisher);
  zmq_ctx_destroy (viewing.context);
  gtk_window_destroy (GTK_WINDOW (window));
  g_object_unref (viewing.feed);
  zmqglib_stream_close (stream);
  g_object_unref (stream);
  g_object_unref (socket);
  g_free (viewing.endpoint);
  g_main_loop_unref (viewing.loop);
  bench_clear (&viewing.bench);

  return EXIT_SUCCESS;
}

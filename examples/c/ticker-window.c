/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A window that shows a live ticker. While it is paused the stream's handler is blocked: the ticks
 * wait in ZeroMQ's queue, and come, all of them, when the window goes on.
 *
 * The ticks are published by the program itself, or at the endpoint that is its argument. */

#include <gtk/gtk.h>
#include <stdlib.h>

#include <zmqglib/zmqglib.h>

#define N_LATEST 5

static gboolean demo = FALSE;
static char    *screenshot = NULL;
static char   **endpoints = NULL;

static const GOptionEntry options[] = {
  { "demo", 0, 0, G_OPTION_ARG_NONE, &demo, "Show eight ticks with a pause, and end", NULL },
  { "screenshot", 0, 0, G_OPTION_ARG_FILENAME, &screenshot, "Save a picture, and end", "FILE" },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &endpoints, NULL, "[ENDPOINT]" },
  { NULL }
};

typedef struct
{
  GtkWidget *window;
  GtkWidget *toggle;
  GtkWidget *last;
  GtkWidget *latest;
  GtkWidget *status;
  ZmqStream *publisher; /* NULL when the ticks come from elsewhere */
  ZmqStream *subscriber;
  gulong     handler;
  guint      timer;
  guint      n_published;
  guint      n_received;
  guint      resume_at; /* demo: when so many ticks have been published */
  gboolean   lost;
} Ticker;

static void
check (GError *error)
{
  if (error == NULL)
    return;

  g_printerr ("%s\n", error->message);
  exit (EXIT_FAILURE);
}

static void
update_status (Ticker *self)
{
  g_autofree char *text = NULL;

  if (self->publisher != NULL)
    text = g_strdup_printf ("%u received, %u waiting", self->n_received,
                            self->n_published - self->n_received);
  else
    text = g_strdup_printf ("%u received", self->n_received);
  gtk_label_set_text (GTK_LABEL (self->status), text);
}

static void
on_toggled (GtkToggleButton *toggle,
            gpointer         data)
{
  Ticker  *self = data;
  gboolean paused = gtk_toggle_button_get_active (toggle);

  gtk_button_set_label (GTK_BUTTON (toggle), paused ? "Resume" : "Pause");
  if (paused)
    g_signal_handler_block (self->subscriber, self->handler);
  else
    g_signal_handler_unblock (self->subscriber, self->handler);
  if (demo)
    g_print ("%s\n", paused ? "paused" : "resumed");
}

static gboolean
on_tick_due (gpointer data)
{
  Ticker           *self = data;
  g_autofree char  *number = g_strdup_printf ("%u", ++self->n_published);
  const char *const frames[] = { "tick", number, NULL };
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (frames);
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send (self->publisher, message, &error);
  check (error);
  update_status (self);
  if (self->n_published == self->resume_at)
    g_signal_emit_by_name (self->toggle, "clicked");

  return G_SOURCE_CONTINUE;
}

/* An XPUB socket tells when somebody has subscribed. */
static void
on_subscription (ZmqStream  *stream,
                 ZmqMessage *message,
                 gpointer    data)
{
  Ticker       *self = data;
  gsize         size;
  const guint8 *content = zmqglib_message_peek_frame (message, 0, &size);

  if (self->timer == 0 && size > 0 && content[0] == 1)
    self->timer = g_timeout_add (100, on_tick_due, self);
}

/* Once a frame has been painted, when the window has a picture that is complete. */
static void
save_screenshot (GdkFrameClock *clock,
                 gpointer       data)
{
  Ticker *self = data;
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (self->window);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  gdk_paintable_snapshot (paintable, snapshot, gdk_paintable_get_intrinsic_width (paintable),
                          gdk_paintable_get_intrinsic_height (paintable));
  node = gtk_snapshot_to_node (snapshot);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (self->window)),
                                         node, NULL);
  if (!gdk_texture_save_to_png (texture, screenshot))
    g_printerr ("Could not write %s\n", screenshot);

  g_signal_handlers_disconnect_by_func (clock, save_screenshot, self);
  g_idle_add_once ((GSourceOnceFunc) gtk_window_destroy, self->window);
}

static void
show_tick (Ticker     *self,
           const char *number)
{
  GtkListBox *latest = GTK_LIST_BOX (self->latest);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%T");
  g_autofree char *text = g_strdup_printf ("tick %s at %s", number, time);
  GtkListBoxRow   *oldest;

  gtk_label_set_text (GTK_LABEL (self->last), number);
  gtk_list_box_prepend (latest, gtk_label_new (text));
  oldest = gtk_list_box_get_row_at_index (latest, N_LATEST);
  if (oldest != NULL)
    gtk_list_box_remove (latest, GTK_WIDGET (oldest));
  update_status (self);
}

static void
on_tick (ZmqStream  *stream,
         ZmqMessage *message,
         gpointer    data)
{
  Ticker *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *number = zmqglib_message_get_string (message, 1, &error);

  check (error);
  self->n_received++;
  if (self->publisher != NULL && (guint) atoi (number) != self->n_received)
    self->lost = TRUE;
  show_tick (self, number);

  if (demo)
    g_print ("tick %s\n", gtk_label_get_text (GTK_LABEL (self->last)));
  if (demo && self->n_received == 3)
    {
      self->resume_at = self->n_published + 5;
      g_signal_emit_by_name (self->toggle, "clicked");
    }
  if (demo && self->n_received == 8)
    gtk_window_destroy (GTK_WINDOW (self->window));
  else if (screenshot != NULL && self->n_received == 12)
    g_signal_connect (gtk_widget_get_frame_clock (self->window), "after-paint",
                      G_CALLBACK (save_screenshot), self);
}

static ZmqStream *
make_stream (ZmqSocketType type,
             const char   *endpoint)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, type, &error);

  check (error);
  g_object_set (socket, "linger", 0, NULL);
  if (type == ZMQGLIB_SOCKET_XPUB)
    zmqglib_socket_bind (socket, endpoint, &error);
  else if (zmqglib_socket_subscribe (socket, "tick", &error))
    zmqglib_socket_connect_to (socket, endpoint, &error);
  check (error);

  return zmqglib_stream_new (socket);
}

static void
start_streams (Ticker *self)
{
  g_autofree char *endpoint = NULL;

  if (endpoints != NULL)
    endpoint = g_strdup (endpoints[0]);
  else
    {
      self->publisher = make_stream (ZMQGLIB_SOCKET_XPUB, "tcp://127.0.0.1:*");
      g_signal_connect (self->publisher, "received", G_CALLBACK (on_subscription), self);
      g_object_get (zmqglib_stream_get_socket (self->publisher), "last-endpoint", &endpoint, NULL);
    }
  self->subscriber = make_stream (ZMQGLIB_SOCKET_SUB, endpoint);
  self->handler = g_signal_connect (self->subscriber, "received", G_CALLBACK (on_tick), self);
}

/* Nothing may touch the window once it is gone. */
static void
on_destroy (GtkWidget *window,
            gpointer   data)
{
  Ticker *self = data;

  if (self->timer != 0)
    g_source_remove (self->timer);
  zmqglib_stream_close (self->subscriber);
  if (self->publisher != NULL)
    zmqglib_stream_close (self->publisher);
}

static void
build_window (Ticker         *self,
              GtkApplication *app)
{
  GtkWidget     *header = gtk_header_bar_new ();
  GtkWidget     *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  PangoAttrList *large = pango_attr_list_from_string ("0 -1 scale 5, 0 -1 weight bold");

  self->toggle = gtk_toggle_button_new_with_label ("Pause");
  g_signal_connect (self->toggle, "toggled", G_CALLBACK (on_toggled), self);
  gtk_header_bar_pack_start (GTK_HEADER_BAR (header), self->toggle);

  self->last = gtk_label_new ("–");
  gtk_label_set_attributes (GTK_LABEL (self->last), large);
  pango_attr_list_unref (large);
  self->latest = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->latest), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->latest, "rich-list");
  gtk_widget_add_css_class (self->latest, "frame");
  gtk_widget_set_vexpand (self->latest, TRUE);
  self->status = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->status, "dim-label");

  gtk_box_append (GTK_BOX (box), self->last);
  gtk_box_append (GTK_BOX (box), self->latest);
  gtk_box_append (GTK_BOX (box), self->status);
  gtk_widget_set_margin_top (box, 18);
  gtk_widget_set_margin_bottom (box, 18);
  gtk_widget_set_margin_start (box, 18);
  gtk_widget_set_margin_end (box, 18);

  self->window = gtk_application_window_new (app);
  gtk_window_set_title (GTK_WINDOW (self->window), "Ticker");
  gtk_window_set_default_size (GTK_WINDOW (self->window), 340, 440);
  gtk_window_set_titlebar (GTK_WINDOW (self->window), header);
  gtk_window_set_child (GTK_WINDOW (self->window), box);
  g_signal_connect (self->window, "destroy", G_CALLBACK (on_destroy), self);
}

static void
on_activate (GtkApplication *app,
             gpointer        data)
{
  Ticker *self = data;

  if (demo && endpoints != NULL)
    {
      g_printerr ("The demo publishes its ticks itself\n");
      exit (EXIT_FAILURE);
    }

  build_window (self, app);
  start_streams (self);
  update_status (self);
  gtk_window_present (GTK_WINDOW (self->window));
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GtkApplication) app = gtk_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  Ticker ticker = { 0 };
  int    status;

  g_application_add_main_option_entries (G_APPLICATION (app), options);
  g_signal_connect (app, "activate", G_CALLBACK (on_activate), &ticker);
  status = g_application_run (G_APPLICATION (app), argc, argv);

  g_clear_object (&ticker.subscriber);
  g_clear_object (&ticker.publisher);
  if (demo && status == EXIT_SUCCESS)
    g_print ("%s\n", ticker.lost ? "lost some" : "nothing was lost");

  return ticker.lost ? EXIT_FAILURE : status;
}

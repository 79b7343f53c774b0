/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A window that shows a ticker live, and can pause: the stream’s handler is blocked meanwhile, and what
 * has been published comes when it goes on.
 *
 *   ticker-window [--demo] */

#include <stdlib.h>

#include <gtk/gtk.h>
#include <zmqglib/zmqglib.h>

#define N_DEMO_TICKS 20

typedef struct
{
  GtkApplication *application;
  GtkWidget      *window;
  GtkWidget      *number;
  GtkWidget      *level;
  GtkWidget      *status;
  GtkWidget      *button;
  ZmqStream      *publisher;
  ZmqStream      *subscriber;
  gulong          handler;
  guint           n_published;
  guint           n_shown;
  gboolean        demo;
} TickerWindow;

static gboolean
publish (gpointer data)
{
  TickerWindow     *self = data;
  g_autofree char  *number = g_strdup_printf ("%u", ++self->n_published);
  const char *const frames[] = { "tick", number, NULL };
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (frames);

  return zmqglib_stream_send (self->publisher, message, NULL) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
show_status (TickerWindow *self)
{
  gboolean         paused = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->button));
  g_autofree char *text = g_strdup_printf (paused ? "Paused: %u of %u ticks shown" : "Live: %u of %u ticks shown",
                                           self->n_shown, self->n_published);

  gtk_label_set_text (GTK_LABEL (self->status), text);
}

/* The demonstration pauses after five ticks, resumes when ten are published, and ends after twenty. */
static void
go_on_with_demo (TickerWindow *self)
{
  gboolean paused = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->button));

  if (self->n_shown == 5 && !paused)
    {
      g_print ("paused at %u\n", self->n_shown);
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->button), TRUE);
    }
  else if (paused && self->n_published >= 10)
    {
      g_print ("resumed at %u\n", self->n_shown);
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->button), FALSE);
    }
  else if (self->n_shown == N_DEMO_TICKS)
    {
      g_print ("shown %u\n", self->n_shown);
      g_application_quit (G_APPLICATION (self->application));
    }
}

static gboolean
on_frame (GtkWidget     *widget,
          GdkFrameClock *clock,
          gpointer       data)
{
  TickerWindow *self = data;

  show_status (self);
  if (self->demo)
    go_on_with_demo (self);

  return G_SOURCE_CONTINUE;
}

static void
on_tick (ZmqStream  *stream,
         ZmqMessage *message,
         gpointer    data)
{
  TickerWindow    *self = data;
  g_autofree char *number = zmqglib_message_get_string (message, 1, NULL);

  self->n_shown++;
  gtk_label_set_text (GTK_LABEL (self->number), number);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (self->level), self->n_shown % (N_DEMO_TICKS + 1));
  if (self->demo)
    go_on_with_demo (self);
}

static void
on_toggled (GtkToggleButton *button,
            gpointer         data)
{
  TickerWindow *self = data;
  gboolean      paused = gtk_toggle_button_get_active (button);

  if (paused)
    g_signal_handler_block (self->subscriber, self->handler);
  else
    g_signal_handler_unblock (self->subscriber, self->handler);
  gtk_button_set_label (GTK_BUTTON (button), paused ? "Resume" : "Pause");
}

static GtkWidget *
make_content (TickerWindow *self)
{
  GtkWidget     *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (5.0));
  pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  self->number = gtk_label_new ("–");
  gtk_label_set_attributes (GTK_LABEL (self->number), attributes);
  gtk_widget_set_vexpand (self->number, TRUE);
  pango_attr_list_unref (attributes);

  self->level = gtk_level_bar_new_for_interval (0, N_DEMO_TICKS);
  self->status = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->status, "dim-label");

  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 18);
  gtk_widget_set_margin_start (box, 24);
  gtk_widget_set_margin_end (box, 24);
  gtk_box_append (GTK_BOX (box), self->number);
  gtk_box_append (GTK_BOX (box), self->level);
  gtk_box_append (GTK_BOX (box), self->status);

  return box;
}

static void
on_activate (GApplication *application,
             gpointer      data)
{
  TickerWindow *self = data;
  GtkWidget    *header = gtk_header_bar_new ();

  self->window = gtk_application_window_new (GTK_APPLICATION (application));
  self->button = gtk_toggle_button_new_with_label ("Pause");
  g_signal_connect (self->button, "toggled", G_CALLBACK (on_toggled), self);
  gtk_header_bar_pack_start (GTK_HEADER_BAR (header), self->button);

  gtk_window_set_title (GTK_WINDOW (self->window), "Ticker");
  gtk_window_set_default_size (GTK_WINDOW (self->window), 360, 240);
  gtk_window_set_titlebar (GTK_WINDOW (self->window), header);
  gtk_window_set_child (GTK_WINDOW (self->window), make_content (self));
  gtk_widget_add_tick_callback (self->window, on_frame, self, NULL);
  gtk_window_present (GTK_WINDOW (self->window));

  self->handler = g_signal_connect (self->subscriber, "received", G_CALLBACK (on_tick), self);
}

/* An XPUB socket tells when somebody has subscribed. */
static void
on_subscription (ZmqStream  *stream,
                 ZmqMessage *message,
                 gpointer    data)
{
  g_timeout_add (50, publish, data);
  g_signal_handlers_disconnect_by_func (stream, on_subscription, data);
}

static ZmqStream *
open_stream (ZmqSocketType type,
             const char   *bound_to,
             const char   *connected_to,
             GError      **error)
{
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, type, error);

  if (socket == NULL)
    return NULL;

  g_object_set (socket, "linger", 0, NULL);
  if ((bound_to != NULL && !zmqglib_socket_bind (socket, bound_to, error)) ||
      (connected_to != NULL && (!zmqglib_socket_subscribe (socket, "tick", error) ||
                                !zmqglib_socket_connect_to (socket, connected_to, error))))
    return NULL;

  return zmqglib_stream_new (socket);
}

static gboolean
open_streams (TickerWindow *self,
              GError      **error)
{
  g_autofree char *endpoint = NULL;

  self->publisher = open_stream (ZMQGLIB_SOCKET_XPUB, "tcp://127.0.0.1:*", NULL, error);
  if (self->publisher == NULL)
    return FALSE;

  g_signal_connect (self->publisher, "received", G_CALLBACK (on_subscription), self);
  g_object_get (zmqglib_stream_get_socket (self->publisher), "last-endpoint", &endpoint, NULL);
  self->subscriber = open_stream (ZMQGLIB_SOCKET_SUB, NULL, endpoint, error);

  return self->subscriber != NULL;
}

int
main (int   argc,
      char *argv[])
{
  TickerWindow self = { 0 };
  g_autoptr (GError) error = NULL;
  int status = EXIT_FAILURE;

  const GOptionEntry entries[] = {
    { "demo", 0, 0, G_OPTION_ARG_NONE, &self.demo, "Pause, resume and end", NULL },
    { NULL },
  };

  self.application = gtk_application_new ("org.zmqglib.Ticker", G_APPLICATION_NON_UNIQUE);
  g_application_add_main_option_entries (G_APPLICATION (self.application), entries);
  g_signal_connect (self.application, "activate", G_CALLBACK (on_activate), &self);

  if (open_streams (&self, &error))
    {
      status = g_application_run (G_APPLICATION (self.application), argc, argv);
      zmqglib_stream_close (self.subscriber);
      zmqglib_stream_close (self.publisher);
    }
  else
    g_printerr ("%s\n", error->message);

  g_clear_object (&self.subscriber);
  g_clear_object (&self.publisher);
  g_object_unref (self.application);

  return status;
}

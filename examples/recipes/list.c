/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A list of prices in a window, a row a fruit, however fast the prices come.
 *
 * They are made by the program itself. With --demo it tells what the rows say in the end, and closes the window. */

#include <gtk/gtk.h>
#include <stdlib.h>

#include <zmqglib/zmqglib.h>

#define N_PRICES 3000

static const char *const fruits[] = { "apple", "banana", "cherry" };

static gboolean demo = FALSE;

static const GOptionEntry options[] = {
  { "demo", 0, 0, G_OPTION_ARG_NONE, &demo, "Tell what the rows say in the end, and close the window", NULL },
  { NULL }
};

typedef struct
{
  GtkWidget *window;
  GtkWidget *view;
  ZmqStream *sender;
  ZmqFeed   *feed;
  guint      n_sent;
  guint      timer;
} Prices;

static void
check (GError *error)
{
  if (error == NULL)
    return;

  g_printerr ("%s\n", error->message);
  exit (EXIT_FAILURE);
}

/* The rows. */

static void
on_setup (GtkSignalListItemFactory *factory,
          GtkListItem              *row)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *name = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), gtk_label_new (NULL));
  gtk_list_item_set_child (row, box);
}

static void
show_price (ZmqFeedItem *item,
            GParamSpec  *pspec,
            GtkLabel    *label)
{
  g_autofree char *price = zmqglib_message_get_string (zmqglib_feed_item_get_message (item), 1, NULL);

  gtk_label_set_text (label, price);
}

/* The row is given an item, and shows it from now on. */
static void
on_bind (GtkSignalListItemFactory *factory,
         GtkListItem              *row)
{
  ZmqFeedItem *item = gtk_list_item_get_item (row);
  GtkWidget   *name = gtk_widget_get_first_child (gtk_list_item_get_child (row));
  GtkWidget   *price = gtk_widget_get_next_sibling (name);

  gtk_label_set_text (GTK_LABEL (name), zmqglib_feed_item_get_topic (item));
  g_signal_connect (item, "notify::message", G_CALLBACK (show_price), price);
  show_price (item, NULL, GTK_LABEL (price));
}

static void
on_unbind (GtkSignalListItemFactory *factory,
           GtkListItem              *row)
{
  GtkWidget *price = gtk_widget_get_last_child (gtk_list_item_get_child (row));

  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (row), show_price, price);
}

static GtkWidget *
make_view (ZmqFeed *feed)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkNoSelection     *selection = gtk_no_selection_new (G_LIST_MODEL (g_object_ref (feed)));

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), NULL);

  return gtk_list_view_new (GTK_SELECTION_MODEL (selection), factory);
}

/* For the demo: the labels of the rows, once they have the last prices. */
static gboolean
on_look (gpointer data)
{
  Prices          *self = data;
  g_autofree char *last = g_strdup_printf ("cherry: %d\n", N_PRICES - 1);
  g_autoptr (GString) rows = g_string_new (NULL);

  for (GtkWidget *row = gtk_widget_get_first_child (self->view); row != NULL; row = gtk_widget_get_next_sibling (row))
    {
      GtkWidget *box = gtk_widget_get_first_child (row);

      g_string_append_printf (rows, "%s: %s\n", gtk_label_get_text (GTK_LABEL (gtk_widget_get_first_child (box))),
                              gtk_label_get_text (GTK_LABEL (gtk_widget_get_last_child (box))));
    }
  if (!g_str_has_suffix (rows->str, last))
    return G_SOURCE_CONTINUE;

  g_print ("%s", rows->str);
  gtk_window_destroy (GTK_WINDOW (self->window));

  return G_SOURCE_REMOVE;
}

/* Thirty prices a millisecond, which nobody could read. */
static gboolean
on_due (gpointer data)
{
  Prices *self = data;

  for (guint i = 0; i < 30; i++, self->n_sent++)
    {
      g_autofree char *price = g_strdup_printf ("%u", self->n_sent);
      g_autoptr (ZmqMessage) message =
          zmqglib_message_new_strings (fruits[self->n_sent % G_N_ELEMENTS (fruits)], price, NULL);
      g_autoptr (GError) error = NULL;

      zmqglib_stream_send (self->sender, message, &error);
      check (error);
    }

  if (!demo || self->n_sent < N_PRICES)
    return G_SOURCE_CONTINUE;

  self->timer = g_timeout_add (10, on_look, self);

  return G_SOURCE_REMOVE;
}

static void
on_destroy (GtkWidget *window,
            gpointer   data)
{
  Prices *self = data;

  g_clear_handle_id (&self->timer, g_source_remove);
  zmqglib_stream_close (self->sender);
  zmqglib_feed_close (self->feed);
}

static void
open_streams (Prices *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqStream) receiver = zmqglib_stream_new_bound (ZMQGLIB_SOCKET_PULL, "inproc://prices", &error);

  check (error);
  self->sender = zmqglib_stream_new_connected (ZMQGLIB_SOCKET_PUSH, "inproc://prices", &error);
  check (error);
  self->feed = zmqglib_feed_new (receiver);
  zmqglib_feed_set_mode (self->feed, ZMQGLIB_FEED_MODE_LATEST);
  self->timer = g_timeout_add (1, on_due, self);
}

static void
on_activate (GtkApplication *app,
             gpointer        data)
{
  Prices    *self = data;
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  open_streams (self);
  self->view = make_view (self->feed);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->view);

  self->window = gtk_application_window_new (app);
  gtk_window_set_title (GTK_WINDOW (self->window), "Prices");
  gtk_window_set_default_size (GTK_WINDOW (self->window), 300, 200);
  gtk_window_set_child (GTK_WINDOW (self->window), scrolled);
  g_signal_connect (self->window, "destroy", G_CALLBACK (on_destroy), self);
  gtk_window_present (GTK_WINDOW (self->window));
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GtkApplication) app = gtk_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  Prices prices = { 0 };
  int    status;

  g_application_add_main_option_entries (G_APPLICATION (app), options);
  g_signal_connect (app, "activate", G_CALLBACK (on_activate), &prices);
  status = g_application_run (G_APPLICATION (app), argc, argv);

  g_clear_object (&prices.feed);
  g_clear_object (&prices.sender);

  return status;
}

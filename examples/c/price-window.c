/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A window of prices: a list that fills itself, a row a fruit, and a request for a quote, with a time limit and retries.
 *
 * The prices are published, and the quotes given, by the program itself. */

#include <gtk/gtk.h>
#include <stdlib.h>

#include <zmqglib/zmqglib.h>

static gboolean demo = FALSE;
static char    *screenshot = NULL;

static const GOptionEntry options[] = {
  { "demo", 0, 0, G_OPTION_ARG_NONE, &demo, "Ask for one quote when all prices are there, and end", NULL },
  { "screenshot", 0, 0, G_OPTION_ARG_FILENAME, &screenshot, "Save a picture then, and end", "FILE" },
  { NULL }
};

static const char *const fruits[] = { "Apple", "Banana", "Cherry", "Date", "Elderberry", "Fig", "Grape", "Lemon" };

typedef struct
{
  ZmqServer *server;
  ZmqStream *publisher;
  ZmqFeed   *feed;
  ZmqClient *client;
  GtkWidget *window;
  GtkWidget *quote;
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

/* The other side. */

static gboolean
publish (gpointer data)
{
  Prices          *self = data;
  const char      *fruit = fruits[g_random_int_range (0, G_N_ELEMENTS (fruits))];
  g_autofree char *price = g_strdup_printf ("%.2f", g_random_double_range (1, 9));
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (fruit);

  zmqglib_message_append_string (message, price);
  zmqglib_stream_send (self->publisher, message, NULL);

  return G_SOURCE_CONTINUE;
}

static void
on_request (ZmqServer  *server,
            ZmqRequest *request,
            gpointer    data)
{
  g_autofree char *fruit = zmqglib_message_get_string (zmqglib_request_get_message (request), 0, NULL);
  g_autofree char *text = g_strdup_printf ("A ton of %s: 4,200.00", fruit);
  g_autoptr (ZmqMessage) reply = zmqglib_message_new_from_string (text);

  zmqglib_request_reply (request, reply, NULL);
}

/* The window. */

static void
save_screenshot (GdkFrameClock *clock,
                 gpointer       data)
{
  Prices *self = data;
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (self->window);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  gdk_paintable_snapshot (paintable, snapshot, gdk_paintable_get_intrinsic_width (paintable),
                          gdk_paintable_get_intrinsic_height (paintable));
  node = gtk_snapshot_to_node (snapshot);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (self->window)), node, NULL);
  if (!gdk_texture_save_to_png (texture, screenshot))
    g_printerr ("Could not write %s\n", screenshot);

  g_signal_handlers_disconnect_by_func (clock, save_screenshot, self);
  g_idle_add_once ((GSourceOnceFunc) gtk_window_destroy, self->window);
}

static void
on_quote (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Prices *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) answer = zmqglib_client_request_finish (ZMQGLIB_CLIENT (source), result, &error);
  g_autofree char *text = answer != NULL ? zmqglib_message_get_string (answer, 0, NULL) : g_strdup (error->message);

  gtk_label_set_text (GTK_LABEL (self->quote), text);
  if (demo)
    g_print ("%s\n", text);
  if (demo)
    gtk_window_destroy (GTK_WINDOW (self->window));
  else if (screenshot != NULL)
    g_signal_connect (gtk_widget_get_frame_clock (self->window), "after-paint", G_CALLBACK (save_screenshot), self);
}

static void
ask (Prices     *self,
     const char *fruit)
{
  g_autoptr (ZmqMessage) question = zmqglib_message_new_from_string (fruit);

  zmqglib_client_request_async (self->client, question, NULL, on_quote, self);
}

static void
on_activate_row (GtkListView *view,
                 guint        position,
                 gpointer     data)
{
  Prices *self = data;
  g_autoptr (ZmqFeedItem) item = g_list_model_get_item (G_LIST_MODEL (self->feed), position);

  ask (self, zmqglib_feed_item_get_topic (item));
}

static void
on_n_items (ZmqFeed    *feed,
            GParamSpec *pspec,
            gpointer    data)
{
  if (g_list_model_get_n_items (G_LIST_MODEL (feed)) < G_N_ELEMENTS (fruits))
    return;

  if (demo)
    g_print ("%zu prices\n", G_N_ELEMENTS (fruits));
  if (demo || screenshot != NULL)
    ask (data, fruits[0]);
}

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

static ZmqStream *
make_stream (ZmqSocketType type,
             const char   *endpoint)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, type, &error);

  check (error);
  if (type == ZMQGLIB_SOCKET_PUB)
    zmqglib_socket_bind (socket, endpoint, &error);
  else if (zmqglib_socket_subscribe (socket, "", &error))
    zmqglib_socket_connect_to (socket, endpoint, &error);
  check (error);

  return zmqglib_stream_new (socket);
}

static void
open_sockets (Prices *self)
{
  g_autoptr (ZmqStream) subscriber = NULL;
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  self->publisher = make_stream (ZMQGLIB_SOCKET_PUB, "inproc://prices");
  self->timer = g_timeout_add (5, publish, self);
  subscriber = make_stream (ZMQGLIB_SOCKET_SUB, "inproc://prices");
  self->feed = zmqglib_feed_new (subscriber);
  zmqglib_feed_set_mode (self->feed, ZMQGLIB_FEED_MODE_LATEST);
  g_signal_connect (self->feed, "notify::n-items", G_CALLBACK (on_n_items), self);

  self->server = zmqglib_server_new (NULL, &error);
  g_signal_connect (self->server, "request", G_CALLBACK (on_request), NULL);
  zmqglib_server_bind (self->server, "tcp://127.0.0.1:*", &error);
  check (error);
  endpoint = zmqglib_server_dup_last_endpoint (self->server);

  self->client = zmqglib_client_new (NULL, &error);
  zmqglib_client_set_timeout_us (self->client, G_TIME_SPAN_SECOND);
  zmqglib_client_connect_to (self->client, endpoint, &error);
  check (error);
}

static void
build_window (Prices         *self,
              GtkApplication *app)
{
  GtkWidget          *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget          *scrolled = gtk_scrolled_window_new ();
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkSingleSelection *selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->feed)));
  GtkWidget          *view = gtk_list_view_new (GTK_SELECTION_MODEL (selection), factory);

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), NULL);
  g_signal_connect (view, "activate", G_CALLBACK (on_activate_row), self);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);

  self->quote = gtk_label_new ("Activate a row for a quote");
  gtk_widget_set_margin_bottom (self->quote, 12);
  gtk_box_append (GTK_BOX (box), scrolled);
  gtk_box_append (GTK_BOX (box), self->quote);

  self->window = gtk_application_window_new (app);
  gtk_window_set_title (GTK_WINDOW (self->window), "Prices");
  gtk_window_set_default_size (GTK_WINDOW (self->window), 320, 400);
  gtk_window_set_child (GTK_WINDOW (self->window), box);
}

static void
on_activate (GtkApplication *app,
             gpointer        data)
{
  Prices *self = data;

  open_sockets (self);
  build_window (self, app);
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

  if (prices.timer != 0)
    g_source_remove (prices.timer);
  g_clear_object (&prices.client);
  g_clear_object (&prices.server);
  g_clear_object (&prices.feed);
  g_clear_object (&prices.publisher);

  return status;
}

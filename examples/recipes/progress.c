/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A progress bar that a thread moves, and that ends the thread when its window is closed.
 *
 * With --demo it tells each quarter, and closes the window itself. */

#include <gtk/gtk.h>
#include <stdlib.h>

#include <zmqglib/zmqglib.h>

#define N_STEPS 100

static gboolean demo = FALSE;

static const GOptionEntry options[] = {
  { "demo", 0, 0, G_OPTION_ARG_NONE, &demo, "Tell each quarter, and close the window", NULL },
  { NULL }
};

typedef struct
{
  GtkWidget    *window;
  GtkWidget    *bar;
  ZmqStream    *stream;
  GThread      *thread;
  GCancellable *cancellable;
} Progress;

static void
check (GError *error)
{
  if (error == NULL)
    return;

  g_printerr ("%s\n", error->message);
  exit (EXIT_FAILURE);
}

/* In a thread, which knows nothing of the window. */
static gpointer
work (gpointer data)
{
  GCancellable *cancellable = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_PUSH, &error);

  check (error);
  zmqglib_socket_connect_to (socket, "inproc://progress", &error);
  check (error);

  for (guint step = 1; step <= N_STEPS && error == NULL; step++)
    {
      g_autofree char *text = g_strdup_printf ("%u", step);
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (text);

      for (volatile guint i = 0; i < 2000000; i++)
        ;
      /* blocks when the window is far behind, and fails when it was closed */
      zmqglib_socket_send (socket, message, cancellable, &error);
    }
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    check (error);

  return NULL;
}

static void
on_progress (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  Progress *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = zmqglib_message_get_string (message, 0, &error);
  int              step;

  check (error);
  step = atoi (text);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->bar), (double) step / N_STEPS);

  if (demo && step % (N_STEPS / 4) == 0)
    g_print ("%.0f%%\n", 100 * gtk_progress_bar_get_fraction (GTK_PROGRESS_BAR (self->bar)));
  if (demo && step == N_STEPS)
    gtk_window_destroy (GTK_WINDOW (self->window));
}

static void
on_destroy (GtkWidget *window,
            gpointer   data)
{
  Progress *self = data;

  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  zmqglib_stream_close (self->stream);
}

static void
on_activate (GtkApplication *app,
             gpointer        data)
{
  Progress *self = data;
  g_autoptr (GError) error = NULL;

  self->stream = zmqglib_stream_new_bound (ZMQGLIB_SOCKET_PULL, "inproc://progress", &error);
  check (error);
  g_signal_connect (self->stream, "received", G_CALLBACK (on_progress), self);

  self->bar = gtk_progress_bar_new ();
  gtk_progress_bar_set_show_text (GTK_PROGRESS_BAR (self->bar), TRUE);
  gtk_widget_set_margin_top (self->bar, 24);
  gtk_widget_set_margin_bottom (self->bar, 24);
  gtk_widget_set_margin_start (self->bar, 24);
  gtk_widget_set_margin_end (self->bar, 24);

  self->window = gtk_application_window_new (app);
  gtk_window_set_title (GTK_WINDOW (self->window), "Progress");
  gtk_window_set_default_size (GTK_WINDOW (self->window), 360, -1);
  gtk_window_set_child (GTK_WINDOW (self->window), self->bar);
  g_signal_connect (self->window, "destroy", G_CALLBACK (on_destroy), self);
  gtk_window_present (GTK_WINDOW (self->window));

  self->cancellable = g_cancellable_new ();
  self->thread = g_thread_new ("worker", work, self->cancellable);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GtkApplication) app = gtk_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  Progress progress = { 0 };
  int      status;

  g_application_add_main_option_entries (G_APPLICATION (app), options);
  g_signal_connect (app, "activate", G_CALLBACK (on_activate), &progress);
  status = g_application_run (G_APPLICATION (app), argc, argv);

  g_clear_object (&progress.cancellable);
  g_clear_object (&progress.stream);

  return status;
}

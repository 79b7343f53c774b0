/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Publishes the temperature of three rooms, twenty times a second. Ends with Ctrl+C. */

#include <glib-unix.h>
#include <stdlib.h>

#include <zmqglib/zmqglib.h>

static const char *rooms[] = { "kitchen", "cellar", "attic" };

static gboolean
on_tick (gpointer data)
{
  ZmqStream *stream = data;

  for (guint i = 0; i < G_N_ELEMENTS (rooms); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (rooms[i]);

      zmqglib_message_append_variant (message,
                                      g_variant_new_double (g_random_double_range (10, 30)));
      if (!zmqglib_stream_send (stream, message, &error))
        g_printerr ("%s\n", error->message);
    }

  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupted (gpointer data)
{
  g_main_loop_quit (data);

  return G_SOURCE_CONTINUE;
}

int
main (int   argc,
      char *argv[])
{
  const char *endpoint = argc > 1 ? argv[1] : "tcp://127.0.0.1:5556";
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  g_autofree char *bound = NULL;
  guint            timer;

  socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_PUB, &error);
  if (socket == NULL || !zmqglib_socket_bind (socket, endpoint, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  g_object_get (socket, "last-endpoint", &bound, NULL);
  g_print ("Publishing on %s\n", bound);

  stream = zmqglib_stream_new (socket);
  timer = g_timeout_add (50, on_tick, stream);
  g_unix_signal_add (SIGINT, on_interrupted, loop);
  g_unix_signal_add (SIGTERM, on_interrupted, loop);
  g_main_loop_run (loop);

  g_source_remove (timer);
  zmqglib_stream_close (stream);

  return EXIT_SUCCESS;
}

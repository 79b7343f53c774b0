/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Answers each message with the same message. Ends with Ctrl+C. */

#include <glib-unix.h>
#include <stdlib.h>

#include <zmqglib/zmqglib.h>

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  g_autoptr (GError) error = NULL;

  if (!zmqglib_stream_send (stream, message, &error))
    g_printerr ("%s\n", error->message);
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
  const char *endpoint = argc > 1 ? argv[1] : "tcp://127.0.0.1:5555";
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  g_autofree char *bound = NULL;

  socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_REP, &error);
  if (socket == NULL || !zmqglib_socket_bind (socket, endpoint, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  /* with port “*” only the socket knows which it became */
  g_object_get (socket, "last-endpoint", &bound, NULL);
  g_print ("Listening on %s\n", bound);

  stream = zmqglib_stream_new (socket);
  g_signal_connect (stream, "received", G_CALLBACK (on_received), NULL);

  g_unix_signal_add (SIGINT, on_interrupted, loop);
  g_unix_signal_add (SIGTERM, on_interrupted, loop);
  g_main_loop_run (loop);

  zmqglib_stream_close (stream);

  return EXIT_SUCCESS;
}

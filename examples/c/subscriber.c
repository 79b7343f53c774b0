/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Shows ten temperatures of one room. */

#include <stdlib.h>

#include <zmqglib/zmqglib.h>

#define N_WANTED 10

typedef struct
{
  GMainLoop *loop;
  guint      n_received;
  gboolean   failed;
} Subscriber;

static void
fail (Subscriber *subscriber,
      const char *complaint)
{
  g_printerr ("%s\n", complaint);
  subscriber->failed = TRUE;
  g_main_loop_quit (subscriber->loop);
}

/* A message from outside may be anything: the getters check. */
static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  Subscriber *subscriber = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *room = zmqglib_message_get_string (message, 0, &error);
  g_autoptr (GVariant) degrees = NULL;

  if (room != NULL)
    degrees = zmqglib_message_get_variant (message, 1, G_VARIANT_TYPE_DOUBLE, &error);
  if (degrees == NULL)
    {
      fail (subscriber, error->message);
      return;
    }

  g_print ("%s: %.1f °C\n", room, g_variant_get_double (degrees));
  if (++subscriber->n_received == N_WANTED)
    g_main_loop_quit (subscriber->loop);
}

static gboolean
on_timeout (gpointer data)
{
  fail (data, "Not enough news in ten seconds");

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
  const char *room = argc > 2 ? argv[2] : "kitchen";
  Subscriber  subscriber = { .loop = loop };

  socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_SUB, &error);
  if (socket == NULL || !zmqglib_socket_subscribe (socket, room, &error) ||
      !zmqglib_socket_connect_to (socket, endpoint, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  stream = zmqglib_stream_new (socket);
  g_signal_connect (stream, "received", G_CALLBACK (on_received), &subscriber);
  g_timeout_add_seconds (10, on_timeout, &subscriber);
  g_main_loop_run (loop);

  zmqglib_stream_close (stream);

  return subscriber.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Asks an echo server ten times, one question after the other, and checks the answers. */

#include <stdlib.h>

#include <zmqglib/zmqglib.h>

#define N_QUESTIONS 10

typedef struct
{
  GMainLoop  *loop;
  ZmqMessage *question;
  guint       n_asked;
  gboolean    failed;
} Client;

static void
stop (Client     *client,
      const char *complaint)
{
  if (complaint != NULL)
    {
      g_printerr ("%s\n", complaint);
      client->failed = TRUE;
    }
  g_main_loop_quit (client->loop);
}

static void
ask (Client    *client,
     ZmqStream *stream)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup_printf ("Question %u", ++client->n_asked);

  g_clear_pointer (&client->question, zmqglib_message_unref);
  client->question = zmqglib_message_new_from_string (text);
  zmqglib_message_append_string (client->question, "with a second frame");

  if (!zmqglib_stream_send (stream, client->question, &error))
    stop (client, error->message);
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  Client          *client = user_data;
  g_autofree char *text = zmqglib_message_get_string (message, 0, NULL);

  if (!zmqglib_message_equal (message, client->question))
    {
      stop (client, "The answer is not the question");
      return;
    }

  g_print ("%s: %u frames came back\n", text, zmqglib_message_get_n_frames (message));
  if (client->n_asked < N_QUESTIONS)
    ask (client, stream);
  else
    stop (client, NULL);
}

static gboolean
on_timeout (gpointer data)
{
  stop (data, "No answer for ten seconds");

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
  Client client = { .loop = loop };

  socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_REQ, &error);
  if (socket == NULL || !zmqglib_socket_connect_to (socket, endpoint, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }
  g_object_set (socket, "linger", 0, NULL);

  stream = zmqglib_stream_new (socket);
  g_signal_connect (stream, "received", G_CALLBACK (on_received), &client);
  g_timeout_add_seconds (10, on_timeout, &client);
  ask (&client, stream);
  g_main_loop_run (loop);

  zmqglib_stream_close (stream);
  zmqglib_message_unref (client.question);

  return client.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

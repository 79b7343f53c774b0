/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* An echo service and its client, with timeouts and cancellation.
 *
 * The service is a stream that leaves the request “silence” unanswered. The client asks with
 * asynchronous operations, one thing after the other; each callback begins the next. */

#include <stdlib.h>

#include <zmqglib/zmqglib.h>

/* where no server is */
#define NOBODY "tcp://127.0.0.1:1"

typedef struct
{
  GMainLoop    *loop;
  ZmqSocket    *client;
  ZmqStream    *lonely;
  GCancellable *cancellable;
  guint         n_requests;
  guint         n_answers;
  int           status;
} Program;

typedef void (*Step) (GObject      *source,
                      GAsyncResult *result,
                      gpointer      data);

static void
fail (Program      *self,
      const GError *error)
{
  g_printerr ("%s\n", error->message);
  self->status = EXIT_FAILURE;
  g_main_loop_quit (self->loop);
}

static void
on_request (ZmqStream  *stream,
            ZmqMessage *message,
            gpointer    data)
{
  Program *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *request = zmqglib_message_get_string (message, 1, NULL);

  self->n_requests++;
  if (g_strcmp0 (request, "silence") == 0)
    return;

  self->n_answers++;
  if (!zmqglib_stream_send (stream, message, &error))
    fail (self, error);
}

static void
ask (Program      *self,
     const char   *request,
     GCancellable *cancellable,
     Step          on_answer)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (request);
  g_autoptr (GError) error = NULL;

  if (zmqglib_socket_try_send (self->client, message, &error))
    zmqglib_socket_receive_async (self->client, G_PRIORITY_DEFAULT, cancellable, on_answer, self);
  else
    fail (self, error);
}

static void
print_answer (Program      *self,
              GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) answer = zmqglib_socket_receive_finish (self->client, result, &error);
  g_autofree char *text = answer != NULL ? zmqglib_message_get_string (answer, 0, &error) : NULL;

  if (text != NULL)
    g_print ("echo: %s\n", text);
  else
    fail (self, error);
}

static void
on_sent_to_nobody (ZmqStream    *stream,
                   ZmqMessage   *message,
                   const GError *error,
                   gpointer      data)
{
  Program *self = data;

  if (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN))
    g_print ("dropped: anybody there?\n");
  g_main_loop_quit (self->loop);
}

/* A request to an absent server is dropped after a while. */
static void
ask_nobody (Program *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_DEALER, &error);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("anybody there?");

  if (socket != NULL)
    g_object_set (socket, "linger", 0, "immediate", TRUE, NULL);
  if (socket == NULL || !zmqglib_socket_connect_to (socket, NOBODY, &error))
    {
      fail (self, error);
      return;
    }

  self->lonely = zmqglib_stream_new (socket);
  g_signal_connect (self->lonely, "sent", G_CALLBACK (on_sent_to_nobody), self);
  if (!zmqglib_stream_send_full (self->lonely, message, 100 * 1000, NULL, &error))
    fail (self, error);
}

static void
on_goodbye (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  print_answer (data, result);
  ask_nobody (data);
}

static void
on_cancelled (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) answer = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (source), result, &error);

  if (answer == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_print ("cancelled: silence\n");
  ask (data, "goodbye", NULL, on_goodbye);
}

static gboolean
cancel (gpointer data)
{
  g_cancellable_cancel (data);

  return G_SOURCE_REMOVE;
}

static void
on_timed_out (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  Program *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) answer = zmqglib_socket_receive_finish (self->client, result, &error);

  if (answer == NULL && g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN))
    g_print ("timed out: silence\n");

  g_object_set (self->client, "receive-timeout", -1, NULL);
  ask (self, "silence", self->cancellable, on_cancelled);
  g_timeout_add (50, cancel, self->cancellable);
}

static void
on_hello (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Program *self = data;

  print_answer (self, result);
  g_object_set (self->client, "receive-timeout", 100, NULL); /* ms */
  ask (self, "silence", NULL, on_timed_out);
}

/* The service’s stream, and a client that is connected to it. */
static ZmqStream *
open_both (Program *self,
           GError **error)
{
  g_autoptr (ZmqSocket) router = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_ROUTER, error);
  g_autofree char *endpoint = NULL;

  if (router == NULL || !zmqglib_socket_bind (router, "tcp://127.0.0.1:*", error))
    return NULL;
  g_object_get (router, "last-endpoint", &endpoint, NULL);

  self->client = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_DEALER, error);
  if (self->client == NULL || !zmqglib_socket_connect_to (self->client, endpoint, error))
    return NULL;
  g_object_set (self->client, "linger", 0, NULL);

  return zmqglib_stream_new (router);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ZmqStream) service = NULL;
  g_autoptr (GError) error = NULL;
  Program program = { .loop = loop, .cancellable = cancellable };

  service = open_both (&program, &error);
  if (service == NULL)
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  g_signal_connect (service, "received", G_CALLBACK (on_request), &program);
  ask (&program, "hello", NULL, on_hello);
  g_main_loop_run (loop);

  g_print ("answered %u of %u\n", program.n_answers, program.n_requests);
  zmqglib_stream_close (service);
  zmqglib_socket_close (program.client);
  if (program.lonely != NULL)
    zmqglib_stream_close (program.lonely);
  g_clear_object (&program.lonely);
  g_object_unref (program.client);

  return program.status;
}

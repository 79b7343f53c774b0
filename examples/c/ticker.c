/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A live ticker over PUB/SUB: a stream whose handler is blocked pauses, and loses nothing. */

#include <stdlib.h>

#include <zmqglib/zmqglib.h>

typedef struct
{
  GMainLoop *loop;
  ZmqStream *publisher;
  guint      n_ticks;
  ZmqStream *subscriber;
  gulong     handler;
  guint      n_shown;
  guint      resume_at; /* when so many ticks have been published */
  int        status;
} Ticker;

static void
check (GError *error)
{
  if (error == NULL)
    return;

  g_printerr ("%s\n", error->message);
  exit (EXIT_FAILURE);
}

static gboolean
on_tick_due (gpointer data)
{
  Ticker           *self = data;
  g_autofree char  *number = g_strdup_printf ("%u", ++self->n_ticks);
  const char *const frames[] = { "tick", number, NULL };
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (frames);
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send (self->publisher, message, &error);
  check (error);

  return G_SOURCE_CONTINUE;
}

/* An XPUB socket tells when somebody has subscribed. */
static void
on_subscription (ZmqStream  *stream,
                 ZmqMessage *message,
                 gpointer    data)
{
  gsize         size;
  const guint8 *content = zmqglib_message_peek_frame (message, 0, &size);

  if (size > 0 && content[0] == 1)
    g_timeout_add (10, on_tick_due, data);
}

static gboolean
on_resume (gpointer data)
{
  Ticker *self = data;

  if (self->n_ticks < self->resume_at)
    return G_SOURCE_CONTINUE;

  g_print ("resumed\n");
  g_signal_handler_unblock (self->subscriber, self->handler);

  return G_SOURCE_REMOVE;
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
  g_print ("tick %s\n", number);
  if ((guint) atoi (number) != ++self->n_shown)
    {
      g_printerr ("lost: %u\n", self->n_shown);
      self->status = EXIT_FAILURE;
      g_main_loop_quit (self->loop);
    }
  else if (self->n_shown == 3)
    {
      g_print ("paused\n");
      g_signal_handler_block (stream, self->handler);
      self->resume_at = self->n_ticks + 5;
      g_timeout_add (5, on_resume, self);
    }
  else if (self->n_shown == 8)
    g_main_loop_quit (self->loop);
}

static ZmqSocket *
make_socket (ZmqSocketType type)
{
  g_autoptr (GError) error = NULL;
  ZmqSocket *socket = zmqglib_socket_new (NULL, type, &error);

  check (error);
  g_object_set (socket, "linger", 0, NULL);

  return socket;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (ZmqSocket) pub = make_socket (ZMQGLIB_SOCKET_XPUB);
  g_autoptr (ZmqSocket) sub = make_socket (ZMQGLIB_SOCKET_SUB);
  g_autoptr (ZmqStream) publisher = NULL;
  g_autoptr (ZmqStream) subscriber = NULL;
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;
  Ticker ticker = { .loop = loop };

  zmqglib_socket_bind (pub, "tcp://127.0.0.1:*", &error);
  check (error);
  g_object_get (pub, "last-endpoint", &endpoint, NULL);
  if (zmqglib_socket_subscribe (sub, "tick", &error))
    zmqglib_socket_connect_to (sub, endpoint, &error);
  check (error);

  ticker.publisher = publisher = zmqglib_stream_new (pub);
  g_signal_connect (publisher, "received", G_CALLBACK (on_subscription), &ticker);
  ticker.subscriber = subscriber = zmqglib_stream_new (sub);
  ticker.handler = g_signal_connect (subscriber, "received", G_CALLBACK (on_tick), &ticker);
  g_main_loop_run (loop);

  zmqglib_stream_close (subscriber);
  zmqglib_stream_close (publisher);
  if (ticker.status == EXIT_SUCCESS)
    g_print ("nothing was lost\n");

  return ticker.status;
}

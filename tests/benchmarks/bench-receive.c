/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How fast messages that a PUSH sends reach the program:
 *
 *   stream    through the signal “received” of a stream
 *   function  through a function of a stream, in the place of the signal
 *   async     from one zmqglib_socket_receive_async() after the other
 *   blocking  from zmqglib_socket_receive(), without a main loop
 *   bare      in a loop of zmq_poll() and zmq_msg_recv(), without a main loop
 *   signal    as “bare”, but each message is handed on by a signal: what GObject takes for that
 *   watch     through g_unix_fd_add() on the socket's descriptor, as people write it by hand */

#include "bench.h"

#include <glib-unix.h>
#include <stdlib.h>

typedef struct
{
  BenchMeter meter;
  GMainLoop *loop;
  GObject   *emitter; /* of the side “signal” */
  guint      signal_id;
  void      *handle;     /* of the sides without a stream */
  guint      continuing; /* its source for messages that came with the one before */
} Receiver;

/* The sides “stream” and “function” */

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  Receiver *self = user_data;
  guint     n_frames = zmqglib_message_get_n_frames (message);

  for (guint i = 0; i < n_frames; i++)
    {
      gsize         size;
      gconstpointer data = zmqglib_message_peek_frame (message, i, &size);

      bench_touch (&self->meter, data, size);
    }

  if (bench_meter_count (&self->meter))
    g_main_loop_quit (self->loop);
}

static void
receive_from_stream (Receiver  *self,
                     ZmqSocket *socket,
                     gboolean   by_function)
{
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (socket);

  if (by_function)
    zmqglib_stream_set_receive_func (stream, on_received, self, NULL);
  else
    g_signal_connect (stream, "received", G_CALLBACK (on_received), self);
  g_main_loop_run (self->loop);
}

/* The sides “async” and “blocking” */

/* Returns whether it was the last one. */
static gboolean
take_message (Receiver   *self,
              ZmqMessage *message,
              GError     *error)
{
  gsize         size;
  gconstpointer data;

  if (message == NULL)
    bench_fail ("%s", error->message);

  data = zmqglib_message_peek_frame (message, 0, &size);
  bench_touch (&self->meter, data, size);
  zmqglib_message_unref (message);

  return bench_meter_count (&self->meter);
}

static void
on_received_async (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  Receiver *self = user_data;
  g_autoptr (GError) error = NULL;
  ZmqMessage *message = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (source), result, &error);

  if (take_message (self, message, error))
    g_main_loop_quit (self->loop);
  else
    zmqglib_socket_receive_async (ZMQGLIB_SOCKET (source), G_PRIORITY_DEFAULT, NULL, on_received_async, self);
}

static void
receive_async (Receiver  *self,
               ZmqSocket *socket)
{
  zmqglib_socket_receive_async (socket, G_PRIORITY_DEFAULT, NULL, on_received_async, self);
  g_main_loop_run (self->loop);
}

static void
receive_blocking (Receiver  *self,
                  ZmqSocket *socket)
{
  g_autoptr (GError) error = NULL;

  while (!take_message (self, zmqglib_socket_receive (socket, NULL, &error), error))
    continue;
}

/* The sides on the bare handle */

static void
on_frame (GObject   *emitter,
          zmq_msg_t *message,
          gpointer   user_data)
{
  bench_touch (user_data, zmq_msg_data (message), zmq_msg_size (message));
}

static void
make_emitter (Receiver *self)
{
  self->emitter = g_object_new (G_TYPE_OBJECT, NULL);
  self->signal_id = bench_add_signal (G_TYPE_OBJECT);
  g_signal_connect (self->emitter, "bench", G_CALLBACK (on_frame), &self->meter);
}

static void
take_frame (Receiver  *self,
            zmq_msg_t *message)
{
  if (self->emitter != NULL)
    g_signal_emit (self->emitter, self->signal_id, 0, message);
  else
    bench_touch (&self->meter, zmq_msg_data (message), zmq_msg_size (message));
}

/* Receives one message, if there is one; returns whether there was. */
static gboolean
receive_message (Receiver  *self,
                 zmq_msg_t *message)
{
  int more;

  do
    {
      if (zmq_msg_recv (message, self->handle, ZMQ_DONTWAIT) == -1)
        {
          if (zmq_errno () != EAGAIN)
            bench_check (-1);
          return FALSE;
        }

      more = zmq_msg_more (message);
      take_frame (self, message);
    }
  while (more);

  return TRUE;
}

static void
receive_bare (Receiver  *self,
              ZmqSocket *socket)
{
  zmq_pollitem_t item = { .events = ZMQ_POLLIN };
  gboolean       done = FALSE;
  zmq_msg_t      message;

  item.socket = self->handle = zmqglib_socket_get_handle (socket);
  bench_check (zmq_msg_init (&message));

  while (!done)
    {
      bench_check (zmq_poll (&item, 1, -1));

      while (!done && receive_message (self, &message))
        done = bench_meter_count (&self->meter);
    }

  zmq_msg_close (&message);
}

/* The side “watch” */

static gboolean
has_input (void *handle)
{
  int    events = 0;
  size_t size = sizeof events;

  bench_check (zmq_getsockopt (handle, ZMQ_EVENTS, &events, &size));

  return (events & ZMQ_POLLIN) != 0;
}

/* Handles one message; returns whether there is another one. */
static gboolean
handle_message (Receiver *self)
{
  zmq_msg_t message;

  bench_check (zmq_msg_init (&message));
  if (receive_message (self, &message) && bench_meter_count (&self->meter))
    g_main_loop_quit (self->loop);
  zmq_msg_close (&message);

  return has_input (self->handle);
}

static gboolean
on_continue (gpointer user_data)
{
  Receiver *self = user_data;

  if (handle_message (self))
    return G_SOURCE_CONTINUE;

  self->continuing = 0;

  return G_SOURCE_REMOVE;
}

/* The descriptor is not signalled again for what is there already. */
static gboolean
on_descriptor (int          fd,
               GIOCondition condition,
               gpointer     user_data)
{
  Receiver *self = user_data;

  if (handle_message (self) && self->continuing == 0)
    self->continuing = g_idle_add_full (G_PRIORITY_DEFAULT, on_continue, self, NULL);

  return G_SOURCE_CONTINUE;
}

static void
receive_by_watch (Receiver  *self,
                  ZmqSocket *socket)
{
  int    fd = -1;
  size_t size = sizeof fd;
  guint  watch;

  self->handle = zmqglib_socket_get_handle (socket);
  bench_check (zmq_getsockopt (self->handle, ZMQ_FD, &fd, &size));

  watch = g_unix_fd_add (fd, G_IO_IN, on_descriptor, self);
  if (has_input (self->handle))
    self->continuing = g_idle_add_full (G_PRIORITY_DEFAULT, on_continue, self, NULL);

  g_main_loop_run (self->loop);

  g_source_remove (watch);
  g_clear_handle_id (&self->continuing, g_source_remove);
}

int
main (int    argc,
      char **argv)
{
  static const char *const sides[] = { "stream", "function", "async", "blocking", "bare", "signal", "watch", NULL };
  Bench                    bench = { .count = 1000000 };
  Receiver                 receiver = { 0 };
  g_autofree char         *endpoint = NULL;
  ZmqSocket               *socket;
  BenchPeer               *peer;

  bench_init (&bench, argc, argv, sides);
  bench_meter_init (&receiver.meter, bench.count);
  receiver.loop = g_main_loop_new (NULL, FALSE);

  socket = bench_bind (&bench, ZMQGLIB_SOCKET_PULL, &endpoint);
  peer = bench_peer_start (&bench, "push", endpoint, NULL);

  if (g_str_equal (bench.side, "signal"))
    make_emitter (&receiver);

  if (g_str_equal (bench.side, "stream") || g_str_equal (bench.side, "function"))
    receive_from_stream (&receiver, socket, g_str_equal (bench.side, "function"));
  else if (g_str_equal (bench.side, "async"))
    receive_async (&receiver, socket);
  else if (g_str_equal (bench.side, "blocking"))
    receive_blocking (&receiver, socket);
  else if (g_str_equal (bench.side, "watch"))
    receive_by_watch (&receiver, socket);
  else
    receive_bare (&receiver, socket);

  bench_meter_print (&receiver.meter);

  bench_peer_wait (peer);
  zmqglib_socket_close (socket);
  g_object_unref (socket);
  g_clear_object (&receiver.emitter);
  g_main_loop_unref (receiver.loop);
  bench_clear (&bench);

  return EXIT_SUCCESS;
}

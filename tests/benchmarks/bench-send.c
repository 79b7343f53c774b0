/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How fast libzmq takes messages, to a PULL that receives them as fast as it can:
 *
 *   stream  from zmqglib_stream_send(), which the handler of the signal “sent” calls; a thousand
 *           messages are under way at a time
 *   data    from zmqglib_stream_send_data(), which an idle source calls for as long as nothing is queued
 *   bare    from a blocking zmq_msg_send()
 *   signal  as “bare”, but each message is reported by a signal: what GObject takes for that */

#include "bench.h"

#include <stdlib.h>

#define N_UNDER_WAY 1000

typedef struct
{
  GObject   *emitter; /* of the side “signal” */
  guint      signal_id;
  Bench      bench;
  BenchMeter meter; /* counts what libzmq has taken */
  GMainLoop *loop;
  ZmqStream *stream; /* of the side “data” */
  char      *frame;
  gint64     n_sent;
  guint64    next_frame;
} Sender;

/* The side “stream” */

static void
send_message (Sender    *self,
              ZmqStream *stream)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < self->bench.frames; i++)
    {
      bench_write_number (self->frame, self->next_frame++);
      zmqglib_message_append_data (message, self->frame, self->bench.size);
    }

  self->n_sent++;
  if (!zmqglib_stream_send (stream, message, &error))
    bench_fail ("%s", error->message);
}

static void
on_sent (ZmqStream    *stream,
         ZmqMessage   *message,
         const GError *error,
         gpointer      user_data)
{
  Sender *self = user_data;

  if (error != NULL)
    bench_fail ("%s", error->message);

  if (bench_meter_count (&self->meter))
    g_main_loop_quit (self->loop);
  else if (self->n_sent < self->bench.count)
    send_message (self, stream);
}

static void
send_through_stream (Sender    *self,
                     ZmqSocket *socket)
{
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (socket);

  g_signal_connect (stream, "sent", G_CALLBACK (on_sent), self);
  while (self->n_sent < MIN (N_UNDER_WAY, self->bench.count))
    send_message (self, stream);

  g_main_loop_run (self->loop);
}

/* The side “data” */

static gboolean
send_share (gpointer user_data)
{
  Sender *self = user_data;

  for (int i = 0; i < N_UNDER_WAY && zmqglib_stream_get_n_queued (self->stream) == 0; i++)
    {
      g_autoptr (GError) error = NULL;

      bench_write_number (self->frame, self->next_frame++);
      if (!zmqglib_stream_send_data (self->stream, self->frame, self->bench.size, &error))
        bench_fail ("%s", error->message);

      if (bench_meter_count (&self->meter))
        {
          g_main_loop_quit (self->loop);
          return G_SOURCE_REMOVE;
        }
    }

  return zmqglib_stream_get_n_queued (self->stream) == 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
on_drained (ZmqStream *stream,
            gpointer   user_data)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, send_share, user_data, NULL);
}

static void
send_data (Sender    *self,
           ZmqSocket *socket)
{
  self->stream = zmqglib_stream_new (socket);
  g_signal_connect (self->stream, "drained", G_CALLBACK (on_drained), self);
  on_drained (self->stream, self);

  g_main_loop_run (self->loop);

  /* what is queued still is the peer's */
  while (zmqglib_stream_get_n_queued (self->stream) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_clear_object (&self->stream);
}

/* The sides “bare” and “signal” */

static void
on_reported (GObject *emitter,
             gpointer message,
             gpointer user_data)
{
  Sender *self = user_data;

  self->n_sent++;
}

static void
make_emitter (Sender *self)
{
  self->emitter = g_object_new (G_TYPE_OBJECT, NULL);
  self->signal_id = bench_add_signal (G_TYPE_OBJECT);
  g_signal_connect (self->emitter, "bench", G_CALLBACK (on_reported), self);
}

static void
send_bare (Sender    *self,
           ZmqSocket *socket)
{
  void *handle = zmqglib_socket_get_handle (socket);
  int   n_frames = self->bench.frames;

  do
    {
      for (int i = 1; i <= n_frames; i++)
        {
          zmq_msg_t message;

          bench_write_number (self->frame, self->next_frame++);
          bench_check (zmq_msg_init_size (&message, self->bench.size));
          memcpy (zmq_msg_data (&message), self->frame, self->bench.size);
          bench_check (zmq_msg_send (&message, handle, i < n_frames ? ZMQ_SNDMORE : 0));
        }

      if (self->emitter != NULL)
        g_signal_emit (self->emitter, self->signal_id, 0, NULL);
    }
  while (!bench_meter_count (&self->meter));
}

int
main (int    argc,
      char **argv)
{
  static const char *const sides[] = { "stream", "data", "bare", "signal", NULL };
  Sender                   sender = { .bench.count = 1000000 };
  g_autofree char         *endpoint = NULL;
  ZmqSocket               *socket;
  BenchPeer               *peer;

  bench_init (&sender.bench, argc, argv, sides);
  bench_meter_init (&sender.meter, sender.bench.count);
  sender.loop = g_main_loop_new (NULL, FALSE);
  sender.frame = g_malloc0 (sender.bench.size);

  socket = bench_bind (&sender.bench, ZMQGLIB_SOCKET_PUSH, &endpoint);
  peer = bench_peer_start (&sender.bench, "pull", endpoint, NULL);

  if (g_str_equal (sender.bench.side, "signal"))
    make_emitter (&sender);

  if (g_str_equal (sender.bench.side, "stream"))
    send_through_stream (&sender, socket);
  else if (g_str_equal (sender.bench.side, "data"))
    send_data (&sender, socket);
  else
    send_bare (&sender, socket);

  bench_meter_print (&sender.meter);

  bench_peer_wait (peer);
  zmqglib_socket_close (socket);
  g_object_unref (socket);
  g_clear_object (&sender.emitter);
  g_main_loop_unref (sender.loop);
  g_free (sender.frame);
  bench_clear (&sender.bench);

  return EXIT_SUCCESS;
}

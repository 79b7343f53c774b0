/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the programs share that measure how the rest of a program fares while one stream is flooded:
 * a peer sends without end, for a given time as much as the stream takes. */

#pragma once

#include "bench.h"

#include "base/zmqglib-agenda-private.h"

#define FLOOD_WARM_UP_US  (100 * G_TIME_SPAN_MILLISECOND)
#define FLOOD_CLOCK_EVERY 1024 /* messages */

typedef struct
{
  Bench      bench;
  BenchMeter meter;
  BenchPeer *peer;
  ZmqStream *stream;
  ZmqAgenda *agenda;  /* whose slices are off */
  gboolean   working; /* the handler is slower than the peer */
  GMainLoop *loop;

  gint64 duration_us;
  gint64 opened_us;  /* the stream has begun to read */
  gint64 started_us; /* the warm-up is over, 0 before */
  gint64 ended_us;   /* 0 before */
} Flood;

/* Ends the time of measuring, and the loop. */
static inline void
flood_end (Flood *flood,
           gint64 now)
{
  flood->ended_us = now;
  zmqglib_stream_close (flood->stream);
  g_main_loop_quit (flood->loop);
}

/* The handler itself minds the time: without slices nobody else gets to. */
static inline void
flood_look_at_clock (Flood *flood)
{
  gint64 now = g_get_monotonic_time ();

  if (flood->started_us == 0)
    {
      if (now - flood->opened_us >= FLOOD_WARM_UP_US)
        {
          flood->started_us = now;
          flood->meter.n_messages = 0;
        }
    }
  else if (now - flood->started_us >= flood->duration_us)
    flood_end (flood, now);
}

/* About a microsecond of work, with which the socket never runs dry. */
static inline void
flood_work (gconstpointer data,
            gsize         size)
{
  g_autofree char *checksum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, size);

  g_assert (checksum != NULL);
}

static inline void
flood_on_received (ZmqStream  *stream,
                   ZmqMessage *message,
                   gpointer    user_data)
{
  Flood        *flood = user_data;
  gsize         size;
  gconstpointer data = zmqglib_message_peek_frame (message, 0, &size);

  bench_touch (&flood->meter, data, size);
  if (flood->working)
    flood_work (data, size);
  flood->meter.n_messages++;

  if (flood->meter.n_messages % FLOOD_CLOCK_EVERY == 0)
    flood_look_at_clock (flood);
}

/* Reads the command line and sets the stream up, which does not read yet. Whatever the side, the
 * sockets are the same. “no-slices” lets the poller go on for as long as there is something to
 * read, and with “working-” before it the handler is what takes the time. */
static inline void
flood_init (Flood             *flood,
            int                argc,
            char             **argv,
            const char *const *sides,
            gint64             duration_us)
{
  g_autoptr (ZmqSocket) socket = NULL;
  g_autofree char *endpoint = NULL;

  *flood = (Flood){ .duration_us = duration_us };
  bench_init (&flood->bench, argc, argv, sides);
  if (g_str_equal (flood->bench.transport, "inproc"))
    bench_fail ("A flood comes from another process, over tcp or ipc");
  flood->bench.count = 0;

  bench_meter_init (&flood->meter, 0);
  socket = bench_bind (&flood->bench, ZMQGLIB_SOCKET_PULL, &endpoint);
  flood->stream = zmqglib_stream_new (socket);
  flood->loop = g_main_loop_new (NULL, FALSE);

  flood->working = g_str_has_prefix (flood->bench.side, "working-");

  if (g_str_has_suffix (flood->bench.side, "no-slices"))
    {
      flood->agenda = zmqglib_agenda_acquire (g_main_context_default (), G_PRIORITY_DEFAULT);
      zmqglib_agenda_get_pace (flood->agenda)->slice_us = G_TIME_SPAN_DAY;
    }

  if (!g_str_equal (flood->bench.side, "quiet"))
    flood->peer = bench_peer_start (&flood->bench, "push", endpoint, NULL);
}

/* Lets the flood in. */
static inline void
flood_open (Flood *flood)
{
  flood->opened_us = g_get_monotonic_time ();
  g_signal_connect (flood->stream, "received", G_CALLBACK (flood_on_received), flood);
}

static inline double
flood_get_rate (const Flood *flood)
{
  return flood->meter.n_messages * 1e6 / (flood->ended_us - flood->started_us);
}

static inline void
flood_clear (Flood *flood)
{
  g_clear_pointer (&flood->peer, bench_peer_kill);
  g_clear_object (&flood->stream);
  g_clear_pointer (&flood->agenda, zmqglib_agenda_release);
  g_clear_pointer (&flood->loop, g_main_loop_unref);
  bench_clear (&flood->bench);
}

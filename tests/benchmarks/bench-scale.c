/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What many sockets cost:
 *
 *   stream  idle ones as streams with a handler: memory, and time to create and to close each
 *   bare    the same, of libzmq alone
 *   busy    streams that share a loop, each with messages waiting all the time: how many each gets
 *
 * The idle sockets are DEALERs, connected over inproc to one ROUTER that says nothing. */

#include "bench.h"

#include <malloc.h>
#include <stdlib.h>

#define ENDPOINT "inproc://scale"

/* The least that a stream's socket has waiting, less than libzmq's high-water mark. */
#define N_WAITING 256

#define BUSY_SECONDS 2

typedef struct
{
  guint64 bytes;
  gint64  create_ns;
  gint64  close_ns;
} Costs;

static guint64
get_heap_in_use (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return (guint64) info.uordblks + info.hblkhd;
}

static void
iterate_until_asleep (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static ZmqSocket *
create_socket (Bench        *bench,
               ZmqSocketType type)
{
  g_autoptr (GError) error = NULL;
  ZmqSocket *socket = zmqglib_socket_new (bench->context, type, &error);

  if (socket == NULL)
    bench_fail ("%s", error->message);

  return socket;
}

static void
bind_or_connect (ZmqSocket  *socket,
                 gboolean    bind,
                 const char *endpoint)
{
  g_autoptr (GError) error = NULL;

  if (!(bind ? zmqglib_socket_bind : zmqglib_socket_connect_to) (socket, endpoint, &error))
    bench_fail ("%s", error->message);
}

/* The side “stream” */

static void
on_idle_received (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    user_data)
{
  bench_fail ("An idle socket has received a message");
}

static void
on_closed (ZmqStream    *stream,
           const GError *error,
           gpointer      user_data)
{
  gint64 *n_open = user_data;

  (*n_open)--;
}

static ZmqStream *
create_idle_stream (Bench *bench)
{
  g_autoptr (ZmqSocket) socket = create_socket (bench, ZMQGLIB_SOCKET_DEALER);
  ZmqStream *stream;

  bind_or_connect (socket, FALSE, ENDPOINT);
  stream = zmqglib_stream_new (socket);
  g_signal_connect (stream, "received", G_CALLBACK (on_idle_received), NULL);

  return stream;
}

/* The loop runs until it would sleep, so that the first look at each is in the price. */
static void
measure_streams (Bench *bench,
                 Costs *costs)
{
  g_autofree ZmqStream **streams = g_new (ZmqStream *, bench->count);
  g_autoptr (ZmqSocket) router = create_socket (bench, ZMQGLIB_SOCKET_ROUTER);
  gint64 n_open = bench->count;

  bind_or_connect (router, TRUE, ENDPOINT);

  costs->bytes = get_heap_in_use ();
  costs->create_ns = bench_now_ns ();
  for (gint64 i = 0; i < bench->count; i++)
    streams[i] = create_idle_stream (bench);
  iterate_until_asleep ();
  costs->create_ns = bench_now_ns () - costs->create_ns;
  costs->bytes = get_heap_in_use () - costs->bytes;

  for (gint64 i = 0; i < bench->count; i++)
    g_signal_connect (streams[i], "closed", G_CALLBACK (on_closed), &n_open);

  costs->close_ns = bench_now_ns ();
  for (gint64 i = 0; i < bench->count; i++)
    {
      zmqglib_stream_close (streams[i]);
      g_object_unref (streams[i]);
    }
  while (n_open > 0)
    g_main_context_iteration (NULL, TRUE);
  costs->close_ns = bench_now_ns () - costs->close_ns;
}

/* The side “bare” */

static void *
create_bare_socket (void *context,
                    int   type)
{
  void *socket = zmq_socket (context, type);

  if (socket == NULL)
    bench_check (-1);

  return socket;
}

static void
measure_bare (Bench *bench,
              Costs *costs)
{
  g_autofree void **sockets = g_new (void *, bench->count);
  void             *context = zmq_ctx_new ();
  void             *router;

  zmq_ctx_set (context, ZMQ_MAX_SOCKETS, bench->count + 16);
  router = create_bare_socket (context, ZMQ_ROUTER);
  bench_check (zmq_bind (router, ENDPOINT));

  costs->bytes = get_heap_in_use ();
  costs->create_ns = bench_now_ns ();
  for (gint64 i = 0; i < bench->count; i++)
    {
      sockets[i] = create_bare_socket (context, ZMQ_DEALER);
      bench_check (zmq_connect (sockets[i], ENDPOINT));
    }
  costs->create_ns = bench_now_ns () - costs->create_ns;
  costs->bytes = get_heap_in_use () - costs->bytes;

  costs->close_ns = bench_now_ns ();
  for (gint64 i = 0; i < bench->count; i++)
    zmq_close (sockets[i]);
  costs->close_ns = bench_now_ns () - costs->close_ns;

  zmq_close (router);
  zmq_ctx_term (context);
}

/* The side “busy” */

typedef struct
{
  ZmqStream *stream;
  ZmqSocket *peer;
  void      *peer_handle;
  BenchMeter meter;
  guint64    next_frame; /* to be sent */
} BusyPair;

static void
busy_pair_refill (BusyPair *self)
{
  guint64 frame;

  bench_write_number (&frame, self->next_frame++);
  bench_check (zmq_send (self->peer_handle, &frame, sizeof frame, ZMQ_DONTWAIT));
}

/* What comes out is put in again at the other end: no stream ever runs dry. */
static void
on_busy_received (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    user_data)
{
  BusyPair     *self = user_data;
  gsize         size;
  gconstpointer data = zmqglib_message_peek_frame (message, 0, &size);

  bench_touch (&self->meter, data, size);
  bench_meter_count (&self->meter);
  busy_pair_refill (self);
}

static void
busy_pair_init (BusyPair *self,
                Bench    *bench,
                int       index)
{
  g_autofree char *endpoint = g_strdup_printf ("%s-%d", ENDPOINT, index);
  g_autoptr (ZmqSocket) socket = create_socket (bench, ZMQGLIB_SOCKET_PAIR);

  self->peer = create_socket (bench, ZMQGLIB_SOCKET_PAIR);
  bind_or_connect (socket, TRUE, endpoint);
  bind_or_connect (self->peer, FALSE, endpoint);

  bench_meter_init (&self->meter, G_MAXINT64);
  self->peer_handle = zmqglib_socket_get_handle (self->peer);
  for (int i = 0; i < N_WAITING; i++)
    busy_pair_refill (self);

  self->stream = zmqglib_stream_new (socket);
  g_signal_connect (self->stream, "received", G_CALLBACK (on_busy_received), self);
}

static void
busy_pair_clear (BusyPair *self)
{
  zmqglib_stream_close (self->stream);
  g_object_unref (self->stream);
  zmqglib_socket_close (self->peer);
  g_object_unref (self->peer);
}

static gboolean
on_time_is_up (gpointer user_data)
{
  g_main_loop_quit (user_data);

  return G_SOURCE_REMOVE;
}

static void
run_busy (Bench *bench)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autofree BusyPair *pairs = g_new0 (BusyPair, bench->count);
  gint64               slowest = G_MAXINT64;
  gint64               fastest = 0;

  for (gint64 i = 0; i < bench->count; i++)
    busy_pair_init (&pairs[i], bench, i);

  g_timeout_add_seconds (BUSY_SECONDS, on_time_is_up, loop);
  g_main_loop_run (loop);

  for (gint64 i = 0; i < bench->count; i++)
    {
      slowest = MIN (slowest, pairs[i].meter.n_messages);
      fastest = MAX (fastest, pairs[i].meter.n_messages);
      busy_pair_clear (&pairs[i]);
    }
  iterate_until_asleep ();

  bench_print ("slowest", (double) slowest, "fastest", (double) fastest,
               "slowest_over_fastest", (double) slowest / MAX (fastest, 1), NULL);
}

static void
run_idle (Bench *bench)
{
  Costs  costs;
  double n = bench->count;

  if (g_str_equal (bench->side, "stream"))
    measure_streams (bench, &costs);
  else
    measure_bare (bench, &costs);

  bench_print ("bytes_each", (double) costs.bytes / n,
               "create_us_each", costs.create_ns / 1e3 / n,
               "close_us_each", costs.close_ns / 1e3 / n, NULL);
}

int
main (int    argc,
      char **argv)
{
  static const char *const sides[] = { "stream", "bare", "busy", NULL };
  Bench                    bench = { .count = 1000 };

  bench_init (&bench, argc, argv, sides);
  bench_allow_sockets (&bench, 2 * bench.count + 16);

  if (g_str_equal (bench.side, "busy"))
    run_busy (&bench);
  else
    run_idle (&bench);

  bench_clear (&bench);

  return EXIT_SUCCESS;
}

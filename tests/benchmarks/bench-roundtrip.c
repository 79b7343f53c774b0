/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How long a REQ waits for its reply, with idle sockets in the same loop:
 *
 *   stream   all are streams, with handlers
 *   sources  each has a GSource of its own, which queries ZMQ_EVENTS before the loop sleeps and
 *            after it wakes, as people write it by hand
 *   bare     all are in the array of one zmq_poll(), without a main loop
 *
 * The idle sockets are DEALERs, connected over inproc to one ROUTER that says nothing. */

#include "bench.h"

#include <stdlib.h>

#define IDLE_ENDPOINT "inproc://idle"

typedef struct
{
  Bench      bench;
  BenchMeter meter;
  GMainLoop *loop;
  char      *request;
  gint64    *times_ns; /* of each round trip after the warm-up */
  gint64     n_times;
  gint64     sent_ns;

  ZmqSocket *socket;
  ZmqSocket *router;
  GPtrArray *idle_sockets;
} RoundTrips;

static void
round_trips_write_request (RoundTrips *self)
{
  bench_write_number (self->request, self->meter.n_messages);
  self->sent_ns = bench_now_ns ();
}

/* Returns whether that was the last one. */
static gboolean
round_trips_take_reply (RoundTrips   *self,
                        gconstpointer data,
                        gsize         size)
{
  if (self->meter.n_messages >= self->meter.warm_up)
    self->times_ns[self->n_times++] = bench_now_ns () - self->sent_ns;

  bench_touch (&self->meter, data, size);

  return bench_meter_count (&self->meter);
}

/* The side “stream” */

static void
send_through_stream (RoundTrips *self,
                     ZmqStream  *stream)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autoptr (GError) error = NULL;

  round_trips_write_request (self);
  zmqglib_message_append_data (message, self->request, self->bench.size);
  if (!zmqglib_stream_send (stream, message, &error))
    bench_fail ("%s", error->message);
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  RoundTrips   *self = user_data;
  gsize         size;
  gconstpointer data = zmqglib_message_peek_frame (message, 0, &size);

  if (round_trips_take_reply (self, data, size))
    g_main_loop_quit (self->loop);
  else
    send_through_stream (self, stream);
}

static void
on_idle_received (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    user_data)
{
  bench_fail ("An idle socket has received a message");
}

static void
run_streams (RoundTrips *self)
{
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (self->socket);
  g_autoptr (GPtrArray) idle = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->idle_sockets->len; i++)
    {
      ZmqStream *idle_stream = zmqglib_stream_new (self->idle_sockets->pdata[i]);

      g_signal_connect (idle_stream, "received", G_CALLBACK (on_idle_received), NULL);
      g_ptr_array_add (idle, idle_stream);
    }

  g_signal_connect (stream, "received", G_CALLBACK (on_received), self);
  send_through_stream (self, stream);
  g_main_loop_run (self->loop);
}

/* The sides on bare handles */

static void
send_bare (RoundTrips *self,
           void       *handle)
{
  zmq_msg_t message;

  round_trips_write_request (self);
  bench_check (zmq_msg_init_size (&message, self->bench.size));
  memcpy (zmq_msg_data (&message), self->request, self->bench.size);
  bench_check (zmq_msg_send (&message, handle, 0));
}

static gboolean
receive_bare (RoundTrips *self,
              void       *handle)
{
  zmq_msg_t message;
  gboolean  last;

  bench_check (zmq_msg_init (&message));
  bench_check (zmq_msg_recv (&message, handle, ZMQ_DONTWAIT));
  last = round_trips_take_reply (self, zmq_msg_data (&message), zmq_msg_size (&message));
  zmq_msg_close (&message);

  return last;
}

static void
run_bare (RoundTrips *self)
{
  void                      *handle = zmqglib_socket_get_handle (self->socket);
  guint                      n_items = 1 + self->idle_sockets->len;
  g_autofree zmq_pollitem_t *items = g_new0 (zmq_pollitem_t, n_items);
  gboolean                   done = FALSE;

  items[0] = (zmq_pollitem_t){ .socket = handle, .events = ZMQ_POLLIN };
  for (guint i = 1; i < n_items; i++)
    items[i] = (zmq_pollitem_t){ .socket = zmqglib_socket_get_handle (self->idle_sockets->pdata[i - 1]),
                                 .events = ZMQ_POLLIN };

  send_bare (self, handle);
  while (!done)
    {
      bench_check (zmq_poll (items, n_items, -1));

      for (guint i = 1; i < n_items; i++)
        if (items[i].revents != 0)
          bench_fail ("An idle socket has received a message");

      if (items[0].revents != 0)
        {
          done = receive_bare (self, handle);
          if (!done)
            send_bare (self, handle);
        }
    }
}

/* The side “sources” */

typedef struct
{
  GSource parent;
  void   *handle;
  GPollFD poll;
} HandleSource;

static gboolean
handle_source_is_ready (GSource *source)
{
  HandleSource *self = (HandleSource *) source;
  int           events = 0;
  size_t        size = sizeof events;

  bench_check (zmq_getsockopt (self->handle, ZMQ_EVENTS, &events, &size));

  return (events & ZMQ_POLLIN) != 0;
}

static gboolean
handle_source_prepare (GSource *source,
                       int     *timeout)
{
  *timeout = -1;

  return handle_source_is_ready (source);
}

static gboolean
handle_source_dispatch (GSource    *source,
                        GSourceFunc callback,
                        gpointer    user_data)
{
  return callback (user_data);
}

static GSource *
handle_source_attach (void       *handle,
                      GSourceFunc callback,
                      gpointer    user_data)
{
  static GSourceFuncs funcs = {
    .prepare = handle_source_prepare,
    .check = handle_source_is_ready,
    .dispatch = handle_source_dispatch,
  };
  GSource      *source = g_source_new (&funcs, sizeof (HandleSource));
  HandleSource *self = (HandleSource *) source;
  size_t        size = sizeof self->poll.fd;

  self->handle = handle;
  self->poll.events = G_IO_IN;
  bench_check (zmq_getsockopt (handle, ZMQ_FD, &self->poll.fd, &size));

  /* Not g_source_add_unix_fd(): that makes the source ready whatever check says. */
  g_source_add_poll (source, &self->poll);
  g_source_set_callback (source, callback, user_data, NULL);
  g_source_attach (source, NULL);

  return source;
}

static gboolean
on_ready (gpointer user_data)
{
  RoundTrips *self = user_data;
  void       *handle = zmqglib_socket_get_handle (self->socket);

  if (receive_bare (self, handle))
    g_main_loop_quit (self->loop);
  else
    send_bare (self, handle);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_idle_ready (gpointer user_data)
{
  bench_fail ("An idle socket has received a message");
}

static void
run_sources (RoundTrips *self)
{
  void *handle = zmqglib_socket_get_handle (self->socket);

  handle_source_attach (handle, on_ready, self);
  for (guint i = 0; i < self->idle_sockets->len; i++)
    handle_source_attach (zmqglib_socket_get_handle (self->idle_sockets->pdata[i]), on_idle_ready, NULL);

  send_bare (self, handle);
  g_main_loop_run (self->loop);
}

/* Common to all */

static void
round_trips_create_idle (RoundTrips *self)
{
  g_autoptr (GError) error = NULL;

  self->idle_sockets = g_ptr_array_new_with_free_func (g_object_unref);
  self->router = zmqglib_socket_new (self->bench.context, ZMQGLIB_SOCKET_ROUTER, &error);
  if (self->router == NULL || !zmqglib_socket_bind (self->router, IDLE_ENDPOINT, &error))
    bench_fail ("%s", error->message);

  for (int i = 0; i < self->bench.idle; i++)
    {
      ZmqSocket *socket = zmqglib_socket_new (self->bench.context, ZMQGLIB_SOCKET_DEALER, &error);

      if (socket == NULL || !zmqglib_socket_connect_to (socket, IDLE_ENDPOINT, &error))
        bench_fail ("%s", error->message);
      g_ptr_array_add (self->idle_sockets, socket);
    }
}

static void
round_trips_run (RoundTrips *self)
{
  if (g_str_equal (self->bench.side, "stream"))
    run_streams (self);
  else if (g_str_equal (self->bench.side, "sources"))
    run_sources (self);
  else
    run_bare (self);
}

static int
compare_times (gconstpointer a,
               gconstpointer b)
{
  const gint64 *first = a;
  const gint64 *second = b;

  return (*first > *second) - (*first < *second);
}

static void
round_trips_print (RoundTrips *self)
{
  qsort (self->times_ns, self->n_times, sizeof *self->times_ns, compare_times);

  bench_print ("median_us", self->times_ns[self->n_times / 2] / 1e3,
               "p99_us", self->times_ns[self->n_times * 99 / 100] / 1e3, NULL);
}

int
main (int    argc,
      char **argv)
{
  static const char *const sides[] = { "stream", "sources", "bare", NULL };
  RoundTrips               trips = { .bench.count = 10000 };
  g_autofree char         *endpoint = NULL;
  BenchPeer               *peer;

  bench_init (&trips.bench, argc, argv, sides);
  bench_meter_init (&trips.meter, trips.bench.count);
  bench_allow_sockets (&trips.bench, trips.bench.idle + 16);
  trips.loop = g_main_loop_new (NULL, FALSE);
  trips.request = g_malloc0 (trips.bench.size);
  trips.times_ns = g_new (gint64, trips.bench.count);

  round_trips_create_idle (&trips);
  trips.socket = bench_bind (&trips.bench, ZMQGLIB_SOCKET_REQ, &endpoint);
  peer = bench_peer_start (&trips.bench, "echo", endpoint, NULL);

  round_trips_run (&trips);
  round_trips_print (&trips);

  /* The empty request is the peer's last. */
  bench_check (zmq_send (zmqglib_socket_get_handle (trips.socket), NULL, 0, 0));
  bench_peer_wait (peer);

  g_object_unref (trips.socket);
  g_ptr_array_unref (trips.idle_sockets);
  g_object_unref (trips.router);
  g_main_loop_unref (trips.loop);
  g_free (trips.request);
  g_free (trips.times_ns);
  bench_clear (&trips.bench);

  return EXIT_SUCCESS;
}

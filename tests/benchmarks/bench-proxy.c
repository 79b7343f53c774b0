/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How fast messages go through a proxy from a PUSH, in a process of its own, to a PULL here:
 *
 *   zmqglib  a ZmqProxy in a thread of its own
 *   loop     a ZmqProxy in the main loop, with the PULL in a thread
 *   libzmq   zmq_proxy() in a thread */

#include "bench.h"

#include <stdlib.h>

typedef struct
{
  BenchMeter meter;
  GMainLoop *loop; /* of the side “loop”, or NULL */
  ZmqSocket *frontend;
  ZmqSocket *backend;
  char      *endpoint; /* of the backend */
} Path;

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);

  return G_SOURCE_REMOVE;
}

/* What is at the end, of which both sides have the same. */
static gpointer
receive_all (gpointer data)
{
  Path     *self = data;
  void     *context = zmq_ctx_new ();
  void     *socket = zmq_socket (context, ZMQ_PULL);
  zmq_msg_t message;

  bench_check (zmq_connect (socket, self->endpoint));
  bench_check (zmq_msg_init (&message));
  do
    {
      if (zmq_msg_recv (&message, socket, 0) < 0)
        bench_check (-1);
      bench_touch (&self->meter, zmq_msg_data (&message), zmq_msg_size (&message));
    }
  while (!bench_meter_count (&self->meter));

  zmq_msg_close (&message);
  zmq_close (socket);
  zmq_ctx_term (context);
  if (self->loop != NULL)
    g_idle_add (quit, self->loop);

  return NULL;
}

static gpointer
run_zmq_proxy (gpointer data)
{
  Path *self = data;

  zmq_proxy (zmqglib_socket_get_handle (self->frontend), zmqglib_socket_get_handle (self->backend), NULL);

  return NULL;
}

static void
pass_by_libzmq (Path  *self,
                Bench *bench)
{
  GThread *thread = g_thread_new ("proxy", run_zmq_proxy, self);

  receive_all (self);
  zmqglib_context_shutdown (bench->context);
  g_thread_join (thread);
}

static void
pass_by_zmqglib (Path *self)
{
  g_autoptr (ZmqProxy) proxy = zmqglib_proxy_new (self->frontend, self->backend, NULL, NULL);
  GThread *thread;

  if (self->loop == NULL)
    {
      zmqglib_proxy_start_in_thread (proxy, NULL);
      receive_all (self);
    }
  else
    {
      zmqglib_proxy_start (proxy);
      thread = g_thread_new ("receive", receive_all, self);
      g_main_loop_run (self->loop);
      g_thread_join (thread);
    }
  zmqglib_proxy_stop (proxy);
}

int
main (int    argc,
      char **argv)
{
  static const char *const sides[] = { "zmqglib", "loop", "libzmq", NULL };
  Bench                    bench = { .count = 500000 };
  Path                     path = { 0 };
  g_autofree char         *endpoint = NULL;
  BenchPeer               *peer;

  bench_init (&bench, argc, argv, sides);
  bench_meter_init (&path.meter, bench.count);
  path.frontend = bench_bind (&bench, ZMQGLIB_SOCKET_PULL, &endpoint);
  path.backend = bench_bind (&bench, ZMQGLIB_SOCKET_PUSH, &path.endpoint);
  if (g_str_equal (bench.side, "loop"))
    path.loop = g_main_loop_new (NULL, FALSE);
  peer = bench_peer_start (&bench, "push", endpoint, NULL);

  if (g_str_equal (bench.side, "libzmq"))
    pass_by_libzmq (&path, &bench);
  else
    pass_by_zmqglib (&path);
  bench_meter_print (&path.meter);

  bench_peer_wait (peer);
  g_object_unref (path.frontend);
  g_object_unref (path.backend);
  g_clear_pointer (&path.loop, g_main_loop_unref);
  g_free (path.endpoint);
  bench_clear (&bench);

  return EXIT_SUCCESS;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How fast messages that a PUSH sends reach a program that uses CZMQ’s zloop: its handler is called
 * whenever the socket is readable, and receives one whole message. */

#include "bench.h"

#include <czmq.h>

static int
on_readable (zloop_t *loop,
             zsock_t *socket,
             void    *user_data)
{
  BenchMeter *meter = user_data;
  zmsg_t     *message = zmsg_recv (socket);

  if (message == NULL)
    bench_fail ("zmsg_recv: %s", zmq_strerror (zmq_errno ()));

  for (zframe_t *frame = zmsg_first (message); frame != NULL; frame = zmsg_next (message))
    bench_touch (meter, zframe_data (frame), zframe_size (frame));
  zmsg_destroy (&message);

  return bench_meter_count (meter) ? -1 : 0; /* which ends the loop */
}

/* With inproc, the peer’s socket has to be of CZMQ’s context too. */
static zsock_t *
create_peer_socket (const Bench *bench)
{
  return g_str_equal (bench->transport, "inproc") ? zsock_new (ZMQ_PUSH) : NULL;
}

int
main (int    argc,
      char **argv)
{
  static const char *const sides[] = { "czmq", NULL };
  Bench                    bench = { .count = 300000 };
  g_autofree char         *wanted = NULL;
  zsock_t                 *socket;
  zsock_t                 *peer_socket;
  zloop_t                 *loop;
  BenchMeter               meter;
  BenchPeer               *peer;

  bench_init (&bench, argc, argv, sides);
  bench_meter_init (&meter, bench.count);
  wanted = bench_dup_endpoint (&bench);

  socket = zsock_new (ZMQ_PULL);
  bench_check (zsock_bind (socket, "%s", wanted));
  peer_socket = create_peer_socket (&bench);
  peer = bench_peer_start (&bench, "push", zsock_endpoint (socket),
                           peer_socket != NULL ? zsock_resolve (peer_socket) : NULL);

  loop = zloop_new ();
  zloop_reader (loop, socket, on_readable, &meter);
  zloop_start (loop);
  zloop_destroy (&loop);

  bench_meter_print (&meter);

  bench_peer_wait (peer);
  zsock_destroy (&peer_socket);
  zsock_destroy (&socket);
  bench_clear (&bench);

  return EXIT_SUCCESS;
}

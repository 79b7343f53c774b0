/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The other end of a benchmark, in bare libzmq:
 *
 *   bench-peer push ENDPOINT SIZE FRAMES COUNT  sends COUNT messages, without end when it is 0,
 *                                               and then waits for the end of its standard input
 *   bench-peer pull ENDPOINT SIZE FRAMES COUNT  receives COUNT messages
 *   bench-peer echo ENDPOINT                    returns what it gets, until that is empty */

#include "bench.h"

#include <stdlib.h>
#include <unistd.h>

#define EXIT_USAGE 2

static gint64
get_number (int    argc,
            char **argv,
            int    index)
{
  return index < argc ? g_ascii_strtoll (argv[index], NULL, 10) : 0;
}

/* With ipc, a socket that has reached its high-water mark drops what it has not read from the
 * kernel as soon as the sender hangs up. So the sender waits until the receiver has everything. */
static void
wait_for_end_of_input (void)
{
  char buffer[64];

  while (read (STDIN_FILENO, buffer, sizeof buffer) > 0)
    continue;
}

int
main (int    argc,
      char **argv)
{
  int    size = get_number (argc, argv, 3);
  int    frames = get_number (argc, argv, 4);
  gint64 count = get_number (argc, argv, 5);
  int    type = argc > 2 ? bench_peer_get_socket_type (argv[1]) : -1;
  void  *context;
  void  *socket;

  if (type == -1 || (type == ZMQ_PUSH && (size < (int) sizeof (guint64) || frames < 1)))
    {
      g_printerr ("Usage: bench-peer push|pull|echo ENDPOINT [SIZE FRAMES COUNT]\n");
      return EXIT_USAGE;
    }

  context = zmq_ctx_new ();
  socket = zmq_socket (context, type);
  bench_peer_run_role (socket, argv[1], argv[2], size, frames, count);

  if (type == ZMQ_PUSH)
    wait_for_end_of_input ();

  zmq_close (socket);
  zmq_ctx_term (context);

  return EXIT_SUCCESS;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <zmq.h>

#include "test-util.h"

G_BEGIN_DECLS

/* Peers that are processes of their own, of libzmq alone, and that are killed, stopped and started again: the test’s own
 * program, called “--peer KIND ENDPOINT PARENT”. */

static const char *killed_program;

static inline gboolean
peer_pass_on (void *socket)
{
  int has_more = TRUE;

  while (has_more)
    {
      zmq_msg_t frame;

      zmq_msg_init (&frame);
      if (zmq_msg_recv (&frame, socket, 0) < 0)
        return FALSE;
      has_more = zmq_msg_more (&frame);
      if (zmq_msg_send (&frame, socket, has_more ? ZMQ_SNDMORE : 0) < 0)
        zmq_msg_close (&frame);
    }

  return TRUE;
}

/* A ROUTER, which nobody’s reply is dropped by, sends everything back. */
static inline void
peer_echo (void       *context,
           const char *endpoint)
{
  const int none = 0;
  void     *socket = zmq_socket (context, ZMQ_ROUTER);

  zmq_setsockopt (socket, ZMQ_SNDHWM, &none, sizeof none);
  while (zmq_bind (socket, endpoint) != 0)
    g_usleep (1000);
  while (peer_pass_on (socket))
    ;
}

/* A REP that connects, as workers do. */
static inline void
peer_work (void       *context,
           const char *endpoint)
{
  void *socket = zmq_socket (context, ZMQ_REP);

  zmq_connect (socket, endpoint);
  while (peer_pass_on (socket))
    ;
}

/* Asks, one number after the other, and expects each back. */
static inline void
peer_ask (void       *context,
          const char *endpoint)
{
  void *socket = zmq_socket (context, ZMQ_REQ);

  zmq_connect (socket, endpoint);
  for (guint number = 0;; number++)
    {
      guint answer = 0;

      if (zmq_send (socket, &number, sizeof number, 0) < 0 || zmq_recv (socket, &answer, sizeof answer, 0) < 0)
        return;
      if (answer != number)
        abort ();
    }
}

/* Says that it is somebody, and goes on, if it is let in. */
static inline void
peer_knock (void       *context,
            const char *endpoint)
{
  void *socket = zmq_socket (context, ZMQ_DEALER);

  zmq_setsockopt (socket, ZMQ_PLAIN_USERNAME, "Ann", 3);
  zmq_setsockopt (socket, ZMQ_PLAIN_PASSWORD, "secret", 6);
  zmq_connect (socket, endpoint);
  for (;;)
    if (zmq_send (socket, "knock", 5, 0) < 0)
      return;
}

static const struct
{
  const char *name;
  void (*func) (void *, const char *);
} peer_kinds[] = {
  { "echo", peer_echo },
  { "work", peer_work },
  { "ask", peer_ask },
  { "knock", peer_knock },
};

/* To be called first in main(): in a peer’s process it does not return. */
static inline void
killed_init (int    argc,
             char **argv)
{
  killed_program = argv[0];
  if (argc != 5 || !g_str_equal (argv[1], "--peer"))
    return;

  /* whoever started it may have gone already */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != atoi (argv[4]))
    exit (EXIT_FAILURE);
  for (gsize i = 0; i < G_N_ELEMENTS (peer_kinds); i++)
    if (g_str_equal (argv[2], peer_kinds[i].name))
      peer_kinds[i].func (zmq_ctx_new (), argv[3]);
  exit (EXIT_FAILURE);
}

static inline GSubprocess *
peer_start (const char *kind,
            const char *endpoint)
{
  g_autofree char *parent = g_strdup_printf ("%d", (int) getpid ());
  g_autoptr (GError) error = NULL;
  GSubprocess *peer = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, killed_program, "--peer", kind, endpoint, parent, NULL);

  g_assert_no_error (error);

  return peer;
}

/* Not before it is gone: whoever takes its place finds the port free. */
static inline void
peer_kill (GSubprocess **peer)
{
  if (*peer == NULL)
    return;

  g_subprocess_force_exit (*peer);
  g_subprocess_wait (*peer, NULL, NULL);
  g_clear_object (peer);
}

static inline void
peer_stop (GSubprocess *peer)
{
  g_subprocess_send_signal (peer, SIGSTOP);
}

static inline void
peer_continue (GSubprocess *peer)
{
  g_subprocess_send_signal (peer, SIGCONT);
}

/* Nobody else’s address of this machine, so that nobody takes the port while a peer is down. */
static inline char *
killed_free_endpoint (void)
{
  return g_strdup_printf ("tcp://127.%d.%d.%d:%d", g_random_int_range (1, 255), g_random_int_range (0, 256),
                          g_random_int_range (1, 255), g_random_int_range (1024, 32768));
}

G_END_DECLS

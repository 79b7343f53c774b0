/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <stdlib.h>
#include <zmq.h>

#include "../test-hostile-util.h"
#include "soak-roles.h"

/* What a hostile peer does, again and again: noise, broken handshakes and frames, connections that say nothing, or that
 * are held half open, and messages in envelopes that are none. */

#define N_HALF_OPEN 8

static int half_open[N_HALF_OPEN];

/* Those that are held: one goes, another comes. */
static void
hold_half_open (const HostileTarget *target,
                guint                which)
{
  g_autoptr (GByteArray) greeting = hostile_greeting ("NULL");

  if (half_open[which] != 0)
    close (half_open[which]);
  half_open[which] = hostile_connect (target);
  hostile_send (half_open[which], greeting->data, g_test_rand_int_range (0, greeting->len));
}

static void
send_envelopes (const char *endpoint)
{
  void *context = zmq_ctx_new ();
  void *socket = zmq_socket (context, ZMQ_DEALER);
  int   n_frames = g_test_rand_int_range (1, 200);

  zmq_connect (socket, endpoint);
  zmq_send (socket, "", 0, 0);
  for (int i = n_frames; i > 0; i--)
    zmq_send (socket, "noise", g_test_rand_int_range (0, 6), i > 1 ? ZMQ_SNDMORE : 0);
  /* who is not let in is not waited for */
  zmq_setsockopt (socket, ZMQ_LINGER, &(int){ 200 }, sizeof (int));
  zmq_close (socket);
  zmq_ctx_term (context);
}

static void
attack_once (const HostileTarget *target,
             const char          *endpoint)
{
  switch (g_test_rand_int_range (0, 8))
    {
    case 0:
      hostile_send_noise (target);
      break;
    case 1:
      hostile_send_wrong_mechanisms (target);
      break;
    case 2:
      hostile_send_wrong_commands (target);
      break;
    case 3:
      for (guint i = 0; i < 20; i++)
        if (i % 2 == 0)
          hostile_reset (hostile_connect (target));
        else
          close (hostile_connect (target));
      break;
    case 4:
      hostile_trickle (target);
      break;
    case 5:
      hold_half_open (target, g_test_rand_int_range (0, N_HALF_OPEN));
      break;
    case 6:
      send_envelopes (endpoint);
      break;
    default:
      hostile_send_wrong_lengths (target);
      break;
    }
}

void
soak_attack (const char *endpoint)
{
  HostileTarget target = { .port = atoi (strrchr (endpoint, ':') + 1), .name = "DEALER", .scale = 1 };
  char         *argv[] = { (char *) "attack", NULL };
  char        **arguments = argv;
  int           argc = 1;

  g_test_init (&argc, &arguments, NULL);
  for (guint i = 0; i < N_HALF_OPEN; i++)
    hold_half_open (&target, i);
  for (;;)
    {
      attack_once (&target, endpoint);
      g_usleep (1000 * g_test_rand_int_range (20, 400));
    }
}

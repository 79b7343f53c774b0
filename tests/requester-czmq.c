/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* requester-czmq ENDPOINT NAME N: as requester.py, with a REQ socket of CZMQ’s. */

#include <czmq.h>

#define TIMEOUT_MS 20000

static int
ask (zsock_t    *socket,
     const char *name,
     int         number)
{
  char *to = NULL;
  char *reply_name = NULL;
  int   reply_number = -1;
  int   is_right = 0;

  if (zsock_send (socket, "si", name, number) == 0 && zsock_recv (socket, "ssi", &to, &reply_name, &reply_number) == 0)
    is_right = streq (to, "to") && streq (reply_name, name) && reply_number == number;
  zstr_free (&to);
  zstr_free (&reply_name);

  return is_right;
}

int
main (int   argc,
      char *argv[])
{
  zsock_t *socket;
  int      n_right = 0;
  int      n;

  if (argc != 4)
    return 2;

  n = atoi (argv[3]);
  socket = zsock_new_req (argv[1]);
  zsock_set_rcvtimeo (socket, TIMEOUT_MS);
  zsock_set_sndtimeo (socket, TIMEOUT_MS);
  while (n_right < n && ask (socket, argv[2], n_right))
    n_right++;
  zsock_destroy (&socket);

  return n_right == n ? 0 : 1;
}

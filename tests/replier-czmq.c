/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* replier-czmq TYPE ENDPOINT HOW: as replier.py, with a socket of CZMQ’s. It answers at once, two times, or when ten have
 * come, from the last to the first. */

#include <czmq.h>

#define N_REVERSED 10

static zsock_t *
new_server (const char *type,
            const char *endpoint)
{
  if (streq (type, "REP"))
    return zsock_new_rep (endpoint);
  if (streq (type, "ROUTER"))
    return zsock_new_router (endpoint);
  if (streq (type, "DEALER"))
    {
      zsock_t *socket = zsock_new (ZMQ_DEALER);

      /* which connects when it is not told to bind */
      if (zsock_attach (socket, endpoint, true) != 0)
        zsock_destroy (&socket);

      return socket;
    }

  return NULL;
}

/* Takes the request. */
static int
answer (zsock_t *socket,
        zmsg_t  *request,
        int      n_times)
{
  zframe_t *last = zmsg_last (request);
  char     *text = zframe_strdup (last);
  int       result = 0;

  zmsg_remove (request, last);
  zframe_destroy (&last);
  zmsg_addstrf (request, "re: %s", text);
  for (int i = 0; i < n_times && result == 0; i++)
    {
      zmsg_t *copy = zmsg_dup (request);

      result = zmsg_send (&copy, socket);
    }
  zstr_free (&text);
  zmsg_destroy (&request);

  return result;
}

int
main (int   argc,
      char *argv[])
{
  zsock_t *socket = argc == 4 ? new_server (argv[1], argv[2]) : NULL;
  zmsg_t  *kept[N_REVERSED];
  int      n_kept = 0;
  int      n_awaited;

  if (socket == NULL)
    return 2;

  n_awaited = streq (argv[3], "reversed") ? N_REVERSED : 1;
  puts (zsock_endpoint (socket));
  fflush (stdout);
  while ((kept[n_kept] = zmsg_recv (socket)) != NULL)
    if (++n_kept == n_awaited)
      while (n_kept > 0)
        if (answer (socket, kept[--n_kept], streq (argv[3], "twice") ? 2 : 1) != 0)
          return 1;
  zsock_destroy (&socket);

  return 0;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "services/zmqglib-client-call-private.h"

/* Which routes a request has asked, and which it asks next. */

/*
 * zmqglib_client_asking_new:
 *
 * Returns: (transfer none): that the route is asked in this round
 */
ZmqClientAsking *
zmqglib_client_asking_new (ZmqClientCall  *call,
                           ZmqClientRoute *route)
{
  ZmqClientAsking *self = call->only.route == NULL ? &call->only : g_new0 (ZmqClientAsking, 1);

  self->try.owner = call;
  self->try.tracker = call->tracker;
  self->try.round = call->round;
  self->route = zmqglib_client_route_ref (route);
  self->is_awaited = TRUE;
  self->next = call->askings;
  call->askings = self;

  return self;
}

/*
 * zmqglib_client_asking_withdraw:
 *
 * Nobody waits for an answer. What was not sent is not going to be.
 */
void
zmqglib_client_asking_withdraw (ZmqClientAsking *self)
{
  zmqglib_client_try_withdraw (&self->try);
  if (self->own == NULL)
    return;

  zmqglib_client_channel_close (self->own);
  g_clear_pointer (&self->own, zmqglib_client_channel_unref);
}

static void
asking_free (ZmqClientAsking *self,
             ZmqClientCall   *call)
{
  zmqglib_client_asking_withdraw (self);
  zmqglib_client_route_unref (self->route);
  if (self != &call->only)
    g_free (self);
  else
    *self = (ZmqClientAsking){ 0 };
}

void
zmqglib_client_askings_clear (ZmqClientCall *call)
{
  ZmqClientAsking *next;

  for (ZmqClientAsking *asking = g_steal_pointer (&call->askings); asking != NULL; asking = next)
    {
      next = asking->next;
      asking_free (asking, call);
    }
}

/*
 * zmqglib_client_askings_trim:
 *
 * Makes room for one more try of a route in which each has a socket of its own: of those before, the last one only may still
 * be answered, or there would be no end of sockets.
 */
void
zmqglib_client_askings_trim (ZmqClientCall  *call,
                             ZmqClientRoute *route)
{
  ZmqClientAsking **link = &call->askings;
  guint             n_kept = 0;

  while (*link != NULL)
    {
      ZmqClientAsking *asking = *link;

      if (asking->route == route && ++n_kept > 1)
        {
          *link = asking->next;
          asking_free (asking, call);
        }
      else
        link = &asking->next;
    }
}

static ZmqClientAsking **
find (ZmqClientCall  *call,
      ZmqClientRoute *route)
{
  ZmqClientAsking **link = &call->askings;

  while (*link != NULL && (*link)->route != route)
    link = &(*link)->next;

  return link;
}

/*
 * zmqglib_client_asking_renew:
 * @route: one that has a channel for all
 *
 * Returns: (transfer none): that the route is asked in this round
 */
ZmqClientAsking *
zmqglib_client_asking_renew (ZmqClientCall  *call,
                             ZmqClientRoute *route)
{
  ZmqClientAsking **link = find (call, route);
  ZmqClientAsking  *self = *link;

  if (self == NULL)
    return zmqglib_client_asking_new (call, route);

  *link = self->next;
  self->next = call->askings;
  call->askings = self;
  zmqglib_client_asking_withdraw (self);
  self->try.round = call->round;
  self->is_awaited = TRUE;

  return self;
}

static guint
get_first (ZmqClientCall *call)
{
  ZmqClientCore *core = call->core;
  guint          index;

  if (call->terms.strategy != ZMQGLIB_CLIENT_STRATEGY_SPREAD)
    return core->current;

  /* a request’s further tries are nobody else’s turn */
  if (call->askings != NULL && g_ptr_array_find (core->routes, call->askings->route, &index))
    return index + 1;

  index = core->turn % core->routes->len;
  core->turn = index + 1;

  return index;
}

/*
 * zmqglib_client_askings_choose:
 *
 * Returns: (transfer none): the route to ask next: one that this request has not asked yet, if there is one
 */
ZmqClientRoute *
zmqglib_client_askings_choose (ZmqClientCall *call)
{
  GPtrArray *routes = call->core->routes;
  guint      first = get_first (call);

  for (guint i = 0; i < routes->len; i++)
    {
      ZmqClientRoute *route = routes->pdata[(first + i) % routes->len];

      if (*find (call, route) == NULL)
        return route;
    }

  return routes->pdata[first % routes->len];
}

/*
 * zmqglib_client_askings_find_awaited:
 * @is_gone: whether it counts, too, that the route is to be asked, or is by a channel of its own
 *
 * Returns: (nullable): that the route was asked in this round, and may answer
 */
ZmqClientAsking *
zmqglib_client_askings_find_awaited (ZmqClientCall  *call,
                                     ZmqClientRoute *route,
                                     gboolean        is_gone)
{
  for (ZmqClientAsking *asking = call->askings; asking != NULL; asking = asking->next)
    if (asking->route == route && asking->try.round == call->round && asking->is_awaited && asking->try.channel != NULL)
      return is_gone || (asking->try.is_sent && asking->own == NULL) ? asking : NULL;

  return NULL;
}

/*
 * zmqglib_client_askings_has_channel:
 *
 * Whether an answer from there is one.
 */
gboolean
zmqglib_client_askings_has_channel (ZmqClientCall    *call,
                                    ZmqClientChannel *channel)
{
  for (ZmqClientAsking *asking = call->askings; asking != NULL; asking = asking->next)
    if (asking->own == NULL && asking->route->channel == channel && asking->try.n_sent > 0)
      return TRUE;

  return FALSE;
}

/*
 * zmqglib_client_askings_were_sent:
 *
 * Whether anybody was asked in this round.
 */
gboolean
zmqglib_client_askings_were_sent (ZmqClientCall *call)
{
  for (ZmqClientAsking *asking = call->askings; asking != NULL; asking = asking->next)
    if (asking->try.round == call->round && asking->try.is_sent)
      return TRUE;

  return FALSE;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-error-private.h"
#include "services/zmqglib-proxy-pump-private.h"

/* How messages go from one side to the other: none is read that the other side cannot take, and the capture, when there
 * is one. Where a socket refuses all the same, the one message waits, and goes back when the proxy is stopped. */

/* What is not worth keeping until the next message comes. */
#define KEPT_BYTES 8192

/* What an earlier run has left comes first. */
static void
take_captured (ZmqProxyPump *self)
{
  if (self->captured != NULL || g_atomic_pointer_get (&self->core->captured) == NULL)
    return;

  self->captured = g_atomic_pointer_exchange (&self->core->captured, NULL);
  self->sides[ZMQGLIB_PROXY_CAPTURE].is_full = TRUE;
}

/*
 * zmqglib_proxy_pump_init:
 * @capture: (nullable): what is given a copy of each message
 */
void
zmqglib_proxy_pump_init (ZmqProxyPump  *self,
                         ZmqProxyCore  *core,
                         ZmqSocketCore *frontend,
                         ZmqSocketCore *backend,
                         ZmqSocketCore *capture)
{
  ZmqSocketCore *sockets[] = { frontend, backend != frontend ? backend : NULL, capture };

  self->core = core;
  for (gsize i = 0; i < ZMQGLIB_PROXY_N_SIDES; i++)
    self->sides[i].socket = sockets[i] != NULL ? zmqglib_socket_core_ref (sockets[i]) : NULL;
  take_captured (self);

  if (backend == frontend)
    {
      self->n_lanes = 1;
      self->lanes[0].from = self->lanes[0].to = &self->sides[ZMQGLIB_PROXY_FRONTEND];
      return;
    }

  self->n_lanes = 2;
  self->lanes[ZMQGLIB_PROXY_DIRECTION_IN].from = &self->sides[ZMQGLIB_PROXY_FRONTEND];
  self->lanes[ZMQGLIB_PROXY_DIRECTION_IN].to = &self->sides[ZMQGLIB_PROXY_BACKEND];
  self->lanes[ZMQGLIB_PROXY_DIRECTION_OUT].from = &self->sides[ZMQGLIB_PROXY_BACKEND];
  self->lanes[ZMQGLIB_PROXY_DIRECTION_OUT].to = &self->sides[ZMQGLIB_PROXY_FRONTEND];
}

/*
 * zmqglib_proxy_pump_clear:
 *
 * Lets the sockets go; what could not be forwarded is there for who reads them next, and what could not be captured of what was
 * forwarded for the next run.
 */
void
zmqglib_proxy_pump_clear (ZmqProxyPump *self)
{
  for (guint i = 0; i < self->n_lanes; i++)
    {
      ZmqProxyLane *lane = &self->lanes[i];

      if (lane->is_waiting)
        zmqglib_socket_core_put_back (lane->from->socket, lane->message, NULL);
      lane->is_waiting = FALSE;
      g_clear_pointer (&lane->message, zmqglib_message_unref);
    }

  if (self->captured != NULL)
    self->captured = g_atomic_pointer_exchange (&self->core->captured, self->captured);
  g_clear_pointer (&self->captured, zmqglib_message_unref);
  for (gsize i = 0; i < ZMQGLIB_PROXY_N_SIDES; i++)
    g_clear_pointer (&self->sides[i].socket, zmqglib_socket_core_unref);
}

static int
check_room (ZmqProxySide *side)
{
  GIOCondition condition;
  int          errnum = zmqglib_socket_core_query (side->socket, NULL, &condition);

  side->is_full = errnum == 0 && (condition & G_IO_OUT) == 0;

  return side->is_full ? EAGAIN : errnum;
}

static GBytes *
dup_prefix (ZmqProxyCore     *core,
            ZmqProxyDirection direction)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&core->lock);

  return core->prefixes[direction] != NULL ? g_bytes_ref (core->prefixes[direction]) : NULL;
}

static int
send_captured (ZmqProxyPump *self)
{
  ZmqProxySide *side = &self->sides[ZMQGLIB_PROXY_CAPTURE];
  int           errnum;

  if (self->captured == NULL)
    return 0;

  errnum = zmqglib_socket_core_send (side->socket, self->captured);
  side->is_full = errnum == EAGAIN;
  if (errnum != EAGAIN)
    g_clear_pointer (&self->captured, zmqglib_message_unref);

  return errnum;
}

/* A copy, which shares the frames' memory. */
static int
capture (ZmqProxyPump *self,
         ZmqProxyLane *lane)
{
  g_autoptr (GBytes) prefix = NULL;

  if (self->sides[ZMQGLIB_PROXY_CAPTURE].socket == NULL)
    return 0;

  prefix = dup_prefix (self->core, lane - self->lanes);
  self->captured = zmqglib_message_copy (lane->message);
  if (prefix != NULL)
    zmqglib_message_prepend_bytes (self->captured, prefix);

  return send_captured (self);
}

/* A message that somebody has kept is theirs, and a large one is not held until the next comes. */
static void
recycle (ZmqProxyLane *lane,
         gsize         size)
{
  lane->is_waiting = FALSE;
  if (size > KEPT_BYTES || zmqglib_message_is_shared (lane->message))
    g_clear_pointer (&lane->message, zmqglib_message_unref);
}

/* Sends the message, or lets it wait. A peer that a ROUTER does not know, or that has gone, is nobody to send to. What would
 * be torn ends the proxy, and goes back. */
static int
send_message (ZmqProxyPump *self,
              ZmqProxyLane *lane)
{
  const gsize size = zmqglib_message_get_size (lane->message);
  int         errnum;

  /* one of the other direction may have come to wait while a handler ran the main loop */
  lane->is_waiting = TRUE;
  errnum = send_captured (self);
  if (errnum != 0)
    return errnum;

  errnum = zmqglib_socket_core_send (lane->to->socket, lane->message);
  lane->is_waiting = errnum == EAGAIN || errnum == ZMQGLIB_ETORN;
  lane->to->is_full = errnum == EAGAIN;
  if (errnum == EAGAIN)
    {
      if (lane->to->item != NULL)
        zmqglib_poll_item_refuse (lane->to->item);
      return errnum;
    }
  if (errnum == ZMQGLIB_ETORN)
    return errnum;

  if (errnum == 0)
    {
      lane->count.n_forwarded++;
      lane->count.n_bytes += size;
      errnum = capture (self, lane);
    }
  recycle (lane, size);

  return errnum == EHOSTUNREACH ? 0 : errnum;
}

/* Whether a handler has the message dropped. */
static gboolean
is_dropped (ZmqProxyPump *self,
            ZmqProxyLane *lane,
            ZmqProxy     *front)
{
  gboolean drops = FALSE;

  g_signal_emit (front, zmqglib_proxy_signals[PROXY_FORWARD], 0, (ZmqProxyDirection) (lane - self->lanes),
                 lane->message, &drops);

  return drops || zmqglib_message_get_n_frames (lane->message) == 0;
}

static int
receive_message (ZmqProxyLane *lane)
{
  int errnum = zmqglib_socket_core_receive (lane->from->socket, &lane->message);

  return errnum == ZMQGLIB_EPARTIAL || errnum == ZMQGLIB_EREJECTED ? EINTR : errnum;
}

/* Forwards one message. Returns EAGAIN when there is none, or no room for it. */
static int
forward_one (ZmqProxyPump *self,
             ZmqProxyLane *lane,
             ZmqProxy     *front)
{
  int errnum;

  if (self->captured != NULL && (errnum = send_captured (self)) != 0)
    return errnum;
  if (lane->is_waiting)
    return send_message (self, lane);

  errnum = receive_message (lane);
  if (errnum == EINTR)
    return 0;
  if (errnum != 0)
    return errnum;

  if (front != NULL && is_dropped (self, lane, front))
    {
      recycle (lane, zmqglib_message_get_size (lane->message));
      return 0;
    }

  return send_message (self, lane);
}

static gboolean
may_go_on (ZmqProxyPump *self)
{
  return !self->has_stopped && !g_atomic_int_get (&self->core->paused);
}

static int
run_lane (ZmqProxyPump *self,
          ZmqProxyLane *lane,
          ZmqProxy     *front,
          ZmqSlice     *slice)
{
  ZmqProxySide *captures = &self->sides[ZMQGLIB_PROXY_CAPTURE];
  ZmqTurn       turn = zmqglib_turn_begin (slice);
  int           errnum;

  if (lane->is_running || !may_go_on (self))
    return 0;

  errnum = lane->is_waiting ? 0 : check_room (lane->to);
  if (errnum == 0 && captures->socket != NULL && self->captured == NULL)
    errnum = check_room (captures);

  lane->is_running = TRUE;
  while (errnum == 0 && may_go_on (self))
    {
      errnum = forward_one (self, lane, front);
      if (zmqglib_turn_is_over (&turn))
        break;
    }
  lane->is_running = FALSE;

  return errnum == EAGAIN ? 0 : errnum;
}

/* What others may want to know, and have under a lock. */
static void
publish_counts (ZmqProxyPump *self)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->core->lock);

  for (guint i = 0; i < self->n_lanes; i++)
    {
      self->core->counts[i].n_forwarded += self->lanes[i].count.n_forwarded;
      self->core->counts[i].n_bytes += self->lanes[i].count.n_bytes;
      self->lanes[i].count = (ZmqProxyCount){ 0 };
    }
}

/*
 * zmqglib_proxy_pump_run:
 * @front: (nullable): the proxy, when it has handlers that are asked about each message
 *
 * Forwards in both directions, a share each, and not beyond the slice.
 *
 * Returns: 0, or an error number that ends the proxy
 */
int
zmqglib_proxy_pump_run (ZmqProxyPump *self,
                        ZmqProxy     *front,
                        ZmqSlice     *slice)
{
  int errnum = 0;

  take_captured (self);
  for (guint i = 0; i < self->n_lanes && errnum == 0; i++)
    errnum = run_lane (self, &self->lanes[i], front, slice);
  publish_counts (self);

  return errnum;
}

/*
 * zmqglib_proxy_pump_is_busy:
 *
 * Returns: whether a handler is being asked about a message
 */
gboolean
zmqglib_proxy_pump_is_busy (ZmqProxyPump *self)
{
  for (guint i = 0; i < self->n_lanes; i++)
    if (self->lanes[i].is_running)
      return TRUE;

  return FALSE;
}

/*
 * zmqglib_proxy_pump_wants_input:
 *
 * Returns: whether a message from that side could be forwarded, as far as is known
 */
gboolean
zmqglib_proxy_pump_wants_input (ZmqProxyPump *self,
                                ZmqProxySide *side)
{
  if (!may_go_on (self) || self->sides[ZMQGLIB_PROXY_CAPTURE].is_full)
    return FALSE;

  for (guint i = 0; i < self->n_lanes; i++)
    if (self->lanes[i].from == side && !self->lanes[i].to->is_full)
      return TRUE;

  return FALSE;
}

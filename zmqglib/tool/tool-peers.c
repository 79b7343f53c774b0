/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool/tool-peers.h"

/* Who has shaken hands can be sent to, and is counted by the monitor. A subscriber cannot yet: its subscription comes
 * a moment later, and what is published before is lost. An XPUB is told of subscriptions. */

static void
check (ToolPeers *self)
{
  const gboolean is_publisher = zmqglib_socket_get_socket_type (self->socket) == ZMQGLIB_SOCKET_XPUB;
  const guint    n = is_publisher ? self->n_subscriptions : zmqglib_monitor_get_n_peers (self->monitor);
  GSourceFunc    ready;

  if (self->ready == NULL || n < self->wanted)
    return;

  /* that somebody can be sent to has to be noticed by the socket as well */
  zmqglib_socket_get_condition (self->socket);
  ready = g_steal_pointer (&self->ready);
  ready (self->user_data);
}

static void
on_n_peers (ZmqMonitor *monitor,
            GParamSpec *pspec,
            ToolPeers  *self)
{
  check (self);
}

static void
count (ToolPeers  *self,
       ZmqMessage *message)
{
  gsize         size;
  const guint8 *data = zmqglib_message_peek_frame (message, 0, &size);

  if (size > 0 && data[0] == 1)
    self->n_subscriptions++;
  else if (size > 0 && data[0] == 0 && self->n_subscriptions > 0)
    self->n_subscriptions--;
}

static void
on_subscription (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  ZmqSocket *socket = ZMQGLIB_SOCKET (source);
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive_finish (socket, result, NULL);
  ToolPeers *self = user_data;

  /* the socket was closed, and there may be nobody to be told */
  if (message == NULL)
    return;

  count (self, message);
  check (self);

  /* also when enough are there: what is not read would pile up */
  zmqglib_socket_receive_async (socket, G_PRIORITY_DEFAULT, NULL, on_subscription, self);
}

/*
 * tool_peers_wait:
 * @socket: a socket; for a publisher an XPUB that tells each subscription
 * @monitor: a monitor that the socket has had from the beginning
 * @wanted: how many peers there have to be; for a publisher, how many subscriptions
 * @ready: called once, when they are there; now when they are
 */
void
tool_peers_wait (ToolPeers  *self,
                 ZmqSocket  *socket,
                 ZmqMonitor *monitor,
                 guint       wanted,
                 GSourceFunc ready,
                 gpointer    user_data)
{
  *self = (ToolPeers){
    .socket = g_object_ref (socket),
    .monitor = g_object_ref (monitor),
    .wanted = wanted,
    .ready = ready,
    .user_data = user_data,
  };
  self->handler = g_signal_connect (monitor, "notify::n-peers", G_CALLBACK (on_n_peers), self);
  if (zmqglib_socket_get_socket_type (socket) == ZMQGLIB_SOCKET_XPUB)
    zmqglib_socket_receive_async (socket, G_PRIORITY_DEFAULT, NULL, on_subscription, self);
  check (self);
}

void
tool_peers_clear (ToolPeers *self)
{
  if (self->monitor != NULL)
    g_clear_signal_handler (&self->handler, self->monitor);
  g_clear_object (&self->monitor);
  g_clear_object (&self->socket);
}

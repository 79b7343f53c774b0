/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "services/zmqglib-client-private.h"

/*
 * zmqglib_client_connect_channel:
 * @type: DEALER, or REQ
 * @follow: whether the channel hears of its connection
 *
 * Connects a socket as the program wants it, which is foreign code, and makes a channel of it.
 *
 * Returns: (transfer full): a channel that is yet to be opened, or %NULL with @error set
 */
ZmqClientChannel *
zmqglib_client_connect_channel (ZmqClient                   *client,
                                ZmqAgenda                   *agenda,
                                ZmqSocketType                type,
                                const char                  *endpoint,
                                const ZmqClientChannelFuncs *funcs,
                                GError                     **error)
{
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (client->context, type, error);
  ZmqClientChannel *self;

  if (socket == NULL)
    return NULL;

  /* nobody waits for what a closed client has not sent */
  g_object_set (socket, "linger", 0, NULL);
  g_signal_emit (client, zmqglib_client_configure_signal, 0, socket);

  self = zmqglib_client_channel_new (socket, agenda, funcs);
  if (!zmqglib_client_channel_follow (self, endpoint, error) || !zmqglib_socket_connect_to (socket, endpoint, error))
    {
      zmqglib_client_channel_close (self);
      g_clear_pointer (&self, zmqglib_client_channel_unref);
    }

  return self;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "stream/zmqglib-stream-private.h"

/* Socket and stream in one call. */

typedef gboolean (*EndpointFunc) (ZmqSocket  *socket,
                                  const char *endpoint,
                                  GError    **error);

static ZmqStream *
make (ZmqSocketType type,
      EndpointFunc  func,
      const char   *endpoint,
      GError      **error)
{
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, type, error);

  if (socket == NULL || !func (socket, endpoint, error))
    return NULL;

  return zmqglib_stream_new (socket);
}

/**
 * zmqglib_stream_new_bound: (constructor)
 * @type: the type of the socket
 * @endpoint: an endpoint to bind to, as [method@Zmq.Socket.bind] takes it
 * @error: return location for an error
 *
 * Creates a socket in the default context, binds it, and makes a stream of it on the thread-default main
 * context of the calling thread. Where other peers find it is told by [property@Zmq.Socket:last-endpoint] of
 * [property@Zmq.Stream:socket].
 *
 * Options that have to be set before are for [ctor@Zmq.Socket.new] and [ctor@Zmq.Stream.new]. When the last
 * reference to the stream is dropped, its socket is closed, unless somebody else has that.
 *
 * Fails as [ctor@Zmq.Socket.new] and [method@Zmq.Socket.bind] do.
 *
 * Returns: (transfer full): a new stream, or %NULL with @error set
 *
 * Since: 1.0
 */
ZmqStream *
zmqglib_stream_new_bound (ZmqSocketType type,
                          const char   *endpoint,
                          GError      **error)
{
  g_return_val_if_fail (endpoint != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return make (type, zmqglib_socket_bind, endpoint, error);
}

/**
 * zmqglib_stream_new_connected: (constructor)
 * @type: the type of the socket
 * @endpoint: an endpoint to connect to, as [method@Zmq.Socket.connect_to] takes it
 * @error: return location for an error
 *
 * As [ctor@Zmq.Stream.new_bound], of a socket that is connected. A SUB socket is yet to be subscribed.
 *
 * Fails as [ctor@Zmq.Socket.new] and [method@Zmq.Socket.connect_to] do.
 *
 * Returns: (transfer full): a new stream, or %NULL with @error set
 *
 * Since: 1.0
 */
ZmqStream *
zmqglib_stream_new_connected (ZmqSocketType type,
                              const char   *endpoint,
                              GError      **error)
{
  g_return_val_if_fail (endpoint != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return make (type, zmqglib_socket_connect_to, endpoint, error);
}

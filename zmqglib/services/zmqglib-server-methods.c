/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-server-private.h"
#include "socket/zmqglib-socket-private.h"

/* What a server can be asked for. */

/**
 * zmqglib_server_bind:
 * @self: a server
 * @endpoint: an endpoint, such as `tcp://127.0.0.1:5555`; port `*` or `0` binds a free one
 * @error: return location for an error
 *
 * Lets clients in at an endpoint, of which there may be any number; [property@Zmq.Server:last-endpoint] then tells which
 * one it is. To be called by the thread that runs the server’s main context.
 *
 * Fails with %ZMQGLIB_ERROR_CLOSED when the server is closed, and as [method@Zmq.Socket.bind] does.
 *
 * Returns: %TRUE when bound, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_server_bind (ZmqServer  *self,
                     const char *endpoint,
                     GError    **error)
{
  g_autofree char *shown = NULL;
  g_autofree char *what = NULL;
  char            *last_endpoint = NULL;

  g_return_val_if_fail (ZMQGLIB_IS_SERVER (self), FALSE);
  g_return_val_if_fail (endpoint != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  shown = zmqglib_error_show (endpoint);
  what = g_strdup_printf (_ ("Could not bind to “%s”"), shown);
  if (!zmqglib_server_core_check (self->core, what, error) ||
      !zmqglib_socket_bind (self->socket, endpoint, error))
    return FALSE;

  g_object_get (self->socket, "last-endpoint", &last_endpoint, NULL);
  zmqglib_server_core_take_last_endpoint (self->core, last_endpoint);
  g_object_notify_by_pspec (G_OBJECT (self), zmqglib_server_properties[SERVER_PROP_LAST_ENDPOINT]);

  return TRUE;
}

/**
 * zmqglib_server_close:
 * @self: a server
 *
 * Ends the server and closes its socket: no request is told any more, and a reply fails with %ZMQGLIB_ERROR_CLOSED.
 * Replies that were taken before are still sent, for as long as [property@Zmq.Socket:linger] says. Closing again does
 * nothing. May be called from any thread.
 *
 * Since: 1.0
 */
void
zmqglib_server_close (ZmqServer *self)
{
  g_return_if_fail (ZMQGLIB_IS_SERVER (self));

  zmqglib_server_desk_close (self->core);
}

/**
 * zmqglib_server_is_closed:
 * @self: a server
 *
 * Whether the server was closed, by whomever: itself, its socket, or with its context; or was made by the process that
 * this one was forked from. May be called from any thread.
 *
 * Returns: %TRUE when it was
 *
 * Since: 1.0
 */
gboolean
zmqglib_server_is_closed (ZmqServer *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_SERVER (self), TRUE);

  return !zmqglib_server_core_is_open (self->core);
}

/**
 * zmqglib_server_get_context: (get-property context)
 * @self: a server
 *
 * Gets the context of the server’s socket. May be called from any thread.
 *
 * Returns: (transfer none): a context
 *
 * Since: 1.0
 */
ZmqContext *
zmqglib_server_get_context (ZmqServer *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_SERVER (self), NULL);

  return self->context;
}

/**
 * zmqglib_server_get_socket:
 * @self: a server
 *
 * Gets the ROUTER socket that the server uses, to set its options before it is bound, as
 * [method@Zmq.Socket.set_curve_server] does, or to have it monitored. Who sends or receives through it gets in the server’s
 * way.
 *
 * Returns: (transfer none): the socket
 *
 * Since: 1.0
 */
ZmqSocket *
zmqglib_server_get_socket (ZmqServer *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_SERVER (self), NULL);

  return self->socket;
}

/**
 * zmqglib_server_get_max_pending: (get-property max-pending)
 * @self: a server
 *
 * Gets how many requests may be pending. May be called from any thread.
 *
 * Returns: a number of requests, or 0 for any number
 *
 * Since: 1.0
 */
guint
zmqglib_server_get_max_pending (ZmqServer *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_SERVER (self), 0);

  return g_atomic_int_get (&self->core->max_pending);
}

/**
 * zmqglib_server_set_max_pending: (set-property max-pending)
 * @self: a server
 * @max_pending: a number of requests, or 0 for any number
 *
 * Sets how many requests may be pending. Those that are stay so when they are more. May be called from any thread.
 *
 * Since: 1.0
 */
void
zmqglib_server_set_max_pending (ZmqServer *self,
                                guint      max_pending)
{
  g_return_if_fail (ZMQGLIB_IS_SERVER (self));

  if (zmqglib_server_core_set_max_pending (self->core, max_pending))
    g_object_notify_by_pspec (G_OBJECT (self), zmqglib_server_properties[SERVER_PROP_MAX_PENDING]);
}

/**
 * zmqglib_server_get_n_pending: (get-property n-pending)
 * @self: a server
 *
 * Gets how many requests were given to handlers, and are neither replied to nor dropped. May be called from any thread.
 *
 * Returns: a number of requests
 *
 * Since: 1.0
 */
guint
zmqglib_server_get_n_pending (ZmqServer *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_SERVER (self), 0);

  return g_atomic_int_get (&self->core->n_pending);
}

/**
 * zmqglib_server_dup_last_endpoint: (get-property last-endpoint)
 * @self: a server
 *
 * Gets the endpoint that the server was bound to last. May be called from any thread.
 *
 * Returns: (transfer full) (nullable): an endpoint, or %NULL when there is none yet
 *
 * Since: 1.0
 */
char *
zmqglib_server_dup_last_endpoint (ZmqServer *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_SERVER (self), NULL);

  return zmqglib_server_core_dup_last_endpoint (self->core);
}

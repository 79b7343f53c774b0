/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "socket/zmqglib-socket-private.h"

/* What a SUB socket is to receive. */

static char *
describe_subscription (ZmqSocket    *self,
                       int           option,
                       gconstpointer prefix,
                       gsize         size)
{
  g_autofree char *terminated = g_strndup (prefix != NULL ? prefix : "", size);
  g_autofree char *shown = g_strescape (terminated, NULL);

  if (option == ZMQ_SUBSCRIBE)
    /* Translators: the second is a type of socket, as “sub” */
    return g_strdup_printf (_ ("Could not subscribe to “%s” with a “%s” socket"), shown,
                            zmqglib_socket_core_get_type_nick (self->core));

  /* Translators: the second is a type of socket, as “sub” */
  return g_strdup_printf (_ ("Could not unsubscribe from “%s” with a “%s” socket"), shown,
                          zmqglib_socket_core_get_type_nick (self->core));
}

static gboolean
change_subscription (ZmqSocket    *self,
                     int           option,
                     gconstpointer prefix,
                     gsize         size,
                     GError      **error)
{
  g_autofree char *what = describe_subscription (self, option, prefix, size);
  int              errnum;

  if (!zmqglib_socket_core_check_open (self->core, what, error))
    return FALSE;

  errnum = zmq_setsockopt (self->core->handle, option, prefix, size) == 0 ? 0 : zmq_errno ();
  zmqglib_socket_core_touch (self->core, NULL);

  if (errnum != 0)
    zmqglib_error_set (error, errnum, "%s", what);

  return errnum == 0;
}

/**
 * zmqglib_socket_subscribe:
 * @self: a SUB socket
 * @prefix: how a message has to begin; the empty string for all messages
 * @error: return location for an error
 *
 * Subscribes to the messages whose first frame begins with @prefix (`ZMQ_SUBSCRIBE`).
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when the socket is not a SUB socket. An XSUB socket
 * subscribes by sending a message.
 *
 * Returns: %TRUE when subscribed, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_subscribe (ZmqSocket  *self,
                          const char *prefix,
                          GError    **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (prefix != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return change_subscription (self, ZMQ_SUBSCRIBE, prefix, strlen (prefix), error);
}

/**
 * zmqglib_socket_unsubscribe:
 * @self: a SUB socket
 * @prefix: a prefix that was subscribed to
 * @error: return location for an error
 *
 * Takes one subscription to @prefix back (`ZMQ_UNSUBSCRIBE`). libzmq counts them: a prefix that was
 * subscribed to twice has to be unsubscribed from twice.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when the socket is not a SUB socket.
 *
 * Returns: %TRUE when unsubscribed, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_unsubscribe (ZmqSocket  *self,
                            const char *prefix,
                            GError    **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (prefix != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return change_subscription (self, ZMQ_UNSUBSCRIBE, prefix, strlen (prefix), error);
}

/**
 * zmqglib_socket_subscribe_bytes:
 * @self: a SUB socket
 * @prefix: how a message has to begin
 * @error: return location for an error
 *
 * As [method@Zmq.Socket.subscribe], with a prefix of any bytes.
 *
 * Returns: %TRUE when subscribed, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_subscribe_bytes (ZmqSocket *self,
                                GBytes    *prefix,
                                GError   **error)
{
  gconstpointer data;
  gsize         size;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (prefix != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  data = g_bytes_get_data (prefix, &size);

  return change_subscription (self, ZMQ_SUBSCRIBE, data, size, error);
}

/**
 * zmqglib_socket_unsubscribe_bytes:
 * @self: a SUB socket
 * @prefix: a prefix that was subscribed to
 * @error: return location for an error
 *
 * As [method@Zmq.Socket.unsubscribe], with a prefix of any bytes.
 *
 * Returns: %TRUE when unsubscribed, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_unsubscribe_bytes (ZmqSocket *self,
                                  GBytes    *prefix,
                                  GError   **error)
{
  gconstpointer data;
  gsize         size;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (prefix != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  data = g_bytes_get_data (prefix, &size);

  return change_subscription (self, ZMQ_UNSUBSCRIBE, data, size, error);
}

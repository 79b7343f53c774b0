/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <zmq.h>

#include "base/zmqglib-withholding-private.h"
#include "socket/zmqglib-socket-private.h"

/* What a socket is ready for, and what is put back so that it is. */

/**
 * zmqglib_socket_get_condition:
 * @self: a socket
 *
 * Gets what can be done now without blocking (`ZMQ_EVENTS`).
 *
 * Returns: %G_IO_IN when a message can be received, %G_IO_OUT when one can be sent, both, or none;
 *   %G_IO_NVAL when the socket is closed, %G_IO_HUP when its context was shut down
 *
 * Since: 1.0
 */
GIOCondition
zmqglib_socket_get_condition (ZmqSocket *self)
{
  g_auto (ZmqWithholding) withholding G_GNUC_UNUSED = zmqglib_withholding_new ();
  GIOCondition                        condition;
  int                                 errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), G_IO_NVAL);

  if (zmqglib_socket_core_check (self->core) != 0)
    return G_IO_NVAL;

  zmqglib_socket_core_claim (self->core);
  errnum = zmqglib_socket_core_query (self->core, NULL, &condition);
  if (errnum == 0)
    return condition;

  return errnum == ETERM ? G_IO_HUP : G_IO_NVAL;
}

/**
 * zmqglib_socket_put_back:
 * @self: a socket
 * @message: a message that was received from it
 *
 * Puts a message back in front of all others, so that the next reader gets it, of whatever kind: blocking
 * or not, an asynchronous operation, a stream, or a poller, whose conditions have %G_IO_IN until then.
 * Of several messages the one that was put back last comes first.
 *
 * A REQ or REP socket has its turn back, too, and cannot send until the message was read again. What was
 * put back is dropped when the socket is closed, and foreign users of the handle do not see it.
 *
 * May be called from any thread, but does not wake a blocking call of another one.
 *
 * Since: 1.0
 */
void
zmqglib_socket_put_back (ZmqSocket  *self,
                         ZmqMessage *message)
{
  g_return_if_fail (ZMQGLIB_IS_SOCKET (self));
  g_return_if_fail (message != NULL);

  zmqglib_socket_core_put_back (self->core, message, NULL);
}

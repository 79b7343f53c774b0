/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-debug-private.h"
#include "base/zmqglib-withholding-private.h"
#include "socket/zmqglib-socket-core-private.h"

/* Messages of so many frames that they are read, or dropped, in portions. What there is of one is the socket's, so that
 * whoever reads next, in whatever way, goes on with it. */

/* Who answers in turn cannot read on before it has. */
static void
answer_rejected (ZmqSocketCore *self)
{
  if (self->type == ZMQGLIB_SOCKET_REP)
    zmq_send (zmqglib_socket_core_get_handle (self), NULL, 0, ZMQ_DONTWAIT);
}

/* As long as there is one, the socket is readable, and REQ and REP have not received yet. */
static void
end (ZmqSocketCore *self)
{
  self->portion = ZMQGLIB_PORTION_NONE;
  g_atomic_int_add (&self->n_returned, -1);
}

static int
drop_portion (ZmqSocketCore *self)
{
  int errnum = zmqglib_message_drop_rest (zmqglib_socket_core_get_handle (self));

  if (errnum == ZMQGLIB_EPARTIAL)
    return errnum;

  end (self);
  if (errnum != 0)
    return errnum;
  answer_rejected (self);
  zmqglib_debug ("%p: A message of more than %u frames was dropped", (gpointer) self, self->max_frames);

  return ZMQGLIB_EREJECTED;
}

static int
receive_portion (ZmqSocketCore *self,
                 ZmqMessage   **message)
{
  int errnum = zmqglib_message_receive_rest (self->partial, zmqglib_socket_core_get_handle (self), self->max_frames);

  if (errnum == ZMQGLIB_EPARTIAL)
    return errnum;

  if (errnum == 0)
    {
      g_clear_pointer (message, zmqglib_message_unref);
      *message = g_steal_pointer (&self->partial);
      end (self);
      return 0;
    }

  g_clear_pointer (&self->partial, zmqglib_message_unref);
  if (errnum != ZMQGLIB_EREJECTED)
    {
      end (self);
      return errnum;
    }
  self->portion = ZMQGLIB_PORTION_DROPPED;

  return drop_portion (self);
}

/* Foreign code that has the handle would take the rest of a message for one. */
static gboolean
is_shared (ZmqSocketCore *self)
{
  return self->exposed || self->adopted;
}

/* There is more of a message, to be kept or to be dropped. */
static void
begin (ZmqSocketCore *self,
       ZmqMessage   **message,
       int            errnum)
{
  g_atomic_int_inc (&self->n_returned);
  if (errnum == ZMQGLIB_EREJECTED)
    self->portion = ZMQGLIB_PORTION_DROPPED;
  else
    {
      self->portion = ZMQGLIB_PORTION_KEPT;
      self->partial = g_steal_pointer (message);
    }
}

/*
 * zmqglib_socket_core_receive_more:
 * @message: (inout): as of zmqglib_socket_core_receive()
 * @errnum: what that has come to
 *
 * Goes on with a message that is not read to its end.
 *
 * Returns: as zmqglib_socket_core_receive()
 */
int
zmqglib_socket_core_receive_more (ZmqSocketCore *self,
                                  ZmqMessage   **message,
                                  int            errnum)
{
  if (self->portion == ZMQGLIB_PORTION_NONE)
    {
      begin (self, message, errnum);
      /* that was enough for one turn */
      if (errnum == ZMQGLIB_EPARTIAL && !is_shared (self))
        return errnum;
    }

  zmqglib_withholding_begin ();
  do
    errnum = self->portion == ZMQGLIB_PORTION_DROPPED ? drop_portion (self) : receive_portion (self, message);
  while (errnum == ZMQGLIB_EPARTIAL && is_shared (self));
  zmqglib_withholding_end ();

  return errnum;
}

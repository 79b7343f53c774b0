/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "stream/zmqglib-stream-receiver-private.h"

ZmqReceiver *
zmqglib_receiver_new (ZmqStreamReceiveFunc func,
                      ZmqReceiverWantsFunc wants,
                      gpointer             data,
                      GDestroyNotify       destroy)
{
  ZmqReceiver *self = g_new (ZmqReceiver, 1);

  *self = (ZmqReceiver){ .func = func, .wants = wants, .data = data, .destroy = destroy, .n_users = 1 };

  return self;
}

/*
 * zmqglib_receiver_free:
 *
 * To be called when there is no user any more. Runs foreign code.
 */
void
zmqglib_receiver_free (ZmqReceiver *self)
{
  if (self->destroy != NULL)
    self->destroy (self->data);
  g_free (self);
}

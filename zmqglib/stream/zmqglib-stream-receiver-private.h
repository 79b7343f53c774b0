/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-stream.h>

G_BEGIN_DECLS

/* Whether a message is wanted now. Asked before each one is read, and each time that the loop looks; runs no foreign
 * code. */
typedef gboolean (*ZmqReceiverWantsFunc) (gpointer data);

/* A function that receives instead of handlers. It lives while it is set, and while it is being called. */
typedef struct
{
  ZmqStreamReceiveFunc func;
  ZmqReceiverWantsFunc wants; /* NULL for always */
  gpointer             data;
  GDestroyNotify       destroy;
  guint                n_users;
} ZmqReceiver;

ZmqReceiver *zmqglib_receiver_new (ZmqStreamReceiveFunc func,
                                   ZmqReceiverWantsFunc wants,
                                   gpointer             data,
                                   GDestroyNotify       destroy);
void         zmqglib_receiver_free (ZmqReceiver *self);

static inline void
zmqglib_receiver_release (ZmqReceiver *self)
{
  if (--self->n_users == 0)
    zmqglib_receiver_free (self);
}

static inline gboolean
zmqglib_receiver_is_willing (ZmqReceiver *self)
{
  return G_LIKELY (self->wants == NULL) || self->wants (self->data);
}

static inline void
zmqglib_receiver_call (ZmqReceiver *self,
                       ZmqStream   *stream,
                       ZmqMessage  *message)
{
  self->n_users++;
  self->func (stream, message, self->data);
  zmqglib_receiver_release (self);
}

G_END_DECLS

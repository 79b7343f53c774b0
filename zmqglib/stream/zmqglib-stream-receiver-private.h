/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-stream.h>

G_BEGIN_DECLS

/* A function that receives instead of handlers. It lives while it is set, and while it is being called. */
typedef struct
{
  ZmqStreamReceiveFunc func;
  gpointer             data;
  GDestroyNotify       destroy;
  guint                n_users;
} ZmqReceiver;

ZmqReceiver *zmqglib_receiver_new (ZmqStreamReceiveFunc func,
                                   gpointer             data,
                                   GDestroyNotify       destroy);
void         zmqglib_receiver_free (ZmqReceiver *self);

static inline void
zmqglib_receiver_release (ZmqReceiver *self)
{
  if (--self->n_users == 0)
    zmqglib_receiver_free (self);
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

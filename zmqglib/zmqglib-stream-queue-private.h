/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "zmqglib-message.h"

G_BEGIN_DECLS

/* The messages of a stream that have not been reported as sent yet, in order: first those that are
 * done, handed to libzmq or failed, then those that still wait. */
typedef struct
{
  struct _ZmqQueuedMessage *entries; /* a ring */
  guint                     capacity;
  guint                     head;
  guint                     n_done;
  guint                     n_waiting;
} ZmqStreamQueue;

void        zmqglib_stream_queue_clear (ZmqStreamQueue *self);
void        zmqglib_stream_queue_push_done (ZmqStreamQueue *self,
                                            ZmqMessage     *message);
void        zmqglib_stream_queue_push_waiting (ZmqStreamQueue *self,
                                               ZmqMessage     *message);
ZmqMessage *zmqglib_stream_queue_peek_waiting (ZmqStreamQueue *self);
void        zmqglib_stream_queue_mark_done (ZmqStreamQueue *self,
                                            const GError   *error);
ZmqMessage *zmqglib_stream_queue_pop_done (ZmqStreamQueue *self,
                                           GError        **error);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-message.h>

#include "base/zmqglib-expiry-private.h"

G_BEGIN_DECLS

typedef struct
{
  struct _ZmqQueueEntry *entries;
  guint                  capacity; /* 0, or a power of two */
  guint                  head;
  guint                  length;
} ZmqRing;

/* The messages of a stream that have not been reported as sent yet: those that still wait, in order,
 * and those that are done, handed to libzmq or failed, in the order in which they became so. */
typedef struct
{
  ZmqRing waiting; /* with gaps where one was dropped */
  ZmqRing done;
  guint   n_waiting; /* written by the stream's thread, and read atomically by others */
  int     balance;   /* the same; how many there are beside those that the inbox has admitted, or rather are not */
} ZmqStreamQueue;

/* What may end the wait of a message. */
typedef struct
{
  ZmqExpiry expiry; /* first */
  gpointer  owner;
  guint     slot; /* of the message, in the ring */
} ZmqMessageExpiry;

void              zmqglib_stream_queue_clear (ZmqStreamQueue *self);
void              zmqglib_stream_queue_count (ZmqStreamQueue *self,
                                              int             change);
void              zmqglib_stream_queue_push_done (ZmqStreamQueue *self,
                                                  ZmqMessage     *message);
void              zmqglib_stream_queue_push_waiting (ZmqStreamQueue *self,
                                                     ZmqMessage     *message);
ZmqMessageExpiry *zmqglib_stream_queue_limit_last (ZmqStreamQueue *self,
                                                   gpointer        owner);
ZmqMessage       *zmqglib_stream_queue_peek_waiting (ZmqStreamQueue *self);
void              zmqglib_stream_queue_mark_done (ZmqStreamQueue *self,
                                                  const GError   *error,
                                                  gboolean        keep);
void              zmqglib_stream_queue_drop (ZmqStreamQueue   *self,
                                             ZmqMessageExpiry *expiry,
                                             const GError     *error,
                                             gboolean          keep);
ZmqMessage       *zmqglib_stream_queue_pop_done (ZmqStreamQueue *self,
                                                 GError        **error);

G_END_DECLS

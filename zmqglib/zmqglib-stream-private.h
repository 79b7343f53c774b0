/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "zmqglib-poll-source-private.h"
#include "zmqglib-stream-queue-private.h"
#include "zmqglib-stream.h"

G_BEGIN_DECLS

typedef struct
{
  ZmqSocket     *socket;
  GMainContext  *context;
  int            priority;
  ZmqPollSet    *set;
  ZmqPollItem   *item; /* NULL when closed */
  ZmqStreamQueue queue;
  guint          send_limit;
  GQueue         drains;      /* of GTask */
  GSource       *retry;       /* a send was refused, try again then */
  GError        *close_error; /* what to say in ::closed */
  guint          was_queued : 1;
  guint          is_closed : 1;
} ZmqStreamPrivate;

enum
{
  RECEIVED,
  SENT,
  DRAINED,
  CLOSED,
  N_SIGNALS
};

extern guint zmqglib_stream_signals[N_SIGNALS];

ZmqStreamPrivate *zmqglib_stream_get_private (ZmqStream *self);

void zmqglib_stream_notify_n_queued (ZmqStream *self);
void zmqglib_stream_enter_loop (ZmqStream *self);
void zmqglib_stream_leave_loop (ZmqStreamPrivate *priv);
void zmqglib_stream_shut (ZmqStream    *self,
                          const GError *queue_error,
                          GError       *close_error);
void zmqglib_stream_report_closed_later (ZmqStream *self);
void zmqglib_stream_end_drain (GTask        *task,
                               const GError *error);
void zmqglib_stream_end_drains (ZmqStreamPrivate *priv,
                                const GError     *error);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-stream.h>

#include "loop/zmqglib-poll-source-private.h"
#include "stream/zmqglib-stream-inbox-private.h"
#include "stream/zmqglib-stream-queue-private.h"

G_BEGIN_DECLS

typedef struct
{
  ZmqSocket     *socket;
  GMainContext  *context;
  int            priority;
  ZmqPollSet    *set;
  ZmqPollItem   *item; /* NULL when closed */
  ZmqStreamQueue queue;
  ZmqInbox       inbox;
  guint          send_limit;     /* atomic */
  guint          clock_interval; /* see ZmqTurn */
  GQueue         drains;         /* of GTask */
  GSource       *retry;          /* a send was refused, try again then */
  GError        *close_error;    /* what to say in ::closed */
  GSList        *muted;          /* ids of handlers that are not to be called in this emission */
  guint          was_queued : 1;
  guint          is_closed : 1;
  guint          has_plain_handler : 1; /* the last emission has called one in C, and no other */
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

/* What a closure for C calls, for marshallers. */
typedef struct
{
  GCallback func;
  gpointer  data1;
  gpointer  data2;
} ZmqHandler;

static inline ZmqHandler
zmqglib_handler_get (GClosure *closure,
                     gpointer  marshal_data,
                     gpointer  instance)
{
  gboolean swapped = G_CCLOSURE_SWAP_DATA (closure);

  return (ZmqHandler){
    .func = marshal_data != NULL ? G_CALLBACK (marshal_data) : G_CALLBACK (((GCClosure *) closure)->callback),
    .data1 = swapped ? closure->data : instance,
    .data2 = swapped ? instance : closure->data,
  };
}

/* Whether nobody but the turn itself holds the stream any more: its handlers are not to be called
 * again, and what is left to receive is somebody else’s. */
static inline gboolean
zmqglib_stream_is_dropped (ZmqStream *self)
{
  return g_atomic_int_get (&((GObject *) self)->ref_count) == 1;
}

gboolean       zmqglib_stream_acquire_thread (ZmqStreamPrivate *priv,
                                              gboolean         *acquired);
void           zmqglib_stream_take_inbox (ZmqStream *self);
void           zmqglib_stream_close_inbox (ZmqStreamPrivate *priv);
ZmqPostResult  zmqglib_stream_post (ZmqStream    *self,
                                    ZmqMessage   *message,
                                    gint64        deadline,
                                    GCancellable *cancellable);
void           zmqglib_stream_limit_last (ZmqStream    *self,
                                          gint64        deadline,
                                          GCancellable *cancellable);
void           zmqglib_stream_notify_n_queued (ZmqStream *self);
gboolean       zmqglib_stream_is_listening (ZmqStream *self);
ZmqPollOutcome zmqglib_stream_receive (ZmqStream *self,
                                       ZmqSlice  *slice);
gboolean       zmqglib_stream_send_one (ZmqStream *self);
void           zmqglib_stream_marshal_received (GClosure *closure,
                                                GValue   *return_value,
                                                gpointer  instance,
                                                va_list   args,
                                                gpointer  marshal_data,
                                                int       n_params,
                                                GType    *param_types);
void           zmqglib_stream_marshal_sent (GClosure *closure,
                                            GValue   *return_value,
                                            gpointer  instance,
                                            va_list   args,
                                            gpointer  marshal_data,
                                            int       n_params,
                                            GType    *param_types);

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

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-stream.h>

#include "base/zmqglib-lock-private.h"
#include "loop/zmqglib-poll-source-private.h"
#include "socket/zmqglib-socket-private.h"
#include "stream/zmqglib-stream-inbox-private.h"
#include "stream/zmqglib-stream-queue-private.h"
#include "stream/zmqglib-stream-receiver-private.h"

G_BEGIN_DECLS

/* Those who wait for the next message. */
typedef struct
{
  GQueue waiting;
  GQueue answered; /* who are yet to be told, and */
  GQueue arrived;  /* the messages for them */
} ZmqStreamWaits;

/* What a main loop has of a stream. It is touched only by who owns the main context, but for what is
 * said to be atomic, and lives until it has left the loop and the stream is gone. */
typedef struct
{
  GWeakRef        front;  /* to the stream */
  ZmqStream      *keeper; /* the same, strongly: it is owned by the loop, or has something left to say */
  ZmqStreamClass *klass;
  ZmqLock         lock;
  ZmqStream      *listener; /* the same, unowned, under the lock; NULL when it is disposed of */

  ZmqSocketCore  *socket; /* NULL when there never was one */
  ZmqAgenda      *agenda;
  ZmqPollItem    *item;      /* NULL when it is not in the loop */
  ZmqReceiver    *receiver;  /* NULL for the signal */
  gboolean        is_steady; /* there is one, and it always wants a message */
  ZmqStreamQueue  queue;
  ZmqInbox        inbox;
  int             ref_count;  /* atomic */
  guint           send_limit; /* atomic */
  int             paused;     /* atomic */
  int             is_closed;  /* atomic */
  int             has_left;   /* atomic; nobody finds it in the loop any more */
  guint           n_heard;    /* how often a handler in C was called beside others */
  GQueue          taps;
  GQueue          drains;
  ZmqStreamWaits *waits;       /* NULL before the first */
  guint           n_waits;     /* who waits for a message, or is yet to be told of it */
  GError         *queue_error; /* of what still waits when it is closed */
  GError         *close_error; /* what to say in ::closed */
  guint           n_plain;     /* how often a handler in C was the only one */

  guint has_warned : 1; /* that handlers are not called */
  guint is_gone : 1;    /* nobody has the stream any more, as will be told */
  guint is_untried : 1; /* what waits came from other threads, and nobody has tried to send it */
  guint was_queued : 1;
  guint drains_due : 1;
  guint signal_had_turn : 1; /* since anybody who waits was told */
  guint queue_changed : 1;   /* the property has to be notified */
  guint open_changed : 1;    /* as above */
  guint receives_plain : 1;  /* the last emission has called one handler in C, and no other */
  guint reports_plain : 1;   /* as above, of ::sent */
} ZmqStreamCore;

typedef struct
{
  ZmqStreamCore *core;
  ZmqSocket     *socket;
  GMainContext  *context; /* under the core's lock; NULL when it was closed, and kept */
  int            priority;
  gboolean       owned_by_loop;
} ZmqStreamPrivate;

enum
{
  RECEIVED,
  SENT,
  DRAINED,
  REJECTED,
  CLOSED,
  N_SIGNALS
};

enum
{
  PROP_0,
  PROP_SOCKET,
  PROP_PRIORITY,
  PROP_SEND_LIMIT,
  PROP_N_QUEUED,
  PROP_PAUSED,
  PROP_OWNED_BY_LOOP,
  PROP_OPEN,
  PROP_MAIN_CONTEXT,
  N_PROPS
};

extern int         zmqglib_stream_private_offset;
extern guint       zmqglib_stream_signals[N_SIGNALS];
extern GParamSpec *zmqglib_stream_properties[N_PROPS];

static inline ZmqStreamPrivate *
zmqglib_stream_get_private (ZmqStream *self)
{
  return G_STRUCT_MEMBER_P (self, zmqglib_stream_private_offset);
}

static inline ZmqStreamCore *
zmqglib_stream_get_core (ZmqStream *self)
{
  return zmqglib_stream_get_private (self)->core;
}

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

static inline gboolean
zmqglib_stream_core_is_open (ZmqStreamCore *self)
{
  return !g_atomic_int_get (&self->is_closed);
}

/* Whether somebody waits for the next message. */
static inline gboolean
zmqglib_stream_core_is_awaited (ZmqStreamCore *self)
{
  return self->n_waits > 0 && self->waits->waiting.head != NULL;
}

/* what the socket tells others, and not the stream itself */
static inline ZmqSocketWatch *
zmqglib_stream_core_get_watch (ZmqStreamCore *self)
{
  return self->item != NULL && self->item->socket != NULL ? &self->item->watch : NULL;
}

/* Whether the calling thread has the stream: it is dispatching in the stream's main context, or it was
 * the last to use the stream and nobody else runs the main context now. */
static inline gboolean
zmqglib_stream_core_is_own_thread (ZmqStreamCore  *self,
                                   const ZmqEntry *entry)
{
  return entry->granted && self->socket != NULL &&
         (entry->acquired == NULL || g_atomic_pointer_get (&self->socket->record.thread) == g_thread_self ());
}

/* zmqglib-stream-core.c */
ZmqStreamCore *zmqglib_stream_core_new (ZmqStream *front);
ZmqStreamCore *zmqglib_stream_core_ref (ZmqStreamCore *self);
void           zmqglib_stream_core_unref (ZmqStreamCore *self);
ZmqStream     *zmqglib_stream_core_upgrade (ZmqStreamCore *self);
gboolean       zmqglib_stream_core_has_handler (ZmqStreamCore *self,
                                                guint          signal);
gboolean       zmqglib_stream_core_has_notify_handler (ZmqStreamCore *self);
gboolean       zmqglib_stream_core_is_empty (ZmqStreamCore *self);
void           zmqglib_stream_core_changed (ZmqStreamCore *self);
void           zmqglib_stream_core_queue_changed (ZmqStreamCore *self);
void           zmqglib_stream_core_notify (ZmqStreamCore *self,
                                           ZmqStream     *front);
void           zmqglib_stream_core_set_closed_error (ZmqStreamCore *self,
                                                     const char    *what,
                                                     GError       **error);

/* zmqglib-stream-signals.c */
void zmqglib_stream_install_signals (GType type);

/* zmqglib-stream-receive.c */
gboolean       zmqglib_stream_is_listening (ZmqStreamCore *core);
int            zmqglib_stream_receive_one (ZmqStreamCore *core,
                                           ZmqStream     *self,
                                           ZmqMessage   **reused,
                                           gboolean       ask);
ZmqPollOutcome zmqglib_stream_receive (ZmqStreamCore *core,
                                       ZmqStream     *self,
                                       ZmqSlice      *slice);
void           zmqglib_stream_marshal_received_values (GClosure     *closure,
                                                       GValue       *return_value,
                                                       guint         n_values,
                                                       const GValue *values,
                                                       gpointer      hint,
                                                       gpointer      marshal_data);
void           zmqglib_stream_marshal_received (GClosure *closure,
                                                GValue   *return_value,
                                                gpointer  instance,
                                                va_list   args,
                                                gpointer  marshal_data,
                                                int       n_params,
                                                GType    *param_types);

int zmqglib_stream_receive_awaited (ZmqStreamCore *core,
                                    ZmqStream     *self,
                                    ZmqMessage   **reused);

/* zmqglib-stream-function.c */
void zmqglib_stream_set_choosy_func (ZmqStream           *self,
                                     ZmqStreamReceiveFunc func,
                                     ZmqReceiverWantsFunc wants,
                                     gpointer             data,
                                     GDestroyNotify       destroy);
void zmqglib_stream_unset_choosy_func (ZmqStream           *self,
                                       ZmqStreamReceiveFunc func,
                                       gpointer             data);

/* zmqglib-stream-check.c */
gboolean zmqglib_stream_check_own (ZmqStream  *self,
                                   const char *what,
                                   GError    **error);

/* zmqglib-stream-output.c */
gboolean zmqglib_stream_is_reported (ZmqStreamCore *core);
void     zmqglib_stream_take_letters (ZmqStreamCore *core);
void     zmqglib_stream_close_inbox (ZmqStreamCore *core);
void     zmqglib_stream_limit_last (ZmqStreamCore *core,
                                    gint64         deadline,
                                    GCancellable  *cancellable);
guint    zmqglib_stream_hand_over (ZmqStreamCore *core,
                                   guint          limit);
gboolean zmqglib_stream_report_sent (ZmqStreamCore *core,
                                     ZmqStream     *self);
void     zmqglib_stream_marshal_sent (GClosure *closure,
                                      GValue   *return_value,
                                      gpointer  instance,
                                      va_list   args,
                                      gpointer  marshal_data,
                                      int       n_params,
                                      GType    *param_types);

/* Queues what other threads have sent. */
static inline void
zmqglib_stream_take_inbox (ZmqStreamCore *core)
{
  if (!zmqglib_inbox_is_empty (&core->inbox))
    zmqglib_stream_take_letters (core);
}

/* zmqglib-stream-tap.c */
void zmqglib_stream_release_taps (ZmqStreamCore *core);
void zmqglib_stream_tell_taps (ZmqStreamCore *core,
                               ZmqMessage    *message);

/* zmqglib-stream-drains.c */
void zmqglib_stream_begin_drain (ZmqStreamCore *core,
                                 GTask         *task);
void zmqglib_stream_tell_drains (ZmqStreamCore *core);
void zmqglib_stream_end_drains (ZmqStreamCore *core,
                                const GError  *error);

/* zmqglib-stream-waits.c */
gint64  zmqglib_stream_get_iteration (void);
void    zmqglib_stream_begin_wait (ZmqStreamCore *core,
                                   GTask         *task,
                                   gint64         begun);
void    zmqglib_stream_answer_wait (ZmqStreamCore *core,
                                    ZmqMessage    *message);
void    zmqglib_stream_end_waits (ZmqStreamCore *core,
                                  const GError  *error);
GError *zmqglib_stream_make_unreceived_error (ZmqStreamCore *core);

/* zmqglib-stream-loop.c */
void zmqglib_stream_core_join (gpointer data);
void zmqglib_stream_core_close (gpointer data);
void zmqglib_stream_core_abandon (gpointer data);
void zmqglib_stream_core_close_without_socket (ZmqStreamCore *core);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _ZmqExpiry             ZmqExpiry;
typedef struct _ZmqCancellationNotice ZmqCancellationNotice;

/* Called once, when the time is up or the cancellable was cancelled. May do anything. */
typedef void (*ZmqExpiryFunc) (ZmqExpiry *self,
                               gboolean   cancelled);

/* What may end a wait before its time: a deadline, a cancellable, or both. Part of who waits. */
struct _ZmqExpiry
{
  GSource               *source;
  ZmqExpiryFunc          func;
  gint64                 deadline; /* in monotonic time, or -1 */
  GCancellable          *cancellable;
  gulong                 handler;
  ZmqCancellationNotice *notice;
};

GSource *zmqglib_expiry_source_new (void);

void zmqglib_expiry_begin (ZmqExpiry    *self,
                           GSource      *source,
                           gint64        deadline,
                           GCancellable *cancellable,
                           ZmqExpiryFunc func);
void zmqglib_expiry_end (ZmqExpiry *self);

gint64 zmqglib_deadline_after (gint64 timeout_us);

G_END_DECLS

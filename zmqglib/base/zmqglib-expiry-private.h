/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "base/zmqglib-agenda-private.h"

G_BEGIN_DECLS

typedef struct _ZmqExpiry             ZmqExpiry;
typedef struct _ZmqCancellationNotice ZmqCancellationNotice;

/* Called once, when the time is up or the cancellable was cancelled, by who owns the main context. It
 * runs no foreign code. */
typedef void (*ZmqExpiryFunc) (ZmqExpiry *self,
                               gboolean   cancelled);

/* What may end a wait before its time: a deadline, a cancellable, or both. Part of who waits. */
struct _ZmqExpiry
{
  ZmqDeadline            deadline; /* first */
  ZmqAgenda             *agenda;
  ZmqExpiryFunc          func;
  GCancellable          *cancellable;
  gulong                 handler;
  ZmqCancellationNotice *notice;
};

void zmqglib_expiry_begin (ZmqExpiry    *self,
                           ZmqAgenda    *agenda,
                           gint64        deadline,
                           GCancellable *cancellable,
                           ZmqExpiryFunc func);
void zmqglib_expiry_end (ZmqExpiry *self);

gint64 zmqglib_deadline_after (gint64 timeout_us);
gint64 zmqglib_deadline_add (gint64 time,
                             gint64 span_us);
int    zmqglib_deadline_get_timeout_ms (gint64 deadline);

G_END_DECLS

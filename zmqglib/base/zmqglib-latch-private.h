/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "base/zmqglib-lock-private.h"

G_BEGIN_DECLS

/* What happens once, in whatever thread, and those who wait for it. Part of an object. */
typedef struct
{
  ZmqLock  lock; /* of what follows */
  GCond    changed;
  gboolean is_open;
  GQueue   waits;
} ZmqLatch;

void     zmqglib_latch_init (ZmqLatch *self);
void     zmqglib_latch_clear (ZmqLatch *self);
gboolean zmqglib_latch_is_open (ZmqLatch *self);
void     zmqglib_latch_open (ZmqLatch *self);
gboolean zmqglib_latch_wait (ZmqLatch     *self,
                             gint64        deadline,
                             GCancellable *cancellable);
void     zmqglib_latch_wait_async (ZmqLatch *self,
                                   GTask    *task);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "base/zmqglib-wakeup-private.h"

G_BEGIN_DECLS

/* A cancellable that a blocking call polls for. That of GCancellable itself aborts the program when
 * there is no descriptor left. */
typedef struct
{
  ZmqWakeup     wakeup;
  GCancellable *cancellable; /* or NULL */
  gulong        handler;
} ZmqCancelWatch;

gboolean zmqglib_cancel_watch_init (ZmqCancelWatch *self,
                                    GCancellable   *cancellable);
void     zmqglib_cancel_watch_clear (ZmqCancelWatch *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ZmqCancelWatch, zmqglib_cancel_watch_clear)

G_END_DECLS

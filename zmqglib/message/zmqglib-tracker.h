/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-version-macros.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_TRACKER (zmqglib_tracker_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqTracker, zmqglib_tracker, ZMQGLIB, TRACKER, GObject)

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_tracker_is_done (ZmqTracker *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_tracker_wait (ZmqTracker   *self,
                               gint64        timeout_us,
                               GCancellable *cancellable,
                               GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_tracker_wait_async (ZmqTracker         *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_tracker_wait_finish (ZmqTracker   *self,
                                      GAsyncResult *result,
                                      GError      **error);

G_END_DECLS

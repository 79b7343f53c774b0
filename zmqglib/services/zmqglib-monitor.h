/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-monitor-event.h>
#include <zmqglib/zmqglib-socket.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_MONITOR (zmqglib_monitor_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqMonitor, zmqglib_monitor, ZMQGLIB, MONITOR, GObject)

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMonitor *zmqglib_monitor_new (ZmqSocket *socket,
                                 GError   **error);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_monitor_close (ZmqMonitor *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_monitor_is_closed (ZmqMonitor *self);

ZMQGLIB_AVAILABLE_IN_1_0
guint zmqglib_monitor_get_n_peers (ZmqMonitor *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_monitor_get_connected (ZmqMonitor *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_monitor_wait_async (ZmqMonitor         *self,
                                 ZmqMonitorEventKind kinds,
                                 gint64              timeout_us,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMonitorEvent *zmqglib_monitor_wait_finish (ZmqMonitor   *self,
                                              GAsyncResult *result,
                                              GError      **error);

G_END_DECLS

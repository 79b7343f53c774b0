/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

#include <zmqglib/zmqglib-enums.h>
#include <zmqglib/zmqglib-version-macros.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_MONITOR_EVENT (zmqglib_monitor_event_get_type ())

typedef struct _ZmqMonitorEvent ZmqMonitorEvent;

ZMQGLIB_AVAILABLE_IN_1_0
GType zmqglib_monitor_event_get_type (void) G_GNUC_CONST;

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMonitorEvent *zmqglib_monitor_event_ref (ZmqMonitorEvent *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_monitor_event_unref (ZmqMonitorEvent *self);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMonitorEventKind zmqglib_monitor_event_get_kind (ZmqMonitorEvent *self);

ZMQGLIB_AVAILABLE_IN_1_0
const char *zmqglib_monitor_event_get_endpoint (ZmqMonitorEvent *self);

ZMQGLIB_AVAILABLE_IN_1_0
const GError *zmqglib_monitor_event_get_error (ZmqMonitorEvent *self);

ZMQGLIB_AVAILABLE_IN_1_0
gint64 zmqglib_monitor_event_get_interval_us (ZmqMonitorEvent *self);

ZMQGLIB_AVAILABLE_IN_1_0
char *zmqglib_monitor_event_to_string (ZmqMonitorEvent *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ZmqMonitorEvent, zmqglib_monitor_event_unref)

G_END_DECLS

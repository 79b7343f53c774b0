/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-monitor-event.h>

#include "base/zmqglib-agenda-private.h"

G_BEGIN_DECLS

/* Those who wait for an event, in order. Belongs to who owns the main context. */
typedef struct
{
  GQueue queue;
} ZmqMonitorWaits;

void zmqglib_monitor_waits_add (ZmqMonitorWaits    *self,
                                ZmqAgenda          *agenda,
                                GTask              *task,
                                ZmqMonitorEventKind kinds,
                                gint64              deadline);
void zmqglib_monitor_waits_tell (ZmqMonitorWaits *self,
                                 ZmqMonitorEvent *event);
void zmqglib_monitor_waits_end (ZmqMonitorWaits *self,
                                const GError    *error);

G_END_DECLS

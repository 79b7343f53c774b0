/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-monitor-event.h>

G_BEGIN_DECLS

struct _ZmqMonitorEvent
{
  int                 ref_count; /* atomic */
  ZmqMonitorEventKind kind;
  guint32             value;    /* what libzmq says beside: a descriptor, an error number, … */
  char               *endpoint; /* NULL for none */
  GError             *error;
};

/* zmqglib-monitor-reason.c */
GError *zmqglib_monitor_make_error (ZmqMonitorEventKind kind,
                                    guint32             value,
                                    const char         *endpoint);

/* zmqglib-monitor-event.c */
ZmqMonitorEvent *zmqglib_monitor_event_new (ZmqMonitorEventKind kind,
                                            guint32             value,
                                            char               *endpoint);
const char      *zmqglib_monitor_event_get_nick (ZmqMonitorEvent *self);
gboolean         zmqglib_monitor_event_equal (gconstpointer a,
                                              gconstpointer b);
guint            zmqglib_monitor_event_hash (gconstpointer event);

G_END_DECLS

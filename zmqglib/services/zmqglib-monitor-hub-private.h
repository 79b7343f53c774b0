/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "services/zmqglib-monitor-event-private.h"
#include "socket/zmqglib-socket-core-private.h"

G_BEGIN_DECLS

typedef struct _ZmqMonitorHub        ZmqMonitorHub;
typedef struct _ZmqMonitorSubscriber ZmqMonitorSubscriber;

/* Who hears of the events, part of a monitor. */
struct _ZmqMonitorSubscriber
{
  GList    link;
  gboolean is_subscribed; /* under the hub's lock */

  /* Called by any thread under the hub's lock. Without an event only the number of peers has changed. */
  void (*notice) (ZmqMonitorSubscriber *self,
                  ZmqMonitorEvent      *event,
                  guint                 n_peers);
};

ZmqMonitorHub *zmqglib_monitor_hub_get (ZmqSocketCore *socket,
                                        GError       **error);
void           zmqglib_monitor_hub_unref (ZmqMonitorHub *self);
gboolean       zmqglib_monitor_hub_is_inherited (ZmqMonitorHub *self);
gboolean       zmqglib_monitor_hub_subscribe (ZmqMonitorHub        *self,
                                              ZmqMonitorSubscriber *subscriber,
                                              guint                *n_peers);
void           zmqglib_monitor_hub_unsubscribe (ZmqMonitorHub        *self,
                                                ZmqMonitorSubscriber *subscriber);

G_END_DECLS

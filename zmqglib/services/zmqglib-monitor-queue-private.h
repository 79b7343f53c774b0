/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-monitor-event.h>

G_BEGIN_DECLS

/* What is to be announced in turn. */
typedef struct
{
  ZmqMonitorEvent *event; /* NULL when only the number of peers has changed */
  guint            n_peers;
} ZmqMonitorNews;

/* News on their way to a main context, which may be long in coming: they are bounded by what is different in them.
 * To be locked by its owner. */
typedef struct
{
  GQueue      entries; /* of ZmqMonitorNews */
  GHashTable *merging; /* the events of entries beyond the limit; or NULL */
  guint       n_peers; /* after all of them */
} ZmqMonitorQueue;

void     zmqglib_monitor_queue_clear (ZmqMonitorQueue *self);
gboolean zmqglib_monitor_queue_push (ZmqMonitorQueue *self,
                                     ZmqMonitorEvent *event,
                                     guint            n_peers);
gboolean zmqglib_monitor_queue_pop (ZmqMonitorQueue *self,
                                    ZmqMonitorNews  *news);

G_END_DECLS

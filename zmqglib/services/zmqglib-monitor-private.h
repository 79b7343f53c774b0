/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-monitor.h>

#include "base/zmqglib-front-private.h"
#include "base/zmqglib-lock-private.h"
#include "services/zmqglib-monitor-hub-private.h"
#include "services/zmqglib-monitor-queue-private.h"
#include "services/zmqglib-monitor-waits-private.h"

G_BEGIN_DECLS

/* What a main loop has of a monitor. It is touched only by who owns the main context, but for what is said to be
 * otherwise, and lives until it was told that nobody has the monitor, and nothing is on its way. */
typedef struct
{
  ZmqMonitorSubscriber subscriber; /* the hub's; first */

  int             ref_count; /* atomic */
  ZmqFront       *front;     /* the monitor */
  ZmqMonitorHub  *hub;       /* NULL when there never was one */
  ZmqAgenda      *agenda;
  ZmqMonitorWaits waits;
  int             n_peers;   /* atomic */
  int             is_closed; /* atomic */
  gboolean        has_left;

  ZmqMonitorEvent *announced; /* whose peers are being told, and which is to be told next */

  ZmqLock         lock; /* of what follows */
  ZmqMonitorQueue queue;
  GMainContext   *context; /* which the monitor keeps; NULL when it was closed */
} ZmqMonitorCore;

struct _ZmqMonitor
{
  GObject parent_instance;

  ZmqMonitorCore *core;
  gboolean        owned_by_loop;

  /* what the constructor is given for the core */
  struct
  {
    ZmqSocket *socket;
  } construct;
};

enum
{
  PROP_0,
  PROP_SOCKET,
  PROP_OWNED_BY_LOOP,
  PROP_N_PEERS,
  PROP_CONNECTED,
  N_PROPS
};

extern guint       zmqglib_monitor_event_signal;
extern GParamSpec *zmqglib_monitor_properties[N_PROPS];

static inline gboolean
zmqglib_monitor_core_is_open (ZmqMonitorCore *self)
{
  return self->hub != NULL && !g_atomic_int_get (&self->is_closed) && !zmqglib_monitor_hub_is_inherited (self->hub);
}

ZmqMonitorCore *zmqglib_monitor_core_new (ZmqMonitor *front);
ZmqMonitorCore *zmqglib_monitor_core_ref (ZmqMonitorCore *self);
void            zmqglib_monitor_core_unref (ZmqMonitorCore *self);
gboolean        zmqglib_monitor_core_open (ZmqMonitorCore *self,
                                           ZmqSocketCore  *socket,
                                           ZmqMonitor     *keeper,
                                           GError        **error);
void            zmqglib_monitor_core_close (ZmqMonitorCore *self);
GError         *zmqglib_monitor_core_make_error (ZmqMonitorCore *self);
GMainContext   *zmqglib_monitor_core_steal_context (ZmqMonitorCore *self);

G_END_DECLS

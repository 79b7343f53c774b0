/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "loop/zmqglib-poll-set-private.h"
#include "services/zmqglib-proxy-core-private.h"

G_BEGIN_DECLS

typedef enum
{
  ZMQGLIB_PROXY_FRONTEND,
  ZMQGLIB_PROXY_BACKEND,
  ZMQGLIB_PROXY_CAPTURE,
  ZMQGLIB_PROXY_N_SIDES
} ZmqProxySideKind;

typedef struct
{
  ZmqSocketCore *socket; /* or NULL, as the next */
  ZmqPollItem   *item;
  gpointer       owner;   /* of the item */
  gboolean       is_full; /* somebody waits until it can take a message */
} ZmqProxySide;

/* What goes in one direction. */
typedef struct
{
  ZmqProxySide *from;
  ZmqProxySide *to;
  ZmqMessage   *message;    /* whose memory serves again, or that waits */
  gboolean      is_waiting; /* the message, until the other side can take it */
  gboolean      is_running; /* and a handler runs a nested loop */
  ZmqProxyCount count;
} ZmqProxyLane;

typedef struct
{
  ZmqProxyCore *core;
  ZmqProxySide  sides[ZMQGLIB_PROXY_N_SIDES];
  ZmqProxyLane  lanes[2];
  guint         n_lanes;
  ZmqMessage   *captured; /* that waits, or NULL */
  gboolean      has_stopped;
} ZmqProxyPump;

void     zmqglib_proxy_pump_init (ZmqProxyPump  *self,
                                  ZmqProxyCore  *core,
                                  ZmqSocketCore *frontend,
                                  ZmqSocketCore *backend,
                                  ZmqSocketCore *capture);
void     zmqglib_proxy_pump_clear (ZmqProxyPump *self);
int      zmqglib_proxy_pump_run (ZmqProxyPump *self,
                                 ZmqProxy     *front,
                                 ZmqSlice     *slice);
gboolean zmqglib_proxy_pump_is_busy (ZmqProxyPump *self);
gboolean zmqglib_proxy_pump_wants_input (ZmqProxyPump *self,
                                         ZmqProxySide *side);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib.h>

G_BEGIN_DECLS

/* Waits until enough peers are there. */
typedef struct
{
  ZmqSocket  *socket;
  ZmqMonitor *monitor;
  gulong      handler;
  guint       wanted;
  guint       n_subscriptions;
  GSourceFunc ready;
  gpointer    user_data;
} ToolPeers;

void tool_peers_wait (ToolPeers  *self,
                      ZmqSocket  *socket,
                      ZmqMonitor *monitor,
                      guint       wanted,
                      GSourceFunc ready,
                      gpointer    user_data);
void tool_peers_clear (ToolPeers *self);

G_END_DECLS

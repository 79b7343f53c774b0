/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-monitor-event.h>

G_BEGIN_DECLS

/* How many peers a socket has, as far as its events tell. Belongs to one thread at a time. */
typedef struct _ZmqPeers ZmqPeers;

ZmqPeers *zmqglib_peers_new (void);
void      zmqglib_peers_free (ZmqPeers *self);
guint     zmqglib_peers_get_n (ZmqPeers *self);
void      zmqglib_peers_take_event (ZmqPeers        *self,
                                    ZmqMonitorEvent *event);
void      zmqglib_peers_join (ZmqPeers   *self,
                              const char *endpoint);
void      zmqglib_peers_leave (ZmqPeers   *self,
                               const char *endpoint);

G_END_DECLS

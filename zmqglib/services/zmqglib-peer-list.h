/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-peer.h>
#include <zmqglib/zmqglib-stream.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_PEER_LIST (zmqglib_peer_list_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqPeerList, zmqglib_peer_list, ZMQGLIB, PEER_LIST, GObject)

ZMQGLIB_AVAILABLE_IN_1_0
ZmqPeerList *zmqglib_peer_list_new (ZmqStream *router);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqPeer *zmqglib_peer_list_lookup (ZmqPeerList *self,
                                   GBytes      *id);

ZMQGLIB_AVAILABLE_IN_1_0
gint64 zmqglib_peer_list_get_expiry_us (ZmqPeerList *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_peer_list_set_expiry_us (ZmqPeerList *self,
                                      gint64       expiry_us);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_peer_list_close (ZmqPeerList *self);

G_END_DECLS

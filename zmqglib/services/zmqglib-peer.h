/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

#include <zmqglib/zmqglib-version-macros.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_PEER (zmqglib_peer_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqPeer, zmqglib_peer, ZMQGLIB, PEER, GObject)

ZMQGLIB_AVAILABLE_IN_1_0
GBytes *zmqglib_peer_get_id (ZmqPeer *self);

ZMQGLIB_AVAILABLE_IN_1_0
const char *zmqglib_peer_get_address (ZmqPeer *self);

ZMQGLIB_AVAILABLE_IN_1_0
const char *zmqglib_peer_get_user_id (ZmqPeer *self);

ZMQGLIB_AVAILABLE_IN_1_0
gint64 zmqglib_peer_get_last_seen (ZmqPeer *self);

ZMQGLIB_AVAILABLE_IN_1_0
guint64 zmqglib_peer_get_n_messages (ZmqPeer *self);

ZMQGLIB_AVAILABLE_IN_1_0
GObject *zmqglib_peer_get_object (ZmqPeer *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_peer_set_object (ZmqPeer *self,
                              GObject *object);

G_END_DECLS

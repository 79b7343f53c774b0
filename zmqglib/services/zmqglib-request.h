/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-message.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_REQUEST (zmqglib_request_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqRequest, zmqglib_request, ZMQGLIB, REQUEST, GObject)

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMessage *zmqglib_request_get_message (ZmqRequest *self);

ZMQGLIB_AVAILABLE_IN_1_0
const char *zmqglib_request_get_user_id (ZmqRequest *self);

ZMQGLIB_AVAILABLE_IN_1_0
GBytes *zmqglib_request_get_peer (ZmqRequest *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_request_reply (ZmqRequest *self,
                                ZmqMessage *message,
                                GError    **error);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-request.h>
#include <zmqglib/zmqglib-socket.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_SERVER (zmqglib_server_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqServer, zmqglib_server, ZMQGLIB, SERVER, GObject)

ZMQGLIB_AVAILABLE_IN_1_0
ZmqServer *zmqglib_server_new (ZmqContext *context,
                               GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_server_bind (ZmqServer  *self,
                              const char *endpoint,
                              GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_server_close (ZmqServer *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_server_is_closed (ZmqServer *self);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqContext *zmqglib_server_get_context (ZmqServer *self);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqSocket *zmqglib_server_get_socket (ZmqServer *self);

ZMQGLIB_AVAILABLE_IN_1_0
guint zmqglib_server_get_max_pending (ZmqServer *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_server_set_max_pending (ZmqServer *self,
                                     guint      max_pending);

ZMQGLIB_AVAILABLE_IN_1_0
guint zmqglib_server_get_n_pending (ZmqServer *self);

ZMQGLIB_AVAILABLE_IN_1_0
char *zmqglib_server_dup_last_endpoint (ZmqServer *self);

G_END_DECLS

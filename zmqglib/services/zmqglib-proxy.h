/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-socket.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_PROXY (zmqglib_proxy_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqProxy, zmqglib_proxy, ZMQGLIB, PROXY, GObject)

ZMQGLIB_AVAILABLE_IN_1_0
ZmqProxy *zmqglib_proxy_new (ZmqSocket *frontend,
                             ZmqSocket *backend,
                             ZmqSocket *capture,
                             GError   **error);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_proxy_start (ZmqProxy *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_proxy_start_in_thread (ZmqProxy *self,
                                        GError  **error);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_proxy_stop (ZmqProxy *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_proxy_get_running (ZmqProxy *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_proxy_get_paused (ZmqProxy *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_proxy_set_paused (ZmqProxy *self,
                               gboolean  paused);

ZMQGLIB_AVAILABLE_IN_1_0
guint64 zmqglib_proxy_get_n_forwarded_in (ZmqProxy *self);

ZMQGLIB_AVAILABLE_IN_1_0
guint64 zmqglib_proxy_get_n_forwarded_out (ZmqProxy *self);

ZMQGLIB_AVAILABLE_IN_1_0
guint64 zmqglib_proxy_get_n_bytes_in (ZmqProxy *self);

ZMQGLIB_AVAILABLE_IN_1_0
guint64 zmqglib_proxy_get_n_bytes_out (ZmqProxy *self);

G_END_DECLS

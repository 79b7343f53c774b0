/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-certificate.h>
#include <zmqglib/zmqglib-socket.h>

G_BEGIN_DECLS

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_set_curve_server (ZmqSocket      *self,
                                          ZmqCertificate *certificate,
                                          GError        **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_set_curve_client (ZmqSocket      *self,
                                          ZmqCertificate *own,
                                          const char     *server_key,
                                          GError        **error);

G_END_DECLS

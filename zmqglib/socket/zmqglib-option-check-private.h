/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-socket.h>

#include "socket/zmqglib-socket-options-private.h"

G_BEGIN_DECLS

int  zmqglib_option_check (ZmqSocket             *self,
                           const ZmqSocketOption *row,
                           int                    option,
                           gconstpointer          data,
                           gsize                  size);
void zmqglib_option_written (ZmqSocket    *self,
                             int           option,
                             gconstpointer data,
                             gsize         size);
void zmqglib_option_refused (ZmqSocket             *self,
                             const ZmqSocketOption *row);
void zmqglib_option_mended (ZmqSocket *self,
                            int        option);

gboolean zmqglib_option_changes_nothing (ZmqSocket             *self,
                                         const ZmqSocketOption *row,
                                         gconstpointer          data,
                                         gsize                  size);
gboolean zmqglib_option_asks_authenticator (ZmqSocket *self);
gboolean zmqglib_option_has_zap_domain (ZmqSocket *self);

gboolean zmqglib_option_check_security (ZmqSocket  *self,
                                        const char *what,
                                        GError    **error);
gboolean zmqglib_option_check_routing_id (ZmqSocket  *self,
                                          const char *what,
                                          GError    **error);
void     zmqglib_option_connected (ZmqSocket  *self,
                                   const char *endpoint);
void     zmqglib_option_bound (ZmqSocket *self);

G_END_DECLS

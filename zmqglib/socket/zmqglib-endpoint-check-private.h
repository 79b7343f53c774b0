/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "socket/zmqglib-socket-private.h"

G_BEGIN_DECLS

void     zmqglib_endpoint_set_error (GError **error, int errnum, const char *endpoint, const char *what);
gboolean zmqglib_endpoint_check (const char *endpoint,
                                 const char *what,
                                 GError    **error);
gboolean zmqglib_endpoint_check_bind (ZmqSocket  *self,
                                      const char *endpoint,
                                      const char *what,
                                      GError    **error);
gboolean zmqglib_endpoint_check_connect (ZmqSocket  *self,
                                         const char *endpoint,
                                         const char *what,
                                         GError    **error);
gboolean zmqglib_endpoint_check_multicast (ZmqSocket *self, const char *endpoint, const char *what, GError **error);
gboolean zmqglib_endpoint_check_proxy (ZmqSocket *self, const char *endpoint, const char *what, GError **error);
void     zmqglib_endpoint_bound (ZmqSocket  *self,
                                 const char *endpoint);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "services/zmqglib-proxy-core-private.h"

G_BEGIN_DECLS

gboolean zmqglib_proxy_run_start (ZmqProxy *proxy,
                                  gboolean  in_thread,
                                  GError  **error);
void     zmqglib_proxy_run_stop (ZmqProxyCore *core,
                                 gboolean      waits);
gboolean zmqglib_proxy_run_set_paused (ZmqProxyCore *core,
                                       gboolean      paused);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "security/zmqglib-auth-core-private.h"

G_BEGIN_DECLS

gboolean zmqglib_auth_desk_open (ZmqAuthCore      *core,
                                 ZmqContext       *context,
                                 ZmqAuthenticator *keeper,
                                 GError          **error);
void     zmqglib_auth_desk_close (ZmqAuthCore *core);
gboolean zmqglib_auth_desk_protect (ZmqAuthCore *core,
                                    ZmqSocket   *socket,
                                    const char  *domain,
                                    GError     **error);

G_END_DECLS

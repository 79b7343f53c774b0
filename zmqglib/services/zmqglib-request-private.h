/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-request.h>

#include "services/zmqglib-server-private.h"

G_BEGIN_DECLS

ZmqRequest *zmqglib_request_new (ZmqServerCore *core,
                                 ZmqMessage    *message);

G_END_DECLS

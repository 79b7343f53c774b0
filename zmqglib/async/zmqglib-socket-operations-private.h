/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "async/zmqglib-operation-private.h"

G_BEGIN_DECLS

void zmqglib_socket_begin_operation (GTask           *task,
                                     ZmqSocketCore   *socket,
                                     ZmqOperationKind kind,
                                     GIOCondition     condition,
                                     ZmqMessage      *message);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "socket/zmqglib-socket-private.h"

G_BEGIN_DECLS

typedef enum
{
  ZMQGLIB_OPERATION_RECEIVE,
  ZMQGLIB_OPERATION_SEND,
  ZMQGLIB_OPERATION_WAIT,
} ZmqOperationKind;

void zmqglib_socket_begin_operation (GTask           *task,
                                     ZmqSocketCore   *socket,
                                     ZmqOperationKind kind,
                                     GIOCondition     condition,
                                     ZmqMessage      *message);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/zmqglib-expiry-private.h"
#include "socket/zmqglib-socket-private.h"

G_BEGIN_DECLS

typedef enum
{
  ZMQGLIB_OPERATION_RECEIVE,
  ZMQGLIB_OPERATION_SEND,
  ZMQGLIB_OPERATION_WAIT,
} ZmqOperationKind;

/* What an operation has come to. */
typedef struct
{
  int          errnum;
  ZmqMessage  *message;
  GIOCondition condition;
} ZmqOperationResult;

typedef struct
{
  ZmqExpiry          expiry; /* first */
  GList              link;
  GTask             *task;
  ZmqAgenda         *agenda; /* used until the task has returned */
  ZmqSocketCore     *socket;
  gpointer           lane; /* of operations of one main context and priority; NULL when it was not begun yet */
  ZmqOperationKind   kind;
  GIOCondition       condition;
  ZmqMessage        *message; /* to be sent */
  gint64             asked;   /* in monotonic time */
  gboolean           fresh;
  ZmqOperationResult result;
} ZmqOperation;

char         *zmqglib_operation_describe (ZmqOperation *self);
ZmqOperation *zmqglib_operation_new (GTask           *task,
                                     ZmqSocketCore   *socket,
                                     ZmqOperationKind kind,
                                     GIOCondition     condition,
                                     ZmqMessage      *message);
void          zmqglib_operation_fail (ZmqOperation *self,
                                      GError       *error);
void          zmqglib_operation_finish (ZmqOperation *self);

G_END_DECLS

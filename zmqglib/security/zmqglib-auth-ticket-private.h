/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/zmqglib-deadlines-private.h"
#include "security/zmqglib-auth-core-private.h"

G_BEGIN_DECLS

/* A peer that waits to be let in. */
typedef struct
{
  int           ref_count;   /* atomic */
  int           is_answered; /* atomic; or is not to be any more */
  ZmqAuthCore  *core;
  ZmqZapRequest request;
  ZmqDeadline   deadline; /* the main loop's */
  gint64        arrived;  /* in monotonic time */
} ZmqAuthTicket;

ZmqAuthTicket *zmqglib_auth_ticket_new (ZmqAuthCore *core);
ZmqAuthTicket *zmqglib_auth_ticket_ref (ZmqAuthTicket *self);
void           zmqglib_auth_ticket_unref (ZmqAuthTicket *self);
void           zmqglib_auth_ticket_wait (ZmqAuthTicket *self);
void           zmqglib_auth_ticket_void (ZmqAuthTicket *self);
gboolean       zmqglib_auth_ticket_accept (ZmqAuthTicket *self,
                                           const char    *user_id,
                                           GHashTable    *metadata);
gboolean       zmqglib_auth_ticket_deny (ZmqAuthTicket *self,
                                         guint          status,
                                         const char    *text);

G_END_DECLS

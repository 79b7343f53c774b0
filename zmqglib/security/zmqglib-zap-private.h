/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-enums.h>
#include <zmqglib/zmqglib-message.h>

G_BEGIN_DECLS

#define ZMQGLIB_ZAP_ENDPOINT "inproc://zeromq.zap.01"

#define ZMQGLIB_ZAP_ACCEPTED 200
#define ZMQGLIB_ZAP_DENIED   400

/* What libzmq asks about a peer. */
typedef struct
{
  GBytes              *routing_id; /* of the session that asks */
  GBytes              *request_id;
  char                *domain;
  char                *address;
  GBytes              *identity;
  ZmqSecurityMechanism mechanism;
  char                *user;       /* or NULL, as the next */
  char                *password;   /* secret */
  char                *public_key; /* as Z85 text */
} ZmqZapRequest;

void        zmqglib_zap_request_clear (ZmqZapRequest *self);
const char *zmqglib_zap_request_read (ZmqZapRequest *self,
                                      ZmqMessage    *message);

gboolean    zmqglib_zap_is_metadata (GHashTable *metadata);
ZmqMessage *zmqglib_zap_reply_new (const ZmqZapRequest *request,
                                   guint                status,
                                   const char          *text,
                                   const char          *user_id,
                                   GHashTable          *metadata);

G_END_DECLS

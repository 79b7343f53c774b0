/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "base/zmqglib-lock-private.h"
#include "security/zmqglib-auth-directory-private.h"
#include "security/zmqglib-zap-private.h"

G_BEGIN_DECLS

typedef enum
{
  ZMQGLIB_AUTH_DENY,
  ZMQGLIB_AUTH_ACCEPT,
  ZMQGLIB_AUTH_LOOK, /* in directories */
  ZMQGLIB_AUTH_ASK
} ZmqAuthVerdict;

/* What is known of peers before anybody asks. Any thread may use it. */
typedef struct
{
  ZmqLock     lock;    /* of all */
  GPtrArray  *allowed; /* of GInetAddressMask */
  GPtrArray  *denied;
  GHashTable *users;       /* of arrays of entries, by name */
  GHashTable *keys;        /* likewise, by key */
  GHashTable *any_key;     /* the domains where each key will do */
  GHashTable *directories; /* of ZmqAuthDirectory, by domain */
  gboolean    denies_all;
} ZmqAuthRules;

void zmqglib_auth_rules_init (ZmqAuthRules *self);
void zmqglib_auth_rules_clear (ZmqAuthRules *self);

gboolean zmqglib_auth_rules_add_address (ZmqAuthRules *self,
                                         const char   *address,
                                         gboolean      is_allowed);
void     zmqglib_auth_rules_add_user (ZmqAuthRules *self,
                                      const char   *domain,
                                      const char   *user,
                                      const char   *password);
void     zmqglib_auth_rules_add_key (ZmqAuthRules *self,
                                     const char   *domain,
                                     const char   *public_key,
                                     const char   *user_id,
                                     gboolean      is_allowed);
void     zmqglib_auth_rules_add_any_key (ZmqAuthRules *self,
                                         const char   *domain);
void     zmqglib_auth_rules_set_directory (ZmqAuthRules     *self,
                                           const char       *domain,
                                           ZmqAuthDirectory *directory);

ZmqAuthVerdict zmqglib_auth_rules_decide (ZmqAuthRules        *self,
                                          const ZmqZapRequest *request,
                                          char               **user_id);
GPtrArray     *zmqglib_auth_rules_dup_directories (ZmqAuthRules *self,
                                                   const char   *domain);

G_END_DECLS

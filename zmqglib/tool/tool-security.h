/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib.h>

G_BEGIN_DECLS

/* Who may come in, and how we are known to others. */
typedef struct
{
  /* what the user says */
  char    *certificate;
  char    *server;
  gboolean is_server;
  char   **allowed;
  gboolean allows_any;
  char    *user;
  char    *password_file;
  char    *passwords;

  /* what comes of it */
  ZmqCertificate   *own;
  char             *server_key;
  char             *password;
  ZmqAuthenticator *authenticator;
} ToolSecurity;

void tool_security_add_entries (ToolSecurity *self,
                                GOptionGroup *group);
void tool_security_clear (ToolSecurity *self);

gboolean tool_security_load (ToolSecurity *self,
                             GError      **error);
gboolean tool_security_apply (ToolSecurity *self,
                              ZmqSocket    *socket,
                              gboolean      binds,
                              GError      **error);

G_END_DECLS

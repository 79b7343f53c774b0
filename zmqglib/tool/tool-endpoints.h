/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "tool/tool-run.h"
#include "tool/tool-security.h"

G_BEGIN_DECLS

/* A set of types of sockets, as bits. */
typedef guint ToolTypes;
#define TOOL_TYPE_BIT(type) (1u << (type))

/* What the user says of a command's sockets. */
typedef struct
{
  char       **binds;
  char       **connects;
  char       **options;
  gboolean     is_verbose;
  ToolSecurity security;
  ToolRun     *run;
  GPtrArray   *monitors; /* of each socket */
} ToolEndpoints;

void tool_endpoints_add_entries (ToolEndpoints *self,
                                 GOptionGroup  *group);
void tool_endpoints_add_addresses (ToolEndpoints *self,
                                   GOptionGroup  *group);
void tool_endpoints_clear (ToolEndpoints *self);

gboolean   tool_endpoints_load (ToolEndpoints *self,
                                ToolRun       *run,
                                GError       **error);
gboolean   tool_endpoints_check (ToolEndpoints *self,
                                 GError       **error);
gboolean   tool_endpoints_configure (ToolEndpoints *self,
                                     ZmqSocket     *socket,
                                     GError       **error);
ZmqSocket *tool_endpoints_create (ToolEndpoints *self,
                                  ZmqSocketType  type,
                                  GError       **error);
gboolean   tool_endpoints_bind (ToolEndpoints *self,
                                ZmqSocket     *socket,
                                const char    *endpoint,
                                GError       **error);
gboolean   tool_endpoints_connect (ToolEndpoints *self,
                                   ZmqSocket     *socket,
                                   const char    *endpoint,
                                   GError       **error);
gboolean   tool_endpoints_attach (ToolEndpoints *self,
                                  ZmqSocket     *socket,
                                  GError       **error);

gboolean tool_type_parse (const char    *name,
                          ToolTypes      types,
                          ZmqSocketType *type,
                          GError       **error);

G_END_DECLS

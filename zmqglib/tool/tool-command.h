/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The command line of a command. */
typedef struct
{
  const char *parameters;
  const char *summary;
  gboolean    is_strict; /* whether options end with the first that is none */
} ToolUsage;

gboolean tool_command_parse (const ToolUsage *usage,
                             GOptionGroup    *group,
                             int              argc,
                             char           **argv,
                             int             *status);
gboolean tool_command_check_timeout (double   timeout,
                                     GError **error);
gint64   tool_command_get_timeout_us (double timeout);

int tool_keygen (int    argc,
                 char **argv);
int tool_monitor (int    argc,
                  char **argv);
int tool_proxy (int    argc,
                char **argv);
int tool_receive (int    argc,
                  char **argv);
int tool_reply (int    argc,
                char **argv);
int tool_request (int    argc,
                  char **argv);
int tool_send (int    argc,
               char **argv);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib.h>

G_BEGIN_DECLS

typedef enum
{
  TOOL_FORMAT_TEXT,
  TOOL_FORMAT_JSON,
  TOOL_FORMAT_HEX,
  TOOL_FORMAT_RAW,
} ToolFormatKind;

/* How messages are written down. */
typedef struct
{
  char          *name;      /* as the user gave it */
  char          *delimiter; /* between frames; likewise */
  gboolean       is_json;
  ToolFormatKind kind;
} ToolFormat;

void tool_format_add_entries (ToolFormat   *self,
                              GOptionGroup *group);
void tool_format_clear (ToolFormat *self);

gboolean    tool_format_check (ToolFormat *self,
                               GError    **error);
ZmqMessage *tool_format_parse (ToolFormat *self,
                               const char *text,
                               gsize       size,
                               GError    **error);
void        tool_format_print (ToolFormat *self,
                               ZmqMessage *message,
                               GString    *text);

char *tool_escape_parse (const char *text);

G_END_DECLS

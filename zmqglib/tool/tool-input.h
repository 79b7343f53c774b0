/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  TOOL_INPUT_LINE,
  TOOL_INPUT_LATER,
  TOOL_INPUT_END,
} ToolInputState;

/* The standard input, line by line, or all of it as one. */
typedef struct
{
  GString    *buffer;
  gsize       start;   /* of what was not taken yet */
  gsize       scanned; /* up to where there is no end of a line */
  gboolean    is_whole;
  gboolean    is_at_end;
  guint64     n_lines;
  GSource    *source;
  GSourceFunc ready;
  gpointer    user_data;
} ToolInput;

void tool_input_init (ToolInput  *self,
                      gboolean    is_whole,
                      GSourceFunc ready,
                      gpointer    user_data);
void tool_input_clear (ToolInput *self);

ToolInputState tool_input_take (ToolInput   *self,
                                const char **line,
                                gsize       *size);

G_END_DECLS

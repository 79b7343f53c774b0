/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "inspector-record.h"

G_BEGIN_DECLS

/* How a message is shown in full. */
typedef enum
{
  INSPECTOR_SHOW_TEXT,
  INSPECTOR_SHOW_JSON,
  INSPECTOR_SHOW_HEX,
  INSPECTOR_SHOW_FRAMES
} InspectorShow;

/* “text”, “json”, “hex” or “frames”: whether it is one of these */
gboolean inspector_show_parse (const char    *name,
                               InspectorShow *show);

/* All of it in one line, of at most so many characters or so. */
char *inspector_text_summarize (ZmqMessage *message,
                                gsize       max_chars);
char *inspector_text_show (ZmqMessage   *message,
                           InspectorShow show);
/* “12:59:59.123456” */
char *inspector_text_format_time (gint64 time);
/* an arrow, and what it means */
const char *inspector_direction_get_arrow (InspectorDirection direction);
const char *inspector_direction_get_name (InspectorDirection direction);

G_END_DECLS

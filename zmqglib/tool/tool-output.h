/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "tool/tool-format.h"
#include "tool/tool-run.h"

G_BEGIN_DECLS

gboolean tool_output_write (const char *text,
                            gsize       size,
                            GError    **error);
gboolean tool_output_write_line (const char *line,
                                 GError    **error);
gboolean tool_output_write_message (ToolFormat *format,
                                    ZmqMessage *message,
                                    GError    **error);
GSource *tool_output_watch (ToolRun *run);

G_END_DECLS

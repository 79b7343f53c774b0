/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib.h>

#include "tool/tool-format.h"

G_BEGIN_DECLS

/* The programs that answer requests. */
typedef struct
{
  char      **argv;
  ToolFormat *format; /* of what they read and write */
  gboolean    is_exact;
  GPtrArray  *running;
} ToolChildren;

void tool_children_init (ToolChildren *self,
                         char        **argv,
                         ToolFormat   *format,
                         gboolean      is_exact);
void tool_children_clear (ToolChildren *self);

void        tool_children_run_async (ToolChildren       *self,
                                     ZmqRequest         *request,
                                     GAsyncReadyCallback callback,
                                     gpointer            user_data);
ZmqMessage *tool_children_run_finish (ToolChildren *self,
                                      GAsyncResult *result,
                                      ZmqRequest  **request,
                                      GError      **error);

G_END_DECLS

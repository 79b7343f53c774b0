/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib.h>

G_BEGIN_DECLS

ZmqMessage *tool_json_parse (const char *text,
                             gsize       size,
                             GError    **error);
void        tool_json_print (ZmqMessage *message,
                             GString    *text);

GBytes *tool_hex_parse (const char *text,
                        gsize       size);
void    tool_hex_print (gconstpointer data,
                        gsize         size,
                        GString      *text);

G_END_DECLS

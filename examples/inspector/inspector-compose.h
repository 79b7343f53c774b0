/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib.h>

G_BEGIN_DECLS

/* How what somebody types becomes a message, and the other way round. */
typedef enum
{
  INSPECTOR_COMPOSE_LINES, /* a frame a line */
  INSPECTOR_COMPOSE_TEXT,  /* all one frame */
  INSPECTOR_COMPOSE_JSON,  /* likewise, which has to be JSON */
  INSPECTOR_COMPOSE_HEX    /* a frame a line, in hexadecimal digits */
} InspectorCompose;

/* “lines”, “text”, “json” or “hex”: whether it is one of these */
gboolean    inspector_compose_parse (const char       *name,
                                     InspectorCompose *compose);
const char *inspector_compose_get_name (InspectorCompose compose);

ZmqMessage *inspector_compose (InspectorCompose compose,
                               const char      *text,
                               GError         **error);
char       *inspector_decompose (ZmqMessage       *message,
                                 InspectorCompose *compose);

G_END_DECLS

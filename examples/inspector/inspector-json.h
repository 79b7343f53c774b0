/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Appends a JSON document to the text, indented. Fails for what is none, as RFC 8259 has it. */
gboolean inspector_json_indent (const char *data,
                                gsize       size,
                                GString    *text,
                                GError    **error);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* pairs of digits, with spaces between them if one likes; nullable */
GBytes *inspector_hex_parse (const char *text);
void    inspector_hex_print (gconstpointer data,
                             gsize         size,
                             GString      *text);
/* as hexdump -C does: offset, bytes, characters, sixteen a line */
void inspector_hex_dump (gconstpointer data,
                         gsize         size,
                         GString      *text);

G_END_DECLS

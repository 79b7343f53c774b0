/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "keys/zmqglib-keys-private.h"

G_BEGIN_DECLS

gboolean zmqglib_certificate_text_read (const char *text,
                                        gsize       size,
                                        ZmqKeys    *keys,
                                        GHashTable *metadata,
                                        GError    **error);
GString *zmqglib_certificate_text_write (const char *banner,
                                         const char *public_key,
                                         GHashTable *metadata);

gboolean zmqglib_certificate_text_check (const char *name,
                                         const char *value,
                                         GError    **error);

G_END_DECLS

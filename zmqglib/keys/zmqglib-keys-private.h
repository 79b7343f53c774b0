/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define ZMQGLIB_KEY_SIZE      32
#define ZMQGLIB_KEY_TEXT_SIZE 40

/* A key of CURVE as Z85 text; empty for none. */
typedef char ZmqKeyText[ZMQGLIB_KEY_TEXT_SIZE + 1];

typedef struct
{
  ZmqKeyText public_key;
  ZmqKeyText secret_key;
} ZmqKeys;

gboolean zmqglib_key_read (const char *text,
                           gsize       size,
                           ZmqKeyText  key);

gboolean zmqglib_key_derive_public (const ZmqKeyText secret_key,
                                    ZmqKeyText       public_key,
                                    GError         **error);

gboolean zmqglib_keys_make (ZmqKeys *self,
                            GError **error);
gboolean zmqglib_keys_check (const ZmqKeys *self,
                             GError       **error);

G_END_DECLS

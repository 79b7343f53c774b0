/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-certificate.h>

#include "keys/zmqglib-keys-private.h"

G_BEGIN_DECLS

struct _ZmqCertificate
{
  GObject parent_instance;

  ZmqKeys     keys;
  GHashTable *metadata; /* of strings */
};

ZmqCertificate *zmqglib_certificate_new_take (ZmqKeys    *keys,
                                              GHashTable *metadata);
GHashTable     *zmqglib_certificate_create_metadata (void);

G_END_DECLS

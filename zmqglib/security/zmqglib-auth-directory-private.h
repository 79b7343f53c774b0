/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _ZmqAuthDirectory ZmqAuthDirectory;

ZmqAuthDirectory *zmqglib_auth_directory_new (GFile   *file,
                                              GError **error);
ZmqAuthDirectory *zmqglib_auth_directory_ref (ZmqAuthDirectory *self);
void              zmqglib_auth_directory_unref (ZmqAuthDirectory *self);
gboolean          zmqglib_auth_directory_has_key (ZmqAuthDirectory *self,
                                                  const char       *public_key,
                                                  gint64            since);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-version-macros.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_CERTIFICATE (zmqglib_certificate_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqCertificate, zmqglib_certificate, ZMQGLIB, CERTIFICATE, GObject)

ZMQGLIB_AVAILABLE_IN_1_0
ZmqCertificate *zmqglib_certificate_new (GError **error);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqCertificate *zmqglib_certificate_new_from_keys (const char *public_key,
                                                   const char *secret_key,
                                                   GHashTable *metadata,
                                                   GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqCertificate *zmqglib_certificate_load (GFile        *file,
                                          GCancellable *cancellable,
                                          GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_certificate_save (ZmqCertificate *self,
                                   GFile          *file,
                                   GCancellable   *cancellable,
                                   GError        **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_certificate_save_public (ZmqCertificate *self,
                                          GFile          *file,
                                          GCancellable   *cancellable,
                                          GError        **error);

ZMQGLIB_AVAILABLE_IN_1_0
const char *zmqglib_certificate_get_public_key (ZmqCertificate *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_certificate_has_secret_key (ZmqCertificate *self);

ZMQGLIB_AVAILABLE_IN_1_0
char *zmqglib_certificate_dup_secret_key (ZmqCertificate *self);

ZMQGLIB_AVAILABLE_IN_1_0
GHashTable *zmqglib_certificate_get_metadata (ZmqCertificate *self);

G_END_DECLS

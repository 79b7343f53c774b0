/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-auth-request.h>
#include <zmqglib/zmqglib-socket.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_AUTHENTICATOR (zmqglib_authenticator_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqAuthenticator, zmqglib_authenticator, ZMQGLIB, AUTHENTICATOR, GObject)

ZMQGLIB_AVAILABLE_IN_1_0
ZmqAuthenticator *zmqglib_authenticator_new (ZmqContext *context,
                                             GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_authenticator_close (ZmqAuthenticator *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_authenticator_is_closed (ZmqAuthenticator *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_authenticator_protect (ZmqAuthenticator *self,
                                        ZmqSocket        *socket,
                                        const char       *domain,
                                        GError          **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_authenticator_allow_address (ZmqAuthenticator *self,
                                              const char       *address);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_authenticator_deny_address (ZmqAuthenticator *self,
                                             const char       *address);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_authenticator_add_password (ZmqAuthenticator *self,
                                         const char       *domain,
                                         const char       *user,
                                         const char       *password);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_authenticator_allow_key (ZmqAuthenticator *self,
                                          const char       *domain,
                                          const char       *public_key,
                                          const char       *user_id);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_authenticator_deny_key (ZmqAuthenticator *self,
                                         const char       *domain,
                                         const char       *public_key);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_authenticator_allow_any_curve (ZmqAuthenticator *self,
                                            const char       *domain);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_authenticator_set_certificate_directory (ZmqAuthenticator *self,
                                                          const char       *domain,
                                                          GFile            *directory,
                                                          GError          **error);

ZMQGLIB_AVAILABLE_IN_1_0
gint64 zmqglib_authenticator_get_timeout_us (ZmqAuthenticator *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_authenticator_set_timeout_us (ZmqAuthenticator *self,
                                           gint64            timeout_us);

ZMQGLIB_AVAILABLE_IN_1_0
guint64 zmqglib_authenticator_get_n_accepted (ZmqAuthenticator *self);

ZMQGLIB_AVAILABLE_IN_1_0
guint64 zmqglib_authenticator_get_n_denied (ZmqAuthenticator *self);

G_END_DECLS

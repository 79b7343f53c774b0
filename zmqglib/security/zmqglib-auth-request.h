/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

#include <zmqglib/zmqglib-enums.h>
#include <zmqglib/zmqglib-version-macros.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_AUTH_REQUEST (zmqglib_auth_request_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqAuthRequest, zmqglib_auth_request, ZMQGLIB, AUTH_REQUEST, GObject)

ZMQGLIB_AVAILABLE_IN_1_0
const char *zmqglib_auth_request_get_domain (ZmqAuthRequest *self);

ZMQGLIB_AVAILABLE_IN_1_0
const char *zmqglib_auth_request_get_address (ZmqAuthRequest *self);

ZMQGLIB_AVAILABLE_IN_1_0
GBytes *zmqglib_auth_request_get_identity (ZmqAuthRequest *self);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqSecurityMechanism zmqglib_auth_request_get_mechanism (ZmqAuthRequest *self);

ZMQGLIB_AVAILABLE_IN_1_0
const char *zmqglib_auth_request_get_user (ZmqAuthRequest *self);

ZMQGLIB_AVAILABLE_IN_1_0
const char *zmqglib_auth_request_get_password (ZmqAuthRequest *self);

ZMQGLIB_AVAILABLE_IN_1_0
const char *zmqglib_auth_request_get_public_key (ZmqAuthRequest *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_auth_request_accept (ZmqAuthRequest *self,
                                      const char     *user_id,
                                      GHashTable     *metadata);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_auth_request_deny (ZmqAuthRequest *self,
                                    guint           status,
                                    const char     *text);

G_END_DECLS

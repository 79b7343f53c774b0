/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

#include <zmqglib/zmqglib-version-macros.h>

G_BEGIN_DECLS

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_curve_keypair (char   **public_key,
                                char   **secret_key,
                                GError **error);

ZMQGLIB_AVAILABLE_IN_1_0
char *zmqglib_curve_public_key (const char *secret_key,
                                GError    **error);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint zmqglib_hash_data (gconstpointer data,
                         gsize         size);
guint zmqglib_hash_bytes (gconstpointer bytes);

G_END_DECLS

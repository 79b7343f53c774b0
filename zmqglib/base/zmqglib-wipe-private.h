/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void    zmqglib_wipe (gpointer data,
                      gsize    size);
void    zmqglib_wipe_stack (void);
GBytes *zmqglib_wipe_bytes_new_take (gpointer data,
                                     gsize    size);

G_END_DECLS

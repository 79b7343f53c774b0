/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

GSource *zmqglib_departure_new (GSource       *source,
                                GDestroyNotify func);
void     zmqglib_departure_free (GSource *self);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether something that should stay as it is keeps growing, as its values of each line tell. */

gboolean soak_slope_grows (const double *values,
                           gsize         n,
                           double        limit);

G_END_DECLS

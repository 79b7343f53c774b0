/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether a source is in use, asked by who does not have a reference: it may have been destroyed by another
 * thread, and its last reference be gone, as long as it has not been finalized. g_source_is_destroyed() wants a
 * reference. */
static inline gboolean
zmqglib_source_is_in_use (GSource *source)
{
  return g_atomic_int_get (&source->ref_count) > 0 && (g_atomic_int_get (&source->flags) & G_HOOK_FLAG_ACTIVE) != 0;
}

G_END_DECLS

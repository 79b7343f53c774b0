/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "inspector-record.h"

G_BEGIN_DECLS

/* What a message has to have to be shown: terms, all of which hold.
 *
 *   word, "two words"   occurs in a frame, whatever its case; \" is a quote, and \\ a backslash
 *   topic:word          the first frame begins with it
 *   hex:0aff            these bytes occur in a frame
 *   size>N, size<N      more, or fewer, bytes in all
 *   frames:N            so many frames
 *   is:in, is:out       received, or on its way to the backend; sent, or on its way to the frontend
 *   -TERM               the term does not hold
 */
typedef struct _InspectorFilter InspectorFilter;

InspectorFilter *inspector_filter_new (const char *text,
                                       GError    **error);
void             inspector_filter_free (InspectorFilter *self);

gboolean inspector_filter_matches (InspectorFilter      *self,
                                   const InspectorEntry *entry);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (InspectorFilter, inspector_filter_free)

G_END_DECLS

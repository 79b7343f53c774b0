/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "inspector-filter.h"
#include "inspector-store.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_LIST (inspector_list_get_type ())
G_DECLARE_FINAL_TYPE (InspectorList, inspector_list, INSPECTOR, LIST, GObject)

/* Those messages of a store that a filter lets through, as a list model of InspectorRecord. It changes only when it is told
 * to, once a frame, so that a flood costs no more than a frame has time for. */
InspectorList *inspector_list_new (InspectorStore *store);

/* The store has changed when this is told, or the filter: by the signal “outdated”. Takes at most about that long. Returns
 * whether something is left to be done. */
gboolean inspector_list_update (InspectorList *self,
                                gint64         time_us);

/* nullable, transfer full */
void inspector_list_set_filter (InspectorList   *self,
                                InspectorFilter *filter);

/* the number of the message at a position, and the position of the first with that number or a later one */
guint64 inspector_list_get_number (InspectorList *self,
                                   guint          position);
guint   inspector_list_find (InspectorList *self,
                             guint64        number);

G_END_DECLS

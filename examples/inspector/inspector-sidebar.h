/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define INSPECTOR_TYPE_SIDEBAR (inspector_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (InspectorSidebar, inspector_sidebar, INSPECTOR, SIDEBAR, GtkBox)

/* The list of sessions. Signal “chosen”, with an index: somebody has chosen one. */
GtkWidget *inspector_sidebar_new (GListModel *sessions);
void       inspector_sidebar_select (InspectorSidebar *self,
                                     int               index);
/* to be told when the rates have been sampled */
void inspector_sidebar_update_rates (InspectorSidebar *self);

G_END_DECLS

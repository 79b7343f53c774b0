/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A list of InspectorEvent that stays at its end. */
GtkWidget *inspector_events_view_new (GListModel *events);

G_END_DECLS

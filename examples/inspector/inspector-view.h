/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "inspector-connections.h"
#include "inspector-messages.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_VIEW (inspector_view_get_type ())
G_DECLARE_FINAL_TYPE (InspectorView, inspector_view, INSPECTOR, VIEW, GtkBox)

/* The pages of a session: “messages”, “connections” and “rates”. */
GtkWidget *inspector_view_new (InspectorSession *session);

InspectorSession     *inspector_view_get_session (InspectorView *self);
InspectorMessages    *inspector_view_get_messages (InspectorView *self);
InspectorConnections *inspector_view_get_connections (InspectorView *self);
GtkStack             *inspector_view_get_stack (InspectorView *self);
/* to be told when the rates have been sampled */
void inspector_view_update_rates (InspectorView *self);

G_END_DECLS

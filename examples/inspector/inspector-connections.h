/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "inspector-session.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_CONNECTIONS (inspector_connections_get_type ())
G_DECLARE_FINAL_TYPE (InspectorConnections, inspector_connections, INSPECTOR, CONNECTIONS, GtkBox)

/* The page of where a socket is bound and connected, what it subscribes to, and what happened to its connections. */
GtkWidget *inspector_connections_new (InspectorSession *session);

/* what the session is subscribed to has changed */
void inspector_connections_update (InspectorConnections *self);

G_END_DECLS

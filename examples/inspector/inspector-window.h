/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "inspector-session.h"
#include "inspector-view.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_WINDOW (inspector_window_get_type ())
G_DECLARE_FINAL_TYPE (InspectorWindow, inspector_window, INSPECTOR, WINDOW, GtkApplicationWindow)

GtkWidget *inspector_window_new (GtkApplication *app);

/* Signals: “changed”, another session is shown; “sampled”, there are new rates; “narrow”, with whether it has become so. */

/* of InspectorSession */
GListModel *inspector_window_get_sessions (InspectorWindow *self);
/* that of the session that is shown, and its index; NULL, and -1, when there is none */
InspectorView *inspector_window_get_view (InspectorWindow *self);
int            inspector_window_get_selected (InspectorWindow *self);
void           inspector_window_select (InspectorWindow *self,
                                        int              index);
/* takes the session over, and shows it */
void inspector_window_add_session (InspectorWindow  *self,
                                   InspectorSession *session);
void inspector_window_close_session (InspectorWindow *self);

/* Sends what is shown again, through the session with that index. */
gboolean inspector_window_replay (InspectorWindow *self,
                                  guint            target,
                                  double           speed,
                                  GError         **error);
void     inspector_window_stop_replay (InspectorWindow *self);
gboolean inspector_window_is_replaying (InspectorWindow *self);

/* what is shown: an array of InspectorRecord */
GPtrArray *inspector_window_list_shown (InspectorWindow *self);

/* Tells what went wrong until somebody closes it, something else is done that goes well, or, with NULL, at once. */
void        inspector_window_complain (InspectorWindow *self,
                                       const GError    *error);
const char *inspector_window_get_complaint (InspectorWindow *self); /* or “” */
void        inspector_window_show_sidebar (InspectorWindow *self,
                                           gboolean         is_shown);
/* Too narrow for a sidebar, unless somebody asks for it. */
gboolean inspector_window_is_narrow (InspectorWindow *self);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "inspector-composer.h"
#include "inspector-detail.h"
#include "inspector-session.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_MESSAGES (inspector_messages_get_type ())
G_DECLARE_FINAL_TYPE (InspectorMessages, inspector_messages, INSPECTOR, MESSAGES, GtkBox)

/* The page of what came and went. The property “following” says whether the list stays at its end. */
GtkWidget *inspector_messages_new (InspectorSession *session);

InspectorDetail   *inspector_messages_get_detail (InspectorMessages *self);
InspectorComposer *inspector_messages_get_composer (InspectorMessages *self); /* NULL when nothing can be sent */

gboolean inspector_messages_get_following (InspectorMessages *self);
void     inspector_messages_set_following (InspectorMessages *self,
                                           gboolean           is_following);

const char *inspector_messages_get_filter (InspectorMessages *self);
void        inspector_messages_set_filter (InspectorMessages *self,
                                           const char        *text);
void        inspector_messages_focus_filter (InspectorMessages *self);
gboolean    inspector_messages_select (InspectorMessages *self,
                                       guint              position);

G_END_DECLS

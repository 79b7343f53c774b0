/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "inspector-compose.h"
#include "inspector-socket.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_COMPOSER (inspector_composer_get_type ())
G_DECLARE_FINAL_TYPE (InspectorComposer, inspector_composer, INSPECTOR, COMPOSER, GtkBox)

/* What is typed to be sent. */
GtkWidget *inspector_composer_new (InspectorSocket *socket);

ZmqMessage *inspector_composer_make_message (InspectorComposer *self,
                                             GError           **error);
void        inspector_composer_set (InspectorComposer *self,
                                    InspectorCompose   compose,
                                    const char        *text);
void        inspector_composer_focus (InspectorComposer *self);

G_END_DECLS

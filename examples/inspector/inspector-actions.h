/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "inspector-window.h"

G_BEGIN_DECLS

/* All that can be done in a window is an action of it, for menus, keys, and programs that drive it over D-Bus. */
void inspector_actions_add (InspectorWindow *window);

/* by the one above */
void inspector_actions_add_sessions (InspectorWindow *window);
void inspector_actions_add_messages (InspectorWindow *window);
void inspector_actions_add_files (InspectorWindow *window);
void inspector_actions_add_status (InspectorWindow *window);

/* the current one; nullable */
InspectorSession *inspector_actions_get_session (InspectorWindow *window);

G_END_DECLS

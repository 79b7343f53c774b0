/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "inspector-window.h"

G_BEGIN_DECLS

/* Dialogs that make a session, and the one that has a recording sent again. */
void inspector_show_new_socket (InspectorWindow *window);
void inspector_show_new_proxy (InspectorWindow *window);
void inspector_show_replay (InspectorWindow *window);

G_END_DECLS

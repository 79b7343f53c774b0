/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The keys of the actions, and the window that tells them. */
void       inspector_shortcuts_add (GtkApplication *app);
GtkWidget *inspector_shortcuts_window_new (void);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Buttons with a picture, which is no name for who does not see it: of a tooltip GTK makes a description only. */
GtkWidget *inspector_icon_button_new (const char *icon,
                                      const char *name,
                                      const char *action);
GtkWidget *inspector_icon_toggle_new (const char *icon,
                                      const char *name,
                                      const char *action);

G_END_DECLS

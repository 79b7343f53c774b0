/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The parts of a window that do nothing but show what may be done. */
GtkWidget *inspector_header_new (GtkWidget **switcher);
GtkWidget *inspector_empty_page_new (void);

G_END_DECLS

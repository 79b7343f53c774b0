/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* For what may be any text: it wraps between any two characters, so that no endpoint or name makes a window wider. */
GtkWidget *inspector_wrapped_label_new (void);

G_END_DECLS

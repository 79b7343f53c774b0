/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define INSPECTOR_TYPE_FORM (inspector_form_get_type ())
G_DECLARE_FINAL_TYPE (InspectorForm, inspector_form, INSPECTOR, FORM, GtkWindow)

/* Does what the form is for; when it fails the form says why, and stays. */
typedef gboolean (*InspectorFormFunc) (InspectorForm *self,
                                       gpointer       user_data,
                                       GError       **error);

/* A dialog with rows, and buttons to cancel and to go on. The function’s data belong to the form. */
InspectorForm *inspector_form_new (GtkWindow        *parent,
                                   const char       *title,
                                   const char       *go_on,
                                   InspectorFormFunc func,
                                   gpointer          user_data,
                                   GDestroyNotify    destroy);

/* each with a label that has a mnemonic */
void       inspector_form_add (InspectorForm *self,
                               const char    *label,
                               GtkWidget     *widget);
GtkWidget *inspector_form_add_entry (InspectorForm *self,
                                     const char    *label,
                                     const char    *text);
GtkWidget *inspector_form_add_choice (InspectorForm     *self,
                                      const char        *label,
                                      const char *const *choices);
/* a button that has a file chosen, which inspector_form_dup_file() returns, a path or URI: nullable */
GtkWidget *inspector_form_add_file (InspectorForm *self,
                                    const char    *label);
char      *inspector_form_dup_file (GtkWidget *button);
/* the row of a widget */
void inspector_form_set_row_visible (InspectorForm *self,
                                     GtkWidget     *widget,
                                     gboolean       is_visible);

G_END_DECLS

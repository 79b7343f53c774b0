/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-form.h"
#include "inspector-wrapped-label.h"

struct _InspectorForm
{
  GtkWindow         parent_instance;
  GtkWidget        *grid;
  GtkWidget        *go_on;
  GtkWidget        *problem;
  int               n_rows;
  InspectorFormFunc func;
  gpointer          user_data;
  GDestroyNotify    destroy;
};

G_DEFINE_FINAL_TYPE (InspectorForm, inspector_form, GTK_TYPE_WINDOW)

static void
inspector_form_finalize (GObject *object)
{
  InspectorForm *self = INSPECTOR_FORM (object);

  if (self->destroy != NULL)
    self->destroy (self->user_data);

  G_OBJECT_CLASS (inspector_form_parent_class)->finalize (object);
}

static void
inspector_form_class_init (InspectorFormClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = inspector_form_finalize;

  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
on_go_on (InspectorForm *self)
{
  g_autoptr (GError) error = NULL;

  if (self->func (self, self->user_data, &error))
    {
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }
  gtk_label_set_text (GTK_LABEL (self->problem), error->message);
  gtk_widget_show (self->problem);
}

static void
inspector_form_init (InspectorForm *self)
{
  GtkWidget *header = gtk_header_bar_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));

  self->go_on = gtk_button_new ();
  gtk_button_set_use_underline (GTK_BUTTON (self->go_on), TRUE);
  gtk_widget_add_css_class (self->go_on, "suggested-action");
  g_signal_connect_swapped (self->go_on, "clicked", G_CALLBACK (on_go_on), self);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (cancel), "window.close");
  gtk_header_bar_set_show_title_buttons (GTK_HEADER_BAR (header), FALSE);
  gtk_header_bar_pack_start (GTK_HEADER_BAR (header), cancel);
  gtk_header_bar_pack_end (GTK_HEADER_BAR (header), self->go_on);
  gtk_window_set_titlebar (GTK_WINDOW (self), header);

  self->grid = gtk_grid_new ();
  gtk_grid_set_row_spacing (GTK_GRID (self->grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (self->grid), 12);
  self->problem = inspector_wrapped_label_new ();
  gtk_label_set_max_width_chars (GTK_LABEL (self->problem), 50);
  gtk_widget_add_css_class (self->problem, "error");
  gtk_widget_hide (self->problem);
  gtk_widget_add_css_class (box, "page");
  gtk_box_append (GTK_BOX (box), self->grid);
  gtk_box_append (GTK_BOX (box), self->problem);
  gtk_window_set_child (GTK_WINDOW (self), box);
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (self), 460, -1);
  gtk_window_set_default_widget (GTK_WINDOW (self), self->go_on);
}

InspectorForm *
inspector_form_new (GtkWindow        *parent,
                    const char       *title,
                    const char       *go_on,
                    InspectorFormFunc func,
                    gpointer          user_data,
                    GDestroyNotify    destroy)
{
  InspectorForm *self = g_object_new (INSPECTOR_TYPE_FORM, "transient-for", parent, "title", title, NULL);

  gtk_button_set_label (GTK_BUTTON (self->go_on), go_on);
  self->func = func;
  self->user_data = user_data;
  self->destroy = destroy;

  return self;
}

void
inspector_form_add (InspectorForm *self,
                    const char    *label,
                    GtkWidget     *widget)
{
  GtkWidget *name = gtk_label_new_with_mnemonic (label);

  gtk_label_set_xalign (GTK_LABEL (name), 1);
  gtk_label_set_mnemonic_widget (GTK_LABEL (name), widget);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_grid_attach (GTK_GRID (self->grid), name, 0, self->n_rows, 1, 1);
  gtk_grid_attach (GTK_GRID (self->grid), widget, 1, self->n_rows++, 1, 1);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_RELATION_LABELLED_BY, name, NULL, -1);
}

GtkWidget *
inspector_form_add_entry (InspectorForm *self,
                          const char    *label,
                          const char    *text)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  inspector_form_add (self, label, entry);

  return entry;
}

GtkWidget *
inspector_form_add_choice (InspectorForm     *self,
                           const char        *label,
                           const char *const *choices)
{
  GtkWidget *choice = gtk_drop_down_new_from_strings (choices);

  inspector_form_add (self, label, choice);

  return choice;
}

static void
on_response (GtkNativeDialog *dialog,
             int              response,
             GtkWidget       *button)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *base_name = file != NULL ? g_file_get_basename (file) : NULL;
  g_autofree char *name = base_name != NULL ? g_filename_display_name (base_name) : NULL;

  if (file != NULL)
    {
      g_object_set_data_full (G_OBJECT (button), "file", g_file_get_parse_name (file), g_free);
      gtk_button_set_label (GTK_BUTTON (button), name);
    }
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
on_choose (GtkWidget     *button,
           InspectorForm *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (_ ("Choose a Certificate"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);

  g_signal_connect_object (dialog, "response", G_CALLBACK (on_response), button, 0);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

GtkWidget *
inspector_form_add_file (InspectorForm *self,
                         const char    *label)
{
  GtkWidget *button = gtk_button_new_with_label (_ ("Choose…"));

  g_signal_connect (button, "clicked", G_CALLBACK (on_choose), self);
  inspector_form_add (self, label, button);

  return button;
}

char *
inspector_form_dup_file (GtkWidget *button)
{
  return g_strdup (g_object_get_data (G_OBJECT (button), "file"));
}

void
inspector_form_set_row_visible (InspectorForm *self,
                                GtkWidget     *widget,
                                gboolean       is_visible)
{
  int row;

  gtk_grid_query_child (GTK_GRID (self->grid), widget, NULL, &row, NULL, NULL);
  gtk_widget_set_visible (gtk_grid_get_child_at (GTK_GRID (self->grid), 0, row), is_visible);
  gtk_widget_set_visible (widget, is_visible);
}

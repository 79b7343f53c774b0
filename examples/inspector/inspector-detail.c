/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-detail.h"
#include "inspector-icon-button.h"

struct _InspectorDetail
{
  GtkBox           parent_instance;
  GtkWidget       *title;
  GtkWidget       *buttons;
  GtkWidget       *text;
  InspectorRecord *record;
  InspectorShow    show;
};

G_DEFINE_FINAL_TYPE (InspectorDetail, inspector_detail, GTK_TYPE_BOX)

static void
inspector_detail_dispose (GObject *object)
{
  g_clear_object (&INSPECTOR_DETAIL (object)->record);

  G_OBJECT_CLASS (inspector_detail_parent_class)->dispose (object);
}

static void
inspector_detail_class_init (InspectorDetailClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inspector_detail_dispose;
}

static void
add_button (InspectorDetail *self,
            const char      *label,
            const char      *action)
{
  GtkWidget *button = gtk_toggle_button_new_with_mnemonic (label);

  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (button), action);
  gtk_box_append (GTK_BOX (self->buttons), button);
}

static GtkWidget *
build_bar (InspectorDetail *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *again = inspector_icon_button_new ("document-edit-symbolic", _ ("Edit this message below, to send it"), "win.edit-again");

  self->title = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->title), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (self->title, TRUE);
  self->buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (self->buttons, "linked");
  add_button (self, _ ("_Text"), "win.show::text");
  add_button (self, _ ("_JSON"), "win.show::json");
  add_button (self, _ ("_Hex"), "win.show::hex");
  add_button (self, _ ("F_rames"), "win.show::frames");

  gtk_widget_add_css_class (bar, "bar");
  gtk_box_append (GTK_BOX (bar), self->title);
  gtk_box_append (GTK_BOX (bar), again);
  gtk_box_append (GTK_BOX (bar), self->buttons);

  return bar;
}

static void
inspector_detail_init (InspectorDetail *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_append (GTK_BOX (self), build_bar (self));

  self->text = gtk_text_view_new ();
  gtk_text_view_set_editable (GTK_TEXT_VIEW (self->text), FALSE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (self->text), TRUE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (self->text), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (self->text), 12);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (self->text), 12);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (self->text), 6);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (self->text), 6);
  /* a tab leaves, since nothing can be typed */
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (self->text), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->text), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("The message"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->text);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_box_append (GTK_BOX (self), scrolled);
  inspector_detail_set_record (self, NULL);
}

GtkWidget *
inspector_detail_new (void)
{
  return g_object_new (INSPECTOR_TYPE_DETAIL, NULL);
}

static void
update (InspectorDetail *self)
{
  const InspectorEntry *entry = self->record != NULL ? inspector_record_get_entry (self->record) : NULL;
  g_autofree char      *text = entry != NULL ? inspector_text_show (entry->message, self->show) : NULL;
  g_autofree char      *time = entry != NULL ? inspector_text_format_time (entry->time) : NULL;
  g_autofree char      *title = NULL;
  g_autofree char      *number = NULL;

  if (entry != NULL)
    {
      number = g_strdup_printf ("%" G_GUINT64_FORMAT, inspector_record_get_number (self->record) + 1);
      /* Translators: which way a message went, when, and its number */
      title = g_strdup_printf (_ ("%s at %s, number %s"), inspector_direction_get_name (entry->direction), time, number);
    }
  gtk_label_set_text (GTK_LABEL (self->title), title != NULL ? title : "");
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text)), text != NULL ? text : "", -1);
}

void
inspector_detail_set_record (InspectorDetail *self,
                             InspectorRecord *record)
{
  g_set_object (&self->record, record);
  gtk_widget_set_visible (GTK_WIDGET (self), record != NULL);
  update (self);
}

InspectorRecord *
inspector_detail_get_record (InspectorDetail *self)
{
  return self->record;
}

void
inspector_detail_set_show (InspectorDetail *self,
                           InspectorShow    show)
{
  self->show = show;
  update (self);
}

char *
inspector_detail_dup_text (InspectorDetail *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text));
  GtkTextIter    start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);

  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

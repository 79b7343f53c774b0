/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-composer.h"

struct _InspectorComposer
{
  GtkBox     parent_instance;
  GtkWidget *text;
  GtkWidget *format;
  GtkWidget *queued;
};

G_DEFINE_FINAL_TYPE (InspectorComposer, inspector_composer, GTK_TYPE_BOX)

static void
inspector_composer_class_init (InspectorComposerClass *klass)
{
}

static GtkWidget *
build_text (InspectorComposer *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->text = gtk_text_view_new ();
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (self->text), TRUE);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (self->text), FALSE);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (self->text), 6);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (self->text), 6);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->text), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("The message to be sent"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->text);
  gtk_scrolled_window_set_has_frame (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scrolled), 72);
  gtk_widget_set_hexpand (scrolled, TRUE);

  return scrolled;
}

static GtkWidget *
build_side (InspectorComposer *self)
{
  const char *const formats[] = { _ ("A frame a line"), _ ("All one frame"), _ ("JSON"), _ ("Hex, a frame a line"), NULL };
  GtkWidget        *side = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget        *send = gtk_button_new_with_mnemonic (_ ("_Send"));

  self->format = gtk_drop_down_new_from_strings (formats);
  gtk_widget_set_tooltip_text (self->format, _ ("How the text becomes a message"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->format), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("How the text becomes a message"), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (send), "win.send");
  gtk_widget_add_css_class (send, "suggested-action");
  gtk_widget_set_tooltip_text (send, _ ("Send the message (Ctrl+Enter)"));
  self->queued = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->queued), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->queued), 20);

  gtk_box_append (GTK_BOX (side), self->format);
  gtk_box_append (GTK_BOX (side), send);
  gtk_box_append (GTK_BOX (side), self->queued);

  return side;
}

static void
inspector_composer_init (InspectorComposer *self)
{
  gtk_box_set_spacing (GTK_BOX (self), 6);
  gtk_widget_add_css_class (GTK_WIDGET (self), "bar");
  gtk_box_append (GTK_BOX (self), build_text (self));
  gtk_box_append (GTK_BOX (self), build_side (self));
}

static void
on_n_queued (InspectorSocket   *socket,
             GParamSpec        *pspec,
             InspectorComposer *self)
{
  guint            n = inspector_socket_get_n_queued (socket);
  g_autofree char *text = g_strdup_printf (ngettext ("%u message waits for a peer", "%u messages wait for a peer", n), n);

  gtk_label_set_text (GTK_LABEL (self->queued), n > 0 ? text : "");
}

GtkWidget *
inspector_composer_new (InspectorSocket *socket)
{
  InspectorComposer *self = g_object_new (INSPECTOR_TYPE_COMPOSER, NULL);

  g_signal_connect_object (socket, "notify::n-queued", G_CALLBACK (on_n_queued), self, 0);

  return GTK_WIDGET (self);
}

ZmqMessage *
inspector_composer_make_message (InspectorComposer *self,
                                 GError           **error)
{
  GtkTextBuffer   *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text));
  GtkTextIter      start, end;
  g_autofree char *text = NULL;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, TRUE);

  return inspector_compose (gtk_drop_down_get_selected (GTK_DROP_DOWN (self->format)), text, error);
}

void
inspector_composer_set (InspectorComposer *self,
                        InspectorCompose   compose,
                        const char        *text)
{
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->format), compose);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text)), text, -1);
}

void
inspector_composer_focus (InspectorComposer *self)
{
  gtk_widget_grab_focus (self->text);
}

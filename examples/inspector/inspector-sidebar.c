/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-session.h"
#include "inspector-sidebar.h"

struct _InspectorSidebar
{
  GtkBox      parent_instance;
  GListModel *sessions;
  GtkWidget  *list;
};

G_DEFINE_FINAL_TYPE (InspectorSidebar, inspector_sidebar, GTK_TYPE_BOX)

static guint chosen_signal;

static void
inspector_sidebar_dispose (GObject *object)
{
  g_clear_object (&INSPECTOR_SIDEBAR (object)->sessions);

  G_OBJECT_CLASS (inspector_sidebar_parent_class)->dispose (object);
}

static void
inspector_sidebar_class_init (InspectorSidebarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inspector_sidebar_dispose;

  chosen_signal = g_signal_new ("chosen", INSPECTOR_TYPE_SIDEBAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
on_row_selected (GtkListBox       *list,
                 GtkListBoxRow    *row,
                 InspectorSidebar *self)
{
  if (row != NULL)
    g_signal_emit (self, chosen_signal, 0, gtk_list_box_row_get_index (row));
}

static void
inspector_sidebar_init (InspectorSidebar *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->list = gtk_list_box_new ();
  gtk_widget_add_css_class (self->list, "navigation-sidebar");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Sockets, proxies and recordings"), -1);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_BROWSE);
  g_signal_connect (self->list, "row-selected", G_CALLBACK (on_row_selected), self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->list);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_widget_set_hexpand (scrolled, TRUE);
  gtk_box_append (GTK_BOX (self), scrolled);
}

static GtkWidget *
make_label (InspectorSession  *session,
            const char        *property,
            const char        *css_class,
            PangoEllipsizeMode ellipsize)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), ellipsize);
  gtk_widget_add_css_class (label, css_class);
  if (property != NULL)
    g_object_bind_property (session, property, label, "label", G_BINDING_SYNC_CREATE);

  return label;
}

static void
show_rate (GtkWidget        *label,
           InspectorSession *session)
{
  InspectorRate    rate = inspector_rates_get (inspector_session_get_rates (session), 0);
  g_autofree char *number = inspector_rates_format (rate.messages_in + rate.messages_out);
  /* Translators: messages a second */
  g_autofree char *text = g_strdup_printf (_ ("%s/s"), number);

  if (inspector_session_get_paused (session))
    gtk_label_set_text (GTK_LABEL (label), _ ("Paused"));
  else
    gtk_label_set_text (GTK_LABEL (label), G_OBJECT_TYPE (session) != INSPECTOR_TYPE_SESSION ? text : "");
}

static GtkWidget *
make_row (gpointer item,
          gpointer user_data)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = make_label (item, "title", "heading", PANGO_ELLIPSIZE_END);
  GtkWidget *rate = make_label (item, NULL, "numeric", PANGO_ELLIPSIZE_NONE);

  gtk_widget_set_hexpand (title, TRUE);
  gtk_box_append (GTK_BOX (line), title);
  gtk_box_append (GTK_BOX (line), rate);
  gtk_box_append (GTK_BOX (row), line);
  gtk_box_append (GTK_BOX (row), make_label (item, "subtitle", "caption", PANGO_ELLIPSIZE_MIDDLE));
  gtk_widget_add_css_class (row, "session");
  g_object_bind_property (item, "subtitle", row, "tooltip-text", G_BINDING_SYNC_CREATE);
  show_rate (rate, item);

  return row;
}

GtkWidget *
inspector_sidebar_new (GListModel *sessions)
{
  InspectorSidebar *self = g_object_new (INSPECTOR_TYPE_SIDEBAR, NULL);

  self->sessions = g_object_ref (sessions);
  gtk_list_box_bind_model (GTK_LIST_BOX (self->list), sessions, make_row, NULL, NULL);

  return GTK_WIDGET (self);
}

void
inspector_sidebar_select (InspectorSidebar *self,
                          int               index)
{
  GtkListBoxRow *row = index >= 0 ? gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), index) : NULL;

  gtk_list_box_select_row (GTK_LIST_BOX (self->list), row);
}

void
inspector_sidebar_update_rates (InspectorSidebar *self)
{
  for (guint i = 0; i < g_list_model_get_n_items (self->sessions); i++)
    {
      g_autoptr (InspectorSession) session = g_list_model_get_item (self->sessions, i);
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), i);
      GtkWidget     *line = gtk_widget_get_first_child (gtk_list_box_row_get_child (row));

      show_rate (gtk_widget_get_last_child (line), session);
    }
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-event.h"
#include "inspector-events-view.h"
#include "inspector-text.h"

enum
{
  COLUMN_TIME,
  COLUMN_EVENT,
  COLUMN_ENDPOINT,
  COLUMN_DETAIL
};

static void
on_setup (GtkSignalListItemFactory *factory,
          GtkListItem              *item,
          gpointer                  column)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  /* the reason comes last */
  gtk_label_set_ellipsize (GTK_LABEL (label), GPOINTER_TO_INT (column) == COLUMN_DETAIL ? PANGO_ELLIPSIZE_START : PANGO_ELLIPSIZE_END);
  gtk_list_item_set_child (item, label);
  gtk_list_item_set_activatable (item, FALSE);
}

static char *
dup_text (InspectorEvent *event,
          int             column)
{
  switch (column)
    {
    case COLUMN_TIME:
      return inspector_text_format_time (inspector_event_get_time (event));
    case COLUMN_EVENT:
      return g_strdup (inspector_event_get_title (event));
    case COLUMN_ENDPOINT:
      return g_strdup (inspector_event_get_endpoint (event));
    default:
      return g_strdup (inspector_event_get_detail (event));
    }
}

static void
on_bind (GtkSignalListItemFactory *factory,
         GtkListItem              *item,
         gpointer                  column)
{
  InspectorEvent  *event = gtk_list_item_get_item (item);
  GtkWidget       *label = gtk_list_item_get_child (item);
  g_autofree char *text = dup_text (event, GPOINTER_TO_INT (column));

  gtk_label_set_text (GTK_LABEL (label), text);
  gtk_widget_set_tooltip_text (label, GPOINTER_TO_INT (column) == COLUMN_DETAIL && *text != '\0' ? text : NULL);
  if (inspector_event_is_error (event))
    gtk_widget_add_css_class (label, "error");
  else
    gtk_widget_remove_css_class (label, "error");
}

static void
add_column (GtkWidget  *view,
            const char *title,
            int         id,
            int         width)
{
  GtkListItemFactory  *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *column = gtk_column_view_column_new (title, factory);

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), GINT_TO_POINTER (id));
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), GINT_TO_POINTER (id));
  gtk_column_view_column_set_resizable (column, TRUE);
  if (width > 0)
    gtk_column_view_column_set_fixed_width (column, width);
  else
    gtk_column_view_column_set_expand (column, TRUE);
  gtk_column_view_append_column (GTK_COLUMN_VIEW (view), column);
  g_object_unref (column);
}

static void
on_items_changed (GListModel *events,
                  guint       position,
                  guint       n_removed,
                  guint       n_added,
                  GtkWidget  *view)
{
  guint n = g_list_model_get_n_items (events);

  /* the rows are those of the list within the columns */
  if (n > 0 && gtk_widget_get_mapped (view))
    gtk_widget_activate_action (gtk_widget_get_last_child (view), "list.scroll-to-item", "u", n - 1);
}

GtkWidget *
inspector_events_view_new (GListModel *events)
{
  GtkWidget         *scrolled = gtk_scrolled_window_new ();
  GtkSelectionModel *selection = GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (events)));
  GtkWidget         *view = gtk_column_view_new (selection);

  gtk_widget_add_css_class (view, "data-table");
  add_column (view, _ ("Time"), COLUMN_TIME, 140);
  add_column (view, _ ("Event"), COLUMN_EVENT, 240);
  add_column (view, _ ("Endpoint"), COLUMN_ENDPOINT, 210);
  add_column (view, _ ("Detail"), COLUMN_DETAIL, 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Events"), -1);
  g_signal_connect_object (events, "items-changed", G_CALLBACK (on_items_changed), view, G_CONNECT_AFTER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);
  gtk_widget_set_vexpand (scrolled, TRUE);

  return scrolled;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-graph.h"
#include "inspector-proxy.h"
#include "inspector-rates-page.h"

struct _InspectorRatesPage
{
  GtkBox            parent_instance;
  InspectorSession *session;
  GtkWidget        *titles[2];
  GtkWidget        *graphs[2];
  GtkWidget        *total;
};

G_DEFINE_FINAL_TYPE (InspectorRatesPage, inspector_rates_page, GTK_TYPE_BOX)

static void
inspector_rates_page_dispose (GObject *object)
{
  g_clear_object (&INSPECTOR_RATES_PAGE (object)->session);

  G_OBJECT_CLASS (inspector_rates_page_parent_class)->dispose (object);
}

static void
inspector_rates_page_class_init (InspectorRatesPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inspector_rates_page_dispose;
}

static void
inspector_rates_page_init (InspectorRatesPage *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 6);
  gtk_widget_add_css_class (GTK_WIDGET (self), "page");
}

static char *
describe (InspectorRatesPage *self,
          guint               index,
          double              rate_in,
          double              rate_out)
{
  g_autofree char *in = inspector_rates_format (rate_in);
  g_autofree char *out = inspector_rates_format (rate_out);

  if (INSPECTOR_IS_PROXY (self->session))
    return g_strdup_printf (index == INSPECTOR_GRAPH_MESSAGES ? _ ("Messages a second: ━ %s to the backend, ╍ %s to the frontend")
                                                              : _ ("Bytes a second: ━ %s to the backend, ╍ %s to the frontend"),
                            in, out);

  return g_strdup_printf (index == INSPECTOR_GRAPH_MESSAGES ? _ ("Messages a second: ━ %s in, ╍ %s out")
                                                            : _ ("Bytes a second: ━ %s in, ╍ %s out"),
                          in, out);
}

static void
update_title (InspectorRatesPage *self,
              guint               index,
              double              rate_in,
              double              rate_out)
{
  g_autofree char *text = describe (self, index, rate_in, rate_out);

  gtk_label_set_text (GTK_LABEL (self->titles[index]), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->graphs[index]), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_queue_draw (self->graphs[index]);
}

static void
update_total (InspectorRatesPage *self)
{
  InspectorStore  *store = inspector_session_get_store (self->session);
  guint64          n = 0, bytes = 0;
  g_autofree char *size = NULL;
  g_autofree char *number = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < INSPECTOR_N_DIRECTIONS; i++)
    {
      n += inspector_store_get_n_messages (store, i);
      bytes += inspector_store_get_n_bytes (store, i);
    }
  number = g_strdup_printf ("%" G_GUINT64_FORMAT, n);
  size = g_format_size (bytes);
  text = g_strdup_printf (ngettext ("%s message so far, %s", "%s messages so far, %s", n), number, size);
  gtk_label_set_text (GTK_LABEL (self->total), text);
}

void
inspector_rates_page_update (InspectorRatesPage *self)
{
  InspectorRate rate = inspector_rates_get (inspector_session_get_rates (self->session), 0);

  update_title (self, INSPECTOR_GRAPH_MESSAGES, rate.messages_in, rate.messages_out);
  update_title (self, INSPECTOR_GRAPH_BYTES, rate.bytes_in, rate.bytes_out);
  update_total (self);
}

GtkWidget *
inspector_rates_page_new (InspectorSession *session)
{
  InspectorRatesPage *self = g_object_new (INSPECTOR_TYPE_RATES_PAGE, NULL);

  self->session = g_object_ref (session);
  for (guint i = 0; i < G_N_ELEMENTS (self->graphs); i++)
    {
      self->titles[i] = gtk_label_new (NULL);
      gtk_label_set_xalign (GTK_LABEL (self->titles[i]), 0);
      gtk_label_set_ellipsize (GTK_LABEL (self->titles[i]), PANGO_ELLIPSIZE_END);
      gtk_widget_add_css_class (self->titles[i], "heading");
      self->graphs[i] = inspector_graph_new (inspector_session_get_rates (session), i);
      gtk_box_append (GTK_BOX (self), self->titles[i]);
      gtk_box_append (GTK_BOX (self), self->graphs[i]);
    }
  self->total = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->total), 0);
  gtk_box_append (GTK_BOX (self), self->total);
  inspector_rates_page_update (self);

  return GTK_WIDGET (self);
}

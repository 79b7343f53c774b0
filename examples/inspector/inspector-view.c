/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-rates-page.h"
#include "inspector-view.h"

struct _InspectorView
{
  GtkBox            parent_instance;
  InspectorSession *session;
  GtkWidget        *stack;
  GtkWidget        *messages;
  GtkWidget        *connections;
  GtkWidget        *rates;
};

G_DEFINE_FINAL_TYPE (InspectorView, inspector_view, GTK_TYPE_BOX)

static void
inspector_view_dispose (GObject *object)
{
  g_clear_object (&INSPECTOR_VIEW (object)->session);

  G_OBJECT_CLASS (inspector_view_parent_class)->dispose (object);
}

static void
inspector_view_class_init (InspectorViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inspector_view_dispose;
}

static void
inspector_view_init (InspectorView *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  self->stack = gtk_stack_new ();
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_box_append (GTK_BOX (self), self->stack);
}

GtkWidget *
inspector_view_new (InspectorSession *session)
{
  InspectorView *self = g_object_new (INSPECTOR_TYPE_VIEW, NULL);
  GtkStack      *stack = GTK_STACK (self->stack);

  self->session = g_object_ref (session);
  self->messages = inspector_messages_new (session);
  gtk_stack_add_titled (stack, self->messages, "messages", _ ("Messages"));
  /* a recording has nothing else */
  if (G_OBJECT_TYPE (session) != INSPECTOR_TYPE_SESSION)
    {
      self->connections = inspector_connections_new (session);
      self->rates = inspector_rates_page_new (session);
      gtk_stack_add_titled (stack, self->connections, "connections", _ ("Connections"));
      gtk_stack_add_titled (stack, self->rates, "rates", _ ("Rates"));
    }

  return GTK_WIDGET (self);
}

InspectorSession *
inspector_view_get_session (InspectorView *self)
{
  return self->session;
}

InspectorMessages *
inspector_view_get_messages (InspectorView *self)
{
  return INSPECTOR_MESSAGES (self->messages);
}

InspectorConnections *
inspector_view_get_connections (InspectorView *self)
{
  return self->connections != NULL ? INSPECTOR_CONNECTIONS (self->connections) : NULL;
}

GtkStack *
inspector_view_get_stack (InspectorView *self)
{
  return GTK_STACK (self->stack);
}

void
inspector_view_update_rates (InspectorView *self)
{
  if (self->rates != NULL)
    inspector_rates_page_update (INSPECTOR_RATES_PAGE (self->rates));
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-connections.h"
#include "inspector-event.h"
#include "inspector-events-view.h"
#include "inspector-icon-button.h"
#include "inspector-socket.h"
#include "inspector-wrapped-label.h"

struct _InspectorConnections
{
  GtkBox            parent_instance;
  InspectorSession *session;
  GtkWidget        *subscriptions;
};

G_DEFINE_FINAL_TYPE (InspectorConnections, inspector_connections, GTK_TYPE_BOX)

static void
inspector_connections_dispose (GObject *object)
{
  g_clear_object (&INSPECTOR_CONNECTIONS (object)->session);

  G_OBJECT_CLASS (inspector_connections_parent_class)->dispose (object);
}

static void
inspector_connections_class_init (InspectorConnectionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inspector_connections_dispose;
}

static void
inspector_connections_init (InspectorConnections *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
}

static GtkWidget *
make_title (const char *text)
{
  GtkWidget *title = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "heading");
  gtk_widget_add_css_class (title, "section");

  return title;
}

static GtkWidget *
make_remove_button (const char *action,
                    const char *target,
                    const char *name)
{
  GtkWidget *button = inspector_icon_button_new ("list-remove-symbolic", name, action);

  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", target);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);

  return button;
}

static void
on_state (InspectorEndpoint *endpoint,
          GParamSpec        *pspec,
          GtkLabel          *label)
{
  gtk_label_set_text (label, inspector_endpoint_get_state (endpoint));
  if (inspector_endpoint_has_failed (endpoint))
    gtk_widget_add_css_class (GTK_WIDGET (label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (label), "error");
}

static char *
describe (InspectorEndpoint *endpoint)
{
  const char *side = inspector_endpoint_get_side (endpoint);
  const char *address = inspector_endpoint_get_address (endpoint);

  if (side != NULL)
    /* Translators: “Frontend” or “Backend”, and an endpoint */
    return g_strdup_printf (inspector_endpoint_is_bound (endpoint) ? _ ("%s, bound to %s") : _ ("%s, connects to %s"), side, address);

  return g_strdup_printf (inspector_endpoint_is_bound (endpoint) ? _ ("Bound to %s") : _ ("Connects to %s"), address);
}

static GtkWidget *
make_endpoint_row (gpointer item,
                   gpointer user_data)
{
  InspectorConnections *self = user_data;
  InspectorEndpoint    *endpoint = item;
  GtkWidget            *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget            *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  g_autofree char      *title = describe (endpoint);
  GtkWidget            *name = gtk_label_new (title);
  GtkWidget            *state = inspector_wrapped_label_new ();

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_selectable (GTK_LABEL (name), TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_add_css_class (state, "caption");
  g_signal_connect_object (endpoint, "notify::state", G_CALLBACK (on_state), state, 0);
  on_state (endpoint, NULL, GTK_LABEL (state));

  gtk_box_append (GTK_BOX (texts), name);
  gtk_box_append (GTK_BOX (texts), state);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (row), texts);
  if (INSPECTOR_IS_SOCKET (self->session))
    gtk_box_append (GTK_BOX (row), make_remove_button ("win.leave", inspector_endpoint_get_address (endpoint), inspector_endpoint_is_bound (endpoint) ? _ ("Unbind") : _ ("Disconnect")));

  return row;
}

static GtkWidget *
build_endpoints (InspectorConnections *self)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_list_box_set_placeholder (GTK_LIST_BOX (list), gtk_label_new (_ ("Neither bound nor connected")));
  gtk_list_box_bind_model (GTK_LIST_BOX (list), inspector_session_get_endpoints (self->session), make_endpoint_row, self, NULL);
  gtk_widget_add_css_class (list, "frame");
  gtk_widget_add_css_class (list, "rich-list");

  return list;
}

/* A button whose action gets what is in the entry. */
static void
on_entry_changed (GtkEditable *entry,
                  GtkWidget   *button)
{
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", gtk_editable_get_text (entry));
}

static GtkWidget *
add_entry_button (GtkWidget  *bar,
                  GtkWidget  *entry,
                  const char *label,
                  const char *action)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", "");
  g_signal_connect_object (entry, "changed", G_CALLBACK (on_entry_changed), button, 0);
  gtk_box_append (GTK_BOX (bar), button);

  return button;
}

static void
on_entry_activated (GtkEntry  *entry,
                    GtkWidget *button)
{
  gtk_widget_activate (button);
}

static void
press_on_enter (GtkWidget *entry,
                GtkWidget *button)
{
  g_signal_connect_object (entry, "activate", G_CALLBACK (on_entry_activated), button, 0);
}

static GtkWidget *
make_entry_bar (const char *placeholder,
                GtkWidget **entry)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  *entry = gtk_entry_new ();
  gtk_entry_set_placeholder_text (GTK_ENTRY (*entry), placeholder);
  gtk_accessible_update_property (GTK_ACCESSIBLE (*entry), GTK_ACCESSIBLE_PROPERTY_LABEL, placeholder, -1);
  gtk_widget_set_hexpand (*entry, TRUE);
  gtk_box_append (GTK_BOX (bar), *entry);

  return bar;
}

static GtkWidget *
make_subscription_chip (const char *prefix)
{
  GtkWidget       *chip = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 3);
  g_autofree char *text = *prefix != '\0' ? g_strdup_printf (_ ("“%s”"), prefix) : g_strdup (_ ("Everything"));
  GtkWidget       *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  gtk_widget_set_tooltip_text (label, text);
  gtk_box_append (GTK_BOX (chip), label);
  gtk_box_append (GTK_BOX (chip), make_remove_button ("win.unsubscribe", prefix, _ ("Unsubscribe")));

  return chip;
}

void
inspector_connections_update (InspectorConnections *self)
{
  const char *const *prefixes;
  GtkWidget         *child;

  if (self->subscriptions == NULL)
    return;

  while ((child = gtk_widget_get_first_child (self->subscriptions)) != NULL)
    gtk_flow_box_remove (GTK_FLOW_BOX (self->subscriptions), child);
  prefixes = inspector_socket_get_subscriptions (INSPECTOR_SOCKET (self->session));
  for (; *prefixes != NULL; prefixes++)
    gtk_flow_box_append (GTK_FLOW_BOX (self->subscriptions), make_subscription_chip (*prefixes));
}

static void
build_subscriptions (InspectorConnections *self,
                     GtkWidget            *box)
{
  GtkWidget *entry, *bar;

  self->subscriptions = gtk_flow_box_new ();
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (self->subscriptions), GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (self->subscriptions), 20);
  bar = make_entry_bar (_ ("What messages begin with"), &entry);
  press_on_enter (entry, add_entry_button (bar, entry, _ ("S_ubscribe"), "win.subscribe"));

  gtk_box_append (GTK_BOX (box), make_title (_ ("Subscriptions")));
  gtk_box_append (GTK_BOX (box), self->subscriptions);
  gtk_box_append (GTK_BOX (box), bar);
  inspector_connections_update (self);
}

static void
build_socket_parts (InspectorConnections *self,
                    GtkWidget            *box)
{
  GtkWidget *entry;
  GtkWidget *bar = make_entry_bar (_ ("An endpoint, as tcp://127.0.0.1:5555"), &entry);

  add_entry_button (bar, entry, _ ("_Bind"), "win.bind");
  press_on_enter (entry, add_entry_button (bar, entry, _ ("_Connect"), "win.connect"));
  gtk_box_append (GTK_BOX (box), bar);
  if (inspector_socket_can_subscribe (INSPECTOR_SOCKET (self->session)))
    build_subscriptions (self, box);
}

GtkWidget *
inspector_connections_new (InspectorSession *session)
{
  InspectorConnections *self = g_object_new (INSPECTOR_TYPE_CONNECTIONS, NULL);
  GtkWidget            *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->session = g_object_ref (session);
  gtk_widget_add_css_class (box, "page");
  gtk_box_append (GTK_BOX (box), make_title (_ ("Endpoints")));
  gtk_box_append (GTK_BOX (box), build_endpoints (self));
  if (INSPECTOR_IS_SOCKET (session))
    build_socket_parts (self, box);
  gtk_box_append (GTK_BOX (box), make_title (_ ("Events")));
  gtk_box_append (GTK_BOX (self), box);
  gtk_box_append (GTK_BOX (self), inspector_events_view_new (inspector_session_get_events (session)));

  return GTK_WIDGET (self);
}

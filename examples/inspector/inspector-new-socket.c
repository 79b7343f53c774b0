/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-dialogs.h"
#include "inspector-form.h"
#include "inspector-make.h"
#include "inspector-socket.h"

typedef struct
{
  InspectorWindow *window;
  InspectorForm   *form;
  GtkWidget       *type;
  GtkWidget       *how;
  GtkWidget       *endpoint;
  GtkWidget       *prefix;
  GtkWidget       *security;
  GtkWidget       *own;
  GtkWidget       *server;
} NewSocket;

enum
{
  SECURITY_NONE,
  SECURITY_CLIENT,
  SECURITY_SERVER
};

static gboolean
is_subscriber (NewSocket *self)
{
  return gtk_drop_down_get_selected (GTK_DROP_DOWN (self->type)) == ZMQGLIB_SOCKET_SUB;
}

static void
update (NewSocket *self)
{
  guint security = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->security));

  inspector_form_set_row_visible (self->form, self->prefix, is_subscriber (self));
  inspector_form_set_row_visible (self->form, self->own, security != SECURITY_NONE);
  inspector_form_set_row_visible (self->form, self->server, security == SECURITY_CLIENT);
}

static void
add_file (GVariantBuilder *builder,
          const char      *key,
          GtkWidget       *button)
{
  g_autofree char *file = inspector_form_dup_file (button);

  if (file != NULL)
    g_variant_builder_add (builder, "{sv}", key, g_variant_new_string (file));
}

static GVariant *
describe (NewSocket *self)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const char     *endpoint = gtk_editable_get_text (GTK_EDITABLE (self->endpoint));
  const char     *prefix = gtk_editable_get_text (GTK_EDITABLE (self->prefix));
  gboolean        is_bound = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->how)) == 1;
  guint           security = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->security));

  g_variant_builder_add (&builder, "{sv}", "type", g_variant_new_string (inspector_socket_get_type_name (gtk_drop_down_get_selected (GTK_DROP_DOWN (self->type)))));
  if (*endpoint != '\0')
    g_variant_builder_add (&builder, "{sv}", is_bound ? "bind" : "connect", g_variant_new_strv (&endpoint, 1));
  if (is_subscriber (self))
    g_variant_builder_add (&builder, "{sv}", "subscribe", g_variant_new_strv (&prefix, 1));
  if (security != SECURITY_NONE)
    add_file (&builder, "certificate", self->own);
  if (security == SECURITY_CLIENT)
    add_file (&builder, "server-certificate", self->server);

  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/* Half of it would send in clear. */
static gboolean
check (NewSocket *self,
       GError   **error)
{
  guint            security = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->security));
  g_autofree char *own = inspector_form_dup_file (self->own);
  g_autofree char *server = inspector_form_dup_file (self->server);

  if ((security == SECURITY_SERVER && own == NULL) || (security == SECURITY_CLIENT && server == NULL))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _ ("Choose the file with the certificate of the server"));
      return FALSE;
    }

  return TRUE;
}

static gboolean
make (InspectorForm *form,
      gpointer       user_data,
      GError       **error)
{
  NewSocket *self = user_data;
  g_autoptr (GVariant) description = describe (self);
  InspectorSession *session = check (self, error) ? inspector_make_socket (description, error) : NULL;

  if (session == NULL)
    return FALSE;
  inspector_window_add_session (self->window, session);

  return TRUE;
}

void
inspector_show_new_socket (InspectorWindow *window)
{
  const char *const types[] = {
    _ ("PAIR: one peer, both ways"),
    _ ("PUB: publishes to all that subscribe"),
    _ ("SUB: subscribes"),
    _ ("REQ: asks, one question after the other"),
    _ ("REP: answers"),
    _ ("DEALER: asks or answers, without waiting"),
    _ ("ROUTER: answers whom it likes"),
    _ ("PULL: gets what is pushed"),
    _ ("PUSH: hands out"),
    _ ("XPUB: publishes, and sees subscriptions"),
    _ ("XSUB: subscribes by messages"),
    _ ("STREAM: TCP without ZeroMQ"),
    NULL,
  };
  const char *const hows[] = { _ ("Connect"), _ ("Bind"), NULL };
  const char *const securities[] = { _ ("None"), _ ("CURVE, as a client"), _ ("CURVE, as a server"), NULL };
  NewSocket        *self = g_new0 (NewSocket, 1);

  self->window = window;
  self->form = inspector_form_new (GTK_WINDOW (window), _ ("New Socket"), _ ("C_reate"), make, self, g_free);
  self->type = inspector_form_add_choice (self->form, _ ("_Type"), types);
  self->how = inspector_form_add_choice (self->form, _ ("_How"), hows);
  self->endpoint = inspector_form_add_entry (self->form, _ ("_Endpoint"), "tcp://127.0.0.1:5555");
  self->prefix = inspector_form_add_entry (self->form, _ ("_Subscribe to"), "");
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->prefix), _ ("Everything"));
  self->security = inspector_form_add_choice (self->form, _ ("Sec_urity"), securities);
  self->own = inspector_form_add_file (self->form, _ ("_Our certificate"));
  self->server = inspector_form_add_file (self->form, _ ("Ser_ver’s certificate"));
  g_signal_connect_swapped (self->type, "notify::selected", G_CALLBACK (update), self);
  g_signal_connect_swapped (self->security, "notify::selected", G_CALLBACK (update), self);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->type), ZMQGLIB_SOCKET_SUB);
  update (self);
  gtk_window_present (GTK_WINDOW (self->form));
}

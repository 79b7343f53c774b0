/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-dialogs.h"
#include "inspector-form.h"
#include "inspector-make.h"

typedef struct
{
  InspectorWindow *window;
  GtkWidget       *pattern;
  GtkWidget       *hows[2];
  GtkWidget       *endpoints[2];
} NewProxy;

static const char *const pattern_names[] = { "requests", "publishing", "pipeline" };

static void
add_side (NewProxy        *self,
          GVariantBuilder *builder,
          guint            index,
          const char      *connect_key,
          const char      *bind_key)
{
  gboolean is_bound = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->hows[index])) == 1;

  g_variant_builder_add (builder, "{sv}", is_bound ? bind_key : connect_key, g_variant_new_string (gtk_editable_get_text (GTK_EDITABLE (self->endpoints[index]))));
}

static gboolean
make (InspectorForm *form,
      gpointer       user_data,
      GError       **error)
{
  NewProxy       *self = user_data;
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) description = NULL;
  InspectorSession *session;

  g_variant_builder_add (&builder, "{sv}", "pattern", g_variant_new_string (pattern_names[gtk_drop_down_get_selected (GTK_DROP_DOWN (self->pattern))]));
  add_side (self, &builder, 0, "frontend-connect", "frontend-bind");
  add_side (self, &builder, 1, "backend-connect", "backend-bind");
  description = g_variant_ref_sink (g_variant_builder_end (&builder));
  session = inspector_make_proxy (description, error);
  if (session == NULL)
    return FALSE;
  inspector_window_add_session (self->window, session);

  return TRUE;
}

/* Those who publish are bound as a rule, and their subscribers come to us. */
static void
on_pattern (NewProxy *self)
{
  gboolean is_publishing = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->pattern)) == 1;

  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->hows[0]), is_publishing ? 0 : 1);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->hows[1]), is_publishing ? 1 : 0);
}

void
inspector_show_new_proxy (InspectorWindow *window)
{
  const char *const patterns[] = {
    _ ("Requests: ROUTER and DEALER"),
    _ ("Publishing: XSUB and XPUB"),
    _ ("Pipeline: PULL and PUSH"),
    NULL,
  };
  const char *const hows[] = { _ ("Connect"), _ ("Bind"), NULL };
  NewProxy         *self = g_new0 (NewProxy, 1);
  InspectorForm    *form = inspector_form_new (GTK_WINDOW (window), _ ("New Proxy"), _ ("C_reate"), make, self, g_free);

  self->window = window;
  self->pattern = inspector_form_add_choice (form, _ ("_Pattern"), patterns);
  self->hows[0] = inspector_form_add_choice (form, _ ("_Frontend"), hows);
  self->endpoints[0] = inspector_form_add_entry (form, _ ("_Its endpoint"), "tcp://127.0.0.1:5555");
  self->hows[1] = inspector_form_add_choice (form, _ ("_Backend"), hows);
  self->endpoints[1] = inspector_form_add_entry (form, _ ("Its e_ndpoint"), "tcp://127.0.0.1:5556");
  g_signal_connect_swapped (self->pattern, "notify::selected", G_CALLBACK (on_pattern), self);
  on_pattern (self);
  gtk_window_present (GTK_WINDOW (form));
}

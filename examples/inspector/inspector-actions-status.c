/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "inspector-actions.h"
#include "inspector-event.h"
#include "inspector-socket.h"

/* What is there to be seen, as the state of the action “status”, for programs that cannot see. */

static GVariant *
list_endpoints (InspectorSession *session)
{
  GListModel     *endpoints = inspector_session_get_endpoints (session);
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));

  for (guint i = 0; i < g_list_model_get_n_items (endpoints); i++)
    {
      g_autoptr (InspectorEndpoint) endpoint = g_list_model_get_item (endpoints, i);

      g_variant_builder_add (&builder, "(ss)", inspector_endpoint_get_address (endpoint), inspector_endpoint_get_state (endpoint));
    }

  return g_variant_builder_end (&builder);
}

static void
add_session (GVariantBuilder  *builder,
             InspectorSession *session)
{
  static const char *const names[INSPECTOR_N_DIRECTIONS] = { "received", "sent", "to-backend", "to-frontend" };
  InspectorStore          *store = inspector_session_get_store (session);

  g_variant_builder_add (builder, "{sv}", "title", g_variant_new_string (inspector_session_get_title (session)));
  for (guint i = 0; i < INSPECTOR_N_DIRECTIONS; i++)
    g_variant_builder_add (builder, "{sv}", names[i], g_variant_new_uint64 (inspector_store_get_n_messages (store, i)));
  g_variant_builder_add (builder, "{sv}", "held", g_variant_new_uint64 (inspector_store_get_end (store) - inspector_store_get_first (store)));
  g_variant_builder_add (builder, "{sv}", "shown", g_variant_new_uint32 (g_list_model_get_n_items (G_LIST_MODEL (inspector_session_get_list (session)))));
  g_variant_builder_add (builder, "{sv}", "events", g_variant_new_uint32 (g_list_model_get_n_items (inspector_session_get_events (session))));
  g_variant_builder_add (builder, "{sv}", "endpoints", list_endpoints (session));
  if (INSPECTOR_IS_SOCKET (session))
    {
      g_variant_builder_add (builder, "{sv}", "queued", g_variant_new_uint32 (inspector_socket_get_n_queued (INSPECTOR_SOCKET (session))));
      g_variant_builder_add (builder, "{sv}", "subscriptions", g_variant_new_strv (inspector_socket_get_subscriptions (INSPECTOR_SOCKET (session)), -1));
    }
}

static void
on_sampled (InspectorWindow *window)
{
  GVariantBuilder  builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  InspectorView   *view = inspector_window_get_view (window);
  GdkFrameClock   *clock = gtk_widget_get_frame_clock (GTK_WIDGET (window));
  g_autofree char *detail = view != NULL ? inspector_detail_dup_text (inspector_messages_get_detail (inspector_view_get_messages (view))) : g_strdup ("");

  g_variant_builder_add (&builder, "{sv}", "sessions", g_variant_new_uint32 (g_list_model_get_n_items (inspector_window_get_sessions (window))));
  g_variant_builder_add (&builder, "{sv}", "selected", g_variant_new_int32 (inspector_window_get_selected (window)));
  g_variant_builder_add (&builder, "{sv}", "complaint", g_variant_new_string (inspector_window_get_complaint (window)));
  g_variant_builder_add (&builder, "{sv}", "replaying", g_variant_new_boolean (inspector_window_is_replaying (window)));
  g_variant_builder_add (&builder, "{sv}", "detail", g_variant_new_string (detail));
  g_variant_builder_add (&builder, "{sv}", "frames", g_variant_new_int64 (clock != NULL ? gdk_frame_clock_get_frame_counter (clock) : 0));
  if (view != NULL)
    add_session (&builder, inspector_view_get_session (view));
  g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (window), "status")), g_variant_builder_end (&builder));
}

void
inspector_actions_add_status (InspectorWindow *window)
{
  const GActionEntry entries[] = {
    { .name = "status", .state = "@a{sv} {}" },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
  g_signal_connect (window, "sampled", G_CALLBACK (on_sampled), NULL);
  g_signal_connect (window, "changed", G_CALLBACK (on_sampled), NULL);
  on_sampled (window);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-actions.h"
#include "inspector-dialogs.h"
#include "inspector-make.h"
#include "inspector-socket.h"

/* What makes sockets and proxies, and chooses between them. */

typedef gboolean (*SocketFunc) (InspectorSocket *socket,
                                const char      *text,
                                GError         **error);

static void
on_new_socket (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       user_data)
{
  inspector_show_new_socket (user_data);
}

static void
on_new_proxy (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       user_data)
{
  inspector_show_new_proxy (user_data);
}

typedef InspectorSession *(*MakeFunc) (GVariant *description,
                                       GError  **error);

static void
make (InspectorWindow *window,
      MakeFunc         func,
      GVariant        *description)
{
  g_autoptr (GError) error = NULL;
  InspectorSession *session = func (description, &error);

  if (session != NULL)
    inspector_window_add_session (window, session);
  else
    inspector_window_complain (window, error);
}

static void
on_make_socket (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       user_data)
{
  make (user_data, inspector_make_socket, parameter);
}

static void
on_make_proxy (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       user_data)
{
  make (user_data, inspector_make_proxy, parameter);
}

static void
do_with_socket (InspectorWindow *window,
                SocketFunc       func,
                GVariant        *parameter)
{
  InspectorSession *session = inspector_actions_get_session (window);
  InspectorView    *view = inspector_window_get_view (window);
  g_autoptr (GError) error = NULL;

  if (session == NULL || !INSPECTOR_IS_SOCKET (session))
    return;
  func (INSPECTOR_SOCKET (session), g_variant_get_string (parameter, NULL), &error);
  inspector_window_complain (window, error);
  inspector_connections_update (inspector_view_get_connections (view));
}

static void
on_bind (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  do_with_socket (user_data, inspector_socket_bind, parameter);
}

static void
on_connect (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       user_data)
{
  do_with_socket (user_data, inspector_socket_connect, parameter);
}

static void
on_leave (GSimpleAction *action,
          GVariant      *parameter,
          gpointer       user_data)
{
  do_with_socket (user_data, inspector_socket_leave, parameter);
}

static void
on_subscribe (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       user_data)
{
  do_with_socket (user_data, inspector_socket_subscribe, parameter);
}

static void
on_unsubscribe (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       user_data)
{
  do_with_socket (user_data, inspector_socket_unsubscribe, parameter);
}

static void
on_close_session (GSimpleAction *action,
                  GVariant      *parameter,
                  gpointer       user_data)
{
  inspector_window_close_session (user_data);
}

static void
on_select (GSimpleAction *action,
           GVariant      *parameter,
           gpointer       user_data)
{
  inspector_window_select (user_data, g_variant_get_int32 (parameter));
}

static void
select_beside (InspectorWindow *window,
               int              step)
{
  int n = g_list_model_get_n_items (inspector_window_get_sessions (window));

  if (n > 0)
    inspector_window_select (window, (inspector_window_get_selected (window) + step + n) % n);
}

static void
on_next (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  select_beside (user_data, 1);
}

static void
on_previous (GSimpleAction *action,
             GVariant      *parameter,
             gpointer       user_data)
{
  select_beside (user_data, -1);
}

static void
on_sidebar (GSimpleAction *action,
            GVariant      *state,
            gpointer       user_data)
{
  inspector_window_show_sidebar (user_data, g_variant_get_boolean (state));
  g_simple_action_set_state (action, state);
}

static void
set_sidebar (InspectorWindow *window,
             gboolean         is_shown)
{
  g_action_group_change_action_state (G_ACTION_GROUP (window), "sidebar", g_variant_new_boolean (is_shown));
}

static void
on_narrow (InspectorWindow *window,
           gboolean         is_narrow)
{
  set_sidebar (window, !is_narrow && g_list_model_get_n_items (inspector_window_get_sessions (window)) > 0);
}

static void
on_sessions_changed (GListModel      *sessions,
                     guint            position,
                     guint            n_removed,
                     guint            n_added,
                     InspectorWindow *window)
{
  guint n = g_list_model_get_n_items (sessions);

  /* the first one, and the last one */
  if (n == 0 || (n == 1 && n_added == 1))
    set_sidebar (window, n > 0 && !inspector_window_is_narrow (window));
}

static void
on_changed (InspectorWindow *window)
{
  const char *const names[] = { "bind", "connect", "leave", "subscribe", "unsubscribe" };
  InspectorSession *session = inspector_actions_get_session (window);
  gboolean          is_socket = session != NULL && INSPECTOR_IS_SOCKET (session);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (window), names[i])), is_socket);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (window), "close-session")), session != NULL);
}

void
inspector_actions_add_sessions (InspectorWindow *window)
{
  const GActionEntry entries[] = {
    { .name = "new-socket", .activate = on_new_socket },
    { .name = "new-proxy", .activate = on_new_proxy },
    { .name = "make-socket", .activate = on_make_socket, .parameter_type = "a{sv}" },
    { .name = "make-proxy", .activate = on_make_proxy, .parameter_type = "a{sv}" },
    { .name = "bind", .activate = on_bind, .parameter_type = "s" },
    { .name = "connect", .activate = on_connect, .parameter_type = "s" },
    { .name = "leave", .activate = on_leave, .parameter_type = "s" },
    { .name = "subscribe", .activate = on_subscribe, .parameter_type = "s" },
    { .name = "unsubscribe", .activate = on_unsubscribe, .parameter_type = "s" },
    { .name = "close-session", .activate = on_close_session },
    { .name = "select", .activate = on_select, .parameter_type = "i" },
    { .name = "next", .activate = on_next },
    { .name = "previous", .activate = on_previous },
    { .name = "sidebar", .state = "false", .change_state = on_sidebar },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
  g_signal_connect (window, "changed", G_CALLBACK (on_changed), NULL);
  g_signal_connect (window, "narrow", G_CALLBACK (on_narrow), NULL);
  g_signal_connect_object (inspector_window_get_sessions (window), "items-changed", G_CALLBACK (on_sessions_changed), window, 0);
  on_changed (window);
}

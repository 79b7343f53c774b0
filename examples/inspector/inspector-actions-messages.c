/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-actions.h"
#include "inspector-socket.h"

/* What is done with the messages of the session that is shown. */

static InspectorMessages *
get_messages (InspectorWindow *window)
{
  InspectorView *view = inspector_window_get_view (window);

  return view != NULL ? inspector_view_get_messages (view) : NULL;
}

static void
set_state (InspectorWindow *window,
           const char      *name,
           GVariant        *state)
{
  g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (window), name)), state);
}

static void
on_pause (GSimpleAction *action,
          GVariant      *state,
          gpointer       user_data)
{
  InspectorSession *session = inspector_actions_get_session (user_data);

  if (session == NULL)
    return;
  inspector_session_set_paused (session, g_variant_get_boolean (state));
  g_simple_action_set_state (action, state);
}

static void
on_follow (GSimpleAction *action,
           GVariant      *state,
           gpointer       user_data)
{
  InspectorMessages *messages = get_messages (user_data);

  if (messages != NULL)
    inspector_messages_set_following (messages, g_variant_get_boolean (state));
}

static void
on_page (GSimpleAction *action,
         GVariant      *state,
         gpointer       user_data)
{
  InspectorView *view = inspector_window_get_view (user_data);
  GtkStack      *stack = view != NULL ? inspector_view_get_stack (view) : NULL;
  const char    *name = g_variant_get_string (state, NULL);

  if (stack != NULL && gtk_stack_get_child_by_name (stack, name) != NULL)
    gtk_stack_set_visible_child_name (stack, name);
}

static void
on_show (GSimpleAction *action,
         GVariant      *state,
         gpointer       user_data)
{
  InspectorMessages *messages = get_messages (user_data);
  InspectorShow      show;

  if (!inspector_show_parse (g_variant_get_string (state, NULL), &show))
    return;
  g_simple_action_set_state (action, state);
  if (messages != NULL)
    inspector_detail_set_show (inspector_messages_get_detail (messages), show);
}

static void
on_clear (GSimpleAction *action,
          GVariant      *parameter,
          gpointer       user_data)
{
  InspectorSession *session = inspector_actions_get_session (user_data);

  if (session == NULL)
    return;
  inspector_store_clear (inspector_session_get_store (session));
  inspector_detail_set_record (inspector_messages_get_detail (get_messages (user_data)), NULL);
  inspector_messages_set_following (get_messages (user_data), TRUE);
}

static void
on_filter (GSimpleAction *action,
           GVariant      *parameter,
           gpointer       user_data)
{
  InspectorMessages *messages = get_messages (user_data);

  if (messages != NULL)
    inspector_messages_set_filter (messages, g_variant_get_string (parameter, NULL));
}

static void
show_messages (InspectorWindow *window)
{
  g_action_group_change_action_state (G_ACTION_GROUP (window), "page", g_variant_new_string ("messages"));
}

static void
on_focus_filter (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       user_data)
{
  InspectorMessages *messages = get_messages (user_data);

  if (messages == NULL)
    return;
  show_messages (user_data);
  inspector_messages_focus_filter (messages);
}

static InspectorComposer *
get_composer (InspectorWindow *window)
{
  InspectorMessages *messages = get_messages (window);

  return messages != NULL ? inspector_messages_get_composer (messages) : NULL;
}

static void
on_focus_composer (GSimpleAction *action,
                   GVariant      *parameter,
                   gpointer       user_data)
{
  if (get_composer (user_data) == NULL)
    return;
  show_messages (user_data);
  inspector_composer_focus (get_composer (user_data));
}

static void
on_select_message (GSimpleAction *action,
                   GVariant      *parameter,
                   gpointer       user_data)
{
  InspectorMessages *messages = get_messages (user_data);

  if (messages != NULL)
    inspector_messages_select (messages, g_variant_get_uint32 (parameter));
}

static void
on_compose (GSimpleAction *action,
            GVariant      *parameter,
            gpointer       user_data)
{
  InspectorComposer *composer = get_composer (user_data);
  const char        *name, *text;
  InspectorCompose   compose;

  g_variant_get (parameter, "(&s&s)", &name, &text);
  if (composer != NULL && inspector_compose_parse (name, &compose))
    inspector_composer_set (composer, compose, text);
}

static void
send_message (InspectorWindow *window,
              ZmqMessage      *message)
{
  InspectorSession *session = inspector_actions_get_session (window);
  g_autoptr (GError) error = NULL;

  if (INSPECTOR_IS_SOCKET (session))
    inspector_socket_send (INSPECTOR_SOCKET (session), message, &error);
  inspector_window_complain (window, error);
}

static void
on_send (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = inspector_composer_make_message (get_composer (user_data), &error);

  if (message != NULL)
    send_message (user_data, message);
  else
    inspector_window_complain (user_data, error);
}

static ZmqMessage *
get_selected_message (InspectorWindow *window)
{
  InspectorMessages *messages = get_messages (window);
  InspectorRecord   *record = messages != NULL ? inspector_detail_get_record (inspector_messages_get_detail (messages)) : NULL;

  return record != NULL ? inspector_record_get_entry (record)->message : NULL;
}

static void
on_send_again (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       user_data)
{
  ZmqMessage *message = get_selected_message (user_data);

  if (message != NULL)
    send_message (user_data, message);
}

static void
on_edit_again (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       user_data)
{
  ZmqMessage      *message = get_selected_message (user_data);
  InspectorCompose compose;
  g_autofree char *text = message != NULL ? inspector_decompose (message, &compose) : NULL;

  if (text == NULL)
    return;
  inspector_composer_set (get_composer (user_data), compose, text);
  inspector_composer_focus (get_composer (user_data));
}

static void
on_copy (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  InspectorMessages *messages = get_messages (user_data);
  g_autofree char   *text = messages != NULL ? inspector_detail_dup_text (inspector_messages_get_detail (messages)) : NULL;

  if (text != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (user_data), text);
}

static void
on_following (InspectorMessages *messages,
              GParamSpec        *pspec,
              InspectorWindow   *window)
{
  set_state (window, "follow", g_variant_new_boolean (inspector_messages_get_following (messages)));
}

static void
on_visible_child (GtkStack        *stack,
                  GParamSpec      *pspec,
                  InspectorWindow *window)
{
  set_state (window, "page", g_variant_new_string (gtk_stack_get_visible_child_name (stack)));
}

static void
enable (InspectorWindow   *window,
        const char *const *names,
        gboolean           is_enabled)
{
  for (; *names != NULL; names++)
    g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (window), *names)), is_enabled);
}

/* Another session is shown: the actions are about it from now on. */
static void
on_changed (InspectorWindow *window)
{
  static const char *const of_any[] = { "follow", "page", "clear", "filter", "focus-filter", "select-message", "copy", NULL };
  static const char *const of_senders[] = { "compose", "send", "send-again", "edit-again", "focus-composer", NULL };
  static const char *const of_live[] = { "pause", NULL };
  GSignalGroup            *of_messages = g_object_get_data (G_OBJECT (window), "of-messages");
  GSignalGroup            *of_stack = g_object_get_data (G_OBJECT (window), "of-stack");
  InspectorView           *view = inspector_window_get_view (window);
  InspectorSession        *session = inspector_actions_get_session (window);
  g_autoptr (GVariant) show = g_action_group_get_action_state (G_ACTION_GROUP (window), "show");

  enable (window, of_any, view != NULL);
  enable (window, of_senders, get_composer (window) != NULL);
  enable (window, of_live, session != NULL && G_OBJECT_TYPE (session) != INSPECTOR_TYPE_SESSION);
  g_signal_group_set_target (of_messages, get_messages (window));
  g_signal_group_set_target (of_stack, view != NULL ? inspector_view_get_stack (view) : NULL);
  if (view == NULL)
    return;

  set_state (window, "pause", g_variant_new_boolean (inspector_session_get_paused (session)));
  on_following (get_messages (window), NULL, window);
  on_visible_child (inspector_view_get_stack (view), NULL, window);
  g_action_group_change_action_state (G_ACTION_GROUP (window), "show", show);
}

void
inspector_actions_add_messages (InspectorWindow *window)
{
  const GActionEntry entries[] = {
    { .name = "pause", .state = "false", .change_state = on_pause },
    { .name = "follow", .state = "true", .change_state = on_follow },
    { .name = "page", .state = "'messages'", .parameter_type = "s", .change_state = on_page },
    { .name = "show", .state = "'text'", .parameter_type = "s", .change_state = on_show },
    { .name = "clear", .activate = on_clear },
    { .name = "filter", .activate = on_filter, .parameter_type = "s" },
    { .name = "focus-filter", .activate = on_focus_filter },
    { .name = "focus-composer", .activate = on_focus_composer },
    { .name = "select-message", .activate = on_select_message, .parameter_type = "u" },
    { .name = "compose", .activate = on_compose, .parameter_type = "(ss)" },
    { .name = "send", .activate = on_send },
    { .name = "send-again", .activate = on_send_again },
    { .name = "edit-again", .activate = on_edit_again },
    { .name = "copy", .activate = on_copy },
  };
  GSignalGroup *of_messages = g_signal_group_new (INSPECTOR_TYPE_MESSAGES);
  GSignalGroup *of_stack = g_signal_group_new (GTK_TYPE_STACK);

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
  g_signal_group_connect_object (of_messages, "notify::following", G_CALLBACK (on_following), window, 0);
  g_signal_group_connect_object (of_stack, "notify::visible-child-name", G_CALLBACK (on_visible_child), window, 0);
  g_object_set_data_full (G_OBJECT (window), "of-messages", of_messages, g_object_unref);
  g_object_set_data_full (G_OBJECT (window), "of-stack", of_stack, g_object_unref);
  g_signal_connect (window, "changed", G_CALLBACK (on_changed), NULL);
  on_changed (window);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-actions.h"
#include "inspector-dialogs.h"
#include "inspector-recording.h"

/* What is saved, loaded and sent again. */

/* What is saved is to be whole, also when the last window was closed meanwhile; there is nobody then to be told. */
static void
on_saved (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (InspectorWindow) window = user_data;
  g_autoptr (GError) error = NULL;

  inspector_recording_save_finish (result, &error);
  if (gtk_window_get_application (GTK_WINDOW (window)) != NULL)
    inspector_window_complain (window, error);
  else if (error != NULL)
    g_printerr ("%s\n", error->message);
  g_application_release (g_application_get_default ());
}

static void
save (InspectorWindow *window,
      GFile           *file)
{
  g_autoptr (GPtrArray) records = inspector_window_list_shown (window);

  g_application_hold (g_application_get_default ());
  inspector_recording_save_async (file, records, NULL, on_saved, g_object_ref (window));
}

static void
on_entry (const InspectorEntry *entry,
          gpointer              user_data)
{
  inspector_store_append (user_data, entry->direction, entry->time, entry->message);
}

/* Of several files that are opened one may be read, and another not. */
static void
complain_beside (InspectorWindow *window,
                 const char      *before,
                 const GError    *error)
{
  g_autoptr (GError) both = NULL;

  if (*before == '\0' && error == NULL)
    return;
  both = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "%s%s%s", before, *before != '\0' && error != NULL ? ". " : "", error != NULL ? error->message : "");
  inspector_window_complain (window, both);
}

static void
show_recording (InspectorWindow *window,
                GFile           *file,
                GBytes          *bytes)
{
  g_autofree char *base_name = g_file_get_basename (file);
  g_autofree char *name = g_filename_display_name (base_name);
  g_autofree char *path = g_file_get_parse_name (file);
  g_autofree char *before = g_strdup (inspector_window_get_complaint (window));
  g_autoptr (InspectorSession) session = inspector_session_new (name, path);
  g_autoptr (GError) error = NULL;
  gboolean is_cut = FALSE;

  if (inspector_recording_read (bytes, on_entry, inspector_session_get_store (session), &is_cut, &error))
    inspector_window_add_session (window, g_object_ref (session));
  else
    g_prefix_error (&error, _ ("Could not read “%s”: "), name);
  if (is_cut)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, _ ("“%s” ends in the middle of a message, which is left out"), name);
  complain_beside (window, before, error);
}

static void
on_loaded (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (InspectorWindow) window = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_file_load_bytes_finish (G_FILE (source), result, NULL, &error);

  if (bytes != NULL)
    show_recording (window, G_FILE (source), bytes);
  else
    complain_beside (window, inspector_window_get_complaint (window), error);
}

static void
load (InspectorWindow *window,
      GFile           *file)
{
  inspector_window_complain (window, NULL);
  g_file_load_bytes_async (file, NULL, on_loaded, g_object_ref (window));
}

static void
on_open_file (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       user_data)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (g_variant_get_string (parameter, NULL));

  load (user_data, file);
}

static void
on_save_file (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       user_data)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (g_variant_get_string (parameter, NULL));

  save (user_data, file);
}

static void
on_response (GtkNativeDialog *dialog,
             int              response,
             InspectorWindow *window)
{
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  gboolean is_saving = gtk_file_chooser_get_action (GTK_FILE_CHOOSER (dialog)) == GTK_FILE_CHOOSER_ACTION_SAVE;

  if (file != NULL && is_saving)
    save (window, file);
  else if (file != NULL)
    load (window, file);
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
choose (InspectorWindow     *window,
        GtkFileChooserAction action,
        const char          *title)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title, GTK_WINDOW (window), action, NULL, NULL);
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("Recordings"));
  gtk_file_filter_add_suffix (filter, "zmqrec");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  if (action == GTK_FILE_CHOOSER_ACTION_SAVE)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), _ ("recording.zmqrec"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_response), window, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
on_open (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  choose (user_data, GTK_FILE_CHOOSER_ACTION_OPEN, _ ("Open a Recording"));
}

static void
on_save (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  choose (user_data, GTK_FILE_CHOOSER_ACTION_SAVE, _ ("Save What Is Shown"));
}

static void
on_replay (GSimpleAction *action,
           GVariant      *parameter,
           gpointer       user_data)
{
  inspector_show_replay (user_data);
}

static void
on_replay_to (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       user_data)
{
  g_autoptr (GError) error = NULL;
  int    target;
  double speed;

  g_variant_get (parameter, "(id)", &target, &speed);
  if (!inspector_window_replay (user_data, target, speed, &error))
    inspector_window_complain (user_data, error);
}

static void
on_stop_replay (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       user_data)
{
  inspector_window_stop_replay (user_data);
}

static void
on_changed (InspectorWindow *window)
{
  const char *const names[] = { "save", "save-file", "replay", "replay-to" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (window), names[i])), inspector_window_get_view (window) != NULL);
}

void
inspector_actions_add_files (InspectorWindow *window)
{
  const GActionEntry entries[] = {
    { .name = "open", .activate = on_open },
    { .name = "open-file", .activate = on_open_file, .parameter_type = "s" },
    { .name = "save", .activate = on_save },
    { .name = "save-file", .activate = on_save_file, .parameter_type = "s" },
    { .name = "replay", .activate = on_replay },
    { .name = "replay-to", .activate = on_replay_to, .parameter_type = "(id)" },
    { .name = "stop-replay", .activate = on_stop_replay },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
  g_signal_connect (window, "changed", G_CALLBACK (on_changed), NULL);
  on_changed (window);
}

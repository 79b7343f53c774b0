/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <gtk/gtk.h>
#include <locale.h>

#include "inspector-actions.h"
#include "inspector-shortcuts.h"

/* The program zmqglib-inspector. */

#define APP_ID "org.zmqglib.Inspector"

static const char css[] =
    /* what stands out from the background, be that light or dark */
    "@define-color inspector_in_color mix(@theme_selected_bg_color, @theme_fg_color, 0.3);"
    "message { font-family: monospace; }"
    "message.head { font-weight: bold; border-bottom: 1px solid alpha(currentColor, 0.2); }"
    ".messages > row { padding: 0; }"
    ".bar { padding: 6px; border-spacing: 6px; }"
    ".page { padding: 18px; }"
    ".section { margin-top: 12px; }"
    ".session { padding: 6px; }"
    ".caption { font-size: smaller; }"
    ".numeric { font-feature-settings: 'tnum'; }"
    "stackswitcher > button { min-width: 0; padding: 4px 12px; }"
    ".pill { min-width: 180px; }"
    /* the theme’s red cannot be read on what is dark */
    "label.error { font-weight: bold; color: mix(@error_color, @theme_fg_color, 0.6); }";

static GtkWidget *
make_window (GtkApplication *app)
{
  GtkWidget *window = inspector_window_new (app);
  g_autoptr (GtkWidget) shortcuts = inspector_shortcuts_window_new ();

  inspector_actions_add (INSPECTOR_WINDOW (window));
  gtk_application_window_set_help_overlay (GTK_APPLICATION_WINDOW (window), GTK_SHORTCUTS_WINDOW (shortcuts));
  gtk_window_present (GTK_WINDOW (window));

  return window;
}

static void
on_new_window (GSimpleAction *action,
               GVariant      *parameter,
               gpointer       app)
{
  make_window (app);
}

static void
on_about (GSimpleAction *action,
          GVariant      *parameter,
          gpointer       app)
{
  gtk_show_about_dialog (gtk_application_get_active_window (app),
                         "program-name", _ ("ZeroMQ Inspector"),
                         "logo-icon-name", APP_ID,
                         "comments", _ ("For whoever develops with ZeroMQ"),
                         "license-type", GTK_LICENSE_LGPL_2_1,
                         NULL);
}

static void
on_quit (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       app)
{
  GList *windows;

  while ((windows = gtk_application_get_windows (app)) != NULL)
    gtk_window_destroy (windows->data);
}

static void
on_startup (GtkApplication *app)
{
  const GActionEntry entries[] = {
    { .name = "new-window", .activate = on_new_window },
    { .name = "about", .activate = on_about },
    { .name = "quit", .activate = on_quit },
  };
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (app), entries, G_N_ELEMENTS (entries), app);
  inspector_shortcuts_add (app);
  gtk_css_provider_load_from_data (provider, css, -1);
  gtk_style_context_add_provider_for_display (gdk_display_get_default (), GTK_STYLE_PROVIDER (provider), GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

static void
on_activate (GtkApplication *app)
{
  GtkWindow *window = gtk_application_get_active_window (app);

  if (window != NULL)
    gtk_window_present (window);
  else
    make_window (app);
}

static void
on_open (GtkApplication *app,
         GFile         **files,
         int             n_files,
         const char     *hint)
{
  GtkWidget *window = make_window (app);

  for (int i = 0; i < n_files; i++)
    {
      g_autofree char *uri = g_file_get_uri (files[i]);

      g_action_group_activate_action (G_ACTION_GROUP (window), "open-file", g_variant_new_string (uri));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GtkApplication) app = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  app = gtk_application_new (APP_ID, G_APPLICATION_HANDLES_OPEN);
  g_application_set_option_context_parameter_string (G_APPLICATION (app), _ ("[RECORDING…]"));
  g_application_set_option_context_summary (G_APPLICATION (app), _ ("Shows what ZeroMQ’s sockets send and receive."));
  g_signal_connect (app, "startup", G_CALLBACK (on_startup), NULL);
  g_signal_connect (app, "activate", G_CALLBACK (on_activate), NULL);
  g_signal_connect (app, "open", G_CALLBACK (on_open), NULL);

  return g_application_run (G_APPLICATION (app), argc, argv);
}

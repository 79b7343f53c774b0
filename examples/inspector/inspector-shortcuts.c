/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-shortcuts.h"

typedef struct
{
  const char *group; /* of which this is the first, or NULL */
  const char *action;
  const char *key;
  const char *title;
} Shortcut;

static const Shortcut shortcuts[] = {
  { N_ ("Sessions"), "win.new-socket", "<Control>n", N_ ("New socket") },
  { NULL, "win.new-proxy", "<Control>p", N_ ("New proxy") },
  { NULL, "win.open", "<Control>o", N_ ("Open a recording") },
  { NULL, "win.next", "<Control>Page_Down", N_ ("Next session") },
  { NULL, "win.previous", "<Control>Page_Up", N_ ("Previous session") },
  { NULL, "win.close-session", "<Control>w", N_ ("Close the session") },
  { N_ ("Messages"), "win.focus-filter", "<Control>f", N_ ("Filter") },
  { NULL, "win.pause", "<Control>space", N_ ("Pause, or go on") },
  { NULL, "win.follow", "<Alt>End", N_ ("Stay at the latest message, or not") },
  { NULL, "win.clear", "<Control>l", N_ ("Forget all messages") },
  { NULL, "win.save", "<Control>s", N_ ("Save a recording of what is shown") },
  { NULL, "win.copy", "<Control><Shift>c", N_ ("Copy the message") },
  { N_ ("Sending"), "win.focus-composer", "<Control>m", N_ ("Write a message") },
  { NULL, "win.send", "<Control>Return", N_ ("Send it") },
  { NULL, "win.edit-again", "<Control>e", N_ ("Edit the selected message") },
  { NULL, "win.send-again", "<Control>r", N_ ("Send the selected message again") },
  { NULL, "win.replay", "<Control><Shift>r", N_ ("Replay what is shown") },
  { N_ ("View"), "win.page::messages", "<Alt>1", N_ ("Messages") },
  { NULL, "win.page::connections", "<Alt>2", N_ ("Connections") },
  { NULL, "win.page::rates", "<Alt>3", N_ ("Rates") },
  { NULL, "win.sidebar", "F9", N_ ("Show or hide the sidebar") },
  { NULL, "win.show-help-overlay", "<Control>question", N_ ("Keyboard shortcuts") },
  { NULL, "app.new-window", "<Control><Shift>n", N_ ("New window") },
  { NULL, "app.quit", "<Control>q", N_ ("Quit") },
};

void
inspector_shortcuts_add (GtkApplication *app)
{
  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    gtk_application_set_accels_for_action (app, shortcuts[i].action, (const char *const[]){ shortcuts[i].key, NULL });
}

static void
append_shortcut (GString        *ui,
                 const Shortcut *shortcut)
{
  g_autofree char *text = g_markup_printf_escaped (
      "<child><object class='GtkShortcutsShortcut'>"
      "<property name='title'>%s</property><property name='accelerator'>%s</property>"
      "</object></child>",
      _ (shortcut->title), shortcut->key);

  g_string_append (ui, text);
}

/* GTK makes such a window of a description only. */
GtkWidget *
inspector_shortcuts_window_new (void)
{
  g_autoptr (GString) ui = g_string_new ("<interface><object class='GtkShortcutsWindow' id='window'><property name='modal'>1</property>"
                                         "<child><object class='GtkShortcutsSection'><property name='section-name'>all</property>");
  g_autoptr (GtkBuilder) builder = gtk_builder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    {
      if (shortcuts[i].group != NULL)
        {
          g_autofree char *group = g_markup_printf_escaped ("<child><object class='GtkShortcutsGroup'><property name='title'>%s</property>", _ (shortcuts[i].group));

          g_string_append (ui, i > 0 ? "</object></child>" : "");
          g_string_append (ui, group);
        }
      append_shortcut (ui, &shortcuts[i]);
    }
  g_string_append (ui, "</object></child></object></child></object></interface>");

  if (!gtk_builder_add_from_string (builder, ui->str, ui->len, NULL))
    g_return_val_if_reached (NULL);

  return g_object_ref (GTK_WIDGET (gtk_builder_get_object (builder, "window")));
}

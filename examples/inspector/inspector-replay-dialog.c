/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-dialogs.h"
#include "inspector-form.h"
#include "inspector-socket.h"

typedef struct
{
  InspectorWindow *window;
  GtkWidget       *target;
  GtkWidget       *speed;
  GArray          *indices; /* of the sessions that are listed */
} Replay;

static const double speeds[] = { 1, 10, 100, 0 };

static void
replay_free (gpointer data)
{
  Replay *self = data;

  g_array_unref (self->indices);
  g_free (self);
}

static gboolean
begin (InspectorForm *form,
       gpointer       user_data,
       GError       **error)
{
  Replay *self = user_data;
  guint   target = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->target));

  if (target >= self->indices->len)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("There is no socket that can send"));
      return FALSE;
    }

  return inspector_window_replay (self->window, g_array_index (self->indices, guint, target),
                                  speeds[gtk_drop_down_get_selected (GTK_DROP_DOWN (self->speed))], error);
}

static GtkStringList *
list_targets (Replay *self)
{
  GListModel    *sessions = inspector_window_get_sessions (self->window);
  GtkStringList *names = gtk_string_list_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (sessions); i++)
    {
      g_autoptr (InspectorSession) session = g_list_model_get_item (sessions, i);
      g_autofree char *name = g_strdup_printf ("%s %s", inspector_session_get_title (session), inspector_session_get_subtitle (session));

      if (!INSPECTOR_IS_SOCKET (session) || !inspector_socket_can_send (INSPECTOR_SOCKET (session)))
        continue;
      gtk_string_list_append (names, name);
      g_array_append_val (self->indices, i);
    }

  return names;
}

static void
on_setup (GtkSignalListItemFactory *factory,
          GtkListItem              *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 50);
  gtk_list_item_set_child (item, label);
}

static void
on_bind (GtkSignalListItemFactory *factory,
         GtkListItem              *item)
{
  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)), gtk_string_object_get_string (gtk_list_item_get_item (item)));
}

/* A socket may have more endpoints than a window is wide. */
static GtkWidget *
make_targets (Replay *self)
{
  GtkWidget          *targets = gtk_drop_down_new (G_LIST_MODEL (list_targets (self)), NULL);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  gtk_drop_down_set_factory (GTK_DROP_DOWN (targets), factory);
  g_object_unref (factory);

  return targets;
}

void
inspector_show_replay (InspectorWindow *window)
{
  const char *const names[] = { _ ("As it was"), _ ("Ten times faster"), _ ("A hundred times faster"), _ ("As fast as possible"), NULL };
  Replay           *self = g_new0 (Replay, 1);
  InspectorForm    *form = inspector_form_new (GTK_WINDOW (window), _ ("Replay What Is Shown"), _ ("_Replay"), begin, self, replay_free);

  self->window = window;
  self->indices = g_array_new (FALSE, FALSE, sizeof (guint));
  self->target = make_targets (self);
  inspector_form_add (form, _ ("_To"), self->target);
  self->speed = inspector_form_add_choice (form, _ ("_Speed"), names);
  gtk_window_present (GTK_WINDOW (form));
}

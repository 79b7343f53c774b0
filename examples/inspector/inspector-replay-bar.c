/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-replay-bar.h"
#include "inspector-replay.h"

struct _InspectorReplayBar
{
  GtkBox           parent_instance;
  GtkWidget       *text;
  InspectorReplay *replay;
  InspectorSocket *target;
  guint            n;
};

G_DEFINE_FINAL_TYPE (InspectorReplayBar, inspector_replay_bar, GTK_TYPE_BOX)

static guint failed_signal;

static void
inspector_replay_bar_dispose (GObject *object)
{
  inspector_replay_bar_stop (INSPECTOR_REPLAY_BAR (object));

  G_OBJECT_CLASS (inspector_replay_bar_parent_class)->dispose (object);
}

static void
inspector_replay_bar_class_init (InspectorReplayBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = inspector_replay_bar_dispose;

  failed_signal = g_signal_new ("failed", INSPECTOR_TYPE_REPLAY_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
inspector_replay_bar_init (InspectorReplayBar *self)
{
  GtkWidget *stop = gtk_button_new_with_mnemonic (_ ("Sto_p"));

  gtk_actionable_set_action_name (GTK_ACTIONABLE (stop), "win.stop-replay");
  self->text = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->text), 0);
  gtk_widget_set_hexpand (self->text, TRUE);
  gtk_box_append (GTK_BOX (self), self->text);
  gtk_box_append (GTK_BOX (self), stop);
  gtk_widget_add_css_class (GTK_WIDGET (self), "bar");
  gtk_widget_hide (GTK_WIDGET (self));
}

GtkWidget *
inspector_replay_bar_new (void)
{
  return g_object_new (INSPECTOR_TYPE_REPLAY_BAR, NULL);
}

void
inspector_replay_bar_update (InspectorReplayBar *self)
{
  g_autofree char *text = NULL;

  if (self->replay == NULL)
    return;

  text = g_strdup_printf (_ ("Sending again: %u of %u"), inspector_replay_get_n_sent (self->replay), self->n);
  gtk_label_set_text (GTK_LABEL (self->text), text);
}

static gboolean
send_again (ZmqMessage *message,
            gpointer    user_data,
            GError    **error)
{
  return inspector_socket_send (user_data, message, error);
}

static void
on_ended (InspectorReplay    *replay,
          const GError       *error,
          InspectorReplayBar *self)
{
  inspector_replay_bar_stop (self);
  if (error != NULL)
    g_signal_emit (self, failed_signal, 0, error);
}

void
inspector_replay_bar_start (InspectorReplayBar *self,
                            GPtrArray          *records,
                            double              speed,
                            InspectorSocket    *target)
{
  inspector_replay_bar_stop (self);
  self->target = g_object_ref (target);
  self->n = records->len;
  self->replay = inspector_replay_new (records, speed, send_again, target);
  g_signal_connect (self->replay, "ended", G_CALLBACK (on_ended), self);
  inspector_replay_start (self->replay);
  inspector_replay_bar_update (self);
  gtk_widget_show (GTK_WIDGET (self));
}

void
inspector_replay_bar_stop (InspectorReplayBar *self)
{
  if (self->replay == NULL)
    return;

  g_signal_handlers_disconnect_by_data (self->replay, self);
  inspector_replay_stop (self->replay);
  g_clear_object (&self->replay);
  g_clear_object (&self->target);
  gtk_widget_hide (GTK_WIDGET (self));
}

gboolean
inspector_replay_bar_is_running (InspectorReplayBar *self)
{
  return self->replay != NULL;
}

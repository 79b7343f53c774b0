/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "inspector-socket.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_REPLAY_BAR (inspector_replay_bar_get_type ())
G_DECLARE_FINAL_TYPE (InspectorReplayBar, inspector_replay_bar, INSPECTOR, REPLAY_BAR, GtkBox)

/* What is sent again, how far that is, and a button to stop it. Signal “failed”, with an error. */
GtkWidget *inspector_replay_bar_new (void);

void     inspector_replay_bar_start (InspectorReplayBar *self,
                                     GPtrArray          *records,
                                     double              speed,
                                     InspectorSocket    *target);
void     inspector_replay_bar_stop (InspectorReplayBar *self);
gboolean inspector_replay_bar_is_running (InspectorReplayBar *self);
/* to be told now and then */
void inspector_replay_bar_update (InspectorReplayBar *self);

G_END_DECLS

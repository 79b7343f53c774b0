/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "inspector-record.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_REPLAY (inspector_replay_get_type ())
G_DECLARE_FINAL_TYPE (InspectorReplay, inspector_replay, INSPECTOR, REPLAY, GObject)

/* whether it could be sent; FALSE ends the replay with the error */
typedef gboolean (*InspectorReplayFunc) (ZmqMessage *message,
                                         gpointer    user_data,
                                         GError    **error);

/* Sends messages again, an array of InspectorRecord: as far apart as they were, divided by the speed, or one after the other
 * when that is 0. Tells “ended”, with an error or NULL, once. */
InspectorReplay *inspector_replay_new (GPtrArray          *records,
                                       double              speed,
                                       InspectorReplayFunc func,
                                       gpointer            user_data);
void             inspector_replay_start (InspectorReplay *self);
void             inspector_replay_stop (InspectorReplay *self);

guint inspector_replay_get_n_sent (InspectorReplay *self);

G_END_DECLS

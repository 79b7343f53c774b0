/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "inspector-replay.h"

#define SENT_AT_ONCE   100
#define MAX_INTERVAL   1000 /* ms */
#define MAX_DELAY      1e15 /* µs: for longer than that nobody waits */
#define SLEEP_FRACTION 1000 /* µs in a ms */

struct _InspectorReplay
{
  GObject             parent_instance;
  GPtrArray          *records;
  InspectorReplayFunc func;
  gpointer            user_data;
  double              speed;
  gint64              started;
  guint               n_sent;
  guint               source;
};

G_DEFINE_FINAL_TYPE (InspectorReplay, inspector_replay, G_TYPE_OBJECT)

static guint ended_signal;

static void
inspector_replay_dispose (GObject *object)
{
  inspector_replay_stop (INSPECTOR_REPLAY (object));

  G_OBJECT_CLASS (inspector_replay_parent_class)->dispose (object);
}

static void
inspector_replay_finalize (GObject *object)
{
  g_ptr_array_unref (INSPECTOR_REPLAY (object)->records);

  G_OBJECT_CLASS (inspector_replay_parent_class)->finalize (object);
}

static void
inspector_replay_class_init (InspectorReplayClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = inspector_replay_dispose;
  object_class->finalize = inspector_replay_finalize;

  ended_signal = g_signal_new ("ended", INSPECTOR_TYPE_REPLAY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
inspector_replay_init (InspectorReplay *self)
{
}

InspectorReplay *
inspector_replay_new (GPtrArray          *records,
                      double              speed,
                      InspectorReplayFunc func,
                      gpointer            user_data)
{
  InspectorReplay *self = g_object_new (INSPECTOR_TYPE_REPLAY, NULL);

  self->records = g_ptr_array_ref (records);
  self->speed = speed;
  self->func = func;
  self->user_data = user_data;

  return self;
}

static gint64
get_time (InspectorReplay *self,
          guint            index)
{
  return inspector_record_get_entry (self->records->pdata[index])->time;
}

/* How long it is until the next one is due, in µs; a clock that was set back meanwhile makes no difference. The times may be
 * any that a file has. */
static gint64
get_delay (InspectorReplay *self)
{
  double since_first;

  if (!(self->speed > 0))
    return 0;
  since_first = ((double) get_time (self, self->n_sent) - (double) get_time (self, 0)) / self->speed;

  return MAX (self->started + (gint64) CLAMP (since_first, 0, MAX_DELAY) - g_get_monotonic_time (), 0);
}

static void
end (InspectorReplay *self,
     const GError    *error)
{
  inspector_replay_stop (self);
  g_signal_emit (self, ended_signal, 0, error);
}

static gboolean
on_due (gpointer user_data)
{
  g_autoptr (InspectorReplay) self = g_object_ref (user_data);
  g_autoptr (GError) error = NULL;

  self->source = 0;
  for (guint i = 0; i < SENT_AT_ONCE && self->n_sent < self->records->len && get_delay (self) == 0; i++, self->n_sent++)
    if (!self->func (inspector_record_get_entry (self->records->pdata[self->n_sent])->message, self->user_data, &error))
      {
        end (self, error);
        return G_SOURCE_REMOVE;
      }

  if (self->n_sent == self->records->len)
    end (self, NULL);
  else
    /* also when the next is due: what is sent is to leave, and others are to have their turn */
    self->source = g_timeout_add (CLAMP (get_delay (self) / SLEEP_FRACTION, 1, MAX_INTERVAL), on_due, self);

  return G_SOURCE_REMOVE;
}

void
inspector_replay_start (InspectorReplay *self)
{
  self->started = g_get_monotonic_time ();
  self->source = g_idle_add (on_due, self);
}

void
inspector_replay_stop (InspectorReplay *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
}

guint
inspector_replay_get_n_sent (InspectorReplay *self)
{
  return self->n_sent;
}

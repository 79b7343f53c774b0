/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmqglib/zmqglib-error.h>

#include "base/zmqglib-expiry-private.h"
#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-feed-private.h"
#include "stream/zmqglib-stream-private.h"

/*
 * How a feed takes what its stream receives, and shows it, once an interval at most.
 *
 * The stream's function holds the core. What is shown changes in one place only, from the main loop and never while it is
 * being told: so that a handler finds the list as the signal says, also in a main loop of its own.
 */

#define DEFAULT_INTERVAL_US 16667

GParamSpec *zmqglib_feed_properties[FEED_N_PROPS];

static ZmqFeedCore *
feed_core_ref (ZmqFeedCore *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
zmqglib_feed_core_unref (ZmqFeedCore *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  zmqglib_feed_records_clear (&self->records);
  g_clear_pointer (&self->agenda, zmqglib_agenda_release);
  zmqglib_front_unref (self->front);
  g_free (self);
}

static void
drop (gpointer data)
{
  zmqglib_feed_core_unref (data);
}

static void
tell (ZmqFeed       *front,
      ZmqFeedChange *change)
{
  if (change->n_removed > 0 || change->n_added > 0)
    g_list_model_items_changed (G_LIST_MODEL (front), change->position, change->n_removed, change->n_added);
  if (change->n_removed != change->n_added)
    g_object_notify_by_pspec (G_OBJECT (front), zmqglib_feed_properties[FEED_PROP_N_ITEMS]);
  for (guint i = 0; i < change->items->len; i++)
    zmqglib_feed_item_notify (change->items->pdata[i]);
}

/* What was owned by the loop is, until all is shown that a closed feed has to show. */
static void
release_keeper (ZmqFeedCore *self)
{
  if (self->is_given && !self->is_due)
    zmqglib_front_let_go (self->front, self->agenda);
}

static void
show (gpointer data)
{
  ZmqFeedCore *self = data;
  g_autoptr (ZmqFeed) front = zmqglib_front_dup (self->front);
  ZmqFeedChange change;

  if (front != NULL && !zmqglib_fork_is_inherited (self->generation))
    {
      self->is_showing = TRUE;
      zmqglib_feed_records_show (&self->records, &change);
      self->last_shown = g_get_monotonic_time ();
      tell (front, &change);
      zmqglib_feed_change_clear (&change);
      self->is_showing = FALSE;
    }
  self->is_due = FALSE;
  if (front != NULL)
    zmqglib_feed_core_changed (self);

  /* the last reference to the feed may be the one here, and it wants to find its core */
  g_clear_object (&front);
  zmqglib_feed_core_unref (self);
}

static void
on_deadline (ZmqDeadline *deadline)
{
  ZmqFeedCore *self = (ZmqFeedCore *) deadline;

  zmqglib_agenda_tell (self->agenda, show, drop, feed_core_ref (self));
  zmqglib_feed_core_unref (self);
}

/*
 * zmqglib_feed_core_changed:
 *
 * There may be something to show: it is, when the interval is over. In a forked child nothing ever is.
 */
void
zmqglib_feed_core_changed (ZmqFeedCore *self)
{
  if (self->is_due || zmqglib_fork_is_inherited (self->generation) || !zmqglib_feed_records_is_changed (&self->records))
    {
      release_keeper (self);
      return;
    }

  self->is_due = TRUE;
  zmqglib_deadlines_add (zmqglib_agenda_get_deadlines (self->agenda), &feed_core_ref (self)->deadline,
                         zmqglib_deadline_add (self->last_shown, self->interval_us));
  /* it may be over by now, and the loop not know of it */
  zmqglib_agenda_wake (self->agenda);
}

static void
forget_deadline (ZmqFeedCore *self)
{
  if (self->deadline.time < 0)
    return;

  zmqglib_deadlines_remove (zmqglib_agenda_get_deadlines (self->agenda), &self->deadline);
  zmqglib_feed_core_unref (self);
}

/*
 * zmqglib_feed_core_interval_changed:
 *
 * What waits for the end of an interval waits for that of another one.
 */
void
zmqglib_feed_core_interval_changed (ZmqFeedCore *self)
{
  if (self->deadline.time >= 0)
    {
      forget_deadline (self);
      self->is_due = FALSE;
    }
  zmqglib_feed_core_changed (self);
}

static gboolean
is_heard (ZmqStreamCore *stream)
{
  return stream->klass->received != NULL || zmqglib_stream_core_has_handler (stream, zmqglib_stream_signals[RECEIVED]);
}

/* The program's own handlers hear of each message, too, and may take it to pieces. */
static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  ZmqFeedCore *self = feed_core_ref (data);
  g_autoptr (ZmqMessage) copy = NULL;
  gboolean others_hear = is_heard (zmqglib_stream_get_core (stream));

  if (others_hear)
    copy = zmqglib_message_copy (message);
  zmqglib_feed_records_take (&self->records, others_hear ? copy : message);
  if (!self->is_due)
    zmqglib_feed_core_changed (self);
  if (others_hear)
    g_signal_emit (stream, zmqglib_stream_signals[RECEIVED], 0, message);

  zmqglib_feed_core_unref (self);
}

/* The stream lets its function go, whoever has set another, or closed it. */
static void
end (gpointer data)
{
  ZmqFeedCore *self = data;

  self->is_given = TRUE;
  g_atomic_int_set (&self->is_closed, TRUE);
  release_keeper (self);
  zmqglib_feed_core_unref (self);
}

/*
 * zmqglib_feed_core_new:
 *
 * Returns: (transfer full): a core that has yet to be opened
 */
ZmqFeedCore *
zmqglib_feed_core_new (ZmqFeed *front)
{
  ZmqFeedCore *self = g_new0 (ZmqFeedCore, 1);

  self->deadline.time = -1;
  self->deadline.func = on_deadline;
  self->ref_count = 1;
  self->is_closed = TRUE;
  self->generation = zmqglib_fork_generation;
  self->interval_us = DEFAULT_INTERVAL_US;
  zmqglib_feed_records_init (&self->records);
  self->front = zmqglib_front_new (front);

  return self;
}

static gboolean
check (ZmqStream *stream,
       GError   **error)
{
  const char *what = _ ("Could not make a feed");

  if (!zmqglib_stream_check_own (stream, what, error))
    return FALSE;
  if (zmqglib_stream_get_core (stream)->receiver == NULL)
    return TRUE;

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE, _ ("%s: %s"), what,
               _ ("The stream has a function that receives"));

  return FALSE;
}

/*
 * zmqglib_feed_core_open:
 * @keeper: (nullable): the feed, when it is owned by the loop
 *
 * Takes over what the stream receives.
 */
gboolean
zmqglib_feed_core_open (ZmqFeedCore *self,
                        ZmqStream   *stream,
                        ZmqFeed     *keeper,
                        GError     **error)
{
  if (!check (stream, error))
    return FALSE;

  self->agenda = zmqglib_agenda_use (zmqglib_stream_get_core (stream)->agenda);
  g_atomic_int_set (&self->is_closed, FALSE);
  if (keeper != NULL)
    zmqglib_front_keep (self->front, keeper);
  zmqglib_stream_set_choosy_func (stream, on_received, NULL, feed_core_ref (self), end);

  return TRUE;
}

typedef struct
{
  ZmqFeedCore *core;
  ZmqStream   *stream;
  gboolean     is_gone;
} Return;

static void
give_back (gpointer data)
{
  g_autofree Return *self = data;

  zmqglib_stream_unset_choosy_func (self->stream, on_received, self->core);
  if (self->is_gone)
    forget_deadline (self->core);
  g_object_unref (self->stream);
  zmqglib_feed_core_unref (self->core);
}

/*
 * zmqglib_feed_core_close:
 *
 * Gives the stream back. What has come until then is still shown, unless the feed is gone. May be called from any thread, and again.
 */
void
zmqglib_feed_core_close (ZmqFeedCore *self,
                         ZmqStream   *stream,
                         gboolean     is_gone)
{
  Return *data;

  if (self->agenda == NULL || (!g_atomic_int_compare_and_exchange (&self->is_closed, FALSE, TRUE) && !is_gone))
    return;

  data = g_new (Return, 1);
  *data = (Return){ feed_core_ref (self), g_object_ref (stream), is_gone };
  zmqglib_agenda_do (self->agenda, give_back, data);
}

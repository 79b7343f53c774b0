/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-completion-private.h"
#include "base/zmqglib-error-private.h"
#include "stream/zmqglib-stream-private.h"

/* Those who wait until the queue is empty. They are told one after the other, and only when it is
 * empty at that moment: what the one before has sent the next one waits for, too. */

typedef struct
{
  ZmqExpiry      expiry; /* first */
  GList          link;
  GTask         *task;
  ZmqAgenda     *agenda;
  ZmqStreamCore *core;
  gint64         began; /* the iteration in which the task was made, in which it cannot return */
} Drain;

static gint64
get_iteration (void)
{
  GSource *current = g_main_current_source ();

  return current != NULL ? g_source_get_time (current) : -1;
}

/* Takes a drain off the list; its task and agenda are the caller's. */
static void
drain_take (Drain *self)
{
  g_queue_unlink (&self->core->drains, &self->link);
  zmqglib_expiry_end (&self->expiry);
}

static void
drain_fail (Drain  *self,
            GError *error)
{
  drain_take (self);
  zmqglib_completion_return_error (self->task, self->agenda, error);
  g_free (self);
}

static void
on_expired (ZmqExpiry *expiry,
            gboolean   cancelled)
{
  Drain *self = (Drain *) expiry;

  /* not what the cancellable says, which may have been reset */
  drain_fail (self, zmqglib_error_new_cancelled ());
}

/*
 * zmqglib_stream_begin_drain:
 * @task: (transfer full): the task of a stream that is open
 */
void
zmqglib_stream_begin_drain (ZmqStreamCore *core,
                            GTask         *task)
{
  Drain *self = g_new0 (Drain, 1);

  self->link.data = self;
  self->task = task;
  self->agenda = zmqglib_completion_acquire_agenda (task);
  self->core = core;
  self->began = get_iteration ();
  g_task_set_check_cancellable (task, FALSE);

  g_queue_push_tail_link (&core->drains, &self->link);
  zmqglib_expiry_begin (&self->expiry, core->agenda, -1, g_task_get_cancellable (task), on_expired);
  zmqglib_stream_core_changed (core);
}

static void
drain_return (Drain *self)
{
  g_autoptr (GTask) task = self->task;
  ZmqAgenda *agenda = self->agenda;

  drain_take (self);
  g_free (self);

  g_task_return_boolean (task, TRUE);
  zmqglib_agenda_release (agenda);
}

static void
tell (gpointer data)
{
  ZmqStreamCore *core = data;

  core->drains_due = FALSE;
  while (core->drains.head != NULL && zmqglib_stream_core_is_empty (core))
    {
      Drain *drain = core->drains.head->data;

      if (drain->began == get_iteration ())
        break;
      core->signal_had_turn = FALSE;
      /* a loop that is run by this one tells those behind it */
      zmqglib_stream_core_changed (core);
      drain_return (drain);
    }

  /* those that are left wait for the next time */
  zmqglib_stream_core_changed (core);
  zmqglib_stream_core_unref (core);
}

/* The main context is no more. */
static void
drop (gpointer data)
{
  zmqglib_stream_core_unref (data);
}

/*
 * zmqglib_stream_tell_drains:
 *
 * Lets those who wait know, as the last of all, that the queue is empty.
 */
void
zmqglib_stream_tell_drains (ZmqStreamCore *core)
{
  if (core->drains.head == NULL || core->drains_due)
    return;

  core->drains_due = TRUE;
  zmqglib_agenda_tell (core->agenda, tell, drop, zmqglib_stream_core_ref (core));
}

/*
 * zmqglib_stream_end_drains:
 * @error: why there is nothing to wait for any more
 */
void
zmqglib_stream_end_drains (ZmqStreamCore *core,
                           const GError  *error)
{
  while (core->drains.head != NULL)
    drain_fail (core->drains.head->data, g_error_copy (error));
}

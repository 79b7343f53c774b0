/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-completion-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "stream/zmqglib-stream-private.h"

/*
 * Those who wait for the next message, each for one, in the order asked. What has come for those of the stream's own
 * main context lies beside them until they are told: should one be cancelled before, those behind it move up, and
 * a message that nobody is left for goes back to the front of the socket.
 *
 * Until all were told, no handler and no function is given a message: else what came later might be heard of before.
 */

typedef struct
{
  ZmqExpiry      expiry; /* first */
  GList          link;   /* of those who wait, or of those who were answered */
  GTask         *task;   /* which keeps the stream */
  ZmqAgenda     *agenda;
  ZmqStreamCore *core;
  gint64         begun; /* the time of the main loop's iteration in which its task was made */
  gboolean       is_answered;
} Wait;

/* Takes one off its list; its task and agenda are the caller's. */
static void
wait_take (Wait *self)
{
  g_queue_unlink (self->is_answered ? &self->core->waits->answered : &self->core->waits->waiting, &self->link);
  self->core->n_waits--;
  zmqglib_expiry_end (&self->expiry);
}

static void
wait_fail (Wait   *self,
           GError *error)
{
  wait_take (self);
  zmqglib_completion_return_error (self->task, self->agenda, error);
  g_free (self);
}

/* Gives the last message to the next who waits. */
static void
settle_last (ZmqStreamCore *core)
{
  ZmqMessage *message = g_queue_pop_tail (&core->waits->arrived);

  if (core->waits->waiting.head != NULL)
    zmqglib_stream_answer_wait (core, message);
  else
    zmqglib_socket_core_put_back (core->socket, message, zmqglib_stream_core_get_watch (core));
  zmqglib_message_unref (message);
}

static void
wait_cancel (Wait *self)
{
  ZmqStreamCore *core = self->core;
  gboolean       is_answered = self->is_answered;

  wait_fail (self, zmqglib_error_new_cancelled ());
  if (is_answered)
    settle_last (core);
  zmqglib_stream_core_changed (core);
}

static void
on_expired (ZmqExpiry *expiry,
            gboolean   cancelled)
{
  /* not asking the cancellable, which may have been reset */
  wait_cancel ((Wait *) expiry);
}

/*
 * zmqglib_stream_begin_wait:
 * @task: (transfer full): the task of a stream that is open
 * @begun: when it was made, as zmqglib_stream_get_iteration() gives it
 */
void
zmqglib_stream_begin_wait (ZmqStreamCore *core,
                           GTask         *task,
                           gint64         begun)
{
  Wait *self = g_new0 (Wait, 1);

  /* most streams have none */
  if (core->waits == NULL)
    core->waits = g_new0 (ZmqStreamWaits, 1);

  self->link.data = self;
  self->task = task;
  self->agenda = zmqglib_completion_acquire_agenda (task);
  self->core = core;
  self->begun = begun;
  g_task_set_check_cancellable (task, FALSE);

  g_queue_push_tail_link (&core->waits->waiting, &self->link);
  core->n_waits++;
  zmqglib_expiry_begin (&self->expiry, core->agenda, -1, g_task_get_cancellable (task), on_expired);
  zmqglib_stream_core_changed (core);
}

/*
 * zmqglib_stream_get_iteration:
 *
 * Returns: what tells an iteration of a main loop in this thread from others; -1 outside of one
 */
gint64
zmqglib_stream_get_iteration (void)
{
  GSource *source = g_main_current_source ();

  return source != NULL ? g_source_get_time (source) : -1;
}

/* The next to be told, but for those who were cancelled and are yet to be heard of. */
static Wait *
find_next (ZmqStreamCore *core)
{
  while (core->waits->answered.head != NULL)
    {
      Wait *wait = core->waits->answered.head->data;

      if (!g_cancellable_is_cancelled (g_task_get_cancellable (wait->task)))
        return wait;
      wait_cancel (wait);
    }

  return NULL;
}

/* The main context is no more, which who is to be told would keep. */
static void
drop (gpointer data)
{
  zmqglib_stream_core_unref (data);
}

/* Tells one. A loop that the callback runs tells those behind it. In the iteration in which it was made a task does not call
 * anybody, but leaves that to a source of its own: what came later would be heard of before. */
static void
tell (gpointer data)
{
  ZmqStreamCore *core = data;
  Wait          *wait = find_next (core);

  if (wait != NULL && wait->begun == zmqglib_stream_get_iteration ())
    {
      zmqglib_agenda_tell (core->agenda, tell, drop, core);
      return;
    }

  if (wait != NULL)
    {
      g_autoptr (GTask) task = wait->task;
      ZmqAgenda  *agenda = wait->agenda;
      ZmqMessage *message = g_queue_pop_head (&core->waits->arrived);

      wait_take (wait);
      g_free (wait);
      zmqglib_stream_core_changed (core);
      zmqglib_stream_tell_taps (core, message);
      g_task_return_pointer (task, message, (GDestroyNotify) zmqglib_message_unref);
      zmqglib_agenda_release (agenda);
    }

  zmqglib_stream_core_unref (core);
}

/*
 * zmqglib_stream_answer_wait:
 *
 * Gives a message to who has waited for one for the longest time. In another main context, whose agenda is another one since the
 * priority is the same, it is that one's at once.
 */
void
zmqglib_stream_answer_wait (ZmqStreamCore *core,
                            ZmqMessage    *message)
{
  Wait *self = core->waits->waiting.head->data;

  if (self->agenda != core->agenda)
    {
      wait_take (self);
      zmqglib_stream_tell_taps (core, message);
      zmqglib_completion_return_pointer (self->task, self->agenda, zmqglib_message_ref (message),
                                         (GDestroyNotify) zmqglib_message_unref);
      g_free (self);
      return;
    }

  g_queue_unlink (&core->waits->waiting, &self->link);
  self->is_answered = TRUE;
  g_queue_push_tail_link (&core->waits->answered, &self->link);
  g_queue_push_tail (&core->waits->arrived, zmqglib_message_ref (message));
  zmqglib_agenda_tell (core->agenda, tell, drop, zmqglib_stream_core_ref (core));
}

/*
 * zmqglib_stream_end_waits:
 * @error: (nullable): what has closed the stream, or %NULL when it was asked for
 */
void
zmqglib_stream_end_waits (ZmqStreamCore *core,
                          const GError  *error)
{
  while (zmqglib_stream_core_is_awaited (core))
    wait_fail (core->waits->waiting.head->data,
               error != NULL ? g_error_copy (error) : zmqglib_stream_make_unreceived_error (core));
}

/*
 * zmqglib_stream_make_unreceived_error:
 *
 * Returns: (transfer full): what is told to who waits when the stream is closed
 */
GError *
zmqglib_stream_make_unreceived_error (ZmqStreamCore *core)
{
  g_autofree char *what = core->socket != NULL ? zmqglib_socket_core_describe_receive (core->socket) : NULL;
  GError          *error = NULL;

  zmqglib_stream_core_set_closed_error (core, what != NULL ? what : _ ("Could not make a stream"), &error);

  return error;
}

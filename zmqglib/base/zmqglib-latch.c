/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-completion-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-latch-private.h"

/* Somebody who waits with a task. Whoever takes it off the list, because the latch was opened or the wait
 * was cancelled, ends it. */
typedef struct
{
  int        ref_count; /* atomic */
  GList      link;
  ZmqLatch  *latch;
  GObject   *owner; /* of the latch */
  GTask     *task;
  ZmqAgenda *agenda;
  gboolean   ended; /* under the latch's lock */
  gboolean   cancelled;
} Wait;

static void
wait_unref (Wait *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_object_unref (self->owner);
  g_free (self);
}

static void
on_disconnected (gpointer  data,
                 GClosure *closure)
{
  wait_unref (data);
}

/* The handler is of no use when the wait has ended; whoever sees both disconnects it. */
static void
wait_disconnect (Wait         *self,
                 GCancellable *cancellable)
{
  if (cancellable != NULL)
    g_signal_handlers_disconnect_by_data (cancellable, self);
}

static void
wait_return (gpointer data)
{
  Wait *self = data;

  wait_disconnect (self, g_task_get_cancellable (self->task));
  if (self->cancelled)
    zmqglib_completion_return_error (g_steal_pointer (&self->task), self->agenda, zmqglib_error_new_cancelled ());
  else
    zmqglib_completion_return_boolean (g_steal_pointer (&self->task), self->agenda);

  wait_unref (self);
}

/* Ends a wait that is not in the list any more. It may be libzmq's own thread that does so, which is to
 * have nothing of GLib's in its hands when the process forks: the rest is done by who is told. */
static void
wait_end (Wait    *self,
          gboolean cancelled)
{
  self->cancelled = cancelled;
  zmqglib_agenda_post (self->agenda, wait_return, self);
}

/* Takes a wait off the list, once. */
static gboolean
wait_take (Wait *self)
{
  gboolean taken;

  zmqglib_lock_take (&self->latch->lock);
  taken = !self->ended;
  if (taken)
    {
      self->ended = TRUE;
      g_queue_unlink (&self->latch->waits, &self->link);
    }
  zmqglib_lock_give (&self->latch->lock);

  return taken;
}

static void
on_wait_cancelled (GCancellable *cancellable,
                   gpointer      data)
{
  Wait *self = data;

  if (wait_take (self))
    wait_end (self, TRUE);
}

static Wait *
wait_new (ZmqLatch *latch,
          GTask    *task)
{
  Wait *self = g_new0 (Wait, 1);

  self->ref_count = 2; /* one for the caller */
  self->link.data = self;
  self->latch = latch;
  self->owner = g_object_ref (g_task_get_source_object (task));
  self->task = g_object_ref (task);
  self->agenda = zmqglib_completion_acquire_agenda (task);

  return self;
}

/* Puts the wait into the list, unless there is nothing to wait for. */
static gboolean
wait_begin (Wait *self)
{
  ZmqLatch *latch = self->latch;
  gboolean  is_open;

  zmqglib_lock_take (&latch->lock);
  is_open = latch->is_open;
  if (!is_open)
    g_queue_push_tail_link (&latch->waits, &self->link);
  zmqglib_lock_give (&latch->lock);

  return !is_open;
}

/* The wait may end, and be told, at any moment in another thread. */
static void
wait_watch (Wait         *self,
            GCancellable *cancellable)
{
  gboolean ended;

  g_atomic_int_inc (&self->ref_count);
  g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (on_wait_cancelled), self, on_disconnected, 0);

  zmqglib_lock_take (&self->latch->lock);
  ended = self->ended;
  zmqglib_lock_give (&self->latch->lock);

  if (ended)
    wait_disconnect (self, cancellable);
  else if (g_cancellable_is_cancelled (cancellable) && wait_take (self))
    wait_end (self, TRUE);
}

void
zmqglib_latch_init (ZmqLatch *self)
{
  zmqglib_lock_init (&self->lock);
  g_cond_init (&self->changed);
  self->is_open = FALSE;
  g_queue_init (&self->waits);
}

void
zmqglib_latch_clear (ZmqLatch *self)
{
  zmqglib_lock_clear (&self->lock);
  g_cond_clear (&self->changed);
}

gboolean
zmqglib_latch_is_open (ZmqLatch *self)
{
  gboolean is_open;

  zmqglib_lock_take (&self->lock);
  is_open = self->is_open;
  zmqglib_lock_give (&self->lock);

  return is_open;
}

/*
 * zmqglib_latch_open:
 *
 * It has happened. May be called from any thread, by who keeps the object.
 */
void
zmqglib_latch_open (ZmqLatch *self)
{
  GQueue waits;

  zmqglib_lock_take (&self->lock);
  self->is_open = TRUE;
  waits = self->waits;
  g_queue_init (&self->waits);
  for (GList *l = waits.head; l != NULL; l = l->next)
    ((Wait *) l->data)->ended = TRUE;
  g_cond_broadcast (&self->changed);
  zmqglib_lock_give (&self->lock);

  while (waits.head != NULL)
    {
      Wait *wait = waits.head->data;

      g_queue_unlink (&waits, &wait->link);
      wait_end (wait, FALSE);
    }
}

static void
on_cancelled (GCancellable *cancellable,
              gpointer      data)
{
  ZmqLatch *self = data;

  zmqglib_lock_take (&self->lock);
  g_cond_broadcast (&self->changed);
  zmqglib_lock_give (&self->lock);
}

/*
 * zmqglib_latch_wait:
 * @deadline: in monotonic time, or -1
 * @cancellable: (nullable): a cancellable
 *
 * Blocks until it has happened, the time is up, or the wait is cancelled.
 *
 * Returns: whether it has happened
 */
gboolean
zmqglib_latch_wait (ZmqLatch     *self,
                    gint64        deadline,
                    GCancellable *cancellable)
{
  gulong   handler = 0;
  gboolean in_time = TRUE;
  gboolean is_open;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL);

  zmqglib_lock_take (&self->lock);
  while (!self->is_open && in_time && !g_cancellable_is_cancelled (cancellable))
    {
      if (deadline >= 0)
        in_time = g_cond_wait_until (&self->changed, &self->lock.mutex, deadline);
      else
        g_cond_wait (&self->changed, &self->lock.mutex);
    }
  is_open = self->is_open;
  zmqglib_lock_give (&self->lock);

  g_cancellable_disconnect (cancellable, handler);

  return is_open;
}

/*
 * zmqglib_latch_wait_async:
 * @task: a task of the object
 *
 * Lets the task return %TRUE when it has happened, or an error when the task is cancelled before. May be
 * called from any thread.
 */
void
zmqglib_latch_wait_async (ZmqLatch *self,
                          GTask    *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  Wait         *wait = wait_new (self, task);

  /* what has ended well has done so, even if it is cancelled before the callback */
  g_task_set_check_cancellable (task, FALSE);

  if (g_cancellable_is_cancelled (cancellable))
    wait_end (wait, TRUE);
  else if (!wait_begin (wait))
    wait_end (wait, FALSE);
  else if (cancellable != NULL)
    wait_watch (wait, cancellable);
  wait_unref (wait);
}

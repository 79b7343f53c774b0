/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <zmq.h>

#include "base/zmqglib-agenda-private.h"
#include "base/zmqglib-completion-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-i18n-private.h"
#include "base/zmqglib-withholding-private.h"
#include "context/zmqglib-context-private.h"

/* How a context ends while there is somebody who waits for it. */

/**
 * zmqglib_context_shutdown:
 * @self: a context
 *
 * Ends the work of all sockets of the context: every blocked or later operation on them fails with
 * %ZMQGLIB_ERROR_TERMINATED, and each [class@Zmq.Stream] emits [signal@Zmq.Stream::closed] with
 * that error (`zmq_ctx_shutdown ()`).
 *
 * Does not block, may be called from any thread, and may be called again. It does nothing in a forked
 * child whose parent has made the context. What was adopted with [ctor@Zmq.Context.new_for_handle] goes on, for others'
 * sockets and for ours; only new ones are refused.
 *
 * Since: 1.0
 */
void
zmqglib_context_shutdown (ZmqContext *self)
{
  g_return_if_fail (ZMQGLIB_IS_CONTEXT (self));

  if (zmqglib_context_is_inherited (self))
    return;

  zmqglib_withholding_begin ();
  zmqglib_lock_take (&self->lock);
  self->shut_down = TRUE;
  if (self->started && !self->terminating && !self->adopted)
    {
      zmqglib_context_catch_names (self);
      zmq_ctx_shutdown (self->handle);
    }
  zmqglib_lock_give (&self->lock);
  zmqglib_withholding_end ();
}

/* How often main contexts that nobody runs are looked at while a thread is blocked, in microseconds. */
#define LOOK_US (100 * G_TIME_SPAN_MILLISECOND)

static guint
count_own_sockets (ZmqContext *self)
{
  GThread *thread = g_thread_self ();
  guint    n_own = 0;

  for (GList *l = self->sockets.head; l != NULL; l = l->next)
    {
      ZmqSocketRecord *record = l->data;

      if (g_atomic_pointer_get (&record->thread) == thread)
        n_own++;
    }

  return n_own;
}

static gpointer
terminate_thread (gpointer data)
{
  g_autoptr (ZmqContext) self = data;

  /* nobody comes to wait any more */
  zmqglib_withholding_begin ();
  zmqglib_lock_take (&self->lock);
  zmqglib_context_catch_names (self);
  zmqglib_lock_give (&self->lock);
  zmqglib_withholding_end ();

  zmqglib_context_end_handle (self->handle, self->catcher);

  zmqglib_lock_take (&self->lock);
  self->handle = NULL;
  zmqglib_lock_give (&self->lock);

  zmqglib_latch_open (&self->terminated);

  return NULL;
}

static gboolean
begin_terminating (ZmqContext *self,
                   GError    **error)
{
  g_autoptr (GError) reason = NULL;
  GThread *thread;

  /* who has made it may go on with it; the last socket that is closed ends the wait */
  if (self->adopted)
    {
      self->terminating = TRUE;
      if (self->sockets.length == 0)
        zmqglib_latch_open (&self->terminated);
      return TRUE;
    }

  /* it never had a socket: nothing can keep libzmq from ending at once */
  if (!self->started)
    {
      if (self->handle != NULL)
        zmqglib_context_end_handle (g_steal_pointer (&self->handle), NULL);
      self->terminating = TRUE;
      zmqglib_latch_open (&self->terminated);
      return TRUE;
    }

  thread = g_thread_try_new ("zmqglib-term", terminate_thread, self, &reason);
  if (thread == NULL)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_NO_THREAD,
                   _ ("Could not terminate the context: %s"), reason->message);
      return FALSE;
    }

  /* the thread cannot drop it before: it needs the lock */
  g_object_ref (self);
  self->terminating = TRUE;
  self->terminator = thread;

  return TRUE;
}

static gboolean
start_terminating (ZmqContext *self,
                   gboolean    is_blocking,
                   GError    **error)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = NULL;
  guint                        n_own;

  if (zmqglib_context_is_inherited (self))
    {
      zmqglib_error_set (error, ZMQGLIB_EFORKED, _ ("Could not terminate the context"));
      return FALSE;
    }

  zmqglib_context_end_authenticator (self);
  /* what was dropped where nobody runs the main context lets go of its socket now */
  zmqglib_agenda_run_unowned ();

  locker = zmqglib_locker_new (&self->lock);
  n_own = is_blocking ? count_own_sockets (self) : 0;

  if (n_own > 0)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE,
                   ngettext ("Could not terminate the context: %u socket of this thread is not closed",
                             "Could not terminate the context: %u sockets of this thread are not closed",
                             n_own),
                   n_own);
      return FALSE;
    }

  return self->terminating || begin_terminating (self, error);
}

/* Who forks right after this must not find the thread in the middle of anything. */
static void
see_end_of_thread (ZmqContext *self)
{
  GThread *thread;

  zmqglib_lock_take (&self->lock);
  thread = g_steal_pointer (&self->terminator);
  zmqglib_lock_give (&self->lock);

  if (thread != NULL)
    g_thread_join (thread);
}

static gboolean
wait_until_terminated (ZmqContext   *self,
                       GCancellable *cancellable,
                       GError      **error)
{
  while (!zmqglib_latch_wait (&self->terminated, g_get_monotonic_time () + LOOK_US, cancellable))
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      /* a main context may have been left by its thread meanwhile, with something to do */
      zmqglib_agenda_run_unowned ();
    }

  see_end_of_thread (self);

  return TRUE;
}

/**
 * zmqglib_context_terminate:
 * @self: a context
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Shuts the context down and waits until all that was sent has left, or until each socket's
 * [property@Zmq.Socket:linger] has run out (`zmq_ctx_term ()`).
 *
 * What was dropped in another thread than that of its main context, which nobody runs any more, lets go of
 * its sockets now. The call waits for the sockets of other threads to be closed by those threads, which learn of it by
 * %ZMQGLIB_ERROR_TERMINATED. Sockets that the calling thread was the last to use have to be
 * closed before: else the call fails with %ZMQGLIB_ERROR_WRONG_STATE and changes nothing.
 *
 * What was adopted with [ctor@Zmq.Context.new_for_handle] is not terminated: that is for who has made it. The call
 * waits until all sockets that were made in it through this object are closed, which have to learn otherwise that
 * they are to be.
 *
 * When cancelled, it fails with `G_IO_ERROR_CANCELLED`; the context goes on terminating, and the
 * call may be repeated in order to wait again. It fails with %ZMQGLIB_ERROR_CLOSED in a forked child
 * whose parent has made the context, and with %ZMQGLIB_ERROR_NO_THREAD when the process may not have
 * one more thread. May be called from any thread.
 *
 * Returns: %TRUE once the context is terminated, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_context_terminate (ZmqContext   *self,
                           GCancellable *cancellable,
                           GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_CONTEXT (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return start_terminating (self, TRUE, error) && wait_until_terminated (self, cancellable, error);
}

/**
 * zmqglib_context_terminate_async:
 * @self: a context
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the context is terminated
 * @user_data: data for @callback
 *
 * As [method@Zmq.Context.terminate], without blocking.
 *
 * Sockets of the calling thread may be open: a [class@Zmq.Stream] closes its socket by itself when
 * it learns that the context was shut down; any other one has to be closed for the operation to
 * end. In a context that was adopted nobody shuts anything down: there a stream has to be closed, too.
 *
 * Since: 1.0
 */
void
zmqglib_context_terminate_async (ZmqContext         *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (ZMQGLIB_IS_CONTEXT (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, zmqglib_context_terminate_async);

  if (start_terminating (self, FALSE, &error))
    zmqglib_latch_wait_async (&self->terminated, task);
  else
    zmqglib_completion_return_error (g_object_ref (task), zmqglib_completion_acquire_agenda (task), error);
}

/**
 * zmqglib_context_terminate_finish:
 * @self: a context
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Ends an operation begun with [method@Zmq.Context.terminate_async].
 *
 * Returns: %TRUE once the context is terminated, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_context_terminate_finish (ZmqContext   *self,
                                  GAsyncResult *result,
                                  GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_CONTEXT (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, zmqglib_context_terminate_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

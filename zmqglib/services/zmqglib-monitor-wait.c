/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-completion-private.h"
#include "base/zmqglib-expiry-private.h"
#include "services/zmqglib-monitor-private.h"

/* A wait on its way to the monitor's main context. */
typedef struct
{
  ZmqMonitorCore     *core;
  GTask              *task;
  ZmqMonitorEventKind kinds;
  gint64              deadline;
} Begin;

static void
begin_wait (gpointer data)
{
  g_autofree Begin *begin = data;
  ZmqMonitorCore   *core = begin->core;
  GTask            *task = begin->task;
  GError           *error = NULL;

  if (!g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error) &&
      (core->has_left || !zmqglib_monitor_core_is_open (core)))
    error = zmqglib_monitor_core_make_error (core);

  if (error != NULL)
    zmqglib_completion_return_error (task, zmqglib_completion_acquire_agenda (task), error);
  else
    zmqglib_monitor_waits_add (&core->waits, core->agenda, task, begin->kinds, begin->deadline);

  zmqglib_monitor_core_unref (core);
}

/**
 * zmqglib_monitor_wait_async:
 * @self: a monitor
 * @kinds: the kinds of events to wait for, or 0 for any
 * @timeout_us: how long to wait at most, in microseconds, or -1 for as long as it takes
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the wait has ended
 * @user_data: data for @callback
 *
 * Waits for the next event of certain kinds that is told from now on. [signal@Zmq.Monitor::event] is emitted for it
 * nevertheless, before the callback is called.
 *
 * May be called from any thread. The callback is called in the thread-default main context of the calling thread; the
 * monitor’s has to be run.
 *
 * Since: 1.0
 */
void
zmqglib_monitor_wait_async (ZmqMonitor         *self,
                            ZmqMonitorEventKind kinds,
                            gint64              timeout_us,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data)
{
  GTask *task;
  Begin *begin;

  g_return_if_fail (ZMQGLIB_IS_MONITOR (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, zmqglib_monitor_wait_async);

  begin = g_new (Begin, 1);
  *begin = (Begin){
    .core = zmqglib_monitor_core_ref (self->core),
    .task = task,
    .kinds = kinds,
    .deadline = zmqglib_deadline_after (timeout_us),
  };
  zmqglib_agenda_do (self->core->agenda, begin_wait, begin);
}

/**
 * zmqglib_monitor_wait_finish:
 * @self: a monitor
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Ends an operation begun with [method@Zmq.Monitor.wait_async].
 *
 * Fails with %ZMQGLIB_ERROR_AGAIN when the time is up, with `G_IO_ERROR_CANCELLED`, with %ZMQGLIB_ERROR_CLOSED when the
 * monitor was closed, or its socket, and with %ZMQGLIB_ERROR_TERMINATED when the context was shut down.
 *
 * Returns: (transfer full): the event, or %NULL with @error set
 *
 * Since: 1.0
 */
ZmqMonitorEvent *
zmqglib_monitor_wait_finish (ZmqMonitor   *self,
                             GAsyncResult *result,
                             GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_MONITOR (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, zmqglib_monitor_wait_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

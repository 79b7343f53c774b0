/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-completion-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "stream/zmqglib-stream-private.h"

/* A drain on its way to the stream's main context. */
typedef struct
{
  ZmqStreamCore *core;
  GTask         *task;
} Begin;

static void
begin_drain (gpointer data)
{
  Begin         *begin = data;
  ZmqStreamCore *core = begin->core;
  GTask         *task = begin->task;
  GError        *error = NULL;

  g_free (begin);

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    zmqglib_completion_return_error (task, zmqglib_completion_acquire_agenda (task), error);
  else if (zmqglib_stream_core_is_open (core) && core->item != NULL)
    zmqglib_stream_begin_drain (core, task);
  else
    {
      zmqglib_stream_core_set_closed_error (core, _ ("Could not drain"), &error);
      zmqglib_completion_return_error (task, zmqglib_completion_acquire_agenda (task), error);
    }

  zmqglib_stream_core_unref (core);
}

/**
 * zmqglib_stream_drain_async:
 * @self: a stream
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the queue is empty
 * @user_data: data for @callback
 *
 * Waits until no message is queued any more, and all have been reported by
 * [signal@Zmq.Stream::sent]. When @callback is called in the stream’s main context, the queue is empty: what
 * another callback or handler has sent meanwhile is waited for, too.
 *
 * May be called from any thread.
 *
 * Since: 1.0
 */
void
zmqglib_stream_drain_async (ZmqStream          *self,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data)
{
  GTask         *task;
  ZmqStreamCore *core;
  Begin         *begin;

  g_return_if_fail (ZMQGLIB_IS_STREAM (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  core = zmqglib_stream_get_core (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, zmqglib_stream_drain_async);

  begin = g_new (Begin, 1);
  *begin = (Begin){ .core = zmqglib_stream_core_ref (core), .task = task };
  zmqglib_agenda_do (core->agenda, begin_drain, begin);
}

/**
 * zmqglib_stream_drain_finish:
 * @self: a stream
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Ends an operation begun with [method@Zmq.Stream.drain_async].
 *
 * Fails with %ZMQGLIB_ERROR_CLOSED or %ZMQGLIB_ERROR_TERMINATED when the stream was closed
 * before, and with `G_IO_ERROR_CANCELLED`.
 *
 * Returns: %TRUE when the queue has become empty, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_stream_drain_finish (ZmqStream    *self,
                             GAsyncResult *result,
                             GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, zmqglib_stream_drain_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

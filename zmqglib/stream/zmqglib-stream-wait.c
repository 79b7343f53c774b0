/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-completion-private.h"
#include "base/zmqglib-error-private.h"
#include "stream/zmqglib-stream-private.h"

/* A wait for the next message on its way to the stream's main context. */
typedef struct
{
  ZmqStreamCore *core;
  GTask         *task;
  gint64         begun;
} Begin;

/* libzmq would never have a message for these. */
static gboolean
can_receive (ZmqStreamCore *core)
{
  return core->socket->type != ZMQGLIB_SOCKET_PUB && core->socket->type != ZMQGLIB_SOCKET_PUSH;
}

static GError *
find_obstacle (ZmqStreamCore *core,
               GTask         *task)
{
  GError *error = NULL;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    return error;

  if (!zmqglib_stream_core_is_open (core) || core->item == NULL)
    return zmqglib_stream_make_unreceived_error (core);

  if (!can_receive (core))
    {
      g_autofree char *what = zmqglib_socket_core_describe_receive (core->socket);

      zmqglib_error_set (&error, ENOTSUP, "%s", what);
    }

  return error;
}

static void
begin_wait (gpointer data)
{
  Begin         *begin = data;
  ZmqStreamCore *core = begin->core;
  GTask         *task = begin->task;
  gint64         begun = begin->begun;
  GError        *error = find_obstacle (core, task);

  g_free (begin);

  if (error != NULL)
    zmqglib_completion_return_error (task, zmqglib_completion_acquire_agenda (task), error);
  else
    zmqglib_stream_begin_wait (core, task, begun);

  zmqglib_stream_core_unref (core);
}

/**
 * zmqglib_stream_receive_async:
 * @self: a stream
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when there is a message, or will be none
 * @user_data: data for @callback
 *
 * Waits for the next message that comes in. Any number may be under way: each message goes to one, in the order in
 * which they were begun, and before handlers of [signal@Zmq.Stream::received] or the function that is set in their
 * place are given one. They need no handler, and receive while the stream is [property@Zmq.Stream:paused], too,
 * since they were asked for.
 *
 * The callback is called in the thread-default main context of the calling thread, at the stream’s priority. In the stream’s
 * own one, handlers are not given what came later before it was called. Nothing is lost when it is cancelled: what was
 * received for it is the next one’s, or goes back to the front of the socket. A message that has gone to another main
 * context is delivered nevertheless.
 *
 * In a nested loop that a handler of the stream runs nothing comes, since the stream is left alone until its handler
 * returns; [method@Zmq.Socket.receive_async] of its socket is not, and neither is a callback of this method.
 *
 * Unlike [method@Zmq.Socket.receive_async] it waits when a REQ or REP socket is not to receive yet, as after a
 * request that is still queued, and it ends when the stream is closed. It keeps the stream alive, and in the loop.
 *
 * May be called from any thread.
 *
 * Since: 1.0
 */
void
zmqglib_stream_receive_async (ZmqStream          *self,
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
  g_task_set_source_tag (task, zmqglib_stream_receive_async);
  /* so that it is told by what serves the stream, where that is of the same main context */
  g_task_set_priority (task, zmqglib_stream_get_private (self)->priority);

  begin = g_new (Begin, 1);
  *begin = (Begin){ .core = zmqglib_stream_core_ref (core), .task = task, .begun = zmqglib_stream_get_iteration () };
  zmqglib_agenda_do (core->agenda, begin_wait, begin);
}

/**
 * zmqglib_stream_receive_finish:
 * @self: a stream
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Ends an operation begun with [method@Zmq.Stream.receive_async].
 *
 * Fails with %ZMQGLIB_ERROR_CLOSED or %ZMQGLIB_ERROR_TERMINATED when the stream was closed
 * before, with %ZMQGLIB_ERROR_NOT_SUPPORTED when the type of its socket cannot receive, and with
 * `G_IO_ERROR_CANCELLED`.
 *
 * Returns: (transfer full): the message, or %NULL with @error set
 *
 * Since: 1.0
 */
ZmqMessage *
zmqglib_stream_receive_finish (ZmqStream    *self,
                               GAsyncResult *result,
                               GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, zmqglib_stream_receive_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

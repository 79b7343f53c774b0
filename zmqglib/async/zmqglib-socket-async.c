/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmq.h>

#include "async/zmqglib-socket-operations-private.h"
#include "base/zmqglib-completion-private.h"
#include "base/zmqglib-error-private.h"

static GTask *
new_task (ZmqSocket          *self,
          int                 io_priority,
          GCancellable       *cancellable,
          GAsyncReadyCallback callback,
          gpointer            user_data,
          gpointer            tag)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_priority (task, io_priority);

  return task;
}

/* Whether the task may begin; it has an error to return otherwise. */
static gboolean
may_begin (GTask *task,
           char *(*describe) (ZmqSocketCore *core),
           ZmqMessage *message)
{
  ZmqSocketCore   *core = ((ZmqSocket *) g_task_get_source_object (task))->core;
  GError          *error = NULL;
  g_autofree char *what = NULL;
  int              errnum = zmqglib_socket_core_check (core);

  if (!g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error) &&
      (message == NULL || zmqglib_socket_core_check_message (core, message, &error)))
    {
      if (errnum == 0)
        return TRUE;

      what = describe (core);
      zmqglib_error_set (&error, errnum, "%s", what);
    }

  zmqglib_completion_return_error (g_object_ref (task), zmqglib_completion_acquire_agenda (task), error);

  return FALSE;
}

/**
 * zmqglib_socket_send_async:
 * @self: a socket
 * @message: a message of at least one frame, which must not be changed in the meantime
 * @io_priority: the priority among the sources of the main context, as %G_PRIORITY_DEFAULT
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the message was sent, or could not be
 * @user_data: data for @callback
 *
 * As [method@Zmq.Socket.send], without blocking: the message is sent from the thread-default main
 * context of the calling thread when the socket can send it, after those of earlier calls of the
 * same priority, and within [property@Zmq.Socket:send-timeout].
 *
 * When it is cancelled before the message was sent, it is not sent. Closing the socket ends what is
 * under way with %ZMQGLIB_ERROR_CLOSED, and shutting its context down with
 * %ZMQGLIB_ERROR_TERMINATED.
 *
 * Since: 1.0
 */
void
zmqglib_socket_send_async (ZmqSocket          *self,
                           ZmqMessage         *message,
                           int                 io_priority,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ZMQGLIB_IS_SOCKET (self));
  g_return_if_fail (message != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = new_task (self, io_priority, cancellable, callback, user_data, zmqglib_socket_send_async);
  if (may_begin (task, zmqglib_socket_core_describe_send, message))
    zmqglib_socket_begin_operation (task, self->core, ZMQGLIB_OPERATION_SEND, G_IO_OUT, message);
}

/**
 * zmqglib_socket_send_finish:
 * @self: a socket
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Ends an operation begun with [method@Zmq.Socket.send_async], and fails as
 * [method@Zmq.Socket.send] does.
 *
 * Returns: %TRUE when the message was sent, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_send_finish (ZmqSocket    *self,
                            GAsyncResult *result,
                            GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, zmqglib_socket_send_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * zmqglib_socket_receive_async:
 * @self: a socket
 * @io_priority: the priority among the sources of the main context, as %G_PRIORITY_DEFAULT
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when there is a message, or will be none
 * @user_data: data for @callback
 *
 * As [method@Zmq.Socket.receive], without blocking: the message is received in the thread-default
 * main context of the calling thread, after those of earlier calls of the same priority, and within
 * [property@Zmq.Socket:receive-timeout]. Any number may be under way; each message goes to one.
 *
 * When it is cancelled before a message was received, none is; what was received is delivered
 * nevertheless. Closing the socket ends what is under way with %ZMQGLIB_ERROR_CLOSED, and shutting
 * its context down with %ZMQGLIB_ERROR_TERMINATED.
 *
 * A [class@Zmq.Stream] of the same socket that somebody listens to competes for the messages: each
 * goes either to the stream or to an operation, whichever has its turn.
 *
 * Since: 1.0
 */
void
zmqglib_socket_receive_async (ZmqSocket          *self,
                              int                 io_priority,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ZMQGLIB_IS_SOCKET (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = new_task (self, io_priority, cancellable, callback, user_data, zmqglib_socket_receive_async);
  if (may_begin (task, zmqglib_socket_core_describe_receive, NULL))
    zmqglib_socket_begin_operation (task, self->core, ZMQGLIB_OPERATION_RECEIVE, G_IO_IN, NULL);
}

/**
 * zmqglib_socket_receive_finish:
 * @self: a socket
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Ends an operation begun with [method@Zmq.Socket.receive_async], and fails as
 * [method@Zmq.Socket.receive] does.
 *
 * Returns: (transfer full): the message, or %NULL with @error set
 *
 * Since: 1.0
 */
ZmqMessage *
zmqglib_socket_receive_finish (ZmqSocket    *self,
                               GAsyncResult *result,
                               GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, zmqglib_socket_receive_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * zmqglib_socket_wait_async:
 * @self: a socket
 * @condition: what to wait for: %G_IO_IN, %G_IO_OUT or both
 * @io_priority: the priority among the sources of the main context, as %G_PRIORITY_DEFAULT
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the socket can receive or send
 * @user_data: data for @callback
 *
 * As [method@Zmq.Socket.wait], without blocking and without a limit of time.
 *
 * Since: 1.0
 */
void
zmqglib_socket_wait_async (ZmqSocket          *self,
                           GIOCondition        condition,
                           int                 io_priority,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ZMQGLIB_IS_SOCKET (self));
  g_return_if_fail ((condition & (G_IO_IN | G_IO_OUT)) != 0);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = new_task (self, io_priority, cancellable, callback, user_data, zmqglib_socket_wait_async);
  if (may_begin (task, zmqglib_socket_core_describe_wait, NULL))
    zmqglib_socket_begin_operation (task, self->core, ZMQGLIB_OPERATION_WAIT, condition & (G_IO_IN | G_IO_OUT), NULL);
}

/**
 * zmqglib_socket_wait_finish:
 * @self: a socket
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Ends an operation begun with [method@Zmq.Socket.wait_async].
 *
 * Returns: what of the condition is ready, or 0 with @error set
 *
 * Since: 1.0
 */
GIOCondition
zmqglib_socket_wait_finish (ZmqSocket    *self,
                            GAsyncResult *result,
                            GError      **error)
{
  gssize condition;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), 0);
  g_return_val_if_fail (g_task_is_valid (result, self), 0);
  g_return_val_if_fail (g_async_result_is_tagged (result, zmqglib_socket_wait_async), 0);

  condition = g_task_propagate_int (G_TASK (result), error);

  return condition > 0 ? (GIOCondition) condition : 0;
}

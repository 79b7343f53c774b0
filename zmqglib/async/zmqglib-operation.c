/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "async/zmqglib-operation-private.h"
#include "base/zmqglib-completion-private.h"
#include "base/zmqglib-error-private.h"

char *
zmqglib_operation_describe (ZmqOperation *self)
{
  switch (self->kind)
    {
    case ZMQGLIB_OPERATION_RECEIVE:
      return zmqglib_socket_core_describe_receive (self->socket);
    case ZMQGLIB_OPERATION_SEND:
      return zmqglib_socket_core_describe_send (self->socket);
    default:
      return zmqglib_socket_core_describe_wait (self->socket);
    }
}

ZmqOperation *
zmqglib_operation_new (GTask           *task,
                       ZmqSocketCore   *socket,
                       ZmqOperationKind kind,
                       GIOCondition     condition,
                       ZmqMessage      *message)
{
  ZmqOperation *self = g_new0 (ZmqOperation, 1);

  self->link.data = self;
  self->task = g_object_ref (task);
  self->agenda = zmqglib_completion_acquire_agenda (task);
  self->socket = zmqglib_socket_core_ref (socket);
  self->kind = kind;
  self->condition = condition;
  self->asked = g_get_monotonic_time ();
  if (message != NULL)
    {
      self->message = zmqglib_message_ref (message);
      zmqglib_message_freeze (message);
    }

  return self;
}

/* Frees an operation whose task has been given its result. */
static void
operation_free (ZmqOperation *self)
{
  if (self->message != NULL)
    {
      zmqglib_message_thaw (self->message);
      zmqglib_message_unref (self->message);
    }
  zmqglib_socket_core_unref (self->socket);
  g_free (self);
}

void
zmqglib_operation_fail (ZmqOperation *self,
                        GError       *error)
{
  zmqglib_completion_return_error (self->task, self->agenda, error);
  operation_free (self);
}

void
zmqglib_operation_finish (ZmqOperation *self)
{
  ZmqOperationResult *result = &self->result;

  if (result->errnum != 0)
    {
      g_autofree char *what = zmqglib_operation_describe (self);
      GError          *error = NULL;

      zmqglib_error_set (&error, result->errnum, "%s", what);
      zmqglib_operation_fail (self, error);
      return;
    }

  if (self->kind == ZMQGLIB_OPERATION_RECEIVE)
    zmqglib_completion_return_pointer (self->task, self->agenda, result->message,
                                       (GDestroyNotify) zmqglib_message_unref);
  else if (self->kind == ZMQGLIB_OPERATION_SEND)
    zmqglib_completion_return_boolean (self->task, self->agenda);
  else
    zmqglib_completion_return_int (self->task, self->agenda, result->condition);
  operation_free (self);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-completion-private.h"

/* How every task of the library returns: from its main context, never from within what has ended it,
 * which may be any call in any thread. */

typedef enum
{
  RETURN_BOOLEAN,
  RETURN_INT,
  RETURN_POINTER,
  RETURN_ERROR,
} Kind;

typedef struct
{
  GTask         *task;
  ZmqAgenda     *agenda; /* used until it was told */
  Kind           kind;
  gssize         number;
  gpointer       pointer;
  GDestroyNotify destroy;
} Completion;

static void
tell_completion (gpointer data)
{
  Completion *self = data;
  g_autoptr (GTask) task = self->task;
  ZmqAgenda *agenda = self->agenda;

  switch (self->kind)
    {
    case RETURN_BOOLEAN:
      g_task_return_boolean (task, TRUE);
      break;
    case RETURN_INT:
      g_task_return_int (task, self->number);
      break;
    case RETURN_POINTER:
      g_task_return_pointer (task, self->pointer, self->destroy);
      break;
    case RETURN_ERROR:
      g_task_return_error (task, self->pointer);
      break;
    }

  g_free (self);
  zmqglib_agenda_release (agenda);
}

/* The main context is no more, and the task never returns. */
static void
drop_completion (gpointer data)
{
  Completion *self = data;

  if (self->kind == RETURN_ERROR)
    g_error_free (self->pointer);
  else if (self->pointer != NULL && self->destroy != NULL)
    self->destroy (self->pointer);

  g_object_unref (self->task);
  zmqglib_agenda_release (self->agenda);
  g_free (self);
}

static void
tell (GTask     *task,
      ZmqAgenda *agenda,
      Completion completion)
{
  completion.task = task;
  completion.agenda = agenda;
  zmqglib_agenda_tell (agenda, tell_completion, drop_completion, g_memdup2 (&completion, sizeof completion));
}

/*
 * zmqglib_completion_acquire_agenda:
 *
 * Returns: (transfer full): the agenda by which the task will return
 */
ZmqAgenda *
zmqglib_completion_acquire_agenda (GTask *task)
{
  return zmqglib_agenda_acquire (g_task_get_context (task), g_task_get_priority (task));
}

/*
 * zmqglib_completion_return_boolean:
 * @task: (transfer full): a task
 * @agenda: (transfer full): that of the task
 *
 * Lets the task return %TRUE. As its siblings, may be called from any thread.
 */
void
zmqglib_completion_return_boolean (GTask     *task,
                                   ZmqAgenda *agenda)
{
  tell (task, agenda, (Completion){ .kind = RETURN_BOOLEAN });
}

void
zmqglib_completion_return_int (GTask     *task,
                               ZmqAgenda *agenda,
                               gssize     value)
{
  tell (task, agenda, (Completion){ .kind = RETURN_INT, .number = value });
}

void
zmqglib_completion_return_pointer (GTask         *task,
                                   ZmqAgenda     *agenda,
                                   gpointer       value,
                                   GDestroyNotify destroy)
{
  tell (task, agenda, (Completion){ .kind = RETURN_POINTER, .pointer = value, .destroy = destroy });
}

void
zmqglib_completion_return_error (GTask     *task,
                                 ZmqAgenda *agenda,
                                 GError    *error)
{
  tell (task, agenda, (Completion){ .kind = RETURN_ERROR, .pointer = error });
}

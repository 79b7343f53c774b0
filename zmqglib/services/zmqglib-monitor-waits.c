/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-completion-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-expiry-private.h"
#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-monitor-event-private.h"
#include "services/zmqglib-monitor-waits-private.h"

typedef struct
{
  ZmqExpiry           expiry; /* first */
  GList               link;
  ZmqMonitorWaits    *waits;
  GTask              *task;
  ZmqAgenda          *agenda; /* by which the task returns */
  ZmqMonitorEventKind kinds;
} Wait;

/* Takes a wait off the list; its task and agenda are the caller's. */
static void
wait_take (Wait *self)
{
  g_queue_unlink (&self->waits->queue, &self->link);
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

static void
wait_return (Wait            *self,
             ZmqMonitorEvent *event)
{
  wait_take (self);
  zmqglib_completion_return_pointer (self->task, self->agenda, zmqglib_monitor_event_ref (event),
                                     (GDestroyNotify) zmqglib_monitor_event_unref);
  g_free (self);
}

static void
on_expired (ZmqExpiry *expiry,
            gboolean   cancelled)
{
  GError *error = NULL;

  /* not what the cancellable says, which may have been reset */
  if (cancelled)
    error = zmqglib_error_new_cancelled ();
  else
    g_set_error (&error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN,
                 /* Translators: what could not be done, in time */
                 _ ("%s: The time is up"), _ ("Could not wait for an event"));

  wait_fail ((Wait *) expiry, error);
}

/*
 * zmqglib_monitor_waits_add:
 * @agenda: that of the monitor
 * @task: (transfer full): the task that returns the event
 * @kinds: what it waits for, 0 for anything
 * @deadline: in monotonic time, or -1
 */
void
zmqglib_monitor_waits_add (ZmqMonitorWaits    *self,
                           ZmqAgenda          *agenda,
                           GTask              *task,
                           ZmqMonitorEventKind kinds,
                           gint64              deadline)
{
  Wait *wait = g_new0 (Wait, 1);

  wait->link.data = wait;
  wait->waits = self;
  wait->task = task;
  wait->agenda = zmqglib_completion_acquire_agenda (task);
  wait->kinds = kinds;
  g_task_set_check_cancellable (task, FALSE);

  g_queue_push_tail_link (&self->queue, &wait->link);
  zmqglib_expiry_begin (&wait->expiry, agenda, deadline, g_task_get_cancellable (task), on_expired);
}

/*
 * zmqglib_monitor_waits_tell:
 *
 * Ends the waits for such an event, which is told later, from their main contexts.
 */
void
zmqglib_monitor_waits_tell (ZmqMonitorWaits *self,
                            ZmqMonitorEvent *event)
{
  GList *next;

  for (GList *l = self->queue.head; l != NULL; l = next)
    {
      Wait *wait = l->data;

      next = l->next;
      if (wait->kinds == 0 || (wait->kinds & event->kind) != 0)
        wait_return (wait, event);
    }
}

void
zmqglib_monitor_waits_end (ZmqMonitorWaits *self,
                           const GError    *error)
{
  while (self->queue.head != NULL)
    wait_fail (self->queue.head->data, g_error_copy (error));
}

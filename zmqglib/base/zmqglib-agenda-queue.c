/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-agenda-queue-private.h"

struct _ZmqAgendaEntry
{
  ZmqAgendaEntry *next;
  ZmqAgendaFunc   func;
  gpointer        data;
};

void
zmqglib_agenda_queue_init (ZmqAgendaQueue *self)
{
  *self = (ZmqAgendaQueue){ .first = NULL };
  g_mutex_init (&self->lock);
}

void
zmqglib_agenda_queue_clear (ZmqAgendaQueue *self)
{
  g_assert (self->first == NULL);

  g_mutex_clear (&self->lock);
}

void
zmqglib_agenda_queue_push (ZmqAgendaQueue *self,
                           ZmqAgendaFunc   func,
                           gpointer        data)
{
  ZmqAgendaEntry *entry = g_new (ZmqAgendaEntry, 1);

  *entry = (ZmqAgendaEntry){ .func = func, .data = data };

  g_mutex_lock (&self->lock);
  if (self->last != NULL)
    self->last->next = entry;
  else
    self->first = entry;
  self->last = entry;
  g_atomic_int_set (&self->length, self->length + 1);
  g_mutex_unlock (&self->lock);
}

/*
 * zmqglib_agenda_queue_call_first:
 *
 * Takes the first entry out and calls it, which may do anything.
 *
 * Returns: whether there was one
 */
gboolean
zmqglib_agenda_queue_call_first (ZmqAgendaQueue *self)
{
  ZmqAgendaEntry *entry;

  g_mutex_lock (&self->lock);
  entry = self->first;
  if (entry != NULL)
    {
      self->first = entry->next;
      if (self->first == NULL)
        self->last = NULL;
      g_atomic_int_set (&self->length, self->length - 1);
    }
  g_mutex_unlock (&self->lock);

  if (entry == NULL)
    return FALSE;

  entry->func (entry->data);
  g_free (entry);

  return TRUE;
}

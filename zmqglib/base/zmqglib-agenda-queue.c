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
zmqglib_agenda_queue_push (ZmqAgendaQueue *self,
                           ZmqAgendaFunc   func,
                           gpointer        data)
{
  ZmqAgendaEntry *entry = g_new (ZmqAgendaEntry, 1);
  ZmqAgendaEntry *next;

  entry->func = func;
  entry->data = data;
  do
    next = entry->next = g_atomic_pointer_get (&self->latest);
  while (!g_atomic_pointer_compare_and_exchange (&self->latest, next, entry));
  g_atomic_int_inc (&self->length);
}

/* Those that were added, in order. */
static ZmqAgendaEntry *
take (ZmqAgendaQueue *self)
{
  ZmqAgendaEntry *entry = g_atomic_pointer_exchange (&self->latest, NULL);
  ZmqAgendaEntry *first = NULL;

  while (entry != NULL)
    {
      ZmqAgendaEntry *next = entry->next;

      entry->next = first;
      first = entry;
      entry = next;
    }

  return first;
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

  if (self->taken == NULL)
    self->taken = take (self);

  entry = self->taken;
  if (entry == NULL)
    return FALSE;

  self->taken = entry->next;
  g_atomic_int_add (&self->length, -1);
  entry->func (entry->data);
  g_free (entry);

  return TRUE;
}

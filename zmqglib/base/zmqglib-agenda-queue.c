/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-agenda-queue-private.h"
#include "base/zmqglib-fork-private.h"

struct _ZmqAgendaEntry
{
  ZmqAgendaEntry *next;
  ZmqAgendaFunc   func;
  ZmqAgendaFunc   drop;
  gpointer        data;
};

void
zmqglib_agenda_queue_init (ZmqAgendaQueue *self)
{
  *self = (ZmqAgendaQueue){ .generation = zmqglib_fork_generation };
  g_mutex_init (&self->lock);
}

/* In a child the lock may be that of a thread of the parent's, which is not here to give it back, and which
 * may have added or taken what it had not counted yet. */
static void
renew (ZmqAgendaQueue *self)
{
  int length = 0;

  for (ZmqAgendaEntry *entry = self->latest; entry != NULL; entry = entry->next)
    length++;
  for (ZmqAgendaEntry *entry = self->taken; entry != NULL; entry = entry->next)
    length++;

  g_atomic_int_set (&self->length, length);
  self->generation = zmqglib_fork_generation;
  g_mutex_init (&self->lock);
}

static GMutexLocker *
lock (ZmqAgendaQueue *self)
{
  if (zmqglib_fork_is_inherited (self->generation))
    renew (self);

  return g_mutex_locker_new (&self->lock);
}

void
zmqglib_agenda_queue_clear (ZmqAgendaQueue *self)
{
  g_assert (zmqglib_agenda_queue_get_length (self) == 0);
  g_mutex_clear (&self->lock);
}

/*
 * zmqglib_agenda_queue_push:
 * @func: what is to be called
 * @drop: (nullable): what is called instead, when that can never be
 */
void
zmqglib_agenda_queue_push (ZmqAgendaQueue *self,
                           ZmqAgendaFunc   func,
                           ZmqAgendaFunc   drop,
                           gpointer        data)
{
  ZmqAgendaEntry *entry = g_new (ZmqAgendaEntry, 1);
  ZmqAgendaEntry *next;

  entry->func = func;
  entry->drop = drop;
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

static ZmqAgendaEntry *
pop (ZmqAgendaQueue *self)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = lock (self);
  ZmqAgendaEntry                 *entry;

  if (self->taken == NULL)
    self->taken = take (self);

  entry = self->taken;
  if (entry == NULL)
    return NULL;

  self->taken = entry->next;
  g_atomic_int_add (&self->length, -1);

  return entry;
}

static void
drop (ZmqAgendaEntry *entry)
{
  entry->drop (entry->data);
  g_free (entry);
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
  ZmqAgendaEntry *entry = pop (self);

  if (entry == NULL)
    return FALSE;

  entry->func (entry->data);
  g_free (entry);

  return TRUE;
}

static ZmqAgendaEntry *
pop_with_data (ZmqAgendaQueue *self,
               gpointer        data)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = lock (self);
  ZmqAgendaEntry                **link = &self->taken;
  ZmqAgendaEntry                 *entry;

  while (*link != NULL)
    link = &(*link)->next;
  *link = take (self);

  for (link = &self->taken; *link != NULL && (*link)->data != data; link = &(*link)->next)
    ;
  entry = *link;
  if (entry == NULL)
    return NULL;

  *link = entry->next;
  g_atomic_int_add (&self->length, -1);

  return entry;
}

/*
 * zmqglib_agenda_queue_drop:
 *
 * Takes out the first that would be called with that data.
 */
void
zmqglib_agenda_queue_drop (ZmqAgendaQueue *self,
                           gpointer        data)
{
  ZmqAgendaEntry *entry = pop_with_data (self, data);

  if (entry != NULL)
    drop (entry);
}

/*
 * zmqglib_agenda_queue_drop_first:
 *
 * Takes the first entry out, which is not to be called any more.
 *
 * Returns: whether there was one
 */
gboolean
zmqglib_agenda_queue_drop_first (ZmqAgendaQueue *self)
{
  ZmqAgendaEntry *entry = pop (self);

  if (entry == NULL)
    return FALSE;

  drop (entry);

  return TRUE;
}

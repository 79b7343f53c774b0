/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "message/zmqglib-message-private.h"
#include "stream/zmqglib-stream-queue-private.h"

typedef struct _ZmqQueueEntry
{
  ZmqMessage *message; /* NULL in a gap */
  union
  {
    ZmqMessageExpiry *expiry; /* of one that waits, or NULL */
    GError           *error;  /* of one that is done, or NULL */
  };
} ZmqQueueEntry;

static ZmqQueueEntry *
get_nth (ZmqRing *self,
         guint    index)
{
  return &self->entries[(self->head + index) & (self->capacity - 1)];
}

static ZmqQueueEntry *
ring_push (ZmqRing    *self,
           ZmqMessage *message)
{
  ZmqQueueEntry *entry;

  g_assert (self->length < self->capacity);

  entry = get_nth (self, self->length++);
  entry->message = message;
  entry->error = NULL;

  return entry;
}

static ZmqQueueEntry
ring_pop (ZmqRing *self)
{
  ZmqQueueEntry entry = *get_nth (self, 0);

  self->head = (self->head + 1) & (self->capacity - 1);
  self->length--;

  return entry;
}

/* Copies the entries but for the gaps into a ring of another size. */
static void
ring_resize (ZmqRing *self,
             guint    capacity)
{
  ZmqQueueEntry *entries = g_new (ZmqQueueEntry, capacity);
  guint          n = 0;

  for (guint i = 0; i < self->length; i++)
    if (get_nth (self, i)->message != NULL)
      entries[n++] = *get_nth (self, i);

  g_free (self->entries);
  *self = (ZmqRing){ .entries = entries, .capacity = capacity, .length = n };
}

static void
update_slots (ZmqRing *waiting)
{
  for (guint i = 0; i < waiting->length; i++)
    if (waiting->entries[i].expiry != NULL)
      waiting->entries[i].expiry->slot = i;
}

/* Makes room for one more that waits: where half of them are gaps, these suffice. */
static void
ensure_room_to_wait (ZmqStreamQueue *self)
{
  ZmqRing *waiting = &self->waiting;

  if (waiting->length < waiting->capacity)
    return;

  ring_resize (waiting, self->n_waiting <= waiting->capacity / 2 ? MAX (8, waiting->capacity) : 2 * waiting->capacity);
  update_slots (waiting);
}

static void
ensure_room_for_done (ZmqStreamQueue *self)
{
  if (self->done.length == self->done.capacity)
    ring_resize (&self->done, MAX (8, 2 * self->done.capacity));
}

static void
skip_gaps (ZmqRing *self)
{
  while (self->length > 0 && get_nth (self, 0)->message == NULL)
    ring_pop (self);
}

/*
 * zmqglib_stream_queue_count:
 *
 * Says that there are more or fewer than were admitted, by so many.
 */
void
zmqglib_stream_queue_count (ZmqStreamQueue *self,
                            int             change)
{
  g_atomic_int_set (&self->balance, self->balance + change);
}

/* Ends the wait of a message, which becomes done when that is to be reported. */
static void
finish (ZmqStreamQueue *self,
        ZmqQueueEntry   entry,
        const GError   *error,
        gboolean        keep)
{
  if (entry.expiry != NULL)
    {
      zmqglib_expiry_end (&entry.expiry->expiry);
      g_free (entry.expiry);
    }

  if (!keep)
    zmqglib_stream_queue_count (self, -1);
  g_atomic_int_set (&self->n_waiting, self->n_waiting - 1);
  zmqglib_message_thaw (entry.message);
  if (error != NULL)
    zmqglib_message_end_tracking (entry.message);

  if (!keep)
    {
      zmqglib_message_unref (entry.message);
      return;
    }

  ensure_room_for_done (self);
  ring_push (&self->done, entry.message)->error = error != NULL ? g_error_copy (error) : NULL;
}

/*
 * zmqglib_stream_queue_clear:
 *
 * Drops everything.
 */
void
zmqglib_stream_queue_clear (ZmqStreamQueue *self)
{
  while (self->n_waiting > 0)
    {
      zmqglib_message_end_tracking (zmqglib_stream_queue_peek_waiting (self));
      zmqglib_stream_queue_mark_done (self, NULL, FALSE);
    }

  while (self->done.length > 0)
    {
      g_autoptr (GError) error = NULL;

      zmqglib_message_unref (zmqglib_stream_queue_pop_done (self, &error));
    }

  g_clear_pointer (&self->waiting.entries, g_free);
  g_clear_pointer (&self->done.entries, g_free);
  self->waiting = self->done = (ZmqRing){ 0 };
}

/*
 * zmqglib_stream_queue_push_done:
 * @message: (transfer full): a message
 *
 * Appends a message that has not waited. As its sibling, does not count it.
 */
void
zmqglib_stream_queue_push_done (ZmqStreamQueue *self,
                                ZmqMessage     *message)
{
  ensure_room_for_done (self);
  ring_push (&self->done, message);
}

/*
 * zmqglib_stream_queue_push_waiting:
 *
 * Appends a message, which must not change from now on until it is done.
 */
void
zmqglib_stream_queue_push_waiting (ZmqStreamQueue *self,
                                   ZmqMessage     *message)
{
  zmqglib_message_freeze (message);
  ensure_room_to_wait (self);
  ring_push (&self->waiting, zmqglib_message_ref (message));
  g_atomic_int_set (&self->n_waiting, self->n_waiting + 1);
}

/*
 * zmqglib_stream_queue_limit_last:
 *
 * Returns: (transfer none): what may end the wait of the message that was pushed last, to be begun
 */
ZmqMessageExpiry *
zmqglib_stream_queue_limit_last (ZmqStreamQueue *self,
                                 gpointer        owner)
{
  ZmqQueueEntry    *entry = get_nth (&self->waiting, self->waiting.length - 1);
  ZmqMessageExpiry *expiry = g_new0 (ZmqMessageExpiry, 1);

  expiry->owner = owner;
  expiry->slot = entry - self->waiting.entries;
  entry->expiry = expiry;

  return expiry;
}

/*
 * zmqglib_stream_queue_peek_waiting:
 *
 * Returns: (nullable): the first message that waits
 */
ZmqMessage *
zmqglib_stream_queue_peek_waiting (ZmqStreamQueue *self)
{
  return self->n_waiting > 0 ? get_nth (&self->waiting, 0)->message : NULL;
}

/*
 * zmqglib_stream_queue_mark_done:
 * @error: (nullable): why the message could not be sent
 * @keep: whether that is to be reported
 *
 * Marks the first message that waits as done.
 */
void
zmqglib_stream_queue_mark_done (ZmqStreamQueue *self,
                                const GError   *error,
                                gboolean        keep)
{
  ZmqQueueEntry entry = ring_pop (&self->waiting);

  skip_gaps (&self->waiting);
  finish (self, entry, error, keep);
}

/*
 * zmqglib_stream_queue_drop:
 * @expiry: the one of a message that waits; freed
 * @error: why the message is not sent
 * @keep: whether that is to be reported
 *
 * Marks a message as done that is not wanted any more.
 */
void
zmqglib_stream_queue_drop (ZmqStreamQueue   *self,
                           ZmqMessageExpiry *expiry,
                           const GError     *error,
                           gboolean          keep)
{
  ZmqQueueEntry *entry = &self->waiting.entries[expiry->slot];
  ZmqQueueEntry  dropped = *entry;

  *entry = (ZmqQueueEntry){ 0 };
  skip_gaps (&self->waiting);
  finish (self, dropped, error, keep);
}

/*
 * zmqglib_stream_queue_pop_done:
 * @error: (out) (transfer full): why the message could not be sent, or %NULL
 *
 * Returns: (nullable) (transfer full): the first message that is done
 */
ZmqMessage *
zmqglib_stream_queue_pop_done (ZmqStreamQueue *self,
                               GError        **error)
{
  ZmqQueueEntry entry;

  if (self->done.length == 0)
    return NULL;

  entry = ring_pop (&self->done);
  zmqglib_stream_queue_count (self, -1);
  *error = entry.error;

  return entry.message;
}

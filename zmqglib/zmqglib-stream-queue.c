/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "zmqglib-message-private.h"
#include "zmqglib-stream-queue-private.h"

typedef struct _ZmqQueuedMessage
{
  ZmqMessage *message;
  GError     *error;
} ZmqQueuedMessage;

static ZmqQueuedMessage *
get_nth (ZmqStreamQueue *self,
         guint           index)
{
  /* the capacity is a power of two */
  return &self->entries[(self->head + index) & (self->capacity - 1)];
}

static void
ensure_room (ZmqStreamQueue *self)
{
  guint             n_entries = self->n_done + self->n_waiting;
  guint             capacity = MAX (8, 2 * self->capacity);
  ZmqQueuedMessage *entries;

  if (n_entries < self->capacity)
    return;

  entries = g_new (ZmqQueuedMessage, capacity);
  for (guint i = 0; i < n_entries; i++)
    entries[i] = *get_nth (self, i);

  g_free (self->entries);
  self->entries = entries;
  self->capacity = capacity;
  self->head = 0;
}

static void
push (ZmqStreamQueue *self,
      ZmqMessage     *message)
{
  ensure_room (self);
  *get_nth (self, self->n_done + self->n_waiting) = (ZmqQueuedMessage){
    .message = zmqglib_message_ref (message),
  };
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
    zmqglib_stream_queue_mark_done (self, NULL);

  while (self->n_done > 0)
    {
      g_autoptr (GError) error = NULL;

      zmqglib_message_unref (zmqglib_stream_queue_pop_done (self, &error));
    }

  g_clear_pointer (&self->entries, g_free);
  self->capacity = 0;
}

void
zmqglib_stream_queue_push_done (ZmqStreamQueue *self,
                                ZmqMessage     *message)
{
  g_assert (self->n_waiting == 0);

  push (self, message);
  self->n_done++;
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
  push (self, message);
  self->n_waiting++;
}

/*
 * zmqglib_stream_queue_peek_waiting:
 *
 * Returns: (nullable): the first message that waits
 */
ZmqMessage *
zmqglib_stream_queue_peek_waiting (ZmqStreamQueue *self)
{
  return self->n_waiting > 0 ? get_nth (self, self->n_done)->message : NULL;
}

/*
 * zmqglib_stream_queue_mark_done:
 * @error: (nullable): why the message could not be sent
 *
 * Marks the first message that waits as done.
 */
void
zmqglib_stream_queue_mark_done (ZmqStreamQueue *self,
                                const GError   *error)
{
  ZmqQueuedMessage *entry = get_nth (self, self->n_done);

  zmqglib_message_thaw (entry->message);
  entry->error = error != NULL ? g_error_copy (error) : NULL;
  self->n_done++;
  self->n_waiting--;
}

/*
 * zmqglib_stream_queue_pop_done:
 * @error: (out) (transfer full): why the message could not be sent, or %NULL
 *
 * Returns: (nullable) (transfer full): the first message, when it is done
 */
ZmqMessage *
zmqglib_stream_queue_pop_done (ZmqStreamQueue *self,
                               GError        **error)
{
  ZmqQueuedMessage *entry;

  if (self->n_done == 0)
    return NULL;

  entry = get_nth (self, 0);
  self->head = (self->head + 1) & (self->capacity - 1);
  self->n_done--;
  *error = entry->error;

  return entry->message;
}

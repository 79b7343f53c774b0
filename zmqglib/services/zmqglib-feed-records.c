/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "base/zmqglib-hash-private.h"
#include "message/zmqglib-message-private.h"
#include "services/zmqglib-feed-records-private.h"

/*
 * What a feed shows is a window on a row of records: what is new comes in at the end, and what is too much goes off at
 * the front. A message costs a look into a table and a reference; objects are made for those items only that somebody
 * looks at, and are kept from then on.
 */

struct _ZmqFeedRecord
{
  GList        link; /* in the queue of those that were added, or have changed */
  ZmqFeedState shown;
  ZmqFeedState next; /* without a message when that is the one that is shown */
  ZmqFeedItem *item; /* NULL until somebody asks */
  gboolean     is_shown;

  /* the topic, for the table */
  gconstpointer topic;
  gsize         size;
  gpointer      own_topic; /* NULL in a key that is only looked for */
};

static guint
record_hash (gconstpointer key)
{
  const ZmqFeedRecord *self = key;

  return zmqglib_hash_data (self->topic, self->size);
}

static gboolean
record_equal (gconstpointer a,
              gconstpointer b)
{
  const ZmqFeedRecord *one = a;
  const ZmqFeedRecord *other = b;

  return one->size == other->size && memcmp (one->topic, other->topic, one->size) == 0;
}

static void
record_free (gpointer data)
{
  ZmqFeedRecord *self = data;

  g_clear_pointer (&self->shown.message, zmqglib_message_unref);
  g_clear_pointer (&self->next.message, zmqglib_message_unref);
  g_clear_object (&self->item);
  g_free (self->own_topic);
  g_free (self);
}

void
zmqglib_feed_records_init (ZmqFeedRecords *self)
{
  *self = (ZmqFeedRecords){ .shown = g_ptr_array_new () };
}

void
zmqglib_feed_records_clear (ZmqFeedRecords *self)
{
  GList *link;

  g_clear_pointer (&self->topics, g_hash_table_unref);
  while ((link = g_queue_pop_head_link (&self->added)) != NULL)
    record_free (link->data);
  g_ptr_array_set_free_func (self->shown, record_free);
  g_ptr_array_unref (self->shown);
}

/* Lets go of the first of those that stay. One that is shown is so until the next time; a message of its topic is another
 * record. */
static void
let_first_go (ZmqFeedRecords *self)
{
  gboolean       is_shown = self->n_going < self->shown->len;
  ZmqFeedRecord *record = is_shown ? self->shown->pdata[self->n_going] : self->added.head->data;

  if (self->topics != NULL)
    g_hash_table_remove (self->topics, record);

  if (!is_shown)
    {
      g_queue_unlink (&self->added, &record->link);
      record_free (record);
      return;
    }

  self->n_going++;
  if (record->next.message != NULL)
    {
      g_queue_unlink (&self->changed, &record->link);
      g_clear_pointer (&record->next.message, zmqglib_message_unref);
    }
}

static guint
count_staying (ZmqFeedRecords *self)
{
  return self->shown->len - self->n_going + self->added.length;
}

static void
limit (ZmqFeedRecords *self)
{
  while (self->max_items > 0 && count_staying (self) > self->max_items)
    let_first_go (self);
}

/*
 * zmqglib_feed_records_set_mode:
 *
 * Begins anew, in another mode. What is shown stays until zmqglib_feed_records_show().
 */
void
zmqglib_feed_records_set_mode (ZmqFeedRecords *self,
                               ZmqFeedMode     mode)
{
  self->mode = mode;
  while (count_staying (self) > 0)
    let_first_go (self);
}

void
zmqglib_feed_records_set_max_items (ZmqFeedRecords *self,
                                    guint           max_items)
{
  self->max_items = max_items;
  limit (self);
}

static void
add (ZmqFeedRecords *self,
     ZmqFeedRecord  *record)
{
  record->link.data = record;
  g_queue_push_tail_link (&self->added, &record->link);
  limit (self);
}

static ZmqFeedRecord *
find (ZmqFeedRecords *self,
      ZmqMessage     *message)
{
  ZmqFeedRecord key;

  key.topic = zmqglib_frame_get_data (zmqglib_message_get_nth_frame (message, 0), &key.size);
  if (self->topics == NULL)
    self->topics = g_hash_table_new (record_hash, record_equal);

  return g_hash_table_lookup (self->topics, &key);
}

static ZmqFeedRecord *
record_new (ZmqMessage *message)
{
  ZmqFeedRecord *self = g_new0 (ZmqFeedRecord, 1);

  self->next = (ZmqFeedState){ zmqglib_message_ref (message), g_get_real_time (), 1 };

  return self;
}

static void
add_topic (ZmqFeedRecords *self,
           ZmqMessage     *message)
{
  ZmqFeedRecord *record = record_new (message);

  record->topic = zmqglib_frame_get_data (zmqglib_message_get_nth_frame (message, 0), &record->size);
  record->topic = record->own_topic = record->size > 0 ? g_memdup2 (record->topic, record->size) : g_malloc (1);
  g_hash_table_add (self->topics, record);
  add (self, record);
}

static void
update (ZmqFeedRecords *self,
        ZmqFeedRecord  *record,
        ZmqMessage     *message)
{
  ZmqMessage *old = record->next.message;

  if (record->is_shown && old == NULL)
    {
      record->link.data = record;
      g_queue_push_tail_link (&self->changed, &record->link);
      record->next.n_updates = record->shown.n_updates;
    }

  record->next = (ZmqFeedState){ zmqglib_message_ref (message), g_get_real_time (), record->next.n_updates + 1 };
  g_clear_pointer (&old, zmqglib_message_unref);
}

/*
 * zmqglib_feed_records_take:
 * @message: one that has come in
 */
void
zmqglib_feed_records_take (ZmqFeedRecords *self,
                           ZmqMessage     *message)
{
  ZmqFeedRecord *record;

  if (self->mode == ZMQGLIB_FEED_MODE_LOG)
    {
      add (self, record_new (message));
      return;
    }

  record = find (self, message);
  if (record != NULL)
    update (self, record, message);
  else
    add_topic (self, message);
}

/*
 * zmqglib_feed_records_is_changed:
 *
 * Whether there is anything to show.
 */
gboolean
zmqglib_feed_records_is_changed (ZmqFeedRecords *self)
{
  return self->added.length > 0 || self->changed.length > 0 || self->n_going > 0;
}

static void
show_next (ZmqFeedRecord *record,
           ZmqFeedChange *change)
{
  if (record->shown.message != NULL)
    g_ptr_array_add (change->garbage, record->shown.message);
  record->shown = record->next;
  record->next.message = NULL;
}

static void
show_changed (ZmqFeedRecords *self,
              ZmqFeedChange  *change)
{
  GList *link;

  while ((link = g_queue_pop_head_link (&self->changed)) != NULL)
    {
      ZmqFeedRecord *record = link->data;

      show_next (record, change);
      if (record->item == NULL)
        continue;

      zmqglib_feed_item_set_state (record->item, &record->shown);
      if (zmqglib_feed_item_is_watched (record->item))
        g_ptr_array_add (change->items, g_object_ref (record->item));
    }
}

static void
remove_going (ZmqFeedRecords *self,
              ZmqFeedChange  *change)
{
  for (guint i = 0; i < self->n_going; i++)
    {
      ZmqFeedRecord *record = self->shown->pdata[i];

      g_ptr_array_add (change->garbage, g_steal_pointer (&record->shown.message));
      if (record->item != NULL)
        g_ptr_array_add (change->gone, g_steal_pointer (&record->item));
      record_free (record);
    }

  if (self->n_going > 0)
    g_ptr_array_remove_range (self->shown, 0, self->n_going);
  self->n_going = 0;
}

static void
show_added (ZmqFeedRecords *self,
            ZmqFeedChange  *change)
{
  GList *link;

  while ((link = g_queue_pop_head_link (&self->added)) != NULL)
    {
      ZmqFeedRecord *record = link->data;

      show_next (record, change);
      record->is_shown = TRUE;
      g_ptr_array_add (self->shown, record);
    }
}

/*
 * zmqglib_feed_records_show:
 * @change: (out): what has become of the list, to be cleared
 *
 * Shows what has come. When something goes and something comes it is one change of the whole list.
 */
void
zmqglib_feed_records_show (ZmqFeedRecords *self,
                           ZmqFeedChange  *change)
{
  guint n_before = self->shown->len;

  *change = (ZmqFeedChange){
    .n_removed = self->n_going,
    .n_added = self->added.length,
    .items = g_ptr_array_new_with_free_func (g_object_unref),
    .gone = g_ptr_array_new_with_free_func (g_object_unref),
    .garbage = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_message_unref),
  };

  remove_going (self, change);
  show_changed (self, change);
  show_added (self, change);

  if (change->n_removed > 0 && change->n_added > 0)
    {
      change->n_removed = n_before;
      change->n_added = self->shown->len;
    }
  else
    change->position = change->n_added > 0 ? n_before : 0;
}

/*
 * zmqglib_feed_records_get_item:
 *
 * Returns: (transfer full) (nullable): the item there, as it is shown
 */
ZmqFeedItem *
zmqglib_feed_records_get_item (ZmqFeedRecords *self,
                               guint           position)
{
  ZmqFeedRecord *record;

  if (position >= self->shown->len)
    return NULL;

  record = self->shown->pdata[position];
  if (record->item == NULL)
    record->item = zmqglib_feed_item_new (&record->shown);

  return g_object_ref (record->item);
}

void
zmqglib_feed_change_clear (ZmqFeedChange *self)
{
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->gone, g_ptr_array_unref);
  g_clear_pointer (&self->garbage, g_ptr_array_unref);
}

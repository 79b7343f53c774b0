/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "inspector-store.h"

/* A ring that grows up to its limit. */

#define FIRST_CAPACITY 256
#define FRAME_BYTES    128 /* about what a frame takes beside its content */

struct _InspectorStore
{
  GObject         parent_instance;
  InspectorEntry *ring;
  guint           capacity;
  guint           max_entries;
  gsize           max_bytes;
  gsize           held_bytes;
  guint64         first;
  guint64         end;
  guint64         n_messages[INSPECTOR_N_DIRECTIONS];
  guint64         n_bytes[INSPECTOR_N_DIRECTIONS];
  gboolean        is_dirty;
};

G_DEFINE_FINAL_TYPE (InspectorStore, inspector_store, G_TYPE_OBJECT)

static guint dirty_signal;

/* A peer may send frames of nothing. */
static gsize
measure (ZmqMessage *message)
{
  return zmqglib_message_get_size (message) + FRAME_BYTES * (gsize) MAX (zmqglib_message_get_n_frames (message), 1);
}

static void
drop_first (InspectorStore *self)
{
  InspectorEntry *entry = &self->ring[self->first++ % self->capacity];

  self->held_bytes -= measure (entry->message);
  inspector_entry_clear (entry);
}

static void
inspector_store_finalize (GObject *object)
{
  InspectorStore *self = INSPECTOR_STORE (object);

  while (self->first < self->end)
    drop_first (self);
  g_free (self->ring);

  G_OBJECT_CLASS (inspector_store_parent_class)->finalize (object);
}

static void
inspector_store_class_init (InspectorStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = inspector_store_finalize;

  dirty_signal = g_signal_new ("dirty", INSPECTOR_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
inspector_store_init (InspectorStore *self)
{
}

InspectorStore *
inspector_store_new (guint max_entries,
                     gsize max_bytes)
{
  InspectorStore *self = g_object_new (INSPECTOR_TYPE_STORE, NULL);

  self->max_entries = MAX (max_entries, 1);
  self->max_bytes = max_bytes;
  self->capacity = MIN (self->max_entries, FIRST_CAPACITY);
  self->ring = g_new0 (InspectorEntry, self->capacity);

  return self;
}

static void
become_dirty (InspectorStore *self)
{
  if (self->is_dirty)
    return;

  self->is_dirty = TRUE;
  g_signal_emit (self, dirty_signal, 0);
}

static void
grow (InspectorStore *self)
{
  guint           capacity = MIN (self->max_entries, 2 * self->capacity);
  InspectorEntry *ring = g_new0 (InspectorEntry, capacity);

  for (guint64 number = self->first; number < self->end; number++)
    ring[number % capacity] = self->ring[number % self->capacity];
  g_free (self->ring);
  self->ring = ring;
  self->capacity = capacity;
}

static void
make_room (InspectorStore *self,
           gsize           size)
{
  /* the latest is kept, however large it is */
  while (self->first < self->end && (self->end - self->first == self->max_entries || self->held_bytes + size > self->max_bytes))
    drop_first (self);
  if (self->end - self->first == self->capacity)
    grow (self);
}

void
inspector_store_append (InspectorStore    *self,
                        InspectorDirection direction,
                        gint64             time,
                        ZmqMessage        *message)
{
  gsize size = measure (message);

  make_room (self, size);
  inspector_entry_init (&self->ring[self->end++ % self->capacity], direction, time, message);
  self->held_bytes += size;
  self->n_messages[direction]++;
  self->n_bytes[direction] += zmqglib_message_get_size (message);
  become_dirty (self);
}

void
inspector_store_clear (InspectorStore *self)
{
  while (self->first < self->end)
    drop_first (self);
  become_dirty (self);
}

guint64
inspector_store_get_first (InspectorStore *self)
{
  return self->first;
}

guint64
inspector_store_get_end (InspectorStore *self)
{
  return self->end;
}

const InspectorEntry *
inspector_store_get_entry (InspectorStore *self,
                           guint64         number)
{
  return number >= self->first && number < self->end ? &self->ring[number % self->capacity] : NULL;
}

guint64
inspector_store_get_n_messages (InspectorStore    *self,
                                InspectorDirection direction)
{
  return self->n_messages[direction];
}

guint64
inspector_store_get_n_bytes (InspectorStore    *self,
                             InspectorDirection direction)
{
  return self->n_bytes[direction];
}

void
inspector_store_look (InspectorStore *self)
{
  self->is_dirty = FALSE;
}

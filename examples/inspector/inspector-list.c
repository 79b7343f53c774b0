/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "inspector-list.h"

#define BYTES_AT_ONCE 65536 /* to be looked at before one looks at the clock again */
#define MESSAGE_BYTES 1024  /* as many as take as long as a message without any */

struct _InspectorList
{
  GObject          parent_instance;
  InspectorStore  *store;
  InspectorFilter *filter;
  GArray          *numbers; /* of guint64: what is shown, from “head” on */
  guint            head;
  guint64          scanned; /* up to where the store has been looked through */
};

static guint outdated_signal;

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (InspectorList, inspector_list, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static guint
count (InspectorList *self)
{
  return self->numbers->len - self->head;
}

static GType
get_item_type (GListModel *model)
{
  return INSPECTOR_TYPE_RECORD;
}

static guint
get_n_items (GListModel *model)
{
  return count (INSPECTOR_LIST (model));
}

/* Of what the store has dropped since the last update an empty message is shown until the next one. */
static gpointer
get_item (GListModel *model,
          guint       position)
{
  InspectorList        *self = INSPECTOR_LIST (model);
  guint64               number;
  const InspectorEntry *entry;
  g_autoptr (ZmqMessage) nothing = NULL;
  InspectorEntry gone = { 0 };

  if (position >= count (self))
    return NULL;

  number = inspector_list_get_number (self, position);
  entry = inspector_store_get_entry (self->store, number);
  if (entry == NULL)
    {
      gone.message = nothing = zmqglib_message_new ();
      entry = &gone;
    }

  return inspector_record_new (entry, number);
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
on_dirty (InspectorStore *store,
          InspectorList  *self)
{
  g_signal_emit (self, outdated_signal, 0);
}

static void
inspector_list_dispose (GObject *object)
{
  InspectorList *self = INSPECTOR_LIST (object);

  if (self->store != NULL)
    g_signal_handlers_disconnect_by_func (self->store, on_dirty, self);
  g_clear_object (&self->store);
  g_clear_pointer (&self->filter, inspector_filter_free);

  G_OBJECT_CLASS (inspector_list_parent_class)->dispose (object);
}

static void
inspector_list_finalize (GObject *object)
{
  g_array_unref (INSPECTOR_LIST (object)->numbers);

  G_OBJECT_CLASS (inspector_list_parent_class)->finalize (object);
}

static void
inspector_list_class_init (InspectorListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = inspector_list_dispose;
  object_class->finalize = inspector_list_finalize;

  outdated_signal = g_signal_new ("outdated", INSPECTOR_TYPE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
inspector_list_init (InspectorList *self)
{
  self->numbers = g_array_new (FALSE, FALSE, sizeof (guint64));
}

InspectorList *
inspector_list_new (InspectorStore *store)
{
  InspectorList *self = g_object_new (INSPECTOR_TYPE_LIST, NULL);

  self->store = g_object_ref (store);
  g_signal_connect (store, "dirty", G_CALLBACK (on_dirty), self);

  return self;
}

guint64
inspector_list_get_number (InspectorList *self,
                           guint          position)
{
  return g_array_index (self->numbers, guint64, self->head + position);
}

guint
inspector_list_find (InspectorList *self,
                     guint64        number)
{
  guint low = 0;
  guint high = count (self);

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (inspector_list_get_number (self, middle) < number)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

static void
drop_gone (InspectorList *self)
{
  guint n_gone = inspector_list_find (self, inspector_store_get_first (self->store));

  if (n_gone == 0)
    return;

  self->head += n_gone;
  if (self->head > self->numbers->len / 2)
    {
      g_array_remove_range (self->numbers, 0, self->head);
      self->head = 0;
    }
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_gone, 0);
}

/* Returns whether something is left. */
static gboolean
scan (InspectorList *self,
      gint64         deadline)
{
  guint64 end = inspector_store_get_end (self->store);

  gsize n_bytes = 0;

  self->scanned = MAX (self->scanned, inspector_store_get_first (self->store));
  for (; self->scanned < end; self->scanned++)
    {
      const InspectorEntry *entry = inspector_store_get_entry (self->store, self->scanned);

      if (n_bytes >= BYTES_AT_ONCE && g_get_monotonic_time () >= deadline)
        return TRUE;
      n_bytes = n_bytes % BYTES_AT_ONCE + MESSAGE_BYTES + (self->filter != NULL ? zmqglib_message_get_size (entry->message) : 0);
      if (self->filter == NULL || inspector_filter_matches (self->filter, entry))
        g_array_append_val (self->numbers, self->scanned);
    }

  return FALSE;
}

gboolean
inspector_list_update (InspectorList *self,
                       gint64         time_us)
{
  guint    n_before;
  gboolean is_more;

  inspector_store_look (self->store);
  drop_gone (self);
  n_before = count (self);
  is_more = scan (self, g_get_monotonic_time () + time_us);
  if (count (self) > n_before)
    g_list_model_items_changed (G_LIST_MODEL (self), n_before, 0, count (self) - n_before);

  return is_more;
}

void
inspector_list_set_filter (InspectorList   *self,
                           InspectorFilter *filter)
{
  guint n_before = count (self);

  g_clear_pointer (&self->filter, inspector_filter_free);
  self->filter = filter;
  self->scanned = 0;
  self->head = 0;
  g_array_set_size (self->numbers, 0);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, 0);
  g_signal_emit (self, outdated_signal, 0);
}

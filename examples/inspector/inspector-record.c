/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "inspector-record.h"

struct _InspectorRecord
{
  GObject        parent_instance;
  InspectorEntry entry;
  guint64        number;
};

G_DEFINE_FINAL_TYPE (InspectorRecord, inspector_record, G_TYPE_OBJECT)

static void
inspector_record_finalize (GObject *object)
{
  inspector_entry_clear (&INSPECTOR_RECORD (object)->entry);

  G_OBJECT_CLASS (inspector_record_parent_class)->finalize (object);
}

static void
inspector_record_class_init (InspectorRecordClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = inspector_record_finalize;
}

static void
inspector_record_init (InspectorRecord *self)
{
}

InspectorRecord *
inspector_record_new (const InspectorEntry *entry,
                      guint64               number)
{
  InspectorRecord *self = g_object_new (INSPECTOR_TYPE_RECORD, NULL);

  inspector_entry_init (&self->entry, entry->direction, entry->time, entry->message);
  self->number = number;

  return self;
}

const InspectorEntry *
inspector_record_get_entry (InspectorRecord *self)
{
  return &self->entry;
}

guint64
inspector_record_get_number (InspectorRecord *self)
{
  return self->number;
}

void
inspector_entry_init (InspectorEntry    *self,
                      InspectorDirection direction,
                      gint64             time,
                      ZmqMessage        *message)
{
  self->message = zmqglib_message_ref (message);
  self->time = time;
  self->direction = direction;
}

void
inspector_entry_clear (InspectorEntry *self)
{
  g_clear_pointer (&self->message, zmqglib_message_unref);
}

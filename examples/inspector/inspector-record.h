/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib.h>

G_BEGIN_DECLS

/* Which way a message went; the numbers are those of recordings. */
typedef enum
{
  INSPECTOR_RECEIVED = 0,
  INSPECTOR_SENT = 1,
  INSPECTOR_TO_BACKEND = 2,
  INSPECTOR_TO_FRONTEND = 3
} InspectorDirection;

#define INSPECTOR_N_DIRECTIONS 4

/* What is kept of a message: no object, since there may be a hundred thousand, of which few are ever looked at. */
typedef struct
{
  ZmqMessage        *message;
  gint64             time; /* µs since 1970 */
  InspectorDirection direction;
} InspectorEntry;

#define INSPECTOR_TYPE_RECORD (inspector_record_get_type ())
G_DECLARE_FINAL_TYPE (InspectorRecord, inspector_record, INSPECTOR, RECORD, GObject)

/* An entry as an object, for lists. */
InspectorRecord *inspector_record_new (const InspectorEntry *entry,
                                       guint64               number);

const InspectorEntry *inspector_record_get_entry (InspectorRecord *self);
guint64               inspector_record_get_number (InspectorRecord *self);

/* to be cleared; and the other way round */
void inspector_entry_init (InspectorEntry    *self,
                           InspectorDirection direction,
                           gint64             time,
                           ZmqMessage        *message);
void inspector_entry_clear (InspectorEntry *self);

G_END_DECLS

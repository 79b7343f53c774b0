/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "inspector-record.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_STORE (inspector_store_get_type ())
G_DECLARE_FINAL_TYPE (InspectorStore, inspector_store, INSPECTOR, STORE, GObject)

/* The latest messages: at most so many, and of so many bytes. Each has a number, from 0 on, which it keeps. */
InspectorStore *inspector_store_new (guint max_entries,
                                     gsize max_bytes);

void inspector_store_append (InspectorStore    *self,
                             InspectorDirection direction,
                             gint64             time,
                             ZmqMessage        *message);
void inspector_store_clear (InspectorStore *self);

/* the number of the oldest that is there, and of the one that is to come */
guint64 inspector_store_get_first (InspectorStore *self);
guint64 inspector_store_get_end (InspectorStore *self);
/* nullable; valid until the store changes */
const InspectorEntry *inspector_store_get_entry (InspectorStore *self,
                                                 guint64         number);

/* of all that ever came, also of what is not there any more */
guint64 inspector_store_get_n_messages (InspectorStore    *self,
                                        InspectorDirection direction);
guint64 inspector_store_get_n_bytes (InspectorStore    *self,
                                     InspectorDirection direction);

/* From then on the next change is told by the signal “dirty” again, which is once however many there are. */
void inspector_store_look (InspectorStore *self);

G_END_DECLS

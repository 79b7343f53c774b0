/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "inspector-record.h"

G_BEGIN_DECLS

/* Recordings, as zmqglib-inspector(1) describes them: all numbers little-endian, a head and then one record after the other,
 * so that what was broken off can be read up to there. */

typedef void (*InspectorRecordingFunc) (const InspectorEntry *entry,
                                        gpointer              user_data);

/* Reads all that is whole. The frames share the memory of the bytes. Fails for what is no recording, or damaged; one that
 * ends in the middle of a record is not, and says so by is_cut. */
gboolean inspector_recording_read (GBytes                *bytes,
                                   InspectorRecordingFunc func,
                                   gpointer               user_data,
                                   gboolean              *is_cut,
                                   GError               **error);

gboolean inspector_recording_write_head (GOutputStream *stream,
                                         GCancellable  *cancellable,
                                         GError       **error);
gboolean inspector_recording_write (GOutputStream        *stream,
                                    const InspectorEntry *entry,
                                    GCancellable         *cancellable,
                                    GError              **error);

/* In a thread of its own: the records, an array of InspectorRecord, into a file that is there when all is written. */
void     inspector_recording_save_async (GFile              *file,
                                         GPtrArray          *records,
                                         GCancellable       *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer            user_data);
gboolean inspector_recording_save_finish (GAsyncResult *result,
                                          GError      **error);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "inspector-recording.h"

/*
 *   head     8 bytes: 89 5a 4d 51 52 45 43 0a; u32: version, 1
 *   record   u32: size of what follows; i64: time, in µs since 1970; u8: direction; 3 bytes: 0; u32: number of frames;
 *            frames
 *   frame    u32: size; content
 */

#define MAGIC        "\x89ZMQREC\n"
#define MAGIC_SIZE   8
#define VERSION      1
#define HEAD_SIZE    (MAGIC_SIZE + 4)
#define FIXED_SIZE   16 /* of a record, after its size and without its frames */
#define MAX_N_FRAMES 1000000

typedef struct
{
  GBytes       *bytes;
  const guint8 *data;
  gsize         size;
  gsize         at;
} Reader;

static guint32
peek_u32 (const guint8 *data)
{
  guint32 number;

  memcpy (&number, data, sizeof number);

  return GUINT32_FROM_LE (number);
}

static gint64
peek_i64 (const guint8 *data)
{
  gint64 number;

  memcpy (&number, data, sizeof number);

  return GINT64_FROM_LE (number);
}

static gboolean
fail (gsize    at,
      GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("The recording is damaged at byte %lu"), (gulong) at);

  return FALSE;
}

static gboolean
read_head (Reader  *self,
           GError **error)
{
  if (self->size < HEAD_SIZE || memcmp (self->data, MAGIC, MAGIC_SIZE) != 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("This is no recording"));
  else if (peek_u32 (self->data + MAGIC_SIZE) != VERSION)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _ ("This is a recording of version %u, which a later program has written"), peek_u32 (self->data + MAGIC_SIZE));
  else
    {
      self->at = HEAD_SIZE;
      return TRUE;
    }

  return FALSE;
}

/* Up to the end of the record, which has to be just that of its last frame. */
static ZmqMessage *
read_frames (Reader *self,
             gsize   end,
             guint32 n_frames)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();

  for (guint32 i = 0; i < n_frames; i++)
    {
      g_autoptr (GBytes) frame = NULL;
      guint32 size;

      if (end - self->at < 4)
        return NULL;
      size = peek_u32 (self->data + self->at);
      self->at += 4;
      if (end - self->at < size)
        return NULL;
      frame = g_bytes_new_from_bytes (self->bytes, self->at, size);
      zmqglib_message_append_bytes (message, frame);
      self->at += size;
    }

  return self->at == end ? g_steal_pointer (&message) : NULL;
}

static gboolean
read_record (Reader                *self,
             gsize                  size,
             InspectorRecordingFunc func,
             gpointer               user_data,
             GError               **error)
{
  const guint8 *data = self->data + self->at;
  gsize         start = self->at;
  gsize         end = self->at + size;
  guint32       n_frames = peek_u32 (data + 12);
  g_autoptr (ZmqMessage) message = NULL;
  InspectorEntry entry = { 0 };

  if (data[8] >= INSPECTOR_N_DIRECTIONS || data[9] != 0 || data[10] != 0 || data[11] != 0 || n_frames > MAX_N_FRAMES)
    return fail (start, error);

  self->at += FIXED_SIZE;
  message = read_frames (self, end, n_frames);
  if (message == NULL)
    return fail (start, error);

  entry.message = message;
  entry.time = peek_i64 (data);
  entry.direction = data[8];
  func (&entry, user_data);

  return TRUE;
}

gboolean
inspector_recording_read (GBytes                *bytes,
                          InspectorRecordingFunc func,
                          gpointer               user_data,
                          gboolean              *is_cut,
                          GError               **error)
{
  Reader self = { .bytes = bytes };

  self.data = g_bytes_get_data (bytes, &self.size);
  *is_cut = FALSE;
  if (!read_head (&self, error))
    return FALSE;

  while (self.at < self.size && !*is_cut)
    {
      gsize rest = self.size - self.at;
      gsize size = rest >= 4 ? peek_u32 (self.data + self.at) : 0;

      if (rest >= 4 && size < FIXED_SIZE)
        return fail (self.at, error);
      *is_cut = rest < 4 || rest - 4 < size;
      self.at += *is_cut ? 0 : 4;
      if (!*is_cut && !read_record (&self, size, func, user_data, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
write_u32 (GOutputStream *stream,
           guint32        number,
           GCancellable  *cancellable,
           GError       **error)
{
  guint32 written = GUINT32_TO_LE (number);

  return g_output_stream_write_all (stream, &written, sizeof written, NULL, cancellable, error);
}

gboolean
inspector_recording_write_head (GOutputStream *stream,
                                GCancellable  *cancellable,
                                GError       **error)
{
  return g_output_stream_write_all (stream, MAGIC, MAGIC_SIZE, NULL, cancellable, error) &&
         write_u32 (stream, VERSION, cancellable, error);
}

static gboolean
write_fixed (GOutputStream        *stream,
             const InspectorEntry *entry,
             GCancellable         *cancellable,
             GError              **error)
{
  gint64 time = GINT64_TO_LE (entry->time);
  guint8 direction[4] = { entry->direction };

  return g_output_stream_write_all (stream, &time, sizeof time, NULL, cancellable, error) &&
         g_output_stream_write_all (stream, direction, sizeof direction, NULL, cancellable, error) &&
         write_u32 (stream, zmqglib_message_get_n_frames (entry->message), cancellable, error);
}

gboolean
inspector_recording_write (GOutputStream        *stream,
                           const InspectorEntry *entry,
                           GCancellable         *cancellable,
                           GError              **error)
{
  guint   n_frames = zmqglib_message_get_n_frames (entry->message);
  guint64 size = FIXED_SIZE + 4 * (guint64) n_frames + zmqglib_message_get_size (entry->message);

  if (size > G_MAXUINT32 || n_frames > MAX_N_FRAMES)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _ ("A message is too large for a recording"));
      return FALSE;
    }
  if (!write_u32 (stream, size, cancellable, error) || !write_fixed (stream, entry, cancellable, error))
    return FALSE;

  for (guint i = 0; i < n_frames; i++)
    {
      gsize         frame_size;
      gconstpointer data = zmqglib_message_peek_frame (entry->message, i, &frame_size);

      if (!write_u32 (stream, frame_size, cancellable, error) ||
          !g_output_stream_write_all (stream, data, frame_size, NULL, cancellable, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
write_all (GOutputStream *stream,
           GPtrArray     *records,
           GCancellable  *cancellable,
           GError       **error)
{
  if (!inspector_recording_write_head (stream, cancellable, error))
    return FALSE;
  for (guint i = 0; i < records->len; i++)
    if (!inspector_recording_write (stream, inspector_record_get_entry (records->pdata[i]), cancellable, error))
      return FALSE;

  return g_output_stream_close (stream, cancellable, error);
}

static void
save (GTask        *task,
      gpointer      source,
      gpointer      data,
      GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) leave = g_cancellable_new ();
  g_autoptr (GFileOutputStream) file_stream = g_file_replace (source, NULL, FALSE, G_FILE_CREATE_PRIVATE, cancellable, &error);
  g_autoptr (GOutputStream) stream = NULL;

  if (file_stream != NULL)
    stream = g_buffered_output_stream_new_sized (G_OUTPUT_STREAM (file_stream), 1 << 16);
  if (stream != NULL && write_all (stream, data, cancellable, &error))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  /* closed by who is cancelled, what is there now does not take the place of what was there */
  g_cancellable_cancel (leave);
  if (stream != NULL)
    g_output_stream_close (stream, leave, NULL);
  g_task_return_error (task, g_steal_pointer (&error));
}

void
inspector_recording_save_async (GFile              *file,
                                GPtrArray          *records,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (file, cancellable, callback, user_data);

  g_task_set_task_data (task, g_ptr_array_ref (records), (GDestroyNotify) g_ptr_array_unref);
  g_task_run_in_thread (task, save);
}

gboolean
inspector_recording_save_finish (GAsyncResult *result,
                                 GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

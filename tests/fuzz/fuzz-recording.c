/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

#include "inspector-recording.h"

/* A recording of the inspector, from any bytes: what is read is written again, and is then the same, byte for byte, as far as
 * it was whole. */

static void
on_entry (const InspectorEntry *entry,
          gpointer              user_data)
{
  g_autoptr (GError) error = NULL;

  fuzz_assert (entry->direction < INSPECTOR_N_DIRECTIONS);
  fuzz_assert (inspector_recording_write (user_data, entry, NULL, &error));
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  GMemoryOutputStream *memory = G_MEMORY_OUTPUT_STREAM (stream);
  g_autoptr (GError) error = NULL;
  gboolean is_cut, is_read;
  gsize    written;

  fuzz_assert (inspector_recording_write_head (stream, NULL, NULL));
  is_read = inspector_recording_read (bytes, on_entry, stream, &is_cut, &error);
  fuzz_check_error (is_read, &error);

  written = g_memory_output_stream_get_data_size (memory);
  if (is_read || written > 12)
    fuzz_assert (written <= size && memcmp (g_memory_output_stream_get_data (memory), data, written) == 0);
  if (is_read)
    fuzz_assert (is_cut == (written < size));

  return 0;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>

#include "inspector-recording.h"
#include "test-util.h"

#define HEAD "\x89ZMQREC\n\1\0\0\0"

/* one frame, “hi”, which was sent at 258 µs */
#define RECORD "\26\0\0\0\2\1\0\0\0\0\0\0\1\0\0\0\1\0\0\0\2\0\0\0hi"

#define BYTES(literal) g_bytes_new_static (literal, sizeof (literal) - 1)

typedef struct
{
  guint  n;
  gint64 time;
  guint  n_frames;
} Seen;

static void
on_entry (const InspectorEntry *entry,
          gpointer              user_data)
{
  Seen *seen = user_data;

  seen->n++;
  seen->time = entry->time;
  seen->n_frames = zmqglib_message_get_n_frames (entry->message);
  if (seen->n == 1)
    {
      g_autofree char *text = zmqglib_message_get_string (entry->message, 0, NULL);

      g_assert_cmpstr (text, ==, "hi");
      g_assert_cmpint (entry->direction, ==, INSPECTOR_SENT);
    }
}

static void
assert_read (GBytes  *bytes,
             guint    n,
             gboolean is_cut)
{
  g_autoptr (GBytes) owned G_GNUC_UNUSED = bytes;
  g_autoptr (GError) error = NULL;
  Seen     seen = { 0 };
  gboolean was_cut;

  g_assert_true (inspector_recording_read (bytes, on_entry, &seen, &was_cut, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (seen.n, ==, n);
  g_assert_cmpint (was_cut, ==, is_cut);
}

static void
test_read (void)
{
  assert_read (BYTES (HEAD), 0, FALSE);
  assert_read (BYTES (HEAD RECORD), 1, FALSE);
  assert_read (BYTES (HEAD RECORD RECORD), 2, FALSE);
}

static void
test_read_cut (void)
{
  static const char whole[] = HEAD RECORD RECORD;

  for (gsize size = sizeof (HEAD RECORD); size < sizeof whole - 1; size++)
    assert_read (g_bytes_new_static (whole, size), 1, TRUE);
}

static void
assert_refused (GBytes     *bytes,
                const char *text)
{
  g_autoptr (GBytes) owned G_GNUC_UNUSED = bytes;
  g_autoptr (GError) error = NULL;
  Seen     seen = { 0 };
  gboolean is_cut;

  g_assert_false (inspector_recording_read (bytes, on_entry, &seen, &is_cut, &error));
  g_assert_nonnull (error);
  if (strstr (error->message, text) == NULL)
    g_error ("“%s” is not in “%s”", text, error->message);
}

static void
test_read_damaged (void)
{
  assert_refused (BYTES (""), "no recording");
  assert_refused (BYTES ("\x89ZMQREC\r\1\0\0\0"), "no recording");
  assert_refused (BYTES ("\x89ZMQREC\n\2\0\0\0"), "version 2");
  /* too short for a record; a direction, a reserved byte; frames beyond the record; bytes after the frames */
  assert_refused (BYTES (HEAD RECORD "\17\0\0\0"), "byte 38");
  assert_refused (BYTES (HEAD "\20\0\0\0\0\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0"), "byte 16");
  assert_refused (BYTES (HEAD "\20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0"), "byte 16");
  assert_refused (BYTES (HEAD "\20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0"), "byte 16");
  assert_refused (BYTES (HEAD "\24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0"), "byte 16");
  assert_refused (BYTES (HEAD "\25\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0x"), "byte 16");
  assert_refused (BYTES (HEAD "\20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\377\377\377\377"), "byte 16");
}

static void
on_saved (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  GAsyncResult **got = user_data;

  *got = g_object_ref (result);
}

static void
test_save (void)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *folder = g_dir_make_tmp ("inspector-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (ZmqMessage) first = zmqglib_message_new_from_string ("hi");
  g_autoptr (ZmqMessage) last = zmqglib_message_new_strings ("", "second", NULL);
  const InspectorEntry entries[] = { { first, 258, INSPECTOR_SENT }, { last, -5, INSPECTOR_TO_FRONTEND } };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  Seen     seen = { 0 };
  gboolean is_cut;

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    g_ptr_array_add (records, inspector_record_new (&entries[i], i));
  inspector_recording_save_async (file, records, NULL, on_saved, &result);
  test_until (result != NULL);
  g_assert_true (inspector_recording_save_finish (result, &error));
  g_assert_no_error (error);

  bytes = g_file_load_bytes (file, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (inspector_recording_read (bytes, on_entry, &seen, &is_cut, &error));
  g_assert_cmpuint (seen.n, ==, 2);
  g_assert_cmpint (seen.time, ==, -5);
  g_assert_cmpuint (seen.n_frames, ==, 2);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), sizeof (HEAD RECORD) - 1, HEAD RECORD, sizeof (HEAD RECORD) - 1);

  g_unlink (path);
  g_rmdir (folder);
}

/* What was there before is there still. */
static void
assert_not_saved (ZmqMessage   *message,
                  GCancellable *cancellable,
                  int           code)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *folder = g_dir_make_tmp ("inspector-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  g_autofree char *content = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  const InspectorEntry entry = { .message = message };

  g_assert_true (g_file_set_contents (path, "before", -1, NULL));
  g_ptr_array_add (records, inspector_record_new (&entry, 0));
  inspector_recording_save_async (file, records, cancellable, on_saved, &result);
  test_until (result != NULL);
  g_assert_false (inspector_recording_save_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, code);
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "before");

  g_unlink (path);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_save_fails (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ZmqMessage) small = zmqglib_message_new_from_string ("small");
  g_autoptr (ZmqMessage) large = zmqglib_message_new ();

  g_cancellable_cancel (cancellable);
  assert_not_saved (small, cancellable, G_IO_ERROR_CANCELLED);
  /* when some of it was written already */
  for (guint i = 0; i <= 1000000; i++)
    zmqglib_message_append_data (large, NULL, 0);
  assert_not_saved (large, NULL, G_IO_ERROR_NOT_SUPPORTED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/inspector/recording/read", test_read);
  g_test_add_func ("/inspector/recording/read-cut", test_read_cut);
  g_test_add_func ("/inspector/recording/read-damaged", test_read_damaged);
  g_test_add_func ("/inspector/recording/save", test_save);
  g_test_add_func ("/inspector/recording/save-fails", test_save_fails);

  return g_test_run ();
}

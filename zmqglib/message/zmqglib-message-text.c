/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "message/zmqglib-message-private.h"

/* Messages of text, and messages as text. */

/* What is shown of a message, which may be of any size and have any number of frames. */
#define MAX_SHOWN_BYTES  48
#define MAX_SHOWN_FRAMES 16

/**
 * zmqglib_message_new_strings: (constructor)
 * @first: (nullable): the first string; %NULL makes a message without frames
 * @...: more strings, and %NULL after the last one
 *
 * Creates a message of a frame a string, without their terminating NULs. Languages other than C have
 * [ctor@Zmq.Message.new_from_strv].
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
 */
ZmqMessage *
zmqglib_message_new_strings (const char *first,
                             ...)
{
  ZmqMessage *self = zmqglib_message_new ();
  va_list     strings;

  va_start (strings, first);
  for (const char *string = first; string != NULL; string = va_arg (strings, const char *))
    zmqglib_message_append_string (self, string);
  va_end (strings);

  return self;
}

/**
 * zmqglib_message_dup_strv:
 * @self: a message
 * @error: return location for an error
 *
 * Gets all frames as strings, each as [method@Zmq.Message.get_string] does.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_DATA when a frame is not valid UTF-8 or has a NUL in it.
 *
 * Returns: (transfer full) (array zero-terminated=1): copies of the frames, to be freed with g_strfreev(); %NULL with
 *   @error set
 *
 * Since: 1.0
 */
char **
zmqglib_message_dup_strv (ZmqMessage *self,
                          GError    **error)
{
  g_auto (GStrv) strv = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  strv = g_new0 (char *, (gsize) self->n_frames + 1);
  for (guint i = 0; i < self->n_frames; i++)
    {
      strv[i] = zmqglib_message_get_string (self, i, error);
      if (strv[i] == NULL)
        return NULL;
    }

  return g_steal_pointer (&strv);
}

/* How much of it is text that can be shown in a line; -1 when it is something else. A character that was cut
 * at the end does not count. */
static gssize
find_text (const char *data,
           gsize       size,
           gboolean    is_cut)
{
  const char *end;

  /* GLib takes a NUL for the beginning of a character, or the rest of one, too */
  if (!g_utf8_validate_len (data, size, &end) &&
      !(is_cut && memchr (end, '\0', data + size - end) == NULL &&
        g_utf8_get_char_validated (end, data + size - end) == (gunichar) -2))
    return -1;

  for (const char *p = data; p < end; p = g_utf8_next_char (p))
    if (!g_unichar_isprint (g_utf8_get_char (p)))
      return -1;

  return end - data;
}

static void
append_text (GString    *string,
             const char *text,
             gsize       size)
{
  for (gsize i = 0; i < size; i++)
    {
      if (text[i] == '"' || text[i] == '\\')
        g_string_append_c (string, '\\');
      g_string_append_c (string, text[i]);
    }
}

static void
append_hex (GString    *string,
            const char *data,
            gsize       size)
{
  g_string_append (string, "0x");
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (string, "%02x", (guint8) data[i]);
}

static void
append_frame (GString    *string,
              const char *data,
              gsize       size)
{
  gboolean is_cut = size > MAX_SHOWN_BYTES;
  gsize    shown = MIN (size, MAX_SHOWN_BYTES);
  gssize   text_size = find_text (data, shown, is_cut);

  g_string_append_printf (string, "[%" G_GSIZE_FORMAT "] ", size);
  if (text_size >= 0)
    {
      g_string_append_c (string, '"');
      append_text (string, data, text_size);
      g_string_append (string, is_cut ? "…\"" : "\"");
    }
  else
    {
      append_hex (string, data, shown);
      g_string_append (string, is_cut ? "…" : "");
    }
}

/**
 * zmqglib_message_to_string:
 * @self: a message
 *
 * Describes a message in a line for people, as a log has it: how many frames it has and how large they are, and how
 * each begins, as text where it is that, and else in hexadecimal digits: `2 frames, 8 bytes: [5] "Hello",
 * [3] 0x00ff01`. Long frames are cut, and many are left out.
 *
 * The form may change; [method@Zmq.Message.get_frame] and its like are for programs. Mind that a log may be read by
 * more people than a message.
 *
 * Returns: (transfer full): a description, in UTF-8
 *
 * Since: 1.0
 */
char *
zmqglib_message_to_string (ZmqMessage *self)
{
  GString *string;
  gsize    total;

  g_return_val_if_fail (self != NULL, NULL);

  total = zmqglib_message_get_size (self);
  string = g_string_new (NULL);
  g_string_append_printf (string, "%u %s, %" G_GSIZE_FORMAT " %s", self->n_frames, self->n_frames == 1 ? "frame" : "frames",
                          total, total == 1 ? "byte" : "bytes");

  for (guint i = 0; i < MIN (self->n_frames, MAX_SHOWN_FRAMES); i++)
    {
      gsize         size;
      gconstpointer data = zmqglib_frame_get_data (zmqglib_message_get_nth_frame (self, i), &size);

      g_string_append (string, i == 0 ? ": " : ", ");
      append_frame (string, data != NULL ? data : "", size);
    }
  if (self->n_frames > MAX_SHOWN_FRAMES)
    g_string_append (string, ", …");

  return g_string_free (string, FALSE);
}

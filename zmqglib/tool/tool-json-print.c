/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool/tool-json.h"

/* UTF-8, in which a NUL is a character like any other. */
static gboolean
is_text (const char *data,
         gsize       size)
{
  const char *end = data + size;
  const char *invalid;

  while (data < end && !g_utf8_validate_len (data, end - data, &invalid))
    {
      if (*invalid != '\0')
        return FALSE;
      data = invalid + 1;
    }

  return TRUE;
}

static void
print_string (const char *data,
              gsize       size,
              GString    *text)
{
  g_string_append_c (text, '"');
  for (gsize i = 0; i < size; i++)
    if (data[i] == '"' || data[i] == '\\')
      g_string_append_printf (text, "\\%c", data[i]);
    else if (data[i] == '\n')
      g_string_append (text, "\\n");
    else if (data[i] == '\t')
      g_string_append (text, "\\t");
    else if ((guchar) data[i] < ' ' || data[i] == 0x7f)
      g_string_append_printf (text, "\\u%04x", data[i]);
    else
      g_string_append_c (text, data[i]);
  g_string_append_c (text, '"');
}

static void
print_base64 (gconstpointer data,
              gsize         size,
              GString      *text)
{
  g_autofree char *base64 = g_base64_encode (data, size);

  g_string_append_printf (text, "{\"base64\": \"%s\"}", base64);
}

/*
 * tool_json_print:
 *
 * Appends a message as one line, without its end, from which tool_json_parse() makes the same message.
 */
void
tool_json_print (ZmqMessage *message,
                 GString    *text)
{
  g_string_append_c (text, '[');
  for (guint i = 0; i < zmqglib_message_get_n_frames (message); i++)
    {
      gsize         size;
      gconstpointer data = zmqglib_message_peek_frame (message, i, &size);

      if (i > 0)
        g_string_append (text, ", ");
      if (is_text (data, size))
        print_string (data, size, text);
      else
        print_base64 (data, size, text);
    }
  g_string_append_c (text, ']');
}

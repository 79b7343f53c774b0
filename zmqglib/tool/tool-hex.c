/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "tool/tool-json.h"

/*
 * tool_hex_parse:
 *
 * Returns: (nullable) (transfer full): the bytes, or %NULL when these are not pairs of hexadecimal digits
 */
GBytes *
tool_hex_parse (const char *text,
                gsize       size)
{
  g_autoptr (GByteArray) bytes = g_byte_array_sized_new (size / 2);

  if (size % 2 != 0)
    return NULL;

  for (gsize i = 0; i < size; i += 2)
    {
      guint8 byte;

      if (!g_ascii_isxdigit (text[i]) || !g_ascii_isxdigit (text[i + 1]))
        return NULL;
      byte = g_ascii_xdigit_value (text[i]) << 4 | g_ascii_xdigit_value (text[i + 1]);
      g_byte_array_append (bytes, &byte, 1);
    }

  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

void
tool_hex_print (gconstpointer data,
                gsize         size,
                GString      *text)
{
  static const char digits[] = "0123456789abcdef";
  const guint8     *bytes = data;

  for (gsize i = 0; i < size; i++)
    {
      g_string_append_c (text, digits[bytes[i] >> 4]);
      g_string_append_c (text, digits[bytes[i] & 0xf]);
    }
}

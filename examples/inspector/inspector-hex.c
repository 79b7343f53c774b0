/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "inspector-hex.h"

#define LINE_BYTES 16

GBytes *
inspector_hex_parse (const char *text)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (; *text != '\0'; text++)
    {
      guint8 byte;

      if (g_ascii_isspace (*text))
        continue;
      if (!g_ascii_isxdigit (text[0]) || !g_ascii_isxdigit (text[1]))
        return NULL;
      byte = g_ascii_xdigit_value (text[0]) << 4 | g_ascii_xdigit_value (text[1]);
      g_byte_array_append (bytes, &byte, 1);
      text++;
    }

  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

void
inspector_hex_print (gconstpointer data,
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

static void
dump_line (const guint8 *bytes,
           gsize         n,
           GString      *text)
{
  for (gsize i = 0; i < LINE_BYTES; i++)
    {
      if (i % 8 == 0)
        g_string_append_c (text, ' ');
      if (i < n)
        inspector_hex_print (bytes + i, 1, text);
      else
        g_string_append (text, "  ");
      g_string_append_c (text, ' ');
    }

  g_string_append (text, " |");
  for (gsize i = 0; i < n; i++)
    g_string_append_c (text, g_ascii_isprint (bytes[i]) ? bytes[i] : '.');
  g_string_append (text, "|\n");
}

void
inspector_hex_dump (gconstpointer data,
                    gsize         size,
                    GString      *text)
{
  for (gsize offset = 0; offset < size; offset += LINE_BYTES)
    {
      g_string_append_printf (text, "%08" G_GSIZE_MODIFIER "x ", offset);
      dump_line ((const guint8 *) data + offset, MIN (size - offset, LINE_BYTES), text);
    }
}

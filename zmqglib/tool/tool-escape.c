/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "tool/tool-format.h"

/* Escapes as in C, of which g_strcompress () knows some, and takes the others for what they are not. */

static const char *
parse_number (const char *text,
              guint       base,
              guint       max_digits,
              GString    *result)
{
  const char *end = text;
  guint       number = 0;

  while ((guint) (end - text) < max_digits && g_ascii_isxdigit (*end) && (guint) g_ascii_xdigit_value (*end) < base)
    number = number * base + g_ascii_xdigit_value (*end++);
  if (end == text || number == 0 || number > G_MAXUINT8)
    return NULL;

  g_string_append_c (result, number);

  return end;
}

/* What is behind the backslash. Returns what is behind that, or NULL when it is nothing. */
static const char *
parse_escape (const char *text,
              GString    *result)
{
  static const char names[] = "abfnrtv\\\"'?";
  static const char characters[] = "\a\b\f\n\r\t\v\\\"'?";
  const char       *name;

  if (*text == 'x')
    return parse_number (text + 1, 16, 2, result);
  if (g_ascii_isdigit (*text))
    return parse_number (text, 8, 3, result);

  name = *text != '\0' ? strchr (names, *text) : NULL;
  if (name == NULL)
    return NULL;
  g_string_append_c (result, characters[name - names]);

  return text + 1;
}

/*
 * tool_escape_parse:
 *
 * Returns: (nullable) (transfer full): what is meant, or %NULL when there is no such escape, or one that means the end of a string
 */
char *
tool_escape_parse (const char *text)
{
  g_autoptr (GString) result = g_string_new (NULL);

  while (text != NULL && *text != '\0')
    if (*text == '\\')
      text = parse_escape (text + 1, result);
    else
      g_string_append_c (result, *text++);

  return text != NULL ? g_string_free (g_steal_pointer (&result), FALSE) : NULL;
}

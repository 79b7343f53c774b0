/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tool/tool-json.h"

/* As much of JSON as a message needs: an array of frames, each a string, or an object with one string, “base64” or
 * “hex”. It takes what RFC 8259 takes and nothing else, and is never deeper than that. */

typedef struct
{
  const char *start;
  const char *next;
  const char *end;
  GError    **error;
} Parser;

static gboolean
fail (Parser     *self,
      const char *why)
{
  if (self->error == NULL || *self->error == NULL)
    g_set_error (self->error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                 /* Translators: the number of a byte in a line, and what is wrong there */
                 _ ("This is no message in JSON, at byte %lu: %s"), (gulong) (self->next - self->start) + 1, why);

  return FALSE;
}

static void
skip_space (Parser *self)
{
  while (self->next < self->end && strchr (" \t\r\n", *self->next) != NULL && *self->next != '\0')
    self->next++;
}

/* Takes a character, and the space around it. */
static gboolean
take (Parser *self,
      char    character)
{
  skip_space (self);
  if (self->next == self->end || *self->next != character)
    return FALSE;

  self->next++;
  skip_space (self);

  return TRUE;
}

static gboolean
expect (Parser *self,
        char    character)
{
  g_autofree char *why = NULL;

  if (take (self, character))
    return TRUE;

  /* Translators: a character */
  why = g_strdup_printf (_ ("There should be “%c”"), character);

  return fail (self, why);
}

static gboolean
parse_code_unit (Parser   *self,
                 gunichar *unit)
{
  *unit = 0;
  if (self->end - self->next < 4)
    return fail (self, _ ("Four hexadecimal digits are missing"));

  for (int i = 0; i < 4; i++, self->next++)
    {
      if (!g_ascii_isxdigit (*self->next))
        return fail (self, _ ("Four hexadecimal digits are missing"));
      *unit = *unit << 4 | g_ascii_xdigit_value (*self->next);
    }

  return TRUE;
}

static gboolean
is_between (gunichar unit,
            gunichar first,
            gunichar last)
{
  return unit >= first && unit <= last;
}

/* After “\u”: one code unit, or the two of a character beyond the first plane. */
static gboolean
parse_unicode (Parser  *self,
               GString *string)
{
  gunichar unit, low;

  if (!parse_code_unit (self, &unit))
    return FALSE;

  if (is_between (unit, 0xd800, 0xdbff) && self->end - self->next >= 2 && self->next[0] == '\\' && self->next[1] == 'u')
    {
      self->next += 2;
      if (!parse_code_unit (self, &low))
        return FALSE;
      if (!is_between (low, 0xdc00, 0xdfff))
        return fail (self, _ ("Half of a character has no other half"));
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
  if (is_between (unit, 0xd800, 0xdfff))
    return fail (self, _ ("Half of a character has no other half"));

  /* g_string_append_unichar () would do, but for U+0000 */
  if (unit == 0)
    g_string_append_c (string, '\0');
  else
    g_string_append_unichar (string, unit);

  return TRUE;
}

static gboolean
parse_escape (Parser  *self,
              GString *string)
{
  static const char names[] = "\"\\/bfnrt";
  static const char characters[] = "\"\\/\b\f\n\r\t";
  const char       *name;

  if (self->next == self->end || *self->next == '\0')
    return fail (self, _ ("A character is missing after the backslash"));

  if (*self->next == 'u')
    {
      self->next++;
      return parse_unicode (self, string);
    }

  name = strchr (names, *self->next);
  if (name == NULL)
    return fail (self, _ ("This character has no meaning after a backslash"));
  g_string_append_c (string, characters[name - names]);
  self->next++;

  return TRUE;
}

static gboolean
parse_string (Parser  *self,
              GString *string)
{
  skip_space (self);
  if (self->next == self->end || *self->next != '"')
    return fail (self, _ ("There should be a string"));
  self->next++;

  while (self->next < self->end && *self->next != '"')
    {
      if (*self->next == '\\')
        {
          self->next++;
          if (!parse_escape (self, string))
            return FALSE;
        }
      else if ((guchar) *self->next < ' ')
        return fail (self, _ ("A control character stands in a string as it is"));
      else
        g_string_append_c (string, *self->next++);
    }

  return expect (self, '"');
}

static GBytes *
decode_base64 (GString *text)
{
  g_autofree guchar *data = NULL;
  g_autofree char   *again = NULL;
  gsize              size;

  if (text->len == 0)
    return g_bytes_new (NULL, 0);
  if (strlen (text->str) != text->len)
    return NULL;

  /* GLib's decoder skips what does not belong there */
  data = g_base64_decode (text->str, &size);
  again = g_base64_encode (data, size);
  if (!g_str_equal (again, text->str))
    return NULL;

  return g_bytes_new_take (g_steal_pointer (&data), size);
}

/* Which may have a NUL in it. */
static gboolean
is_name (const GString *text,
         const char    *name)
{
  return text->len == strlen (name) && memcmp (text->str, name, text->len) == 0;
}

static gboolean
parse_object (Parser     *self,
              ZmqMessage *message)
{
  g_autoptr (GString) name = g_string_new (NULL);
  g_autoptr (GString) value = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;

  if (!expect (self, '{') || !parse_string (self, name) || !expect (self, ':') || !parse_string (self, value))
    return FALSE;

  if (is_name (name, "base64"))
    bytes = decode_base64 (value);
  else if (is_name (name, "hex"))
    bytes = tool_hex_parse (value->str, value->len);
  else
    return fail (self, _ ("The name should be “base64” or “hex”"));
  if (bytes == NULL)
    return fail (self, _ ("This is not what its name says"));

  zmqglib_message_append_bytes (message, bytes);

  return expect (self, '}');
}

static gboolean
parse_frame (Parser     *self,
             ZmqMessage *message)
{
  g_autoptr (GString) string = NULL;

  if (self->next < self->end && *self->next == '{')
    return parse_object (self, message);

  string = g_string_new (NULL);
  if (!parse_string (self, string))
    return FALSE;
  zmqglib_message_append_data (message, string->str, string->len);

  return TRUE;
}

static gboolean
parse_message (Parser     *self,
               ZmqMessage *message)
{
  if (!expect (self, '['))
    return FALSE;

  do
    if (!parse_frame (self, message))
      return FALSE;
  while (take (self, ','));

  if (!expect (self, ']'))
    return FALSE;

  return self->next == self->end || fail (self, _ ("There should be nothing more"));
}

/* The text is UTF-8, in which a NUL is a character like any other. */
static gboolean
check_text (Parser *self)
{
  const char *invalid;

  if (g_utf8_validate_len (self->start, self->end - self->start, &invalid))
    return TRUE;

  self->next = invalid;

  return fail (self, *invalid == '\0' ? _ ("A control character stands in a string as it is") : _ ("This is no UTF-8"));
}

/*
 * tool_json_parse:
 *
 * Returns: (transfer full): a message, or %NULL with @error set
 */
ZmqMessage *
tool_json_parse (const char *text,
                 gsize       size,
                 GError    **error)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  Parser parser = { .start = text, .next = text, .end = text + size, .error = error };

  if (!check_text (&parser) || !parse_message (&parser, message))
    return NULL;

  return g_steal_pointer (&message);
}

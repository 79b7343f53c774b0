/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* memmem () */
#define _GNU_SOURCE

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tool/tool-format.h"
#include "tool/tool-json.h"

static const char *const kind_names[] = {
  [TOOL_FORMAT_TEXT] = "text",
  [TOOL_FORMAT_JSON] = "json",
  [TOOL_FORMAT_HEX] = "hex",
  [TOOL_FORMAT_RAW] = "raw",
};

void
tool_format_add_entries (ToolFormat   *self,
                         GOptionGroup *group)
{
  const GOptionEntry entries[] = {
    { "format", 'F', 0, G_OPTION_ARG_STRING, &self->name, N_ ("How messages are written down: text (a line each, by default), json, hex or raw"), N_ ("FORMAT") },
    { "json", 'j', 0, G_OPTION_ARG_NONE, &self->is_json, N_ ("As --format json: a line with an array of strings for each message"), NULL },
    { "delimiter", 'd', 0, G_OPTION_ARG_STRING, &self->delimiter, N_ ("What stands between frames, with escapes as in C"), N_ ("TEXT") },
    { NULL },
  };

  g_option_group_add_entries (group, entries);
}

void
tool_format_clear (ToolFormat *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->delimiter, g_free);
}

static gboolean
find_kind (ToolFormat *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (kind_names); i++)
    if (g_strcmp0 (self->name, kind_names[i]) == 0)
      {
        self->kind = i;
        return TRUE;
      }

  return FALSE;
}

static gboolean
check_delimiter (ToolFormat *self,
                 GError    **error)
{
  g_autofree char *given = g_steal_pointer (&self->delimiter);

  if (given == NULL)
    return TRUE;

  self->delimiter = tool_escape_parse (given);
  if (self->delimiter == NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("The delimiter “%s” has escapes that there are not in C"), given);
  else if (self->delimiter[0] == '\0')
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("The delimiter has no character"));
  else
    return TRUE;

  return FALSE;
}

/*
 * tool_format_check:
 *
 * Looks at what the user has chosen.
 */
gboolean
tool_format_check (ToolFormat *self,
                   GError    **error)
{
  if (self->name != NULL && !find_kind (self))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("There is no format “%s”; there are text, json, hex and raw"), self->name);
      return FALSE;
    }
  if (self->is_json)
    self->kind = TOOL_FORMAT_JSON;

  return check_delimiter (self, error);
}

static gboolean
append_hex (ZmqMessage *message,
            const char *text,
            gsize       size)
{
  g_autoptr (GBytes) bytes = tool_hex_parse (text, size);

  if (bytes == NULL)
    return FALSE;
  zmqglib_message_append_bytes (message, bytes);

  return TRUE;
}

static gboolean
append_frame (ToolFormat *self,
              ZmqMessage *message,
              const char *text,
              gsize       size)
{
  if (self->kind == TOOL_FORMAT_HEX)
    return append_hex (message, text, size);

  zmqglib_message_append_data (message, text, size);

  return TRUE;
}

static ZmqMessage *
parse_delimited (ToolFormat *self,
                 const char *delimiter,
                 const char *text,
                 gsize       size,
                 GError    **error)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  const char *end = text + size;
  const char *next;

  do
    {
      next = delimiter != NULL ? memmem (text, end - text, delimiter, strlen (delimiter)) : NULL;
      if (!append_frame (self, message, text, (next != NULL ? next : end) - text))
        {
          g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT, _ ("These are no pairs of hexadecimal digits"));
          return NULL;
        }
      if (next != NULL)
        text = next + strlen (delimiter);
    }
  while (next != NULL);

  return g_steal_pointer (&message);
}

/*
 * tool_format_parse:
 * @text: a line without its end
 *
 * Returns: (transfer full): a message, or %NULL with @error set
 */
ZmqMessage *
tool_format_parse (ToolFormat *self,
                   const char *text,
                   gsize       size,
                   GError    **error)
{
  if (self->kind == TOOL_FORMAT_JSON)
    return tool_json_parse (text, size, error);
  else if (self->kind == TOOL_FORMAT_HEX && self->delimiter == NULL)
    return parse_delimited (self, "\t", text, size, error);
  else
    return parse_delimited (self, self->delimiter, text, size, error);
}

/* What would end the line, or move the cursor of who reads it. */
static gboolean
is_control (gunichar character)
{
  return g_unichar_iscntrl (character) || character == 0x2028 || character == 0x2029;
}

static void
print_escaped (gunichar character,
               GString *text)
{
  if (character == '\n')
    g_string_append (text, "\\n");
  else if (character == '\r')
    g_string_append (text, "\\r");
  else if (character == '\t')
    g_string_append (text, "\\t");
  else if (character < 0x100)
    g_string_append_printf (text, "\\x%02x", character);
  else
    g_string_append_printf (text, "\\u%04x", character);
}

static void
print_text (const char *data,
            gsize       size,
            GString    *text)
{
  const char *end = data + size;

  while (data < end)
    {
      gunichar character = *data == '\0' ? 0 : g_utf8_get_char_validated (data, end - data);

      if (character == (gunichar) -1 || character == (gunichar) -2)
        {
          /* two of U+0080 and onwards would look the same, and it is for people */
          g_string_append_printf (text, "\\x%02x", (guchar) *data++);
          continue;
        }
      if (is_control (character))
        print_escaped (character, text);
      else
        g_string_append_unichar (text, character);
      data += g_utf8_skip[(guchar) *data];
    }
}

static void
print_frame (ToolFormat   *self,
             gconstpointer data,
             gsize         size,
             GString      *text)
{
  if (self->kind == TOOL_FORMAT_HEX)
    tool_hex_print (data, size, text);
  else if (self->kind == TOOL_FORMAT_TEXT)
    print_text (data, size, text);
  else
    g_string_append_len (text, data, size);
}

static void
print_delimited (ToolFormat *self,
                 ZmqMessage *message,
                 GString    *text)
{
  const char *delimiter = self->kind == TOOL_FORMAT_RAW ? "" : "\t";

  if (self->delimiter != NULL)
    delimiter = self->delimiter;

  for (guint i = 0; i < zmqglib_message_get_n_frames (message); i++)
    {
      gsize         size;
      gconstpointer data = zmqglib_message_peek_frame (message, i, &size);

      if (i > 0)
        g_string_append (text, delimiter);
      print_frame (self, data, size, text);
    }
}

/*
 * tool_format_print:
 *
 * Appends a message, with the end of its line, if it is one.
 */
void
tool_format_print (ToolFormat *self,
                   ZmqMessage *message,
                   GString    *text)
{
  if (self->kind == TOOL_FORMAT_JSON)
    tool_json_print (message, text);
  else
    print_delimited (self, message, text);

  if (self->kind != TOOL_FORMAT_RAW)
    g_string_append_c (text, '\n');
}

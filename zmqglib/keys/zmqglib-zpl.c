/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <zmqglib/zmqglib-error.h>

#include "base/zmqglib-i18n-private.h"
#include "keys/zmqglib-zpl-private.h"

/* ZeroMQ's property language (https://rfc.zeromq.org/spec/4/), as far as certificates use it: sections of
 * properties. The writers of such files differ: pyzmq quotes keys alone, CZMQ all, without regard to the quotes
 * in a value. */

#define INDENTATION "    "

/*
 * zmqglib_slice_equals:
 */
gboolean
zmqglib_slice_equals (ZmqSlice    self,
                      const char *text)
{
  return self.size == strlen (text) && memcmp (self.text, text, self.size) == 0;
}

static ZmqSlice
skip (ZmqSlice slice,
      gsize    size)
{
  return (ZmqSlice){ slice.text + size, slice.size - size };
}

static gsize
count_space (ZmqSlice slice)
{
  gsize size = 0;

  while (size < slice.size && g_ascii_isspace (slice.text[size]))
    size++;

  return size;
}

static ZmqSlice
trim (ZmqSlice slice)
{
  slice = skip (slice, count_space (slice));
  while (slice.size > 0 && g_ascii_isspace (slice.text[slice.size - 1]))
    slice.size--;

  return slice;
}

static gboolean
is_blank (ZmqSlice slice)
{
  slice = trim (slice);

  return slice.size == 0 || slice.text[0] == '#';
}

static gboolean
is_name_character (char character)
{
  return g_ascii_isalnum (character) || (character != '\0' && strchr ("$-_@.&+/", character) != NULL);
}

/*
 * zmqglib_zpl_reader_init:
 * @text: what is to be read, which has to stay where it is meanwhile
 */
void
zmqglib_zpl_reader_init (ZmqZplReader *self,
                         const char   *text,
                         gsize         size)
{
  *self = (ZmqZplReader){ .rest = { text, size } };
}

static gboolean
next_line (ZmqZplReader *self,
           ZmqSlice     *line)
{
  const char *end;

  if (self->rest.size == 0)
    return FALSE;

  end = memchr (self->rest.text, '\n', self->rest.size);
  *line = self->rest;
  if (end != NULL)
    line->size = end - line->text;
  self->rest = skip (self->rest, MIN (line->size + 1, self->rest.size));
  self->line++;

  return TRUE;
}

static gboolean
set_syntax_error (GError    **error,
                  guint       line,
                  const char *reason)
{
  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
               /* Translators: the number of a line, and what is wrong with it */
               _ ("Line %u: %s"), line, reason);

  return FALSE;
}

/* Up to the matching quote. CZMQ writes quotes in a value as they are; then it is the last one of the line. */
static gboolean
read_quoted (ZmqSlice  value,
             ZmqSlice *content)
{
  const char quote = value.text[0];
  gsize      last = value.size - 1;
  gsize      end = 1;

  while (end < value.size && value.text[end] != quote)
    end++;

  if (end == value.size)
    return FALSE;
  if (!is_blank (skip (value, end + 1)))
    end = last;

  *content = (ZmqSlice){ value.text + 1, end - 1 };

  return value.text[end] == quote;
}

/* Up to a comment. Keys have the comment's sign in them, so that one begins after space only. */
static ZmqSlice
read_unquoted (ZmqSlice value)
{
  for (gsize i = 0; i < value.size; i++)
    if (value.text[i] == '#' && (i == 0 || g_ascii_isspace (value.text[i - 1])))
      return trim ((ZmqSlice){ value.text, i });

  return value;
}

static gboolean
read_value (ZmqSlice        value,
            ZmqZplProperty *property,
            GError        **error)
{
  value = trim (value);
  if (value.size == 0 || (value.text[0] != '"' && value.text[0] != '\''))
    {
      property->value = read_unquoted (value);
      return TRUE;
    }

  return read_quoted (value, &property->value) ||
         set_syntax_error (error, property->line, _ ("The quote at the end of the value is missing"));
}

/* Takes a line that has no value; sections in sections are left out. */
static void
enter_section (ZmqZplReader *self,
               ZmqSlice      name,
               gsize         indentation)
{
  if (indentation == 0)
    self->section = name;
  self->nested = indentation;
}

static gboolean
is_left_out (ZmqZplReader *self,
             gsize         indentation)
{
  if (indentation == 0)
    self->section.size = 0;
  else if (self->nested > 0 && indentation > self->nested)
    return TRUE;
  self->nested = 0;

  return indentation == 0;
}

/* Returns FALSE for what is no property, with @error set when it is nothing else either. */
static gboolean
read_line (ZmqZplReader   *self,
           ZmqSlice        line,
           ZmqZplProperty *property,
           GError        **error)
{
  const gsize indentation = count_space (line);
  ZmqSlice    name = trim (line);
  ZmqSlice    rest;

  rest = name;
  for (name.size = 0; rest.size > 0 && is_name_character (rest.text[0]); name.size++)
    rest = skip (rest, 1);

  if (name.size == 0)
    return set_syntax_error (error, self->line, _ ("A name is missing"));

  if (is_blank (rest))
    {
      enter_section (self, name, indentation);
      return FALSE;
    }

  rest = trim (rest);
  if (rest.text[0] != '=')
    return set_syntax_error (error, self->line, _ ("“=” is missing after the name"));
  if (is_left_out (self, indentation))
    return FALSE;

  *property = (ZmqZplProperty){ .section = self->section, .name = name, .line = self->line };

  return read_value (skip (rest, 1), property, error);
}

/*
 * zmqglib_zpl_reader_next:
 * @property: (out): the next property that is in a section
 *
 * Returns: %FALSE at the end, and with @error set where the text makes no sense
 */
gboolean
zmqglib_zpl_reader_next (ZmqZplReader   *self,
                         ZmqZplProperty *property,
                         GError        **error)
{
  g_autoptr (GError) local_error = NULL;
  ZmqSlice line;

  while (local_error == NULL && next_line (self, &line))
    if (!is_blank (line) && read_line (self, line, property, &local_error))
      return TRUE;

  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));

  return FALSE;
}

/*
 * zmqglib_zpl_is_name:
 *
 * Returns: whether a property may be called so
 */
gboolean
zmqglib_zpl_is_name (const char *text)
{
  gsize size = 0;

  while (is_name_character (text[size]))
    size++;

  return size > 0 && text[size] == '\0';
}

/* As pyzmq writes it, which everybody else takes for the same only now and then. */
static gboolean
needs_quotes (const char *text)
{
  const gsize size = strlen (text);

  return size == 0 || strchr ("\"'", text[0]) != NULL || strchr (text, '#') != NULL ||
         g_ascii_isspace (text[0]) || g_ascii_isspace (text[size - 1]);
}

/*
 * zmqglib_zpl_is_value:
 *
 * Returns: whether zmqglib_zpl_append() can write it so that all read the same: the language has nothing to
 *   write special characters with
 */
gboolean
zmqglib_zpl_is_value (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return FALSE;

  for (const char *character = text; *character != '\0'; character++)
    if (g_ascii_iscntrl (*character) && *character != '\t')
      return FALSE;

  return !needs_quotes (text) || strchr (text, '"') == NULL || strchr (text, '\'') == NULL;
}

/*
 * zmqglib_zpl_append:
 * @name: what zmqglib_zpl_is_name()
 * @value: what zmqglib_zpl_is_value()
 *
 * Writes a property of a section.
 */
void
zmqglib_zpl_append (GString    *text,
                    const char *name,
                    const char *value)
{
  const char *quote = "";

  if (needs_quotes (value))
    quote = strchr (value, '"') == NULL ? "\"" : "'";

  g_string_append_printf (text, INDENTATION "%s = %s%s%s\n", name, quote, value, quote);
}

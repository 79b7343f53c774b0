/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "inspector-json.h"

/* deeper ones are refused, so that neither the stack nor the indentation grows as a peer likes */
#define MAX_DEPTH 64

typedef struct
{
  const char *start;
  const char *at;
  const char *end;
  GString    *text;
  guint       depth;
} Parser;

static gboolean parse_value (Parser *self);

static gboolean
is_at (Parser *self,
       char    c)
{
  return self->at < self->end && *self->at == c;
}

static void
skip_spaces (Parser *self)
{
  while (is_at (self, ' ') || is_at (self, '\t') || is_at (self, '\n') || is_at (self, '\r'))
    self->at++;
}

static void
copy (Parser *self)
{
  g_string_append_c (self->text, *self->at++);
}

static gboolean
take (Parser *self,
      char    c)
{
  if (!is_at (self, c))
    return FALSE;
  copy (self);

  return TRUE;
}

static void
break_line (Parser *self)
{
  g_string_append_c (self->text, '\n');
  for (guint i = 0; i < self->depth; i++)
    g_string_append (self->text, "  ");
}

static gboolean
parse_word (Parser     *self,
            const char *word)
{
  for (; *word != '\0'; word++)
    if (!take (self, *word))
      return FALSE;

  return TRUE;
}

static gboolean
parse_escape (Parser *self)
{
  if (self->at == self->end)
    return FALSE;
  if (strchr ("\"\\/bfnrt", *self->at) != NULL && *self->at != '\0')
    {
      copy (self);
      return TRUE;
    }
  if (!take (self, 'u'))
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      if (self->at == self->end || !g_ascii_isxdigit (*self->at))
        return FALSE;
      copy (self);
    }

  return TRUE;
}

static gboolean
parse_string (Parser *self)
{
  if (!take (self, '"'))
    return FALSE;
  while (!is_at (self, '"'))
    {
      if (self->at == self->end || (guchar) *self->at < 0x20)
        return FALSE;
      if (take (self, '\\') ? !parse_escape (self) : (copy (self), FALSE))
        return FALSE;
    }
  copy (self);

  return TRUE;
}

static gboolean
parse_digits (Parser *self)
{
  const char *start = self->at;

  while (self->at < self->end && g_ascii_isdigit (*self->at))
    copy (self);

  return self->at > start;
}

static gboolean
parse_number (Parser *self)
{
  take (self, '-');
  if (!take (self, '0') && !parse_digits (self))
    return FALSE;
  if (take (self, '.') && !parse_digits (self))
    return FALSE;
  if (!take (self, 'e') && !take (self, 'E'))
    return TRUE;
  if (!take (self, '+'))
    take (self, '-');

  return parse_digits (self);
}

static gboolean
parse_member (Parser *self)
{
  if (!parse_string (self))
    return FALSE;
  skip_spaces (self);
  if (!take (self, ':'))
    return FALSE;
  g_string_append_c (self->text, ' ');

  return parse_value (self);
}

static gboolean
parse_members (Parser *self,
               char    close,
               gboolean (*parse_one) (Parser *self))
{
  do
    {
      break_line (self);
      skip_spaces (self);
      if (!parse_one (self))
        return FALSE;
      skip_spaces (self);
    }
  while (take (self, ','));

  self->depth--;
  break_line (self);

  return take (self, close);
}

static gboolean
parse_container (Parser *self,
                 char    close,
                 gboolean (*parse_one) (Parser *self))
{
  copy (self);
  skip_spaces (self);
  if (take (self, close))
    return TRUE;
  if (++self->depth > MAX_DEPTH)
    return FALSE;

  return parse_members (self, close, parse_one);
}

static gboolean
parse_value (Parser *self)
{
  skip_spaces (self);
  if (self->at == self->end)
    return FALSE;

  switch (*self->at)
    {
    case '{':
      return parse_container (self, '}', parse_member);
    case '[':
      return parse_container (self, ']', parse_value);
    case '"':
      return parse_string (self);
    case 't':
      return parse_word (self, "true");
    case 'f':
      return parse_word (self, "false");
    case 'n':
      return parse_word (self, "null");
    default:
      return parse_number (self);
    }
}

gboolean
inspector_json_indent (const char *data,
                       gsize       size,
                       GString    *text,
                       GError    **error)
{
  Parser self = { .start = data, .at = data, .end = data + size, .text = text };
  gsize  length = text->len;

  if (!g_utf8_validate_len (data, size, NULL))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("This is no text"));
      return FALSE;
    }
  if (parse_value (&self))
    {
      skip_spaces (&self);
      if (self.at == self.end)
        return TRUE;
    }

  g_string_truncate (text, length);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("This is no JSON, from byte %lu on"),
               (gulong) (self.at - self.start));

  return FALSE;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "inspector-filter.h"
#include "inspector-hex.h"

typedef enum
{
  TERM_TEXT,
  TERM_TOPIC,
  TERM_HEX,
  TERM_LARGER,
  TERM_SMALLER,
  TERM_FRAMES,
  TERM_IN,
  TERM_OUT
} TermKind;

typedef struct
{
  TermKind kind;
  gboolean is_negated;
  GBytes  *bytes;
  guint   *fallbacks; /* of each byte */
  guint64  number;
} Term;

struct _InspectorFilter
{
  GArray *terms;
};

static void
term_clear (gpointer data)
{
  Term *self = data;

  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&self->fallbacks, g_free);
}

/* How much of what has matched before a character that does not may be the beginning of another match: what a peer sends cannot
 * make a search slow. */
static guint *
make_fallbacks (GBytes *bytes)
{
  gsize         size;
  const guint8 *needle = g_bytes_get_data (bytes, &size);
  guint        *fallbacks = g_new0 (guint, size);
  guint         matched = 0;

  for (gsize i = 1; i < size; i++)
    {
      while (matched > 0 && needle[matched] != needle[i])
        matched = fallbacks[matched - 1];
      if (needle[matched] == needle[i])
        matched++;
      fallbacks[i] = matched;
    }

  return fallbacks;
}

/* The case of ASCII is all that costs nothing to fold, and what messages have is mostly that. */
static gboolean
find (const Term   *term,
      const guint8 *data,
      gsize         size)
{
  gsize         needle_size;
  const guint8 *needle = g_bytes_get_data (term->bytes, &needle_size);
  guint         matched = 0;

  for (gsize i = 0; i < size && matched < needle_size; i++)
    {
      const guint8 character = term->kind == TERM_TEXT ? (guint8) g_ascii_tolower (data[i]) : data[i];

      while (matched > 0 && needle[matched] != character)
        matched = term->fallbacks[matched - 1];
      if (needle[matched] == character)
        matched++;
    }

  return matched == needle_size;
}

static gboolean
occurs (const Term *term,
        ZmqMessage *message)
{
  for (guint i = 0; i < zmqglib_message_get_n_frames (message); i++)
    {
      gsize         size;
      const guint8 *data = zmqglib_message_peek_frame (message, i, &size);

      if (find (term, data, size))
        return TRUE;
    }

  return FALSE;
}

static gboolean
has_topic (const Term *term,
           ZmqMessage *message)
{
  gsize         size, topic_size;
  gconstpointer data = zmqglib_message_peek_frame (message, 0, &size);
  gconstpointer topic = g_bytes_get_data (term->bytes, &topic_size);

  return size >= topic_size && (topic_size == 0 || memcmp (data, topic, topic_size) == 0);
}

static gboolean
holds (const Term           *term,
       const InspectorEntry *entry)
{
  switch (term->kind)
    {
    case TERM_TEXT:
    case TERM_HEX:
      return occurs (term, entry->message);
    case TERM_TOPIC:
      return has_topic (term, entry->message);
    case TERM_LARGER:
      return zmqglib_message_get_size (entry->message) > term->number;
    case TERM_SMALLER:
      return zmqglib_message_get_size (entry->message) < term->number;
    case TERM_FRAMES:
      return zmqglib_message_get_n_frames (entry->message) == term->number;
    case TERM_IN:
      return entry->direction == INSPECTOR_RECEIVED || entry->direction == INSPECTOR_TO_BACKEND;
    case TERM_OUT:
      return entry->direction == INSPECTOR_SENT || entry->direction == INSPECTOR_TO_FRONTEND;
    default:
      g_return_val_if_reached (FALSE);
    }
}

gboolean
inspector_filter_matches (InspectorFilter      *self,
                          const InspectorEntry *entry)
{
  for (guint i = 0; i < self->terms->len; i++)
    {
      const Term *term = &g_array_index (self->terms, Term, i);

      if (holds (term, entry) == term->is_negated)
        return FALSE;
    }

  return TRUE;
}

static gboolean
parse_number (Term       *term,
              TermKind    kind,
              const char *text,
              GError    **error)
{
  term->kind = kind;
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &term->number, NULL))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _ ("“%s” is no number"), text);

  return FALSE;
}

static gboolean
parse_hex (Term       *term,
           const char *text,
           GError    **error)
{
  term->kind = TERM_HEX;
  term->bytes = inspector_hex_parse (text);
  if (term->bytes != NULL)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _ ("“%s” is not made of pairs of hexadecimal digits"), text);

  return FALSE;
}

static void
set_text (Term       *term,
          TermKind    kind,
          const char *text)
{
  g_autofree char *folded = kind == TERM_TEXT ? g_ascii_strdown (text, -1) : g_strdup (text);

  term->kind = kind;
  term->bytes = g_bytes_new (folded, strlen (folded));
}

static gboolean
parse_direction (Term       *term,
                 const char *text,
                 GError    **error)
{
  term->kind = g_str_equal (text, "in") ? TERM_IN : TERM_OUT;
  if (term->kind == TERM_IN || g_str_equal (text, "out"))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _ ("“%s” is neither “in” nor “out”"), text);

  return FALSE;
}

static gboolean
parse_term (Term       *term,
            const char *text,
            GError    **error)
{
  if (text[0] == '-' && text[1] != '\0')
    {
      term->is_negated = TRUE;
      text++;
    }

  if (g_str_has_prefix (text, "topic:"))
    set_text (term, TERM_TOPIC, text + strlen ("topic:"));
  else if (g_str_has_prefix (text, "hex:"))
    return parse_hex (term, text + strlen ("hex:"), error);
  else if (g_str_has_prefix (text, "size>"))
    return parse_number (term, TERM_LARGER, text + strlen ("size>"), error);
  else if (g_str_has_prefix (text, "size<"))
    return parse_number (term, TERM_SMALLER, text + strlen ("size<"), error);
  else if (g_str_has_prefix (text, "frames:"))
    return parse_number (term, TERM_FRAMES, text + strlen ("frames:"), error);
  else if (g_str_has_prefix (text, "is:"))
    return parse_direction (term, text + strlen ("is:"), error);
  else
    set_text (term, TERM_TEXT, text);

  return TRUE;
}

/* The next term, without its quotes, or NULL at the end. Quotes that are not closed end where the text does: somebody is
 * still typing. A backslash makes a character of a quote, as JSON is full of. */
static char *
next_word (const char **text)
{
  GString *word;
  gboolean is_quoted = FALSE;

  *text += strspn (*text, " \t\n");
  if (**text == '\0')
    return NULL;

  word = g_string_new (NULL);
  for (; **text != '\0' && (is_quoted || strchr (" \t\n", **text) == NULL); (*text)++)
    if (**text == '"')
      is_quoted = !is_quoted;
    else
      {
        if (**text == '\\' && (*text)[1] != '\0')
          (*text)++;
        g_string_append_c (word, **text);
      }

  return g_string_free (word, FALSE);
}

InspectorFilter *
inspector_filter_new (const char *text,
                      GError    **error)
{
  g_autoptr (InspectorFilter) self = g_new0 (InspectorFilter, 1);
  char *word;

  self->terms = g_array_new (FALSE, TRUE, sizeof (Term));
  g_array_set_clear_func (self->terms, term_clear);
  while ((word = next_word (&text)) != NULL)
    {
      g_autofree char *owned G_GNUC_UNUSED = word;
      Term                  *term;

      g_array_set_size (self->terms, self->terms->len + 1);
      term = &g_array_index (self->terms, Term, self->terms->len - 1);
      if (!parse_term (term, word, error))
        return NULL;
      if (term->bytes != NULL)
        term->fallbacks = make_fallbacks (term->bytes);
    }

  return g_steal_pointer (&self);
}

void
inspector_filter_free (InspectorFilter *self)
{
  g_array_unref (self->terms);
  g_free (self);
}

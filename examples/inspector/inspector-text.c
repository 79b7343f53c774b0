/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-hex.h"
#include "inspector-json.h"
#include "inspector-text.h"

#define SHOWN_BYTES  65536 /* of a frame, in full */
#define SHOWN_FRAMES 1000

gboolean
inspector_show_parse (const char    *name,
                      InspectorShow *show)
{
  static const char *const names[] = { "text", "json", "hex", "frames" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i]))
      {
        *show = i;
        return TRUE;
      }

  return FALSE;
}

/* Characters that only change how others look are part of many a script’s text, and of emoji. */
static gboolean
may_be_text (gunichar character)
{
  return g_unichar_isprint (character) || g_unichar_type (character) == G_UNICODE_FORMAT;
}

/* Whether this is text that can be shown, but for a character at the end that was cut. */
static gboolean
is_text (const char *data,
         gsize       size,
         gboolean    is_cut,
         gsize      *valid)
{
  const char *end;

  if (!g_utf8_validate_len (data, size, &end))
    {
      gsize rest = size - (end - data);

      if (!is_cut || rest > 3)
        return FALSE;
    }

  *valid = end - data;
  for (const char *p = data; p < end; p = g_utf8_next_char (p))
    if (!may_be_text (g_utf8_get_char (p)) && !g_ascii_isspace (*p))
      return FALSE;

  return TRUE;
}

static void
append_line (GString    *text,
             const char *data,
             gsize       size)
{
  for (const char *p = data; p < data + size; p = g_utf8_next_char (p))
    if (g_ascii_isspace (*p))
      g_string_append_c (text, ' ');
    else
      g_string_append_len (text, p, g_utf8_next_char (p) - p);
}

static void
summarize_frame (GString    *text,
                 const char *data,
                 gsize       size,
                 gsize       room)
{
  gsize shown = MIN (size, room);
  gsize valid;

  if (size == 0)
    g_string_append (text, "“”");
  else if (is_text (data, shown, shown < size, &valid))
    append_line (text, data, valid);
  else
    {
      shown = MIN (size, room / 2);
      g_string_append (text, "0x");
      inspector_hex_print (data, shown, text);
    }
  if (shown < size)
    g_string_append (text, "…");
}

char *
inspector_text_summarize (ZmqMessage *message,
                          gsize       max_chars)
{
  GString *text = g_string_sized_new (max_chars);
  guint    n_frames = zmqglib_message_get_n_frames (message);

  for (guint i = 0; i < n_frames && text->len < max_chars; i++)
    {
      gsize       size;
      const char *data = zmqglib_message_peek_frame (message, i, &size);

      if (i > 0)
        g_string_append (text, "  │  ");
      summarize_frame (text, data, size, MAX (max_chars - MIN (text->len, max_chars), 8));
    }

  return g_string_free (text, FALSE);
}

static void
append_rest (GString *text,
             gsize    size)
{
  if (text->len > 0 && text->str[text->len - 1] != '\n')
    g_string_append_c (text, '\n');
  if (size <= SHOWN_BYTES)
    return;
  g_string_append_printf (text, ngettext ("… and %lu more byte", "… and %lu more bytes", size - SHOWN_BYTES), (gulong) (size - SHOWN_BYTES));
  g_string_append_c (text, '\n');
}

static void
show_text (GString    *text,
           const char *data,
           gsize       size)
{
  gsize shown = MIN (size, SHOWN_BYTES);
  gsize valid;

  if (is_text (data, shown, shown < size, &valid))
    g_string_append_len (text, data, valid);
  else
    inspector_hex_dump (data, shown, text);
  append_rest (text, size);
}

static void
show_json (GString    *text,
           const char *data,
           gsize       size)
{
  if (size <= SHOWN_BYTES && inspector_json_indent (data, size, text, NULL))
    append_rest (text, size);
  else
    show_text (text, data, size);
}

static void
show_hex (GString    *text,
          const char *data,
          gsize       size)
{
  inspector_hex_dump (data, MIN (size, SHOWN_BYTES), text);
  append_rest (text, size);
}

static void
show_frame (GString      *text,
            ZmqMessage   *message,
            guint         index,
            InspectorShow show)
{
  gsize       size;
  const char *data = zmqglib_message_peek_frame (message, index, &size);

  if (zmqglib_message_get_n_frames (message) > 1)
    {
      /* Translators: the heading over the content of one frame of a message */
      g_string_append_printf (text, ngettext ("— Frame %u, %lu byte —", "— Frame %u, %lu bytes —", size), index + 1, (gulong) size);
      g_string_append_c (text, '\n');
    }

  if (show == INSPECTOR_SHOW_JSON)
    show_json (text, data, size);
  else if (show == INSPECTOR_SHOW_HEX)
    show_hex (text, data, size);
  else
    show_text (text, data, size);
}

static void
show_summary (GString    *text,
              ZmqMessage *message,
              guint       index)
{
  gsize       size;
  const char *data = zmqglib_message_peek_frame (message, index, &size);

  g_string_append_printf (text, "%4u  %10" G_GSIZE_FORMAT "  ", index + 1, size);
  summarize_frame (text, data, size, 120);
  g_string_append_c (text, '\n');
}

char *
inspector_text_show (ZmqMessage   *message,
                     InspectorShow show)
{
  GString *text = g_string_new (NULL);
  guint    n_frames = zmqglib_message_get_n_frames (message);
  guint    n_shown = MIN (n_frames, SHOWN_FRAMES);

  for (guint i = 0; i < n_shown && text->len < 16 * SHOWN_BYTES; i++)
    if (show == INSPECTOR_SHOW_FRAMES)
      show_summary (text, message, i);
    else
      show_frame (text, message, i, show);
  if (n_shown < n_frames)
    g_string_append (text, "…\n");

  return g_string_free (text, FALSE);
}

char *
inspector_text_format_time (gint64 time)
{
  const int rest = (time % G_USEC_PER_SEC + G_USEC_PER_SEC) % G_USEC_PER_SEC;
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC - (time % G_USEC_PER_SEC < 0));
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;
  g_autofree char *text = local != NULL ? g_date_time_format (local, "%H:%M:%S") : NULL;

  return text != NULL ? g_strdup_printf ("%s.%06d", text, rest) : g_strdup ("—");
}

const char *
inspector_direction_get_arrow (InspectorDirection direction)
{
  static const char *const arrows[INSPECTOR_N_DIRECTIONS] = { "↓", "↑", "→", "←" };

  return arrows[direction];
}

const char *
inspector_direction_get_name (InspectorDirection direction)
{
  switch (direction)
    {
    case INSPECTOR_RECEIVED:
      return _ ("Received");
    case INSPECTOR_SENT:
      return _ ("Sent");
    case INSPECTOR_TO_BACKEND:
      return _ ("To the backend");
    default:
      return _ ("To the frontend");
    }
}

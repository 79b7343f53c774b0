/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "inspector-compose.h"
#include "inspector-hex.h"
#include "inspector-json.h"

static const char *const names[] = { "lines", "text", "json", "hex" };

gboolean
inspector_compose_parse (const char       *name,
                         InspectorCompose *compose)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i]))
      {
        *compose = i;
        return TRUE;
      }

  return FALSE;
}

const char *
inspector_compose_get_name (InspectorCompose compose)
{
  return names[compose];
}

static gboolean
append_hex (ZmqMessage *message,
            const char *line,
            GError    **error)
{
  g_autoptr (GBytes) bytes = inspector_hex_parse (line);

  if (bytes == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _ ("“%s” is not made of pairs of hexadecimal digits"), line);
      return FALSE;
    }
  zmqglib_message_append_bytes (message, bytes);

  return TRUE;
}

ZmqMessage *
inspector_compose (InspectorCompose compose,
                   const char      *text,
                   GError         **error)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autoptr (GString) unused = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  if (compose == INSPECTOR_COMPOSE_JSON && !inspector_json_indent (text, strlen (text), unused, error))
    return NULL;
  if (compose == INSPECTOR_COMPOSE_JSON || compose == INSPECTOR_COMPOSE_TEXT)
    {
      zmqglib_message_append_string (message, text);
      return g_steal_pointer (&message);
    }

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (compose == INSPECTOR_COMPOSE_LINES)
      zmqglib_message_append_string (message, lines[i]);
    else if (!append_hex (message, lines[i], error))
      return NULL;

  /* of nothing GLib makes no line; it is an empty frame */
  if (lines[0] == NULL)
    zmqglib_message_append_string (message, "");

  return g_steal_pointer (&message);
}

static char *
join_hex (ZmqMessage *message)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < zmqglib_message_get_n_frames (message); i++)
    {
      gsize         size;
      gconstpointer data = zmqglib_message_peek_frame (message, i, &size);

      if (i > 0)
        g_string_append_c (text, '\n');
      inspector_hex_print (data, size, text);
    }

  return g_string_free (text, FALSE);
}

static gboolean
has_line_breaks (char **strv)
{
  for (; *strv != NULL; strv++)
    if (strchr (*strv, '\n') != NULL)
      return TRUE;

  return FALSE;
}

char *
inspector_decompose (ZmqMessage       *message,
                     InspectorCompose *compose)
{
  g_auto (GStrv) strv = zmqglib_message_dup_strv (message, NULL);

  if (strv == NULL || (has_line_breaks (strv) && strv[1] != NULL))
    {
      *compose = INSPECTOR_COMPOSE_HEX;
      return join_hex (message);
    }
  *compose = has_line_breaks (strv) ? INSPECTOR_COMPOSE_TEXT : INSPECTOR_COMPOSE_LINES;

  return g_strjoinv ("\n", strv);
}

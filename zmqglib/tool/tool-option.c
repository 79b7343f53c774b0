/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tool/tool-option.h"

/* NAME=VALUE: any property of a socket, from a text. */

static gboolean
set_boolean (GValue     *value,
             const char *text)
{
  static const char *const words[][2] = { { "false", "true" }, { "no", "yes" }, { "off", "on" }, { "0", "1" } };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    for (int is_true = 0; is_true < 2; is_true++)
      if (g_ascii_strcasecmp (text, words[i][is_true]) == 0)
        {
          g_value_set_boolean (value, is_true);
          return TRUE;
        }

  return FALSE;
}

static gboolean
set_signed (GValue     *value,
            const char *text)
{
  const gboolean is_int = G_VALUE_HOLDS_INT (value);
  gint64         number;

  if (!g_ascii_string_to_signed (text, 10, is_int ? G_MININT : G_MININT64, is_int ? G_MAXINT : G_MAXINT64, &number, NULL))
    return FALSE;

  if (is_int)
    g_value_set_int (value, number);
  else
    g_value_set_int64 (value, number);

  return TRUE;
}

static gboolean
set_unsigned (GValue     *value,
              const char *text)
{
  const gboolean is_uint = G_VALUE_HOLDS_UINT (value);
  guint64        number;

  if (!g_ascii_string_to_unsigned (text, 10, 0, is_uint ? G_MAXUINT : G_MAXUINT64, &number, NULL))
    return FALSE;

  if (is_uint)
    g_value_set_uint (value, number);
  else
    g_value_set_uint64 (value, number);

  return TRUE;
}

static gboolean
set_enum (GValue     *value,
          const char *text)
{
  g_autoptr (GEnumClass) type = g_type_class_ref (G_VALUE_TYPE (value));
  GEnumValue *found = g_enum_get_value_by_nick (type, text);

  if (found != NULL)
    g_value_set_enum (value, found->value);

  return found != NULL;
}

static gboolean
set_from_text (GValue     *value,
               const char *text)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      return set_boolean (value, text);
    case G_TYPE_INT:
    case G_TYPE_INT64:
      return set_signed (value, text);
    case G_TYPE_UINT:
    case G_TYPE_UINT64:
      return set_unsigned (value, text);
    case G_TYPE_ENUM:
      return set_enum (value, text);
    case G_TYPE_STRING:
      g_value_set_string (value, text);
      return TRUE;
    default:
      if (G_VALUE_HOLDS (value, G_TYPE_BYTES))
        g_value_take_boxed (value, g_bytes_new (text, strlen (text)));
      return G_VALUE_HOLDS (value, G_TYPE_BYTES);
    }
}

/* Who may come in is not said in passing, and a secret is seen by all who can list the processes. */
static gboolean
is_for_security (const char *name)
{
  return g_str_has_prefix (name, "curve-") || g_str_has_prefix (name, "plain-") || g_str_has_prefix (name, "zap-");
}

static gboolean
set_named (ZmqSocket  *socket,
           const char *name,
           const char *text,
           GError    **error)
{
  g_auto (GValue) value = G_VALUE_INIT;
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (socket), name);

  /* it is also found as “ZmqSocket::curve-server” */
  if (is_for_security (pspec != NULL ? pspec->name : name))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("“%s” is not for --option, but for --certificate, --server-key, --curve-server, --user or --passwords"), name);
      return FALSE;
    }
  if (pspec == NULL || !(pspec->flags & G_PARAM_WRITABLE) || (pspec->flags & G_PARAM_CONSTRUCT_ONLY))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("A socket has no option “%s” that can be set"), name);
      return FALSE;
    }

  g_value_init (&value, pspec->value_type);
  if (!set_from_text (&value, text))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("The option “%s” does not take “%s”"), name, text);
      return FALSE;
    }

  return zmqglib_socket_set_option (socket, name, &value, error);
}

/*
 * tool_option_set:
 * @assignment: the name of a property, “=”, and its value
 *
 * Fails with an error of use when there is no such property, or it does not take the value.
 */
gboolean
tool_option_set (ZmqSocket  *socket,
                 const char *assignment,
                 GError    **error)
{
  const char      *equals = strchr (assignment, '=');
  g_autofree char *name = NULL;
  g_autoptr (GError) reason = NULL;

  if (equals == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("“%s” is no NAME=VALUE"), assignment);
      return FALSE;
    }

  name = g_strndup (assignment, equals - assignment);
  if (set_named (socket, g_strdelimit (name, "_", '-'), equals + 1, &reason))
    return TRUE;

  /* a value that libzmq refuses is one that should not have been given */
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, reason->message);

  return FALSE;
}

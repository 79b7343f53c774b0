/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <zmqglib/zmqglib-error.h>

#include "base/zmqglib-i18n-private.h"
#include "keys/zmqglib-certificate-text-private.h"
#include "keys/zmqglib-zpl-private.h"

/* What stands in the file of a certificate. */

/* Twice the same is refused: pyzmq and CZMQ would take different ones. */
static gboolean
read_key (const ZmqZplProperty *property,
          ZmqKeyText            key,
          GError              **error)
{
  g_autofree char *name = g_strndup (property->name.text, property->name.size);

  if (key[0] != '\0')
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                 /* Translators: the number of a line, “public-key” or “secret-key” */
                 _ ("Line %u: There is a “%s” already"), property->line, name);
  else if (!zmqglib_key_read (property->value.text, property->value.size, key))
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                 /* Translators: the number of a line, “public-key” or “secret-key”; Z85 is a way to write bytes */
                 _ ("Line %u: The “%s” is not 40 characters of Z85"), property->line, name);
  else
    return TRUE;

  return FALSE;
}

/*
 * zmqglib_certificate_text_check:
 *
 * Checks a name and its value, which others are to read as they were written.
 */
gboolean
zmqglib_certificate_text_check (const char *name,
                                const char *value,
                                GError    **error)
{
  g_autofree char *valid_name = NULL;

  if (zmqglib_zpl_is_name (name) && zmqglib_zpl_is_value (value))
    return TRUE;

  valid_name = g_utf8_make_valid (name, -1);
  if (zmqglib_zpl_is_name (name))
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                 /* Translators: the name of something told of a certificate, such as “email” */
                 _ ("The value of “%s” cannot be written to a certificate: It has a line break, both kinds of "
                    "quotes, or no UTF-8"),
                 valid_name);
  else
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                 /* Translators: something like “e mail” */
                 _ ("“%s” cannot be a name in a certificate: It may have letters, digits, and $-_@.&+/"), valid_name);

  return FALSE;
}

static gboolean
read_metadata (const ZmqZplProperty *property,
               GHashTable           *metadata,
               GError              **error)
{
  g_autofree char *name = g_strndup (property->name.text, property->name.size);
  g_autofree char *value = g_strndup (property->value.text, property->value.size);

  if (!zmqglib_certificate_text_check (name, value, error))
    {
      g_prefix_error (error, _ ("Line %u: "), property->line);
      return FALSE;
    }

  g_hash_table_insert (metadata, g_steal_pointer (&name), g_steal_pointer (&value));

  return TRUE;
}

/* What others have added to their certificates is not for us. */
static gboolean
read_property (const ZmqZplProperty *property,
               ZmqKeys              *keys,
               GHashTable           *metadata,
               GError              **error)
{
  const gboolean is_curve = zmqglib_slice_equals (property->section, "curve");

  if (is_curve && zmqglib_slice_equals (property->name, "public-key"))
    return read_key (property, keys->public_key, error);
  else if (is_curve && zmqglib_slice_equals (property->name, "secret-key"))
    return read_key (property, keys->secret_key, error);
  else if (zmqglib_slice_equals (property->section, "metadata"))
    return read_metadata (property, metadata, error);
  else
    return TRUE;
}

/*
 * zmqglib_certificate_text_read:
 * @keys: (inout): no keys, to be set
 * @metadata: (inout): an empty table of strings, to be filled
 *
 * Reads what pyzmq, CZMQ, or we have written.
 */
gboolean
zmqglib_certificate_text_read (const char *text,
                               gsize       size,
                               ZmqKeys    *keys,
                               GHashTable *metadata,
                               GError    **error)
{
  g_autoptr (GError) local_error = NULL;
  ZmqZplReader   reader;
  ZmqZplProperty property;

  if (memchr (text, '\0', size) != NULL)
    {
      g_set_error_literal (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT, _ ("It is no text"));
      return FALSE;
    }

  zmqglib_zpl_reader_init (&reader, text, size);
  while (zmqglib_zpl_reader_next (&reader, &property, &local_error))
    if (!read_property (&property, keys, metadata, error))
      return FALSE;

  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  else if (keys->public_key[0] == '\0')
    g_set_error_literal (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                         _ ("There is no “public-key” in its section “curve”"));
  else
    return zmqglib_keys_check (keys, error);

  return FALSE;
}

/* In an order that does not change from file to file. */
static void
append_metadata (GString    *text,
                 GHashTable *metadata)
{
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (metadata), (GCompareFunc) strcmp);

  g_string_append (text, "metadata\n");
  for (GList *link = names; link != NULL; link = link->next)
    zmqglib_zpl_append (text, link->data, g_hash_table_lookup (metadata, link->data));
}

/*
 * zmqglib_certificate_text_write:
 * @banner: comments
 *
 * Writes what pyzmq and CZMQ can read. A secret key may follow as the last line.
 */
GString *
zmqglib_certificate_text_write (const char *banner,
                                const char *public_key,
                                GHashTable *metadata)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%Y-%m-%d %H:%M:%S.%f");
  GString         *text = g_string_new (NULL);

  g_string_append_printf (text, "#   ****  Generated on %s by zmqglib  ****\n%s\n", time, banner);
  append_metadata (text, metadata);
  g_string_append_printf (text, "curve\n    public-key = \"%s\"\n", public_key);

  return text;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>

#include <zmqglib/zmqglib-enum-types.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "keys/zmqglib-keys-private.h"
#include "socket/zmqglib-option-access-private.h"
#include "socket/zmqglib-option-check-private.h"
#include "socket/zmqglib-socket-private.h"

/* The properties that are libzmq's options. */

static G_DEFINE_QUARK (zmqglib - socket - option, option)

    static const ZmqSocketOption *get_row (GParamSpec *pspec)
{
  return g_param_spec_get_qdata (pspec, option_quark ());
}

static GParamSpec *
create_pspec (const ZmqSocketOption *row)
{
  const char       *blurb = _ (row->blurb);
  const GParamFlags flags =
      (row->flags & G_PARAM_READWRITE) | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  switch (row->kind)
    {
    case ZMQGLIB_OPTION_KIND_BOOLEAN:
      return g_param_spec_boolean (row->name, NULL, blurb, row->default_value, flags);
    case ZMQGLIB_OPTION_KIND_INT:
      return g_param_spec_int (row->name, NULL, blurb,
                               row->minimum, row->maximum, row->default_value, flags);
    case ZMQGLIB_OPTION_KIND_INT64:
      return g_param_spec_int64 (row->name, NULL, blurb,
                                 row->minimum, row->maximum, row->default_value, flags);
    case ZMQGLIB_OPTION_KIND_UINT64:
      return g_param_spec_uint64 (row->name, NULL, blurb,
                                  0, G_MAXUINT64, row->default_value, flags);
    case ZMQGLIB_OPTION_KIND_STRING:
    case ZMQGLIB_OPTION_KIND_KEY:
      return g_param_spec_string (row->name, NULL, blurb, NULL, flags);
    case ZMQGLIB_OPTION_KIND_BYTES:
      return g_param_spec_boxed (row->name, NULL, blurb, G_TYPE_BYTES, flags);
    case ZMQGLIB_OPTION_KIND_SECURITY_MECHANISM:
      return g_param_spec_enum (row->name, NULL, blurb,
                                ZMQGLIB_TYPE_SECURITY_MECHANISM, row->default_value, flags);
    case ZMQGLIB_OPTION_KIND_GSSAPI_NAME_TYPE:
      return g_param_spec_enum (row->name, NULL, blurb,
                                ZMQGLIB_TYPE_GSSAPI_NAME_TYPE, row->default_value, flags);
    }

  g_return_val_if_reached (NULL);
}

/*
 * zmqglib_socket_install_options:
 * @object_class: the class of ZmqSocket
 * @first_prop_id: the id of the first one, which the others follow
 *
 * Installs a property for each row of the tables.
 */
void
zmqglib_socket_install_options (GObjectClass *object_class,
                                guint         first_prop_id)
{
  guint prop_id = first_prop_id;

  for (gsize i = 0; zmqglib_option_tables[i] != NULL; i++)
    for (const ZmqSocketOption *row = zmqglib_option_tables[i]; row->name != NULL; row++)
      {
        GParamSpec *pspec = create_pspec (row);

        g_param_spec_set_qdata (pspec, option_quark (), (gpointer) row);
        g_object_class_install_property (object_class, prop_id++, pspec);
      }
}

static char *
get_text (GBytes *bytes)
{
  gsize       size;
  const char *data = g_bytes_get_data (bytes, &size);

  return size > 0 && data[0] != '\0' ? g_strndup (data, size) : NULL;
}

static char *
get_key_text (GBytes *bytes)
{
  static const guint8 unset[ZMQGLIB_KEY_SIZE] = { 0 };
  const guint8       *key = g_bytes_get_data (bytes, NULL);

  if (memcmp (key, unset, ZMQGLIB_KEY_SIZE) == 0)
    return NULL;

  return zmq_z85_encode (g_malloc (ZMQGLIB_KEY_TEXT_SIZE + 1), key, ZMQGLIB_KEY_SIZE);
}

static void
set_value_from_number (GValue                *value,
                       const ZmqSocketOption *row,
                       gint64                 number)
{
  switch (row->kind)
    {
    case ZMQGLIB_OPTION_KIND_BOOLEAN:
      g_value_set_boolean (value, number != 0);
      break;
    case ZMQGLIB_OPTION_KIND_INT:
      g_value_set_int (value, number);
      break;
    case ZMQGLIB_OPTION_KIND_INT64:
      g_value_set_int64 (value, number);
      break;
    case ZMQGLIB_OPTION_KIND_UINT64:
      g_value_set_uint64 (value, number);
      break;
    default:
      g_value_set_enum (value, number);
    }
}

/*
 * zmqglib_socket_get_option:
 * @value: (inout): a value of the property's type, to be set
 * @pspec: a property that zmqglib_socket_install_options() has made
 *
 * Reads a property. When libzmq cannot tell it, as with a closed socket, it has its default.
 */
void
zmqglib_socket_get_option (ZmqSocket  *self,
                           GValue     *value,
                           GParamSpec *pspec)
{
  const ZmqSocketOption *row = get_row (pspec);
  g_autoptr (GBytes) bytes = NULL;
  gint64 number;

  g_param_value_set_default (pspec, value);

  if (zmqglib_socket_core_check (self->core) != 0 || zmqglib_option_read (self, row->option, &bytes) != 0)
    return;

  if (row->kind == ZMQGLIB_OPTION_KIND_STRING)
    g_value_take_string (value, get_text (bytes));
  else if (row->kind == ZMQGLIB_OPTION_KIND_KEY)
    g_value_take_string (value, get_key_text (bytes));
  else if (row->kind == ZMQGLIB_OPTION_KIND_BYTES)
    g_value_take_boxed (value, g_bytes_get_size (bytes) > 0 ? g_steal_pointer (&bytes) : NULL);
  else if (zmqglib_option_get_number (bytes, &number))
    set_value_from_number (value, row, number);
}

static int
write_text (ZmqSocket  *self,
            int         option,
            const char *text)
{
  return zmqglib_option_write (self, option, text, text != NULL ? strlen (text) : 0);
}

static int
write_key (ZmqSocket  *self,
           int         option,
           const char *text)
{
  return text != NULL ? zmqglib_option_write_key (self, option, text, strlen (text)) : EINVAL;
}

static int
write_value (ZmqSocket             *self,
             const ZmqSocketOption *row,
             const GValue          *value)
{
  switch (row->kind)
    {
    case ZMQGLIB_OPTION_KIND_BOOLEAN:
      return zmqglib_option_write_number (self, row, row->option, g_value_get_boolean (value));
    case ZMQGLIB_OPTION_KIND_INT:
      return zmqglib_option_write_number (self, row, row->option, g_value_get_int (value));
    case ZMQGLIB_OPTION_KIND_INT64:
      return zmqglib_option_write_number (self, row, row->option, g_value_get_int64 (value));
    case ZMQGLIB_OPTION_KIND_UINT64:
      return zmqglib_option_write_number (self, row, row->option, g_value_get_uint64 (value));
    case ZMQGLIB_OPTION_KIND_STRING:
      return write_text (self, row->option, g_value_get_string (value));
    case ZMQGLIB_OPTION_KIND_KEY:
      return write_key (self, row->option, g_value_get_string (value));
    case ZMQGLIB_OPTION_KIND_BYTES:
      return zmqglib_option_write_bytes (self, row->option, g_value_get_boxed (value));
    default:
      return zmqglib_option_write_number (self, row, row->option, g_value_get_enum (value));
    }
}

static gboolean
has_value (ZmqSocket    *self,
           const GValue *value,
           GParamSpec   *pspec)
{
  g_auto (GValue) present = G_VALUE_INIT;

  if (!(pspec->flags & G_PARAM_READABLE))
    return FALSE;

  g_value_init (&present, pspec->value_type);
  zmqglib_socket_get_option (self, &present, pspec);

  return g_param_values_cmp (pspec, &present, value) == 0;
}

static char *
describe_value (const ZmqSocketOption *row,
                const GValue          *value)
{
  GBytes *bytes = row->kind == ZMQGLIB_OPTION_KIND_BYTES ? g_value_get_boxed (value) : NULL;

  /* who mistakes one key for another has a secret one at hand */
  if ((row->flags & ZMQGLIB_OPTION_IS_SECRET) || row->kind == ZMQGLIB_OPTION_KIND_KEY)
    return g_strdup ("something secret");
  else if (bytes != NULL)
    return g_strdup_printf ("%" G_GSIZE_FORMAT " bytes", g_bytes_get_size (bytes));
  else
    return g_strdup_value_contents (value);
}

static void
set_refused_error (GError               **error,
                   ZmqSocket             *self,
                   const ZmqSocketOption *row,
                   const GValue          *value,
                   int                    errnum)
{
  g_autofree char *description = describe_value (row, value);

  zmqglib_error_set (error, errnum, _ ("Could not set “%s” of a “%s” socket to %s"),
                     row->name, zmqglib_socket_core_get_type_nick (self->core), description);
}

/* Sets an option, or remembers that it was refused. */
static gboolean
write_option (ZmqSocket             *self,
              const ZmqSocketOption *row,
              const GValue          *value,
              GParamSpec            *pspec,
              GError               **error)
{
  int errnum = zmqglib_socket_core_check (self->core);

  if (errnum == 0)
    {
      zmqglib_socket_core_claim (self->core);
      errnum = write_value (self, row, value);
    }

  /* some options cannot be set to the default that they have: nothing is lost then */
  if (errnum == 0 || (errnum == EINVAL && has_value (self, value, pspec)))
    return TRUE;

  zmqglib_option_refused (self, row);
  set_refused_error (error, self, row, value, errnum);

  return FALSE;
}

/*
 * zmqglib_socket_write_property:
 * @value: the new value
 * @pspec: a property that zmqglib_socket_install_options() has made
 *
 * Sets a property. What libzmq refuses fails the constructor, which tells of the first; later it is warned of.
 */
void
zmqglib_socket_write_property (ZmqSocket    *self,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  g_autoptr (GError) error = NULL;

  /* the constructor is about to report why there is no socket */
  if (self->init_error != NULL || write_option (self, get_row (pspec), value, pspec, &error))
    return;

  if (self->is_initialized)
    g_warning ("%s", error->message);
  else if (self->refused_error == NULL)
    self->refused_error = g_steal_pointer (&error);
}

/* The value as one of the property, or an error that names it. */
static gboolean
convert_value (const GValue *value,
               GParamSpec   *pspec,
               GValue       *converted,
               GError      **error)
{
  g_value_init (converted, pspec->value_type);
  if (g_value_transform (value, converted) && !g_param_value_validate (pspec, converted))
    return TRUE;

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
               /* Translators: the name of a property */
               _ ("This is no value for the option “%s”"), pspec->name);

  return FALSE;
}

/* A limit of this library's, which takes every value of its range. */
static gboolean
write_own_property (ZmqSocket    *self,
                    GParamSpec   *pspec,
                    const GValue *value,
                    GError      **error)
{
  g_auto (GValue) converted = G_VALUE_INIT;

  if (!convert_value (value, pspec, &converted, error))
    return FALSE;

  g_object_set_property (G_OBJECT (self), pspec->name, &converted);

  return TRUE;
}

/*
 * zmqglib_socket_write_option:
 * @name: the name of a property
 *
 * What zmqglib_socket_set_option() does.
 */
gboolean
zmqglib_socket_write_option (ZmqSocket    *self,
                             const char   *name,
                             const GValue *value,
                             GError      **error)
{
  g_auto (GValue) converted = G_VALUE_INIT;
  GParamSpec            *pspec;
  const ZmqSocketOption *row;

  pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (self), name);
  row = pspec != NULL ? get_row (pspec) : NULL;
  if (row == NULL && pspec != NULL && (pspec->flags & G_PARAM_WRITABLE) && !(pspec->flags & G_PARAM_CONSTRUCT_ONLY))
    return write_own_property (self, pspec, value, error);
  if (row == NULL || !(pspec->flags & G_PARAM_WRITABLE))
    {
      g_autofree char *shown = zmqglib_error_show (name);

      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                   _ ("A socket has no option “%s” that can be set"), shown);
      return FALSE;
    }

  if (!convert_value (value, pspec, &converted, error))
    {
      zmqglib_option_refused (self, row);
      return FALSE;
    }

  return write_option (self, row, &converted, pspec, error);
}

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
#include "socket/zmqglib-socket-options-private.h"
#include "socket/zmqglib-socket-private.h"

/* The properties that are libzmq's options, and the functions that take an option by its number.
 * Both read and write an option as bytes; a row of the tables tells what these mean. */

#define KEY_SIZE      32
#define KEY_TEXT_SIZE 40

/* libzmq has no limit for texts; it has to be asked with ever larger buffers */
#define MAX_SIZE (64 * 1024)

static const ZmqSocketOption *const tables[] = {
  zmqglib_options_messaging,
  zmqglib_options_transport,
  zmqglib_options_security,
};

/* these follow from what was set last of any security mechanism */
static const int mechanism_options[] = {
  ZMQ_MECHANISM,
  ZMQ_PLAIN_SERVER,
  ZMQ_CURVE_SERVER,
  ZMQ_GSSAPI_SERVER,
};

#define MAX_AFFECTED (1 + G_N_ELEMENTS (mechanism_options))

static G_DEFINE_QUARK (zmqglib - socket - option, option)

    static const ZmqSocketOption *get_row (GParamSpec *pspec)
{
  return g_param_spec_get_qdata (pspec, option_quark ());
}

static const ZmqSocketOption *
find_row (int option)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const ZmqSocketOption *row = tables[i]; row->name != NULL; row++)
      if (row->option == option)
        return row;

  return NULL;
}

static GParamSpec *
create_pspec (const ZmqSocketOption *row)
{
  const char       *blurb = _ (row->blurb);
  const GParamFlags flags =
      (row->flags & G_PARAM_READWRITE) | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  switch (row->kind)
    {
    case ZMQGLIB_OPTION_BOOLEAN:
      return g_param_spec_boolean (row->name, NULL, blurb, row->default_value, flags);
    case ZMQGLIB_OPTION_INT:
      return g_param_spec_int (row->name, NULL, blurb,
                               row->minimum, row->maximum, row->default_value, flags);
    case ZMQGLIB_OPTION_INT64:
      return g_param_spec_int64 (row->name, NULL, blurb,
                                 row->minimum, row->maximum, row->default_value, flags);
    case ZMQGLIB_OPTION_UINT64:
      return g_param_spec_uint64 (row->name, NULL, blurb,
                                  0, G_MAXUINT64, row->default_value, flags);
    case ZMQGLIB_OPTION_STRING:
    case ZMQGLIB_OPTION_KEY:
      return g_param_spec_string (row->name, NULL, blurb, NULL, flags);
    case ZMQGLIB_OPTION_BYTES:
      return g_param_spec_boxed (row->name, NULL, blurb, G_TYPE_BYTES, flags);
    case ZMQGLIB_OPTION_SECURITY_MECHANISM:
      return g_param_spec_enum (row->name, NULL, blurb,
                                ZMQGLIB_TYPE_SECURITY_MECHANISM, row->default_value, flags);
    case ZMQGLIB_OPTION_GSSAPI_NAME_TYPE:
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

  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const ZmqSocketOption *row = tables[i]; row->name != NULL; row++)
      {
        GParamSpec *pspec = create_pspec (row);

        g_param_spec_set_qdata (pspec, option_quark (), (gpointer) row);
        g_object_class_install_property (object_class, prop_id++, pspec);
      }
}

static gboolean
is_number (const ZmqSocketOption *row)
{
  switch (row->kind)
    {
    case ZMQGLIB_OPTION_STRING:
    case ZMQGLIB_OPTION_KEY:
    case ZMQGLIB_OPTION_BYTES:
      return FALSE;
    default:
      return TRUE;
    }
}

static gboolean
is_wide (const ZmqSocketOption *row)
{
  return row->kind == ZMQGLIB_OPTION_INT64 || row->kind == ZMQGLIB_OPTION_UINT64;
}

/* libzmq wants exactly the size of a number or key, and for all else enough, without telling how
 * much that is. What is not in the tables may be either; the exact sizes are powers of two. */
static void
get_sizes (const ZmqSocketOption *row,
           gsize                 *first,
           gsize                 *last)
{
  if (row == NULL)
    {
      *first = sizeof (int);
      *last = MAX_SIZE;
    }
  else if (is_number (row))
    *first = *last = is_wide (row) ? sizeof (gint64) : sizeof (int);
  else if (row->kind == ZMQGLIB_OPTION_KEY)
    *first = *last = KEY_SIZE;
  else
    {
      *first = 256;
      *last = MAX_SIZE;
    }
}

static int
read_bytes (ZmqSocket *self,
            int        option,
            GBytes   **bytes)
{
  gsize first_size;
  gsize last_size;
  int   errnum = EINVAL;

  get_sizes (find_row (option), &first_size, &last_size);

  for (gsize size = first_size; size <= last_size && errnum == EINVAL; size *= 2)
    {
      g_autofree guint8 *data = g_malloc (size);
      gsize              actual_size = size;

      do
        errnum = zmq_getsockopt (self->core->handle, option, data, &actual_size) == 0 ? 0 : zmq_errno ();
      while (errnum == EINTR);

      if (errnum == 0)
        *bytes = g_bytes_new_take (g_steal_pointer (&data), actual_size);
    }

  zmqglib_socket_core_touch (self->core, NULL);

  return errnum;
}

static gboolean
get_number (GBytes *bytes,
            gint64 *number)
{
  gsize         size;
  gconstpointer data = g_bytes_get_data (bytes, &size);
  int           narrow;

  switch (size)
    {
    case sizeof narrow:
      memcpy (&narrow, data, size);
      *number = narrow;
      return TRUE;
    case sizeof *number:
      memcpy (number, data, size);
      return TRUE;
    default:
      return FALSE;
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
  static const guint8 unset[KEY_SIZE] = { 0 };
  const guint8       *key = g_bytes_get_data (bytes, NULL);

  if (memcmp (key, unset, KEY_SIZE) == 0)
    return NULL;

  return zmq_z85_encode (g_malloc (KEY_TEXT_SIZE + 1), key, KEY_SIZE);
}

static void
set_value_from_number (GValue                *value,
                       const ZmqSocketOption *row,
                       gint64                 number)
{
  switch (row->kind)
    {
    case ZMQGLIB_OPTION_BOOLEAN:
      g_value_set_boolean (value, number != 0);
      break;
    case ZMQGLIB_OPTION_INT:
      g_value_set_int (value, number);
      break;
    case ZMQGLIB_OPTION_INT64:
      g_value_set_int64 (value, number);
      break;
    case ZMQGLIB_OPTION_UINT64:
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

  if (self->core->handle == NULL || read_bytes (self, row->option, &bytes) != 0)
    return;

  if (row->kind == ZMQGLIB_OPTION_STRING)
    g_value_take_string (value, get_text (bytes));
  else if (row->kind == ZMQGLIB_OPTION_KEY)
    g_value_take_string (value, get_key_text (bytes));
  else if (row->kind == ZMQGLIB_OPTION_BYTES)
    g_value_take_boxed (value, g_bytes_get_size (bytes) > 0 ? g_steal_pointer (&bytes) : NULL);
  else if (get_number (bytes, &number))
    set_value_from_number (value, row, number);
}

/* Which readable properties setting an option may change, some perhaps twice. */
static guint
list_affected (const ZmqSocketOption *row,
               const ZmqSocketOption *affected[MAX_AFFECTED])
{
  guint n_affected = 0;

  if (row != NULL && (row->flags & G_PARAM_READABLE))
    affected[n_affected++] = row;

  if (row != NULL && (row->flags & ZMQGLIB_OPTION_SELECTS_MECHANISM))
    for (gsize i = 0; i < G_N_ELEMENTS (mechanism_options); i++)
      affected[n_affected++] = find_row (mechanism_options[i]);

  return n_affected;
}

static void
notify_if_changed (ZmqSocket             *self,
                   const ZmqSocketOption *row,
                   GBytes                *old_bytes)
{
  g_autoptr (GBytes) bytes = NULL;

  if (old_bytes == NULL || read_bytes (self, row->option, &bytes) != 0)
    return;

  if (!g_bytes_equal (bytes, old_bytes))
    g_object_notify (G_OBJECT (self), row->name);
}

static int
write_bytes (ZmqSocket    *self,
             int           option,
             gconstpointer data,
             gsize         size)
{
  const ZmqSocketOption *affected[MAX_AFFECTED];
  GBytes                *old_bytes[MAX_AFFECTED] = { NULL };
  guint                  n_affected = list_affected (find_row (option), affected);
  int                    errnum = 0;

  for (guint i = 0; i < n_affected; i++)
    read_bytes (self, affected[i]->option, &old_bytes[i]);

  /* an empty value unsets some options, but only without data */
  if (zmq_setsockopt (self->core->handle, option, size > 0 ? data : NULL, size) != 0)
    errnum = zmq_errno ();
  zmqglib_socket_core_touch (self->core, NULL);

  /* so that each is notified once, and handlers, which may do anything, come last */
  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = 0; i < n_affected; i++)
    {
      notify_if_changed (self, affected[i], old_bytes[i]);
      g_clear_pointer (&old_bytes[i], g_bytes_unref);
    }
  g_object_thaw_notify (G_OBJECT (self));

  return errnum;
}

static int
write_number (ZmqSocket             *self,
              const ZmqSocketOption *row,
              int                    option,
              gint64                 number)
{
  int narrow = number;

  if (row != NULL && is_wide (row))
    return write_bytes (self, option, &number, sizeof number);
  else
    return write_bytes (self, option, &narrow, sizeof narrow);
}

static int
write_text (ZmqSocket  *self,
            int         option,
            const char *text)
{
  return write_bytes (self, option, text, text != NULL ? strlen (text) : 0);
}

static int
write_key (ZmqSocket  *self,
           int         option,
           const char *text)
{
  guint8 key[KEY_SIZE];

  /* libzmq would take other lengths for something else, and spoil its key when it cannot decode
   * the new one */
  if (text == NULL || strlen (text) != KEY_TEXT_SIZE || zmq_z85_decode (key, text) == NULL)
    return EINVAL;

  return write_bytes (self, option, key, sizeof key);
}

static int
write_boxed_bytes (ZmqSocket *self,
                   int        option,
                   GBytes    *bytes)
{
  gsize         size = 0;
  gconstpointer data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  return write_bytes (self, option, data, size);
}

static int
write_value (ZmqSocket             *self,
             const ZmqSocketOption *row,
             const GValue          *value)
{
  switch (row->kind)
    {
    case ZMQGLIB_OPTION_BOOLEAN:
      return write_number (self, row, row->option, g_value_get_boolean (value));
    case ZMQGLIB_OPTION_INT:
      return write_number (self, row, row->option, g_value_get_int (value));
    case ZMQGLIB_OPTION_INT64:
      return write_number (self, row, row->option, g_value_get_int64 (value));
    case ZMQGLIB_OPTION_UINT64:
      return write_number (self, row, row->option, g_value_get_uint64 (value));
    case ZMQGLIB_OPTION_STRING:
      return write_text (self, row->option, g_value_get_string (value));
    case ZMQGLIB_OPTION_KEY:
      return write_key (self, row->option, g_value_get_string (value));
    case ZMQGLIB_OPTION_BYTES:
      return write_boxed_bytes (self, row->option, g_value_get_boxed (value));
    default:
      return write_number (self, row, row->option, g_value_get_enum (value));
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
  GBytes *bytes = row->kind == ZMQGLIB_OPTION_BYTES ? g_value_get_boxed (value) : NULL;

  if (row->flags & ZMQGLIB_OPTION_IS_SECRET)
    return g_strdup ("something secret");
  else if (bytes != NULL)
    return g_strdup_printf ("%" G_GSIZE_FORMAT " bytes", g_bytes_get_size (bytes));
  else
    return g_strdup_value_contents (value);
}

/*
 * zmqglib_socket_set_option:
 * @value: the new value
 * @pspec: a property that zmqglib_socket_install_options() has made
 *
 * Sets a property, and warns of what libzmq refuses.
 */
void
zmqglib_socket_set_option (ZmqSocket    *self,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  const ZmqSocketOption *row = get_row (pspec);
  g_autofree char       *description = NULL;
  int                    errnum;

  /* the constructor is about to report why there is no socket */
  if (self->init_error != NULL)
    return;

  errnum = zmqglib_socket_core_check_open (self->core, "", NULL) ? write_value (self, row, value) : ENOTSOCK;

  /* some options cannot be set to the default that they have: nothing is lost then */
  if (errnum == 0 || (errnum == EINVAL && has_value (self, value, pspec)))
    return;

  description = describe_value (row, value);
  g_warning ("Could not set “%s” of a “%s” socket to %s: %s",
             row->name, zmqglib_socket_core_get_type_nick (self->core), description,
             zmqglib_error_get_reason (errnum));
}

static void
set_write_error (GError   **error,
                 int        errnum,
                 ZmqSocket *self,
                 int        option)
{
  const ZmqSocketOption *row = find_row (option);
  const char            *nick = zmqglib_socket_core_get_type_nick (self->core);

  if (row != NULL)
    zmqglib_error_set (error, errnum, _ ("Could not set the option “%s” of a “%s” socket"),
                       row->name, nick);
  else
    zmqglib_error_set (error, errnum, _ ("Could not set the option %d of a “%s” socket"),
                       option, nick);
}

static void
set_read_error (GError   **error,
                int        errnum,
                ZmqSocket *self,
                int        option)
{
  const ZmqSocketOption *row = find_row (option);
  const char            *nick = zmqglib_socket_core_get_type_nick (self->core);

  if (row != NULL)
    zmqglib_error_set (error, errnum, _ ("Could not get the option “%s” of a “%s” socket"),
                       row->name, nick);
  else
    zmqglib_error_set (error, errnum, _ ("Could not get the option %d of a “%s” socket"),
                       option, nick);
}

/**
 * zmqglib_socket_set_option_int:
 * @self: a socket
 * @option: the number of an option, one of libzmq's `ZMQ_…`
 * @value: the new value
 * @error: return location for an error
 *
 * Sets an option that is a number or a boolean (`zmq_setsockopt ()`), be it one that has no
 * property or one whose refusal the program has to know about. An option that libzmq has with 64
 * bits is widened. When the option has a property that has changed, it is notified.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when the option is not known, does not go with the
 * socket's type, is not a number or cannot have the value, with %ZMQGLIB_ERROR_TERMINATED when
 * the context was shut down, and with %ZMQGLIB_ERROR_CLOSED when the socket was closed. To be
 * called from the socket's thread only.
 *
 * Returns: %TRUE when it was set, %FALSE with @error set otherwise
 */
gboolean
zmqglib_socket_set_option_int (ZmqSocket *self,
                               int        option,
                               int        value,
                               GError   **error)
{
  const ZmqSocketOption *row = find_row (option);
  int                    errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!zmqglib_socket_core_check_open (self->core, "", NULL))
    {
      set_write_error (error, ENOTSOCK, self, option);
      return FALSE;
    }

  if (row != NULL && (!is_number (row) || (row->kind == ZMQGLIB_OPTION_UINT64 && value < 0)))
    errnum = EINVAL;
  else
    errnum = write_number (self, row, option, value);

  if (errnum != 0)
    set_write_error (error, errnum, self, option);

  return errnum == 0;
}

static gboolean
fits_int (const ZmqSocketOption *row,
          gint64                 number)
{
  if (row != NULL && row->kind == ZMQGLIB_OPTION_UINT64)
    return (guint64) number <= G_MAXINT;
  else
    return number >= G_MININT && number <= G_MAXINT;
}

/**
 * zmqglib_socket_get_option_int:
 * @self: a socket
 * @option: the number of an option, one of libzmq's `ZMQ_…`
 * @value: (out): the value
 * @error: return location for an error
 *
 * Gets an option that is a number or a boolean (`zmq_getsockopt ()`), be it with 32 or with 64
 * bits.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when the option is not known, cannot be read, is
 * not a number or does not fit into @value, with %ZMQGLIB_ERROR_TERMINATED when the context was
 * shut down, and with %ZMQGLIB_ERROR_CLOSED when the socket was closed. To be called from the
 * socket's thread only.
 *
 * Returns: %TRUE with @value set, %FALSE with @error set otherwise
 */
gboolean
zmqglib_socket_get_option_int (ZmqSocket *self,
                               int        option,
                               int       *value,
                               GError   **error)
{
  const ZmqSocketOption *row = find_row (option);
  g_autoptr (GBytes) bytes = NULL;
  gint64 number = 0;
  int    errnum = EINVAL;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (value != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!zmqglib_socket_core_check_open (self->core, "", NULL))
    {
      set_read_error (error, ENOTSOCK, self, option);
      return FALSE;
    }

  if (row == NULL || is_number (row))
    errnum = read_bytes (self, option, &bytes);

  if (errnum == 0 && !(get_number (bytes, &number) && fits_int (row, number)))
    errnum = EINVAL;

  if (errnum != 0)
    {
      set_read_error (error, errnum, self, option);
      return FALSE;
    }

  *value = number;

  return TRUE;
}

/**
 * zmqglib_socket_set_option_bytes:
 * @self: a socket
 * @option: the number of an option, one of libzmq's `ZMQ_…`
 * @value: (nullable): the new value as libzmq wants it, or %NULL for an empty one
 * @error: return location for an error
 *
 * Sets an option of any kind from its bytes (`zmq_setsockopt ()`). A number is to be given in the
 * machine's own byte order, with as many bytes as libzmq has for it. When the option has a property
 * that has changed, it is notified.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when the option is not known, does not go with the
 * socket's type or cannot have the value, with %ZMQGLIB_ERROR_TERMINATED when the context was
 * shut down, and with %ZMQGLIB_ERROR_CLOSED when the socket was closed. To be called from the
 * socket's thread only.
 *
 * Returns: %TRUE when it was set, %FALSE with @error set otherwise
 */
gboolean
zmqglib_socket_set_option_bytes (ZmqSocket *self,
                                 int        option,
                                 GBytes    *value,
                                 GError   **error)
{
  int errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!zmqglib_socket_core_check_open (self->core, "", NULL))
    {
      set_write_error (error, ENOTSOCK, self, option);
      return FALSE;
    }

  errnum = write_boxed_bytes (self, option, value);
  if (errnum != 0)
    set_write_error (error, errnum, self, option);

  return errnum == 0;
}

/**
 * zmqglib_socket_get_option_bytes:
 * @self: a socket
 * @option: the number of an option, one of libzmq's `ZMQ_…`
 * @error: return location for an error
 *
 * Gets the bytes of an option of any kind, just as libzmq gives them (`zmq_getsockopt ()`): a text
 * ends with a zero byte, a number is in the machine's own byte order, and a CURVE key has 32 bytes.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when the option is not known, cannot be read or is
 * longer than 64 KiB, with %ZMQGLIB_ERROR_TERMINATED when the context was shut down, and with
 * %ZMQGLIB_ERROR_CLOSED when the socket was closed. To be called from the socket's thread only.
 *
 * Returns: (transfer full): the value, or %NULL with @error set
 */
GBytes *
zmqglib_socket_get_option_bytes (ZmqSocket *self,
                                 int        option,
                                 GError   **error)
{
  g_autoptr (GBytes) bytes = NULL;
  int errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!zmqglib_socket_core_check_open (self->core, "", NULL))
    {
      set_read_error (error, ENOTSOCK, self, option);
      return NULL;
    }

  errnum = read_bytes (self, option, &bytes);
  if (errnum != 0)
    set_read_error (error, errnum, self, option);

  return g_steal_pointer (&bytes);
}

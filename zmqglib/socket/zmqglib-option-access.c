/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>

#include "base/zmqglib-wipe-private.h"
#include "base/zmqglib-withholding-private.h"
#include "keys/zmqglib-keys-private.h"
#include "socket/zmqglib-option-access-private.h"
#include "socket/zmqglib-option-check-private.h"
#include "socket/zmqglib-socket-private.h"

/* Reads and writes an option as bytes; a row of the tables tells what these mean. */

/* libzmq has no limit for texts; it has to be asked with ever larger buffers */
#define MAX_SIZE (64 * 1024)

const ZmqSocketOption *const zmqglib_option_tables[] = {
  zmqglib_options_messaging,
  zmqglib_options_transport,
  zmqglib_options_security,
  NULL,
};

/* these follow from what was set last of any security mechanism */
static const int mechanism_options[] = {
  ZMQ_MECHANISM,
  ZMQ_PLAIN_SERVER,
  ZMQ_CURVE_SERVER,
  ZMQ_GSSAPI_SERVER,
};

#define MAX_AFFECTED (1 + G_N_ELEMENTS (mechanism_options))

/*
 * zmqglib_option_find:
 * @option: the number of an option
 *
 * Returns: (nullable): the row of the tables, or %NULL when the option has no property
 */
const ZmqSocketOption *
zmqglib_option_find (int option)
{
  for (gsize i = 0; zmqglib_option_tables[i] != NULL; i++)
    for (const ZmqSocketOption *row = zmqglib_option_tables[i]; row->name != NULL; row++)
      if (row->option == option)
        return row;

  return NULL;
}

/*
 * zmqglib_option_is_number:
 *
 * Returns: whether the option is a number for libzmq, rather than bytes
 */
gboolean
zmqglib_option_is_number (const ZmqSocketOption *row)
{
  switch (row->kind)
    {
    case ZMQGLIB_OPTION_KIND_STRING:
    case ZMQGLIB_OPTION_KIND_KEY:
    case ZMQGLIB_OPTION_KIND_BYTES:
      return FALSE;
    default:
      return TRUE;
    }
}

static gboolean
is_wide (const ZmqSocketOption *row)
{
  return row->kind == ZMQGLIB_OPTION_KIND_INT64 || row->kind == ZMQGLIB_OPTION_KIND_UINT64;
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
  else if (zmqglib_option_is_number (row))
    *first = *last = is_wide (row) ? sizeof (gint64) : sizeof (int);
  else if (row->kind == ZMQGLIB_OPTION_KIND_KEY)
    *first = *last = ZMQGLIB_KEY_SIZE;
  else
    {
      *first = 256;
      *last = MAX_SIZE;
    }
}

/*
 * zmqglib_option_read:
 * @bytes: (out): the value, set on success alone
 *
 * Reads an option of an open socket.
 *
 * Returns: 0, or an error number
 */
int
zmqglib_option_read (ZmqSocket *self,
                     int        option,
                     GBytes   **bytes)
{
  const ZmqSocketOption              *row = zmqglib_option_find (option);
  g_auto (ZmqWithholding) withholding G_GNUC_UNUSED = zmqglib_withholding_new ();
  const gboolean                      is_secret = row != NULL && (row->flags & ZMQGLIB_OPTION_IS_SECRET);
  gsize                               first_size;
  gsize                               last_size;
  int                                 errnum = EINVAL;

  get_sizes (row, &first_size, &last_size);

  for (gsize size = first_size; size <= last_size && errnum == EINVAL; size *= 2)
    {
      g_autofree guint8 *data = g_malloc (size);
      gsize              actual_size = size;

      do
        errnum = zmq_getsockopt (self->core->handle, option, data, &actual_size) == 0 ? 0 : zmq_errno ();
      while (errnum == EINTR);

      if (errnum == 0)
        *bytes = is_secret ? zmqglib_wipe_bytes_new_take (g_steal_pointer (&data), actual_size)
                           : g_bytes_new_take (g_steal_pointer (&data), actual_size);
    }

  zmqglib_socket_core_touch (self->core, NULL);

  return errnum;
}

/*
 * zmqglib_option_get_number:
 * @bytes: what was read
 * @number: (out): the number
 *
 * Returns: whether it is a number, of 32 or 64 bits
 */
gboolean
zmqglib_option_get_number (GBytes *bytes,
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
      affected[n_affected++] = zmqglib_option_find (mechanism_options[i]);

  return n_affected;
}

static void
notify_if_changed (ZmqSocket             *self,
                   const ZmqSocketOption *row,
                   GBytes                *old_bytes)
{
  g_autoptr (GBytes) bytes = NULL;

  if (old_bytes == NULL || zmqglib_option_read (self, row->option, &bytes) != 0)
    return;

  if (!g_bytes_equal (bytes, old_bytes))
    g_object_notify (G_OBJECT (self), row->name);
}

/*
 * zmqglib_option_write:
 *
 * Writes an option of an open socket, and notifies the properties that have changed with it.
 *
 * Returns: 0, or an error number
 */
int
zmqglib_option_write (ZmqSocket    *self,
                      int           option,
                      gconstpointer data,
                      gsize         size)
{
  const ZmqSocketOption *row = zmqglib_option_find (option);
  const ZmqSocketOption *affected[MAX_AFFECTED];
  GBytes                *old_bytes[MAX_AFFECTED] = { NULL };
  guint                  n_affected = list_affected (row, affected);
  int                    errnum = zmqglib_option_check (self, row, option, data, size);

  if (errnum != 0)
    return errnum;

  if (zmqglib_option_changes_nothing (self, row, data, size))
    {
      zmqglib_option_mended (self, option);
      return 0;
    }

  for (guint i = 0; i < n_affected; i++)
    zmqglib_option_read (self, affected[i]->option, &old_bytes[i]);

  /* an empty value unsets some options, but only without data */
  if (zmq_setsockopt (self->core->handle, option, size > 0 ? data : NULL, size) != 0)
    errnum = zmq_errno ();
  else
    zmqglib_option_written (self, option, data, size);
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

/*
 * zmqglib_option_write_number:
 * @row: (nullable): the row of @option
 *
 * Writes an option that is a number; it is widened where libzmq has it with 64 bits.
 *
 * Returns: 0, or an error number
 */
int
zmqglib_option_write_number (ZmqSocket             *self,
                             const ZmqSocketOption *row,
                             int                    option,
                             gint64                 number)
{
  int narrow = number;

  if (row != NULL && is_wide (row))
    return zmqglib_option_write (self, option, &number, sizeof number);
  else
    return zmqglib_option_write (self, option, &narrow, sizeof narrow);
}

/*
 * zmqglib_option_write_key:
 * @text: a key as Z85 text, perhaps with white space around it
 *
 * Writes a key of CURVE. libzmq would take other lengths for something else, and spoil the key that it has when it
 * cannot decode the new one.
 *
 * Returns: 0, or an error number
 */
int
zmqglib_option_write_key (ZmqSocket  *self,
                          int         option,
                          const char *text,
                          gsize       size)
{
  ZmqKeyText key;
  guint8     binary[ZMQGLIB_KEY_SIZE];
  int        errnum;

  if (!zmqglib_key_read (text, size, key))
    return EINVAL;

  zmq_z85_decode (binary, key);
  errnum = zmqglib_option_write (self, option, binary, sizeof binary);
  zmqglib_wipe (binary, sizeof binary);
  zmqglib_wipe (key, sizeof key);
  zmqglib_wipe_stack ();

  return errnum;
}

/*
 * zmqglib_option_write_bytes:
 * @bytes: (nullable): the value, or %NULL for an empty one
 *
 * Writes an option of any kind; a key may be its 32 bytes, or text.
 *
 * Returns: 0, or an error number
 */
int
zmqglib_option_write_bytes (ZmqSocket *self,
                            int        option,
                            GBytes    *bytes)
{
  const ZmqSocketOption *row = zmqglib_option_find (option);
  gsize                  size = 0;
  gconstpointer          data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  if (row != NULL && row->kind == ZMQGLIB_OPTION_KIND_KEY && size != ZMQGLIB_KEY_SIZE)
    return zmqglib_option_write_key (self, option, data, size);

  return zmqglib_option_write (self, option, data, size);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "socket/zmqglib-option-access-private.h"
#include "socket/zmqglib-socket-private.h"

/* The functions that set and get an option by name or number, and say what was refused. */

static void
set_write_error (GError   **error,
                 int        errnum,
                 ZmqSocket *self,
                 int        option)
{
  const ZmqSocketOption *row = zmqglib_option_find (option);
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
  const ZmqSocketOption *row = zmqglib_option_find (option);
  const char            *nick = zmqglib_socket_core_get_type_nick (self->core);

  if (row != NULL)
    zmqglib_error_set (error, errnum, _ ("Could not get the option “%s” of a “%s” socket"),
                       row->name, nick);
  else
    zmqglib_error_set (error, errnum, _ ("Could not get the option %d of a “%s” socket"),
                       option, nick);
}

/**
 * zmqglib_socket_set_option:
 * @self: a socket
 * @name: the name of a property that is an option, such as `linger`
 * @value: the new value, of the property's type or one that can be transformed into it
 * @error: return location for an error
 *
 * Sets an option by the name of its property, as [method@GObject.Object.set_property] does, and fails
 * where that one only warns.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when there is no such option or it cannot be written, when
 * the value is not of its type or range, or when libzmq refuses it (`zmq_setsockopt()`), and with
 * %ZMQGLIB_ERROR_CLOSED when the socket is closed. To be called from the socket's thread only.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_set_option (ZmqSocket    *self,
                           const char   *name,
                           const GValue *value,
                           GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (G_IS_VALUE (value), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return zmqglib_socket_write_option (self, name, value, error);
}

/**
 * zmqglib_socket_set_option_int:
 * @self: a socket
 * @option: the number of an option, as [enum@Zmq.Option] has it, or another one of libzmq's `ZMQ_…`
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
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_set_option_int (ZmqSocket *self,
                               int        option,
                               int        value,
                               GError   **error)
{
  const ZmqSocketOption *row = zmqglib_option_find (option);
  int                    errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!zmqglib_socket_core_check_open (self->core, "", NULL))
    {
      set_write_error (error, zmqglib_socket_core_check (self->core), self, option);
      return FALSE;
    }

  if (row != NULL && (!zmqglib_option_is_number (row) || (row->kind == ZMQGLIB_OPTION_KIND_UINT64 && value < 0)))
    errnum = EINVAL;
  else
    errnum = zmqglib_option_write_number (self, row, option, value);

  if (errnum != 0)
    set_write_error (error, errnum, self, option);

  return errnum == 0;
}

static gboolean
fits_int (const ZmqSocketOption *row,
          gint64                 number)
{
  if (row != NULL && row->kind == ZMQGLIB_OPTION_KIND_UINT64)
    return (guint64) number <= G_MAXINT;
  else
    return number >= G_MININT && number <= G_MAXINT;
}

/**
 * zmqglib_socket_get_option_int:
 * @self: a socket
 * @option: the number of an option, as [enum@Zmq.Option] has it, or another one of libzmq's `ZMQ_…`
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
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_get_option_int (ZmqSocket *self,
                               int        option,
                               int       *value,
                               GError   **error)
{
  const ZmqSocketOption *row = zmqglib_option_find (option);
  g_autoptr (GBytes) bytes = NULL;
  gint64 number = 0;
  int    errnum = EINVAL;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (value != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!zmqglib_socket_core_check_open (self->core, "", NULL))
    {
      set_read_error (error, zmqglib_socket_core_check (self->core), self, option);
      return FALSE;
    }

  if (row == NULL || zmqglib_option_is_number (row))
    errnum = zmqglib_option_read (self, option, &bytes);

  if (errnum == 0 && !(zmqglib_option_get_number (bytes, &number) && fits_int (row, number)))
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
 * @option: the number of an option, as [enum@Zmq.Option] has it, or another one of libzmq's `ZMQ_…`
 * @value: (nullable): the new value as libzmq wants it, or %NULL for an empty one
 * @error: return location for an error
 *
 * Sets an option of any kind from its bytes (`zmq_setsockopt ()`). A number is to be given in the
 * machine's own byte order, with as many bytes as libzmq has for it, and a key of CURVE as its 32 bytes or as text. When the option has a property
 * that has changed, it is notified.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when the option is not known, does not go with the
 * socket's type or cannot have the value, with %ZMQGLIB_ERROR_TERMINATED when the context was
 * shut down, and with %ZMQGLIB_ERROR_CLOSED when the socket was closed. To be called from the
 * socket's thread only.
 *
 * Returns: %TRUE when it was set, %FALSE with @error set otherwise
 *
 * Since: 1.0
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
      set_write_error (error, zmqglib_socket_core_check (self->core), self, option);
      return FALSE;
    }

  errnum = zmqglib_option_write_bytes (self, option, value);
  if (errnum != 0)
    set_write_error (error, errnum, self, option);

  return errnum == 0;
}

/**
 * zmqglib_socket_get_option_bytes:
 * @self: a socket
 * @option: the number of an option, as [enum@Zmq.Option] has it, or another one of libzmq's `ZMQ_…`
 * @error: return location for an error
 *
 * Gets the bytes of an option of any kind, just as libzmq gives them (`zmq_getsockopt ()`): a text
 * ends with a zero byte, a number is in the machine's own byte order, and a CURVE key has 32 bytes.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when the option is not known, cannot be read or is
 * longer than 64 KiB, with %ZMQGLIB_ERROR_PERMISSION_DENIED for a password or a secret key, with %ZMQGLIB_ERROR_TERMINATED when the context was shut down, and with
 * %ZMQGLIB_ERROR_CLOSED when the socket was closed. To be called from the socket's thread only.
 *
 * Returns: (transfer full): the value, or %NULL with @error set
 *
 * Since: 1.0
 */
GBytes *
zmqglib_socket_get_option_bytes (ZmqSocket *self,
                                 int        option,
                                 GError   **error)
{
  const ZmqSocketOption *row = zmqglib_option_find (option);
  g_autoptr (GBytes) bytes = NULL;
  int errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!zmqglib_socket_core_check_open (self->core, "", NULL))
    {
      set_read_error (error, zmqglib_socket_core_check (self->core), self, option);
      return NULL;
    }

  errnum = row != NULL && (row->flags & ZMQGLIB_OPTION_IS_SECRET) ? EACCES : zmqglib_option_read (self, option, &bytes);
  if (errnum != 0)
    set_read_error (error, errnum, self, option);

  return g_steal_pointer (&bytes);
}

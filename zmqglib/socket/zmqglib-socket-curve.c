/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <zmq.h>

#include <zmqglib/zmqglib-socket-curve.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "keys/zmqglib-certificate-private.h"
#include "socket/zmqglib-option-access-private.h"
#include "socket/zmqglib-option-check-private.h"
#include "socket/zmqglib-socket-private.h"

/* The options of CURVE, which are all set or none: with some of them a socket would send in clear, or let
 * anybody in. */

static const int curve_options[] = {
  ZMQ_CURVE_SERVER,
  ZMQ_CURVE_SERVERKEY,
  ZMQ_CURVE_PUBLICKEY,
  ZMQ_CURVE_SECRETKEY,
};

/* What the socket has of CURVE is not what was asked for: it has to be set anew. */
static gboolean
refuse (ZmqSocket *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (curve_options); i++)
    zmqglib_option_refused (self, zmqglib_option_find (curve_options[i]));

  return FALSE;
}

static int
write_key (ZmqSocket       *self,
           int              option,
           const ZmqKeyText key)
{
  return zmqglib_option_write_key (self, option, key, ZMQGLIB_KEY_TEXT_SIZE);
}

/* The role comes last, and with it the mechanism. */
static int
write_options (ZmqSocket     *self,
               const ZmqKeys *own,
               const char    *server_key)
{
  int errnum = write_key (self, ZMQ_CURVE_PUBLICKEY, own->public_key);

  if (errnum == 0)
    errnum = write_key (self, ZMQ_CURVE_SECRETKEY, own->secret_key);
  if (errnum != 0)
    return errnum;

  if (server_key != NULL)
    return write_key (self, ZMQ_CURVE_SERVERKEY, server_key);
  else
    return zmqglib_option_write_number (self, zmqglib_option_find (ZMQ_CURVE_SERVER), ZMQ_CURVE_SERVER, TRUE);
}

static gboolean
set_options (ZmqSocket     *self,
             const ZmqKeys *own,
             const char    *server_key,
             const char    *what,
             GError       **error)
{
  int errnum;

  zmqglib_socket_core_claim (self->core);

  /* handlers may do anything, also to the options that are next */
  g_object_freeze_notify (G_OBJECT (self));
  errnum = write_options (self, own, server_key);
  if (errnum != 0)
    {
      refuse (self);
      zmqglib_error_set (error, errnum, "%s", what);
    }
  else
    for (gsize i = 0; i < G_N_ELEMENTS (curve_options); i++)
      zmqglib_option_mended (self, curve_options[i]);
  g_object_thaw_notify (G_OBJECT (self));

  return errnum == 0;
}

static gboolean
check_own (ZmqSocket      *self,
           ZmqCertificate *own,
           const char     *what,
           GError        **error)
{
  if (!zmqglib_socket_core_check_open (self->core, what, error))
    return FALSE;

  if (zmqglib_certificate_has_secret_key (own))
    return TRUE;

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
               /* Translators: what could not be done */
               _ ("%s: The certificate has no secret key"), what);

  return refuse (self);
}

/**
 * zmqglib_socket_set_curve_server:
 * @self: a socket
 * @certificate: the server's certificate, with its secret key
 * @error: return location for an error
 *
 * Makes the socket a server of the CURVE mechanism, for the binds and connections after this: what is sent is
 * encrypted, and peers have to know the public key. Which of them may come in is for an authenticator; without
 * one, all that know it may.
 *
 * When it fails, the socket refuses to bind and to connect until this or
 * [method@Zmq.Socket.set_curve_client] has succeeded, or each property of CURVE was set.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when the certificate has no secret key, and with
 * %ZMQGLIB_ERROR_CLOSED. To be called by the thread that uses the socket.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_set_curve_server (ZmqSocket      *self,
                                 ZmqCertificate *certificate,
                                 GError        **error)
{
  g_autofree char *what = NULL;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (ZMQGLIB_IS_CERTIFICATE (certificate), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  what = g_strdup_printf (_ ("Could not make a “%s” socket a server of CURVE"),
                          zmqglib_socket_core_get_type_nick (self->core));

  return check_own (self, certificate, what, error) &&
         set_options (self, &certificate->keys, NULL, what, error);
}

/**
 * zmqglib_socket_set_curve_client:
 * @self: a socket
 * @own: the client's own certificate, with its secret key
 * @server_key: the public key of the server, 40 characters of Z85
 * @error: return location for an error
 *
 * Makes the socket a client of the CURVE mechanism, for the binds and connections after this: what is sent is
 * encrypted, and only for who has the secret key of @server_key. White space around that does not belong to it.
 *
 * When it fails, the socket refuses to bind and to connect until this or
 * [method@Zmq.Socket.set_curve_server] has succeeded, or each property of CURVE was set.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when the certificate has no secret key or @server_key is no key,
 * and with %ZMQGLIB_ERROR_CLOSED. To be called by the thread that uses the socket.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_set_curve_client (ZmqSocket      *self,
                                 ZmqCertificate *own,
                                 const char     *server_key,
                                 GError        **error)
{
  g_autofree char *what = NULL;
  ZmqKeyText       key;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (ZMQGLIB_IS_CERTIFICATE (own), FALSE);
  g_return_val_if_fail (server_key != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  what = g_strdup_printf (_ ("Could not make a “%s” socket a client of CURVE"),
                          zmqglib_socket_core_get_type_nick (self->core));

  if (!check_own (self, own, what, error))
    return FALSE;

  if (zmqglib_key_read (server_key, strlen (server_key), key))
    return set_options (self, &own->keys, key, what, error);

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
               /* Translators: what could not be done; Z85 is a way to write bytes as text */
               _ ("%s: The server’s key is not 40 characters of Z85"), what);

  return refuse (self);
}

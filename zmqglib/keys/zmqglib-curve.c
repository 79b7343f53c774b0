/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <zmqglib/zmqglib-curve.h>
#include <zmqglib/zmqglib-error.h>

#include "base/zmqglib-i18n-private.h"
#include "base/zmqglib-wipe-private.h"
#include "keys/zmqglib-keys-private.h"

/* Keys as texts, for who keeps them somewhere else than in certificates. */

/**
 * zmqglib_curve_keypair:
 * @public_key: (out) (transfer full): the public key, 40 characters of Z85
 * @secret_key: (out) (transfer full): the secret key that belongs to it, likewise
 * @error: return location for an error
 *
 * Makes a new pair of keys of the CURVE mechanism (`zmq_curve_keypair ()`). It is for the caller to overwrite the secret
 * one before it is freed; a [class@Zmq.Certificate] does so. May be called from any thread.
 *
 * Fails with %ZMQGLIB_ERROR_NOT_SUPPORTED when libzmq was built without CURVE.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
zmqglib_curve_keypair (char   **public_key,
                       char   **secret_key,
                       GError **error)
{
  ZmqKeys keys;

  g_return_val_if_fail (public_key != NULL, FALSE);
  g_return_val_if_fail (secret_key != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!zmqglib_keys_make (&keys, error))
    return FALSE;

  *public_key = g_strdup (keys.public_key);
  *secret_key = g_strdup (keys.secret_key);
  zmqglib_wipe (&keys, sizeof keys);

  return TRUE;
}

/**
 * zmqglib_curve_public_key:
 * @secret_key: a secret key, 40 characters of Z85
 * @error: return location for an error
 *
 * Computes the public key that belongs to a secret one (`zmq_curve_public ()`). White space around the key does not
 * belong to it. May be called from any thread.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT for what is no key, and with %ZMQGLIB_ERROR_NOT_SUPPORTED when libzmq was
 * built without CURVE.
 *
 * Returns: (transfer full): the public key, 40 characters of Z85, or %NULL with @error set
 *
 * Since: 1.0
 */
char *
zmqglib_curve_public_key (const char *secret_key,
                          GError    **error)
{
  ZmqKeyText secret;
  ZmqKeyText public_key;
  gboolean   is_computed;

  g_return_val_if_fail (secret_key != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!zmqglib_key_read (secret_key, strlen (secret_key), secret))
    {
      g_set_error_literal (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                           _ ("The secret key is not 40 characters of Z85"));
      return NULL;
    }

  is_computed = zmqglib_key_derive_public (secret, public_key, error);
  zmqglib_wipe (secret, sizeof secret);

  return is_computed ? g_strdup (public_key) : NULL;
}

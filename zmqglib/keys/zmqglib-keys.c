/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "base/zmqglib-wipe-private.h"
#include "keys/zmqglib-keys-private.h"

/* Keys of CURVE, which libzmq makes and compares. It leaves secret ones on the stack. */

/*
 * zmqglib_key_read:
 * @text: a key as somebody has written it, who may have copied white space with it
 * @size: the size of @text
 * @key: (out): the key
 *
 * Returns: whether it is one; @key is unchanged otherwise
 */
gboolean
zmqglib_key_read (const char *text,
                  gsize       size,
                  ZmqKeyText  key)
{
  ZmqKeyText trimmed = { 0 };
  guint8     binary[ZMQGLIB_KEY_SIZE];
  gboolean   is_key;

  for (; size > 0 && g_ascii_isspace (text[0]); text++)
    size--;
  while (size > 0 && g_ascii_isspace (text[size - 1]))
    size--;

  if (size != ZMQGLIB_KEY_TEXT_SIZE)
    return FALSE;

  memcpy (trimmed, text, size);
  is_key = strlen (trimmed) == size && zmq_z85_decode (binary, trimmed) != NULL;
  if (is_key)
    memcpy (key, trimmed, sizeof trimmed);

  zmqglib_wipe (trimmed, sizeof trimmed);
  zmqglib_wipe (binary, sizeof binary);
  zmqglib_wipe_stack ();

  return is_key;
}

/*
 * zmqglib_keys_make:
 *
 * Makes a new pair. Fails when libzmq was built without CURVE.
 */
gboolean
zmqglib_keys_make (ZmqKeys *self,
                   GError **error)
{
  int errnum = zmq_curve_keypair (self->public_key, self->secret_key) == 0 ? 0 : zmq_errno ();

  zmqglib_wipe_stack ();
  if (errnum == 0)
    return TRUE;

  zmqglib_error_set (error, errnum, _ ("Could not make a pair of keys"));

  return FALSE;
}

/*
 * zmqglib_key_derive_public:
 * @public_key: (out): the public key that belongs to @secret_key
 *
 * Fails when libzmq was built without CURVE.
 */
gboolean
zmqglib_key_derive_public (const ZmqKeyText secret_key,
                           ZmqKeyText       public_key,
                           GError         **error)
{
  int errnum = zmq_curve_public (public_key, secret_key) == 0 ? 0 : zmq_errno ();

  zmqglib_wipe_stack ();
  if (errnum == 0)
    return TRUE;

  zmqglib_error_set (error, errnum, _ ("Could not compute a public key"));

  return FALSE;
}

/*
 * zmqglib_keys_check:
 *
 * Checks that the secret key, when there is one, is that of the public one.
 */
gboolean
zmqglib_keys_check (const ZmqKeys *self,
                    GError       **error)
{
  ZmqKeyText public_key;

  if (self->secret_key[0] == '\0')
    return TRUE;

  if (!zmqglib_key_derive_public (self->secret_key, public_key, error))
    return FALSE;

  if (memcmp (public_key, self->public_key, sizeof public_key) == 0)
    return TRUE;

  g_set_error_literal (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                       _ ("The secret key does not belong to the public key"));

  return FALSE;
}

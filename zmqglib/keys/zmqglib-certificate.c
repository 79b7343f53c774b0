/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <zmqglib/zmqglib-error.h>

#include "base/zmqglib-i18n-private.h"
#include "base/zmqglib-wipe-private.h"
#include "keys/zmqglib-certificate-private.h"
#include "keys/zmqglib-certificate-text-private.h"

/**
 * ZmqCertificate:
 *
 * A key of the CURVE mechanism: a public one, its secret one for those who have it, and what was written beside
 * them.
 *
 * ```c
 * certificate = zmqglib_certificate_new (&error);
 * zmqglib_certificate_save (certificate, file, NULL, &error);
 * zmqglib_socket_set_curve_server (socket, certificate, &error);
 * ```
 *
 * In Python:
 *
 * ```python
 * certificate = Zmq.Certificate()
 * certificate.save(Gio.File.new_for_path('server.key'), None)
 * socket = Zmq.Socket(Zmq.SocketType.PULL)
 * socket.set_curve_server(certificate)
 * ```
 *
 * The public key is what peers are told, and know each other by. The secret key proves that it is one's own; it
 * stands in no message of this library, and is overwritten in memory when the certificate is freed. libzmq does
 * not overwrite the copies that sockets have when it frees them; a process to which that matters is to be started
 * with `MALLOC_PERTURB_` in its environment, with which glibc overwrites all that is freed.
 * [method@Zmq.Certificate.save] writes both to files that pyzmq and CZMQ read, and
 * [ctor@Zmq.Certificate.load] reads theirs.
 *
 * A certificate does not change. It may be used by any thread.
 *
 * Since: 1.0
 */

static void initable_iface_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ZmqCertificate, zmqglib_certificate, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init))

static void
zmqglib_certificate_finalize (GObject *object)
{
  ZmqCertificate *self = ZMQGLIB_CERTIFICATE (object);

  zmqglib_wipe (&self->keys, sizeof self->keys);
  g_hash_table_unref (self->metadata);

  G_OBJECT_CLASS (zmqglib_certificate_parent_class)->finalize (object);
}

static void
zmqglib_certificate_class_init (ZmqCertificateClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = zmqglib_certificate_finalize;
}

static void
zmqglib_certificate_init (ZmqCertificate *self)
{
  self->metadata = zmqglib_certificate_create_metadata ();
}

/* For bindings that make objects without a constructor's help. */
static gboolean
zmqglib_certificate_initable_init (GInitable    *initable,
                                   GCancellable *cancellable,
                                   GError      **error)
{
  ZmqCertificate *self = ZMQGLIB_CERTIFICATE (initable);

  return self->keys.public_key[0] != '\0' || zmqglib_keys_make (&self->keys, error);
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = zmqglib_certificate_initable_init;
}

/*
 * zmqglib_certificate_create_metadata:
 *
 * Returns: (transfer full): an empty table of strings
 */
GHashTable *
zmqglib_certificate_create_metadata (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

/*
 * zmqglib_certificate_new_take:
 * @keys: checked keys, which are wiped
 * @metadata: (transfer full): a checked table
 */
ZmqCertificate *
zmqglib_certificate_new_take (ZmqKeys    *keys,
                              GHashTable *metadata)
{
  ZmqCertificate *self = g_object_new (ZMQGLIB_TYPE_CERTIFICATE, NULL);

  memcpy (&self->keys, keys, sizeof *keys);
  zmqglib_wipe (keys, sizeof *keys);
  g_hash_table_unref (self->metadata);
  self->metadata = metadata;

  return self;
}

/**
 * zmqglib_certificate_new:
 * @error: return location for an error
 *
 * Makes a new pair of keys.
 *
 * Fails with %ZMQGLIB_ERROR_NOT_SUPPORTED when libzmq was built without CURVE.
 *
 * Returns: (transfer full): a new certificate, or %NULL with @error set
 *
 * Since: 1.0
 */
ZmqCertificate *
zmqglib_certificate_new (GError **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_initable_new (ZMQGLIB_TYPE_CERTIFICATE, NULL, error, NULL);
}

static gboolean
read_keys (const char *public_key,
           const char *secret_key,
           ZmqKeys    *keys,
           GError    **error)
{
  if (!zmqglib_key_read (public_key, strlen (public_key), keys->public_key))
    g_set_error_literal (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                         /* Translators: Z85 is a way to write bytes as text */
                         _ ("The public key is not 40 characters of Z85"));
  else if (secret_key != NULL && !zmqglib_key_read (secret_key, strlen (secret_key), keys->secret_key))
    g_set_error_literal (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                         _ ("The secret key is not 40 characters of Z85"));
  else
    return zmqglib_keys_check (keys, error);

  return FALSE;
}

static gboolean
copy_metadata (GHashTable *metadata,
               GHashTable *copy,
               GError    **error)
{
  GHashTableIter iter;
  gpointer       name;
  gpointer       value;

  if (metadata == NULL)
    return TRUE;

  g_hash_table_iter_init (&iter, metadata);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      if (!zmqglib_certificate_text_check (name, value, error))
        return FALSE;
      g_hash_table_insert (copy, g_strdup (name), g_strdup (value));
    }

  return TRUE;
}

/**
 * zmqglib_certificate_new_from_keys:
 * @public_key: a public key, 40 characters of Z85
 * @secret_key: (nullable): the secret key that belongs to it, likewise, or %NULL when it is not known
 * @metadata: (nullable) (element-type utf8 utf8) (transfer none): what else to write to its files, such as a
 *   name or an address, by names of letters, digits, and `$-_@.&+/`
 * @error: return location for an error
 *
 * Makes a certificate of keys that there are. White space around a key does not belong to it.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT for what is no key, for a secret key that is not that of
 * @public_key, and for metadata that a file cannot hold: a value with a line break or with both kinds of quotes.
 * Fails with %ZMQGLIB_ERROR_NOT_SUPPORTED when there is a secret key and libzmq was built without CURVE.
 *
 * Returns: (transfer full): a new certificate, or %NULL with @error set
 *
 * Since: 1.0
 */
ZmqCertificate *
zmqglib_certificate_new_from_keys (const char *public_key,
                                   const char *secret_key,
                                   GHashTable *metadata,
                                   GError    **error)
{
  g_autoptr (GHashTable) copy = zmqglib_certificate_create_metadata ();
  ZmqKeys keys = { 0 };

  g_return_val_if_fail (public_key != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (read_keys (public_key, secret_key, &keys, error) && copy_metadata (metadata, copy, error))
    return zmqglib_certificate_new_take (&keys, g_steal_pointer (&copy));

  zmqglib_wipe (&keys, sizeof keys);

  return NULL;
}

/**
 * zmqglib_certificate_get_public_key:
 * @self: a certificate
 *
 * Gets the public key. May be called from any thread.
 *
 * Returns: (transfer none): the key, 40 characters of Z85
 *
 * Since: 1.0
 */
const char *
zmqglib_certificate_get_public_key (ZmqCertificate *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_CERTIFICATE (self), NULL);

  return self->keys.public_key;
}

/**
 * zmqglib_certificate_has_secret_key:
 * @self: a certificate
 *
 * Tells whether the certificate can be one's own. May be called from any thread.
 *
 * Returns: %TRUE when it has the secret key as well
 *
 * Since: 1.0
 */
gboolean
zmqglib_certificate_has_secret_key (ZmqCertificate *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_CERTIFICATE (self), FALSE);

  return self->keys.secret_key[0] != '\0';
}

/**
 * zmqglib_certificate_dup_secret_key:
 * @self: a certificate
 *
 * Copies the secret key, for other libraries: [method@Zmq.Socket.set_curve_server] and
 * [method@Zmq.Socket.set_curve_client] take the certificate. It is for the caller to overwrite the copy, as
 * with `explicit_bzero ()`, before it frees it. May be called from any thread.
 *
 * Returns: (transfer full) (nullable): the key, 40 characters of Z85, or %NULL when it is not known
 *
 * Since: 1.0
 */
char *
zmqglib_certificate_dup_secret_key (ZmqCertificate *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_CERTIFICATE (self), NULL);

  return zmqglib_certificate_has_secret_key (self) ? g_strdup (self->keys.secret_key) : NULL;
}

/**
 * zmqglib_certificate_get_metadata:
 * @self: a certificate
 *
 * Gets what else stands in its files. Nobody has proven it: who has the file may have written there what
 * they like. May be called from any thread.
 *
 * Returns: (transfer none) (element-type utf8 utf8): the values by their names, which are not to be changed
 *
 * Since: 1.0
 */
GHashTable *
zmqglib_certificate_get_metadata (ZmqCertificate *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_CERTIFICATE (self), NULL);

  return self->metadata;
}

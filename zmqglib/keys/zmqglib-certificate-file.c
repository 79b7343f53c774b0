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

/* Certificates in files. GIO's own functions for whole files would leave copies of the secret key behind as
 * their buffers grow. */

/* a file that is larger is something else, or a device that never ends */
#define MAX_FILE_SIZE (64 * 1024)

#define SECRET_SUFFIX "_secret"

static const char public_banner[] =
    "#   ZeroMQ CURVE Public Certificate\n"
    "#   Exchange securely, or use a secure mechanism to verify the contents\n"
    "#   of this file after exchange. Store public certificates in your home\n"
    "#   directory, in the .curve subdirectory.\n";

static const char secret_banner[] =
    "#   ZeroMQ CURVE **Secret** Certificate\n"
    "#   DO NOT PROVIDE THIS FILE TO OTHER USERS nor change its permissions.\n";

static void
fail_to_load (GFile   *file,
              GError **error)
{
  g_autofree char *name = g_file_get_parse_name (file);

  /* Translators: the name of a file, with the reason after it */
  g_prefix_error (error, _ ("Could not load a certificate from “%s”: "), name);
}

static gboolean
fail_to_save (GFile   *file,
              GError **error)
{
  g_autofree char *name = g_file_get_parse_name (file);

  /* Translators: the name of a file, with the reason after it */
  g_prefix_error (error, _ ("Could not save a certificate to “%s”: "), name);

  return FALSE;
}

static gboolean
read_file (GFile        *file,
           char         *text,
           gsize        *size,
           GCancellable *cancellable,
           GError      **error)
{
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);

  if (stream == NULL ||
      !g_input_stream_read_all (G_INPUT_STREAM (stream), text, MAX_FILE_SIZE + 1, size, cancellable, error))
    return FALSE;

  if (*size <= MAX_FILE_SIZE)
    return TRUE;

  g_set_error_literal (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                       _ ("It is too large for a certificate"));

  return FALSE;
}

/**
 * zmqglib_certificate_load: (constructor)
 * @file: the file to read
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Reads a certificate that this library, pyzmq or CZMQ has written, from the very file that is named. The secret
 * key stands in the one whose name ends in `_secret`: a certificate of one's own is loaded from that, and a peer's
 * from the other one. Blocks for as long as reading takes. May be called from any thread.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT, naming the file and the line, for what is no certificate, and with
 * an error of `G_IO_ERROR` when the file cannot be read.
 *
 * Returns: (transfer full): a new certificate, or %NULL with @error set
 *
 * Since: 1.0
 */
ZmqCertificate *
zmqglib_certificate_load (GFile        *file,
                          GCancellable *cancellable,
                          GError      **error)
{
  g_autoptr (GHashTable) metadata = zmqglib_certificate_create_metadata ();
  g_autofree char *text = NULL;
  ZmqKeys          keys = { 0 };
  gsize            size = 0;
  gboolean         is_read;

  g_return_val_if_fail (G_IS_FILE (file), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  text = g_malloc (MAX_FILE_SIZE + 1);
  is_read = read_file (file, text, &size, cancellable, error) &&
            zmqglib_certificate_text_read (text, size, &keys, metadata, error);
  zmqglib_wipe (text, size);

  if (is_read)
    return zmqglib_certificate_new_take (&keys, g_steal_pointer (&metadata));

  zmqglib_wipe (&keys, sizeof keys);
  fail_to_load (file, error);

  return NULL;
}

static gboolean
write_secret_key (GOutputStream *stream,
                  const char    *secret_key,
                  GCancellable  *cancellable,
                  GError       **error)
{
  char     line[32 + ZMQGLIB_KEY_TEXT_SIZE];
  gboolean is_written;

  g_snprintf (line, sizeof line, "    secret-key = \"%s\"\n", secret_key);
  is_written = g_output_stream_write_all (stream, line, strlen (line), NULL, cancellable, error);
  zmqglib_wipe (line, sizeof line);
  zmqglib_wipe_stack ();

  return is_written;
}

static gboolean
write_file (GFile         *file,
            const GString *text,
            const char    *secret_key,
            GCancellable  *cancellable,
            GError       **error)
{
  const GFileCreateFlags flags = secret_key != NULL ? G_FILE_CREATE_PRIVATE : G_FILE_CREATE_NONE;
  g_autoptr (GFileOutputStream) file_stream = g_file_create (file, flags, cancellable, error);
  GOutputStream *stream = G_OUTPUT_STREAM (file_stream);

  return stream != NULL &&
         g_output_stream_write_all (stream, text->str, text->len, NULL, cancellable, error) &&
         (secret_key == NULL || write_secret_key (stream, secret_key, cancellable, error)) &&
         g_output_stream_close (stream, cancellable, error);
}

/* The file is written beside its place and moved there: g_file_replace() would write into one that is not there
 * yet, so that others saw half of it, and leave one that is there with its permissions. */
static gboolean
replace_file (GFile         *file,
              const GString *text,
              const char    *secret_key,
              GCancellable  *cancellable,
              GError       **error)
{
  g_autoptr (GFile) folder = g_file_get_parent (file);
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *name = g_strdup_printf (".zmqglib-%s", id);
  g_autoptr (GFile) part = folder != NULL ? g_file_get_child (folder, name) : NULL;

  if (part == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME, _ ("A file in a folder is needed"));
      return FALSE;
    }

  if (write_file (part, text, secret_key, cancellable, error) &&
      g_file_move (part, file, G_FILE_COPY_OVERWRITE | G_FILE_COPY_NO_FALLBACK_FOR_MOVE, cancellable, NULL, NULL,
                   error))
    return TRUE;

  /* also when it was cancelled */
  g_file_delete (part, NULL, NULL);

  return FALSE;
}

static gboolean
write_certificate (ZmqCertificate *self,
                   GFile          *file,
                   gboolean        is_secret,
                   GCancellable   *cancellable,
                   GError        **error)
{
  GString *text = zmqglib_certificate_text_write (is_secret ? secret_banner : public_banner, self->keys.public_key,
                                                  self->metadata);
  gboolean is_written = replace_file (file, text, is_secret ? self->keys.secret_key : NULL, cancellable, error);

  g_string_free (text, TRUE);

  return is_written || fail_to_save (file, error);
}

static gboolean
write_secret_certificate (ZmqCertificate *self,
                          GFile          *file,
                          GCancellable   *cancellable,
                          GError        **error)
{
  g_autoptr (GFile) folder = g_file_get_parent (file);
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *secret_name = g_strconcat (name, SECRET_SUFFIX, NULL);
  g_autoptr (GFile) secret_file = folder != NULL ? g_file_get_child (folder, secret_name) : g_object_ref (file);

  return write_certificate (self, secret_file, TRUE, cancellable, error);
}

/**
 * zmqglib_certificate_save:
 * @self: a certificate with a secret key
 * @file: where to write the public key
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Writes the public key to @file, and both keys to the file beside it whose name ends in `_secret`, which nobody
 * else can read, from its creation on. The metadata stands in both. They are in the form of pyzmq, which CZMQ
 * reads as well. Each takes the place of one that is there at once, so that nobody ever sees half of it. Blocks for
 * as long as writing takes. May be called from any thread.
 *
 * Fails with %ZMQGLIB_ERROR_WRONG_STATE when there is no secret key, and with an error of `G_IO_ERROR`.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
zmqglib_certificate_save (ZmqCertificate *self,
                          GFile          *file,
                          GCancellable   *cancellable,
                          GError        **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_CERTIFICATE (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (file), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!zmqglib_certificate_has_secret_key (self))
    {
      g_set_error_literal (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE, _ ("The certificate has no secret key"));
      return fail_to_save (file, error);
    }

  return write_secret_certificate (self, file, cancellable, error) &&
         write_certificate (self, file, FALSE, cancellable, error);
}

/**
 * zmqglib_certificate_save_public:
 * @self: a certificate
 * @file: where to write it
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Writes the public key and the metadata to @file, as [method@Zmq.Certificate.save] does, and no secret key. May
 * be called from any thread.
 *
 * Fails with an error of `G_IO_ERROR`.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
zmqglib_certificate_save_public (ZmqCertificate *self,
                                 GFile          *file,
                                 GCancellable   *cancellable,
                                 GError        **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_CERTIFICATE (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (file), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (zmqglib_certificate_get_public_key (self)[0] == '\0')
    {
      g_set_error_literal (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE, _ ("The certificate has no key"));
      return fail_to_save (file, error);
    }

  return write_certificate (self, file, FALSE, cancellable, error);
}

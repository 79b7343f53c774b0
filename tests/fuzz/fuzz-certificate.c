/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "keys/zmqglib-certificate-private.h"
#include "keys/zmqglib-certificate-text-private.h"

#include "fuzz.h"

/* What is said to be a certificate, as text and as a file, and to be a key. What was taken is written, read again, and then
 * the same. */

#define Z85 "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"

static gboolean
is_key (const char *text)
{
  gsize size;

  while (g_ascii_isspace (*text))
    text++;
  size = strlen (text);
  while (size > 0 && g_ascii_isspace (text[size - 1]))
    size--;
  if (size != ZMQGLIB_KEY_TEXT_SIZE)
    return FALSE;

  for (gsize i = 0; i < size; i += 5)
    {
      guint64 value = 0;

      for (gsize j = i; j < i + 5; j++)
        {
          const char *digit = strchr (Z85, text[j]);

          if (digit == NULL)
            return FALSE;
          value = value * 85 + (digit - Z85);
        }
      if (value > G_MAXUINT32)
        return FALSE;
    }

  return TRUE;
}

static void
check_tables_equal (GHashTable *a,
                    GHashTable *b)
{
  GHashTableIter iter;
  gpointer       name;
  gpointer       value;

  fuzz_assert (g_hash_table_size (a) == g_hash_table_size (b));
  g_hash_table_iter_init (&iter, a);
  while (g_hash_table_iter_next (&iter, &name, &value))
    fuzz_assert (g_strcmp0 (g_hash_table_lookup (b, name), value) == 0);
}

static ZmqCertificate *
load (const char *path,
      GError    **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);

  return zmqglib_certificate_load (file, NULL, error);
}

/* What was saved is there again. */
static void
check_saved (ZmqCertificate *certificate)
{
  g_autofree char *path = g_build_filename (fuzz_get_folder (), "saved", NULL);
  g_autofree char *secret_path = g_strconcat (path, "_secret", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (ZmqCertificate) public_one = NULL;
  g_autoptr (ZmqCertificate) secret_one = NULL;
  g_autofree char *key = zmqglib_certificate_dup_secret_key (certificate);
  g_autofree char *loaded_key = NULL;
  g_autoptr (GError) error = NULL;

  fuzz_assert (zmqglib_certificate_has_secret_key (certificate) == (key != NULL));
  fuzz_assert (zmqglib_certificate_save_public (certificate, file, NULL, &error));
  public_one = load (path, &error);
  fuzz_assert (public_one != NULL && !zmqglib_certificate_has_secret_key (public_one));
  fuzz_assert (strcmp (zmqglib_certificate_get_public_key (public_one), zmqglib_certificate_get_public_key (certificate)) == 0);
  check_tables_equal (zmqglib_certificate_get_metadata (certificate), zmqglib_certificate_get_metadata (public_one));

  fuzz_check_error (zmqglib_certificate_save (certificate, file, NULL, &error), &error);
  fuzz_assert ((error == NULL) == (key != NULL));
  if (key == NULL)
    return;
  secret_one = load (secret_path, &error);
  fuzz_assert (secret_one != NULL);
  loaded_key = zmqglib_certificate_dup_secret_key (secret_one);
  fuzz_assert (g_strcmp0 (loaded_key, key) == 0);
  check_tables_equal (zmqglib_certificate_get_metadata (certificate), zmqglib_certificate_get_metadata (secret_one));
}

/* The same as a file. */
static void
play_file (const char *text,
           gsize       size,
           gboolean    is_certificate)
{
  g_autofree char *path = g_build_filename (fuzz_get_folder (), "given", NULL);
  g_autoptr (ZmqCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;
  FILE *stream = fopen (path, "w");

  fuzz_assert (stream != NULL && fwrite (text, 1, size, stream) == size && fclose (stream) == 0);
  certificate = load (path, &error);
  fuzz_check_error (certificate != NULL, &error);
  if ((certificate != NULL) != is_certificate)
    fuzz_fail ("as a file it is another one than as a text: %s", error != NULL ? error->message : "taken");
  if (certificate != NULL)
    check_saved (certificate);
}

/* What was read is written so that it is read as the same. */
static void
check_written (const ZmqKeys *keys,
               GHashTable    *metadata)
{
  GString *text = zmqglib_certificate_text_write ("# fuzz\n", keys->public_key, metadata);
  g_autoptr (GHashTable) again = zmqglib_certificate_create_metadata ();
  ZmqKeys  keys_again = { 0 };
  gboolean is_read = zmqglib_certificate_text_read (text->str, text->len, &keys_again, again, NULL);

  if (!is_read)
    fuzz_fail ("what was written cannot be read: %s", text->str);
  fuzz_assert (strcmp (keys->public_key, keys_again.public_key) == 0 && keys_again.secret_key[0] == '\0');
  check_tables_equal (metadata, again);
  g_string_free (text, TRUE);
}

static void
play_text (FuzzInput *input,
           gboolean   is_file)
{
  g_autoptr (GHashTable) metadata = zmqglib_certificate_create_metadata ();
  g_autoptr (GError) error = NULL;
  /* a copy, so that a sanitizer sees who reads behind it */
  g_autofree char *text = g_memdup2 (input->data, input->size);
  ZmqKeys          keys = { 0 };
  gboolean         is_read = zmqglib_certificate_text_read (text != NULL ? text : "", input->size, &keys, metadata, &error);

  fuzz_check_error (is_read, &error);
  if (is_read)
    {
      fuzz_assert (is_key (keys.public_key) && (keys.secret_key[0] == '\0' || is_key (keys.secret_key)));
      check_written (&keys, metadata);
    }
  if (is_file)
    play_file (text != NULL ? text : "", input->size, is_read);
}

static void
play_key (FuzzInput *input)
{
  g_autofree char *text = fuzz_take_string (input);
  g_autofree char *public_key = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) certificate_error = NULL;
  g_autoptr (ZmqCertificate) certificate = NULL;

  public_key = zmqglib_curve_public_key (text, &error);
  fuzz_check_error (public_key != NULL, &error);
  fuzz_assert ((public_key != NULL) == is_key (text));
  if (public_key == NULL)
    return;

  fuzz_assert (is_key (public_key));
  certificate = zmqglib_certificate_new_from_keys (public_key, text, NULL, &certificate_error);
  fuzz_assert (certificate != NULL);
  check_saved (certificate);
}

/* A certificate of what a program has. */
static void
play_parts (FuzzInput *input)
{
  static const char valid[] = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
  g_autofree char  *public_key = NULL;
  g_autofree char  *secret_key = NULL;
  g_autoptr (GHashTable) metadata = zmqglib_certificate_create_metadata ();
  g_autoptr (ZmqCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;
  guint8 flags = fuzz_take_byte (input);

  public_key = flags & 1 ? fuzz_take_string (input) : g_strdup (valid);
  secret_key = flags & 2 ? fuzz_take_string (input) : NULL;
  for (guint i = 0; i < 8 && input->size > 0; i++)
    {
      char *name = fuzz_take_string (input);

      g_hash_table_insert (metadata, name, fuzz_take_string (input));
    }

  certificate = zmqglib_certificate_new_from_keys (public_key, secret_key, flags & 4 ? NULL : metadata, &error);
  fuzz_check_error (certificate != NULL, &error);
  if (certificate == NULL)
    return;
  fuzz_assert (is_key (public_key));
  if (!(flags & 4))
    check_tables_equal (metadata, zmqglib_certificate_get_metadata (certificate));
  check_written (&certificate->keys, certificate->metadata);
  if (flags & 8)
    check_saved (certificate);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  FuzzInput input = { data, size };
  guint8    what = fuzz_take_byte (&input);

  /* a text as it stands in a file begins with a sign, so that those are inputs as they are */
  if (what == 'K')
    play_key (&input);
  else if (what == 'P')
    play_parts (&input);
  else
    play_text (&input, what == 'F');

  return 0;
}

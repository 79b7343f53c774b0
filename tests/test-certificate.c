/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <zmq.h>

#include "test-util.h"

/* Keys, and the files that they are in. */

#define A_PUBLIC_KEY "JAj{]5Eo2B+HJ2v:4J@XH>p<wB$#PpdnMoD4e9>E"
#define A_SECRET_KEY "pQ#?tPzMdikB{vt2whqO6U$l)6g{eYQb6@OamXEW"

typedef struct
{
  char  *folder;
  char  *path;
  char  *secret_path;
  GFile *file;
  GFile *secret_file;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("zmqglib-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "a.key", NULL);
  fixture->secret_path = g_strconcat (fixture->path, "_secret", NULL);
  fixture->file = g_file_new_for_path (fixture->path);
  fixture->secret_file = g_file_new_for_path (fixture->secret_path);
}

static guint
count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n_files = 0;

  while (g_dir_read_name (dir) != NULL)
    n_files++;

  return n_files;
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_remove (fixture->path);
  g_remove (fixture->secret_path);
  g_assert_cmpuint (count_files (fixture->folder), ==, 0);
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->secret_path);
  g_object_unref (fixture->file);
  g_object_unref (fixture->secret_file);
}

static ZmqCertificate *
new_certificate (void)
{
  g_autoptr (GError) error = NULL;
  ZmqCertificate *certificate = zmqglib_certificate_new (&error);

  g_assert_no_error (error);

  return certificate;
}

static ZmqCertificate *
load (GFile *file)
{
  g_autoptr (GError) error = NULL;
  ZmqCertificate *certificate = zmqglib_certificate_load (file, NULL, &error);

  g_assert_no_error (error);

  return certificate;
}

static void
save (ZmqCertificate *certificate,
      GFile          *file)
{
  g_autoptr (GError) error = NULL;

  zmqglib_certificate_save (certificate, file, NULL, &error);
  g_assert_no_error (error);
}

static void
write_text (const char *path,
            const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static char *
read_text (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *text;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);

  return text;
}

static void
assert_secret_key (ZmqCertificate *certificate,
                   const char     *expected)
{
  g_autofree char *key = zmqglib_certificate_dup_secret_key (certificate);

  g_assert_cmpstr (key, ==, expected);
  g_assert_cmpint (zmqglib_certificate_has_secret_key (certificate), ==, expected != NULL);
}

static void
assert_metadata (ZmqCertificate *certificate,
                 const char     *name,
                 const char     *expected)
{
  g_assert_cmpstr (g_hash_table_lookup (zmqglib_certificate_get_metadata (certificate), name), ==, expected);
}

static void
assert_equal (ZmqCertificate *certificate,
              ZmqCertificate *other)
{
  g_autofree char *key = zmqglib_certificate_dup_secret_key (other);

  g_assert_cmpstr (zmqglib_certificate_get_public_key (certificate), ==, zmqglib_certificate_get_public_key (other));
  assert_secret_key (certificate, key);
}

static void
test_new (void)
{
  g_autoptr (ZmqCertificate) certificate = new_certificate ();
  g_autoptr (ZmqCertificate) other = new_certificate ();
  g_autoptr (ZmqCertificate) by_type = g_initable_new (ZMQGLIB_TYPE_CERTIFICATE, NULL, NULL, NULL);
  g_autofree char *secret_key = zmqglib_certificate_dup_secret_key (certificate);
  char             public_key[41];

  g_assert_cmpint (zmq_curve_public (public_key, secret_key), ==, 0);
  g_assert_cmpstr (public_key, ==, zmqglib_certificate_get_public_key (certificate));
  g_assert_cmpstr (public_key, !=, zmqglib_certificate_get_public_key (other));
  g_assert_true (zmqglib_certificate_has_secret_key (by_type));
  g_assert_cmpuint (g_hash_table_size (zmqglib_certificate_get_metadata (certificate)), ==, 0);
}

static void
test_keys (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqCertificate) both = NULL;
  g_autoptr (ZmqCertificate) one = NULL;
  g_autoptr (ZmqCertificate) spaced = NULL;

  both = zmqglib_certificate_new_from_keys (A_PUBLIC_KEY, A_SECRET_KEY, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (zmqglib_certificate_get_public_key (both), ==, A_PUBLIC_KEY);
  assert_secret_key (both, A_SECRET_KEY);

  one = zmqglib_certificate_new_from_keys (A_PUBLIC_KEY, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_secret_key (one, NULL);

  spaced = zmqglib_certificate_new_from_keys (" " A_PUBLIC_KEY "\r\n", "\t" A_SECRET_KEY "\n ", NULL, &error);
  g_assert_no_error (error);
  assert_equal (spaced, both);
}

static void
assert_keys_fail (const char *public_key,
                  const char *secret_key,
                  const char *reason)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (zmqglib_certificate_new_from_keys (public_key, secret_key, NULL, &error));
  if (secret_key != NULL && *secret_key != '\0')
    g_assert_null (strstr (error->message, secret_key));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, reason);
}

static void
test_bad_keys (void)
{
  g_autoptr (ZmqCertificate) other = new_certificate ();
  g_autofree char *other_key = zmqglib_certificate_dup_secret_key (other);

  assert_keys_fail ("", NULL, "public key");
  assert_keys_fail (A_PUBLIC_KEY "0", NULL, "public key");
  assert_keys_fail ("JAj{]5Eo2B+HJ2v:4J@XH>p<wB$#PpdnMoD4e9>", NULL, "public key");
  assert_keys_fail ("JAj{]5Eo2B+HJ2v:4J@XH>p<wB$#PpdnMoD4e9>\"", NULL, "public key");
  assert_keys_fail ("JAj{]5Eo2B+HJ2v:4J@XH>p<wB$#PpdnMoD4e9>\303", NULL, "public key");
  assert_keys_fail ("########################################", NULL, "public key");
  assert_keys_fail (A_PUBLIC_KEY, "", "secret key");
  assert_keys_fail (A_PUBLIC_KEY, "too short to be one", "secret key");
  assert_keys_fail (A_PUBLIC_KEY, other_key, "does not belong");
}

static ZmqCertificate *
with_metadata (const char *name,
               const char *value,
               GError    **error)
{
  g_autoptr (GHashTable) metadata = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_insert (metadata, (gpointer) name, (gpointer) value);

  return zmqglib_certificate_new_from_keys (A_PUBLIC_KEY, A_SECRET_KEY, metadata, error);
}

static void
test_metadata (Fixture      *fixture,
               gconstpointer data)
{
  static const char *const values[] = { "", "plain", "two words", " spaced ", "#", "a # b", "it’s é", "it's", "\"", "'",
                                        "say \"hi\"", "O'Neill \"x\"", "a = b", "\"quoted\"", "a\tb" };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqCertificate) certificate = with_metadata ("a-name", values[i], &error);
      g_autoptr (ZmqCertificate) loaded = NULL;

      g_assert_no_error (error);
      save (certificate, fixture->file);
      loaded = load (fixture->secret_file);
      assert_metadata (loaded, "a-name", values[i]);
    }
}

static void
test_bad_metadata (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (with_metadata ("name", "x\ncurve\n    public-key = \"y\"", &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "“name”");
  g_assert_null (with_metadata ("name", "# \" '", &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "“name”");
  g_assert_null (with_metadata ("name", "'\"", &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "“name”");
  g_assert_null (with_metadata ("name", "\377", &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "“name”");
  g_assert_null (with_metadata ("e mail", "x", &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "“e mail”");
  g_assert_null (with_metadata ("", "x", &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "“”");
}

static guint
get_mode (const char *path)
{
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);

  return status.st_mode & 0777;
}

static void
test_files (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr (ZmqCertificate) certificate = new_certificate ();
  g_autofree char *secret_key = zmqglib_certificate_dup_secret_key (certificate);
  g_autofree char *text = NULL;
  g_autoptr (ZmqCertificate) loaded = NULL;
  g_autoptr (ZmqCertificate) loaded_secret = NULL;

  save (certificate, fixture->file);
  loaded = load (fixture->file);
  loaded_secret = load (fixture->secret_file);
  text = read_text (fixture->path);

  g_assert_null (strstr (text, secret_key));
  g_assert_cmpstr (zmqglib_certificate_get_public_key (loaded), ==, zmqglib_certificate_get_public_key (certificate));
  assert_secret_key (loaded, NULL);
  assert_equal (loaded_secret, certificate);
}

/* A file that others can read is not written into: who has it open reads on in the old one. */
static void
test_permissions (Fixture      *fixture,
                  gconstpointer data)
{
  g_autoptr (ZmqCertificate) certificate = new_certificate ();
  const mode_t mask = umask (0);
  char         text[32] = { 0 };
  FILE        *old;

  save (certificate, fixture->file);
  g_assert_cmpuint (get_mode (fixture->secret_path), ==, 0600);
  g_assert_cmpuint (get_mode (fixture->path), ==, 0666);

  write_text (fixture->secret_path, "old");
  g_assert_cmpint (g_chmod (fixture->secret_path, 0666), ==, 0);
  old = g_fopen (fixture->secret_path, "r");
  save (certificate, fixture->file);
  umask (mask);

  g_assert_cmpuint (get_mode (fixture->secret_path), ==, 0600);
  g_assert_cmpuint (fread (text, 1, sizeof text - 1, old), ==, 3);
  g_assert_cmpstr (text, ==, "old");
  fclose (old);
}

/* What others see of the folder while it is written to: a file is whole, or has another name and is private. */
static void
assert_safe (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      FILE            *file = g_fopen (path, "r");
      char             text[1024] = { 0 };
      struct stat      status;

      /* it may have been moved meanwhile */
      if (file == NULL)
        continue;

      fread (text, 1, sizeof text - 1, file);
      g_assert_cmpint (fstat (fileno (file), &status), ==, 0);
      fclose (file);

      if (g_str_has_prefix (name, "a.key"))
        g_assert_true (g_str_has_suffix (text, "\"\n"));
      if (strstr (text, "Secret") != NULL)
        g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
    }
}

static gpointer
save_often (gpointer data)
{
  GFile *file = data;

  for (guint i = 0; i < 300; i++)
    {
      g_autoptr (ZmqCertificate) certificate = new_certificate ();

      save (certificate, file);
      if (i % 2 == 0)
        g_file_delete (file, NULL, NULL);
    }

  return NULL;
}

static void
test_atomic (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (ZmqCertificate) certificate = new_certificate ();
  GThread *thread;

  save (certificate, fixture->file);
  thread = g_thread_new ("saver", save_often, fixture->file);
  for (guint i = 0; i < 500; i++)
    assert_safe (fixture->folder);
  g_thread_join (thread);
}

static void
test_cannot_save (Fixture      *fixture,
                  gconstpointer data)
{
  g_autoptr (ZmqCertificate) certificate = new_certificate ();
  g_autoptr (ZmqCertificate) public = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GFile) nowhere = g_file_new_for_path ("/nonexistent/folder/a.key");
  g_autoptr (GFile) root = g_file_new_for_path ("/");
  g_autoptr (GError) error = NULL;

  public = zmqglib_certificate_new_from_keys (A_PUBLIC_KEY, NULL, NULL, &error);
  g_assert_false (zmqglib_certificate_save (public, fixture->file, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, fixture->path);
  g_assert_true (zmqglib_certificate_save_public (public, fixture->file, NULL, &error));
  g_assert_cmpuint (count_files (fixture->folder), ==, 1);

  g_assert_false (zmqglib_certificate_save (certificate, nowhere, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "/nonexistent/folder/a.key_secret"));
  g_clear_error (&error);
  g_assert_false (zmqglib_certificate_save (certificate, root, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);
  g_clear_error (&error);

  g_cancellable_cancel (cancellable);
  g_assert_false (zmqglib_certificate_save (certificate, fixture->file, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_assert_cmpint (g_mkdir (fixture->secret_path, 0700), ==, 0);
  g_assert_false (zmqglib_certificate_save (certificate, fixture->file, NULL, &error));
  g_assert_nonnull (strstr (error->message, fixture->secret_path));
  g_clear_error (&error);
  g_assert_cmpuint (count_files (fixture->folder), ==, 2);
}

/* What pyzmq 24 and CZMQ 4.2 have written, and people. */
static void
test_foreign_files (Fixture      *fixture,
                    gconstpointer data)
{
  static const char *const texts[] = {
    "#   ****  Generated on 2026-11-26 18:08:14.689451 by pyzmq  ****\n#   ZeroMQ CURVE **Secret** Certificate\n\n"
    "metadata\n    name = Ad \"x\" é\n    empty =\ncurve\n    public-key = \"" A_PUBLIC_KEY "\"\n    secret-key = \"" A_SECRET_KEY
    "\"\n",
    "#   ****  Generated on 2026-11-26 18:08:14 by CZMQ  ****\n\nmetadata\n    name = \"Ad \"x\" é\"\n    empty = \"\"\n"
    "curve\n    public-key = \"" A_PUBLIC_KEY "\"\n    secret-key = \"" A_SECRET_KEY "\"\n",
    "version = 1.0\r\nmetadata # of it\r\n\tname='Ad \"x\" é' # a comment\r\n\taddress\r\n\t\tname = another\r\n\tempty=\r\n"
    "curve\r\n\tother = \"public-key\"\r\n\tpublic-key=" A_PUBLIC_KEY " # ours\r\n\tsecret-key=" A_SECRET_KEY
    "\r\nmore\r\n\tpublic-key = x",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (ZmqCertificate) certificate = NULL;

      write_text (fixture->path, texts[i]);
      certificate = load (fixture->file);
      g_assert_cmpstr (zmqglib_certificate_get_public_key (certificate), ==, A_PUBLIC_KEY);
      assert_secret_key (certificate, A_SECRET_KEY);
      assert_metadata (certificate, "name", "Ad \"x\" é");
      assert_metadata (certificate, "empty", "");
    }
}

static void
test_bad_files (Fixture      *fixture,
                gconstpointer data)
{
  static const struct
  {
    const char *text;
    const char *reason;
  } files[] = {
    { "", "“public-key”" },
    { "curve\n    secret-key = \"" A_SECRET_KEY "\"\n", "“public-key”" },
    { "    public-key = \"" A_PUBLIC_KEY "\"\n", "“public-key”" },
    { "metadata\n    public-key = \"" A_PUBLIC_KEY "\"\n", "“public-key”" },
    { "curve\n    public-key = \"" A_PUBLIC_KEY "\n", "Line 2: The quote" },
    { "curve\n    public-key = \"" A_PUBLIC_KEY "\" x\n", "Line 2: The quote" },
    { "curve\n    public-key = \"\"\n", "Line 2: The “public-key”" },
    { "curve\n    public-key = \"short\"\n", "Line 2: The “public-key”" },
    { "# 1\n\ncurve\n    public-key = \"" A_PUBLIC_KEY "\"\n    secret-key = \"short\"\n", "Line 5: The “secret-key”" },
    { "curve\n    public-key = \"" A_PUBLIC_KEY "\"\n    public-key = \"" A_PUBLIC_KEY "\"\n", "Line 3: There is" },
    { "curve\n    public-key = \"" A_PUBLIC_KEY "\"\n    secret-key = \"" A_PUBLIC_KEY "\"\n", "does not belong" },
    { "curve\n    = 7\n", "Line 2: A name" },
    { "curve\n    public-key \"" A_PUBLIC_KEY "\"\n", "Line 2: “=”" },
    { "metadata\n    name = \"\377\"\n", "Line 2: The value of “name”" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GError) error = NULL;

      write_text (fixture->path, files[i].text);
      g_assert_null (zmqglib_certificate_load (fixture->file, NULL, &error));
      g_assert_nonnull (strstr (error->message, fixture->path));
      g_assert_null (strstr (error->message, A_SECRET_KEY));
      test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, files[i].reason);
    }
}

static void
test_no_files (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (GFile) folder = g_file_new_for_path (fixture->folder);
  g_autoptr (GFile) endless = g_file_new_for_path ("/dev/zero");
  g_autoptr (GError) error = NULL;

  g_assert_null (zmqglib_certificate_load (fixture->file, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, fixture->path));
  g_clear_error (&error);

  g_assert_null (zmqglib_certificate_load (folder, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  g_clear_error (&error);

  g_assert_null (zmqglib_certificate_load (endless, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "too large");

  g_file_set_contents (fixture->path, "curve\0", 6, NULL);
  g_assert_null (zmqglib_certificate_load (fixture->file, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "no text");
}

#define ADD(name, test) g_test_add ("/certificate/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  if (!zmq_has ("curve"))
    {
      g_print ("1..0 # SKIP This libzmq has no CURVE\n");
      return 0;
    }

  g_test_add_func ("/certificate/new", test_new);
  g_test_add_func ("/certificate/keys", test_keys);
  g_test_add_func ("/certificate/bad-keys", test_bad_keys);
  g_test_add_func ("/certificate/bad-metadata", test_bad_metadata);
  ADD ("metadata", test_metadata);
  ADD ("files", test_files);
  ADD ("permissions", test_permissions);
  ADD ("atomic", test_atomic);
  ADD ("cannot-save", test_cannot_save);
  ADD ("foreign-files", test_foreign_files);
  ADD ("bad-files", test_bad_files);
  ADD ("no-files", test_no_files);

  return g_test_run ();
}

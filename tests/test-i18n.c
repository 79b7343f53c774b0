/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>
#include <libintl.h>
#include <locale.h>
#include <unistd.h>

#include "test-util.h"

/* Systems need not have the locale of any language, and in C.UTF-8, which they have, newer glibcs (2.41)
 * translate nothing. It is the name that counts, so the tests give it another one. */
#define SYSTEM_LOCALE "/usr/lib/locale/C.utf8"
#define LOCALE        "zmqglib.UTF-8"

/* What a user of one language sees. */
typedef struct
{
  const char *language;
  const char *error;
  const char *one_frame;
  const char *two_frames;
  const char *blurb;
} Language;

static const Language german = {
  .language = "de",
  .error = "Von einem Socket der Art „pull“ konnte nicht empfangen werden: Derzeit nicht möglich",
  .one_frame = "Es gibt keinen Frame 7 in einer Nachricht aus 1 Frame",
  .two_frames = "Es gibt keinen Frame 7 in einer Nachricht aus 2 Frames",
  .blurb = "Wie viele Nachrichten in der Warteschlange warten",
};

static const Language french = {
  .language = "fr",
  .error = "Impossible de recevoir d’un socket «\u00a0pull\u00a0»\u00a0: Impossible pour le moment",
  .one_frame = "Il n’y a pas de trame 7 dans un message de 1 trame",
  .two_frames = "Il n’y a pas de trame 7 dans un message de 2 trames",
  .blurb = "Nombre de messages dans la file d’attente",
};

/* No catalogue has it: the source's own sentences are shown. */
static const Language unknown = {
  .language = "tlh",
  .error = "Could not receive from a “pull” socket: Not possible at the moment",
  .one_frame = "There is no frame 7 in a message of 1 frame",
  .two_frames = "There is no frame 7 in a message of 2 frames",
  .blurb = "How many messages wait in the queue",
};

static void
assert_no_frame (const char *const *strv,
                 const char        *expected)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (strv);
  g_autoptr (GError) error = NULL;

  g_assert_null (zmqglib_message_get_string (message, 7, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT);
  if (expected != NULL)
    g_assert_cmpstr (error->message, ==, expected);
}

/* Turns to the catalogues of the build tree. The library binds its domain to the installed ones
 * when it translates for the first time, which must have happened before. */
static void
use_built_catalogues (void)
{
  static const char *const empty[] = { NULL };
  g_autofree char         *directory = g_test_build_filename (G_TEST_BUILT, "..", "po", NULL);

  assert_no_frame (empty, NULL);
  g_assert_nonnull (bindtextdomain ("zmqglib", directory));
}

static void
assert_language (const Language *self)
{
  static const char *const one[] = { "a", NULL };
  static const char *const two[] = { "a", "b", NULL };

  g_autoptr (GTypeClass) stream_class = NULL;
  g_autoptr (ZmqSocket) socket = NULL;
  g_autoptr (GError) error = NULL;
  GParamSpec *pspec;

  g_setenv ("LC_ALL", LOCALE, TRUE);
  g_setenv ("LANGUAGE", self->language, TRUE);
  g_assert_nonnull (setlocale (LC_ALL, ""));
  use_built_catalogues ();

  socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_assert_null (zmqglib_socket_try_receive (socket, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
  g_assert_cmpstr (error->message, ==, self->error);

  assert_no_frame (one, self->one_frame);
  assert_no_frame (two, self->two_frames);

  stream_class = g_type_class_ref (ZMQGLIB_TYPE_STREAM);
  pspec = g_object_class_find_property (G_OBJECT_CLASS (stream_class), "n-queued");
  g_assert_cmpstr (g_param_spec_get_blurb (pspec), ==, self->blurb);
}

/* In a process of its own, since what was translated once stays. */
static void
test_language (gconstpointer data)
{
  if (g_test_subprocess ())
    {
      assert_language (data);
      return;
    }

  if (setlocale (LC_ALL, LOCALE) == NULL)
    {
      g_test_skip ("The system has no " SYSTEM_LOCALE);
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *locale = NULL;
  int              status;

  g_test_init (&argc, &argv, NULL);

  directory = g_dir_make_tmp ("zmqglib-locales-XXXXXX", &error);
  g_assert_no_error (error);
  locale = g_build_filename (directory, LOCALE, NULL);
  g_assert_cmpint (symlink (SYSTEM_LOCALE, locale), ==, 0);
  g_setenv ("LOCPATH", directory, TRUE);

  g_test_add_data_func ("/i18n/german", &german, test_language);
  g_test_add_data_func ("/i18n/french", &french, test_language);
  g_test_add_data_func ("/i18n/no-catalogue", &unknown, test_language);

  status = g_test_run ();

  g_assert_cmpint (g_unlink (locale), ==, 0);
  g_assert_cmpint (g_rmdir (directory), ==, 0);

  return status;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

/* replay FILE-OR-FOLDER…: gives a fuzzer the inputs that are there, without libFuzzer and the compiler that has it. */

static void
play_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize            size;

  if (!g_file_get_contents (path, &data, &size, &error))
    fuzz_fail ("%s", error->message);
  printf ("# %s\n", path);
  fflush (stdout);
  LLVMFuzzerTestOneInput ((const guint8 *) data, size);
}

static guint
play (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint       n_played = 0;

  if (dir == NULL)
    {
      play_file (path);
      return 1;
    }

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      n_played += play (child);
    }

  return n_played;
}

int
main (int   argc,
      char *argv[])
{
  guint n_played = 0;

  LLVMFuzzerInitialize (&argc, &argv);
  /* nothing at all is an input, too */
  LLVMFuzzerTestOneInput ((const guint8 *) "", 0);
  for (int i = 1; i < argc; i++)
    n_played += play (argv[i]);
  printf ("%u played\n", n_played);

  return n_played > 0 ? 0 : 1;
}

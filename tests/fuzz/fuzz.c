/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* nftw (), RTLD_NEXT */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <ftw.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "fuzz.h"

static char *folder;
static pid_t folder_owner;

static int
remove_entry (const char        *path,
              const struct stat *status,
              int                kind,
              struct FTW        *walk)
{
  return remove (path);
}

static void
remove_folder (void)
{
  if (getpid () == folder_owner)
    nftw (folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void
make_folder (void)
{
  folder = g_dir_make_tmp ("zmqglib-fuzz-XXXXXX", NULL);
  fuzz_assert (folder != NULL);
  folder_owner = getpid ();
  /* libzmq, too, makes what it makes up there */
  g_setenv ("TMPDIR", folder, TRUE);
  atexit (remove_folder);
}

/* What a program is warned of is part of the play, and what it must not do is a fault of the fuzzer or the library. */
static void
on_log (const char    *domain,
        GLogLevelFlags level,
        const char    *message,
        gpointer       data)
{
  if ((level & G_LOG_LEVEL_MASK) <= G_LOG_LEVEL_CRITICAL)
    fuzz_fail ("%s: %s", domain, message);
  fuzz_assert (g_utf8_validate (message, -1, NULL));
}

int
LLVMFuzzerInitialize (int    *argc,
                      char ***argv)
{
  g_log_set_default_handler (on_log, NULL);
  make_folder ();

  return 0;
}

const char *
fuzz_get_folder (void)
{
  return folder;
}

guint8
fuzz_take_byte (FuzzInput *self)
{
  if (self->size == 0)
    return 0;

  self->size--;

  return *self->data++;
}

guint
fuzz_take_number (FuzzInput *self,
                  guint      n)
{
  guint number = fuzz_take_byte (self);

  if (n > 256)
    number = (number << 8) + fuzz_take_byte (self);

  return number % n;
}

const guint8 *
fuzz_take_data (FuzzInput *self,
                gsize      wanted,
                gsize     *size)
{
  const guint8 *data = self->data;

  *size = MIN (wanted, self->size);
  self->data += *size;
  self->size -= *size;

  return data;
}

static gsize
take_size (FuzzInput *self)
{
  guint8 size = fuzz_take_byte (self);

  /* where libzmq and the library do something else than for small ones */
  return size < 0xf0 ? size : (gsize) (size - 0xf0 + 1) * 256;
}

GBytes *
fuzz_take_bytes (FuzzInput *self)
{
  gsize         size;
  const guint8 *data = fuzz_take_data (self, take_size (self), &size);

  return g_bytes_new (data, size);
}

char *
fuzz_take_string (FuzzInput *self)
{
  gsize         size;
  const guint8 *data = fuzz_take_data (self, take_size (self), &size);

  return g_strndup ((const char *) data, size);
}

void
fuzz_check_error (gboolean       is_success,
                  GError *const *location)
{
  const GError *error = *location;

  if (is_success != (error == NULL))
    fuzz_fail ("%s", error != NULL ? error->message : "it failed, and does not say why");
  if (error == NULL)
    return;

  fuzz_assert (error->domain == ZMQGLIB_ERROR || error->domain == G_IO_ERROR);
  fuzz_assert (error->message[0] != '\0' && g_utf8_validate (error->message, -1, NULL));
}

gboolean
fuzz_settle (guint max_iterations)
{
  /* the poller leaves a turn out when others may have waited */
  const guint n_enough = 3;
  guint       n_idle = 0;

  for (guint i = 0; i < max_iterations && n_idle < n_enough; i++)
    n_idle = g_main_context_iteration (g_main_context_get_thread_default (), FALSE) ? 0 : n_idle + 1;

  return n_idle >= n_enough;
}

gpointer
fuzz_find_next (const char *name)
{
  gpointer function = dlsym (RTLD_NEXT, name);

  fuzz_assert (function != NULL);

  return function;
}

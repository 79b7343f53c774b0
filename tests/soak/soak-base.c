/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "soak.h"

/* What all parts use, and how the run fails. */

Soak soak = { .title = (char *) "all", .hours = 1, .tick_seconds = 60, .rate = 200 };

static GArray *timers; /* of guint */

void
soak_begin (void)
{
  timers = g_array_new (FALSE, FALSE, sizeof (guint));
  soak.loop = g_main_loop_new (NULL, FALSE);
  soak.things = g_ptr_array_new ();
}

void
soak_end (void)
{
  g_clear_pointer (&soak.things, g_ptr_array_unref);
  g_clear_pointer (&soak.loop, g_main_loop_unref);
  g_clear_pointer (&timers, g_array_unref);
}

static void G_GNUC_PRINTF (1, 0)
    fail (const char *format,
          va_list     arguments)
{
  g_autofree char *text = g_strdup_vprintf (format, arguments);

  fprintf (stderr, "soak: %s: %s\n", soak.title, text);
  if (soak.is_child)
    _exit (11);
  soak.has_failed = TRUE;
  g_main_loop_quit (soak.loop);
}

void
soak_fail (const char *format,
           ...)
{
  va_list arguments;

  va_start (arguments, format);
  fail (format, arguments);
  va_end (arguments);
}

void
soak_lose (guint64     n,
           const char *format,
           ...)
{
  va_list arguments;

  soak.n_lost += n;
  va_start (arguments, format);
  fail (format, arguments);
  va_end (arguments);
}

gboolean
soak_check_error (GError *error)
{
  if (error == NULL)
    return TRUE;

  soak_fail ("%s", error->message);
  g_error_free (error);

  return FALSE;
}

static void
on_object_gone (gpointer data,
                GObject *where_it_was)
{
  g_atomic_int_add (&soak.n_objects, -1);
}

void
soak_count_object (gpointer object)
{
  g_atomic_int_inc (&soak.n_objects);
  g_object_weak_ref (object, on_object_gone, NULL);
}

void
soak_touch (gpointer object)
{
  g_ptr_array_add (soak.things, object);
}

void
soak_add_timer (guint       interval_ms,
                GSourceFunc func)
{
  guint id = g_timeout_add (interval_ms, func, NULL);

  g_array_append_val (timers, id);
}

void
soak_remove_timers (void)
{
  for (guint i = 0; i < timers->len; i++)
    g_source_remove (g_array_index (timers, guint, i));
  g_array_set_size (timers, 0);
}

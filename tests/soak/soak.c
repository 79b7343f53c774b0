/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "soak.h"

/* Everything at once, for hours: a line a minute says what came through and what the process uses. It fails when
 * something is lost, grows, hangs or is late.
 *
 *   soak [--hours N] [--tick SECONDS] [--rate N] [--parts NAME,…] [--plant FAULT] */

/* Those that others need come first. */
static const SoakPart *const parts[] = {
  &soak_collectors,
  &soak_churn,
  &soak_echo,
  &soak_reconnects,
  &soak_requests,
  &soak_replies,
  &soak_feeds,
  &soak_peers,
  &soak_proxies,
  &soak_guests,
  &soak_hostile,
  &soak_forks,
  &soak_twin,
};

static char  *part_names;
static char  *role;
static double patience = 60;
static double lateness = 5;
static gint64 began_us;

static const GOptionEntry entries[] = {
  { "hours", 0, 0, G_OPTION_ARG_DOUBLE, &soak.hours, "How long", "N" },
  { "tick", 0, 0, G_OPTION_ARG_DOUBLE, &soak.tick_seconds, "From one line to the next", "SECONDS" },
  { "rate", 0, 0, G_OPTION_ARG_INT, &soak.rate, "Messages a second, of each kind", "N" },
  { "parts", 0, 0, G_OPTION_ARG_STRING, &part_names, "What runs, rather than all but forks", "NAME,…" },
  { "patience", 0, 0, G_OPTION_ARG_DOUBLE, &patience, "What makes no progress for so long is lost", "SECONDS" },
  { "lateness", 0, 0, G_OPTION_ARG_DOUBLE, &lateness, "How late the main loop may be", "SECONDS" },
  { "plant", 0, 0, G_OPTION_ARG_STRING, &soak.plant, "A fault made on purpose: memory, descriptors, objects, lost, block, still, child, twin", "FAULT" },
  { "name", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &soak.title, "Before each line", "NAME" },
  { "role", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &role, "What a child does", "ROLE" },
  { NULL },
};

static volatile sig_atomic_t is_terminated;

static gboolean
is_part (const char *part_name)
{
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (g_str_equal (parts[i]->name, part_name))
      return TRUE;

  return FALSE;
}

static void
check_part_names (void)
{
  g_auto (GStrv) names = g_strsplit (part_names != NULL ? part_names : "", ",", -1);

  for (guint i = 0; names[i] != NULL; i++)
    if (!is_part (names[i]))
      {
        fprintf (stderr, "soak: there is no part “%s”\n", names[i]);
        exit (2);
      }
}

static gboolean
runs (const SoakPart *part)
{
  g_auto (GStrv) names = g_strsplit (part_names != NULL ? part_names : "", ",", -1);

  /* the twin has them */
  if (part_names == NULL)
    return part != &soak_forks;

  return g_strv_contains ((const char *const *) names, part->name);
}

static void
print_line (void)
{
  g_autoptr (GDateTime) time = g_date_time_new_now_local ();
  g_autofree char *clock = g_date_time_format (time, "%H:%M:%S");
  GString         *line = g_string_new (NULL);

  g_string_append_printf (line, "%s: %s  %.1f min  ", soak.title, clock, (g_get_monotonic_time () - began_us) / 60e6);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (runs (parts[i]) && parts[i]->print != NULL)
      parts[i]->print (line);
  g_string_append_printf (line, "stops %u  lost %" G_GUINT64_FORMAT "  ", soak_children_count_stops (), soak.n_lost);
  soak_figures_print (line);
  soak_lateness_print (line);
  printf ("%s\n", line->str);
  fflush (stdout);
  g_string_free (line, TRUE);
}

static gboolean
on_tick (gpointer data)
{
  gint64 now = g_get_monotonic_time ();

  print_line ();
  soak_figures_check ();
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (runs (parts[i]) && parts[i]->check != NULL)
      parts[i]->check (now);

  return G_SOURCE_CONTINUE;
}

static void
on_signal (int number)
{
  is_terminated = 1;
}

static gboolean
on_look_for_signal (gpointer data)
{
  if (is_terminated)
    g_main_loop_quit (soak.loop);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_over (gpointer data)
{
  g_main_loop_quit (soak.loop);

  return G_SOURCE_CONTINUE;
}

static void
begin (void)
{
  struct rlimit limit;

  /* with the connections of those who attack */
  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);

  soak_begin ();
  soak.folder = g_dir_make_tmp ("soak-XXXXXX", NULL);
  soak_children_begin ();
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (runs (parts[i]) && !soak.has_failed)
      parts[i]->start ();
  soak_plant ();
  soak_figures_begin ();
  soak_lateness_begin ();
  soak_add_timer (soak.tick_seconds * 1000, on_tick);
  soak_add_timer (soak.hours * 3600 * 1000, on_over);
  soak_add_timer (100, on_look_for_signal);
}

static void
remove_folder (void)
{
  GDir       *dir = g_dir_open (soak.folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (soak.folder, name, NULL);

      g_unlink (path);
    }
  g_clear_pointer (&dir, g_dir_close);
  g_rmdir (soak.folder);
}

static void
end (void)
{
  soak.is_ending = TRUE;
  soak_remove_timers ();
  soak_figures_end ();
  soak_lateness_end ();
  soak_children_end ();
  for (guint i = G_N_ELEMENTS (parts); i > 0; i--)
    if (runs (parts[i - 1]) && parts[i - 1]->stop != NULL)
      parts[i - 1]->stop ();
  while (g_main_context_iteration (NULL, FALSE))
    ;
  if (g_atomic_int_get (&soak.n_objects) != 0)
    soak_fail ("%d objects are left", g_atomic_int_get (&soak.n_objects));
  remove_folder ();
  g_free (soak.folder);
  soak_end ();
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  guint32 seed = g_random_int ();

  soak.program = argv[0];
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_FATAL_MASK);
  signal (SIGPIPE, SIG_IGN);
  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    {
      fprintf (stderr, "%s\n", error->message);
      return 2;
    }
  soak.patience_us = patience * G_USEC_PER_SEC;
  soak.lateness_us = lateness * G_USEC_PER_SEC;
  if (role != NULL)
    return soak_play (role, argv[1]);

  check_part_names ();
  signal (SIGTERM, on_signal);
  signal (SIGINT, on_signal);
  soak.rand = g_rand_new_with_seed (seed);
  printf ("%s: %g hours, %d messages a second of each kind, seed %u\n", soak.title, soak.hours, soak.rate, seed);
  fflush (stdout);
  began_us = g_get_monotonic_time ();
  begin ();
  if (!soak.has_failed)
    g_main_loop_run (soak.loop);
  if (soak.has_failed)
    print_line ();
  end ();
  printf ("%s: %s after %.2f hours\n", soak.title, soak.has_failed ? "failed" : "nothing lost, nothing grows, nothing hangs",
          (g_get_monotonic_time () - began_us) / 3600e6);
  g_rand_free (soak.rand);
  g_free (part_names);
  g_free (soak.plant);

  return soak.has_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

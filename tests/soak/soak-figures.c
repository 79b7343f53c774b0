/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "soak-slope.h"
#include "soak.h"

/* What this process uses, as each line tells it: the least of many samples, since what is in use for a moment is no
 * leak. A figure that keeps growing ends the run. */

#define SAMPLES_A_LINE 20
#define MIN_SAMPLE_MS  100
#define MIN_WARM_UP    5 /* lines */
#define MAX_WARM_UP    15
/* while it runs; in the end, fewer will do */
#define MIN_TO_JUDGE 15

typedef enum
{
  RSS,
  USED,
  DESCRIPTORS,
  THREADS,
  OBJECTS,
  N_FIGURES
} Which;

typedef struct
{
  const char *name;
  const char *unit_name;
  double      unit;
  double      limit; /* what it may grow by, once */
  GArray     *values;
  double      least;
} Figure;

/* Limits: pools and arenas of malloc grow for long, and by whole ones; the others are what a single leak in a line
 * comes to in an hour. */
static Figure figures[N_FIGURES] = {
  [RSS] = { "memory", " MiB", 1 << 20, 32 << 20, NULL, 0 },
  [USED] = { "allocated memory", " MiB", 1 << 20, 1 << 19, NULL, 0 },
  [DESCRIPTORS] = { "descriptors", "", 1, 20, NULL, 0 },
  [THREADS] = { "threads", "", 1, 10, NULL, 0 },
  [OBJECTS] = { "objects", "", 1, 30, NULL, 0 },
};

static guint n_samples;

static double
get_rss (void)
{
  FILE *file = fopen ("/proc/self/statm", "r");
  long  n_pages = 0;

  if (file != NULL && fscanf (file, "%*d %ld", &n_pages) != 1)
    n_pages = 0;
  if (file != NULL)
    fclose (file);

  return (double) n_pages * sysconf (_SC_PAGESIZE);
}

static double
count_entries (const char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  g_clear_pointer (&dir, g_dir_close);

  return n;
}

static double
measure (Which which)
{
  struct mallinfo2 info;

  switch (which)
    {
    case RSS:
      return get_rss ();
    case USED:
      info = mallinfo2 ();
      return (double) info.uordblks + info.hblkhd;
    case DESCRIPTORS:
      return count_entries ("/proc/self/fd");
    case THREADS:
      return count_entries ("/proc/self/task");
    default:
      return g_atomic_int_get (&soak.n_objects);
    }
}

static gboolean
on_sample (gpointer data)
{
  for (Which i = 0; i < N_FIGURES; i++)
    {
      double value = measure (i);

      figures[i].least = n_samples == 0 ? value : MIN (figures[i].least, value);
    }
  n_samples++;

  return G_SOURCE_CONTINUE;
}

void
soak_figures_begin (void)
{
  for (Which i = 0; i < N_FIGURES; i++)
    figures[i].values = g_array_new (FALSE, FALSE, sizeof (double));
  soak_add_timer (MAX (soak.tick_seconds * 1000 / SAMPLES_A_LINE, MIN_SAMPLE_MS), on_sample);
}

/* Sanitizers keep what was freed for a while. */
static gboolean
is_judged (const Figure *self)
{
#ifdef __SANITIZE_ADDRESS__
  return self != &figures[RSS];
#else
  return TRUE;
#endif
}

static void
judge (const Figure *self,
       guint         min_to_judge)
{
  guint n_expected = soak.hours * 3600 / soak.tick_seconds;
  guint n_warm_up = CLAMP (n_expected / 4, MIN_WARM_UP, MAX_WARM_UP);

  if (is_judged (self) && self->values->len >= n_warm_up + min_to_judge &&
      soak_slope_grows ((const double *) (gpointer) self->values->data + n_warm_up, self->values->len - n_warm_up, self->limit))
    soak_fail ("The %s%s keeps growing", self->unit > 1 ? "" : "number of ", self->name);
}

void
soak_figures_print (GString *line)
{
  if (n_samples == 0)
    on_sample (NULL);
  for (Which i = 0; i < N_FIGURES; i++)
    {
      Figure *self = &figures[i];

      g_array_append_val (self->values, self->least);
      g_string_append_printf (line, "%s %.*f%s  ", self->name, self->unit > 1 ? 3 : 0, self->least / self->unit, self->unit_name);
    }
  n_samples = 0;
}

void
soak_figures_check (void)
{
  for (Which i = 0; i < N_FIGURES; i++)
    judge (&figures[i], MIN_TO_JUDGE);
}

void
soak_figures_end (void)
{
  for (Which i = 0; i < N_FIGURES; i++)
    {
      judge (&figures[i], 1);
      g_array_unref (figures[i].values);
    }
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How others in the main context fare while one stream is flooded: a source at the priority at
 * which GTK redraws, which is always ready and so could draw whenever it has its turn, and a timer
 * at default priority. Sides: slices, no-slices, and the same with a slower handler:
 * working-slices, working-no-slices. */

#include "flood.h"

#define DURATION_US     (2 * G_TIME_SPAN_SECOND)
#define REDRAW_PRIORITY (G_PRIORITY_HIGH_IDLE + 20)
#define TIMER_MS        10

typedef struct
{
  Flood    flood;
  GSource *redraw;
  GSource *timer;
  GArray  *gaps; /* of gint64, µs: from one turn of the redraw source to the next */
  GArray  *lags; /* of gint64, µs: from when the timer was due to its turn */
  gint64   last_turn_us;
} Fixture;

static void
add_gap (Fixture *fixture,
         gint64   now)
{
  gint64 gap = now - MAX (fixture->last_turn_us, fixture->flood.started_us);

  g_array_append_val (fixture->gaps, gap);
}

static void
add_lag (Fixture *fixture,
         gint64   now)
{
  gint64 lag = MAX (now - g_source_get_ready_time (fixture->timer), 0);

  g_array_append_val (fixture->lags, lag);
}

static gboolean
on_redraw (gpointer data)
{
  Fixture *fixture = data;
  gint64   now = g_get_monotonic_time ();

  if (fixture->flood.started_us != 0)
    add_gap (fixture, now);
  fixture->last_turn_us = now;

  return G_SOURCE_CONTINUE;
}

static gboolean
on_timer (gpointer data)
{
  Fixture *fixture = data;

  if (fixture->flood.started_us != 0)
    add_lag (fixture, g_get_monotonic_time ());

  return G_SOURCE_CONTINUE;
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  gint64 one = *(const gint64 *) a;
  gint64 other = *(const gint64 *) b;

  return (one > other) - (one < other);
}

static double
get_max_ms (GArray *sorted)
{
  return g_array_index (sorted, gint64, sorted->len - 1) / 1e3;
}

static double
get_p99_ms (GArray *sorted)
{
  return g_array_index (sorted, gint64, (sorted->len * G_GUINT64_CONSTANT (99) - 1) / 100) / 1e3;
}

/* The gap that whoever wants to draw falls into or into a shorter one, at 99 of 100 moments. Of the
 * gaps themselves most are tiny, because the source has many turns where the flood pauses. */
static double
get_p99_ms_by_time (GArray *sorted)
{
  guint  i = sorted->len - 1;
  gint64 left = 0;

  for (guint j = 0; j < sorted->len; j++)
    left += g_array_index (sorted, gint64, j);
  left /= 100;

  while (i > 0 && (left -= g_array_index (sorted, gint64, i)) > 0)
    i--;

  return g_array_index (sorted, gint64, i) / 1e3;
}

static GSource *
attach (GSource    *source,
        int         priority,
        GSourceFunc func,
        Fixture    *fixture)
{
  g_source_set_priority (source, priority);
  g_source_set_callback (source, func, fixture, NULL);
  g_source_attach (source, NULL);

  return source;
}

static void
measure (Fixture *self)
{
  self->gaps = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->lags = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->redraw = attach (g_idle_source_new (), REDRAW_PRIORITY, on_redraw, self);
  self->timer = attach (g_timeout_source_new (TIMER_MS), G_PRIORITY_DEFAULT, on_timer, self);

  flood_open (&self->flood);
  g_main_loop_run (self->flood.loop);

  /* who still waits at the end has waited */
  add_gap (self, self->flood.ended_us);
  add_lag (self, self->flood.ended_us);
  g_array_sort (self->gaps, compare);
  g_array_sort (self->lags, compare);
}

static void
fixture_clear (Fixture *self)
{
  g_source_destroy (self->redraw);
  g_source_unref (self->redraw);
  g_source_destroy (self->timer);
  g_source_unref (self->timer);
  g_array_unref (self->gaps);
  g_array_unref (self->lags);
  flood_clear (&self->flood);
}

int
main (int   argc,
      char *argv[])
{
  static const char *const sides[] = {
    "slices", "no-slices", "working-slices", "working-no-slices", NULL
  };
  Fixture fixture = { .last_turn_us = 0 };

  flood_init (&fixture.flood, argc, argv, sides, DURATION_US);
  measure (&fixture);

  bench_print ("redraw_p99_ms", get_p99_ms_by_time (fixture.gaps),
               "redraw_max_ms", get_max_ms (fixture.gaps),
               "redraw_turns", (double) (fixture.gaps->len - 1),
               "timer_p99_ms", get_p99_ms (fixture.lags),
               "timer_max_ms", get_max_ms (fixture.lags),
               "messages_per_second", flood_get_rate (&fixture.flood),
               NULL);

  fixture_clear (&fixture);

  return 0;
}

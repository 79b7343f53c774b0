/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How long others in the main context wait: a source at the priority at which GTK redraws, which is
 * always ready and so could draw whenever it has its turn, and a timer at default priority. */

#pragma once

#include "bench.h"

#define REDRAW_PRIORITY (G_PRIORITY_HIGH_IDLE + 20)
#define TIMER_MS        10

typedef struct
{
  GSource      *redraw;
  GSource      *timer;
  GArray       *gaps; /* of gint64, µs: from one turn of the redraw source to the next */
  GArray       *lags; /* of gint64, µs: from when the timer was due to its turn */
  gint64        last_turn_us;
  const gint64 *started_us; /* the measuring has begun, 0 before */
} Lateness;

static inline void
lateness_add_gap (Lateness *self,
                  gint64    now)
{
  gint64 gap = now - MAX (self->last_turn_us, *self->started_us);

  g_array_append_val (self->gaps, gap);
}

static inline void
lateness_add_lag (Lateness *self,
                  gint64    now)
{
  gint64 lag = MAX (now - g_source_get_ready_time (self->timer), 0);

  g_array_append_val (self->lags, lag);
}

static inline gboolean
lateness_on_redraw (gpointer data)
{
  Lateness *self = data;
  gint64    now = g_get_monotonic_time ();

  if (*self->started_us != 0)
    lateness_add_gap (self, now);
  self->last_turn_us = now;

  return G_SOURCE_CONTINUE;
}

static inline gboolean
lateness_on_timer (gpointer data)
{
  Lateness *self = data;

  if (*self->started_us != 0)
    lateness_add_lag (self, g_get_monotonic_time ());

  return G_SOURCE_CONTINUE;
}

static inline int
lateness_compare (gconstpointer a,
                  gconstpointer b)
{
  gint64 one = *(const gint64 *) a;
  gint64 other = *(const gint64 *) b;

  return (one > other) - (one < other);
}

static inline double
lateness_get_max_ms (GArray *sorted)
{
  return g_array_index (sorted, gint64, sorted->len - 1) / 1e3;
}

static inline double
lateness_get_p99_ms (GArray *sorted)
{
  return g_array_index (sorted, gint64, (sorted->len * G_GUINT64_CONSTANT (99) - 1) / 100) / 1e3;
}

/* The gap that whoever wants to draw falls into or into a shorter one, at 99 of 100 moments. Of the
 * gaps themselves most are tiny, because the source has many turns where the flood pauses. */
static inline double
lateness_get_p99_ms_by_time (GArray *sorted)
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

static inline GSource *
lateness_attach (GSource    *source,
                 int         priority,
                 GSourceFunc func,
                 Lateness   *self)
{
  g_source_set_priority (source, priority);
  g_source_set_callback (source, func, self, NULL);
  g_source_attach (source, NULL);

  return source;
}

/* Lets the sources into the default main context; nothing counts before @started_us points to a time. */
static inline void
lateness_begin (Lateness     *self,
                const gint64 *started_us)
{
  *self = (Lateness){ .started_us = started_us };
  self->gaps = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->lags = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->redraw = lateness_attach (g_idle_source_new (), REDRAW_PRIORITY, lateness_on_redraw, self);
  self->timer = lateness_attach (g_timeout_source_new (TIMER_MS), G_PRIORITY_DEFAULT, lateness_on_timer, self);
}

/* Who still waits at the end has waited. */
static inline void
lateness_end (Lateness *self,
              gint64    ended_us)
{
  lateness_add_gap (self, ended_us);
  lateness_add_lag (self, ended_us);
  g_array_sort (self->gaps, lateness_compare);
  g_array_sort (self->lags, lateness_compare);
}

static inline void
lateness_print (Lateness *self,
                double    messages_per_second)
{
  bench_print ("redraw_p99_ms", lateness_get_p99_ms_by_time (self->gaps),
               "redraw_max_ms", lateness_get_max_ms (self->gaps),
               "redraw_turns", (double) (self->gaps->len - 1),
               "timer_p99_ms", lateness_get_p99_ms (self->lags),
               "timer_max_ms", lateness_get_max_ms (self->lags),
               "messages_per_second", messages_per_second,
               NULL);
}

static inline void
lateness_clear (Lateness *self)
{
  g_source_destroy (self->redraw);
  g_source_unref (self->redraw);
  g_source_destroy (self->timer);
  g_source_unref (self->timer);
  g_array_unref (self->gaps);
  g_array_unref (self->lags);
}

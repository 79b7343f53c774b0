/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "soak.h"

/* How late the main loop is: a timer of it, against a thread that only sleeps and tells how late the machine is. What
 * both have in common is not ours. The thread also ends a program whose main loop stands still. It calls nothing that
 * a child which is forked meanwhile could miss. */

#define TIMER_MS 10

static pthread_t thread;
static gint      is_over;      /* atomic, as the next two */
static gint      n_turns;      /* of the timer */
static gint      machine_late; /* µs, the worst of this line */
static gint64    late;         /* µs, likewise */
static GSource  *timer;

static gint64
now_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static void
look_whether_it_turns (gint64 now)
{
  static gint       last_turn = -1;
  static gint64     last_us;
  static gboolean   is_told;
  static const char text[] = "soak: The main loop stands still\n";

  if (g_atomic_int_get (&n_turns) != last_turn)
    {
      last_turn = g_atomic_int_get (&n_turns);
      last_us = now;
      is_told = FALSE;
    }
  else if (now - last_us > soak.patience_us && write (STDERR_FILENO, text, sizeof text - 1) > 0)
    abort ();
  else if (now - last_us > soak.lateness_us && !is_told)
    {
      is_told = TRUE;
      soak_where_tell ();
    }
}

static void *
run (void *data)
{
  gint64 before = now_us ();

  while (!g_atomic_int_get (&is_over))
    {
      const struct timespec pause = { .tv_nsec = TIMER_MS * 1000000 };
      gint64                now, was_late;

      nanosleep (&pause, NULL);
      now = now_us ();
      was_late = now - before - TIMER_MS * 1000;
      before = now;
      if (was_late > g_atomic_int_get (&machine_late))
        g_atomic_int_set (&machine_late, (gint) MIN (was_late, G_MAXINT));
      look_whether_it_turns (now);
    }

  return NULL;
}

static gboolean
on_timer (gpointer data)
{
  late = MAX (late, g_get_monotonic_time () - g_source_get_ready_time (timer));
  g_atomic_int_inc (&n_turns);

  return G_SOURCE_CONTINUE;
}

void
soak_lateness_begin (void)
{
  soak_where_begin ();
  timer = g_timeout_source_new (TIMER_MS);
  g_source_set_callback (timer, on_timer, NULL, NULL);
  g_source_attach (timer, NULL);
  if (pthread_create (&thread, NULL, run, NULL) != 0)
    g_error ("A thread could not be started");
}

void
soak_lateness_print (GString *line)
{
  gint64 machine = g_atomic_int_get (&machine_late);

  g_string_append_printf (line, "late %.0f ms (machine %.0f ms)", late / 1e3, machine / 1e3);
  if (late - machine > soak.lateness_us)
    soak_fail ("The main loop was late by %.0f ms, the machine by %.0f ms", late / 1e3, machine / 1e3);
  late = 0;
  g_atomic_int_set (&machine_late, 0);
}

void
soak_lateness_end (void)
{
  g_atomic_int_set (&is_over, TRUE);
  pthread_join (thread, NULL);
  g_source_destroy (timer);
  g_source_unref (timer);
}

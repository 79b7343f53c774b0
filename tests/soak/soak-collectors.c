/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <pthread.h>
#include <time.h>

#include "soak.h"

/* Threads that get references, and drop them when they like, as a garbage collector does. Whoever forks holds them
 * outside of the library and of GLib, which a child could not use otherwise. */

#define N_THREADS 3
#define N_SLOTS   256

static pthread_t        threads[N_THREADS];
static pthread_rwlock_t turn_lock = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static pthread_mutex_t  slots_lock = PTHREAD_MUTEX_INITIALIZER;
static gpointer         slots[N_SLOTS]; /* what is to be dropped; each but the first that is free lies for a while */
static guint            n_filled;
static gboolean         is_running;
static gint             is_over;   /* atomic */
static gint             n_dropped; /* atomic */

/* Takes one at random, so that what was dropped together is not in the order in which it was made. */
static gpointer
take_one (guint *random)
{
  gpointer object = NULL;

  pthread_mutex_lock (&slots_lock);
  if (n_filled > 0)
    {
      guint which = (*random = *random * 1664525 + 1013904223) % n_filled;

      object = slots[which];
      slots[which] = slots[--n_filled];
    }
  pthread_mutex_unlock (&slots_lock);

  return object;
}

static gpointer
put_one (gpointer object)
{
  pthread_mutex_lock (&slots_lock);
  if (n_filled < N_SLOTS)
    {
      slots[n_filled++] = object;
      object = NULL;
    }
  pthread_mutex_unlock (&slots_lock);

  return object;
}

static void
drop_some (guint *random)
{
  gpointer object;

  pthread_rwlock_rdlock (&turn_lock);
  for (guint i = 0; i < 16 && (object = take_one (random)) != NULL; i++)
    {
      g_object_unref (object);
      g_atomic_int_inc (&n_dropped);
    }
  pthread_rwlock_unlock (&turn_lock);
}

static void *
collect (void *data)
{
  guint random = GPOINTER_TO_UINT (data);

  while (!g_atomic_int_get (&is_over))
    {
      struct timespec pause = { .tv_nsec = 1000000 * (1 + (random >> 16) % 20) };

      nanosleep (&pause, NULL);
      drop_some (&random);
    }

  return NULL;
}

void
soak_drop (gpointer object)
{
  if (is_running)
    object = put_one (object);
  g_clear_object (&object);
}

void
soak_hold_threads (void)
{
  pthread_rwlock_wrlock (&turn_lock);
}

void
soak_let_threads_go (void)
{
  pthread_rwlock_unlock (&turn_lock);
}

static void
start (void)
{
  is_running = TRUE;
  for (guint i = 0; i < N_THREADS; i++)
    if (pthread_create (&threads[i], NULL, collect, GUINT_TO_POINTER (i + 1)) != 0)
      g_error ("A thread could not be started");
}

static void
print (GString *line)
{
  g_string_append_printf (line, "dropped %d  ", g_atomic_int_get (&n_dropped));
}

static void
stop (void)
{
  guint random = 0;

  g_atomic_int_set (&is_over, TRUE);
  for (guint i = 0; i < N_THREADS; i++)
    pthread_join (threads[i], NULL);
  is_running = FALSE;
  while (n_filled > 0)
    drop_some (&random);
}

const SoakPart soak_collectors = { "collectors", start, NULL, print, stop };

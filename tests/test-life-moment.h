/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <dlfcn.h>

#include "test-life-util.h"

G_BEGIN_DECLS

/* A moment at which a thread is held up in the middle of a call, while another thread does something: the
 * system may do so at any time. What stands before a function of libzmq or GLib lets it come. The other may
 * rightly have to wait for the first, which therefore goes on after a while. */
typedef struct
{
  GThread *thread; /* atomic; whose moment it is, or NULL when it has come */
  LifeFunc func;
  gpointer data;

  GThread        *other;
  pthread_mutex_t lock;
  pthread_cond_t  changed;
  gboolean        is_over;
  gboolean        had_to_wait; /* the other, until the moment was over */
} LifeMoment;

#define LIFE_MOMENT_INIT                 \
  {                                      \
    .lock = PTHREAD_MUTEX_INITIALIZER,   \
    .changed = PTHREAD_COND_INITIALIZER, \
  }

#define LIFE_WHILE_MS 300

/* The next such call of this thread is held up. */
static inline void
life_moment_await (LifeMoment *self,
                   LifeFunc    func,
                   gpointer    data)
{
  self->func = func;
  self->data = data;
  g_atomic_pointer_set (&self->thread, g_thread_self ());
}

static inline gboolean
life_moment_take (LifeMoment *self)
{
  if (g_atomic_pointer_get (&self->thread) == NULL || g_atomic_pointer_get (&self->thread) != g_thread_self ())
    return FALSE;

  g_atomic_pointer_set (&self->thread, NULL);

  return TRUE;
}

static inline gpointer
life_moment_run (gpointer data)
{
  LifeMoment *self = data;

  self->func (self->data);
  pthread_mutex_lock (&self->lock);
  self->is_over = TRUE;
  pthread_cond_signal (&self->changed);
  pthread_mutex_unlock (&self->lock);

  return NULL;
}

static inline void
life_moment_come (LifeMoment *self)
{
  struct timespec deadline;
  int             result = 0;

  if (!life_moment_take (self))
    return;

  clock_gettime (CLOCK_REALTIME, &deadline);
  deadline.tv_nsec += LIFE_WHILE_MS * 1000000L;
  deadline.tv_sec += deadline.tv_nsec / 1000000000L;
  deadline.tv_nsec %= 1000000000L;

  self->is_over = FALSE;
  self->other = g_thread_new ("moment", life_moment_run, self);
  pthread_mutex_lock (&self->lock);
  while (!self->is_over && result == 0)
    result = pthread_cond_timedwait (&self->changed, &self->lock, &deadline);
  self->had_to_wait = !self->is_over;
  pthread_mutex_unlock (&self->lock);
}

/* The moment has come, and what the other does is over. */
static inline void
life_moment_end (LifeMoment *self)
{
  g_assert_null (g_atomic_pointer_get (&self->thread));
  g_thread_join (self->other);
}

/* The function that would be called if no other stood before it. */
static inline gpointer
life_next (gpointer   *next,
           const char *name)
{
  if (g_atomic_pointer_get (next) == NULL)
    g_atomic_pointer_set (next, dlsym (RTLD_NEXT, name));

  return g_atomic_pointer_get (next);
}

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <dlfcn.h>

#include "test-life-util.h"

G_BEGIN_DECLS

/* A moment at which a thread is held up in the middle of a call, while another thread does something: the
 * system may do so at any time. What stands before a function of libzmq or GLib lets it come. */
typedef struct
{
  GThread *thread; /* atomic; whose moment it is, or NULL when it has come */
  LifeFunc func;
  gpointer data;
} LifeMoment;

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

static inline void
life_moment_come (LifeMoment *self)
{
  if (life_moment_take (self))
    life_elsewhere (self->func, self->data);
}

static inline gboolean
life_moment_has_come (LifeMoment *self)
{
  return g_atomic_pointer_get (&self->thread) == NULL;
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

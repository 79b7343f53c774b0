/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-lock-private.h"

void
zmqglib_lock_init (ZmqLock *self)
{
  g_mutex_init (&self->mutex);
  self->generation = zmqglib_fork_generation;
}

/*
 * zmqglib_lock_renew:
 *
 * To be called in a child, in whatever thread, before the lock is taken.
 */
void
zmqglib_lock_renew (ZmqLock *self)
{
  g_mutex_lock (&zmqglib_fork_lock);
  if (zmqglib_fork_is_inherited (self->generation))
    {
      g_mutex_init (&self->mutex);
      g_atomic_int_set (&self->generation, zmqglib_fork_generation);
    }
  g_mutex_unlock (&zmqglib_fork_lock);
}

void
zmqglib_lock_clear (ZmqLock *self)
{
  if (zmqglib_fork_is_inherited (self->generation))
    zmqglib_lock_renew (self);

  g_mutex_clear (&self->mutex);
}

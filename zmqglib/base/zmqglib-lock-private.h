/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/zmqglib-fork-private.h"

G_BEGIN_DECLS

/* A mutex that nobody has in a forked child, where the thread that may have had it is not there to give it back. What it
 * guards is then as that thread has left it. All zero is one that is free. */
typedef struct
{
  GMutex mutex;
  guint  generation; /* atomic */
} ZmqLock;

void zmqglib_lock_init (ZmqLock *self);
void zmqglib_lock_clear (ZmqLock *self);
void zmqglib_lock_renew (ZmqLock *self);

static inline void
zmqglib_lock_take (ZmqLock *self)
{
  if (zmqglib_fork_is_inherited (g_atomic_int_get (&self->generation)))
    zmqglib_lock_renew (self);

  g_mutex_lock (&self->mutex);
}

static inline void
zmqglib_lock_give (ZmqLock *self)
{
  g_mutex_unlock (&self->mutex);
}

/* Has a lock until it is freed, as a #GMutexLocker has a mutex. */
typedef void ZmqLocker;

static inline ZmqLocker *
zmqglib_locker_new (ZmqLock *lock)
{
  zmqglib_lock_take (lock);

  return (ZmqLocker *) lock;
}

static inline void
zmqglib_locker_free (ZmqLocker *self)
{
  zmqglib_lock_give ((ZmqLock *) self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ZmqLocker, zmqglib_locker_free)

G_END_DECLS

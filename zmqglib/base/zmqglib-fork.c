/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <pthread.h>

#include "base/zmqglib-fork-private.h"

/* The fork is noticed without a system call: what belongs to a process remembers the generation in
 * which it was made. The library is linked to stay in memory, since this handler does. */

guint  zmqglib_fork_generation;
GMutex zmqglib_fork_lock;

static void
before_fork (void)
{
  g_mutex_lock (&zmqglib_fork_lock);
}

static void
on_forking_over (void)
{
  g_mutex_unlock (&zmqglib_fork_lock);
}

static void
on_forked (void)
{
  zmqglib_fork_generation++;
  g_mutex_unlock (&zmqglib_fork_lock);
}

static void __attribute__ ((constructor))
watch_forks (void)
{
  pthread_atfork (before_fork, on_forking_over, on_forked);
}

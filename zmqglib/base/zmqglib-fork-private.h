/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>
#include <zmq.h>

G_BEGIN_DECLS

/* Beside libzmq's error numbers: what is asked for was made before a fork, by the parent. */
#define ZMQGLIB_EFORKED (ZMQ_HAUSNUMERO + 1000)

/* Raised in each forked child before anything else runs there. */
extern guint zmqglib_fork_generation;

/* Of what a process has once: nobody else has it while the process forks, so that a child finds it whole. It is taken for a
 * moment, and no other lock of the library meanwhile. */
extern GMutex zmqglib_fork_lock;

/* Whether something of that generation was made by another process, of which this is the child. */
static inline gboolean
zmqglib_fork_is_inherited (guint generation)
{
  return G_UNLIKELY (generation != zmqglib_fork_generation);
}

G_END_DECLS

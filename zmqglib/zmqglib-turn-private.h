/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a stream may do in one turn before the next one has its turn, in messages. */
#define ZMQGLIB_TURN_SHARE 64

/* Says when a turn is over, without reading the clock for each message. */
typedef struct
{
  gint64 deadline;
  gint64 last;
  guint  n_left;     /* messages */
  guint  n_to_check; /* messages until the clock is read */
  guint  interval;
} ZmqTurn;

static inline ZmqTurn
zmqglib_turn_begin (gint64 deadline)
{
  return (ZmqTurn){
    .deadline = deadline,
    .last = g_get_monotonic_time (),
    .n_left = ZMQGLIB_TURN_SHARE,
    .n_to_check = 1,
    .interval = 1,
  };
}

static inline gboolean
zmqglib_turn_is_over (ZmqTurn *self)
{
  gint64 now;

  if (--self->n_left == 0)
    return TRUE;
  if (--self->n_to_check > 0)
    return FALSE;

  /* quick handlers are asked less and less often, a slow one each time */
  now = g_get_monotonic_time ();
  self->interval = now - self->last < 50 ? MIN (2 * self->interval, 32) : 1;
  self->n_to_check = self->interval;
  self->last = now;

  return now >= self->deadline;
}

G_END_DECLS

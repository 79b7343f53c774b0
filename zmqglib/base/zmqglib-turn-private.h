/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a stream may do in one turn before the next one has its turn, in messages. */
#define ZMQGLIB_TURN_SHARE 64

/* Quick handlers are asked less and less often whether the time is up, a slow one each time. */
#define ZMQGLIB_TURN_QUICK_US     50
#define ZMQGLIB_TURN_MAX_INTERVAL 32

/* The time that a dispatch has, in monotonic time. */
typedef struct
{
  gint64 now; /* when the clock was last read */
  gint64 deadline;
} ZmqSlice;

/* Says when a turn is over, without reading the clock for each message. */
typedef struct
{
  ZmqSlice *slice;
  guint    *interval;   /* messages from one look at the clock to the next; kept between turns */
  guint     n_left;     /* messages */
  guint     n_to_check; /* messages until the clock is read */
} ZmqTurn;

static inline gboolean
zmqglib_slice_is_over (ZmqSlice *self)
{
  self->now = g_get_monotonic_time ();

  return self->now >= self->deadline;
}

static inline ZmqTurn
zmqglib_turn_begin (ZmqSlice *slice,
                    guint    *interval)
{
  return (ZmqTurn){
    .slice = slice,
    .interval = interval,
    .n_left = ZMQGLIB_TURN_SHARE,
    .n_to_check = *interval,
  };
}

static inline gboolean
zmqglib_turn_is_over (ZmqTurn *self)
{
  gint64   last = self->slice->now;
  gboolean is_over;

  if (--self->n_left == 0)
    return TRUE;
  if (--self->n_to_check > 0)
    return FALSE;

  is_over = zmqglib_slice_is_over (self->slice);

  if (self->slice->now - last < ZMQGLIB_TURN_QUICK_US)
    *self->interval = MIN (2 * *self->interval, ZMQGLIB_TURN_MAX_INTERVAL);
  else
    *self->interval = 1;
  self->n_to_check = *self->interval;

  return is_over;
}

G_END_DECLS

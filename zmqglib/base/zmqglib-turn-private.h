/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a stream may do in one turn before the next one has its turn, in messages. */
#define ZMQGLIB_TURN_SHARE 64

/* How long what a source has to do may go on before the rest of the program has its turn: an eighth
 * of a frame at 60 Hz. */
#define ZMQGLIB_SLICE_US 2000

/* A counter of the processor that is read in a few cycles, where there is one, and how many of its
 * ticks make a microsecond at least. It only tells when the clock is worth a look: were it wrong, a
 * slice would end with a share instead of in the middle of one. */
#if defined(__x86_64__) || defined(__i386__)
#define ZMQGLIB_TICKS_PER_US 1000
static inline guint64
zmqglib_ticks (void)
{
  return __builtin_ia32_rdtsc ();
}
#else
#define ZMQGLIB_TICKS_PER_US 1
static inline guint64
zmqglib_ticks (void)
{
  return g_get_monotonic_time ();
}
#endif

/* The time that a dispatch has, in monotonic time. */
typedef struct
{
  gint64  deadline;
  guint64 ticks; /* before which it cannot be over */
} ZmqSlice;

static inline ZmqSlice
zmqglib_slice_begin (gint64 now,
                     gint64 deadline)
{
  guint64 left = deadline > now ? deadline - now : 0;

  /* one that is over already lasts for one message */
  return (ZmqSlice){
    .deadline = deadline,
    .ticks = left < G_MAXINT32 ? zmqglib_ticks () + left * ZMQGLIB_TICKS_PER_US : G_MAXUINT64,
  };
}

/* Reads the clock, unless it cannot be over yet, and puts the next reading off for as long as may be. */
static inline gboolean
zmqglib_slice_is_over (ZmqSlice *self)
{
  gint64 now;

  if (zmqglib_ticks () < self->ticks)
    return FALSE;

  now = g_get_monotonic_time ();
  if (now >= self->deadline)
    return TRUE;

  *self = zmqglib_slice_begin (now, self->deadline);

  return FALSE;
}

/* A share of a slice. */
typedef struct
{
  ZmqSlice *slice;
  guint     n_left; /* messages */
} ZmqTurn;

static inline ZmqTurn
zmqglib_turn_begin (ZmqSlice *slice)
{
  return (ZmqTurn){ .slice = slice, .n_left = ZMQGLIB_TURN_SHARE };
}

/* To be asked after each message: however quick the handlers before were, a slow one ends the turn. */
static inline gboolean
zmqglib_turn_is_over (ZmqTurn *self)
{
  if (--self->n_left == 0)
    return TRUE;

  return zmqglib_slice_is_over (self->slice);
}

/* How a source of a main context leaves those of lower priority their turn. Touched only by who owns
 * the main context, but for being freed. */
typedef struct
{
  gint64   deadline; /* of the slice that is under way, or 0 */
  gint64   slice_us;
  guint    n_yields; /* so many iterations are others' at most */
  GSource *witness;  /* sees that lower priorities have their turn */
} ZmqPace;

ZmqPace *zmqglib_pace_new (void);
void     zmqglib_pace_free (ZmqPace *self);
gboolean zmqglib_pace_is_yielding (ZmqPace *self);
gboolean zmqglib_pace_yield (ZmqPace *self);
ZmqSlice zmqglib_pace_begin (ZmqPace *self,
                             GSource *source);
void     zmqglib_pace_end (ZmqPace  *self,
                           ZmqSlice *slice);

G_END_DECLS

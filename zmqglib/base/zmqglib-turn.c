/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-ownership-private.h"
#include "base/zmqglib-turn-private.h"

/* A slice begins with the first dispatch and goes on over those that follow, however short each is,
 * until sources of lower priority have had a turn, or there was nothing to do. When it is used up, the
 * source holds back until they had one. */

/* One iteration does it unless a source of the same priority, or of one above that of drawing, takes that
 * iteration, as a timer that fell due in the meantime. Who takes them all would starve the lower ones by itself, and is
 * not waited for. */
#define MAX_YIELDS 3

/* That at which GTK draws, GDK_PRIORITY_REDRAW: it has its turn, whatever else there is between. */
#define DRAWING_PRIORITY (G_PRIORITY_HIGH_IDLE + 20)

/* A source that is never ready, of a lower priority than the source, and not of a higher one than drawing. GLib asks
 * it just in those iterations that no source of a higher priority takes. */
typedef struct
{
  GSource  source;
  ZmqPace *pace;
} ZmqWitness;

static void
end_slice (ZmqPace *self)
{
  self->deadline = 0;
  self->n_yields = 0;
}

static gboolean
zmqglib_witness_check (GSource *source)
{
  GMainContext *context = g_source_get_context (source);

  zmqglib_ownership_taken (context);
  end_slice (((ZmqWitness *) source)->pace);
  zmqglib_ownership_given (context);

  return FALSE;
}

static gboolean
zmqglib_witness_dispatch (GSource    *source,
                          GSourceFunc callback,
                          gpointer    user_data)
{
  return G_SOURCE_CONTINUE;
}

static void
zmqglib_witness_finalize (GSource *source)
{
  g_atomic_rc_box_release (((ZmqWitness *) source)->pace);
}

static GSourceFuncs witness_funcs = {
  .check = zmqglib_witness_check,
  .dispatch = zmqglib_witness_dispatch,
  .finalize = zmqglib_witness_finalize,
};

static void
ensure_witness (ZmqPace *self,
                GSource *source)
{
  int priority = CLAMP (g_source_get_priority (source), DRAWING_PRIORITY - 1, G_MAXINT - 1) + 1;

  if (self->witness != NULL)
    {
      if (g_source_get_priority (self->witness) != priority)
        g_source_set_priority (self->witness, priority);
      return;
    }

  self->witness = g_source_new (&witness_funcs, sizeof (ZmqWitness));
  ((ZmqWitness *) self->witness)->pace = g_atomic_rc_box_acquire (self);
  g_source_set_static_name (self->witness, "[zmqglib] witness");
  g_source_set_priority (self->witness, priority);
  g_source_attach (self->witness, g_source_get_context (source));
}

ZmqPace *
zmqglib_pace_new (void)
{
  ZmqPace *self = g_atomic_rc_box_new0 (ZmqPace);

  self->slice_us = ZMQGLIB_SLICE_US;

  return self;
}

/*
 * zmqglib_pace_free:
 *
 * To be called when the source is disposed of, by any thread: the witness may be asked for a last time.
 */
void
zmqglib_pace_free (ZmqPace *self)
{
  if (self->witness != NULL)
    {
      g_source_destroy (self->witness);
      g_clear_pointer (&self->witness, g_source_unref);
    }
  g_atomic_rc_box_release (self);
}

/*
 * zmqglib_pace_is_yielding:
 *
 * To be asked in prepare: a source that holds back is not ready, and must not block.
 */
gboolean
zmqglib_pace_is_yielding (ZmqPace *self)
{
  return self->n_yields > 0;
}

/*
 * zmqglib_pace_yield:
 *
 * To be called in check.
 *
 * Returns: whether the source leaves this iteration to others
 */
gboolean
zmqglib_pace_yield (ZmqPace *self)
{
  if (self->n_yields == 0)
    return FALSE;

  if (--self->n_yields == 0)
    end_slice (self);

  return TRUE;
}

/*
 * zmqglib_pace_begin:
 * @source: what is being dispatched
 *
 * Returns: the time that is left to it
 */
ZmqSlice
zmqglib_pace_begin (ZmqPace *self,
                    GSource *source)
{
  gint64 now = g_get_monotonic_time ();

  if (self->deadline == 0)
    {
      ensure_witness (self, source);
      self->deadline = self->slice_us < G_MAXINT64 - now ? now + self->slice_us : G_MAXINT64;
    }

  return zmqglib_slice_begin (now, self->deadline);
}

/*
 * zmqglib_pace_end:
 *
 * To be called at the end of a dispatch.
 */
void
zmqglib_pace_end (ZmqPace  *self,
                  ZmqSlice *slice)
{
  if (self->deadline != 0 && zmqglib_slice_is_over (slice))
    self->n_yields = MAX_YIELDS;
}

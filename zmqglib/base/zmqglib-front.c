/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-front-private.h"

/*
 * How what a main loop has of an object finds that object, whose last reference may be dropped in any thread.
 *
 * One that is owned by the loop is kept strongly, and has a collector's toggle reference besides: to upgrade a weak
 * reference to it would wait for the collector's lock, with a lock of GLib's that the collector waits for. So it is not
 * found any more when it was let go of, which is the last that the main loop is told of it.
 */
struct _ZmqFront
{
  int      ref_count; /* atomic */
  GWeakRef weak;
  gpointer kept; /* the same, strongly */
  gboolean was_kept;
  gboolean is_leaving; /* the main loop is told to let it go */
};

/*
 * zmqglib_front_new:
 *
 * Returns: (transfer full): what finds an object
 */
ZmqFront *
zmqglib_front_new (gpointer object)
{
  ZmqFront *self = g_new0 (ZmqFront, 1);

  self->ref_count = 1;
  g_weak_ref_init (&self->weak, object);

  return self;
}

void
zmqglib_front_unref (ZmqFront *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_weak_ref_clear (&self->weak);
  g_free (self);
}

/*
 * zmqglib_front_dup:
 *
 * To be called by who owns the main context, as all that follow.
 *
 * Returns: (nullable) (transfer full): the object, unless nobody has it any more
 */
gpointer
zmqglib_front_dup (ZmqFront *self)
{
  if (self->was_kept)
    return self->kept != NULL ? g_object_ref (self->kept) : NULL;

  return g_weak_ref_get (&self->weak);
}

/*
 * zmqglib_front_keep:
 * @object: the object, of which the caller has a reference
 *
 * Keeps the object, also one that is to be let go of.
 */
void
zmqglib_front_keep (ZmqFront *self,
                    gpointer  object)
{
  self->was_kept = TRUE;
  self->is_leaving = FALSE;
  if (self->kept == NULL)
    self->kept = g_object_ref (object);
}

gboolean
zmqglib_front_is_kept (ZmqFront *self)
{
  return self->kept != NULL;
}

static void
let_go (gpointer data)
{
  ZmqFront *self = data;

  if (self->is_leaving)
    g_clear_object (&self->kept);
  zmqglib_front_unref (self);
}

/*
 * zmqglib_front_let_go:
 *
 * Lets the object go, if it is kept, when all that the main loop was told before is done.
 */
void
zmqglib_front_let_go (ZmqFront  *self,
                      ZmqAgenda *agenda)
{
  if (self->kept == NULL || self->is_leaving)
    return;

  self->is_leaving = TRUE;
  g_atomic_int_inc (&self->ref_count);
  zmqglib_agenda_tell (agenda, let_go, let_go, self);
}

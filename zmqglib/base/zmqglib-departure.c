/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-departure-private.h"

/* A source leaves its main context when it is destroyed, in whatever thread, or when the main context goes, and
 * may be finalized long after. Who uses the main context through it has to know before that is freed, and GLib
 * only tells the callback, which is the user's. So the source has a child, which is never ready and leaves with
 * it, with a callback of its own. */

static gboolean
on_callback (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
zmqglib_departure_dispatch (GSource    *source,
                            GSourceFunc callback,
                            gpointer    user_data)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs departure_funcs = {
  .dispatch = zmqglib_departure_dispatch,
};

/*
 * zmqglib_departure_new:
 * @source: a source that is not in a main context yet
 * @func: called with the source when it leaves, by whatever thread and without a lock of GLib's; while it runs, the
 *   main context is still there
 *
 * Returns: (transfer full): to be freed when the source is finalized
 */
GSource *
zmqglib_departure_new (GSource       *source,
                       GDestroyNotify func)
{
  GSource *self = g_source_new (&departure_funcs, sizeof (GSource));

  g_source_set_static_name (self, "[zmqglib] departure");
  g_source_set_callback (self, on_callback, source, func);
  g_source_add_child_source (source, self);

  return self;
}

/*
 * zmqglib_departure_free:
 *
 * Calls the function, unless it was called already.
 */
void
zmqglib_departure_free (GSource *self)
{
  g_source_set_callback (self, NULL, NULL, NULL);
  g_source_unref (self);
}

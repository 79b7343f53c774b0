/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-departure-private.h"
#include "loop/zmqglib-poll-source-private.h"

/* A GSource that drives a poll set of its own. */
typedef struct
{
  GSource        source;
  ZmqPollSet    *set;
  ZmqPace       *pace;
  GSource       *departure;
  gpointer       keeper; /* keeps the set alive */
  GDestroyNotify release;
} ZmqPollSource;

static gboolean
zmqglib_poll_source_prepare (GSource *source,
                             int     *timeout)
{
  ZmqPollSource *self = (ZmqPollSource *) source;
  gboolean       is_ready;

  zmqglib_poll_set_ensure_process (self->set);
  is_ready = zmqglib_poll_set_prepare (self->set);

  if (zmqglib_pace_is_yielding (self->pace))
    {
      *timeout = 0;
      return FALSE;
    }

  *timeout = self->set->wakeup.pollfd.fd >= 0 ? -1 : ZMQGLIB_POLL_LOOK_MS;

  return is_ready;
}

static gboolean
zmqglib_poll_source_check (GSource *source)
{
  ZmqPollSource *self = (ZmqPollSource *) source;
  gboolean       is_ready;

  zmqglib_wakeup_acknowledge (&self->set->wakeup);
  is_ready = zmqglib_poll_set_check (self->set);

  return !zmqglib_pace_yield (self->pace) && is_ready;
}

static gboolean
zmqglib_poll_source_dispatch (GSource    *source,
                              GSourceFunc callback,
                              gpointer    user_data)
{
  ZmqPollSource *self = (ZmqPollSource *) source;
  ZmqSlice       slice = zmqglib_pace_begin (self->pace, source);

  zmqglib_poll_set_dispatch (self->set, source, &slice);
  zmqglib_pace_end (self->pace, &slice);

  return G_SOURCE_CONTINUE;
}

static void
on_left (gpointer source)
{
  zmqglib_poll_backend_detach (&((ZmqPollSource *) source)->set->backend, source);
}

/* Not a dispose function: GLib calls that a second time when the main context looks at the source while the
 * last reference goes in another thread. */
static void
zmqglib_poll_source_finalize (GSource *source)
{
  ZmqPollSource *self = (ZmqPollSource *) source;

  zmqglib_departure_free (self->departure);
  zmqglib_pace_free (self->pace);
  self->release (self->keeper);
}

static GSourceFuncs source_funcs = {
  .prepare = zmqglib_poll_source_prepare,
  .check = zmqglib_poll_source_check,
  .dispatch = zmqglib_poll_source_dispatch,
  .finalize = zmqglib_poll_source_finalize,
};

/*
 * zmqglib_poll_source_new:
 * @keeper: (transfer full): what keeps @set alive
 * @release: drops @keeper
 *
 * Returns: (transfer full): a source that drives @set
 */
GSource *
zmqglib_poll_source_new (ZmqPollSet    *set,
                         gpointer       keeper,
                         GDestroyNotify release)
{
  GSource       *source = g_source_new (&source_funcs, sizeof (ZmqPollSource));
  ZmqPollSource *self = (ZmqPollSource *) source;

  self->set = set;
  self->pace = zmqglib_pace_new ();
  self->keeper = keeper;
  self->release = release;

  g_source_set_static_name (source, "[zmqglib] poll");
  /* a handler that runs a nested loop must not freeze the other sockets */
  g_source_set_can_recurse (source, TRUE);
  if (set->wakeup.pollfd.fd >= 0)
    g_source_add_poll (source, &set->wakeup.pollfd);
  zmqglib_poll_backend_attach (&set->backend, source);
  self->departure = zmqglib_departure_new (source, on_left);

  return source;
}

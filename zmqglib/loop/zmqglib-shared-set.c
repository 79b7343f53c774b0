/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "loop/zmqglib-poll-source-private.h"

/* The one set of a main context and priority, which all streams and operations there share: what it
 * costs the loop does not grow with their number. It is driven by the agenda's source. */

static gboolean
on_prepare (gpointer driver)
{
  return zmqglib_poll_set_prepare (driver);
}

static gboolean
on_check (gpointer driver)
{
  return zmqglib_poll_set_check (driver);
}

static void
on_dispatch (gpointer  driver,
             GSource  *source,
             ZmqSlice *slice)
{
  zmqglib_poll_set_dispatch (driver, source, slice);
}

static void
on_forked (gpointer driver)
{
  zmqglib_poll_set_ensure_process (driver);
}

static void
on_lost (gpointer driver)
{
  zmqglib_poll_set_lose (driver);
}

static void
on_free (gpointer driver)
{
  zmqglib_poll_set_clear (driver);
  g_free (driver);
}

static const ZmqAgendaDriverFuncs driver_funcs = {
  .prepare = on_prepare,
  .check = on_check,
  .dispatch = on_dispatch,
  .forked = on_forked,
  .lost = on_lost,
  .free = on_free,
};

/*
 * zmqglib_poll_set_get_shared:
 * @agenda: the agenda of a main context and priority, which the caller uses and whose context it owns
 *
 * Returns: the set of that context and priority
 */
ZmqPollSet *
zmqglib_poll_set_get_shared (ZmqAgenda *agenda)
{
  ZmqPollSet *self = zmqglib_agenda_get_driver (agenda);

  if (self != NULL)
    return self;

  self = g_new (ZmqPollSet, 1);
  zmqglib_poll_set_init (self, agenda);
  zmqglib_poll_backend_attach (&self->backend, zmqglib_agenda_get_source (agenda));
  zmqglib_agenda_set_driver (agenda, &driver_funcs, self);

  return self;
}

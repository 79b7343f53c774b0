/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-agenda-struct-private.h"

/* The source that does what is to be done in a main context. */

/* See zmqglib_agenda_enter_near(). */
_Thread_local GMainContext *zmqglib_agenda_dispatched_context;

/* What a child has of its parent's agenda is its memory; all that is shared is made anew. */
void
zmqglib_agenda_renew (ZmqAgenda *self)
{
  self->generation = zmqglib_fork_generation;
  if (self->wakeup.pollfd.fd >= 0)
    g_source_remove_poll (self->source, &self->wakeup.pollfd);
  zmqglib_wakeup_clear (&self->wakeup);
  zmqglib_wakeup_init (&self->wakeup);
  if (self->wakeup.pollfd.fd >= 0)
    g_source_add_poll (self->source, &self->wakeup.pollfd);

  if (self->driver != NULL)
    self->driver_funcs->forked (self->driver);
}

static gboolean
zmqglib_agenda_source_prepare (GSource *source,
                               int     *timeout)
{
  ZmqAgenda    *self = ((ZmqAgendaSource *) source)->agenda;
  GMainContext *context = zmqglib_agenda_get_context (self);
  gboolean      is_ready;

  zmqglib_ownership_taken (context);
  g_atomic_pointer_set (&self->thread, g_thread_self ());
  zmqglib_agenda_ensure_process (self);
  zmqglib_agenda_run_errands (self);
  self->asked = TRUE;
  *timeout = zmqglib_deadlines_run_due (&self->deadlines);

  is_ready = self->driver != NULL && self->driver_funcs->prepare (self->driver);
  is_ready |= zmqglib_agenda_queue_get_length (&self->tellings) > 0;

  if (zmqglib_pace_is_yielding (self->pace))
    {
      *timeout = 0;
      is_ready = FALSE;
    }
  zmqglib_ownership_given (context);

  return is_ready;
}

static gboolean
zmqglib_agenda_source_check (GSource *source)
{
  ZmqAgenda    *self = ((ZmqAgendaSource *) source)->agenda;
  GMainContext *context = zmqglib_agenda_get_context (self);
  gboolean      is_ready;

  zmqglib_ownership_taken (context);
  self->asked = FALSE;
  zmqglib_wakeup_acknowledge (&self->wakeup);
  zmqglib_agenda_run_errands (self);
  zmqglib_deadlines_run_due (&self->deadlines);

  is_ready = self->driver != NULL && self->driver_funcs->check (self->driver);
  is_ready |= zmqglib_agenda_queue_get_length (&self->tellings) > 0;

  if (zmqglib_pace_yield (self->pace))
    is_ready = FALSE;
  zmqglib_ownership_given (context);

  return is_ready;
}

/* Those that are due by now: what they bring about waits, so that others have their turn. */
static void
tell_some (ZmqAgenda *self,
           ZmqSlice  *slice)
{
  int n_left = zmqglib_agenda_queue_get_length (&self->tellings);

  while (n_left-- > 0 && zmqglib_agenda_queue_call_first (&self->tellings) && !zmqglib_slice_is_over (slice))
    ;
}

static gboolean
zmqglib_agenda_source_dispatch (GSource    *source,
                                GSourceFunc callback,
                                gpointer    user_data)
{
  ZmqAgenda    *self = ((ZmqAgendaSource *) source)->agenda;
  GMainContext *context = zmqglib_agenda_get_context (self);
  GMainContext *outer = zmqglib_agenda_dispatched_context;
  ZmqSlice      slice;

  zmqglib_ownership_taken (context);
  zmqglib_agenda_dispatched_context = context;
  slice = zmqglib_pace_begin (self->pace, source);
  tell_some (self, &slice);
  if (self->driver != NULL && !g_source_is_destroyed (source))
    self->driver_funcs->dispatch (self->driver, source, &slice);

  if (!g_source_is_destroyed (source))
    zmqglib_pace_end (self->pace, &slice);
  zmqglib_agenda_dispatched_context = outer;
  zmqglib_ownership_given (context);

  return G_SOURCE_CONTINUE;
}

static void
zmqglib_agenda_source_finalize (GSource *source)
{
  zmqglib_agenda_unref (((ZmqAgendaSource *) source)->agenda);
}

GSourceFuncs zmqglib_agenda_source_funcs = {
  .prepare = zmqglib_agenda_source_prepare,
  .check = zmqglib_agenda_source_check,
  .dispatch = zmqglib_agenda_source_dispatch,
  .finalize = zmqglib_agenda_source_finalize,
};

ZmqAgenda *
zmqglib_agenda_ref (ZmqAgenda *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
zmqglib_agenda_unref (ZmqAgenda *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  zmqglib_agenda_run_errands (self);
  if (self->driver != NULL)
    self->driver_funcs->free (self->driver);
  zmqglib_pace_free (self->pace);
  zmqglib_wakeup_clear (&self->wakeup);
  zmqglib_deadlines_clear (&self->deadlines);
  zmqglib_agenda_queue_clear (&self->errands);
  zmqglib_agenda_queue_clear (&self->tellings);
  g_free (self);
}

/*
 * zmqglib_agenda_get_deadlines:
 *
 * Returns: the time limits, to be touched by who owns the main context
 */
ZmqDeadlines *
zmqglib_agenda_get_deadlines (ZmqAgenda *self)
{
  return &self->deadlines;
}

gpointer
zmqglib_agenda_get_driver (ZmqAgenda *self)
{
  return self->driver;
}

/*
 * zmqglib_agenda_set_driver:
 *
 * Lets the source drive something from now on. To be called by who owns the main context.
 */
void
zmqglib_agenda_set_driver (ZmqAgenda                  *self,
                           const ZmqAgendaDriverFuncs *funcs,
                           gpointer                    driver)
{
  self->driver_funcs = funcs;
  self->driver = driver;
}

GSource *
zmqglib_agenda_get_source (ZmqAgenda *self)
{
  return self->source;
}

ZmqPace *
zmqglib_agenda_get_pace (ZmqAgenda *self)
{
  return self->pace;
}

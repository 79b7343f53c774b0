/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-agenda-struct-private.h"

/*
 * What belongs to a main context is touched only by the thread that owns the main context. Whoever
 * does not, acquires it for the moment, or posts what is to be done: an errand, which runs no foreign
 * code, so that it may be done in the middle of any call of the library, by the first who can.
 * Foreign code is what tellings are for: these wait until the source is dispatched, and everything
 * is consistent. One at a time is taken off the queue, so that a main loop that is run by one of them
 * goes on with those behind it.
 */

/* The main context of the agenda that this thread is dispatching: most calls come from there, and GLib's own
 * answer to the question costs a fifth of what a message does. */
static _Thread_local GMainContext *dispatched_context;

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
  ZmqAgenda *self = ((ZmqAgendaSource *) source)->agenda;
  gboolean   is_ready;

  zmqglib_ownership_taken (self->context);
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
  zmqglib_ownership_given (self->context);

  return is_ready;
}

static gboolean
zmqglib_agenda_source_check (GSource *source)
{
  ZmqAgenda *self = ((ZmqAgendaSource *) source)->agenda;
  gboolean   is_ready;

  zmqglib_ownership_taken (self->context);
  self->asked = FALSE;
  zmqglib_wakeup_acknowledge (&self->wakeup);
  zmqglib_agenda_run_errands (self);
  zmqglib_deadlines_run_due (&self->deadlines);

  is_ready = self->driver != NULL && self->driver_funcs->check (self->driver);
  is_ready |= zmqglib_agenda_queue_get_length (&self->tellings) > 0;

  if (zmqglib_pace_yield (self->pace))
    is_ready = FALSE;
  zmqglib_ownership_given (self->context);

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
  GMainContext *context = self->context;
  GMainContext *outer = dispatched_context;
  ZmqSlice      slice;

  zmqglib_ownership_taken (context);
  dispatched_context = context;
  slice = zmqglib_pace_begin (self->pace, source);
  tell_some (self, &slice);
  if (self->driver != NULL && !g_source_is_destroyed (source))
    self->driver_funcs->dispatch (self->driver, source, &slice);
  tell_some (self, &slice);

  if (!g_source_is_destroyed (source))
    zmqglib_pace_end (self->pace, &slice);
  dispatched_context = outer;
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

/* NULL from the moment that it goes, in whatever thread. */
static inline GMainContext *
get_context (ZmqAgenda *self)
{
  return g_atomic_pointer_get (&self->context);
}

/* Whether this thread is dispatching a source of the main context. */
static gboolean
is_dispatching (GMainContext *context)
{
  GSource *current;

  if (dispatched_context != NULL && dispatched_context == context)
    return TRUE;

  current = g_main_current_source ();

  return current != NULL && g_source_get_context (current) == context;
}

/* Without a main context: whether nothing is left of it that belongs to another thread. */
static gboolean
may_inherit (ZmqAgenda *self)
{
  GThread *heir = g_atomic_pointer_get (&self->heir);

  return heir == NULL || heir == g_thread_self ();
}

/*
 * zmqglib_agenda_is_owner:
 *
 * Whether this thread owns the main context, be it that it is dispatching there or only asking its
 * sources, or what is left of it.
 */
gboolean
zmqglib_agenda_is_owner (ZmqAgenda *self)
{
  GMainContext *context = get_context (self);

  return context != NULL ? is_dispatching (context) || g_main_context_is_owner (context) : may_inherit (self);
}

static ZmqEntry
try_enter (ZmqAgenda *self)
{
  GMainContext *context = get_context (self);
  ZmqEntry      entry = { .granted = TRUE };

  if (context == NULL)
    entry.granted = may_inherit (self);
  else if (!is_dispatching (context))
    {
      entry.granted = g_main_context_acquire (context);
      entry.acquired = entry.granted ? g_main_context_ref (context) : NULL;
    }

  if (entry.acquired != NULL)
    zmqglib_ownership_taken (entry.acquired);

  return entry;
}

/* Does what the owner does before anything else. */
static inline void
catch_up (ZmqAgenda *self)
{
  zmqglib_agenda_ensure_process (self);
  zmqglib_agenda_run_errands (self);
}

/*
 * zmqglib_agenda_enter:
 *
 * Lets the thread touch what belongs to the main context, when it may: what was posted before is done
 * first. The caller keeps the main context alive, and has no lock: ending the leave may drop the last
 * reference to the main context.
 *
 * Returns: the leave to do so, to be ended; not granted when another thread owns the context
 */
ZmqEntry
zmqglib_agenda_enter (ZmqAgenda *self)
{
  ZmqEntry entry = try_enter (self);

  if (entry.granted)
    catch_up (self);

  return entry;
}

/*
 * zmqglib_agenda_enter_near:
 * @near: (nullable): a thread
 *
 * As zmqglib_agenda_enter(), but the main context, which its own thread may want, is not even taken for
 * the moment unless this thread owns it already, or is @near.
 */
ZmqEntry
zmqglib_agenda_enter_near (ZmqAgenda *self,
                           GThread   *near)
{
  if (dispatched_context != NULL && dispatched_context == get_context (self))
    {
      catch_up (self);
      return (ZmqEntry){ .granted = TRUE };
    }

  if (near == g_thread_self () || zmqglib_agenda_is_owner (self))
    return zmqglib_agenda_enter (self);

  return (ZmqEntry){ 0 };
}

/*
 * zmqglib_agenda_post:
 * @func: what is to be done; it runs no foreign code
 *
 * Has something done by whoever owns the main context. May be called from any thread.
 */
void
zmqglib_agenda_post (ZmqAgenda    *self,
                     ZmqAgendaFunc func,
                     gpointer      data)
{
  zmqglib_agenda_queue_push (&self->errands, func, NULL, data);
  if (get_context (self) != NULL)
    zmqglib_agenda_wake (self);
  else if (g_atomic_pointer_get (&self->heir) == NULL)
    zmqglib_agenda_run_errands (self);
}

/*
 * zmqglib_agenda_do:
 *
 * As zmqglib_agenda_post(), at once when this thread may.
 */
void
zmqglib_agenda_do (ZmqAgenda    *self,
                   ZmqAgendaFunc func,
                   gpointer      data)
{
  g_auto (ZmqEntry) entry = zmqglib_agenda_enter (self);

  if (entry.granted)
    func (data);
  else
    zmqglib_agenda_post (self, func, data);
}

/*
 * zmqglib_agenda_tell:
 * @func: what is to be called from the main context; it may do anything
 * @drop: what is called instead when the main context is no more
 *
 * Calls somebody when the main context has its turn. May be called from any thread, by who uses the
 * agenda until then.
 */
void
zmqglib_agenda_tell (ZmqAgenda    *self,
                     ZmqAgendaFunc func,
                     ZmqAgendaFunc drop,
                     gpointer      data)
{
  if (get_context (self) == NULL)
    {
      drop (data);
      return;
    }

  zmqglib_agenda_queue_push (&self->tellings, func, drop, data);
  if (!is_dispatching (get_context (self)) || self->asked)
    zmqglib_agenda_wake (self);
}

/*
 * zmqglib_agenda_untell:
 *
 * Drops what was to be told with that data, when this thread may, so that it does not pile up where nobody
 * runs the main context.
 */
void
zmqglib_agenda_untell (ZmqAgenda *self,
                       gpointer   data)
{
  g_auto (ZmqEntry) entry = zmqglib_agenda_enter (self);

  if (entry.granted)
    zmqglib_agenda_queue_drop (&self->tellings, data);
}

/*
 * zmqglib_agenda_wake:
 *
 * Keeps the main context from blocking, or ends it.
 */
void
zmqglib_agenda_wake (ZmqAgenda *self)
{
  if (zmqglib_fork_is_inherited (self->generation) || !zmqglib_wakeup_signal (&self->wakeup))
    zmqglib_agenda_wake_context (self);
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

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-agenda-struct-private.h"
#include "base/zmqglib-withholding-private.h"

/*
 * What belongs to a main context is touched only by the thread that owns the main context. Whoever
 * does not, acquires it for the moment, or posts what is to be done: an errand, which runs no foreign
 * code, so that it may be done in the middle of any call of the library, by the first who can.
 * Foreign code is what tellings are for: these wait until the source is dispatched, and everything
 * is consistent. One at a time is taken off the queue, so that a main loop that is run by one of them
 * goes on with those behind it.
 */

/* For how long another thread that has a main context for the moment is waited for: it runs no foreign code. */
#define MOMENT_US G_USEC_PER_SEC

/* Whether this thread is dispatching a source of the main context. */
static gboolean
is_dispatching (GMainContext *context)
{
  GSource *current;

  if (zmqglib_agenda_dispatched_context != NULL && zmqglib_agenda_dispatched_context == context)
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
  GMainContext *context = zmqglib_agenda_get_context (self);

  if (context == NULL)
    return may_inherit (self);

  return is_dispatching (context) || (!zmqglib_agenda_is_orphan (self) && g_main_context_is_owner (context));
}

/*
 * zmqglib_agenda_is_dispatching:
 *
 * Whether this thread is in a dispatch of the agenda's source, or of another agenda's of the main context.
 */
gboolean
zmqglib_agenda_is_dispatching (ZmqAgenda *self)
{
  return zmqglib_agenda_dispatched_context != NULL && zmqglib_agenda_dispatched_context == zmqglib_agenda_get_context (self);
}

static ZmqEntry
try_enter (ZmqAgenda *self)
{
  GMainContext *context = zmqglib_agenda_get_context (self);

  if (context == NULL)
    return (ZmqEntry){ .granted = may_inherit (self) ? self : NULL };
  if (is_dispatching (context))
    return (ZmqEntry){ .granted = self };
  if (zmqglib_agenda_is_orphan (self) || !zmqglib_ownership_take (context))
    return (ZmqEntry){ 0 };

  return (ZmqEntry){ .granted = zmqglib_agenda_ref (self), .acquired = g_main_context_ref (context) };
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
 * zmqglib_agenda_enter_own:
 *
 * As zmqglib_agenda_enter(), for what only the thread may do that runs the main context. Before it runs that, or between two
 * iterations, another one may have it for the moment, as to let go of something: that is waited for.
 */
ZmqEntry
zmqglib_agenda_enter_own (ZmqAgenda *self)
{
  gint64 end = 0;

  for (;;)
    {
      const int n_before = zmqglib_ownership_get_n_given ();
      ZmqEntry  entry = zmqglib_agenda_enter (self);

      if (entry.granted != NULL || zmqglib_agenda_is_orphan (self) || zmqglib_ownership_get_n_taken () == n_before)
        return entry;

      if (end == 0)
        end = g_get_monotonic_time () + MOMENT_US;
      else if (g_get_monotonic_time () > end)
        return entry;
      g_thread_yield ();
    }
}

/*
 * zmqglib_agenda_leave:
 *
 * Ends an entry for which the main context was taken for the moment. Who could not take it meanwhile has posted,
 * and may be gone: that is done before it is given back for good.
 */
void
zmqglib_agenda_leave (ZmqEntry *entry)
{
  ZmqAgenda    *self = entry->granted;
  GMainContext *context = entry->acquired;

  for (;;)
    {
      zmqglib_ownership_give (context);
      if (zmqglib_agenda_queue_get_length (&self->errands) == 0 || !zmqglib_ownership_take (context))
        break;

      catch_up (self);
    }

  g_main_context_unref (context);
  zmqglib_agenda_unref (self);
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
  GMainContext *context = zmqglib_agenda_get_context (self);

  if (context != NULL && is_dispatching (context))
    {
      catch_up (self);
      return (ZmqEntry){ .granted = self };
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
  /* who does it may at once let go of all that has kept the agenda, and what wakes it */
  g_autoptr (ZmqAgenda) kept = zmqglib_agenda_ref (self);

  zmqglib_agenda_queue_push (&kept->errands, func, NULL, data);
  if (zmqglib_agenda_get_context (kept) != NULL)
    zmqglib_agenda_wake (kept);
  else if (g_atomic_pointer_get (&kept->heir) == NULL)
    zmqglib_agenda_run_errands (kept);
}

/*
 * zmqglib_agenda_do:
 *
 * As zmqglib_agenda_post(), at once when this thread may. The caller has a reference.
 */
void
zmqglib_agenda_do (ZmqAgenda    *self,
                   ZmqAgendaFunc func,
                   gpointer      data)
{
  g_auto (ZmqWithholding) withholding G_GNUC_UNUSED = zmqglib_withholding_new ();
  g_auto (ZmqEntry) entry = zmqglib_agenda_enter (self);

  if (entry.granted)
    {
      func (data);
      return;
    }

  zmqglib_agenda_post (self, func, data);
  /* who had the main context for the moment may have given it back just before */
  zmqglib_agenda_hurry (self);
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
  /* as above */
  g_autoptr (ZmqAgenda) kept = zmqglib_agenda_ref (self);

  if (zmqglib_agenda_get_context (kept) == NULL)
    {
      drop (data);
      return;
    }

  zmqglib_agenda_queue_push (&kept->tellings, func, drop, data);
  if (!is_dispatching (zmqglib_agenda_get_context (kept)) || kept->asked)
    zmqglib_agenda_wake (kept);
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

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/zmqglib-agenda-private.h"
#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-wakeup-private.h"
#include "base/zmqglib-withholding-private.h"

G_BEGIN_DECLS

struct _ZmqAgenda
{
  int           ref_count; /* atomic */
  int           n_users;   /* under the lock of the table */
  GSList       *visitors;  /* likewise; the threads that keep the main context from going away */
  guint         visited;   /* likewise; the process of those, as its generation */
  GMainContext *context;   /* atomic; not owned; NULL when it goes, or the source has left it */
  GThread      *heir;      /* atomic; in which it goes, until nothing is left of it */
  GThread      *thread;    /* atomic; the last that has run the main context, or NULL */
  int           priority;
  GSource      *source;
  ZmqPace      *pace;
  guint         generation;
  ZmqWakeup     wakeup;
  gboolean      asked; /* prepared, and not checked since: the main context may be about to block */

  ZmqAgendaQueue errands;
  ZmqAgendaQueue tellings;
  ZmqDeadlines   deadlines;

  const ZmqAgendaDriverFuncs *driver_funcs;
  gpointer                    driver;
};

typedef struct
{
  GSource    source;
  ZmqAgenda *agenda;
} ZmqAgendaSource;

extern GSourceFuncs zmqglib_agenda_source_funcs;

/* The main context of the agenda that this thread is dispatching: most calls come from there, and GLib's own
 * answer to the question costs a fifth of what a message does. */
extern _Thread_local GMainContext *zmqglib_agenda_dispatched_context;

void zmqglib_agenda_renew (ZmqAgenda *self);
void zmqglib_agenda_wake_context (ZmqAgenda *self);

/* NULL from the moment that it goes, or that the source leaves it, in whatever thread. */
static inline GMainContext *
zmqglib_agenda_get_context (ZmqAgenda *self)
{
  return g_atomic_pointer_get (&self->context);
}

/* Whether another thread of the parent of this process ran the main context, and may have had GLib's own lock of it as the process
 * forked: nothing of GLib's is called with it, unless this thread comes to run it. */
static inline gboolean
zmqglib_agenda_is_orphan (ZmqAgenda *self)
{
  GThread *thread = g_atomic_pointer_get (&self->thread);

  return zmqglib_fork_is_inherited (self->generation) && thread != NULL && thread != g_thread_self ();
}

static inline void
zmqglib_agenda_ensure_process (ZmqAgenda *self)
{
  if (zmqglib_fork_is_inherited (self->generation))
    zmqglib_agenda_renew (self);
}

/* There may be fewer than are counted: another thread has just taken one. */
static inline void
zmqglib_agenda_run_errands (ZmqAgenda *self)
{
  if (zmqglib_agenda_queue_get_length (&self->errands) == 0)
    return;

  zmqglib_withholding_begin ();
  while (zmqglib_agenda_queue_get_length (&self->errands) > 0 && zmqglib_agenda_queue_call_first (&self->errands))
    ;
  zmqglib_withholding_end ();
}

G_END_DECLS

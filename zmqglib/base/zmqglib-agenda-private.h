/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "base/zmqglib-agenda-queue-private.h"
#include "base/zmqglib-deadlines-private.h"
#include "base/zmqglib-ownership-private.h"
#include "base/zmqglib-turn-private.h"

G_BEGIN_DECLS

/* What is to be done in a main context at a priority, by whoever owns the main context: errands that
 * any thread has posted, time limits, and what is to be told. One for each main context and priority,
 * with one source and a wake-up of its own. */
typedef struct _ZmqAgenda ZmqAgenda;

/* What the source drives beside. */
typedef struct
{
  /* whether something is ready; asks before the main context may block, and after */
  gboolean (*prepare) (gpointer driver);
  gboolean (*check) (gpointer driver);
  /* serves what is ready, not beyond the slice */
  void (*dispatch) (gpointer  driver,
                    GSource  *source,
                    ZmqSlice *slice);
  /* this process is the child of the one in which it was made */
  void (*forked) (gpointer driver);
  /* the main context is no more */
  void (*lost) (gpointer driver);
  void (*free) (gpointer driver);
} ZmqAgendaDriverFuncs;

/* A thread's leave to touch what belongs to the main context. */
typedef struct
{
  ZmqAgenda    *granted;  /* NULL when the thread may not */
  GMainContext *acquired; /* for the moment, and kept, as the agenda then is; NULL when the thread has it anyway */
} ZmqEntry;

ZmqAgenda *zmqglib_agenda_acquire (GMainContext *context,
                                   int           priority);
ZmqAgenda *zmqglib_agenda_use (ZmqAgenda *self);
void       zmqglib_agenda_release (ZmqAgenda *self);
ZmqAgenda *zmqglib_agenda_ref (ZmqAgenda *self);
void       zmqglib_agenda_unref (ZmqAgenda *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ZmqAgenda, zmqglib_agenda_unref)

gboolean zmqglib_agenda_is_owner (ZmqAgenda *self);
gboolean zmqglib_agenda_is_dispatching (ZmqAgenda *self);
ZmqEntry zmqglib_agenda_enter (ZmqAgenda *self);
ZmqEntry zmqglib_agenda_enter_own (ZmqAgenda *self);
ZmqEntry zmqglib_agenda_enter_near (ZmqAgenda *self,
                                    GThread   *near);
void     zmqglib_agenda_post (ZmqAgenda    *self,
                              ZmqAgendaFunc func,
                              gpointer      data);
void     zmqglib_agenda_do (ZmqAgenda    *self,
                            ZmqAgendaFunc func,
                            gpointer      data);
void     zmqglib_agenda_tell (ZmqAgenda    *self,
                              ZmqAgendaFunc func,
                              ZmqAgendaFunc drop,
                              gpointer      data);
void     zmqglib_agenda_untell (ZmqAgenda *self,
                                gpointer   data);
void     zmqglib_agenda_wake (ZmqAgenda *self);
gboolean zmqglib_agenda_hurry (ZmqAgenda *self);
void     zmqglib_agenda_run_unowned (void);
void     zmqglib_agenda_leave (ZmqEntry *entry);

static inline void
zmqglib_entry_end (ZmqEntry *self)
{
  if (self->acquired != NULL)
    zmqglib_agenda_leave (self);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ZmqEntry, zmqglib_entry_end)

ZmqDeadlines *zmqglib_agenda_get_deadlines (ZmqAgenda *self);

gpointer zmqglib_agenda_get_driver (ZmqAgenda *self);
void     zmqglib_agenda_set_driver (ZmqAgenda                  *self,
                                    const ZmqAgendaDriverFuncs *funcs,
                                    gpointer                    driver);
GSource *zmqglib_agenda_get_source (ZmqAgenda *self);
ZmqPace *zmqglib_agenda_get_pace (ZmqAgenda *self);

G_END_DECLS

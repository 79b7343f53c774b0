/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef void (*ZmqAgendaFunc) (gpointer data);

typedef struct _ZmqAgendaEntry ZmqAgendaEntry;

/* What is to be called, in order. Any thread may add to it, without a lock. Most often one at a time calls; but
 * when nobody uses an agenda any more, there may be a thread in its source while another takes that away. */
typedef struct
{
  ZmqAgendaEntry *latest; /* atomic; those that were added, the latest first */
  int             length; /* atomic */

  guint           generation; /* of the process that the lock is of */
  GMutex          lock;
  ZmqAgendaEntry *taken; /* those that are called next, in order */
} ZmqAgendaQueue;

void     zmqglib_agenda_queue_init (ZmqAgendaQueue *self);
void     zmqglib_agenda_queue_clear (ZmqAgendaQueue *self);
void     zmqglib_agenda_queue_push (ZmqAgendaQueue *self,
                                    ZmqAgendaFunc   func,
                                    ZmqAgendaFunc   drop,
                                    gpointer        data);
gboolean zmqglib_agenda_queue_call_first (ZmqAgendaQueue *self);
void     zmqglib_agenda_queue_drop (ZmqAgendaQueue *self,
                                    gpointer        data);
gboolean zmqglib_agenda_queue_drop_first (ZmqAgendaQueue *self);

static inline int
zmqglib_agenda_queue_get_length (ZmqAgendaQueue *self)
{
  return g_atomic_int_get (&self->length);
}

G_END_DECLS

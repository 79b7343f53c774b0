/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A time at which something is to be done. Part of who waits. */
typedef struct _ZmqDeadline ZmqDeadline;
struct _ZmqDeadline
{
  gint64 time; /* in monotonic time; -1 when it is neither in the queue nor in the tree */
  void (*func) (ZmqDeadline *self);
  GList    link;
  gboolean is_queued;
};

/* Any number of them, the earliest first. Who waits for as long as the one before ends after it: those are queued, and cost
 * nothing. Those that end before the last in the queue are in a tree. Belongs to one thread at a time. */
typedef struct
{
  GQueue queue;
  GTree *tree; /* of ZmqDeadline; or NULL */
} ZmqDeadlines;

void zmqglib_deadlines_clear (ZmqDeadlines *self);
void zmqglib_deadlines_add (ZmqDeadlines *self,
                            ZmqDeadline  *deadline,
                            gint64        time);
void zmqglib_deadlines_remove (ZmqDeadlines *self,
                               ZmqDeadline  *deadline);
int  zmqglib_deadlines_run_due (ZmqDeadlines *self);

G_END_DECLS

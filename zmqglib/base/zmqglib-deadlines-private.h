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
  gint64 time; /* in monotonic time; -1 when it is in no list */
  void (*func) (ZmqDeadline *self);
};

/* Any number of them, the earliest first. Belongs to one thread at a time. */
typedef struct
{
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

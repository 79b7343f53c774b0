/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "soak.h"

G_BEGIN_DECLS

/* Messages that are numbered, and of which none may be lost, doubled or out of order. */
typedef struct
{
  const char *name;
  guint64     n_sent;
  guint64     n_received;
  gint64      progress_us; /* something came through, or nothing was to */
} SoakFlow;

ZmqMessage *soak_message_new (guint64 number);
gboolean    soak_message_read (ZmqMessage *message,
                               guint       index,
                               guint64    *number);
guint64     soak_flow_count_under_way (SoakFlow *self);
ZmqMessage *soak_flow_next (SoakFlow *self);
void        soak_flow_take (SoakFlow   *self,
                            ZmqMessage *message,
                            guint       index);
void        soak_flow_check (SoakFlow *self,
                             gint64    now);

G_END_DECLS

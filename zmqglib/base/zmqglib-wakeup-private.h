/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A descriptor that wakes whoever polls it, in this process only: that of a main context is shared
 * with a forked child that iterates it. */
typedef struct
{
  GPollFD pollfd; /* to be polled; its descriptor is -1 when there was none left */
  int     write_fd;
} ZmqWakeup;

void     zmqglib_wakeup_init (ZmqWakeup *self);
void     zmqglib_wakeup_clear (ZmqWakeup *self);
gboolean zmqglib_wakeup_signal (ZmqWakeup *self);
void     zmqglib_wakeup_acknowledge (ZmqWakeup *self);

G_END_DECLS

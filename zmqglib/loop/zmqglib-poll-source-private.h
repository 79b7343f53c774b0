/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/zmqglib-expiry-private.h"
#include "loop/zmqglib-poll-set-private.h"

G_BEGIN_DECLS

GSource    *zmqglib_poll_source_new (ZmqPollSet    *set,
                                     gpointer       keeper,
                                     GDestroyNotify release);
ZmqPollSet *zmqglib_poll_set_acquire_shared (GMainContext *context,
                                             int           priority);
void        zmqglib_poll_set_release_shared (ZmqPollSet *set);
void        zmqglib_poll_set_begin_expiry (ZmqPollSet   *set,
                                           ZmqExpiry    *expiry,
                                           gint64        deadline,
                                           GCancellable *cancellable,
                                           ZmqExpiryFunc func);

G_END_DECLS

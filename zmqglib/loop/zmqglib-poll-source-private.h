/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/zmqglib-expiry-private.h"
#include "loop/zmqglib-poll-set-private.h"

G_BEGIN_DECLS

GSource *zmqglib_poll_source_new (ZmqPollSet    *set,
                                  gpointer       keeper,
                                  GDestroyNotify release);

ZmqPollSet *zmqglib_poll_set_get_shared (ZmqAgenda *agenda);

G_END_DECLS

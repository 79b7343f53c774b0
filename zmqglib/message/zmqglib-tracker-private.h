/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-tracker.h>

G_BEGIN_DECLS

ZmqTracker *zmqglib_tracker_new (void);
void        zmqglib_tracker_hold (ZmqTracker *self);
void        zmqglib_tracker_release (ZmqTracker *self);

G_END_DECLS

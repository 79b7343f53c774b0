/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-enums.h>
#include <zmqglib/zmqglib-stream.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_FEED (zmqglib_feed_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqFeed, zmqglib_feed, ZMQGLIB, FEED, GObject)

ZMQGLIB_AVAILABLE_IN_1_0
ZmqFeed *zmqglib_feed_new (ZmqStream *stream);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqStream *zmqglib_feed_get_stream (ZmqFeed *self);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqFeedMode zmqglib_feed_get_mode (ZmqFeed *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_feed_set_mode (ZmqFeed    *self,
                            ZmqFeedMode mode);

ZMQGLIB_AVAILABLE_IN_1_0
guint zmqglib_feed_get_max_items (ZmqFeed *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_feed_set_max_items (ZmqFeed *self,
                                 guint    max_items);

ZMQGLIB_AVAILABLE_IN_1_0
gint64 zmqglib_feed_get_interval_us (ZmqFeed *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_feed_set_interval_us (ZmqFeed *self,
                                   gint64   interval_us);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_feed_close (ZmqFeed *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_feed_is_closed (ZmqFeed *self);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-message.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_FEED_ITEM (zmqglib_feed_item_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqFeedItem, zmqglib_feed_item, ZMQGLIB, FEED_ITEM, GObject)

ZMQGLIB_AVAILABLE_IN_1_0
const char *zmqglib_feed_item_get_topic (ZmqFeedItem *self);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMessage *zmqglib_feed_item_get_message (ZmqFeedItem *self);

ZMQGLIB_AVAILABLE_IN_1_0
gint64 zmqglib_feed_item_get_time (ZmqFeedItem *self);

ZMQGLIB_AVAILABLE_IN_1_0
guint64 zmqglib_feed_item_get_n_updates (ZmqFeedItem *self);

G_END_DECLS

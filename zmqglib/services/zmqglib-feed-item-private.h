/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-feed-item.h>

G_BEGIN_DECLS

/* What an item shows. */
typedef struct
{
  ZmqMessage *message;
  gint64      time; /* real time, in microseconds */
  guint64     n_updates;
} ZmqFeedState;

ZmqFeedItem *zmqglib_feed_item_new (const ZmqFeedState *state);
void         zmqglib_feed_item_set_state (ZmqFeedItem        *self,
                                          const ZmqFeedState *state);
gboolean     zmqglib_feed_item_is_watched (ZmqFeedItem *self);
void         zmqglib_feed_item_notify (ZmqFeedItem *self);

G_END_DECLS

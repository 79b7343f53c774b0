/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-enums.h>

#include "services/zmqglib-feed-item-private.h"

G_BEGIN_DECLS

typedef struct _ZmqFeedRecord ZmqFeedRecord;

/* What a feed has: what it shows, and what has come since. Belongs to one thread at a time, and runs no foreign code but
 * what frees messages. */
typedef struct
{
  ZmqFeedMode mode;
  guint       max_items; /* 0 for any number */
  GPtrArray  *shown;     /* of ZmqFeedRecord */
  guint       n_going;   /* of these, at the front, are shown no more next time */
  GQueue      added;     /* of those that are not shown yet */
  GQueue      changed;   /* of those that are shown, and have another message */
  GHashTable *topics;    /* of all of the mode “latest” that are not going, by themselves */
} ZmqFeedRecords;

/* What becomes of the list of what is shown. */
typedef struct
{
  guint      position;
  guint      n_removed;
  guint      n_added;
  GPtrArray *items;   /* of ZmqFeedItem that show another message */
  GPtrArray *gone;    /* of ZmqFeedItem */
  GPtrArray *garbage; /* of ZmqMessage, whose memory may be foreign, and is freed when all is consistent */
} ZmqFeedChange;

void     zmqglib_feed_records_init (ZmqFeedRecords *self);
void     zmqglib_feed_records_clear (ZmqFeedRecords *self);
void     zmqglib_feed_records_set_mode (ZmqFeedRecords *self,
                                        ZmqFeedMode     mode);
void     zmqglib_feed_records_set_max_items (ZmqFeedRecords *self,
                                             guint           max_items);
void     zmqglib_feed_records_take (ZmqFeedRecords *self,
                                    ZmqMessage     *message);
gboolean zmqglib_feed_records_is_changed (ZmqFeedRecords *self);
void     zmqglib_feed_records_show (ZmqFeedRecords *self,
                                    ZmqFeedChange  *change);

ZmqFeedItem *zmqglib_feed_records_get_item (ZmqFeedRecords *self,
                                            guint           position);

void zmqglib_feed_change_clear (ZmqFeedChange *self);

G_END_DECLS

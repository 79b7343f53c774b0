/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-feed.h>

#include "base/zmqglib-agenda-private.h"
#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-front-private.h"
#include "services/zmqglib-feed-records-private.h"

G_BEGIN_DECLS

/* What a main loop has of a feed. It is touched only by who owns the main context, but for what is said to be otherwise. */
typedef struct
{
  ZmqDeadline deadline; /* of the next look at what has come; first */

  int            ref_count; /* atomic */
  ZmqFront      *front;     /* the feed */
  guint          generation;
  ZmqAgenda     *agenda;
  ZmqFeedRecords records;
  gint64         interval_us;
  gint64         last_shown; /* in monotonic time */
  gboolean       is_due;     /* what has come is going to be shown */
  gboolean       is_showing; /* it is being told */
  gboolean       is_given;   /* the stream has its function no more */
  int            is_closed;  /* atomic */
} ZmqFeedCore;

struct _ZmqFeed
{
  GObject parent_instance;

  ZmqFeedCore *core;
  ZmqStream   *stream;
  gboolean     owned_by_loop;
  guint        max_items;
  gboolean     limits_topics; /* somebody has said how many there may be */
};

enum
{
  FEED_PROP_0,
  FEED_PROP_STREAM,
  FEED_PROP_OWNED_BY_LOOP,
  FEED_PROP_MODE,
  FEED_PROP_MAX_ITEMS,
  FEED_PROP_INTERVAL_US,
  FEED_PROP_N_ITEMS,
  FEED_N_PROPS
};

extern GParamSpec *zmqglib_feed_properties[FEED_N_PROPS];

static inline gboolean
zmqglib_feed_core_is_open (ZmqFeedCore *self)
{
  return !g_atomic_int_get (&self->is_closed) && !zmqglib_fork_is_inherited (self->generation);
}

ZmqFeedCore *zmqglib_feed_core_new (ZmqFeed *front);
void         zmqglib_feed_core_unref (ZmqFeedCore *self);
gboolean     zmqglib_feed_core_open (ZmqFeedCore *self,
                                     ZmqStream   *stream,
                                     ZmqFeed     *keeper,
                                     GError     **error);
void         zmqglib_feed_core_close (ZmqFeedCore *self,
                                      ZmqStream   *stream,
                                      gboolean     is_gone);
void         zmqglib_feed_core_changed (ZmqFeedCore *self);
void         zmqglib_feed_core_interval_changed (ZmqFeedCore *self);

/* zmqglib-feed-changes.c */
void zmqglib_feed_change_mode (ZmqFeed    *self,
                               ZmqFeedMode mode);
void zmqglib_feed_change_max_items (ZmqFeed *self,
                                    guint    max_items);
void zmqglib_feed_change_interval_us (ZmqFeed *self,
                                      gint64   interval_us);

G_END_DECLS

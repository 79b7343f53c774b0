/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "services/zmqglib-feed-private.h"

/* What is set of a feed, by the thread that runs its main context. */

/* A closed feed, too, is owned by the loop while it has something to show. */
static void
show (ZmqFeed *self)
{
  if (self->core->agenda == NULL)
    return;

  if (self->owned_by_loop)
    zmqglib_front_keep (self->core->front, self);
  zmqglib_feed_core_changed (self->core);
}

static void
limit (ZmqFeed *self)
{
  ZmqFeedRecords *records = &self->core->records;
  gboolean        is_limited = records->mode == ZMQGLIB_FEED_MODE_LOG || self->limits_topics;

  zmqglib_feed_records_set_max_items (records, is_limited ? self->max_items : 0);
}

void
zmqglib_feed_change_mode (ZmqFeed    *self,
                          ZmqFeedMode mode)
{
  if (self->core->records.mode == mode)
    return;

  zmqglib_feed_records_set_mode (&self->core->records, mode);
  limit (self);
  show (self);
  g_object_notify_by_pspec (G_OBJECT (self), zmqglib_feed_properties[FEED_PROP_MODE]);
}

void
zmqglib_feed_change_max_items (ZmqFeed *self,
                               guint    max_items)
{
  gboolean has_changed = self->max_items != max_items;

  self->max_items = max_items;
  self->limits_topics = TRUE;
  limit (self);
  show (self);
  if (has_changed)
    g_object_notify_by_pspec (G_OBJECT (self), zmqglib_feed_properties[FEED_PROP_MAX_ITEMS]);
}

void
zmqglib_feed_change_interval_us (ZmqFeed *self,
                                 gint64   interval_us)
{
  if (self->core->interval_us == interval_us)
    return;

  self->core->interval_us = interval_us;
  if (self->core->agenda != NULL)
    zmqglib_feed_core_interval_changed (self->core);
  g_object_notify_by_pspec (G_OBJECT (self), zmqglib_feed_properties[FEED_PROP_INTERVAL_US]);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "services/zmqglib-feed-private.h"

/**
 * zmqglib_feed_get_stream: (get-property stream)
 * @self: a feed
 *
 * Gets the stream whose messages are shown.
 *
 * Returns: (transfer none): the stream
 *
 * Since: 1.0
 */
ZmqStream *
zmqglib_feed_get_stream (ZmqFeed *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_FEED (self), NULL);

  return self->stream;
}

/**
 * zmqglib_feed_get_mode: (get-property mode)
 * @self: a feed
 *
 * Gets whether each message is an item, or each topic.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
ZmqFeedMode
zmqglib_feed_get_mode (ZmqFeed *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_FEED (self), ZMQGLIB_FEED_MODE_LOG);

  return self->core->records.mode;
}

/**
 * zmqglib_feed_set_mode: (set-property mode)
 * @self: a feed
 * @mode: a mode
 *
 * Sets whether each message is an item, or each topic. With another mode the list begins anew.
 *
 * Since: 1.0
 */
void
zmqglib_feed_set_mode (ZmqFeed    *self,
                       ZmqFeedMode mode)
{
  g_return_if_fail (ZMQGLIB_IS_FEED (self));
  g_return_if_fail (mode <= ZMQGLIB_FEED_MODE_LATEST);

  zmqglib_feed_change_mode (self, mode);
}

/**
 * zmqglib_feed_get_max_items: (get-property max-items)
 * @self: a feed
 *
 * Gets how many items there are at most.
 *
 * Returns: a number of items, or 0 for any
 *
 * Since: 1.0
 */
guint
zmqglib_feed_get_max_items (ZmqFeed *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_FEED (self), 0);

  return self->max_items;
}

/**
 * zmqglib_feed_set_max_items: (set-property max-items)
 * @self: a feed
 * @max_items: a number of items, or 0 for any
 *
 * Sets how many items there are at most, in either mode. By default there may be 10,000 messages, and any number of topics.
 *
 * Since: 1.0
 */
void
zmqglib_feed_set_max_items (ZmqFeed *self,
                            guint    max_items)
{
  g_return_if_fail (ZMQGLIB_IS_FEED (self));

  zmqglib_feed_change_max_items (self, max_items);
}

/**
 * zmqglib_feed_get_interval_us: (get-property interval-us)
 * @self: a feed
 *
 * Gets for how long at least what is shown stays as it is.
 *
 * Returns: a time in microseconds
 *
 * Since: 1.0
 */
gint64
zmqglib_feed_get_interval_us (ZmqFeed *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_FEED (self), 0);

  return self->core->interval_us;
}

/**
 * zmqglib_feed_set_interval_us: (set-property interval-us)
 * @self: a feed
 * @interval_us: a time in microseconds, which is not negative
 *
 * Sets for how long at least what is shown stays as it is, counted from when it was shown. So a long time holds the list
 * still, and a short one lets it go on at once.
 *
 * Since: 1.0
 */
void
zmqglib_feed_set_interval_us (ZmqFeed *self,
                              gint64   interval_us)
{
  g_return_if_fail (ZMQGLIB_IS_FEED (self));
  g_return_if_fail (interval_us >= 0);

  zmqglib_feed_change_interval_us (self, interval_us);
}

/**
 * zmqglib_feed_close:
 * @self: a feed
 *
 * Gives the stream back. What has come until then is still shown. Closing again does nothing. May be called from any
 * thread.
 *
 * Since: 1.0
 */
void
zmqglib_feed_close (ZmqFeed *self)
{
  g_return_if_fail (ZMQGLIB_IS_FEED (self));

  zmqglib_feed_core_close (self->core, self->stream, FALSE);
}

/**
 * zmqglib_feed_is_closed:
 * @self: a feed
 *
 * Whether the feed takes no more messages: it or its stream was closed, the stream has another function, or it belongs to
 * the process that this one was forked from. May be called from any thread.
 *
 * Returns: %TRUE when it was
 *
 * Since: 1.0
 */
gboolean
zmqglib_feed_is_closed (ZmqFeed *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_FEED (self), TRUE);

  return !zmqglib_feed_core_is_open (self->core);
}

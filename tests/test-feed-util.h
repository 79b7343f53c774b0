/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "test-list-shadow.h"
#include "test-requests.h"

G_BEGIN_DECLS

/* A feed of a stream, and who publishes what it shows. */
typedef struct
{
  ZmqSocket *publisher;
  ZmqStream *stream;
  ZmqFeed   *feed;
  ListShadow shadow;
} FeedFixture;

static inline void
feed_fixture_set_up (FeedFixture  *self,
                     gconstpointer data)
{
  ZmqSocket *socket;

  test_socket_pair (zmqglib_context_get_default (), "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &socket,
                    &self->publisher);
  self->stream = zmqglib_stream_new (socket);
  self->feed = zmqglib_feed_new (self->stream);
  list_shadow_follow (&self->shadow, self->feed);
  zmqglib_feed_set_interval_us (self->feed, 0);
  g_object_unref (socket);
}

static inline void
feed_fixture_tear_down (FeedFixture  *self,
                        gconstpointer data)
{
  if (self->feed != NULL)
    list_shadow_leave (&self->shadow);
  g_clear_object (&self->feed);
  zmqglib_stream_close (self->stream);
  g_object_unref (self->stream);
  g_object_unref (self->publisher);
  list_shadow_clear (&self->shadow);
}

static inline void
feed_fixture_publish (FeedFixture *self,
                      const char  *topic,
                      const char  *text)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (topic);
  g_autoptr (GError) error = NULL;

  zmqglib_message_append_string (message, text);
  zmqglib_socket_send (self->publisher, message, NULL, &error);
  g_assert_no_error (error);
}

/* What is published is taken, and shown when the interval is over. */
static inline void
feed_fixture_take (FeedFixture *self)
{
  zmqglib_stream_flush (self->stream, G_IO_IN, 0);
}

static inline guint
feed_fixture_count (FeedFixture *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->feed));
}

G_END_DECLS

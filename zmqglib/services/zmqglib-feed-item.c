/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-feed-item-private.h"

/**
 * ZmqFeedItem:
 *
 * A row of a [class@Zmq.Feed]: a message, or in the mode %ZMQGLIB_FEED_MODE_LATEST the latest of its topic.
 *
 * ```c
 * static void
 * on_message (ZmqFeedItem *item,
 *             GParamSpec  *pspec,
 *             gpointer     label)
 * {
 *   g_autofree char *text = zmqglib_message_get_string (zmqglib_feed_item_get_message (item), 1, NULL);
 *
 *   g_object_set (label, "label", text, NULL);
 * }
 *
 * g_signal_connect (item, "notify::message", G_CALLBACK (on_message), label);
 * ```
 *
 * In Python:
 *
 * ```python
 * def on_message(item, _pspec):
 *     print(item.topic, item.message[1])
 *
 * pull = Zmq.Stream.new_bound(Zmq.SocketType.PULL, 'inproc://prices')
 * feed = Zmq.Feed(pull, mode=Zmq.FeedMode.LATEST)
 * for item in feed:
 *     item.connect('notify::message', on_message)
 * ```
 *
 * Its properties change only when the feed does, with a notification of each that can: so they may be bound to widgets
 * however fast messages come. An item may be kept for as long as one likes; one that has left its feed stays as it was.
 *
 * Since: 1.0
 */

struct _ZmqFeedItem
{
  GObject parent_instance;

  char        *topic; /* NULL until somebody asks */
  ZmqFeedState state;
};

enum
{
  PROP_0,
  PROP_TOPIC,
  PROP_MESSAGE,
  PROP_TIME,
  PROP_N_UPDATES,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint       notify_signal;

G_DEFINE_FINAL_TYPE (ZmqFeedItem, zmqglib_feed_item, G_TYPE_OBJECT)

static void
zmqglib_feed_item_finalize (GObject *object)
{
  ZmqFeedItem *self = ZMQGLIB_FEED_ITEM (object);

  g_free (self->topic);
  g_clear_pointer (&self->state.message, zmqglib_message_unref);

  G_OBJECT_CLASS (zmqglib_feed_item_parent_class)->finalize (object);
}

static void
zmqglib_feed_item_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  ZmqFeedItem *self = ZMQGLIB_FEED_ITEM (object);

  switch (prop_id)
    {
    case PROP_TOPIC:
      g_value_set_string (value, zmqglib_feed_item_get_topic (self));
      break;
    case PROP_MESSAGE:
      g_value_set_boxed (value, self->state.message);
      break;
    case PROP_TIME:
      g_value_set_int64 (value, self->state.time);
      break;
    case PROP_N_UPDATES:
      g_value_set_uint64 (value, self->state.n_updates);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * ZmqFeedItem:topic: (getter get_topic)
   *
   * The first frame of the message, as text.
   *
   * Since: 1.0
   */
  properties[PROP_TOPIC] = g_param_spec_string ("topic", NULL, _ ("The first frame of the message, as text"), NULL, flags);

  /**
   * ZmqFeedItem:message: (getter get_message)
   *
   * The message, all of its frames.
   *
   * Since: 1.0
   */
  properties[PROP_MESSAGE] = g_param_spec_boxed ("message", NULL, _ ("The message"), ZMQGLIB_TYPE_MESSAGE, flags);

  /**
   * ZmqFeedItem:time: (getter get_time)
   *
   * When the message was received, in microseconds since the epoch, as `g_get_real_time ()` gives it.
   *
   * Since: 1.0
   */
  properties[PROP_TIME] =
      g_param_spec_int64 ("time", NULL, _ ("When the message was received, in microseconds since the epoch"), 0, G_MAXINT64, 0, flags);

  /**
   * ZmqFeedItem:n-updates: (getter get_n_updates)
   *
   * How many messages of this topic have come since it is in the feed; 1 in the mode %ZMQGLIB_FEED_MODE_LOG.
   *
   * Since: 1.0
   */
  properties[PROP_N_UPDATES] =
      g_param_spec_uint64 ("n-updates", NULL, _ ("How many messages of this topic have come"), 0, G_MAXUINT64, 0, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
zmqglib_feed_item_class_init (ZmqFeedItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = zmqglib_feed_item_finalize;
  object_class->get_property = zmqglib_feed_item_get_property;
  install_properties (object_class);
  notify_signal = g_signal_lookup ("notify", G_TYPE_OBJECT);
}

static void
zmqglib_feed_item_init (ZmqFeedItem *self)
{
}

ZmqFeedItem *
zmqglib_feed_item_new (const ZmqFeedState *state)
{
  ZmqFeedItem *self = g_object_new (ZMQGLIB_TYPE_FEED_ITEM, NULL);

  zmqglib_feed_item_set_state (self, state);

  return self;
}

/*
 * zmqglib_feed_item_set_state:
 *
 * Shows something else, without a word yet.
 */
void
zmqglib_feed_item_set_state (ZmqFeedItem        *self,
                             const ZmqFeedState *state)
{
  g_autoptr (ZmqMessage) old G_GNUC_UNUSED = self->state.message;

  self->state = *state;
  zmqglib_message_ref (state->message);
}

/*
 * zmqglib_feed_item_is_watched:
 *
 * Whether anybody would hear of a change.
 */
gboolean
zmqglib_feed_item_is_watched (ZmqFeedItem *self)
{
  /* of whatever detail */
  return g_signal_handler_find (self, G_SIGNAL_MATCH_ID, notify_signal, 0, NULL, NULL, NULL) != 0;
}

/*
 * zmqglib_feed_item_notify:
 *
 * Tells of another message, which runs foreign code.
 */
void
zmqglib_feed_item_notify (ZmqFeedItem *self)
{
  GObject *object = G_OBJECT (self);

  g_object_freeze_notify (object);
  g_object_notify_by_pspec (object, properties[PROP_MESSAGE]);
  g_object_notify_by_pspec (object, properties[PROP_TIME]);
  g_object_notify_by_pspec (object, properties[PROP_N_UPDATES]);
  g_object_thaw_notify (object);
}

/* Two topics that differ look different. */
static char *
make_text (const char *data,
           gsize       size)
{
  GString    *text;
  const char *end = data + size;

  if (size > 0 && memchr (data, '\0', size) == NULL && g_utf8_validate (data, size, NULL))
    return g_strndup (data, size);

  text = g_string_sized_new (size);
  while (data < end)
    {
      const char *invalid;

      g_utf8_validate (data, end - data, &invalid);
      g_string_append_len (text, data, invalid - data);
      if (invalid < end)
        g_string_append_printf (text, "\\x%02x", (guchar) *invalid++);
      data = invalid;
    }

  return g_string_free (text, FALSE);
}

/**
 * zmqglib_feed_item_get_topic: (get-property topic)
 * @self: an item
 *
 * Gets the first frame of the message, as text: bytes that are no UTF-8 appear as `\xff`. Never changes.
 *
 * Returns: (transfer none): the topic
 *
 * Since: 1.0
 */
const char *
zmqglib_feed_item_get_topic (ZmqFeedItem *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_FEED_ITEM (self), NULL);

  if (self->topic == NULL && self->state.message != NULL)
    {
      gsize       size;
      const char *data = zmqglib_message_peek_frame (self->state.message, 0, &size);

      self->topic = make_text (data, size);
    }

  return self->topic;
}

/**
 * zmqglib_feed_item_get_message: (get-property message)
 * @self: an item
 *
 * Gets the message, all of its frames.
 *
 * Returns: (transfer none): the message
 *
 * Since: 1.0
 */
ZmqMessage *
zmqglib_feed_item_get_message (ZmqFeedItem *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_FEED_ITEM (self), NULL);

  return self->state.message;
}

/**
 * zmqglib_feed_item_get_time: (get-property time)
 * @self: an item
 *
 * Gets when the message was received.
 *
 * Returns: a time in microseconds since the epoch, as `g_get_real_time ()` gives it
 *
 * Since: 1.0
 */
gint64
zmqglib_feed_item_get_time (ZmqFeedItem *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_FEED_ITEM (self), 0);

  return self->state.time;
}

/**
 * zmqglib_feed_item_get_n_updates: (get-property n-updates)
 * @self: an item
 *
 * Gets how many messages of this topic have come since it is in the feed.
 *
 * Returns: a number of messages
 *
 * Since: 1.0
 */
guint64
zmqglib_feed_item_get_n_updates (ZmqFeedItem *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_FEED_ITEM (self), 0);

  return self->state.n_updates;
}

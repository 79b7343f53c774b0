/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmqglib/zmqglib-enum-types.h>
#include <zmqglib/zmqglib-error.h>

#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-feed-private.h"

/**
 * ZmqFeed:
 *
 * A list of what a stream receives, for list views: of the messages, or of the latest message of each topic.
 *
 * ```c
 * feed = zmqglib_feed_new (stream);
 * zmqglib_feed_set_mode (feed, ZMQGLIB_FEED_MODE_LATEST);
 * zmqglib_feed_set_max_items (feed, 1000);
 * g_object_set (list_view, "model", feed, NULL);
 * ```
 *
 * In Python:
 *
 * ```python
 * pull = Zmq.Stream.new_bound(Zmq.SocketType.PULL, 'inproc://prices')
 * feed = Zmq.Feed(pull, mode=Zmq.FeedMode.LATEST, max_items=1000)
 * feed.connect('items-changed', lambda feed, *_: print([item.topic for item in feed]))
 * ```
 *
 * Messages are taken as fast as they come, and shown when an interval is over: the list changes
 * ([signal@Gio.ListModel::items-changed]) at most once in [property@Zmq.Feed:interval-us], and so do the properties of its
 * items. In between, the list and its items are as they were told last.
 *
 * In the mode %ZMQGLIB_FEED_MODE_LOG there is an item a message, the newest last. In the mode %ZMQGLIB_FEED_MODE_LATEST
 * there is one a topic, which is the first frame, byte by byte, in the order in which the topics came first; a message of a
 * topic that is there changes its item, and not the list.
 *
 * The feed reads its stream: it is the stream’s receiving function, see [method@Zmq.Stream.set_receive_func]. Handlers
 * of [signal@Zmq.Stream::received] are called for each message nevertheless. When the feed is dropped or closed, the
 * stream is as it was before; when the stream is closed, or is given another function, the feed stays as it is.
 *
 * A feed belongs to the main context of its stream and is used by the thread that runs it. The last reference may be dropped by
 * any thread.
 *
 * Since: 1.0
 */

#define DEFAULT_MAX_ITEMS 10000

static void initable_iface_init (GInitableIface *iface);
static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ZmqFeed, zmqglib_feed, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init) G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static gboolean
zmqglib_feed_initable_init (GInitable    *initable,
                            GCancellable *cancellable,
                            GError      **error)
{
  ZmqFeed *self = ZMQGLIB_FEED (initable);

  if (self->core->agenda != NULL)
    return TRUE;

  if (self->stream == NULL)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT, _ ("%s: %s"), _ ("Could not make a feed"),
                   _ ("There is no stream"));
      return FALSE;
    }

  return zmqglib_feed_core_open (self->core, self->stream, self->owned_by_loop ? self : NULL, error);
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = zmqglib_feed_initable_init;
}

static GType
zmqglib_feed_get_item_type (GListModel *list)
{
  return ZMQGLIB_TYPE_FEED_ITEM;
}

static guint
zmqglib_feed_get_n_items (GListModel *list)
{
  return ZMQGLIB_FEED (list)->core->records.shown->len;
}

static gpointer
zmqglib_feed_get_item (GListModel *list,
                       guint       position)
{
  return zmqglib_feed_records_get_item (&ZMQGLIB_FEED (list)->core->records, position);
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = zmqglib_feed_get_item_type;
  iface->get_n_items = zmqglib_feed_get_n_items;
  iface->get_item = zmqglib_feed_get_item;
}

/* Runs in whatever thread drops the last reference: it only tells the core. */
static void
zmqglib_feed_dispose (GObject *object)
{
  ZmqFeed *self = ZMQGLIB_FEED (object);

  if (self->stream != NULL)
    zmqglib_feed_core_close (self->core, self->stream, TRUE);
  g_clear_object (&self->stream);

  G_OBJECT_CLASS (zmqglib_feed_parent_class)->dispose (object);
}

static void
zmqglib_feed_finalize (GObject *object)
{
  zmqglib_feed_core_unref (ZMQGLIB_FEED (object)->core);

  G_OBJECT_CLASS (zmqglib_feed_parent_class)->finalize (object);
}

static void
zmqglib_feed_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  ZmqFeed *self = ZMQGLIB_FEED (object);

  switch (prop_id)
    {
    case FEED_PROP_STREAM:
      g_value_set_object (value, self->stream);
      break;
    case FEED_PROP_OWNED_BY_LOOP:
      g_value_set_boolean (value, self->owned_by_loop);
      break;
    case FEED_PROP_MODE:
      g_value_set_enum (value, self->core->records.mode);
      break;
    case FEED_PROP_MAX_ITEMS:
      g_value_set_uint (value, self->max_items);
      break;
    case FEED_PROP_INTERVAL_US:
      g_value_set_int64 (value, self->core->interval_us);
      break;
    case FEED_PROP_N_ITEMS:
      g_value_set_uint (value, self->core->records.shown->len);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
zmqglib_feed_set_property (GObject      *object,
                           guint         prop_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  ZmqFeed *self = ZMQGLIB_FEED (object);

  switch (prop_id)
    {
    case FEED_PROP_STREAM:
      self->stream = g_value_dup_object (value);
      break;
    case FEED_PROP_OWNED_BY_LOOP:
      self->owned_by_loop = g_value_get_boolean (value);
      break;
    case FEED_PROP_MODE:
      zmqglib_feed_change_mode (self, g_value_get_enum (value));
      break;
    case FEED_PROP_MAX_ITEMS:
      zmqglib_feed_change_max_items (self, g_value_get_uint (value));
      break;
    case FEED_PROP_INTERVAL_US:
      zmqglib_feed_change_interval_us (self, g_value_get_int64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags changeable = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags constant = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * ZmqFeed:stream: (getter get_stream)
   *
   * The stream whose messages are shown.
   *
   * Since: 1.0
   */
  zmqglib_feed_properties[FEED_PROP_STREAM] =
      g_param_spec_object ("stream", NULL, _ ("The stream whose messages are shown"), ZMQGLIB_TYPE_STREAM, constant);

  /**
   * ZmqFeed:owned-by-loop:
   *
   * Whether the main loop keeps the feed alive until it or its stream is closed, as [property@Zmq.Stream:owned-by-loop] does
   * for a stream. In C the default, %FALSE, lets the last reference end the feed; the overrides of languages with
   * a garbage collector set it.
   *
   * Since: 1.0
   */
  zmqglib_feed_properties[FEED_PROP_OWNED_BY_LOOP] =
      g_param_spec_boolean ("owned-by-loop", NULL, _ ("Whether the main loop keeps the feed alive"), FALSE, constant);

  /**
   * ZmqFeed:mode: (getter get_mode) (setter set_mode)
   *
   * Whether each message is an item, or each topic. With another mode the list begins anew.
   *
   * Since: 1.0
   */
  zmqglib_feed_properties[FEED_PROP_MODE] =
      g_param_spec_enum ("mode", NULL, _ ("Whether each message is an item, or each topic"), ZMQGLIB_TYPE_FEED_MODE,
                         ZMQGLIB_FEED_MODE_LOG, changeable);

  /**
   * ZmqFeed:max-items: (getter get_max_items) (setter set_max_items)
   *
   * How many items there are at most, 0 for any number. When there are more, those go that came first. Unless it is set, there
   * may be any number of topics, and 10,000 messages.
   *
   * Since: 1.0
   */
  zmqglib_feed_properties[FEED_PROP_MAX_ITEMS] =
      g_param_spec_uint ("max-items", NULL, _ ("How many items there are at most"), 0, G_MAXUINT, DEFAULT_MAX_ITEMS, changeable);

  /**
   * ZmqFeed:interval-us: (getter get_interval_us) (setter set_interval_us)
   *
   * For how long at least what is shown stays as it is, in microseconds: by default a frame at 60 Hz. What waits to be shown
   * when it is set waits for the end of the new interval.
   *
   * Since: 1.0
   */
  zmqglib_feed_properties[FEED_PROP_INTERVAL_US] =
      g_param_spec_int64 ("interval-us", NULL, _ ("For how long at least what is shown stays, in microseconds"), 0,
                          G_MAXINT64, 16667, changeable);

  /**
   * ZmqFeed:n-items:
   *
   * How many items there are: `g_list_model_get_n_items ()`, to be bound to.
   *
   * Since: 1.0
   */
  zmqglib_feed_properties[FEED_PROP_N_ITEMS] =
      g_param_spec_uint ("n-items", NULL, _ ("How many items there are"), 0, G_MAXUINT, 0,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, FEED_N_PROPS, zmqglib_feed_properties);
}

static void
zmqglib_feed_class_init (ZmqFeedClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = zmqglib_feed_dispose;
  object_class->finalize = zmqglib_feed_finalize;
  object_class->get_property = zmqglib_feed_get_property;
  object_class->set_property = zmqglib_feed_set_property;
  install_properties (object_class);
}

static void
zmqglib_feed_init (ZmqFeed *self)
{
  self->core = zmqglib_feed_core_new (self);
  zmqglib_feed_change_max_items (self, DEFAULT_MAX_ITEMS);
  self->limits_topics = FALSE;
}

/**
 * zmqglib_feed_new:
 * @stream: an open stream without a receiving function
 *
 * Creates a feed, to be called by the thread that runs the stream’s main context.
 *
 * Fails, with a warning, when the stream is closed, has a function that receives, or is another thread’s. Who wants
 * to know makes it by `g_initable_new ()`, which sets %ZMQGLIB_ERROR_CLOSED or %ZMQGLIB_ERROR_WRONG_STATE; so do bindings.
 *
 * Returns: (transfer full) (nullable): a new feed, or %NULL
 *
 * Since: 1.0
 */
ZmqFeed *
zmqglib_feed_new (ZmqStream *stream)
{
  g_autoptr (GError) error = NULL;
  ZmqFeed *self;

  g_return_val_if_fail (ZMQGLIB_IS_STREAM (stream), NULL);

  self = g_initable_new (ZMQGLIB_TYPE_FEED, NULL, &error, "stream", stream, NULL);
  if (self == NULL)
    g_warning ("%s", error->message);

  return self;
}

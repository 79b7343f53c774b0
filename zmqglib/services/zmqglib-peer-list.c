/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmqglib/zmqglib-error.h>

#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-peer-list-private.h"

/**
 * ZmqPeerList:
 *
 * A list of those who send to a ROUTER socket, for list views and for programs that have to know who is there.
 *
 * ```c
 * static void
 * on_expired (ZmqPeerList *peers,
 *             ZmqPeer     *peer,
 *             gpointer     user_data)
 * {
 *   g_message ("Nothing was heard of %s", zmqglib_peer_get_address (peer));
 * }
 *
 * peers = zmqglib_peer_list_new (stream);
 * zmqglib_peer_list_set_expiry_us (peers, 5 * G_TIME_SPAN_SECOND); // microseconds
 * g_signal_connect (peers, "expired", G_CALLBACK (on_expired), NULL);
 * ```
 *
 * In Python:
 *
 * ```python
 * router = Zmq.Stream.new_bound(Zmq.SocketType.ROUTER, 'tcp://127.0.0.1:*')
 * peers = Zmq.PeerList(router, expiry_us=5_000_000)  # microseconds
 * peers.connect('expired', lambda _peers, peer: print('nothing was heard of', peer.address))
 * ```
 *
 * Each routing id is a [class@Zmq.Peer], from its first message on until nothing was heard of it for
 * [property@Zmq.PeerList:expiry-us]. Whatever messages the stream receives, for its handlers, its function or a flush, the
 * list is told of them, before these are; it takes none from anybody, and does not make the stream read. By
 * [method@Zmq.PeerList.lookup] a handler finds the peer whose message it has.
 *
 * A peer chooses its routing id itself, and may choose that of another one that has gone, or that has to give way
 * ([property@Zmq.Socket:router-handover]). When it is not the same user, or an authenticator knows only one of the two, the
 * one that there was expires at once, and another one appears. Peers that no authenticator knows are told apart by
 * nothing but their routing ids.
 *
 * A list belongs to the main context of its stream and is used by the thread that runs it. The last reference may be dropped by
 * any thread. When the stream is closed, the list stays as it is, but for peers that expire.
 *
 * Since: 1.0
 */

static void initable_iface_init (GInitableIface *iface);
static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ZmqPeerList, zmqglib_peer_list, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init) G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static gboolean
zmqglib_peer_list_initable_init (GInitable    *initable,
                                 GCancellable *cancellable,
                                 GError      **error)
{
  ZmqPeerList *self = ZMQGLIB_PEER_LIST (initable);

  if (self->core->agenda != NULL)
    return TRUE;

  if (self->stream == NULL)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT, _ ("%s: %s"), _ ("Could not make a list of peers"),
                   _ ("There is no stream"));
      return FALSE;
    }

  return zmqglib_peer_list_core_open (self->core, self->stream, self->owned_by_loop ? self : NULL, error);
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = zmqglib_peer_list_initable_init;
}

static GType
zmqglib_peer_list_get_item_type (GListModel *list)
{
  return ZMQGLIB_TYPE_PEER;
}

static guint
zmqglib_peer_list_get_n_items (GListModel *list)
{
  return g_sequence_get_length (ZMQGLIB_PEER_LIST (list)->core->shown);
}

static gpointer
zmqglib_peer_list_get_item (GListModel *list,
                            guint       position)
{
  GSequence *shown = ZMQGLIB_PEER_LIST (list)->core->shown;

  if (position >= (guint) g_sequence_get_length (shown))
    return NULL;

  return g_object_ref (g_sequence_get (g_sequence_get_iter_at_pos (shown, position)));
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = zmqglib_peer_list_get_item_type;
  iface->get_n_items = zmqglib_peer_list_get_n_items;
  iface->get_item = zmqglib_peer_list_get_item;
}

/* Runs in whatever thread drops the last reference: it only tells the core. */
static void
zmqglib_peer_list_dispose (GObject *object)
{
  ZmqPeerList *self = ZMQGLIB_PEER_LIST (object);

  if (self->stream != NULL)
    zmqglib_peer_list_core_close (self->core, self->stream, TRUE);
  g_clear_object (&self->stream);

  G_OBJECT_CLASS (zmqglib_peer_list_parent_class)->dispose (object);
}

static void
zmqglib_peer_list_finalize (GObject *object)
{
  zmqglib_peer_list_core_unref (ZMQGLIB_PEER_LIST (object)->core);

  G_OBJECT_CLASS (zmqglib_peer_list_parent_class)->finalize (object);
}

static void
zmqglib_peer_list_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  ZmqPeerList *self = ZMQGLIB_PEER_LIST (object);

  switch (prop_id)
    {
    case PEER_LIST_PROP_STREAM:
      g_value_set_object (value, self->stream);
      break;
    case PEER_LIST_PROP_OWNED_BY_LOOP:
      g_value_set_boolean (value, self->owned_by_loop);
      break;
    case PEER_LIST_PROP_EXPIRY_US:
      g_value_set_int64 (value, self->core->expiry_us);
      break;
    case PEER_LIST_PROP_N_ITEMS:
      g_value_set_uint (value, g_sequence_get_length (self->core->shown));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
set_expiry_us (ZmqPeerList *self,
               gint64       expiry_us)
{
  if (self->core->expiry_us == expiry_us)
    return;

  self->core->expiry_us = expiry_us;
  if (self->core->agenda != NULL)
    {
      /* a closed list, too, is owned by the loop while peers are going to expire */
      if (self->owned_by_loop)
        zmqglib_front_keep (self->core->front, self);
      zmqglib_peer_list_core_look (self->core);
    }
  g_object_notify_by_pspec (G_OBJECT (self), zmqglib_peer_list_properties[PEER_LIST_PROP_EXPIRY_US]);
}

static void
zmqglib_peer_list_set_property (GObject      *object,
                                guint         prop_id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  ZmqPeerList *self = ZMQGLIB_PEER_LIST (object);

  switch (prop_id)
    {
    case PEER_LIST_PROP_STREAM:
      self->stream = g_value_dup_object (value);
      break;
    case PEER_LIST_PROP_OWNED_BY_LOOP:
      self->owned_by_loop = g_value_get_boolean (value);
      break;
    case PEER_LIST_PROP_EXPIRY_US:
      set_expiry_us (self, g_value_get_int64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags constant = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * ZmqPeerList:stream:
   *
   * The stream of a ROUTER socket whose peers are listed.
   *
   * Since: 1.0
   */
  zmqglib_peer_list_properties[PEER_LIST_PROP_STREAM] =
      g_param_spec_object ("stream", NULL, _ ("The stream whose peers are listed"), ZMQGLIB_TYPE_STREAM, constant);

  /**
   * ZmqPeerList:owned-by-loop:
   *
   * Whether the main loop keeps the list alive until it or its stream is closed, as [property@Zmq.Stream:owned-by-loop] does
   * for a stream. In C the default, %FALSE, lets the last reference end the list; the overrides of languages with
   * a garbage collector set it.
   *
   * Since: 1.0
   */
  zmqglib_peer_list_properties[PEER_LIST_PROP_OWNED_BY_LOOP] =
      g_param_spec_boolean ("owned-by-loop", NULL, _ ("Whether the main loop keeps the list alive"), FALSE, constant);

  /**
   * ZmqPeerList:expiry-us: (getter get_expiry_us) (setter set_expiry_us)
   *
   * After how long without a message a peer is taken off the list, in microseconds; 0, as by default, for never.
   *
   * Since: 1.0
   */
  zmqglib_peer_list_properties[PEER_LIST_PROP_EXPIRY_US] =
      g_param_spec_int64 ("expiry-us", NULL, _ ("After how long without a message a peer is taken off, in microseconds"), 0,
                          G_MAXINT64, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * ZmqPeerList:n-items:
   *
   * How many peers there are: `g_list_model_get_n_items ()`, to be bound to.
   *
   * Since: 1.0
   */
  zmqglib_peer_list_properties[PEER_LIST_PROP_N_ITEMS] =
      g_param_spec_uint ("n-items", NULL, _ ("How many peers there are"), 0, G_MAXUINT, 0,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, PEER_LIST_N_PROPS, zmqglib_peer_list_properties);
}

static void
zmqglib_peer_list_class_init (ZmqPeerListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType         type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = zmqglib_peer_list_dispose;
  object_class->finalize = zmqglib_peer_list_finalize;
  object_class->get_property = zmqglib_peer_list_get_property;
  object_class->set_property = zmqglib_peer_list_set_property;
  install_properties (object_class);

  /**
   * ZmqPeerList::appeared:
   * @self: the list
   * @peer: a peer that has sent its first message, and is in the list now
   *
   * Emitted from the main loop, soon after the message was received.
   *
   * Since: 1.0
   */
  zmqglib_peer_list_appeared_signal = g_signal_new ("appeared", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                                    g_cclosure_marshal_VOID__OBJECT, G_TYPE_NONE, 1, ZMQGLIB_TYPE_PEER);
  g_signal_set_va_marshaller (zmqglib_peer_list_appeared_signal, type, g_cclosure_marshal_VOID__OBJECTv);

  /**
   * ZmqPeerList::expired:
   * @self: the list
   * @peer: a peer that was not heard of for too long, or whose routing id another user has now, and is in the list no more
   *
   * Emitted from the main loop. When the peer is heard of again, it appears as another one. By its routing id
   * [method@Zmq.PeerList.lookup] finds nobody then, or the other user, who appears next.
   *
   * Since: 1.0
   */
  zmqglib_peer_list_expired_signal = g_signal_new ("expired", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                                   g_cclosure_marshal_VOID__OBJECT, G_TYPE_NONE, 1, ZMQGLIB_TYPE_PEER);
  g_signal_set_va_marshaller (zmqglib_peer_list_expired_signal, type, g_cclosure_marshal_VOID__OBJECTv);
}

static void
zmqglib_peer_list_init (ZmqPeerList *self)
{
  self->core = zmqglib_peer_list_core_new (self);
}

/**
 * zmqglib_peer_list_new:
 * @router: an open stream of a ROUTER socket
 *
 * Creates a list of those who are heard of from now on. To be called by the thread that runs the stream’s main context.
 *
 * Fails, with a warning, when the stream is closed, is another thread’s, or has a socket of another type. Who wants to know
 * makes it by `g_initable_new ()`, which sets %ZMQGLIB_ERROR_CLOSED, %ZMQGLIB_ERROR_WRONG_STATE or
 * %ZMQGLIB_ERROR_NOT_SUPPORTED; so do bindings.
 *
 * Returns: (transfer full) (nullable): a new list, or %NULL
 *
 * Since: 1.0
 */
ZmqPeerList *
zmqglib_peer_list_new (ZmqStream *router)
{
  g_autoptr (GError) error = NULL;
  ZmqPeerList *self;

  g_return_val_if_fail (ZMQGLIB_IS_STREAM (router), NULL);

  self = g_initable_new (ZMQGLIB_TYPE_PEER_LIST, NULL, &error, "stream", router, NULL);
  if (self == NULL)
    g_warning ("%s", error->message);

  return self;
}

/**
 * zmqglib_peer_list_lookup:
 * @self: a list of peers
 * @id: a routing id, as the first frame of a message
 *
 * Finds the peer of whom was last heard with that routing id, also one whose first message is just being handled, and which
 * will be in the list soon.
 *
 * Returns: (transfer none) (nullable): the peer, or %NULL
 *
 * Since: 1.0
 */
ZmqPeer *
zmqglib_peer_list_lookup (ZmqPeerList *self,
                          GBytes      *id)
{
  g_return_val_if_fail (ZMQGLIB_IS_PEER_LIST (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  return g_hash_table_lookup (self->core->peers, id);
}

/**
 * zmqglib_peer_list_get_expiry_us: (get-property expiry-us)
 * @self: a list of peers
 *
 * Gets after how long without a message a peer is taken off the list.
 *
 * Returns: a time in microseconds, or 0
 *
 * Since: 1.0
 */
gint64
zmqglib_peer_list_get_expiry_us (ZmqPeerList *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_PEER_LIST (self), 0);

  return self->core->expiry_us;
}

/**
 * zmqglib_peer_list_set_expiry_us: (set-property expiry-us)
 * @self: a list of peers
 * @expiry_us: a time in microseconds, or 0 for never
 *
 * Sets after how long without a message a peer is taken off the list.
 *
 * Since: 1.0
 */
void
zmqglib_peer_list_set_expiry_us (ZmqPeerList *self,
                                 gint64       expiry_us)
{
  g_return_if_fail (ZMQGLIB_IS_PEER_LIST (self));
  g_return_if_fail (expiry_us >= 0);

  set_expiry_us (self, expiry_us);
}

/**
 * zmqglib_peer_list_close:
 * @self: a list of peers
 *
 * Hears of no message any more. Closing again does nothing. May be called from any thread.
 *
 * Since: 1.0
 */
void
zmqglib_peer_list_close (ZmqPeerList *self)
{
  g_return_if_fail (ZMQGLIB_IS_PEER_LIST (self));

  zmqglib_peer_list_core_close (self->core, self->stream, FALSE);
}

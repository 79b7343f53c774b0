/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-i18n-private.h"
#include "message/zmqglib-message-private.h"
#include "services/zmqglib-peer-private.h"

/**
 * ZmqPeer:
 *
 * Who sends to a ROUTER socket, as a [class@Zmq.PeerList] knows it: by the routing id of its connection, and by who it is
 * where an authenticator has said so. It is the same user for as long as it lives.
 *
 * ```c
 * static void
 * on_received (ZmqStream  *router,
 *              ZmqMessage *message,
 *              gpointer    peers)
 * {
 *   g_autoptr (GBytes) id = zmqglib_message_get_frame (message, 0);
 *   ZmqPeer *peer = zmqglib_peer_list_lookup (peers, id);
 *
 *   g_message ("%s: message %" G_GUINT64_FORMAT, zmqglib_peer_get_address (peer), zmqglib_peer_get_n_messages (peer));
 * }
 *
 * g_signal_connect (stream, "received", G_CALLBACK (on_received), peers);
 * ```
 *
 * In Python:
 *
 * ```python
 * def on_received(_router, message):
 *     peer = peers.lookup(message[0])
 *     print(peer.address, peer.n_messages)
 *
 * router = Zmq.Stream.new_bound(Zmq.SocketType.ROUTER, 'tcp://127.0.0.1:*')
 * peers = Zmq.PeerList(router)
 * router.connect('received', on_received)
 * ```
 *
 * A program keeps what it has to know of a peer in [property@Zmq.Peer:object]. A peer may be kept for as long as one
 * likes; one that has left its list stays as it was.
 *
 * Since: 1.0
 */

struct _ZmqPeer
{
  GObject parent_instance;

  GBytes      *id;
  char        *address;
  char        *user_id;
  gint64       last_seen;
  guint64      n_messages;
  GObject     *object;
  ZmqPeerEntry entry;
};

enum
{
  PROP_0,
  PROP_ID,
  PROP_ADDRESS,
  PROP_USER_ID,
  PROP_LAST_SEEN,
  PROP_N_MESSAGES,
  PROP_OBJECT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (ZmqPeer, zmqglib_peer, G_TYPE_OBJECT)

static void
zmqglib_peer_finalize (GObject *object)
{
  ZmqPeer *self = ZMQGLIB_PEER (object);

  g_clear_pointer (&self->id, g_bytes_unref);
  g_free (self->address);
  g_free (self->user_id);
  g_clear_object (&self->object);

  G_OBJECT_CLASS (zmqglib_peer_parent_class)->finalize (object);
}

static void
zmqglib_peer_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  ZmqPeer *self = ZMQGLIB_PEER (object);

  switch (prop_id)
    {
    case PROP_ID:
      g_value_set_boxed (value, self->id);
      break;
    case PROP_ADDRESS:
      g_value_set_string (value, self->address);
      break;
    case PROP_USER_ID:
      g_value_set_string (value, self->user_id);
      break;
    case PROP_LAST_SEEN:
      g_value_set_int64 (value, self->last_seen);
      break;
    case PROP_N_MESSAGES:
      g_value_set_uint64 (value, self->n_messages);
      break;
    case PROP_OBJECT:
      g_value_set_object (value, self->object);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
zmqglib_peer_set_property (GObject      *object,
                           guint         prop_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  switch (prop_id)
    {
    case PROP_OBJECT:
      zmqglib_peer_set_object (ZMQGLIB_PEER (object), g_value_get_object (value));
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
   * ZmqPeer:id: (getter get_id)
   *
   * The routing id of the peer’s connection.
   *
   * Since: 1.0
   */
  properties[PROP_ID] = g_param_spec_boxed ("id", NULL, _ ("The routing id of the peer’s connection"), G_TYPE_BYTES, flags);

  /**
   * ZmqPeer:address: (getter get_address)
   *
   * The peer’s network address, as libzmq knows it; %NULL over `inproc://`.
   *
   * Since: 1.0
   */
  properties[PROP_ADDRESS] = g_param_spec_string ("address", NULL, _ ("The peer’s network address"), NULL, flags);

  /**
   * ZmqPeer:user-id: (getter get_user_id)
   *
   * Who the peer is, as a [class@Zmq.Authenticator] of this process has said; else %NULL. All that was heard of the peer is
   * of that user: another one who comes with the same routing id is another peer.
   *
   * Since: 1.0
   */
  properties[PROP_USER_ID] =
      g_param_spec_string ("user-id", NULL, _ ("Who the peer is, as an authenticator has said"), NULL, flags);

  /**
   * ZmqPeer:last-seen: (getter get_last_seen)
   *
   * When the last message came from the peer, in microseconds since the epoch. Notified a tenth of a second later at most.
   *
   * Since: 1.0
   */
  properties[PROP_LAST_SEEN] =
      g_param_spec_int64 ("last-seen", NULL, _ ("When the last message came, in microseconds since the epoch"), 0, G_MAXINT64, 0,
                          flags);

  /**
   * ZmqPeer:n-messages: (getter get_n_messages)
   *
   * How many messages have come from the peer. Notified a tenth of a second later at most.
   *
   * Since: 1.0
   */
  properties[PROP_N_MESSAGES] =
      g_param_spec_uint64 ("n-messages", NULL, _ ("How many messages have come from the peer"), 0, G_MAXUINT64, 0, flags);

  /**
   * ZmqPeer:object: (getter get_object) (setter set_object)
   *
   * What the program keeps of the peer.
   *
   * Since: 1.0
   */
  properties[PROP_OBJECT] =
      g_param_spec_object ("object", NULL, _ ("What the program keeps of the peer"), G_TYPE_OBJECT,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
zmqglib_peer_class_init (ZmqPeerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = zmqglib_peer_finalize;
  object_class->get_property = zmqglib_peer_get_property;
  object_class->set_property = zmqglib_peer_set_property;
  install_properties (object_class);
}

static void
zmqglib_peer_init (ZmqPeer *self)
{
  self->entry.link.data = self->entry.changed.data = self;
}

/* The first frame is the socket’s own. */
static const char *
peek_user_id (ZmqMessage *message)
{
  return zmqglib_message_get_nth_user_id (message, 1);
}

/*
 * zmqglib_peer_new:
 * @message: what a ROUTER socket has received first from the peer
 *
 * Returns: (transfer full): a peer that was not heard of yet
 */
ZmqPeer *
zmqglib_peer_new (ZmqMessage *message)
{
  ZmqPeer    *self = g_object_new (ZMQGLIB_TYPE_PEER, NULL);
  gsize       size;
  const void *data = zmqglib_message_peek_frame (message, 0, &size);

  self->id = g_bytes_new (data, size);
  self->address = g_strdup (zmqglib_message_get_metadata (message, "Peer-Address"));
  self->user_id = g_strdup (peek_user_id (message));

  return self;
}

/*
 * zmqglib_peer_is_sender:
 * @message: what has come from the peer's routing id
 *
 * Whether it is of the same user, or of nobody who is known, as before.
 */
gboolean
zmqglib_peer_is_sender (ZmqPeer    *self,
                        ZmqMessage *message)
{
  return g_strcmp0 (self->user_id, peek_user_id (message)) == 0;
}

ZmqPeerEntry *
zmqglib_peer_get_entry (ZmqPeer *self)
{
  return &self->entry;
}

/*
 * zmqglib_peer_hear:
 *
 * A message has come, which is not notified yet.
 */
void
zmqglib_peer_hear (ZmqPeer *self)
{
  self->n_messages++;
  self->last_seen = g_get_real_time ();
}

/*
 * zmqglib_peer_notify:
 *
 * Tells that messages have come, which runs foreign code.
 */
void
zmqglib_peer_notify (ZmqPeer *self)
{
  GObject *object = G_OBJECT (self);

  g_object_freeze_notify (object);
  g_object_notify_by_pspec (object, properties[PROP_LAST_SEEN]);
  g_object_notify_by_pspec (object, properties[PROP_N_MESSAGES]);
  g_object_thaw_notify (object);
}

/**
 * zmqglib_peer_get_id: (get-property id)
 * @self: a peer
 *
 * Gets the routing id of the peer’s connection, which is put in front of what is sent to it.
 *
 * Returns: (transfer none): the routing id
 *
 * Since: 1.0
 */
GBytes *
zmqglib_peer_get_id (ZmqPeer *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_PEER (self), NULL);

  return self->id;
}

/**
 * zmqglib_peer_get_address: (get-property address)
 * @self: a peer
 *
 * Gets the peer’s network address, as libzmq knows it (the metadata `Peer-Address`).
 *
 * Returns: (transfer none) (nullable): the address, or %NULL over `inproc://`
 *
 * Since: 1.0
 */
const char *
zmqglib_peer_get_address (ZmqPeer *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_PEER (self), NULL);

  return self->address;
}

/**
 * zmqglib_peer_get_user_id: (get-property user-id)
 * @self: a peer
 *
 * Gets who the peer is, which never changes; see [method@Zmq.Message.get_user_id].
 *
 * Returns: (transfer none) (nullable): what an authenticator of this process has said, or %NULL
 *
 * Since: 1.0
 */
const char *
zmqglib_peer_get_user_id (ZmqPeer *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_PEER (self), NULL);

  return self->user_id;
}

/**
 * zmqglib_peer_get_last_seen: (get-property last-seen)
 * @self: a peer
 *
 * Gets when the last message came from the peer.
 *
 * Returns: a time in microseconds since the epoch, as `g_get_real_time ()` gives it
 *
 * Since: 1.0
 */
gint64
zmqglib_peer_get_last_seen (ZmqPeer *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_PEER (self), 0);

  return self->last_seen;
}

/**
 * zmqglib_peer_get_n_messages: (get-property n-messages)
 * @self: a peer
 *
 * Gets how many messages have come from the peer since it is in its list.
 *
 * Returns: a number of messages
 *
 * Since: 1.0
 */
guint64
zmqglib_peer_get_n_messages (ZmqPeer *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_PEER (self), 0);

  return self->n_messages;
}

/**
 * zmqglib_peer_get_object: (get-property object)
 * @self: a peer
 *
 * Gets what the program keeps of the peer.
 *
 * Returns: (transfer none) (nullable): any object, or %NULL
 *
 * Since: 1.0
 */
GObject *
zmqglib_peer_get_object (ZmqPeer *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_PEER (self), NULL);

  return self->object;
}

/**
 * zmqglib_peer_set_object: (set-property object)
 * @self: a peer
 * @object: (nullable): any object, or %NULL
 *
 * Keeps something of the program’s with the peer.
 *
 * Since: 1.0
 */
void
zmqglib_peer_set_object (ZmqPeer *self,
                         GObject *object)
{
  g_return_if_fail (ZMQGLIB_IS_PEER (self));
  g_return_if_fail (object == NULL || G_IS_OBJECT (object));

  if (g_set_object (&self->object, object))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OBJECT]);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-i18n-private.h"
#include "stream/zmqglib-stream-private.h"

/**
 * ZmqStream:
 *
 * A socket in a main loop: it emits a signal for each message that comes in, and sends without ever
 * blocking.
 *
 * ```c
 * static void
 * on_received (ZmqStream  *stream,
 *              ZmqMessage *message,
 *              gpointer    user_data)
 * {
 *   zmqglib_stream_send (stream, message, NULL);
 * }
 *
 * stream = zmqglib_stream_new (socket);
 * g_signal_connect (stream, "received", G_CALLBACK (on_received), NULL);
 * ```
 *
 * In Python:
 *
 * ```python
 * socket = Zmq.Socket(Zmq.SocketType.REP)
 * socket.bind('tcp://127.0.0.1:*')
 * stream = Zmq.Stream(socket)
 * stream.connect('received', lambda stream, message: stream.send(message))
 * ```
 *
 * A stream belongs to the thread-default main context of the thread that made it, and is used from
 * there; but any thread may send. All streams of a main context and [property@Zmq.Stream:priority] share one `GSource`, so
 * that an idle stream costs its loop nothing.
 *
 * Nothing is read from the socket unless somebody listens: unless [signal@Zmq.Stream::received] has
 * a handler that is not blocked, or a subclass implements it. Blocking or disconnecting the handler
 * pauses the stream; nothing is lost, and what has arrived meanwhile comes, in order, when somebody
 * listens again.
 *
 * Handlers may do anything: send, close or drop the stream, disconnect themselves, or run a nested
 * main loop, in which the other streams go on. A stream that is flooded does not freeze the
 * program: after 2 ms other sources have their turn, those of lower priority included.
 *
 * Dropping the last reference without [method@Zmq.Stream.close] takes the stream out of the loop,
 * drops what is still queued without a signal, and leaves the socket open.
 *
 * Since: 1.0
 */

G_DEFINE_TYPE_WITH_PRIVATE (ZmqStream, zmqglib_stream, G_TYPE_OBJECT)

static void
close_from_the_start (gpointer data)
{
  zmqglib_stream_core_close_without_socket (data);
  zmqglib_stream_core_unref (data);
}

static void
zmqglib_stream_constructed (GObject *object)
{
  ZmqStream        *self = ZMQGLIB_STREAM (object);
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  ZmqStreamCore    *core = priv->core;

  G_OBJECT_CLASS (zmqglib_stream_parent_class)->constructed (object);

  /* in init() an instance still has its parent's class */
  core->klass = ZMQGLIB_STREAM_GET_CLASS (self);
  if (priv->socket == NULL)
    g_critical ("A ZmqStream was made without a socket");

  core->socket = priv->socket != NULL ? zmqglib_socket_core_ref (priv->socket->core) : NULL;
  core->agenda = zmqglib_agenda_acquire (priv->context, priv->priority);

  if (core->socket == NULL || zmqglib_socket_core_check (core->socket) != 0)
    {
      g_atomic_int_set (&core->is_closed, TRUE);
      zmqglib_agenda_do (core->agenda, close_from_the_start, zmqglib_stream_core_ref (core));
      return;
    }

  zmqglib_socket_core_claim (core->socket);
  if (priv->owned_by_loop)
    core->keeper = g_object_ref (self);
  zmqglib_agenda_do (core->agenda, zmqglib_stream_core_join, zmqglib_stream_core_ref (core));
}

/* Runs in whatever thread drops the last reference: it only tells the core. */
static void
zmqglib_stream_dispose (GObject *object)
{
  ZmqStreamCore *core = zmqglib_stream_get_core (ZMQGLIB_STREAM (object));

  zmqglib_lock_take (&core->lock);
  core->listener = NULL;
  zmqglib_lock_give (&core->lock);

  g_atomic_int_set (&core->is_closed, TRUE);
  if (core->agenda != NULL && !g_atomic_int_get (&core->has_left))
    zmqglib_agenda_do (core->agenda, zmqglib_stream_core_abandon, zmqglib_stream_core_ref (core));

  G_OBJECT_CLASS (zmqglib_stream_parent_class)->dispose (object);
}

static void
zmqglib_stream_finalize (GObject *object)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (ZMQGLIB_STREAM (object));

  zmqglib_stream_core_unref (priv->core);
  g_clear_object (&priv->socket);
  g_clear_pointer (&priv->context, g_main_context_unref);

  G_OBJECT_CLASS (zmqglib_stream_parent_class)->finalize (object);
}

static GMainContext *
dup_main_context (ZmqStreamPrivate *priv)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&priv->core->lock);

  return priv->context != NULL && zmqglib_stream_core_is_open (priv->core) ? g_main_context_ref (priv->context) : NULL;
}

static void
zmqglib_stream_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (ZMQGLIB_STREAM (object));

  switch (prop_id)
    {
    case PROP_SOCKET:
      g_value_set_object (value, priv->socket);
      break;
    case PROP_PRIORITY:
      g_value_set_int (value, priv->priority);
      break;
    case PROP_SEND_LIMIT:
      g_value_set_uint (value, g_atomic_int_get (&priv->core->send_limit));
      break;
    case PROP_N_QUEUED:
      g_value_set_uint (value, zmqglib_stream_get_n_queued (ZMQGLIB_STREAM (object)));
      break;
    case PROP_PAUSED:
      g_value_set_boolean (value, g_atomic_int_get (&priv->core->paused));
      break;
    case PROP_OWNED_BY_LOOP:
      g_value_set_boolean (value, priv->owned_by_loop);
      break;
    case PROP_OPEN:
      g_value_set_boolean (value, !zmqglib_stream_is_closed (ZMQGLIB_STREAM (object)));
      break;
    case PROP_MAIN_CONTEXT:
      g_value_take_boxed (value, dup_main_context (priv));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
on_paused_changed (gpointer data)
{
  ZmqStreamCore *core = data;

  if (core->item != NULL)
    zmqglib_poll_item_set_fickle (core->item, !g_atomic_int_get (&core->paused));
  zmqglib_stream_core_changed (core);
  zmqglib_stream_core_unref (core);
}

static void
set_paused (ZmqStreamCore *core,
            GObject       *object,
            gboolean       paused)
{
  if (g_atomic_int_get (&core->paused) == paused)
    return;

  g_atomic_int_set (&core->paused, paused);
  if (core->agenda != NULL)
    zmqglib_agenda_do (core->agenda, on_paused_changed, zmqglib_stream_core_ref (core));
  g_object_notify_by_pspec (object, zmqglib_stream_properties[PROP_PAUSED]);
}

static void
zmqglib_stream_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (ZMQGLIB_STREAM (object));

  switch (prop_id)
    {
    case PROP_SOCKET:
      priv->socket = g_value_dup_object (value);
      break;
    case PROP_PRIORITY:
      priv->priority = g_value_get_int (value);
      break;
    case PROP_SEND_LIMIT:
      if ((guint) g_atomic_int_exchange (&priv->core->send_limit, g_value_get_uint (value)) != g_value_get_uint (value))
        g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_PAUSED:
      set_paused (priv->core, object, g_value_get_boolean (value));
      break;
    case PROP_OWNED_BY_LOOP:
      priv->owned_by_loop = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  /**
   * ZmqStream:socket:
   *
   * The socket, which should have no other use in the meantime, although it may.
   *
   * Since: 1.0
   */
  zmqglib_stream_properties[PROP_SOCKET] =
      g_param_spec_object ("socket", NULL, _ ("The socket that is sent and received through"),
                           ZMQGLIB_TYPE_SOCKET,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqStream:priority:
   *
   * The priority among the sources of the main context.
   *
   * Since: 1.0
   */
  zmqglib_stream_properties[PROP_PRIORITY] =
      g_param_spec_int ("priority", NULL, _ ("The priority among the sources of the main context"),
                        G_MININT, G_MAXINT, G_PRIORITY_DEFAULT,
                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqStream:send-limit:
   *
   * How many messages may wait in the queue, 0 for any number. Beyond that sending fails with
   * %ZMQGLIB_ERROR_QUEUE_FULL.
   *
   * Since: 1.0
   */
  zmqglib_stream_properties[PROP_SEND_LIMIT] =
      g_param_spec_uint ("send-limit", NULL, _ ("How many messages may wait in the queue"),
                         0, G_MAXUINT, 0,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * ZmqStream:n-queued: (getter get_n_queued)
   *
   * How many messages wait in the queue until the socket can send them. What is sent in one turn of
   * the main loop makes one notification.
   *
   * Since: 1.0
   */
  zmqglib_stream_properties[PROP_N_QUEUED] =
      g_param_spec_uint ("n-queued", NULL, _ ("How many messages wait in the queue"),
                         0, G_MAXUINT, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqStream:paused:
   *
   * While it is %TRUE nothing is received for [signal@Zmq.Stream::received], whoever listens. Messages
   * wait in the socket, and cost the main loop nothing, which a handler that is blocked does not give.
   * [method@Zmq.Stream.flush] receives nevertheless. May be set from any thread.
   *
   * Since: 1.0
   */
  zmqglib_stream_properties[PROP_PAUSED] =
      g_param_spec_boolean ("paused", NULL, _ ("Whether nothing is received"), FALSE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * ZmqStream:owned-by-loop:
   *
   * Whether the main loop keeps the stream alive until it is closed. In C the default, %FALSE, lets the last
   * reference end the stream. In languages with a garbage collector, whose overrides set it, a stream lives
   * until it is closed; and there it is more than a convenience, since who has no reference of its own
   * has to make one while the collector may be at work in another thread.
   *
   * Since: 1.0
   */
  zmqglib_stream_properties[PROP_OWNED_BY_LOOP] =
      g_param_spec_boolean ("owned-by-loop", NULL, _ ("Whether the main loop keeps the stream alive"), FALSE,
                            G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqStream:open:
   *
   * Whether the stream was not closed yet, by whomever. Notified from the main loop.
   *
   * Since: 1.0
   */
  zmqglib_stream_properties[PROP_OPEN] =
      g_param_spec_boolean ("open", NULL, _ ("Whether the stream was not closed"), TRUE,
                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqStream:main-context:
   *
   * The main context that the stream belongs to: what was the thread-default one of the thread that made it.
   * %NULL once the stream was closed.
   *
   * Since: 1.0
   */
  zmqglib_stream_properties[PROP_MAIN_CONTEXT] =
      g_param_spec_boxed ("main-context", NULL, _ ("The main context that the stream belongs to"),
                          G_TYPE_MAIN_CONTEXT, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, zmqglib_stream_properties);
}

static void
zmqglib_stream_class_init (ZmqStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = zmqglib_stream_constructed;
  object_class->dispose = zmqglib_stream_dispose;
  object_class->finalize = zmqglib_stream_finalize;
  object_class->get_property = zmqglib_stream_get_property;
  object_class->set_property = zmqglib_stream_set_property;

  zmqglib_stream_private_offset = g_type_class_get_instance_private_offset (klass);
  install_properties (object_class);
  zmqglib_stream_install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
zmqglib_stream_init (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);

  /* the core has the values of properties that are set before it has a socket */
  priv->core = zmqglib_stream_core_new (self);
  priv->context = g_main_context_ref_thread_default ();
}

/**
 * zmqglib_stream_new:
 * @socket: an open socket
 *
 * Creates a stream on the thread-default main context of the calling thread, with
 * %G_PRIORITY_DEFAULT.
 *
 * A stream of a closed socket is closed too, and says so in [signal@Zmq.Stream::closed].
 *
 * Returns: (transfer full): a new stream
 *
 * Since: 1.0
 */
ZmqStream *
zmqglib_stream_new (ZmqSocket *socket)
{
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (socket), NULL);

  return g_object_new (ZMQGLIB_TYPE_STREAM, "socket", socket, NULL);
}

/**
 * zmqglib_stream_close:
 * @self: a stream
 *
 * Takes the stream out of the loop and closes its socket; what libzmq already has is still sent,
 * for as long as [property@Zmq.Socket:linger] says.
 *
 * From the main loop, [signal@Zmq.Stream::sent] is emitted for each message that was still queued,
 * with %ZMQGLIB_ERROR_CLOSED, and then [signal@Zmq.Stream::closed]. The stream keeps itself
 * until then. Closing again does nothing.
 *
 * Since: 1.0
 */
void
zmqglib_stream_close (ZmqStream *self)
{
  ZmqStreamCore *core;

  g_return_if_fail (ZMQGLIB_IS_STREAM (self));

  core = zmqglib_stream_get_core (self);
  if (g_atomic_int_compare_and_exchange (&core->is_closed, FALSE, TRUE))
    zmqglib_agenda_do (core->agenda, zmqglib_stream_core_close, zmqglib_stream_core_ref (core));
}

/**
 * zmqglib_stream_get_socket:
 * @self: a stream
 *
 * Gets the socket.
 *
 * Returns: (transfer none): the socket
 *
 * Since: 1.0
 */
ZmqSocket *
zmqglib_stream_get_socket (ZmqStream *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), NULL);

  return zmqglib_stream_get_private (self)->socket;
}

/**
 * zmqglib_stream_get_n_queued: (get-property n-queued)
 * @self: a stream
 *
 * Gets how many messages wait in the queue until the socket can send them. May be called from any
 * thread.
 *
 * Returns: a number of messages
 *
 * Since: 1.0
 */
guint
zmqglib_stream_get_n_queued (ZmqStream *self)
{
  ZmqStreamCore *core;

  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), 0);

  core = zmqglib_stream_get_core (self);
  if (!zmqglib_stream_core_is_open (core))
    return 0;

  return g_atomic_int_get (&core->queue.n_waiting) + zmqglib_inbox_get_length (&core->inbox);
}

/**
 * zmqglib_stream_is_closed:
 * @self: a stream
 *
 * Whether the stream was closed, by whomever.
 *
 * Returns: %TRUE when it was
 *
 * Since: 1.0
 */
gboolean
zmqglib_stream_is_closed (ZmqStream *self)
{
  ZmqStreamCore *core;

  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), TRUE);

  core = zmqglib_stream_get_core (self);

  /* what was made before a fork is of no use in the child */
  return !zmqglib_stream_core_is_open (core) || zmqglib_fork_is_inherited (core->socket->generation);
}

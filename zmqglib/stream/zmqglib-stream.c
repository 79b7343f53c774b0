/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "stream/zmqglib-stream-private.h"
#include "zmqglib-marshal.h"

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
 */

enum
{
  PROP_0,
  PROP_SOCKET,
  PROP_PRIORITY,
  PROP_SEND_LIMIT,
  PROP_N_QUEUED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
guint              zmqglib_stream_signals[N_SIGNALS];

G_DEFINE_TYPE_WITH_PRIVATE (ZmqStream, zmqglib_stream, G_TYPE_OBJECT)

ZmqStreamPrivate *
zmqglib_stream_get_private (ZmqStream *self)
{
  return zmqglib_stream_get_instance_private (self);
}

void
zmqglib_stream_notify_n_queued (ZmqStream *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_QUEUED]);
}

static void
zmqglib_stream_constructed (GObject *object)
{
  ZmqStream        *self = ZMQGLIB_STREAM (object);
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);

  G_OBJECT_CLASS (zmqglib_stream_parent_class)->constructed (object);

  priv->context = g_main_context_ref_thread_default ();

  if (priv->socket == NULL || zmqglib_socket_is_closed (priv->socket))
    {
      GError *error = NULL;

      zmqglib_error_set (&error, ENOTSOCK, _ ("Could not make a stream"));
      zmqglib_stream_shut (self, NULL, error);
      zmqglib_stream_report_closed_later (self);
      return;
    }

  zmqglib_stream_enter_loop (self);
}

static gboolean
on_dropped_elsewhere (gpointer data)
{
  return G_SOURCE_REMOVE;
}

/* The last reference was dropped by a thread that may not touch the loop: the thread that runs it is
 * to drop one more. */
static void
drop_in_own_thread (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, priv->priority);
  g_source_set_callback (source, on_dropped_elsewhere, g_object_ref (self), g_object_unref);
  g_source_set_static_name (source, "[zmqglib] stream dropped");
  g_source_attach (source, priv->context);
}

static void
zmqglib_stream_dispose (GObject *object)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (ZMQGLIB_STREAM (object));
  gboolean          in_loop = priv->item != NULL;

  if (in_loop && !g_main_context_acquire (priv->context))
    {
      drop_in_own_thread (ZMQGLIB_STREAM (object));
      return;
    }

  priv->is_closed = TRUE;
  zmqglib_stream_close_inbox (priv);
  zmqglib_stream_queue_clear (&priv->queue);
  zmqglib_stream_leave_loop (priv);

  if (in_loop)
    g_main_context_release (priv->context);

  G_OBJECT_CLASS (zmqglib_stream_parent_class)->dispose (object);
}

static void
zmqglib_stream_finalize (GObject *object)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (ZMQGLIB_STREAM (object));

  zmqglib_stream_queue_clear (&priv->queue);
  g_clear_error (&priv->close_error);
  g_clear_object (&priv->socket);
  g_main_context_unref (priv->context);

  G_OBJECT_CLASS (zmqglib_stream_parent_class)->finalize (object);
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
      g_value_set_uint (value, priv->send_limit);
      break;
    case PROP_N_QUEUED:
      g_value_set_uint (value, zmqglib_stream_get_n_queued (ZMQGLIB_STREAM (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
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
      if (priv->send_limit != g_value_get_uint (value))
        {
          g_atomic_int_set (&priv->send_limit, g_value_get_uint (value));
          g_object_notify_by_pspec (object, pspec);
        }
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
   */
  properties[PROP_SOCKET] =
      g_param_spec_object ("socket", NULL, _ ("The socket that is sent and received through"),
                           ZMQGLIB_TYPE_SOCKET,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqStream:priority:
   *
   * The priority among the sources of the main context.
   */
  properties[PROP_PRIORITY] =
      g_param_spec_int ("priority", NULL, _ ("The priority among the sources of the main context"),
                        G_MININT, G_MAXINT, G_PRIORITY_DEFAULT,
                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqStream:send-limit:
   *
   * How many messages may wait in the queue, 0 for any number. Beyond that sending fails with
   * %ZMQGLIB_ERROR_QUEUE_FULL.
   */
  properties[PROP_SEND_LIMIT] =
      g_param_spec_uint ("send-limit", NULL, _ ("How many messages may wait in the queue"),
                         0, G_MAXUINT, 0,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * ZmqStream:n-queued: (getter get_n_queued)
   *
   * How many messages wait in the queue until the socket can send them. What is sent in one turn of
   * the main loop makes one notification.
   */
  properties[PROP_N_QUEUED] =
      g_param_spec_uint ("n-queued", NULL, _ ("How many messages wait in the queue"),
                         0, G_MAXUINT, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
install_signals (GType type)
{
  /**
   * ZmqStream::received:
   * @self: the stream
   * @message: the message, all of its frames
   *
   * Emitted for each message that comes in, in order. It is read from the socket only when this
   * signal has a handler that is not blocked.
   *
   * The message may be kept by taking a reference.
   */
  zmqglib_stream_signals[RECEIVED] =
      g_signal_new ("received", type, G_SIGNAL_RUN_LAST,
                    G_STRUCT_OFFSET (ZmqStreamClass, received), NULL, NULL,
                    g_cclosure_marshal_VOID__BOXED, G_TYPE_NONE, 1, ZMQGLIB_TYPE_MESSAGE);
  g_signal_set_va_marshaller (zmqglib_stream_signals[RECEIVED], type, zmqglib_stream_marshal_received);

  /**
   * ZmqStream::sent:
   * @self: the stream
   * @message: the message
   * @error: (nullable): why it could not be sent, or %NULL when it was
   *
   * Emitted once for each message that [method@Zmq.Stream.send] took, in order: when it has been
   * handed to libzmq, or when it could not be. Always emitted from the main loop or
   * [method@Zmq.Stream.flush], never from within a call that sends.
   */
  zmqglib_stream_signals[SENT] =
      g_signal_new ("sent", type, G_SIGNAL_RUN_LAST,
                    G_STRUCT_OFFSET (ZmqStreamClass, sent), NULL, NULL,
                    zmqglib_marshal_VOID__BOXED_BOXED, G_TYPE_NONE, 2, ZMQGLIB_TYPE_MESSAGE,
                    G_TYPE_ERROR);
  g_signal_set_va_marshaller (zmqglib_stream_signals[SENT], type, zmqglib_stream_marshal_sent);

  /**
   * ZmqStream::drained:
   * @self: the stream
   *
   * Emitted when the queue has become empty after messages had to wait in it, after
   * [signal@Zmq.Stream::sent] was emitted for the last of them.
   */
  zmqglib_stream_signals[DRAINED] =
      g_signal_new ("drained", type, G_SIGNAL_RUN_LAST,
                    G_STRUCT_OFFSET (ZmqStreamClass, drained), NULL, NULL,
                    g_cclosure_marshal_VOID__VOID, G_TYPE_NONE, 0);
  g_signal_set_va_marshaller (zmqglib_stream_signals[DRAINED], type, g_cclosure_marshal_VOID__VOIDv);

  /**
   * ZmqStream::closed:
   * @self: the stream
   * @error: (nullable): why, or %NULL after [method@Zmq.Stream.close]
   *
   * Emitted once, from the main loop, as the last of all signals: after [method@Zmq.Stream.close],
   * or with %ZMQGLIB_ERROR_TERMINATED when the socket's context was shut down, or with
   * %ZMQGLIB_ERROR_CLOSED when somebody else closed the socket.
   */
  zmqglib_stream_signals[CLOSED] =
      g_signal_new ("closed", type, G_SIGNAL_RUN_LAST,
                    G_STRUCT_OFFSET (ZmqStreamClass, closed), NULL, NULL,
                    g_cclosure_marshal_VOID__BOXED, G_TYPE_NONE, 1, G_TYPE_ERROR);
  g_signal_set_va_marshaller (zmqglib_stream_signals[CLOSED], type, g_cclosure_marshal_VOID__BOXEDv);
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

  install_properties (object_class);
  install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
zmqglib_stream_init (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);

  g_queue_init (&priv->drains);
  priv->clock_interval = 1;
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
 */
void
zmqglib_stream_close (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  g_autoptr (GError) error = NULL;

  g_return_if_fail (ZMQGLIB_IS_STREAM (self));

  if (priv->is_closed)
    return;

  g_set_error (&error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED,
               _ ("Could not send a queued message through a “%s” socket: The stream was closed"),
               zmqglib_socket_get_type_nick (priv->socket));
  zmqglib_stream_shut (self, error, NULL);
  zmqglib_socket_close (priv->socket);
  zmqglib_stream_report_closed_later (self);
}

/**
 * zmqglib_stream_get_socket:
 * @self: a stream
 *
 * Gets the socket.
 *
 * Returns: (transfer none): the socket
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
 */
guint
zmqglib_stream_get_n_queued (ZmqStream *self)
{
  ZmqStreamPrivate *priv;

  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), 0);

  priv = zmqglib_stream_get_private (self);

  return g_atomic_int_get (&priv->queue.n_waiting) + zmqglib_inbox_get_length (&priv->inbox);
}

/**
 * zmqglib_stream_is_closed:
 * @self: a stream
 *
 * Whether the stream was closed, by whomever.
 *
 * Returns: %TRUE when it was
 */
gboolean
zmqglib_stream_is_closed (ZmqStream *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), TRUE);

  return zmqglib_stream_get_private (self)->is_closed;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "zmqglib-error-private.h"
#include "zmqglib-i18n-private.h"
#include "zmqglib-marshal.h"
#include "zmqglib-message-private.h"
#include "zmqglib-poll-source-private.h"
#include "zmqglib-stream-queue-private.h"
#include "zmqglib-stream.h"

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
 * there. All streams of a main context and [property@Zmq.Stream:priority] share one `GSource`, so
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

/* What a stream may do in one turn before the next one has its turn. */
#define SHARE 64

/* How long a send waits that libzmq refused although it had called the socket writable. Of all
 * types only a mandatory ROUTER does so, when one of many peers is full, and it gives no signal when
 * that peer may be written to again. */
#define RETRY_MS 5

typedef struct
{
  ZmqSocket     *socket;
  GMainContext  *context;
  int            priority;
  ZmqPollSet    *set;
  ZmqPollItem   *item; /* NULL when closed */
  ZmqStreamQueue queue;
  guint          send_limit;
  GQueue         drains;      /* of GTask */
  GSource       *retry;       /* a send was refused, try again then */
  GError        *close_error; /* what to say in ::closed */
  guint          was_queued : 1;
  guint          is_closed : 1;
} ZmqStreamPrivate;

enum
{
  PROP_0,
  PROP_SOCKET,
  PROP_PRIORITY,
  PROP_SEND_LIMIT,
  PROP_N_QUEUED,
  N_PROPS
};

enum
{
  RECEIVED,
  SENT,
  DRAINED,
  CLOSED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint       signals[N_SIGNALS];

G_DEFINE_TYPE_WITH_PRIVATE (ZmqStream, zmqglib_stream, G_TYPE_OBJECT)

static ZmqStreamPrivate *
get_private (ZmqStream *self)
{
  return zmqglib_stream_get_instance_private (self);
}

/* Says when a turn is over, without reading the clock for each message. */
typedef struct
{
  gint64 deadline;
  gint64 last;
  guint  n_left;     /* messages */
  guint  n_to_check; /* messages until the clock is read */
  guint  interval;
} Turn;

static Turn
turn_begin (gint64 deadline)
{
  return (Turn){
    .deadline = deadline,
    .last = g_get_monotonic_time (),
    .n_left = SHARE,
    .n_to_check = 1,
    .interval = 1,
  };
}

static gboolean
turn_is_over (Turn *turn)
{
  gint64 now;

  if (--turn->n_left == 0)
    return TRUE;
  if (--turn->n_to_check > 0)
    return FALSE;

  /* quick handlers are asked less and less often, a slow one each time */
  now = g_get_monotonic_time ();
  turn->interval = now - turn->last < 50 ? MIN (2 * turn->interval, 32) : 1;
  turn->n_to_check = turn->interval;
  turn->last = now;

  return now >= turn->deadline;
}

static gboolean
is_listening (ZmqStream *self)
{
  return ZMQGLIB_STREAM_GET_CLASS (self)->received != NULL ||
         g_signal_has_handler_pending (self, signals[RECEIVED], 0, FALSE);
}

static gboolean
has_own_work (ZmqStreamPrivate *priv)
{
  return priv->queue.n_done > 0 ||
         ((priv->was_queued || priv->drains.head != NULL) && priv->queue.n_waiting == 0);
}

static void
notify_n_queued (ZmqStream *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_QUEUED]);
}

static gboolean
on_retry (gpointer data)
{
  ZmqStreamPrivate *priv = get_private (data);

  g_clear_pointer (&priv->retry, g_source_unref);
  if (priv->item != NULL)
    zmqglib_poll_item_changed (priv->item);

  return G_SOURCE_REMOVE;
}

static void
retry_later (ZmqStream *self)
{
  ZmqStreamPrivate *priv = get_private (self);

  priv->retry = g_timeout_source_new (RETRY_MS);
  g_source_set_priority (priv->retry, priv->priority);
  g_source_set_callback (priv->retry, on_retry, self, NULL);
  g_source_attach (priv->retry, priv->context);
}

static void
cancel_retry (ZmqStreamPrivate *priv)
{
  if (priv->retry == NULL)
    return;

  g_source_destroy (priv->retry);
  g_clear_pointer (&priv->retry, g_source_unref);
}

/* Hands the first waiting message to libzmq. */
static gboolean
hand_over (ZmqStream *self)
{
  ZmqStreamPrivate *priv = get_private (self);
  ZmqMessage       *message = zmqglib_stream_queue_peek_waiting (&priv->queue);
  g_autoptr (GError) error = NULL;
  int errnum;

  if (message == NULL)
    return FALSE;

  errnum = zmqglib_message_send (message, priv->socket->handle);
  if (errnum == EAGAIN || errnum == EFSM)
    return FALSE;

  if (errnum != 0)
    zmqglib_error_set (&error, errnum, _ ("Could not send a queued message through a “%s” socket"),
                       zmqglib_socket_get_type_nick (priv->socket));
  zmqglib_stream_queue_mark_done (&priv->queue, error);
  notify_n_queued (self);

  return TRUE;
}

/* Takes over a task that is not in the list any more. */
static void
end_drain (GTask        *task,
           const GError *error)
{
  GSource *cancelled = g_task_get_task_data (task);

  if (cancelled != NULL)
    g_source_destroy (cancelled);

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);

  g_object_unref (task);
}

static void
end_drains (ZmqStreamPrivate *priv,
            const GError     *error)
{
  GTask *task;

  while ((task = g_queue_pop_head (&priv->drains)) != NULL)
    end_drain (task, error);
}

/* Reports the first message that is done. */
static gboolean
report_sent (ZmqStream *self)
{
  ZmqStreamPrivate *priv = get_private (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_stream_queue_pop_done (&priv->queue, &error);

  if (message == NULL)
    return FALSE;

  g_signal_emit (self, signals[SENT], 0, message, error);

  return TRUE;
}

static void
report_drained (ZmqStream *self)
{
  ZmqStreamPrivate *priv = get_private (self);

  if (priv->queue.n_done > 0 || priv->queue.n_waiting > 0)
    return;

  end_drains (priv, NULL);
  if (priv->was_queued)
    {
      priv->was_queued = FALSE;
      g_signal_emit (self, signals[DRAINED], 0);
    }
}

/* Receives one message and emits it. @reused, a message that nobody has kept, is one's to free. */
static gboolean
receive_one (ZmqStream   *self,
             ZmqMessage **reused)
{
  ZmqStreamPrivate *priv = get_private (self);
  int               errnum;
  ZmqMessage       *message =
      zmqglib_message_receive (g_steal_pointer (reused), priv->socket->handle, &errnum);

  if (message == NULL)
    return FALSE;

  /* others who watch the socket may have their turn in a nested loop */
  if (priv->socket->watches.length > 1)
    zmqglib_socket_touch (priv->socket);

  g_signal_emit (self, signals[RECEIVED], 0, message);

  if (zmqglib_message_is_shared (message))
    zmqglib_message_unref (message);
  else
    *reused = message;

  return TRUE;
}

static void
serve_output (ZmqStream   *self,
              GIOCondition ready,
              gint64       deadline)
{
  ZmqStreamPrivate *priv = get_private (self);
  Turn              turn = turn_begin (deadline);

  if (ready & G_IO_OUT)
    {
      guint n_sent = 0;

      while (n_sent < SHARE && hand_over (self))
        n_sent++;
      if (n_sent == 0 && priv->queue.n_waiting > 0)
        retry_later (self);
    }

  while (report_sent (self) && !turn_is_over (&turn))
    ;
  if (!priv->is_closed)
    report_drained (self);
}

static void
serve_input (ZmqStream *self,
             gint64     deadline)
{
  ZmqStreamPrivate *priv = get_private (self);
  g_autoptr (ZmqMessage) reused = NULL;
  Turn turn = turn_begin (deadline);

  while (!priv->is_closed && is_listening (self) && receive_one (self, &reused) &&
         !turn_is_over (&turn))
    ;
}

/* Emits what is left to say after the stream was closed. */
static void
report_closed (ZmqStream *self)
{
  ZmqStreamPrivate *priv = get_private (self);
  g_autoptr (GError) error = g_steal_pointer (&priv->close_error);

  while (report_sent (self))
    ;
  g_signal_emit (self, signals[CLOSED], 0, error);
}

static gboolean
on_report_closed (gpointer data)
{
  report_closed (data);

  return G_SOURCE_REMOVE;
}

static void
leave_loop (ZmqStreamPrivate *priv)
{
  cancel_retry (priv);
  g_clear_pointer (&priv->item, zmqglib_poll_item_remove);
  g_clear_pointer (&priv->set, zmqglib_poll_set_release_shared);
}

/* Everything but the signals. @queue_error is what becomes of the messages that still wait. */
static void
shut (ZmqStream    *self,
      const GError *queue_error,
      GError       *close_error)
{
  ZmqStreamPrivate *priv = get_private (self);
  guint             n_waiting = priv->queue.n_waiting;

  priv->is_closed = TRUE;
  priv->was_queued = FALSE;
  priv->close_error = close_error;

  leave_loop (priv);
  while (priv->queue.n_waiting > 0)
    zmqglib_stream_queue_mark_done (&priv->queue, queue_error);
  end_drains (priv, queue_error);

  if (n_waiting > 0)
    notify_n_queued (self);
}

/* The socket is no more. */
static void
die (ZmqStream *self,
     int        errnum)
{
  ZmqStreamPrivate *priv = get_private (self);
  GError           *error = NULL;

  zmqglib_error_set (&error, errnum, _ ("The stream of a “%s” socket was closed"),
                     zmqglib_socket_get_type_nick (priv->socket));
  shut (self, error, error);

  /* A context can end only when its sockets are closed. */
  if (errnum == ENOTSOCK)
    zmqglib_socket_forget (priv->socket);
  else
    zmqglib_socket_close (priv->socket);

  report_closed (self);
}

static GIOCondition
zmqglib_stream_get_wanted (ZmqPollItem *item)
{
  ZmqStream        *self = item->owner;
  ZmqStreamPrivate *priv = get_private (self);
  GIOCondition      wanted = 0;

  if (is_listening (self))
    wanted |= G_IO_IN;
  if (priv->queue.n_waiting > 0 && priv->retry == NULL)
    wanted |= G_IO_OUT;
  if (has_own_work (priv))
    wanted |= ZMQGLIB_POLL_WORK;

  return wanted;
}

static void
zmqglib_stream_serve (ZmqPollItem *item,
                      GIOCondition ready,
                      int          errnum,
                      gint64       deadline)
{
  g_autoptr (ZmqStream) self = g_object_ref (item->owner);
  ZmqStreamPrivate *priv = get_private (self);

  if (errnum != 0)
    {
      die (self, errnum);
      return;
    }

  if (ready & (G_IO_OUT | ZMQGLIB_POLL_WORK))
    serve_output (self, ready, deadline);
  if (ready & G_IO_IN)
    serve_input (self, deadline);

  zmqglib_socket_touch (priv->socket);
}

static const ZmqPollItemFuncs item_funcs = {
  .get_wanted = zmqglib_stream_get_wanted,
  .serve = zmqglib_stream_serve,
};

static void
report_closed_later (ZmqStream *self)
{
  ZmqStreamPrivate *priv = get_private (self);
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, priv->priority);
  g_source_set_callback (source, on_report_closed, g_object_ref (self), g_object_unref);
  g_source_set_static_name (source, "[zmqglib] stream closed");
  g_source_attach (source, priv->context);
}

static void
zmqglib_stream_constructed (GObject *object)
{
  ZmqStream        *self = ZMQGLIB_STREAM (object);
  ZmqStreamPrivate *priv = get_private (self);

  G_OBJECT_CLASS (zmqglib_stream_parent_class)->constructed (object);

  priv->context = g_main_context_ref_thread_default ();

  if (priv->socket == NULL || zmqglib_socket_is_closed (priv->socket))
    {
      GError *error = NULL;

      zmqglib_error_set (&error, ENOTSOCK, _ ("Could not make a stream"));
      shut (self, NULL, error);
      report_closed_later (self);
      return;
    }

  priv->set = zmqglib_poll_set_acquire_shared (priv->context, priv->priority);
  priv->item = zmqglib_poll_set_add_socket (priv->set, priv->socket, TRUE, &item_funcs, self);
}

static void
zmqglib_stream_dispose (GObject *object)
{
  ZmqStreamPrivate *priv = get_private (ZMQGLIB_STREAM (object));

  priv->is_closed = TRUE;
  leave_loop (priv);
  zmqglib_stream_queue_clear (&priv->queue);

  G_OBJECT_CLASS (zmqglib_stream_parent_class)->dispose (object);
}

static void
zmqglib_stream_finalize (GObject *object)
{
  ZmqStreamPrivate *priv = get_private (ZMQGLIB_STREAM (object));

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
  ZmqStreamPrivate *priv = get_private (ZMQGLIB_STREAM (object));

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
      g_value_set_uint (value, priv->queue.n_waiting);
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
  ZmqStreamPrivate *priv = get_private (ZMQGLIB_STREAM (object));

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
          priv->send_limit = g_value_get_uint (value);
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
   * How many messages wait in the queue until the socket can send them.
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
  signals[RECEIVED] =
      g_signal_new ("received", type, G_SIGNAL_RUN_LAST,
                    G_STRUCT_OFFSET (ZmqStreamClass, received), NULL, NULL,
                    g_cclosure_marshal_VOID__BOXED, G_TYPE_NONE, 1, ZMQGLIB_TYPE_MESSAGE);
  g_signal_set_va_marshaller (signals[RECEIVED], type, g_cclosure_marshal_VOID__BOXEDv);

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
  signals[SENT] =
      g_signal_new ("sent", type, G_SIGNAL_RUN_LAST,
                    G_STRUCT_OFFSET (ZmqStreamClass, sent), NULL, NULL,
                    zmqglib_marshal_VOID__BOXED_BOXED, G_TYPE_NONE, 2, ZMQGLIB_TYPE_MESSAGE,
                    G_TYPE_ERROR);
  g_signal_set_va_marshaller (signals[SENT], type, zmqglib_marshal_VOID__BOXED_BOXEDv);

  /**
   * ZmqStream::drained:
   * @self: the stream
   *
   * Emitted when the queue has become empty after messages had to wait in it, after
   * [signal@Zmq.Stream::sent] was emitted for the last of them.
   */
  signals[DRAINED] =
      g_signal_new ("drained", type, G_SIGNAL_RUN_LAST,
                    G_STRUCT_OFFSET (ZmqStreamClass, drained), NULL, NULL,
                    g_cclosure_marshal_VOID__VOID, G_TYPE_NONE, 0);
  g_signal_set_va_marshaller (signals[DRAINED], type, g_cclosure_marshal_VOID__VOIDv);

  /**
   * ZmqStream::closed:
   * @self: the stream
   * @error: (nullable): why, or %NULL after [method@Zmq.Stream.close]
   *
   * Emitted once, from the main loop, as the last of all signals: after [method@Zmq.Stream.close],
   * or with %ZMQGLIB_ERROR_TERMINATED when the socket's context was shut down, or with
   * %ZMQGLIB_ERROR_CLOSED when somebody else closed the socket.
   */
  signals[CLOSED] =
      g_signal_new ("closed", type, G_SIGNAL_RUN_LAST,
                    G_STRUCT_OFFSET (ZmqStreamClass, closed), NULL, NULL,
                    g_cclosure_marshal_VOID__BOXED, G_TYPE_NONE, 1, G_TYPE_ERROR);
  g_signal_set_va_marshaller (signals[CLOSED], type, g_cclosure_marshal_VOID__BOXEDv);
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
  g_queue_init (&get_private (self)->drains);
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

static gboolean
check_open (ZmqStream  *self,
            const char *what,
            GError    **error)
{
  if (!get_private (self)->is_closed)
    return TRUE;

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED, "%s: %s", what,
               _ ("The stream is closed"));

  return FALSE;
}

/* Tries to send a message that has none before it. A refusal for now is no error. */
static int
send_at_once (ZmqStreamPrivate *priv,
              ZmqMessage       *message)
{
  int errnum;

  if (priv->queue.n_waiting > 0)
    return EAGAIN;

  errnum = zmqglib_message_send (message, priv->socket->handle);
  zmqglib_socket_touch (priv->socket);

  return errnum == EFSM ? EAGAIN : errnum;
}

/**
 * zmqglib_stream_send:
 * @self: a stream
 * @message: a message of at least one frame
 * @error: return location for an error
 *
 * Sends a message, all of its frames, without blocking.
 *
 * With nothing queued before it, it is handed to libzmq at once. When the socket cannot send now,
 * because its high-water mark is reached, it has no peer, or it is not its turn, the message waits
 * in the queue, in order, and must not be changed in the meantime.
 *
 * [signal@Zmq.Stream::sent] is emitted later, from the main loop, for each message that was taken.
 *
 * Fails with %ZMQGLIB_ERROR_CLOSED when the stream is closed, %ZMQGLIB_ERROR_QUEUE_FULL when
 * [property@Zmq.Stream:send-limit] messages are waiting, and at once with what libzmq refuses for
 * good, such as %ZMQGLIB_ERROR_NOT_SUPPORTED when the type of the socket cannot send.
 *
 * Returns: %TRUE when the message was taken, %FALSE with @error set otherwise
 */
gboolean
zmqglib_stream_send (ZmqStream  *self,
                     ZmqMessage *message,
                     GError    **error)
{
  ZmqStreamPrivate *priv = get_private (self);
  int               errnum;

  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), FALSE);
  g_return_val_if_fail (message != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_open (self, _ ("Could not send"), error))
    return FALSE;

  if (message->n_frames == 0)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                   _ ("Could not send through a “%s” socket: The message has no frame"),
                   zmqglib_socket_get_type_nick (priv->socket));
      return FALSE;
    }

  errnum = send_at_once (priv, message);

  if (errnum == 0)
    {
      zmqglib_stream_queue_push_done (&priv->queue, message);
      return TRUE;
    }

  if (errnum != EAGAIN)
    {
      zmqglib_error_set (error, errnum, _ ("Could not send through a “%s” socket"),
                         zmqglib_socket_get_type_nick (priv->socket));
      return FALSE;
    }

  if (priv->send_limit > 0 && priv->queue.n_waiting >= priv->send_limit)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_QUEUE_FULL,
                   ngettext ("Could not send through a “%s” socket: The queue’s limit of %u message is reached",
                             "Could not send through a “%s” socket: The queue’s limit of %u messages is reached",
                             priv->send_limit),
                   zmqglib_socket_get_type_nick (priv->socket), priv->send_limit);
      return FALSE;
    }

  zmqglib_stream_queue_push_waiting (&priv->queue, message);
  priv->was_queued = TRUE;
  zmqglib_poll_item_changed (priv->item);
  notify_n_queued (self);

  return TRUE;
}

/**
 * zmqglib_stream_send_bytes:
 * @self: a stream
 * @bytes: the bytes of the only frame
 * @error: return location for an error
 *
 * Sends a message of one frame, as [method@Zmq.Stream.send] does.
 *
 * Returns: %TRUE when the message was taken, %FALSE with @error set otherwise
 */
gboolean
zmqglib_stream_send_bytes (ZmqStream *self,
                           GBytes    *bytes,
                           GError   **error)
{
  g_autoptr (ZmqMessage) message = NULL;

  g_return_val_if_fail (bytes != NULL, FALSE);

  message = zmqglib_message_new_from_bytes (bytes);

  return zmqglib_stream_send (self, message, error);
}

/**
 * zmqglib_stream_send_string:
 * @self: a stream
 * @string: the text of the only frame
 * @error: return location for an error
 *
 * Sends a message of one frame, as [method@Zmq.Stream.send] does. The terminating NUL is not sent.
 *
 * Returns: %TRUE when the message was taken, %FALSE with @error set otherwise
 */
gboolean
zmqglib_stream_send_string (ZmqStream  *self,
                            const char *string,
                            GError    **error)
{
  g_autoptr (ZmqMessage) message = NULL;

  g_return_val_if_fail (string != NULL, FALSE);

  message = zmqglib_message_new_from_string (string);

  return zmqglib_stream_send (self, message, error);
}

/**
 * zmqglib_stream_flush:
 * @self: a stream
 * @condition: what to handle: %G_IO_IN for messages to be received, %G_IO_OUT for messages that are
 *   queued or whose [signal@Zmq.Stream::sent] is still due, or both
 * @limit: how many messages to handle at most, received and sent together; 0 for all
 *
 * Handles now what the main loop would handle later, without letting other sources run. May be
 * called from a handler.
 *
 * With %G_IO_IN it reads even when nobody listens, and drops what it reads, so that a queue can be
 * cleared. Without a limit it goes on for as long as something is pending, which may be for ever
 * when a peer sends faster than the handler works.
 *
 * Returns: how many messages were handled
 */
guint
zmqglib_stream_flush (ZmqStream   *self,
                      GIOCondition condition,
                      guint        limit)
{
  ZmqStreamPrivate *priv = get_private (self);
  g_autoptr (ZmqMessage) reused = NULL;
  guint n_handled = 0;
  guint n_before;

  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), 0);

  if (limit == 0)
    limit = G_MAXUINT;

  g_object_ref (self);
  do
    {
      n_before = n_handled;

      if ((condition & G_IO_OUT) && !priv->is_closed &&
          (priv->queue.n_done > 0 || hand_over (self)) && report_sent (self))
        n_handled++;

      if ((condition & G_IO_IN) && !priv->is_closed && n_handled < limit &&
          receive_one (self, &reused))
        n_handled++;
    }
  while (n_handled > n_before && n_handled < limit);

  zmqglib_socket_touch (priv->socket);
  g_object_unref (self);

  return n_handled;
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
  ZmqStreamPrivate *priv = get_private (self);
  g_autoptr (GError) error = NULL;

  g_return_if_fail (ZMQGLIB_IS_STREAM (self));

  if (priv->is_closed)
    return;

  g_set_error (&error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED,
               _ ("Could not send a queued message through a “%s” socket: The stream was closed"),
               zmqglib_socket_get_type_nick (priv->socket));
  shut (self, error, NULL);
  zmqglib_socket_close (priv->socket);
  report_closed_later (self);
}

/**
 * zmqglib_stream_discard:
 * @self: a stream
 *
 * Drops the messages that still wait in the queue. [signal@Zmq.Stream::sent] is emitted for each of
 * them, later, with `G_IO_ERROR_CANCELLED`.
 *
 * Returns: how many were dropped
 */
guint
zmqglib_stream_discard (ZmqStream *self)
{
  ZmqStreamPrivate *priv = get_private (self);
  g_autoptr (GError) error = NULL;
  guint n_dropped;

  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), 0);

  n_dropped = priv->queue.n_waiting;
  if (n_dropped == 0)
    return 0;

  g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                       _ ("The queued message was discarded"));
  while (priv->queue.n_waiting > 0)
    zmqglib_stream_queue_mark_done (&priv->queue, error);

  zmqglib_poll_item_changed (priv->item);
  notify_n_queued (self);

  return n_dropped;
}

static gboolean
on_drain_cancelled (GCancellable *cancellable,
                    gpointer      data)
{
  GTask            *task = data;
  ZmqStreamPrivate *priv = get_private (g_task_get_source_object (task));
  g_autoptr (GError) error = NULL;

  g_cancellable_set_error_if_cancelled (cancellable, &error);
  if (g_queue_remove (&priv->drains, task))
    end_drain (task, error);

  return G_SOURCE_REMOVE;
}

static void
watch_cancellation (GTask *task)
{
  GSource *source;

  if (g_task_get_cancellable (task) == NULL)
    return;

  source = g_cancellable_source_new (g_task_get_cancellable (task));
  g_task_set_task_data (task, source, (GDestroyNotify) g_source_unref);
  g_task_attach_source (task, source, (GSourceFunc) (void (*) (void)) on_drain_cancelled);
}

/**
 * zmqglib_stream_drain_async:
 * @self: a stream
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the queue is empty
 * @user_data: data for @callback
 *
 * Waits until no message is queued any more, and all have been reported by
 * [signal@Zmq.Stream::sent].
 */
void
zmqglib_stream_drain_async (ZmqStream          *self,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data)
{
  ZmqStreamPrivate *priv = get_private (self);
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (ZMQGLIB_IS_STREAM (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, zmqglib_stream_drain_async);

  if (!check_open (self, _ ("Could not drain"), &error))
    {
      g_task_return_error (task, error);
      return;
    }

  if (g_task_return_error_if_cancelled (task))
    return;

  watch_cancellation (task);
  g_queue_push_tail (&priv->drains, g_steal_pointer (&task));
  zmqglib_poll_item_changed (priv->item);
}

/**
 * zmqglib_stream_drain_finish:
 * @self: a stream
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Ends an operation begun with [method@Zmq.Stream.drain_async].
 *
 * Fails with %ZMQGLIB_ERROR_CLOSED or %ZMQGLIB_ERROR_TERMINATED when the stream was closed
 * before, and with `G_IO_ERROR_CANCELLED`.
 *
 * Returns: %TRUE when the queue has become empty, %FALSE with @error set otherwise
 */
gboolean
zmqglib_stream_drain_finish (ZmqStream    *self,
                             GAsyncResult *result,
                             GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
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

  return get_private (self)->socket;
}

/**
 * zmqglib_stream_get_n_queued: (get-property n-queued)
 * @self: a stream
 *
 * Gets how many messages wait in the queue until the socket can send them.
 *
 * Returns: a number of messages
 */
guint
zmqglib_stream_get_n_queued (ZmqStream *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), 0);

  return get_private (self)->queue.n_waiting;
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

  return get_private (self)->is_closed;
}

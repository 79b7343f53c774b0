/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-server-private.h"

/**
 * ZmqServer:
 *
 * Answers requests: it emits a signal for each, and each knows the way back to who has asked.
 *
 * ```c
 * static void
 * on_request (ZmqServer  *server,
 *             ZmqRequest *request,
 *             gpointer    user_data)
 * {
 *   zmqglib_request_reply (request, zmqglib_request_get_message (request), NULL);
 * }
 *
 * server = zmqglib_server_new (NULL, &error);
 * g_signal_connect (server, "request", G_CALLBACK (on_request), NULL);
 * zmqglib_server_bind (server, "tcp://127.0.0.1:5555", &error);
 * ```
 *
 * In Python:
 *
 * ```python
 * server = Zmq.Server(max_pending=100)
 * server.connect('request', lambda _server, request: request.reply(request.get_message()))
 * server.bind('tcp://127.0.0.1:*')
 * ```
 *
 * Clients may be written in any language: REQ sockets, one request after the other; DEALER sockets, with any number of
 * requests under way, be there an empty frame in front of the body or not; ROUTER sockets; and any of these behind proxies.
 * What is in front of a request’s body comes back in front of the reply: all frames up to the first empty one, that
 * included. Without an empty frame all is the body, and none is put in front of the reply. So a client that sends no empty
 * frame in front sends none within the body either.
 *
 * Unlike a REP socket, which takes one request at a time, a server takes the next one before the one before has its reply,
 * up to [property@Zmq.Server:max-pending]. Replies may be sent later, in any order, from any thread.
 *
 * It belongs to the thread-default main context of the thread that made it, and is used from there, but for what says
 * otherwise. Nothing is read unless [signal@Zmq.Server::request] has a handler that is not blocked: what has come in
 * meanwhile waits in the socket, and comes, in order, when somebody listens again.
 *
 * It is a ROUTER socket underneath, [method@Zmq.Server.get_socket], on which options are set before it is bound. A server
 * that strangers can reach should have [property@Zmq.Socket:max-message-size] and [property@Zmq.Socket:max-frames] set.
 *
 * Since: 1.0
 */

static void initable_iface_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ZmqServer, zmqglib_server, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init))

static gboolean
zmqglib_server_initable_init (GInitable    *initable,
                              GCancellable *cancellable,
                              GError      **error)
{
  ZmqServer *self = ZMQGLIB_SERVER (initable);

  if (self->socket != NULL)
    return TRUE;

  if (self->context == NULL)
    self->context = g_object_ref (zmqglib_context_get_default ());
  self->socket = zmqglib_socket_new (self->context, ZMQGLIB_SOCKET_ROUTER, error);
  if (self->socket == NULL)
    return FALSE;

  zmqglib_server_desk_open (self->core, self->socket, self->owned_by_loop ? self : NULL);

  return TRUE;
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = zmqglib_server_initable_init;
}

/* Runs in whatever thread drops the last reference: it only tells the core. */
static void
zmqglib_server_dispose (GObject *object)
{
  ZmqServer *self = ZMQGLIB_SERVER (object);

  {
    g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->core->lock);

    self->core->listener = NULL;
  }
  zmqglib_server_desk_close (self->core);

  G_OBJECT_CLASS (zmqglib_server_parent_class)->dispose (object);
}

static void
zmqglib_server_finalize (GObject *object)
{
  ZmqServer *self = ZMQGLIB_SERVER (object);

  g_clear_pointer (&self->core, zmqglib_server_core_unref);
  g_clear_object (&self->socket);
  g_clear_object (&self->context);

  G_OBJECT_CLASS (zmqglib_server_parent_class)->finalize (object);
}

static void
zmqglib_server_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  ZmqServer *self = ZMQGLIB_SERVER (object);

  switch (prop_id)
    {
    case SERVER_PROP_CONTEXT:
      g_value_set_object (value, self->context);
      break;
    case SERVER_PROP_OWNED_BY_LOOP:
      g_value_set_boolean (value, self->owned_by_loop);
      break;
    case SERVER_PROP_MAX_PENDING:
      g_value_set_uint (value, g_atomic_int_get (&self->core->max_pending));
      break;
    case SERVER_PROP_N_PENDING:
      g_value_set_uint (value, g_atomic_int_get (&self->core->n_pending));
      break;
    case SERVER_PROP_LAST_ENDPOINT:
      g_value_take_string (value, zmqglib_server_core_dup_last_endpoint (self->core));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
zmqglib_server_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  ZmqServer *self = ZMQGLIB_SERVER (object);

  switch (prop_id)
    {
    case SERVER_PROP_CONTEXT:
      self->context = g_value_dup_object (value);
      break;
    case SERVER_PROP_OWNED_BY_LOOP:
      self->owned_by_loop = g_value_get_boolean (value);
      break;
    case SERVER_PROP_MAX_PENDING:
      if (zmqglib_server_core_set_max_pending (self->core, g_value_get_uint (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  GParamSpec **properties = zmqglib_server_properties;

  /**
   * ZmqServer:context:
   *
   * The context of the server’s socket. %NULL in the constructor is the default one.
   *
   * Since: 1.0
   */
  properties[SERVER_PROP_CONTEXT] =
      g_param_spec_object ("context", NULL, _ ("The context of the server’s socket"), ZMQGLIB_TYPE_CONTEXT,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqServer:owned-by-loop:
   *
   * Whether the main loop keeps the server alive until it is closed, as [property@Zmq.Stream:owned-by-loop] does for
   * a stream. In C the default, %FALSE, lets the last reference end it; the overrides of languages with a garbage
   * collector set it.
   *
   * Since: 1.0
   */
  properties[SERVER_PROP_OWNED_BY_LOOP] =
      g_param_spec_boolean ("owned-by-loop", NULL, _ ("Whether the main loop keeps the server alive"), FALSE,
                            G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqServer:max-pending: (getter get_max_pending) (setter set_max_pending)
   *
   * How many requests may be pending, 0 for any number. Further ones are left unread, in the socket and, once
   * [property@Zmq.Socket:receive-high-water-mark] is reached, with those who ask. May be set from any thread.
   *
   * Since: 1.0
   */
  properties[SERVER_PROP_MAX_PENDING] =
      g_param_spec_uint ("max-pending", NULL, _ ("How many requests may be pending"), 0, G_MAXUINT, 0,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * ZmqServer:n-pending: (getter get_n_pending)
   *
   * How many requests are pending: given to handlers of [signal@Zmq.Server::request], and neither replied to nor dropped.
   * Notified from the main loop; what changes in one turn of it makes one notification.
   *
   * Since: 1.0
   */
  properties[SERVER_PROP_N_PENDING] =
      g_param_spec_uint ("n-pending", NULL, _ ("How many requests are pending"), 0, G_MAXUINT, 0,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqServer:last-endpoint: (getter dup_last_endpoint)
   *
   * The endpoint that the server was bound to last, as a client connects to it: with the port that was free.
   *
   * Since: 1.0
   */
  properties[SERVER_PROP_LAST_ENDPOINT] =
      g_param_spec_string ("last-endpoint", NULL, _ ("The endpoint that the server was bound to last"), NULL,
                           G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, SERVER_N_PROPS, properties);
}

static void
zmqglib_server_class_init (ZmqServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType         type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = zmqglib_server_dispose;
  object_class->finalize = zmqglib_server_finalize;
  object_class->get_property = zmqglib_server_get_property;
  object_class->set_property = zmqglib_server_set_property;
  install_properties (object_class);

  /**
   * ZmqServer::request:
   * @self: the server
   * @request: what was asked, and the way back
   *
   * Emitted from the main loop for each request, in the order in which they come in. A request is read only when this
   * signal has a handler that is not blocked, and fewer than [property@Zmq.Server:max-pending] are pending.
   *
   * A handler replies with [method@Zmq.Request.reply], or keeps a reference to the request and replies later, in whatever
   * thread. It may do anything: close or drop the server, disconnect itself, or run a nested main loop, in which further
   * requests are told, and replies sent.
   *
   * Since: 1.0
   */
  zmqglib_server_request_signal = g_signal_new ("request", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                                g_cclosure_marshal_VOID__OBJECT, G_TYPE_NONE, 1, ZMQGLIB_TYPE_REQUEST);
  g_signal_set_va_marshaller (zmqglib_server_request_signal, type, g_cclosure_marshal_VOID__OBJECTv);
}

static void
zmqglib_server_init (ZmqServer *self)
{
  self->core = zmqglib_server_core_new (self);
}

/**
 * zmqglib_server_new:
 * @context: (nullable): a context, or %NULL for the default one
 * @error: return location for an error
 *
 * Creates a server on the thread-default main context of the calling thread. It has yet to be bound.
 *
 * Fails with %ZMQGLIB_ERROR_TERMINATED when the context was shut down, %ZMQGLIB_ERROR_CLOSED when it belongs to the process
 * that this one was forked from, and %ZMQGLIB_ERROR_TOO_MANY_SOCKETS when it has no room for one more.
 *
 * Returns: (transfer full): a new server, or %NULL with @error set
 *
 * Since: 1.0
 */
ZmqServer *
zmqglib_server_new (ZmqContext *context,
                    GError    **error)
{
  g_return_val_if_fail (context == NULL || ZMQGLIB_IS_CONTEXT (context), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_initable_new (ZMQGLIB_TYPE_SERVER, NULL, error, "context", context, NULL);
}

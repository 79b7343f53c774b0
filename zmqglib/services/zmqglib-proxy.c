/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmqglib/zmqglib-enum-types.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-proxy-run-private.h"
#include "socket/zmqglib-socket-private.h"

/**
 * ZmqProxy:
 *
 * Forwards messages between two sockets in both directions, as `zmq_proxy ()` does, in a main loop or in a thread of its
 * own.
 *
 * ```c
 * proxy = zmqglib_proxy_new (router, dealer, NULL, &error);
 * zmqglib_proxy_start (proxy);
 * ```
 *
 * In Python:
 *
 * ```python
 * router, dealer = Zmq.Socket(Zmq.SocketType.ROUTER), Zmq.Socket(Zmq.SocketType.DEALER)
 * router.bind('tcp://127.0.0.1:*')
 * dealer.bind('tcp://127.0.0.1:*')
 * proxy = Zmq.Proxy(router, dealer)
 * proxy.start()
 * ```
 *
 * Usual pairs are a PULL and a PUSH socket, an XSUB and an XPUB, a ROUTER and a DEALER, as frontend and backend; they may
 * also be one socket, which sends what it receives. A third socket may be given a copy of each message. The sockets are
 * bound and connected by who makes the proxy, and used by nobody else while it runs.
 *
 * A message is read only when the other side, and the capture, can take it: where a PUSH, DEALER or PAIR
 * socket is full, the messages stay with who sends them. ROUTER and XPUB sockets drop what their peers have no room for. A
 * message is forwarded whole or not at all; one that waits when the proxy is stopped is there for who reads next.
 *
 * Without a handler of [signal@Zmq.Proxy::forward] nothing is made of a message on its way.
 *
 * Since: 1.0
 */

static void initable_iface_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ZmqProxy, zmqglib_proxy, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init))

static gboolean
can_capture (ZmqSocket *socket)
{
  switch (zmqglib_socket_get_socket_type (socket))
    {
    case ZMQGLIB_SOCKET_PUB:
    case ZMQGLIB_SOCKET_XPUB:
    case ZMQGLIB_SOCKET_PUSH:
    case ZMQGLIB_SOCKET_DEALER:
    case ZMQGLIB_SOCKET_PAIR:
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
check_capture (ZmqProxy   *self,
               const char *what,
               GError    **error)
{
  if (self->capture == NULL)
    return TRUE;

  if (self->capture == self->frontend || self->capture == self->backend)
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT, _ ("%s: %s"), what,
                 _ ("The capture is one of the sides"));
  else if (!can_capture (self->capture))
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                 /* Translators: what could not be done, and a type of socket, as “sub” */
                 _ ("%s: A “%s” socket cannot be the capture"), what,
                 zmqglib_socket_core_get_type_nick (self->capture->core));
  else
    return zmqglib_socket_core_check_open (self->capture->core, what, error);

  return FALSE;
}

static gboolean
zmqglib_proxy_initable_init (GInitable    *initable,
                             GCancellable *cancellable,
                             GError      **error)
{
  ZmqProxy   *self = ZMQGLIB_PROXY (initable);
  const char *what = _ ("Could not make a proxy");

  if (self->frontend == NULL || self->backend == NULL)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT, _ ("%s: %s"), what, _ ("It needs two sides"));
      return FALSE;
    }

  return zmqglib_socket_core_check_open (self->frontend->core, what, error) &&
         zmqglib_socket_core_check_open (self->backend->core, what, error) && check_capture (self, what, error);
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = zmqglib_proxy_initable_init;
}

/* Runs in whatever thread drops the last reference: it only tells who runs. */
static void
zmqglib_proxy_dispose (GObject *object)
{
  ZmqProxy *self = ZMQGLIB_PROXY (object);

  zmqglib_proxy_run_stop (self->core, FALSE);
  g_clear_object (&self->frontend);
  g_clear_object (&self->backend);
  g_clear_object (&self->capture);

  G_OBJECT_CLASS (zmqglib_proxy_parent_class)->dispose (object);
}

static GMainContext *
steal_context (ZmqProxyCore *core)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&core->lock);

  return g_steal_pointer (&core->context);
}

static void
zmqglib_proxy_finalize (GObject *object)
{
  ZmqProxyCore                    *core = ZMQGLIB_PROXY (object)->core;
  g_autoptr (GMainContext) context G_GNUC_UNUSED = steal_context (core);

  zmqglib_proxy_core_unref (core);

  G_OBJECT_CLASS (zmqglib_proxy_parent_class)->finalize (object);
}

static void
get_prefix (ZmqProxy         *self,
            ZmqProxyDirection direction,
            GValue           *value)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->core->lock);

  g_value_set_boxed (value, self->core->prefixes[direction]);
}

static void
set_prefix (ZmqProxy         *self,
            ZmqProxyDirection direction,
            const GValue     *value)
{
  g_autoptr (GBytes) old       G_GNUC_UNUSED = NULL;
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->core->lock);

  old = self->core->prefixes[direction];
  self->core->prefixes[direction] = g_value_dup_boxed (value);
}

static void
zmqglib_proxy_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  ZmqProxy *self = ZMQGLIB_PROXY (object);

  switch (prop_id)
    {
    case PROXY_PROP_FRONTEND:
      g_value_set_object (value, self->frontend);
      break;
    case PROXY_PROP_BACKEND:
      g_value_set_object (value, self->backend);
      break;
    case PROXY_PROP_CAPTURE:
      g_value_set_object (value, self->capture);
      break;
    case PROXY_PROP_OWNED_BY_LOOP:
      g_value_set_boolean (value, self->owned_by_loop);
      break;
    case PROXY_PROP_PAUSED:
      g_value_set_boolean (value, g_atomic_int_get (&self->core->paused));
      break;
    case PROXY_PROP_RUNNING:
      g_value_set_boolean (value, zmqglib_proxy_core_is_running (self->core));
      break;
    case PROXY_PROP_N_FORWARDED_IN:
      g_value_set_uint64 (value, zmqglib_proxy_core_get_count (self->core, ZMQGLIB_PROXY_DIRECTION_IN).n_forwarded);
      break;
    case PROXY_PROP_N_FORWARDED_OUT:
      g_value_set_uint64 (value, zmqglib_proxy_core_get_count (self->core, ZMQGLIB_PROXY_DIRECTION_OUT).n_forwarded);
      break;
    case PROXY_PROP_N_BYTES_IN:
      g_value_set_uint64 (value, zmqglib_proxy_core_get_count (self->core, ZMQGLIB_PROXY_DIRECTION_IN).n_bytes);
      break;
    case PROXY_PROP_N_BYTES_OUT:
      g_value_set_uint64 (value, zmqglib_proxy_core_get_count (self->core, ZMQGLIB_PROXY_DIRECTION_OUT).n_bytes);
      break;
    case PROXY_PROP_PREFIX_IN:
      get_prefix (self, ZMQGLIB_PROXY_DIRECTION_IN, value);
      break;
    case PROXY_PROP_PREFIX_OUT:
      get_prefix (self, ZMQGLIB_PROXY_DIRECTION_OUT, value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
zmqglib_proxy_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  ZmqProxy *self = ZMQGLIB_PROXY (object);

  switch (prop_id)
    {
    case PROXY_PROP_FRONTEND:
      self->frontend = g_value_dup_object (value);
      break;
    case PROXY_PROP_BACKEND:
      self->backend = g_value_dup_object (value);
      break;
    case PROXY_PROP_CAPTURE:
      self->capture = g_value_dup_object (value);
      break;
    case PROXY_PROP_OWNED_BY_LOOP:
      self->owned_by_loop = g_value_get_boolean (value);
      break;
    case PROXY_PROP_PAUSED:
      if (zmqglib_proxy_run_set_paused (self->core, g_value_get_boolean (value)))
        g_object_notify_by_pspec (object, pspec);
      break;
    case PROXY_PROP_PREFIX_IN:
      set_prefix (self, ZMQGLIB_PROXY_DIRECTION_IN, value);
      break;
    case PROXY_PROP_PREFIX_OUT:
      set_prefix (self, ZMQGLIB_PROXY_DIRECTION_OUT, value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_sides (GParamSpec **properties)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * ZmqProxy:frontend:
   *
   * The socket that clients talk to.
   *
   * Since: 1.0
   */
  properties[PROXY_PROP_FRONTEND] =
      g_param_spec_object ("frontend", NULL, _ ("The socket that clients talk to"), ZMQGLIB_TYPE_SOCKET, flags);

  /**
   * ZmqProxy:backend:
   *
   * The socket that services talk to. It may be the same as [property@Zmq.Proxy:frontend].
   *
   * Since: 1.0
   */
  properties[PROXY_PROP_BACKEND] =
      g_param_spec_object ("backend", NULL, _ ("The socket that services talk to"), ZMQGLIB_TYPE_SOCKET, flags);

  /**
   * ZmqProxy:capture:
   *
   * The socket, if any, that is given a copy of each message that was forwarded: a PUB, XPUB, PUSH, DEALER or PAIR socket.
   * While it is full, nothing is forwarded.
   *
   * Since: 1.0
   */
  properties[PROXY_PROP_CAPTURE] =
      g_param_spec_object ("capture", NULL, _ ("The socket that is given a copy of each message"), ZMQGLIB_TYPE_SOCKET,
                           flags);

  /**
   * ZmqProxy:owned-by-loop:
   *
   * Whether the proxy is kept alive while it runs, as [property@Zmq.Stream:owned-by-loop] does for a stream. In C
   * the default, %FALSE, lets the last reference end it; the overrides of languages with a garbage collector set it.
   *
   * Since: 1.0
   */
  properties[PROXY_PROP_OWNED_BY_LOOP] =
      g_param_spec_boolean ("owned-by-loop", NULL, _ ("Whether the proxy is kept alive while it runs"), FALSE, flags);
}

static void
install_state (GParamSpec **properties)
{
  /**
   * ZmqProxy:paused: (getter get_paused) (setter set_paused)
   *
   * Whether nothing is forwarded for the moment: messages stay with who sends them. May be set by any thread, whether
   * the proxy runs or not.
   *
   * Since: 1.0
   */
  properties[PROXY_PROP_PAUSED] =
      g_param_spec_boolean ("paused", NULL, _ ("Whether nothing is forwarded"), FALSE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * ZmqProxy:running: (getter get_running)
   *
   * Whether the proxy was started, and has not stopped. Notified from the main context where the proxy was made.
   *
   * Since: 1.0
   */
  properties[PROXY_PROP_RUNNING] =
      g_param_spec_boolean ("running", NULL, _ ("Whether the proxy was started and has not stopped"), FALSE,
                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqProxy:prefix-in:
   *
   * A frame that is put in front of what the capture is told of messages to the backend, as pyzmq’s monitored queue does.
   *
   * Since: 1.0
   */
  properties[PROXY_PROP_PREFIX_IN] =
      g_param_spec_boxed ("prefix-in", NULL, _ ("A frame in front of captured messages to the backend"), G_TYPE_BYTES,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqProxy:prefix-out:
   *
   * As [property@Zmq.Proxy:prefix-in], of messages to the frontend.
   *
   * Since: 1.0
   */
  properties[PROXY_PROP_PREFIX_OUT] =
      g_param_spec_boxed ("prefix-out", NULL, _ ("A frame in front of captured messages to the frontend"), G_TYPE_BYTES,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
}

static void
install_counts (GParamSpec **properties)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * ZmqProxy:n-forwarded-in: (getter get_n_forwarded_in)
   *
   * How many messages were forwarded to the backend. Not notified; may be read by any thread.
   *
   * Since: 1.0
   */
  properties[PROXY_PROP_N_FORWARDED_IN] =
      g_param_spec_uint64 ("n-forwarded-in", NULL, _ ("How many messages were forwarded to the backend"), 0, G_MAXUINT64, 0,
                           flags);

  /**
   * ZmqProxy:n-forwarded-out: (getter get_n_forwarded_out)
   *
   * How many messages were forwarded to the frontend. Not notified; may be read by any thread.
   *
   * Since: 1.0
   */
  properties[PROXY_PROP_N_FORWARDED_OUT] =
      g_param_spec_uint64 ("n-forwarded-out", NULL, _ ("How many messages were forwarded to the frontend"), 0, G_MAXUINT64,
                           0, flags);

  /**
   * ZmqProxy:n-bytes-in: (getter get_n_bytes_in)
   *
   * How many bytes the frames had that were forwarded to the backend. Not notified; may be read by any thread.
   *
   * Since: 1.0
   */
  properties[PROXY_PROP_N_BYTES_IN] =
      g_param_spec_uint64 ("n-bytes-in", NULL, _ ("How many bytes were forwarded to the backend"), 0, G_MAXUINT64, 0, flags);

  /**
   * ZmqProxy:n-bytes-out: (getter get_n_bytes_out)
   *
   * How many bytes the frames had that were forwarded to the frontend. Not notified; may be read by any thread.
   *
   * Since: 1.0
   */
  properties[PROXY_PROP_N_BYTES_OUT] =
      g_param_spec_uint64 ("n-bytes-out", NULL, _ ("How many bytes were forwarded to the frontend"), 0, G_MAXUINT64, 0,
                           flags);
}

static void
install_signals (GType type)
{
  /**
   * ZmqProxy::forward:
   * @self: the proxy
   * @direction: where the message goes
   * @message: the message, which may be changed in place
   *
   * Emitted for each message before it is forwarded, where the proxy runs: in a thread of its own after
   * [method@Zmq.Proxy.start_in_thread].
   *
   * Returns: %TRUE to drop the message, %FALSE to forward it as it then is
   *
   * Since: 1.0
   */
  zmqglib_proxy_signals[PROXY_FORWARD] =
      g_signal_new ("forward", type, G_SIGNAL_RUN_LAST, 0, g_signal_accumulator_true_handled, NULL, NULL, G_TYPE_BOOLEAN, 2,
                    ZMQGLIB_TYPE_PROXY_DIRECTION, ZMQGLIB_TYPE_MESSAGE);

  /**
   * ZmqProxy::stopped:
   * @self: the proxy
   * @error: (nullable): why, or %NULL after [method@Zmq.Proxy.stop]
   *
   * Emitted when the proxy does not run any more, from the main context where it was made, in whatever thread it ran: after
   * it was stopped, with %ZMQGLIB_ERROR_TERMINATED when a context was shut down, %ZMQGLIB_ERROR_CLOSED when a socket was
   * closed, or with why a socket could not be used.
   *
   * Since: 1.0
   */
  zmqglib_proxy_signals[PROXY_STOPPED] =
      g_signal_new ("stopped", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, g_cclosure_marshal_VOID__BOXED, G_TYPE_NONE, 1,
                    G_TYPE_ERROR);
}

static void
zmqglib_proxy_class_init (ZmqProxyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = zmqglib_proxy_dispose;
  object_class->finalize = zmqglib_proxy_finalize;
  object_class->get_property = zmqglib_proxy_get_property;
  object_class->set_property = zmqglib_proxy_set_property;

  install_sides (zmqglib_proxy_properties);
  install_state (zmqglib_proxy_properties);
  install_counts (zmqglib_proxy_properties);
  g_object_class_install_properties (object_class, PROXY_N_PROPS, zmqglib_proxy_properties);
  install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
zmqglib_proxy_init (ZmqProxy *self)
{
  self->core = zmqglib_proxy_core_new (self);
}

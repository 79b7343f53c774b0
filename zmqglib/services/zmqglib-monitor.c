/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-monitor-private.h"
#include "socket/zmqglib-socket-private.h"

/**
 * ZmqMonitor:
 *
 * Tells what happens to the connections of a socket: who has come, gone, or been refused.
 *
 * ```c
 * static void
 * on_event (ZmqMonitor      *monitor,
 *           ZmqMonitorEvent *event,
 *           gpointer         user_data)
 * {
 *   g_autofree char *line = zmqglib_monitor_event_to_string (event);
 *
 *   g_message ("%s", line);
 * }
 *
 * monitor = zmqglib_monitor_new (socket, &error);
 * g_signal_connect (monitor, "event", G_CALLBACK (on_event), NULL);
 * g_object_bind_property (monitor, "connected", label, "sensitive", G_BINDING_SYNC_CREATE);
 * zmqglib_socket_connect_to (socket, "tcp://127.0.0.1:5555", &error);
 * ```
 *
 * In Python:
 *
 * ```python
 * socket = Zmq.Socket(Zmq.SocketType.PUSH)
 * monitor = Zmq.Monitor(socket)
 * monitor.connect('event', lambda _monitor, event: print(event.to_string()))
 * monitor.connect('notify::connected', lambda monitor, _pspec: print(monitor.connected))
 * socket.connect('tcp://127.0.0.1:5555')
 * ```
 *
 * A monitor belongs to the thread-default main context of the thread that made it, and is used from there. A socket may
 * have any number of them, in any main contexts; `zmq_socket_monitor ()`, which takes only one, is theirs. It tells
 * what happens from then on, so it is made before the socket is bound or connected.
 *
 * The monitor does not keep its socket. With it, or when the context is shut down, it ends: the last event is
 * %ZMQGLIB_MONITOR_EVENT_MONITOR_STOPPED, which comes when libzmq has let go of the socket, so after what that had to send
 * for as long as [property@Zmq.Socket:linger] says.
 *
 * What has happened waits for a program that is busy, and holds up nobody’s messages. When more than 10,000 events
 * wait, later ones that are equal, but for descriptors and intervals, are told once.
 *
 * Monitoring costs the socket nothing for its messages. It costs the process a thread of its own, and the context two sockets,
 * one of which counts for [property@Zmq.Context:max-sockets], from the first monitor on until the socket is closed.
 *
 * Over `inproc://` libzmq has no events: there are no peers, and it is never connected.
 *
 * Since: 1.0
 */

static void initable_iface_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ZmqMonitor, zmqglib_monitor, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init))

static gboolean
zmqglib_monitor_initable_init (GInitable    *initable,
                               GCancellable *cancellable,
                               GError      **error)
{
  ZmqMonitor *self = ZMQGLIB_MONITOR (initable);
  g_autoptr (ZmqSocket) socket = g_steal_pointer (&self->construct.socket);

  if (socket == NULL)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT, _ ("%s: %s"), _ ("Could not monitor a socket"),
                   _ ("There is none"));
      return FALSE;
    }

  if (!zmqglib_socket_core_check_open (socket->core, _ ("Could not monitor a socket"), error))
    return FALSE;

  if (socket->core->adopted)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_NOT_SUPPORTED, _ ("%s: %s"), _ ("Could not monitor a socket"),
                   _ ("Its handle belongs to other code, which may monitor it itself"));
      return FALSE;
    }

  return zmqglib_monitor_core_open (self->core, socket->core, self->owned_by_loop ? self : NULL, error);
}

/* Runs in whatever thread drops the last reference: it only tells the core. */
static void
zmqglib_monitor_dispose (GObject *object)
{
  ZmqMonitor *self = ZMQGLIB_MONITOR (object);

  zmqglib_monitor_core_close (self->core);
  g_clear_object (&self->construct.socket);

  G_OBJECT_CLASS (zmqglib_monitor_parent_class)->dispose (object);
}

static void
zmqglib_monitor_finalize (GObject *object)
{
  ZmqMonitorCore                  *core = ZMQGLIB_MONITOR (object)->core;
  g_autoptr (GMainContext) context G_GNUC_UNUSED = zmqglib_monitor_core_steal_context (core);

  zmqglib_monitor_core_unref (core);

  G_OBJECT_CLASS (zmqglib_monitor_parent_class)->finalize (object);
}

static void
zmqglib_monitor_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  ZmqMonitor *self = ZMQGLIB_MONITOR (object);

  switch (prop_id)
    {
    case PROP_OWNED_BY_LOOP:
      g_value_set_boolean (value, self->owned_by_loop);
      break;
    case PROP_N_PEERS:
      g_value_set_uint (value, zmqglib_monitor_get_n_peers (self));
      break;
    case PROP_CONNECTED:
      g_value_set_boolean (value, zmqglib_monitor_get_connected (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
zmqglib_monitor_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  ZmqMonitor *self = ZMQGLIB_MONITOR (object);

  switch (prop_id)
    {
    case PROP_SOCKET:
      self->construct.socket = g_value_dup_object (value);
      break;
    case PROP_OWNED_BY_LOOP:
      self->owned_by_loop = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  /**
   * ZmqMonitor:socket: (skip)
   *
   * The socket that is monitored. The monitor does not keep it.
   *
   * Since: 1.0
   */
  zmqglib_monitor_properties[PROP_SOCKET] =
      g_param_spec_object ("socket", NULL, _ ("The socket that is monitored"), ZMQGLIB_TYPE_SOCKET,
                           G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqMonitor:owned-by-loop:
   *
   * Whether the main loop keeps the monitor alive until it is closed, as [property@Zmq.Stream:owned-by-loop] does for
   * a stream. In C the default, %FALSE, lets the last reference end the monitor; the overrides of languages with
   * a garbage collector set it.
   *
   * Since: 1.0
   */
  zmqglib_monitor_properties[PROP_OWNED_BY_LOOP] =
      g_param_spec_boolean ("owned-by-loop", NULL, _ ("Whether the main loop keeps the monitor alive"), FALSE,
                            G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqMonitor:n-peers: (getter get_n_peers)
   *
   * How many peers the socket has: the handshakes that succeeded, less the disconnections of such. Those of an endpoint
   * that the socket itself was unbound or disconnected from are taken away then. Peers that were there before the first
   * monitor of the socket are not counted, and neither are those over `inproc://`, nor those of a socket of the type
   * %ZMQGLIB_SOCKET_STREAM, with whom there is no handshake.
   *
   * Notified from the main loop, before the event that has changed it.
   *
   * Since: 1.0
   */
  zmqglib_monitor_properties[PROP_N_PEERS] =
      g_param_spec_uint ("n-peers", NULL, _ ("How many peers the socket has"), 0, G_MAXUINT, 0,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqMonitor:connected: (getter get_connected)
   *
   * Whether the socket has a peer: [property@Zmq.Monitor:n-peers] is not 0.
   *
   * Since: 1.0
   */
  zmqglib_monitor_properties[PROP_CONNECTED] =
      g_param_spec_boolean ("connected", NULL, _ ("Whether the socket has a peer"), FALSE,
                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, zmqglib_monitor_properties);
}

static void
zmqglib_monitor_class_init (ZmqMonitorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType         type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = zmqglib_monitor_dispose;
  object_class->finalize = zmqglib_monitor_finalize;
  object_class->get_property = zmqglib_monitor_get_property;
  object_class->set_property = zmqglib_monitor_set_property;
  install_properties (object_class);

  /**
   * ZmqMonitor::event:
   * @self: the monitor
   * @event: what has happened
   *
   * Emitted from the main loop for each event, in order. Its detail is the kind’s nick: a handler of
   * `event::handshake-failed-auth` hears of that alone.
   *
   * Handlers may do anything: close or drop the monitor, its socket and its context, or run a nested main loop, in which
   * the events behind this one are told.
   *
   * Since: 1.0
   */
  zmqglib_monitor_event_signal =
      g_signal_new ("event", type, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED, 0, NULL, NULL, g_cclosure_marshal_VOID__BOXED,
                    G_TYPE_NONE, 1, ZMQGLIB_TYPE_MONITOR_EVENT);
  g_signal_set_va_marshaller (zmqglib_monitor_event_signal, type, g_cclosure_marshal_VOID__BOXEDv);
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = zmqglib_monitor_initable_init;
}

static void
zmqglib_monitor_init (ZmqMonitor *self)
{
  self->core = zmqglib_monitor_core_new (self);
}

/**
 * zmqglib_monitor_new:
 * @socket: an open socket
 * @error: return location for an error
 *
 * Creates a monitor on the thread-default main context of the calling thread, which has to be the one that has the socket.
 *
 * Fails with %ZMQGLIB_ERROR_NOT_SUPPORTED for a socket around a foreign handle, %ZMQGLIB_ERROR_CLOSED when the socket
 * is closed, or belongs to the process that this one was forked from, %ZMQGLIB_ERROR_TERMINATED when its
 * context was shut down, %ZMQGLIB_ERROR_TOO_MANY_SOCKETS when the context has no room for one more, and
 * %ZMQGLIB_ERROR_NO_THREAD when the process may not have one more thread.
 *
 * Returns: (transfer full): a new monitor
 *
 * Since: 1.0
 */
ZmqMonitor *
zmqglib_monitor_new (ZmqSocket *socket,
                     GError   **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (socket), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_initable_new (ZMQGLIB_TYPE_MONITOR, NULL, error, "socket", socket, NULL);
}

/**
 * zmqglib_monitor_close:
 * @self: a monitor
 *
 * Ends the monitor: no event is told any more, and what waits for one fails with %ZMQGLIB_ERROR_CLOSED. The socket stays
 * as it is, and [property@Zmq.Monitor:n-peers] as it was last told. Closing again does nothing. May be called from any
 * thread.
 *
 * Since: 1.0
 */
void
zmqglib_monitor_close (ZmqMonitor *self)
{
  g_return_if_fail (ZMQGLIB_IS_MONITOR (self));

  zmqglib_monitor_core_close (self->core);
}

/**
 * zmqglib_monitor_is_closed:
 * @self: a monitor
 *
 * Whether the monitor has ended: it was closed, or has told the end of its socket, or was made by the process that
 * this one was forked from. May be called from any thread.
 *
 * Returns: %TRUE when it has
 *
 * Since: 1.0
 */
gboolean
zmqglib_monitor_is_closed (ZmqMonitor *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_MONITOR (self), TRUE);

  return !zmqglib_monitor_core_is_open (self->core);
}

/**
 * zmqglib_monitor_get_n_peers: (get-property n-peers)
 * @self: a monitor
 *
 * Gets how many peers the socket has, as was last told. May be called from any thread.
 *
 * Returns: a number of peers
 *
 * Since: 1.0
 */
guint
zmqglib_monitor_get_n_peers (ZmqMonitor *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_MONITOR (self), 0);

  return g_atomic_int_get (&self->core->n_peers);
}

/**
 * zmqglib_monitor_get_connected: (get-property connected)
 * @self: a monitor
 *
 * Gets whether the socket has a peer, as was last told. May be called from any thread.
 *
 * Returns: %TRUE when it has
 *
 * Since: 1.0
 */
gboolean
zmqglib_monitor_get_connected (ZmqMonitor *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_MONITOR (self), FALSE);

  return zmqglib_monitor_get_n_peers (self) > 0;
}

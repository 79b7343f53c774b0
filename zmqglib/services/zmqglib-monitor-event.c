/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmqglib/zmqglib-enum-types.h>

#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-monitor-event-private.h"

/**
 * ZmqMonitorEvent:
 *
 * One thing that has happened to a connection of a socket, as a [class@Zmq.Monitor] tells it.
 *
 * ```c
 * static void
 * on_event (ZmqMonitor      *monitor,
 *           ZmqMonitorEvent *event,
 *           gpointer         user_data)
 * {
 *   const GError *error = zmqglib_monitor_event_get_error (event);
 *
 *   if (zmqglib_monitor_event_get_kind (event) == ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED)
 *     g_message ("Again in %" G_GINT64_FORMAT " µs", zmqglib_monitor_event_get_interval_us (event));
 *   else if (error != NULL)
 *     g_message ("%s", error->message);
 * }
 *
 * g_signal_connect (monitor, "event", G_CALLBACK (on_event), NULL);
 * ```
 *
 * In Python:
 *
 * ```python
 * def on_event(_monitor, event):
 *     if event.get_kind() == Zmq.MonitorEventKind.CONNECT_RETRIED:
 *         print('again in', event.get_interval_us(), 'µs')
 *     elif event.get_error():
 *         print(event.get_error())
 *
 * socket = Zmq.Socket(Zmq.SocketType.PUSH)
 * monitor = Zmq.Monitor(socket)
 * monitor.connect('event', on_event)
 * socket.connect('tcp://127.0.0.1:5555')
 * ```
 *
 * It is immutable, and may be kept and read in any thread.
 *
 * Since: 1.0
 */

G_DEFINE_BOXED_TYPE (ZmqMonitorEvent, zmqglib_monitor_event, zmqglib_monitor_event_ref, zmqglib_monitor_event_unref)

/*
 * zmqglib_monitor_event_new:
 * @value: what libzmq says beside
 * @endpoint: (transfer full) (nullable): where it has happened
 */
ZmqMonitorEvent *
zmqglib_monitor_event_new (ZmqMonitorEventKind kind,
                           guint32             value,
                           char               *endpoint)
{
  ZmqMonitorEvent *self = g_new (ZmqMonitorEvent, 1);

  *self = (ZmqMonitorEvent){
    .ref_count = 1,
    .kind = kind,
    .value = value,
    .endpoint = endpoint,
    .error = zmqglib_monitor_make_error (kind, value, endpoint),
  };

  return self;
}

/**
 * zmqglib_monitor_event_ref:
 * @self: an event
 *
 * Takes a reference. May be called from any thread.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
ZmqMonitorEvent *
zmqglib_monitor_event_ref (ZmqMonitorEvent *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);

  return self;
}

/**
 * zmqglib_monitor_event_unref:
 * @self: (transfer full): an event
 *
 * Drops a reference. The last one frees the event. May be called from any thread.
 *
 * Since: 1.0
 */
void
zmqglib_monitor_event_unref (ZmqMonitorEvent *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_free (self->endpoint);
  g_clear_error (&self->error);
  g_free (self);
}

/**
 * zmqglib_monitor_event_get_kind:
 * @self: an event
 *
 * Gets what has happened.
 *
 * Returns: exactly one of the flags
 *
 * Since: 1.0
 */
ZmqMonitorEventKind
zmqglib_monitor_event_get_kind (ZmqMonitorEvent *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->kind;
}

/**
 * zmqglib_monitor_event_get_endpoint:
 * @self: an event
 *
 * Gets the endpoint that it has happened to, as libzmq writes it: for what was connected the peer’s, with its name
 * or its address; for what was accepted our own, with the address that the peer came to where the socket is bound
 * to all of them. When binding has failed, it is the address alone, without the transport.
 *
 * Returns: (transfer none) (nullable): an endpoint, or %NULL for %ZMQGLIB_MONITOR_EVENT_MONITOR_STOPPED
 *
 * Since: 1.0
 */
const char *
zmqglib_monitor_event_get_endpoint (ZmqMonitorEvent *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->endpoint;
}

/**
 * zmqglib_monitor_event_get_error:
 * @self: an event
 *
 * Gets why something has failed, as a sentence in the user’s language: what the system says, or in which way the
 * peer did not keep to the protocol, or was refused.
 *
 * A handshake that was refused by an authenticator fails with %ZMQGLIB_ERROR_PERMISSION_DENIED, one with a peer of another
 * mechanism with %ZMQGLIB_ERROR_INCOMPATIBLE, and one that breaks the protocol with %ZMQGLIB_ERROR_INVALID_DATA. A
 * monitor that has stopped since the context was shut down says %ZMQGLIB_ERROR_TERMINATED.
 *
 * Returns: (transfer none) (nullable): the error, or %NULL when nothing has failed
 *
 * Since: 1.0
 */
const GError *
zmqglib_monitor_event_get_error (ZmqMonitorEvent *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->error;
}

/**
 * zmqglib_monitor_event_get_interval_us:
 * @self: an event
 *
 * Gets in how long the next try to connect is made.
 *
 * Returns: an interval in microseconds, or -1 for all kinds but %ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED
 *
 * Since: 1.0
 */
gint64
zmqglib_monitor_event_get_interval_us (ZmqMonitorEvent *self)
{
  g_return_val_if_fail (self != NULL, -1);

  if (self->kind != ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED)
    return -1;

  return self->value * G_TIME_SPAN_MILLISECOND;
}

/**
 * zmqglib_monitor_event_to_string:
 * @self: an event
 *
 * Writes the event for a log: its kind, its endpoint, and the error or interval, such as `connected
 * tcp://127.0.0.1:5555`.
 *
 * Returns: (transfer full): a line without its end
 *
 * Since: 1.0
 */
char *
zmqglib_monitor_event_to_string (ZmqMonitorEvent *self)
{
  GString *string;

  g_return_val_if_fail (self != NULL, NULL);

  string = g_string_new (zmqglib_monitor_event_get_nick (self));
  if (self->endpoint != NULL)
    g_string_append_printf (string, " %s", self->endpoint);
  if (self->error != NULL)
    g_string_append_printf (string, ": %s", self->error->message);
  if (self->kind == ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED)
    {
      g_string_append_c (string, ' ');
      /* Translators: in how many milliseconds something is tried again */
      g_string_append_printf (string, _ ("(in %u ms)"), self->value);
    }

  return g_string_free (string, FALSE);
}

/*
 * zmqglib_monitor_event_get_nick:
 *
 * Returns: the name of its kind, which is the signal's detail
 */
const char *
zmqglib_monitor_event_get_nick (ZmqMonitorEvent *self)
{
  g_autoptr (GFlagsClass) kinds = g_type_class_ref (ZMQGLIB_TYPE_MONITOR_EVENT_KIND);
  GFlagsValue *value = g_flags_get_first_value (kinds, self->kind);

  return value != NULL ? value->value_nick : "unknown";
}

static gboolean
is_same_error (const GError *a,
               const GError *b)
{
  return a == b || (a != NULL && b != NULL && a->code == b->code && g_str_equal (a->message, b->message));
}

/*
 * zmqglib_monitor_event_equal:
 *
 * Whether two events say the same, but for descriptors and intervals.
 */
gboolean
zmqglib_monitor_event_equal (gconstpointer a,
                             gconstpointer b)
{
  const ZmqMonitorEvent *event = a;
  const ZmqMonitorEvent *other = b;

  return event->kind == other->kind && g_strcmp0 (event->endpoint, other->endpoint) == 0 &&
         is_same_error (event->error, other->error);
}

guint
zmqglib_monitor_event_hash (gconstpointer event)
{
  const ZmqMonitorEvent *self = event;

  return (self->endpoint != NULL ? g_str_hash (self->endpoint) : 0) ^ self->kind;
}

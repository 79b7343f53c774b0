/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "stream/zmqglib-stream-private.h"
#include "zmqglib-marshal.h"

/* What a stream says. */

/*
 * zmqglib_stream_install_signals:
 * @type: the type of streams
 *
 * Makes the signals, of which each has a class handler of the same name.
 */
void
zmqglib_stream_install_signals (GType type)
{
  /**
   * ZmqStreamClass::received:
   * @self: the stream
   * @message: the message, all of its frames
   *
   * The class handler of [signal@Zmq.Stream::received].
   *
   * Since: 1.0
   */

  /**
   * ZmqStream::received:
   * @self: the stream
   * @message: the message, all of its frames
   *
   * Emitted for each message that comes in, in order. It is read from the socket only when this
   * signal has a handler that is not blocked.
   *
   * The message may be kept by taking a reference.
   *
   * Since: 1.0
   */
  zmqglib_stream_signals[RECEIVED] =
      g_signal_new ("received", type, G_SIGNAL_RUN_LAST,
                    G_STRUCT_OFFSET (ZmqStreamClass, received), NULL, NULL,
                    zmqglib_stream_marshal_received_values, G_TYPE_NONE, 1, ZMQGLIB_TYPE_MESSAGE);
  g_signal_set_va_marshaller (zmqglib_stream_signals[RECEIVED], type, zmqglib_stream_marshal_received);

  /**
   * ZmqStreamClass::sent:
   * @self: the stream
   * @message: the message
   * @error: (nullable): why it could not be sent, or %NULL when it was
   *
   * The class handler of [signal@Zmq.Stream::sent].
   *
   * Since: 1.0
   */

  /**
   * ZmqStream::sent:
   * @self: the stream
   * @message: the message
   * @error: (nullable): why it could not be sent, or %NULL when it was
   *
   * Emitted once for each message that [method@Zmq.Stream.send] took, in order: when it has been
   * handed to libzmq, or when it could not be. Always emitted from the main loop or
   * [method@Zmq.Stream.flush], never from within a call that sends.
   *
   * Since: 1.0
   */
  zmqglib_stream_signals[SENT] =
      g_signal_new ("sent", type, G_SIGNAL_RUN_LAST,
                    G_STRUCT_OFFSET (ZmqStreamClass, sent), NULL, NULL,
                    zmqglib_marshal_VOID__BOXED_BOXED, G_TYPE_NONE, 2, ZMQGLIB_TYPE_MESSAGE,
                    G_TYPE_ERROR);
  g_signal_set_va_marshaller (zmqglib_stream_signals[SENT], type, zmqglib_stream_marshal_sent);

  /**
   * ZmqStreamClass::drained:
   * @self: the stream
   *
   * The class handler of [signal@Zmq.Stream::drained].
   *
   * Since: 1.0
   */

  /**
   * ZmqStream::drained:
   * @self: the stream
   *
   * Emitted when the queue has become empty after messages had to wait in it, after
   * [signal@Zmq.Stream::sent] was emitted for the last of them.
   *
   * Since: 1.0
   */
  zmqglib_stream_signals[DRAINED] =
      g_signal_new ("drained", type, G_SIGNAL_RUN_LAST,
                    G_STRUCT_OFFSET (ZmqStreamClass, drained), NULL, NULL,
                    g_cclosure_marshal_VOID__VOID, G_TYPE_NONE, 0);
  g_signal_set_va_marshaller (zmqglib_stream_signals[DRAINED], type, g_cclosure_marshal_VOID__VOIDv);

  /**
   * ZmqStreamClass::rejected:
   * @self: the stream
   * @error: why
   *
   * The class handler of [signal@Zmq.Stream::rejected].
   *
   * Since: 1.0
   */

  /**
   * ZmqStream::rejected:
   * @self: the stream
   * @error: why
   *
   * Emitted when a message was dropped by a limit of the socket, with %ZMQGLIB_ERROR_MESSAGE_TOO_LARGE: it had more
   * frames than [property@Zmq.Socket:max-frames]. It says no more of who has sent it than the socket itself knows.
   *
   * Since: 1.0
   */
  zmqglib_stream_signals[REJECTED] =
      g_signal_new ("rejected", type, G_SIGNAL_RUN_LAST,
                    G_STRUCT_OFFSET (ZmqStreamClass, rejected), NULL, NULL,
                    g_cclosure_marshal_VOID__BOXED, G_TYPE_NONE, 1, G_TYPE_ERROR);
  g_signal_set_va_marshaller (zmqglib_stream_signals[REJECTED], type, g_cclosure_marshal_VOID__BOXEDv);

  /**
   * ZmqStreamClass::closed:
   * @self: the stream
   * @error: (nullable): why, or %NULL after [method@Zmq.Stream.close]
   *
   * The class handler of [signal@Zmq.Stream::closed].
   *
   * Since: 1.0
   */

  /**
   * ZmqStream::closed:
   * @self: the stream
   * @error: (nullable): why, or %NULL after [method@Zmq.Stream.close]
   *
   * Emitted once, from the main loop, as the last of all signals: after [method@Zmq.Stream.close],
   * or with %ZMQGLIB_ERROR_TERMINATED when the socket's context was shut down, or with
   * %ZMQGLIB_ERROR_CLOSED when somebody else closed the socket.
   *
   * Since: 1.0
   */
  zmqglib_stream_signals[CLOSED] =
      g_signal_new ("closed", type, G_SIGNAL_RUN_LAST,
                    G_STRUCT_OFFSET (ZmqStreamClass, closed), NULL, NULL,
                    g_cclosure_marshal_VOID__BOXED, G_TYPE_NONE, 1, G_TYPE_ERROR);
  g_signal_set_va_marshaller (zmqglib_stream_signals[CLOSED], type, g_cclosure_marshal_VOID__BOXEDv);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "stream/zmqglib-stream-private.h"

/* The function that receives in the place of signal handlers. */

static void
warn_once (ZmqStreamCore *core,
           ZmqStream     *self)
{
  if (core->has_warned || !g_signal_has_handler_pending (self, zmqglib_stream_signals[RECEIVED], 0, TRUE))
    return;

  core->has_warned = TRUE;
  g_warning ("While a ZmqStream has a function that receives, its handlers of “received” are not called");
}

/* Returns what has to be freed when everything is consistent, or NULL. */
static ZmqReceiver *
exchange (ZmqStreamCore *core,
          ZmqReceiver   *receiver)
{
  ZmqReceiver *old = core->receiver;

  core->receiver = receiver;
  core->is_steady = receiver != NULL && receiver->wants == NULL;
  zmqglib_stream_core_changed (core);

  return old;
}

/* Takes the receiver over. Only the stream’s own thread takes the handlers’ place; whoever else does it for the program needs
 * the main context, be it for the moment only, and does not use the socket. */
static void
set_receiver (ZmqStream   *self,
              ZmqReceiver *receiver,
              gboolean     leaves_handlers)
{
  g_autoptr (ZmqStream) held G_GNUC_UNUSED = g_object_ref (self);
  ZmqStreamCore             *core = zmqglib_stream_get_core (self);
  ZmqReceiver               *old = NULL;
  ZmqEntry                   entry;
  gboolean                   is_own;

  entry = zmqglib_agenda_enter_own (core->agenda);
  is_own = core->socket == NULL || (leaves_handlers ? zmqglib_stream_core_is_own_thread (core, &entry) : entry.granted != NULL);
  if (is_own && !zmqglib_stream_is_closed (self))
    {
      if (receiver->func != NULL && leaves_handlers)
        warn_once (core, self);
      old = exchange (core, receiver->func != NULL ? g_steal_pointer (&receiver) : NULL);
    }
  zmqglib_entry_end (&entry);

  /* a socket that was closed is no thread's any more, and neither is its stream */
  if (!is_own && zmqglib_socket_core_check (core->socket) == 0)
    g_critical ("The receiving function of a ZmqStream was set by a thread that does not run its main context");
  g_clear_pointer (&old, zmqglib_receiver_release);
  g_clear_pointer (&receiver, zmqglib_receiver_release);
}

/*
 * zmqglib_stream_set_choosy_func:
 * @wants: whether to read a message
 *
 * As zmqglib_stream_set_receive_func(), without a warning, for a function that does not always want one: what it does not is left unread.
 * Whoever changes what it wants in another thread wakes the loop.
 */
void
zmqglib_stream_set_choosy_func (ZmqStream           *self,
                                ZmqStreamReceiveFunc func,
                                ZmqReceiverWantsFunc wants,
                                gpointer             data,
                                GDestroyNotify       destroy)
{
  set_receiver (self, zmqglib_receiver_new (func, wants, data, destroy), FALSE);
}

/*
 * zmqglib_stream_unset_choosy_func:
 * @data: what was given to zmqglib_stream_set_choosy_func()
 *
 * Takes that function away again, unless it was replaced: what somebody else has set stays. To be called by who owns the
 * main context, be it for the moment only: the socket is not used, and stays the thread's that has it.
 */
void
zmqglib_stream_unset_choosy_func (ZmqStream           *self,
                                  ZmqStreamReceiveFunc func,
                                  gpointer             data)
{
  ZmqStreamCore *core = zmqglib_stream_get_core (self);

  if (zmqglib_stream_is_closed (self) || core->receiver == NULL || core->receiver->func != func || core->receiver->data != data)
    return;

  zmqglib_receiver_release (exchange (core, NULL));
}

/**
 * ZmqStreamReceiveFunc:
 * @self: the stream
 * @message: the message, all of its frames
 * @user_data: what was given to [method@Zmq.Stream.set_receive_func]
 *
 * Is called for each message that comes in, in order. It may do anything, as handlers of
 * [signal@Zmq.Stream::received] may: send, close or drop the stream, set another function, run a nested
 * main loop.
 *
 * The message may be kept by taking a reference; without one its memory is used for the next.
 *
 * Since: 1.0
 */

/**
 * zmqglib_stream_set_receive_func:
 * @self: a stream
 * @func: (nullable) (scope notified) (closure user_data) (destroy destroy): what to call for each message, or %NULL
 *   for the signal again
 * @user_data: what to give to @func
 * @destroy: (nullable): called for @user_data when @func will not be called again
 *
 * Has a function called for each message that comes in, instead of handlers of
 * [signal@Zmq.Stream::received]: as fast as a loop around `zmq_msg_recv ()`, where an emission costs about
 * as much as all the rest.
 *
 * While it is set, neither handlers nor the class handler of the signal are called; setting it over handlers
 * warns once. Otherwise it is as a handler: the stream reads from its socket for as long as there is one,
 * [property@Zmq.Stream:paused] stops it, and [method@Zmq.Stream.flush] calls it. When it is replaced or taken
 * away from within itself, the next message is for what was set; with %NULL and no handler it
 * waits in the socket.
 *
 * The stream lets the function go when it is replaced, when the stream has been closed, before
 * [signal@Zmq.Stream::closed] is emitted, and when the last reference to the stream is dropped; not before it has
 * returned. A closed stream takes none. The function may keep the stream alive, for as long as that is open.
 *
 * To be called by the thread that runs the stream’s main context; any other one is told off with a critical
 * warning, and changes nothing.
 *
 * Since: 1.0
 */
void
zmqglib_stream_set_receive_func (ZmqStream           *self,
                                 ZmqStreamReceiveFunc func,
                                 gpointer             user_data,
                                 GDestroyNotify       destroy)
{
  g_return_if_fail (ZMQGLIB_IS_STREAM (self));

  set_receiver (self, zmqglib_receiver_new (func, NULL, user_data, destroy), TRUE);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "message/zmqglib-message-private.h"
#include "stream/zmqglib-stream-private.h"

/*
 * How a stream receives: an emission of ZmqStream::received a message, and no message read that
 * nobody hears.
 *
 * To ask GObject before each message whether there is a handler costs about as much as to receive
 * it. So when the last emission has called a single handler in C, which the marshaller here tells,
 * the next one is begun without a message. The marshaller then reads it, just before it calls the
 * handler, and if there is no handler any more, nothing is read. Any other kind and number of
 * handlers is asked for first.
 */

gboolean
zmqglib_stream_is_listening (ZmqStream *self)
{
  return ZMQGLIB_STREAM_GET_CLASS (self)->received != NULL ||
         g_signal_has_handler_pending (self, zmqglib_stream_signals[RECEIVED], 0, FALSE);
}

/* Not an error: nobody wants to have what there may be to read. */
#define NOBODY_LISTENS ECANCELED

static int
read_message (ZmqStream  *self,
              ZmqMessage *message)
{
  ZmqSocket *socket = zmqglib_stream_get_private (self)->socket;
  int        errnum = zmqglib_message_refill (message, socket->handle);

  /* others who watch the socket may have their turn in a nested loop */
  if (errnum == 0 && socket->watches.length > 1)
    zmqglib_socket_touch (socket);

  return errnum;
}

/* Reads the message of an emission that was begun without one. */
static gboolean
read_for_emission (ZmqStream  *self,
                   ZmqMessage *message)
{
  int errnum = message->reader->errnum = read_message (self, message);

  if (errnum == 0)
    message->reader = NULL;

  return errnum == 0;
}

/*
 * zmqglib_stream_marshal_received:
 *
 * Calls a handler in C when it is the only one. The message needs no reference of the handler's own,
 * as boxed arguments have elsewhere: who emits it holds it.
 */
void
zmqglib_stream_marshal_received (GClosure *closure,
                                 GValue   *return_value,
                                 gpointer  instance,
                                 va_list   args,
                                 gpointer  marshal_data,
                                 int       n_params,
                                 GType    *param_types)
{
  ZmqHandler  handler = zmqglib_handler_get (closure, marshal_data, instance);
  ZmqMessage *message;
  va_list     own_args;

  va_copy (own_args, args);
  message = va_arg (own_args, ZmqMessage *);
  va_end (own_args);

  zmqglib_stream_get_private (instance)->has_plain_handler = TRUE;
  if (message == NULL || message->reader == NULL || read_for_emission (instance, message))
    ((void (*) (gpointer, ZmqMessage *, gpointer)) handler.func) (handler.data1, message, handler.data2);
}

static void
mute (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  gulong            id;

  while ((id = g_signal_handler_find (self, G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_UNBLOCKED,
                                      zmqglib_stream_signals[RECEIVED], 0, NULL, NULL, NULL)) != 0)
    {
      g_signal_handler_block (self, id);
      priv->muted = g_slist_prepend (priv->muted, GSIZE_TO_POINTER (id));
    }
}

static void
unmute (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  g_autoptr (GSList) muted = g_steal_pointer (&priv->muted);

  for (GSList *l = muted; l != NULL; l = l->next)
    if (g_signal_handler_is_connected (self, GPOINTER_TO_SIZE (l->data)))
      g_signal_handler_unblock (self, GPOINTER_TO_SIZE (l->data));
}

/* The emission that was begun without a message turns out to have other handlers than a single one
 * in C, which only a handler of the message before can have brought about. They have to find a
 * message, or are not to be called. */
static void
on_message_wanted (ZmqMessage *message,
                   gpointer    owner)
{
  ZmqStream *self = owner;

  if (!zmqglib_stream_is_listening (self) || !read_for_emission (self, message))
    mute (self);
}

static int
emit_then_read (ZmqStream  *self,
                ZmqMessage *message)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  ZmqMessageReader  reader = { .read = on_message_wanted, .owner = self, .errnum = NOBODY_LISTENS };

  message->reader = &reader;
  g_signal_emit (self, zmqglib_stream_signals[RECEIVED], 0, message);
  message->reader = NULL;

  if (priv->muted != NULL)
    {
      unmute (self);
      return NOBODY_LISTENS;
    }

  return reader.errnum;
}

static int
read_then_emit (ZmqStream  *self,
                ZmqMessage *message)
{
  int errnum = read_message (self, message);

  if (errnum == 0)
    g_signal_emit (self, zmqglib_stream_signals[RECEIVED], 0, message);

  return errnum;
}

static int
read_if_heard (ZmqStream  *self,
               ZmqMessage *message)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);

  if (priv->has_plain_handler)
    {
      priv->has_plain_handler = FALSE;
      return emit_then_read (self, message);
    }

  return zmqglib_stream_is_listening (self) ? read_then_emit (self, message) : NOBODY_LISTENS;
}

/* Receives one message, and returns 0, or an error number. @reused is one that nobody has kept,
 * whose memory serves again, or NULL. */
static int
receive_one (ZmqStream   *self,
             ZmqMessage **reused,
             int (*read) (ZmqStream  *self,
                          ZmqMessage *message))
{
  ZmqMessage *message = *reused != NULL ? g_steal_pointer (reused) : zmqglib_message_new ();
  int         errnum = read (self, message);

  if (zmqglib_message_is_shared (message))
    zmqglib_message_unref (message);
  else
    *reused = message;

  return errnum;
}

/*
 * zmqglib_stream_receive:
 *
 * Receives for as long as there are messages, somebody listens, and the turn lasts.
 */
ZmqPollOutcome
zmqglib_stream_receive (ZmqStream *self,
                        ZmqSlice  *slice)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  g_autoptr (ZmqMessage) reused = NULL;
  ZmqTurn turn = zmqglib_turn_begin (slice, &priv->clock_interval);

  while (!priv->is_closed && !zmqglib_stream_is_dropped (self))
    {
      int errnum = receive_one (self, &reused, read_if_heard);

      if (errnum != 0)
        return errnum == EAGAIN ? ZMQGLIB_POLL_NO_INPUT : ZMQGLIB_POLL_UNKNOWN;
      if (zmqglib_turn_is_over (&turn))
        return ZMQGLIB_POLL_HAS_INPUT;
    }

  return ZMQGLIB_POLL_UNKNOWN;
}

/* What flush() may read: anything when nobody listened in the first place; else a handler that stops
 * to listen pauses the stream here, too. */
static gboolean
may_flush_input (ZmqStream *self,
                 gboolean   heard)
{
  return !zmqglib_stream_get_private (self)->is_closed && !zmqglib_stream_is_dropped (self) &&
         (!heard || zmqglib_stream_is_listening (self));
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
 * cleared. A handler that disconnects or blocks itself meanwhile ends that reading, so that nothing
 * is lost. Without a limit it goes on for as long as something is pending, which may be for ever
 * when a peer sends faster than the handler works.
 *
 * Returns: how many messages were handled
 */
guint
zmqglib_stream_flush (ZmqStream   *self,
                      GIOCondition condition,
                      guint        limit)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  g_autoptr (ZmqMessage) reused = NULL;
  gboolean heard;
  guint    n_handled = 0;
  guint    n_before;

  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), 0);

  if (limit == 0)
    limit = G_MAXUINT;

  g_object_ref (self);
  heard = zmqglib_stream_is_listening (self);
  if (condition & G_IO_OUT)
    zmqglib_stream_take_inbox (self);
  do
    {
      n_before = n_handled;

      if ((condition & G_IO_OUT) && !priv->is_closed &&
          zmqglib_stream_send_one (self))
        n_handled++;

      if ((condition & G_IO_IN) && n_handled < limit && may_flush_input (self, heard) &&
          receive_one (self, &reused, read_then_emit) == 0)
        n_handled++;
    }
  while (n_handled > n_before && n_handled < limit && !zmqglib_stream_is_dropped (self));

  zmqglib_socket_touch (priv->socket);
  g_object_unref (self);

  return n_handled;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-debug-private.h"
#include "stream/zmqglib-stream-private.h"

static gboolean
is_heard (ZmqStreamCore *core)
{
  return zmqglib_stream_core_is_awaited (core) || zmqglib_stream_is_listening (core);
}

/* What may be read: anything when nobody listened, or waited, in the first place; else a handler that stops to listen
 * pauses the stream here, too. */
static gboolean
may_receive (ZmqStreamCore *core,
             ZmqStream     *self,
             gboolean       heard)
{
  return zmqglib_stream_core_is_open (core) && !zmqglib_stream_is_dropped (self) &&
         (!heard || is_heard (core));
}

static gboolean
send_one (ZmqStreamCore *core,
          ZmqStream     *self)
{
  gboolean handed_over = FALSE;

  if (core->queue.done.length == 0)
    {
      handed_over = zmqglib_stream_hand_over (core, 1) > 0;
      zmqglib_stream_core_notify (core, self);
    }

  /* nobody may want to hear of what was handed over */
  return zmqglib_stream_report_sent (core, self) || handed_over;
}

/* Returns whether there was a message, be it one that was rejected. */
static gboolean
receive_whole (ZmqStreamCore *core,
               ZmqStream     *self,
               ZmqMessage   **reused)
{
  int errnum;

  do
    errnum = zmqglib_stream_core_is_awaited (core) ? zmqglib_stream_receive_awaited (core, self, reused)
                                                   : zmqglib_stream_receive_one (core, self, reused, FALSE);
  while (errnum == ZMQGLIB_EPARTIAL);

  return errnum == 0 || errnum == ZMQGLIB_EREJECTED;
}

static guint
flush (ZmqStreamCore *core,
       ZmqStream     *self,
       GIOCondition   condition,
       guint          limit)
{
  g_autoptr (ZmqMessage) reused = NULL;
  gboolean heard = is_heard (core);
  guint    n_handled = 0;
  guint    n_received = 0;
  guint    n_before;

  if (condition & G_IO_OUT)
    zmqglib_stream_take_inbox (core);
  do
    {
      n_before = n_handled;

      if ((condition & G_IO_OUT) && zmqglib_stream_core_is_open (core) && send_one (core, self))
        n_handled++;

      if ((condition & G_IO_IN) && n_handled < limit && may_receive (core, self, heard) &&
          receive_whole (core, self, &reused))
        {
          n_handled++;
          n_received++;
        }
    }
  while (n_handled > n_before && n_handled < limit && !zmqglib_stream_is_dropped (self));

  zmqglib_stream_core_changed (core);
  zmqglib_socket_core_touch (core->socket, zmqglib_stream_core_get_watch (core));
  if (!heard && n_received > 0)
    zmqglib_debug ("%p: Messages that nobody listened to, and dropped: %u", (gpointer) core->socket, n_received);

  return n_handled;
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
 * cleared. Those who wait by [method@Zmq.Stream.receive_async] come first, and are told from the main loop. A
 * handler that disconnects or blocks itself meanwhile ends that reading, and so does the end of waiting where
 * there is no handler, so that nothing is lost. Without a limit it goes on for as long as something is pending, which may be for ever
 * when a peer sends faster than the handler works.
 *
 * To be called by the thread that runs the stream’s main context; any other one handles nothing.
 *
 * Returns: how many messages were handled
 *
 * Since: 1.0
 */
guint
zmqglib_stream_flush (ZmqStream   *self,
                      GIOCondition condition,
                      guint        limit)
{
  ZmqStreamCore *core;
  guint          n_handled = 0;

  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), 0);

  core = zmqglib_stream_core_ref (zmqglib_stream_get_core (self));
  g_object_ref (self);
  {
    g_auto (ZmqEntry) entry = zmqglib_agenda_enter_own (core->agenda);

    if (core->socket != NULL && zmqglib_stream_core_is_own_thread (core, &entry))
      n_handled = flush (core, self, condition, limit > 0 ? limit : G_MAXUINT);
  }
  g_object_unref (self);
  zmqglib_stream_core_unref (core);

  return n_handled;
}

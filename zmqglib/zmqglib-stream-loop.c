/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "zmqglib-error-private.h"
#include "zmqglib-i18n-private.h"
#include "zmqglib-message-private.h"
#include "zmqglib-stream-private.h"

/* What a stream does when its loop lets it: receive, send, and report. */

/* What a stream may do in one turn before the next one has its turn. */
#define SHARE 64

/* How long a send waits that libzmq refused although it had called the socket writable. Of all
 * types only a mandatory ROUTER does so, when one of many peers is full, and it gives no signal when
 * that peer may be written to again. */
#define RETRY_MS 5

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
         g_signal_has_handler_pending (self, zmqglib_stream_signals[RECEIVED], 0, FALSE);
}

static gboolean
has_own_work (ZmqStreamPrivate *priv)
{
  return priv->queue.n_done > 0 ||
         ((priv->was_queued || priv->drains.head != NULL) && priv->queue.n_waiting == 0);
}

static gboolean
on_retry (gpointer data)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (data);

  g_clear_pointer (&priv->retry, g_source_unref);
  if (priv->item != NULL)
    zmqglib_poll_item_changed (priv->item);

  return G_SOURCE_REMOVE;
}

static void
retry_later (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);

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
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
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
  zmqglib_stream_notify_n_queued (self);

  return TRUE;
}

/* Reports the first message that is done. */
static gboolean
report_sent (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_stream_queue_pop_done (&priv->queue, &error);

  if (message == NULL)
    return FALSE;

  g_signal_emit (self, zmqglib_stream_signals[SENT], 0, message, error);

  return TRUE;
}

static void
report_drained (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);

  if (priv->queue.n_done > 0 || priv->queue.n_waiting > 0)
    return;

  zmqglib_stream_end_drains (priv, NULL);
  if (priv->was_queued)
    {
      priv->was_queued = FALSE;
      g_signal_emit (self, zmqglib_stream_signals[DRAINED], 0);
    }
}

/* Receives one message and emits it. @reused, a message that nobody has kept, is one's to free. */
static gboolean
receive_one (ZmqStream   *self,
             ZmqMessage **reused)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  int               errnum;
  ZmqMessage       *message =
      zmqglib_message_receive (g_steal_pointer (reused), priv->socket->handle, &errnum);

  if (message == NULL)
    return FALSE;

  /* others who watch the socket may have their turn in a nested loop */
  if (priv->socket->watches.length > 1)
    zmqglib_socket_touch (priv->socket);

  g_signal_emit (self, zmqglib_stream_signals[RECEIVED], 0, message);

  if (zmqglib_message_is_shared (message))
    zmqglib_message_unref (message);
  else
    *reused = message;

  return TRUE;
}

/* Whether nobody but the turn itself holds the stream any more: its handlers are not to be called
 * again, and what is left to receive is somebody else’s. */
static gboolean
is_dropped (ZmqStream *self)
{
  return g_atomic_int_get (&G_OBJECT (self)->ref_count) == 1;
}

static void
serve_output (ZmqStream   *self,
              GIOCondition ready,
              gint64       deadline)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  Turn              turn = turn_begin (deadline);

  if (ready & G_IO_OUT)
    {
      guint n_sent = 0;

      while (n_sent < SHARE && hand_over (self))
        n_sent++;
      if (n_sent == 0 && priv->queue.n_waiting > 0)
        retry_later (self);
    }

  while (report_sent (self) && !is_dropped (self) && !turn_is_over (&turn))
    ;
  if (!priv->is_closed && !is_dropped (self))
    report_drained (self);
}

static void
serve_input (ZmqStream *self,
             gint64     deadline)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  g_autoptr (ZmqMessage) reused = NULL;
  Turn turn = turn_begin (deadline);

  while (!priv->is_closed && !is_dropped (self) && is_listening (self) &&
         receive_one (self, &reused) && !turn_is_over (&turn))
    ;
}

/* Emits what is left to say after the stream was closed. */
static void
report_closed (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  g_autoptr (GError) error = g_steal_pointer (&priv->close_error);

  while (report_sent (self))
    ;
  g_signal_emit (self, zmqglib_stream_signals[CLOSED], 0, error);
}

static gboolean
on_report_closed (gpointer data)
{
  report_closed (data);

  return G_SOURCE_REMOVE;
}

void
zmqglib_stream_leave_loop (ZmqStreamPrivate *priv)
{
  cancel_retry (priv);
  g_clear_pointer (&priv->item, zmqglib_poll_item_remove);
  g_clear_pointer (&priv->set, zmqglib_poll_set_release_shared);
}

/* Closes the stream, but for the signals. @queue_error is what becomes of the messages that still wait. */
void
zmqglib_stream_shut (ZmqStream    *self,
                     const GError *queue_error,
                     GError       *close_error)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  guint             n_waiting = priv->queue.n_waiting;

  priv->is_closed = TRUE;
  priv->was_queued = FALSE;
  priv->close_error = close_error;

  zmqglib_stream_leave_loop (priv);
  while (priv->queue.n_waiting > 0)
    zmqglib_stream_queue_mark_done (&priv->queue, queue_error);
  zmqglib_stream_end_drains (priv, queue_error);

  if (n_waiting > 0)
    zmqglib_stream_notify_n_queued (self);
}

/* The socket is no more. */
static void
die (ZmqStream *self,
     int        errnum)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  GError           *error = NULL;

  zmqglib_error_set (&error, errnum, _ ("The stream of a “%s” socket was closed"),
                     zmqglib_socket_get_type_nick (priv->socket));
  zmqglib_stream_shut (self, error, error);

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
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
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
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);

  if (errnum != 0)
    {
      die (self, errnum);
      return;
    }

  zmqglib_socket_claim (priv->socket);
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

void
zmqglib_stream_enter_loop (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);

  zmqglib_socket_claim (priv->socket);
  priv->set = zmqglib_poll_set_acquire_shared (priv->context, priv->priority);
  priv->item = zmqglib_poll_set_add_socket (priv->set, priv->socket, TRUE, &item_funcs, self);
}

void
zmqglib_stream_report_closed_later (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, priv->priority);
  g_source_set_callback (source, on_report_closed, g_object_ref (self), g_object_unref);
  g_source_set_static_name (source, "[zmqglib] stream closed");
  g_source_attach (source, priv->context);
}

/* What flush() may read: anything when nobody listened in the first place; else a handler that stops
 * to listen pauses the stream here, too. */
static gboolean
may_flush_input (ZmqStream *self,
                 gboolean   heard)
{
  return !zmqglib_stream_get_private (self)->is_closed && !is_dropped (self) &&
         (!heard || is_listening (self));
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
  heard = is_listening (self);
  do
    {
      n_before = n_handled;

      if ((condition & G_IO_OUT) && !priv->is_closed &&
          (priv->queue.n_done > 0 || hand_over (self)) && report_sent (self))
        n_handled++;

      if ((condition & G_IO_IN) && n_handled < limit && may_flush_input (self, heard) &&
          receive_one (self, &reused))
        n_handled++;
    }
  while (n_handled > n_before && n_handled < limit && !is_dropped (self));

  zmqglib_socket_touch (priv->socket);
  g_object_unref (self);

  return n_handled;
}

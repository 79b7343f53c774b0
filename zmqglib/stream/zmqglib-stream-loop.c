/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "message/zmqglib-message-private.h"
#include "stream/zmqglib-stream-private.h"

/* What a stream does when its loop lets it: receive, send, and report. */

/* How long a send waits that libzmq refused although it had called the socket writable. Of all
 * types only a mandatory ROUTER does so, when one of many peers is full, and it gives no signal when
 * that peer may be written to again. */
#define RETRY_MS 5

static gboolean
has_own_work (ZmqStreamPrivate *priv)
{
  return priv->queue.done.length > 0 ||
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

  return TRUE;
}

/* Hands messages over for as long as libzmq takes them. */
static guint
hand_over_some (ZmqStream *self,
                guint      limit)
{
  guint n_sent = 0;

  while (n_sent < limit && hand_over (self))
    n_sent++;

  if (n_sent > 0)
    zmqglib_stream_notify_n_queued (self);

  return n_sent;
}

/*
 * zmqglib_stream_marshal_sent:
 *
 * Calls a handler in C when it is the only one, without copies: who emits it holds the arguments.
 */
void
zmqglib_stream_marshal_sent (GClosure *closure,
                             GValue   *return_value,
                             gpointer  instance,
                             va_list   args,
                             gpointer  marshal_data,
                             int       n_params,
                             GType    *param_types)
{
  ZmqHandler  handler = zmqglib_handler_get (closure, marshal_data, instance);
  ZmqMessage *message;
  GError     *error;
  va_list     own_args;

  va_copy (own_args, args);
  message = va_arg (own_args, ZmqMessage *);
  error = va_arg (own_args, GError *);
  va_end (own_args);

  ((void (*) (gpointer, ZmqMessage *, GError *, gpointer)) handler.func) (handler.data1, message, error, handler.data2);
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

/*
 * zmqglib_stream_send_one:
 *
 * Hands over a message unless one is already done, and reports it.
 *
 * Returns: whether there was one
 */
gboolean
zmqglib_stream_send_one (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);

  return (priv->queue.done.length > 0 || hand_over_some (self, 1) > 0) && report_sent (self);
}

static void
report_drained (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);

  if (priv->queue.done.length > 0 || priv->queue.n_waiting > 0 || !zmqglib_inbox_is_empty (&priv->inbox))
    return;

  zmqglib_stream_end_drains (priv, NULL);
  if (priv->was_queued)
    {
      priv->was_queued = FALSE;
      g_signal_emit (self, zmqglib_stream_signals[DRAINED], 0);
    }
}

static void
serve_output (ZmqStream   *self,
              GIOCondition ready,
              ZmqSlice    *slice)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  ZmqTurn           turn = zmqglib_turn_begin (slice, &priv->clock_interval);

  if ((ready & G_IO_OUT) && hand_over_some (self, ZMQGLIB_TURN_SHARE) == 0 &&
      priv->queue.n_waiting > 0)
    retry_later (self);

  while (report_sent (self) && !zmqglib_stream_is_dropped (self) && !zmqglib_turn_is_over (&turn))
    ;
  if (!priv->is_closed && !zmqglib_stream_is_dropped (self))
    report_drained (self);
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
  guint             n_waiting;

  zmqglib_stream_close_inbox (priv);
  n_waiting = priv->queue.n_waiting;
  priv->is_closed = TRUE;
  priv->was_queued = FALSE;
  priv->close_error = close_error;

  while (priv->queue.n_waiting > 0)
    zmqglib_stream_queue_mark_done (&priv->queue, queue_error);
  zmqglib_stream_leave_loop (priv);
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
zmqglib_stream_get_wanted (ZmqPollItem *item,
                           GIOCondition among)
{
  ZmqStream        *self = item->owner;
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  GIOCondition      wanted = 0;

  /* a plain handler is likely to be there still, and the emission will show it */
  if ((among & G_IO_IN) && (priv->has_plain_handler || zmqglib_stream_is_listening (self)))
    wanted |= G_IO_IN;
  if (priv->queue.n_waiting > 0 && priv->retry == NULL)
    wanted |= G_IO_OUT;
  if (has_own_work (priv))
    wanted |= ZMQGLIB_POLL_WORK;

  return wanted & among;
}

static ZmqPollOutcome
zmqglib_stream_serve (ZmqPollItem *item,
                      GIOCondition ready,
                      int          errnum,
                      ZmqSlice    *slice)
{
  g_autoptr (ZmqStream) self = g_object_ref (item->owner);
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  ZmqPollOutcome    outcome = ready & G_IO_OUT ? ZMQGLIB_POLL_UNKNOWN : ZMQGLIB_POLL_UNCHANGED;

  if (errnum != 0)
    {
      die (self, errnum);
      return ZMQGLIB_POLL_UNKNOWN;
    }

  zmqglib_socket_claim (priv->socket);
  if (ready & (G_IO_OUT | ZMQGLIB_POLL_WORK))
    serve_output (self, ready, slice);
  if (ready & G_IO_IN)
    outcome = zmqglib_stream_receive (self, slice);

  /* others who watch the socket */
  if (outcome != ZMQGLIB_POLL_UNCHANGED && priv->socket->watches.length > 1)
    zmqglib_socket_touch (priv->socket);

  return outcome;
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

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "message/zmqglib-message-private.h"
#include "stream/zmqglib-stream-private.h"

static void
set_closed_error (GError    **error,
                  const char *what)
{
  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED, _ ("%s: %s"), what,
               _ ("The stream is closed"));
}

static void
set_full_error (GError          **error,
                ZmqStreamPrivate *priv)
{
  guint limit = g_atomic_int_get (&priv->send_limit);

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_QUEUE_FULL,
               ngettext ("Could not send through a “%s” socket: The queue’s limit of %u message is reached",
                         "Could not send through a “%s” socket: The queue’s limit of %u messages is reached",
                         limit),
               zmqglib_socket_get_type_nick (priv->socket), limit);
}

/* Tries to send a message that has none before it. A refusal for now is no error. */
static int
send_at_once (ZmqStreamPrivate *priv,
              ZmqMessage       *message)
{
  int errnum;

  if (priv->queue.n_waiting > 0)
    return EAGAIN;

  errnum = zmqglib_message_send (message, priv->socket->handle);
  zmqglib_socket_touch (priv->socket);

  return errnum == EFSM ? EAGAIN : errnum;
}

static void
on_expired (ZmqExpiry *expiry,
            gboolean   cancelled)
{
  ZmqMessageExpiry *message_expiry = (ZmqMessageExpiry *) expiry;
  ZmqStream        *self = message_expiry->owner;
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  g_autoptr (GError) error = NULL;

  if (cancelled)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                         _ ("The sending of a queued message was cancelled"));
  else
    g_set_error (&error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN,
                 _ ("Could not send a queued message through a “%s” socket: The time is up"),
                 zmqglib_socket_get_type_nick (priv->socket));

  zmqglib_stream_queue_drop (&priv->queue, message_expiry, error);
  zmqglib_poll_item_changed (priv->item);
  zmqglib_stream_notify_n_queued (self);
}

/*
 * zmqglib_stream_limit_last:
 *
 * Says how long the message that was queued last may wait.
 */
void
zmqglib_stream_limit_last (ZmqStream    *self,
                           gint64        deadline,
                           GCancellable *cancellable)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);

  if (deadline < 0 && cancellable == NULL)
    return;

  zmqglib_poll_set_begin_expiry (priv->set, &zmqglib_stream_queue_limit_last (&priv->queue, self)->expiry,
                                 deadline, cancellable, on_expired);
}

/* Sends from the stream's thread. */
static gboolean
send_here (ZmqStream    *self,
           ZmqMessage   *message,
           gint64        timeout_us,
           GCancellable *cancellable,
           GError      **error)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  int               errnum;

  if (priv->is_closed)
    {
      set_closed_error (error, _ ("Could not send"));
      return FALSE;
    }

  /* what this very thread may have sent when it was not the stream's */
  zmqglib_stream_take_inbox (self);

  errnum = send_at_once (priv, message);

  if (errnum == 0)
    {
      zmqglib_stream_queue_push_done (&priv->queue, message);
      return TRUE;
    }

  if (errnum != EAGAIN)
    {
      zmqglib_error_set (error, errnum, _ ("Could not send through a “%s” socket"),
                         zmqglib_socket_get_type_nick (priv->socket));
      return FALSE;
    }

  if (priv->send_limit > 0 && priv->queue.n_waiting >= priv->send_limit)
    {
      set_full_error (error, priv);
      return FALSE;
    }

  zmqglib_stream_queue_push_waiting (&priv->queue, message);
  zmqglib_stream_limit_last (self, zmqglib_deadline_after (timeout_us), cancellable);
  priv->was_queued = TRUE;
  zmqglib_poll_item_changed (priv->item);
  zmqglib_stream_notify_n_queued (self);

  return TRUE;
}

/* Sends from another thread. */
static gboolean
send_from_elsewhere (ZmqStream    *self,
                     ZmqMessage   *message,
                     gint64        timeout_us,
                     GCancellable *cancellable,
                     GError      **error)
{
  switch (zmqglib_stream_post (self, message, zmqglib_deadline_after (timeout_us), cancellable))
    {
    case ZMQGLIB_POST_FULL:
      set_full_error (error, zmqglib_stream_get_private (self));
      return FALSE;
    case ZMQGLIB_POST_CLOSED:
      set_closed_error (error, _ ("Could not send"));
      return FALSE;
    default:
      return TRUE;
    }
}

static gboolean
stream_send (ZmqStream    *self,
             ZmqMessage   *message,
             gint64        timeout_us,
             GCancellable *cancellable,
             GError      **error)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  gboolean          acquired;
  gboolean          taken;

  if (message->n_frames == 0)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                   _ ("Could not send through a “%s” socket: The message has no frame"),
                   zmqglib_socket_get_type_nick (priv->socket));
      return FALSE;
    }

  if (!zmqglib_stream_acquire_thread (priv, &acquired))
    return send_from_elsewhere (self, message, timeout_us, cancellable, error);

  taken = send_here (self, message, timeout_us, cancellable, error);
  if (acquired)
    g_main_context_release (priv->context);

  return taken;
}

/**
 * zmqglib_stream_send:
 * @self: a stream
 * @message: a message of at least one frame
 * @error: return location for an error
 *
 * Sends a message, all of its frames, without blocking.
 *
 * With nothing queued before it, it is handed to libzmq at once. When the socket cannot send now,
 * because its high-water mark is reached, it has no peer, or it is not its turn, the message waits
 * in the queue, in order, and must not be changed in the meantime.
 *
 * May be called from any thread. In another thread than the stream's, the message always waits in
 * the queue until the stream's main context has its turn; the messages of each thread keep their
 * order.
 *
 * [signal@Zmq.Stream::sent] is emitted later, from the main loop, for each message that was taken.
 *
 * Fails with %ZMQGLIB_ERROR_CLOSED when the stream is closed, %ZMQGLIB_ERROR_QUEUE_FULL when
 * [property@Zmq.Stream:send-limit] messages are waiting, and at once with what libzmq refuses for
 * good, such as %ZMQGLIB_ERROR_NOT_SUPPORTED when the type of the socket cannot send; from another
 * thread, that is what [signal@Zmq.Stream::sent] tells.
 *
 * Returns: %TRUE when the message was taken, %FALSE with @error set otherwise
 */
gboolean
zmqglib_stream_send (ZmqStream  *self,
                     ZmqMessage *message,
                     GError    **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), FALSE);
  g_return_val_if_fail (message != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return stream_send (self, message, -1, NULL, error);
}

/**
 * zmqglib_stream_send_full:
 * @self: a stream
 * @message: a message of at least one frame
 * @timeout_us: how long the message may wait in the queue, in microseconds, or -1 for as long as it
 *   takes
 * @cancellable: (nullable): a cancellable that takes the message off the queue
 * @error: return location for an error
 *
 * As [method@Zmq.Stream.send], for a message that is not wanted for ever, as a request that an
 * absent server never takes.
 *
 * When the time is up or @cancellable is cancelled, and the message still waits in the queue, it is
 * dropped: [signal@Zmq.Stream::sent] is emitted for it, without waiting for those before it, with
 * %ZMQGLIB_ERROR_AGAIN or `G_IO_ERROR_CANCELLED`. A message that libzmq has taken stays sent.
 *
 * Fails as [method@Zmq.Stream.send] does, and with `G_IO_ERROR_CANCELLED` when @cancellable was
 * cancelled before.
 *
 * Returns: %TRUE when the message was taken, %FALSE with @error set otherwise
 */
gboolean
zmqglib_stream_send_full (ZmqStream    *self,
                          ZmqMessage   *message,
                          gint64        timeout_us,
                          GCancellable *cancellable,
                          GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), FALSE);
  g_return_val_if_fail (message != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  return stream_send (self, message, timeout_us, cancellable, error);
}

/**
 * zmqglib_stream_send_bytes:
 * @self: a stream
 * @bytes: the bytes of the only frame
 * @error: return location for an error
 *
 * Sends a message of one frame, as [method@Zmq.Stream.send] does.
 *
 * Returns: %TRUE when the message was taken, %FALSE with @error set otherwise
 */
gboolean
zmqglib_stream_send_bytes (ZmqStream *self,
                           GBytes    *bytes,
                           GError   **error)
{
  g_autoptr (ZmqMessage) message = NULL;

  g_return_val_if_fail (bytes != NULL, FALSE);

  message = zmqglib_message_new_from_bytes (bytes);

  return zmqglib_stream_send (self, message, error);
}

/**
 * zmqglib_stream_send_string:
 * @self: a stream
 * @string: the text of the only frame
 * @error: return location for an error
 *
 * Sends a message of one frame, as [method@Zmq.Stream.send] does. The terminating NUL is not sent.
 *
 * Returns: %TRUE when the message was taken, %FALSE with @error set otherwise
 */
gboolean
zmqglib_stream_send_string (ZmqStream  *self,
                            const char *string,
                            GError    **error)
{
  g_autoptr (ZmqMessage) message = NULL;

  g_return_val_if_fail (string != NULL, FALSE);

  message = zmqglib_message_new_from_string (string);

  return zmqglib_stream_send (self, message, error);
}

/**
 * zmqglib_stream_discard:
 * @self: a stream
 *
 * Drops the messages that still wait in the queue. [signal@Zmq.Stream::sent] is emitted for each of
 * them, later, with `G_IO_ERROR_CANCELLED`.
 *
 * Returns: how many were dropped
 */
guint
zmqglib_stream_discard (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  g_autoptr (GError) error = NULL;
  guint n_dropped;

  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), 0);

  zmqglib_stream_take_inbox (self);
  n_dropped = priv->queue.n_waiting;
  if (n_dropped == 0)
    return 0;

  g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                       _ ("The queued message was discarded"));
  while (priv->queue.n_waiting > 0)
    zmqglib_stream_queue_mark_done (&priv->queue, error);

  zmqglib_poll_item_changed (priv->item);
  zmqglib_stream_notify_n_queued (self);

  return n_dropped;
}

/* Takes over a task that is not in the list any more. */
void
zmqglib_stream_end_drain (GTask        *task,
                          const GError *error)
{
  GSource *cancelled = g_task_get_task_data (task);

  if (cancelled != NULL)
    g_source_destroy (cancelled);

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);

  g_object_unref (task);
}

void
zmqglib_stream_end_drains (ZmqStreamPrivate *priv,
                           const GError     *error)
{
  GTask *task;

  while ((task = g_queue_pop_head (&priv->drains)) != NULL)
    zmqglib_stream_end_drain (task, error);
}

static gboolean
on_drain_cancelled (GCancellable *cancellable,
                    gpointer      data)
{
  GTask            *task = data;
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (g_task_get_source_object (task));
  g_autoptr (GError) error = NULL;

  g_cancellable_set_error_if_cancelled (cancellable, &error);
  if (g_queue_remove (&priv->drains, task))
    zmqglib_stream_end_drain (task, error);

  return G_SOURCE_REMOVE;
}

static void
watch_cancellation (GTask *task)
{
  GSource *source;

  if (g_task_get_cancellable (task) == NULL)
    return;

  source = g_cancellable_source_new (g_task_get_cancellable (task));
  g_task_set_task_data (task, source, (GDestroyNotify) g_source_unref);
  g_task_attach_source (task, source, (GSourceFunc) (void (*) (void)) on_drain_cancelled);
}

/**
 * zmqglib_stream_drain_async:
 * @self: a stream
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the queue is empty
 * @user_data: data for @callback
 *
 * Waits until no message is queued any more, and all have been reported by
 * [signal@Zmq.Stream::sent].
 */
void
zmqglib_stream_drain_async (ZmqStream          *self,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (ZMQGLIB_IS_STREAM (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, zmqglib_stream_drain_async);

  if (priv->is_closed)
    {
      set_closed_error (&error, _ ("Could not drain"));
      g_task_return_error (task, error);
      return;
    }

  if (g_task_return_error_if_cancelled (task))
    return;

  watch_cancellation (task);
  g_queue_push_tail (&priv->drains, g_steal_pointer (&task));
  zmqglib_poll_item_changed (priv->item);
}

/**
 * zmqglib_stream_drain_finish:
 * @self: a stream
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Ends an operation begun with [method@Zmq.Stream.drain_async].
 *
 * Fails with %ZMQGLIB_ERROR_CLOSED or %ZMQGLIB_ERROR_TERMINATED when the stream was closed
 * before, and with `G_IO_ERROR_CANCELLED`.
 *
 * Returns: %TRUE when the queue has become empty, %FALSE with @error set otherwise
 */
gboolean
zmqglib_stream_drain_finish (ZmqStream    *self,
                             GAsyncResult *result,
                             GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "stream/zmqglib-stream-private.h"

/* How other threads send: they put messages into the stream's inbox, and tell its main context. */

/*
 * zmqglib_stream_acquire_thread:
 * @acquired: (out): whether the main context is to be released afterwards
 *
 * Whether the calling thread has the stream: it is dispatching in the stream's main context, or it was
 * the last to use the stream and nobody runs the main context now.
 */
gboolean
zmqglib_stream_acquire_thread (ZmqStreamPrivate *priv,
                               gboolean         *acquired)
{
  GSource *current = g_main_current_source ();

  *acquired = FALSE;
  if (current != NULL && g_source_get_context (current) == priv->context)
    return TRUE;

  *acquired = g_atomic_pointer_get (&priv->socket->record.thread) == g_thread_self () &&
              g_main_context_acquire (priv->context);

  return *acquired;
}

static void
queue_letter (ZmqStream *self,
              ZmqLetter *letter)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);

  zmqglib_stream_queue_push_waiting (&priv->queue, letter->message);
  zmqglib_stream_limit_last (self, letter->deadline, letter->cancellable);
  zmqglib_letter_free (letter);
}

/*
 * zmqglib_stream_take_inbox:
 *
 * Queues what other threads have sent.
 */
void
zmqglib_stream_take_inbox (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  ZmqLetter        *letter;
  ZmqLetter        *next;

  if (priv->is_closed || zmqglib_inbox_is_empty (&priv->inbox))
    return;

  letter = zmqglib_inbox_take (&priv->inbox);
  if (letter == NULL)
    return;

  for (; letter != NULL; letter = next)
    {
      next = letter->next;
      queue_letter (self, letter);
    }

  priv->was_queued = TRUE;
  zmqglib_poll_item_changed (priv->item);
  zmqglib_stream_notify_n_queued (self);
}

/*
 * zmqglib_stream_close_inbox:
 *
 * Queues what other threads have sent so far, and refuses what they will send.
 */
void
zmqglib_stream_close_inbox (ZmqStreamPrivate *priv)
{
  ZmqLetter *letter = zmqglib_inbox_close (&priv->inbox);
  ZmqLetter *next;

  for (; letter != NULL; letter = next)
    {
      next = letter->next;
      zmqglib_stream_queue_push_waiting (&priv->queue, letter->message);
      zmqglib_letter_free (letter);
    }
}

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static gboolean
on_posted (gpointer data)
{
  g_autoptr (ZmqStream) self = g_weak_ref_get (data);

  if (self != NULL)
    zmqglib_stream_take_inbox (self);

  return G_SOURCE_REMOVE;
}

/* Lets the stream's thread take its inbox. A stream that was dropped stays so: what is left in its
 * queue is dropped, too. */
static void
tell_thread (ZmqStream *self)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  g_autoptr (GSource) source = g_idle_source_new ();
  GWeakRef *weak_ref = g_new (GWeakRef, 1);

  g_weak_ref_init (weak_ref, self);
  g_source_set_priority (source, priv->priority);
  g_source_set_callback (source, on_posted, weak_ref, weak_ref_free);
  g_source_set_static_name (source, "[zmqglib] stream inbox");
  g_source_attach (source, priv->context);
}

/*
 * zmqglib_stream_post:
 *
 * Sends a message from another thread than the stream's.
 *
 * Returns: what became of it
 */
ZmqPostResult
zmqglib_stream_post (ZmqStream    *self,
                     ZmqMessage   *message,
                     gint64        deadline,
                     GCancellable *cancellable)
{
  ZmqStreamPrivate *priv = zmqglib_stream_get_private (self);
  guint             limit = g_atomic_int_get (&priv->send_limit);
  guint             n_waiting = g_atomic_int_get (&priv->queue.n_waiting);
  ZmqPostResult     result;

  if (limit == 0)
    limit = G_MAXINT;

  result = zmqglib_inbox_post (&priv->inbox, message, deadline, cancellable,
                               limit > n_waiting ? limit - n_waiting : 0);
  if (result == ZMQGLIB_POSTED_FIRST)
    tell_thread (self);

  return result;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "stream/zmqglib-stream-private.h"

/*
 * A stream is two things: an object, which anybody may drop at any time in any thread, and a core,
 * which is what its main loop has. The core finds the object through a weak reference, which it makes
 * a strong one before it calls anybody; the object tells the core when nobody is left.
 */

int         zmqglib_stream_private_offset;
guint       zmqglib_stream_signals[N_SIGNALS];
GParamSpec *zmqglib_stream_properties[N_PROPS];

/*
 * zmqglib_stream_core_new:
 *
 * Returns: (transfer full): a core that has yet to be given its socket and agenda
 */
ZmqStreamCore *
zmqglib_stream_core_new (ZmqStream *front)
{
  ZmqStreamCore *self = g_new0 (ZmqStreamCore, 1);

  self->ref_count = 1;
  g_weak_ref_init (&self->front, front);
  zmqglib_lock_init (&self->lock);
  self->listener = front;

  return self;
}

ZmqStreamCore *
zmqglib_stream_core_ref (ZmqStreamCore *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
zmqglib_stream_core_unref (ZmqStreamCore *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_clear_pointer (&self->receiver, zmqglib_receiver_release);
  g_free (self->waits);
  zmqglib_stream_queue_clear (&self->queue);
  g_clear_error (&self->queue_error);
  g_clear_error (&self->close_error);
  g_clear_pointer (&self->agenda, zmqglib_agenda_release);
  g_clear_pointer (&self->socket, zmqglib_socket_core_unref);
  g_weak_ref_clear (&self->front);
  zmqglib_lock_clear (&self->lock);
  g_free (self);
}

/*
 * zmqglib_stream_core_upgrade:
 *
 * Returns: (nullable) (transfer full): the stream, unless nobody has it any more
 */
ZmqStream *
zmqglib_stream_core_upgrade (ZmqStreamCore *self)
{
  if (self->keeper != NULL)
    return g_object_ref (self->keeper);

  return g_weak_ref_get (&self->front);
}

/*
 * zmqglib_stream_core_has_handler:
 *
 * Whether a signal has a handler that is not blocked. The stream need not be upgraded for that.
 */
gboolean
zmqglib_stream_core_has_handler (ZmqStreamCore *self,
                                 guint          signal)
{
  gboolean has_handler;

  zmqglib_lock_take (&self->lock);
  has_handler = self->listener != NULL && g_signal_has_handler_pending (self->listener, signal, 0, FALSE);
  zmqglib_lock_give (&self->lock);

  return has_handler;
}

/*
 * zmqglib_stream_core_has_notify_handler:
 *
 * As above, for the change of any property.
 */
gboolean
zmqglib_stream_core_has_notify_handler (ZmqStreamCore *self)
{
  guint    notify = g_signal_lookup ("notify", G_TYPE_OBJECT);
  gboolean has_handler;

  zmqglib_lock_take (&self->lock);
  has_handler = self->listener != NULL && g_signal_handler_find (self->listener, G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_UNBLOCKED,
                                                                 notify, 0, NULL, NULL, NULL) != 0;
  zmqglib_lock_give (&self->lock);

  return has_handler;
}

/*
 * zmqglib_stream_core_is_empty:
 *
 * Whether all that was sent has been handed over, and reported.
 */
gboolean
zmqglib_stream_core_is_empty (ZmqStreamCore *self)
{
  return self->queue.done.length == 0 && self->queue.n_waiting == 0 && zmqglib_inbox_is_empty (&self->inbox);
}

/*
 * zmqglib_stream_core_changed:
 *
 * To be called when the stream wants something else than before.
 */
void
zmqglib_stream_core_changed (ZmqStreamCore *self)
{
  if (self->item != NULL)
    zmqglib_poll_item_changed (self->item);
}

/*
 * zmqglib_stream_core_queue_changed:
 *
 * To be called where no handler may be called, and another number of messages waits than before.
 */
void
zmqglib_stream_core_queue_changed (ZmqStreamCore *self)
{
  self->queue_changed = TRUE;
  zmqglib_stream_core_changed (self);
}

/*
 * zmqglib_stream_core_notify:
 *
 * Notifies the properties that have changed, where handlers may be called.
 */
void
zmqglib_stream_core_notify (ZmqStreamCore *self,
                            ZmqStream     *front)
{
  gboolean queue_changed = self->queue_changed;
  gboolean open_changed = self->open_changed;

  if (!queue_changed && !open_changed)
    return;

  self->queue_changed = FALSE;
  self->open_changed = FALSE;

  g_object_ref (front);
  if (queue_changed)
    g_object_notify_by_pspec (G_OBJECT (front), zmqglib_stream_properties[PROP_N_QUEUED]);
  if (open_changed)
    g_object_notify_by_pspec (G_OBJECT (front), zmqglib_stream_properties[PROP_OPEN]);
  g_object_unref (front);
}

/*
 * zmqglib_stream_core_set_closed_error:
 * @what: what could not be done
 *
 * Sets an error that says why nothing can be done with a stream that is closed.
 */
void
zmqglib_stream_core_set_closed_error (ZmqStreamCore *self,
                                      const char    *what,
                                      GError       **error)
{
  if (self->socket != NULL && zmqglib_fork_is_inherited (self->socket->generation))
    zmqglib_error_set (error, ZMQGLIB_EFORKED, "%s", what);
  else
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED, _ ("%s: %s"), what, _ ("The stream is closed"));
}

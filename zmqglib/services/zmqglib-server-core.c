/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-server-private.h"
#include "stream/zmqglib-stream-private.h"

/* A server is two things: an object, which anybody may drop at any time in any thread, and a core, which its main loop
 * has, and the requests that have not been replied to. */

guint       zmqglib_server_request_signal;
GParamSpec *zmqglib_server_properties[SERVER_N_PROPS];

/*
 * zmqglib_server_core_new:
 *
 * Returns: (transfer full): a core that has yet to be opened, of the thread-default main context
 */
ZmqServerCore *
zmqglib_server_core_new (ZmqServer *front)
{
  ZmqServerCore *self = g_new0 (ZmqServerCore, 1);
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  self->ref_count = 1;
  self->generation = zmqglib_fork_generation;
  self->is_closed = TRUE;
  self->agenda = zmqglib_agenda_acquire (context, G_PRIORITY_DEFAULT);
  self->front = zmqglib_front_new (front);
  zmqglib_lock_init (&self->lock);
  self->listener = front;

  return self;
}

ZmqServerCore *
zmqglib_server_core_ref (ZmqServerCore *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
zmqglib_server_core_unref (ZmqServerCore *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_clear_pointer (&self->next, zmqglib_message_unref);
  g_clear_object (&self->stream);
  g_clear_pointer (&self->agenda, zmqglib_agenda_release);
  zmqglib_front_unref (self->front);
  g_free (self->last_endpoint);
  zmqglib_lock_clear (&self->lock);
  g_free (self);
}

/*
 * zmqglib_server_core_dup_stream:
 *
 * May be called from any thread.
 *
 * Returns: (nullable) (transfer full): the stream, unless the server was closed
 */
ZmqStream *
zmqglib_server_core_dup_stream (ZmqServerCore *self)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);

  return self->stream != NULL ? g_object_ref (self->stream) : NULL;
}

/* No reference to the server is needed for that. */
static gboolean
is_heard (ZmqServerCore *self)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);

  return self->listener != NULL && g_signal_has_handler_pending (self->listener, zmqglib_server_request_signal, 0, FALSE);
}

/*
 * zmqglib_server_core_wants:
 *
 * Returns: whether one more request may be told now, of which none is on its way
 */
gboolean
zmqglib_server_core_wants (ZmqServerCore *self)
{
  guint max_pending = g_atomic_int_get (&self->max_pending);

  if (max_pending > 0 && (guint) g_atomic_int_get (&self->n_pending) >= max_pending)
    return FALSE;

  return self->next == NULL && is_heard (self);
}

/* The loop looks whether it may read on. */
static void
look (gpointer data)
{
  ZmqServerCore *self = data;
  g_autoptr (ZmqStream) stream = zmqglib_server_core_dup_stream (self);

  if (stream != NULL)
    zmqglib_stream_core_changed (zmqglib_stream_get_core (stream));
  zmqglib_server_core_unref (self);
}

/*
 * zmqglib_server_core_set_max_pending:
 *
 * May be called from any thread, as the next two.
 *
 * Returns: whether it was another one
 */
gboolean
zmqglib_server_core_set_max_pending (ZmqServerCore *self,
                                     guint          max_pending)
{
  if ((guint) g_atomic_int_exchange (&self->max_pending, max_pending) == max_pending)
    return FALSE;

  if (!zmqglib_server_core_is_inherited (self))
    zmqglib_agenda_post (self->agenda, look, zmqglib_server_core_ref (self));

  return TRUE;
}

char *
zmqglib_server_core_dup_last_endpoint (ZmqServerCore *self)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);

  return g_strdup (self->last_endpoint);
}

void
zmqglib_server_core_take_last_endpoint (ZmqServerCore *self,
                                        char          *endpoint)
{
  g_autofree char *old         G_GNUC_UNUSED = NULL;
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);

  old = self->last_endpoint;
  self->last_endpoint = endpoint;
}

static void
notify_pending (gpointer data)
{
  ZmqServerCore *self = data;
  g_autoptr (ZmqServer) front = zmqglib_front_dup (self->front);
  guint n_pending;

  g_atomic_int_set (&self->notify_due, FALSE);
  n_pending = g_atomic_int_get (&self->n_pending);
  if (front != NULL && n_pending != self->told_pending)
    {
      self->told_pending = n_pending;
      g_object_notify_by_pspec (G_OBJECT (front), zmqglib_server_properties[SERVER_PROP_N_PENDING]);
    }

  /* the last reference to the server may be the one here, and it wants to find its core */
  g_clear_object (&front);
  zmqglib_server_core_unref (self);
}

/* The main context is no more. */
static void
drop_notification (gpointer data)
{
  zmqglib_server_core_unref (data);
}

/*
 * zmqglib_server_core_count:
 * @change: 1 for a request that is being told, or -1 for one that needs no reply any more
 *
 * May be called from any thread.
 */
void
zmqglib_server_core_count (ZmqServerCore *self,
                           int            change)
{
  g_atomic_int_add (&self->n_pending, change);
  if (zmqglib_server_core_is_inherited (self))
    return;

  /* when that was told the loop looks whether it may read on */
  if (g_atomic_int_compare_and_exchange (&self->notify_due, FALSE, TRUE))
    zmqglib_agenda_tell (self->agenda, notify_pending, drop_notification, zmqglib_server_core_ref (self));
}

/*
 * zmqglib_server_core_check:
 * @what: what could not be done
 *
 * Returns: %TRUE when the server is open, %FALSE with @error set otherwise
 */
gboolean
zmqglib_server_core_check (ZmqServerCore *self,
                           const char    *what,
                           GError       **error)
{
  if (zmqglib_server_core_is_inherited (self))
    zmqglib_error_set (error, ZMQGLIB_EFORKED, "%s", what);
  else if (!zmqglib_server_core_is_open (self))
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED, _ ("%s: %s"), what, _ ("The server is closed"));
  else
    return TRUE;

  return FALSE;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-monitor-private.h"

/*
 * A monitor is two things: an object, which anybody may drop at any time in any thread, and a core, which its main
 * loop has. The hub of the socket gives the core its news in a thread of its own; each makes a telling in the main
 * context, so that a loop that is run by a handler goes on with what is behind it.
 */

guint       zmqglib_monitor_event_signal;
GParamSpec *zmqglib_monitor_properties[N_PROPS];

ZmqMonitorCore *
zmqglib_monitor_core_ref (ZmqMonitorCore *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

static gboolean
is_inherited (ZmqMonitorCore *self)
{
  return self->hub != NULL && zmqglib_monitor_hub_is_inherited (self->hub);
}

/* The news of a parent's monitor are a child's to leave alone: the hub's thread, which is not here, may have been
 * writing them, with the lock, when the process forked. */
static ZmqLocker *
lock (ZmqMonitorCore *self)
{
  if (is_inherited (self))
    return NULL;

  return zmqglib_locker_new (&self->lock);
}

void
zmqglib_monitor_core_unref (ZmqMonitorCore *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  if (!is_inherited (self))
    {
      zmqglib_monitor_queue_clear (&self->queue);
      zmqglib_lock_clear (&self->lock);
    }
  g_clear_pointer (&self->hub, zmqglib_monitor_hub_unref);
  g_clear_pointer (&self->agenda, zmqglib_agenda_release);
  zmqglib_front_unref (self->front);
  g_free (self);
}

static void
clear_news (ZmqMonitorCore *self)
{
  g_autoptr (ZmqLocker) locker = lock (self);

  if (locker != NULL)
    zmqglib_monitor_queue_clear (&self->queue);
}

/*
 * zmqglib_monitor_core_steal_context:
 *
 * Returns: (transfer full) (nullable): the main context that the monitor has kept; from now on only the agenda knows it
 */
GMainContext *
zmqglib_monitor_core_steal_context (ZmqMonitorCore *self)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = lock (self);

  return g_steal_pointer (&self->context);
}

/* Ends what the loop has of the monitor. Whoever is owned by it is let go of from there, since that may be the last
 * reference; meanwhile it does not keep the main context in turn. */
static void
leave (ZmqMonitorCore *self,
       const GError   *error)
{
  g_autoptr (GMainContext) context = NULL;

  if (self->has_left)
    return;

  self->has_left = TRUE;
  zmqglib_monitor_waits_end (&self->waits, error);
  clear_news (self);
  if (!zmqglib_front_is_kept (self->front))
    return;

  zmqglib_front_let_go (self->front, self->agenda);
  context = zmqglib_monitor_core_steal_context (self);
}

/*
 * zmqglib_monitor_core_make_error:
 *
 * Returns: (transfer full): why nobody can wait for an event of a closed monitor
 */
GError *
zmqglib_monitor_core_make_error (ZmqMonitorCore *self)
{
  GError *error = NULL;

  if (is_inherited (self))
    zmqglib_error_set (&error, ZMQGLIB_EFORKED, _ ("Could not wait for an event"));
  else
    g_set_error (&error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED, _ ("%s: %s"), _ ("Could not wait for an event"),
                 _ ("The monitor is closed"));

  return error;
}

static void
leave_closed (gpointer data)
{
  ZmqMonitorCore *self = data;
  g_autoptr (GError) error = zmqglib_monitor_core_make_error (self);

  leave (self, error);
  zmqglib_monitor_core_unref (self);
}

/*
 * zmqglib_monitor_core_close:
 *
 * Ends the monitor: nothing is announced any more but what is being announced now. May be called from any thread,
 * and again.
 */
void
zmqglib_monitor_core_close (ZmqMonitorCore *self)
{
  if (!g_atomic_int_compare_and_exchange (&self->is_closed, FALSE, TRUE) || self->hub == NULL)
    return;

  zmqglib_monitor_hub_unsubscribe (self->hub, &self->subscriber);
  zmqglib_agenda_do (self->agenda, leave_closed, zmqglib_monitor_core_ref (self));
}

static void
set_n_peers (ZmqMonitorCore *self,
             ZmqMonitor     *front,
             guint           n_peers)
{
  guint n_before = g_atomic_int_exchange (&self->n_peers, n_peers);

  if (n_peers != n_before)
    g_object_notify_by_pspec (G_OBJECT (front), zmqglib_monitor_properties[PROP_N_PEERS]);
  if ((n_peers > 0) != (n_before > 0))
    g_object_notify_by_pspec (G_OBJECT (front), zmqglib_monitor_properties[PROP_CONNECTED]);
}

/* The socket is no more. */
static void
stop (ZmqMonitorCore *self,
      const GError   *reason)
{
  g_autoptr (GError) error = reason != NULL ? g_error_copy (reason) : zmqglib_monitor_core_make_error (self);

  g_atomic_int_set (&self->is_closed, TRUE);
  zmqglib_monitor_hub_unsubscribe (self->hub, &self->subscriber);
  leave (self, error);
}

/* The main context is no more. */
static void
drop_news (gpointer data)
{
  zmqglib_monitor_core_unref (data);
}

static void
tell_event (ZmqMonitorCore *self,
            ZmqMonitor     *front)
{
  g_autoptr (ZmqMonitorEvent) event = g_steal_pointer (&self->announced);

  if (event == NULL || !zmqglib_monitor_core_is_open (self))
    return;

  zmqglib_monitor_waits_tell (&self->waits, event);
  if (zmqglib_monitor_event_get_kind (event) == ZMQGLIB_MONITOR_EVENT_MONITOR_STOPPED)
    stop (self, zmqglib_monitor_event_get_error (event));

  g_signal_emit (front, zmqglib_monitor_event_signal, g_quark_from_string (zmqglib_monitor_event_get_nick (event)), event);
}

/* Who hears of the peers first may run a main loop: what is next there is the event that they come of. */
static void
tell_rest (gpointer data)
{
  ZmqMonitorCore *self = data;
  g_autoptr (ZmqMonitor) front = zmqglib_front_dup (self->front);

  if (front != NULL)
    tell_event (self, front);

  /* the last reference to the monitor may be the one here, and it wants to find its core */
  g_clear_object (&front);
  zmqglib_monitor_core_unref (self);
}

static void
announce (ZmqMonitorCore *self,
          ZmqMonitor     *front,
          ZmqMonitorNews *news)
{
  self->announced = g_steal_pointer (&news->event);
  if (self->announced != NULL && news->n_peers != (guint) g_atomic_int_get (&self->n_peers))
    zmqglib_agenda_tell (self->agenda, tell_rest, drop_news, zmqglib_monitor_core_ref (self));

  set_n_peers (self, front, news->n_peers);
  tell_event (self, front);
}

static gboolean
pop_news (ZmqMonitorCore *self,
          ZmqMonitorNews *news)
{
  g_autoptr (ZmqLocker) locker = lock (self);

  return locker != NULL && zmqglib_monitor_queue_pop (&self->queue, news);
}

static void
tell_news (gpointer data)
{
  ZmqMonitorCore *self = data;
  g_autoptr (ZmqMonitor) front = zmqglib_front_dup (self->front);
  ZmqMonitorNews news;

  if (front != NULL)
    tell_event (self, front);
  if (pop_news (self, &news))
    {
      if (front != NULL && zmqglib_monitor_core_is_open (self))
        announce (self, front, &news);
      g_clear_pointer (&news.event, zmqglib_monitor_event_unref);
    }

  /* the last reference to the monitor may be the one here, and it wants to find its core */
  g_clear_object (&front);
  zmqglib_monitor_core_unref (self);
}

static void
on_notice (ZmqMonitorSubscriber *subscriber,
           ZmqMonitorEvent      *event,
           guint                 n_peers)
{
  ZmqMonitorCore *self = (ZmqMonitorCore *) subscriber;
  gboolean        is_more;

  zmqglib_lock_take (&self->lock);
  is_more = zmqglib_monitor_queue_push (&self->queue, event, n_peers);
  zmqglib_lock_give (&self->lock);

  if (is_more)
    zmqglib_agenda_tell (self->agenda, tell_news, drop_news, zmqglib_monitor_core_ref (self));
}

/*
 * zmqglib_monitor_core_new:
 *
 * Returns: (transfer full): a core that has yet to be opened, of the thread-default main context
 */
ZmqMonitorCore *
zmqglib_monitor_core_new (ZmqMonitor *front)
{
  ZmqMonitorCore *self = g_new0 (ZmqMonitorCore, 1);

  self->ref_count = 1;
  self->subscriber.notice = on_notice;
  self->context = g_main_context_ref_thread_default ();
  self->agenda = zmqglib_agenda_acquire (self->context, G_PRIORITY_DEFAULT);
  self->front = zmqglib_front_new (front);
  zmqglib_lock_init (&self->lock);

  return self;
}

/*
 * zmqglib_monitor_core_open:
 * @socket: a socket that is open and not adopted
 * @keeper: (nullable): the monitor, when it is owned by the loop
 *
 * Returns: %TRUE when the core is told of the socket, or %FALSE with @error set
 */
gboolean
zmqglib_monitor_core_open (ZmqMonitorCore *self,
                           ZmqSocketCore  *socket,
                           ZmqMonitor     *keeper,
                           GError        **error)
{
  guint n_peers;

  self->hub = zmqglib_monitor_hub_get (socket, error);
  if (self->hub == NULL)
    return FALSE;

  if (keeper != NULL)
    zmqglib_front_keep (self->front, keeper);
  if (zmqglib_monitor_hub_subscribe (self->hub, &self->subscriber, &n_peers))
    {
      g_atomic_int_set (&self->n_peers, n_peers);
      return TRUE;
    }

  zmqglib_error_set (error, ETERM, _ ("Could not monitor a socket"));
  zmqglib_monitor_core_close (self);

  return FALSE;
}

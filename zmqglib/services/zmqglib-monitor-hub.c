/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "base/zmqglib-lock-private.h"
#include "services/zmqglib-monitor-hub-private.h"
#include "services/zmqglib-monitor-peers-private.h"

/*
 * libzmq writes the events of a socket into a PAIR socket, blocking its I/O thread, and with it all sockets of the
 * context, when nobody reads there. So nothing but a thread of its own reads: it waits for no main loop, and
 * for no lock that is held for long. It begins with the first monitor of a socket and ends when libzmq says that the
 * socket is closed, or that the context was shut down, whereupon it closes its end: nobody has to do
 * anything for a context to end. The other end has no high-water mark; what monitors have yet to announce
 * is bounded by them.
 *
 * The socket holds its hub, so that a later monitor finds it with its peers counted. The hub holds no socket: the last
 * reference to that closes it, monitored or not.
 */
struct _ZmqMonitorHub
{
  ZmqSocketFollower follower;  /* first */
  int               ref_count; /* atomic */
  guint             generation;
  ZmqSocketCore    *pair; /* the reading thread's */

  ZmqLock   lock; /* of what follows */
  GQueue    subscribers;
  ZmqPeers *peers;
  gboolean  has_stopped;
};

gboolean
zmqglib_monitor_hub_is_inherited (ZmqMonitorHub *self)
{
  return zmqglib_fork_is_inherited (self->generation);
}

void
zmqglib_monitor_hub_unref (ZmqMonitorHub *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  zmqglib_peers_free (self->peers);
  zmqglib_lock_clear (&self->lock);
  g_free (self);
}

static ZmqMonitorHub *
hub_ref (ZmqMonitorHub *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

/* The lock is held. */
static void
publish (ZmqMonitorHub   *self,
         ZmqMonitorEvent *event)
{
  guint n_peers = self->has_stopped ? 0 : zmqglib_peers_get_n (self->peers);

  for (GList *l = self->subscribers.head; l != NULL; l = l->next)
    {
      ZmqMonitorSubscriber *subscriber = l->data;

      subscriber->notice (subscriber, event, n_peers);
    }
}

static int
receive_frame (gpointer   handle,
               zmq_msg_t *frame)
{
  zmq_msg_init (frame);
  while (zmq_msg_recv (frame, handle, 0) < 0)
    if (zmq_errno () != EINTR)
      {
        int errnum = zmq_errno ();

        zmq_msg_close (frame);
        return errnum;
      }

  return 0;
}

/* An event is two frames: the kind and a value, and the endpoint. */
static ZmqMonitorEvent *
read_event (gpointer handle)
{
  zmq_msg_t   frame;
  guint16     kind = 0;
  guint32     value = 0;
  const char *data;
  char       *endpoint = NULL;
  int         errnum = receive_frame (handle, &frame);

  if (errnum == 0)
    {
      data = zmq_msg_data (&frame);
      memcpy (&kind, data, sizeof kind);
      memcpy (&value, data + sizeof kind, sizeof value);
      zmq_msg_close (&frame);
      errnum = receive_frame (handle, &frame);
    }
  if (errnum != 0)
    return zmqglib_monitor_event_new (ZMQGLIB_MONITOR_EVENT_MONITOR_STOPPED, errnum, NULL);

  if (zmq_msg_size (&frame) > 0)
    endpoint = g_utf8_make_valid (zmq_msg_data (&frame), zmq_msg_size (&frame));
  zmq_msg_close (&frame);

  return zmqglib_monitor_event_new (kind, value, endpoint);
}

/* As those of libzmq, the thread is nobody for a signal to interrupt. */
static void
block_signals (void)
{
  sigset_t signals;

  sigfillset (&signals);
  pthread_sigmask (SIG_BLOCK, &signals, NULL);
}

static gpointer
read_thread (gpointer data)
{
  ZmqMonitorHub *self = data;
  gboolean       is_last = FALSE;

  block_signals ();
  zmqglib_socket_core_claim (self->pair);

  while (!is_last)
    {
      g_autoptr (ZmqMonitorEvent) event = read_event (zmqglib_socket_core_get_handle (self->pair));

      /* who hears of it finds nothing left that keeps the context from ending */
      is_last = event->kind == ZMQGLIB_MONITOR_EVENT_MONITOR_STOPPED;
      if (is_last)
        g_clear_pointer (&self->pair, zmqglib_socket_core_unref);

      zmqglib_lock_take (&self->lock);
      zmqglib_peers_take_event (self->peers, event);
      self->has_stopped = is_last;
      publish (self, event);
      zmqglib_lock_give (&self->lock);
    }

  zmqglib_monitor_hub_unref (self);

  return NULL;
}

static void
on_joining (ZmqSocketFollower *follower,
            const char        *endpoint)
{
  ZmqMonitorHub *self = (ZmqMonitorHub *) follower;

  zmqglib_lock_take (&self->lock);
  zmqglib_peers_join (self->peers, endpoint);
  zmqglib_lock_give (&self->lock);
}

static void
on_left (ZmqSocketFollower *follower,
         const char        *endpoint)
{
  ZmqMonitorHub *self = (ZmqMonitorHub *) follower;

  zmqglib_lock_take (&self->lock);
  zmqglib_peers_leave (self->peers, endpoint);
  publish (self, NULL);
  zmqglib_lock_give (&self->lock);
}

static void
on_release (ZmqSocketFollower *follower)
{
  zmqglib_monitor_hub_unref ((ZmqMonitorHub *) follower);
}

/* libzmq's end is there before ours, which cannot fail then, so that no name is left over in the context. */
static int
connect_pair (ZmqSocketCore *socket,
              ZmqSocketCore *pair)
{
  static int       n_hubs; /* atomic */
  g_autofree char *name = g_strdup_printf ("inproc://zmqglib-monitor-%u", (guint) g_atomic_int_add (&n_hubs, 1));
  const int        none = 0;

  if (zmq_setsockopt (pair->handle, ZMQ_RCVHWM, &none, sizeof none) != 0 ||
      zmq_setsockopt (pair->handle, ZMQ_LINGER, &none, sizeof none) != 0 ||
      zmq_socket_monitor (socket->handle, name, ZMQ_EVENT_ALL) != 0 ||
      zmq_connect (pair->handle, name) != 0)
    return zmq_errno ();

  return 0;
}

static ZmqSocketCore *
open_pair (ZmqSocketCore *socket,
           GError       **error)
{
  GError        *reason = NULL;
  ZmqSocketCore *pair = zmqglib_socket_core_new (socket->context, ZMQGLIB_SOCKET_PAIR, NULL, &reason);
  int            errnum;

  if (reason != NULL)
    {
      g_propagate_error (error, reason);
      zmqglib_socket_core_unref (pair);
      return NULL;
    }

  errnum = connect_pair (socket, pair);
  if (errnum != 0)
    {
      zmqglib_error_set (error, errnum, _ ("Could not monitor a “%s” socket"), zmqglib_socket_core_get_type_nick (socket));
      zmqglib_socket_core_unref (pair);
      return NULL;
    }

  return pair;
}

static gboolean
start_thread (ZmqMonitorHub *self,
              ZmqSocketCore *socket,
              GError       **error)
{
  g_autoptr (GError) reason = NULL;
  GThread *thread;

  /* it is nothing that this thread has to close for the context to end */
  g_atomic_pointer_set (&self->pair->record.thread, NULL);
  thread = g_thread_try_new ("zmqglib-monitor", read_thread, hub_ref (self), &reason);
  if (thread != NULL)
    {
      g_thread_unref (thread);
      return TRUE;
    }

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_NO_THREAD, _ ("%s: %s"), _ ("Could not monitor a socket"), reason->message);
  zmq_socket_monitor (socket->handle, NULL, 0);
  g_clear_pointer (&self->pair, zmqglib_socket_core_unref);
  zmqglib_monitor_hub_unref (self);

  return FALSE;
}

static ZmqMonitorHub *
hub_new (ZmqSocketCore *socket,
         GError       **error)
{
  ZmqSocketCore *pair = open_pair (socket, error);
  ZmqMonitorHub *self;

  if (pair == NULL)
    return NULL;

  self = g_new0 (ZmqMonitorHub, 1);
  self->follower = (ZmqSocketFollower){ .joining = on_joining, .left = on_left, .release = on_release };
  self->ref_count = 1;
  self->generation = zmqglib_fork_generation;
  self->pair = pair;
  self->peers = zmqglib_peers_new ();
  zmqglib_lock_init (&self->lock);

  if (!start_thread (self, socket, error))
    g_clear_pointer (&self, zmqglib_monitor_hub_unref);

  return self;
}

static gboolean
has_stopped (ZmqMonitorHub *self)
{
  gboolean stopped;

  zmqglib_lock_take (&self->lock);
  stopped = self->has_stopped;
  zmqglib_lock_give (&self->lock);

  return stopped;
}

/*
 * zmqglib_monitor_hub_get:
 * @socket: a socket of this process and thread that is open and not adopted
 *
 * Returns: (transfer full): the hub of the socket, or %NULL with @error set
 */
ZmqMonitorHub *
zmqglib_monitor_hub_get (ZmqSocketCore *socket,
                         GError       **error)
{
  ZmqMonitorHub *self = (ZmqMonitorHub *) socket->follower;

  /* foreign code may have taken libzmq's only monitor for itself */
  if (self != NULL && !has_stopped (self))
    return hub_ref (self);

  self = hub_new (socket, error);
  if (self == NULL)
    return NULL;

  if (socket->follower != NULL)
    socket->follower->release (socket->follower);
  socket->follower = &self->follower;

  return hub_ref (self);
}

/*
 * zmqglib_monitor_hub_subscribe:
 * @n_peers: (out): how many peers there are by now
 *
 * Returns: %FALSE when the hub has just stopped
 */
gboolean
zmqglib_monitor_hub_subscribe (ZmqMonitorHub        *self,
                               ZmqMonitorSubscriber *subscriber,
                               guint                *n_peers)
{
  zmqglib_lock_take (&self->lock);
  *n_peers = zmqglib_peers_get_n (self->peers);
  subscriber->is_subscribed = !self->has_stopped;
  subscriber->link.data = subscriber;
  if (subscriber->is_subscribed)
    g_queue_push_tail_link (&self->subscribers, &subscriber->link);
  zmqglib_lock_give (&self->lock);

  return subscriber->is_subscribed;
}

/*
 * zmqglib_monitor_hub_unsubscribe:
 *
 * Afterwards nothing is told any more, by whatever thread. May be called again, and from any thread.
 */
void
zmqglib_monitor_hub_unsubscribe (ZmqMonitorHub        *self,
                                 ZmqMonitorSubscriber *subscriber)
{
  /* a forked child does not know who has the lock, and nobody tells it anything */
  if (zmqglib_monitor_hub_is_inherited (self))
    return;

  zmqglib_lock_take (&self->lock);
  if (subscriber->is_subscribed)
    g_queue_unlink (&self->subscribers, &subscriber->link);
  subscriber->is_subscribed = FALSE;
  zmqglib_lock_give (&self->lock);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <unistd.h>

#include "services/zmqglib-client-private.h"

/* A client is two things: an object, which anybody may drop at any time in any thread, and a core, which its main loop
 * has. Who blocks for an answer has another core, in a main context of that thread's. */

guint       zmqglib_client_configure_signal;
GParamSpec *zmqglib_client_properties[CLIENT_N_PROPS];

ZmqClientEndpoint *
zmqglib_client_endpoint_copy (const ZmqClientEndpoint *self)
{
  ZmqClientEndpoint *copy = g_new (ZmqClientEndpoint, 1);

  *copy = (ZmqClientEndpoint){ g_strdup (self->endpoint), self->is_exact };

  return copy;
}

void
zmqglib_client_endpoint_free (gpointer data)
{
  ZmqClientEndpoint *self = data;

  g_free (self->endpoint);
  g_free (self);
}

ZmqClientRoute *
zmqglib_client_route_new (const char *endpoint,
                          gboolean    is_exact)
{
  ZmqClientRoute *self = g_new0 (ZmqClientRoute, 1);

  self->ref_count = 1;
  self->endpoint = g_strdup (endpoint);
  self->is_exact = is_exact;

  return self;
}

ZmqClientRoute *
zmqglib_client_route_ref (ZmqClientRoute *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
zmqglib_client_route_unref (ZmqClientRoute *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_clear_pointer (&self->channel, zmqglib_client_channel_unref);
  g_free (self->endpoint);
  g_free (self);
}

/* Numbers of a process's own: a server, or a proxy before it, may have several clients of one routing id. */
static guint64
make_salt (void)
{
  guint64 salt = ((guint64) g_random_int () << 32) | g_random_int ();

  /* a forked child goes on with its parent's sequence */
  return salt ^ ((guint64) getpid () << 40) ^ (guint64) g_get_monotonic_time ();
}

/*
 * zmqglib_client_core_new:
 * @front: (nullable): the client, whose properties it notifies
 * @context: the main context in which the requests are made
 *
 * Returns: (transfer full): a core without routes
 */
ZmqClientCore *
zmqglib_client_core_new (ZmqClient    *front,
                         GMainContext *context)
{
  ZmqClientCore *self = g_new0 (ZmqClientCore, 1);

  self->ref_count = 1;
  self->generation = zmqglib_fork_generation;
  self->context = g_main_context_ref (context);
  self->agenda = zmqglib_agenda_acquire (context, G_PRIORITY_DEFAULT);
  self->routes = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_client_route_unref);
  self->pending = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->salt = make_salt ();
  self->front = zmqglib_front_new (front);
  zmqglib_lock_init (&self->lock);

  return self;
}

ZmqClientCore *
zmqglib_client_core_ref (ZmqClientCore *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
zmqglib_client_core_unref (ZmqClientCore *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_ptr_array_unref (self->routes);
  g_hash_table_unref (self->pending);
  zmqglib_agenda_release (self->agenda);
  zmqglib_front_unref (self->front);
  zmqglib_lock_clear (&self->lock);
  g_free (self);
}

/*
 * zmqglib_client_core_steal_context:
 *
 * Returns: (nullable) (transfer full): the main context that the client has kept; from now on only the agenda knows it
 */
GMainContext *
zmqglib_client_core_steal_context (ZmqClientCore *self)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);

  return g_steal_pointer (&self->context);
}

static void
notify_changes (ZmqClientCore *self,
                GObject       *front)
{
  int      n_pending = g_atomic_int_get (&self->n_pending);
  gboolean connected = g_atomic_int_get (&self->n_connected) > 0;
  gboolean pending_changed = n_pending != self->told_pending;
  gboolean connected_changed = connected != self->told_connected;

  self->told_pending = n_pending;
  self->told_connected = connected;
  if (pending_changed)
    g_object_notify_by_pspec (front, zmqglib_client_properties[CLIENT_PROP_N_PENDING]);
  if (connected_changed)
    g_object_notify_by_pspec (front, zmqglib_client_properties[CLIENT_PROP_CONNECTED]);
}

static void
notify (gpointer data)
{
  ZmqClientCore *self = data;
  g_autoptr (ZmqClient) front = zmqglib_front_dup (self->front);

  g_atomic_int_set (&self->notify_due, FALSE);
  if (front != NULL)
    notify_changes (self, G_OBJECT (front));

  /* the last reference to the client may be the one here, and it wants to find its core */
  g_clear_object (&front);
  zmqglib_client_core_unref (self);
}

static void
drop (gpointer data)
{
  zmqglib_client_core_unref (data);
}

/*
 * zmqglib_client_core_count:
 * @n_pending: how many requests there are more
 * @n_connected: how many routes have a connection more
 *
 * Counts, in whatever thread, and lets the main loop notify.
 */
void
zmqglib_client_core_count (ZmqClientCore *self,
                           int            n_pending,
                           int            n_connected)
{
  g_atomic_int_add (&self->n_pending, n_pending);
  g_atomic_int_add (&self->n_connected, n_connected);

  if (g_atomic_int_compare_and_exchange (&self->notify_due, FALSE, TRUE))
    zmqglib_agenda_tell (self->agenda, notify, drop, zmqglib_client_core_ref (self));
}

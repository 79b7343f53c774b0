/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-fork-private.h"
#include "services/zmqglib-proxy-core-private.h"

/* A proxy is an object, which anybody may drop at any time in any thread, and while it runs a run, which a main loop
 * has. This is what both know, and how the one hears of the other: where the proxy was made. */

guint       zmqglib_proxy_signals[PROXY_N_SIGNALS];
GParamSpec *zmqglib_proxy_properties[PROXY_N_PROPS];

/*
 * zmqglib_proxy_core_new:
 *
 * Returns: (transfer full): a core, of the thread-default main context
 */
ZmqProxyCore *
zmqglib_proxy_core_new (ZmqProxy *front)
{
  ZmqProxyCore *self = g_new0 (ZmqProxyCore, 1);

  self->ref_count = 1;
  self->context = g_main_context_ref_thread_default ();
  self->home = zmqglib_agenda_acquire (self->context, G_PRIORITY_DEFAULT);
  g_weak_ref_init (&self->front, front);
  self->generation = zmqglib_fork_generation;
  zmqglib_lock_init (&self->lock);

  return self;
}

ZmqProxyCore *
zmqglib_proxy_core_ref (ZmqProxyCore *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
zmqglib_proxy_core_unref (ZmqProxyCore *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  for (gsize i = 0; i < G_N_ELEMENTS (self->prefixes); i++)
    g_clear_pointer (&self->prefixes[i], g_bytes_unref);
  g_clear_pointer (&self->captured, zmqglib_message_unref);
  g_clear_pointer (&self->home, zmqglib_agenda_release);
  g_weak_ref_clear (&self->front);
  zmqglib_lock_clear (&self->lock);
  g_free (self);
}

static ZmqProxy *
dup_keeper (ZmqProxyCore *self)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);

  return self->keeper != NULL ? g_object_ref (self->keeper) : NULL;
}

static ZmqProxy *
steal_keeper (ZmqProxyCore *self)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);

  return g_steal_pointer (&self->keeper);
}

/*
 * zmqglib_proxy_core_upgrade:
 *
 * Returns: (nullable) (transfer full): the proxy, unless nobody has it any more
 */
ZmqProxy *
zmqglib_proxy_core_upgrade (ZmqProxyCore *self)
{
  ZmqProxy *front = dup_keeper (self);

  return front != NULL ? front : g_weak_ref_get (&self->front);
}

/*
 * zmqglib_proxy_core_is_running:
 *
 * May be called from any thread, as the next.
 */
gboolean
zmqglib_proxy_core_is_running (ZmqProxyCore *self)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);

  return self->run != NULL && !zmqglib_fork_is_inherited (self->generation);
}

ZmqProxyCount
zmqglib_proxy_core_get_count (ZmqProxyCore     *self,
                              ZmqProxyDirection direction)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);

  return self->counts[direction];
}

/* What is told where the proxy was made. */
typedef struct
{
  ZmqProxyCore *core;
  ZmqProxy     *keeper; /* to be let go of afterwards, or NULL */
  GError       *error;
  gboolean      has_stopped;
} News;

static void
drop_news (gpointer data)
{
  News *self = data;

  g_clear_object (&self->keeper);
  g_clear_error (&self->error);
  zmqglib_proxy_core_unref (self->core);
  g_free (self);
}

static void
tell_news (gpointer data)
{
  News *self = data;
  g_autoptr (ZmqProxy) front = NULL;

  front = self->keeper != NULL ? g_object_ref (self->keeper) : zmqglib_proxy_core_upgrade (self->core);
  if (front != NULL)
    {
      g_object_notify_by_pspec (G_OBJECT (front), zmqglib_proxy_properties[PROXY_PROP_RUNNING]);
      if (self->has_stopped)
        g_signal_emit (front, zmqglib_proxy_signals[PROXY_STOPPED], 0, self->error);
    }

  /* the last reference to the proxy may be the one here, and it wants to find its core */
  g_clear_object (&front);
  drop_news (self);
}

static void
tell (ZmqProxyCore *self,
      ZmqProxy     *keeper,
      gboolean      has_stopped,
      GError       *error)
{
  News *news = g_new (News, 1);

  *news = (News){ zmqglib_proxy_core_ref (self), keeper, error, has_stopped };
  zmqglib_agenda_tell (self->home, tell_news, drop_news, news);
}

/*
 * zmqglib_proxy_core_tell_running:
 *
 * Lets the property be notified.
 */
void
zmqglib_proxy_core_tell_running (ZmqProxyCore *self)
{
  tell (self, NULL, FALSE, NULL);
}

/*
 * zmqglib_proxy_core_tell_stopped:
 * @error: (transfer full) (nullable): why, or %NULL when that was asked for
 *
 * Lets the proxy say that it does not run any more, whatever thread it ran in, and lets go of it.
 */
void
zmqglib_proxy_core_tell_stopped (ZmqProxyCore *self,
                                 GError       *error)
{
  tell (self, steal_keeper (self), TRUE, error);
}

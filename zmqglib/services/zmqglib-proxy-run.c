/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-i18n-private.h"
#include "base/zmqglib-ownership-private.h"
#include "context/zmqglib-context-private.h"
#include "loop/zmqglib-poll-source-private.h"
#include "services/zmqglib-proxy-pump-private.h"
#include "services/zmqglib-proxy-run-private.h"
#include "socket/zmqglib-socket-private.h"

/* How a proxy runs from its start to its end: in the main context of who starts it, or in one that a thread of its own
 * runs. It is touched only by who owns that, but for what is said to be otherwise. */

struct _ZmqProxyRun
{
  int           ref_count; /* atomic */
  ZmqProxyPump  pump;
  ZmqAgenda    *agenda;
  GMainContext *context; /* NULL when it has ended */
  int           is_over; /* atomic */
  GThread      *thread;  /* that somebody has yet to wait for; under the core's lock */
  guint         generation;
};

static ZmqProxyRun *
proxy_run_ref (ZmqProxyRun *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

static void
proxy_run_unref (ZmqProxyRun *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  zmqglib_proxy_pump_clear (&self->pump);
  zmqglib_proxy_core_unref (self->pump.core);
  g_clear_pointer (&self->agenda, zmqglib_agenda_release);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->thread, g_thread_unref);
  g_free (self);
}

static void
each_socket (ZmqProxyRun *self,
             void (*func) (ZmqSocketCore *socket))
{
  for (gsize i = 0; i < ZMQGLIB_PROXY_N_SIDES; i++)
    if (self->pump.sides[i].socket != NULL)
      func (self->pump.sides[i].socket);
}

/* What each has done to the others' sockets. */
static void
touch (ZmqSocketCore *socket)
{
  zmqglib_socket_core_touch (socket, NULL);
}

static void
remove_items (ZmqProxyRun *self)
{
  for (gsize i = 0; i < ZMQGLIB_PROXY_N_SIDES; i++)
    if (self->pump.sides[i].item != NULL)
      {
        g_clear_pointer (&self->pump.sides[i].item, zmqglib_poll_item_remove);
        proxy_run_unref (self);
      }
}

/* It is not the core's any more; who starts the proxy again has another. */
static gboolean
take_from_core (ZmqProxyRun *self)
{
  ZmqProxyCore                *core = self->pump.core;
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&core->lock);

  if (core->run != self)
    return FALSE;

  core->run = NULL;

  return TRUE;
}

/* Takes the proxy out of its loop. Whoever it ran for finds the sockets as they are. */
static void
leave (ZmqProxyRun *self,
       GError      *error)
{
  g_autoptr (GMainContext) context = NULL;

  if (self->pump.has_stopped)
    {
      g_clear_error (&error);
      return;
    }

  proxy_run_ref (self);
  context = g_steal_pointer (&self->context);
  self->pump.has_stopped = TRUE;
  remove_items (self);
  if (!zmqglib_proxy_pump_is_busy (&self->pump))
    zmqglib_proxy_pump_clear (&self->pump);
  if (take_from_core (self))
    proxy_run_unref (self);
  zmqglib_proxy_core_tell_stopped (self->pump.core, error);
  g_atomic_int_set (&self->is_over, TRUE);
  g_main_context_wakeup (context);
  proxy_run_unref (self);
}

static void
fail (ZmqProxyRun *self,
      int          errnum)
{
  GError *error = NULL;

  zmqglib_error_set (&error, errnum, _ ("The proxy was stopped"));
  /* a context can end only when its sockets are closed */
  if (errnum == ETERM)
    each_socket (self, zmqglib_socket_core_close);
  leave (self, error);
}

static GIOCondition
get_wanted (ZmqPollItem *item,
            GIOCondition among)
{
  ZmqProxySide *side = item->owner;
  ZmqProxyRun  *self = side->owner;
  GIOCondition  wanted = 0;

  if (g_atomic_int_get (&self->pump.core->paused))
    return 0;

  if ((among & G_IO_IN) && zmqglib_proxy_pump_wants_input (&self->pump, side))
    wanted |= G_IO_IN;
  if (side->is_full)
    wanted |= G_IO_OUT | ZMQGLIB_POLL_TRY;

  return wanted & among;
}

static gboolean
has_handler (ZmqProxy *front)
{
  return g_signal_has_handler_pending (front, zmqglib_proxy_signals[PROXY_FORWARD], 0, TRUE);
}

static void
serve_open (ZmqProxyRun *self,
            ZmqSlice    *slice)
{
  g_autoptr (ZmqProxy) front = zmqglib_proxy_core_upgrade (self->pump.core);
  int errnum;

  if (front == NULL)
    {
      leave (self, NULL);
      return;
    }

  each_socket (self, zmqglib_socket_core_claim);
  errnum = zmqglib_proxy_pump_run (&self->pump, has_handler (front) ? front : NULL, slice);
  if (errnum != 0)
    fail (self, errnum);

  if (!self->pump.has_stopped)
    each_socket (self, touch);
  else if (!zmqglib_proxy_pump_is_busy (&self->pump))
    zmqglib_proxy_pump_clear (&self->pump);
}

static ZmqPollOutcome
serve (ZmqPollItem *item,
       GIOCondition ready,
       int          errnum,
       ZmqSlice    *slice)
{
  ZmqProxySide *side = item->owner;
  ZmqProxyRun  *self = proxy_run_ref (side->owner);

  if (ready & (G_IO_OUT | ZMQGLIB_POLL_TRY))
    side->is_full = FALSE;

  if (errnum != 0)
    fail (self, errnum);
  else
    serve_open (self, slice);
  proxy_run_unref (self);

  return ZMQGLIB_POLL_UNKNOWN;
}

/* The main context is no more. */
static void
lose (ZmqPollItem *item)
{
  ZmqProxyRun *self = proxy_run_ref (((ZmqProxySide *) item->owner)->owner);

  leave (self, NULL);
  proxy_run_unref (self);
}

static const ZmqPollItemFuncs item_funcs = {
  .get_wanted = get_wanted,
  .serve = serve,
  .lose = lose,
};

/* The descriptor of a closed socket may be another's by now. */
static int
check_sockets (ZmqProxyRun *self)
{
  int errnum = 0;

  for (gsize i = 0; i < ZMQGLIB_PROXY_N_SIDES && errnum == 0; i++)
    if (self->pump.sides[i].socket != NULL)
      errnum = zmqglib_socket_core_check (self->pump.sides[i].socket);

  return errnum;
}

static void
begin (gpointer data)
{
  ZmqProxyRun *self = data;
  ZmqPollSet  *set = zmqglib_poll_set_get_shared (self->agenda);
  int          errnum = check_sockets (self);

  if (errnum != 0)
    fail (self, errnum);
  else
    each_socket (self, zmqglib_socket_core_claim);

  for (gsize i = 0; i < ZMQGLIB_PROXY_N_SIDES && !self->pump.has_stopped; i++)
    {
      ZmqProxySide *side = &self->pump.sides[i];

      if (side->socket == NULL)
        continue;
      side->owner = proxy_run_ref (self);
      side->item = zmqglib_poll_set_add_socket (set, side->socket, FALSE, &item_funcs, side);
    }

  proxy_run_unref (self);
}

static void
end (gpointer data)
{
  leave (data, NULL);
  proxy_run_unref (data);
}

/* The thread needs the main context for a moment longer than the run. */
typedef struct
{
  ZmqProxyRun  *run;
  GMainContext *context;
} ThreadData;

static void
thread_data_free (ThreadData *self)
{
  proxy_run_unref (self->run);
  g_main_context_unref (self->context);
  g_free (self);
}

static gpointer
run_thread (gpointer data)
{
  ThreadData *thread_data = data;

  zmqglib_ownership_enter (thread_data->context);
  while (!g_atomic_int_get (&thread_data->run->is_over))
    g_main_context_iteration (thread_data->context, TRUE);
  zmqglib_ownership_leave (thread_data->context);
  thread_data_free (thread_data);

  return NULL;
}

static ZmqProxyRun *
proxy_run_new (ZmqProxy *proxy,
               gboolean  in_thread)
{
  ZmqProxyRun *self = g_new0 (ZmqProxyRun, 1);

  self->ref_count = 1;
  self->generation = zmqglib_fork_generation;
  self->context = in_thread ? g_main_context_new () : g_main_context_ref_thread_default ();
  self->agenda = zmqglib_agenda_acquire (self->context, G_PRIORITY_DEFAULT);
  zmqglib_proxy_pump_init (&self->pump, zmqglib_proxy_core_ref (proxy->core), proxy->frontend->core, proxy->backend->core,
                           proxy->capture != NULL ? proxy->capture->core : NULL);

  return self;
}

static gboolean
give_to_core (ZmqProxyRun *self,
              ZmqProxy    *keeper,
              GError     **error)
{
  ZmqProxyCore                *core = self->pump.core;
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&core->lock);

  if (core->run != NULL)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE, _ ("%s: %s"), _ ("Could not start a proxy"),
                   _ ("It is running already"));
      return FALSE;
    }

  core->run = proxy_run_ref (self);
  if (keeper != NULL)
    core->keeper = g_object_ref (keeper);

  return TRUE;
}

static void
set_thread (ZmqProxyRun *self,
            GThread     *thread)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->pump.core->lock);

  self->thread = thread;
}

static gboolean
start_thread (ZmqProxyRun  *self,
              GMainContext *context,
              GError      **error)
{
  g_autoptr (GError) reason = NULL;
  ThreadData *data = g_new (ThreadData, 1);
  GThread    *thread;

  *data = (ThreadData){ proxy_run_ref (self), g_main_context_ref (context) };
  thread = g_thread_try_new ("zmqglib-proxy", run_thread, data, &reason);
  if (thread == NULL)
    {
      thread_data_free (data);
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_NO_THREAD, _ ("%s: %s"), _ ("Could not start a proxy"),
                   reason->message);
      return FALSE;
    }

  set_thread (self, thread);

  return TRUE;
}

/*
 * zmqglib_proxy_run_start:
 * @in_thread: whether in a thread of its own, or in the thread-default main context
 */
gboolean
zmqglib_proxy_run_start (ZmqProxy *proxy,
                         gboolean  in_thread,
                         GError  **error)
{
  g_autoptr (GMainContext) context = NULL;
  ZmqProxyRun *self;
  gboolean     is_started;

  /* GLib ends the process when a main context has no descriptor */
  if (in_thread && !zmqglib_context_has_descriptors (2))
    {
      zmqglib_error_set (error, EMFILE, _ ("Could not start a proxy"));
      return FALSE;
    }

  self = proxy_run_new (proxy, in_thread);
  /* whoever stops it takes it away */
  context = g_main_context_ref (self->context);
  is_started = give_to_core (self, proxy->owned_by_loop ? proxy : NULL, error);
  if (is_started)
    {
      zmqglib_proxy_core_tell_running (self->pump.core);
      zmqglib_agenda_do (self->agenda, begin, proxy_run_ref (self));
    }
  if (is_started && in_thread && !start_thread (self, context, error))
    {
      is_started = FALSE;
      zmqglib_agenda_do (self->agenda, end, proxy_run_ref (self));
    }
  proxy_run_unref (self);

  return is_started;
}

static ZmqProxyRun *
dup_run (ZmqProxyCore *core)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&core->lock);

  return core->run != NULL ? proxy_run_ref (core->run) : NULL;
}

static GThread *
steal_thread (ZmqProxyRun *self)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->pump.core->lock);

  return g_steal_pointer (&self->thread);
}

/* Whoever has the sockets next finds nobody using them any more. The thread itself cannot wait, and in the child of a
 * process it is not there. */
static void
wait_for_thread (ZmqProxyRun *self)
{
  GThread *thread = steal_thread (self);

  if (thread == NULL)
    return;
  if (thread == g_thread_self () || zmqglib_fork_is_inherited (self->generation))
    g_thread_unref (thread);
  else
    g_thread_join (thread);
}

/*
 * zmqglib_proxy_run_stop:
 * @waits: whether until the thread has ended, when there is one
 *
 * May be called from any thread.
 */
void
zmqglib_proxy_run_stop (ZmqProxyCore *core,
                        gboolean      waits)
{
  ZmqProxyRun *self = dup_run (core);

  if (self == NULL)
    return;

  zmqglib_agenda_do (self->agenda, end, proxy_run_ref (self));
  if (waits)
    wait_for_thread (self);
  proxy_run_unref (self);
}

static void
reconsider (gpointer data)
{
  ZmqProxyRun *self = data;

  for (gsize i = 0; i < ZMQGLIB_PROXY_N_SIDES; i++)
    if (self->pump.sides[i].item != NULL)
      zmqglib_poll_item_changed (self->pump.sides[i].item);
  proxy_run_unref (self);
}

/*
 * zmqglib_proxy_run_set_paused:
 * @paused: %TRUE or %FALSE
 *
 * May be called from any thread.
 *
 * Returns: whether it was otherwise before
 */
gboolean
zmqglib_proxy_run_set_paused (ZmqProxyCore *core,
                              gboolean      paused)
{
  ZmqProxyRun *self;

  if (!g_atomic_int_compare_and_exchange (&core->paused, !paused, paused))
    return FALSE;

  self = dup_run (core);
  if (self != NULL)
    {
      zmqglib_agenda_do (self->agenda, reconsider, proxy_run_ref (self));
      proxy_run_unref (self);
    }

  return TRUE;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include <zmqglib/zmqglib-enum-types.h>

#include "base/zmqglib-departure-private.h"
#include "socket/zmqglib-socket-private.h"

/* A GSource of one socket. It asks the socket what is ready before it lets the loop block, since
 * the descriptor alone does not tell. */

typedef struct _ZmqSocketSource ZmqSocketSource;

/* What a cancellable tells, in whichever thread, and while the source may be about to go. GLib's own source of a
 * cancellable leaks when the two meet. */
typedef struct
{
  ZmqSocketCore   *core;
  ZmqSocketSource *source; /* under the lock of the socket; NULL when it has gone */
} Notice;

struct _ZmqSocketSource
{
  GSource        source;
  ZmqSocket     *socket;
  GCancellable  *cancellable;
  Notice        *notice; /* owned by the handler of the cancellable */
  gulong         handler;
  GIOCondition   wanted;
  ZmqSocketWatch watch;
  GSource       *departure;

  /* under the lock of the socket */
  gboolean has_left; /* the main context, which may be no more */
  gboolean blocking; /* the main context has prepared the source, and is perhaps polling by now */
  gboolean using;    /* asking the socket */
  gboolean keeps;    /* which was closed meanwhile, and keeps its handle until then */
};

static ZmqSocketSource *
get_source (ZmqSocketWatch *watch)
{
  return (gpointer) ((char *) watch - G_STRUCT_OFFSET (ZmqSocketSource, watch));
}

/* The main context that has prepared the source, and is perhaps polling by now, is to ask again. It is there until
 * the source has left it, for which the socket's lock is needed that the caller has. But it may be about to go, when
 * g_main_context_wakeup() is not allowed any more. */
static void
keep_from_blocking (ZmqSocketSource *self)
{
  if (!self->blocking)
    return;

  self->blocking = FALSE;
  g_source_set_ready_time (&self->source, 0);
}

/* By a handler, after which the source is asked anyway, or by another thread that has put a message back. */
static void
on_touched (ZmqSocketWatch *watch)
{
  keep_from_blocking (get_source (watch));
}

/* Another source's query, in the same round of prepares, has used the signal up. */
static void
on_observed (ZmqSocketWatch *watch,
             GIOCondition    condition)
{
  ZmqSocketSource *self = get_source (watch);

  if (condition & self->wanted && !self->using)
    keep_from_blocking (self);
}

static ZmqAgenda *
on_closed (ZmqSocketWatch *watch)
{
  ZmqSocketSource *self = get_source (watch);

  if (self->using)
    {
      self->keeps = TRUE;
      zmqglib_socket_core_keep_handle (self->socket->core);
    }
  keep_from_blocking (self);

  return NULL;
}

static const ZmqSocketWatchFuncs watch_funcs = {
  .touched = on_touched,
  .observed = on_observed,
  .closed = on_closed,
};

/* Asks the socket what is ready. Another thread may close it meanwhile. With @before_block, whatever happens
 * from before the question on keeps the loop from blocking. */
static GIOCondition
get_ready (ZmqSocketSource *self,
           gboolean         before_block)
{
  ZmqSocketCore *core = self->socket->core;
  GIOCondition   condition;
  gboolean       has_kept;

  zmqglib_lock_take (&core->lock);
  self->using = TRUE;
  self->blocking = before_block && !self->has_left;
  zmqglib_lock_give (&core->lock);

  condition = zmqglib_socket_get_condition (self->socket) & (self->wanted | G_IO_HUP | G_IO_NVAL);

  zmqglib_lock_take (&core->lock);
  has_kept = self->keeps;
  self->using = self->keeps = FALSE;
  if (condition != 0)
    self->blocking = FALSE;
  zmqglib_lock_give (&core->lock);

  if (has_kept)
    zmqglib_socket_core_let_handle_go (core);

  return condition;
}

static gboolean
zmqglib_socket_source_prepare (GSource *source,
                               int     *timeout)
{
  ZmqSocketSource *self = (ZmqSocketSource *) source;

  *timeout = -1;

  return get_ready (self, TRUE) != 0 || g_cancellable_is_cancelled (self->cancellable);
}

static gboolean
zmqglib_socket_source_check (GSource *source)
{
  ZmqSocketSource *self = (ZmqSocketSource *) source;

  return get_ready (self, FALSE) != 0 || g_cancellable_is_cancelled (self->cancellable);
}

static gboolean
zmqglib_socket_source_dispatch (GSource    *source,
                                GSourceFunc callback,
                                gpointer    user_data)
{
  ZmqSocketSource    *self = (ZmqSocketSource *) source;
  ZmqSocketSourceFunc func = (ZmqSocketSourceFunc) (void (*) (void)) callback;
  GIOCondition        condition;

  g_source_set_ready_time (source, -1);
  condition = get_ready (self, FALSE);

  if (func == NULL)
    {
      g_warning ("A source of a ZmqSocket was dispatched without a callback");
      return G_SOURCE_REMOVE;
    }

  /* the descriptor may have told of something else, or another source has been faster */
  if (condition == 0 && !g_cancellable_is_cancelled (self->cancellable))
    return G_SOURCE_CONTINUE;

  return func (self->socket, condition, user_data);
}

static void
on_cancelled (GCancellable *cancellable,
              gpointer      data)
{
  Notice *notice = data;

  zmqglib_lock_take (&notice->core->lock);
  if (notice->source != NULL)
    keep_from_blocking (notice->source);
  zmqglib_lock_give (&notice->core->lock);
}

static void
on_disconnected (gpointer  data,
                 GClosure *closure)
{
  Notice *notice = data;

  zmqglib_socket_core_unref (notice->core);
  g_free (notice);
}

static void
watch_cancellable (ZmqSocketSource *self,
                   GCancellable    *cancellable)
{
  self->cancellable = g_object_ref (cancellable);
  self->notice = g_new (Notice, 1);
  *self->notice = (Notice){ zmqglib_socket_core_ref (self->socket->core), self };

  /* Not g_cancellable_connect(): to be disconnected also from within the emission. */
  self->handler = g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (on_cancelled),
                                         self->notice, on_disconnected, 0);
}

static void
unwatch_cancellable (ZmqSocketSource *self)
{
  ZmqSocketCore *core = self->socket->core;

  zmqglib_lock_take (&core->lock);
  self->notice->source = NULL;
  zmqglib_lock_give (&core->lock);

  g_signal_handler_disconnect (self->cancellable, self->handler);
  g_object_unref (self->cancellable);
}

static void
on_left (gpointer source)
{
  ZmqSocketSource *self = source;
  ZmqSocketCore   *core = self->socket->core;

  zmqglib_lock_take (&core->lock);
  self->has_left = TRUE;
  self->blocking = FALSE;
  zmqglib_lock_give (&core->lock);
}

/* Not a dispose function: GLib calls that a second time when the main context looks at the source while the
 * last reference goes in another thread. */
static void
zmqglib_socket_source_finalize (GSource *source)
{
  ZmqSocketSource *self = (ZmqSocketSource *) source;

  zmqglib_departure_free (self->departure);
  zmqglib_socket_core_remove_watch (self->socket->core, &self->watch);
  if (self->cancellable != NULL)
    unwatch_cancellable (self);
  g_object_unref (self->socket);
}

/* For bindings: calls a closure as if it was a ZmqSocketSourceFunc. */
static gboolean
zmqglib_socket_source_closure_callback (ZmqSocket   *socket,
                                        GIOCondition condition,
                                        gpointer     user_data)
{
  GClosure *closure = user_data;
  GValue    params[2] = { G_VALUE_INIT, G_VALUE_INIT };
  GValue    result = G_VALUE_INIT;
  gboolean  keep;

  g_value_init (&result, G_TYPE_BOOLEAN);
  g_value_init (&params[0], ZMQGLIB_TYPE_SOCKET);
  g_value_set_object (&params[0], socket);
  g_value_init (&params[1], G_TYPE_IO_CONDITION);
  g_value_set_flags (&params[1], condition);

  g_closure_invoke (closure, &result, 2, params, NULL);

  keep = g_value_get_boolean (&result);
  g_value_unset (&result);
  g_value_unset (&params[0]);
  g_value_unset (&params[1]);

  return keep;
}

static GSourceFuncs source_funcs = {
  .prepare = zmqglib_socket_source_prepare,
  .check = zmqglib_socket_source_check,
  .dispatch = zmqglib_socket_source_dispatch,
  .finalize = zmqglib_socket_source_finalize,
  .closure_callback = (GSourceFunc) (void (*) (void)) zmqglib_socket_source_closure_callback,
};

/**
 * zmqglib_socket_create_source:
 * @self: a socket
 * @condition: what to wait for: %G_IO_IN, %G_IO_OUT or both
 * @cancellable: (nullable): a cancellable
 *
 * Creates a source that is dispatched for as long as the socket can receive or send, whichever is
 * asked for, like [method@Gio.Socket.create_source].
 *
 * Its callback is a [callback@Zmq.SocketSourceFunc]. It is called with what is ready, of what was
 * asked for, and with %G_IO_NVAL once the socket is closed, %G_IO_HUP once its context was shut
 * down, and no condition when @cancellable was cancelled; it should then return %G_SOURCE_REMOVE.
 *
 * In Python and JavaScript the callback is set with `GObject.source_set_closure ()`, which passes the
 * socket and the condition.
 *
 * The source costs its loop a query of the socket in each iteration. For many sockets a
 * [class@Zmq.Stream] or a [class@Zmq.Poller] is the better choice.
 *
 * Returns: (transfer full): a new source
 *
 * Since: 1.0
 */
GSource *
zmqglib_socket_create_source (ZmqSocket    *self,
                              GIOCondition  condition,
                              GCancellable *cancellable)
{
  GSource         *source;
  ZmqSocketSource *socket_source;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  source = g_source_new (&source_funcs, sizeof (ZmqSocketSource));
  g_source_set_static_name (source, "[zmqglib] socket");

  socket_source = (ZmqSocketSource *) source;
  socket_source->socket = g_object_ref (self);
  socket_source->wanted = condition & (G_IO_IN | G_IO_OUT);
  socket_source->watch.funcs = &watch_funcs;
  socket_source->departure = zmqglib_departure_new (source, on_left);
  zmqglib_socket_core_add_watch (self->core, &socket_source->watch);

  if (zmqglib_socket_core_check (self->core) == 0)
    g_source_add_unix_fd (source, self->core->fd, G_IO_IN);

  if (cancellable != NULL)
    watch_cancellable (socket_source, cancellable);

  return source;
}

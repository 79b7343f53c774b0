/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-i18n-private.h"
#include "base/zmqglib-lock-private.h"
#include "context/zmqglib-context-private.h"

/**
 * ZmqContext:
 *
 * The home of a program's sockets: libzmq's I/O threads, and the names of `inproc://` endpoints.
 *
 * ```c
 * context = zmqglib_context_new ();
 * g_object_set (context, "io-threads", 2, NULL);
 * socket = zmqglib_socket_new (context, ZMQGLIB_SOCKET_PUSH, &error);
 * ```
 *
 * In Python:
 *
 * ```python
 * context = Zmq.Context(io_threads=2)
 * socket = Zmq.Socket(Zmq.SocketType.PUSH, context=context)
 * socket.close()
 * context.terminate()
 * ```
 *
 * Most programs need just one and never see it, since a [class@Zmq.Socket] made without a context
 * takes the one of [func@Zmq.Context.get_default]. Sockets find each other over `inproc://` only
 * within one context.
 *
 * Dropping the last reference never blocks: what is still unsent goes on being sent by a thread of
 * its own for as long as the sockets' [property@Zmq.Socket:linger] says and the program runs. A
 * program that has to know that everything has left waits with [method@Zmq.Context.terminate].
 *
 * A context may be used from any thread. The properties that shape its threads have to be set
 * before its first socket is made; when the system refuses what they say, so does that socket's
 * constructor.
 *
 * A forked child cannot use the contexts of its parent: their sockets' operations fail with
 * %ZMQGLIB_ERROR_CLOSED, and dropping them does not disturb the parent. It may make its own.
 *
 * Since: 1.0
 */
enum
{
  PROP_0,
  PROP_IO_THREADS,
  PROP_MAX_SOCKETS,
  PROP_SOCKET_LIMIT,
  PROP_MAX_MESSAGE_SIZE,
  PROP_IPV6,
  PROP_THREAD_PRIORITY,
  PROP_THREAD_SCHEDULING_POLICY,
  PROP_THREAD_NAME_PREFIX,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (ZmqContext, zmqglib_context, G_TYPE_OBJECT)

/* Where a property is kept; those that may be set at any time are libzmq's, too. */
static int *
find_value (ZmqContext *self,
            guint       prop_id,
            int        *option)
{
  *option = 0;

  switch (prop_id)
    {
    case PROP_IO_THREADS:
      return &self->values.io_threads;
    case PROP_MAX_SOCKETS:
      return &self->values.max_sockets;
    case PROP_MAX_MESSAGE_SIZE:
      *option = ZMQ_MAX_MSGSZ;
      return &self->values.max_message_size;
    case PROP_IPV6:
      *option = ZMQ_IPV6;
      return &self->values.ipv6;
    case PROP_THREAD_PRIORITY:
      return &self->values.thread_priority;
    case PROP_THREAD_SCHEDULING_POLICY:
      return &self->values.thread_scheduling_policy;
    case PROP_THREAD_NAME_PREFIX:
      return &self->values.thread_name_prefix;
    default:
      return NULL;
    }
}

static int
get_number (ZmqContext *self,
            guint       prop_id)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);
  int                          option;

  return *find_value (self, prop_id, &option);
}

static int
get_socket_limit (ZmqContext *self)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);

  if (self->adopted)
    return self->socket_limit;

  /* a terminated context has no limit to tell, and neither has one that may not be made */
  if (self->terminating || zmqglib_context_is_inherited (self) ||
      zmqglib_context_ensure_handle (self) != 0)
    return 0;

  return MAX (0, zmq_ctx_get (self->handle, ZMQ_SOCKET_LIMIT));
}

static const char *
find_obstacle (ZmqContext *self,
               gboolean    may_be_late)
{
  if (zmqglib_context_is_inherited (self))
    return zmqglib_error_get_reason (ZMQGLIB_EFORKED);
  else if (self->terminating)
    return "It was terminated";
  else if (self->adopted && !may_be_late)
    return "It was made by somebody else";
  else if (self->started && !may_be_late)
    return "It already has had a socket";
  else
    return NULL;
}

static gboolean
set_number (ZmqContext *self,
            GParamSpec *pspec,
            int         number)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);
  int                          option;
  int                         *location = find_value (self, pspec->param_id, &option);
  const char                  *obstacle;

  if (*location == number)
    return FALSE;

  obstacle = find_obstacle (self, option != 0);
  if (obstacle != NULL)
    {
      g_warning ("Could not set “%s” of a context: %s", pspec->name, obstacle);
      return FALSE;
    }

  *location = number;
  if (self->started || self->adopted)
    zmq_ctx_set (self->handle, option, number);

  return TRUE;
}

static void
zmqglib_context_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  ZmqContext *self = ZMQGLIB_CONTEXT (object);

  if (prop_id == PROP_SOCKET_LIMIT)
    g_value_set_int (value, get_socket_limit (self));
  else if (prop_id == PROP_IPV6)
    g_value_set_boolean (value, get_number (self, prop_id));
  else
    g_value_set_int (value, get_number (self, prop_id));
}

static void
zmqglib_context_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  ZmqContext *self = ZMQGLIB_CONTEXT (object);
  int         number = G_VALUE_HOLDS_INT (value) ? g_value_get_int (value) : g_value_get_boolean (value);

  if (set_number (self, pspec, number))
    g_object_notify_by_pspec (object, pspec);
}

static void
zmqglib_context_finalize (GObject *object)
{
  ZmqContext *self = ZMQGLIB_CONTEXT (object);

  zmqglib_context_abandon_handle (self);

  g_clear_pointer (&self->terminator, g_thread_unref);
  g_hash_table_unref (self->bound);
  g_hash_table_unref (self->awaited);
  /* a thread of the parent may have had them as the process forked */
  if (!zmqglib_context_is_inherited (self))
    {
      zmqglib_lock_clear (&self->lock);
      zmqglib_latch_clear (&self->terminated);
    }

  G_OBJECT_CLASS (zmqglib_context_parent_class)->finalize (object);
}

static void
zmqglib_context_class_init (ZmqContextClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags writable =
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = zmqglib_context_get_property;
  object_class->set_property = zmqglib_context_set_property;
  object_class->finalize = zmqglib_context_finalize;

  /**
   * ZmqContext:io-threads:
   *
   * How many threads move data over the network, from 0 (enough for `inproc://` alone). libzmq
   * suggests one for each gigabyte a second, and 32768 are the most. Set before the first socket is
   * made (`ZMQ_IO_THREADS`).
   *
   * Since: 1.0
   */
  properties[PROP_IO_THREADS] =
      g_param_spec_int ("io-threads", NULL, _ ("How many threads move data over the network"),
                        0, G_MAXINT, ZMQ_IO_THREADS_DFLT, writable);

  /**
   * ZmqContext:max-sockets:
   *
   * How many sockets may be open at once; 1048576 are the most. libzmq is told of some more, for
   * those that it has yet to close. Set before the first socket is made (`ZMQ_MAX_SOCKETS`).
   *
   * Since: 1.0
   */
  properties[PROP_MAX_SOCKETS] =
      g_param_spec_int ("max-sockets", NULL, _ ("How many sockets may be open at once"),
                        1, G_MAXINT, ZMQ_MAX_SOCKETS_DFLT, writable);

  /**
   * ZmqContext:socket-limit:
   *
   * The largest value that [property@Zmq.Context:max-sockets] may have (`ZMQ_SOCKET_LIMIT`).
   *
   * Since: 1.0
   */
  properties[PROP_SOCKET_LIMIT] =
      g_param_spec_int ("socket-limit", NULL, _ ("The largest value that “max-sockets” may have"),
                        0, G_MAXINT, 0, readable);

  /**
   * ZmqContext:max-message-size:
   *
   * The largest frame, in bytes, that may be sent (`ZMQ_MAX_MSGSZ`).
   *
   * Since: 1.0
   */
  properties[PROP_MAX_MESSAGE_SIZE] =
      g_param_spec_int ("max-message-size", NULL, _ ("The largest frame that may be sent, in bytes"),
                        0, G_MAXINT, G_MAXINT, writable);

  /**
   * ZmqContext:ipv6:
   *
   * Whether the sockets made from now on use IPv6 beside IPv4, unless told otherwise by their own
   * [property@Zmq.Socket:ipv6] (`ZMQ_IPV6`).
   *
   * Since: 1.0
   */
  properties[PROP_IPV6] =
      g_param_spec_boolean ("ipv6", NULL, _ ("Whether new sockets use IPv6"), FALSE, writable);

  /**
   * ZmqContext:thread-priority:
   *
   * The scheduling priority of the I/O threads, whose range depends on
   * [property@Zmq.Context:thread-scheduling-policy]; -1 for the system's default. Set before the
   * first socket is made (`ZMQ_THREAD_PRIORITY`).
   *
   * Since: 1.0
   */
  properties[PROP_THREAD_PRIORITY] =
      g_param_spec_int ("thread-priority", NULL, _ ("The scheduling priority of the I/O threads"),
                        -1, G_MAXINT, -1, writable);

  /**
   * ZmqContext:thread-scheduling-policy:
   *
   * The scheduling policy of the I/O threads, one of the system's `SCHED_…` numbers; -1 for the
   * system's default. Set before the first socket is made (`ZMQ_THREAD_SCHED_POLICY`).
   *
   * Since: 1.0
   */
  properties[PROP_THREAD_SCHEDULING_POLICY] =
      g_param_spec_int ("thread-scheduling-policy", NULL,
                        _ ("The scheduling policy of the I/O threads"), -1, G_MAXINT, -1, writable);

  /**
   * ZmqContext:thread-name-prefix:
   *
   * A number put before the names of the I/O threads, so that those of several contexts can be told
   * apart; 0 for none. Set before the first socket is made (`ZMQ_THREAD_NAME_PREFIX`).
   *
   * Since: 1.0
   */
  properties[PROP_THREAD_NAME_PREFIX] =
      g_param_spec_int ("thread-name-prefix", NULL,
                        _ ("A number before the names of the I/O threads"), 0, G_MAXINT, 0, writable);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
zmqglib_context_init (ZmqContext *self)
{
  zmqglib_lock_init (&self->lock);
  zmqglib_latch_init (&self->terminated);
  g_queue_init (&self->sockets);
  self->bound = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->awaited = zmqglib_context_awaited_new ();
  self->generation = zmqglib_fork_generation;
  self->values = (ZmqContextValues){
    .io_threads = ZMQ_IO_THREADS_DFLT,
    .max_sockets = ZMQ_MAX_SOCKETS_DFLT,
    .max_message_size = G_MAXINT,
    .thread_priority = -1,
    .thread_scheduling_policy = -1,
  };
}

/**
 * zmqglib_context_new:
 *
 * Creates a context (`zmq_ctx_new ()`). It begins with the first socket: what the system refuses is
 * told by [ctor@Zmq.Socket.new]. May be called from any thread.
 *
 * Returns: (transfer full): a new context
 *
 * Since: 1.0
 */
ZmqContext *
zmqglib_context_new (void)
{
  return g_object_new (ZMQGLIB_TYPE_CONTEXT, NULL);
}

/**
 * zmqglib_context_new_for_handle: (constructor)
 * @zmq_ctx: (not nullable): a context of libzmq, as `zmq_ctx_new ()` returns it
 *
 * Adopts a context that somebody else has made, such as another library, so that sockets here and there find each other
 * over `inproc://`. In Python it may be what pyzmq calls `underlying`.
 *
 * Who has made it remains its owner, and is who terminates it: not before this object and all sockets that were
 * made with it are of no more use. When it is terminated or shut down, they learn of it by
 * %ZMQGLIB_ERROR_TERMINATED, and each [class@Zmq.Stream] closes its socket by itself; any other socket has to be closed
 * for `zmq_ctx_term ()` to end. Dropping this object leaves the context as it is, and so do
 * [method@Zmq.Context.shutdown] and [method@Zmq.Context.terminate], whose texts say what they do instead.
 *
 * Properties that have to be set before the first socket cannot be set any more. Of them
 * [property@Zmq.Context:io-threads] and [property@Zmq.Context:max-sockets] are the context's; what is said of its
 * threads beside is not known.
 *
 * Returns: (transfer full): a new object for the context
 *
 * Since: 1.0
 */
ZmqContext *
zmqglib_context_new_for_handle (gpointer zmq_ctx)
{
  ZmqContext *self;

  g_return_val_if_fail (zmq_ctx != NULL, NULL);
  /* libzmq knows its own */
  g_return_val_if_fail (zmq_ctx_get (zmq_ctx, ZMQ_IO_THREADS) >= 0, NULL);

  self = zmqglib_context_new ();
  zmqglib_context_adopt_handle (self, zmq_ctx);

  return self;
}

/**
 * zmqglib_context_get_default:
 *
 * Gets the context that the whole process shares, which is made when first asked for and lives as
 * long as the process. A forked child has one of its own. May be called from any thread.
 *
 * Returns: (transfer none): the default context
 *
 * Since: 1.0
 */
ZmqContext *
zmqglib_context_get_default (void)
{
  static ZmqLock               lock;
  static ZmqContext           *instance;
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&lock);

  /* a parent's is not freed: somebody may still have it, as nobody has to keep a reference */
  if (instance == NULL || zmqglib_context_is_inherited (instance))
    instance = zmqglib_context_new ();

  return instance;
}

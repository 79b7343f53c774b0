/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <zmq.h>

#include <zmqglib/zmqglib-enum-types.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "context/zmqglib-context-private.h"

/**
 * ZmqContext:
 *
 * The home of a program's sockets: libzmq's I/O threads, and the names of `inproc://` endpoints.
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
 * before its first socket is made.
 */
struct _ZmqContext
{
  GObject parent_instance;

  GMutex   mutex;
  GCond    changed;
  gpointer handle;
  GQueue   sockets;     /* of ZmqSocketRecord */
  gboolean started;     /* libzmq's threads run */
  gboolean terminating; /* the handle belongs to a terminating thread */
  gboolean terminated;

  /* libzmq does not tell these again */
  int thread_priority;
  int thread_scheduling_policy;
  int thread_name_prefix;
};

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

static const int options[N_PROPS] = {
  [PROP_IO_THREADS] = ZMQ_IO_THREADS,
  [PROP_MAX_SOCKETS] = ZMQ_MAX_SOCKETS,
  [PROP_SOCKET_LIMIT] = ZMQ_SOCKET_LIMIT,
  [PROP_MAX_MESSAGE_SIZE] = ZMQ_MAX_MSGSZ,
  [PROP_IPV6] = ZMQ_IPV6,
  [PROP_THREAD_PRIORITY] = ZMQ_THREAD_PRIORITY,
  [PROP_THREAD_SCHEDULING_POLICY] = ZMQ_THREAD_SCHED_POLICY,
  [PROP_THREAD_NAME_PREFIX] = ZMQ_THREAD_NAME_PREFIX,
};

static void
terminate_handle (gpointer handle)
{
  while (zmq_ctx_term (handle) != 0 && zmq_errno () == EINTR)
    ;
}

static gpointer
terminate_orphan_thread (gpointer data)
{
  terminate_handle (data);
  return NULL;
}

static gpointer
terminate_thread (gpointer data)
{
  g_autoptr (ZmqContext) self = data;

  terminate_handle (self->handle);

  g_mutex_lock (&self->mutex);
  self->handle = NULL;
  self->terminated = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);

  return NULL;
}

/*
 * zmqglib_context_has_descriptors:
 * @n_needed: how many
 *
 * Tries whether the process may open so many file descriptors, where libzmq would abort without.
 *
 * Returns: %TRUE when it may
 */
gboolean
zmqglib_context_has_descriptors (guint n_needed)
{
  g_autofree int *fds = g_new (int, n_needed);
  guint           n_found = 0;

  while (n_found < n_needed && (fds[n_found] = open ("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    n_found++;
  for (guint i = 0; i < n_found; i++)
    close (fds[i]);

  return n_found == n_needed;
}

/* libzmq needs an epoll and an eventfd for the reaper and for each I/O thread, and an eventfd for
 * the context. */
static gboolean
has_descriptors_to_start (ZmqContext *self)
{
  return zmqglib_context_has_descriptors (2 * (zmq_ctx_get (self->handle, ZMQ_IO_THREADS) + 1) + 2);
}

static const char *
get_type_nick (ZmqSocketType type)
{
  g_autoptr (GEnumClass) enum_class = g_type_class_ref (ZMQGLIB_TYPE_SOCKET_TYPE);
  GEnumValue *value = g_enum_get_value (enum_class, type);

  return value != NULL ? value->value_nick : "?";
}

/*
 * zmqglib_context_open_handle:
 * @record: to be kept until the handle is closed
 *
 * Makes a libzmq socket.
 *
 * Returns: (nullable): the handle, or %NULL with @error set
 */
gpointer
zmqglib_context_open_handle (ZmqContext      *self,
                             ZmqSocketType    type,
                             ZmqSocketRecord *record,
                             GError         **error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  gpointer                        handle = NULL;
  int                             errnum = ETERM;

  if (!self->terminating && !self->started && !has_descriptors_to_start (self))
    errnum = EMFILE;
  else if (!self->terminating)
    {
      self->started = TRUE;
      handle = zmq_socket (self->handle, type);
      errnum = zmq_errno ();
    }

  if (handle != NULL)
    {
      g_atomic_pointer_set (&record->thread, g_thread_self ());
      record->link.data = record;
      g_queue_push_tail_link (&self->sockets, &record->link);
    }
  else if (errnum == EMFILE && self->started && zmqglib_context_has_descriptors (1))
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TOO_MANY_SOCKETS,
                 /* Translators: the first is a type of socket, as “pull” */
                 _ ("Could not create a “%s” socket: The context’s “max-sockets” of %d is reached"),
                 get_type_nick (type), zmq_ctx_get (self->handle, ZMQ_MAX_SOCKETS));
  else
    zmqglib_error_set (error, errnum, _ ("Could not create a “%s” socket"), get_type_nick (type));

  return handle;
}

void
zmqglib_context_close_handle (ZmqContext      *self,
                              gpointer         handle,
                              ZmqSocketRecord *record)
{
  g_mutex_lock (&self->mutex);
  g_queue_unlink (&self->sockets, &record->link);
  g_mutex_unlock (&self->mutex);

  if (handle != NULL)
    zmq_close (handle);
}

static guint
count_own_sockets (ZmqContext *self)
{
  GThread *thread = g_thread_self ();
  guint    n_own = 0;

  for (GList *l = self->sockets.head; l != NULL; l = l->next)
    {
      ZmqSocketRecord *record = l->data;

      if (g_atomic_pointer_get (&record->thread) == thread)
        n_own++;
    }

  return n_own;
}

static int
get_option (ZmqContext *self,
            guint       prop_id)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  /* a terminated context has no more limits to tell than one that is about to start */
  return self->terminating ? 0 : MAX (0, zmq_ctx_get (self->handle, options[prop_id]));
}

static gboolean
set_option (ZmqContext *self,
            GParamSpec *pspec,
            int         value)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);

  if (self->terminating)
    {
      g_warning ("Could not set “%s” of a context: It was terminated", pspec->name);
      return FALSE;
    }

  if (self->started && pspec->param_id != PROP_MAX_MESSAGE_SIZE && pspec->param_id != PROP_IPV6)
    {
      g_warning ("Could not set “%s” of a context: It already has had a socket", pspec->name);
      return FALSE;
    }

  if (zmq_ctx_set (self->handle, options[pspec->param_id], value) != 0)
    {
      g_warning ("Could not set “%s” of a context to %d: %s",
                 pspec->name, value, zmqglib_error_get_reason (zmq_errno ()));
      return FALSE;
    }

  return TRUE;
}

static void
zmqglib_context_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  ZmqContext *self = ZMQGLIB_CONTEXT (object);

  switch (prop_id)
    {
    case PROP_IO_THREADS:
    case PROP_MAX_SOCKETS:
    case PROP_SOCKET_LIMIT:
    case PROP_MAX_MESSAGE_SIZE:
      g_value_set_int (value, get_option (self, prop_id));
      break;
    case PROP_IPV6:
      g_value_set_boolean (value, get_option (self, prop_id) != 0);
      break;
    case PROP_THREAD_PRIORITY:
      g_value_set_int (value, self->thread_priority);
      break;
    case PROP_THREAD_SCHEDULING_POLICY:
      g_value_set_int (value, self->thread_scheduling_policy);
      break;
    case PROP_THREAD_NAME_PREFIX:
      g_value_set_int (value, self->thread_name_prefix);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
zmqglib_context_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  ZmqContext *self = ZMQGLIB_CONTEXT (object);
  int         number = G_VALUE_HOLDS_INT (value) ? g_value_get_int (value) : g_value_get_boolean (value);
  g_auto (GValue) old_value = G_VALUE_INIT;

  g_value_init (&old_value, pspec->value_type);
  zmqglib_context_get_property (object, prop_id, &old_value, pspec);

  if (g_param_values_cmp (pspec, value, &old_value) == 0 || !set_option (self, pspec, number))
    return;

  if (prop_id == PROP_THREAD_PRIORITY)
    self->thread_priority = number;
  else if (prop_id == PROP_THREAD_SCHEDULING_POLICY)
    self->thread_scheduling_policy = number;
  else if (prop_id == PROP_THREAD_NAME_PREFIX)
    self->thread_name_prefix = number;

  g_object_notify_by_pspec (object, pspec);
}

static void
zmqglib_context_finalize (GObject *object)
{
  ZmqContext *self = ZMQGLIB_CONTEXT (object);

  /* Only messages that linger can keep libzmq from ending, but they may do so for ever. */
  if (self->handle != NULL && self->started)
    g_thread_unref (g_thread_new ("zmqglib-linger", terminate_orphan_thread, self->handle));
  else if (self->handle != NULL)
    terminate_handle (self->handle);

  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);

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
   * suggests one for each gigabyte a second. Set before the first socket is made (`ZMQ_IO_THREADS`).
   */
  properties[PROP_IO_THREADS] =
      g_param_spec_int ("io-threads", NULL, _ ("How many threads move data over the network"),
                        0, G_MAXINT, ZMQ_IO_THREADS_DFLT, writable);

  /**
   * ZmqContext:max-sockets:
   *
   * How many sockets may be open at once, closed ones that still linger included. Set before the
   * first socket is made (`ZMQ_MAX_SOCKETS`).
   */
  properties[PROP_MAX_SOCKETS] =
      g_param_spec_int ("max-sockets", NULL, _ ("How many sockets may be open at once"),
                        1, G_MAXINT, ZMQ_MAX_SOCKETS_DFLT, writable);

  /**
   * ZmqContext:socket-limit:
   *
   * The largest value that [property@Zmq.Context:max-sockets] may have (`ZMQ_SOCKET_LIMIT`).
   */
  properties[PROP_SOCKET_LIMIT] =
      g_param_spec_int ("socket-limit", NULL, _ ("The largest value that “max-sockets” may have"),
                        0, G_MAXINT, 0, readable);

  /**
   * ZmqContext:max-message-size:
   *
   * The largest frame, in bytes, that may be sent (`ZMQ_MAX_MSGSZ`).
   */
  properties[PROP_MAX_MESSAGE_SIZE] =
      g_param_spec_int ("max-message-size", NULL, _ ("The largest frame that may be sent, in bytes"),
                        0, G_MAXINT, G_MAXINT, writable);

  /**
   * ZmqContext:ipv6:
   *
   * Whether the sockets made from now on use IPv6 beside IPv4, unless told otherwise by their own
   * [property@Zmq.Socket:ipv6] (`ZMQ_IPV6`).
   */
  properties[PROP_IPV6] =
      g_param_spec_boolean ("ipv6", NULL, _ ("Whether new sockets use IPv6"), FALSE, writable);

  /**
   * ZmqContext:thread-priority:
   *
   * The scheduling priority of the I/O threads, whose range depends on
   * [property@Zmq.Context:thread-scheduling-policy]; -1 for the system's default. Set before the
   * first socket is made (`ZMQ_THREAD_PRIORITY`).
   */
  properties[PROP_THREAD_PRIORITY] =
      g_param_spec_int ("thread-priority", NULL, _ ("The scheduling priority of the I/O threads"),
                        -1, G_MAXINT, -1, writable);

  /**
   * ZmqContext:thread-scheduling-policy:
   *
   * The scheduling policy of the I/O threads, one of the system's `SCHED_…` numbers; -1 for the
   * system's default. Set before the first socket is made (`ZMQ_THREAD_SCHED_POLICY`).
   */
  properties[PROP_THREAD_SCHEDULING_POLICY] =
      g_param_spec_int ("thread-scheduling-policy", NULL,
                        _ ("The scheduling policy of the I/O threads"), -1, G_MAXINT, -1, writable);

  /**
   * ZmqContext:thread-name-prefix:
   *
   * A number put before the names of the I/O threads, so that those of several contexts can be told
   * apart; 0 for none. Set before the first socket is made (`ZMQ_THREAD_NAME_PREFIX`).
   */
  properties[PROP_THREAD_NAME_PREFIX] =
      g_param_spec_int ("thread-name-prefix", NULL,
                        _ ("A number before the names of the I/O threads"), 0, G_MAXINT, 0, writable);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
zmqglib_context_init (ZmqContext *self)
{
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  g_queue_init (&self->sockets);
  self->thread_priority = -1;
  self->thread_scheduling_policy = -1;
  self->handle = zmq_ctx_new ();

  /* as g_malloc () does */
  if (self->handle == NULL)
    g_error ("Could not create a ZeroMQ context: %s", zmq_strerror (zmq_errno ()));
}

/**
 * zmqglib_context_new:
 *
 * Creates a context (`zmq_ctx_new ()`). May be called from any thread.
 *
 * Returns: (transfer full): a new context
 */
ZmqContext *
zmqglib_context_new (void)
{
  return g_object_new (ZMQGLIB_TYPE_CONTEXT, NULL);
}

/**
 * zmqglib_context_get_default:
 *
 * Gets the context that the whole process shares, which is made when first asked for and lives as
 * long as the process. May be called from any thread.
 *
 * Returns: (transfer none): the default context
 */
ZmqContext *
zmqglib_context_get_default (void)
{
  static ZmqContext *instance = NULL;

  if (g_once_init_enter (&instance))
    g_once_init_leave (&instance, zmqglib_context_new ());

  return instance;
}

/**
 * zmqglib_context_shutdown:
 * @self: a context
 *
 * Ends the work of all sockets of the context: every blocked or later operation on them fails with
 * %ZMQGLIB_ERROR_TERMINATED, and each [class@Zmq.Stream] emits [signal@Zmq.Stream::closed] with
 * that error (`zmq_ctx_shutdown ()`).
 *
 * Does not block, may be called from any thread, and may be called again.
 */
void
zmqglib_context_shutdown (ZmqContext *self)
{
  g_return_if_fail (ZMQGLIB_IS_CONTEXT (self));

  g_mutex_lock (&self->mutex);
  if (!self->terminating)
    zmq_ctx_shutdown (self->handle);
  g_mutex_unlock (&self->mutex);
}

static void
on_cancelled (GCancellable *cancellable,
              ZmqContext   *self)
{
  g_mutex_lock (&self->mutex);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

static gboolean
start_terminating (ZmqContext *self,
                   gboolean    is_blocking,
                   GError    **error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&self->mutex);
  guint                           n_own = is_blocking ? count_own_sockets (self) : 0;

  if (n_own > 0)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE,
                   ngettext ("Could not terminate the context: %u socket of this thread is not closed",
                             "Could not terminate the context: %u sockets of this thread are not closed",
                             n_own),
                   n_own);
      return FALSE;
    }

  if (!self->terminating)
    {
      self->terminating = TRUE;
      g_thread_unref (g_thread_new ("zmqglib-term", terminate_thread, g_object_ref (self)));
    }

  return TRUE;
}

static gboolean
wait_until_terminated (ZmqContext   *self,
                       GCancellable *cancellable,
                       GError      **error)
{
  gulong   handler = 0;
  gboolean terminated;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL);

  g_mutex_lock (&self->mutex);
  while (!self->terminated && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&self->changed, &self->mutex);
  terminated = self->terminated;
  g_mutex_unlock (&self->mutex);

  g_cancellable_disconnect (cancellable, handler);

  return terminated || !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/**
 * zmqglib_context_terminate:
 * @self: a context
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Shuts the context down and waits until all that was sent has left, or until each socket's
 * [property@Zmq.Socket:linger] has run out (`zmq_ctx_term ()`).
 *
 * It waits for the sockets of other threads to be closed by those threads, which learn of it by
 * %ZMQGLIB_ERROR_TERMINATED. Sockets that the calling thread was the last to use have to be
 * closed before: else the call fails with %ZMQGLIB_ERROR_WRONG_STATE and changes nothing.
 *
 * When cancelled, it fails with `G_IO_ERROR_CANCELLED`; the context goes on terminating, and the
 * call may be repeated in order to wait again. May be called from any thread.
 *
 * Returns: %TRUE once the context is terminated, %FALSE with @error set otherwise
 */
gboolean
zmqglib_context_terminate (ZmqContext   *self,
                           GCancellable *cancellable,
                           GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_CONTEXT (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return start_terminating (self, TRUE, error) && wait_until_terminated (self, cancellable, error);
}

static void
wait_until_terminated_in_thread (GTask        *task,
                                 gpointer      source_object,
                                 gpointer      task_data,
                                 GCancellable *cancellable)
{
  GError *error = NULL;

  if (wait_until_terminated (source_object, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * zmqglib_context_terminate_async:
 * @self: a context
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the context is terminated
 * @user_data: data for @callback
 *
 * As [method@Zmq.Context.terminate], without blocking.
 *
 * Sockets of the calling thread may be open: a [class@Zmq.Stream] closes its socket by itself when
 * it learns that the context was shut down; any other one has to be closed for the operation to
 * end.
 */
void
zmqglib_context_terminate_async (ZmqContext         *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ZMQGLIB_IS_CONTEXT (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, zmqglib_context_terminate_async);

  start_terminating (self, FALSE, NULL);
  g_task_run_in_thread (task, wait_until_terminated_in_thread);
}

/**
 * zmqglib_context_terminate_finish:
 * @self: a context
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Ends an operation begun with [method@Zmq.Context.terminate_async].
 *
 * Returns: %TRUE once the context is terminated, %FALSE with @error set otherwise
 */
gboolean
zmqglib_context_terminate_finish (ZmqContext   *self,
                                  GAsyncResult *result,
                                  GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_CONTEXT (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <zmq.h>

#include <zmqglib/zmqglib-enum-types.h>

#include "base/zmqglib-debug-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-i18n-private.h"
#include "context/zmqglib-context-private.h"

/* libzmq's own context, which is made when something needs it: then there is somebody to be told
 * that it could not be made. */

/* Beyond, libzmq's arithmetic and memory are at stake; Linux opens no more descriptors either. */
#define MAX_SOCKETS (1 << 20)
/* as many as a thread id can tell apart on Linux, by default */
#define MAX_IO_THREADS (1 << 15)
/* for those that libzmq has yet to close, which it does in a thread of its own, and the one with which it ends */
#define SPARE_SOCKETS 4096

/*
 * zmqglib_context_is_inherited:
 *
 * Returns: whether the context belongs to a process that this one was forked from; nothing of
 *   libzmq may be touched then
 */
gboolean
zmqglib_context_is_inherited (ZmqContext *self)
{
  return zmqglib_fork_is_inherited (self->generation);
}

static void
apply_values (ZmqContext *self)
{
  const ZmqContextValues *values = &self->values;
  const struct
  {
    int option;
    int value;
    int default_value;
  } settings[] = {
    { ZMQ_IO_THREADS, values->io_threads, -1 },
    { ZMQ_MAX_SOCKETS, values->max_sockets + SPARE_SOCKETS, -1 },
    { ZMQ_MAX_MSGSZ, values->max_message_size, -1 },
    { ZMQ_IPV6, values->ipv6, -1 },
    { ZMQ_THREAD_PRIORITY, values->thread_priority, -1 },
    { ZMQ_THREAD_SCHED_POLICY, values->thread_scheduling_policy, -1 },
    { ZMQ_THREAD_NAME_PREFIX, values->thread_name_prefix, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    if (settings[i].value != settings[i].default_value)
      zmq_ctx_set (self->handle, settings[i].option, settings[i].value);
}

/*
 * zmqglib_context_ensure_handle:
 *
 * Makes libzmq's context unless it is there. The lock is held.
 *
 * Returns: 0, or an error number
 */
int
zmqglib_context_ensure_handle (ZmqContext *self)
{
  if (self->handle == NULL && !zmqglib_context_has_descriptors (1))
    return EMFILE;

  if (self->handle == NULL && (self->handle = zmq_ctx_new ()) == NULL)
    return zmq_errno ();

  return 0;
}

/*
 * zmqglib_context_adopt_handle:
 * @handle: somebody else's
 *
 * Takes over what is set of it. What shapes its threads libzmq does not tell.
 */
void
zmqglib_context_adopt_handle (ZmqContext *self,
                              gpointer    handle)
{
  ZmqContextValues *values = &self->values;

  self->adopted = TRUE;
  self->handle = handle;
  self->socket_limit = zmq_ctx_get (handle, ZMQ_SOCKET_LIMIT);
  values->io_threads = zmq_ctx_get (handle, ZMQ_IO_THREADS);
  values->max_sockets = zmq_ctx_get (handle, ZMQ_MAX_SOCKETS);
  values->max_message_size = zmq_ctx_get (handle, ZMQ_MAX_MSGSZ);
  values->ipv6 = zmq_ctx_get (handle, ZMQ_IPV6);
}

/*
 * zmqglib_context_end_handle:
 * @handle: a context of libzmq
 * @catcher: (nullable): what has taken the names that nobody was bound to
 *
 * Ends it, and waits until it has.
 */
void
zmqglib_context_end_handle (gpointer handle,
                            gpointer catcher)
{
  if (catcher != NULL)
    zmq_close (catcher);

  while (zmq_ctx_term (handle) != 0 && zmq_errno () == EINTR)
    ;
}

typedef struct
{
  gpointer handle;
  gpointer catcher;
} Orphan;

static gpointer
end_orphan_thread (gpointer data)
{
  g_autofree Orphan *orphan = data;

  zmqglib_context_end_handle (orphan->handle, orphan->catcher);

  return NULL;
}

/*
 * zmqglib_context_abandon_handle:
 *
 * Leaves libzmq's context to itself, since nobody has the object any more. Does not wait.
 */
void
zmqglib_context_abandon_handle (ZmqContext *self)
{
  g_autofree Orphan *orphan = NULL;
  GThread           *thread;

  if (self->handle == NULL || self->adopted || zmqglib_context_is_inherited (self))
    return;

  if (!self->started)
    {
      zmqglib_context_end_handle (self->handle, NULL);
      return;
    }

  /* Only messages that linger can keep libzmq from ending, but they may do so for ever. Without a
   * thread to wait for them they are still sent, but libzmq's context is never freed. */
  zmqglib_context_catch_names (self);
  orphan = g_new (Orphan, 1);
  *orphan = (Orphan){ self->handle, self->catcher };
  thread = g_thread_try_new ("zmqglib-linger", end_orphan_thread, orphan, NULL);
  if (thread != NULL)
    {
      g_thread_unref (thread);
      g_steal_pointer (&orphan);
    }
  else
    zmqglib_debug ("There is no thread to end a context in: What is unsent is sent, and its memory is not freed");
}

static const char *
get_type_nick (ZmqSocketType type)
{
  g_autoptr (GEnumClass) enum_class = g_type_class_ref (ZMQGLIB_TYPE_SOCKET_TYPE);
  GEnumValue *value = g_enum_get_value (enum_class, type);

  return value != NULL ? value->value_nick : "?";
}

static gboolean
check_limits (ZmqContext   *self,
              ZmqSocketType type,
              GError      **error)
{
  if (self->values.io_threads > MAX_IO_THREADS)
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                 /* Translators: the first is a type of socket, as “pull” */
                 _ ("Could not create a “%s” socket: The context’s “io-threads” of %d is more than %d"),
                 get_type_nick (type), self->values.io_threads, MAX_IO_THREADS);
  else if (self->values.max_sockets > MAX_SOCKETS)
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                 /* Translators: the first is a type of socket, as “pull” */
                 _ ("Could not create a “%s” socket: The context’s “max-sockets” of %d is more than %d"),
                 get_type_nick (type), self->values.max_sockets, MAX_SOCKETS);
  else
    return TRUE;

  return FALSE;
}

/* libzmq needs an epoll and an eventfd for the thread that closes sockets and for each I/O thread,
 * an eventfd for the context, and one for the socket, and GLib two more, see below. */
static gboolean
check_resources (ZmqContext   *self,
                 ZmqSocketType type,
                 GError      **error)
{
  const ZmqContextValues *values = &self->values;
  int                     errnum;

  if (!zmqglib_context_has_descriptors (2 * (values->io_threads + 1) + 4))
    {
      zmqglib_error_set (error, EMFILE, _ ("Could not create a “%s” socket"), get_type_nick (type));
      return FALSE;
    }

  errnum = zmqglib_context_try_threads (values);
  if (errnum == EAGAIN)
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_NO_THREAD,
                 /* Translators: the first is a type of socket, as “pull” */
                 _ ("Could not create a “%s” socket: There cannot be as many threads as the context’s “io-threads” of %d"),
                 get_type_nick (type), values->io_threads);
  else if (errnum != 0)
    zmqglib_error_set (error, errnum,
                       /* Translators: the first is a type of socket, as “pull” */
                       _ ("Could not create a “%s” socket: The context’s “thread-scheduling-policy” of %d and “thread-priority” of %d"),
                       get_type_nick (type), values->thread_scheduling_policy, values->thread_priority);

  return errnum == 0;
}

static gboolean
start (ZmqContext   *self,
       ZmqSocketType type,
       GError      **error)
{
  int errnum;

  if (self->started)
    return TRUE;

  if (!check_limits (self, type, error) || !check_resources (self, type, error))
    return FALSE;

  errnum = zmqglib_context_ensure_handle (self);
  if (errnum != 0)
    {
      zmqglib_error_set (error, errnum, _ ("Could not create a “%s” socket"), get_type_nick (type));
      return FALSE;
    }

  if (!self->adopted)
    apply_values (self);
  self->started = TRUE;
  /* The first GTask makes a main context for GLib's own thread, without whose descriptor GLib ends the process: it is
   * made while there is one. */
  g_type_ensure (G_TYPE_TASK);

  return TRUE;
}

static gboolean
check_alive (ZmqContext   *self,
             ZmqSocketType type,
             GError      **error)
{
  int errnum = 0;

  if (zmqglib_context_is_inherited (self))
    errnum = ZMQGLIB_EFORKED;
  else if (self->terminating || self->shut_down)
    errnum = ETERM;

  if (errnum != 0)
    zmqglib_error_set (error, errnum, _ ("Could not create a “%s” socket"), get_type_nick (type));

  return errnum == 0;
}

static gboolean
check_room (ZmqContext   *self,
            ZmqSocketType type,
            GError      **error)
{
  if (self->sockets.length < (guint) self->values.max_sockets)
    return TRUE;

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TOO_MANY_SOCKETS,
               /* Translators: the first is a type of socket, as “pull” */
               _ ("Could not create a “%s” socket: The context’s “max-sockets” of %d is reached"),
               get_type_nick (type), self->values.max_sockets);

  return FALSE;
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
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);
  gpointer                     handle;

  if (!check_alive (self, type, error) || !start (self, type, error) || !check_room (self, type, error))
    return NULL;

  handle = zmq_socket (self->handle, type);
  if (handle == NULL)
    {
      zmqglib_error_set (error, zmq_errno (), _ ("Could not create a “%s” socket"), get_type_nick (type));
      return NULL;
    }

  g_atomic_pointer_set (&record->thread, g_thread_self ());
  record->type = type;
  record->link.data = record;
  g_queue_push_tail_link (&self->sockets, &record->link);

  return handle;
}

/*
 * zmqglib_context_close_handle:
 * @handle: (nullable): what zmqglib_context_open_handle() returned, or %NULL when it was closed
 * @record: what was given to it
 *
 * Closes a libzmq socket. One that was inherited over a fork is the parent's, and left as it is.
 */
void
zmqglib_context_close_handle (ZmqContext      *self,
                              gpointer         handle,
                              ZmqSocketRecord *record)
{
  gboolean is_last;

  zmqglib_lock_take (&self->lock);
  g_queue_unlink (&self->sockets, &record->link);
  zmqglib_context_leave_all_names (self, record);
  is_last = self->adopted && self->terminating && self->sockets.length == 0;
  zmqglib_lock_give (&self->lock);

  if (handle != NULL && !zmqglib_context_is_inherited (self))
    zmq_close (handle);
  if (is_last)
    zmqglib_latch_open (&self->terminated);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>

#include <zmqglib/zmqglib-enum-types.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "socket/zmqglib-socket-options-private.h"
#include "socket/zmqglib-socket-private.h"

/**
 * ZmqSocket:
 *
 * One ZeroMQ socket.
 *
 * ```c
 * socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_PUSH, &error);
 * g_object_set (socket, "linger", 1000, NULL); // milliseconds
 * zmqglib_socket_connect_to (socket, "tcp://127.0.0.1:5555", &error);
 * zmqglib_socket_try_send (socket, message, &error);
 * ```
 *
 * In Python:
 *
 * ```python
 * socket = Zmq.Socket(Zmq.SocketType.PUSH, linger=1000)  # milliseconds
 * socket.connect('tcp://127.0.0.1:5555')
 * socket.send_async('a job', GLib.PRIORITY_DEFAULT, None, lambda socket, result: socket.send_finish(result))
 * ```
 *
 * A socket is made for a pattern, its [enum@Zmq.SocketType], and then bound or connected to any
 * number of endpoints, such as `tcp://127.0.0.1:5555`, `ipc:///run/user/1000/name` or
 * `inproc://name`. It sends and receives whole messages. In a program with a main loop one wraps it
 * into a [class@Zmq.Stream]; by itself it blocks, or tries.
 *
 * Every stable option of libzmq is a property; [Options of a socket](options.html) has them by what they
 * are for. What most of them say holds for the endpoints that are bound or connected afterwards. Where libzmq refuses a value, setting the property warns;
 * [method@Zmq.Socket.set_option_int] and [method@Zmq.Socket.set_option_bytes] report an error.
 *
 * As in libzmq, a socket belongs to one thread at a time. It may be handed on to another one, by
 * means that order the memory accesses of the two, as a queue or a thread's start does. All methods
 * are to be called from the thread that has it.
 *
 * The last reference closes the socket. What is still unsent is sent in the background for as long
 * as [property@Zmq.Socket:linger] says.
 *
 * Since: 1.0
 */

enum
{
  PROP_0,
  PROP_CONTEXT,
  PROP_SOCKET_TYPE,
  PROP_HANDLE,
  PROP_MAX_FRAMES,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void initable_iface_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ZmqSocket, zmqglib_socket, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init))

static void
zmqglib_socket_constructed (GObject *object)
{
  ZmqSocket *self = ZMQGLIB_SOCKET (object);

  G_OBJECT_CLASS (zmqglib_socket_parent_class)->constructed (object);

  /* Here rather than in init(), so that options given to the constructor find a socket. */
  if (self->construct.context == NULL && self->construct.handle == NULL)
    self->construct.context = g_object_ref (zmqglib_context_get_default ());
  self->core = zmqglib_socket_core_new (self->construct.context, self->construct.type,
                                        self->construct.handle, &self->init_error);
  g_clear_object (&self->construct.context);
}

static gboolean
zmqglib_socket_initable_init (GInitable    *initable,
                              GCancellable *cancellable,
                              GError      **error)
{
  ZmqSocket    *self = ZMQGLIB_SOCKET (initable);
  const GError *reason = self->init_error != NULL ? self->init_error : self->refused_error;

  if (reason != NULL)
    {
      g_propagate_error (error, g_error_copy (reason));
      return FALSE;
    }

  self->is_initialized = TRUE;

  return TRUE;
}

static void
zmqglib_socket_finalize (GObject *object)
{
  ZmqSocket *self = ZMQGLIB_SOCKET (object);

  /* Who uses it in a loop has it until that loop lets go of it; no thread is asked to close it any more. */
  if (self->core != NULL)
    g_atomic_pointer_set (&self->core->record.thread, NULL);
  g_clear_pointer (&self->core, zmqglib_socket_core_unref);
  g_clear_error (&self->init_error);
  g_clear_error (&self->refused_error);

  G_OBJECT_CLASS (zmqglib_socket_parent_class)->finalize (object);
}

static void
zmqglib_socket_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  ZmqSocket *self = ZMQGLIB_SOCKET (object);

  switch (prop_id)
    {
    case PROP_CONTEXT:
      g_value_set_object (value, self->core->context);
      break;
    case PROP_SOCKET_TYPE:
      g_value_set_enum (value, self->core->type);
      break;
    case PROP_MAX_FRAMES:
      g_value_set_uint (value, self->core->max_frames != G_MAXUINT ? self->core->max_frames : 0);
      break;
    default:
      zmqglib_socket_get_option (self, value, pspec);
    }
}

static void
set_max_frames (ZmqSocket *self,
                guint      max_frames)
{
  const guint limit = max_frames > 0 ? max_frames : G_MAXUINT;

  if (self->core->max_frames == limit)
    return;

  self->core->max_frames = limit;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_FRAMES]);
}

static void
zmqglib_socket_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  ZmqSocket *self = ZMQGLIB_SOCKET (object);

  switch (prop_id)
    {
    case PROP_CONTEXT:
      self->construct.context = g_value_dup_object (value);
      break;
    case PROP_SOCKET_TYPE:
      self->construct.type = g_value_get_enum (value);
      break;
    case PROP_HANDLE:
      self->construct.handle = g_value_get_pointer (value);
      break;
    case PROP_MAX_FRAMES:
      set_max_frames (self, g_value_get_uint (value));
      break;
    default:
      zmqglib_socket_write_property (self, value, pspec);
    }
}

static void
zmqglib_socket_class_init (ZmqSocketClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = zmqglib_socket_constructed;
  object_class->finalize = zmqglib_socket_finalize;
  object_class->get_property = zmqglib_socket_get_property;
  object_class->set_property = zmqglib_socket_set_property;

  /**
   * ZmqSocket:context:
   *
   * The context that the socket lives in; the default one when %NULL is given. %NULL for a socket
   * around a foreign handle.
   *
   * Since: 1.0
   */
  properties[PROP_CONTEXT] =
      g_param_spec_object ("context", NULL, _ ("The context that the socket lives in"),
                           ZMQGLIB_TYPE_CONTEXT,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqSocket:socket-type:
   *
   * The messaging pattern (`ZMQ_TYPE`).
   *
   * Since: 1.0
   */
  properties[PROP_SOCKET_TYPE] =
      g_param_spec_enum ("socket-type", NULL, _ ("The messaging pattern"),
                         ZMQGLIB_TYPE_SOCKET_TYPE, ZMQGLIB_SOCKET_PAIR,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqSocket:handle: (skip)
   *
   * The foreign handle that is adopted, see [ctor@Zmq.Socket.new_for_handle].
   *
   * Since: 1.0
   */
  properties[PROP_HANDLE] =
      g_param_spec_pointer ("handle", NULL, _ ("The foreign handle that is adopted"),
                            G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * ZmqSocket:max-frames:
   *
   * How many frames a message may have, those that libzmq puts in front included, as a ROUTER's routing id; 0 for no
   * limit. Defaults to 0. What has more is dropped as it is read, without being held: [signal@Zmq.Stream::rejected]
   * tells a stream, and [method@Zmq.Socket.receive] and its kin read on. A REP socket answers it with an empty frame,
   * since it could not read on otherwise.
   *
   * libzmq limits a frame, by [property@Zmq.Socket:max-message-size], but not the number of them: those of a message
   * whose last frame does not come it piles up all the same, be this property what it may. It holds for what is read
   * afterwards, and is this library's own.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_FRAMES] =
      g_param_spec_uint ("max-frames", NULL, _ ("How many frames a message may have"), 0, G_MAXUINT, 0,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  g_object_class_install_properties (object_class, N_PROPS, properties);
  zmqglib_socket_install_options (object_class, N_PROPS);
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = zmqglib_socket_initable_init;
}

static void
zmqglib_socket_init (ZmqSocket *self)
{
}

/* A property would take another type for one that it does not know. */
static gboolean
has_type (ZmqSocketType type,
          GError      **error)
{
  g_autoptr (GEnumClass) enum_class = g_type_class_ref (ZMQGLIB_TYPE_SOCKET_TYPE);

  if (g_enum_get_value (enum_class, type) != NULL)
    return TRUE;

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
               _ ("Could not create a socket: There is no socket type %d"), type);

  return FALSE;
}

/**
 * zmqglib_socket_new:
 * @context: (nullable): the context to live in, or %NULL for the default one
 * @type: the messaging pattern
 * @error: return location for an error
 *
 * Creates a socket (`zmq_socket ()`).
 *
 * Fails with %ZMQGLIB_ERROR_TOO_MANY_SOCKETS when the context's
 * [property@Zmq.Context:max-sockets] or the process's file descriptors are used up, and with
 * %ZMQGLIB_ERROR_TERMINATED when the context was shut down, %ZMQGLIB_ERROR_CLOSED in a process forked
 * from that of the context, and %ZMQGLIB_ERROR_INVALID_ARGUMENT when there is no such type.
 *
 * Returns: (transfer full): a new socket
 *
 * Since: 1.0
 */
ZmqSocket *
zmqglib_socket_new (ZmqContext   *context,
                    ZmqSocketType type,
                    GError      **error)
{
  g_return_val_if_fail (context == NULL || ZMQGLIB_IS_CONTEXT (context), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!has_type (type, error))
    return NULL;

  return g_initable_new (ZMQGLIB_TYPE_SOCKET, NULL, error,
                         "context", context,
                         "socket-type", type,
                         NULL);
}

/**
 * zmqglib_socket_new_for_handle: (constructor)
 * @handle: (not nullable): a libzmq socket, as `zmq_socket ()` returns it
 * @error: return location for an error
 *
 * Adopts a libzmq socket that other code has made, without owning it: closing the object leaves
 * the handle open, and the other code has to close it, after the object.
 *
 * Since that code may use the handle at any time unseen, whoever watches the socket in a main
 * context asks it what is ready in each iteration.
 *
 * Fails with %ZMQGLIB_ERROR_CLOSED when @handle is not an open socket.
 *
 * Returns: (transfer full): a new socket
 *
 * Since: 1.0
 */
ZmqSocket *
zmqglib_socket_new_for_handle (gpointer handle,
                               GError **error)
{
  int   type = 0;
  gsize size = sizeof type;

  g_return_val_if_fail (handle != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (zmq_getsockopt (handle, ZMQ_TYPE, &type, &size) != 0)
    {
      zmqglib_error_set (error, zmq_errno (), _ ("Could not adopt a handle"));
      return NULL;
    }

  return g_initable_new (ZMQGLIB_TYPE_SOCKET, NULL, error,
                         "handle", handle,
                         "socket-type", type,
                         NULL);
}

/**
 * zmqglib_socket_get_handle:
 * @self: a socket
 *
 * Gets libzmq's own socket, for calls that have no counterpart here.
 *
 * Since it may be used at any time unseen, from now on whoever watches the socket in a main context
 * asks it what is ready in each iteration. The handle still belongs to @self; foreign code that
 * closes it nevertheless makes its streams emit [signal@Zmq.Stream::closed].
 *
 * Returns: (transfer none) (nullable): the handle, or %NULL when the socket is closed
 *
 * Since: 1.0
 */
gpointer
zmqglib_socket_get_handle (ZmqSocket *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), NULL);

  if (zmqglib_socket_core_check (self->core) != 0)
    return NULL;

  zmqglib_socket_core_read_out (self->core);
  self->core->exposed = TRUE;
  zmqglib_socket_core_touch (self->core, NULL);

  return self->core->handle;
}

/**
 * zmqglib_socket_get_context:
 * @self: a socket
 *
 * Gets the context that the socket lives in.
 *
 * Returns: (transfer none) (nullable): the context, or %NULL when the socket was made for a foreign
 *   handle
 *
 * Since: 1.0
 */
ZmqContext *
zmqglib_socket_get_context (ZmqSocket *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), NULL);

  return self->core->context;
}

/**
 * zmqglib_socket_get_socket_type:
 * @self: a socket
 *
 * Gets the messaging pattern.
 *
 * Returns: the type of the socket
 *
 * Since: 1.0
 */
ZmqSocketType
zmqglib_socket_get_socket_type (ZmqSocket *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), ZMQGLIB_SOCKET_PAIR);

  return self->core->type;
}

/**
 * zmqglib_socket_close:
 * @self: a socket
 *
 * Closes the socket (`zmq_close ()`). It does not block: what is still unsent is sent in the
 * background for as long as [property@Zmq.Socket:linger] says.
 *
 * Later operations fail with %ZMQGLIB_ERROR_CLOSED. A [class@Zmq.Stream] of the socket emits
 * [signal@Zmq.Stream::closed] with that error. Closing again does nothing.
 *
 * A socket of a stream, or with operations under way, may be closed in any thread: libzmq's socket is
 * closed when the thread that runs their main context is out of it.
 *
 * Since: 1.0
 */
void
zmqglib_socket_close (ZmqSocket *self)
{
  g_return_if_fail (ZMQGLIB_IS_SOCKET (self));

  zmqglib_socket_core_close (self->core);
}

/**
 * zmqglib_socket_is_closed:
 * @self: a socket
 *
 * Whether the socket was closed.
 *
 * Returns: %TRUE when it was
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_is_closed (ZmqSocket *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), TRUE);

  return zmqglib_socket_core_check (self->core) != 0;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>

#include "base/zmqglib-debug-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "base/zmqglib-withholding-private.h"
#include "socket/zmqglib-endpoint-check-private.h"
#include "socket/zmqglib-option-check-private.h"
#include "socket/zmqglib-port-range-private.h"

typedef int (*EndpointFunc) (void       *handle,
                             const char *endpoint);

static gboolean
is_inproc (const char *endpoint)
{
  return g_str_has_prefix (endpoint, "inproc://");
}

static gboolean
is_leaving (EndpointFunc func)
{
  return func == zmq_unbind || func == zmq_disconnect;
}

/* Of an address of tipc:// that is none libzmq says nothing, or still that its socket had no commands just then. */
static int
get_errnum (int result)
{
  int errnum = result == 0 ? 0 : zmq_errno ();

  return result != 0 && (errnum == 0 || errnum == EAGAIN) ? EINVAL : errnum;
}

/* A signal interrupts libzmq before it has begun. */
static int
call (ZmqSocket   *self,
      EndpointFunc func,
      const char  *endpoint)
{
  int errnum;

  zmqglib_withholding_begin ();
  do
    {
      errno = 0;
      errnum = get_errnum (func (self->core->handle, endpoint));
    }
  while (errnum == EINTR);
  zmqglib_withholding_end ();

  return errnum;
}

static int
call_for_name (ZmqSocketCore *core,
               EndpointFunc   func,
               const char    *name)
{
  if (func == zmq_bind)
    return zmqglib_context_bind_name (core->context, &core->record, core->handle, name, core->welcomes);
  else if (func == zmq_connect)
    return zmqglib_context_connect_to_name (core->context, &core->record, core->handle, name, core->conflates);
  else
    return zmqglib_context_leave_name (core->context, &core->record, core->handle, name);
}

static void
set_error (GError     **error,
           EndpointFunc func,
           int          errnum,
           const char  *endpoint,
           const char  *what)
{
  if (is_inproc (endpoint) && is_leaving (func) && errnum == EBUSY)
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE,
                 /* Translators: what could not be done */
                 _ ("%s: Nobody is bound to it, and other sockets wait there, too"), what);
  else if (is_inproc (endpoint) && errnum == EBUSY)
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE,
                 /* Translators: what could not be done */
                 _ ("%s: One that has waited there is gone, and other sockets wait there, too"), what);
  else if (is_inproc (endpoint) && func == zmq_bind && errnum == ENOCOMPATPROTO)
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INCOMPATIBLE,
                 /* Translators: what could not be done; the others are types of sockets */
                 _ ("%s: A “router” or “rep” socket waits there, which does not go with “pair”"), what);
  else if (is_leaving (func) && errnum == ENOENT)
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_NOT_FOUND, _ ("%s: %s"), what,
                 func == zmq_unbind ? _ ("The socket is not bound to it") : _ ("The socket is not connected to it"));
  else
    zmqglib_endpoint_set_error (error, errnum, endpoint, what);
}

/* libzmq aborts when it is to ask another socket than one of these whom to let in. */
static gboolean
check_bind_name (ZmqSocket  *self,
                 const char *endpoint,
                 const char *what,
                 GError    **error)
{
  if (!g_str_equal (endpoint, "inproc://zeromq.zap.01") || self->core->type == ZMQGLIB_SOCKET_ROUTER ||
      self->core->type == ZMQGLIB_SOCKET_REP)
    return TRUE;

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INCOMPATIBLE,
               /* Translators: what could not be done; the others are types of sockets */
               _ ("%s: Authenticators are “router” or “rep” sockets"), what);

  return FALSE;
}

static gboolean
check_endpoint (ZmqSocket   *self,
                EndpointFunc func,
                const char  *endpoint,
                const char  *what,
                GError     **error)
{
  if (!zmqglib_socket_core_check_open (self->core, what, error))
    return FALSE;

  if (func == zmq_bind)
    return zmqglib_option_check_security (self, what, error) && zmqglib_endpoint_check_bind (self, endpoint, what, error) &&
           check_bind_name (self, endpoint, what, error);
  else if (func == zmq_connect)
    return zmqglib_option_check_security (self, what, error) && zmqglib_option_check_routing_id (self, what, error) &&
           zmqglib_endpoint_check_connect (self, endpoint, what, error);
  else
    return zmqglib_endpoint_check (endpoint, what, error);
}

static gboolean
makes_reachable (EndpointFunc func,
                 const char  *endpoint)
{
  return (func == zmq_bind || func == zmq_connect) && !is_inproc (endpoint);
}

/* Before it is connected to, since others hear of the connection from another thread. */
static void
tell_joining (ZmqSocket   *self,
              EndpointFunc func,
              const char  *endpoint)
{
  ZmqSocketFollower *follower = self->core->follower;

  if (follower != NULL && func == zmq_connect)
    follower->joining (follower, endpoint);
}

static void
tell_left (ZmqSocket   *self,
           EndpointFunc func,
           const char  *endpoint)
{
  ZmqSocketFollower *follower = self->core->follower;

  if (follower != NULL && is_leaving (func))
    follower->left (follower, endpoint);
}

static const char *
name_change (EndpointFunc func)
{
  if (func == zmq_bind)
    return "bound to";
  else if (func == zmq_unbind)
    return "unbound from";
  else if (func == zmq_connect)
    return "connected to";
  else
    return "disconnected from";
}

/* What was bound to is told by its own name. */
static void
log_change (ZmqSocket   *self,
            EndpointFunc func,
            const char  *endpoint)
{
  g_autofree char *shown = zmqglib_error_show (endpoint);
  g_autofree char *last_endpoint = NULL;

  if (func == zmq_bind)
    g_object_get (self, "last-endpoint", &last_endpoint, NULL);

  g_debug ("%p: The \"%s\" socket was %s \"%s\"", (gpointer) self->core, zmqglib_socket_core_get_type_nick (self->core),
           name_change (func), last_endpoint != NULL ? last_endpoint : shown);
}

static gboolean
change_endpoint (ZmqSocket   *self,
                 EndpointFunc func,
                 const char  *endpoint,
                 const char  *what,
                 GError     **error)
{
  g_autoptr (ZmqSocket) held G_GNUC_UNUSED = g_object_ref (self);
  int                        errnum;

  if (!check_endpoint (self, func, endpoint, what, error) ||
      (makes_reachable (func, endpoint) && !zmqglib_socket_guard (self, what, error)))
    return FALSE;

  if (is_leaving (func))
    zmqglib_socket_core_read_out (self->core);
  tell_joining (self, func, endpoint);
  if (is_inproc (endpoint) && self->core->context != NULL)
    errnum = call_for_name (self->core, func, endpoint);
  else
    errnum = call (self, func, endpoint);
  zmqglib_socket_core_touch (self->core, NULL);

  if (errnum != 0)
    {
      set_error (error, func, errnum, endpoint, what);
      return FALSE;
    }

  if (makes_reachable (func, endpoint))
    self->core->is_reachable = TRUE;
  if (func == zmq_bind)
    {
      zmqglib_endpoint_bound (self, endpoint);
      zmqglib_option_bound (self);
    }
  else if (func == zmq_connect)
    zmqglib_option_connected (self, endpoint);
  tell_left (self, func, endpoint);
  if (zmqglib_is_debugged ())
    log_change (self, func, endpoint);
  g_object_notify (G_OBJECT (self), "last-endpoint");

  return TRUE;
}

/* Only a port that is in use is a reason to try the next one. */
static gboolean
bind_range (ZmqSocket  *self,
            const char *endpoint,
            const char *what,
            GError    **error)
{
  g_auto (ZmqPortRange) range = { 0 };

  if (!zmqglib_port_range_init (&range, endpoint))
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                   /* Translators: what could not be done */
                   _ ("%s: A range of ports is written as [first-last], with numbers from 1 to 65535"), what);
      return FALSE;
    }

  for (guint i = 0; i < zmqglib_port_range_get_length (&range); i++)
    {
      g_autofree char *candidate = zmqglib_port_range_get_endpoint (&range, i);
      g_autoptr (GError) reason = NULL;

      if (change_endpoint (self, zmq_bind, candidate, what, &reason))
        return TRUE;
      if (!g_error_matches (reason, ZMQGLIB_ERROR, ZMQGLIB_ERROR_ADDRESS_IN_USE))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
    }

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_ADDRESS_IN_USE,
               /* Translators: what could not be done */
               _ ("%s: All ports of the range are in use"), what);

  return FALSE;
}

/**
 * zmqglib_socket_bind:
 * @self: a socket
 * @endpoint: an endpoint, such as `tcp://127.0.0.1:5555`, `tcp://0.0.0.0:5555`,
 *   `ipc:///run/user/1000/name` or `inproc://name`
 * @error: return location for an error
 *
 * Accepts peers at an endpoint (`zmq_bind ()`). With `*` or `0` for a TCP port, or `*` for an IPC
 * path, a free one is taken, and [property@Zmq.Socket:last-endpoint] tells which.
 *
 * With a range for a TCP port, as in `tcp://127.0.0.1:[60000-60100]`, its first port that is not in use is taken, and
 * with `![60000-60100]` any one of them. As with CZMQ `*[60000-60100]` is the same as the first, and what is left out
 * is 49152 or 65535, the limits of what nobody has registered: `[60000-]`, or `!` alone for any of those.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when the endpoint is malformed,
 * %ZMQGLIB_ERROR_PROTOCOL_NOT_SUPPORTED when its transport is not known,
 * %ZMQGLIB_ERROR_INCOMPATIBLE when it does not go with the type of the socket, as also where a PAIR would find a ROUTER or REP that
 * waits at an `inproc://` name,
 * %ZMQGLIB_ERROR_ADDRESS_IN_USE, for a range when all of its ports are, %ZMQGLIB_ERROR_ADDRESS_NOT_AVAILABLE,
 * %ZMQGLIB_ERROR_NOT_FOUND when there is no such device,
 * %ZMQGLIB_ERROR_TOO_MANY_SOCKETS when file descriptors have run out, and
 * %ZMQGLIB_ERROR_PERMISSION_DENIED, and with %ZMQGLIB_ERROR_WRONG_STATE after a security property was
 * refused, until it has been set to something that libzmq takes, and at an `inproc://` name where others wait, and one that has
 * waited with [property@Zmq.Socket:conflate] is gone, or any one of a socket with [property@Zmq.Socket:xpub-welcome-message].
 *
 * The path of an IPC endpoint is in use when somebody listens there, and when it is anything but a
 * socket: nothing is taken away from others. A socket that was left behind is replaced, and
 * one that was just unbound is given a tenth of a second to go.
 *
 * Returns: %TRUE when bound, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_bind (ZmqSocket  *self,
                     const char *endpoint,
                     GError    **error)
{
  g_autofree char *shown = NULL;
  g_autofree char *what = NULL;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (endpoint != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  shown = zmqglib_error_show (endpoint);
  what = g_strdup_printf (_ ("Could not bind to “%s”"), shown);

  return zmqglib_port_range_is (endpoint) ? bind_range (self, endpoint, what, error)
                                          : change_endpoint (self, zmq_bind, endpoint, what, error);
}

/**
 * zmqglib_socket_unbind:
 * @self: a socket
 * @endpoint: an endpoint that the socket is bound to, as [property@Zmq.Socket:last-endpoint] told
 * @error: return location for an error
 *
 * Stops accepting peers at an endpoint (`zmq_unbind ()`).
 *
 * Fails with %ZMQGLIB_ERROR_NOT_FOUND when the socket is not bound to it.
 *
 * Returns: %TRUE when unbound, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_unbind (ZmqSocket  *self,
                       const char *endpoint,
                       GError    **error)
{
  g_autofree char *shown = NULL;
  g_autofree char *what = NULL;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (endpoint != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  shown = zmqglib_error_show (endpoint);
  what = g_strdup_printf (_ ("Could not unbind from “%s”"), shown);

  return change_endpoint (self, zmq_unbind, endpoint, what, error);
}

/**
 * zmqglib_socket_connect_to:
 * @self: a socket
 * @endpoint: an endpoint, such as `tcp://localhost:5555`
 * @error: return location for an error
 *
 * Connects to a peer (`zmq_connect ()`). It does not wait for the peer, which may come later, and
 * go and come again.
 *
 * The name is another than libzmq's because `connect` belongs to signals in every language.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when the endpoint is malformed,
 * %ZMQGLIB_ERROR_PROTOCOL_NOT_SUPPORTED when its transport is not known,
 * %ZMQGLIB_ERROR_INCOMPATIBLE when it does not go with the type of the socket,
 * %ZMQGLIB_ERROR_TOO_MANY_SOCKETS when file descriptors have run out,
 * %ZMQGLIB_ERROR_HOST_UNREACHABLE when [property@Zmq.Socket:socks-proxy] cannot be reached or does not reach the peer, which
 * takes up to five seconds a step to find out, %ZMQGLIB_ERROR_ADDRESS_IN_USE when
 * [property@Zmq.Socket:connect-routing-id] has been used before,
 * %ZMQGLIB_ERROR_WRONG_STATE when it is set and peers may have come that name themselves, or after a security property was refused, until it has been set to something
 * that libzmq takes, and %ZMQGLIB_ERROR_NO_THREAD.
 *
 * Returns: %TRUE when the endpoint was accepted, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_connect_to (ZmqSocket  *self,
                           const char *endpoint,
                           GError    **error)
{
  g_autofree char *shown = NULL;
  g_autofree char *what = NULL;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (endpoint != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  shown = zmqglib_error_show (endpoint);
  what = g_strdup_printf (_ ("Could not connect to “%s”"), shown);

  return change_endpoint (self, zmq_connect, endpoint, what, error);
}

/**
 * zmqglib_socket_disconnect_from:
 * @self: a socket
 * @endpoint: an endpoint that the socket is connected to
 * @error: return location for an error
 *
 * Gives a connection up (`zmq_disconnect ()`). What was not sent to that peer yet is sent for as
 * long as [property@Zmq.Socket:linger] says.
 *
 * Fails with %ZMQGLIB_ERROR_NOT_FOUND when the socket is not connected to it, and with %ZMQGLIB_ERROR_WRONG_STATE for a ROUTER or
 * REP, or with [property@Zmq.Socket:conflate], at an `inproc://` name to which nobody has been bound, and where others wait, too:
 * libzmq would abort later.
 *
 * Returns: %TRUE when disconnected, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_disconnect_from (ZmqSocket  *self,
                                const char *endpoint,
                                GError    **error)
{
  g_autofree char *shown = NULL;
  g_autofree char *what = NULL;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (endpoint != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  shown = zmqglib_error_show (endpoint);
  what = g_strdup_printf (_ ("Could not disconnect from “%s”"), shown);

  return change_endpoint (self, zmq_disconnect, endpoint, what, error);
}

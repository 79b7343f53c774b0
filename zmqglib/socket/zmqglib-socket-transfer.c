/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "message/zmqglib-message-private.h"
#include "socket/zmqglib-socket-private.h"

/* What is waited for, and until when: a deadline in monotonic time, or -1 for none. */
typedef struct
{
  gint64        deadline;
  GCancellable *cancellable;
  GPollFD       fds[2];
  guint         n_fds;
} Wait;

static void
wait_init (Wait         *wait,
           ZmqSocket    *self,
           gint64        timeout_us,
           GCancellable *cancellable)
{
  wait->deadline = timeout_us < 0 ? -1 : g_get_monotonic_time () + timeout_us;
  wait->cancellable = cancellable;
  wait->fds[0] = (GPollFD){ .fd = self->fd, .events = G_IO_IN };
  wait->n_fds = 1;

  if (cancellable != NULL && g_cancellable_make_pollfd (cancellable, &wait->fds[1]))
    wait->n_fds = 2;
}

static void
wait_clear (Wait *wait)
{
  if (wait->n_fds == 2)
    g_cancellable_release_fd (wait->cancellable);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wait, wait_clear)

/* Waits until libzmq has a command for the socket. What this is about is not known before the
 * operation is tried again. */
static gboolean
wait_for_command (Wait       *wait,
                  const char *what,
                  GError    **error)
{
  int timeout_ms = -1;

  if (wait->deadline >= 0)
    {
      gint64 left = wait->deadline - g_get_monotonic_time ();

      if (left <= 0)
        {
          g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN,
                       /* Translators: what could not be done, in time */
                       _ ("%s: The time is up"), what);
          return FALSE;
        }

      timeout_ms = MIN ((left + 999) / 1000, G_MAXINT);
    }

  g_poll (wait->fds, wait->n_fds, timeout_ms);

  return !g_cancellable_set_error_if_cancelled (wait->cancellable, error);
}

/* Zero, or why not by EAGAIN. */
static int
query_for (ZmqSocket    *self,
           GIOCondition  condition,
           GIOCondition *found)
{
  int errnum = zmqglib_socket_query (self, found);

  *found &= condition;

  return errnum != 0 ? errnum : (*found != 0 ? 0 : EAGAIN);
}

static gint64
get_timeout (ZmqSocket *self,
             int        option)
{
  int   timeout_ms = -1;
  gsize size = sizeof timeout_ms;

  zmq_getsockopt (self->handle, option, &timeout_ms, &size);

  return timeout_ms < 0 ? -1 : (gint64) timeout_ms * 1000;
}

gboolean
zmqglib_socket_check_message (ZmqSocket  *self,
                              ZmqMessage *message,
                              GError    **error)
{
  if (zmqglib_message_get_n_frames (message) > 0)
    return TRUE;

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
               _ ("Could not send through a “%s” socket: The message has no frame"),
               zmqglib_socket_get_type_nick (self));

  return FALSE;
}

static int
send_now (ZmqSocket  *self,
          ZmqMessage *message)
{
  int errnum = zmqglib_message_send (message, self->handle);

  zmqglib_socket_touch (self);

  return errnum;
}

static ZmqMessage *
receive_now (ZmqSocket *self,
             int       *errnum)
{
  ZmqMessage *message = zmqglib_message_receive (self->handle, errnum);

  zmqglib_socket_touch (self);

  return message;
}

char *
zmqglib_socket_describe_send (ZmqSocket *self)
{
  /* Translators: a type of socket, as “push” */
  return g_strdup_printf (_ ("Could not send through a “%s” socket"),
                          zmqglib_socket_get_type_nick (self));
}

char *
zmqglib_socket_describe_receive (ZmqSocket *self)
{
  /* Translators: a type of socket, as “pull” */
  return g_strdup_printf (_ ("Could not receive from a “%s” socket"),
                          zmqglib_socket_get_type_nick (self));
}

char *
zmqglib_socket_describe_wait (ZmqSocket *self)
{
  /* Translators: a type of socket, as “pull” */
  return g_strdup_printf (_ ("Could not wait for a “%s” socket"),
                          zmqglib_socket_get_type_nick (self));
}

/* The sentence is put together only for an error: most sockets are open. */
gboolean
zmqglib_socket_check_usable (ZmqSocket *self,
                             char *(*describe) (ZmqSocket *self),
                             GError **error)
{
  g_autofree char *what = NULL;

  if (zmqglib_socket_check_open (self, "", NULL))
    return TRUE;

  what = describe (self);

  return zmqglib_socket_check_open (self, what, error);
}

/**
 * zmqglib_socket_send:
 * @self: a socket
 * @message: a message of at least one frame
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Sends a message, all of its frames, and blocks until libzmq has taken it, for as long as
 * [property@Zmq.Socket:send-timeout] says (`zmq_msg_send ()`). The message may be used again.
 *
 * Fails with %ZMQGLIB_ERROR_AGAIN when the time is up, %ZMQGLIB_ERROR_WRONG_STATE when it is
 * not the socket's turn to send, %ZMQGLIB_ERROR_NOT_SUPPORTED when the type of the socket cannot
 * send, %ZMQGLIB_ERROR_HOST_UNREACHABLE when a peer that was asked for is not there,
 * %ZMQGLIB_ERROR_TERMINATED or %ZMQGLIB_ERROR_CLOSED, and with `G_IO_ERROR_CANCELLED`. Then
 * nothing has been sent.
 *
 * Returns: %TRUE when the message was sent, %FALSE with @error set otherwise
 */
gboolean
zmqglib_socket_send (ZmqSocket    *self,
                     ZmqMessage   *message,
                     GCancellable *cancellable,
                     GError      **error)
{
  g_autofree char *what = NULL;
  g_auto (Wait) wait = { 0 };
  gboolean queried = FALSE;
  int      errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (message != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !zmqglib_socket_check_message (self, message, error) ||
      !zmqglib_socket_check_usable (self, zmqglib_socket_describe_send, error))
    return FALSE;

  errnum = send_now (self, message);
  if (errnum == 0)
    return TRUE;

  what = zmqglib_socket_describe_send (self);
  wait_init (&wait, self, get_timeout (self, ZMQ_SNDTIMEO), cancellable);

  /* A send may leave commands unprocessed, and may be refused although the socket is writable, by a
   * ROUTER for one peer of many. So after a query and another refusal only a command can help. */
  while (errnum == EAGAIN)
    {
      GIOCondition condition;

      if (queried && !wait_for_command (&wait, what, error))
        return FALSE;

      errnum = zmqglib_socket_query (self, &condition);
      queried = TRUE;
      if (errnum == 0)
        errnum = send_now (self, message);
    }

  if (errnum != 0)
    zmqglib_error_set (error, errnum, "%s", what);

  return errnum == 0;
}

/**
 * zmqglib_socket_receive:
 * @self: a socket
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Receives a message, all of its frames, and blocks until there is one, for as long as
 * [property@Zmq.Socket:receive-timeout] says (`zmq_msg_recv ()`).
 *
 * Fails with %ZMQGLIB_ERROR_AGAIN when the time is up, %ZMQGLIB_ERROR_WRONG_STATE when it is
 * not the socket's turn to receive, %ZMQGLIB_ERROR_NOT_SUPPORTED when the type of the socket
 * cannot receive, %ZMQGLIB_ERROR_TERMINATED or %ZMQGLIB_ERROR_CLOSED, and with
 * `G_IO_ERROR_CANCELLED`. Then nothing has been received, and nothing is lost.
 *
 * Returns: (transfer full): the message, or %NULL with @error set
 */
ZmqMessage *
zmqglib_socket_receive (ZmqSocket    *self,
                        GCancellable *cancellable,
                        GError      **error)
{
  g_autofree char *what = NULL;
  g_auto (Wait) wait = { 0 };
  ZmqMessage *message;
  int         errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !zmqglib_socket_check_usable (self, zmqglib_socket_describe_receive, error))
    return NULL;

  message = receive_now (self, &errnum);
  if (message != NULL)
    return message;

  what = zmqglib_socket_describe_receive (self);
  wait_init (&wait, self, get_timeout (self, ZMQ_RCVTIMEO), cancellable);

  while (message == NULL && errnum == EAGAIN)
    {
      GIOCondition condition;

      errnum = query_for (self, G_IO_IN, &condition);
      if (errnum == 0)
        message = receive_now (self, &errnum);
      else if (errnum == EAGAIN && !wait_for_command (&wait, what, error))
        return NULL;
    }

  if (message == NULL)
    zmqglib_error_set (error, errnum, "%s", what);

  return message;
}

/**
 * zmqglib_socket_try_send:
 * @self: a socket
 * @message: a message of at least one frame
 * @error: return location for an error
 *
 * As [method@Zmq.Socket.send], without ever blocking: it fails with %ZMQGLIB_ERROR_AGAIN when
 * the message cannot be sent now (`ZMQ_DONTWAIT`).
 *
 * Returns: %TRUE when the message was sent, %FALSE with @error set otherwise
 */
gboolean
zmqglib_socket_try_send (ZmqSocket  *self,
                         ZmqMessage *message,
                         GError    **error)
{
  g_autofree char *what = NULL;
  int              errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (message != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!zmqglib_socket_check_message (self, message, error) ||
      !zmqglib_socket_check_usable (self, zmqglib_socket_describe_send, error))
    return FALSE;

  errnum = send_now (self, message);
  if (errnum == 0)
    return TRUE;

  what = zmqglib_socket_describe_send (self);
  zmqglib_error_set (error, errnum, "%s", what);

  return FALSE;
}

/**
 * zmqglib_socket_try_receive:
 * @self: a socket
 * @error: return location for an error
 *
 * As [method@Zmq.Socket.receive], without ever blocking: it fails with %ZMQGLIB_ERROR_AGAIN when
 * there is no message (`ZMQ_DONTWAIT`).
 *
 * Returns: (transfer full): the message, or %NULL with @error set
 */
ZmqMessage *
zmqglib_socket_try_receive (ZmqSocket *self,
                            GError   **error)
{
  g_autofree char *what = NULL;
  ZmqMessage      *message;
  int              errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!zmqglib_socket_check_usable (self, zmqglib_socket_describe_receive, error))
    return NULL;

  message = receive_now (self, &errnum);
  if (message != NULL)
    return message;

  what = zmqglib_socket_describe_receive (self);
  zmqglib_error_set (error, errnum, "%s", what);

  return NULL;
}

/**
 * zmqglib_socket_get_condition:
 * @self: a socket
 *
 * Gets what can be done now without blocking (`ZMQ_EVENTS`).
 *
 * Returns: %G_IO_IN when a message can be received, %G_IO_OUT when one can be sent, both, or none;
 *   %G_IO_NVAL when the socket is closed, %G_IO_HUP when its context was shut down
 */
GIOCondition
zmqglib_socket_get_condition (ZmqSocket *self)
{
  GIOCondition condition;
  int          errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), G_IO_NVAL);

  if (!zmqglib_socket_check_open (self, "", NULL))
    return G_IO_NVAL;

  errnum = zmqglib_socket_query (self, &condition);
  if (errnum == 0)
    return condition;

  return errnum == ETERM ? G_IO_HUP : G_IO_NVAL;
}

/**
 * zmqglib_socket_wait:
 * @self: a socket
 * @condition: what to wait for: %G_IO_IN, %G_IO_OUT or both
 * @timeout_us: how long to wait at most, in microseconds, or -1 for as long as it takes
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Blocks until the socket can receive or send, whichever is asked for and comes first.
 *
 * Fails with %ZMQGLIB_ERROR_AGAIN when the time is up, %ZMQGLIB_ERROR_TERMINATED or
 * %ZMQGLIB_ERROR_CLOSED, and with `G_IO_ERROR_CANCELLED`.
 *
 * Returns: %TRUE when it can, %FALSE with @error set otherwise
 */
gboolean
zmqglib_socket_wait (ZmqSocket    *self,
                     GIOCondition  condition,
                     gint64        timeout_us,
                     GCancellable *cancellable,
                     GError      **error)
{
  g_autofree char *what = NULL;
  g_auto (Wait) wait = { 0 };
  GIOCondition found;
  int          errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail ((condition & (G_IO_IN | G_IO_OUT)) != 0, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !zmqglib_socket_check_usable (self, zmqglib_socket_describe_wait, error))
    return FALSE;

  what = zmqglib_socket_describe_wait (self);
  wait_init (&wait, self, timeout_us, cancellable);

  while ((errnum = query_for (self, condition, &found)) == EAGAIN)
    if (!wait_for_command (&wait, what, error))
      return FALSE;

  if (errnum != 0)
    zmqglib_error_set (error, errnum, "%s", what);

  return errnum == 0;
}

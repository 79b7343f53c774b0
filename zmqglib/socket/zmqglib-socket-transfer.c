/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <zmq.h>

#include "base/zmqglib-cancel-watch-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-expiry-private.h"
#include "base/zmqglib-i18n-private.h"
#include "base/zmqglib-withholding-private.h"
#include "message/zmqglib-message-private.h"
#include "socket/zmqglib-socket-private.h"

/* What is waited for, and until when: a deadline in monotonic time, or -1 for none. */
typedef struct
{
  gint64         deadline;
  ZmqCancelWatch cancel;
  GPollFD        fd; /* the socket's */
} Wait;

static void
wait_clear (Wait *wait)
{
  zmqglib_cancel_watch_clear (&wait->cancel);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wait, wait_clear)

static gboolean
wait_init (Wait          *wait,
           ZmqSocketCore *core,
           gint64         timeout_us,
           GCancellable  *cancellable,
           const char    *what,
           GError       **error)
{
  wait->deadline = zmqglib_deadline_after (timeout_us);
  wait->fd = (GPollFD){ .fd = core->fd, .events = G_IO_IN };

  if (zmqglib_cancel_watch_init (&wait->cancel, cancellable))
    return TRUE;

  zmqglib_error_set (error, EMFILE, "%s", what);

  return FALSE;
}

/* Waits until libzmq has a command for the socket. What this is about is not known before the
 * operation is tried again. */
static gboolean
wait_for_command (Wait       *wait,
                  const char *what,
                  GError    **error)
{
  GPollFD fds[] = { wait->fd, wait->cancel.wakeup.pollfd };
  int     timeout_ms = zmqglib_deadline_get_timeout_ms (wait->deadline);

  if (timeout_ms == 0)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN,
                   /* Translators: what could not be done, in time */
                   _ ("%s: The time is up"), what);
      return FALSE;
    }

  g_poll (fds, wait->cancel.cancellable != NULL ? 2 : 1, timeout_ms);

  return !g_cancellable_set_error_if_cancelled (wait->cancel.cancellable, error);
}

/* Zero, or why not by EAGAIN. */
static int
query_for (ZmqSocketCore *core,
           GIOCondition   condition,
           GIOCondition  *found)
{
  int errnum = zmqglib_socket_core_query (core, NULL, found);

  *found &= condition;

  return errnum != 0 ? errnum : (*found != 0 ? 0 : EAGAIN);
}

static gint64
get_timeout (ZmqSocketCore *core,
             int            option)
{
  int   timeout_ms = -1;
  gsize size = sizeof timeout_ms;

  zmq_getsockopt (core->handle, option, &timeout_ms, &size);

  return timeout_ms < 0 ? -1 : (gint64) timeout_ms * 1000;
}

static int
send_now (ZmqSocketCore *core,
          ZmqMessage    *message)
{
  int errnum = zmqglib_socket_core_send (core, message);

  zmqglib_socket_core_touch (core, NULL);

  return errnum;
}

static ZmqMessage *
receive_now (ZmqSocketCore *core,
             int           *errnum)
{
  ZmqMessage *message = NULL;

  *errnum = zmqglib_socket_core_receive_whole (core, &message);
  if (*errnum != 0)
    g_clear_pointer (&message, zmqglib_message_unref);
  zmqglib_socket_core_touch (core, NULL);

  return message;
}

/* The sentence is put together only for an error: most sockets are open. */
static gboolean
check_usable (ZmqSocketCore *core,
              char *(*describe) (ZmqSocketCore *core),
              GError **error)
{
  g_autofree char *what = NULL;

  if (zmqglib_socket_core_check_open (core, "", NULL))
    return TRUE;

  what = describe (core);

  return zmqglib_socket_core_check_open (core, what, error);
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
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_send (ZmqSocket    *self,
                     ZmqMessage   *message,
                     GCancellable *cancellable,
                     GError      **error)
{
  g_autoptr (ZmqSocket) held G_GNUC_UNUSED = NULL;
  g_autofree char           *what = NULL;
  g_auto (Wait) wait = { 0 };
  gboolean queried = FALSE;
  int      errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (message != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  held = g_object_ref (self);
  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !zmqglib_socket_core_check_message (self->core, message, error) ||
      !check_usable (self->core, zmqglib_socket_core_describe_send, error))
    return FALSE;

  errnum = send_now (self->core, message);
  if (errnum == 0)
    return TRUE;

  what = zmqglib_socket_core_describe_send (self->core);
  if (!wait_init (&wait, self->core, get_timeout (self->core, ZMQ_SNDTIMEO), cancellable, what, error))
    return FALSE;

  /* A send may leave commands unprocessed, and may be refused although the socket is writable, by a
   * ROUTER for one peer of many. So after a query and another refusal only a command can help. */
  while (errnum == EAGAIN)
    {
      GIOCondition condition;

      if (queried && !wait_for_command (&wait, what, error))
        return FALSE;

      errnum = zmqglib_socket_core_query (self->core, NULL, &condition);
      queried = TRUE;
      if (errnum == 0)
        errnum = send_now (self->core, message);
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
 *
 * Since: 1.0
 */
ZmqMessage *
zmqglib_socket_receive (ZmqSocket    *self,
                        GCancellable *cancellable,
                        GError      **error)
{
  g_autoptr (ZmqSocket) held G_GNUC_UNUSED = NULL;
  g_autofree char           *what = NULL;
  g_auto (Wait) wait = { 0 };
  ZmqMessage *message;
  int         errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  held = g_object_ref (self);
  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !check_usable (self->core, zmqglib_socket_core_describe_receive, error))
    return NULL;

  message = receive_now (self->core, &errnum);
  if (message != NULL)
    return message;

  what = zmqglib_socket_core_describe_receive (self->core);
  if (!wait_init (&wait, self->core, get_timeout (self->core, ZMQ_RCVTIMEO), cancellable, what, error))
    return NULL;

  while (message == NULL && errnum == EAGAIN)
    {
      GIOCondition condition;

      errnum = query_for (self->core, G_IO_IN, &condition);
      if (errnum == 0)
        message = receive_now (self->core, &errnum);
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
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_try_send (ZmqSocket  *self,
                         ZmqMessage *message,
                         GError    **error)
{
  g_auto (ZmqWithholding) withholding G_GNUC_UNUSED = zmqglib_withholding_new ();
  g_autofree char                    *what = NULL;
  int                                 errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail (message != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!zmqglib_socket_core_check_message (self->core, message, error) ||
      !check_usable (self->core, zmqglib_socket_core_describe_send, error))
    return FALSE;

  errnum = send_now (self->core, message);
  if (errnum == 0)
    return TRUE;

  what = zmqglib_socket_core_describe_send (self->core);
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
 *
 * Since: 1.0
 */
ZmqMessage *
zmqglib_socket_try_receive (ZmqSocket *self,
                            GError   **error)
{
  g_auto (ZmqWithholding) withholding G_GNUC_UNUSED = zmqglib_withholding_new ();
  g_autofree char                    *what = NULL;
  ZmqMessage                         *message;
  int                                 errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_usable (self->core, zmqglib_socket_core_describe_receive, error))
    return NULL;

  message = receive_now (self->core, &errnum);
  if (message != NULL)
    return message;

  what = zmqglib_socket_core_describe_receive (self->core);
  zmqglib_error_set (error, errnum, "%s", what);

  return NULL;
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
 *
 * Since: 1.0
 */
gboolean
zmqglib_socket_wait (ZmqSocket    *self,
                     GIOCondition  condition,
                     gint64        timeout_us,
                     GCancellable *cancellable,
                     GError      **error)
{
  g_autoptr (ZmqSocket) held G_GNUC_UNUSED = NULL;
  g_autofree char           *what = NULL;
  g_auto (Wait) wait = { 0 };
  GIOCondition found;
  int          errnum;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), FALSE);
  g_return_val_if_fail ((condition & (G_IO_IN | G_IO_OUT)) != 0, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  held = g_object_ref (self);
  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !check_usable (self->core, zmqglib_socket_core_describe_wait, error))
    return FALSE;

  what = zmqglib_socket_core_describe_wait (self->core);
  if (!wait_init (&wait, self->core, timeout_us, cancellable, what, error))
    return FALSE;

  while ((errnum = query_for (self->core, condition, &found)) == EAGAIN)
    if (!wait_for_command (&wait, what, error))
      return FALSE;

  if (errnum != 0)
    zmqglib_error_set (error, errnum, "%s", what);

  return errnum == 0;
}

/**
 * zmqglib_socket_try_receive_many:
 * @self: a socket
 * @limit: how many messages to receive at most; 0 for all
 * @error: return location for an error
 *
 * Receives the messages that are there now, in order, without blocking. Without a limit it goes on for as
 * long as they come.
 *
 * Fails as [method@Zmq.Socket.try_receive] does, but for %ZMQGLIB_ERROR_AGAIN: when there is no
 * message the array is empty. What was received before an error is returned; the error is the next
 * call's. To be called from the socket's thread only.
 *
 * Returns: (transfer container) (element-type ZmqMessage): the messages, or %NULL with @error set
 *
 * Since: 1.0
 */
GPtrArray *
zmqglib_socket_try_receive_many (ZmqSocket *self,
                                 guint      limit,
                                 GError   **error)
{
  g_auto (ZmqWithholding) withholding G_GNUC_UNUSED = zmqglib_withholding_new ();
  g_autoptr (GPtrArray) messages = NULL;
  int errnum = 0;

  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_usable (self->core, zmqglib_socket_core_describe_receive, error))
    return NULL;

  messages = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_message_unref);
  while (errnum == 0 && (limit == 0 || messages->len < limit))
    {
      ZmqMessage *message = receive_now (self->core, &errnum);

      if (message != NULL)
        g_ptr_array_add (messages, message);
    }

  if (errnum != 0 && errnum != EAGAIN && messages->len == 0)
    {
      g_autofree char *what = zmqglib_socket_core_describe_receive (self->core);

      zmqglib_error_set (error, errnum, "%s", what);
      return NULL;
    }

  return g_steal_pointer (&messages);
}

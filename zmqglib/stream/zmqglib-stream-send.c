/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/zmqglib-debug-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "base/zmqglib-withholding-private.h"
#include "stream/zmqglib-stream-private.h"

/* What is to be sent, and for how long it may wait. */
typedef struct
{
  ZmqParcel     parcel;
  gint64        timeout_us;
  GCancellable *cancellable;
} Sending;

static void
set_closed_error (GError       **error,
                  ZmqStreamCore *core)
{
  const char      *type = core->socket != NULL ? zmqglib_socket_core_get_type_nick (core->socket) : "?";
  g_autofree char *what = g_strdup_printf (_ ("Could not send through a “%s” socket"), type);

  zmqglib_stream_core_set_closed_error (core, what, error);
}

static void
set_full_error (GError       **error,
                ZmqStreamCore *core)
{
  guint limit = g_atomic_int_get (&core->send_limit);

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_QUEUE_FULL,
               ngettext ("Could not send through a “%s” socket: The queue’s limit of %u message is reached",
                         "Could not send through a “%s” socket: The queue’s limit of %u messages is reached",
                         limit),
               zmqglib_socket_core_get_type_nick (core->socket), limit);
}

/* Tries to send what has nothing before it. A refusal for now is no error. */
static int
send_at_once (ZmqStreamCore   *core,
              const ZmqParcel *parcel)
{
  ZmqSocketWatch *own = zmqglib_stream_core_get_watch (core);
  int             errnum;

  if (core->queue.n_waiting > 0)
    return EAGAIN;

  errnum = zmqglib_socket_core_send_parcel (core->socket, parcel);
  zmqglib_poll_item_touch (core->item);
  if (zmqglib_socket_core_is_watched (core->socket, own))
    zmqglib_socket_core_touch (core->socket, own);

  return errnum == EFSM ? EAGAIN : errnum;
}

/* Handlers come last: they may drop the stream. */
static void
enqueue (ZmqStreamCore *core,
         const Sending *sending)
{
  g_autoptr (ZmqStream) self = zmqglib_stream_core_upgrade (core);
  g_autoptr (ZmqMessage) message = zmqglib_parcel_get_message (&sending->parcel);

  zmqglib_stream_queue_push_waiting (&core->queue, message);
  zmqglib_stream_limit_last (core, zmqglib_deadline_after (sending->timeout_us), sending->cancellable);
  core->was_queued = TRUE;
  zmqglib_stream_core_queue_changed (core);
  if (self != NULL)
    zmqglib_stream_core_notify (core, self);
}

/* As zmqglib_stream_is_reported(), without a lock: the caller has the stream. What was done for it here may
 * have dropped that, whose end this thread has then seen. */
static gboolean
is_reported_here (ZmqStreamCore *core)
{
  return core->reports_plain || core->klass->sent != NULL ||
         (core->listener != NULL && g_signal_has_handler_pending (core->listener, zmqglib_stream_signals[SENT], 0, FALSE));
}

/* Sends from the stream's thread. */
static gboolean
send_here (ZmqStreamCore *core,
           const Sending *sending,
           GError       **error)
{
  guint    limit = g_atomic_int_get (&core->send_limit);
  gboolean stays;
  int      errnum;

  /* what this very thread, among others, may have sent when it was not the stream's */
  zmqglib_stream_take_inbox (core);
  if (core->is_untried)
    zmqglib_stream_hand_over (core, G_MAXUINT);
  if (!zmqglib_stream_core_is_open (core) || core->item == NULL)
    {
      set_closed_error (error, core);
      return FALSE;
    }

  /* only a limit is worth it */
  if (limit > 0 && !zmqglib_inbox_admit (&core->inbox, limit, &core->queue.balance))
    {
      set_full_error (error, core);
      return FALSE;
    }

  /* what waits counts, and what was not reported yet */
  errnum = send_at_once (core, &sending->parcel);
  stays = errnum == EAGAIN || (errnum == 0 && is_reported_here (core));
  if (stays != (limit > 0))
    zmqglib_stream_queue_count (&core->queue, stays ? 1 : -1);

  if (errnum == EAGAIN)
    enqueue (core, sending);
  else if (errnum != 0)
    zmqglib_error_set (error, errnum, _ ("Could not send through a “%s” socket"),
                       zmqglib_socket_core_get_type_nick (core->socket));
  else if (stays)
    zmqglib_stream_queue_push_done (&core->queue, zmqglib_parcel_get_message (&sending->parcel));

  return errnum == 0 || errnum == EAGAIN;
}

static void
take_posted (gpointer data)
{
  zmqglib_stream_take_inbox (data);
  zmqglib_stream_core_unref (data);
}

/* Sends from another thread: the message is put into the stream's inbox, and its main context told. */
static gboolean
send_from_elsewhere (ZmqStreamCore *core,
                     const Sending *sending,
                     GError       **error)
{
  g_autoptr (ZmqMessage) message = zmqglib_parcel_get_message (&sending->parcel);

  switch (zmqglib_inbox_post (&core->inbox, message, zmqglib_deadline_after (sending->timeout_us), sending->cancellable,
                              g_atomic_int_get (&core->send_limit), &core->queue.balance))
    {
    case ZMQGLIB_POST_FULL:
      set_full_error (error, core);
      return FALSE;
    case ZMQGLIB_POST_CLOSED:
      set_closed_error (error, core);
      return FALSE;
    case ZMQGLIB_POSTED_FIRST:
      zmqglib_agenda_post (core->agenda, take_posted, zmqglib_stream_core_ref (core));
      return TRUE;
    default:
      return TRUE;
    }
}

/* Whether the stream can be sent through at all, and such a message through its socket. */
static gboolean
check (ZmqStreamCore *core,
       ZmqMessage    *message,
       GError       **error)
{
  if (core->socket == NULL || !zmqglib_stream_core_is_open (core))
    {
      set_closed_error (error, core);
      return FALSE;
    }

  if (zmqglib_fork_is_inherited (core->socket->generation))
    {
      zmqglib_error_set (error, ZMQGLIB_EFORKED, _ ("Could not send through a “%s” socket"),
                         zmqglib_socket_core_get_type_nick (core->socket));
      return FALSE;
    }

  return message == NULL || message->n_frames == 1 || zmqglib_socket_core_check_message (core->socket, message, error);
}

static gboolean
stream_send (ZmqStream     *self,
             const Sending *sending,
             GError       **error)
{
  g_auto (ZmqWithholding) withholding G_GNUC_UNUSED = zmqglib_withholding_new ();
  ZmqStreamCore                      *core = zmqglib_stream_get_core (self);
  ZmqEntry                            entry;
  gboolean                            taken;

  if (!check (core, sending->parcel.message, error))
    return FALSE;

  /* what is done here before its turn may drop messages, whose memory may be what keeps the stream */
  zmqglib_stream_core_ref (core);
  entry = zmqglib_agenda_enter_near (core->agenda, g_atomic_pointer_get (&core->socket->record.thread));
  if (zmqglib_stream_core_is_own_thread (core, &entry))
    taken = send_here (core, sending, error);
  else
    taken = send_from_elsewhere (core, sending, error);
  zmqglib_entry_end (&entry);
  zmqglib_stream_core_unref (core);

  return taken;
}

/**
 * zmqglib_stream_send:
 * @self: a stream
 * @message: a message of at least one frame
 * @error: return location for an error
 *
 * Sends a message, all of its frames, without blocking.
 *
 * With nothing queued before it, it is handed to libzmq at once. When the socket cannot send now,
 * because its high-water mark is reached, it has no peer, or it is not its turn, the message waits
 * in the queue, in order, and must not be changed in the meantime.
 *
 * May be called from any thread. In another thread than the stream's, the message always waits in
 * the queue until the stream's main context has its turn; the messages of each thread keep their
 * order.
 *
 * [signal@Zmq.Stream::sent] is emitted later, from the main loop, for each message that was taken.
 *
 * Fails with %ZMQGLIB_ERROR_CLOSED when the stream is closed, %ZMQGLIB_ERROR_QUEUE_FULL when
 * [property@Zmq.Stream:send-limit] messages are waiting, and at once with what libzmq refuses for
 * good, such as %ZMQGLIB_ERROR_NOT_SUPPORTED when the type of the socket cannot send; from another
 * thread, that is what [signal@Zmq.Stream::sent] tells.
 *
 * Returns: %TRUE when the message was taken, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_stream_send (ZmqStream  *self,
                     ZmqMessage *message,
                     GError    **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), FALSE);
  g_return_val_if_fail (message != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return stream_send (self, &(Sending){ .parcel.message = message, .timeout_us = -1 }, error);
}

/**
 * zmqglib_stream_send_full:
 * @self: a stream
 * @message: a message of at least one frame
 * @timeout_us: how long the message may wait in the queue, in microseconds, or -1 for as long as it
 *   takes
 * @cancellable: (nullable): a cancellable that takes the message off the queue
 * @error: return location for an error
 *
 * As [method@Zmq.Stream.send], for a message that is not wanted for ever, as a request that an
 * absent server never takes.
 *
 * When the time is up or @cancellable is cancelled, and the message still waits in the queue, it is
 * dropped: [signal@Zmq.Stream::sent] is emitted for it, without waiting for those before it, with
 * %ZMQGLIB_ERROR_AGAIN or `G_IO_ERROR_CANCELLED`. A message that libzmq has taken stays sent.
 *
 * Fails as [method@Zmq.Stream.send] does, and with `G_IO_ERROR_CANCELLED` when @cancellable was
 * cancelled before.
 *
 * Returns: %TRUE when the message was taken, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_stream_send_full (ZmqStream    *self,
                          ZmqMessage   *message,
                          gint64        timeout_us,
                          GCancellable *cancellable,
                          GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), FALSE);
  g_return_val_if_fail (message != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  return stream_send (self, &(Sending){ { message }, timeout_us, cancellable }, error);
}

/**
 * zmqglib_stream_send_data:
 * @self: a stream
 * @data: (array length=size) (element-type guint8) (nullable): the bytes of the only frame, which are copied
 * @size: how many bytes
 * @error: return location for an error
 *
 * Sends a message of one frame, as [method@Zmq.Stream.send] does. It is the quickest way: when libzmq takes the
 * frame at once, and nobody listens to [signal@Zmq.Stream::sent], there is never a [struct@Zmq.Message].
 *
 * Fails as [method@Zmq.Stream.send] does. May be called from any thread.
 *
 * Returns: %TRUE when the message was taken, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_stream_send_data (ZmqStream    *self,
                          gconstpointer data,
                          gsize         size,
                          GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), FALSE);
  g_return_val_if_fail (data != NULL || size == 0, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return stream_send (self, &(Sending){ .parcel = { .data = data, .size = size }, .timeout_us = -1 }, error);
}

/**
 * zmqglib_stream_send_bytes:
 * @self: a stream
 * @bytes: the bytes of the only frame
 * @error: return location for an error
 *
 * Sends a message of one frame, as [method@Zmq.Stream.send] does.
 *
 * Returns: %TRUE when the message was taken, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_stream_send_bytes (ZmqStream *self,
                           GBytes    *bytes,
                           GError   **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), FALSE);
  g_return_val_if_fail (bytes != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return stream_send (self, &(Sending){ .parcel.bytes = bytes, .timeout_us = -1 }, error);
}

/**
 * zmqglib_stream_send_string:
 * @self: a stream
 * @string: the text of the only frame
 * @error: return location for an error
 *
 * Sends a message of one frame, as [method@Zmq.Stream.send] does. The terminating NUL is not sent.
 *
 * Returns: %TRUE when the message was taken, %FALSE with @error set otherwise
 *
 * Since: 1.0
 */
gboolean
zmqglib_stream_send_string (ZmqStream  *self,
                            const char *string,
                            GError    **error)
{
  g_return_val_if_fail (string != NULL, FALSE);

  return zmqglib_stream_send_data (self, string, strlen (string), error);
}

static guint
discard_waiting (ZmqStreamCore *core)
{
  gboolean keep = zmqglib_stream_is_reported (core);
  guint    n_dropped;
  g_autoptr (GError) error = NULL;

  zmqglib_stream_take_inbox (core);
  n_dropped = core->queue.n_waiting;
  if (n_dropped == 0)
    return 0;

  g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("The queued message was discarded"));
  for (guint i = 0; i < n_dropped && core->queue.n_waiting > 0; i++)
    zmqglib_stream_queue_mark_done (&core->queue, error, keep);
  zmqglib_stream_core_queue_changed (core);

  return n_dropped;
}

/**
 * zmqglib_stream_discard:
 * @self: a stream
 *
 * Drops the messages that still wait in the queue. [signal@Zmq.Stream::sent] is emitted for each of
 * them, later, with `G_IO_ERROR_CANCELLED`.
 *
 * To be called by the thread that runs the stream’s main context; any other one drops nothing.
 *
 * Returns: how many were dropped
 *
 * Since: 1.0
 */
guint
zmqglib_stream_discard (ZmqStream *self)
{
  g_autoptr (ZmqStream) held = NULL;
  ZmqStreamCore *core;
  ZmqEntry       entry;
  guint          n_dropped = 0;

  g_return_val_if_fail (ZMQGLIB_IS_STREAM (self), 0);

  /* the messages' memory may be what keeps the stream */
  held = g_object_ref (self);
  core = zmqglib_stream_get_core (self);
  entry = zmqglib_agenda_enter_own (core->agenda);
  if (zmqglib_stream_core_is_open (core) && zmqglib_stream_core_is_own_thread (core, &entry))
    n_dropped = discard_waiting (core);
  if (n_dropped > 0)
    zmqglib_stream_core_notify (core, self);
  zmqglib_entry_end (&entry);

  if (n_dropped > 0)
    zmqglib_debug ("%p: Queued messages that were discarded: %u", (gpointer) core->socket, n_dropped);

  return n_dropped;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "base/zmqglib-withholding-private.h"
#include "stream/zmqglib-stream-private.h"

/* How what waits gets to libzmq, and how that is reported. */

/*
 * zmqglib_stream_is_reported:
 *
 * Whether somebody hears of what was sent. A plain handler is likely to be there still, and the
 * emission will show it.
 */
gboolean
zmqglib_stream_is_reported (ZmqStreamCore *core)
{
  return core->reports_plain || core->klass->sent != NULL ||
         zmqglib_stream_core_has_handler (core, zmqglib_stream_signals[SENT]);
}

static void
on_expired (ZmqExpiry *expiry,
            gboolean   cancelled)
{
  ZmqMessageExpiry *message_expiry = (ZmqMessageExpiry *) expiry;
  ZmqStreamCore    *core = message_expiry->owner;
  g_autoptr (GError) error = NULL;

  if (core->queue_error != NULL)
    error = g_error_copy (core->queue_error);
  else if (cancelled)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                         _ ("The sending of a queued message was cancelled"));
  else
    g_set_error (&error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN,
                 _ ("Could not send a queued message through a “%s” socket: The time is up"),
                 zmqglib_socket_core_get_type_nick (core->socket));

  /* the message's memory may be what keeps the stream */
  zmqglib_stream_core_ref (core);
  zmqglib_stream_queue_drop (&core->queue, message_expiry, error, zmqglib_stream_is_reported (core));
  zmqglib_stream_core_queue_changed (core);
  zmqglib_stream_core_unref (core);
}

/*
 * zmqglib_stream_limit_last:
 *
 * Says how long the message that was queued last may wait.
 */
void
zmqglib_stream_limit_last (ZmqStreamCore *core,
                           gint64         deadline,
                           GCancellable  *cancellable)
{
  if (deadline < 0 && cancellable == NULL)
    return;

  zmqglib_expiry_begin (&zmqglib_stream_queue_limit_last (&core->queue, core)->expiry, core->agenda,
                        deadline, cancellable, on_expired);
}

static void
queue_letters (ZmqStreamCore *core,
               ZmqLetter     *letter)
{
  ZmqLetter *next;

  for (; letter != NULL; letter = next)
    {
      next = letter->next;
      zmqglib_stream_queue_push_waiting (&core->queue, letter->message);
      zmqglib_inbox_count_out (&core->inbox);
      zmqglib_stream_limit_last (core, letter->deadline, letter->cancellable);
      zmqglib_letter_free (letter);
    }
}

/*
 * zmqglib_stream_take_letters:
 *
 * See zmqglib_stream_take_inbox().
 */
void
zmqglib_stream_take_letters (ZmqStreamCore *core)
{
  ZmqLetter *letter;

  if (core->item == NULL || !zmqglib_stream_core_is_open (core))
    return;

  letter = zmqglib_inbox_take (&core->inbox);
  if (letter == NULL)
    return;

  core->is_untried |= core->queue.n_waiting == 0;
  queue_letters (core, letter);
  core->was_queued = TRUE;
  zmqglib_stream_core_queue_changed (core);
}

/*
 * zmqglib_stream_close_inbox:
 *
 * Queues what other threads have sent so far, and refuses what they will send.
 */
void
zmqglib_stream_close_inbox (ZmqStreamCore *core)
{
  queue_letters (core, zmqglib_inbox_close (&core->inbox));
}

/* Hands the first waiting message to libzmq. */
static gboolean
hand_over_one (ZmqStreamCore *core,
               gboolean       keep)
{
  ZmqMessage *message = zmqglib_stream_queue_peek_waiting (&core->queue);
  g_autoptr (GError) error = NULL;
  int errnum;

  if (message == NULL)
    return FALSE;

  errnum = zmqglib_socket_core_send (core->socket, message);
  if (errnum == EAGAIN || errnum == EFSM)
    return FALSE;

  if (errnum != 0)
    zmqglib_error_set (&error, errnum, _ ("Could not send a queued message through a “%s” socket"),
                       zmqglib_socket_core_get_type_nick (core->socket));
  zmqglib_stream_queue_mark_done (&core->queue, error, keep);

  return TRUE;
}

/*
 * zmqglib_stream_hand_over:
 *
 * Hands messages over for as long as libzmq takes them. What it has taken is kept only when somebody
 * wants to hear of it.
 *
 * Returns: how many
 */
guint
zmqglib_stream_hand_over (ZmqStreamCore *core,
                          guint          limit)
{
  gboolean keep = core->queue.n_waiting > 0 && zmqglib_stream_is_reported (core);
  guint    n_sent = 0;

  core->is_untried = FALSE;
  zmqglib_withholding_begin ();
  while (n_sent < limit && hand_over_one (core, keep))
    n_sent++;

  core->queue_changed |= n_sent > 0;
  zmqglib_withholding_end ();

  return n_sent;
}

/*
 * zmqglib_stream_marshal_sent:
 *
 * Calls a handler in C when it is the only one, without copies: who emits it holds the arguments.
 */
void
zmqglib_stream_marshal_sent (GClosure *closure,
                             GValue   *return_value,
                             gpointer  instance,
                             va_list   args,
                             gpointer  marshal_data,
                             int       n_params,
                             GType    *param_types)
{
  ZmqHandler  handler = zmqglib_handler_get (closure, marshal_data, instance);
  ZmqMessage *message;
  GError     *error;
  va_list     own_args;

  va_copy (own_args, args);
  message = va_arg (own_args, ZmqMessage *);
  error = va_arg (own_args, GError *);
  va_end (own_args);

  zmqglib_stream_get_core (instance)->n_plain++;
  ((void (*) (gpointer, ZmqMessage *, GError *, gpointer)) handler.func) (handler.data1, message, error, handler.data2);
}

/* The first message that is done, or of a closed stream the first at all. */
static ZmqMessage *
pop_done (ZmqStreamCore *core,
          GError       **error)
{
  if (core->queue.done.length == 0 && core->queue.n_waiting > 0 && core->queue_error != NULL)
    zmqglib_stream_queue_mark_done (&core->queue, core->queue_error, TRUE);

  return zmqglib_stream_queue_pop_done (&core->queue, error);
}

/*
 * zmqglib_stream_report_sent:
 *
 * Reports the first message that is done.
 *
 * Returns: whether there was one
 */
gboolean
zmqglib_stream_report_sent (ZmqStreamCore *core,
                            ZmqStream     *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = pop_done (core, &error);
  guint n_plain = core->n_plain;

  if (message == NULL)
    return FALSE;

  g_signal_emit (self, zmqglib_stream_signals[SENT], 0, message, error);
  core->reports_plain = core->n_plain != n_plain;

  return TRUE;
}

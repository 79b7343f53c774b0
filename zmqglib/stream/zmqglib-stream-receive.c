/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "stream/zmqglib-stream-private.h"

/*
 * How a stream receives: a call of the function that is set, or an emission of ZmqStream::received, a
 * message, and no message read that nobody hears.
 *
 * Of the function it is known that it is there. To ask GObject before each message whether there is a handler costs about as much as to receive
 * it. So when the last emission has called a single handler in C, which the marshaller here tells,
 * the next message is read without asking. Should it turn out that nobody was called, because the
 * handler before has disconnected or blocked itself, the message goes back to the front of the socket.
 * Any other kind and number of handlers is asked for first, and so is every one where foreign code has
 * the socket's handle and could see the difference.
 */

gboolean
zmqglib_stream_is_listening (ZmqStreamCore *core)
{
  if (core->receiver != NULL)
    return zmqglib_receiver_is_willing (core->receiver);

  return core->klass->received != NULL || zmqglib_stream_core_has_handler (core, zmqglib_stream_signals[RECEIVED]);
}

/* Not an error: nobody wants to have what there may be to read. */
#define NOBODY_LISTENS ECANCELED

/*
 * zmqglib_stream_marshal_received:
 *
 * Calls a handler in C when it is the only one. The message needs no reference of the handler's own,
 * as boxed arguments have elsewhere: who emits it holds it.
 */
void
zmqglib_stream_marshal_received (GClosure *closure,
                                 GValue   *return_value,
                                 gpointer  instance,
                                 va_list   args,
                                 gpointer  marshal_data,
                                 int       n_params,
                                 GType    *param_types)
{
  ZmqHandler     handler = zmqglib_handler_get (closure, marshal_data, instance);
  ZmqStreamCore *core = zmqglib_stream_get_core (instance);
  ZmqMessage    *message;
  va_list        own_args;

  va_copy (own_args, args);
  message = va_arg (own_args, ZmqMessage *);
  va_end (own_args);

  core->n_plain++;
  ((void (*) (gpointer, ZmqMessage *, gpointer)) handler.func) (handler.data1, message, handler.data2);
}

/*
 * zmqglib_stream_marshal_received_values:
 *
 * Calls one handler in C of several.
 */
void
zmqglib_stream_marshal_received_values (GClosure     *closure,
                                        GValue       *return_value,
                                        guint         n_values,
                                        const GValue *values,
                                        gpointer      hint,
                                        gpointer      marshal_data)
{
  zmqglib_stream_get_core (g_value_get_object (&values[0]))->n_heard++;
  g_cclosure_marshal_VOID__BOXED (closure, return_value, n_values, values, hint, marshal_data);
}

static gboolean
may_guess (ZmqStreamCore *core)
{
  return core->receives_plain && !core->socket->exposed && !core->socket->conflates && core->taps.head == NULL;
}

static void
attend_others (ZmqStreamCore *core,
               ZmqMessage    *message)
{
  zmqglib_socket_core_touch (core->socket, zmqglib_stream_core_get_watch (core));
  if (message != NULL)
    zmqglib_stream_tell_taps (core, message);
}

/* Others who watch the socket may have their turn in a nested loop; some of them hear of the message, if there is one. An open
 * stream that is in the loop watches it, too. */
static inline void
touch_others (ZmqStreamCore *core,
              ZmqMessage    *message)
{
  if (G_UNLIKELY (g_atomic_int_get (&core->socket->n_watches) > (core->item != NULL ? 1 : 0)))
    attend_others (core, message);
}

static int
emit_received (ZmqStreamCore *core,
               ZmqStream     *self,
               ZmqMessage    *message,
               gboolean       guessed)
{
  guint n_heard = core->n_heard;
  guint n_plain = core->n_plain;

  message->n_boxed = 0;
  g_signal_emit (self, zmqglib_stream_signals[RECEIVED], 0, message);
  core->receives_plain = core->n_plain != n_plain;

  if (core->receives_plain || !guessed || core->n_heard != n_heard)
    return 0;

  /* A handler in another language is not counted, but given a value, of which it makes its own. A value
   * alone may be for an emission hook, which does not listen. */
  if (message->n_boxed > 1 || (message->n_boxed > 0 && zmqglib_stream_is_listening (core)))
    return 0;

  zmqglib_socket_core_put_back (core->socket, message, zmqglib_stream_core_get_watch (core));

  return NOBODY_LISTENS;
}

/* Nobody is given the message. */
static void
emit_rejected (ZmqStreamCore *core,
               ZmqStream     *self)
{
  g_autofree char *what = zmqglib_socket_core_describe_receive (core->socket);
  g_autoptr (GError) error = NULL;

  error = g_error_new (ZMQGLIB_ERROR, ZMQGLIB_ERROR_MESSAGE_TOO_LARGE,
                       /* Translators: what could not be done, and a number */
                       ngettext ("%s: A message of more than %u frame was dropped",
                                 "%s: A message of more than %u frames was dropped", core->socket->max_frames),
                       what, core->socket->max_frames);
  touch_others (core, NULL);
  g_signal_emit (self, zmqglib_stream_signals[REJECTED], 0, error);
}

/* Inlined where it is done for each message of a flood: its call is a tenth of what the library does for one. */
static G_ALWAYS_INLINE inline int
receive_one (ZmqStreamCore *core,
             ZmqStream     *self,
             ZmqMessage   **reused,
             gboolean       ask)
{
  ZmqMessage *message;
  gboolean    guess = ask && !core->is_steady && core->receiver == NULL && may_guess (core);
  int         errnum;

  if (ask && !guess && !core->is_steady && !zmqglib_stream_is_listening (core))
    return NOBODY_LISTENS;

  message = g_steal_pointer (reused);
  errnum = zmqglib_socket_core_receive (core->socket, &message);
  if (errnum == 0)
    {
      touch_others (core, message);
      if (core->receiver != NULL)
        zmqglib_receiver_call (core->receiver, self, message);
      else
        errnum = emit_received (core, self, message, guess);
    }
  else if (errnum == ZMQGLIB_EREJECTED)
    emit_rejected (core, self);

  if (message != NULL && zmqglib_message_is_shared (message))
    zmqglib_message_unref (message);
  else
    *reused = message;

  return errnum;
}

/*
 * zmqglib_stream_receive_one:
 * @reused: (inout): a message that nobody has kept, whose memory serves again, or %NULL
 * @ask: whether to receive only for somebody who listens
 *
 * Receives one message, and calls the function that is set, or emits it.
 *
 * Returns: 0, or an error number
 */
int
zmqglib_stream_receive_one (ZmqStreamCore *core,
                            ZmqStream     *self,
                            ZmqMessage   **reused,
                            gboolean       ask)
{
  return receive_one (core, self, reused, ask);
}

/*
 * zmqglib_stream_receive_awaited:
 * @reused: as that of zmqglib_stream_receive_one()
 *
 * Receives one message for somebody who waits for it.
 *
 * Returns: 0, or an error number, as when nobody does
 */
int
zmqglib_stream_receive_awaited (ZmqStreamCore *core,
                                ZmqStream     *self,
                                ZmqMessage   **reused)
{
  ZmqMessage *message;
  int         errnum;

  if (!zmqglib_stream_core_is_awaited (core) || !zmqglib_stream_core_is_open (core))
    return NOBODY_LISTENS;

  message = g_steal_pointer (reused);
  errnum = zmqglib_socket_core_receive (core->socket, &message);
  if (errnum == 0)
    {
      /* who hears of messages does so when it is told for good, since it may go back */
      touch_others (core, NULL);
      zmqglib_stream_answer_wait (core, message);
    }
  else if (errnum == ZMQGLIB_EREJECTED)
    emit_rejected (core, self);

  g_clear_pointer (&message, zmqglib_message_unref);

  return errnum;
}

static gboolean
may_receive (ZmqStreamCore *core,
             ZmqStream     *self)
{
  return zmqglib_stream_core_is_open (core) && !g_atomic_int_get (&core->paused) && !zmqglib_stream_is_dropped (self);
}

/*
 * zmqglib_stream_receive:
 *
 * Receives for as long as there are messages, somebody waits or listens, and the turn lasts. Nobody who listens is
 * given a message before those who have waited for theirs were told.
 */
ZmqPollOutcome
zmqglib_stream_receive (ZmqStreamCore *core,
                        ZmqStream     *self,
                        ZmqSlice      *slice)
{
  g_autoptr (ZmqMessage) reused = NULL;
  ZmqTurn turn = zmqglib_turn_begin (slice);
  int     errnum;

  for (;;)
    {
      if (G_UNLIKELY (core->n_waits > 0))
        errnum = zmqglib_stream_receive_awaited (core, self, &reused);
      else if (may_receive (core, self))
        errnum = receive_one (core, self, &reused, TRUE);
      else
        break;

      if (errnum != 0 && errnum != ZMQGLIB_EPARTIAL && errnum != ZMQGLIB_EREJECTED)
        return errnum == EAGAIN ? ZMQGLIB_POLL_NO_INPUT : ZMQGLIB_POLL_UNKNOWN;
      if (zmqglib_turn_is_over (&turn))
        return ZMQGLIB_POLL_HAS_INPUT;
    }

  return ZMQGLIB_POLL_UNKNOWN;
}

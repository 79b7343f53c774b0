/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "async/zmqglib-socket-operations-private.h"
#include "base/zmqglib-completion-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "base/zmqglib-withholding-private.h"
#include "loop/zmqglib-poll-source-private.h"

/*
 * Operations under way on a socket. Those of one main context and priority make a lane, which is an
 * item of the poll set that the streams use, too. A lane exists while it has operations, and is
 * touched only by who owns the main context.
 */

typedef struct
{
  ZmqSocketCore *socket;
  ZmqAgenda     *agenda;
  ZmqPollItem   *item;
  GQueue         operations; /* in the order asked */
  guint          n_fresh;    /* those that nobody has tried yet */
  guint          n_in;       /* those that wait for input */
  guint          n_out;
  guint          n_sends;
  gboolean       serving;
} Lane;

static void
lane_count (Lane         *self,
            ZmqOperation *operation,
            int           change)
{
  if (operation->condition & G_IO_IN)
    self->n_in += change;
  if (operation->condition & G_IO_OUT)
    self->n_out += change;
  if (operation->kind == ZMQGLIB_OPERATION_SEND)
    self->n_sends += change;
  if (operation->fresh)
    self->n_fresh += change;
}

/* Takes an operation off its lane. */
static void
lane_take (Lane         *self,
           ZmqOperation *operation)
{
  g_queue_unlink (&self->operations, &operation->link);
  lane_count (self, operation, -1);
  zmqglib_expiry_end (&operation->expiry);
}

static void
lane_unlist (Lane *self)
{
  zmqglib_lock_take (&self->socket->lock);
  self->socket->lanes = g_slist_remove (self->socket->lanes, self);
  zmqglib_lock_give (&self->socket->lock);
}

static void
lane_free (Lane *self)
{
  lane_unlist (self);
  zmqglib_poll_item_remove (self->item);
  zmqglib_socket_core_unref (self->socket);
  zmqglib_agenda_release (self->agenda);
  g_free (self);
}

/* To be called when there are other operations than before. */
static void
lane_changed (Lane *self)
{
  if (self->operations.length == 0 && !self->serving)
    lane_free (self);
  else
    zmqglib_poll_item_changed (self->item);
}

static void
on_expired (ZmqExpiry *expiry,
            gboolean   cancelled)
{
  ZmqOperation    *self = (ZmqOperation *) expiry;
  Lane            *lane = self->lane;
  g_autofree char *what = zmqglib_operation_describe (self);
  GError          *error;

  if (cancelled)
    error = zmqglib_error_new_cancelled ();
  else
    error = g_error_new (ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN,
                         /* Translators: what could not be done, in time */
                         _ ("%s: The time is up"), what);

  /* the memory of its message is the first that foreign code may hear of */
  lane_take (lane, self);
  lane_changed (lane);
  zmqglib_operation_fail (self, error);
}

/* Tries an operation. @exhausted is what was tried in vain, and need not be tried for later ones. */
static gboolean
operation_try (ZmqOperation *self,
               GIOCondition *exhausted)
{
  ZmqOperationResult *result = &self->result;

  if (self->kind != ZMQGLIB_OPERATION_WAIT && (*exhausted & self->condition) != 0)
    return FALSE;

  switch (self->kind)
    {
    case ZMQGLIB_OPERATION_RECEIVE:
      result->errnum = zmqglib_socket_core_receive (self->socket, &result->message);
      if (result->errnum != 0)
        g_clear_pointer (&result->message, zmqglib_message_unref);
      break;
    case ZMQGLIB_OPERATION_SEND:
      result->errnum = zmqglib_socket_core_send (self->socket, self->message);
      break;
    default:
      result->errnum = zmqglib_socket_core_query (self->socket, NULL, &result->condition);
      result->condition &= self->condition;
      if (result->errnum == 0 && result->condition == 0)
        return FALSE;
    }

  /* the rest of a message, or the next one, has to wait for the loop's next turn */
  if (result->errnum != EAGAIN && result->errnum != ZMQGLIB_EPARTIAL && result->errnum != ZMQGLIB_EREJECTED)
    return TRUE;

  *exhausted |= self->condition;

  return FALSE;
}

static gint64
operation_get_deadline (ZmqOperation *self)
{
  int   timeout_ms = -1;
  gsize size = sizeof timeout_ms;
  int   option = self->kind == ZMQGLIB_OPERATION_SEND ? ZMQ_SNDTIMEO : ZMQ_RCVTIMEO;

  if (self->kind == ZMQGLIB_OPERATION_WAIT || zmqglib_socket_core_check (self->socket) != 0 ||
      zmq_getsockopt (self->socket->handle, option, &timeout_ms, &size) != 0 || timeout_ms < 0)
    return -1;

  return self->asked + timeout_ms * G_GINT64_CONSTANT (1000);
}

/* From now on the operation may end before its time. The socket is asked for its limits of time. */
static void
operation_limit (ZmqOperation *self)
{
  lane_count (self->lane, self, -1);
  self->fresh = FALSE;
  lane_count (self->lane, self, 1);
  zmqglib_expiry_end (&self->expiry);
  zmqglib_expiry_begin (&self->expiry, self->agenda, operation_get_deadline (self),
                        g_task_get_cancellable (self->task), on_expired);
}

/* Takes what has ended off the lane, trying the operations in their order. With an errnum, all end. */
static void
lane_collect (Lane     *self,
              int       errnum,
              ZmqSlice *slice,
              GQueue   *ended)
{
  ZmqTurn      turn = zmqglib_turn_begin (slice);
  GIOCondition exhausted = 0;
  GList       *next;

  for (GList *l = self->operations.head; l != NULL; l = next)
    {
      ZmqOperation *operation = l->data;

      next = l->next;
      if (operation->fresh)
        operation_limit (operation);
      operation->result = (ZmqOperationResult){ .errnum = errnum };
      if (errnum == 0 && !operation_try (operation, &exhausted))
        continue;

      lane_take (self, operation);
      g_queue_push_tail_link (ended, &operation->link);
      if (errnum == 0 && zmqglib_turn_is_over (&turn))
        return;
    }

  if (ended->length == 0 && (exhausted & G_IO_OUT))
    zmqglib_poll_item_refuse (self->item);
}

/* The memory of a message that was sent is the first that foreign code may hear of. */
static void
lane_run (Lane     *self,
          int       errnum,
          ZmqSlice *slice)
{
  GQueue ended = G_QUEUE_INIT;

  lane_collect (self, errnum, slice, &ended);
  while (ended.head != NULL)
    {
      ZmqOperation *operation = ended.head->data;

      g_queue_unlink (&ended, &operation->link);
      zmqglib_operation_finish (operation);
    }
}

static GIOCondition
lane_get_wanted (ZmqPollItem *item,
                 GIOCondition among)
{
  Lane        *self = item->owner;
  GIOCondition wanted = 0;

  if (self->n_in > 0)
    wanted |= G_IO_IN;
  if (self->n_out > 0)
    wanted |= G_IO_OUT;
  if (self->n_sends > 0)
    wanted |= ZMQGLIB_POLL_TRY;
  if (self->n_fresh > 0)
    wanted |= ZMQGLIB_POLL_WORK;

  return wanted & among;
}

static ZmqPollOutcome
lane_serve (ZmqPollItem *item,
            GIOCondition ready,
            int          errnum,
            ZmqSlice    *slice)
{
  Lane          *self = item->owner;
  ZmqSocketCore *socket = self->socket;

  self->serving = TRUE;
  if (errnum == 0)
    zmqglib_socket_core_claim (socket);
  else
    {
      /* what is begun from now on is not for a lane that is dead */
      lane_unlist (self);
      if (errnum == ENOTSOCK)
        zmqglib_socket_core_forget (socket);
    }
  lane_run (self, errnum, slice);
  if (errnum == 0)
    zmqglib_socket_core_touch (socket, &item->watch);
  self->serving = FALSE;

  if (self->operations.length == 0)
    lane_free (self);

  return ZMQGLIB_POLL_UNKNOWN;
}

static const ZmqPollItemFuncs lane_funcs = {
  .get_wanted = lane_get_wanted,
  .serve = lane_serve,
};

static Lane *
find_lane (ZmqSocketCore *socket,
           ZmqAgenda     *agenda)
{
  Lane *found = NULL;

  zmqglib_lock_take (&socket->lock);
  for (GSList *l = socket->lanes; l != NULL && found == NULL; l = l->next)
    if (((Lane *) l->data)->agenda == agenda)
      found = l->data;
  zmqglib_lock_give (&socket->lock);

  return found;
}

static Lane *
lane_new (ZmqSocketCore *socket,
          ZmqAgenda     *agenda)
{
  Lane *self = g_new0 (Lane, 1);

  self->socket = zmqglib_socket_core_ref (socket);
  self->agenda = zmqglib_agenda_use (agenda);
  self->item = zmqglib_poll_set_add_socket (zmqglib_poll_set_get_shared (agenda), socket, FALSE, &lane_funcs, self);

  zmqglib_lock_take (&socket->lock);
  socket->lanes = g_slist_append (socket->lanes, self);
  zmqglib_lock_give (&socket->lock);

  return self;
}

/* Puts the operation into its lane. */
static void
operation_enqueue (ZmqOperation *self)
{
  Lane *lane = find_lane (self->socket, self->agenda);

  if (lane == NULL)
    lane = lane_new (self->socket, self->agenda);
  self->lane = lane;

  self->fresh = TRUE;
  zmqglib_expiry_begin (&self->expiry, self->agenda, -1, g_task_get_cancellable (self->task), on_expired);
  g_queue_push_tail_link (&lane->operations, &self->link);
  lane_count (lane, self, 1);
  lane_changed (lane);
}

/* Begins the operation, which is tried when the main context has its turn. */
static void
operation_begin (gpointer data)
{
  ZmqOperation *self = data;

  self->result.errnum = zmqglib_socket_core_check (self->socket);
  if (self->result.errnum != 0)
    zmqglib_operation_finish (self);
  else
    operation_enqueue (self);
}

/* Whether nobody waits for the same before. */
static gboolean
is_next (ZmqOperation *self)
{
  Lane *lane = find_lane (self->socket, self->agenda);

  return lane == NULL ||
         !((self->condition & G_IO_IN && lane->n_in > 0) || (self->condition & G_IO_OUT && lane->n_out > 0));
}

/* Tries the operation when nobody waits for the same before. There may be no lane, which would be told that
 * another thread closes the socket meanwhile, and making one takes longer than most tries do. */
static gboolean
operation_try_first (ZmqOperation *self)
{
  GIOCondition exhausted = 0;
  gboolean     has_ended;
  gboolean     holds;

  if (!is_next (self))
    return FALSE;

  holds = zmqglib_socket_core_hold_handle (self->socket);
  has_ended = operation_try (self, &exhausted);
  if (holds)
    zmqglib_socket_core_let_handle_go (self->socket);
  if (self->kind != ZMQGLIB_OPERATION_WAIT)
    zmqglib_socket_core_touch (self->socket, NULL);

  return has_ended;
}

/* Begins the operation in the thread that has the socket: it is tried at once. */
static void
operation_begin_here (ZmqOperation *self)
{
  if (operation_try_first (self))
    {
      zmqglib_operation_finish (self);
      return;
    }

  operation_enqueue (self);
  operation_limit (self);
}

/*
 * zmqglib_socket_begin_operation:
 * @task: the task, which returns when the operation has ended
 * @condition: what the socket has to be ready for
 * @message: (nullable): what is to be sent
 *
 * May be called from any thread.
 */
void
zmqglib_socket_begin_operation (GTask           *task,
                                ZmqSocketCore   *socket,
                                ZmqOperationKind kind,
                                GIOCondition     condition,
                                ZmqMessage      *message)
{
  g_auto (ZmqWithholding) withholding G_GNUC_UNUSED = zmqglib_withholding_new ();
  ZmqOperation                       *self = zmqglib_operation_new (task, socket, kind, condition, message);
  g_auto (ZmqEntry) entry = zmqglib_agenda_enter (self->agenda);

  /* an operation that has ended well has done so, even if it is cancelled before the callback */
  g_task_set_check_cancellable (task, FALSE);

  if (!entry.granted)
    zmqglib_agenda_post (self->agenda, operation_begin, self);
  else if (entry.acquired == NULL || g_atomic_pointer_get (&socket->record.thread) == g_thread_self ())
    operation_begin_here (self);
  else
    operation_begin (self);
}

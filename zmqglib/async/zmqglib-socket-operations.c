/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <zmq.h>

#include "async/zmqglib-socket-operations-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "loop/zmqglib-poll-source-private.h"
#include "message/zmqglib-message-private.h"

/*
 * Operations under way on a socket. Those of one main context and priority make a lane, which is an
 * item of the poll set that the streams use, too. A lane exists while it has operations.
 */

/* What a lane may do in one turn before others have theirs, in operations. */
#define SHARE 64

/* How long a send waits that libzmq refused although it had called the socket writable, as a
 * mandatory ROUTER does when one of many peers is full: there is no signal for that peer. */
#define RETRY_MS 5

typedef struct
{
  ZmqSocket    *socket; /* kept by the tasks */
  GMainContext *context;
  int           priority;
  ZmqPollSet   *set;
  ZmqPollItem  *item;
  GQueue        operations; /* in the order asked */
  guint         n_in;       /* those that wait for input */
  guint         n_out;
  GSource      *retry;
  gboolean      serving;
} Lane;

/* The data of its task, which is kept by the lane until it returns. */
typedef struct
{
  ZmqExpiry        expiry; /* first */
  GList            link;
  GTask           *task;
  Lane            *lane;
  ZmqOperationKind kind;
  GIOCondition     condition;
  ZmqMessage      *message; /* to be sent */
} Operation;

/* What an operation has come to. */
typedef struct
{
  GTask       *task;
  int          errnum;
  ZmqMessage  *message;
  GIOCondition condition;
} Result;

static void
operation_free (gpointer data)
{
  Operation *self = data;

  g_clear_pointer (&self->message, zmqglib_message_unref);
  g_free (self);
}

static void
lane_count (Lane        *self,
            GIOCondition condition,
            int          change)
{
  if (condition & G_IO_IN)
    self->n_in += change;
  if (condition & G_IO_OUT)
    self->n_out += change;
}

/* Takes an operation off its lane. The task is the caller's to return. */
static GTask *
operation_end (Operation *self)
{
  g_queue_unlink (&self->lane->operations, &self->link);
  lane_count (self->lane, self->condition, -1);

  zmqglib_expiry_end (&self->expiry);
  if (self->message != NULL)
    zmqglib_message_thaw (self->message);

  return self->task;
}

static char *
operation_describe (Operation *self)
{
  ZmqSocket *socket = self->lane->socket;

  switch (self->kind)
    {
    case ZMQGLIB_OPERATION_RECEIVE:
      return zmqglib_socket_describe_receive (socket);
    case ZMQGLIB_OPERATION_SEND:
      return zmqglib_socket_describe_send (socket);
    default:
      return zmqglib_socket_describe_wait (socket);
    }
}

static void
lane_free (Lane *self)
{
  self->socket->lanes = g_slist_remove (self->socket->lanes, self);
  if (self->retry != NULL)
    {
      g_source_destroy (self->retry);
      g_source_unref (self->retry);
    }
  zmqglib_poll_item_remove (self->item);
  zmqglib_poll_set_release_shared (self->set);
  g_main_context_unref (self->context);
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

/* Ends an operation that others go on without. */
static void
operation_fail (Operation *self,
                GError    *error)
{
  Lane *lane = self->lane;
  g_autoptr (GTask) task = operation_end (self);

  lane_changed (lane);
  g_task_return_error (task, error);
}

static void
on_expired (ZmqExpiry *expiry,
            gboolean   cancelled)
{
  Operation       *self = (Operation *) expiry;
  g_autofree char *what = operation_describe (self);
  GError          *error = NULL;

  if (cancelled)
    g_cancellable_set_error_if_cancelled (g_task_get_cancellable (self->task), &error);
  else
    error = g_error_new (ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN,
                         /* Translators: what could not be done, in time */
                         _ ("%s: The time is up"), what);
  operation_fail (self, error);
}

static gboolean
on_retry (gpointer data)
{
  Lane *self = data;

  g_clear_pointer (&self->retry, g_source_unref);
  zmqglib_poll_item_changed (self->item);

  return G_SOURCE_REMOVE;
}

static void
retry_later (Lane *self)
{
  self->retry = g_timeout_source_new (RETRY_MS);
  g_source_set_priority (self->retry, self->priority);
  g_source_set_callback (self->retry, on_retry, self, NULL);
  g_source_attach (self->retry, self->context);
}

/* Tries an operation. @exhausted is what was tried in vain, and need not be tried for later ones. */
static gboolean
operation_try (Operation    *self,
               GIOCondition *exhausted,
               Result       *result)
{
  ZmqSocket *socket = self->lane->socket;

  if (self->kind != ZMQGLIB_OPERATION_WAIT && (*exhausted & self->condition) != 0)
    return FALSE;

  switch (self->kind)
    {
    case ZMQGLIB_OPERATION_RECEIVE:
      result->message = zmqglib_message_receive (socket->handle, &result->errnum);
      break;
    case ZMQGLIB_OPERATION_SEND:
      result->errnum = zmqglib_message_send (self->message, socket->handle);
      break;
    default:
      result->errnum = zmqglib_socket_query (socket, &result->condition);
      result->condition &= self->condition;
      if (result->errnum == 0 && result->condition == 0)
        return FALSE;
    }

  if (result->errnum != EAGAIN)
    return TRUE;

  *exhausted |= self->condition;

  return FALSE;
}

static void
result_return (Result     *self,
               const char *what)
{
  Operation *operation = g_task_get_task_data (self->task);
  GError    *error = NULL;

  if (self->errnum != 0)
    {
      zmqglib_error_set (&error, self->errnum, "%s", what);
      g_task_return_error (self->task, error);
    }
  else if (operation->kind == ZMQGLIB_OPERATION_RECEIVE)
    g_task_return_pointer (self->task, self->message, (GDestroyNotify) zmqglib_message_unref);
  else if (operation->kind == ZMQGLIB_OPERATION_SEND)
    g_task_return_boolean (self->task, TRUE);
  else
    g_task_return_int (self->task, self->condition);

  g_object_unref (self->task);
}

/* Tries the operations in their order, and then returns those that have ended: callbacks may do
 * anything. With an errnum, all end. */
static void
lane_run (Lane        *self,
          GIOCondition ready,
          int          errnum)
{
  Result       results[SHARE];
  char        *what[SHARE];
  guint        n_results = 0;
  GIOCondition exhausted = 0;
  GList       *next;

  for (GList *l = self->operations.head; l != NULL && n_results < SHARE; l = next)
    {
      Operation *operation = l->data;
      Result     result = { .errnum = errnum };

      next = l->next;
      if (errnum == 0 && !operation_try (operation, &exhausted, &result))
        continue;

      what[n_results] = result.errnum != 0 ? operation_describe (operation) : NULL;
      result.task = operation_end (operation);
      results[n_results++] = result;
    }

  if (n_results == 0 && (ready & exhausted & G_IO_OUT))
    retry_later (self);

  zmqglib_socket_touch (self->socket);
  for (guint i = 0; i < n_results; i++)
    {
      result_return (&results[i], what[i]);
      g_free (what[i]);
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
  if (self->n_out > 0 && self->retry == NULL)
    wanted |= G_IO_OUT;

  return wanted & among;
}

static ZmqPollOutcome
lane_serve (ZmqPollItem *item,
            GIOCondition ready,
            int          errnum,
            ZmqSlice    *slice)
{
  Lane *self = item->owner;
  g_autoptr (ZmqSocket) socket = g_object_ref (self->socket);

  self->serving = TRUE;
  if (errnum == 0)
    {
      zmqglib_socket_claim (socket);
      lane_run (self, ready, 0);
    }
  else
    {
      /* what is begun from now on is not for a lane that is dead */
      socket->lanes = g_slist_remove (socket->lanes, self);
      if (errnum == ENOTSOCK)
        zmqglib_socket_forget (socket);
      while (self->operations.length > 0)
        lane_run (self, 0, errnum);
    }
  self->serving = FALSE;

  if (self->operations.length == 0)
    lane_free (self);

  return ZMQGLIB_POLL_UNKNOWN;
}

static const ZmqPollItemFuncs lane_funcs = {
  .get_wanted = lane_get_wanted,
  .serve = lane_serve,
};

/* The lane of the calling thread's main context and that priority. */
static Lane *
get_lane (ZmqSocket *socket,
          int        priority)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  Lane *self;

  for (GSList *l = socket->lanes; l != NULL; l = l->next)
    {
      self = l->data;
      if (self->context == context && self->priority == priority)
        return self;
    }

  self = g_new0 (Lane, 1);
  self->socket = socket;
  self->context = g_steal_pointer (&context);
  self->priority = priority;
  g_queue_init (&self->operations);
  self->set = zmqglib_poll_set_acquire_shared (self->context, priority);
  self->item = zmqglib_poll_set_add_socket (self->set, socket, FALSE, &lane_funcs, self);
  socket->lanes = g_slist_append (socket->lanes, self);

  return self;
}

/*
 * zmqglib_socket_begin_operation:
 * @task: the task of a socket, which returns when the operation has ended
 * @condition: what the socket has to be ready for
 * @message: (nullable): what is to be sent
 * @timeout_option: libzmq's option that says how long it may take, or 0
 */
void
zmqglib_socket_begin_operation (GTask           *task,
                                ZmqOperationKind kind,
                                GIOCondition     condition,
                                ZmqMessage      *message,
                                int              timeout_option)
{
  ZmqSocket *socket = g_task_get_source_object (task);
  Operation *self = g_new0 (Operation, 1);
  int        timeout_ms = -1;
  gsize      size = sizeof timeout_ms;

  if (timeout_option != 0)
    zmq_getsockopt (socket->handle, timeout_option, &timeout_ms, &size);

  self->link.data = self;
  self->task = g_object_ref (task);
  self->lane = get_lane (socket, g_task_get_priority (task));
  self->kind = kind;
  self->condition = condition;
  if (message != NULL)
    {
      self->message = zmqglib_message_ref (message);
      zmqglib_message_freeze (message);
    }

  /* an operation that has ended well has done so, even if it is cancelled before the callback */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, operation_free);

  zmqglib_poll_set_begin_expiry (self->lane->set, &self->expiry,
                                 zmqglib_deadline_after (timeout_ms < 0 ? -1 : timeout_ms * G_GINT64_CONSTANT (1000)),
                                 g_task_get_cancellable (task), on_expired);
  g_queue_push_tail_link (&self->lane->operations, &self->link);
  lane_count (self->lane, condition, 1);
  lane_changed (self->lane);
}

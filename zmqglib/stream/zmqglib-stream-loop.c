/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-debug-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "stream/zmqglib-stream-private.h"

/* How a stream enters its loop, what it does when the loop lets it, and how it leaves. */

/* Another thread has closed or dropped the stream, which is yet to be told here. */
static gboolean
is_ending (ZmqStreamCore *core)
{
  return core->is_gone || (!zmqglib_stream_core_is_open (core) && core->queue_error == NULL);
}

static gboolean
has_own_work (ZmqStreamCore *core)
{
  if (core->queue_error != NULL)
    return TRUE;

  return core->queue.done.length > 0 || core->queue_changed ||
         (core->queue.n_waiting == 0 && !core->drains_due && (core->was_queued || core->drains.head != NULL));
}

/* A plain handler is likely to be there still, and the emission will show it. */
static inline gboolean
is_listening (ZmqStreamCore *core)
{
  return core->is_steady || (core->receives_plain && core->receiver == NULL) || zmqglib_stream_is_listening (core);
}

/* Who waits for a message comes before who listens. */
static inline gboolean
wants_message (ZmqStreamCore *core)
{
  if (G_UNLIKELY (core->n_waits > 0))
    return zmqglib_stream_core_is_awaited (core);

  return !g_atomic_int_get (&core->paused) && is_listening (core);
}

static GIOCondition
get_wanted (ZmqPollItem *item,
            GIOCondition among)
{
  ZmqStreamCore *core = item->owner;
  GIOCondition   wanted = 0;

  if (is_ending (core))
    return 0;

  if ((among & G_IO_IN) && wants_message (core))
    wanted |= G_IO_IN;
  if (core->queue.n_waiting > 0)
    wanted |= G_IO_OUT | ZMQGLIB_POLL_TRY;
  if (has_own_work (core))
    wanted |= ZMQGLIB_POLL_WORK;

  return wanted & among;
}

static void
drop_item (ZmqStreamCore *core)
{
  if (core->item == NULL)
    return;

  g_clear_pointer (&core->item, zmqglib_poll_item_remove);
  zmqglib_stream_core_unref (core);
}

/* Takes the stream out of the loop. What the loop has had of it may go now. */
static void
leave (ZmqStreamCore *core)
{
  ZmqStream *keeper = g_steal_pointer (&core->keeper);

  if (core->has_left)
    return;

  g_atomic_int_set (&core->has_left, TRUE);
  drop_item (core);
  core->is_steady = FALSE;
  zmqglib_stream_release_taps (core);
  g_clear_pointer (&core->receiver, zmqglib_receiver_release);
  g_clear_object (&keeper);
}

/* A closed stream that is kept for what is left to say does not keep its main context in turn: who drops
 * that drops what was left to say. */
static void
release_context (ZmqStreamCore *core)
{
  ZmqStream    *self = core->keeper;
  GMainContext *context;

  if (self == NULL)
    return;

  zmqglib_lock_take (&core->lock);
  context = g_steal_pointer (&zmqglib_stream_get_private (self)->context);
  zmqglib_lock_give (&core->lock);

  g_clear_pointer (&context, g_main_context_unref);
}

static gboolean
is_heard (ZmqStreamCore *core)
{
  return core->klass->closed != NULL || zmqglib_stream_is_reported (core) ||
         zmqglib_stream_core_has_handler (core, zmqglib_stream_signals[CLOSED]) ||
         zmqglib_stream_core_has_notify_handler (core);
}

/* Who hears the signal may fill the queue again before those who wait know that it was empty: then they
 * are told first the next time. */
static void
report_drained (ZmqStreamCore *core,
                ZmqStream     *self)
{
  gboolean has_drains = core->drains.head != NULL;

  if (!zmqglib_stream_core_is_empty (core))
    return;

  if (core->was_queued && !(has_drains && core->signal_had_turn))
    {
      core->was_queued = FALSE;
      core->signal_had_turn = has_drains;
      g_signal_emit (self, zmqglib_stream_signals[DRAINED], 0);
    }
  else
    zmqglib_stream_tell_drains (core);
}

static void
serve_output (ZmqStreamCore *core,
              ZmqStream     *self,
              GIOCondition   ready,
              ZmqSlice      *slice)
{
  ZmqTurn turn = zmqglib_turn_begin (slice);

  if ((ready & (G_IO_OUT | ZMQGLIB_POLL_TRY)) && zmqglib_stream_hand_over (core, ZMQGLIB_TURN_SHARE) == 0 &&
      core->queue.n_waiting > 0 && core->item != NULL)
    zmqglib_poll_item_refuse (core->item);

  zmqglib_stream_core_notify (core, self);
  while (zmqglib_stream_report_sent (core, self) && !zmqglib_stream_is_dropped (self) && !zmqglib_turn_is_over (&turn))
    ;
  if (zmqglib_stream_core_is_open (core) && !zmqglib_stream_is_dropped (self))
    report_drained (core, self);
}

/* Emits what is left to say after the stream was closed, a share at a time, and leaves the loop. */
static void
serve_closed (ZmqStreamCore *core,
              ZmqStream     *self,
              ZmqSlice      *slice)
{
  ZmqTurn turn = zmqglib_turn_begin (slice);
  g_autoptr (GError) error = NULL;

  zmqglib_stream_core_notify (core, self);
  while (zmqglib_stream_report_sent (core, self))
    if (zmqglib_turn_is_over (&turn))
      return;

  if (core->has_left)
    return;

  error = g_steal_pointer (&core->close_error);
  leave (core);
  g_signal_emit (self, zmqglib_stream_signals[CLOSED], 0, error);
}

/* The main context is no more, and what was left to say stays unsaid. */
static void
lose (ZmqPollItem *item)
{
  ZmqStreamCore *core = zmqglib_stream_core_ref (item->owner);

  leave (core);
  zmqglib_stream_queue_clear (&core->queue);
  zmqglib_stream_core_unref (core);
}

static void
log_end (ZmqStreamCore *core,
         const char    *how)
{
  zmqglib_debug ("%p: The stream of the socket was %s; messages that were still queued: %u", (gpointer) core->socket, how,
                 (guint) core->queue.n_waiting);
}

static ZmqPollOutcome serve (ZmqPollItem *item,
                             GIOCondition ready,
                             int          errnum,
                             ZmqSlice    *slice);

static const ZmqPollItemFuncs item_funcs = {
  .get_wanted = get_wanted,
  .serve = serve,
  .lose = lose,
};

/* Closes the stream, but for what is to be said. Takes over the errors: what becomes of the messages
 * that still wait, and what ::closed says. */
static void
shut (ZmqStreamCore *core,
      GError        *queue_error,
      GError        *close_error)
{
  zmqglib_stream_close_inbox (core);
  g_atomic_int_set (&core->is_closed, TRUE);
  core->queue_error = queue_error;
  core->close_error = close_error;
  core->queue_changed = core->queue.n_waiting > 0;
  core->open_changed = TRUE;
  core->was_queued = FALSE;
  zmqglib_stream_end_drains (core, queue_error);
  zmqglib_stream_end_waits (core, close_error);

  /* who does not listen yet may do so until then, for as long as there is somebody */
  if (core->keeper == NULL && is_heard (core))
    core->keeper = zmqglib_stream_core_upgrade (core);

  /* Another item, since the one that there was may be being served: a handler may wait in a loop of its
   * own for what there is to say. */
  zmqglib_stream_core_ref (core);
  drop_item (core);
  core->item = zmqglib_poll_set_add_work (zmqglib_poll_set_get_shared (core->agenda), &item_funcs, core);

  log_end (core, close_error != NULL ? "lost" : "closed");
}

/* The socket is no more, and the item already out of the set. */
static void
die (ZmqStreamCore *core,
     int            errnum)
{
  GError *error = NULL;

  zmqglib_error_set (&error, errnum, _ ("The stream of a “%s” socket was closed"),
                     zmqglib_socket_core_get_type_nick (core->socket));
  zmqglib_debug ("%p: The stream of the socket ends: %s", (gpointer) core->socket, zmqglib_error_get_reason (errnum));
  shut (core, error, g_error_copy (error));

  /* A context can end only when its sockets are closed. */
  if (errnum == ENOTSOCK)
    zmqglib_socket_core_forget (core->socket);
  else
    zmqglib_socket_core_close (core->socket);
  release_context (core);
}

static ZmqPollOutcome
serve_open (ZmqStreamCore *core,
            ZmqStream     *self,
            GIOCondition   ready,
            ZmqSlice      *slice)
{
  ZmqPollOutcome  outcome = ZMQGLIB_POLL_UNCHANGED;
  ZmqSocketWatch *own;

  zmqglib_socket_core_claim (core->socket);
  if (ready & (G_IO_OUT | ZMQGLIB_POLL_TRY | ZMQGLIB_POLL_WORK))
    serve_output (core, self, ready, slice);
  if (ready & (G_IO_OUT | ZMQGLIB_POLL_TRY))
    outcome = ZMQGLIB_POLL_UNKNOWN;
  if (ready & G_IO_IN)
    outcome = zmqglib_stream_receive (core, self, slice);

  /* others who watch the socket */
  own = zmqglib_stream_core_get_watch (core);
  if (outcome != ZMQGLIB_POLL_UNCHANGED && zmqglib_socket_core_is_watched (core->socket, own))
    zmqglib_socket_core_touch (core->socket, own);

  return outcome;
}

static ZmqPollOutcome
serve (ZmqPollItem *item,
       GIOCondition ready,
       int          errnum,
       ZmqSlice    *slice)
{
  ZmqStreamCore *core = zmqglib_stream_core_ref (item->owner);
  g_autoptr (ZmqStream) self = zmqglib_stream_core_upgrade (core);
  ZmqPollOutcome outcome = ZMQGLIB_POLL_UNKNOWN;

  if (errnum != 0)
    die (core, errnum);
  else if (self == NULL)
    core->is_gone = TRUE;
  else if (core->queue_error != NULL)
    serve_closed (core, self, slice);
  else if (!is_ending (core))
    outcome = serve_open (core, self, ready, slice);

  /* the last reference to the stream may be the one here, and it wants to find its core */
  g_clear_object (&self);
  zmqglib_stream_core_unref (core);

  return outcome;
}

/*
 * zmqglib_stream_core_join:
 * @data: (transfer full): a core, one that has to say something at once when it is closed
 *
 * Lets the stream into its loop.
 */
void
zmqglib_stream_core_join (gpointer data)
{
  ZmqStreamCore *core = data;
  ZmqPollSet    *set;

  if (core->has_left)
    {
      zmqglib_stream_core_unref (core);
      return;
    }

  set = zmqglib_poll_set_get_shared (core->agenda);
  core->item = zmqglib_poll_set_add_socket (set, core->socket, !g_atomic_int_get (&core->paused), &item_funcs, core);
}

static GError *
make_closed_error (ZmqStreamCore *core)
{
  return g_error_new (ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED,
                      _ ("Could not send a queued message through a “%s” socket: The stream was closed"),
                      core->socket != NULL ? zmqglib_socket_core_get_type_nick (core->socket) : "?");
}

/*
 * zmqglib_stream_core_close:
 * @data: (transfer full): a core
 *
 * Closes the stream and its socket. What there is to say is said from the loop.
 */
void
zmqglib_stream_core_close (gpointer data)
{
  ZmqStreamCore *core = data;

  if (!core->has_left && core->queue_error == NULL)
    {
      shut (core, make_closed_error (core), NULL);
      zmqglib_socket_core_close (core->socket);
      release_context (core);
    }

  zmqglib_stream_core_unref (core);
}

/*
 * zmqglib_stream_core_close_without_socket:
 *
 * Lets a stream that has no open socket from the start say so.
 */
void
zmqglib_stream_core_close_without_socket (ZmqStreamCore *core)
{
  GError *error = NULL;

  zmqglib_error_set (&error, ENOTSOCK, _ ("Could not make a stream"));
  shut (core, error, g_error_copy (error));
}

/*
 * zmqglib_stream_core_abandon:
 * @data: (transfer full): a core
 *
 * Nobody has the stream any more: drops what it had to do, without a word.
 */
void
zmqglib_stream_core_abandon (gpointer data)
{
  ZmqStreamCore *core = data;

  zmqglib_stream_close_inbox (core);
  if (core->queue_error == NULL)
    log_end (core, "dropped");
  if (core->drains.head != NULL)
    {
      g_autoptr (GError) error = make_closed_error (core);

      zmqglib_stream_end_drains (core, error);
    }
  zmqglib_stream_queue_clear (&core->queue);
  leave (core);
  zmqglib_stream_core_unref (core);
}

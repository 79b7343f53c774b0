/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "loop/zmqglib-poll-set-private.h"

/*
 * libzmq's descriptor of a socket is edge-like: it becomes readable when there is a command for the
 * socket, and any operation on the socket may take that command away. It says “look”, never “there
 * is a message”. So an item is in one of these states, and move() is the only one to change it:
 *
 *  state     in a queue  what it means                               leaves it when
 *  --------  ----------  ------------------------------------------  --------------------------------
 *  ASLEEP    no          the last query showed nothing that is       the descriptor is signalled, the
 *                        wanted, and nobody has touched the socket   socket is touched, something
 *                        since; the next change is a command, which  else is wanted → HOT; it is
 *                        makes the descriptor readable               closed → READY
 *  HOT       yes         to be queried before anybody may block      queried → ASLEEP, RESTLESS, READY
 *  RESTLESS  yes         as good as asleep, except that it could     prepare finds foreign code or
 *                        change without a signal: foreign code has   somebody who listens → HOT; as
 *                        the handle, or there is input that nobody   ASLEEP
 *                        wants yet
 *  READY     yes         to be served                                served → SERVED; touched → HOT
 *  SERVED    no          its owner is being called, and it is left   the owner returns → HOT, or by
 *                        alone, also by loops that the owner runs    what the owner knows of the
 *                                                                    socket as after a query
 *  GONE      no          taken out of the set                        never
 *
 * From each state an item may become GONE, and one whose socket is no more READY, once, to tell its
 * owner. A plain descriptor is never HOT: a signal makes it READY, and served it is ASLEEP. An item
 * without either, which only has work, is queried like a socket, with nothing there.
 */

/* How long a send waits at most that was refused. Of all types only a ROUTER refuses although libzmq
 * calls it writable, when one of many peers is full, and becomes able to fail when its only peer goes.
 * There is most often a signal when that changes, which is not waited for in vain. */
#define RETRY_US (5 * G_TIME_SPAN_MILLISECOND)

static const gboolean has_queue[ZMQGLIB_N_ITEM_STATES] = {
  [ZMQGLIB_ITEM_HOT] = TRUE,
  [ZMQGLIB_ITEM_RESTLESS] = TRUE,
  [ZMQGLIB_ITEM_READY] = TRUE,
};

static void
keep_from_blocking (ZmqPollSet *self)
{
  if (!self->blocking)
    return;

  self->blocking = FALSE;
  if (self->agenda != NULL)
    zmqglib_agenda_wake (self->agenda);
  else
    zmqglib_wakeup_signal (&self->wakeup);
}

void
zmqglib_poll_item_move (ZmqPollItem     *item,
                        ZmqPollItemState state)
{
  ZmqPollSet *set = item->set;

  if (item->state == state)
    return;

  if (has_queue[item->state])
    g_queue_unlink (&set->queues[item->state], &item->link);
  item->state = state;
  if (has_queue[state])
    g_queue_push_tail_link (&set->queues[state], &item->link);

  if (state == ZMQGLIB_ITEM_HOT || state == ZMQGLIB_ITEM_READY)
    keep_from_blocking (set);
}

ZmqPollItem *
zmqglib_poll_item_ref (ZmqPollItem *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
zmqglib_poll_item_unref (ZmqPollItem *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  g_clear_pointer (&self->socket, zmqglib_socket_core_unref);
  g_free (self);
}

/* After this the item is queried before it is served, and before the set blocks. */
void
zmqglib_poll_item_heat (ZmqPollItem *item)
{
  if (item->set != NULL && item->state != ZMQGLIB_ITEM_SERVED && item->errnum == 0)
    zmqglib_poll_item_move (item, ZMQGLIB_ITEM_HOT);
}

void
zmqglib_poll_item_end_refusal (ZmqPollItem *item)
{
  if (!item->refused)
    return;

  item->refused = FALSE;
  g_queue_unlink (&item->set->refused, &item->refused_link);
}

/* Of a ROUTER it takes a try to know what becomes of a send. */
static gboolean
may_try (ZmqPollItem *item)
{
  return item->socket != NULL && item->socket->type == ZMQGLIB_SOCKET_ROUTER;
}

/* Sorts the item into its state by what is there, of which nothing has been used up since. */
void
zmqglib_poll_item_settle (ZmqPollItem *item,
                          GIOCondition condition)
{
  GIOCondition among = condition | ZMQGLIB_POLL_WORK | (may_try (item) ? ZMQGLIB_POLL_TRY : 0);

  if (item->refused)
    among &= ~(G_IO_OUT | ZMQGLIB_POLL_TRY);

  item->condition = condition;
  item->ready = item->funcs->get_wanted (item, among);

  if (item->ready != 0)
    zmqglib_poll_item_move (item, ZMQGLIB_ITEM_READY);
  else if (item->socket != NULL &&
           (item->socket->exposed || (item->fickle && (condition & G_IO_IN))))
    zmqglib_poll_item_move (item, ZMQGLIB_ITEM_RESTLESS);
  else
    zmqglib_poll_item_move (item, ZMQGLIB_ITEM_ASLEEP);
}

/* The socket is no more, which is to be reported once. Its descriptor may soon be another's. */
void
zmqglib_poll_item_fail (ZmqPollItem *item,
                        int          errnum)
{
  if (item->errnum != 0)
    return;

  item->errnum = errnum;
  zmqglib_poll_backend_remove (&item->set->backend, &item->fd);

  if (item->state != ZMQGLIB_ITEM_SERVED)
    zmqglib_poll_item_move (item, ZMQGLIB_ITEM_READY);
}

static void
on_retry (ZmqDeadline *deadline)
{
  ZmqPollSet *self = (gpointer) ((char *) deadline - G_STRUCT_OFFSET (ZmqPollSet, retry));

  while (self->refused.head != NULL)
    {
      ZmqPollItem *item = self->refused.head->data;

      zmqglib_poll_item_end_refusal (item);
      zmqglib_poll_item_heat (item);
    }
}

static void
renew_wakeup (ZmqPollSet *self)
{
  if (self->wakeup.pollfd.fd >= 0)
    zmqglib_poll_backend_exclude (&self->backend, &self->wakeup.pollfd);
  zmqglib_wakeup_clear (&self->wakeup);
  zmqglib_wakeup_init (&self->wakeup);
  if (self->wakeup.pollfd.fd >= 0)
    zmqglib_poll_backend_include (&self->backend, &self->wakeup.pollfd);
}

/*
 * zmqglib_poll_set_ensure_process:
 *
 * In a forked child the sockets that the set has are dead, and what it shares with its parent is made
 * anew.
 */
void
zmqglib_poll_set_ensure_process (ZmqPollSet *self)
{
  if (!zmqglib_fork_is_inherited (self->generation))
    return;

  self->generation = zmqglib_fork_generation;
  zmqglib_poll_backend_inherit (&self->backend);
  if (self->agenda == NULL)
    renew_wakeup (self);
  for (GList *l = self->items.head; l != NULL; l = l->next)
    {
      ZmqPollItem *item = l->data;

      if (item->socket != NULL)
        zmqglib_poll_item_fail (item, ZMQGLIB_EFORKED);
    }
  zmqglib_poll_backend_renew (&self->backend);
}

/*
 * zmqglib_poll_set_run_errands:
 *
 * Does what other threads have posted.
 */
void
zmqglib_poll_set_run_errands (ZmqPollSet *self)
{
  while (zmqglib_agenda_queue_get_length (&self->errands) > 0)
    zmqglib_agenda_queue_call_first (&self->errands);
}

/* A thread that was the last to use the set, and now only uses one of the sockets, may be about to touch the item: it
 * has the socket's lock then, and whoever takes that after it finds another thread's set. */
static void
wait_for_user (ZmqPollItem *item)
{
  if (item->socket == NULL)
    return;

  zmqglib_lock_take (&item->socket->lock);
  zmqglib_lock_give (&item->socket->lock);
}

/*
 * zmqglib_poll_set_claim:
 *
 * To be called by who is about to use the set, which is that thread's from now on. An agenda knows by
 * itself.
 */
void
zmqglib_poll_set_claim (ZmqPollSet *self)
{
  if (self->agenda != NULL || g_atomic_pointer_get (&self->thread) == g_thread_self ())
    return;

  g_atomic_pointer_set (&self->thread, g_thread_self ());
  for (GList *l = self->items.head; l != NULL; l = l->next)
    wait_for_user (l->data);
}

/*
 * zmqglib_poll_set_take_over:
 *
 * As zmqglib_poll_set_claim(), and does what other threads have posted.
 */
void
zmqglib_poll_set_take_over (ZmqPollSet *self)
{
  zmqglib_poll_set_claim (self);
  zmqglib_poll_set_run_errands (self);
}

/*
 * zmqglib_poll_item_unwatch:
 *
 * Afterwards nobody who uses the socket touches the item any more. May be called by any thread when no
 * other can have the set.
 */
void
zmqglib_poll_item_unwatch (ZmqPollItem *item)
{
  if (item->socket == NULL || item->watch.funcs == NULL)
    return;

  zmqglib_socket_core_remove_watch (item->socket, &item->watch);
  item->watch.funcs = NULL;
}

/*
 * zmqglib_poll_item_detach:
 *
 * Takes the item out of the set while its owner still has it.
 */
void
zmqglib_poll_item_detach (ZmqPollItem *item)
{
  ZmqPollSet *set = item->set;

  zmqglib_poll_set_ensure_process (set);
  zmqglib_poll_set_take_over (set);

  /* whoever closes the socket from then on may close the descriptor */
  if (item->errnum == 0)
    zmqglib_poll_backend_remove (&set->backend, &item->fd);
  zmqglib_poll_item_unwatch (item);
  zmqglib_poll_item_end_refusal (item);
  zmqglib_poll_item_move (item, ZMQGLIB_ITEM_GONE);
  g_queue_unlink (&set->items, &item->all_link);
  if (set->items.length == 0 && set->agenda != NULL)
    zmqglib_deadlines_remove (zmqglib_agenda_get_deadlines (set->agenda), &set->retry);
  item->set = NULL;
}

/*
 * zmqglib_poll_item_remove:
 *
 * Takes the item out of its set and frees it, from wherever: its owner is not called any more.
 */
void
zmqglib_poll_item_remove (ZmqPollItem *item)
{
  if (item->set != NULL)
    zmqglib_poll_item_detach (item);

  zmqglib_poll_item_unref (item);
}

/*
 * zmqglib_poll_item_changed:
 *
 * To be called when the owner wants something else than before.
 */
void
zmqglib_poll_item_changed (ZmqPollItem *item)
{
  if (item->set == NULL)
    return;

  zmqglib_poll_set_ensure_process (item->set);
  zmqglib_poll_set_take_over (item->set);

  if (item->socket != NULL || item->fd.pollfd.fd < 0)
    {
      zmqglib_poll_item_touch (item);
      return;
    }

  zmqglib_poll_backend_modify (&item->set->backend, &item->fd, item->funcs->get_wanted (item, ZMQGLIB_POLL_ALL));
  if (item->state != ZMQGLIB_ITEM_SERVED)
    zmqglib_poll_item_move (item, ZMQGLIB_ITEM_ASLEEP);
}

/*
 * zmqglib_poll_item_set_fickle:
 *
 * See zmqglib_poll_set_add_socket().
 */
void
zmqglib_poll_item_set_fickle (ZmqPollItem *item,
                              gboolean     fickle)
{
  item->fickle = fickle;
}

/*
 * zmqglib_poll_item_touch:
 *
 * To be called when the owner has used the socket by itself, outside of being served.
 */
void
zmqglib_poll_item_touch (ZmqPollItem *item)
{
  item->touched = TRUE;
  zmqglib_poll_item_heat (item);
}

/*
 * zmqglib_poll_item_refuse:
 *
 * To be called when a send was refused: it is to be tried again when something has changed, or soon.
 */
void
zmqglib_poll_item_refuse (ZmqPollItem *item)
{
  ZmqPollSet *set = item->set;

  if (set == NULL || item->refused)
    return;

  item->refused = TRUE;
  g_queue_push_tail_link (&set->refused, &item->refused_link);
  set->retry.func = on_retry;
  if (set->retry.time < 0)
    zmqglib_deadlines_add (zmqglib_agenda_get_deadlines (set->agenda), &set->retry, g_get_monotonic_time () + RETRY_US);
}

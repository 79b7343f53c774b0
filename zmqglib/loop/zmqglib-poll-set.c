/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-withholding-private.h"
#include "loop/zmqglib-poll-set-private.h"

/* What an item is and does is in zmqglib-poll-item.c; here is who is looked at and served when. */

/* Asks what is there, which in the case of work is nothing. */
static int
query (ZmqPollItem  *item,
       GIOCondition *condition)
{
  *condition = 0;

  return item->socket != NULL ? zmqglib_socket_core_query (item->socket, &item->watch, condition) : 0;
}

/* Its owner is being called, and a loop that the owner runs must not spin over the signal. */
static void
hush (ZmqPollItem *item)
{
  GIOCondition condition;
  int          errnum;

  if (item->socket == NULL)
    {
      zmqglib_poll_backend_modify (&item->set->backend, &item->fd, 0);
      return;
    }

  /* which has used the signal up */
  item->touched = TRUE;
  errnum = query (item, &condition);
  if (errnum != 0)
    zmqglib_poll_item_fail (item, errnum);
}

static void
on_signalled (ZmqPollFD *fd)
{
  ZmqPollItem *item = (gpointer) ((char *) fd - G_STRUCT_OFFSET (ZmqPollItem, fd));

  zmqglib_poll_item_end_refusal (item);

  if (item->state == ZMQGLIB_ITEM_SERVED)
    hush (item);
  else if (item->socket != NULL)
    zmqglib_poll_item_heat (item);
  else if (fd->pollfd.revents & G_IO_NVAL)
    /* it was closed before it was taken out: of no use until somebody asks for it anew */
    zmqglib_poll_backend_modify (&item->set->backend, fd, 0);
  else
    {
      item->ready = fd->pollfd.revents;
      zmqglib_poll_item_move (item, ZMQGLIB_ITEM_READY);
    }
}

static void
collect (ZmqPollSet *self,
         gboolean    polled)
{
  zmqglib_poll_backend_collect (&self->backend, polled, on_signalled);
  self->collected = TRUE;
}

/* Queries each hot item once, which leaves none hot. */
static void
query_hot (ZmqPollSet *self)
{
  GQueue *hot = &self->queues[ZMQGLIB_ITEM_HOT];

  while (hot->head != NULL)
    {
      ZmqPollItem *item = hot->head->data;
      GIOCondition condition;
      int          errnum = query (item, &condition);

      if (errnum != 0)
        zmqglib_poll_item_fail (item, errnum);
      else
        zmqglib_poll_item_settle (item, condition);
    }
}

static void
heat_restless (ZmqPollSet *self)
{
  GList *next;

  for (GList *l = self->queues[ZMQGLIB_ITEM_RESTLESS].head; l != NULL; l = next)
    {
      ZmqPollItem *item = l->data;

      next = l->next;
      if (item->socket->exposed || item->funcs->get_wanted (item, ZMQGLIB_POLL_ALL) != 0)
        zmqglib_poll_item_move (item, ZMQGLIB_ITEM_HOT);
    }
}

void
zmqglib_poll_set_init (ZmqPollSet *self,
                       ZmqAgenda  *agenda)
{
  *self = (ZmqPollSet){ .agenda = agenda, .generation = zmqglib_fork_generation };
  self->retry.time = -1;
  self->wakeup.pollfd.fd = self->wakeup.write_fd = -1;
  if (agenda == NULL)
    zmqglib_wakeup_init (&self->wakeup);
  zmqglib_agenda_queue_init (&self->errands);
  zmqglib_poll_backend_init (&self->backend);
}

void
zmqglib_poll_set_clear (ZmqPollSet *self)
{
  g_assert (self->items.length == 0);

  zmqglib_poll_set_run_errands (self);
  zmqglib_agenda_queue_clear (&self->errands);
  zmqglib_wakeup_clear (&self->wakeup);
  zmqglib_poll_backend_clear (&self->backend);
}

/*
 * zmqglib_poll_set_lose:
 *
 * The main context is no more.
 */
void
zmqglib_poll_set_lose (ZmqPollSet *self)
{
  while (self->items.head != NULL)
    {
      ZmqPollItem *item = self->items.head->data;

      item->funcs->lose (item);
    }
}

/*
 * zmqglib_poll_set_prepare:
 *
 * Returns: whether something is ready, so that there is no need to poll
 */
gboolean
zmqglib_poll_set_prepare (ZmqPollSet *self)
{
  g_auto (ZmqWithholding) withholding G_GNUC_UNUSED = zmqglib_withholding_new ();

  zmqglib_poll_set_claim (self);
  self->blocking = FALSE;

  zmqglib_poll_set_run_errands (self);
  heat_restless (self);
  query_hot (self);
  self->blocking = self->queues[ZMQGLIB_ITEM_READY].head == NULL;

  return !self->blocking;
}

/*
 * zmqglib_poll_set_check:
 *
 * To be called after the back end's descriptors have been polled.
 *
 * Returns: whether something is ready
 */
gboolean
zmqglib_poll_set_check (ZmqPollSet *self)
{
  g_auto (ZmqWithholding) withholding G_GNUC_UNUSED = zmqglib_withholding_new ();

  zmqglib_poll_set_claim (self);
  self->blocking = FALSE;

  zmqglib_poll_set_run_errands (self);
  collect (self, TRUE);
  query_hot (self);

  return self->queues[ZMQGLIB_ITEM_READY].head != NULL;
}

/* What its owner knows is as good as a query, except for whether the socket can send. */
static void
conclude (ZmqPollItem   *item,
          ZmqPollOutcome outcome)
{
  GIOCondition condition = outcome == ZMQGLIB_POLL_HAS_INPUT   ? G_IO_IN
                           : outcome == ZMQGLIB_POLL_UNCHANGED ? item->condition
                                                               : 0;

  if (item->set == NULL)
    return;

  if (outcome == ZMQGLIB_POLL_UNCHANGED && item->touched)
    outcome = ZMQGLIB_POLL_UNKNOWN;

  if (item->errnum != 0)
    zmqglib_poll_item_move (item, ZMQGLIB_ITEM_READY);
  else if (item->socket == NULL && item->fd.pollfd.fd >= 0)
    {
      zmqglib_poll_item_move (item, ZMQGLIB_ITEM_ASLEEP);
      zmqglib_poll_item_changed (item);
    }
  else if (outcome == ZMQGLIB_POLL_UNKNOWN || item->funcs->get_wanted (item, G_IO_OUT) != 0)
    zmqglib_poll_item_move (item, ZMQGLIB_ITEM_HOT);
  else
    zmqglib_poll_item_settle (item, condition);
}

/* Calls the owner, which may do anything, also to the item, the set, and its driver. */
static void
serve (ZmqPollItem *item,
       ZmqSlice    *slice)
{
  int            errnum = item->errnum;
  GIOCondition   ready = errnum == 0 ? item->ready : 0;
  ZmqPollOutcome outcome;

  zmqglib_poll_item_ref (item);
  item->touched = FALSE;
  if (errnum != 0)
    zmqglib_poll_item_detach (item);
  else
    zmqglib_poll_item_move (item, ZMQGLIB_ITEM_SERVED);

  outcome = item->funcs->serve (item, ready, errnum, slice);

  conclude (item, outcome);
  zmqglib_poll_item_unref (item);
}

/*
 * zmqglib_poll_set_dispatch:
 * @source: (nullable): the source that is being dispatched, or %NULL outside of a main context
 * @slice: the time that there is
 *
 * Serves what is ready, in turn, until nothing is, the time slice is used up, or a handler has
 * destroyed the source. Without a source, serves what is ready by now, each once, however long it
 * takes.
 */
void
zmqglib_poll_set_dispatch (ZmqPollSet *self,
                           GSource    *source,
                           ZmqSlice   *slice)
{
  GQueue *ready = &self->queues[ZMQGLIB_ITEM_READY];

  self->blocking = FALSE;

  /* A set that is ready as soon as it is prepared never gets to be checked. Those who were
   * signalled meanwhile have their turn nevertheless. */
  if (!self->collected)
    {
      collect (self, FALSE);
      query_hot (self);
    }
  self->collected = FALSE;

  do
    {
      for (guint n_left = ready->length; n_left > 0 && ready->head != NULL; n_left--)
        {
          serve (ready->head->data, slice);

          if (source != NULL && (g_source_is_destroyed (source) || zmqglib_slice_is_over (slice)))
            return;
        }

      query_hot (self);
    }
  while (source != NULL && ready->head != NULL);
}

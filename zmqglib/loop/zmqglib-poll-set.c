/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "loop/zmqglib-poll-set-private.h"

/*
 * libzmq's descriptor of a socket is edge-like: it becomes readable when there is a command for the
 * socket, and any operation on the socket may take that command away. It says “look”, never “there
 * is a message”. So an item is in one of these states:
 *
 *  - asleep, in no queue: the last query showed nothing that is wanted, and nobody has touched the
 *    socket since. The next change is a command, which makes the descriptor readable.
 *  - hot: to be queried before anybody may block.
 *  - restless: as good as asleep, except that it could change without a signal: foreign code has
 *    the handle, or there is input that nobody wants yet. Looked at anew in each prepare.
 *  - ready: to be served. A socket that has been served is hot, unless its owner knows its state.
 *  - being served, in no queue: left alone, also by loops that its handler runs, until it returns.
 */

/* How long a dispatch may go on before the rest of the program has its turn: an eighth of a frame
 * at 60 Hz. */
#define SLICE_US 2000

/* After a slice, sources of lower priority are to have one turn. One iteration does it unless a
 * source of the same priority, as a timer that fell due in the meantime, takes that iteration. Who
 * takes them all would starve the lower ones by itself, and is not waited for. */
#define MAX_YIELDS 3

static void
zmqglib_poll_item_enqueue (ZmqPollItem *item,
                           GQueue      *queue)
{
  if (item->queue == queue)
    return;

  if (item->queue != NULL)
    g_queue_unlink (item->queue, &item->link);
  if (queue != NULL)
    g_queue_push_tail_link (queue, &item->link);

  item->queue = queue;
}

static void
keep_from_blocking (ZmqPollSet *self)
{
  if (!self->blocking)
    return;

  self->blocking = FALSE;
  zmqglib_poll_backend_wake (&self->backend);
}

/* After this the item is queried before it is served, and before the set blocks. */
static void
zmqglib_poll_item_heat (ZmqPollItem *item)
{
  ZmqPollSet *set = item->set;

  if (item->serving || item->errnum != 0)
    return;

  zmqglib_poll_item_enqueue (item, &set->hot);
  keep_from_blocking (set);
}

static void
make_ready (ZmqPollItem *item)
{
  zmqglib_poll_item_enqueue (item, &item->set->ready);
  keep_from_blocking (item->set);
}

/* Sorts the item into its queue by what is there, of which nothing has been used up since. */
static void
zmqglib_poll_item_settle (ZmqPollItem *item,
                          GIOCondition condition)
{
  ZmqPollSet *set = item->set;

  item->condition = condition;
  item->ready = item->funcs->get_wanted (item, condition | ZMQGLIB_POLL_WORK);

  if (item->ready != 0)
    make_ready (item);
  else if (item->socket->exposed || (item->fickle && (condition & G_IO_IN)))
    zmqglib_poll_item_enqueue (item, &set->restless);
  else
    zmqglib_poll_item_enqueue (item, NULL);
}

/* Takes the item out of the set while its owner still has it. */
static void
zmqglib_poll_item_detach (ZmqPollItem *item)
{
  ZmqPollSet *set = g_steal_pointer (&item->set);

  zmqglib_poll_item_enqueue (item, NULL);
  if (item->errnum == 0)
    zmqglib_poll_backend_remove (&set->backend, &item->fd);
  if (item->socket != NULL)
    zmqglib_socket_remove_watch (item->socket, &item->watch);
  set->n_items--;
}

/* The socket is no more, which is to be reported once. Its descriptor may soon be another's. */
static void
zmqglib_poll_item_fail (ZmqPollItem *item,
                        int          errnum)
{
  if (item->errnum != 0)
    return;

  item->errnum = errnum;
  zmqglib_poll_backend_remove (&item->set->backend, &item->fd);

  if (!item->serving)
    make_ready (item);
}

static void
on_touched (ZmqSocketWatch *watch)
{
  ZmqPollItem *item = (ZmqPollItem *) watch;

  item->touched = TRUE;
  zmqglib_poll_item_heat (item);
}

static void
on_observed (ZmqSocketWatch *watch,
             GIOCondition    condition)
{
  ZmqPollItem *item = (ZmqPollItem *) watch;

  item->touched = FALSE;
  item->condition = condition;

  if (!item->serving && item->errnum == 0)
    zmqglib_poll_item_settle (item, condition);
}

static void
on_closed (ZmqSocketWatch *watch)
{
  zmqglib_poll_item_fail ((ZmqPollItem *) watch, ENOTSOCK);
}

static const ZmqSocketWatchFuncs watch_funcs = {
  .touched = on_touched,
  .observed = on_observed,
  .closed = on_closed,
};

/* Its owner is being called, and a loop that the owner runs must not spin over the signal. */
static void
zmqglib_poll_item_hush (ZmqPollItem *item)
{
  GIOCondition condition;
  int          errnum;

  if (item->socket == NULL)
    {
      zmqglib_poll_backend_modify (&item->set->backend, &item->fd, 0);
      return;
    }

  errnum = zmqglib_socket_query (item->socket, &condition);
  if (errnum != 0)
    zmqglib_poll_item_fail (item, errnum);
}

static void
on_signalled (ZmqPollFD *fd)
{
  ZmqPollItem *item = (gpointer) ((char *) fd - G_STRUCT_OFFSET (ZmqPollItem, fd));

  if (item->serving)
    zmqglib_poll_item_hush (item);
  else if (item->socket != NULL)
    zmqglib_poll_item_heat (item);
  else
    {
      item->ready = fd->pollfd.revents;
      zmqglib_poll_item_enqueue (item, &item->set->ready);
    }
}

static void
collect (ZmqPollSet *self,
         gboolean    polled)
{
  zmqglib_poll_backend_collect (&self->backend, polled, on_signalled);
  self->collected = TRUE;
}

/* Queries each hot socket once, which leaves none hot. */
static void
query_hot (ZmqPollSet *self)
{
  while (self->hot.head != NULL)
    {
      ZmqPollItem *item = self->hot.head->data;
      GIOCondition condition;
      int          errnum = zmqglib_socket_query (item->socket, &condition);

      /* the query has told the item, as everybody else who watches the socket */
      if (errnum != 0)
        zmqglib_poll_item_fail (item, errnum);
    }
}

static void
heat_restless (ZmqPollSet *self)
{
  GList *next;

  for (GList *l = self->restless.head; l != NULL; l = next)
    {
      ZmqPollItem *item = l->data;

      next = l->next;
      if (item->socket->exposed || item->funcs->get_wanted (item, ZMQGLIB_POLL_ALL) != 0)
        zmqglib_poll_item_enqueue (item, &self->hot);
    }
}

void
zmqglib_poll_set_init (ZmqPollSet *self)
{
  zmqglib_poll_backend_init (&self->backend);
  g_queue_init (&self->hot);
  g_queue_init (&self->restless);
  g_queue_init (&self->ready);
  self->slice_us = SLICE_US;
}

void
zmqglib_poll_set_clear (ZmqPollSet *self)
{
  g_assert (self->n_items == 0);

  zmqglib_poll_backend_clear (&self->backend);
}

/*
 * zmqglib_poll_set_prepare:
 * @timeout_ms: (out): 0 when the driver must not block although nothing is ready, else -1
 *
 * Returns: whether something is ready, so that there is no need to poll
 */
gboolean
zmqglib_poll_set_prepare (ZmqPollSet *self,
                          int        *timeout_ms)
{
  self->blocking = FALSE;

  heat_restless (self);
  query_hot (self);

  *timeout_ms = self->n_yields > 0 ? 0 : -1;
  if (self->n_yields == 0 && self->ready.head != NULL)
    return TRUE;

  self->blocking = self->n_yields == 0;

  return FALSE;
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
  self->blocking = FALSE;

  collect (self, TRUE);
  query_hot (self);

  if (self->n_yields > 0)
    {
      self->n_yields--;
      return FALSE;
    }

  return self->ready.head != NULL;
}

/* Sorts an item that was served. What its owner knows is as good as a query, except for whether the
 * socket can send. */
static void
zmqglib_poll_item_conclude (ZmqPollItem   *item,
                            ZmqPollOutcome outcome)
{
  GIOCondition condition = outcome == ZMQGLIB_POLL_HAS_INPUT   ? G_IO_IN
                           : outcome == ZMQGLIB_POLL_UNCHANGED ? item->condition
                                                               : 0;

  if (outcome == ZMQGLIB_POLL_UNCHANGED && item->touched)
    outcome = ZMQGLIB_POLL_UNKNOWN;

  if (item->set == NULL)
    return;

  if (item->errnum != 0)
    make_ready (item);
  else if (outcome == ZMQGLIB_POLL_UNKNOWN || item->funcs->get_wanted (item, G_IO_OUT) != 0)
    zmqglib_poll_item_changed (item);
  else
    zmqglib_poll_item_settle (item, condition);
}

/* Calls the owner, which may do anything, also to the item, the set, and its driver. */
static void
zmqglib_poll_item_serve (ZmqPollItem *item,
                         ZmqSlice    *slice)
{
  int            errnum = item->errnum;
  ZmqPollOutcome outcome;

  item->ref_count++;
  item->serving = TRUE;
  item->touched = FALSE;

  if (errnum != 0)
    zmqglib_poll_item_detach (item);
  else
    zmqglib_poll_item_enqueue (item, NULL);

  outcome = item->funcs->serve (item, errnum == 0 ? item->ready : 0, errnum, slice);

  item->serving = FALSE;
  zmqglib_poll_item_conclude (item, outcome);

  if (--item->ref_count == 0)
    g_free (item);
}

/*
 * zmqglib_poll_set_dispatch:
 * @source: (nullable): the source that is being dispatched, or %NULL outside of a main context
 *
 * Serves what is ready, in turn, until nothing is, the time slice is used up, or a handler has
 * destroyed the source. Without a source, serves what is ready by now, each once, however long it
 * takes.
 *
 * Returns: how many were served
 */
guint
zmqglib_poll_set_dispatch (ZmqPollSet *self,
                           GSource    *source)
{
  ZmqSlice slice = { .now = g_get_monotonic_time (), .deadline = G_MAXINT64 };
  guint    n_served = 0;

  self->blocking = FALSE;
  if (source != NULL)
    slice.deadline = slice.now + self->slice_us;

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
      for (guint n_left = self->ready.length; n_left > 0 && self->ready.head != NULL; n_left--)
        {
          zmqglib_poll_item_serve (self->ready.head->data, &slice);
          n_served++;

          if (source != NULL && g_source_is_destroyed (source))
            return n_served;

          if (zmqglib_slice_is_over (&slice))
            {
              self->n_yields = MAX_YIELDS;
              return n_served;
            }
        }

      query_hot (self);
    }
  while (source != NULL && self->ready.head != NULL);

  return n_served;
}

/*
 * zmqglib_poll_set_end_yield:
 *
 * To be called when sources of lower priority have their turn in this iteration.
 */
void
zmqglib_poll_set_end_yield (ZmqPollSet *self)
{
  self->n_yields = 0;
}

static ZmqPollItem *
zmqglib_poll_set_add (ZmqPollSet             *self,
                      ZmqSocket              *socket,
                      int                     fd,
                      const ZmqPollItemFuncs *funcs,
                      gpointer                owner)
{
  ZmqPollItem *item = g_new0 (ZmqPollItem, 1);

  item->watch.funcs = &watch_funcs;
  item->funcs = funcs;
  item->owner = owner;
  item->fd.pollfd.fd = fd;
  item->fd.pollfd.events = socket != NULL ? G_IO_IN : funcs->get_wanted (item, ZMQGLIB_POLL_ALL);
  item->set = self;
  item->socket = socket;
  item->link.data = item;
  item->ref_count = 1;

  zmqglib_poll_backend_add (&self->backend, &item->fd);
  self->n_items++;

  return item;
}

/*
 * zmqglib_poll_set_add_socket:
 * @socket: an open socket, which outlives the item
 * @fickle: whether the owner may start to want input without a call of zmqglib_poll_item_changed()
 *
 * Returns: (transfer full): the item, to be removed by its owner
 */
ZmqPollItem *
zmqglib_poll_set_add_socket (ZmqPollSet             *self,
                             ZmqSocket              *socket,
                             gboolean                fickle,
                             const ZmqPollItemFuncs *funcs,
                             gpointer                owner)
{
  ZmqPollItem *item = zmqglib_poll_set_add (self, socket, socket->fd, funcs, owner);

  item->fickle = fickle;
  zmqglib_socket_add_watch (socket, &item->watch);
  zmqglib_poll_item_heat (item);

  return item;
}

ZmqPollItem *
zmqglib_poll_set_add_fd (ZmqPollSet             *self,
                         int                     fd,
                         const ZmqPollItemFuncs *funcs,
                         gpointer                owner)
{
  return zmqglib_poll_set_add (self, NULL, fd, funcs, owner);
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

  if (--item->ref_count == 0)
    g_free (item);
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

  if (item->socket != NULL)
    zmqglib_poll_item_heat (item);
  else
    {
      zmqglib_poll_backend_modify (&item->set->backend, &item->fd, item->funcs->get_wanted (item, ZMQGLIB_POLL_ALL));
      if (!item->serving)
        zmqglib_poll_item_enqueue (item, NULL);
    }
}

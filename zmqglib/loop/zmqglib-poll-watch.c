/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "loop/zmqglib-poll-set-private.h"

/* How an item comes into its set, and hears of what others do with its socket. */

/* A socket may be used by a thread that does not run this main context. */
static gboolean
is_own_thread (ZmqPollSet *set)
{
  if (set->agenda != NULL)
    return zmqglib_agenda_is_owner (set->agenda);

  return g_atomic_pointer_get (&set->thread) == g_thread_self ();
}

/* Has something done by who drives the set. */
static void
post (ZmqPollItem  *item,
      ZmqAgendaFunc func)
{
  ZmqPollSet *set = item->set;

  zmqglib_poll_item_ref (item);
  if (set->agenda != NULL)
    zmqglib_agenda_post (set->agenda, func, item);
  else
    {
      zmqglib_agenda_queue_push (&set->errands, func, NULL, item);
      zmqglib_wakeup_signal (&set->wakeup);
    }
}

static void
heat_posted (gpointer data)
{
  ZmqPollItem *item = data;

  g_atomic_int_set (&item->is_posted, FALSE);
  zmqglib_poll_item_touch (item);
  zmqglib_poll_item_unref (item);
}

/* However often the socket is used until then, it is looked at once. */
static void
post_heat (ZmqPollItem *item)
{
  if (g_atomic_int_compare_and_exchange (&item->is_posted, FALSE, TRUE))
    post (item, heat_posted);
}

static void
fail (ZmqPollItem *item)
{
  zmqglib_poll_set_ensure_process (item->set);
  zmqglib_poll_item_fail (item, ENOTSOCK);
}

static void
fail_if_in_set (ZmqPollItem *item)
{
  if (item->set != NULL)
    fail (item);
}

static void
fail_posted (gpointer data)
{
  fail_if_in_set (data);
  zmqglib_poll_item_unref (data);
}

/* The main context's owner may be in the middle of using the handle, which is to be there until then. With it goes
 * the descriptor, which nobody is to watch any more. */
static void
let_go_posted (gpointer data)
{
  ZmqPollItem *item = data;

  fail_if_in_set (item);
  zmqglib_socket_core_let_handle_go (item->socket);
  zmqglib_poll_item_unref (item);
}

static void
on_touched (ZmqSocketWatch *watch)
{
  ZmqPollItem *item = (ZmqPollItem *) watch;

  if (is_own_thread (item->set))
    zmqglib_poll_item_touch (item);
  else
    post_heat (item);
}

static void
on_observed (ZmqSocketWatch *watch,
             GIOCondition    condition)
{
  ZmqPollItem *item = (ZmqPollItem *) watch;

  if (!is_own_thread (item->set))
    {
      post_heat (item);
      return;
    }

  item->touched = FALSE;
  item->condition = condition;
  if (item->state != ZMQGLIB_ITEM_SERVED && item->errnum == 0)
    zmqglib_poll_item_settle (item, condition);
}

/* A socket in a main context may be closed in any thread. This one may not even take the main context for the
 * moment, since it has the socket's lock: who gives a main context back may be the last who has it, and all
 * that is in there goes with it. */
static ZmqAgenda *
on_closed (ZmqSocketWatch *watch)
{
  ZmqPollItem *item = (ZmqPollItem *) watch;
  ZmqAgenda   *agenda = item->set->agenda;

  if (is_own_thread (item->set))
    {
      fail (item);
      return NULL;
    }

  if (agenda == NULL)
    {
      post (item, fail_posted);
      return NULL;
    }

  zmqglib_socket_core_keep_handle (item->socket);
  post (item, let_go_posted);

  return zmqglib_agenda_ref (agenda);
}

static const ZmqSocketWatchFuncs watch_funcs = {
  .touched = on_touched,
  .observed = on_observed,
  .closed = on_closed,
};

static ZmqPollItem *
add (ZmqPollSet             *self,
     ZmqSocketCore          *socket,
     int                     fd,
     const ZmqPollItemFuncs *funcs,
     gpointer                owner)
{
  ZmqPollItem *item = g_new0 (ZmqPollItem, 1);

  zmqglib_poll_set_ensure_process (self);
  zmqglib_poll_set_take_over (self);

  item->watch.funcs = &watch_funcs;
  item->funcs = funcs;
  item->owner = owner;
  item->ref_count = 1;
  item->set = self;
  item->socket = socket != NULL ? zmqglib_socket_core_ref (socket) : NULL;
  item->link.data = item;
  item->all_link.data = item;
  item->refused_link.data = item;
  g_queue_push_tail_link (&self->items, &item->all_link);

  item->fd.pollfd.fd = fd;
  item->fd.is_foreign = socket == NULL;
  if (socket != NULL)
    item->fd.pollfd.events = G_IO_IN;
  else if (fd >= 0)
    item->fd.pollfd.events = funcs->get_wanted (item, ZMQGLIB_POLL_ALL);
  if (fd >= 0)
    zmqglib_poll_backend_add (&self->backend, &item->fd);

  return item;
}

/*
 * zmqglib_poll_set_add_socket:
 * @socket: a socket
 * @fickle: whether the owner may start to want input without a call of zmqglib_poll_item_changed()
 *
 * Returns: (transfer full): the item, to be removed by its owner
 */
ZmqPollItem *
zmqglib_poll_set_add_socket (ZmqPollSet             *self,
                             ZmqSocketCore          *socket,
                             gboolean                fickle,
                             const ZmqPollItemFuncs *funcs,
                             gpointer                owner)
{
  ZmqPollItem *item = add (self, socket, socket->fd, funcs, owner);

  item->fickle = fickle;
  zmqglib_socket_core_add_watch (socket, &item->watch);
  zmqglib_poll_item_heat (item);

  return item;
}

ZmqPollItem *
zmqglib_poll_set_add_fd (ZmqPollSet             *self,
                         int                     fd,
                         const ZmqPollItemFuncs *funcs,
                         gpointer                owner)
{
  return add (self, NULL, fd, funcs, owner);
}

/*
 * zmqglib_poll_set_add_work:
 *
 * Returns: (transfer full): an item whose owner only wants to be called for %ZMQGLIB_POLL_WORK
 */
ZmqPollItem *
zmqglib_poll_set_add_work (ZmqPollSet             *self,
                           const ZmqPollItemFuncs *funcs,
                           gpointer                owner)
{
  ZmqPollItem *item = add (self, NULL, -1, funcs, owner);

  zmqglib_poll_item_heat (item);

  return item;
}

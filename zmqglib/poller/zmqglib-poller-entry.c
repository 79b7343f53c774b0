/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <zmq.h>

#include "poller/zmqglib-poller-private.h"
#include "socket/zmqglib-socket-private.h"

/* What a poller has of a socket or a descriptor that it watches. */

static void
entry_clear (gpointer data)
{
  ZmqPollerEntry *entry = data;

  if (entry->destroy != NULL)
    entry->destroy (entry->user_data);
  g_clear_object (&entry->socket);
}

/*
 * zmqglib_poller_entry_remove:
 *
 * Its function is not called any more, but may be running.
 */
void
zmqglib_poller_entry_remove (gpointer data)
{
  ZmqPollerEntry *entry = data;

  g_clear_pointer (&entry->item, zmqglib_poll_item_remove);
  g_rc_box_release_full (entry, entry_clear);
}

static GIOCondition
entry_get_wanted (ZmqPollItem *item,
                  GIOCondition among)
{
  return ((ZmqPollerEntry *) item->owner)->condition & among;
}

static ZmqPollOutcome
entry_serve (ZmqPollItem *item,
             GIOCondition ready,
             int          errnum,
             ZmqSlice    *slice)
{
  ZmqPollerEntry *entry = g_rc_box_acquire (item->owner);
  g_autoptr (ZmqPoller) poller = g_object_ref (entry->poller);

  if (errnum != 0)
    {
      ready = errnum == ETERM ? G_IO_HUP : G_IO_NVAL;
      g_hash_table_remove (poller->sockets, entry->socket);
      /* its memory may be another socket's by the time that the object would close it */
      if (errnum == ENOTSOCK)
        zmqglib_socket_core_forget (entry->socket->core);
    }

  if (entry->func != NULL)
    {
      poller->n_called++;
      entry->func (poller, entry->socket, entry->fd, ready, entry->user_data);
    }

  g_rc_box_release_full (entry, entry_clear);

  return ZMQGLIB_POLL_UNKNOWN;
}

const ZmqPollItemFuncs zmqglib_poller_entry_funcs = {
  .get_wanted = entry_get_wanted,
  .serve = entry_serve,
};

ZmqPollerEntry *
zmqglib_poller_entry_new (ZmqPoller     *self,
                          GIOCondition   condition,
                          ZmqPollerFunc  func,
                          gpointer       user_data,
                          GDestroyNotify destroy)
{
  ZmqPollerEntry *entry = g_rc_box_new0 (ZmqPollerEntry);

  entry->poller = self;
  entry->fd = -1;
  entry->condition = condition;
  entry->func = func;
  entry->user_data = user_data;
  entry->destroy = destroy;

  return entry;
}

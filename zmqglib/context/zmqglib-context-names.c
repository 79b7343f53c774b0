/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>

#include "context/zmqglib-context-private.h"

/*
 * The names of inproc:// endpoints.
 *
 * When libzmq ends, it opens a PAIR for each connection to a name that nobody was bound to, and aborts when it cannot, and
 * also when two wait for one name of which the second is a ROUTER or a REP. So that it finds none, all such names are taken by
 * one socket of the context's own before, which is there from the first of them on: then nothing can be lacking for it.
 */

static GSList *
find_name (ZmqSocketRecord *record,
           const char      *name)
{
  return g_slist_find_custom (record->names, name, (GCompareFunc) strcmp);
}

/* One that takes any number of peers, of whatever type. */
static int
ensure_catcher (ZmqContext *self)
{
  const int linger = 0;

  if (self->catcher != NULL)
    return 0;

  self->catcher = zmq_socket (self->handle, ZMQ_DEALER);
  if (self->catcher == NULL)
    return zmq_errno ();

  zmq_setsockopt (self->catcher, ZMQ_LINGER, &linger, sizeof linger);

  return 0;
}

static gboolean
is_awaited_by_router (ZmqContext *self,
                      const char *name)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (self->awaited, name));
}

/*
 * zmqglib_context_await_name:
 * @type: that of the socket
 * @name: an endpoint that it is about to be connected to
 *
 * Returns: 0, or an error number
 */
int
zmqglib_context_await_name (ZmqContext   *self,
                            ZmqSocketType type,
                            const char   *name)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);
  gboolean                     is_router = type == ZMQGLIB_SOCKET_ROUTER || type == ZMQGLIB_SOCKET_REP;
  int                          errnum;

  /* others may bind to it unseen, and end it */
  if (self->adopted || g_hash_table_contains (self->bound, name))
    return 0;
  if (self->shut_down || self->terminating)
    return ETERM;

  errnum = ensure_catcher (self);
  if (errnum == 0)
    g_hash_table_insert (self->awaited, g_strdup (name),
                         GINT_TO_POINTER (is_router || is_awaited_by_router (self, name)));

  return errnum;
}

/*
 * zmqglib_context_may_bind_name:
 * @type: that of the socket
 * @name: an endpoint that it is about to be bound to
 *
 * A PAIR sends away who comes second, and libzmq aborts when that is one whom it had to tell a routing id first. Who has waited
 * and was closed counts: libzmq goes on with it.
 *
 * Returns: %FALSE for a PAIR for which a ROUTER or a REP waits
 */
gboolean
zmqglib_context_may_bind_name (ZmqContext   *self,
                               ZmqSocketType type,
                               const char   *name)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);

  return type != ZMQGLIB_SOCKET_PAIR || !is_awaited_by_router (self, name);
}

/*
 * zmqglib_context_catch_names:
 *
 * Nobody waits any more. To be called with the lock, or by who has the last reference, before libzmq's context ends; what is
 * connected meanwhile by another thread finds the same socket until that is closed.
 */
void
zmqglib_context_catch_names (ZmqContext *self)
{
  GHashTableIter iter;
  const char    *name;

  g_hash_table_iter_init (&iter, self->awaited);
  while (g_hash_table_iter_next (&iter, (gpointer *) &name, NULL))
    zmq_bind (self->catcher, name);
  g_hash_table_remove_all (self->awaited);
}

/*
 * zmqglib_context_bind_name:
 * @record: the socket's
 * @name: an endpoint that the socket was bound to
 *
 * Nobody has to wait for it any more.
 */
void
zmqglib_context_bind_name (ZmqContext      *self,
                           ZmqSocketRecord *record,
                           const char      *name)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);

  g_hash_table_remove (self->awaited, name);
  g_hash_table_add (self->bound, g_strdup (name));
  record->names = g_slist_prepend (record->names, g_strdup (name));
}

/*
 * zmqglib_context_unbind_name:
 * @record: the socket's
 * @name: an endpoint that the socket gave up; it may have been connected to it only
 *
 * Who connects to it from now on waits.
 */
void
zmqglib_context_unbind_name (ZmqContext      *self,
                             ZmqSocketRecord *record,
                             const char      *name)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);
  GSList                      *link = find_name (record, name);

  if (link == NULL)
    return;

  g_hash_table_remove (self->bound, name);
  g_free (link->data);
  record->names = g_slist_delete_link (record->names, link);
}

/*
 * zmqglib_context_unbind_all:
 * @record: that of a socket that is being closed
 *
 * Its names are free. The lock is held.
 */
void
zmqglib_context_unbind_all (ZmqContext      *self,
                            ZmqSocketRecord *record)
{
  for (GSList *l = record->names; l != NULL; l = l->next)
    g_hash_table_remove (self->bound, l->data);

  g_slist_free_full (g_steal_pointer (&record->names), g_free);
}

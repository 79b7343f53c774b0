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

/* Who has connected to a name that nobody was bound to; that is never taken back, as libzmq does not. */
typedef struct
{
  GPtrArray *records; /* of their sockets, which may be closed by now */
  gboolean   by_router;
} Awaited;

static void
awaited_free (gpointer data)
{
  Awaited *self = data;

  g_ptr_array_unref (self->records);
  g_free (self);
}

GHashTable *
zmqglib_context_awaited_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, awaited_free);
}

static Awaited *
ensure_awaited (ZmqContext *self,
                const char *name)
{
  Awaited *awaited = g_hash_table_lookup (self->awaited, name);

  if (awaited == NULL)
    {
      awaited = g_new0 (Awaited, 1);
      awaited->records = g_ptr_array_new ();
      g_hash_table_insert (self->awaited, g_strdup (name), awaited);
    }

  return awaited;
}

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

/* Both are told a routing id, and libzmq insists on that they can be. */
static gboolean
is_router (ZmqSocketType type)
{
  return type == ZMQGLIB_SOCKET_ROUTER || type == ZMQGLIB_SOCKET_REP;
}

/*
 * zmqglib_context_await_name:
 * @record: the socket's
 * @type: that of the socket
 * @name: an endpoint that it is about to be connected to
 *
 * Returns: 0, or an error number
 */
int
zmqglib_context_await_name (ZmqContext      *self,
                            ZmqSocketRecord *record,
                            ZmqSocketType    type,
                            const char      *name)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);
  Awaited                     *awaited;
  int                          errnum;

  /* others may bind to it unseen, and end it */
  if (self->adopted || g_hash_table_contains (self->bound, name))
    return 0;
  if (self->shut_down || self->terminating)
    return ETERM;

  errnum = ensure_catcher (self);
  if (errnum != 0)
    return errnum;

  awaited = ensure_awaited (self, name);
  g_ptr_array_add (awaited->records, record);
  awaited->by_router |= is_router (type);

  return 0;
}

/* It may have connected more than once. */
static gboolean
is_alone (const Awaited         *awaited,
          const ZmqSocketRecord *record)
{
  for (guint i = 0; i < awaited->records->len; i++)
    if (awaited->records->pdata[i] != record)
      return FALSE;

  return TRUE;
}

static void
process_commands (gpointer handle)
{
  int    events;
  size_t size = sizeof events;

  zmq_getsockopt (handle, ZMQ_EVENTS, &events, &size);
}

/* Whoever is bound to the name from now on finds nobody who has waited. */
static int
leave_caught (ZmqContext *self,
              gpointer    handle,
              const char *name)
{
  int errnum;

  zmq_bind (self->catcher, name);
  zmq_unbind (self->catcher, name);
  g_hash_table_remove (self->awaited, name);

  errnum = zmq_disconnect (handle, name) == 0 ? 0 : zmq_errno ();
  /* each of both ends has a part in it */
  process_commands (self->catcher);
  process_commands (handle);

  return errnum;
}

/*
 * zmqglib_context_leave_name:
 * @record: the socket's
 * @type: that of the socket
 * @handle: libzmq's
 * @name: an endpoint that the socket is to be disconnected from
 *
 * libzmq aborts when somebody is bound to a name for which a ROUTER or a REP has waited that was disconnected from it: so it
 * does not wait any more, which is not to be had while others do.
 *
 * Returns: 0, or an error number; %EBUSY when others wait, too
 */
int
zmqglib_context_leave_name (ZmqContext      *self,
                            ZmqSocketRecord *record,
                            ZmqSocketType    type,
                            gpointer         handle,
                            const char      *name)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);
  Awaited                     *awaited = is_router (type) ? g_hash_table_lookup (self->awaited, name) : NULL;

  if (awaited == NULL || !g_ptr_array_find (awaited->records, record, NULL))
    return zmq_disconnect (handle, name) == 0 ? 0 : zmq_errno ();

  return is_alone (awaited, record) ? leave_caught (self, handle, name) : EBUSY;
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
  Awaited                     *awaited;

  awaited = type == ZMQGLIB_SOCKET_PAIR ? g_hash_table_lookup (self->awaited, name) : NULL;

  return awaited == NULL || !awaited->by_router;
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

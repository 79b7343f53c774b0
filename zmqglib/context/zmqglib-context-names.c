/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>

#include "base/zmqglib-withholding-private.h"
#include "context/zmqglib-context-private.h"

/*
 * The names of inproc:// endpoints.
 *
 * When libzmq ends, it opens a PAIR for each connection to a name that nobody was bound to, and aborts when it cannot, and
 * also when two wait for one name of which the second is a ROUTER or a REP. So that it finds none, all such names are taken by
 * one socket of the context's own before, which is there from the first of them on: then nothing can be lacking for it.
 *
 * libzmq also aborts for some of those who have waited for a name and do not any more, when somebody is bound to it at last: these
 * are taken likewise before, where nobody else waits.
 *
 * What is known of a name is only true as long as nobody binds to it or leaves it, so all that is done under the lock. Foreign code
 * that frees a message meanwhile would wait for it for ever, so that is withheld.
 */

/* A name that somebody has connected to, and that nobody was bound to. */
typedef struct
{
  char       *name;
  GHashTable *living;             /* a set of the records of those who wait */
  gboolean    by_router;          /* one who waits, or has, has to be told a routing id */
  gboolean    is_left;            /* somebody has waited, and was closed or disconnected */
  gboolean    is_left_conflating; /* by a connection that keeps one message */
} Awaited;

static void
awaited_free (gpointer data)
{
  Awaited       *self = data;
  GHashTableIter iter;
  gpointer       record;

  g_hash_table_iter_init (&iter, self->living);
  while (g_hash_table_iter_next (&iter, &record, NULL))
    ((ZmqSocketRecord *) record)->waits = g_slist_remove (((ZmqSocketRecord *) record)->waits, self);

  g_hash_table_unref (self->living);
  g_free (self->name);
  g_free (self);
}

GHashTable *
zmqglib_context_awaited_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, NULL, awaited_free);
}

static Awaited *
ensure_awaited (ZmqContext *self,
                const char *name)
{
  Awaited *awaited = g_hash_table_lookup (self->awaited, name);

  if (awaited == NULL)
    {
      awaited = g_new0 (Awaited, 1);
      awaited->name = g_strdup (name);
      awaited->living = g_hash_table_new (NULL, NULL);
      g_hash_table_insert (self->awaited, awaited->name, awaited);
    }

  return awaited;
}

static GSList *
find_name (ZmqSocketRecord *record,
           const char      *name)
{
  return g_slist_find_custom (record->names, name, (GCompareFunc) strcmp);
}

/* Both are told a routing id, and libzmq insists on that they can be. */
static gboolean
is_router (const ZmqSocketRecord *record)
{
  return record->type == ZMQGLIB_SOCKET_ROUTER || record->type == ZMQGLIB_SOCKET_REP;
}

/* A signal interrupts libzmq before it has begun. */
static int
call (int (*func) (void *,
                   const char *),
      gpointer    handle,
      const char *name)
{
  int errnum;

  do
    errnum = func (handle, name) == 0 ? 0 : zmq_errno ();
  while (errnum == EINTR);

  return errnum;
}

/* A ROUTER takes any number of peers, of whatever type and in whatever state, and may also be bound where libzmq looks for an
 * authenticator. */
static int
ensure_catcher (ZmqContext *self)
{
  const int linger = 0;

  if (self->catcher != NULL)
    return 0;

  self->catcher = zmq_socket (self->handle, ZMQ_ROUTER);
  if (self->catcher == NULL)
    return zmq_errno ();

  zmq_setsockopt (self->catcher, ZMQ_LINGER, &linger, sizeof linger);

  return 0;
}

/* Its peers are gone as soon as it has read all that they have sent. */
static void
empty_catcher (ZmqContext *self)
{
  zmq_msg_t msg;

  zmq_msg_init (&msg);
  while (zmq_msg_recv (&msg, self->catcher, ZMQ_DONTWAIT) >= 0 || zmq_errno () == EINTR)
    ;
  zmq_msg_close (&msg);
}

/* Whoever is bound to the name from now on finds nobody who waits, or has. */
static void
catch_name (ZmqContext *self,
            Awaited    *awaited)
{
  call (zmq_bind, self->catcher, awaited->name);
  call (zmq_unbind, self->catcher, awaited->name);
  empty_catcher (self);
  g_hash_table_remove (self->awaited, awaited->name);
}

static int
await_name (ZmqContext      *self,
            ZmqSocketRecord *record,
            const char      *name,
            gboolean         conflates)
{
  Awaited *awaited;
  int      errnum;

  /* others may bind to it unseen, and end it */
  if (self->adopted || g_hash_table_contains (self->bound, name))
    return 0;
  if (self->shut_down || self->terminating)
    return ETERM;

  errnum = ensure_catcher (self);
  if (errnum != 0)
    return errnum;

  awaited = ensure_awaited (self, name);
  if (g_hash_table_add (awaited->living, record))
    record->waits = g_slist_prepend (record->waits, awaited);
  awaited->by_router |= is_router (record);
  record->conflates |= conflates;

  return 0;
}

/*
 * zmqglib_context_connect_to_name:
 * @record: the socket's
 * @handle: libzmq's
 * @name: an endpoint
 * @conflates: whether the connection keeps one message
 *
 * Returns: 0, or an error number
 */
int
zmqglib_context_connect_to_name (ZmqContext      *self,
                                 ZmqSocketRecord *record,
                                 gpointer         handle,
                                 const char      *name,
                                 gboolean         conflates)
{
  g_auto (ZmqWithholding) withholding G_GNUC_UNUSED = zmqglib_withholding_new ();
  g_autoptr (ZmqLocker) locker        G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);
  int                                 errnum;

  errnum = await_name (self, record, name, conflates);

  return errnum == 0 ? call (zmq_connect, handle, name) : errnum;
}

static void
process_commands (gpointer handle)
{
  int    events;
  size_t size = sizeof events;

  zmq_getsockopt (handle, ZMQ_EVENTS, &events, &size);
}

/* Who does not wait any more, though libzmq goes on with it as if it did. */
static void
stop_waiting (ZmqSocketRecord *record,
              Awaited         *awaited)
{
  g_hash_table_remove (awaited->living, record);
  record->waits = g_slist_remove (record->waits, awaited);
  awaited->is_left = TRUE;
  awaited->is_left_conflating |= record->conflates;
}

/* libzmq aborts when somebody is bound to a name for which a ROUTER or a REP has waited that was disconnected from it, or one whose
 * connection keeps one message: so it does not wait any more, which is not to be had while others do. */
static int
leave_awaited (ZmqContext      *self,
               ZmqSocketRecord *record,
               Awaited         *awaited,
               gpointer         handle,
               const char      *name)
{
  gboolean is_to_be_caught = is_router (record) || record->conflates;
  int      errnum;

  if (is_to_be_caught && g_hash_table_size (awaited->living) > 1)
    return EBUSY;

  if (is_to_be_caught)
    catch_name (self, awaited);
  else
    stop_waiting (record, awaited);

  errnum = call (zmq_disconnect, handle, name);
  if (is_to_be_caught)
    {
      /* each of both ends has a part in it */
      empty_catcher (self);
      process_commands (handle);
    }

  return errnum;
}

/*
 * zmqglib_context_leave_name:
 * @record: the socket's
 * @handle: libzmq's
 * @name: an endpoint that the socket is to be unbound or disconnected from
 *
 * For libzmq zmq_unbind() and zmq_disconnect() are one and the same, and each ends the other’s. Who connects to it from now on waits,
 * if it was bound.
 *
 * Returns: 0, or an error number; %EBUSY when it waits for the name, and others do, too
 */
int
zmqglib_context_leave_name (ZmqContext      *self,
                            ZmqSocketRecord *record,
                            gpointer         handle,
                            const char      *name)
{
  g_auto (ZmqWithholding) withholding G_GNUC_UNUSED = zmqglib_withholding_new ();
  g_autoptr (ZmqLocker) locker        G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);
  Awaited                            *awaited;
  GSList                             *link;
  int                                 errnum;

  awaited = g_hash_table_lookup (self->awaited, name);
  if (awaited != NULL && g_hash_table_contains (awaited->living, record))
    return leave_awaited (self, record, awaited, handle, name);

  errnum = call (zmq_disconnect, handle, name);
  link = errnum == 0 ? find_name (record, name) : NULL;
  if (link != NULL)
    {
      g_hash_table_remove (self->bound, name);
      g_free (link->data);
      record->names = g_slist_delete_link (record->names, link);
    }

  return errnum;
}

/* Whom libzmq aborts for: a PAIR sends away who comes second, and that may be one that has to be told a routing id; the last message
 * of a connection that keeps one may be its end; and who is gone cannot be welcomed. */
static int
check_awaited (const Awaited         *awaited,
               const ZmqSocketRecord *record,
               gboolean               welcomes)
{
  if (record->type == ZMQGLIB_SOCKET_PAIR && awaited->by_router)
    return ENOCOMPATPROTO;

  return awaited->is_left_conflating || (awaited->is_left && welcomes) ? EBUSY : 0;
}

/*
 * zmqglib_context_bind_name:
 * @record: the socket's
 * @handle: libzmq's
 * @name: an endpoint that the socket is to be bound to
 * @welcomes: whether it has a message for each new peer
 *
 * Nobody has to wait for it any more.
 *
 * Returns: 0, or an error number; %ENOCOMPATPROTO for a PAIR for which a ROUTER or a REP waits, %EBUSY for one that others wait for,
 *   and some have that are gone
 */
int
zmqglib_context_bind_name (ZmqContext      *self,
                           ZmqSocketRecord *record,
                           gpointer         handle,
                           const char      *name,
                           gboolean         welcomes)
{
  g_auto (ZmqWithholding) withholding G_GNUC_UNUSED = zmqglib_withholding_new ();
  g_autoptr (ZmqLocker) locker        G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);
  Awaited                            *awaited;
  int                                 errnum;

  awaited = g_hash_table_lookup (self->awaited, name);
  errnum = awaited != NULL ? check_awaited (awaited, record, welcomes) : 0;
  if (errnum != 0 && g_hash_table_size (awaited->living) > 0)
    return errnum;
  if (errnum != 0)
    catch_name (self, awaited);

  errnum = call (zmq_bind, handle, name);
  if (errnum != 0)
    return errnum;

  g_hash_table_remove (self->awaited, name);
  g_hash_table_add (self->bound, g_strdup (name));
  record->names = g_slist_prepend (record->names, g_strdup (name));

  return 0;
}

/*
 * zmqglib_context_catch_names:
 *
 * Nobody waits any more. To be called with the lock while foreign code is withheld, or by who has the last reference, before
 * libzmq's context ends; the socket that has the names is closed then.
 */
void
zmqglib_context_catch_names (ZmqContext *self)
{
  GHashTableIter iter;
  const char    *name;

  g_hash_table_iter_init (&iter, self->awaited);
  while (g_hash_table_iter_next (&iter, (gpointer *) &name, NULL))
    call (zmq_bind, self->catcher, name);
  g_hash_table_remove_all (self->awaited);
}

/*
 * zmqglib_context_leave_all_names:
 * @record: that of a socket that is being closed
 *
 * Its names are free, and it waits for none. The lock is held.
 */
void
zmqglib_context_leave_all_names (ZmqContext      *self,
                                 ZmqSocketRecord *record)
{
  for (GSList *l = record->names; l != NULL; l = l->next)
    g_hash_table_remove (self->bound, l->data);
  g_slist_free_full (g_steal_pointer (&record->names), g_free);

  while (record->waits != NULL)
    stop_waiting (record, record->waits->data);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "context/zmqglib-context-private.h"

/* The names of inproc:// endpoints. When libzmq ends, it opens a socket for each name that was
 * connected to and that nobody was bound to, and aborts when it cannot: so there has to be room. */

static GSList *
find_name (ZmqSocketRecord *record,
           const char      *name)
{
  return g_slist_find_custom (record->names, name, (GCompareFunc) strcmp);
}

/*
 * zmqglib_context_await_name:
 * @name: an endpoint that is about to be connected to
 *
 * Returns: %TRUE, or %FALSE when too many names wait for a socket to be bound to them
 */
gboolean
zmqglib_context_await_name (ZmqContext *self,
                            const char *name)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);

  /* others may bind to it unseen, and end it */
  if (self->adopted)
    return TRUE;

  if (g_hash_table_contains (self->bound, name) || g_hash_table_contains (self->awaited, name))
    return TRUE;

  if (g_hash_table_size (self->awaited) >= ZMQGLIB_CONTEXT_MAX_AWAITED)
    return FALSE;

  g_hash_table_add (self->awaited, g_strdup (name));

  return TRUE;
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

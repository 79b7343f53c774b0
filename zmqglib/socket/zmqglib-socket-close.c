/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-debug-private.h"
#include "socket/zmqglib-socket-core-private.h"

/* How a socket is closed, by whichever thread, while others may be using libzmq's handle: the last of them
 * closes that. */

/* Returns how many messages were dropped. */
static guint
clear_returned (ZmqSocketCore *self)
{
  GQueue returned;
  guint  n_returned;

  zmqglib_lock_take (&self->lock);
  returned = self->returned;
  g_queue_init (&self->returned);
  g_atomic_int_set (&self->n_returned, 0);
  zmqglib_lock_give (&self->lock);

  n_returned = returned.length;
  g_queue_clear_full (&returned, (GDestroyNotify) zmqglib_message_unref);

  return n_returned;
}

/* Takes the handle from all who look for it from now on, and tells those who watch the socket. */
static gboolean
take_handle (ZmqSocketCore *self,
             GSList       **agendas)
{
  gboolean is_open;

  zmqglib_lock_take (&self->lock);
  is_open = self->handle != NULL;
  if (is_open)
    {
      self->closing = g_atomic_pointer_exchange (&self->handle, NULL);
      self->n_keepers++;
      for (GList *l = self->watches.head; l != NULL; l = l->next)
        {
          ZmqSocketWatch *watch = l->data;
          ZmqAgenda      *agenda = watch->funcs->closed (watch);

          if (agenda != NULL)
            *agendas = g_slist_prepend (*agendas, agenda);
        }
      /* where others keep it, it is not this thread any more that has to do something for it to be closed */
      if (self->n_keepers > 1)
        g_atomic_pointer_set (&self->record.thread, NULL);
    }
  zmqglib_lock_give (&self->lock);

  return is_open;
}

static void
hurry (gpointer agenda)
{
  zmqglib_agenda_hurry (agenda);
  zmqglib_agenda_unref (agenda);
}

static void
end (ZmqSocketCore *self,
     gboolean       by_foreign_code)
{
  GSList *agendas = NULL;
  guint   n_dropped;

  if (!take_handle (self, &agendas))
    return;

  n_dropped = clear_returned (self);
  if (by_foreign_code)
    self->closing = NULL;
  zmqglib_socket_core_let_handle_go (self);
  g_slist_free_full (agendas, hurry);

  if (n_dropped > 0)
    zmqglib_debug ("%p: Messages that were put back, and dropped: %u", (gpointer) self, n_dropped);
  zmqglib_debug ("%p: The \"%s\" socket was closed%s", (gpointer) self, zmqglib_socket_core_get_type_nick (self),
                 by_foreign_code ? " by somebody else" : "");
}

/*
 * zmqglib_socket_core_keep_handle:
 *
 * For a watch that is told that the socket is about to be closed: another thread may be using the
 * handle, which goes on existing until zmqglib_socket_core_let_handle_go().
 */
void
zmqglib_socket_core_keep_handle (ZmqSocketCore *self)
{
  self->n_keepers++;
}

/*
 * zmqglib_socket_core_hold_handle:
 *
 * For who uses the handle without a watch, while another thread may close the socket: the handle goes on
 * existing until zmqglib_socket_core_let_handle_go().
 *
 * Returns: %FALSE when there is none, since the socket is closed
 */
gboolean
zmqglib_socket_core_hold_handle (ZmqSocketCore *self)
{
  gboolean is_open;

  zmqglib_lock_take (&self->lock);
  is_open = self->handle != NULL;
  if (is_open)
    self->n_keepers++;
  zmqglib_lock_give (&self->lock);

  return is_open;
}

/*
 * zmqglib_socket_core_let_handle_go:
 *
 * Closes the handle, as the last who could have used it, once the socket is closed.
 */
void
zmqglib_socket_core_let_handle_go (ZmqSocketCore *self)
{
  gboolean is_last;

  zmqglib_lock_take (&self->lock);
  is_last = --self->n_keepers == 0 && self->handle == NULL;
  zmqglib_lock_give (&self->lock);

  if (!is_last || self->adopted)
    return;

  /* a child must not touch what it has inherited */
  if (zmqglib_fork_is_inherited (self->generation))
    self->closing = NULL;
  zmqglib_context_close_handle (self->context, g_steal_pointer (&self->closing), &self->record);
}

/*
 * zmqglib_socket_core_close:
 *
 * Closes the handle, unless it is somebody else's, and tells who watches it.
 */
void
zmqglib_socket_core_close (ZmqSocketCore *self)
{
  end (self, FALSE);
}

/*
 * zmqglib_socket_core_forget:
 *
 * As zmqglib_socket_core_close(), when foreign code has closed the handle already.
 */
void
zmqglib_socket_core_forget (ZmqSocketCore *self)
{
  end (self, TRUE);
}

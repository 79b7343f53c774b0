/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "context/zmqglib-context-private.h"

/* Who keeps the context's authenticator, and which servers none could keep anybody out of: libzmq asks it
 * when there is one, and lets peers in when there is none, unless the socket was told otherwise before. */

static gboolean
has_unguarded (ZmqContext *self)
{
  for (GList *l = self->sockets.head; l != NULL; l = l->next)
    if (((ZmqSocketRecord *) l->data)->is_unguarded)
      return TRUE;

  return FALSE;
}

static gboolean
can_trust (ZmqContext *self,
           const char *what,
           GError    **error)
{
  if (self->shut_down || self->terminating)
    zmqglib_error_set (error, ETERM, "%s", what);
  else if (self->authenticator != NULL)
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_ADDRESS_IN_USE,
                 /* Translators: what could not be done */
                 _ ("%s: The context has one already"), what);
  else if (has_unguarded (self))
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE,
                 /* Translators: what could not be done; both in quotes are names of properties */
                 _ ("%s: A socket of the context that asks one has endpoints already, which it has without a “zap-domain” and "
                    "“zap-enforce-domain”"),
                 what);
  else
    return TRUE;

  return FALSE;
}

/*
 * zmqglib_context_check_trust:
 * @what: what cannot be done otherwise, translated
 *
 * Returns: %TRUE when the context could have an authenticator now, or %FALSE with @error set
 */
gboolean
zmqglib_context_check_trust (ZmqContext *self,
                             const char *what,
                             GError    **error)
{
  gboolean is_possible;

  zmqglib_lock_take (&self->lock);
  is_possible = can_trust (self, what, error);
  zmqglib_lock_give (&self->lock);

  return is_possible;
}

/*
 * zmqglib_context_set_authenticator:
 * @authenticator: (transfer full): what the context keeps until it is released or ended; it is @end's otherwise
 * @end: lets go of it, and closes its socket where this thread may; called when the context is about to terminate
 * @what: what cannot be done otherwise, translated
 *
 * From then on, servers ask an authenticator, or let nobody in.
 *
 * Returns: %TRUE, or %FALSE with @error set, and @authenticator still the caller's
 */
gboolean
zmqglib_context_set_authenticator (ZmqContext    *self,
                                   gpointer       authenticator,
                                   GDestroyNotify end,
                                   const char    *what,
                                   GError       **error)
{
  gboolean is_set;

  zmqglib_lock_take (&self->lock);
  is_set = can_trust (self, what, error);
  if (is_set)
    {
      self->authenticates = TRUE;
      self->authenticator = authenticator;
      self->end_authenticator = end;
    }
  zmqglib_lock_give (&self->lock);

  return is_set;
}

/*
 * zmqglib_context_release_authenticator:
 *
 * Returns: whether the context has kept it, and it is the caller's now
 */
gboolean
zmqglib_context_release_authenticator (ZmqContext *self,
                                       gpointer    authenticator)
{
  gboolean is_kept;

  zmqglib_lock_take (&self->lock);
  is_kept = self->authenticator == authenticator;
  if (is_kept)
    self->authenticator = NULL;
  zmqglib_lock_give (&self->lock);

  return is_kept;
}

/*
 * zmqglib_context_end_authenticator:
 *
 * Its socket would keep the context from terminating.
 */
void
zmqglib_context_end_authenticator (ZmqContext *self)
{
  GDestroyNotify end;
  gpointer       authenticator;

  zmqglib_lock_take (&self->lock);
  authenticator = g_steal_pointer (&self->authenticator);
  end = self->end_authenticator;
  zmqglib_lock_give (&self->lock);

  if (authenticator != NULL)
    end (authenticator);
}

/*
 * zmqglib_context_admit:
 * @record: of a socket that is about to be bound or connected, and asks an authenticator about its peers
 * @is_guarded: whether it lets nobody in without an authenticator
 *
 * Returns: whether it has to be guarded, since the context has an authenticator, or had one
 */
gboolean
zmqglib_context_admit (ZmqContext      *self,
                       ZmqSocketRecord *record,
                       gboolean         is_guarded)
{
  gboolean authenticates;

  zmqglib_lock_take (&self->lock);
  authenticates = self->authenticates;
  if (!authenticates && !is_guarded)
    record->is_unguarded = TRUE;
  zmqglib_lock_give (&self->lock);

  return authenticates;
}

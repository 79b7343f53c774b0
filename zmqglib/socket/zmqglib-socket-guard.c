/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>
#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "socket/zmqglib-option-access-private.h"
#include "socket/zmqglib-option-check-private.h"
#include "socket/zmqglib-socket-private.h"

/* What libzmq needs to be told so that it lets nobody in unasked: a domain, and that it is to be enforced. The one
 * without the other lets everybody in, or aborts. */

#define DEFAULT_DOMAIN "global"

static gboolean
is_enforced (ZmqSocket *self)
{
  int   enforced = 0;
  gsize size = sizeof enforced;

  return zmq_getsockopt (self->core->handle, ZMQGLIB_OPTION_ZAP_ENFORCE_DOMAIN, &enforced, &size) == 0 && enforced != 0;
}

static int
enforce (ZmqSocket  *self,
         const char *domain)
{
  int errnum = 0;

  if (domain != NULL || !zmqglib_option_has_zap_domain (self))
    errnum = zmqglib_option_write (self, ZMQ_ZAP_DOMAIN, domain != NULL ? domain : DEFAULT_DOMAIN,
                                   strlen (domain != NULL ? domain : DEFAULT_DOMAIN));
  if (errnum == 0)
    errnum = zmqglib_option_write_number (self, zmqglib_option_find (ZMQGLIB_OPTION_ZAP_ENFORCE_DOMAIN),
                                          ZMQGLIB_OPTION_ZAP_ENFORCE_DOMAIN, TRUE);

  return errnum;
}

/*
 * zmqglib_socket_guard:
 * @what: what cannot be done otherwise, translated
 *
 * To be called before a socket is bound or connected: what asks an authenticator, in a context that has one or had one,
 * lets nobody in whom that does not know.
 *
 * Returns: %TRUE, or %FALSE with @error set
 */
gboolean
zmqglib_socket_guard (ZmqSocket  *self,
                      const char *what,
                      GError    **error)
{
  gboolean is_guarded;
  int      errnum;

  if (self->core->context == NULL || !zmqglib_option_asks_authenticator (self))
    return TRUE;

  is_guarded = zmqglib_option_has_zap_domain (self) && is_enforced (self);
  if (!zmqglib_context_admit (self->core->context, &self->core->record, is_guarded) || is_guarded)
    return TRUE;

  errnum = enforce (self, NULL);
  if (errnum != 0)
    zmqglib_error_set (error, errnum, "%s", what);

  return errnum == 0;
}

/*
 * zmqglib_socket_protect:
 * @domain: (nullable): a domain, or %NULL for the one that there is, or `global`
 * @what: what cannot be done otherwise, translated
 *
 * Has an authenticator asked about all later peers, whatever the mechanism is.
 *
 * Returns: %TRUE, or %FALSE with @error set
 */
gboolean
zmqglib_socket_protect (ZmqSocket  *self,
                        const char *domain,
                        const char *what,
                        GError    **error)
{
  int errnum;

  if (!zmqglib_socket_core_check_open (self->core, what, error))
    return FALSE;

  if (self->core->is_reachable && !zmqglib_option_has_zap_domain (self))
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE,
                   /* Translators: what could not be done */
                   _ ("%s: The socket has endpoints already"), what);
      return FALSE;
    }

  zmqglib_socket_core_claim (self->core);
  errnum = enforce (self, domain);
  if (errnum != 0)
    zmqglib_error_set (error, errnum, "%s", what);

  return errnum == 0;
}

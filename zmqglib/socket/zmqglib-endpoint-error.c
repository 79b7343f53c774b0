/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "socket/zmqglib-endpoint-check-private.h"

/* Whether it is wrong already by what it looks like. Of the transports that are rare it is not known. */
static gboolean
is_malformed (const char *endpoint,
              int         errnum)
{
  static const char *const rare[] = { "udp://", "pgm://", "epgm://", "norm://", "tipc://", "vmci://", "ws://", "wss://" };

  for (guint i = 0; i < G_N_ELEMENTS (rare); i++)
    if (g_str_has_prefix (endpoint, rare[i]))
      return FALSE;

  return errnum == EINVAL || errnum == EPROTONOSUPPORT;
}

/*
 * zmqglib_endpoint_set_error:
 * @what: what could not be done, translated
 *
 * Sets the error of libzmq at an endpoint. Of one that is none it is said what one looks like.
 */
void
zmqglib_endpoint_set_error (GError    **error,
                            int         errnum,
                            const char *endpoint,
                            const char *what)
{
  if (is_malformed (endpoint, errnum))
    g_set_error (error, ZMQGLIB_ERROR, zmqglib_error_from_errno (errnum),
                 /* Translators: what could not be done */
                 _ ("%s: An endpoint looks like “tcp://127.0.0.1:5555”, “ipc:///run/name” or “inproc://name”"), what);
  else
    zmqglib_error_set (error, errnum, "%s", what);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-i18n-private.h"

/* The one place where an errno of libzmq becomes a GError. */

/* of a name */
#define MAX_SHOWN_CHARACTERS 1000

/**
 * zmqglib_error_quark:
 *
 * Gets the error domain, `ZMQGLIB_ERROR`.
 *
 * Returns: a quark
 *
 * Since: 1.0
 */
G_DEFINE_QUARK (zmqglib_error_quark, zmqglib_error)

static const struct
{
  int      errnum;
  ZmqError code;
} codes[] = {
  { EAGAIN, ZMQGLIB_ERROR_AGAIN },
  { EINVAL, ZMQGLIB_ERROR_INVALID_ARGUMENT },
  { ENAMETOOLONG, ZMQGLIB_ERROR_INVALID_ARGUMENT },
  { ZMQGLIB_ETORN, ZMQGLIB_ERROR_INVALID_ARGUMENT },
  { ENOTSUP, ZMQGLIB_ERROR_NOT_SUPPORTED },
  { EAFNOSUPPORT, ZMQGLIB_ERROR_PROTOCOL_NOT_SUPPORTED },
  { EPROTONOSUPPORT, ZMQGLIB_ERROR_PROTOCOL_NOT_SUPPORTED },
  { ENOCOMPATPROTO, ZMQGLIB_ERROR_INCOMPATIBLE },
  { EADDRINUSE, ZMQGLIB_ERROR_ADDRESS_IN_USE },
  { EADDRNOTAVAIL, ZMQGLIB_ERROR_ADDRESS_NOT_AVAILABLE },
  { ENOENT, ZMQGLIB_ERROR_NOT_FOUND },
  { ENODEV, ZMQGLIB_ERROR_NOT_FOUND },
  { EFSM, ZMQGLIB_ERROR_WRONG_STATE },
  { ETERM, ZMQGLIB_ERROR_TERMINATED },
  { ENOTSOCK, ZMQGLIB_ERROR_CLOSED },
  { ZMQGLIB_EFORKED, ZMQGLIB_ERROR_CLOSED },
  { EMTHREAD, ZMQGLIB_ERROR_NO_THREAD },
  { EHOSTUNREACH, ZMQGLIB_ERROR_HOST_UNREACHABLE },
  { EMSGSIZE, ZMQGLIB_ERROR_MESSAGE_TOO_LARGE },
  { EMFILE, ZMQGLIB_ERROR_TOO_MANY_SOCKETS },
  { ENFILE, ZMQGLIB_ERROR_TOO_MANY_SOCKETS },
  { EACCES, ZMQGLIB_ERROR_PERMISSION_DENIED },
  { EPERM, ZMQGLIB_ERROR_PERMISSION_DENIED },
};

/*
 * zmqglib_error_from_errno:
 * @errnum: an error number of libzmq, as `zmq_errno ()` gives it
 *
 * Returns: the code for @errnum; %ZMQGLIB_ERROR_FAILED for one that has none of its own
 */
ZmqError
zmqglib_error_from_errno (int errnum)
{
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (codes[i].errnum == errnum)
      return codes[i].code;

  return ZMQGLIB_ERROR_FAILED;
}

/*
 * zmqglib_error_get_reason:
 * @errnum: an error number of libzmq
 *
 * What `zmq_strerror ()` says, in the user's language.
 *
 * Returns: the second half of an error's sentence
 */
const char *
zmqglib_error_get_reason (int errnum)
{
  switch (errnum)
    {
    case EAGAIN:
      return _ ("Not possible at the moment");
    case ETERM:
      return _ ("The context was shut down");
    case ENOTSOCK:
      return _ ("The socket is closed");
    case ZMQGLIB_EFORKED:
      return _ ("It belongs to the process that this one was forked from");
    case ZMQGLIB_ETORN:
      return _ ("A socket that conflates keeps only the last message, which has to be a single frame");
    case EFSM:
      return _ ("Not possible in the socket’s current state");
    case ENOCOMPATPROTO:
      return _ ("The transport does not go with the socket’s type");
    case EMTHREAD:
      return _ ("No I/O thread is available");
    default:
      return g_strerror (errnum);
    }
}

/*
 * zmqglib_error_set:
 * @error: (out) (optional): where to put the error
 * @errnum: an error number of libzmq
 * @format: what could not be done, translated, naming the object
 *
 * Sets an error of the form “what: why”.
 */
void
zmqglib_error_set (GError    **error,
                   int         errnum,
                   const char *format,
                   ...)
{
  g_autofree char *what = NULL;
  va_list          args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);

  g_set_error (error, ZMQGLIB_ERROR, zmqglib_error_from_errno (errnum),
               /* Translators: what could not be done, and why */
               _ ("%s: %s"), what, zmqglib_error_get_reason (errnum));
}

/*
 * zmqglib_error_new_cancelled:
 *
 * For what was cancelled by a cancellable that may have been reset since.
 *
 * Returns: (transfer full): what g_cancellable_set_error_if_cancelled() would set
 */
GError *
zmqglib_error_new_cancelled (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, g_dgettext ("glib20", "Operation was cancelled"));
}

/*
 * zmqglib_error_show:
 * @name: what somebody has given for an endpoint or the like, which may be anything
 *
 * Returns: (transfer full): what a message shows of it: enough to recognise it by, and text in any case
 */
char *
zmqglib_error_show (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  g_autofree char *beginning = NULL;

  if (g_utf8_strlen (valid, -1) <= MAX_SHOWN_CHARACTERS)
    return g_steal_pointer (&valid);

  beginning = g_utf8_substring (valid, 0, MAX_SHOWN_CHARACTERS);

  return g_strconcat (beginning, "…", NULL);
}

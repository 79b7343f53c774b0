/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmqglib/zmqglib-error.h>

#include "base/zmqglib-i18n-private.h"
#include "stream/zmqglib-stream-private.h"

/*
 * zmqglib_stream_check_own:
 * @what: what could not be done, as a sentence without an end
 *
 * Whether the stream is open, and the calling thread has it.
 *
 * Returns: %TRUE, or %FALSE with @error set
 */
gboolean
zmqglib_stream_check_own (ZmqStream  *self,
                          const char *what,
                          GError    **error)
{
  ZmqStreamCore *core = zmqglib_stream_get_core (self);
  g_auto (ZmqEntry) entry = zmqglib_agenda_enter_own (core->agenda);

  if (core->socket == NULL || zmqglib_stream_is_closed (self))
    zmqglib_stream_core_set_closed_error (core, what, error);
  else if (!zmqglib_stream_core_is_own_thread (core, &entry))
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE, _ ("%s: %s"), what,
                 _ ("Another thread has the stream"));
  else
    return TRUE;

  return FALSE;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether somebody looks at what has happened, by G_MESSAGES_DEBUG=zmqglib. */
static inline gboolean
zmqglib_is_debugged (void)
{
  return G_UNLIKELY (!g_log_writer_default_would_drop (G_LOG_LEVEL_DEBUG, G_LOG_DOMAIN));
}

/*
 * zmqglib_debug:
 *
 * Tells who looks what has happened; nothing is put together when nobody does. What looks may be foreign code, which
 * is not to be called under a lock. Never to have what is in a message, a key or a password.
 */
#define zmqglib_debug(...)      \
  G_STMT_START                  \
  {                             \
    if (zmqglib_is_debugged ()) \
      g_debug (__VA_ARGS__);    \
  }                             \
  G_STMT_END

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Who owns a main context sees what the owner before has done. GLib takes care of that, but in a way that
 * the thread sanitizer does not see where GLib is not built with it: it is told here. */
#if defined(__SANITIZE_THREAD__)

void __tsan_acquire (void *address);
void __tsan_release (void *address);

static inline void
zmqglib_ownership_taken (GMainContext *context)
{
  __tsan_acquire (context);
}

static inline void
zmqglib_ownership_given (GMainContext *context)
{
  __tsan_release (context);
}

#else

static inline void
zmqglib_ownership_taken (GMainContext *context)
{
}

static inline void
zmqglib_ownership_given (GMainContext *context)
{
}

#endif

gboolean zmqglib_ownership_take (GMainContext *context);
void     zmqglib_ownership_give (GMainContext *context);
int      zmqglib_ownership_get_n_taken (void);
int      zmqglib_ownership_get_n_given (void);

/* Makes a main context of the library's own this thread's. Whoever does what is due where nobody runs a main context has that
 * for the moment. */
static inline void
zmqglib_ownership_enter (GMainContext *context)
{
  while (!g_main_context_acquire (context))
    g_thread_yield ();
  g_main_context_push_thread_default (context);
}

static inline void
zmqglib_ownership_leave (GMainContext *context)
{
  g_main_context_pop_thread_default (context);
  g_main_context_release (context);
}

G_END_DECLS

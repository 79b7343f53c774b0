/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-ownership-private.h"

/* Who does not run a main context has it for the moment. Such moments are counted, so that who is refused can tell them
 * from a thread that runs the main context, and does not give it back. */

/* atomic; how often threads have taken some main context, or are just trying to, and given it back */
static int n_taken;
static int n_given;

/*
 * zmqglib_ownership_take:
 *
 * Takes a main context for the moment.
 *
 * Returns: whether it did, and has to give it back; %FALSE when another thread has it
 */
gboolean
zmqglib_ownership_take (GMainContext *context)
{
  g_atomic_int_inc (&n_taken);
  if (g_main_context_acquire (context))
    {
      zmqglib_ownership_taken (context);
      return TRUE;
    }
  g_atomic_int_add (&n_taken, -1);

  return FALSE;
}

/*
 * zmqglib_ownership_give:
 * @context: (nullable): what was taken, or %NULL when it is no more
 */
void
zmqglib_ownership_give (GMainContext *context)
{
  if (context != NULL)
    {
      zmqglib_ownership_given (context);
      g_main_context_release (context);
    }
  g_atomic_int_inc (&n_given);
}

int
zmqglib_ownership_get_n_taken (void)
{
  return g_atomic_int_get (&n_taken);
}

/*
 * zmqglib_ownership_get_n_given:
 *
 * Who has asked this before, and is refused then, was refused by who runs the main context, if as many were taken
 * afterwards.
 */
int
zmqglib_ownership_get_n_given (void)
{
  return g_atomic_int_get (&n_given);
}

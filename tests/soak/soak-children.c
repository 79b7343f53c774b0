/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "soak.h"

/* Processes that run beside this one: they are started again when they were killed, some are stopped at times, and
 * none of them may end by itself. GSubprocess would have a thread that is in GLib while this process forks. */

#define LOOK_MS     50
#define MAX_STOP_US (3 * G_USEC_PER_SEC)

struct _SoakChild
{
  const char *name;
  char      **arguments;
  GPid        pid;
  gboolean    is_killed;
  gboolean    may_be_stopped;
  gboolean    ends_in_order;    /* when it is asked */
  gint64      stopped_until_us; /* or 0 */
};

static GPtrArray *children;
static guint      n_stops;

static void
on_child_setup (gpointer data)
{
  /* whatever becomes of this process, nobody is left */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
start (SoakChild *self)
{
  GError *error = NULL;

  self->is_killed = FALSE;
  self->stopped_until_us = 0;
  g_spawn_async (NULL, self->arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, on_child_setup, NULL, &self->pid, &error);
  soak_check_error (error);
}

SoakChild *
soak_child_start (const char        *name,
                  const char *const *arguments)
{
  SoakChild *self = g_new0 (SoakChild, 1);

  self->name = name;
  self->arguments = g_strdupv ((char **) arguments);
  g_ptr_array_add (children, self);
  start (self);

  return self;
}

SoakChild *
soak_child_start_self (const char *role,
                       const char *endpoint)
{
  const char *arguments[] = { soak.program, "--role", role, endpoint, NULL };

  return soak_child_start (role, arguments);
}

void
soak_child_kill (SoakChild *self)
{
  self->is_killed = TRUE;
  kill (self->pid, SIGKILL);
}

static void
tell_end (SoakChild *self,
          int        status)
{
  if (WIFSIGNALED (status))
    soak_fail ("The process “%s” was ended by signal %d", self->name, WTERMSIG (status));
  else
    soak_fail ("The process “%s” has ended with %d", self->name, WEXITSTATUS (status));
}

static void
end_in_order (SoakChild *self)
{
  gint64 deadline = g_get_monotonic_time () + soak.patience_us;
  int    status;
  pid_t  pid;

  kill (self->pid, SIGTERM);
  while ((pid = waitpid (self->pid, &status, WNOHANG)) == 0 && g_get_monotonic_time () < deadline)
    g_usleep (10000);
  if (pid == 0)
    soak_fail ("The process “%s” does not end", self->name);
  else if (status != 0)
    tell_end (self, status);
  if (pid != 0)
    self->pid = 0;
}

void
soak_child_ends_in_order (SoakChild *self)
{
  self->ends_in_order = TRUE;
}

void
soak_child_may_be_stopped (SoakChild *self)
{
  self->may_be_stopped = TRUE;
}

static void
stop_or_continue (SoakChild *self,
                  gint64     now)
{
  if (self->stopped_until_us != 0 && now > self->stopped_until_us)
    {
      kill (self->pid, SIGCONT);
      self->stopped_until_us = 0;
    }
  else if (self->stopped_until_us == 0 && self->may_be_stopped && g_rand_int_range (soak.rand, 0, 400) == 0)
    {
      kill (self->pid, SIGSTOP);
      self->stopped_until_us = now + g_rand_int_range (soak.rand, 0, MAX_STOP_US);
      n_stops++;
    }
}

static void
look_after (SoakChild *self,
            gint64     now)
{
  int status;

  if (self->pid == 0)
    return;
  stop_or_continue (self, now);
  if (waitpid (self->pid, &status, WNOHANG) != self->pid)
    return;
  self->pid = 0;
  if (self->is_killed)
    start (self);
  else
    tell_end (self, status);
}

static gboolean
on_look (gpointer data)
{
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < children->len; i++)
    look_after (children->pdata[i], now);

  return G_SOURCE_CONTINUE;
}

void
soak_children_begin (void)
{
  children = g_ptr_array_new ();
  soak_add_timer (LOOK_MS, on_look);
}

void
soak_children_end (void)
{
  for (guint i = 0; i < children->len; i++)
    {
      SoakChild *child = children->pdata[i];

      if (child->pid != 0 && child->ends_in_order)
        end_in_order (child);
      if (child->pid != 0)
        {
          kill (child->pid, SIGKILL);
          waitpid (child->pid, NULL, 0);
        }
      g_strfreev (child->arguments);
      g_free (child);
    }
  g_ptr_array_unref (children);
}

guint
soak_children_count_stops (void)
{
  return n_stops;
}

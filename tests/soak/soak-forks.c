/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "soak.h"

/* Children that are forked, use and drop what they have inherited, make something of their own, and end. None of them
 * may hang or be ended by a signal, and none disturbs this process. */

#define FORK_MS      500
#define MAX_CHILDREN 8

typedef struct
{
  pid_t  pid; /* or 0 */
  gint64 born_us;
} Fork;

static Fork  children[MAX_CHILDREN];
static guint n_forks;

static void
touch (GObject *object)
{
  if (ZMQGLIB_IS_STREAM (object) && g_random_boolean ())
    zmqglib_stream_send_string (ZMQGLIB_STREAM (object), "from a child", NULL);
  if (ZMQGLIB_IS_STREAM (object) && g_random_boolean ())
    zmqglib_stream_flush (ZMQGLIB_STREAM (object), G_IO_OUT, 10);
  if (ZMQGLIB_IS_STREAM (object) && g_random_boolean ())
    zmqglib_stream_close (ZMQGLIB_STREAM (object));
  if (ZMQGLIB_IS_CLIENT (object) && g_random_boolean ())
    zmqglib_client_close (ZMQGLIB_CLIENT (object));
  if (ZMQGLIB_IS_PROXY (object) && g_random_boolean ())
    zmqglib_proxy_stop (ZMQGLIB_PROXY (object));
  if (ZMQGLIB_IS_FEED (object) && g_random_boolean ())
    zmqglib_feed_close (ZMQGLIB_FEED (object));
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  *(gboolean *) data = TRUE;
}

/* Streams of its own work in a child, in the main context that it has inherited. */
static void
talk_to_itself (void)
{
  gboolean   has_received = FALSE;
  ZmqStream *pull = zmqglib_stream_new_bound (ZMQGLIB_SOCKET_PULL, "inproc://child", NULL);
  ZmqStream *push = zmqglib_stream_new_connected (ZMQGLIB_SOCKET_PUSH, "inproc://child", NULL);

  if (pull == NULL || push == NULL)
    _exit (10);
  g_signal_connect (pull, "received", G_CALLBACK (on_received), &has_received);
  zmqglib_stream_send_string (push, "hello", NULL);
  while (!has_received)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (push);
  g_object_unref (pull);
}

static void
live (void)
{
  soak.is_child = soak.is_ending = TRUE;
  soak_remove_timers ();
  /* whatever becomes of its parent, it is not left */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (g_strcmp0 (soak.plant, "child") == 0)
    pause ();
  g_random_set_seed (getpid ());

  for (guint i = 0; i < 20; i++)
    touch (soak.things->pdata[g_random_int_range (0, soak.things->len)]);
  for (guint i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
  talk_to_itself ();
  /* the references that this process had, which nobody looks at any more */
  for (guint i = 0; i < soak.things->len; i++)
    if (g_random_boolean ())
      g_object_unref (soak.things->pdata[i]);
  if (g_random_boolean ())
    exit (0);
  _exit (0);
}

static void
look_after (Fork *self)
{
  int   status;
  pid_t pid = waitpid (self->pid, &status, WNOHANG);

  if (pid == 0 && g_get_monotonic_time () - self->born_us > soak.patience_us)
    {
      soak_fail ("A child that was forked hangs");
      /* with a core that tells where, if the system keeps them */
      kill (self->pid, SIGABRT);
      waitpid (self->pid, NULL, 0);
      self->pid = 0;
    }
  if (pid != self->pid)
    return;
  self->pid = 0;
  if (WIFSIGNALED (status))
    soak_fail ("A child that was forked was ended by signal %d", WTERMSIG (status));
  else if (WEXITSTATUS (status) != 0)
    soak_fail ("A child that was forked has ended with %d", WEXITSTATUS (status));
}

static void
look_after_all (void)
{
  for (guint i = 0; i < MAX_CHILDREN; i++)
    if (children[i].pid != 0)
      look_after (&children[i]);
}

static void
fork_one (Fork *self)
{
  fflush (NULL);
  self->born_us = g_get_monotonic_time ();
  soak_hold_threads ();
  self->pid = fork ();
  if (self->pid == 0)
    live ();
  soak_let_threads_go ();
  if (self->pid < 0)
    g_error ("fork() failed");
  n_forks++;
}

static gboolean
on_fork (gpointer data)
{
  Fork *next = &children[n_forks % MAX_CHILDREN];

  look_after_all ();
  if (next->pid == 0 && !soak.has_failed)
    fork_one (next);

  return G_SOURCE_CONTINUE;
}

static void
start (void)
{
  soak_add_timer (FORK_MS, on_fork);
}

static void
print (GString *line)
{
  g_string_append_printf (line, "forks %u  ", n_forks);
}

static gboolean
has_children (void)
{
  for (guint i = 0; i < MAX_CHILDREN; i++)
    if (children[i].pid != 0)
      return TRUE;

  return FALSE;
}

static void
stop (void)
{
  while (has_children ())
    {
      look_after_all ();
      g_usleep (10000);
    }
}

const SoakPart soak_forks = { "forks", start, NULL, print, stop };

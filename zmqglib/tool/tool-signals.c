/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#include "tool/tool-run.h"

/* A signal becomes a byte in a pipe: its number. The main loop looks there, and so does who waits in the middle of
 * writing to a program that reads slowly, which GLib's own sources of signals would not reach. */

static int signal_pipe[2] = { -1, -1 };

static void
on_signal (int signal_number)
{
  const int        saved_errno = errno;
  const guint8     number = signal_number;
  gssize n_written G_GNUC_UNUSED;

  n_written = write (signal_pipe[1], &number, 1);
  errno = saved_errno;
}

static void
open_pipe (void)
{
  g_autoptr (GError) error = NULL;

  if (!g_unix_open_pipe (signal_pipe, FD_CLOEXEC, &error) ||
      !g_unix_set_fd_nonblocking (signal_pipe[0], TRUE, &error) ||
      !g_unix_set_fd_nonblocking (signal_pipe[1], TRUE, &error))
    g_error ("%s", error->message);
}

/*
 * tool_signals_init:
 *
 * Interrupts are seen in the pipe from then on, and writing to nobody is an error like any other.
 */
void
tool_signals_init (void)
{
  const struct sigaction interrupt = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
  const struct sigaction ignore = { .sa_handler = SIG_IGN };
  struct sigaction       present;

  open_pipe ();
  sigaction (SIGPIPE, &ignore, NULL);
  sigaction (SIGTERM, &interrupt, NULL);

  /* a shell ignores it for what runs in the background */
  if (sigaction (SIGINT, NULL, &present) == 0 && present.sa_handler != SIG_IGN)
    sigaction (SIGINT, &interrupt, NULL);
}

/*
 * tool_signals_get_fd:
 *
 * Returns: where the numbers of the signals can be read that have come
 */
int
tool_signals_get_fd (void)
{
  return signal_pipe[0];
}

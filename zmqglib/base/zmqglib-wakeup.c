/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <unistd.h>

#ifdef HAVE_EVENTFD
#include <sys/eventfd.h>
#endif

#include "base/zmqglib-debug-private.h"
#include "base/zmqglib-wakeup-private.h"

static void
open_fds (int fds[2])
{
#ifdef HAVE_EVENTFD
  fds[0] = fds[1] = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
#else
  if (!g_unix_open_pipe (fds, FD_CLOEXEC, NULL) ||
      !g_unix_set_fd_nonblocking (fds[0], TRUE, NULL) ||
      !g_unix_set_fd_nonblocking (fds[1], TRUE, NULL))
    fds[0] = fds[1] = -1;
#endif
}

void
zmqglib_wakeup_init (ZmqWakeup *self)
{
  int fds[2] = { -1, -1 };

  open_fds (fds);
  self->pollfd = (GPollFD){ .fd = fds[0], .events = G_IO_IN };
  self->write_fd = fds[1];
  if (self->write_fd < 0)
    zmqglib_debug ("There is no descriptor for other threads to wake a loop by, which looks from time to time");
}

void
zmqglib_wakeup_clear (ZmqWakeup *self)
{
  if (self->write_fd >= 0 && self->write_fd != self->pollfd.fd)
    close (self->write_fd);
  if (self->pollfd.fd >= 0)
    close (self->pollfd.fd);

  self->pollfd.fd = self->write_fd = -1;
}

/*
 * zmqglib_wakeup_signal:
 *
 * May be called from any thread.
 *
 * Returns: %FALSE when there is no descriptor to signal
 */
gboolean
zmqglib_wakeup_signal (ZmqWakeup *self)
{
  guint64 one = 1;

  if (self->write_fd < 0)
    return FALSE;

  /* one that is full has been signalled */
  while (write (self->write_fd, &one, sizeof one) < 0 && errno == EINTR)
    ;

  return TRUE;
}

/*
 * zmqglib_wakeup_acknowledge:
 *
 * To be called after a poll, by who polls.
 */
void
zmqglib_wakeup_acknowledge (ZmqWakeup *self)
{
  char buffer[64];

  if (self->pollfd.revents == 0)
    return;

  self->pollfd.revents = 0;
  while (read (self->pollfd.fd, buffer, sizeof buffer) == sizeof buffer)
    ;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-cancel-watch-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "loop/zmqglib-poll-source-private.h"
#include "poller/zmqglib-poller-private.h"

/* How a poller is driven: by itself, or by a main context. */

/* Serves what is ready, and returns how many functions were called, but for those that they call by waiting themselves.
 * There is no main context here whose other sources are to have their turn. */
static int
serve_ready (ZmqPoller *self)
{
  ZmqSlice slice = zmqglib_slice_begin (0, G_MAXINT64);
  guint    n_before = self->n_called;
  int      n_called;

  self->n_called = 0;
  zmqglib_poll_set_dispatch (&self->set, NULL, &slice);
  n_called = self->n_called;
  self->n_called = n_before;

  return n_called;
}

/* How long to sleep at most. */
static int
get_timeout_ms (ZmqPoller *self,
                gint64     deadline)
{
  int timeout_ms = zmqglib_deadline_get_timeout_ms (deadline);

  if (self->set.wakeup.pollfd.fd >= 0 || (timeout_ms >= 0 && timeout_ms < ZMQGLIB_POLL_LOOK_MS))
    return timeout_ms;

  return ZMQGLIB_POLL_LOOK_MS;
}

static int
wait_until (ZmqPoller    *self,
            gint64        deadline,
            GPollFD      *cancelled,
            GCancellable *cancellable,
            GError      **error)
{
  GPollFD *extras[2];
  guint    n_extras = 0;

  if (self->set.wakeup.pollfd.fd >= 0)
    extras[n_extras++] = &self->set.wakeup.pollfd;
  if (cancelled != NULL)
    extras[n_extras++] = cancelled;

  for (;;)
    {
      /* beside those who are ready already, the signalled ones have their turn, too */
      gboolean ready = zmqglib_poll_set_prepare (&self->set);

      zmqglib_poll_backend_poll (&self->set.backend, extras, n_extras, ready ? 0 : get_timeout_ms (self, deadline));
      zmqglib_wakeup_acknowledge (&self->set.wakeup);
      ready = zmqglib_poll_set_check (&self->set);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return -1;
      if (ready)
        return serve_ready (self);
      if (deadline >= 0 && g_get_monotonic_time () >= deadline)
        return 0;
    }
}

/**
 * zmqglib_poller_wait:
 * @self: a poller
 * @timeout_us: how long to wait at most, in microseconds, or -1 for as long as it takes
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Blocks until something is ready, and calls the function of each that is, once (`zmq_poll ()`).
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when it would wait for ever, since the poller is
 * empty and nobody can cancel, with %ZMQGLIB_ERROR_TOO_MANY_SOCKETS when there is no file descriptor
 * left to wait for @cancellable with, and with `G_IO_ERROR_CANCELLED`.
 *
 * Returns: how many functions were called, 0 when the time is up or what is ready has none, or -1 with @error set
 *
 * Since: 1.0
 */
int
zmqglib_poller_wait (ZmqPoller    *self,
                     gint64        timeout_us,
                     GCancellable *cancellable,
                     GError      **error)
{
  g_auto (ZmqCancelWatch) cancel = { 0 };
  int n_called;

  g_return_val_if_fail (ZMQGLIB_IS_POLLER (self), -1);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);

  zmqglib_poll_set_ensure_process (&self->set);

  if (self->set.items.length == 0 && timeout_us < 0 && cancellable == NULL)
    {
      g_set_error_literal (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                           _ ("There is nothing in the poller to wait for"));
      return -1;
    }

  if (!zmqglib_cancel_watch_init (&cancel, cancellable))
    {
      zmqglib_error_set (error, EMFILE, _ ("Could not wait for what is in a poller"));
      return -1;
    }

  g_object_ref (self);
  n_called = wait_until (self, zmqglib_deadline_after (timeout_us),
                         cancellable != NULL ? &cancel.wakeup.pollfd : NULL, cancellable, error);
  g_object_unref (self);

  return n_called;
}

/**
 * zmqglib_poller_create_source:
 * @self: a poller
 *
 * Creates a source that does in a main context what [method@Zmq.Poller.wait] does by itself. It
 * needs no callback, and keeps the poller.
 *
 * It calls the functions for at most 2 ms at a time and then lets sources of lower priority have
 * their turn, so that a flood of messages does not freeze a user interface.
 *
 * Returns: (transfer full): a new source
 *
 * Since: 1.0
 */
GSource *
zmqglib_poller_create_source (ZmqPoller *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_POLLER (self), NULL);

  return zmqglib_poll_source_new (&self->set, g_object_ref (self), g_object_unref);
}

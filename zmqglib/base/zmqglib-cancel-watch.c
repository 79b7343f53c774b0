/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-cancel-watch-private.h"

static void
on_cancelled (GCancellable *cancellable,
              gpointer      data)
{
  zmqglib_wakeup_signal (data);
}

/*
 * zmqglib_cancel_watch_init:
 * @cancellable: (nullable): a cancellable, which outlives the watch
 *
 * Returns: %FALSE when there is no descriptor for it
 */
gboolean
zmqglib_cancel_watch_init (ZmqCancelWatch *self,
                           GCancellable   *cancellable)
{
  *self = (ZmqCancelWatch){ .wakeup = { .pollfd = { .fd = -1 }, .write_fd = -1 } };
  if (cancellable == NULL)
    return TRUE;

  zmqglib_wakeup_init (&self->wakeup);
  if (self->wakeup.pollfd.fd < 0)
    return FALSE;

  self->cancellable = cancellable;
  self->handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), &self->wakeup, NULL);

  return TRUE;
}

void
zmqglib_cancel_watch_clear (ZmqCancelWatch *self)
{
  if (self->cancellable == NULL)
    return;

  g_cancellable_disconnect (self->cancellable, self->handler);
  zmqglib_wakeup_clear (&self->wakeup);
  self->cancellable = NULL;
}

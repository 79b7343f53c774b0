/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-proxy-run-private.h"

/* What one can do with a proxy. */

/**
 * zmqglib_proxy_new:
 * @frontend: the socket that clients talk to
 * @backend: the socket that services talk to; may be the same
 * @capture: (nullable): a socket that is given a copy of each message
 * @error: return location for an error
 *
 * Makes a proxy, which has yet to be started. It tells its end in the thread-default main context of the calling thread.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_ARGUMENT when the capture cannot send or is one of the sides, and with
 * %ZMQGLIB_ERROR_CLOSED when a socket is closed.
 *
 * Returns: (transfer full): a new proxy, or %NULL with @error set
 *
 * Since: 1.0
 */
ZmqProxy *
zmqglib_proxy_new (ZmqSocket *frontend,
                   ZmqSocket *backend,
                   ZmqSocket *capture,
                   GError   **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (frontend), NULL);
  g_return_val_if_fail (ZMQGLIB_IS_SOCKET (backend), NULL);
  g_return_val_if_fail (capture == NULL || ZMQGLIB_IS_SOCKET (capture), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_initable_new (ZMQGLIB_TYPE_PROXY, NULL, error, "frontend", frontend, "backend", backend, "capture", capture,
                         NULL);
}

/* One that was not made, or was disposed of, has no sides. */
static gboolean
start (ZmqProxy *self,
       gboolean  in_thread,
       GError  **error)
{
  const char *what = _ ("Could not start a proxy");

  if (zmqglib_fork_is_inherited (self->core->generation))
    zmqglib_error_set (error, ZMQGLIB_EFORKED, "%s", what);
  else if (self->frontend == NULL || self->backend == NULL)
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED, _ ("%s: %s"), what, _ ("It needs two sides"));
  else
    return zmqglib_proxy_run_start (self, in_thread, error);

  return FALSE;
}

/**
 * zmqglib_proxy_start:
 * @self: a proxy
 *
 * Forwards from now on, in the thread-default main context of the calling thread, to which the sockets belong from then on.
 * A flood does not stop the rest of the program: it has its turn as with a [class@Zmq.Stream]. A proxy that runs already
 * goes on as it is, with a warning; one that was stopped may be started again.
 *
 * Since: 1.0
 */
void
zmqglib_proxy_start (ZmqProxy *self)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (ZMQGLIB_IS_PROXY (self));

  if (!start (self, FALSE, &error))
    g_warning ("%s", error->message);
}

/**
 * zmqglib_proxy_start_in_thread:
 * @self: a proxy
 * @error: return location for an error
 *
 * Forwards from now on in a thread of its own, to which the sockets belong until [method@Zmq.Proxy.stop] has returned.
 *
 * Fails with %ZMQGLIB_ERROR_WRONG_STATE when the proxy is running, with %ZMQGLIB_ERROR_NO_THREAD, and with
 * %ZMQGLIB_ERROR_TOO_MANY_SOCKETS when there is no file descriptor for the thread's main context.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
zmqglib_proxy_start_in_thread (ZmqProxy *self,
                               GError  **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_PROXY (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return start (self, TRUE, error);
}

/**
 * zmqglib_proxy_stop:
 * @self: a proxy
 *
 * Forwards nothing any more. The sockets stay open, and are the calling thread’s again when this returns, unless the
 * proxy runs in a main loop of another thread, or this is called by a handler. What could not be forwarded is
 * received from its socket next. Stopping again does nothing. May be called from any thread, by a handler as well.
 *
 * Since: 1.0
 */
void
zmqglib_proxy_stop (ZmqProxy *self)
{
  g_return_if_fail (ZMQGLIB_IS_PROXY (self));

  zmqglib_proxy_run_stop (self->core, TRUE);
}

/**
 * zmqglib_proxy_get_running: (get-property running)
 * @self: a proxy
 *
 * Gets whether the proxy was started, and has not stopped. May be called from any thread.
 *
 * Returns: %TRUE when it runs
 *
 * Since: 1.0
 */
gboolean
zmqglib_proxy_get_running (ZmqProxy *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_PROXY (self), FALSE);

  return zmqglib_proxy_core_is_running (self->core);
}

/**
 * zmqglib_proxy_get_paused: (get-property paused)
 * @self: a proxy
 *
 * Gets whether nothing is forwarded for the moment. May be called from any thread.
 *
 * Returns: %TRUE when it is paused
 *
 * Since: 1.0
 */
gboolean
zmqglib_proxy_get_paused (ZmqProxy *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_PROXY (self), FALSE);

  return g_atomic_int_get (&self->core->paused);
}

/**
 * zmqglib_proxy_set_paused: (set-property paused)
 * @self: a proxy
 * @paused: whether to forward nothing
 *
 * Lets messages stay with who sends them, or go on. A message that is being forwarded is not called back. May be called from
 * any thread.
 *
 * Since: 1.0
 */
void
zmqglib_proxy_set_paused (ZmqProxy *self,
                          gboolean  paused)
{
  g_return_if_fail (ZMQGLIB_IS_PROXY (self));

  if (zmqglib_proxy_run_set_paused (self->core, !!paused))
    g_object_notify_by_pspec (G_OBJECT (self), zmqglib_proxy_properties[PROXY_PROP_PAUSED]);
}

/**
 * zmqglib_proxy_get_n_forwarded_in: (get-property n-forwarded-in)
 * @self: a proxy
 *
 * Gets how many messages were forwarded to the backend. May be called from any thread.
 *
 * Returns: a number of messages
 *
 * Since: 1.0
 */
guint64
zmqglib_proxy_get_n_forwarded_in (ZmqProxy *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_PROXY (self), 0);

  return zmqglib_proxy_core_get_count (self->core, ZMQGLIB_PROXY_DIRECTION_IN).n_forwarded;
}

/**
 * zmqglib_proxy_get_n_forwarded_out: (get-property n-forwarded-out)
 * @self: a proxy
 *
 * Gets how many messages were forwarded to the frontend. May be called from any thread.
 *
 * Returns: a number of messages
 *
 * Since: 1.0
 */
guint64
zmqglib_proxy_get_n_forwarded_out (ZmqProxy *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_PROXY (self), 0);

  return zmqglib_proxy_core_get_count (self->core, ZMQGLIB_PROXY_DIRECTION_OUT).n_forwarded;
}

/**
 * zmqglib_proxy_get_n_bytes_in: (get-property n-bytes-in)
 * @self: a proxy
 *
 * Gets how many bytes the frames had that were forwarded to the backend. May be called from any thread.
 *
 * Returns: a number of bytes
 *
 * Since: 1.0
 */
guint64
zmqglib_proxy_get_n_bytes_in (ZmqProxy *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_PROXY (self), 0);

  return zmqglib_proxy_core_get_count (self->core, ZMQGLIB_PROXY_DIRECTION_IN).n_bytes;
}

/**
 * zmqglib_proxy_get_n_bytes_out: (get-property n-bytes-out)
 * @self: a proxy
 *
 * Gets how many bytes the frames had that were forwarded to the frontend. May be called from any thread.
 *
 * Returns: a number of bytes
 *
 * Since: 1.0
 */
guint64
zmqglib_proxy_get_n_bytes_out (ZmqProxy *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_PROXY (self), 0);

  return zmqglib_proxy_core_get_count (self->core, ZMQGLIB_PROXY_DIRECTION_OUT).n_bytes;
}

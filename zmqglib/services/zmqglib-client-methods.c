/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include <zmqglib/zmqglib-error.h>

#include "base/zmqglib-debug-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-client-private.h"

/* What is asked of a client, by any thread. */

static gboolean
check_open (ZmqClient  *self,
            const char *what,
            GError    **error)
{
  if (zmqglib_client_core_is_open (self->core))
    return TRUE;

  g_propagate_error (error, zmqglib_client_desk_make_error (self->core, what));

  return FALSE;
}

/* Another array, since somebody may be connecting to those of the old one. Returns those who are to be told, or NULL when
 * there is nothing to remove. */
static GPtrArray *
change_endpoints (ZmqClient               *self,
                  const ZmqClientEndpoint *added,
                  const char              *removed)
{
  g_autoptr (ZmqLocker) locker G_GNUC_UNUSED = zmqglib_locker_new (&self->lock);
  g_autoptr (GPtrArray) endpoints = g_ptr_array_new_with_free_func (zmqglib_client_endpoint_free);

  for (guint i = 0; i < self->endpoints->len; i++)
    {
      ZmqClientEndpoint *endpoint = self->endpoints->pdata[i];

      if (removed != NULL && strcmp (endpoint->endpoint, removed) == 0)
        removed = NULL;
      else
        g_ptr_array_add (endpoints, zmqglib_client_endpoint_copy (endpoint));
    }

  if (removed != NULL)
    return NULL;

  if (added != NULL)
    g_ptr_array_add (endpoints, zmqglib_client_endpoint_copy (added));
  g_ptr_array_unref (self->endpoints);
  self->endpoints = g_steal_pointer (&endpoints);
  self->serial++;

  return zmqglib_client_list_busy_twins (self);
}

/* The client has the endpoint, whatever becomes of a request that blocks. */
static void
connect_twin (ZmqClient               *self,
              ZmqClientCore           *twin,
              const ZmqClientEndpoint *endpoint)
{
  g_autoptr (GError) error = NULL;

  if (!zmqglib_client_desk_connect (twin, self, endpoint, &error))
    zmqglib_debug ("%p: A request that blocks does without an endpoint: %s", (gpointer) self, error->message);
}

/**
 * zmqglib_client_connect_to:
 * @self: a client
 * @endpoint: where a server is, or will be: `tcp://127.0.0.1:5555`
 * @error: return location for an error
 *
 * Adds a server, to which requests go from then on, also those that are under way when it comes to their next try. It need
 * not be there yet: until it is, requests wait. The same endpoint may be added more than once.
 *
 * Fails as [method@Zmq.Socket.connect_to] does, with %ZMQGLIB_ERROR_CLOSED when the client is closed, and when the
 * process may not have one more thread, or the context two more sockets, see [class@Zmq.Monitor].
 *
 * May be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
zmqglib_client_connect_to (ZmqClient  *self,
                           const char *endpoint,
                           GError    **error)
{
  g_autoptr (ZmqClient) held = NULL;
  g_autoptr (GPtrArray) twins = NULL;
  g_autofree char  *shown = NULL;
  g_autofree char  *what = NULL;
  ZmqClientEndpoint added;

  g_return_val_if_fail (ZMQGLIB_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (endpoint != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  held = g_object_ref (self);
  shown = zmqglib_error_show (endpoint);
  what = g_strdup_printf (_ ("Could not connect to “%s”"), shown);
  added = (ZmqClientEndpoint){ (char *) endpoint, zmqglib_client_get_terms (self).envelope == ZMQGLIB_CLIENT_ENVELOPE_NONE };
  if (!check_open (self, what, error) ||
      !zmqglib_client_desk_connect (self->core, self, &added, error))
    return FALSE;

  twins = change_endpoints (self, &added, NULL);
  for (guint i = 0; i < twins->len; i++)
    connect_twin (self, twins->pdata[i], &added);
  zmqglib_client_close_twins (self);

  return TRUE;
}

/**
 * zmqglib_client_disconnect_from:
 * @self: a client
 * @endpoint: what was given to [method@Zmq.Client.connect_to]
 * @error: return location for an error
 *
 * Takes a server away. What it was asked and has not answered goes on with the next try, elsewhere.
 *
 * Fails with %ZMQGLIB_ERROR_NOT_FOUND when there is no such endpoint, and with %ZMQGLIB_ERROR_CLOSED when the client is
 * closed. May be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 *
 * Since: 1.0
 */
gboolean
zmqglib_client_disconnect_from (ZmqClient  *self,
                                const char *endpoint,
                                GError    **error)
{
  g_autoptr (ZmqClient) held = NULL;
  g_autoptr (GPtrArray) twins = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *what = NULL;

  g_return_val_if_fail (ZMQGLIB_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (endpoint != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  held = g_object_ref (self);
  shown = zmqglib_error_show (endpoint);
  what = g_strdup_printf (_ ("Could not disconnect from “%s”"), shown);
  if (!check_open (self, what, error))
    return FALSE;

  twins = change_endpoints (self, NULL, endpoint);
  if (twins == NULL)
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_NOT_FOUND, _ ("%s: %s"), what,
                   _ ("The client is not connected to it"));
      return FALSE;
    }

  zmqglib_client_desk_disconnect (self->core, endpoint);
  for (guint i = 0; i < twins->len; i++)
    zmqglib_client_desk_disconnect (twins->pdata[i], endpoint);
  zmqglib_client_close_twins (self);

  return TRUE;
}

/**
 * zmqglib_client_request_async:
 * @self: a client
 * @message: the request, of at least one frame, which may be changed afterwards
 * @cancellable: (nullable): a cancellable, which also takes a request back that was not sent yet
 * @callback: (scope async): called when there is an answer, or none
 * @user_data: data for @callback
 *
 * Sends a request. Any number may be under way; they are answered in any order.
 *
 * May be called from any thread. The callback is called in the thread-default main context of the calling thread; the
 * client’s has to be run.
 *
 * Since: 1.0
 */
void
zmqglib_client_request_async (ZmqClient          *self,
                              ZmqMessage         *message,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  ZmqClientTerms terms;
  GTask         *task;

  g_return_if_fail (ZMQGLIB_IS_CLIENT (self));
  g_return_if_fail (message != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  terms = zmqglib_client_get_terms (self);
  task = g_task_new (self, cancellable, callback, user_data);
  /* the function and not the macro, which copies the name */
  (g_task_set_source_tag) (task, zmqglib_client_request_async);
  zmqglib_client_desk_begin (self->core, task, message, terms);
}

/**
 * zmqglib_client_request_finish:
 * @self: a client
 * @result: the result that the callback was given
 * @error: return location for an error
 *
 * Ends an operation begun with [method@Zmq.Client.request_async].
 *
 * Fails with %ZMQGLIB_ERROR_AGAIN when the last try was not answered in time, with %ZMQGLIB_ERROR_HOST_UNREACHABLE when its
 * connection broke, with `G_IO_ERROR_CANCELLED`, with %ZMQGLIB_ERROR_WRONG_STATE when the client has no
 * endpoint, with %ZMQGLIB_ERROR_INVALID_ARGUMENT when the request has no frame, with %ZMQGLIB_ERROR_CLOSED when it was closed, and with %ZMQGLIB_ERROR_TERMINATED when its context was shut down.
 *
 * Returns: (transfer full): the answer, or %NULL with @error set
 *
 * Since: 1.0
 */
ZmqMessage *
zmqglib_client_request_finish (ZmqClient    *self,
                               GAsyncResult *result,
                               GError      **error)
{
  g_return_val_if_fail (ZMQGLIB_IS_CLIENT (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, zmqglib_client_request_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * zmqglib_client_request:
 * @self: a client
 * @message: the request, of at least one frame
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Sends a request and blocks until the answer has come, as [method@Zmq.Client.request_async] does without blocking.
 *
 * May be called from any thread, any number at once, also from within a callback of the client’s main loop: nothing of
 * that is run meanwhile. Each thread that blocks has sockets of its own, which are connected when it needs
 * them first, and are kept for the next one.
 *
 * Fails as [method@Zmq.Client.request_finish] does, and as [method@Zmq.Client.connect_to] when those sockets could not be
 * connected.
 *
 * Returns: (transfer full): the answer, or %NULL with @error set
 *
 * Since: 1.0
 */
ZmqMessage *
zmqglib_client_request (ZmqClient    *self,
                        ZmqMessage   *message,
                        GCancellable *cancellable,
                        GError      **error)
{
  g_autoptr (ZmqClient) held = NULL;
  ZmqMessage    *answer = NULL;
  ZmqClientTerms terms;

  g_return_val_if_fail (ZMQGLIB_IS_CLIENT (self), NULL);
  g_return_val_if_fail (message != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  held = g_object_ref (self);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  if (!check_open (self, _ ("Could not send a request"), error))
    return NULL;

  terms = zmqglib_client_get_terms (self);
  zmqglib_client_core_count (self->core, 1, 0);
  answer = zmqglib_client_block (self, message, cancellable, terms, error);
  zmqglib_client_core_count (self->core, -1, 0);

  return answer;
}

/**
 * zmqglib_client_close:
 * @self: a client
 *
 * Closes its sockets. Requests that are under way fail with %ZMQGLIB_ERROR_CLOSED, and so do later ones. Closing again does
 * nothing. May be called from any thread.
 *
 * Since: 1.0
 */
void
zmqglib_client_close (ZmqClient *self)
{
  g_return_if_fail (ZMQGLIB_IS_CLIENT (self));

  zmqglib_client_desk_close (self->core);
  zmqglib_client_close_twins (self);
}

/**
 * zmqglib_client_is_closed:
 * @self: a client
 *
 * Whether the client was closed, its context was shut down, or it belongs to the process that this one was forked from.
 * May be called from any thread.
 *
 * Returns: %TRUE when it was
 *
 * Since: 1.0
 */
gboolean
zmqglib_client_is_closed (ZmqClient *self)
{
  g_return_val_if_fail (ZMQGLIB_IS_CLIENT (self), TRUE);

  return !zmqglib_client_core_is_open (self->core);
}

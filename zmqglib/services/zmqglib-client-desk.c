/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/zmqglib-debug-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-client-call-private.h"

/* Where a client's requests are matched with what comes in: an answer belongs to the request whose number it brings back,
 * if it comes from where that was sent to, and if nobody else was first. Any other is dropped. */

static ZmqClientCall *
find_call (ZmqClientChannel *channel,
           ZmqMessage       *message)
{
  ZmqClientCore *core = channel->owner;
  ZmqClientCall *call;
  guint64        number;

  if (!zmqglib_client_letter_read (message, core->salt, &number))
    return NULL;

  call = g_hash_table_lookup (core->pending, &number);

  return call != NULL && zmqglib_client_askings_has_channel (call, channel) ? call : NULL;
}

/* A REQ socket has one request in its life, and gives nothing but the answer. */
static ZmqClientCall *
find_only_call (ZmqClientChannel *channel)
{
  ZmqClientTry *try = channel->sent.head != NULL ? channel->sent.head->data : NULL;

  return try != NULL ? try->owner : NULL;
}

static void
on_received (ZmqClientChannel *channel,
             ZmqMessage       *message)
{
  gboolean       is_exact = channel->socket->type == ZMQGLIB_SOCKET_REQ;
  ZmqClientCall *call = is_exact ? find_only_call (channel) : find_call (channel, message);

  if (call == NULL)
    {
      zmqglib_debug ("%p: An answer that nobody waits for was dropped", (gpointer) channel->socket);
      return;
    }

  if (!is_exact)
    zmqglib_message_skip_frames (message, 2);
  zmqglib_client_call_return (call, message);
}

static void
on_refused (ZmqClientTry *try,
            int           errnum)
{
  ZmqClientCall *call = try->owner;
  GError        *error = NULL;

  zmqglib_error_set (&error, errnum, _ ("Could not send a request"));
  zmqglib_client_call_fail (call, error);
}

static ZmqClientRoute *
find_route (ZmqClientChannel *channel)
{
  ZmqClientCore *core = channel->owner;

  for (guint i = 0; i < core->routes->len; i++)
    {
      ZmqClientRoute *route = core->routes->pdata[i];

      if (route->channel == channel)
        return route;
    }

  return NULL;
}

/* What was sent through the route’s channel gets no answer; what still waits goes through the next connection. When the route
 * itself is gone, nobody answers. Whatever is done to one call leaves the others be, but their number. */
static void
lose_calls (ZmqClientCore  *core,
            ZmqClientRoute *route,
            gboolean        is_gone)
{
  g_autoptr (GPtrArray) calls = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_client_call_unref);
  GHashTableIter iter;
  ZmqClientCall *call;

  g_hash_table_iter_init (&iter, core->pending);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &call))
    if (zmqglib_client_askings_find_awaited (call, route, is_gone) != NULL)
      g_ptr_array_add (calls, zmqglib_client_call_ref (call));

  g_ptr_array_sort (calls, zmqglib_client_call_compare);
  for (guint i = 0; i < calls->len; i++)
    zmqglib_client_call_lose (calls->pdata[i], zmqglib_client_askings_find_awaited (calls->pdata[i], route, is_gone));
}

/* A channel of one request, which may wait for a connection still. */
static void
lose_only_call (ZmqClientChannel *channel)
{
  GList         *link = channel->sent.head != NULL ? channel->sent.head : channel->waiting.head;
  ZmqClientTry  *try = link != NULL ? link->data : NULL;
  ZmqClientCall *call;

  if (try == NULL || !((ZmqClientAsking *) try)->is_awaited)
    return;

  call = zmqglib_client_call_ref (try->owner);
  if (try->round == call->round)
    zmqglib_client_call_lose (call, (ZmqClientAsking *) try);
  zmqglib_client_call_unref (call);
}

static void
on_lost (ZmqClientChannel *channel)
{
  ZmqClientRoute *route = find_route (channel);

  if (route != NULL)
    lose_calls (channel->owner, route, FALSE);
  else if (channel->sent.head != NULL)
    lose_only_call (channel);
}

/* That of one request counts for nobody. */
static void
on_changed (ZmqClientChannel *channel)
{
  if (find_route (channel) != NULL)
    zmqglib_client_core_count (channel->owner, 0, channel->connected ? 1 : -1);
}

static void
remove_route (ZmqClientCore  *core,
              ZmqClientRoute *route)
{
  guint index;

  zmqglib_client_route_ref (route);
  route->is_gone = TRUE;
  if (g_ptr_array_find (core->routes, route, &index))
    {
      g_ptr_array_remove_index (core->routes, index);
      if (index < core->current)
        core->current--;
    }

  lose_calls (core, route, TRUE);
  if (route->channel != NULL && route->channel->connected)
    zmqglib_client_core_count (core, 0, -1);
  if (route->channel != NULL)
    zmqglib_client_channel_close (route->channel);
  zmqglib_client_route_unref (route);
}

/* Whoever is owned by the loop is let go of from there, since that may be the last reference; meanwhile it does not keep
 * the main context in turn. */
static void
release_keeper (ZmqClientCore *core)
{
  g_autoptr (GMainContext) context = NULL;

  if (!zmqglib_front_is_kept (core->front))
    return;

  zmqglib_front_let_go (core->front, core->agenda);
  context = zmqglib_client_core_steal_context (core);
}

static void
drop_core (gpointer data)
{
  zmqglib_client_core_unref (data);
}

static void
tell_ended (gpointer data)
{
  ZmqClientCore *core = data;
  g_autoptr (ZmqClient) front = zmqglib_front_dup (core->front);

  if (front != NULL && core->ended != NULL)
    core->ended (front);

  /* the last reference to the client may be the one here, and it wants to find its core */
  g_clear_object (&front);
  zmqglib_client_core_unref (core);
}

/* Takes the client out of its loop. */
static void
leave (ZmqClientCore *core,
       const GError  *error)
{
  GHashTableIter iter;
  ZmqClientCall *call;

  if (core->has_left)
    return;

  zmqglib_client_core_ref (core);
  core->has_left = TRUE;
  g_atomic_int_set (&core->is_closed, TRUE);

  for (;;)
    {
      g_hash_table_iter_init (&iter, core->pending);
      if (!g_hash_table_iter_next (&iter, NULL, (gpointer *) &call))
        break;
      zmqglib_client_call_fail (call, g_error_copy (error));
    }

  while (core->routes->len > 0)
    remove_route (core, core->routes->pdata[core->routes->len - 1]);
  zmqglib_agenda_tell (core->agenda, tell_ended, drop_core, zmqglib_client_core_ref (core));
  release_keeper (core);
  zmqglib_client_core_unref (core);
}

/* A context can end only when its sockets are closed; a socket that somebody has closed is one route less. */
static void
on_dead (ZmqClientChannel *channel,
         int               errnum)
{
  ZmqClientCore  *core = channel->owner;
  ZmqClientRoute *route = find_route (channel);
  g_autoptr (GError) error = NULL;

  if (errnum == ETERM || errnum == ZMQGLIB_EFORKED)
    {
      zmqglib_error_set (&error, errnum, _ ("The client was closed"));
      leave (core, error);
    }
  else if (route != NULL)
    remove_route (core, route);
  else
    lose_only_call (channel);

  zmqglib_client_channel_close (channel);
}

static void
on_abandoned (ZmqClientChannel *channel)
{
  g_autoptr (GError) error = zmqglib_client_desk_make_error (channel->owner, _ ("Could not get an answer"));

  leave (channel->owner, error);
}

static const ZmqClientChannelFuncs channel_funcs = {
  .received = on_received,
  .refused = on_refused,
  .lost = on_lost,
  .changed = on_changed,
  .dead = on_dead,
  .abandoned = on_abandoned,
};

/*
 * zmqglib_client_desk_make_error:
 * @what: what could not be done
 *
 * Returns: (transfer full): why a client that is not open does nothing
 */
GError *
zmqglib_client_desk_make_error (ZmqClientCore *core,
                                const char    *what)
{
  GError *error = NULL;

  if (zmqglib_fork_is_inherited (core->generation))
    zmqglib_error_set (&error, ZMQGLIB_EFORKED, "%s", what);
  else
    g_set_error (&error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED, _ ("%s: %s"), what, _ ("The client is closed"));

  return error;
}

static void
begin (gpointer data)
{
  ZmqClientCall *call = data;
  ZmqClientCore *core = call->core;
  GError        *error = NULL;

  if (g_cancellable_is_cancelled (g_task_get_cancellable (call->task)))
    error = zmqglib_error_new_cancelled ();
  else if (core->has_left || !zmqglib_client_core_is_open (core))
    error = zmqglib_client_desk_make_error (core, _ ("Could not send a request"));
  else if (zmqglib_client_letter_is_empty (call->enclosed))
    g_set_error (&error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT, _ ("%s: %s"), _ ("Could not send a request"),
                 _ ("It has no frame"));

  if (error != NULL)
    zmqglib_client_call_fail (call, error);
  else
    zmqglib_client_call_begin (call);
  zmqglib_client_call_unref (call);
}

/*
 * zmqglib_client_desk_begin:
 * @task: (transfer full): the task that returns the answer
 * @message: the request
 *
 * Begins a request. May be called from any thread.
 */
void
zmqglib_client_desk_begin (ZmqClientCore *core,
                           GTask         *task,
                           ZmqMessage    *message,
                           ZmqClientTerms terms)
{
  zmqglib_agenda_do (core->agenda, begin, zmqglib_client_call_new (core, task, message, terms, &channel_funcs));
}

typedef struct
{
  ZmqClientCore  *core;
  ZmqClientRoute *route;
  char           *endpoint;
} Change;

static void
change_free (Change *self)
{
  zmqglib_client_core_unref (self->core);
  g_clear_pointer (&self->route, zmqglib_client_route_unref);
  g_free (self->endpoint);
  g_free (self);
}

static void
join (gpointer data)
{
  Change         *change = data;
  ZmqClientCore  *core = change->core;
  ZmqClientRoute *route = change->route;

  if (core->has_left || !zmqglib_client_core_is_open (core))
    {
      if (route->channel != NULL)
        zmqglib_client_channel_close (route->channel);
    }
  else
    {
      g_ptr_array_add (core->routes, zmqglib_client_route_ref (route));
      if (route->channel != NULL)
        zmqglib_client_channel_open (route->channel, core);
    }
  change_free (change);
}

/*
 * zmqglib_client_desk_connect:
 *
 * Adds a route. May be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with @error set
 */
gboolean
zmqglib_client_desk_connect (ZmqClientCore           *core,
                             ZmqClient               *client,
                             const ZmqClientEndpoint *endpoint,
                             GError                 **error)
{
  ZmqSocketType     type = endpoint->is_exact ? ZMQGLIB_SOCKET_REQ : ZMQGLIB_SOCKET_DEALER;
  gboolean          is_standing = !endpoint->is_exact || core == client->core;
  ZmqClientChannel *channel = NULL;
  Change           *change;

  if (is_standing)
    channel = zmqglib_client_connect_channel (client, core->agenda, type, endpoint->endpoint, &channel_funcs, error);
  if (is_standing && channel == NULL)
    return FALSE;

  change = g_new0 (Change, 1);
  change->core = zmqglib_client_core_ref (core);
  change->route = zmqglib_client_route_new (endpoint->endpoint, endpoint->is_exact);
  change->route->channel = channel;
  zmqglib_agenda_do (core->agenda, join, change);

  return TRUE;
}

static void
part (gpointer data)
{
  Change        *change = data;
  ZmqClientCore *core = change->core;

  for (guint i = 0; i < core->routes->len; i++)
    {
      ZmqClientRoute *route = core->routes->pdata[i];

      if (strcmp (route->endpoint, change->endpoint) == 0)
        {
          remove_route (core, route);
          break;
        }
    }
  change_free (change);
}

/*
 * zmqglib_client_desk_disconnect:
 *
 * Takes a route away, whose requests go on by others. May be called from any thread.
 */
void
zmqglib_client_desk_disconnect (ZmqClientCore *core,
                                const char    *endpoint)
{
  Change *change = g_new0 (Change, 1);

  change->core = zmqglib_client_core_ref (core);
  change->endpoint = g_strdup (endpoint);
  zmqglib_agenda_do (core->agenda, part, change);
}

static void
end (gpointer data)
{
  ZmqClientCore *core = data;
  g_autoptr (GError) error = zmqglib_client_desk_make_error (core, _ ("Could not get an answer"));

  leave (core, error);
  zmqglib_client_core_unref (core);
}

/*
 * zmqglib_client_desk_close:
 *
 * Ends all requests, and closes the sockets. May be called from any thread, and again.
 */
void
zmqglib_client_desk_close (ZmqClientCore *core)
{
  if (g_atomic_int_compare_and_exchange (&core->is_closed, FALSE, TRUE))
    zmqglib_agenda_do (core->agenda, end, zmqglib_client_core_ref (core));
}

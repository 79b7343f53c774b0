/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-completion-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-client-call-private.h"

/* A request, from its first try to its end. */

/*
 * zmqglib_client_call_new:
 * @task: (transfer full): the task that returns the answer
 * @message: the request, which the caller may change afterwards
 *
 * Returns: (transfer full): a request that is yet to begin; may be called from any thread
 */
ZmqClientCall *
zmqglib_client_call_new (ZmqClientCore               *core,
                         GTask                       *task,
                         ZmqMessage                  *message,
                         ZmqClientTerms               terms,
                         const ZmqClientChannelFuncs *funcs)
{
  ZmqClientCall *self = g_new0 (ZmqClientCall, 1);

  self->ref_count = 1;
  self->core = zmqglib_client_core_ref (core);
  self->funcs = funcs;
  self->task = task;
  self->task_agenda = zmqglib_completion_acquire_agenda (task);
  self->enclosed = zmqglib_client_letter_new (message);
  self->terms = terms;
  self->tracker = zmqglib_message_steal_tracker (message);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self->enclosed, (GDestroyNotify) zmqglib_message_unref);
  zmqglib_client_core_count (core, 1, 0);

  return self;
}

ZmqClientCall *
zmqglib_client_call_ref (ZmqClientCall *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
zmqglib_client_call_unref (ZmqClientCall *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  zmqglib_client_core_unref (self->core);
  g_free (self);
}

static gboolean
is_over (ZmqClientCall *self)
{
  return self->task == NULL;
}

static void
asking_withdraw (ZmqClientAsking *self)
{
  zmqglib_client_try_withdraw (&self->try);
  if (self->own == NULL)
    return;

  zmqglib_client_channel_close (self->own);
  g_clear_pointer (&self->own, zmqglib_client_channel_unref);
}

static ZmqClientAsking *
asking_new (ZmqClientCall  *self,
            ZmqClientRoute *route)
{
  ZmqClientAsking *asking = self->only.route == NULL ? &self->only : g_new0 (ZmqClientAsking, 1);

  asking->try.owner = self;
  asking->try.tracker = self->tracker;
  asking->route = zmqglib_client_route_ref (route);
  asking->next = self->askings;
  self->askings = asking;

  return asking;
}

static void
forget_askings (ZmqClientCall *self)
{
  ZmqClientAsking *next;

  for (ZmqClientAsking *asking = g_steal_pointer (&self->askings); asking != NULL; asking = next)
    {
      next = asking->next;
      asking_withdraw (asking);
      zmqglib_client_route_unref (asking->route);
      if (asking != &self->only)
        g_free (asking);
    }
}

/* Returns the task, which is to be told its result: the last that is done to a request. */
static GTask *
finish (ZmqClientCall *self)
{
  GTask *task = g_steal_pointer (&self->task);

  if (self->number > 0)
    {
      zmqglib_expiry_end (&self->expiry);
      g_hash_table_remove (self->core->pending, &self->number);
    }
  forget_askings (self);
  g_clear_pointer (&self->tracker, zmqglib_tracker_release);
  zmqglib_client_core_count (self->core, -1, 0);

  return task;
}

static void
leave_table (ZmqClientCall *self)
{
  if (self->number > 0)
    zmqglib_client_call_unref (self);
}

/*
 * zmqglib_client_call_return:
 *
 * The request has its answer.
 */
void
zmqglib_client_call_return (ZmqClientCall *self,
                            ZmqMessage    *answer)
{
  zmqglib_completion_return_pointer (finish (self), self->task_agenda, zmqglib_message_ref (answer),
                                     (GDestroyNotify) zmqglib_message_unref);
  leave_table (self);
}

/*
 * zmqglib_client_call_fail:
 * @error: (transfer full): why
 *
 * Ends a request, which may not have begun yet.
 */
void
zmqglib_client_call_fail (ZmqClientCall *self,
                          GError        *error)
{
  zmqglib_completion_return_error (finish (self), self->task_agenda, error);
  leave_table (self);
}

static void
fail_without_answer (ZmqClientCall *self)
{
  const char      *endpoint = self->askings != NULL ? self->askings->route->endpoint : "?";
  g_autofree char *what = g_strdup_printf (_ ("Could not get an answer from “%s”"), endpoint);
  GError          *error = NULL;

  if (self->errnum != 0)
    zmqglib_error_set (&error, self->errnum, "%s", what);
  else
    g_set_error (&error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN,
                 /* Translators: what could not be done, in time */
                 _ ("%s: The time is up"), what);
  zmqglib_client_call_fail (self, error);
}

/* A try with a socket of its own, which is made where foreign code may run. */
typedef struct
{
  ZmqClientCall  *call;
  ZmqClientRoute *route;
  guint           round;
} Opening;

static void
opening_free (gpointer data)
{
  Opening *self = data;

  zmqglib_client_call_unref (self->call);
  zmqglib_client_route_unref (self->route);
  g_free (self);
}

static gboolean
is_wanted (Opening *self)
{
  return !is_over (self->call) && self->round == self->call->round;
}

/* What is asked, without a number; the task's as well. */
static ZmqMessage *
get_body (ZmqClientCall *self)
{
  static const char name[] = "zmqglib-client-body";
  ZmqMessage       *body = g_object_get_data (G_OBJECT (self->task), name);

  if (body == NULL)
    {
      body = zmqglib_client_letter_get_body (self->enclosed);
      g_object_set_data_full (G_OBJECT (self->task), name, body, (GDestroyNotify) zmqglib_message_unref);
    }

  return body;
}

static void
send_alone (Opening          *self,
            ZmqClientChannel *channel)
{
  ZmqClientCall   *call = self->call;
  ZmqClientAsking *asking = asking_new (call, self->route);

  asking->own = channel;
  asking->try.round = call->round;
  asking->try.message = get_body (call);
  zmqglib_client_channel_open (channel, call->core);
  zmqglib_client_channel_send (channel, &asking->try);
}

static void
open_alone (gpointer data)
{
  Opening          *self = data;
  ZmqClientCall    *call = self->call;
  ZmqClientChannel *channel;
  GError           *error = NULL;

  if (is_wanted (self) && self->route->is_gone)
    zmqglib_client_call_lose (call, self->route);
  else if (is_wanted (self))
    {
      g_autoptr (GTask) task = g_object_ref (call->task);

      channel = zmqglib_client_connect_channel (g_task_get_source_object (task), call->core->agenda, ZMQGLIB_SOCKET_REQ,
                                                self->route->endpoint, call->funcs, FALSE, &error);
      if (channel != NULL && is_wanted (self))
        send_alone (self, channel);
      else if (channel != NULL)
        {
          zmqglib_client_channel_close (channel);
          zmqglib_client_channel_unref (channel);
        }
      else if (is_wanted (self))
        zmqglib_client_call_fail (call, g_steal_pointer (&error));
      g_clear_error (&error);
    }
  opening_free (self);
}

static void
ask_alone (ZmqClientCall  *self,
           ZmqClientRoute *route)
{
  Opening *opening = g_new (Opening, 1);

  *opening = (Opening){ zmqglib_client_call_ref (self), zmqglib_client_route_ref (route), self->round };
  zmqglib_agenda_tell (self->core->agenda, open_alone, opening_free, opening);
}

static ZmqClientAsking *
find_asking (ZmqClientCall  *self,
             ZmqClientRoute *route)
{
  ZmqClientAsking *asking = self->askings;

  while (asking != NULL && (asking->route != route || asking->own != NULL))
    asking = asking->next;

  return asking != NULL ? asking : asking_new (self, route);
}

static void
ask (ZmqClientCall  *self,
     ZmqClientRoute *route)
{
  ZmqClientAsking *asking;

  if (route->is_exact)
    {
      ask_alone (self, route);
      return;
    }

  asking = find_asking (self, route);
  asking_withdraw (asking);
  asking->try.round = self->round;
  asking->try.message = self->enclosed;
  zmqglib_client_channel_send (route->channel, &asking->try);
}

static ZmqClientRoute *
choose (ZmqClientCall *self)
{
  ZmqClientCore *core = self->core;
  guint         *index = self->terms.strategy == ZMQGLIB_CLIENT_STRATEGY_SPREAD ? &core->turn : &core->current;
  guint          chosen = *index % core->routes->len;

  *index = self->terms.strategy == ZMQGLIB_CLIENT_STRATEGY_SPREAD ? chosen + 1 : chosen;

  return core->routes->pdata[chosen];
}

static void
ask_all (ZmqClientCall *self)
{
  GPtrArray *routes = self->core->routes;

  self->n_left = routes->len;
  for (guint i = 0; i < routes->len && !is_over (self); i++)
    ask (self, routes->pdata[i]);
}

static void on_expired (ZmqExpiry *expiry,
                        gboolean   cancelled);

static void
next_round (ZmqClientCall *self)
{
  if (self->core->routes->len == 0)
    {
      zmqglib_client_call_fail (self, g_error_new (ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE, _ ("%s: %s"),
                                                   _ ("Could not send a request"), _ ("The client has no endpoint")));
      return;
    }

  self->round++;
  self->n_tries++;
  zmqglib_expiry_begin (&self->expiry, self->core->agenda, zmqglib_deadline_after (self->terms.timeout_us),
                        g_task_get_cancellable (self->task), on_expired);
  if (self->terms.strategy == ZMQGLIB_CLIENT_STRATEGY_ALL)
    ask_all (self);
  else
    {
      self->n_left = 1;
      ask (self, choose (self));
    }
}

/* Who fails over leaves a route that has not answered, once, however many requests that were. */
static void
leave_route (ZmqClientCore  *core,
             ZmqClientRoute *route)
{
  if (core->routes->len > 0 && core->routes->pdata[core->current % core->routes->len] == route)
    core->current = (core->current + 1) % core->routes->len;
}

static void
end_round (ZmqClientCall *self,
           int            errnum)
{
  self->errnum = errnum;
  zmqglib_expiry_end (&self->expiry);

  for (ZmqClientAsking *asking = self->askings; asking != NULL; asking = asking->next)
    if (asking->try.round == self->round)
      {
        leave_route (self->core, asking->route);
        if (!asking->try.is_sent)
          asking_withdraw (asking);
      }

  if (self->n_tries == self->terms.max_tries)
    fail_without_answer (self);
  else
    next_round (self);
}

static void
on_expired (ZmqExpiry *expiry,
            gboolean   cancelled)
{
  ZmqClientCall *self = zmqglib_client_call_ref ((ZmqClientCall *) expiry);

  if (cancelled)
    zmqglib_client_call_fail (self, zmqglib_error_new_cancelled ());
  else
    end_round (self, 0);
  zmqglib_client_call_unref (self);
}

/*
 * zmqglib_client_call_begin:
 *
 * To be called by who owns the main context of the client, which is open.
 */
void
zmqglib_client_call_begin (ZmqClientCall *self)
{
  ZmqClientCore *core = self->core;

  self->number = ++core->last_number;
  zmqglib_client_letter_number (self->enclosed, core->salt, self->number);
  zmqglib_expiry_begin (&self->expiry, core->agenda, -1, NULL, on_expired);
  g_hash_table_insert (core->pending, &self->number, zmqglib_client_call_ref (self));
  next_round (self);
}

static gboolean
was_sent (ZmqClientCall *self)
{
  for (ZmqClientAsking *asking = self->askings; asking != NULL; asking = asking->next)
    if (asking->try.round == self->round && asking->try.is_sent)
      return TRUE;

  return FALSE;
}

/*
 * zmqglib_client_call_lose:
 * @route: a route that is being asked, see zmqglib_client_call_is_asking()
 *
 * The route does not answer what it was asked in this round. When no other may either, the next round begins. That it was
 * taken away before it could be asked is no try. The caller has a reference.
 */
void
zmqglib_client_call_lose (ZmqClientCall  *self,
                          ZmqClientRoute *route)
{
  if (is_over (self) || --self->n_left > 0)
    return;

  if (route->is_gone && !was_sent (self))
    self->n_tries--;
  end_round (self, EHOSTUNREACH);
}

/*
 * zmqglib_client_call_has_asked:
 *
 * Whether an answer from there is one.
 */
gboolean
zmqglib_client_call_has_asked (ZmqClientCall    *self,
                               ZmqClientChannel *channel)
{
  for (ZmqClientAsking *asking = self->askings; asking != NULL; asking = asking->next)
    if (asking->own == NULL && asking->route->channel == channel && asking->try.n_sent > 0)
      return TRUE;

  return FALSE;
}

/*
 * zmqglib_client_call_is_asking:
 * @also_waiting: whether it counts, too, that it is to be asked
 *
 * Whether the route was asked in this round.
 */
gboolean
zmqglib_client_call_is_asking (ZmqClientCall  *self,
                               ZmqClientRoute *route,
                               gboolean        also_waiting)
{
  for (ZmqClientAsking *asking = self->askings; asking != NULL; asking = asking->next)
    if (asking->route == route && asking->try.round == self->round && asking->try.channel != NULL)
      return also_waiting || asking->try.is_sent;

  return FALSE;
}

/* In the order in which they were begun. */
int
zmqglib_client_call_compare (gconstpointer a,
                             gconstpointer b)
{
  const ZmqClientCall *one = *(ZmqClientCall *const *) a;
  const ZmqClientCall *other = *(ZmqClientCall *const *) b;

  return one->number < other->number ? -1 : 1;
}

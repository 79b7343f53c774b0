/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-completion-private.h"
#include "base/zmqglib-debug-private.h"
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
  zmqglib_client_askings_clear (self);
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
fail_without_answer (ZmqClientCall  *self,
                     ZmqClientRoute *route,
                     int             errnum)
{
  g_autofree char *shown = zmqglib_error_show (route->endpoint);
  g_autofree char *what = g_strdup_printf (_ ("Could not get an answer from “%s”"), shown);
  GError          *error = NULL;

  if (errnum != 0)
    zmqglib_error_set (&error, errnum, "%s", what);
  else
    g_set_error (&error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN,
                 /* Translators: what could not be done, in time */
                 _ ("%s: The time is up"), what);
  zmqglib_client_call_fail (self, error);
}

/* A try with a socket of its own, which is made where foreign code may run. */
typedef struct
{
  ZmqClientCall   *call;
  ZmqClientRoute  *route;
  ZmqClientAsking *asking; /* while it is wanted */
  guint            round;
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
  self->asking->own = channel;
  self->asking->try.message = get_body (self->call);
  zmqglib_client_channel_open (channel, self->call->core);
  zmqglib_client_channel_send (channel, &self->asking->try);
}

/* A retry may find no socket left, of which the tries before have some: they may still be answered. */
static void
fail_alone (Opening *self,
            GError  *error)
{
  ZmqClientCall *call = self->call;

  if (call->n_tries == 1 || call->terms.timeout_us < 0)
    {
      zmqglib_client_call_fail (call, error);
      return;
    }

  zmqglib_debug ("%p: A request was not tried again: %s", (gpointer) call->core, error->message);
  g_error_free (error);
}

static void
try_alone (Opening *self)
{
  ZmqClientCall *call = self->call;
  g_autoptr (GTask) task = g_object_ref (call->task);
  ZmqClientChannel *channel;
  GError           *error = NULL;

  channel = zmqglib_client_connect_channel (g_task_get_source_object (task), call->core->agenda, ZMQGLIB_SOCKET_REQ,
                                            self->route->endpoint, call->funcs, &error);
  if (channel != NULL && is_wanted (self))
    send_alone (self, channel);
  else if (channel != NULL)
    {
      zmqglib_client_channel_close (channel);
      zmqglib_client_channel_unref (channel);
    }
  else if (is_wanted (self))
    fail_alone (self, g_steal_pointer (&error));
  g_clear_error (&error);
}

static void count_lost (ZmqClientCall  *self,
                        ZmqClientRoute *route);

static void
open_alone (gpointer data)
{
  Opening *self = data;

  if (is_wanted (self) && self->route->is_gone)
    count_lost (self->call, self->route);
  else if (is_wanted (self))
    try_alone (self);
  opening_free (self);
}

static void
ask_alone (ZmqClientCall  *self,
           ZmqClientRoute *route)
{
  Opening *opening = g_new (Opening, 1);

  zmqglib_client_askings_trim (self, route);
  *opening = (Opening){
    .call = zmqglib_client_call_ref (self),
    .route = zmqglib_client_route_ref (route),
    .asking = zmqglib_client_asking_new (self, route),
    .round = self->round,
  };
  zmqglib_agenda_tell (self->core->agenda, open_alone, opening_free, opening);
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

  asking = zmqglib_client_asking_renew (self, route);
  asking->try.message = self->enclosed;
  zmqglib_client_channel_send (route->channel, &asking->try);
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
      ask (self, zmqglib_client_askings_choose (self));
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
end_round (ZmqClientCall  *self,
           ZmqClientRoute *route,
           int             errnum)
{
  zmqglib_expiry_end (&self->expiry);

  for (ZmqClientAsking *asking = self->askings; asking != NULL; asking = asking->next)
    if (asking->try.round == self->round)
      {
        leave_route (self->core, asking->route);
        if (!asking->try.is_sent)
          zmqglib_client_asking_withdraw (asking);
      }

  if (self->terms.max_tries > 0 && self->n_tries >= self->terms.max_tries)
    fail_without_answer (self, route, errnum);
  else
    next_round (self);
}

/* Whether the answer has come, while the main loop did something else. */
static gboolean
has_come (ZmqClientCall *self)
{
  for (ZmqClientAsking *asking = self->askings; asking != NULL; asking = asking->next)
    {
      if (asking->try.channel != NULL && asking->try.is_sent)
        zmqglib_client_channel_catch_up (asking->try.channel);
      if (is_over (self))
        return TRUE;
    }

  return FALSE;
}

static void
on_expired (ZmqExpiry *expiry,
            gboolean   cancelled)
{
  ZmqClientCall *self = zmqglib_client_call_ref ((ZmqClientCall *) expiry);

  if (cancelled)
    zmqglib_client_call_fail (self, zmqglib_error_new_cancelled ());
  else if (!has_come (self))
    end_round (self, self->askings->route, 0);
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

/* That a route was taken away before it could be asked is no try. */
static void
count_lost (ZmqClientCall  *self,
            ZmqClientRoute *route)
{
  if (--self->n_left > 0)
    return;

  if (route->is_gone && !zmqglib_client_askings_were_sent (self))
    self->n_tries--;
  end_round (self, route, EHOSTUNREACH);
}

/*
 * zmqglib_client_call_lose:
 * @asking: (nullable): what waits for no answer any more
 *
 * The route does not answer what it was asked in this round. When no other may either, the next round begins. The caller has
 * a reference.
 */
void
zmqglib_client_call_lose (ZmqClientCall   *self,
                          ZmqClientAsking *asking)
{
  if (is_over (self) || asking == NULL)
    return;

  asking->is_awaited = FALSE;
  count_lost (self, asking->route);
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

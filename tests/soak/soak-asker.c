/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soak-asker.h"
#include "soak-flow.h"

#define MAX_UNDER_WAY 300
#define MAX_TRIES     5
#define CANCELLED_ONE 50 /* of so many may be cancelled */

typedef struct
{
  SoakAsker *asker;
  guint64    number;
  gint64     begun_us;
  GList      link;
} Request;

static void
count_error (SoakAsker *self,
             GError    *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->n_cancelled++;
  else if (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN) ||
           g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_HOST_UNREACHABLE))
    self->n_failed++;
  else if (!soak.is_ending)
    soak_fail ("%s: %s", self->name, error->message);
}

static void
on_answer (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autofree Request *request = data;
  SoakAsker          *self = request->asker;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_client_request_finish (ZMQGLIB_CLIENT (source), result, &error);
  guint64 number;

  g_queue_unlink (&self->under_way, &request->link);
  if (message == NULL)
    count_error (self, error);
  else if (soak_message_read (message, 0, &number) && number == request->number)
    self->n_answered++;
  else
    soak_lose (1, "%s: request %" G_GUINT64_FORMAT " was given another’s answer", self->name, request->number);
}

static void
begin_request (SoakAsker *self)
{
  Request *request = g_new0 (Request, 1);
  g_autoptr (ZmqMessage) message = soak_message_new (self->n_begun);

  request->asker = self;
  request->number = self->n_begun++;
  request->begun_us = g_get_monotonic_time ();
  request->link.data = request;
  g_queue_push_tail_link (&self->under_way, &request->link);
  zmqglib_client_request_async (self->client, message, request->number % CANCELLED_ONE == 0 ? self->cancellable : NULL, on_answer,
                                request);
}

void
soak_asker_ask (SoakAsker *self)
{
  guint n = g_rand_int_range (soak.rand, 0, soak.rate * SOAK_ASKER_MS / 500 + 1);

  while (n-- > 0 && self->under_way.length < MAX_UNDER_WAY)
    begin_request (self);
}

/* Those that may be, and are under way. */
void
soak_asker_cancel (SoakAsker *self)
{
  GCancellable *old = self->cancellable;

  self->cancellable = g_cancellable_new ();
  g_cancellable_cancel (old);
  g_object_unref (old);
}

void
soak_asker_open (SoakAsker        *self,
                 const char       *name,
                 ZmqClientStrategy strategy,
                 gint64            timeout_us)
{
  GError *error = NULL;

  self->name = name;
  self->cancellable = g_cancellable_new ();
  self->client = zmqglib_client_new (NULL, &error);
  if (!soak_check_error (error))
    return;
  g_object_set (self->client, "timeout-us", timeout_us, "max-tries", MAX_TRIES, "strategy", strategy, NULL);
  soak_touch (self->client);
}

void
soak_asker_connect (SoakAsker  *self,
                    const char *endpoint)
{
  GError *error = NULL;

  zmqglib_client_connect_to (self->client, endpoint, &error);
  soak_check_error (error);
}

void
soak_asker_check (SoakAsker *self,
                  gint64     now)
{
  Request *oldest = g_queue_peek_head (&self->under_way);

  if (oldest != NULL && now - oldest->begun_us > MAX_TRIES * zmqglib_client_get_timeout_us (self->client) + soak.patience_us)
    soak_lose (1, "%s: request %" G_GUINT64_FORMAT " never ends", self->name, oldest->number);
  if (self->n_begun != self->n_answered + self->n_failed + self->n_cancelled + self->under_way.length)
    soak_fail ("%s: a request has ended more than once", self->name);
  if (self->n_failed > self->n_begun / 100 + 2 * MAX_UNDER_WAY)
    soak_fail ("%s: of %" G_GUINT64_FORMAT " requests %" G_GUINT64_FORMAT " were not answered in time", self->name, self->n_begun,
               self->n_failed);
}

void
soak_asker_print (SoakAsker *self,
                  GString   *line)
{
  g_string_append_printf (line, "%s answered %" G_GUINT64_FORMAT " (unanswered %" G_GUINT64_FORMAT ", cancelled %" G_GUINT64_FORMAT ")  ",
                          self->name, self->n_answered, self->n_failed, self->n_cancelled);
}

void
soak_asker_close (SoakAsker *self)
{
  zmqglib_client_close (self->client);
  while (self->under_way.length > 0)
    g_main_context_iteration (NULL, TRUE);
  g_clear_object (&self->client);
  g_clear_object (&self->cancellable);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "test-util.h"

G_BEGIN_DECLS

/* Requests with numbers, by which is seen how each ended: once, with its own answer or an error that may be, and in time. */

/* How much later than it should a request may end on a machine that is busy with other things. */
#define ASKED_SLACK_US (5 * G_TIME_SPAN_SECOND)

typedef struct
{
  ZmqClient *client;
  guint      n_begun;
  guint      n_answered;
  guint      n_failed;
  guint      n_cancelled;
  gint64     longest_us; /* that one took */
} Asker;

typedef struct
{
  Asker *asker;
  guint  number;
  gint64 begun;
  gint64 limit_us;
  guint  n_told;
} AskerRequest;

static inline gint64
asker_get_limit_us (Asker *self)
{
  return zmqglib_client_get_timeout_us (self->client) * zmqglib_client_get_max_tries (self->client);
}

static inline void
asker_check_answer (AskerRequest *request,
                    ZmqMessage   *answer)
{
  gsize         size;
  gconstpointer data = zmqglib_message_peek_frame (answer, 0, &size);

  g_assert_cmpuint (zmqglib_message_get_n_frames (answer), ==, 1);
  g_assert_cmpmem (data, size, &request->number, sizeof request->number);
  request->asker->n_answered++;
}

static inline void
asker_check_error (Asker        *self,
                   const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      self->n_cancelled++;
      return;
    }

  if (!g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN))
    g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_HOST_UNREACHABLE);
  g_assert_cmpstr (error->message, !=, "");
  self->n_failed++;
}

static inline void
asker_on_answer (GObject      *source,
                 GAsyncResult *result,
                 gpointer      data)
{
  AskerRequest *request = data;
  gint64        took_us = g_get_monotonic_time () - request->begun;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) answer = zmqglib_client_request_finish (ZMQGLIB_CLIENT (source), result, &error);

  g_assert_cmpuint (request->n_told++, ==, 0);
  g_assert_cmpint (took_us, <, request->limit_us + ASKED_SLACK_US);
  request->asker->longest_us = MAX (request->asker->longest_us, took_us);
  if (answer != NULL)
    asker_check_answer (request, answer);
  else
    asker_check_error (request->asker, error);
  g_free (request);
}

static inline void
asker_ask (Asker        *self,
           guint         n,
           GCancellable *cancellable)
{
  for (guint i = 0; i < n; i++)
    {
      AskerRequest *request = g_new0 (AskerRequest, 1);
      g_autoptr (ZmqMessage) message = zmqglib_message_new ();

      request->asker = self;
      request->number = self->n_begun++;
      request->begun = g_get_monotonic_time ();
      request->limit_us = asker_get_limit_us (self);
      zmqglib_message_append_data (message, &request->number, sizeof request->number);
      zmqglib_client_request_async (self->client, message, cancellable, asker_on_answer, request);
    }
}

static inline void
asker_set_terms (Asker *self,
                 guint  timeout_ms,
                 guint  max_tries)
{
  g_object_set (self->client, "timeout-us", timeout_ms * G_TIME_SPAN_MILLISECOND, "max-tries", max_tries, NULL);
}

static inline void
asker_open (Asker      *self,
            ZmqContext *context)
{
  g_autoptr (GError) error = NULL;

  *self = (Asker){ .client = zmqglib_client_new (context, &error) };
  g_assert_no_error (error);
}

static inline void
asker_connect (Asker      *self,
               const char *endpoint)
{
  g_autoptr (GError) error = NULL;

  zmqglib_client_connect_to (self->client, endpoint, &error);
  g_assert_no_error (error);
}

static inline gboolean
asker_is_done (Asker *self)
{
  return self->n_answered + self->n_failed + self->n_cancelled == self->n_begun;
}

static inline void
asker_clear (Asker *self)
{
  g_clear_object (&self->client);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Asker, asker_clear)

/* A server that answers with what it was asked, at once or when it is told to. */
typedef struct
{
  ZmqServer *server;
  GQueue     kept;   /* of ZmqRequest */
  GArray    *n_runs; /* of guint, for each number */
  gboolean   keeps;
} Answerer;

static inline void
answerer_answer (Answerer   *self,
                 ZmqRequest *request)
{
  g_autoptr (GError) error = NULL;

  zmqglib_request_reply (request, zmqglib_request_get_message (request), &error);
  g_assert_no_error (error);
}

static inline void
answerer_on_request (ZmqServer  *server,
                     ZmqRequest *request,
                     gpointer    data)
{
  Answerer     *self = data;
  gsize         size;
  gconstpointer body = zmqglib_message_peek_frame (zmqglib_request_get_message (request), 0, &size);
  guint         number;

  g_assert_cmpuint (size, ==, sizeof number);
  memcpy (&number, body, size);
  if (number >= self->n_runs->len)
    g_array_set_size (self->n_runs, number + 1);
  g_array_index (self->n_runs, guint, number)++;

  if (self->keeps)
    g_queue_push_tail (&self->kept, g_object_ref (request));
  else
    answerer_answer (self, request);
}

/* It is not bound yet. */
static inline void
answerer_open (Answerer   *self,
               ZmqContext *context)
{
  g_autoptr (GError) error = NULL;

  *self = (Answerer){ .server = zmqglib_server_new (context, &error) };
  g_assert_no_error (error);
  self->n_runs = g_array_new (FALSE, TRUE, sizeof (guint));
  g_signal_connect (self->server, "request", G_CALLBACK (answerer_on_request), self);
}

/* Answers what it has kept, also to those that have gone. */
static inline void
answerer_release (Answerer *self)
{
  ZmqRequest *request;

  self->keeps = FALSE;
  while ((request = g_queue_pop_head (&self->kept)) != NULL)
    {
      answerer_answer (self, request);
      g_object_unref (request);
    }
}

static inline guint
answerer_get_n_kept (Answerer *self)
{
  return self->kept.length;
}

/* How often it was asked, at most, for one request. */
static inline guint
answerer_get_most_runs (Answerer *self)
{
  guint most = 0;

  for (guint i = 0; i < self->n_runs->len; i++)
    most = MAX (most, g_array_index (self->n_runs, guint, i));

  return most;
}

static inline void
answerer_clear (Answerer *self)
{
  if (self->server == NULL)
    return;

  g_queue_clear_full (&self->kept, g_object_unref);
  g_signal_handlers_disconnect_by_data (self->server, self);
  zmqglib_server_close (self->server);
  g_clear_object (&self->server);
  g_array_unref (self->n_runs);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answerer, answerer_clear)

G_END_DECLS

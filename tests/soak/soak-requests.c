/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "soak-flow.h"

/* A ZmqClient of three ZmqServers, each a process of its own that answers late and in any order, and is stopped or
 * killed at times. Every request ends, with its own answer or because there was none in time. */

#define N_SERVERS     3
#define MAX_UNDER_WAY 300
#define SEND_MS       20
#define FAULT_MS      1500
#define TIMEOUT_US    (2 * G_USEC_PER_SEC)
#define MAX_TRIES     5

typedef struct
{
  guint64 number;
  gint64  begun_us;
  GList   link;
} Request;

static ZmqClient    *client;
static SoakChild    *servers[N_SERVERS];
static GCancellable *cancellable; /* of some of them */
static GQueue        under_way;
static guint64       n_begun;
static guint64       n_answered;
static guint64       n_failed;
static guint64       n_cancelled;
static guint         n_kills;

static void
on_answer (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autofree Request *request = data;
  GError             *error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_client_request_finish (ZMQGLIB_CLIENT (source), result, &error);
  guint64 number;

  g_queue_unlink (&under_way, &request->link);
  if (message != NULL && soak_message_read (message, 0, &number) && number == request->number)
    n_answered++;
  else if (message != NULL)
    soak_fail ("Request %" G_GUINT64_FORMAT " was given another’s answer", request->number);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    n_cancelled++;
  else if (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN) ||
           g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_HOST_UNREACHABLE))
    n_failed++;
  else if (!soak.is_ending)
    {
      soak_check_error (g_steal_pointer (&error));
      return;
    }
  g_clear_error (&error);
}

static void
begin_request (void)
{
  Request *request = g_new0 (Request, 1);
  g_autoptr (ZmqMessage) message = soak_message_new (n_begun);

  request->number = n_begun++;
  request->begun_us = g_get_monotonic_time ();
  request->link.data = request;
  g_queue_push_tail_link (&under_way, &request->link);
  zmqglib_client_request_async (client, message, request->number % 50 == 0 ? cancellable : NULL, on_answer, request);
}

static gboolean
on_send (gpointer data)
{
  guint n = g_rand_int_range (soak.rand, 0, soak.rate * SEND_MS / 500 + 1);

  while (n-- > 0 && under_way.length < MAX_UNDER_WAY)
    begin_request ();

  return G_SOURCE_CONTINUE;
}

static gboolean
on_fault (gpointer data)
{
  GCancellable *old = cancellable;

  if (g_rand_int_range (soak.rand, 0, 3) == 0)
    {
      soak_child_kill (servers[g_rand_int_range (soak.rand, 0, N_SERVERS)]);
      n_kills++;
    }
  cancellable = g_cancellable_new ();
  g_cancellable_cancel (old);
  g_object_unref (old);

  return G_SOURCE_CONTINUE;
}

static void
add_server (guint which)
{
  g_autofree char *endpoint = g_strdup_printf ("ipc://%s/server-%u", soak.folder, which);
  GError          *error = NULL;

  servers[which] = soak_child_start_self ("serve", endpoint);
  soak_child_may_be_stopped (servers[which]);
  zmqglib_client_connect_to (client, endpoint, &error);
  soak_check_error (error);
}

static void
start (void)
{
  GError *error = NULL;

  client = zmqglib_client_new (NULL, &error);
  if (!soak_check_error (error))
    return;
  g_object_set (client, "timeout-us", TIMEOUT_US, "max-tries", MAX_TRIES, "strategy", ZMQGLIB_CLIENT_STRATEGY_SPREAD, NULL);
  soak_touch (client);
  for (guint i = 0; i < N_SERVERS; i++)
    add_server (i);
  cancellable = g_cancellable_new ();
  soak_add_timer (SEND_MS, on_send);
  soak_add_timer (FAULT_MS, on_fault);
}

static void
check (gint64 now)
{
  Request *oldest = g_queue_peek_head (&under_way);

  if (oldest != NULL && now - oldest->begun_us > MAX_TRIES * TIMEOUT_US + soak.patience_us)
    soak_fail ("Request %" G_GUINT64_FORMAT " never ends", oldest->number);
  if (n_begun != n_answered + n_failed + n_cancelled + under_way.length)
    soak_fail ("A request has ended more than once, or never");
}

static void
print (GString *line)
{
  g_string_append_printf (line,
                          "answered %" G_GUINT64_FORMAT " (late %" G_GUINT64_FORMAT ", cancelled %" G_GUINT64_FORMAT ", killed %u)  ",
                          n_answered, n_failed, n_cancelled, n_kills);
}

static void
stop (void)
{
  zmqglib_client_close (client);
  while (under_way.length > 0)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (client);
  g_object_unref (cancellable);
}

const SoakPart soak_requests = { "requests", start, check, print, stop };

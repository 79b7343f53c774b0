/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soak-asker.h"
#include "soak-hostile.h"

/* Requests to a server of this process, which keeps them for a while, answers in any order, and drops some, which other
 * threads then have last and which are asked again. Hostile peers ask, too. */

#define TIMEOUT_US  (2 * G_USEC_PER_SEC)
#define MAX_PENDING 100
#define DROPPED_ONE 200 /* of so many */

static SoakAsker  asker;
static ZmqServer *server;
static GPtrArray *kept; /* of ZmqRequest */
static guint64    n_requests;
static guint64    n_dropped;

static void
on_request (ZmqServer  *self,
            ZmqRequest *request,
            gpointer    data)
{
  g_ptr_array_add (kept, g_object_ref (request));
  soak_count_object (request);
  n_requests++;
}

static void
answer_one (void)
{
  g_autoptr (ZmqRequest) request = g_ptr_array_steal_index_fast (kept, g_rand_int_range (soak.rand, 0, kept->len));

  /* hostile ones may have no frame to give back */
  if (g_rand_int_range (soak.rand, 0, DROPPED_ONE) == 0 || zmqglib_message_get_n_frames (zmqglib_request_get_message (request)) == 0)
    n_dropped++;
  else
    {
      GError *error = NULL;

      zmqglib_request_reply (request, zmqglib_request_get_message (request), &error);
      soak_check_error (error);
    }
  soak_drop (g_steal_pointer (&request));
}

static gboolean
on_answer (gpointer data)
{
  guint n_left = g_rand_int_range (soak.rand, 0, 10);

  soak_asker_ask (&asker);
  if (g_rand_int_range (soak.rand, 0, 100) == 0)
    soak_asker_cancel (&asker);
  while (kept->len > n_left)
    answer_one ();

  return G_SOURCE_CONTINUE;
}

static void
start (void)
{
  g_autofree char *endpoint = NULL;
  GError          *error = NULL;

  kept = g_ptr_array_new_with_free_func (g_object_unref);
  server = zmqglib_server_new (NULL, &error);
  if (!soak_check_error (error))
    return;
  zmqglib_server_set_max_pending (server, MAX_PENDING);
  g_object_set (zmqglib_server_get_socket (server), "max-message-size", (gint64) SOAK_HOSTILE_MAX_SIZE, NULL);
  g_signal_connect (server, "request", G_CALLBACK (on_request), NULL);
  zmqglib_server_bind (server, "tcp://127.0.0.1:*", &error);
  if (!soak_check_error (error))
    return;
  endpoint = zmqglib_server_dup_last_endpoint (server);
  soak_touch (server);
  soak_hostile_add (endpoint);
  soak_asker_open (&asker, "replies", ZMQGLIB_CLIENT_STRATEGY_FAILOVER, TIMEOUT_US);
  soak_asker_connect (&asker, endpoint);
  soak_add_timer (SOAK_ASKER_MS, on_answer);
}

static void
check (gint64 now)
{
  soak_asker_check (&asker, now);
  if (zmqglib_server_get_n_pending (server) > MAX_PENDING)
    soak_fail ("replies: %u requests are pending", zmqglib_server_get_n_pending (server));
}

static void
print (GString *line)
{
  soak_asker_print (&asker, line);
  g_string_append_printf (line, "asked %" G_GUINT64_FORMAT " (dropped %" G_GUINT64_FORMAT ")  ", n_requests, n_dropped);
}

static void
stop (void)
{
  soak_asker_close (&asker);
  g_ptr_array_unref (kept);
  zmqglib_server_close (server);
  g_clear_object (&server);
}

const SoakPart soak_replies = { "replies", start, check, print, stop };

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <stdio.h>

#include "soak-flow.h"

/* A server that goes and comes back at the same address, and clients that are replaced, in turn. What was under way at
 * such a moment may be gone, as libzmq says; what comes is in order and comes once, and messages pass again soon. */

#define SEND_MS       20
#define DISTURB_MS    700
#define MAX_UNDER_WAY 100

static ZmqStream  *router; /* NULL while it is gone */
static ZmqStream  *dealer;
static ZmqMonitor *monitor; /* of the client */
static char       *endpoint;
static guint64     n_sent;
static guint64     n_next; /* of those of this client */
static guint64     n_received;
static guint64     n_gone;
static guint       n_disturbed;
static guint       n_connected;
static gint64      progress_us;

static void
on_request (ZmqStream  *stream,
            ZmqMessage *message,
            gpointer    data)
{
  GError *error = NULL;

  zmqglib_stream_send (stream, message, &error);
  soak_check_error (error);
}

static void
on_answer (ZmqStream  *stream,
           ZmqMessage *message,
           gpointer    data)
{
  guint64 number;

  if (!soak_message_read (message, 0, &number))
    soak_fail ("reconnects: what came is none of what was sent");
  else if (number < n_next || number >= n_sent)
    soak_fail ("reconnects: %" G_GUINT64_FORMAT " came where %" G_GUINT64_FORMAT " was next", number, n_next);
  n_gone += number - n_next;
  n_next = number + 1;
  n_received++;
  progress_us = g_get_monotonic_time ();
}

static void
on_connected (ZmqMonitor      *self,
              ZmqMonitorEvent *event,
              gpointer         data)
{
  n_connected++;
}

static gboolean
on_send (gpointer data)
{
  guint n = g_rand_int_range (soak.rand, 0, soak.rate * SEND_MS / 500 + 1);

  while (n-- > 0 && zmqglib_stream_get_n_queued (dealer) < MAX_UNDER_WAY && n_sent - n_next < 10 * MAX_UNDER_WAY)
    {
      g_autoptr (ZmqMessage) message = soak_message_new (n_sent++);
      GError *error = NULL;

      zmqglib_stream_send (dealer, message, &error);
      soak_check_error (error);
    }

  return G_SOURCE_CONTINUE;
}

static void
end_client (void)
{
  zmqglib_stream_discard (dealer);
  g_signal_handlers_disconnect_by_func (dealer, on_answer, NULL);
  soak_drop (g_steal_pointer (&monitor));
  soak_drop (g_steal_pointer (&dealer));
  /* whatever has not come yet */
  n_gone += n_sent - n_next;
  n_next = n_sent;
}

static void
begin_client (void)
{
  GError *error = NULL;

  dealer = zmqglib_stream_new_connected (ZMQGLIB_SOCKET_DEALER, endpoint, &error);
  if (!soak_check_error (error))
    return;
  g_object_set (zmqglib_stream_get_socket (dealer), "linger", 0, "reconnect-interval", 20, NULL);
  monitor = zmqglib_monitor_new (zmqglib_stream_get_socket (dealer), &error);
  if (!soak_check_error (error))
    return;
  g_signal_connect (dealer, "received", G_CALLBACK (on_answer), NULL);
  g_signal_connect (monitor, "event::handshake-succeeded", G_CALLBACK (on_connected), NULL);
  soak_count_object (dealer);
  soak_count_object (monitor);
}

/* Ports that the system gives to nobody who connects, so that the address is free when it is wanted again. */
static gboolean
begin_server (void)
{
  g_autoptr (GError) error = NULL;

  if (endpoint == NULL)
    endpoint = g_strdup_printf ("tcp://127.0.0.1:%d", g_rand_int_range (soak.rand, 20000, 30000));
  router = zmqglib_stream_new_bound (ZMQGLIB_SOCKET_ROUTER, endpoint, &error);
  if (router == NULL)
    return FALSE;
  g_signal_connect (router, "received", G_CALLBACK (on_request), NULL);
  soak_count_object (router);

  return TRUE;
}

static gboolean
on_disturb (gpointer data)
{
  n_disturbed++;
  if (router == NULL)
    begin_server ();
  else if (n_disturbed % 3 != 0)
    soak_drop (g_steal_pointer (&router));
  else
    {
      end_client ();
      begin_client ();
    }

  return G_SOURCE_CONTINUE;
}

static void
start (void)
{
  while (!begin_server ())
    g_clear_pointer (&endpoint, g_free);
  begin_client ();
  progress_us = g_get_monotonic_time ();
  soak_add_timer (SEND_MS, on_send);
  soak_add_timer (DISTURB_MS, on_disturb);
}

static void
check (gint64 now)
{
  if (now - progress_us > soak.patience_us)
    soak_fail ("reconnects: nothing comes through any more: connected %u times, %u queued", n_connected,
               zmqglib_stream_get_n_queued (dealer));
}

static void
print (GString *line)
{
  g_string_append_printf (line, "reconnected %" G_GUINT64_FORMAT " (gone %" G_GUINT64_FORMAT ", connects %u)  ", n_received, n_gone,
                          n_connected);
}

static void
stop (void)
{
  end_client ();
  g_clear_object (&router);
  g_free (endpoint);
}

const SoakPart soak_reconnects = { "reconnects", start, check, print, stop };

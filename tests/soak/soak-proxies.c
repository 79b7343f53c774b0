/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soak-flow.h"

/* Echoes through a proxy in a thread of its own, which is stopped and started again, and paused. Nothing is lost. */

#define MAX_UNDER_WAY 300
#define SEND_MS       20

static SoakFlow   flow = { .name = "echo through a proxy" };
static ZmqSocket *sockets[2];
static ZmqProxy  *proxy;
static ZmqStream *dealer;
static ZmqStream *router;
static guint      n_starts;

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
  soak_flow_take (&flow, message, 0);
}

static void
start_proxy (void)
{
  GError *error = NULL;

  zmqglib_proxy_start_in_thread (proxy, &error);
  soak_check_error (error);
  n_starts++;
}

static void
disturb (void)
{
  if (zmqglib_proxy_get_paused (proxy) || g_rand_int_range (soak.rand, 0, 200) == 0)
    zmqglib_proxy_set_paused (proxy, !zmqglib_proxy_get_paused (proxy));
  if (!zmqglib_proxy_get_running (proxy))
    start_proxy ();
  else if (g_rand_int_range (soak.rand, 0, 100) == 0)
    zmqglib_proxy_stop (proxy);
}

static gboolean
on_send (gpointer data)
{
  guint n = g_rand_int_range (soak.rand, 0, soak.rate * SEND_MS / 500 + 1);

  disturb ();
  while (n-- > 0 && soak_flow_count_under_way (&flow) < MAX_UNDER_WAY)
    {
      g_autoptr (ZmqMessage) message = soak_flow_next (&flow);
      GError *error = NULL;

      zmqglib_stream_send (dealer, message, &error);
      soak_check_error (error);
    }

  return G_SOURCE_CONTINUE;
}

static char *
bind_socket (guint         which,
             ZmqSocketType type)
{
  GError *error = NULL;
  char   *endpoint = NULL;

  sockets[which] = zmqglib_socket_new (NULL, type, &error);
  if (soak_check_error (error))
    zmqglib_socket_bind (sockets[which], "tcp://127.0.0.1:*", &error);
  soak_check_error (error);
  g_object_get (sockets[which], "last-endpoint", &endpoint, NULL);

  return endpoint;
}

static void
start (void)
{
  g_autofree char *front = bind_socket (0, ZMQGLIB_SOCKET_ROUTER);
  g_autofree char *back = bind_socket (1, ZMQGLIB_SOCKET_DEALER);
  GError          *error = NULL;

  router = zmqglib_stream_new_connected (ZMQGLIB_SOCKET_ROUTER, back, &error);
  if (!soak_check_error (error))
    return;
  g_signal_connect (router, "received", G_CALLBACK (on_request), NULL);
  dealer = zmqglib_stream_new_connected (ZMQGLIB_SOCKET_DEALER, front, &error);
  if (!soak_check_error (error))
    return;
  g_signal_connect (dealer, "received", G_CALLBACK (on_answer), NULL);
  proxy = zmqglib_proxy_new (sockets[0], sockets[1], NULL, &error);
  if (soak_check_error (error))
    start_proxy ();
  soak_add_timer (SEND_MS, on_send);
}

static void
check (gint64 now)
{
  soak_flow_check (&flow, now);
}

static void
print (GString *line)
{
  g_string_append_printf (line, "proxied %" G_GUINT64_FORMAT " (starts %u)  ", flow.n_received, n_starts);
}

static void
stop (void)
{
  zmqglib_proxy_stop (proxy);
  g_clear_object (&proxy);
  g_clear_object (&dealer);
  g_clear_object (&router);
  for (guint i = 0; i < 2; i++)
    g_clear_object (&sockets[i]);
}

const SoakPart soak_proxies = { "proxies", start, check, print, stop };

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soak-flow.h"

/* Echoes: a DEALER stream whose every message comes back, in order, from a ROUTER stream of this process or from one of
 * pyzmq's in another. Now and then a side does not read for a while. */

#define N_TRANSPORTS  3
#define N_PEERS       2
#define SEND_MS       20
#define MAX_UNDER_WAY 400

typedef struct
{
  SoakFlow   flow;
  char       name[32];
  ZmqStream *router; /* or NULL: the peer is another’s */
  ZmqStream *dealer;
} Echo;

static const char *const transports[N_TRANSPORTS] = { "tcp", "ipc", "inproc" };

static Echo  echoes[N_TRANSPORTS + N_PEERS];
static guint n_echoes;

static void
on_request (ZmqStream  *router,
            ZmqMessage *message,
            gpointer    data)
{
  GError *error = NULL;

  zmqglib_stream_send (router, message, &error);
  soak_check_error (error);
}

static void
on_answer (ZmqStream  *dealer,
           ZmqMessage *message,
           gpointer    data)
{
  soak_flow_take (data, message, 0);
}

static void
send_some (Echo *self,
           guint n)
{
  while (n-- > 0 && soak_flow_count_under_way (&self->flow) < MAX_UNDER_WAY)
    {
      g_autoptr (ZmqMessage) message = soak_flow_next (&self->flow);
      GError *error = NULL;

      zmqglib_stream_send (self->dealer, message, &error);
      soak_check_error (error);
    }
}

static void
pause_at_times (ZmqStream *stream)
{
  gboolean is_paused;

  if (stream == NULL)
    return;
  g_object_get (stream, "paused", &is_paused, NULL);
  if (is_paused || g_rand_int_range (soak.rand, 0, 200) == 0)
    g_object_set (stream, "paused", !is_paused, NULL);
}

static gboolean
on_send (gpointer data)
{
  for (guint i = 0; i < n_echoes; i++)
    {
      /* what comes in bursts fills queues, too */
      guint n = g_rand_int_range (soak.rand, 0, 500) == 0 ? MAX_UNDER_WAY : g_rand_int_range (soak.rand, 0, soak.rate * SEND_MS / 500 + 1);

      pause_at_times (echoes[i].router);
      pause_at_times (echoes[i].dealer);
      send_some (&echoes[i], n);
    }

  return G_SOURCE_CONTINUE;
}

static char *
get_endpoint (ZmqStream *stream)
{
  char *endpoint = NULL;

  g_object_get (zmqglib_stream_get_socket (stream), "last-endpoint", &endpoint, NULL);

  return endpoint;
}

static char *
make_endpoint (const char *transport,
               const char *name)
{
  if (g_str_equal (transport, "tcp"))
    return g_strdup ("tcp://127.0.0.1:*");
  if (g_str_equal (transport, "ipc"))
    return g_strdup_printf ("ipc://%s/%s", soak.folder, name);

  return g_strdup_printf ("inproc://%s", name);
}

static void
add (Echo *self)
{
  g_signal_connect (self->dealer, "received", G_CALLBACK (on_answer), &self->flow);
  soak_touch (self->dealer);
  if (self->router != NULL)
    soak_touch (self->router);
  n_echoes++;
}

static void
add_own (const char *transport)
{
  Echo            *self = &echoes[n_echoes];
  g_autofree char *endpoint = make_endpoint (transport, "echo");
  g_autofree char *bound = NULL;
  GError          *error = NULL;

  g_snprintf (self->name, sizeof self->name, "echo over %s", transport);
  self->flow.name = self->name;
  self->router = zmqglib_stream_new_bound (ZMQGLIB_SOCKET_ROUTER, endpoint, &error);
  if (!soak_check_error (error))
    return;
  g_signal_connect (self->router, "received", G_CALLBACK (on_request), NULL);
  bound = get_endpoint (self->router);
  self->dealer = zmqglib_stream_new_connected (ZMQGLIB_SOCKET_DEALER, bound, &error);
  if (soak_check_error (error))
    add (self);
}

static void
add_foreign (const char *python,
             const char *transport)
{
  Echo            *self = &echoes[n_echoes];
  g_autofree char *endpoint = make_endpoint (transport, "echo-python");
  g_autofree char *program = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "python", "peer.py", NULL);
  const char      *arguments[] = { python, program, "echo", NULL, NULL };
  g_autofree char *bound = NULL;
  GError          *error = NULL;

  g_snprintf (self->name, sizeof self->name, "echo of pyzmq over %s", transport);
  self->flow.name = self->name;
  self->dealer = zmqglib_stream_new_bound (ZMQGLIB_SOCKET_DEALER, endpoint, &error);
  if (!soak_check_error (error))
    return;
  arguments[3] = bound = get_endpoint (self->dealer);
  soak_child_may_be_stopped (soak_child_start ("pyzmq", arguments));
  add (self);
}

static void
start (void)
{
  const char *python = g_getenv ("TEST_PYTHON");

  for (guint i = 0; i < N_TRANSPORTS; i++)
    add_own (transports[i]);
  for (guint i = 0; i < N_PEERS && python != NULL; i++)
    add_foreign (python, transports[i]);
  soak_add_timer (SEND_MS, on_send);
}

static void
check (gint64 now)
{
  for (guint i = 0; i < n_echoes; i++)
    soak_flow_check (&echoes[i].flow, now);
}

static void
print (GString *line)
{
  guint64 n = 0;

  for (guint i = 0; i < n_echoes; i++)
    n += echoes[i].flow.n_received;
  g_string_append_printf (line, "echoes %" G_GUINT64_FORMAT "  ", n);
}

static void
stop (void)
{
  for (guint i = 0; i < n_echoes; i++)
    {
      g_clear_object (&echoes[i].dealer);
      g_clear_object (&echoes[i].router);
    }
}

const SoakPart soak_echo = { "echo", start, check, print, stop };

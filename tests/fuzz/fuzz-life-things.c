/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz-life.h"

/* Monitors, clients and servers, pollers and sources of sockets. */

static void
on_event (ZmqMonitor      *monitor,
          ZmqMonitorEvent *event,
          gpointer         data)
{
  g_autofree char *string = zmqglib_monitor_event_to_string (event);

  fuzz_assert (string[0] != '\0');
  life_on_callback ();
}

static void
on_event_told (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMonitorEvent) event = zmqglib_monitor_wait_finish (ZMQGLIB_MONITOR (source), result, &error);

  life_on_told (event != NULL, &error);
}

static void
use_monitor (void)
{
  guint      slot = fuzz_take_number (&life.input, LIFE_N_MONITORS);
  guint      what = fuzz_take_number (&life.input, 5);
  ZmqSocket *socket;
  g_autoptr (GError) error = NULL;

  if (what < 2)
    {
      life_make_room (&life.monitors[slot]);
      socket = life_get_socket ();
      if (socket == NULL)
        return;
      life.monitors[slot] = zmqglib_monitor_new (socket, &error);
      fuzz_check_error (life.monitors[slot] != NULL, &error);
      if (life.monitors[slot] == NULL)
        return;
      life_count (life.monitors[slot]);
      if (what == 0)
        g_signal_connect (life.monitors[slot], "event", G_CALLBACK (on_event), NULL);
    }
  else if (what == 2)
    g_clear_object (&life.monitors[slot]);
  else if (life.monitors[slot] != NULL && what == 3)
    {
      life.n_begun++;
      zmqglib_monitor_wait_async (life.monitors[slot], 1u << fuzz_take_number (&life.input, 15), -1, life_take_cancellable (),
                                  on_event_told, NULL);
    }
  else if (life.monitors[slot] != NULL)
    zmqglib_monitor_close (life.monitors[slot]);
}

static void
on_answer (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_client_request_finish (ZMQGLIB_CLIENT (source), result, &error);

  life_on_told (message != NULL, &error);
}

static void
make_client (void)
{
  static const ZmqClientStrategy strategies[] = { ZMQGLIB_CLIENT_STRATEGY_FAILOVER, ZMQGLIB_CLIENT_STRATEGY_SPREAD, ZMQGLIB_CLIENT_STRATEGY_ALL };
  guint8                         how = fuzz_take_byte (&life.input);
  g_autoptr (GError) error = NULL;

  life_make_room (&life.client);
  life.client = zmqglib_client_new (life.context, &error);
  fuzz_check_error (life.client != NULL, &error);
  if (life.client == NULL)
    return;
  life_count (life.client);
  zmqglib_client_set_strategy (life.client, strategies[how % G_N_ELEMENTS (strategies)]);
  zmqglib_client_set_envelope (life.client, how & 0x80 ? ZMQGLIB_CLIENT_ENVELOPE_NONE : ZMQGLIB_CLIENT_ENVELOPE_CORRELATED);
  zmqglib_client_set_timeout_us (life.client, G_TIME_SPAN_HOUR);
}

static void
use_client (void)
{
  guint            what = fuzz_take_number (&life.input, 8);
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = NULL;

  if (life.client == NULL || what == 0)
    {
      make_client ();
      return;
    }

  switch (what)
    {
    case 1:
    case 2:
      endpoint = life_take_endpoint ();
      if (!g_str_has_suffix (endpoint, "*"))
        fuzz_check_error (zmqglib_client_connect_to (life.client, endpoint, &error), &error);
      break;
    case 3:
      endpoint = life_take_endpoint ();
      fuzz_check_error (zmqglib_client_disconnect_from (life.client, endpoint, &error), &error);
      break;
    case 4:
      zmqglib_client_close (life.client);
      break;
    case 5:
      g_clear_object (&life.client);
      break;
    default:
      message = life_take_message ();
      life.n_begun++;
      zmqglib_client_request_async (life.client, message, life_take_cancellable (), on_answer, NULL);
      break;
    }
}

static void
answer (ZmqRequest *request)
{
  g_autoptr (ZmqMessage) message = life_take_message ();
  g_autoptr (GError) error = NULL;

  fuzz_check_error (zmqglib_request_reply (request, message, &error), &error);
}

static void
on_request (ZmqServer  *server,
            ZmqRequest *request,
            gpointer    data)
{
  guint slot = fuzz_take_number (&life.input, LIFE_N_REQUESTS + 2);

  if (slot < LIFE_N_REQUESTS)
    g_set_object (&life.requests[slot], request);
  else
    answer (request);
  life_on_callback ();
}

static void
use_server (void)
{
  guint            what = fuzz_take_number (&life.input, 8);
  guint            slot = fuzz_take_number (&life.input, LIFE_N_REQUESTS);
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  if (what < 2 && life.requests[slot] != NULL)
    answer (life.requests[slot]);
  else if (what == 2)
    g_clear_object (&life.requests[slot]);
  else if (life.server == NULL)
    {
      life.server = zmqglib_server_new (life.context, &error);
      fuzz_check_error (life.server != NULL, &error);
      if (life.server == NULL)
        return;
      life_count (life.server);
      g_signal_connect (life.server, "request", G_CALLBACK (on_request), NULL);
    }
  else if (what == 3)
    g_clear_object (&life.server);
  else if (what == 4)
    zmqglib_server_close (life.server);
  else if (what == 5)
    zmqglib_server_set_max_pending (life.server, slot);
  else
    {
      endpoint = life_take_endpoint ();
      fuzz_check_error (zmqglib_server_bind (life.server, endpoint, &error), &error);
    }
}

static void
on_ready (ZmqPoller   *poller,
          ZmqSocket   *socket,
          int          fd,
          GIOCondition condition,
          gpointer     data)
{
  life_on_callback ();
}

static void
on_function_gone (gpointer data)
{
  life.n_functions--;
  life_on_callback ();
}

static gboolean
on_poller (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
set_source (guint    slot,
            GSource *source)
{
  GSource *old = life.sources[slot];

  life.sources[slot] = source;
  if (old != NULL)
    {
      g_source_destroy (old);
      g_source_unref (old);
    }
}

static void
use_poller (void)
{
  guint      what = fuzz_take_number (&life.input, 6);
  ZmqSocket *socket = life_get_socket ();
  GSource   *source;
  g_autoptr (GError) error = NULL;

  if (life.poller == NULL)
    {
      life.poller = zmqglib_poller_new ();
      life_count (life.poller);
    }

  if (what == 0)
    g_clear_object (&life.poller);
  else if (what == 1)
    fuzz_check_error (zmqglib_poller_wait (life.poller, 0, NULL, &error) >= 0, &error);
  else if (what == 2)
    {
      source = zmqglib_poller_create_source (life.poller);
      g_source_set_callback (source, on_poller, NULL, NULL);
      g_source_attach (source, NULL);
      set_source (0, source);
    }
  else if (socket != NULL && what == 3)
    {
      gboolean is_removed = zmqglib_poller_remove_socket (life.poller, socket, &error);

      fuzz_check_error (is_removed, &error);
    }
  else if (socket != NULL)
    {
      gboolean is_added;

      life.n_functions++;
      is_added = zmqglib_poller_add_socket (life.poller, socket, what == 4 ? G_IO_IN : G_IO_IN | G_IO_OUT, on_ready, NULL,
                                            on_function_gone, &error);
      fuzz_check_error (is_added, &error);
      if (!is_added)
        life.n_functions--;
    }
}

static gboolean
on_condition (ZmqSocket   *socket,
              GIOCondition condition,
              gpointer     data)
{
  life_on_callback ();

  return fuzz_take_byte (&life.input) & 1 ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void
use_source (void)
{
  guint      slot = fuzz_take_number (&life.input, LIFE_N_SOURCES);
  ZmqSocket *socket = life_get_socket ();
  GSource   *source;

  if (socket == NULL || fuzz_take_byte (&life.input) & 1)
    {
      set_source (slot, NULL);
      return;
    }

  source = zmqglib_socket_create_source (socket, G_IO_IN, life_take_cancellable ());
  life.n_functions++;
  g_source_set_callback (source, G_SOURCE_FUNC (on_condition), NULL, on_function_gone);
  g_source_attach (source, NULL);
  set_source (slot, source);
}

static void
on_done (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GError) error = NULL;

  life_on_told (zmqglib_tracker_wait_finish (ZMQGLIB_TRACKER (source), result, &error), &error);
}

void
life_things_step (guint what)
{
  switch (what)
    {
    case 0:
      use_monitor ();
      break;
    case 1:
    case 2:
      use_client ();
      break;
    case 3:
      use_server ();
      break;
    case 4:
      use_poller ();
      break;
    case 5:
      use_source ();
      break;
    default:
      if (life.tracker == NULL)
        break;
      life.n_begun++;
      zmqglib_tracker_wait_async (life.tracker, life_take_cancellable (), on_done, NULL);
      break;
    }
}

void
life_things_end (void)
{
  for (guint i = 0; i < LIFE_N_MONITORS; i++)
    g_clear_object (&life.monitors[i]);
  for (guint i = 0; i < LIFE_N_REQUESTS; i++)
    g_clear_object (&life.requests[i]);
  for (guint i = 0; i < LIFE_N_SOURCES; i++)
    set_source (i, NULL);
  g_clear_object (&life.client);
  g_clear_object (&life.server);
  g_clear_object (&life.poller);
}

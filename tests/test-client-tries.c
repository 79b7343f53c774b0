/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <unistd.h>

#include "test-requests.h"

/* What becomes of a request when servers are late, die, or are several. */

/* Where nothing listens. */
#define NOBODY "ipc:///nonexistent/nobody"

/* How long a server is waited for that never answers, where another one then has to in the same time. */
#define PATIENCE_US (2 * G_TIME_SPAN_SECOND)

static void
set_terms (ZmqClient *client,
           gint64     timeout_us,
           guint      max_tries)
{
  zmqglib_client_set_timeout_us (client, timeout_us);
  zmqglib_client_set_max_tries (client, max_tries);
}

static ZmqClient *
make_client (RawServer        *servers,
             guint             n_servers,
             ZmqClientStrategy strategy)
{
  ZmqClient *client = requests_client (NULL);
  g_autoptr (GError) error = NULL;

  zmqglib_client_set_strategy (client, strategy);
  for (guint i = 0; i < n_servers; i++)
    {
      zmqglib_client_connect_to (client, servers[i].endpoint, &error);
      g_assert_no_error (error);
    }

  return client;
}

static void
test_tries_as_often_as_it_may (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  raw_server_start (&server, ZMQ_ROUTER, NULL, NULL, NULL);
  client = requests_client (server.endpoint);
  requests_until (zmqglib_client_get_connected (client));
  set_terms (client, 50000, 4);
  requests_send (client, "anybody", NULL, &result);
  error = requests_fail (client, &result);
  test_assert_error (error, ZMQGLIB_ERROR_AGAIN, server.endpoint);
  requests_until (raw_server_count (&server) == 4);
}

/* The answer of an earlier try counts, and the later ones are nobody’s. */
static void
on_late (RawServer  *self,
         ZmqMessage *message)
{
  ZmqMessage **first = self->data;

  if (*first == NULL)
    *first = zmqglib_message_ref (message);
  else if (raw_server_count (self) == 3)
    raw_server_echo (self, *first);
}

static void
test_late_answer_counts (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  ZmqMessage   *first = NULL;
  GAsyncResult *result = NULL;

  raw_server_start (&server, ZMQ_ROUTER, NULL, on_late, &first);
  client = requests_client (server.endpoint);
  set_terms (client, 50000, 0);
  requests_send (client, "patient", NULL, &result);
  requests_check (client, &result, "re: patient");
  raw_server_stop (&server);
  zmqglib_message_unref (first);
}

/* Without a limit of time a broken connection is enough; the server that comes back is asked again. */
static void
test_server_comes_back (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  g_autofree char *endpoint = NULL;
  GAsyncResult    *results[20] = { NULL };

  raw_server_start (&server, ZMQ_ROUTER, NULL, NULL, NULL);
  endpoint = g_strdup (server.endpoint);
  client = requests_client (endpoint);
  set_terms (client, -1, 2);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    requests_send (client, "again", NULL, &results[i]);
  requests_until (raw_server_count (&server) == G_N_ELEMENTS (results));

  raw_server_stop (&server);
  raw_server_start (&server, ZMQ_ROUTER, endpoint, raw_server_echo, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    requests_check (client, &results[i], "re: again");
  g_assert_cmpuint (raw_server_count (&server), ==, G_N_ELEMENTS (results));
}

static void
test_last_connection_breaks (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  g_autofree char *endpoint = NULL;
  GAsyncResult    *result = NULL;
  g_autoptr (GError) error = NULL;

  raw_server_start (&server, ZMQ_ROUTER, NULL, NULL, NULL);
  endpoint = g_strdup (server.endpoint);
  client = requests_client (endpoint);
  set_terms (client, -1, 1);
  requests_send (client, "last words", NULL, &result);
  requests_until (raw_server_count (&server) == 1);
  raw_server_stop (&server);
  error = requests_fail (client, &result);
  test_assert_error (error, ZMQGLIB_ERROR_HOST_UNREACHABLE, endpoint);
}

/* The answer came in before the connection broke, but nobody has looked yet. */
static void
test_answer_before_the_end_counts (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  GAsyncResult *result = NULL;

  raw_server_start (&server, ZMQ_REP, NULL, raw_server_echo, NULL);
  client = requests_client (server.endpoint);
  set_terms (client, -1, 1);
  requests_until (zmqglib_client_get_connected (client));
  requests_send (client, "swan song", NULL, &result);
  while (raw_server_count (&server) == 0)
    g_thread_yield ();
  /* it ends when what it has sent is on its way, for which libzmq has a moment */
  g_usleep (20000);
  raw_server_stop (&server);
  requests_check (client, &result, "re: swan song");
}

/* A process of its own, which is killed in the middle of it: nobody says good-bye. This program, called as a server. */
static const char *program;

static void
serve (const char *endpoint,
       gboolean    answers)
{
  void *socket = zmq_socket (zmq_ctx_new (), ZMQ_REP);
  char  buffer[256];

  while (zmq_bind (socket, endpoint) != 0)
    ;
  for (;;)
    {
      int size = zmq_recv (socket, buffer, sizeof buffer, 0);

      while (!answers)
        pause ();
      zmq_send (socket, buffer, size, 0);
    }
}

static GSubprocess *
spawn_server (const char *endpoint,
              const char *kind)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *server = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, program, "--serve", endpoint, kind, NULL);

  g_assert_no_error (error);

  return server;
}

static void
kill_server (GSubprocess *server)
{
  g_subprocess_force_exit (server);
  g_assert_true (g_subprocess_wait (server, NULL, NULL));
}

/* Nobody is there, nor was anybody who speaks ZeroMQ. */
static char *
free_endpoint (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();

  return g_strdup_printf ("tcp://127.0.0.1:%u", g_socket_listener_add_any_inet_port (listener, NULL, NULL));
}

static void
test_killed_server (void)
{
  g_autofree char *endpoint = free_endpoint ();
  g_autoptr (ZmqClient) client = requests_client (endpoint);
  g_autoptr (GSubprocess) first = spawn_server (endpoint, "silent");
  g_autoptr (GSubprocess) second = NULL;
  GAsyncResult *result = NULL;

  set_terms (client, -1, 2);
  requests_send (client, "silence", NULL, &result);
  requests_until (zmqglib_client_get_connected (client));
  kill_server (first);
  requests_until (!zmqglib_client_get_connected (client));
  second = spawn_server (endpoint, "answers");
  requests_check (client, &result, "silence");
  kill_server (second);
}

static void
test_no_server_then_one (void)
{
  g_auto (RawServer) server = { 0 };
  g_autofree char *endpoint = free_endpoint ();
  g_autoptr (ZmqClient) client = requests_client (endpoint);
  GAsyncResult *results[3] = { NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    requests_send (client, "hello", NULL, &results[i]);
  raw_server_start (&server, ZMQ_ROUTER, endpoint, raw_server_echo, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    requests_check (client, &results[i], "re: hello");
  g_assert_cmpuint (raw_server_count (&server), ==, G_N_ELEMENTS (results));
}

/* What was not sent yet is not going to be: the server that comes hears of nothing. */
static void
test_withdrawn (void)
{
  g_auto (RawServer) server = { 0 };
  g_autofree char *endpoint = free_endpoint ();
  g_autoptr (ZmqClient) client = requests_client (endpoint);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *cancelled = NULL;
  GAsyncResult *timed_out = NULL;
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;

  requests_send (client, "cancelled", cancellable, &cancelled);
  set_terms (client, 10000, 3);
  requests_send (client, "timed out", NULL, &timed_out);
  set_terms (client, -1, 1);
  requests_send (client, "wanted", NULL, &result);

  g_cancellable_cancel (cancellable);
  error = requests_fail (client, &cancelled);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  error = requests_fail (client, &timed_out);
  test_assert_error (error, ZMQGLIB_ERROR_AGAIN, endpoint);

  raw_server_start (&server, ZMQ_ROUTER, endpoint, raw_server_echo, NULL);
  requests_check (client, &result, "re: wanted");
  g_assert_cmpuint (raw_server_count (&server), ==, 1);
}

static void
test_cancelled (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;

  raw_server_start (&server, ZMQ_ROUTER, NULL, NULL, NULL);
  client = requests_client (server.endpoint);
  requests_send (client, "under way", cancellable, &result);
  requests_until (raw_server_count (&server) == 1);
  g_cancellable_cancel (cancellable);
  error = requests_fail (client, &result);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  /* cancelled before it begins, it is not sent */
  requests_send (client, "never", cancellable, &result);
  error = requests_fail (client, &result);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (raw_server_count (&server), ==, 1);
  g_assert_cmpuint (zmqglib_client_get_n_pending (client), ==, 0);
}

static void
start_all (RawServer    *servers,
           guint         n_servers,
           RawServerFunc func)
{
  for (guint i = 0; i < n_servers; i++)
    raw_server_start (&servers[i], ZMQ_ROUTER, NULL, func, NULL);
}

static void
stop_all (RawServer *servers,
          guint      n_servers)
{
  for (guint i = 0; i < n_servers; i++)
    raw_server_stop (&servers[i]);
}

static void
ask (ZmqClient *client,
     guint      n_requests)
{
  for (guint i = 0; i < n_requests; i++)
    {
      GAsyncResult *result = NULL;

      requests_send (client, "one", NULL, &result);
      requests_check (client, &result, "re: one");
    }
}

static void
test_failover (void)
{
  RawServer servers[2] = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  GAsyncResult *results[5] = { NULL };

  raw_server_start (&servers[0], ZMQ_ROUTER, NULL, NULL, NULL);
  raw_server_start (&servers[1], ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  /* the first is there first */
  client = make_client (servers, 1, ZMQGLIB_CLIENT_STRATEGY_FAILOVER);
  requests_until (zmqglib_client_get_connected (client));
  g_assert_true (zmqglib_client_connect_to (client, servers[1].endpoint, NULL));
  set_terms (client, PATIENCE_US, 2);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    requests_send (client, "one", NULL, &results[i]);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    requests_check (client, &results[i], "re: one");
  requests_until (raw_server_count (&servers[0]) == G_N_ELEMENTS (results));

  /* it stays with the one that answers */
  set_terms (client, -1, 1);
  ask (client, 5);
  g_assert_cmpuint (raw_server_count (&servers[0]), ==, G_N_ELEMENTS (results));
  stop_all (servers, 2);
}

static void
test_failover_uses_one (void)
{
  RawServer servers[3] = { 0 };
  g_autoptr (ZmqClient) client = NULL;

  start_all (servers, 3, raw_server_echo);
  client = make_client (servers, 3, ZMQGLIB_CLIENT_STRATEGY_FAILOVER);
  ask (client, 9);
  g_assert_cmpuint (raw_server_count (&servers[0]), ==, 9);
  stop_all (servers, 3);
}

/* It goes on from the one that was taken away to the next, and stays there when others are taken away. */
static void
test_failover_from_the_disconnected (void)
{
  RawServer servers[4] = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  GAsyncResult *result = NULL;

  raw_server_start (&servers[0], ZMQ_ROUTER, NULL, NULL, NULL);
  start_all (servers + 1, 3, raw_server_echo);
  client = make_client (servers, 4, ZMQGLIB_CLIENT_STRATEGY_FAILOVER);
  set_terms (client, 500000, 2);
  requests_send (client, "one", NULL, &result);
  requests_check (client, &result, "re: one");
  g_assert_cmpuint (raw_server_count (&servers[1]), ==, 1);

  set_terms (client, -1, 1);
  g_assert_true (zmqglib_client_disconnect_from (client, servers[1].endpoint, NULL));
  ask (client, 1);
  g_assert_cmpuint (raw_server_count (&servers[2]), ==, 1);
  g_assert_true (zmqglib_client_disconnect_from (client, servers[0].endpoint, NULL));
  ask (client, 1);
  g_assert_true (zmqglib_client_disconnect_from (client, servers[3].endpoint, NULL));
  ask (client, 1);
  g_assert_cmpuint (raw_server_count (&servers[2]), ==, 3);
  stop_all (servers, 4);
}

/* A broken connection is left at once. */
static void
test_failover_from_the_dead (void)
{
  RawServer servers[2] = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  GAsyncResult *result = NULL;

  raw_server_start (&servers[0], ZMQ_ROUTER, NULL, NULL, NULL);
  raw_server_start (&servers[1], ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  client = make_client (servers, 2, ZMQGLIB_CLIENT_STRATEGY_FAILOVER);
  set_terms (client, -1, 2);
  requests_send (client, "one", NULL, &result);
  requests_until (raw_server_count (&servers[0]) == 1);
  raw_server_stop (&servers[0]);
  requests_check (client, &result, "re: one");
  stop_all (servers, 2);
}

static void
test_spread (void)
{
  RawServer servers[3] = { 0 };
  g_autoptr (ZmqClient) client = NULL;

  start_all (servers, 3, raw_server_echo);
  client = make_client (servers, 3, ZMQGLIB_CLIENT_STRATEGY_SPREAD);
  ask (client, 9);
  for (guint i = 0; i < G_N_ELEMENTS (servers); i++)
    g_assert_cmpuint (raw_server_count (&servers[i]), ==, 3);
  stop_all (servers, 3);
}

/* One is silent and one is not there; the third is enough. */
static void
test_all (void)
{
  RawServer        servers[3] = { 0 };
  g_autofree char *absent = free_endpoint ();
  g_autoptr (ZmqClient) client = NULL;

  raw_server_start (&servers[0], ZMQ_ROUTER, NULL, NULL, NULL);
  raw_server_start (&servers[1], ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  raw_server_start (&servers[2], ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  client = make_client (servers, 3, ZMQGLIB_CLIENT_STRATEGY_ALL);
  zmqglib_client_connect_to (client, absent, NULL);
  set_terms (client, -1, 1);
  /* who has no connection by the time of the answer is not asked */
  while (raw_server_count (&servers[0]) < 5 || raw_server_count (&servers[1]) < 5 || raw_server_count (&servers[2]) < 5)
    ask (client, 1);
  stop_all (servers, 3);
}

/* With all, the try is over when none can answer any more. */
static void
test_all_are_lost (void)
{
  RawServer servers[2] = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;

  start_all (servers, 2, NULL);
  client = make_client (servers, 2, ZMQGLIB_CLIENT_STRATEGY_ALL);
  set_terms (client, -1, 1);
  requests_send (client, "one", NULL, &result);
  requests_until (raw_server_count (&servers[0]) == 1 && raw_server_count (&servers[1]) == 1);
  raw_server_stop (&servers[0]);
  g_assert_null (result);
  raw_server_stop (&servers[1]);
  error = requests_fail (client, &result);
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_HOST_UNREACHABLE);
}

/* What another server was asked goes on elsewhere. */
static void
test_disconnect (void)
{
  RawServer servers[2] = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  raw_server_start (&servers[0], ZMQ_ROUTER, NULL, NULL, NULL);
  raw_server_start (&servers[1], ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  client = make_client (servers, 2, ZMQGLIB_CLIENT_STRATEGY_FAILOVER);
  set_terms (client, -1, 2);
  requests_send (client, "one", NULL, &result);
  requests_until (raw_server_count (&servers[0]) == 1);
  g_assert_true (zmqglib_client_disconnect_from (client, servers[0].endpoint, &error));
  requests_check (client, &result, "re: one");

  g_assert_true (zmqglib_client_disconnect_from (client, servers[1].endpoint, &error));
  requests_send (client, "one", NULL, &result);
  error = requests_fail (client, &result);
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE);
  g_assert_false (zmqglib_client_get_connected (client));
  stop_all (servers, 2);
}

/* What was never asked is no try, of however many. */
static void
test_disconnect_unasked (void)
{
  RawServer server = { 0 };

  raw_server_start (&server, ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  for (guint max_tries = 0; max_tries < 3; max_tries++)
    {
      g_autoptr (ZmqClient) client = zmqglib_client_new (NULL, NULL);
      GAsyncResult *result = NULL;

      set_terms (client, -1, max_tries);
      g_assert_true (zmqglib_client_connect_to (client, "tcp://127.0.0.1:1", NULL));
      g_assert_true (zmqglib_client_connect_to (client, server.endpoint, NULL));
      requests_send (client, "one", NULL, &result);
      g_assert_true (zmqglib_client_disconnect_from (client, "tcp://127.0.0.1:1", NULL));
      requests_check (client, &result, "re: one");
    }
  raw_server_stop (&server);
}

/* A REQ socket’s second answer is that to the next request; who has one a request does not see it. */
static void
test_envelope_none_retries (void)
{
  RawServer servers[2] = { 0 };
  g_autoptr (ZmqClient) client = requests_client (NULL);

  raw_server_start (&servers[0], ZMQ_ROUTER, NULL, NULL, NULL);
  raw_server_start (&servers[1], ZMQ_REP, NULL, raw_server_echo, NULL);
  zmqglib_client_set_envelope (client, ZMQGLIB_CLIENT_ENVELOPE_NONE);
  zmqglib_client_connect_to (client, servers[0].endpoint, NULL);
  zmqglib_client_connect_to (client, servers[1].endpoint, NULL);
  set_terms (client, PATIENCE_US, 2);
  ask (client, 3);
  requests_until (raw_server_count (&servers[0]) == 1);
  g_assert_cmpuint (raw_server_count (&servers[1]), ==, 3);
  stop_all (servers, 2);
}

/* A server that never could be asked is taken away: that is no try. */
static void
test_disconnect_before_it_is_asked (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = requests_client (NULL);
  GAsyncResult *result = NULL;

  raw_server_start (&server, ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  g_assert_true (zmqglib_client_connect_to (client, NOBODY, NULL));
  g_assert_true (zmqglib_client_connect_to (client, server.endpoint, NULL));
  set_terms (client, -1, 1);
  requests_send (client, "moved", NULL, &result);
  requests_until (zmqglib_client_get_connected (client));
  g_assert_cmpuint (zmqglib_client_get_n_pending (client), ==, 1);

  g_assert_true (zmqglib_client_disconnect_from (client, NOBODY, NULL));
  requests_check (client, &result, "re: moved");
}

/* With “immediate” nothing is sent before there is a connection. */
static void
on_configure (ZmqClient *client,
              ZmqSocket *socket,
              gpointer   data)
{
  g_object_set (socket, "immediate", TRUE, NULL);
  g_ptr_array_add (data, g_object_ref (socket));
}

/* A socket of one request ends while that waits for a connection still. */
static void
test_envelope_none_loses_its_socket (void)
{
  g_autoptr (ZmqClient) client = requests_client (NULL);
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  zmqglib_client_set_envelope (client, ZMQGLIB_CLIENT_ENVELOPE_NONE);
  set_terms (client, -1, 1);
  g_assert_true (zmqglib_client_connect_to (client, NOBODY, NULL));
  g_signal_connect (client, "configure", G_CALLBACK (on_configure), sockets);
  requests_send (client, "waits", NULL, &result);
  requests_until (sockets->len == 1);

  zmqglib_socket_close (sockets->pdata[0]);
  error = requests_fail (client, &result);
  test_assert_error (error, ZMQGLIB_ERROR_HOST_UNREACHABLE, NOBODY);
}

/* The memory is used until the request is over, however often it is sent. */
static void
test_tracked (gconstpointer data)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = requests_client (NULL);
  g_autofree char *large = g_strnfill (100000, 'x');
  g_autoptr (GBytes) bytes = g_bytes_new (large, 100000);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_bytes (bytes);
  g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
  g_autoptr (ZmqMessage) first = NULL;
  GAsyncResult *result = NULL;

  raw_server_start (&server, ZMQ_ROUTER, NULL, on_late, &first);
  zmqglib_client_set_envelope (client, GPOINTER_TO_INT (data));
  set_terms (client, 50000, 3);
  g_assert_true (zmqglib_client_connect_to (client, server.endpoint, NULL));
  zmqglib_client_request_async (client, message, NULL, test_keep_result, &result);
  g_clear_pointer (&message, zmqglib_message_unref);
  requests_until (raw_server_count (&server) == 2 || result != NULL);
  /* a busy machine may be too late for all of the tries */
  g_assert_true (result != NULL || !zmqglib_tracker_is_done (tracker));

  requests_until (result != NULL);
  g_clear_object (&result);
  requests_until (zmqglib_tracker_is_done (tracker));
  raw_server_stop (&server);
}

/* Each request that is under way without a number has a socket of its own; who gets none fails, and nobody else. */
static void
test_envelope_none_without_sockets (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqClient) client = zmqglib_client_new (context, NULL);
  GAsyncResult *results[40] = { NULL };
  guint         n_failed = 0;

  g_object_set (context, "max-sockets", 20, NULL);
  raw_server_start (&server, ZMQ_ROUTER, NULL, NULL, NULL);
  zmqglib_client_set_envelope (client, ZMQGLIB_CLIENT_ENVELOPE_NONE);
  zmqglib_client_set_timeout_us (client, -1);
  g_assert_true (zmqglib_client_connect_to (client, server.endpoint, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    requests_send (client, "question", NULL, &results[i]);
  requests_until (raw_server_count (&server) > 0 && results[G_N_ELEMENTS (results) - 1] != NULL);

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    if (results[i] != NULL)
      {
        g_autoptr (GError) error = requests_fail (client, &results[i]);

        test_assert_error (error, ZMQGLIB_ERROR_TOO_MANY_SOCKETS, "socket");
        n_failed++;
      }
  g_assert_cmpuint (n_failed, >=, G_N_ELEMENTS (results) - 20);
  requests_until (raw_server_count (&server) == G_N_ELEMENTS (results) - n_failed);

  zmqglib_client_close (client);
  for (guint i = 0; i < G_N_ELEMENTS (results) - n_failed; i++)
    {
      g_autoptr (GError) error = requests_fail (client, &results[i]);

      test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "closed");
    }
}

int
main (int   argc,
      char *argv[])
{
  program = argv[0];
  if (argc == 4 && g_str_equal (argv[1], "--serve"))
    serve (argv[2], g_str_equal (argv[3], "answers"));

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client/tries-as-often-as-it-may", test_tries_as_often_as_it_may);
  g_test_add_func ("/client/late-answer-counts", test_late_answer_counts);
  g_test_add_func ("/client/server-comes-back", test_server_comes_back);
  g_test_add_func ("/client/last-connection-breaks", test_last_connection_breaks);
  g_test_add_func ("/client/answer-before-the-end-counts", test_answer_before_the_end_counts);
  g_test_add_func ("/client/killed-server", test_killed_server);
  g_test_add_func ("/client/no-server-then-one", test_no_server_then_one);
  g_test_add_func ("/client/withdrawn", test_withdrawn);
  g_test_add_func ("/client/cancelled", test_cancelled);
  g_test_add_func ("/client/failover", test_failover);
  g_test_add_func ("/client/failover-uses-one", test_failover_uses_one);
  g_test_add_func ("/client/failover-from-the-dead", test_failover_from_the_dead);
  g_test_add_func ("/client/failover-from-the-disconnected", test_failover_from_the_disconnected);
  g_test_add_func ("/client/spread", test_spread);
  g_test_add_func ("/client/all", test_all);
  g_test_add_func ("/client/all-are-lost", test_all_are_lost);
  g_test_add_func ("/client/disconnect", test_disconnect);
  g_test_add_func ("/client/disconnect-unasked", test_disconnect_unasked);
  g_test_add_func ("/client/disconnect-before-it-is-asked", test_disconnect_before_it_is_asked);
  g_test_add_func ("/client/envelope-none-loses-its-socket", test_envelope_none_loses_its_socket);
  g_test_add_data_func ("/client/tracked/correlated", GINT_TO_POINTER (ZMQGLIB_CLIENT_ENVELOPE_CORRELATED), test_tracked);
  g_test_add_data_func ("/client/tracked/none", GINT_TO_POINTER (ZMQGLIB_CLIENT_ENVELOPE_NONE), test_tracked);
  g_test_add_func ("/client/envelope-none-retries", test_envelope_none_retries);
  g_test_add_func ("/client/envelope-none-without-sockets", test_envelope_none_without_sockets);

  return g_test_run ();
}

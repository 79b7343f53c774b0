/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <dlfcn.h>

#include "test-requests.h"

/* What servers, connections, other threads and the program itself may do to a request at the wrong moment. */

typedef int (*ReceiveFunc) (zmq_msg_t *, void *, int);

/* The server that reads all that was sent to it just when somebody else is about to find nothing more to read. */
static ZmqSocket *reads_late;

int
zmq_msg_recv (zmq_msg_t *msg,
              void      *socket,
              int        flags)
{
  static gsize next;
  ZmqSocket   *server;
  int          size;

  if (g_once_init_enter (&next))
    g_once_init_leave (&next, (gsize) dlsym (RTLD_NEXT, "zmq_msg_recv"));
  size = ((ReceiveFunc) next) (msg, socket, flags);
  if (size >= 0 || reads_late == NULL)
    return size;

  server = g_steal_pointer (&reads_late);
  for (ZmqMessage *message; (message = zmqglib_socket_try_receive (server, NULL)) != NULL;)
    zmqglib_message_unref (message);

  return ((ReceiveFunc) next) (msg, socket, flags);
}

/* Where nothing listens. */
#define NOBODY "ipc:///nonexistent/nobody"

static ZmqClient *
make_client (gint64            timeout_us,
             guint             max_tries,
             ZmqClientEnvelope envelope)
{
  ZmqClient *client = requests_client (NULL);

  g_object_set (client, "timeout-us", timeout_us, "max-tries", max_tries, "envelope", envelope, NULL);

  return client;
}

static void
connect_to (ZmqClient  *client,
            const char *endpoint)
{
  g_autoptr (GError) error = NULL;

  zmqglib_client_connect_to (client, endpoint, &error);
  g_assert_no_error (error);
}

static void
keep_socket (ZmqClient *client,
             ZmqSocket *socket,
             gpointer   sockets)
{
  g_ptr_array_add (sockets, g_object_ref (socket));
}

/* Answers when it may, and then may no more. */
static void
answer_later (RawServer  *self,
              ZmqMessage *message)
{
  int *may_answer = self->data;

  while (!g_atomic_int_get (may_answer))
    g_usleep (1000);
  raw_server_echo (self, message);
  g_atomic_int_set (may_answer, FALSE);
}

static void
expect_peers (ZmqMonitor *monitor,
              guint       n_peers)
{
  requests_until (zmqglib_monitor_get_n_peers (monitor) == n_peers);
}

/* A server whose connection breaks again and again is lost once, and ends the round of no other. */
static void
test_flapping (void)
{
  g_auto (RawServer) flapping = { 0 };
  g_auto (RawServer) working = { 0 };
  g_autoptr (ZmqClient) client = make_client (-1, 1, ZMQGLIB_CLIENT_ENVELOPE_CORRELATED);
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (ZmqMonitor) monitor = NULL;
  g_autofree char *endpoint = NULL;
  GAsyncResult    *result = NULL;
  int              may_answer = FALSE;

  raw_server_start (&flapping, ZMQ_ROUTER, NULL, NULL, NULL);
  raw_server_start (&working, ZMQ_ROUTER, NULL, answer_later, &may_answer);
  endpoint = g_strdup (flapping.endpoint);
  zmqglib_client_set_strategy (client, ZMQGLIB_CLIENT_STRATEGY_ALL);
  g_signal_connect (client, "configure", G_CALLBACK (keep_socket), sockets);
  connect_to (client, endpoint);
  connect_to (client, working.endpoint);
  monitor = zmqglib_monitor_new (sockets->pdata[0], NULL);
  requests_send (client, "patience", NULL, &result);
  requests_until (raw_server_count (&flapping) == 1 && raw_server_count (&working) == 1);

  for (guint i = 0; i < 3; i++)
    {
      raw_server_stop (&flapping);
      expect_peers (monitor, 0);
      raw_server_start (&flapping, ZMQ_ROUTER, endpoint, NULL, NULL);
      expect_peers (monitor, 1);
    }
  g_assert_true (zmqglib_client_disconnect_from (client, endpoint, NULL));
  g_assert_null (result);

  g_atomic_int_set (&may_answer, TRUE);
  requests_check (client, &result, "re: patience");
}

static guint
count_open (GPtrArray *sockets)
{
  guint n_open = 0;

  for (guint i = 0; i < sockets->len; i++)
    n_open += !zmqglib_socket_is_closed (sockets->pdata[i]);

  return n_open;
}

/* Of tries with a socket of their own two are open at most, however many there were. */
static void
test_sockets_of_tries (gconstpointer data)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = make_client (2000, 0, ZMQGLIB_CLIENT_ENVELOPE_NONE);
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *result = NULL;

  raw_server_start (&server, ZMQ_ROUTER, NULL, NULL, NULL);
  connect_to (client, data != NULL ? data : server.endpoint);
  g_signal_connect (client, "configure", G_CALLBACK (keep_socket), sockets);
  requests_send (client, "anybody", cancellable, &result);
  requests_until (sockets->len >= 50);
  g_assert_cmpuint (count_open (sockets), <=, 2);

  g_cancellable_cancel (cancellable);
  g_error_free (requests_fail (client, &result));
  g_assert_cmpuint (count_open (sockets), ==, 0);
}

static void
use_socket (ZmqClient *client,
            ZmqSocket *socket,
            gpointer   endpoint)
{
  g_assert_true (zmqglib_socket_connect_to (socket, endpoint, NULL));
  test_send_string (socket, "of the program");
}

/* A socket of one request that libzmq lets send nothing. */
static void
test_refused (void)
{
  g_autoptr (ZmqSocket) server = test_socket_new (zmqglib_context_get_default (), ZMQGLIB_SOCKET_REP);
  g_autoptr (ZmqClient) client = make_client (-1, 0, ZMQGLIB_CLIENT_ENVELOPE_NONE);
  g_autofree char *endpoint = test_bind (server, "inproc");
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  connect_to (client, endpoint);
  g_signal_connect (client, "configure", G_CALLBACK (use_socket), endpoint);
  requests_send (client, "refused", NULL, &result);
  error = requests_fail (client, &result);
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "request");
  zmqglib_socket_close (server);
}

static void
answer_all_later (RawServer  *self,
                  ZmqMessage *message)
{
  int *may_answer = self->data;

  while (!g_atomic_int_get (may_answer))
    g_usleep (1000);
  raw_server_echo (self, message);
}

/* What has come in time counts, though the main loop was late. */
static void
test_late_loop (gconstpointer data)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = make_client (-1, 1, GPOINTER_TO_INT (data));
  GAsyncResult *results[20] = { NULL };
  guint         n_results = GPOINTER_TO_INT (data) == ZMQGLIB_CLIENT_ENVELOPE_NONE ? 1 : G_N_ELEMENTS (results);
  int           may_answer = TRUE;

  raw_server_start (&server, ZMQ_ROUTER, NULL, answer_all_later, &may_answer);
  connect_to (client, server.endpoint);
  /* however long the connecting takes */
  requests_send (client, "first", NULL, &results[0]);
  requests_check (client, &results[0], "re: first");

  g_atomic_int_set (&may_answer, FALSE);
  zmqglib_client_set_timeout_us (client, 500000);
  for (guint i = 0; i < n_results; i++)
    requests_send (client, "late", NULL, &results[i]);
  requests_until (raw_server_count (&server) == 2);
  g_atomic_int_set (&may_answer, TRUE);
  while (raw_server_count (&server) < 1 + n_results)
    g_usleep (1000);
  g_usleep (600000);
  for (guint i = 0; i < n_results; i++)
    requests_check (client, &results[i], "re: late");
  g_assert_cmpuint (raw_server_count (&server), ==, 1 + n_results);
}

#define N_UNASKED 50000

static void
flood (RawServer  *self,
       ZmqMessage *message)
{
  g_autoptr (ZmqMessage) unasked = zmqglib_message_new ();
  gsize         size;
  gconstpointer id = zmqglib_message_peek_frame (message, 0, &size);
  const int     yes = TRUE;

  /* sending waits where nothing fits, and drops nothing */
  zmq_setsockopt (self->socket, ZMQ_ROUTER_MANDATORY, &yes, sizeof yes);
  zmqglib_message_append_data (unasked, id, size);
  zmqglib_message_append_string (unasked, "nobody’s");
  for (guint i = 0; i < N_UNASKED; i++)
    g_assert_true (raw_send (self->socket, unasked));
  g_atomic_int_set ((int *) self->data, TRUE);
}

/* What a slice has time for, with a line of log for each. */
#define MAX_DROPPED_OF_A_TURN 5000

static int n_dropped; /* atomic */

static GLogWriterOutput
count_dropped (GLogLevelFlags   level,
               const GLogField *fields,
               gsize            n_fields,
               gpointer         data)
{
  if (level != G_LOG_LEVEL_DEBUG)
    return g_log_writer_default (level, fields, n_fields, data);

  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE") && strstr (fields[i].value, "was dropped") != NULL)
      g_atomic_int_inc (&n_dropped);

  return G_LOG_WRITER_HANDLED;
}

static void
take_all (ZmqClient *client,
          ZmqSocket *socket,
          gpointer   data)
{
  g_object_set (socket, "receive-high-water-mark", 0, NULL);
}

/* A server leaves much behind, and goes: what there is to read is read in turns. */
static void
test_flood_left_behind (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = make_client (-1, 1, ZMQGLIB_CLIENT_ENVELOPE_CORRELATED);
  GAsyncResult *result = NULL;
  guint         n_iterations = 0;
  int           is_flooded = FALSE;

  raw_server_start (&server, ZMQ_ROUTER, NULL, flood, &is_flooded);
  g_signal_connect (client, "configure", G_CALLBACK (take_all), NULL);
  connect_to (client, server.endpoint);
  requests_send (client, "me", NULL, &result);
  requests_until (raw_server_count (&server) == 1);
  while (!g_atomic_int_get (&is_flooded))
    g_usleep (1000);
  raw_server_stop (&server);
  g_usleep (200000);

  g_setenv ("G_MESSAGES_DEBUG", "zmqglib", TRUE);
  g_atomic_int_set (&n_dropped, 0);
  while (result == NULL)
    n_iterations += g_main_context_iteration (NULL, TRUE);
  g_unsetenv ("G_MESSAGES_DEBUG");
  g_error_free (requests_fail (client, &result));
  /* however many have come before the server went */
  g_test_message ("%u iterations for %d answers that nobody waits for", n_iterations, n_dropped);
  g_assert_cmpuint (n_iterations, >=, n_dropped / MAX_DROPPED_OF_A_TURN);
}

typedef struct
{
  ZmqClient *client;
  GError    *error;
  char      *answer;
  int        has_begun; /* atomic */
  int        is_over;   /* atomic */
} Blocked;

static gpointer
block (gpointer data)
{
  Blocked *self = data;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("blocks");
  g_autoptr (ZmqMessage) answer = NULL;

  g_atomic_int_set (&self->has_begun, TRUE);
  answer = zmqglib_client_request (self->client, message, NULL, &self->error);
  if (answer != NULL)
    self->answer = zmqglib_message_get_string (answer, 0, NULL);
  g_atomic_int_set (&self->is_over, TRUE);

  return NULL;
}

static void
block_end (Blocked *self,
           GThread *thread)
{
  requests_until (g_atomic_int_get (&self->is_over));
  g_thread_join (thread);
  g_clear_error (&self->error);
  g_clear_pointer (&self->answer, g_free);
}

/* A request that blocks ends with its client, however close one came after the other. */
static void
test_closed_as_it_blocks (void)
{
  guint n_rounds = test_is_slow_tool () ? 20 : 1000;

  for (guint i = 0; i < n_rounds; i++)
    {
      g_autoptr (ZmqClient) client = make_client (-1, 0, ZMQGLIB_CLIENT_ENVELOPE_CORRELATED);
      Blocked  blocked = { .client = client };
      GThread *thread;

      connect_to (client, NOBODY);
      thread = g_thread_new ("blocks", block, &blocked);
      while (!g_atomic_int_get (&blocked.has_begun))
        g_thread_yield ();
      for (volatile gint n = g_test_rand_int_range (0, 4000); n > 0; n--)
        ;
      zmqglib_client_close (client);
      requests_until (g_atomic_int_get (&blocked.is_over));
      g_assert_error (blocked.error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED);
      block_end (&blocked, thread);
    }
}

/* A request that blocks hears of the endpoints that come and go. */
static void
test_endpoints_change_as_it_blocks (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = make_client (-1, 1, ZMQGLIB_CLIENT_ENVELOPE_CORRELATED);
  Blocked  blocked = { .client = client };
  GThread *thread;

  raw_server_start (&server, ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  connect_to (client, NOBODY);
  thread = g_thread_new ("blocks", block, &blocked);
  requests_until (zmqglib_client_get_n_pending (client) == 1);
  connect_to (client, server.endpoint);
  g_assert_true (zmqglib_client_disconnect_from (client, NOBODY, NULL));

  requests_until (g_atomic_int_get (&blocked.is_over));
  g_assert_no_error (blocked.error);
  g_assert_cmpstr (blocked.answer, ==, "re: blocks");
  block_end (&blocked, thread);
}

/* Whoever else has had a turn meanwhile, a request's tries go round. */
static void
test_spread_goes_round (void)
{
  g_auto (RawServer) silent = { 0 };
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = make_client (100000, 2, ZMQGLIB_CLIENT_ENVELOPE_CORRELATED);
  GAsyncResult *results[100] = { NULL };

  raw_server_start (&silent, ZMQ_ROUTER, NULL, NULL, NULL);
  raw_server_start (&server, ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  zmqglib_client_set_strategy (client, ZMQGLIB_CLIENT_STRATEGY_SPREAD);
  connect_to (client, silent.endpoint);
  connect_to (client, server.endpoint);
  requests_until (zmqglib_client_get_connected (client));
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    requests_send (client, "round", NULL, &results[i]);
  zmqglib_client_set_timeout_us (client, TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    requests_check (client, &results[i], "re: round");
}

/* The connection that only tells that there is one is nobody's; that of a request is its own. */
static void
test_connections_of_tries (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = make_client (-1, 1, ZMQGLIB_CLIENT_ENVELOPE_NONE);
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;
  int           may_answer = FALSE;

  raw_server_start (&server, ZMQ_ROUTER, NULL, answer_later, &may_answer);
  g_signal_connect (client, "configure", G_CALLBACK (keep_socket), sockets);
  connect_to (client, server.endpoint);
  requests_until (zmqglib_client_get_connected (client));
  requests_send (client, "own", NULL, &result);
  requests_until (raw_server_count (&server) == 1);
  g_assert_true (zmqglib_socket_disconnect_from (sockets->pdata[0], server.endpoint, NULL));
  requests_until (!zmqglib_client_get_connected (client));
  g_assert_null (result);
  g_atomic_int_set (&may_answer, TRUE);
  requests_check (client, &result, "re: own");

  requests_send (client, "lost", NULL, &result);
  requests_until (raw_server_count (&server) == 2);
  g_assert_true (zmqglib_socket_disconnect_from (g_ptr_array_index (sockets, sockets->len - 1), server.endpoint, NULL));
  error = requests_fail (client, &result);
  test_assert_error (error, ZMQGLIB_ERROR_HOST_UNREACHABLE, server.endpoint);
  g_atomic_int_set (&may_answer, TRUE);
  requests_until (!g_atomic_int_get (&may_answer));
}

static void
keep_narrow_socket (ZmqClient *client,
                    ZmqSocket *socket,
                    gpointer   sockets)
{
  g_object_set (socket, "send-high-water-mark", 1, NULL);
  keep_socket (client, socket, sockets);
}

/* The program waits until the client's socket can send again: that it can is told once, and the client, which reads, hears it
 * first. */
static void
test_socket_watched_by_others (void)
{
  g_autoptr (ZmqSocket) server = test_socket_new (zmqglib_context_get_default (), ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqClient) client = make_client (-1, 1, ZMQGLIB_CLIENT_ENVELOPE_CORRELATED);
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (ZmqMessage) more = zmqglib_message_new_from_string ("of the program");
  g_autoptr (ZmqMessage) question = NULL;
  g_autoptr (GAsyncResult) writable = NULL;
  g_autofree char *endpoint = NULL;
  GAsyncResult    *answer = NULL;

  g_object_set (server, "receive-high-water-mark", 1, NULL);
  endpoint = test_bind (server, "inproc");
  g_signal_connect (client, "configure", G_CALLBACK (keep_narrow_socket), sockets);
  connect_to (client, endpoint);
  requests_send (client, "question", NULL, &answer);
  question = zmqglib_socket_receive (server, NULL, NULL);
  while (zmqglib_socket_get_condition (sockets->pdata[0]) & G_IO_OUT)
    zmqglib_socket_try_send (sockets->pdata[0], more, NULL);
  zmqglib_socket_wait_async (sockets->pdata[0], G_IO_OUT, G_PRIORITY_DEFAULT, NULL, test_keep_result, &writable);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (writable);

  g_assert_true (zmqglib_socket_send (server, question, NULL, NULL));
  reads_late = server;
  requests_check (client, &answer, "question");
  g_assert_null (reads_late);
  test_iterate_until (NULL, test_is_set, &writable);
  g_assert_cmpint (zmqglib_socket_wait_finish (sockets->pdata[0], writable, NULL), ==, G_IO_OUT);
}

/* Whoever blocks has no standing connection. */
static void
test_connection_breaks_as_it_blocks (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = make_client (-1, 1, ZMQGLIB_CLIENT_ENVELOPE_NONE);
  Blocked  blocked = { .client = client };
  GThread *thread;

  raw_server_start (&server, ZMQ_ROUTER, NULL, NULL, NULL);
  connect_to (client, server.endpoint);
  thread = g_thread_new ("blocks", block, &blocked);
  requests_until (raw_server_count (&server) == 1);
  raw_server_stop (&server);

  requests_until (g_atomic_int_get (&blocked.is_over));
  g_assert_error (blocked.error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_HOST_UNREACHABLE);
  block_end (&blocked, thread);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (count_dropped, NULL, NULL);

  g_test_add_func ("/client/flapping", test_flapping);
  g_test_add_data_func ("/client/sockets-of-tries/silent", NULL, test_sockets_of_tries);
  g_test_add_data_func ("/client/sockets-of-tries/nobody", NOBODY, test_sockets_of_tries);
  g_test_add_func ("/client/refused", test_refused);
  g_test_add_data_func ("/client/late-loop/correlated", GINT_TO_POINTER (ZMQGLIB_CLIENT_ENVELOPE_CORRELATED), test_late_loop);
  g_test_add_data_func ("/client/late-loop/none", GINT_TO_POINTER (ZMQGLIB_CLIENT_ENVELOPE_NONE), test_late_loop);
  g_test_add_func ("/client/flood-left-behind", test_flood_left_behind);
  g_test_add_func ("/client/closed-as-it-blocks", test_closed_as_it_blocks);
  g_test_add_func ("/client/endpoints-change-as-it-blocks", test_endpoints_change_as_it_blocks);
  g_test_add_func ("/client/spread-goes-round", test_spread_goes_round);
  g_test_add_func ("/client/connections-of-tries", test_connections_of_tries);
  g_test_add_func ("/client/socket-watched-by-others", test_socket_watched_by_others);
  g_test_add_func ("/client/connection-breaks-as-it-blocks", test_connection_breaks_as_it_blocks);

  return g_test_run ();
}

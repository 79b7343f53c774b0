/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-life-util.h"
#include "test-requests.h"

/* Who has had something to do, and has nothing more, does nothing. */

/* A tool that is slow makes much of little. */
static void
assert_idle (void)
{
  if (test_is_slow_tool ())
    return;

  g_assert_cmpint (life_get_idle_cpu_us (NULL, 200), <, 60000);
}

static void
on_request (ZmqServer  *server,
            ZmqRequest *request,
            gpointer    data)
{
  ZmqRequest **kept = data;

  g_set_object (kept, request);
}

static void
reply (ZmqRequest **kept)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("answer");
  g_autoptr (GError) error = NULL;

  zmqglib_request_reply (*kept, message, &error);
  g_assert_no_error (error);
  g_clear_object (kept);
}

/* Before there is a request, while one waits for its answer, and afterwards. */
static void
test_requests (gconstpointer strategy)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqClient) client = zmqglib_client_new (context, NULL);
  g_autoptr (ZmqServer) server = zmqglib_server_new (context, NULL);
  g_autoptr (ZmqRequest) request = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;

  g_signal_connect (server, "request", G_CALLBACK (on_request), &request);
  zmqglib_server_bind (server, "tcp://127.0.0.1:*", &error);
  g_assert_no_error (error);
  endpoint = zmqglib_server_dup_last_endpoint (server);
  zmqglib_client_set_strategy (client, GPOINTER_TO_INT (strategy));
  zmqglib_client_set_timeout_us (client, -1);
  zmqglib_client_connect_to (client, endpoint, &error);
  g_assert_no_error (error);
  assert_idle ();

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;

      requests_send (client, "question", NULL, &result);
      requests_until (request != NULL);
      assert_idle ();
      reply (&request);
      requests_until (result != NULL);
      assert_idle ();
    }
}

/* A server that nobody listens to any more leaves what comes where it is. */
static void
test_server_that_nobody_hears (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqServer) server = zmqglib_server_new (context, NULL);
  g_autoptr (ZmqSocket) peer = test_socket_new (context, ZMQGLIB_SOCKET_REQ);
  g_autoptr (ZmqRequest) request = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = test_endpoint ("inproc");

  zmqglib_server_bind (server, endpoint, &error);
  g_assert_no_error (error);
  zmqglib_socket_connect_to (peer, endpoint, &error);
  g_assert_no_error (error);
  test_send_string (peer, "question");
  assert_idle ();

  g_signal_connect (server, "request", G_CALLBACK (on_request), &request);
  requests_until (request != NULL);
  assert_idle ();
}

static gboolean
has_forwarded (gpointer proxy)
{
  return zmqglib_proxy_get_n_forwarded_in (proxy) == 1;
}

/* Running, paused while a message waits, and running again. */
static void
test_proxy (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) sender = NULL;
  g_autoptr (ZmqSocket) frontend = NULL;
  g_autoptr (ZmqSocket) backend = NULL;
  g_autoptr (ZmqSocket) receiver = NULL;
  g_autoptr (ZmqProxy) proxy = NULL;
  g_autoptr (GError) error = NULL;

  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &frontend, &sender);
  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL, &backend, &receiver);
  proxy = zmqglib_proxy_new (frontend, backend, NULL, &error);
  g_assert_no_error (error);
  zmqglib_proxy_start (proxy);
  assert_idle ();

  zmqglib_proxy_set_paused (proxy, TRUE);
  test_send_string (sender, "message");
  assert_idle ();
  zmqglib_proxy_set_paused (proxy, FALSE);
  test_iterate_until (NULL, has_forwarded, proxy);
  test_receive_string (receiver, "message");
  assert_idle ();
}

static void
test_authenticator_and_monitor (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqAuthenticator) authenticator = zmqglib_authenticator_new (context, &error);
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqMonitor) monitor = zmqglib_monitor_new (server, NULL);
  g_autofree char *endpoint = NULL;

  g_assert_no_error (error);
  zmqglib_authenticator_allow_address (authenticator, "127.0.0.1");
  zmqglib_authenticator_protect (authenticator, server, "here", &error);
  g_assert_no_error (error);
  endpoint = test_bind (server, "tcp");
  assert_idle ();

  zmqglib_socket_connect_to (client, endpoint, &error);
  g_assert_no_error (error);
  requests_until (zmqglib_monitor_get_n_peers (monitor) == 1);
  assert_idle ();
  zmqglib_socket_close (client);
  requests_until (zmqglib_monitor_get_n_peers (monitor) == 0);
  assert_idle ();
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/life/idle/requests", GINT_TO_POINTER (ZMQGLIB_CLIENT_STRATEGY_FAILOVER), test_requests);
  g_test_add_data_func ("/life/idle/requests-to-all", GINT_TO_POINTER (ZMQGLIB_CLIENT_STRATEGY_ALL), test_requests);
  g_test_add_func ("/life/idle/server-that-nobody-hears", test_server_that_nobody_hears);
  g_test_add_func ("/life/idle/proxy", test_proxy);
  g_test_add_func ("/life/idle/authenticator-and-monitor", test_authenticator_and_monitor);

  return g_test_run ();
}

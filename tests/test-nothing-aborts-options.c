/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <zmq.h>

#include "test-nothing-aborts.h"

/* Options that libzmq takes, and then aborts at. */

#define OPTION_ZAP_ENFORCE_DOMAIN 93

static void
assert_refused (ZmqSocket  *socket,
                int         option,
                int         value,
                const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (&value, sizeof value);

  g_assert_false (zmqglib_socket_set_option_int (socket, option, value, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, name);
  g_assert_false (zmqglib_socket_set_option_bytes (socket, option, bytes, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, name);
}

static void
assert_bind_fails (ZmqSocket  *socket,
                   const char *endpoint,
                   ZmqError    code,
                   const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (zmqglib_socket_bind (socket, endpoint, &error));
  g_assert_nonnull (strstr (error->message, endpoint));
  test_assert_error (error, code, name);
}

/* For as long as libzmq needs to abort. */
static void
receive_for_a_while (ZmqSocket *socket)
{
  gint64 deadline = g_get_monotonic_time () + G_USEC_PER_SEC / 5;

  while (g_get_monotonic_time () < deadline)
    {
      g_autoptr (ZmqMessage) message G_GNUC_UNUSED = zmqglib_socket_try_receive (socket, NULL);

      g_thread_yield ();
    }
}

/* A peer that has never heard of ZeroMQ. */
static void
talk_plainly (ZmqSocket *socket)
{
  g_autofree char *endpoint = test_bind (socket, "tcp");
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  connection = g_socket_client_connect_to_host (client, endpoint + strlen ("tcp://"), 0, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                             "plain", 5, NULL, NULL, &error);
  g_assert_no_error (error);
  receive_for_a_while (socket);
}

static void
test_raw_with_probe (void)
{
  static const int         options[] = { ZMQ_ROUTER_RAW, ZMQ_PROBE_ROUTER };
  static const char *const names[] = { "router-raw", "probe-router" };

  if (!test_is_child ())
    return;

  for (guint first = 0; first < 2; first++)
    {
      g_autoptr (ZmqSocket) router = test_socket_new (NULL, ZMQGLIB_SOCKET_ROUTER);
      g_autoptr (GError) error = NULL;
      g_autofree char *warning = g_strdup_printf ("Could not set “%s”*", names[1 - first]);

      g_object_set (router, names[first], TRUE, NULL);
      assert_refused (router, options[1 - first], 1, names[1 - first]);
      g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, warning);
      g_object_set (router, names[1 - first], TRUE, NULL);
      g_test_assert_expected_messages ();
      talk_plainly (router);

      /* one after the other is fine */
      g_object_set (router, names[first], FALSE, NULL);
      g_assert_true (zmqglib_socket_set_option_int (router, options[1 - first], 1, &error));
      g_assert_no_error (error);
    }
}

/* libzmq’s REP takes what is for ROUTER. */
static void
test_rep_is_no_router (void)
{
  g_autoptr (ZmqSocket) rep = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) id = g_bytes_new_static ("id", 2);

  if (!test_is_child ())
    return;

  rep = test_socket_new (NULL, ZMQGLIB_SOCKET_REP);
  assert_refused (rep, ZMQ_ROUTER_RAW, 1, "router-raw");
  assert_refused (rep, ZMQ_ROUTER_MANDATORY, 1, "router-mandatory");
  assert_refused (rep, ZMQ_PROBE_ROUTER, 1, "probe-router");
  g_assert_false (zmqglib_socket_set_option_bytes (rep, ZMQ_CONNECT_ROUTING_ID, id, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "connect-routing-id");
  talk_plainly (rep);
}

static void
test_routing_id_in_use (void)
{
  static const ZmqSocketType types[] = { ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_STREAM };
  g_autoptr (GBytes) id = g_bytes_new_static ("peer", 4);
  g_autoptr (GBytes) other_id = g_bytes_new_static ("other", 5);

  if (!test_is_child ())
    return;

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (ZmqSocket) socket = test_socket_new (NULL, types[i]);
      g_autoptr (GError) error = NULL;

      g_object_set (socket, "connect-routing-id", id, NULL);
      g_assert_true (zmqglib_socket_connect_to (socket, "tcp://127.0.0.1:1", &error));
      g_object_set (socket, "connect-routing-id", id, NULL);
      g_assert_false (zmqglib_socket_connect_to (socket, "tcp://127.0.0.1:2", &error));
      g_assert_nonnull (strstr (error->message, "“connect-routing-id”"));
      test_assert_error (error, ZMQGLIB_ERROR_ADDRESS_IN_USE, "“tcp://127.0.0.1:2”");

      g_object_set (socket, "connect-routing-id", other_id, NULL);
      g_assert_true (zmqglib_socket_connect_to (socket, "tcp://127.0.0.1:2", &error));

      /* libzmq may have the name still */
      g_assert_true (zmqglib_socket_disconnect_from (socket, "tcp://127.0.0.1:1", &error));
      g_object_set (socket, "connect-routing-id", id, NULL);
      g_assert_false (zmqglib_socket_connect_to (socket, "tcp://127.0.0.1:3", &error));
      test_assert_error (error, ZMQGLIB_ERROR_ADDRESS_IN_USE, "“tcp://127.0.0.1:3”");
    }
}

/* A peer may call itself as another one is to be called, and nobody can tell whether it does. */
static void
test_routing_id_of_a_stranger (void)
{
  g_autoptr (GBytes) id = g_bytes_new_static ("peer", 4);
  g_autoptr (GBytes) made_up_id = g_bytes_new_static ("\0peer", 5);
  g_autoptr (ZmqSocket) router = NULL;
  g_autoptr (ZmqSocket) immediate = NULL;
  g_autoptr (ZmqSocket) stranger = NULL;
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  if (!test_is_child ())
    return;

  router = test_socket_new (NULL, ZMQGLIB_SOCKET_ROUTER);
  g_assert_false (zmqglib_socket_set_option_bytes (router, ZMQ_CONNECT_ROUTING_ID, made_up_id, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "connect-routing-id");
  g_clear_error (&error);
  g_object_set (router, "connect-routing-id", id, NULL);
  g_assert_true (zmqglib_socket_connect_to (router, "tcp://127.0.0.1:1", &error));
  g_assert_true (zmqglib_socket_bind (router, "tcp://127.0.0.1:*", &error));
  g_object_get (router, "last-endpoint", &endpoint, NULL);

  stranger = test_socket_new (NULL, ZMQGLIB_SOCKET_DEALER);
  g_clear_pointer (&id, g_bytes_unref);
  id = g_bytes_new_static ("stranger", 8);
  g_object_set (stranger, "routing-id", id, NULL);
  g_assert_true (zmqglib_socket_connect_to (stranger, endpoint, &error));
  test_send_string (stranger, "I am here");
  g_assert_true (zmqglib_socket_wait (router, G_IO_IN, -1, NULL, &error));

  g_object_set (router, "connect-routing-id", id, NULL);
  g_assert_false (zmqglib_socket_connect_to (router, "tcp://127.0.0.1:2", &error));
  g_test_message ("%s", error->message);
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "“tcp://127.0.0.1:2”");
  g_clear_error (&error);

  /* libzmq keeps the name for the next one, before which the first may have come */
  immediate = test_socket_new (NULL, ZMQGLIB_SOCKET_ROUTER);
  g_object_set (immediate, "connect-routing-id", id, "immediate", TRUE, NULL);
  g_assert_true (zmqglib_socket_connect_to (immediate, "tcp://127.0.0.1:1", &error));
  g_assert_false (zmqglib_socket_connect_to (immediate, "tcp://127.0.0.1:2", &error));
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "“tcp://127.0.0.1:2”");
}

static int
listen_in_memory (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int                fd = socket (AF_UNIX, SOCK_STREAM, 0);

  /* without a name the system makes one up */
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address.sun_family), ==, 0);
  g_assert_cmpint (listen (fd, 5), ==, 0);

  return fd;
}

static int
listen_at_port (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int                fd = socket (AF_INET, SOCK_STREAM, 0);

  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (fd, 5), ==, 0);

  return fd;
}

static void
test_use_fd_is_no_listener (void)
{
  int fds[4];

  if (!test_is_child ())
    return;

  fds[0] = open ("/", O_RDONLY);
  fds[1] = socket (AF_INET, SOCK_STREAM, 0);
  fds[2] = socket (AF_INET, SOCK_DGRAM, 0);
  fds[3] = socket (AF_UNIX, SOCK_STREAM, 0);

  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
      g_autofree char *name = g_strdup_printf ("“use-fd” of %d", fds[i]);

      g_object_set (pull, "use-fd", fds[i], NULL);
      assert_bind_fails (pull, "tcp://127.0.0.1:*", ZMQGLIB_ERROR_INVALID_ARGUMENT, name);
      assert_bind_fails (pull, "ipc:///nowhere/at/all", ZMQGLIB_ERROR_INVALID_ARGUMENT, name);
      g_free (test_bind (pull, "inproc"));

      close (fds[i]);
      assert_bind_fails (pull, "tcp://127.0.0.1:*", ZMQGLIB_ERROR_INVALID_ARGUMENT, name);
      assert_refused (pull, ZMQ_USE_FD, fds[i], "use-fd");

      g_object_set (pull, "use-fd", -1, NULL);
      g_free (test_bind (pull, "tcp"));
    }
}

static void
test_use_fd_of_other_transport (void)
{
  g_autoptr (ZmqSocket) pull = NULL;

  if (!test_is_child ())
    return;

  pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_object_set (pull, "use-fd", listen_in_memory (), NULL);
  assert_bind_fails (pull, "tcp://127.0.0.1:*", ZMQGLIB_ERROR_INVALID_ARGUMENT, "“use-fd”");
  g_object_set (pull, "use-fd", listen_at_port (), NULL);
  assert_bind_fails (pull, "ipc:///nowhere/at/all", ZMQGLIB_ERROR_INVALID_ARGUMENT, "“use-fd”");
  g_free (test_bind (pull, "tcp"));
}

static void
test_use_fd_twice (void)
{
  g_autoptr (ZmqSocket) first = NULL;
  g_autoptr (ZmqSocket) second = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;
  int              fd;

  if (!test_is_child ())
    return;

  fd = listen_at_port ();
  first = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  second = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_object_set (first, "use-fd", fd, NULL);
  g_object_set (second, "use-fd", fd, NULL);

  endpoint = test_bind (first, "tcp");
  assert_bind_fails (first, "tcp://127.0.0.1:*", ZMQGLIB_ERROR_ADDRESS_IN_USE, "“use-fd”");
  assert_bind_fails (second, "tcp://127.0.0.1:*", ZMQGLIB_ERROR_ADDRESS_IN_USE, "“use-fd”");

  zmqglib_socket_connect_to (push, endpoint, &error);
  g_assert_no_error (error);
  test_send_string (push, "still listens");
  test_receive_string (first, "still listens");
}

static void
test_out_of_range (void)
{
  g_autoptr (ZmqSocket) socket = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) long_id = NULL;
  char zeros[300] = "";

  if (!test_is_child ())
    return;

  socket = test_socket_new (NULL, ZMQGLIB_SOCKET_ROUTER);
  long_id = g_bytes_new (zeros, sizeof zeros);
  assert_refused (socket, ZMQ_MULTICAST_HOPS, 1000, "multicast-hops");
  assert_refused (socket, ZMQ_LINGER, -2, "linger");
  assert_refused (socket, ZMQ_SNDHWM, G_MININT, "send-high-water-mark");
  assert_refused (socket, ZMQ_EVENTS, 1, "option");
  assert_refused (socket, ZMQ_FD, 1, "option");
  assert_refused (socket, ZMQ_TYPE, 1, "option");
  assert_refused (socket, -1, 1, "-1");
  g_assert_false (zmqglib_socket_set_option_bytes (socket, ZMQ_ROUTING_ID, long_id, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "routing-id");
  g_assert_false (zmqglib_socket_set_option_bytes (socket, ZMQ_ROUTING_ID, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "routing-id");
  g_free (test_bind (socket, "tcp"));
}

/* libzmq’s PLAIN server aborts when it shall ask about no domain. */
static void
test_no_domain_to_enforce (void)
{
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;

  if (!test_is_child ())
    return;

  pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_object_set (pull, "plain-server", TRUE, NULL);
  g_object_set (push, "plain-username", "name", "plain-password", "secret", NULL);
  assert_refused (pull, OPTION_ZAP_ENFORCE_DOMAIN, 1, "zap-enforce-domain");
  endpoint = test_bind (pull, "tcp");
  zmqglib_socket_connect_to (push, endpoint, &error);
  g_assert_no_error (error);
  receive_for_a_while (pull);

  g_object_set (pull, "zap-domain", "global", NULL);
  g_assert_true (zmqglib_socket_set_option_int (pull, OPTION_ZAP_ENFORCE_DOMAIN, 1, &error));
  g_assert_no_error (error);
}

/* A key that was not taken must not be missed in silence. */
static void
test_refused_security (void)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = test_endpoint ("inproc");
  char             public_key[41];
  char             secret_key[41];

  zmq_curve_keypair (public_key, secret_key);
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "Could not set “curve-server-key”*");
  g_object_set (socket, "curve-server-key", "no key\n", NULL);
  g_test_assert_expected_messages ();

  assert_bind_fails (socket, endpoint, ZMQGLIB_ERROR_WRONG_STATE, "“curve-server-key”");
  g_assert_false (zmqglib_socket_connect_to (socket, "tcp://127.0.0.1:1", &error));
  g_assert_nonnull (strstr (error->message, "“tcp://127.0.0.1:1”"));
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "“curve-server-key”");

  g_object_set (socket, "curve-server-key", public_key, NULL);
  g_assert_true (zmqglib_socket_connect_to (socket, "tcp://127.0.0.1:1", &error));
  g_assert_no_error (error);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/life/rule-7-nothing-aborts/options/raw-with-probe", test_raw_with_probe);
  g_test_add_func ("/life/rule-7-nothing-aborts/options/rep-is-no-router", test_rep_is_no_router);
  g_test_add_func ("/life/rule-7-nothing-aborts/options/routing-id-in-use", test_routing_id_in_use);
  g_test_add_func ("/life/rule-7-nothing-aborts/options/routing-id-of-a-stranger", test_routing_id_of_a_stranger);
  g_test_add_func ("/life/rule-7-nothing-aborts/options/use-fd-is-no-listener", test_use_fd_is_no_listener);
  g_test_add_func ("/life/rule-7-nothing-aborts/options/use-fd-of-other-transport", test_use_fd_of_other_transport);
  g_test_add_func ("/life/rule-7-nothing-aborts/options/use-fd-twice", test_use_fd_twice);
  g_test_add_func ("/life/rule-7-nothing-aborts/options/out-of-range", test_out_of_range);
  g_test_add_func ("/life/rule-7-nothing-aborts/options/no-domain-to-enforce", test_no_domain_to_enforce);
  g_test_add_func ("/life/rule-7-nothing-aborts/options/refused-security", test_refused_security);

  return g_test_run ();
}

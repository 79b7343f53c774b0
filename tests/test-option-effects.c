/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>
#include <zmq.h>
#include <zmqglib/zmqglib.h>

/* Options that libzmq does not let one read have to show what they do. */

#define TIMEOUT_MS 20000

/* an ample bound for what takes a few attempts */
#define MAX_ATTEMPTS 10000

static ZmqSocket *
new_socket (ZmqSocketType type)
{
  GError    *error = NULL;
  ZmqSocket *socket = zmqglib_socket_new (NULL, type, &error);

  g_assert_no_error (error);
  g_object_set (socket, "receive-timeout", TIMEOUT_MS, "send-timeout", TIMEOUT_MS, NULL);

  return socket;
}

static void
bind_to (ZmqSocket  *socket,
         const char *endpoint)
{
  GError *error = NULL;

  zmqglib_socket_bind (socket, endpoint, &error);
  g_assert_no_error (error);
}

static void
connect_to (ZmqSocket  *socket,
            const char *endpoint)
{
  GError *error = NULL;

  zmqglib_socket_connect_to (socket, endpoint, &error);
  g_assert_no_error (error);
}

static void
subscribe (ZmqSocket  *socket,
           const char *prefix)
{
  GError *error = NULL;

  zmqglib_socket_subscribe (socket, prefix, &error);
  g_assert_no_error (error);
}

static void
send_strv (ZmqSocket         *socket,
           const char *const *frames)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (frames);
  GError *error = NULL;

  zmqglib_socket_send (socket, message, NULL, &error);
  g_assert_no_error (error);
}

#define send_frames(socket, ...) \
  send_strv (socket, (const char *const[]){ __VA_ARGS__, NULL })

static ZmqMessage *
receive (ZmqSocket *socket)
{
  GError     *error = NULL;
  ZmqMessage *message = zmqglib_socket_receive (socket, NULL, &error);

  g_assert_no_error (error);

  return message;
}

static void
assert_frame (ZmqMessage *message,
              guint       index,
              const char *expected)
{
  gsize       size;
  const char *data = zmqglib_message_peek_frame (message, index, &size);

  g_assert_cmpmem (data, size, expected, strlen (expected));
}

/* asserts what the last frame is, and how many there are */
static void
assert_received (ZmqSocket  *socket,
                 guint       n_frames,
                 const char *last_frame)
{
  g_autoptr (ZmqMessage) message = receive (socket);

  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, n_frames);
  assert_frame (message, n_frames - 1, last_frame);
}

/* a TCP connection that knows nothing of ZeroMQ */
static GSocketConnection *
connect_plainly (ZmqSocket *socket)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autofree char   *endpoint = NULL;
  GSocketConnection *connection;
  GError            *error = NULL;

  bind_to (socket, "tcp://127.0.0.1:*");
  g_object_get (socket, "last-endpoint", &endpoint, NULL);

  g_socket_client_set_timeout (client, TIMEOUT_MS / 1000);
  connection = g_socket_client_connect_to_host (client, endpoint + strlen ("tcp://"), 0,
                                                NULL, &error);
  g_assert_no_error (error);

  return connection;
}

static void
write_plainly (GSocketConnection *connection,
               const char        *text)
{
  GOutputStream *stream = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  GError        *error = NULL;

  g_output_stream_write_all (stream, text, strlen (text), NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
test_router_mandatory (void)
{
  g_autoptr (ZmqSocket) router = new_socket (ZMQGLIB_SOCKET_ROUTER);
  const char *const frames[] = { "nobody", "hello", NULL };
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (frames);
  GError *error = NULL;

  send_strv (router, frames);

  g_object_set (router, "router-mandatory", TRUE, NULL);
  g_assert_false (zmqglib_socket_send (router, message, NULL, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_HOST_UNREACHABLE);
  g_clear_error (&error);
}

static void
test_router_handover (void)
{
  g_autoptr (ZmqSocket) router = new_socket (ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqSocket) first = new_socket (ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqSocket) second = new_socket (ZMQGLIB_SOCKET_DEALER);
  g_autoptr (GBytes) id = g_bytes_new_static ("id", 2);

  g_object_set (router, "router-handover", TRUE, NULL);
  bind_to (router, "inproc://router-handover");
  g_object_set (first, "routing-id", id, NULL);
  g_object_set (second, "routing-id", id, NULL);

  connect_to (first, "inproc://router-handover");
  send_frames (first, "first");
  assert_received (router, 2, "first");

  connect_to (second, "inproc://router-handover");
  send_frames (second, "second");
  assert_received (router, 2, "second");
  send_frames (router, "id", "to the second");
  assert_received (second, 1, "to the second");
}

static void
test_router_raw (void)
{
  g_autoptr (ZmqSocket) router = new_socket (ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (GSocketConnection) connection = NULL;

  g_object_set (router, "router-raw", TRUE, NULL);
  connection = connect_plainly (router);

  assert_received (router, 2, "");
  write_plainly (connection, "hello");
  assert_received (router, 2, "hello");
}

static void
test_stream_notify (void)
{
  g_autoptr (ZmqSocket) noisy = new_socket (ZMQGLIB_SOCKET_STREAM);
  g_autoptr (ZmqSocket) quiet = new_socket (ZMQGLIB_SOCKET_STREAM);
  g_autoptr (GSocketConnection) to_noisy = NULL;
  g_autoptr (GSocketConnection) to_quiet = NULL;

  g_object_set (quiet, "stream-notify", FALSE, NULL);
  to_noisy = connect_plainly (noisy);
  to_quiet = connect_plainly (quiet);
  write_plainly (to_noisy, "hello");
  write_plainly (to_quiet, "hello");

  assert_received (noisy, 2, "");
  assert_received (noisy, 2, "hello");
  assert_received (quiet, 2, "hello");
}

static void
test_connect_routing_id (void)
{
  g_autoptr (ZmqSocket) server = new_socket (ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqSocket) client = new_socket (ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (GBytes) id = g_bytes_new_static ("server", 6);

  bind_to (server, "inproc://connect-routing-id");
  g_object_set (client, "connect-routing-id", id, "router-mandatory", TRUE, NULL);
  connect_to (client, "inproc://connect-routing-id");

  send_frames (client, "server", "hello");
  assert_received (server, 2, "hello");
}

static void
test_probe_router (void)
{
  g_autoptr (ZmqSocket) router = new_socket (ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqSocket) dealer = new_socket (ZMQGLIB_SOCKET_DEALER);

  bind_to (router, "inproc://probe-router");
  g_object_set (dealer, "probe-router", TRUE, NULL);
  connect_to (dealer, "inproc://probe-router");

  assert_received (router, 2, "");
}

static void
test_request_correlate (void)
{
  g_autoptr (ZmqSocket) router = new_socket (ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqSocket) plain = new_socket (ZMQGLIB_SOCKET_REQ);
  g_autoptr (ZmqSocket) numbered = new_socket (ZMQGLIB_SOCKET_REQ);

  bind_to (router, "inproc://request-correlate");
  g_object_set (numbered, "request-correlate", TRUE, NULL);
  connect_to (plain, "inproc://request-correlate");
  connect_to (numbered, "inproc://request-correlate");

  send_frames (plain, "hello");
  assert_received (router, 3, "hello");
  send_frames (numbered, "hello");
  assert_received (router, 4, "hello");
}

static void
test_request_relaxed (void)
{
  g_autoptr (ZmqSocket) router = new_socket (ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqSocket) strict = new_socket (ZMQGLIB_SOCKET_REQ);
  g_autoptr (ZmqSocket) relaxed = new_socket (ZMQGLIB_SOCKET_REQ);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("second");
  GError *error = NULL;

  bind_to (router, "inproc://request-relaxed");
  g_object_set (relaxed, "request-relaxed", TRUE, NULL);
  connect_to (strict, "inproc://request-relaxed");
  connect_to (relaxed, "inproc://request-relaxed");

  send_frames (strict, "first");
  assert_received (router, 3, "first");
  g_assert_false (zmqglib_socket_send (strict, message, NULL, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE);
  g_clear_error (&error);

  send_frames (relaxed, "first");
  assert_received (router, 3, "first");
  send_frames (relaxed, "second");
  assert_received (router, 3, "second");
}

static void
assert_subscription (ZmqSocket  *xpub,
                     gboolean    subscribed,
                     const char *prefix)
{
  g_autoptr (ZmqMessage) message = receive (xpub);
  gsize       size;
  const char *data = zmqglib_message_peek_frame (message, 0, &size);

  g_assert_cmpuint (size, ==, 1 + strlen (prefix));
  g_assert_cmpint (data[0], ==, subscribed);
  g_assert_cmpmem (data + 1, size - 1, prefix, strlen (prefix));
}

/* Of two peers with the same subscription, whether the second one's, and its end, are received.
 * What comes after each shows when it is not. */
static void
check_subscriptions (const char *property,
                     gboolean    second_received,
                     gboolean    end_received)
{
  g_autoptr (ZmqSocket) xpub = new_socket (ZMQGLIB_SOCKET_XPUB);
  g_autoptr (ZmqSocket) first = new_socket (ZMQGLIB_SOCKET_SUB);
  g_autoptr (ZmqSocket) second = new_socket (ZMQGLIB_SOCKET_SUB);
  g_autofree char *endpoint = g_strdup_printf ("inproc://%s", property != NULL ? property : "xpub");
  GError          *error = NULL;

  if (property != NULL)
    g_object_set (xpub, property, TRUE, NULL);
  bind_to (xpub, endpoint);
  connect_to (first, endpoint);
  connect_to (second, endpoint);

  subscribe (first, "topic");
  assert_subscription (xpub, TRUE, "topic");

  subscribe (second, "topic");
  subscribe (second, "done");
  if (second_received)
    assert_subscription (xpub, TRUE, "topic");
  assert_subscription (xpub, TRUE, "done");

  zmqglib_socket_unsubscribe (second, "topic", &error);
  g_assert_no_error (error);
  subscribe (second, "done again");
  if (end_received)
    assert_subscription (xpub, FALSE, "topic");
  assert_subscription (xpub, TRUE, "done again");
}

static void
test_xpub_verbose (void)
{
  check_subscriptions (NULL, FALSE, FALSE);
  check_subscriptions ("xpub-verbose", TRUE, FALSE);
}

static void
test_xpub_verboser (void)
{
  check_subscriptions ("xpub-verboser", TRUE, TRUE);
}

static void
test_xpub_manual (void)
{
  g_autoptr (ZmqSocket) xpub = new_socket (ZMQGLIB_SOCKET_XPUB);
  g_autoptr (ZmqSocket) xsub = new_socket (ZMQGLIB_SOCKET_XSUB);

  g_object_set (xpub, "xpub-manual", TRUE, NULL);
  bind_to (xpub, "inproc://xpub-manual");
  connect_to (xsub, "inproc://xpub-manual");

  send_frames (xsub, "\1asked");
  assert_subscription (xpub, TRUE, "asked");
  subscribe (xpub, "granted");
  send_frames (xpub, "asked");
  send_frames (xpub, "granted");
  assert_received (xsub, 1, "granted");
}

static void
test_xpub_no_drop (void)
{
  g_autoptr (ZmqSocket) xpub = new_socket (ZMQGLIB_SOCKET_XPUB);
  g_autoptr (ZmqSocket) sub = new_socket (ZMQGLIB_SOCKET_SUB);
  GError *error = NULL;

  g_object_set (xpub, "xpub-no-drop", TRUE, "send-high-water-mark", 1, NULL);
  g_object_set (sub, "receive-high-water-mark", 1, NULL);
  bind_to (xpub, "inproc://xpub-no-drop");
  connect_to (sub, "inproc://xpub-no-drop");
  subscribe (sub, "");
  assert_subscription (xpub, TRUE, "");

  for (guint i = 0; error == NULL && i < MAX_ATTEMPTS; i++)
    {
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("hello");

      zmqglib_socket_try_send (xpub, message, &error);
    }
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
  g_clear_error (&error);
}

static void
test_xpub_welcome_message (void)
{
  g_autoptr (ZmqSocket) xpub = new_socket (ZMQGLIB_SOCKET_XPUB);
  g_autoptr (ZmqSocket) sub = new_socket (ZMQGLIB_SOCKET_SUB);
  g_autoptr (GBytes) welcome = g_bytes_new_static ("welcome", 7);

  g_object_set (xpub, "xpub-welcome-message", welcome, NULL);
  bind_to (xpub, "inproc://xpub-welcome-message");
  subscribe (sub, "");
  connect_to (sub, "inproc://xpub-welcome-message");
  assert_subscription (xpub, TRUE, "");

  assert_received (sub, 1, "welcome");
}

/* The keys reach libzmq as they are: with the right ones a message arrives. */
static void
test_curve (void)
{
  g_autoptr (ZmqSocket) server = new_socket (ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) client = new_socket (ZMQGLIB_SOCKET_PUSH);
  g_autofree char     *endpoint = NULL;
  char                 server_public[41];
  char                 server_secret[41];
  char                 client_public[41];
  char                 client_secret[41];
  ZmqSecurityMechanism mechanism;

  if (zmq_curve_keypair (server_public, server_secret) != 0)
    {
      g_test_skip ("This libzmq has no CURVE");
      return;
    }
  g_assert_cmpint (zmq_curve_keypair (client_public, client_secret), ==, 0);

  g_object_set (server, "curve-server", TRUE, "curve-secret-key", server_secret, NULL);
  bind_to (server, "tcp://127.0.0.1:*");
  g_object_get (server, "security-mechanism", &mechanism, "last-endpoint", &endpoint, NULL);
  g_assert_cmpint (mechanism, ==, ZMQGLIB_SECURITY_MECHANISM_CURVE);

  g_object_set (client,
                "curve-server-key", server_public,
                "curve-public-key", client_public,
                "curve-secret-key", client_secret,
                NULL);
  connect_to (client, endpoint);
  send_frames (client, "secret");
  assert_received (server, 1, "secret");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/option-effects/router-mandatory", test_router_mandatory);
  g_test_add_func ("/option-effects/router-handover", test_router_handover);
  g_test_add_func ("/option-effects/router-raw", test_router_raw);
  g_test_add_func ("/option-effects/stream-notify", test_stream_notify);
  g_test_add_func ("/option-effects/connect-routing-id", test_connect_routing_id);
  g_test_add_func ("/option-effects/probe-router", test_probe_router);
  g_test_add_func ("/option-effects/request-correlate", test_request_correlate);
  g_test_add_func ("/option-effects/request-relaxed", test_request_relaxed);
  g_test_add_func ("/option-effects/xpub-verbose", test_xpub_verbose);
  g_test_add_func ("/option-effects/xpub-verboser", test_xpub_verboser);
  g_test_add_func ("/option-effects/xpub-manual", test_xpub_manual);
  g_test_add_func ("/option-effects/xpub-no-drop", test_xpub_no_drop);
  g_test_add_func ("/option-effects/xpub-welcome-message", test_xpub_welcome_message);
  g_test_add_func ("/option-effects/curve", test_curve);

  return g_test_run ();
}

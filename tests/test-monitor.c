/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <signal.h>
#include <zmq.h>

#include "test-monitor-util.h"

/* What a monitor tells of a socket's connections. */

/* Takes a port at which it does not listen. */
static GSocket *
new_deaf_socket (char **endpoint)
{
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  g_socket_bind (socket, any_port, FALSE, &error);
  g_assert_no_error (error);
  address = g_socket_get_local_address (socket, &error);
  g_assert_no_error (error);
  *endpoint = g_strdup_printf ("tcp://127.0.0.1:%u", g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));

  return socket;
}

static void
assert_event (Watched            *watched,
              ZmqMonitorEventKind kind,
              const char         *endpoint,
              const char         *text)
{
  ZmqMonitorEvent *event = watched_wait (watched, kind);
  g_autofree char *string = zmqglib_monitor_event_to_string (event);

  g_assert_cmpstr (zmqglib_monitor_event_get_endpoint (event), ==, endpoint);
  g_assert_null (zmqglib_monitor_event_get_error (event));
  g_assert_cmpint (zmqglib_monitor_event_get_interval_us (event), ==, -1);
  g_assert_true (g_str_has_prefix (string, text));
}

static void
assert_failure (Watched            *watched,
                ZmqMonitorEventKind kind,
                const char         *endpoint,
                ZmqError            code,
                const char         *text)
{
  ZmqMonitorEvent *event = watched_wait (watched, kind);
  const GError    *error = zmqglib_monitor_event_get_error (event);
  g_autofree char *string = zmqglib_monitor_event_to_string (event);

  g_assert_cmpstr (zmqglib_monitor_event_get_endpoint (event), ==, endpoint);
  g_assert_error (error, ZMQGLIB_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, endpoint));
  g_assert_nonnull (strstr (error->message, text));
  g_assert_nonnull (strstr (string, error->message));
}

static void
test_connection (gconstpointer transport)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_auto (Watched) served = { 0 };
  g_auto (Watched) connected = { 0 };
  g_autofree char *endpoint = NULL;

  watched_init (&served, server);
  watched_init (&connected, client);
  endpoint = test_bind (server, transport);
  watched_connect (client, endpoint);

  assert_event (&served, ZMQGLIB_MONITOR_EVENT_LISTENING, endpoint, "listening ");
  assert_event (&served, ZMQGLIB_MONITOR_EVENT_ACCEPTED, endpoint, "accepted ");
  assert_event (&served, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED, endpoint, "handshake-succeeded ");
  assert_event (&connected, ZMQGLIB_MONITOR_EVENT_CONNECTED, endpoint, "connected ");
  assert_event (&connected, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED, endpoint, "handshake-succeeded ");
  if (g_str_equal (transport, "tcp"))
    assert_event (&connected, ZMQGLIB_MONITOR_EVENT_CONNECT_DELAYED, endpoint, "connect-delayed ");
  watched_wait_peers (&served, 1);
  watched_wait_peers (&connected, 1);

  zmqglib_socket_close (client);
  assert_event (&served, ZMQGLIB_MONITOR_EVENT_DISCONNECTED, endpoint, "disconnected ");
  watched_wait_peers (&served, 0);
  g_assert_cmpuint (served.n_peers_notified, ==, 2);
  g_assert_cmpuint (served.n_connected_notified, ==, 2);
  assert_event (&connected, ZMQGLIB_MONITOR_EVENT_MONITOR_STOPPED, NULL, "monitor-stopped");
  g_assert_true (zmqglib_monitor_is_closed (connected.monitor));
  watched_wait_peers (&connected, 0);

  zmqglib_socket_close (server);
  assert_event (&served, ZMQGLIB_MONITOR_EVENT_CLOSED, endpoint, "closed ");
  assert_event (&served, ZMQGLIB_MONITOR_EVENT_MONITOR_STOPPED, NULL, "monitor-stopped");
  watched_terminate (context);
}

static void
test_retried (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_auto (Watched) watched = { 0 };
  g_autofree char         *endpoint = NULL;
  g_autofree char         *string = NULL;
  g_autoptr (GSocket) deaf G_GNUC_UNUSED = new_deaf_socket (&endpoint);
  ZmqMonitorEvent         *event;

  g_object_set (client, "reconnect-interval", 20, NULL);
  watched_init (&watched, client);
  watched_connect (client, endpoint);

  watched_wait (&watched, ZMQGLIB_MONITOR_EVENT_CLOSED);
  event = watched_wait (&watched, ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED);
  string = zmqglib_monitor_event_to_string (event);
  g_assert_cmpint (zmqglib_monitor_event_get_interval_us (event), >=, 20 * G_TIME_SPAN_MILLISECOND);
  g_assert_nonnull (strstr (string, " ms)"));
  watched_wait_peers (&watched, 0);
}

static void
test_bind_failed (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) other = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autofree char *endpoint = test_bind (other, "tcp");
  g_autoptr (GError) error = NULL;
  g_auto (Watched) watched = { 0 };

  watched_init (&watched, server);
  g_assert_false (zmqglib_socket_bind (server, endpoint, &error));
  assert_failure (&watched, ZMQGLIB_MONITOR_EVENT_BIND_FAILED, endpoint + strlen ("tcp://"), ZMQGLIB_ERROR_ADDRESS_IN_USE,
                  "bind");
}

static gboolean
make_curve_server (ZmqSocket *server,
                   char       public_key[41])
{
  char secret_key[41];

  if (zmq_curve_keypair (public_key, secret_key) != 0)
    {
      g_test_skip ("This libzmq has no CURVE");
      return FALSE;
    }

  g_object_set (server, "curve-server", TRUE, "curve-secret-key", secret_key, NULL);

  return TRUE;
}

/* One without keys comes to a server that wants them. */
static void
test_mechanism_mismatch (gconstpointer transport)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_auto (Watched) served = { 0 };
  g_auto (Watched) connected = { 0 };
  g_autofree char *endpoint = NULL;
  char             public_key[41];

  if (!make_curve_server (server, public_key))
    return;

  watched_init (&served, server);
  watched_init (&connected, client);
  endpoint = test_bind (server, transport);
  watched_connect (client, endpoint);

  assert_failure (&served, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_PROTOCOL, endpoint, ZMQGLIB_ERROR_INCOMPATIBLE,
                  "mechanism");
  watched_wait (&served, ZMQGLIB_MONITOR_EVENT_DISCONNECTED);
  watched_wait (&connected, ZMQGLIB_MONITOR_EVENT_DISCONNECTED);
  g_assert_cmpuint (served.n_peers_notified, ==, 0);
  g_assert_cmpuint (connected.n_peers_notified, ==, 0);
}

/* Those that are refused take nobody away who was let in. */
static void
test_refused_beside_peers (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_auto (Watched) served = { 0 };
  g_autofree char *endpoint = NULL;
  char             server_key[41];
  char             public_key[41];
  char             secret_key[41];

  if (!make_curve_server (server, server_key))
    return;

  zmq_curve_keypair (public_key, secret_key);
  g_object_set (client, "curve-server-key", server_key, "curve-public-key", public_key, "curve-secret-key", secret_key,
                NULL);
  watched_init (&served, server);
  endpoint = test_bind (server, "tcp");
  watched_connect (client, endpoint);
  watched_wait_peers (&served, 1);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (ZmqSocket) stranger = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);

      g_ptr_array_set_size (served.events, 0);
      watched_connect (stranger, endpoint);
      watched_wait (&served, ZMQGLIB_MONITOR_EVENT_DISCONNECTED);
      g_assert_cmpuint (zmqglib_monitor_get_n_peers (served.monitor), ==, 1);
    }

  zmqglib_socket_close (client);
  watched_wait_peers (&served, 0);
}

/* Refuses everybody, as an authenticator. */
static void
on_zap_request (ZmqStream  *stream,
                ZmqMessage *request,
                gpointer    data)
{
  const char *reply[] = { "1.0", "", "400", "no", "", "", NULL };
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autoptr (GBytes) id = zmqglib_message_get_frame (request, 1);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; reply[i] != NULL; i++)
    if (i == 1)
      zmqglib_message_append_bytes (message, id);
    else
      zmqglib_message_append_string (message, reply[i]);
  zmqglib_stream_send (stream, message, &error);
  g_assert_no_error (error);
}

static void
test_refused_by_authenticator (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) zap = test_socket_new (context, ZMQGLIB_SOCKET_REP);
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqStream) authenticator = NULL;
  g_auto (Watched) served = { 0 };
  g_auto (Watched) connected = { 0 };
  g_autofree char *name G_GNUC_UNUSED = watched_bind (zap, "inproc://zeromq.zap.01");
  g_autofree char      *endpoint = NULL;

  authenticator = zmqglib_stream_new (zap);
  g_signal_connect (authenticator, "received", G_CALLBACK (on_zap_request), NULL);
  g_object_set (server, "zap-domain", "test", NULL);
  watched_init (&served, server);
  watched_init (&connected, client);
  endpoint = test_bind (server, "tcp");
  watched_connect (client, endpoint);

  assert_failure (&served, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_AUTH, endpoint, ZMQGLIB_ERROR_PERMISSION_DENIED, "refused");
  assert_failure (&connected, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_AUTH, endpoint, ZMQGLIB_ERROR_PERMISSION_DENIED,
                  "refused");
  watched_wait (&served, ZMQGLIB_MONITOR_EVENT_DISCONNECTED);
  g_assert_cmpuint (served.n_peers_notified, ==, 0);
}

/* Who knows no ZeroMQ, and goes in the middle of the greeting. */
static void
test_no_detail (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Watched) watched = { 0 };
  g_autofree char *endpoint = NULL;

  watched_init (&watched, server);
  endpoint = test_bind (server, "tcp");
  connection = g_socket_client_connect_to_host (client, endpoint + strlen ("tcp://"), 0, NULL, &error);
  g_assert_no_error (error);
  watched_wait (&watched, ZMQGLIB_MONITOR_EVENT_ACCEPTED);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);

  assert_failure (&watched, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_NO_DETAIL, endpoint, ZMQGLIB_ERROR_FAILED, "closed");
  watched_wait (&watched, ZMQGLIB_MONITOR_EVENT_DISCONNECTED);
  g_assert_cmpuint (watched.n_peers_notified, ==, 0);
}

static void
test_reconnects (gconstpointer transport)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint = NULL;
  g_auto (Watched) watched = { 0 };

  g_object_set (client, "reconnect-interval", 10, NULL);
  watched_init (&watched, client);
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);

      if (endpoint == NULL)
        {
          endpoint = test_bind (server, transport);
          watched_connect (client, endpoint);
        }
      else
        {
          g_autofree char *again = watched_bind (server, endpoint);

          g_assert_cmpstr (again, ==, endpoint);
        }
      watched_wait_peers (&watched, 1);

      zmqglib_socket_close (server);
      g_ptr_array_set_size (watched.events, 0);
      watched_wait_peers (&watched, 0);
      watched_wait (&watched, ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED);
    }
}

typedef struct
{
  ZmqSocket  *socket;
  const char *endpoint;
} Binding;

static gboolean
try_to_bind (gpointer data)
{
  Binding *binding = data;

  return zmqglib_socket_bind (binding->socket, binding->endpoint, NULL);
}

static gboolean
keep_trying (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Binds again when libzmq has really left the endpoint. */
static void
bind_again (ZmqSocket  *socket,
            const char *endpoint)
{
  guint id = g_timeout_add (5, keep_trying, NULL);

  test_iterate_until (NULL, try_to_bind, &(Binding){ .socket = socket, .endpoint = endpoint });
  g_source_remove (id);
}

/* What a socket leaves by itself takes that endpoint's peers away, and no others. */
static void
test_own_unbind (gconstpointer data)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqSocket) first = test_socket_new (context, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqSocket) second = test_socket_new (context, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqSocket) other = test_socket_new (context, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;
  g_autofree char *kept = NULL;
  g_autofree char *name = NULL;
  g_auto (Watched) watched = { 0 };

  watched_init (&watched, server);
  name = strchr (data, ':') != NULL ? g_strdup (data) : test_endpoint (data);
  endpoint = watched_bind (server, name);
  kept = test_bind (server, "ipc");
  stream = zmqglib_stream_new (server);
  watched_connect (first, endpoint);
  watched_connect (second, endpoint);
  watched_connect (other, kept);
  watched_wait_peers (&watched, 3);

  zmqglib_socket_unbind (server, endpoint, &error);
  g_assert_no_error (error);
  watched_wait_peers (&watched, 1);

  bind_again (server, endpoint);
  watched_wait_peers (&watched, 3);
  zmqglib_socket_close (other);
  watched_wait_peers (&watched, 2);
}

static void
test_own_disconnect (gconstpointer host)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqSocket) other = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *bound = test_bind (server, "tcp");
  g_autofree char *kept = test_bind (other, "tcp");
  g_autofree char *endpoint = g_strconcat ("tcp://", host, strrchr (bound, ':'), NULL);
  g_auto (Watched) watched = { 0 };

  watched_init (&watched, client);
  stream = zmqglib_stream_new (client);
  for (guint i = 0; i < 3; i++)
    {
      watched_connect (client, endpoint);
      if (i == 0)
        watched_connect (client, kept);
      watched_wait_peers (&watched, 2);
      zmqglib_socket_disconnect_from (client, endpoint, &error);
      g_assert_no_error (error);
      watched_wait_peers (&watched, 1);
    }
}

/* Who was connected by a name may be told of by the address when it has come again, and is still meant by the name. */
static void
test_own_disconnect_after_return (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqSocket) other = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *bound = test_bind (server, "tcp");
  g_autofree char *kept = test_bind (other, "tcp");
  g_autofree char *endpoint = g_strconcat ("tcp://localhost", strrchr (bound, ':'), NULL);
  g_auto (Watched) watched = { 0 };

  watched_init (&watched, client);
  stream = zmqglib_stream_new (client);
  watched_connect (client, endpoint);
  watched_connect (client, kept);
  watched_wait_peers (&watched, 2);

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *again = NULL;

      zmqglib_socket_close (server);
      watched_wait_peers (&watched, 1);
      g_object_unref (server);
      server = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
      again = watched_bind (server, bound);
      g_assert_cmpstr (again, ==, bound);
      watched_wait_peers (&watched, 2);
    }

  zmqglib_socket_disconnect_from (client, endpoint, &error);
  g_assert_no_error (error);
  watched_wait_peers (&watched, 1);
}

/* However many endpoints a socket has left, its peers are counted right, also those that come again. */
static void
test_own_disconnect_often (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *kept = test_bind (server, "tcp");
  g_auto (Watched) watched = { 0 };

  watched_init (&watched, client);
  stream = zmqglib_stream_new (client);
  watched_connect (client, kept);
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (ZmqSocket) peer = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
      g_autofree char *endpoint = test_bind (peer, "tcp");

      watched_connect (client, endpoint);
      watched_wait_peers (&watched, 2);
      zmqglib_socket_disconnect_from (client, endpoint, &error);
      g_assert_no_error (error);
      watched_wait_peers (&watched, 1);
      if (i % 10 > 0)
        continue;

      watched_connect (client, endpoint);
      watched_wait_peers (&watched, 2);
      zmqglib_socket_disconnect_from (client, endpoint, &error);
      g_assert_no_error (error);
      watched_wait_peers (&watched, 1);
    }
}

/* A peer of another process that is killed, or that only stops. */
static void
test_lost_process (gconstpointer data)
{
  int         signal_number = GPOINTER_TO_INT (data);
  const char *python = g_getenv ("TEST_PYTHON");
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_DEALER);
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "python", "peer.py", NULL);
  g_autofree char *endpoint = NULL;
  g_autoptr (GSubprocess) peer = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (Watched) watched = { 0 };

  if (python == NULL)
    {
      g_test_skip ("no Python with pyzmq");
      return;
    }

  g_object_set (server, "heartbeat-interval", 50, "heartbeat-timeout", 200, NULL);
  watched_init (&watched, server);
  endpoint = test_bind (server, "tcp");
  peer = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, python, script, "echo", endpoint, NULL);
  g_assert_no_error (error);
  watched_wait_peers (&watched, 1);

  g_subprocess_send_signal (peer, signal_number);
  watched_wait (&watched, ZMQGLIB_MONITOR_EVENT_DISCONNECTED);
  watched_wait_peers (&watched, 0);
  g_subprocess_force_exit (peer);
  g_subprocess_wait (peer, NULL, NULL);
}

static void
test_detail (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_monitor_event_unref);
  g_autofree char *endpoint = NULL;
  Watched          detailed = { .events = events };
  g_auto (Watched) watched = { 0 };

  watched_init (&watched, server);
  g_signal_connect (watched.monitor, "event::accepted", G_CALLBACK (watched_on_event), &detailed);
  endpoint = test_bind (server, "tcp");
  watched_connect (client, endpoint);
  watched_wait_peers (&watched, 1);

  g_assert_cmpuint (events->len, ==, 1);
  g_assert_cmpint (zmqglib_monitor_event_get_kind (events->pdata[0]), ==, ZMQGLIB_MONITOR_EVENT_ACCEPTED);
}

/* Each of several monitors hears of everything; one that comes later knows the peers that were counted. */
static void
test_several (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint = NULL;
  g_auto (Watched) first = { 0 };
  g_auto (Watched) second = { 0 };
  g_auto (Watched) later = { 0 };

  watched_init (&first, server);
  watched_init (&second, server);
  endpoint = test_bind (server, "tcp");
  watched_connect (client, endpoint);
  watched_wait_peers (&first, 1);
  watched_wait_peers (&second, 1);
  g_assert_cmpuint (first.events->len, ==, second.events->len);

  zmqglib_monitor_close (first.monitor);
  watched_init (&later, server);
  g_assert_cmpuint (zmqglib_monitor_get_n_peers (later.monitor), ==, 1);
  zmqglib_socket_close (client);
  watched_wait_peers (&second, 0);
  watched_wait_peers (&later, 0);
  g_assert_null (watched_find (&first, ZMQGLIB_MONITOR_EVENT_DISCONNECTED));
  g_assert_cmpuint (zmqglib_monitor_get_n_peers (first.monitor), ==, 1);
}

static void
test_inproc (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint = NULL;
  g_auto (Watched) watched = { 0 };

  watched_init (&watched, server);
  endpoint = test_bind (server, "inproc");
  watched_connect (client, endpoint);
  test_send_string (client, "a");
  test_receive_string (server, "a");
  zmqglib_socket_close (client);
  zmqglib_socket_close (server);
  watched_wait (&watched, ZMQGLIB_MONITOR_EVENT_MONITOR_STOPPED);
  g_assert_cmpuint (watched.events->len, ==, 1);
  g_assert_cmpuint (watched.n_peers_notified, ==, 0);
}

static void
test_not_possible (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) adopted = NULL;
  g_autoptr (GError) error = NULL;

  adopted = zmqglib_socket_new_for_handle (zmqglib_socket_get_handle (socket), &error);
  g_assert_no_error (error);
  g_assert_null (zmqglib_monitor_new (adopted, &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_SUPPORTED, "handle");
  g_assert_null (g_initable_new (ZMQGLIB_TYPE_MONITOR, NULL, &error, NULL));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "monitor");

  zmqglib_context_shutdown (context);
  g_assert_null (zmqglib_monitor_new (socket, &error));
  test_assert_error (error, ZMQGLIB_ERROR_TERMINATED, "");
  zmqglib_socket_close (socket);
  g_assert_null (zmqglib_monitor_new (socket, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "monitor");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/monitor/connection/tcp", "tcp", test_connection);
  g_test_add_data_func ("/monitor/connection/ipc", "ipc", test_connection);
  g_test_add_func ("/monitor/retried", test_retried);
  g_test_add_func ("/monitor/bind-failed", test_bind_failed);
  g_test_add_data_func ("/monitor/mechanism-mismatch/tcp", "tcp", test_mechanism_mismatch);
  g_test_add_data_func ("/monitor/mechanism-mismatch/ipc", "ipc", test_mechanism_mismatch);
  g_test_add_func ("/monitor/refused-beside-peers", test_refused_beside_peers);
  g_test_add_func ("/monitor/refused-by-authenticator", test_refused_by_authenticator);
  g_test_add_func ("/monitor/no-detail", test_no_detail);
  g_test_add_data_func ("/monitor/reconnects/tcp", "tcp", test_reconnects);
  g_test_add_data_func ("/monitor/reconnects/ipc", "ipc", test_reconnects);
  g_test_add_data_func ("/monitor/own-unbind/address", "tcp://127.0.0.1:*", test_own_unbind);
  g_test_add_data_func ("/monitor/own-unbind/wildcard", "tcp://*:*", test_own_unbind);
  g_test_add_data_func ("/monitor/own-unbind/ipc", "ipc", test_own_unbind);
  g_test_add_data_func ("/monitor/own-disconnect/address", "127.0.0.1", test_own_disconnect);
  g_test_add_data_func ("/monitor/own-disconnect/name", "localhost", test_own_disconnect);
  g_test_add_func ("/monitor/own-disconnect/name-that-has-returned", test_own_disconnect_after_return);
  g_test_add_func ("/monitor/own-disconnect/often", test_own_disconnect_often);
  g_test_add_data_func ("/monitor/lost-process/killed", GINT_TO_POINTER (SIGKILL), test_lost_process);
  g_test_add_data_func ("/monitor/lost-process/stopped", GINT_TO_POINTER (SIGSTOP), test_lost_process);
  g_test_add_func ("/monitor/detail", test_detail);
  g_test_add_func ("/monitor/several", test_several);
  g_test_add_func ("/monitor/inproc", test_inproc);
  g_test_add_func ("/monitor/not-possible", test_not_possible);

  return g_test_run ();
}

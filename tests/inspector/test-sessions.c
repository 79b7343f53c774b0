/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "inspector-event.h"
#include "inspector-make.h"
#include "inspector-proxy.h"
#include "inspector-socket.h"
#include "test-util.h"

static InspectorSession *
make_socket (const char *type_name)
{
  ZmqSocketType type;
  g_autoptr (GError) error = NULL;
  InspectorSession *session;

  g_assert_true (inspector_socket_parse_type (type_name, &type));
  session = inspector_socket_new (type, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (inspector_session_get_title (session), ==, type_name);

  return session;
}

static InspectorEndpoint *
get_endpoint (InspectorSession *session,
              guint             index)
{
  return g_list_model_get_item (inspector_session_get_endpoints (session), index);
}

static gboolean
has_state (InspectorSession *session,
           guint             index,
           const char       *state)
{
  g_autoptr (InspectorEndpoint) endpoint = get_endpoint (session, index);

  return g_str_equal (inspector_endpoint_get_state (endpoint), state);
}

static void
test_send_and_receive (void)
{
  g_autoptr (InspectorSession) pull = make_socket ("PULL");
  g_autoptr (InspectorSession) push = make_socket ("PUSH");
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("hello");
  g_autoptr (GError) error = NULL;
  InspectorStore *received = inspector_session_get_store (pull);
  const char     *address;

  g_assert_true (inspector_socket_bind (INSPECTOR_SOCKET (pull), "tcp://127.0.0.1:*", &error));
  address = inspector_session_get_subtitle (pull);
  g_assert_true (g_str_has_prefix (address, "tcp://127.0.0.1:"));
  g_assert_false (g_str_has_suffix (address, "*"));
  g_assert_true (inspector_socket_connect (INSPECTOR_SOCKET (push), address, &error));
  g_assert_true (inspector_socket_send (INSPECTOR_SOCKET (push), message, &error));
  g_assert_no_error (error);

  test_until (inspector_store_get_end (received) == 1);
  g_assert_true (zmqglib_message_equal (inspector_store_get_entry (received, 0)->message, message));
  g_assert_cmpint (inspector_store_get_entry (received, 0)->direction, ==, INSPECTOR_RECEIVED);
  test_until (inspector_store_get_n_messages (inspector_session_get_store (push), INSPECTOR_SENT) == 1);
  test_until (has_state (pull, 0, "Listening, 1 peer") && has_state (push, 0, "Ready"));

  g_assert_true (inspector_socket_leave (INSPECTOR_SOCKET (push), address, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (inspector_session_get_endpoints (push)), ==, 0);
  test_until (has_state (pull, 0, "Listening, 0 peers"));
}

static void
test_paused (void)
{
  g_autoptr (InspectorSession) pull = make_socket ("PULL");
  g_autoptr (InspectorSession) push = make_socket ("PUSH");
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("hello");
  InspectorStore *received = inspector_session_get_store (pull);

  g_assert_true (inspector_socket_bind (INSPECTOR_SOCKET (pull), "inproc://paused", NULL));
  g_assert_true (inspector_socket_connect (INSPECTOR_SOCKET (push), "inproc://paused", NULL));
  inspector_session_set_paused (pull, TRUE);
  for (guint i = 0; i < 10; i++)
    g_assert_true (inspector_socket_send (INSPECTOR_SOCKET (push), message, NULL));
  test_pass_time (50);
  g_assert_cmpuint (inspector_store_get_end (received), ==, 0);
  inspector_session_set_paused (pull, FALSE);
  test_until (inspector_store_get_end (received) == 10);
}

static void
test_subscriptions (void)
{
  g_autoptr (InspectorSession) session = make_socket ("SUB");
  InspectorSocket *sub = INSPECTOR_SOCKET (session);
  g_autoptr (GError) error = NULL;

  g_assert_true (inspector_socket_can_subscribe (sub));
  g_assert_false (inspector_socket_can_send (sub));
  g_assert_true (inspector_socket_subscribe (sub, "a", &error));
  g_assert_true (inspector_socket_subscribe (sub, "a", &error));
  g_assert_true (inspector_socket_subscribe (sub, "", &error));
  g_assert_cmpuint (g_strv_length ((char **) inspector_socket_get_subscriptions (sub)), ==, 2);
  g_assert_true (inspector_socket_unsubscribe (sub, "a", &error));
  g_assert_false (inspector_socket_unsubscribe (sub, "a", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpuint (g_strv_length ((char **) inspector_socket_get_subscriptions (sub)), ==, 1);
}

static gboolean
has_tried (InspectorSession *session,
           guint             index,
           const char       *times)
{
  g_autoptr (InspectorEvent) event = g_list_model_get_item (inspector_session_get_events (session), index);

  return strstr (inspector_event_get_detail (event), times) != NULL;
}

static void
test_fails (void)
{
  guint n_events;
  g_autoptr (InspectorSession) pull = make_socket ("PULL");
  g_autoptr (InspectorSession) push = make_socket ("PUSH");
  g_autoptr (GError) error = NULL;

  g_assert_false (inspector_socket_bind (INSPECTOR_SOCKET (pull), "nowhere", &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (g_list_model_get_n_items (inspector_session_get_endpoints (pull)), ==, 0);

  g_assert_true (inspector_socket_connect (INSPECTOR_SOCKET (push), "tcp://127.0.0.1:1", NULL));
  test_until (has_state (push, 0, "Nobody is there yet"));

  /* tries are one event, however many there are */
  n_events = g_list_model_get_n_items (inspector_session_get_events (push));
  test_until (has_tried (push, n_events - 1, "3 times"));
  g_assert_cmpuint (g_list_model_get_n_items (inspector_session_get_events (push)), ==, n_events);
}

/* libzmq names an address that is a name as it is at first, and then by what it stands for. */
static void
test_name (void)
{
  g_autoptr (InspectorSession) first = make_socket ("PULL");
  g_autoptr (InspectorSession) second = make_socket ("PULL");
  g_autoptr (InspectorSession) push = make_socket ("PUSH");
  g_autofree char *bound = NULL;
  g_autofree char *name = NULL;

  g_assert_true (inspector_socket_bind (INSPECTOR_SOCKET (first), "tcp://127.0.0.1:*", NULL));
  bound = g_strdup (inspector_session_get_subtitle (first));
  name = g_strconcat ("tcp://localhost", strrchr (bound, ':'), NULL);
  g_assert_true (inspector_socket_connect (INSPECTOR_SOCKET (push), name, NULL));
  test_until (has_state (push, 0, "Ready"));

  inspector_session_close (first);
  test_until (has_state (push, 0, "Nobody is there yet"));
  test_until (inspector_socket_bind (INSPECTOR_SOCKET (second), bound, NULL));
  test_until (has_state (push, 0, "Ready"));
}

static void
test_connected_twice (void)
{
  g_autoptr (InspectorSession) pull = make_socket ("PULL");
  g_autoptr (InspectorSession) push = make_socket ("PUSH");
  g_autoptr (GError) error = NULL;
  const char *address;

  g_assert_true (inspector_socket_bind (INSPECTOR_SOCKET (pull), "tcp://127.0.0.1:*", NULL));
  address = inspector_session_get_subtitle (pull);
  for (guint i = 0; i < 2; i++)
    g_assert_true (inspector_socket_connect (INSPECTOR_SOCKET (push), address, NULL));
  g_assert_cmpuint (g_list_model_get_n_items (inspector_session_get_endpoints (push)), ==, 1);
  test_until (has_state (push, 0, "Ready") && has_state (pull, 0, "Listening, 2 peers"));

  /* one can be left as often as one sees it */
  g_assert_true (inspector_socket_leave (INSPECTOR_SOCKET (push), address, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (inspector_session_get_endpoints (push)), ==, 0);
  test_until (has_state (pull, 0, "Listening, 0 peers"));
}

static void
test_same_port (void)
{
  g_autoptr (InspectorSession) pull = make_socket ("PULL");
  g_autoptr (InspectorSession) push = make_socket ("PUSH");
  g_autofree char *other = NULL;

  g_assert_true (inspector_socket_bind (INSPECTOR_SOCKET (pull), "tcp://127.0.0.1:*", NULL));
  other = g_strconcat ("tcp://127.0.0.2", strrchr (inspector_session_get_subtitle (pull), ':'), NULL);
  if (!inspector_socket_bind (INSPECTOR_SOCKET (pull), other, NULL))
    {
      g_test_skip ("There is one loopback address only");
      return;
    }
  g_assert_true (inspector_socket_connect (INSPECTOR_SOCKET (push), other, NULL));
  test_until (has_state (push, 0, "Ready"));
  test_until (has_state (pull, 1, "Listening, 1 peer") && has_state (pull, 0, "Listening, 0 peers"));
}

/* Somebody who does not speak ZeroMQ. */
static GSocketConnection *
come (InspectorSession *session)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  const char        *address = inspector_session_get_subtitle (session) + strlen ("tcp://");
  GSocketConnection *connection = g_socket_client_connect_to_host (client, address, 0, NULL, &error);

  g_assert_no_error (error);

  return connection;
}

static gboolean
has_failed (InspectorSession *session)
{
  g_autoptr (InspectorEndpoint) endpoint = get_endpoint (session, 0);

  return inspector_endpoint_has_failed (endpoint);
}

static gboolean
has_last_event (InspectorSession *session,
                const char       *title)
{
  GListModel *events = inspector_session_get_events (session);
  g_autoptr (InspectorEvent) event = g_list_model_get_item (events, g_list_model_get_n_items (events) - 1);

  return g_str_equal (inspector_event_get_title (event), title);
}

static void
test_stranger (void)
{
  g_autoptr (InspectorSession) pull = make_socket ("PULL");
  g_autoptr (InspectorSession) push = make_socket ("PUSH");
  g_autoptr (InspectorEndpoint) bound = NULL;
  g_autoptr (GSocketConnection) stranger = NULL;

  g_assert_true (inspector_socket_bind (INSPECTOR_SOCKET (pull), "tcp://127.0.0.1:*", NULL));
  g_assert_true (inspector_socket_connect (INSPECTOR_SOCKET (push), inspector_session_get_subtitle (pull), NULL));
  test_until (has_state (pull, 0, "Listening, 1 peer"));

  stranger = come (pull);
  g_io_stream_close (G_IO_STREAM (stranger), NULL, NULL);
  test_until (has_failed (pull) && has_last_event (pull, "Disconnected"));
  bound = get_endpoint (pull, 0);
  g_assert_true (g_str_has_prefix (inspector_endpoint_get_state (bound), "Listening, 1 peer. "));

  g_assert_true (inspector_socket_leave (INSPECTOR_SOCKET (push), inspector_session_get_subtitle (push), NULL));
  test_until (g_str_has_prefix (inspector_endpoint_get_state (bound), "Listening, 0 peers. "));
}

static gboolean
has_error (InspectorSession *session)
{
  GListModel *events = inspector_session_get_events (session);

  for (guint i = 0; i < g_list_model_get_n_items (events); i++)
    {
      g_autoptr (InspectorEvent) event = g_list_model_get_item (events, i);

      if (inspector_event_is_error (event))
        return TRUE;
    }

  return FALSE;
}

/* There is no handshake that could fail. */
static void
test_raw (void)
{
  g_autoptr (InspectorSession) server = make_socket ("STREAM");
  g_autoptr (InspectorSession) client = make_socket ("STREAM");
  g_autoptr (GSocketConnection) stranger = NULL;

  g_assert_true (inspector_socket_bind (INSPECTOR_SOCKET (server), "tcp://127.0.0.1:*", NULL));
  stranger = come (server);
  test_until (has_state (server, 0, "Listening, 1 peer"));
  g_assert_true (inspector_socket_connect (INSPECTOR_SOCKET (client), inspector_session_get_subtitle (server), NULL));
  test_until (has_state (server, 0, "Listening, 2 peers") && has_state (client, 0, "Connected"));

  g_io_stream_close (G_IO_STREAM (stranger), NULL, NULL);
  test_until (has_state (server, 0, "Listening, 1 peer"));
  g_assert_false (has_error (server));
  inspector_session_close (server);
  test_until (has_state (client, 0, "Nobody is there yet"));
  g_assert_false (has_error (client));
}

static void
test_curve (void)
{
  g_autoptr (InspectorSession) server = make_socket ("PULL");
  g_autoptr (InspectorSession) client = make_socket ("PUSH");
  g_autoptr (InspectorSession) stranger = make_socket ("PUSH");
  g_autoptr (ZmqCertificate) of_server = zmqglib_certificate_new (NULL);
  g_autoptr (ZmqCertificate) of_client = zmqglib_certificate_new (NULL);
  g_autoptr (GError) error = NULL;
  const char *address;

  g_assert_true (inspector_socket_set_curve (INSPECTOR_SOCKET (server), of_server, NULL, &error));
  g_assert_true (inspector_socket_set_curve (INSPECTOR_SOCKET (client), of_client, of_server, &error));
  g_assert_true (inspector_socket_set_curve (INSPECTOR_SOCKET (stranger), of_client, of_client, &error));
  g_assert_true (inspector_socket_bind (INSPECTOR_SOCKET (server), "tcp://127.0.0.1:*", &error));
  address = inspector_session_get_subtitle (server);
  g_assert_true (inspector_socket_connect (INSPECTOR_SOCKET (client), address, &error));
  test_until (has_state (client, 0, "Ready"));

  g_assert_true (inspector_socket_connect (INSPECTOR_SOCKET (stranger), address, &error));
  g_assert_no_error (error);
  test_until (has_failed (server));
}

static void
test_proxy (void)
{
  g_autoptr (InspectorSession) server = make_socket ("REP");
  g_autoptr (InspectorSession) client = make_socket ("REQ");
  g_autoptr (InspectorSession) proxy = NULL;
  g_autoptr (ZmqMessage) question = zmqglib_message_new_from_string ("?");
  g_autoptr (ZmqMessage) answer = zmqglib_message_new_from_string ("!");
  g_autoptr (InspectorEndpoint) frontend = NULL;
  g_autoptr (GError) error = NULL;
  InspectorStore    *store;
  InspectorProxySide sides[2] = { { "tcp://127.0.0.1:*", TRUE } };

  g_assert_true (inspector_socket_bind (INSPECTOR_SOCKET (server), "tcp://127.0.0.1:*", NULL));
  sides[1].address = inspector_session_get_subtitle (server);
  g_assert_null (inspector_proxy_new ("nonsense", &sides[0], &sides[1], &error));
  g_clear_error (&error);
  proxy = inspector_proxy_new ("requests", &sides[0], &sides[1], &error);
  g_assert_no_error (error);
  store = inspector_session_get_store (proxy);
  frontend = get_endpoint (proxy, 0);
  g_assert_cmpstr (inspector_endpoint_get_side (frontend), ==, "Frontend");

  g_assert_true (inspector_socket_connect (INSPECTOR_SOCKET (client), inspector_endpoint_get_address (frontend), &error));
  g_assert_true (inspector_socket_send (INSPECTOR_SOCKET (client), question, &error));
  test_until (inspector_store_get_n_messages (inspector_session_get_store (server), INSPECTOR_RECEIVED) == 1);
  g_assert_true (inspector_socket_send (INSPECTOR_SOCKET (server), answer, &error));
  test_until (inspector_store_get_n_messages (inspector_session_get_store (client), INSPECTOR_RECEIVED) == 1);
  test_until (inspector_store_get_n_messages (store, INSPECTOR_TO_FRONTEND) == 1);
  g_assert_cmpuint (inspector_store_get_n_messages (store, INSPECTOR_TO_BACKEND), ==, 1);
  /* while nobody looked, each was forwarded in its time */
  g_assert_true (inspector_socket_send (INSPECTOR_SOCKET (client), question, &error));
  g_usleep (500000);
  test_until (inspector_store_get_n_messages (store, INSPECTOR_TO_BACKEND) == 2);
  g_assert_cmpint (inspector_store_get_entry (store, 2)->time + 100000, <, g_get_real_time ());
  /* routing id, delimiter, content */
  g_assert_cmpuint (zmqglib_message_get_n_frames (inspector_store_get_entry (store, 0)->message), ==, 3);

  inspector_session_close (proxy);
  inspector_session_close (proxy);
}

static void
assert_not_made (const char *description,
                 const char *key)
{
  g_autoptr (GVariant) parsed = g_variant_parse (G_VARIANT_TYPE_VARDICT, description, NULL, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (parsed);
  g_assert_null (g_str_has_prefix (description, "{'pattern'") ? inspector_make_proxy (parsed, &error) : inspector_make_socket (parsed, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, key));
}

/* A socket that is not as it was described might send in clear. */
static void
test_make (void)
{
  g_autoptr (GVariant) description = g_variant_ref_sink (g_variant_new_parsed ("{'type': <'sub'>, 'bind': <['tcp://127.0.0.1:*']>, 'subscribe': <['a']>}"));
  g_autoptr (InspectorSession) session = inspector_make_socket (description, NULL);

  g_assert_true (INSPECTOR_IS_SOCKET (session));
  assert_not_made ("{'type': <'pull'>, 'server_certificate': <'server.key'>}", "server_certificate");
  assert_not_made ("{'type': <'pull'>, 'certificate': <b'server.key'>}", "certificate");
  assert_not_made ("{'type': <'pull'>, 'connect': <'tcp://127.0.0.1:1'>}", "connect");
  assert_not_made ("{'type': <['pull']>}", "type");
  assert_not_made ("{'pattern': <'pipeline'>, 'frontend-bind': <'inproc://a'>, 'backend-bind': <'inproc://b'>, 'certificate': <'server.key'>}", "certificate");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/inspector/sessions/send-and-receive", test_send_and_receive);
  g_test_add_func ("/inspector/sessions/paused", test_paused);
  g_test_add_func ("/inspector/sessions/subscriptions", test_subscriptions);
  g_test_add_func ("/inspector/sessions/fails", test_fails);
  g_test_add_func ("/inspector/sessions/name", test_name);
  g_test_add_func ("/inspector/sessions/connected-twice", test_connected_twice);
  g_test_add_func ("/inspector/sessions/same-port", test_same_port);
  g_test_add_func ("/inspector/sessions/stranger", test_stranger);
  g_test_add_func ("/inspector/sessions/raw", test_raw);
  g_test_add_func ("/inspector/sessions/curve", test_curve);
  g_test_add_func ("/inspector/sessions/proxy", test_proxy);
  g_test_add_func ("/inspector/sessions/make", test_make);

  return g_test_run ();
}

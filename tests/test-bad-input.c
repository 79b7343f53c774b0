/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <zmq.h>

#include "test-util.h"

/* What is refused gets its error code, and a sentence with the name of the thing. */

/* Stands for a path that is longer than an address of the system can be. */
#define LONG_PATH "long path"

typedef struct
{
  const char   *endpoint;
  ZmqError      code;
  ZmqError      other_code; /* of a libzmq that is built otherwise */
  ZmqSocketType type;
} BadEndpoint;

#define INVALID(endpoint)                                                                         \
  {                                                                                               \
    endpoint, ZMQGLIB_ERROR_INVALID_ARGUMENT, ZMQGLIB_ERROR_INVALID_ARGUMENT, ZMQGLIB_SOCKET_PULL \
  }

#define UNKNOWN(endpoint)                                                                                     \
  {                                                                                                           \
    endpoint, ZMQGLIB_ERROR_PROTOCOL_NOT_SUPPORTED, ZMQGLIB_ERROR_PROTOCOL_NOT_SUPPORTED, ZMQGLIB_SOCKET_PULL \
  }

#define UNFIT(endpoint, type)                                                        \
  {                                                                                  \
    endpoint, ZMQGLIB_ERROR_INCOMPATIBLE, ZMQGLIB_ERROR_PROTOCOL_NOT_SUPPORTED, type \
  }

static const BadEndpoint bad_to_bind[] = {
  INVALID (""),
  INVALID ("tcp"),
  INVALID ("127.0.0.1:5554"),
  INVALID ("tcp:"),
  INVALID ("tcp://"),
  INVALID ("tcp://127.0.0.1"),
  INVALID ("tcp://127.0.0.1:"),
  INVALID ("tcp://127.0.0.1:99999"),
  INVALID ("tcp://127.0.0.1:-1"),
  INVALID ("tcp://127.0.0.1:port"),
  INVALID ("://127.0.0.1:1"),
  INVALID ("ipc://"),
  INVALID ("inproc://"),
  UNKNOWN ("foo://x"),
  UNKNOWN ("TCP://127.0.0.1:*"),
  UNFIT ("pgm://127.0.0.1;239.192.1.1:5555", ZMQGLIB_SOCKET_PULL),
  UNFIT ("udp://127.0.0.1:5555", ZMQGLIB_SOCKET_PULL),
  { "tcp://no-such-device:1", ZMQGLIB_ERROR_NOT_FOUND, ZMQGLIB_ERROR_NOT_FOUND, ZMQGLIB_SOCKET_PULL },
  { "tcp://192.0.2.1:5555", ZMQGLIB_ERROR_ADDRESS_NOT_AVAILABLE, ZMQGLIB_ERROR_ADDRESS_NOT_AVAILABLE, ZMQGLIB_SOCKET_PULL },
  { LONG_PATH, ZMQGLIB_ERROR_INVALID_ARGUMENT, ZMQGLIB_ERROR_FAILED, ZMQGLIB_SOCKET_PULL },
};

static const BadEndpoint bad_to_connect[] = {
  INVALID (""),
  INVALID ("tcp:"),
  INVALID ("tcp://"),
  INVALID ("tcp://127.0.0.1"),
  INVALID ("tcp://127.0.0.1:99999"),
  INVALID ("tcp://127.0.0.1:*"),
  UNKNOWN ("foo://x"),
  UNFIT ("pgm://127.0.0.1;239.192.1.1:5555", ZMQGLIB_SOCKET_PULL),
  UNFIT ("udp://127.0.0.1:5555", ZMQGLIB_SOCKET_PULL),
  { LONG_PATH, ZMQGLIB_ERROR_INVALID_ARGUMENT, ZMQGLIB_ERROR_FAILED, ZMQGLIB_SOCKET_PULL },
};

typedef gboolean (*EndpointFunc) (ZmqSocket  *socket,
                                  const char *endpoint,
                                  GError    **error);

/* Who has written no endpoint at all is told what one looks like. */
static gboolean
is_malformed (const BadEndpoint *bad)
{
  return !g_str_equal (bad->endpoint, LONG_PATH) &&
         (bad->code == ZMQGLIB_ERROR_INVALID_ARGUMENT || bad->code == ZMQGLIB_ERROR_PROTOCOL_NOT_SUPPORTED);
}

static void
check_endpoint (const BadEndpoint *bad,
                EndpointFunc       func)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, bad->type);
  g_autofree char *path = g_strnfill (300, 'x');
  g_autofree char *endpoint = g_str_equal (bad->endpoint, LONG_PATH) ? g_strconcat ("ipc:///", path, NULL)
                                                                     : g_strdup (bad->endpoint);
  g_autofree char *quoted = g_strdup_printf ("“%s”", endpoint);

  g_assert_false (func (socket, endpoint, &error));
  g_test_message ("%s", error->message);
  g_assert_true ((strstr (error->message, "“tcp://127.0.0.1:5555”") != NULL) == is_malformed (bad));

  if (error->code != (int) bad->other_code)
    test_assert_error (error, bad->code, quoted);
  else
    test_assert_error (error, bad->other_code, quoted);

  /* the socket goes on */
  g_free (test_bind (socket, "inproc"));
}

static void
test_bind_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_to_bind); i++)
    check_endpoint (&bad_to_bind[i], zmqglib_socket_bind);
}

static void
test_connect_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_to_connect); i++)
    check_endpoint (&bad_to_connect[i], zmqglib_socket_connect_to);
}

static void
test_not_found (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);

  g_assert_false (zmqglib_socket_unbind (socket, "tcp://127.0.0.1:5555", &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_FOUND, "“tcp://127.0.0.1:5555”: The socket is not bound to it");
  g_assert_false (zmqglib_socket_disconnect_from (socket, "inproc://nowhere", &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_FOUND, "“inproc://nowhere”: The socket is not connected to it");
  g_assert_false (zmqglib_socket_unbind (socket, "", &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "“”: An endpoint looks like “");
}

static void
test_port_in_use (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) first = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) second = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autofree char *endpoint = test_bind (first, "tcp");

  g_assert_false (zmqglib_socket_bind (second, endpoint, &error));
  test_assert_error (error, ZMQGLIB_ERROR_ADDRESS_IN_USE, endpoint);
  g_assert_false (zmqglib_socket_bind (first, endpoint, &error));
  test_assert_error (error, ZMQGLIB_ERROR_ADDRESS_IN_USE, endpoint);
}

static void
test_no_thread (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = g_object_new (ZMQGLIB_TYPE_CONTEXT, "io-threads", 0, NULL);
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);

  g_assert_false (zmqglib_socket_bind (socket, "tcp://127.0.0.1:*", &error));
  test_assert_error (error, ZMQGLIB_ERROR_NO_THREAD, "tcp://127.0.0.1:*");
  g_assert_false (zmqglib_socket_connect_to (socket, "tcp://127.0.0.1:5555", &error));
  test_assert_error (error, ZMQGLIB_ERROR_NO_THREAD, "tcp://127.0.0.1:5555");
  g_free (test_bind (socket, "inproc"));
}

static void
test_closed (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PAIR);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  g_autoptr (GBytes) bytes = g_bytes_new_static ("y", 1);
  int value;

  zmqglib_socket_close (socket);

  g_assert_false (zmqglib_socket_bind (socket, "inproc://a", &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "inproc://a");
  g_assert_false (zmqglib_socket_unbind (socket, "inproc://b", &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "inproc://b");
  g_assert_false (zmqglib_socket_connect_to (socket, "inproc://c", &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "inproc://c");
  g_assert_false (zmqglib_socket_disconnect_from (socket, "inproc://d", &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "inproc://d");
  g_assert_false (zmqglib_socket_subscribe (socket, "prefix", &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "“prefix”");
  g_assert_false (zmqglib_socket_unsubscribe_bytes (socket, bytes, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "“y”");

  g_assert_false (zmqglib_socket_send (socket, message, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "“pair”");
  g_assert_false (zmqglib_socket_try_send (socket, message, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "“pair”");
  g_assert_null (zmqglib_socket_receive (socket, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "“pair”");
  g_assert_null (zmqglib_socket_try_receive (socket, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "“pair”");
  g_assert_false (zmqglib_socket_wait (socket, G_IO_IN, -1, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "“pair”");

  g_assert_false (zmqglib_socket_set_option_int (socket, ZMQ_LINGER, 0, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "option");
  g_assert_false (zmqglib_socket_get_option_int (socket, ZMQ_LINGER, &value, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "option");
}

static void
test_not_a_handle (void)
{
  g_autoptr (GError) error = NULL;
  /* libzmq looks for a mark well within what would be a socket */
  g_autofree gpointer nothing = g_malloc0 (4096);

  g_assert_null (zmqglib_socket_new_for_handle (nothing, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "handle");
}

static void
assert_send_fails (ZmqSocket  *socket,
                   ZmqError    code,
                   const char *name)
{
  g_autoptr (GError) error = NULL;
  static const char *const strv[] = { "nobody", "x", NULL };
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (strv);

  g_assert_false (zmqglib_socket_send (socket, message, NULL, &error));
  test_assert_error (error, code, name);
  g_assert_false (zmqglib_socket_try_send (socket, message, &error));
  test_assert_error (error, code, name);
}

static void
assert_receive_fails (ZmqSocket  *socket,
                      ZmqError    code,
                      const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (zmqglib_socket_receive (socket, NULL, &error));
  test_assert_error (error, code, name);
  g_assert_null (zmqglib_socket_try_receive (socket, &error));
  test_assert_error (error, code, name);
}

/* Out of turn, and then in turn as if nothing had happened. */
static void
test_wrong_state (void)
{
  g_autoptr (ZmqSocket) rep = NULL;
  g_autoptr (ZmqSocket) req = NULL;

  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_REP, ZMQGLIB_SOCKET_REQ, &rep, &req);

  assert_receive_fails (req, ZMQGLIB_ERROR_WRONG_STATE, "“req”");
  assert_send_fails (rep, ZMQGLIB_ERROR_WRONG_STATE, "“rep”");
  test_send_string (req, "request");
  assert_send_fails (req, ZMQGLIB_ERROR_WRONG_STATE, "“req”");
  test_receive_string (rep, "request");
  assert_receive_fails (rep, ZMQGLIB_ERROR_WRONG_STATE, "“rep”");
  test_send_string (rep, "reply");
  test_receive_string (req, "reply");
}

static void
test_one_way (void)
{
  static const ZmqSocketType receivers[] = { ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_SUB };
  static const char *const   receiver_names[] = { "“pull”", "“sub”" };
  static const ZmqSocketType senders[] = { ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PUB };
  static const char *const   sender_names[] = { "“push”", "“pub”" };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (ZmqSocket) receiver = test_socket_new (NULL, receivers[i]);
      g_autoptr (ZmqSocket) sender = test_socket_new (NULL, senders[i]);

      assert_send_fails (receiver, ZMQGLIB_ERROR_NOT_SUPPORTED, receiver_names[i]);
      assert_receive_fails (sender, ZMQGLIB_ERROR_NOT_SUPPORTED, sender_names[i]);
    }
}

static void
test_no_subscriber (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GBytes) prefix = g_bytes_new_static ("\0\n", 2);

  g_assert_false (zmqglib_socket_subscribe (socket, "news", &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "“news”");
  g_assert_false (zmqglib_socket_unsubscribe (socket, "news", &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "“pull”");
  g_assert_false (zmqglib_socket_subscribe_bytes (socket, prefix, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "“pull”");
}

static void
test_unknown_peer (void)
{
  g_autoptr (ZmqSocket) router = test_socket_new (NULL, ZMQGLIB_SOCKET_ROUTER);

  g_object_set (router, "router-mandatory", TRUE, NULL);
  g_free (test_bind (router, "inproc"));
  assert_send_fails (router, ZMQGLIB_ERROR_HOST_UNREACHABLE, "“router”");
}

static void
test_empty_message (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();

  g_assert_false (zmqglib_socket_send (push, message, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "“push”");
  g_assert_false (zmqglib_socket_try_send (push, message, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "“push”");
}

static void
test_wrong_type_options (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("text", 4);
  g_autoptr (GBytes) odd = g_bytes_new_static ("odd", 3);

  g_assert_false (zmqglib_socket_set_option_int (socket, ZMQ_PLAIN_USERNAME, 1, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "plain-username");
  g_assert_false (zmqglib_socket_set_option_bytes (socket, ZMQ_LINGER, odd, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "linger");
  g_assert_false (zmqglib_socket_set_option_bytes (socket, 12345, bytes, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "12345");
}

static void
assert_shown (GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_error_free (error);
}

static void
on_answer (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  GError **error = data;

  g_assert_null (zmqglib_client_request_finish (ZMQGLIB_CLIENT (source), result, error));
}

/* Whatever is named in an error is shown so that people can read it, and programs can print it. */
static void
test_names_that_are_no_text (void)
{
  static const char        bad[] = "inproc://\377\376";
  static const char *const proxies[] = { "\377:1", "[\377", "[::1]\377", "127.0.0.1:\377" };
  g_autoptr (ZmqClient) client = zmqglib_client_new (NULL, NULL);
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqMessage) request = zmqglib_message_new_from_string ("x");
  g_auto (GValue) value = G_VALUE_INIT;
  GError *error = NULL;

  g_assert_false (zmqglib_client_disconnect_from (client, bad, &error));
  assert_shown (g_steal_pointer (&error));

  g_assert_true (zmqglib_client_connect_to (client, bad, &error));
  g_object_set (client, "timeout-us", (gint64) 1000, "max-tries", 1, NULL);
  zmqglib_client_request_async (client, request, NULL, on_answer, &error);
  test_iterate_until (NULL, test_is_set, &error);
  assert_shown (g_steal_pointer (&error));

  g_value_init (&value, G_TYPE_INT);
  g_assert_false (zmqglib_socket_set_option (socket, bad, &value, &error));
  assert_shown (g_steal_pointer (&error));

  for (gsize i = 0; i < G_N_ELEMENTS (proxies); i++)
    {
      g_object_set (socket, "socks-proxy", proxies[i], NULL);
      g_assert_false (zmqglib_socket_connect_to (socket, "tcp://127.0.0.1:1", &error));
      assert_shown (g_steal_pointer (&error));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/bad-input/bind", test_bind_refused);
  g_test_add_func ("/bad-input/connect", test_connect_refused);
  g_test_add_func ("/bad-input/not-found", test_not_found);
  g_test_add_func ("/bad-input/port-in-use", test_port_in_use);
  g_test_add_func ("/bad-input/no-thread", test_no_thread);
  g_test_add_func ("/bad-input/closed", test_closed);
  g_test_add_func ("/bad-input/not-a-handle", test_not_a_handle);
  g_test_add_func ("/bad-input/wrong-state", test_wrong_state);
  g_test_add_func ("/bad-input/one-way", test_one_way);
  g_test_add_func ("/bad-input/no-subscriber", test_no_subscriber);
  g_test_add_func ("/bad-input/unknown-peer", test_unknown_peer);
  g_test_add_func ("/bad-input/empty-message", test_empty_message);
  g_test_add_func ("/bad-input/wrong-type-options", test_wrong_type_options);
  g_test_add_func ("/bad-input/names-that-are-no-text", test_names_that_are_no_text);

  return g_test_run ();
}

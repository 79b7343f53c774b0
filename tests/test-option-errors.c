/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>
#include <zmq.h>
#include <zmqglib/zmqglib.h>

/* What is refused, and what is told of a change. */

#define UNKNOWN_OPTION 1234

static ZmqSocket *
new_socket (ZmqSocketType type)
{
  GError    *error = NULL;
  ZmqSocket *socket = zmqglib_socket_new (NULL, type, &error);

  g_assert_no_error (error);
  g_assert_nonnull (socket);

  return socket;
}

static GBytes *
new_bytes (gsize size)
{
  g_autofree char *data = g_strnfill (size, 'x');

  return g_bytes_new (data, size);
}

static void
on_notify (GObject    *object,
           GParamSpec *pspec,
           GPtrArray  *names)
{
  g_ptr_array_add (names, (gpointer) pspec->name);
}

static GPtrArray *
watch_notify (ZmqSocket *socket)
{
  GPtrArray *names = g_ptr_array_new ();

  g_signal_connect_data (socket, "notify", G_CALLBACK (on_notify),
                         names, (GClosureNotify) (GCallback) g_ptr_array_unref, 0);

  return names;
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* takes what was notified since the last call */
static char *
take_names (GPtrArray *names)
{
  char *joined;

  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  joined = g_strjoinv (" ", (char **) names->pdata);
  g_ptr_array_set_size (names, 0);

  return joined;
}

#define assert_notified(names, expected)          \
  G_STMT_START                                    \
  {                                               \
    g_autofree char *names_ = take_names (names); \
    g_assert_cmpstr (names_, ==, expected);       \
  }                                               \
  G_STMT_END

#define expect_warning(text) g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, text)

#define assert_message(error, code, text)         \
  G_STMT_START                                    \
  {                                               \
    g_assert_error (error, ZMQGLIB_ERROR, code);  \
    g_assert_cmpstr ((error)->message, ==, text); \
    g_clear_error (&(error));                     \
  }                                               \
  G_STMT_END

/* A property that is refused warns, keeps its value and is not notified. */
static void
test_refused (void)
{
  g_autoptr (ZmqSocket) socket = new_socket (ZMQGLIB_SOCKET_PULL);
  g_autoptr (GBytes) long_id = new_bytes (256);
  g_autoptr (GBytes) id = new_bytes (255);
  g_autoptr (GBytes) actual_id = NULL;
  g_autofree char *long_name = g_strnfill (256, 'x');
  g_autofree char *name = NULL;
  GPtrArray       *names;
  int              timeout;

  g_object_set (socket, "heartbeat-timeout", 5, "routing-id", id, "plain-username", "x", NULL);
  names = watch_notify (socket);

  expect_warning ("Could not set “heartbeat-timeout” of a “pull” socket to -1: Invalid argument");
  g_object_set (socket, "heartbeat-timeout", -1, NULL);
  expect_warning ("Could not set “routing-id” of a “pull” socket to 256 bytes: Invalid argument");
  g_object_set (socket, "routing-id", long_id, NULL);
  expect_warning ("Could not set “routing-id” of a “pull” socket to NULL: Invalid argument");
  g_object_set (socket, "routing-id", NULL, NULL);
  expect_warning ("Could not set “plain-username” of a “pull” socket to \"xxx*\": *");
  g_object_set (socket, "plain-username", long_name, NULL);
  expect_warning ("Could not set “router-mandatory” of a “pull” socket to TRUE: Invalid argument");
  g_object_set (socket, "router-mandatory", TRUE, NULL);
  expect_warning ("Could not set “xpub-welcome-message” of a “pull” socket to 255 bytes: *");
  g_object_set (socket, "xpub-welcome-message", id, NULL);
  g_test_assert_expected_messages ();

  g_object_get (socket,
                "heartbeat-timeout", &timeout,
                "routing-id", &actual_id,
                "plain-username", &name,
                NULL);
  g_assert_cmpint (timeout, ==, 5);
  g_assert_true (g_bytes_equal (actual_id, id));
  g_assert_cmpstr (name, ==, "x");
  assert_notified (names, "");
}

/* What a constructor was given and libzmq refuses fails the constructor, without a warning. */
static void
test_refused_in_constructor (void)
{
  GError *error = NULL;

  g_assert_null (g_initable_new (ZMQGLIB_TYPE_SOCKET, NULL, &error,
                                 "socket-type", ZMQGLIB_SOCKET_PUSH, "linger", 0, "router-mandatory", TRUE, NULL));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not set “router-mandatory” of a “push” socket to TRUE: Invalid argument");
  g_assert_null (g_initable_new (ZMQGLIB_TYPE_SOCKET, NULL, &error,
                                 "socket-type", ZMQGLIB_SOCKET_PUSH, "curve-server-key", "no key\n", NULL));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not set “curve-server-key” of a “push” socket to something secret: Invalid argument");
}

/* Who never asks the constructor has a socket that goes nowhere, and no option of it was passed over. */
static void
test_refused_and_never_asked (void)
{
  g_autoptr (ZmqSocket) socket = g_object_new (ZMQGLIB_TYPE_SOCKET, "socket-type", ZMQGLIB_SOCKET_PUSH,
                                               "router-mandatory", TRUE, "linger", 7, NULL);
  GError *error = NULL;
  int     linger;

  g_object_get (socket, "linger", &linger, NULL);
  g_assert_cmpint (linger, ==, 7);
  g_assert_false (zmqglib_socket_connect_to (socket, "tcp://127.0.0.1:1", &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE);
  g_assert_nonnull (strstr (error->message, "“router-mandatory”"));
  g_clear_error (&error);
}

static gboolean
set_int (ZmqSocket  *socket,
         const char *name,
         int         number,
         GError    **error)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, number);

  return zmqglib_socket_set_option (socket, name, &value, error);
}

/* An option that is set by its name fails with an error that has the name. */
static void
test_set_by_name (void)
{
  g_autoptr (ZmqSocket) socket = new_socket (ZMQGLIB_SOCKET_PULL);
  g_auto (GValue) text = G_VALUE_INIT;
  GPtrArray *names = watch_notify (socket);
  GError    *error = NULL;
  int        linger;

  g_assert_true (set_int (socket, "linger", 7, &error));
  g_assert_no_error (error);
  g_object_get (socket, "linger", &linger, NULL);
  g_assert_cmpint (linger, ==, 7);
  assert_notified (names, "linger");

  g_assert_false (set_int (socket, "router-mandatory", TRUE, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not set “router-mandatory” of a “pull” socket to TRUE: Invalid argument");
  g_assert_false (set_int (socket, "linger", -2, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "This is no value for the option “linger”");
  g_assert_false (set_int (socket, "lingre", 1, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "A socket has no option “lingre” that can be set");
  g_assert_false (set_int (socket, "last-endpoint", 1, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "A socket has no option “last-endpoint” that can be set");
  g_assert_false (set_int (socket, "socket-type", 1, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "A socket has no option “socket-type” that can be set");

  g_value_init (&text, G_TYPE_STRING);
  g_value_set_string (&text, "seven");
  g_assert_false (zmqglib_socket_set_option (socket, "linger", &text, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "This is no value for the option “linger”");

  zmqglib_socket_close (socket);
  g_assert_false (set_int (socket, "linger", 1, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED);
  g_clear_error (&error);
}

/* Some options cannot be set to their default, but who does so has what was asked for. */
static void
test_default_again (void)
{
  g_autoptr (ZmqSocket) socket = new_socket (ZMQGLIB_SOCKET_DEALER);
  GPtrArray *names = watch_notify (socket);

  g_object_set (socket,
                "heartbeat-timeout", -1,
                "routing-id", NULL,
                "zap-domain", NULL,
                "plain-username", NULL,
                "socks-proxy", NULL,
                "bind-to-device", NULL,
                "curve-public-key", NULL,
                NULL);
  assert_notified (names, "");
}

/* An empty text unsets what can be unset. */
static void
test_unset (void)
{
  g_autoptr (ZmqSocket) socket = new_socket (ZMQGLIB_SOCKET_PUSH);
  GPtrArray       *names = watch_notify (socket);
  g_autofree char *proxy = NULL;
  g_autofree char *device = NULL;

  g_object_set (socket, "socks-proxy", "proxy.example:1080", "bind-to-device", "lo", NULL);
  assert_notified (names, "bind-to-device socks-proxy");

  g_object_set (socket, "socks-proxy", NULL, "bind-to-device", "", NULL);
  assert_notified (names, "bind-to-device socks-proxy");
  g_object_get (socket, "socks-proxy", &proxy, "bind-to-device", &device, NULL);
  g_assert_null (proxy);
  g_assert_null (device);
}

/* A secret does not end in a log, nor does a refused key spoil the one before. */
static void
test_keys (void)
{
  g_autoptr (ZmqSocket) socket = new_socket (ZMQGLIB_SOCKET_PUSH);
  static const char *const bad_keys[] = {
    "",
    "too short",
    "thirty-one characters of a text",
    "thirty-two characters of a text.",
    "longer than forty characters, but not by much",
    "forty characters, some of them no Z85 \\,",
    /* Z85, but not of 32 bytes */
    "00001000010000100001000010000100001",
    "000010000100001000010000100001000010000100001",
  };
  char     public_key[41];
  char     secret_key[41];
  char     actual_key[41];
  gsize    size = sizeof actual_key;
  gpointer handle;

  if (zmq_curve_keypair (public_key, secret_key) != 0)
    {
      g_test_skip ("This libzmq has no CURVE");
      return;
    }

  g_object_set (socket, "curve-secret-key", secret_key, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (bad_keys); i++)
    {
      expect_warning ("Could not set “curve-secret-key” of a “push” socket to something secret: "
                      "Invalid argument");
      g_object_set (socket, "curve-secret-key", bad_keys[i], NULL);
      g_test_assert_expected_messages ();
    }

  expect_warning ("Could not set “curve-server-key” of a “push” socket to something secret: *");
  g_object_set (socket, "curve-server-key", "bad", NULL);
  g_test_assert_expected_messages ();

  /* libzmq would tell it */
  handle = zmqglib_socket_get_handle (socket);
  g_assert_cmpint (zmq_getsockopt (handle, ZMQ_CURVE_SECRETKEY, actual_key, &size), ==, 0);
  g_assert_cmpstr (actual_key, ==, secret_key);
}

static void
test_set_error (void)
{
  g_autoptr (ZmqSocket) socket = new_socket (ZMQGLIB_SOCKET_PULL);
  g_autoptr (GBytes) bytes = new_bytes (3);
  GPtrArray *names = watch_notify (socket);
  GError    *error = NULL;

  g_assert_false (zmqglib_socket_set_option_int (socket, ZMQ_LINGER, -2, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not set the option “linger” of a “pull” socket: Invalid argument");
  g_assert_false (zmqglib_socket_set_option_int (socket, ZMQ_ROUTER_MANDATORY, 1, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not set the option “router-mandatory” of a “pull” socket: "
                  "Invalid argument");
  g_assert_false (zmqglib_socket_set_option_int (socket, UNKNOWN_OPTION, 1, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not set the option 1234 of a “pull” socket: Invalid argument");
  g_assert_false (zmqglib_socket_set_option_bytes (socket, UNKNOWN_OPTION, bytes, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not set the option 1234 of a “pull” socket: Invalid argument");

  /* of the wrong kind, or size */
  g_assert_false (zmqglib_socket_set_option_int (socket, ZMQ_ROUTING_ID, 1, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not set the option “routing-id” of a “pull” socket: Invalid argument");
  g_assert_false (zmqglib_socket_set_option_int (socket, ZMQ_AFFINITY, -1, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not set the option “affinity” of a “pull” socket: Invalid argument");
  g_assert_false (zmqglib_socket_set_option_bytes (socket, ZMQ_BACKLOG, bytes, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not set the option “backlog” of a “pull” socket: Invalid argument");
  g_assert_false (zmqglib_socket_set_option_bytes (socket, ZMQ_ROUTING_ID, NULL, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not set the option “routing-id” of a “pull” socket: Invalid argument");

  assert_notified (names, "");
}

static void
test_get_error (void)
{
  g_autoptr (ZmqSocket) socket = new_socket (ZMQGLIB_SOCKET_PULL);
  int     value = 42;
  GError *error = NULL;

  g_assert_false (zmqglib_socket_get_option_int (socket, UNKNOWN_OPTION, &value, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not get the option 1234 of a “pull” socket: Invalid argument");
  g_assert_null (zmqglib_socket_get_option_bytes (socket, UNKNOWN_OPTION, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not get the option 1234 of a “pull” socket: Invalid argument");
  g_assert_false (zmqglib_socket_get_option_int (socket, ZMQ_XPUB_VERBOSE, &value, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not get the option “xpub-verbose” of a “pull” socket: Invalid argument");

  /* libzmq itself would give the first bytes of a short text for a number */
  g_object_set (socket, "plain-username", "abc", NULL);
  g_assert_false (zmqglib_socket_get_option_int (socket, ZMQ_PLAIN_USERNAME, &value, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not get the option “plain-username” of a “pull” socket: Invalid argument");

  g_assert_cmpint (value, ==, 42);
}

/* libzmq has some numbers with 64 bits. */
static void
test_wide (void)
{
  g_autoptr (ZmqSocket) socket = new_socket (ZMQGLIB_SOCKET_PULL);
  GPtrArray *names = watch_notify (socket);
  gint64     max_message_size;
  guint64    affinity;
  int        value = 42;
  GError    *error = NULL;

  g_assert_true (zmqglib_socket_set_option_int (socket, ZMQ_MAXMSGSIZE, 4096, &error));
  g_assert_no_error (error);
  g_assert_true (zmqglib_socket_set_option_int (socket, ZMQ_AFFINITY, 3, &error));
  g_assert_no_error (error);
  assert_notified (names, "affinity max-message-size");
  g_object_get (socket, "max-message-size", &max_message_size, "affinity", &affinity, NULL);
  g_assert_cmpint (max_message_size, ==, 4096);
  g_assert_cmpuint (affinity, ==, 3);

  g_assert_true (zmqglib_socket_set_option_int (socket, ZMQ_MAXMSGSIZE, -1, &error));
  g_assert_no_error (error);
  g_assert_true (zmqglib_socket_get_option_int (socket, ZMQ_MAXMSGSIZE, &value, &error));
  g_assert_no_error (error);
  g_assert_cmpint (value, ==, -1);

  g_object_set (socket,
                "max-message-size", (gint64) G_MAXINT + 1,
                "affinity", G_MAXUINT64,
                NULL);
  g_assert_false (zmqglib_socket_get_option_int (socket, ZMQ_MAXMSGSIZE, &value, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not get the option “max-message-size” of a “pull” socket: "
                  "Invalid argument");
  g_assert_false (zmqglib_socket_get_option_int (socket, ZMQ_AFFINITY, &value, &error));
  assert_message (error, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                  "Could not get the option “affinity” of a “pull” socket: Invalid argument");
  g_assert_cmpint (value, ==, -1);
}

/* Options are reached by number too, also those without a property. */
static void
test_functions (void)
{
  g_autoptr (ZmqSocket) socket = new_socket (ZMQGLIB_SOCKET_PULL);
  GPtrArray *names = watch_notify (socket);
  g_autoptr (GBytes) id = new_bytes (255);
  g_autoptr (GBytes) actual_id = NULL;
  g_autoptr (GBytes) text = g_bytes_new_static ("lo", 2);
  g_autoptr (GBytes) actual_text = NULL;
  g_autoptr (GBytes) number = NULL;
  int     value;
  GError *error = NULL;

  g_assert_true (zmqglib_socket_get_option_int (socket, ZMQ_TYPE, &value, &error));
  g_assert_no_error (error);
  g_assert_cmpint (value, ==, ZMQ_PULL);

  g_assert_true (zmqglib_socket_set_option_int (socket, ZMQ_IPV4ONLY, 0, &error));
  g_assert_no_error (error);
  g_assert_true (zmqglib_socket_get_option_int (socket, ZMQ_IPV4ONLY, &value, &error));
  g_assert_no_error (error);
  g_assert_cmpint (value, ==, 0);

  g_assert_true (zmqglib_socket_set_option_bytes (socket, ZMQ_ROUTING_ID, id, &error));
  g_assert_no_error (error);
  actual_id = zmqglib_socket_get_option_bytes (socket, ZMQ_ROUTING_ID, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (actual_id, id));

  g_assert_true (zmqglib_socket_set_option_bytes (socket, ZMQ_BINDTODEVICE, text, &error));
  g_assert_no_error (error);
  actual_text = zmqglib_socket_get_option_bytes (socket, ZMQ_BINDTODEVICE, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (actual_text, NULL), g_bytes_get_size (actual_text), "lo", 3);
  assert_notified (names, "bind-to-device routing-id");

  g_assert_true (zmqglib_socket_set_option_bytes (socket, ZMQ_BINDTODEVICE, NULL, &error));
  g_assert_no_error (error);
  assert_notified (names, "bind-to-device");

  value = 77;
  number = g_bytes_new (&value, sizeof value);
  g_assert_true (zmqglib_socket_set_option_bytes (socket, ZMQ_BACKLOG, number, &error));
  g_assert_no_error (error);
  g_object_get (socket, "backlog", &value, NULL);
  g_assert_cmpint (value, ==, 77);
  assert_notified (names, "backlog");
}

/* libzmq does not tell how long an endpoint is, nor limit it. */
static void
test_long_endpoint (void)
{
  g_autoptr (ZmqSocket) socket = new_socket (ZMQGLIB_SOCKET_PULL);
  g_autofree char *name = g_strnfill (5000, 'x');
  g_autofree char *endpoint = g_strconcat ("inproc://", name, NULL);
  g_autofree char *last_endpoint = NULL;
  g_autoptr (GBytes) bytes = NULL;
  GError *error = NULL;

  zmqglib_socket_bind (socket, endpoint, &error);
  g_assert_no_error (error);

  g_object_get (socket, "last-endpoint", &last_endpoint, NULL);
  g_assert_cmpstr (last_endpoint, ==, endpoint);
  bytes = zmqglib_socket_get_option_bytes (socket, ZMQ_LAST_ENDPOINT, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, strlen (endpoint) + 1);
}

/* Exactly what has changed is notified, also when it follows from something else. */
static void
test_notify (void)
{
  g_autoptr (ZmqSocket) socket = new_socket (ZMQGLIB_SOCKET_PULL);
  GPtrArray *names = watch_notify (socket);
  int        ttl;
  GError    *error = NULL;

  g_object_set (socket, "linger", 10, NULL);
  assert_notified (names, "linger");
  g_object_set (socket, "linger", 10, NULL);
  assert_notified (names, "");
  g_assert_true (zmqglib_socket_set_option_int (socket, ZMQ_LINGER, 11, &error));
  g_assert_no_error (error);
  assert_notified (names, "linger");
  g_assert_true (zmqglib_socket_set_option_int (socket, ZMQ_LINGER, 11, &error));
  g_assert_no_error (error);
  assert_notified (names, "");

  /* libzmq counts in tenths of a second */
  g_object_set (socket, "heartbeat-ttl", 199, NULL);
  g_object_get (socket, "heartbeat-ttl", &ttl, NULL);
  g_assert_cmpint (ttl, ==, 100);
  assert_notified (names, "heartbeat-ttl");
  g_object_set (socket, "heartbeat-ttl", 150, NULL);
  assert_notified (names, "");

  g_object_set (socket, "plain-server", TRUE, NULL);
  assert_notified (names, "plain-server security-mechanism");
  g_object_set (socket, "plain-username", "somebody", NULL);
  assert_notified (names, "plain-server plain-username");
  g_object_set (socket, "plain-username", NULL, NULL);
  assert_notified (names, "security-mechanism");
}

/* Handlers come after all has been done, and may do anything. */
static void
test_close_in_notify (void)
{
  g_autoptr (ZmqSocket) socket = new_socket (ZMQGLIB_SOCKET_PULL);

  GPtrArray *names = watch_notify (socket);
  GError    *error = NULL;

  g_signal_connect (socket, "notify::plain-server", G_CALLBACK (zmqglib_socket_close), NULL);
  g_assert_true (zmqglib_socket_set_option_int (socket, ZMQ_PLAIN_SERVER, 1, &error));
  g_assert_no_error (error);

  g_assert_true (zmqglib_socket_is_closed (socket));
  assert_notified (names, "plain-server security-mechanism");
}

static void
test_closed (void)
{
  g_autoptr (ZmqSocket) socket = new_socket (ZMQGLIB_SOCKET_PULL);
  GPtrArray *names = watch_notify (socket);
  g_autoptr (GBytes) bytes = new_bytes (3);
  int     value;
  GError *error = NULL;

  zmqglib_socket_close (socket);

  expect_warning ("Could not set “linger” of a “pull” socket to 5: The socket is closed");
  g_object_set (socket, "linger", 5, NULL);
  g_test_assert_expected_messages ();

  g_assert_false (zmqglib_socket_set_option_int (socket, ZMQ_LINGER, 5, &error));
  assert_message (error, ZMQGLIB_ERROR_CLOSED, "Could not set the option “linger” of a “pull” socket: The socket is closed");
  g_assert_false (zmqglib_socket_set_option_bytes (socket, ZMQ_ROUTING_ID, bytes, &error));
  assert_message (error, ZMQGLIB_ERROR_CLOSED, "Could not set the option “routing-id” of a “pull” socket: The socket is closed");
  g_assert_false (zmqglib_socket_get_option_int (socket, ZMQ_LINGER, &value, &error));
  assert_message (error, ZMQGLIB_ERROR_CLOSED, "Could not get the option “linger” of a “pull” socket: The socket is closed");
  g_assert_null (zmqglib_socket_get_option_bytes (socket, ZMQ_ROUTING_ID, &error));
  assert_message (error, ZMQGLIB_ERROR_CLOSED, "Could not get the option “routing-id” of a “pull” socket: The socket is closed");

  assert_notified (names, "");
}

static void
test_terminated (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  GError *error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (context, ZMQGLIB_SOCKET_PULL, &error);
  int value;

  g_assert_no_error (error);
  g_object_set (socket, "linger", 5, NULL);
  zmqglib_context_shutdown (context);

  /* libzmq tells the socket when it looks */
  g_assert_null (zmqglib_socket_try_receive (socket, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TERMINATED);
  g_clear_error (&error);

  /* also when it is the default, which such a socket is said to have */
  expect_warning ("Could not set “linger” of a “pull” socket to -1: The context was shut down");
  g_object_set (socket, "linger", -1, NULL);
  g_test_assert_expected_messages ();

  g_assert_false (zmqglib_socket_set_option_int (socket, ZMQ_LINGER, 0, &error));
  assert_message (error, ZMQGLIB_ERROR_TERMINATED,
                  "Could not set the option “linger” of a “pull” socket: "
                  "The context was shut down");
  g_assert_false (zmqglib_socket_get_option_int (socket, ZMQ_LINGER, &value, &error));
  assert_message (error, ZMQGLIB_ERROR_TERMINATED,
                  "Could not get the option “linger” of a “pull” socket: "
                  "The context was shut down");
}

/* Options may be given to the constructor, whose error does not come with a warning. */
static void
test_construct (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = NULL;
  int     linger;
  GError *error = NULL;

  socket = g_initable_new (ZMQGLIB_TYPE_SOCKET, NULL, &error,
                           "context", context,
                           "socket-type", ZMQGLIB_SOCKET_PULL,
                           "linger", 5,
                           NULL);
  g_assert_no_error (error);
  g_object_get (socket, "linger", &linger, NULL);
  g_assert_cmpint (linger, ==, 5);

  zmqglib_context_shutdown (context);
  g_assert_null (g_initable_new (ZMQGLIB_TYPE_SOCKET, NULL, &error,
                                 "context", context,
                                 "socket-type", ZMQGLIB_SOCKET_PULL,
                                 "linger", 5,
                                 NULL));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TERMINATED);
  g_clear_error (&error);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/option-errors/refused", test_refused);
  g_test_add_func ("/option-errors/refused-in-constructor", test_refused_in_constructor);
  g_test_add_func ("/option-errors/refused-and-never-asked", test_refused_and_never_asked);
  g_test_add_func ("/option-errors/set-by-name", test_set_by_name);
  g_test_add_func ("/option-errors/default-again", test_default_again);
  g_test_add_func ("/option-errors/unset", test_unset);
  g_test_add_func ("/option-errors/keys", test_keys);
  g_test_add_func ("/option-errors/set-error", test_set_error);
  g_test_add_func ("/option-errors/get-error", test_get_error);
  g_test_add_func ("/option-errors/wide", test_wide);
  g_test_add_func ("/option-errors/functions", test_functions);
  g_test_add_func ("/option-errors/long-endpoint", test_long_endpoint);
  g_test_add_func ("/option-errors/notify", test_notify);
  g_test_add_func ("/option-errors/close-in-notify", test_close_in_notify);
  g_test_add_func ("/option-errors/closed", test_closed);
  g_test_add_func ("/option-errors/terminated", test_terminated);
  g_test_add_func ("/option-errors/construct", test_construct);

  return g_test_run ();
}

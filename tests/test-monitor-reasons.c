/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <zmq.h>

#include "test-hostile-util.h"
#include "test-monitor-util.h"

/* Why a handshake has failed, as a monitor tells it: of authenticators that answer badly, and of peers, made by hand,
 * that send what they should not. */

/* The answer of an authenticator, behind the routing id and the empty frame: what stands for the request's number is
 * replaced by that. */
#define NUMBER    "number"
#define MAX_PARTS 8

typedef struct
{
  const char         *path;
  const char         *parts[MAX_PARTS];
  ZmqMonitorEventKind kind;
  ZmqError            code;
  const char         *reason;
} BadAnswer;

#define BAD(path, reason, ...)                                                                                \
  {                                                                                                           \
    "/monitor/reasons/authenticator/" path, { __VA_ARGS__ }, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_PROTOCOL, \
        ZMQGLIB_ERROR_INVALID_DATA, reason                                                                    \
  }

#define DENIED(status, reason)                                                               \
  {                                                                                          \
    "/monitor/reasons/authenticator/" status, { "", "1.0", NUMBER, status, "", "", "" },     \
        ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_AUTH, ZMQGLIB_ERROR_PERMISSION_DENIED, reason \
  }

static const BadAnswer bad_answers[] = {
  BAD ("envelope", "broke its protocol", "x", "1.0", NUMBER, "200", "", "", ""),
  BAD ("few-frames", "a malformed reply", "", "1.0", NUMBER, "200"),
  BAD ("many-frames", "a malformed reply", "", "1.0", NUMBER, "200", "", "", "", ""),
  BAD ("version", "another version of its protocol", "", "2.0", NUMBER, "200", "", "", ""),
  BAD ("number", "another request", "", "1.0", "another", "200", "", "", ""),
  BAD ("status", "an invalid status", "", "1.0", NUMBER, "20", "", "", ""),
  BAD ("metadata", "invalid metadata", "", "1.0", NUMBER, "200", "", "", "\377"),
  DENIED ("300", "could not decide for the moment"),
  DENIED ("400", "refused the peer"),
  DENIED ("500", "had an error"),
};

static void
assert_reason (Watched            *watched,
               ZmqMonitorEventKind kind,
               ZmqError            code,
               const char         *endpoint,
               const char         *reason)
{
  const GError *error = zmqglib_monitor_event_get_error (watched_wait (watched, kind));

  g_assert_error (error, ZMQGLIB_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, endpoint));
  if (!g_str_has_suffix (error->message, reason))
    g_error ("“%s” does not end with “%s”", error->message, reason);
}

static void
answer_badly (ZmqStream  *stream,
              ZmqMessage *request,
              gpointer    data)
{
  const BadAnswer *answer = data;
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autoptr (GBytes) id = zmqglib_message_get_frame (request, 0);
  g_autoptr (GBytes) number = zmqglib_message_get_frame (request, 3);
  g_autoptr (GError) error = NULL;

  zmqglib_message_append_bytes (message, id);
  for (guint i = 0; i < MAX_PARTS && answer->parts[i] != NULL; i++)
    if (g_str_equal (answer->parts[i], NUMBER))
      zmqglib_message_append_bytes (message, number);
    else
      zmqglib_message_append_string (message, answer->parts[i]);
  zmqglib_stream_send (stream, message, &error);
  g_assert_no_error (error);
}

static void
test_bad_answer (gconstpointer data)
{
  const BadAnswer *answer = data;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) zap = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqStream) authenticator = NULL;
  g_auto (Watched) watched = { 0 };
  g_autofree char *name G_GNUC_UNUSED = watched_bind (zap, "inproc://zeromq.zap.01");
  g_autofree char      *endpoint = NULL;

  authenticator = zmqglib_stream_new (zap);
  g_signal_connect (authenticator, "received", G_CALLBACK (answer_badly), (gpointer) answer);
  g_object_set (server, "zap-domain", "test", NULL);
  watched_init (&watched, server);
  endpoint = test_bind (server, "tcp");
  watched_connect (client, endpoint);

  assert_reason (&watched, answer->kind, answer->code, endpoint, answer->reason);
  g_assert_cmpuint (zmqglib_monitor_get_n_peers (watched.monitor), ==, 0);
}

/* Commands of a peer; a server sends each when it has heard one of the other side. */
typedef struct
{
  const char *path;
  const char *mechanism;
  const char *commands[2];
  const char *reason;
} BadPeer;

static const BadPeer bad_clients[] = {
  { "/monitor/reasons/client/unexpected", "NULL", { "\005HELLO\001a\001b" }, "unexpected command" },
  { "/monitor/reasons/client/plain-empty", "PLAIN", { "\377" }, "malformed command" },
  { "/monitor/reasons/client/error", "NULL", { "\005ERROR" }, "malformed command ERROR" },
  { "/monitor/reasons/client/error-cut", "NULL", { "\005ERROR\377x" }, "malformed command ERROR" },
  { "/monitor/reasons/client/plain-hello", "PLAIN", { "\005HELLO" }, "malformed command HELLO" },
  { "/monitor/reasons/client/plain-hello-cut", "PLAIN", { "\005HELLO\377x" }, "malformed command HELLO" },
  { "/monitor/reasons/client/plain-unexpected", "PLAIN", { "\005READY" }, "unexpected command" },
  { "/monitor/reasons/client/curve-hello", "CURVE", { "\005HELLO" }, "malformed command HELLO" },
  { "/monitor/reasons/client/curve-unexpected", "CURVE", { "\010INITIATE" }, "unexpected command" },
};

static const BadPeer bad_servers[] = {
  { "/monitor/reasons/server/plain-welcome", "PLAIN", { "\007WELCOMEx" }, "malformed command WELCOME" },
  { "/monitor/reasons/server/plain-metadata", "PLAIN", { "\007WELCOME", "\005READY\377" }, "invalid metadata" },
  { "/monitor/reasons/server/plain-unexpected", "PLAIN", { "\005HELLO" }, "unexpected command" },
  { "/monitor/reasons/server/curve-welcome", "CURVE", { "\007WELCOME" }, "do not fit" },
  { "/monitor/reasons/server/curve-error", "CURVE", { "\005ERROR\377x" }, "malformed command ERROR" },
  { "/monitor/reasons/server/curve-unexpected", "CURVE", { "\005HELLO" }, "unexpected command" },
};

static void
receive (int     fd,
         guint8 *bytes,
         gsize   size)
{
  for (gsize n_received = 0; n_received < size;)
    {
      gssize n = recv (fd, bytes + n_received, size - n_received, 0);

      g_assert_cmpint (n, >, 0);
      n_received += n;
    }
}

/* Waits for the other side's next command. */
static void
hear (int fd)
{
  guint8 header[2], command[G_MAXUINT8];

  receive (fd, header, sizeof header);
  g_assert_cmpuint (header[0], ==, HOSTILE_COMMAND);
  receive (fd, command, header[1]);
}

static void
send_badly (int            fd,
            const BadPeer *peer,
            gboolean       speaks_first)
{
  g_autoptr (GByteArray) greeting = hostile_greeting (peer->mechanism);
  guint8 answer[64];

  g_assert_true (hostile_send (fd, greeting->data, greeting->len));
  receive (fd, answer, sizeof answer);
  for (guint i = 0; i < G_N_ELEMENTS (peer->commands) && peer->commands[i] != NULL; i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();

      if (!speaks_first)
        hear (fd);
      hostile_append_frame (bytes, HOSTILE_COMMAND, peer->commands[i], strlen (peer->commands[i]));
      g_assert_true (hostile_send (fd, bytes->data, bytes->len));
    }
}

static gboolean
secure (ZmqSocket  *socket,
        const char *mechanism,
        gboolean    is_server)
{
  char public_key[41], secret_key[41];

  if (g_str_equal (mechanism, "PLAIN") && is_server)
    g_object_set (socket, "plain-server", TRUE, NULL);
  else if (g_str_equal (mechanism, "PLAIN"))
    g_object_set (socket, "plain-username", "user", "plain-password", "password", NULL);
  else if (g_str_equal (mechanism, "CURVE") && zmq_curve_keypair (public_key, secret_key) != 0)
    return FALSE;
  else if (g_str_equal (mechanism, "CURVE") && is_server)
    g_object_set (socket, "curve-server", TRUE, "curve-secret-key", secret_key, NULL);
  else if (g_str_equal (mechanism, "CURVE"))
    g_object_set (socket, "curve-server-key", public_key, "curve-public-key", public_key, "curve-secret-key", secret_key,
                  NULL);

  return TRUE;
}

static void
test_bad_client (gconstpointer data)
{
  const BadPeer *peer = data;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_auto (Watched) watched = { 0 };
  g_autofree char *endpoint = NULL;
  HostileTarget    target = { 0 };
  int              fd;

  if (!secure (server, peer->mechanism, TRUE))
    {
      g_test_skip ("libzmq has no CURVE");
      return;
    }

  watched_init (&watched, server);
  endpoint = test_bind (server, "tcp");
  target.port = g_ascii_strtoull (strrchr (endpoint, ':') + 1, NULL, 10);
  fd = hostile_connect (&target);
  send_badly (fd, peer, TRUE);

  assert_reason (&watched, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_PROTOCOL, ZMQGLIB_ERROR_INVALID_DATA, endpoint,
                 peer->reason);
  close (fd);
}

static int
listen_anywhere (char **endpoint)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t          size = sizeof address;
  int                fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (fd, 1), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &address, &size), ==, 0);
  *endpoint = g_strdup_printf ("tcp://127.0.0.1:%u", ntohs (address.sin_port));

  return fd;
}

static void
test_bad_server (gconstpointer data)
{
  const BadPeer *peer = data;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_auto (Watched) watched = { 0 };
  g_autofree char *endpoint = NULL;
  int              listening_fd = listen_anywhere (&endpoint);
  int              fd;

  if (!secure (client, peer->mechanism, FALSE))
    {
      close (listening_fd);
      g_test_skip ("libzmq has no CURVE");
      return;
    }

  watched_init (&watched, client);
  watched_connect (client, endpoint);
  fd = accept (listening_fd, NULL, NULL);
  g_assert_cmpint (fd, >=, 0);
  close (listening_fd);
  send_badly (fd, peer, FALSE);

  assert_reason (&watched, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_PROTOCOL, ZMQGLIB_ERROR_INVALID_DATA, endpoint,
                 peer->reason);
  close (fd);
}

/* A server that asks who may come in, where nobody is who could say so, lets in nobody. */
static void
test_no_authenticator (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_auto (Watched) watched = { 0 };
  g_autofree char *endpoint = NULL;

  secure (server, "PLAIN", TRUE);
  secure (client, "PLAIN", FALSE);
  g_object_set (server, "zap-domain", "test", "zap-enforce-domain", TRUE, NULL);
  watched_init (&watched, server);
  endpoint = test_bind (server, "tcp");
  watched_connect (client, endpoint);

  assert_reason (&watched, ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_NO_DETAIL, ZMQGLIB_ERROR_PERMISSION_DENIED, endpoint,
                 "There is no authenticator to let the peer in");
  g_assert_cmpuint (zmqglib_monitor_get_n_peers (watched.monitor), ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (bad_answers); i++)
    g_test_add_data_func (bad_answers[i].path, &bad_answers[i], test_bad_answer);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_clients); i++)
    g_test_add_data_func (bad_clients[i].path, &bad_clients[i], test_bad_client);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_servers); i++)
    g_test_add_data_func (bad_servers[i].path, &bad_servers[i], test_bad_server);
  g_test_add_func ("/monitor/reasons/no-authenticator", test_no_authenticator);

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-stream-util.h"

/* What is told to who looks, by G_MESSAGES_DEBUG: in a child, whose output is looked at. */

#define SECRET "s3cr3t"

static ZmqSocket *
make_secret_socket (ZmqContext   *context,
                    ZmqSocketType type)
{
  ZmqSocket       *socket = test_socket_new (context, type);
  g_autofree char *public_key = NULL;
  g_autofree char *secret_key = NULL;
  g_autoptr (GError) error = NULL;

  zmqglib_curve_keypair (&public_key, &secret_key, &error);
  g_assert_no_error (error);
  g_object_set (socket, "curve-secret-key", secret_key, "curve-public-key", public_key, "plain-username", SECRET,
                "plain-password", SECRET, "zap-domain", "domain", NULL);
  /* so that the parent knows what must not be there */
  g_printerr ("key %s\nkey %s\n", public_key, secret_key);

  return socket;
}

static void
send_frames (ZmqSocket *socket,
             guint      n_frames)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();

  for (guint i = 0; i < n_frames; i++)
    zmqglib_message_append_string (message, SECRET);
  zmqglib_socket_send (socket, message, NULL, &error);
  g_assert_no_error (error);
}

static void
use_sockets (ZmqContext *context)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) pull = make_secret_socket (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) push = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqMessage) message = NULL;

  zmqglib_socket_bind (pull, "inproc://looked-at", &error);
  g_assert_no_error (error);
  zmqglib_socket_connect_to (push, "inproc://looked-at", &error);
  g_assert_no_error (error);

  g_object_set (pull, "max-frames", 2, NULL);
  send_frames (push, 3);
  send_frames (push, 2);
  message = zmqglib_socket_receive (pull, NULL, &error);
  g_assert_no_error (error);
  zmqglib_socket_put_back (pull, message);

  zmqglib_socket_disconnect_from (push, "inproc://looked-at", &error);
  g_assert_no_error (error);
  zmqglib_socket_unbind (pull, "inproc://looked-at", &error);
  g_assert_no_error (error);
  zmqglib_socket_bind (pull, "tcp://127.0.0.1:*", &error);
  g_assert_no_error (error);
  zmqglib_socket_close (pull);
}

static void
use_streams (ZmqContext *context)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_DEALER);
      g_autoptr (ZmqStream) stream = zmqglib_stream_new (socket);

      for (guint j = 0; j <= i; j++)
        {
          zmqglib_stream_send_string (stream, SECRET, &error);
          g_assert_no_error (error);
        }
      if (i == 0)
        g_assert_cmpuint (zmqglib_stream_discard (stream), ==, 1);
      if (i <= 1)
        zmqglib_stream_close (stream);
    }
}

static void
use_flush (ZmqContext *context)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) pull = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) push = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (pull);

  zmqglib_socket_bind (pull, "inproc://unheard", &error);
  g_assert_no_error (error);
  zmqglib_socket_connect_to (push, "inproc://unheard", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 5; i++)
    send_frames (push, 1);
  g_assert_cmpuint (zmqglib_stream_flush (stream, G_IO_IN, 0), ==, 5);
}

/* An answer that comes twice. */
static void
use_client (ZmqContext *context)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqClient) client = zmqglib_client_new (context, &error);
  g_autoptr (ZmqSocket) router = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqMessage) request = zmqglib_message_new_from_string (SECRET);
  g_autoptr (ZmqMessage) answer = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (ZmqMessage) body = NULL;

  g_assert_no_error (error);
  zmqglib_socket_bind (router, "inproc://twice", &error);
  g_assert_no_error (error);
  zmqglib_client_connect_to (client, "inproc://twice", &error);
  g_assert_no_error (error);
  zmqglib_client_request_async (client, request, NULL, test_keep_result, &result);
  while (answer == NULL)
    {
      g_main_context_iteration (NULL, FALSE);
      answer = zmqglib_socket_try_receive (router, NULL);
    }
  for (guint i = 0; i < 2; i++)
    {
      zmqglib_socket_send (router, answer, NULL, &error);
      g_assert_no_error (error);
    }
  test_iterate_until (NULL, test_is_set, &result);
  body = zmqglib_client_request_finish (client, result, &error);
  g_assert_no_error (error);
  stream_settle ();
}

/* Of a stream that is not closed by us. */
static void
use_shutdown (ZmqContext *context)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (socket);

  zmqglib_context_shutdown (context);
  stream_settle ();
  g_assert_true (zmqglib_stream_is_closed (stream));
}

static gboolean
has_denied (gpointer authenticator)
{
  guint64 n_denied;

  g_object_get (authenticator, "n-denied", &n_denied, NULL);

  return n_denied > 0;
}

static void
use_authenticator (ZmqContext *context)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqAuthenticator) authenticator = zmqglib_authenticator_new (context, &error);
  g_autoptr (ZmqSocket) server = NULL;
  g_autoptr (ZmqSocket) client = NULL;
  g_autofree char *endpoint = NULL;

  g_assert_no_error (error);
  server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  client = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_object_set (server, "plain-server", TRUE, "zap-domain", "domain", NULL);
  g_object_set (client, "plain-username", SECRET, "plain-password", SECRET, NULL);
  endpoint = test_bind (server, "tcp");
  zmqglib_socket_connect_to (client, endpoint, &error);
  g_assert_no_error (error);
  test_iterate_until (NULL, has_denied, authenticator);
  zmqglib_authenticator_close (authenticator);
}

static void
use_all (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();

  use_sockets (context);
  use_streams (context);
  use_authenticator (context);
  use_flush (context);
  use_client (context);
  use_shutdown (context);
  stream_settle ();
}

/* The keys that the child has told, outside of the log. */
static void
assert_no_secret (const char *out,
                  const char *err)
{
  g_auto (GStrv) lines = g_strsplit (err, "\n", -1);
  guint n_keys = 0;

  g_assert_null (strstr (out, SECRET));
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_assert_null (strstr (lines[i], SECRET));
      if (!g_str_has_prefix (lines[i], "key "))
        continue;
      g_assert_null (strstr (out, lines[i] + strlen ("key ")));
      n_keys++;
    }
  g_assert_cmpuint (n_keys, ==, 2);
}

static char *
run_child (const char *program,
           const char *domains,
           const char *what)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GSubprocess) child = NULL;
  g_autofree char *err = NULL;
  char            *out = NULL;

  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  if (domains != NULL)
    g_subprocess_launcher_setenv (launcher, "G_MESSAGES_DEBUG", domains, TRUE);
  else
    g_subprocess_launcher_unsetenv (launcher, "G_MESSAGES_DEBUG");
  child = g_subprocess_launcher_spawn (launcher, &error, program, what, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (child, NULL, NULL, &out, &err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (child));
  assert_no_secret (out, err);

  return out;
}

static const char *program;

static void
test_on (void)
{
  static const char *const expected[] = {
    "A \"pull\" socket was made",
    "The \"pull\" socket was bound to \"inproc://looked-at\"",
    "The \"push\" socket was connected to \"inproc://looked-at\"",
    "A message of more than 2 frames was dropped",
    "The \"push\" socket was disconnected from \"inproc://looked-at\"",
    "The \"pull\" socket was unbound from \"inproc://looked-at\"",
    "The \"pull\" socket was bound to \"tcp://127.0.0.1:",
    "Messages that were put back, and dropped: 1",
    "The \"pull\" socket was closed",
    "Queued messages that were discarded: 1",
    "The stream of the socket was closed; messages that were still queued: 2",
    "The stream of the socket was dropped; messages that were still queued: 3",
    "The \"dealer\" socket was closed",
    "A peer at \"127.0.0.1\" was denied for the domain \"domain\" (400)",
    "Messages that nobody listened to, and dropped: 5",
    "An answer that nobody waits for was dropped",
    "The stream of the socket ends: The context was shut down",
    "The stream of the socket was lost; messages that were still queued: 0",
  };
  g_autofree char *out = run_child (program, "other zmqglib", "all");
  const char      *at = out;

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      const char *found = strstr (at, expected[i]);

      if (found == NULL)
        g_error ("“%s” is not there in its turn: %s", expected[i], out);
      at = found;
    }
  g_assert_nonnull (strstr (out, "zmqglib-DEBUG"));
}

static void
test_off (void)
{
  g_autofree char *unset = run_child (program, NULL, "all");
  g_autofree char *others = run_child (program, "GLib Gtk", "all");

  g_assert_cmpstr (unset, ==, "");
  g_assert_cmpstr (others, ==, "");
}

int
main (int   argc,
      char *argv[])
{
  if (argc > 1 && g_str_equal (argv[1], "all"))
    {
      use_all ();
      return 0;
    }

  program = argv[0];
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/debug/on", test_on);
  g_test_add_func ("/debug/off", test_off);

  return g_test_run ();
}

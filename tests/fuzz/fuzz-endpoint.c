/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <unistd.h>

#include "fence.h"
#include "fuzz.h"

/* What sockets, streams, servers and clients are to be bound and connected to: a line each of what is to be done, by whom,
 * and an endpoint. It is done, or an error says why not. */

#define N_SOCKETS 4
#define MAX_LINES 16

typedef gboolean (*EndpointFunc) (ZmqSocket  *socket,
                                  const char *endpoint,
                                  GError    **error);

typedef struct
{
  ZmqContext *context;
  guint8      types;
  ZmqSocket  *sockets[N_SOCKETS];
  ZmqStream  *streams[N_SOCKETS];
  ZmqServer  *server;
  ZmqClient  *client;
  guint       n_ipc; /* endpoints */
} Play;

static ZmqSocket *
get_socket (Play *play,
            guint n)
{
  g_autoptr (GError) error = NULL;

  if (play->sockets[n] == NULL)
    {
      play->sockets[n] = zmqglib_socket_new (play->context, (play->types + 5 * n) % 12, &error);
      if (error != NULL)
        fuzz_fail ("%s", error->message);
      g_object_set (play->sockets[n], "linger", 0, NULL);
    }

  return play->sockets[n];
}

/* What was done is one of what can be. */
static void
check_done (const char *endpoint,
            gboolean    is_done,
            GError     *error)
{
  static const char *const transports[] = { "tcp://", "ipc://", "inproc://", "tipc://", "ws://" };

  fuzz_check_error (is_done, &error);
  if (!is_done)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (transports); i++)
    if (g_str_has_prefix (endpoint, transports[i]))
      return;
  fuzz_fail ("“%s” was taken", endpoint);
}

static void
change (Play        *play,
        guint        n,
        EndpointFunc func,
        const char  *endpoint)
{
  ZmqSocket *socket = get_socket (play, n);
  g_autoptr (GError) error = NULL;
  g_autofree char *last = NULL;
  gboolean         is_done;

  is_done = func (socket, endpoint, &error);
  check_done (endpoint, is_done, error);
  g_object_get (socket, "last-endpoint", &last, NULL);
  if (is_done && (func == zmqglib_socket_bind || func == zmqglib_socket_connect_to))
    fuzz_assert (last != NULL && last[0] != '\0');
}

static void
undo_last (Play *play,
           guint n)
{
  g_autofree char *last = NULL;
  g_autoptr (GError) error = NULL;

  g_object_get (get_socket (play, n), "last-endpoint", &last, NULL);
  if (last == NULL)
    return;
  fuzz_check_error (zmqglib_socket_unbind (play->sockets[n], last, &error), &error);
}

/* The default context, which cannot be chosen there, is not to be full of what lingers. */
static void
make_stream (Play       *play,
             guint       n,
             const char *endpoint,
             gboolean    is_bound)
{
  const ZmqSocketType type = (play->types + 5 * n) % 12;
  g_autoptr (GError) error = NULL;

  g_clear_object (&play->streams[n]);
  play->streams[n] = is_bound ? zmqglib_stream_new_bound (type, endpoint, &error)
                              : zmqglib_stream_new_connected (type, endpoint, &error);
  check_done (endpoint, play->streams[n] != NULL, error);
  if (play->streams[n] != NULL)
    g_object_set (zmqglib_stream_get_socket (play->streams[n]), "linger", 0, NULL);
}

static void
bind_server (Play       *play,
             const char *endpoint)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *last = NULL;
  gboolean         is_done;

  if (play->server == NULL)
    play->server = zmqglib_server_new (play->context, NULL);
  is_done = zmqglib_server_bind (play->server, endpoint, &error);
  check_done (endpoint, is_done, error);
  last = zmqglib_server_dup_last_endpoint (play->server);
  if (is_done)
    fuzz_assert (last != NULL);
}

static void
change_client (Play       *play,
               const char *endpoint,
               gboolean    is_wanted)
{
  g_autoptr (GError) error = NULL;
  gboolean is_done;

  if (play->client == NULL)
    play->client = zmqglib_client_new (play->context, NULL);
  is_done = is_wanted ? zmqglib_client_connect_to (play->client, endpoint, &error)
                      : zmqglib_client_disconnect_from (play->client, endpoint, &error);
  check_done (endpoint, is_done, error);
}

static void
set_option (Play       *play,
            guint       n,
            const char *what)
{
  ZmqSocket *socket = get_socket (play, n);

  switch (what[0])
    {
    case '6':
      g_object_set (socket, "ipv6", TRUE, NULL);
      break;
    case 's':
      g_object_set (socket, "socks-proxy", g_utf8_validate (what + 1, -1, NULL) ? what + 1 : NULL, NULL);
      break;
    case 'f':
      g_object_set (socket, "use-fd", (int) g_ascii_strtoll (what + 1, NULL, 10) + 100000, NULL);
      break;
    case 'c':
      zmqglib_socket_close (socket);
      g_clear_object (&play->sockets[n]);
      break;
    default:
      g_object_set (socket, "ipv6", FALSE, NULL);
      break;
    }
}

static void
play_line (Play       *play,
           const char *line)
{
  const char *endpoint;
  guint       n;

  if (line[0] == '\0' || line[1] == '\0')
    return;
  endpoint = line + 2;
  n = (guint8) line[1] % N_SOCKETS;
  /* who listens at a path already is waited for, a moment each time */
  if (strstr (endpoint, "ipc:") != NULL && ++play->n_ipc > 4)
    return;

  switch (line[0])
    {
    case 'b':
      change (play, n, zmqglib_socket_bind, endpoint);
      break;
    case 'c':
      change (play, n, zmqglib_socket_connect_to, endpoint);
      break;
    case 'u':
      change (play, n, zmqglib_socket_unbind, endpoint);
      break;
    case 'd':
      change (play, n, zmqglib_socket_disconnect_from, endpoint);
      break;
    case 'e':
      undo_last (play, n);
      break;
    case 's':
    case 't':
      make_stream (play, n, endpoint, line[0] == 's');
      break;
    case 'r':
      bind_server (play, endpoint);
      break;
    case 'l':
    case 'm':
      change_client (play, endpoint, line[0] == 'l');
      break;
    case 'o':
      set_option (play, n, endpoint);
      break;
    default:
      break;
    }
}

static void
end (Play *play)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_SOCKETS; i++)
    {
      g_clear_object (&play->sockets[i]);
      g_clear_object (&play->streams[i]);
    }
  g_clear_object (&play->server);
  g_clear_object (&play->client);
  fuzz_assert (fuzz_settle (1000));
  /* which waits until libzmq's own threads have done with all */
  if (!zmqglib_context_terminate (play->context, NULL, &error))
    fuzz_fail ("%s", error->message);
  g_object_unref (play->context);
  fuzz_assert (fuzz_settle (1000));
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         size)
{
  FuzzInput        input = { data, size };
  Play             play = { .types = fuzz_take_byte (&input) };
  g_autofree char *text = g_strndup ((const char *) input.data, input.size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", MAX_LINES);

  fence_put_up ();
  fence_enter ();
  play.context = zmqglib_context_new ();
  for (guint i = 0; lines[i] != NULL; i++)
    {
      play_line (&play, lines[i]);
      fuzz_assert (fuzz_settle (1000));
    }
  end (&play);
  fence_leave ();

  return 0;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include "test-life-moment.h"

/* Rule 2: before a thread runs a main context, another one may have that for the moment, as to let go of something. What only the
 * first may do is done all the same, a moment later. */

static LifeMoment before_release = LIFE_MOMENT_INIT;
static LifeMoment before_acquire = LIFE_MOMENT_INIT;
static ZmqServer *server;         /* that was made meanwhile, and is opened by the thread that has the main context */
static guint      n_acquired = 0; /* by that thread, since the server was made */

static void bind_there (gpointer data);

void
g_main_context_release (GMainContext *context)
{
  static gpointer next;

  life_moment_come (&before_release);
  ((void (*) (GMainContext *)) life_next (&next, "g_main_context_release")) (context);
}

/* Once for what was posted, and once more within that. */
gboolean
g_main_context_acquire (GMainContext *context)
{
  static gpointer next;

  if (server != NULL && g_atomic_pointer_get (&before_release.thread) == NULL && g_thread_self () != before_release.other &&
      g_thread_self () != before_acquire.other && ++n_acquired == 2)
    {
      life_moment_await (&before_acquire, bind_there, NULL);
      life_moment_come (&before_acquire);
    }

  return ((gboolean (*) (GMainContext *)) life_next (&next, "g_main_context_acquire")) (context);
}

typedef struct
{
  const char *name;
  void (*use) (ZmqStream *stream,
               ZmqSocket *peer);
  ZmqSocketType type;
  ZmqSocketType peer_type;
} Case;

typedef struct
{
  const Case *what;
  ZmqContext *context;
} Taken;

static void
on_message (ZmqStream  *stream,
            ZmqMessage *message,
            gpointer    data)
{
}

static void
make_feed (ZmqStream *stream,
           ZmqSocket *peer)
{
  g_autoptr (ZmqFeed) feed = zmqglib_feed_new (stream);

  g_assert_nonnull (feed);
  g_assert_false (zmqglib_feed_is_closed (feed));
}

static void
make_peer_list (ZmqStream *stream,
                ZmqSocket *peer)
{
  g_autoptr (ZmqPeerList) list = zmqglib_peer_list_new (stream);

  g_assert_nonnull (list);
}

/* A refusal would be a critical warning, which ends the test. */
static void
set_function (ZmqStream *stream,
              ZmqSocket *peer)
{
  zmqglib_stream_set_receive_func (stream, on_message, NULL, NULL);
}

static void
flush (ZmqStream *stream,
       ZmqSocket *peer)
{
  test_send_string (peer, "x");
  g_assert_cmpuint (zmqglib_stream_flush (stream, G_IO_IN, 0), ==, 1);
}

static void
discard (ZmqStream *stream,
         ZmqSocket *peer)
{
  zmqglib_socket_close (peer);
  zmqglib_stream_send_string (stream, "x", NULL);
  g_assert_cmpuint (zmqglib_stream_discard (stream), ==, 1);
}

static const Case cases[] = {
  { "feed", make_feed, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH },
  { "peer-list", make_peer_list, ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER },
  { "function", set_function, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH },
  { "flush", flush, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH },
  { "discard", discard, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL },
};

static void
use_there (gpointer data)
{
  Taken *self = data;
  g_autoptr (ZmqSocket) socket = NULL;
  g_autoptr (ZmqSocket) peer = NULL;
  g_autoptr (ZmqStream) stream = NULL;

  test_socket_pair (self->context, "inproc", self->what->type, self->what->peer_type, &socket, &peer);
  stream = zmqglib_stream_new (socket);
  self->what->use (stream, peer);
}

static void
test_taken (gconstpointer data)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  ZmqStream *dropped = zmqglib_stream_new (socket);
  Taken      self = { data, context };

  life_moment_await (&before_release, use_there, &self);
  g_object_unref (dropped);
  life_moment_end (&before_release);
  g_assert_true (before_release.had_to_wait);
}

static void
bind_there (gpointer data)
{
  g_assert_true (zmqglib_server_bind (server, "inproc://taken", NULL));
}

static void
make_server_there (gpointer data)
{
  server = zmqglib_server_new (data, NULL);
  g_assert_nonnull (server);
}

static void
on_request (ZmqServer  *self,
            ZmqRequest *request,
            gpointer    data)
{
  *(gboolean *) data = TRUE;
}

/* A server is opened by whoever has the main context for the moment, while its own thread binds it. */
static void
test_server (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) client = test_socket_new (context, ZMQGLIB_SOCKET_REQ);
  ZmqStream *dropped = zmqglib_stream_new (socket);
  gboolean   is_asked = FALSE;

  life_moment_await (&before_release, make_server_there, context);
  g_object_unref (dropped);
  life_moment_end (&before_release);
  life_moment_end (&before_acquire);

  g_signal_connect (server, "request", G_CALLBACK (on_request), &is_asked);
  g_assert_true (zmqglib_socket_connect_to (client, "inproc://taken", NULL));
  test_send_string (client, "x");
  test_until (is_asked);
  g_clear_object (&server);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/life/rule-2-taken/server", test_server);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/life/rule-2-taken/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_taken);
    }

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-life-util.h"

/* Rule 2: what was to be told goes with a main context that nobody runs any more, and keeps nothing. */

typedef struct
{
  const char *path;
  GType (*get_type) (void);
  ZmqSocketType type;
  ZmqSocketType peer_type;
  gboolean      is_closed; /* before its main context goes */
} Case;

static const Case cases[] = {
  { "/life/rule-2-untold/peer-list", zmqglib_peer_list_get_type, ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER, FALSE },
  { "/life/rule-2-untold/peer-list-closed", zmqglib_peer_list_get_type, ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER, TRUE },
  { "/life/rule-2-untold/feed", zmqglib_feed_get_type, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, FALSE },
  { "/life/rule-2-untold/feed-closed", zmqglib_feed_get_type, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, TRUE },
};

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
}

/* Has something to tell that came in without a loop. */
static gpointer
make_with_news (const Case *what,
                ZmqContext *context,
                ZmqStream **stream)
{
  g_autoptr (ZmqSocket) socket = NULL;
  g_autoptr (ZmqSocket) peer = NULL;
  g_autoptr (GError) error = NULL;
  gpointer list;

  test_socket_pair (context, "inproc", what->type, what->peer_type, &socket, &peer);
  *stream = zmqglib_stream_new (socket);
  list = g_initable_new (what->get_type (), NULL, &error, "stream", *stream, NULL);
  g_assert_no_error (error);
  g_signal_connect (*stream, "received", G_CALLBACK (on_received), NULL);
  test_send_string (peer, "news");
  g_assert_cmpuint (zmqglib_stream_flush (*stream, G_IO_IN, 0), ==, 1);

  return list;
}

static void
test_untold (gconstpointer data)
{
  const Case *what = data;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  GMainContext *main_context = g_main_context_new ();
  g_autoptr (GSource) witness = g_idle_source_new ();
  ZmqStream *stream;
  gpointer   list;

  g_source_attach (witness, main_context);
  g_main_context_push_thread_default (main_context);
  list = make_with_news (what, context, &stream);
  g_main_context_pop_thread_default (main_context);

  g_object_add_weak_pointer (list, &list);
  g_object_add_weak_pointer (G_OBJECT (stream), (gpointer *) &stream);
  if (what->is_closed)
    zmqglib_stream_close (stream);
  g_object_unref (list);
  g_object_unref (stream);
  g_main_context_unref (main_context);

  g_assert_null (list);
  g_assert_null (stream);
  g_assert_true (g_source_is_destroyed (witness));
  life_terminate (context);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, &cases[i], test_untold);

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A server that knows which workers are alive: who is silent for too long is forgotten.
 *
 * The workers are made by the program itself. Ben hangs after three heartbeats, and Ann when Ben is gone. */

#include <stdlib.h>

#include <zmqglib/zmqglib.h>

#define HEARTBEAT_MS 50
#define EXPIRY_US    G_TIME_SPAN_SECOND /* some heartbeats may be late */

typedef struct
{
  ZmqStream *stream;
  guint      timer;
} Worker;

typedef struct
{
  GMainLoop   *loop;
  ZmqStream   *stream;
  ZmqPeerList *peers;
  Worker       ann;
  Worker       ben;
} Server;

static void
check (GError *error)
{
  if (error == NULL)
    return;

  g_printerr ("%s\n", error->message);
  exit (EXIT_FAILURE);
}

static gboolean
on_heartbeat_due (gpointer data)
{
  Worker *self = data;
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send_string (self->stream, "heartbeat", &error);
  check (error);

  return G_SOURCE_CONTINUE;
}

static void
worker_start (Worker     *self,
              const char *name,
              ZmqStream  *server)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_DEALER, &error);
  g_autoptr (GBytes) id = g_bytes_new (name, strlen (name));
  g_autofree char *endpoint = NULL;

  check (error);
  g_object_get (zmqglib_stream_get_socket (server), "last-endpoint", &endpoint, NULL);
  g_object_set (socket, "routing-id", id, "linger", 0, NULL);
  zmqglib_socket_connect_to (socket, endpoint, &error);
  check (error);

  self->stream = zmqglib_stream_new (socket);
  self->timer = g_timeout_add (HEARTBEAT_MS, on_heartbeat_due, self);
}

static void
worker_hang (Worker *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
}

static gboolean
is_id_of (GBytes     *id,
          const char *name)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (name, strlen (name));

  return g_bytes_equal (id, bytes);
}

/* Somebody has to read; the list hears of it. */
static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  Server *self = data;
  g_autoptr (GBytes) id = zmqglib_message_get_frame (message, 0);
  ZmqPeer *peer = zmqglib_peer_list_lookup (self->peers, id);

  if (is_id_of (id, "Ben") && zmqglib_peer_get_n_messages (peer) == 3)
    worker_hang (&self->ben);
}

static void
print_peer (ZmqPeer    *peer,
            const char *what)
{
  gsize       size;
  const char *name = g_bytes_get_data (zmqglib_peer_get_id (peer), &size);

  g_print ("%.*s %s\n", (int) size, name, what);
}

static void
on_appeared (ZmqPeerList *peers,
             ZmqPeer     *peer,
             gpointer     data)
{
  Server *self = data;

  print_peer (peer, "is there");
  if (is_id_of (zmqglib_peer_get_id (peer), "Ann"))
    worker_start (&self->ben, "Ben", self->stream);
}

static void
on_expired (ZmqPeerList *peers,
            ZmqPeer     *peer,
            gpointer     data)
{
  Server *self = data;

  print_peer (peer, "is gone");
  worker_hang (&self->ann);
  if (g_list_model_get_n_items (G_LIST_MODEL (peers)) == 0)
    g_main_loop_quit (self->loop);
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqStream) stream = zmqglib_stream_new_bound (ZMQGLIB_SOCKET_ROUTER, "tcp://127.0.0.1:*", &error);
  g_autoptr (ZmqPeerList) peers = NULL;
  Server server = { .loop = loop, .stream = stream };

  check (error);
  server.peers = peers = zmqglib_peer_list_new (stream);
  zmqglib_peer_list_set_expiry_us (peers, EXPIRY_US);
  g_signal_connect (peers, "appeared", G_CALLBACK (on_appeared), &server);
  g_signal_connect (peers, "expired", G_CALLBACK (on_expired), &server);
  g_signal_connect (stream, "received", G_CALLBACK (on_received), &server);

  worker_start (&server.ann, "Ann", stream);
  g_main_loop_run (loop);
  g_print ("nobody is left\n");

  g_object_unref (server.ann.stream);
  g_object_unref (server.ben.stream);

  return EXIT_SUCCESS;
}

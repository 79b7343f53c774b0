/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <stdio.h>
#include <string.h>

#include "soak-hostile.h"

/* A list of peers of another process that come, send what they said that they would, and go, all the time. Hostile ones
 * are among them. */

#define EXPIRY_US (2 * G_USEC_PER_SEC)

static ZmqStream   *stream;
static ZmqPeerList *list;
static GHashTable  *visits; /* how many of its messages a peer still has to send, by its id */
static guint64      n_messages;
static guint64      n_visits;
static guint64      n_strange;
static guint64      n_appeared;
static guint64      n_expired;
static gint64       progress_us;

static void
take_visit (GBytes *id,
            guint   number,
            guint   n)
{
  guint n_left = GPOINTER_TO_UINT (g_hash_table_lookup (visits, id));

  n_messages++;
  progress_us = g_get_monotonic_time ();
  if (n_left != (number == 0 ? 0 : n - number))
    soak_lose (1, "peers: message %u of %u came where %u were to come", number, n, n_left);
  if (number + 1 < n)
    g_hash_table_replace (visits, g_bytes_ref (id), GUINT_TO_POINTER (n - number - 1));
  else
    {
      g_hash_table_remove (visits, id);
      n_visits++;
    }
}

static void
on_received (ZmqStream  *router,
             ZmqMessage *message,
             gpointer    data)
{
  g_autoptr (GBytes) id = zmqglib_message_get_frame (message, 0);
  g_autofree char *text = NULL;
  guint            number, n;

  if (zmqglib_peer_list_lookup (list, id) == NULL)
    soak_fail ("peers: a message is from nobody");
  if (zmqglib_message_get_n_frames (message) == 3)
    text = zmqglib_message_get_string (message, 2, NULL);
  if (text != NULL && sscanf (text, "%u of %u", &number, &n) == 2)
    take_visit (id, number, n);
  else
    n_strange++;
}

static void
on_appeared (ZmqPeerList *self,
             ZmqPeer     *peer,
             gpointer     data)
{
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);

  /* whatever belongs to a peer goes with it */
  soak_count_object (object);
  zmqglib_peer_set_object (peer, object);
  n_appeared++;
}

static void
on_expired (ZmqPeerList *self,
            ZmqPeer     *peer,
            gpointer     data)
{
  /* it may be stopped, and goes on with the same id then: what it has still to send is kept */
  n_expired++;
  soak_drop (g_object_ref (peer));
}

static void
start (void)
{
  g_autofree char *endpoint = NULL;
  g_autoptr (ZmqSocket) socket = NULL;
  GError *error = NULL;

  visits = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_ROUTER, &error);
  if (!soak_check_error (error))
    return;
  g_object_set (socket, "max-message-size", (gint64) SOAK_HOSTILE_MAX_SIZE, NULL);
  zmqglib_socket_bind (socket, "tcp://127.0.0.1:*", &error);
  if (!soak_check_error (error))
    return;
  g_object_get (socket, "last-endpoint", &endpoint, NULL);
  stream = zmqglib_stream_new (socket);
  list = zmqglib_peer_list_new (stream);
  zmqglib_peer_list_set_expiry_us (list, EXPIRY_US);
  g_signal_connect (list, "appeared", G_CALLBACK (on_appeared), NULL);
  g_signal_connect (list, "expired", G_CALLBACK (on_expired), NULL);
  g_signal_connect (stream, "received", G_CALLBACK (on_received), NULL);
  soak_touch (stream);
  soak_touch (list);
  soak_child_may_be_stopped (soak_child_start_self ("visit", endpoint));
  soak_hostile_add (endpoint);
  progress_us = g_get_monotonic_time ();
}

static void
check (gint64 now)
{
  if (now - progress_us > soak.patience_us)
    soak_fail ("peers: nobody comes");
  if (n_appeared - n_expired != g_list_model_get_n_items (G_LIST_MODEL (list)))
    soak_fail ("peers: %" G_GUINT64_FORMAT " have come, %" G_GUINT64_FORMAT " have gone, and %u are there", n_appeared, n_expired,
               g_list_model_get_n_items (G_LIST_MODEL (list)));
  /* one at a time */
  if (g_hash_table_size (visits) > 10)
    soak_lose (g_hash_table_size (visits), "peers: lost: %u have not sent what they said", g_hash_table_size (visits));
}

static void
print (GString *line)
{
  g_string_append_printf (line, "visits %" G_GUINT64_FORMAT " (strange %" G_GUINT64_FORMAT ")  ", n_visits, n_strange);
}

static void
stop (void)
{
  g_clear_object (&list);
  zmqglib_stream_close (stream);
  g_clear_object (&stream);
  g_hash_table_unref (visits);
}

const SoakPart soak_peers = { "peers", start, check, print, stop };

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "soak.h"

/* Feeds of a publisher in another process, behind a proxy in the main loop: one shows what is newest of each topic,
 * the other the messages. What libzmq drops when a subscriber is too slow is counted, but what it delivers is shown
 * in order, and shown once. */

#define MAX_ITEMS 100

static ZmqSocket *sockets[2]; /* of the proxy */
static ZmqProxy  *proxy;
static ZmqStream *streams[2];
static ZmqFeed   *feeds[2]; /* latest, log */
static guint64    n_shown;
static guint64    n_dropped;
static guint64    last_number;
static guint64    n_forwarded;
static gint64     progress_us;

static gboolean
read_number (ZmqFeed *feed,
             guint    index,
             guint64 *number)
{
  g_autoptr (ZmqFeedItem) item = g_list_model_get_item (G_LIST_MODEL (feed), index);
  ZmqMessage      *message = item != NULL ? zmqglib_feed_item_get_message (item) : NULL;
  g_autofree char *text = message != NULL ? zmqglib_message_get_string (message, 1, NULL) : NULL;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, number, NULL);
}

static void
show (guint64 number)
{
  if (n_shown > 0)
    n_dropped += number - last_number - 1;
  last_number = number;
  n_shown++;
}

/* A change tells of what goes and what comes at once, so that some of what it adds was there before. */
static void
on_log_changed (ZmqFeed *feed,
                guint    position,
                guint    removed,
                guint    added,
                gpointer data)
{
  guint64 number, previous = 0;

  for (guint i = 0; i < position + added; i++)
    {
      if (!read_number (feed, i, &number))
        soak_fail ("feed: item %u of %u is none", i, g_list_model_get_n_items (G_LIST_MODEL (feed)));
      else if (i > 0 && number <= previous)
        soak_fail ("feed: %" G_GUINT64_FORMAT " is shown after %" G_GUINT64_FORMAT, number, previous);
      else if (n_shown == 0 || number > last_number)
        show (number);
      previous = number;
    }
}

static ZmqSocket *
bind_socket (ZmqSocketType type,
             const char   *endpoint)
{
  GError    *error = NULL;
  ZmqSocket *socket = zmqglib_socket_new (NULL, type, &error);

  if (soak_check_error (error))
    {
      zmqglib_socket_bind (socket, endpoint, &error);
      soak_check_error (error);
    }

  return socket;
}

static void
open_feed (guint       which,
           const char *endpoint)
{
  GError *error = NULL;

  streams[which] = zmqglib_stream_new_connected (ZMQGLIB_SOCKET_SUB, endpoint, &error);
  if (!soak_check_error (error))
    return;
  zmqglib_socket_subscribe (zmqglib_stream_get_socket (streams[which]), "", &error);
  soak_check_error (error);
  feeds[which] = zmqglib_feed_new (streams[which]);
  soak_touch (streams[which]);
  soak_touch (feeds[which]);
}

static void
start (void)
{
  g_autofree char *front = g_strdup_printf ("ipc://%s/publisher", soak.folder);
  GError          *error = NULL;

  sockets[0] = bind_socket (ZMQGLIB_SOCKET_XSUB, front);
  sockets[1] = bind_socket (ZMQGLIB_SOCKET_XPUB, "inproc://published");
  proxy = zmqglib_proxy_new (sockets[0], sockets[1], NULL, &error);
  if (!soak_check_error (error))
    return;
  zmqglib_proxy_start (proxy);
  soak_touch (proxy);
  open_feed (0, "inproc://published");
  open_feed (1, "inproc://published");
  zmqglib_feed_set_mode (feeds[0], ZMQGLIB_FEED_MODE_LATEST);
  zmqglib_feed_set_max_items (feeds[1], MAX_ITEMS);
  g_signal_connect (feeds[1], "items-changed", G_CALLBACK (on_log_changed), NULL);
  soak_child_may_be_stopped (soak_child_start_self ("publish", front));
  progress_us = g_get_monotonic_time ();
}

static void
check (gint64 now)
{
  guint64 n = zmqglib_proxy_get_n_forwarded_in (proxy);

  if (n != n_forwarded)
    progress_us = now;
  n_forwarded = n;
  if (now - progress_us > soak.patience_us)
    soak_fail ("feed: nothing comes from the publisher");
  /* a topic is an item, and what is shown follows what came within a moment */
  if (g_list_model_get_n_items (G_LIST_MODEL (feeds[0])) > 500 || g_list_model_get_n_items (G_LIST_MODEL (feeds[1])) > MAX_ITEMS)
    soak_fail ("feed: it shows more than there is");
}

static void
print (GString *line)
{
  g_string_append_printf (line, "fed %" G_GUINT64_FORMAT " (dropped %" G_GUINT64_FORMAT ")  ", n_shown, n_dropped);
}

static void
stop (void)
{
  zmqglib_proxy_stop (proxy);
  g_clear_object (&proxy);
  for (guint i = 0; i < 2; i++)
    {
      g_clear_object (&feeds[i]);
      zmqglib_stream_close (streams[i]);
      g_clear_object (&streams[i]);
      g_clear_object (&sockets[i]);
    }
}

const SoakPart soak_feeds = { "feeds", start, check, print, stop };

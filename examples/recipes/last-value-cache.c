/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A cache between a publisher and its subscribers: who comes late is given the last value of each topic.
 *
 * The publisher and two subscribers who come late are made by the program itself. */

#include <stdlib.h>

#include <zmqglib/zmqglib.h>

#define NO_LIMIT 0

static const char *const prices[][3] = { { "apple", "3" }, { "pear", "2" }, { "apple", "4" } };

typedef struct
{
  ZmqStream  *incoming;
  ZmqStream  *outgoing;
  GHashTable *last; /* of ZmqMessage, by topic */
} Cache;

typedef struct
{
  GMainLoop *loop;
  Cache      cache;
  guint      n_cached;
  ZmqStream *late;
  ZmqStream *later;
} Program;

static void
check (GError *error)
{
  if (error == NULL)
    return;

  g_printerr ("%s\n", error->message);
  exit (EXIT_FAILURE);
}

static void
print_price (const char *who,
             ZmqMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) frames = zmqglib_message_dup_strv (message, &error);

  check (error);
  g_print ("%s: %s %s\n", who, frames[0], frames[1]);
}

static char *
dup_endpoint (ZmqStream *stream)
{
  char *endpoint;

  g_object_get (zmqglib_stream_get_socket (stream), "last-endpoint", &endpoint, NULL);

  return endpoint;
}

static ZmqStream *
open_subscriber (const char *topics,
                 const char *endpoint)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_SUB, &error);

  check (error);
  g_object_set (socket, "receive-high-water-mark", NO_LIMIT, NULL);
  if (zmqglib_socket_subscribe (socket, topics, &error))
    zmqglib_socket_connect_to (socket, endpoint, &error);
  check (error);

  return zmqglib_stream_new (socket);
}

/* The cache. */

static void
on_value (ZmqStream  *incoming,
          ZmqMessage *message,
          gpointer    data)
{
  Cache *self = data;
  g_autoptr (GError) error = NULL;

  g_hash_table_replace (self->last, zmqglib_message_get_frame (message, 0), zmqglib_message_ref (message));
  zmqglib_stream_send (self->outgoing, message, &error);
  check (error);
}

static gboolean
begins_with (GBytes       *topic,
             gconstpointer prefix,
             gsize         prefix_size)
{
  gsize         size;
  gconstpointer content = g_bytes_get_data (topic, &size);

  return size >= prefix_size && memcmp (content, prefix, prefix_size) == 0;
}

/* A subscription is a byte, which is 1, or 0 for its end, and what the topics begin with. */
static void
on_subscription (ZmqStream  *outgoing,
                 ZmqMessage *message,
                 gpointer    data)
{
  Cache         *self = data;
  gsize          size;
  const guint8  *subscription = zmqglib_message_peek_frame (message, 0, &size);
  GHashTableIter iter;
  gpointer       topic, last;
  g_autoptr (GError) error = NULL;

  if (size == 0 || subscription[0] != 1)
    return;

  g_hash_table_iter_init (&iter, self->last);
  while (g_hash_table_iter_next (&iter, &topic, &last) && error == NULL)
    {
      if (begins_with (topic, subscription + 1, size - 1))
        zmqglib_stream_send (outgoing, last, &error);
    }
  check (error);
}

static void
cache_init (Cache      *self,
            const char *source)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) xpub = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_XPUB, &error);

  check (error);
  /* Each subscription is told, also when others have the same. All values that there are go to a newcomer at once, who
   * would lose those beyond a high-water mark. */
  g_object_set (xpub, "xpub-verbose", TRUE, "send-high-water-mark", NO_LIMIT, NULL);
  zmqglib_socket_bind (xpub, "tcp://127.0.0.1:*", &error);
  check (error);

  self->last = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref,
                                      (GDestroyNotify) zmqglib_message_unref);
  self->outgoing = zmqglib_stream_new (xpub);
  g_signal_connect (self->outgoing, "received", G_CALLBACK (on_subscription), self);
  self->incoming = open_subscriber ("", source);
  g_signal_connect (self->incoming, "received", G_CALLBACK (on_value), self);
}

static void
cache_clear (Cache *self)
{
  g_object_unref (self->incoming);
  g_object_unref (self->outgoing);
  g_hash_table_unref (self->last);
}

/* The others. */

static void
publish (ZmqStream  *publisher,
         ZmqMessage *subscription,
         gpointer    data)
{
  for (guint i = 0; i < G_N_ELEMENTS (prices); i++)
    {
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (prices[i]);
      g_autoptr (GError) error = NULL;

      zmqglib_stream_send (publisher, message, &error);
      check (error);
    }
}

static ZmqStream *
come (Program  *self,
      GCallback on_received)
{
  g_autofree char *endpoint = dup_endpoint (self->cache.outgoing);
  ZmqStream       *stream = open_subscriber ("apple", endpoint);

  g_signal_connect (stream, "received", on_received, self);

  return stream;
}

static void
on_later (ZmqStream  *later,
          ZmqMessage *message,
          gpointer    data)
{
  Program *self = data;

  print_price ("came later, and knows", message);
  g_main_loop_quit (self->loop);
}

static void
on_late (ZmqStream  *late,
         ZmqMessage *message,
         gpointer    data)
{
  Program *self = data;

  print_price ("came late, and knows", message);
  /* stays, so that the next one’s subscription is the same */
  g_object_set (late, "paused", TRUE, NULL);
  self->later = come (self, G_CALLBACK (on_later));
}

static void
on_cached (ZmqStream  *incoming,
           ZmqMessage *message,
           gpointer    data)
{
  Program *self = data;

  print_price ("cached", message);
  if (++self->n_cached < G_N_ELEMENTS (prices))
    return;

  self->late = come (self, G_CALLBACK (on_late));
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqStream) publisher = zmqglib_stream_new_bound (ZMQGLIB_SOCKET_XPUB, "tcp://127.0.0.1:*", &error);
  g_autofree char *endpoint = NULL;
  Program          program = { .loop = loop };

  check (error);
  endpoint = dup_endpoint (publisher);
  g_signal_connect (publisher, "received", G_CALLBACK (publish), NULL);
  cache_init (&program.cache, endpoint);
  g_signal_connect (program.cache.incoming, "received", G_CALLBACK (on_cached), &program);
  g_main_loop_run (loop);

  g_object_unref (program.late);
  g_object_unref (program.later);
  cache_clear (&program.cache);

  return EXIT_SUCCESS;
}

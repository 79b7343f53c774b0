/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "services/zmqglib-monitor-event-private.h"
#include "services/zmqglib-monitor-peers-private.h"

/*
 * libzmq tells of a handshake where it was, but not of which connection; of a connection that is lost it tells the
 * descriptor. So connections are known by their descriptors, and counted at their endpoints: of those that are
 * open some have failed and will be lost, and some are peers. What was there before the monitor is never
 * counted, and so never taken away.
 */

/* How many endpoints that we have left ourselves are remembered: events may still be on their way. */
#define MAX_LEFT 64

typedef struct
{
  char *endpoint;
  guint n_open;
  guint n_failed;
  guint n_peers;
} Place;

struct _ZmqPeers
{
  GHashTable *places;      /* by endpoint */
  GHashTable *connections; /* descriptor → place */
  GHashTable *joined;      /* endpoints that we have connected to */
  GQueue      left;        /* endpoints, the latest first */
  guint       n_peers;
};

static void
place_free (gpointer data)
{
  Place *self = data;

  g_free (self->endpoint);
  g_free (self);
}

ZmqPeers *
zmqglib_peers_new (void)
{
  ZmqPeers *self = g_new0 (ZmqPeers, 1);

  self->places = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, place_free);
  self->connections = g_hash_table_new (NULL, NULL);
  self->joined = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  return self;
}

void
zmqglib_peers_free (ZmqPeers *self)
{
  g_hash_table_unref (self->connections);
  g_hash_table_unref (self->places);
  g_hash_table_unref (self->joined);
  g_queue_clear_full (&self->left, g_free);
  g_free (self);
}

guint
zmqglib_peers_get_n (ZmqPeers *self)
{
  return self->n_peers;
}

static gboolean
has_same_port (const char *a,
               const char *b)
{
  const char *port = strrchr (a, ':');
  const char *other = strrchr (b, ':');

  return g_str_has_prefix (a, "tcp://") && g_str_has_prefix (b, "tcp://") && g_str_equal (port, other);
}

/* Who is bound to all addresses hears the one that a peer came to. */
static gboolean
is_of_wildcard (const char *endpoint,
                const char *wildcard)
{
  return (g_str_has_prefix (wildcard, "tcp://0.0.0.0:") || g_str_has_prefix (wildcard, "tcp://*:") ||
          g_str_has_prefix (wildcard, "tcp://[::]:")) &&
         has_same_port (endpoint, wildcard);
}

static gboolean
is_numeric (const char *endpoint)
{
  const char *host = endpoint + strlen ("tcp://");

  return *host == '[' || strspn (host, "0123456789.") == strcspn (host, ":");
}

/* Who was connected by a name is told of by that, and by the address when it has come again. */
static gboolean
is_of_name (ZmqPeers   *self,
            const char *endpoint,
            const char *name)
{
  return has_same_port (endpoint, name) && !is_numeric (name) && is_numeric (endpoint) &&
         !g_hash_table_contains (self->joined, endpoint);
}

static GList *
find_left (ZmqPeers   *self,
           const char *endpoint)
{
  for (GList *l = self->left.head; l != NULL; l = l->next)
    if (g_str_equal (l->data, endpoint) || is_of_wildcard (endpoint, l->data))
      return l;

  return NULL;
}

static void
return_to (ZmqPeers   *self,
           const char *endpoint)
{
  GList *left;

  while ((left = find_left (self, endpoint)) != NULL)
    {
      g_free (left->data);
      g_queue_delete_link (&self->left, left);
    }
}

/* There are no more peers than connections, whatever was told. */
static void
settle (ZmqPeers *self,
        Place    *place,
        guint     n_before)
{
  place->n_peers = MIN (place->n_peers, place->n_open);
  place->n_failed = MIN (place->n_failed, place->n_open - place->n_peers);
  self->n_peers += place->n_peers - n_before;

  if (place->n_open == 0)
    g_hash_table_remove (self->places, place->endpoint);
}

static void
end_connection (ZmqPeers *self,
                guint32   fd)
{
  Place *place = g_hash_table_lookup (self->connections, GUINT_TO_POINTER (fd));
  guint  n_before;

  if (place == NULL)
    return;

  g_hash_table_remove (self->connections, GUINT_TO_POINTER (fd));
  n_before = place->n_peers;
  place->n_open--;
  if (place->n_failed > 0)
    place->n_failed--;
  else if (place->n_peers > 0)
    place->n_peers--;
  settle (self, place, n_before);
}

static void
begin_connection (ZmqPeers   *self,
                  const char *endpoint,
                  guint32     fd)
{
  Place *place;

  /* what had the descriptor before has ended without a word */
  end_connection (self, fd);
  if (find_left (self, endpoint) != NULL)
    return;

  place = g_hash_table_lookup (self->places, endpoint);
  if (place == NULL)
    {
      place = g_new0 (Place, 1);
      place->endpoint = g_strdup (endpoint);
      g_hash_table_insert (self->places, place->endpoint, place);
    }
  place->n_open++;
  g_hash_table_insert (self->connections, GUINT_TO_POINTER (fd), place);
}

static void
end_handshake (ZmqPeers   *self,
               const char *endpoint,
               gboolean    succeeded)
{
  Place *place = g_hash_table_lookup (self->places, endpoint);
  guint  n_before;

  if (place == NULL)
    return;

  n_before = place->n_peers;
  if (succeeded)
    place->n_peers++;
  else
    place->n_failed++;
  settle (self, place, n_before);
}

/*
 * zmqglib_peers_take_event:
 *
 * To be called for each event, in order.
 */
void
zmqglib_peers_take_event (ZmqPeers        *self,
                          ZmqMonitorEvent *event)
{
  if (event->endpoint == NULL)
    return;

  switch (event->kind)
    {
    case ZMQGLIB_MONITOR_EVENT_LISTENING:
      return_to (self, event->endpoint);
      break;
    case ZMQGLIB_MONITOR_EVENT_ACCEPTED:
    case ZMQGLIB_MONITOR_EVENT_CONNECTED:
      begin_connection (self, event->endpoint, event->value);
      break;
    case ZMQGLIB_MONITOR_EVENT_DISCONNECTED:
      end_connection (self, event->value);
      break;
    case ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED:
      end_handshake (self, event->endpoint, TRUE);
      break;
    case ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_AUTH:
      end_handshake (self, event->endpoint, FALSE);
      break;
    default:
      break;
    }
}

/*
 * zmqglib_peers_join:
 *
 * The socket is about to be connected to an endpoint.
 */
void
zmqglib_peers_join (ZmqPeers   *self,
                    const char *endpoint)
{
  g_hash_table_add (self->joined, g_strdup (endpoint));
  return_to (self, endpoint);
}

static gboolean
is_of_place (gpointer fd,
             gpointer place,
             gpointer data)
{
  return place == data;
}

/*
 * zmqglib_peers_leave:
 *
 * The socket was unbound or disconnected from an endpoint, and its connections there end without a word.
 */
void
zmqglib_peers_leave (ZmqPeers   *self,
                     const char *endpoint)
{
  gboolean       is_known = g_hash_table_contains (self->places, endpoint);
  GHashTableIter iter;
  gpointer       data;

  g_hash_table_remove (self->joined, endpoint);
  g_hash_table_iter_init (&iter, self->places);
  while (g_hash_table_iter_next (&iter, NULL, &data))
    {
      Place *place = data;

      if (!g_str_equal (place->endpoint, endpoint) && !is_of_wildcard (place->endpoint, endpoint) &&
          (is_known || !is_of_name (self, place->endpoint, endpoint)))
        continue;

      self->n_peers -= place->n_peers;
      g_hash_table_foreach_remove (self->connections, is_of_place, place);
      g_hash_table_iter_remove (&iter);
    }

  g_queue_push_head (&self->left, g_strdup (endpoint));
  if (self->left.length > MAX_LEFT)
    g_free (g_queue_pop_tail (&self->left));
}

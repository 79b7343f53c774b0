/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-list-shadow.h"
#include "test-requests.h"

/* A peer chooses its routing id, and may choose that of another one who has gone or is outdone. Who is listed is one user. */

static const char *const users[] = { "alice", "mallory", NULL };

/* For as long as a peer takes that id from whoever has it. */
#define ID "number one"

typedef struct
{
  ZmqContext       *context;
  GMainContext     *door; /* of the authenticator, which lets peers in also when nobody else has a turn */
  guint             door_id;
  ZmqAuthenticator *authenticator;
  ZmqStream        *stream;
  ZmqPeerList      *list;
  ListShadow        shadow;
  char             *endpoint;        /* for those with a name */
  char             *inproc_endpoint; /* for those without */
  GPtrArray        *events;          /* of strings */
  guint             n_received;
  guint             n_appeared;
  guint             n_expired;
} Fixture;

static void
log_peer (Fixture    *self,
          const char *event,
          ZmqPeer    *peer)
{
  const char *user_id = zmqglib_peer_get_user_id (peer);

  g_ptr_array_add (self->events, g_strdup_printf ("%s %s", event, user_id != NULL ? user_id : "nobody"));
}

static void
on_appeared (ZmqPeerList *list,
             ZmqPeer     *peer,
             gpointer     data)
{
  Fixture *self = data;

  self->n_appeared++;
  g_assert_true (self->shadow.items->pdata[self->shadow.items->len - 1] == peer);
  log_peer (self, "appeared", peer);
}

static void
on_expired (ZmqPeerList *list,
            ZmqPeer     *peer,
            gpointer     data)
{
  Fixture *self = data;

  self->n_expired++;
  g_assert_false (g_ptr_array_find (self->shadow.items, peer, NULL));
  g_assert_true (zmqglib_peer_list_lookup (list, zmqglib_peer_get_id (peer)) != peer);
  log_peer (self, "expired", peer);
}

/* Whoever has sent the message, the peer that is found is the same user, and has nothing of another one. */
static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  Fixture *self = data;
  g_autoptr (GBytes) id = zmqglib_message_get_frame (message, 0);
  ZmqPeer    *peer = zmqglib_peer_list_lookup (self->list, id);
  const char *user_id = zmqglib_message_get_user_id (message);
  GObject    *object;

  self->n_received++;
  g_assert_nonnull (peer);
  g_assert_cmpstr (zmqglib_peer_get_user_id (peer), ==, user_id);

  object = zmqglib_peer_get_object (peer);
  if (object == NULL)
    {
      g_autoptr (GObject) kept = g_object_new (G_TYPE_OBJECT, NULL);

      g_assert_cmpuint (zmqglib_peer_get_n_messages (peer), ==, 1);
      g_object_set_data_full (kept, "user", g_strdup (user_id), g_free);
      zmqglib_peer_set_object (peer, kept);
    }
  else
    g_assert_cmpstr (g_object_get_data (object, "user"), ==, user_id);
}

static gboolean
open_door (gpointer data)
{
  g_main_context_iteration (data, FALSE);

  return G_SOURCE_CONTINUE;
}

static void
fixture_set_up (Fixture      *self,
                gconstpointer data)
{
  g_autoptr (ZmqSocket) socket = NULL;
  g_autoptr (GError) error = NULL;

  self->context = zmqglib_context_new ();
  self->door = g_main_context_new ();
  self->door_id = g_timeout_add (1, open_door, self->door);
  g_main_context_push_thread_default (self->door);
  self->authenticator = zmqglib_authenticator_new (self->context, &error);
  g_main_context_pop_thread_default (self->door);
  g_assert_no_error (error);
  for (guint i = 0; users[i] != NULL; i++)
    zmqglib_authenticator_add_password (self->authenticator, "global", users[i], "sesame");

  socket = test_socket_new (self->context, ZMQGLIB_SOCKET_ROUTER);
  g_object_set (socket, "plain-server", TRUE, "router-handover", TRUE, NULL);
  self->endpoint = test_bind (socket, "tcp");
  self->inproc_endpoint = test_bind (socket, "inproc");

  self->events = g_ptr_array_new_with_free_func (g_free);
  self->stream = zmqglib_stream_new (socket);
  self->list = zmqglib_peer_list_new (self->stream);
  list_shadow_follow (&self->shadow, self->list);
  g_signal_connect (self->list, "appeared", G_CALLBACK (on_appeared), self);
  g_signal_connect (self->list, "expired", G_CALLBACK (on_expired), self);
  g_signal_connect (self->stream, "received", G_CALLBACK (on_received), self);
}

static void
fixture_tear_down (Fixture      *self,
                   gconstpointer data)
{
  g_object_unref (self->list);
  list_shadow_clear (&self->shadow);
  zmqglib_stream_close (self->stream);
  g_object_unref (self->stream);
  g_object_unref (self->authenticator);
  g_source_remove (self->door_id);
  g_main_context_unref (self->door);
  g_object_unref (self->context);
  g_ptr_array_unref (self->events);
  g_free (self->endpoint);
  g_free (self->inproc_endpoint);
}

static ZmqSocket *
connect_peer (Fixture    *self,
              const char *user_id,
              const char *id)
{
  ZmqSocket *peer = test_socket_new (self->context, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (GBytes) id_bytes = g_bytes_new (id, strlen (id));
  g_autoptr (GError) error = NULL;

  g_object_set (peer, "routing-id", id_bytes, NULL);
  if (user_id != NULL)
    g_object_set (peer, "plain-username", user_id, "plain-password", "sesame", NULL);
  zmqglib_socket_connect_to (peer, user_id != NULL ? self->endpoint : self->inproc_endpoint, &error);
  g_assert_no_error (error);

  return peer;
}

/* Peers are let in meanwhile, but the list has no turn to tell anything. */
static void
receive_at_once (Fixture *self)
{
  gint64 deadline = g_get_monotonic_time () + TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC;
  guint  n_before = self->n_received;

  while (self->n_received == n_before)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_main_context_iteration (self->door, FALSE);
      zmqglib_stream_flush (self->stream, G_IO_IN, 0);
    }
}

static void
check_events (Fixture    *self,
              const char *expected)
{
  g_autofree char *actual = NULL;

  g_ptr_array_add (self->events, NULL);
  actual = g_strjoinv (", ", (char **) self->events->pdata);
  g_ptr_array_set_size (self->events, 0);
  g_assert_cmpstr (actual, ==, expected);
}

/* One takes over from the other, who may be there still, before or after that one was shown. */
static void
check_takeover (const char *first,
                const char *second,
                gboolean    is_gone,
                gboolean    is_shown)
{
  Fixture fixture = { 0 };
  g_autoptr (ZmqSocket) one = NULL;
  g_autoptr (ZmqSocket) other = NULL;
  g_autofree char *expected = g_strdup_printf ("appeared %s, expired %s, appeared %s", first ? first : "nobody",
                                               first ? first : "nobody", second ? second : "nobody");

  fixture_set_up (&fixture, NULL);
  one = connect_peer (&fixture, first, ID);
  test_send_string (one, "me");
  if (is_shown)
    requests_until (fixture.n_appeared == 1);
  else
    receive_at_once (&fixture);
  if (is_gone)
    zmqglib_socket_close (one);

  other = connect_peer (&fixture, second, ID);
  test_send_string (other, "me");
  test_send_string (other, "and me again");
  if (!is_shown)
    {
      receive_at_once (&fixture);
      g_assert_cmpuint (fixture.n_appeared, ==, 0);
    }
  requests_until (fixture.n_received == 3 && fixture.n_appeared == 2 && fixture.n_expired == 1);
  check_events (&fixture, expected);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture.list)), ==, 1);
  fixture_tear_down (&fixture, NULL);
}

static void
test_takeover (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (users); i++)
    for (guint j = 0; j < G_N_ELEMENTS (users); j++)
      for (guint k = 0; i != j && k < 4; k++)
        check_takeover (users[i], users[j], k & 1, k & 2);
}

/* Who comes again is who was there. */
static void
test_reconnected (Fixture      *self,
                  gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (users); i++)
    for (guint j = 0; j < 3; j++)
      {
        g_autoptr (ZmqSocket) peer = connect_peer (self, users[i], users[i] != NULL ? users[i] : "somebody");

        test_send_string (peer, "me");
        requests_until (self->n_received == 3 * i + j + 1);
      }
  requests_until (self->n_appeared == 3);
  g_assert_cmpuint (self->n_expired, ==, 0);
  check_events (self, "appeared alice, appeared mallory, appeared nobody");
}

#define N_IDS 3

/* Anybody takes any id at any time, and some expire meanwhile. */
static void
test_random (Fixture      *self,
             gconstpointer data)
{
  static const char *const ids[N_IDS] = { "one", "two", "three" };
  ZmqSocket               *peers[N_IDS] = { NULL };
  guint                    n_steps = test_is_slow_tool () ? 20 : 100;

  for (guint step = 0; step < n_steps; step++)
    {
      guint i = g_test_rand_int_range (0, N_IDS);
      guint n_before = self->n_received;

      g_clear_object (&peers[i]);
      peers[i] = connect_peer (self, users[g_test_rand_int_range (0, G_N_ELEMENTS (users))], ids[i]);
      test_send_string (peers[i], "me");
      if (step % 10 == 0)
        zmqglib_peer_list_set_expiry_us (self->list, g_test_rand_int_range (0, 10000));
      if (step % 2 == 0)
        receive_at_once (self);
      requests_until (self->n_received == n_before + 1);
    }
  zmqglib_peer_list_set_expiry_us (self->list, 0);
  requests_until (self->n_appeared - self->n_expired == self->shadow.items->len);
  zmqglib_peer_list_set_expiry_us (self->list, 1);
  requests_until (self->n_appeared == self->n_expired && self->shadow.items->len == 0);
  for (guint i = 0; i < N_IDS; i++)
    g_clear_object (&peers[i]);
}

#define add(name, func) g_test_add ("/peer-list-users/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/peer-list-users/takeover", test_takeover);
  add ("reconnected", test_reconnected);
  add ("random", test_random);

  return g_test_run ();
}

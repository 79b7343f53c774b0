/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-list-shadow.h"
#include "test-requests.h"

/* Lists of real peers: who is there, and who is told. */

#define N_PEERS 8

typedef struct
{
  ZmqStream   *stream;
  ZmqPeerList *list;
  ZmqSocket   *peers[N_PEERS];
  ListShadow   shadow;
  guint        n_received;
  guint        n_appeared;
  guint        n_expired;
} Fixture;

static void
on_appeared (ZmqPeerList *list,
             ZmqPeer     *peer,
             gpointer     data)
{
  Fixture *self = data;

  self->n_appeared++;
  g_assert_true (self->shadow.items->pdata[self->shadow.items->len - 1] == peer);
}

static void
on_expired (ZmqPeerList *list,
            ZmqPeer     *peer,
            gpointer     data)
{
  Fixture *self = data;

  self->n_expired++;
  g_assert_false (g_ptr_array_find (self->shadow.items, peer, NULL));
  g_assert_null (zmqglib_peer_list_lookup (list, zmqglib_peer_get_id (peer)));
}

/* Who handles a message finds whose it is. */
static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  Fixture *self = data;
  g_autoptr (GBytes) id = zmqglib_message_get_frame (message, 0);

  self->n_received++;
  g_assert_nonnull (zmqglib_peer_list_lookup (self->list, id));
}

static void
fixture_set_up (Fixture      *self,
                gconstpointer data)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (zmqglib_context_get_default (), ZMQGLIB_SOCKET_ROUTER);
  g_autofree char *endpoint = test_bind (socket, "tcp");

  self->stream = zmqglib_stream_new (socket);
  self->list = zmqglib_peer_list_new (self->stream);
  list_shadow_follow (&self->shadow, self->list);
  g_signal_connect (self->list, "appeared", G_CALLBACK (on_appeared), self);
  g_signal_connect (self->list, "expired", G_CALLBACK (on_expired), self);

  for (guint i = 0; i < N_PEERS; i++)
    {
      self->peers[i] = test_socket_new (zmqglib_context_get_default (), ZMQGLIB_SOCKET_DEALER);
      zmqglib_socket_connect_to (self->peers[i], endpoint, NULL);
    }
}

static void
ignore (Fixture *self)
{
  list_shadow_leave (&self->shadow);
  g_signal_handlers_disconnect_by_data (self->list, self);
}

static void
fixture_tear_down (Fixture      *self,
                   gconstpointer data)
{
  if (self->list != NULL)
    ignore (self);
  g_clear_object (&self->list);
  zmqglib_stream_close (self->stream);
  g_object_unref (self->stream);
  for (guint i = 0; i < N_PEERS; i++)
    g_object_unref (self->peers[i]);
  list_shadow_clear (&self->shadow);
}

static void
listen_to (Fixture *self)
{
  g_signal_connect (self->stream, "received", G_CALLBACK (on_received), self);
}

static void
test_peers (Fixture      *self,
            gconstpointer data)
{
  g_autoptr (ZmqPeer) peer = NULL;
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);

  listen_to (self);
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (self->list)) == ZMQGLIB_TYPE_PEER);
  for (guint i = 0; i < 10; i++)
    test_send_string (self->peers[i % 3], "here I am");
  requests_until (self->n_received == 10 && self->n_appeared == 3);

  peer = g_list_model_get_item (G_LIST_MODEL (self->list), 0);
  g_assert_cmpuint (zmqglib_peer_get_n_messages (peer) + 2, >=, 5);
  g_assert_cmpstr (zmqglib_peer_get_address (peer), ==, "127.0.0.1");
  g_assert_null (zmqglib_peer_get_user_id (peer));
  g_assert_cmpint (ABS (g_get_real_time () - zmqglib_peer_get_last_seen (peer)), <, 60 * G_USEC_PER_SEC);
  g_assert_true (zmqglib_peer_list_lookup (self->list, zmqglib_peer_get_id (peer)) == peer);
  zmqglib_peer_set_object (peer, object);
  g_assert_true (zmqglib_peer_get_object (peer) == object);
}

/* It is nobody who listens: what nobody wants stays in the socket. */
static void
test_is_no_listener (Fixture      *self,
                     gconstpointer data)
{
  test_send_string (self->peers[0], "for whom");
  requests_until (zmqglib_socket_get_condition (zmqglib_stream_get_socket (self->stream)) & G_IO_IN);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (self->n_appeared, ==, 0);

  listen_to (self);
  requests_until (self->n_received == 1 && self->n_appeared == 1);
}

/* What a flush drops, or a function takes, counts as well. */
static void
on_function (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  on_received (stream, message, data);
}

static void
test_hears_of_all (Fixture      *self,
                   gconstpointer data)
{
  test_send_string (self->peers[0], "flushed");
  requests_until (zmqglib_stream_flush (self->stream, G_IO_IN, 0) > 0);
  requests_until (self->n_appeared == 1);
  zmqglib_stream_set_receive_func (self->stream, on_function, self, NULL);
  test_send_string (self->peers[1], "taken");
  requests_until (self->n_received == 1 && self->n_appeared == 2);
}

/* Each message is told once, also one that was read for a handler who has gone just then. */
static void
on_received_block (ZmqStream  *stream,
                   ZmqMessage *message,
                   gpointer    data)
{
  Fixture *self = data;

  if (++self->n_received % 3 == 0)
    g_signal_handlers_block_by_func (stream, on_received_block, data);
}

static void
test_counts_once (Fixture      *self,
                  gconstpointer data)
{
  g_autoptr (ZmqPeer) peer = NULL;

  g_signal_connect (self->stream, "received", G_CALLBACK (on_received_block), self);
  for (guint i = 0; i < 30; i++)
    test_send_string (self->peers[0], "again");
  for (guint i = 1; i <= 10; i++)
    {
      requests_until (self->n_received == 3 * i);
      g_signal_handlers_unblock_by_func (self->stream, on_received_block, self);
    }
  requests_until (self->n_appeared == 1);
  peer = g_list_model_get_item (G_LIST_MODEL (self->list), 0);
  g_assert_cmpuint (zmqglib_peer_get_n_messages (peer), ==, 30);
}

typedef struct
{
  Fixture      *fixture;
  GCancellable *cancellable; /* of those behind it, or NULL */
  guint         n_got;
  guint         n_cancelled;
} Waiting;

/* The peer has sent as many as were given to anybody. */
static void
on_got (GObject      *source,
        GAsyncResult *result,
        gpointer      data)
{
  Waiting *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_stream_receive_finish (ZMQGLIB_STREAM (source), result, &error);
  g_autoptr (GBytes) id = NULL;

  if (message == NULL)
    {
      g_assert_true (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
      self->n_cancelled++;
      return;
    }

  self->n_got++;
  id = zmqglib_message_get_frame (message, 0);
  g_assert_cmpuint (zmqglib_peer_get_n_messages (zmqglib_peer_list_lookup (self->fixture->list, id)), ==, self->n_got);
  g_cancellable_cancel (self->cancellable);
}

/* Those that were received for who does not want them any more, go to the next or back to the socket, and are told once. */
static void
test_counts_awaited_once (Fixture      *self,
                          gconstpointer data)
{
  Waiting waiting = { .fixture = self };

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();

      for (guint j = 0; j < 3; j++)
        test_send_string (self->peers[0], "for whom");
      waiting.cancellable = cancellable;
      zmqglib_stream_receive_async (self->stream, NULL, on_got, &waiting);
      zmqglib_stream_receive_async (self->stream, cancellable, on_got, &waiting);
      zmqglib_stream_receive_async (self->stream, i % 2 == 0 ? cancellable : NULL, on_got, &waiting);
      requests_until (waiting.n_got + waiting.n_cancelled == 3 * (i + 1));
      while (waiting.n_got < 3 * (i + 1))
        {
          guint n_before = waiting.n_got;

          waiting.n_cancelled--;
          zmqglib_stream_receive_async (self->stream, NULL, on_got, &waiting);
          requests_until (waiting.n_got == n_before + 1);
        }
    }
  requests_until (self->n_appeared == 1);
}

static void
test_expiry (Fixture      *self,
             gconstpointer data)
{
  listen_to (self);
  zmqglib_peer_list_set_expiry_us (self->list, 50000);
  g_assert_cmpint (zmqglib_peer_list_get_expiry_us (self->list), ==, 50000);
  for (guint i = 0; i < 4; i++)
    test_send_string (self->peers[i], "here I am");
  requests_until (self->n_appeared == 4 && self->n_expired == 4);
  g_assert_cmpuint (self->shadow.items->len, ==, 0);

  test_send_string (self->peers[0], "here again");
  requests_until (self->n_appeared == 5);
  zmqglib_peer_list_set_expiry_us (self->list, 0);
}

/* Those that are waited for already, too. */
static void
test_expiry_changed (Fixture      *self,
                     gconstpointer data)
{
  static const gint64 others[] = { 1, 1000, 50000 };

  listen_to (self);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      zmqglib_peer_list_set_expiry_us (self->list, i % 2 == 0 ? G_MAXINT64 : G_TIME_SPAN_HOUR);
      test_send_string (self->peers[i], "here I am");
      requests_until (self->n_appeared == i + 1);
      zmqglib_peer_list_set_expiry_us (self->list, i % 2 == 0 ? G_TIME_SPAN_HOUR : 0);
      g_main_context_iteration (NULL, FALSE);
      g_assert_cmpuint (self->n_expired, ==, i);
      zmqglib_peer_list_set_expiry_us (self->list, others[i]);
      requests_until (self->n_expired == i + 1);
    }
}

static void
on_notify (GObject    *object,
           GParamSpec *pspec,
           gpointer    data)
{
  ++*(guint *) data;
}

static void
test_notifies (Fixture      *self,
               gconstpointer data)
{
  g_autoptr (ZmqPeer) peer = NULL;
  guint n_notified = 0;

  listen_to (self);
  test_send_string (self->peers[0], "first");
  requests_until (self->n_appeared == 1);
  peer = g_list_model_get_item (G_LIST_MODEL (self->list), 0);
  g_signal_connect (peer, "notify::last-seen", G_CALLBACK (on_notify), &n_notified);
  for (guint i = 0; i < 100; i++)
    test_send_string (self->peers[0], "more");
  requests_until (self->n_received == 101 && n_notified > 0);
  g_assert_cmpuint (n_notified, <, 100);
}

/* Peers come and go, and the list tells exactly what it does. */
static void
test_random (Fixture      *self,
             gconstpointer data)
{
  guint n_sent = 0;

  listen_to (self);
  for (guint step = 0; step < 300; step++)
    {
      for (int i = g_test_rand_int_range (0, 6); i > 0; i--)
        {
          test_send_string (self->peers[g_test_rand_int_range (0, N_PEERS)], "here");
          n_sent++;
        }
      if (step % 20 == 0)
        zmqglib_peer_list_set_expiry_us (self->list, g_test_rand_int_range (0, 3000));
      g_main_context_iteration (NULL, FALSE);
    }
  zmqglib_peer_list_set_expiry_us (self->list, 1);
  requests_until (self->n_received == n_sent && self->shadow.items->len == 0 && self->n_appeared == self->n_expired);
}

static gpointer
drop (gpointer data)
{
  g_object_unref (data);

  return NULL;
}

static void
test_dropped (Fixture      *self,
              gconstpointer data)
{
  zmqglib_peer_list_set_expiry_us (self->list, 1);
  ignore (self);
  test_send_string (self->peers[0], "first");
  requests_until (zmqglib_stream_flush (self->stream, G_IO_IN, 0) > 0);
  g_object_add_weak_pointer (G_OBJECT (self->list), (gpointer *) &self->list);
  g_thread_join (g_thread_new ("drop", drop, self->list));
  g_assert_null (self->list);

  test_send_string (self->peers[0], "second");
  requests_until (zmqglib_stream_flush (self->stream, G_IO_IN, 0) > 0);
}

static void
test_closed (Fixture      *self,
             gconstpointer data)
{
  listen_to (self);
  test_send_string (self->peers[0], "first");
  requests_until (self->n_appeared == 1);
  zmqglib_peer_list_close (self->list);
  zmqglib_peer_list_close (self->list);
  g_signal_handlers_disconnect_by_func (self->stream, on_received, self);
  test_send_string (self->peers[1], "second");
  requests_until (zmqglib_stream_flush (self->stream, G_IO_IN, 0) > 0);
  g_assert_cmpuint (self->n_appeared, ==, 1);

  zmqglib_stream_close (self->stream);
  zmqglib_peer_list_set_expiry_us (self->list, 1);
  requests_until (self->n_expired == 1);
}

static void
test_fails (Fixture      *self,
            gconstpointer data)
{
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (self->peers[0]);
  g_autoptr (GError) error = NULL;

  g_assert_null (g_initable_new (ZMQGLIB_TYPE_PEER_LIST, NULL, &error, "stream", stream, NULL));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_SUPPORTED, "ROUTER");
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "*ROUTER*");
  g_assert_null (zmqglib_peer_list_new (stream));
  g_test_assert_expected_messages ();
  zmqglib_stream_close (self->stream);
  g_assert_null (g_initable_new (ZMQGLIB_TYPE_PEER_LIST, NULL, &error, "stream", self->stream, NULL));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "closed");
}

/* Whoever comes or goes meanwhile does so when all have heard of the change. */
static void
on_changed_nest (GListModel *list,
                 guint       position,
                 guint       removed,
                 guint       added,
                 gpointer    data)
{
  Fixture *self = data;
  guint    n_items = g_list_model_get_n_items (list);

  g_signal_handlers_disconnect_by_func (list, on_changed_nest, data);
  test_send_string (self->peers[1], "here I am, too");
  requests_until (self->n_received == 2);
  zmqglib_peer_list_set_expiry_us (self->list, 1);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, n_items);
  g_assert_cmpuint (self->n_appeared + self->n_expired, ==, 0);
}

static void
test_nested (Fixture      *self,
             gconstpointer data)
{
  listen_to (self);
  list_shadow_leave (&self->shadow);
  g_signal_connect (self->list, "items-changed", G_CALLBACK (on_changed_nest), self);
  g_signal_connect (self->list, "items-changed", G_CALLBACK (list_shadow_on_items_changed), &self->shadow);

  test_send_string (self->peers[0], "here I am");
  requests_until (self->n_appeared == 2 && self->n_expired == 2);
  g_assert_cmpuint (self->shadow.n_changes, ==, 4);
}

static void
test_owned_by_loop (Fixture      *self,
                    gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ZmqPeerList *list = g_initable_new (ZMQGLIB_TYPE_PEER_LIST, NULL, &error, "stream", self->stream, "owned-by-loop", TRUE, NULL);

  g_assert_no_error (error);
  g_object_add_weak_pointer (G_OBJECT (list), (gpointer *) &list);
  g_object_unref (list);
  g_assert_nonnull (list);
  zmqglib_stream_close (self->stream);
  requests_until (list == NULL);
}

#define add(name, func) g_test_add ("/peer-list/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("peers", test_peers);
  add ("is-no-listener", test_is_no_listener);
  add ("hears-of-all", test_hears_of_all);
  add ("counts-once", test_counts_once);
  add ("counts-awaited-once", test_counts_awaited_once);
  add ("expiry", test_expiry);
  add ("expiry-changed", test_expiry_changed);
  add ("notifies", test_notifies);
  add ("random", test_random);
  add ("dropped", test_dropped);
  add ("closed", test_closed);
  add ("fails", test_fails);
  add ("nested", test_nested);
  add ("owned-by-loop", test_owned_by_loop);

  return g_test_run ();
}

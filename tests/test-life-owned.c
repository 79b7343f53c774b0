/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-life-util.h"

/* Rule 1, of what a collector's binding has: each kind of thing that its main loop owns, closed while the loop has
 * something left to tell of it. From then on nothing that the library calls takes it from one reference to two, which the
 * binding's toggle reference would be told under a lock of GLib's. */

typedef struct
{
  ZmqContext *context;
  ZmqSocket  *router;
  ZmqSocket  *dealer;
  ZmqStream  *stream; /* of the router */
  GObject    *thing;
  ZmqRequest *request;
  guint       n_heard;
} Fixture;

typedef struct
{
  const char *name;
  GObject *(*make) (Fixture *self, GError **error);
  void (*busy) (Fixture *self); /* gives it something to tell */
  void (*close) (Fixture *self);
  void (*late) (Fixture *self); /* when it is closed, or NULL */
} Kind;

static void
on_heard (Fixture *self)
{
  self->n_heard++;
}

static void
count (guint *n)
{
  ++*n;
}

static void
fixture_set_up (Fixture      *self,
                gconstpointer data)
{
  self->context = zmqglib_context_new ();
  test_socket_pair (self->context, "tcp", ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER, &self->router, &self->dealer);
  self->stream = zmqglib_stream_new (self->router);
}

static void
fixture_tear_down (Fixture      *self,
                   gconstpointer data)
{
  zmqglib_stream_close (self->stream);
  g_object_unref (self->stream);
  g_object_unref (self->router);
  zmqglib_socket_close (self->dealer);
  g_object_unref (self->dealer);
  g_object_unref (self->context);
  life_settle (NULL);
}

static GObject *
make (GType       type,
      const char *name,
      gpointer    value,
      GError    **error)
{
  return g_initable_new (type, NULL, error, "owned-by-loop", TRUE, name, value, NULL);
}

static char *
dup_endpoint (Fixture *self)
{
  char *endpoint = NULL;

  g_object_get (self->router, "last-endpoint", &endpoint, NULL);

  return endpoint;
}

static void
send_message (Fixture *self)
{
  test_send_string (self->dealer, "news");
}

/* Until the router has it, which the loop has not heard of. */
static void
send_unheard (Fixture *self)
{
  send_message (self);
  g_assert_true (zmqglib_socket_wait (self->router, G_IO_IN, LIFE_TIMEOUT_SECONDS * G_USEC_PER_SEC, NULL, NULL));
}

static GObject *
make_monitor (Fixture *self,
              GError **error)
{
  GObject *monitor = make (ZMQGLIB_TYPE_MONITOR, "socket", self->router, error);

  g_signal_connect_swapped (monitor, "event", G_CALLBACK (on_heard), self);

  return monitor;
}

static void
busy_monitor (Fixture *self)
{
  g_autofree char *endpoint = dup_endpoint (self);
  g_autoptr (ZmqSocket) peer = test_socket_new (self->context, ZMQGLIB_SOCKET_DEALER);

  g_assert_true (zmqglib_socket_connect_to (peer, endpoint, NULL));
  life_until (NULL, self->n_heard > 0);
  zmqglib_socket_close (peer);
}

static void
close_monitor (Fixture *self)
{
  zmqglib_monitor_close (ZMQGLIB_MONITOR (self->thing));
}

static GObject *
make_client (Fixture *self,
             GError **error)
{
  return make (ZMQGLIB_TYPE_CLIENT, "context", self->context, error);
}

static void
on_answer (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Fixture *self = data;
  g_autoptr (GError) error = NULL;

  g_assert_null (zmqglib_client_request_finish (ZMQGLIB_CLIENT (source), result, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED);
  self->n_heard++;
}

/* Its sockets end, and its counts change, when it is closed. */
static void
busy_client (Fixture *self)
{
  g_autofree char *endpoint = dup_endpoint (self);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("question");

  g_assert_true (zmqglib_client_connect_to (ZMQGLIB_CLIENT (self->thing), endpoint, NULL));
  zmqglib_client_request_async (ZMQGLIB_CLIENT (self->thing), message, NULL, on_answer, self);
  life_until (NULL, zmqglib_client_get_connected (ZMQGLIB_CLIENT (self->thing)));
}

static void
close_client (Fixture *self)
{
  zmqglib_client_close (ZMQGLIB_CLIENT (self->thing));
}

static void
on_request (ZmqServer  *server,
            ZmqRequest *request,
            Fixture    *self)
{
  g_set_object (&self->request, request);
}

static GObject *
make_server (Fixture *self,
             GError **error)
{
  GObject *server = make (ZMQGLIB_TYPE_SERVER, "context", self->context, error);

  g_signal_connect (server, "request", G_CALLBACK (on_request), self);

  return server;
}

static void
busy_server (Fixture *self)
{
  g_autofree char *endpoint = NULL;

  g_assert_true (zmqglib_server_bind (ZMQGLIB_SERVER (self->thing), "tcp://127.0.0.1:*", NULL));
  endpoint = zmqglib_server_dup_last_endpoint (ZMQGLIB_SERVER (self->thing));
  g_assert_true (zmqglib_socket_connect_to (self->dealer, endpoint, NULL));
  while (self->request == NULL)
    {
      send_message (self);
      life_settle (NULL);
    }
}

static void
close_server (Fixture *self)
{
  zmqglib_server_close (ZMQGLIB_SERVER (self->thing));
}

/* Nobody is going to reply: there is one request less to count. */
static void
late_server (Fixture *self)
{
  g_clear_object (&self->request);
}

static GObject *
make_feed (Fixture *self,
           GError **error)
{
  return make (ZMQGLIB_TYPE_FEED, "stream", self->stream, error);
}

/* What has come is shown later than the feed is closed. */
static void
busy_list (Fixture *self)
{
  send_unheard (self);
  zmqglib_stream_flush (self->stream, G_IO_IN, 0);
}

static void
close_feed (Fixture *self)
{
  zmqglib_feed_close (ZMQGLIB_FEED (self->thing));
}

static GObject *
make_peer_list (Fixture *self,
                GError **error)
{
  GObject *list = make (ZMQGLIB_TYPE_PEER_LIST, "stream", self->stream, error);

  zmqglib_peer_list_set_expiry_us (ZMQGLIB_PEER_LIST (list), 1000);
  g_signal_connect_swapped (self->stream, "received", G_CALLBACK (on_heard), self);

  return list;
}

static void
close_peer_list (Fixture *self)
{
  zmqglib_peer_list_close (ZMQGLIB_PEER_LIST (self->thing));
}

static GObject *
make_authenticator (Fixture *self,
                    GError **error)
{
  return make (ZMQGLIB_TYPE_AUTHENTICATOR, "context", self->context, error);
}

/* Its counts are going to be notified. */
static void
busy_authenticator (Fixture *self)
{
  g_autoptr (ZmqSocket) asker = test_socket_new (self->context, ZMQGLIB_SOCKET_DEALER);

  g_assert_true (zmqglib_socket_connect_to (asker, "inproc://zeromq.zap.01", NULL));
  test_send_string (asker, "no request");
  life_until (NULL, zmqglib_authenticator_get_n_denied (ZMQGLIB_AUTHENTICATOR (self->thing)) > 0);
  zmqglib_socket_close (asker);
}

static void
close_authenticator (Fixture *self)
{
  zmqglib_authenticator_close (ZMQGLIB_AUTHENTICATOR (self->thing));
}

static GObject *
make_stream (Fixture *self,
             GError **error)
{
  ZmqSocket *socket = test_socket_new (self->context, ZMQGLIB_SOCKET_DEALER);
  GObject   *stream = g_object_new (ZMQGLIB_TYPE_STREAM, "owned-by-loop", TRUE, "socket", socket, NULL);

  g_signal_connect_swapped (stream, "closed", G_CALLBACK (on_heard), self);
  g_object_unref (socket);

  return stream;
}

static void
busy_stream (Fixture *self)
{
  g_autofree char *endpoint = dup_endpoint (self);

  g_assert_true (zmqglib_socket_connect_to (zmqglib_stream_get_socket (ZMQGLIB_STREAM (self->thing)), endpoint, NULL));
}

static void
close_stream (Fixture *self)
{
  zmqglib_stream_close (ZMQGLIB_STREAM (self->thing));
}

static const Kind kinds[] = {
  { "stream", make_stream, busy_stream, close_stream, NULL },
  { "monitor", make_monitor, busy_monitor, close_monitor, NULL },
  { "client", make_client, busy_client, close_client, NULL },
  { "server", make_server, busy_server, close_server, late_server },
  { "feed", make_feed, busy_list, close_feed, NULL },
  { "peer-list", make_peer_list, busy_list, close_peer_list, NULL },
  { "authenticator", make_authenticator, busy_authenticator, close_authenticator, NULL },
};

static void
on_toggled (gpointer data,
            GObject *object,
            gboolean is_last)
{
  guint *n_toggled = data;

  /* each time that the binding is told */
  n_toggled[is_last]++;
}

static void
test_toggles (Fixture      *self,
              gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr (GError) error = NULL;
  guint n_toggled[2] = { 0, 0 };
  gint  n_alive = 0;

  self->thing = kind->make (self, &error);
  g_assert_no_error (error);
  life_count (self->thing, &n_alive);
  kind->busy (self);
  g_object_add_toggle_ref (self->thing, on_toggled, n_toggled);
  g_object_unref (self->thing);
  g_assert_cmpuint (n_toggled[TRUE], ==, 0);

  kind->close (self);
  life_until (NULL, n_toggled[TRUE] > 0);
  if (kind->late != NULL)
    kind->late (self);
  life_settle (NULL);

  g_assert_cmpuint (n_toggled[TRUE], ==, 1);
  g_assert_cmpuint (n_toggled[FALSE], ==, 0);
  g_assert_cmpint (n_alive, ==, 1);
  g_object_remove_toggle_ref (self->thing, on_toggled, n_toggled);
  life_until (NULL, n_alive == 0);
}

/* A closed list that the loop owned is one that can be changed: it is owned again until that was told. */

static void
test_closed_feed (Fixture      *self,
                  gconstpointer data)
{
  guint n_changes = 0;
  gint  n_alive = 0;

  self->thing = make_feed (self, NULL);
  life_count (self->thing, &n_alive);
  busy_list (self);
  close_feed (self);
  life_until (NULL, g_list_model_get_n_items (G_LIST_MODEL (self->thing)) == 1);
  life_settle (NULL);

  g_signal_connect_swapped (self->thing, "items-changed", G_CALLBACK (count), &n_changes);
  zmqglib_feed_set_mode (ZMQGLIB_FEED (self->thing), ZMQGLIB_FEED_MODE_LATEST);
  g_object_unref (self->thing);
  g_assert_cmpint (n_alive, ==, 1);
  life_until (NULL, n_alive == 0);
  g_assert_cmpuint (n_changes, ==, 1);
}

static void
test_closed_peer_list (Fixture      *self,
                       gconstpointer data)
{
  guint n_expired = 0;
  gint  n_alive = 0;

  self->thing = make_peer_list (self, NULL);
  zmqglib_peer_list_set_expiry_us (ZMQGLIB_PEER_LIST (self->thing), 0);
  life_count (self->thing, &n_alive);
  g_signal_connect_swapped (self->thing, "expired", G_CALLBACK (count), &n_expired);
  busy_list (self);
  close_peer_list (self);
  life_until (NULL, g_list_model_get_n_items (G_LIST_MODEL (self->thing)) == 1);
  life_settle (NULL);

  zmqglib_peer_list_set_expiry_us (ZMQGLIB_PEER_LIST (self->thing), 1000);
  g_object_unref (self->thing);
  g_assert_cmpint (n_alive, ==, 1);
  life_until (NULL, n_alive == 0);
  g_assert_cmpuint (n_expired, ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strconcat ("/life/rule-1-owned-by-loop/", kinds[i].name, NULL);

      g_test_add (path, Fixture, &kinds[i], fixture_set_up, test_toggles, fixture_tear_down);
    }

#define add(name, func) g_test_add ("/life/owned-and-closed/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  add ("feed", test_closed_feed);
  add ("peer-list", test_closed_peer_list);

  return g_test_run ();
}

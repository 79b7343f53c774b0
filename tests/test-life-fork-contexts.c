/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-life-util.h"

/* Rule 5: the process forks while another thread, which runs a main loop, is in the middle of a call of GLib's that has the main
 * context's own lock. In the child, where nobody gives it back, everything of that main loop can be asked, closed and dropped:
 * nothing that the library does takes that lock. */

typedef struct
{
  ZmqContext   *context;
  ZmqSocket    *socket; /* whatever the thing is of */
  GObject      *thing;
  GCancellable *cancellable;
  LifeLoop      loop;
  GSource      *source;
  int           is_locked; /* atomic */
  int           may_go_on; /* atomic */
} Fixture;

typedef struct
{
  const char *name;
  GObject *(*make) (Fixture *self, GError **error);
  void (*close) (Fixture *self);
} Kind;

/* What each is told of the end of what it waits for. */
static void
ignore (GObject      *source,
        GAsyncResult *result,
        gpointer      data)
{
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
}

static GObject *
make_stream (Fixture *self,
             GError **error)
{
  ZmqStream *stream = zmqglib_stream_new (self->socket);

  g_signal_connect (stream, "received", G_CALLBACK (on_received), NULL);
  zmqglib_stream_receive_async (stream, self->cancellable, ignore, NULL);
  g_assert_true (zmqglib_stream_send_string (stream, "waits for a peer", error));
  zmqglib_stream_drain_async (stream, NULL, ignore, NULL);

  return G_OBJECT (stream);
}

static void
close_stream (Fixture *self)
{
  g_assert_cmpuint (zmqglib_stream_get_n_queued (ZMQGLIB_STREAM (self->thing)), <=, 1);
  zmqglib_stream_close (ZMQGLIB_STREAM (self->thing));
}

static GObject *
make_operation (Fixture *self,
                GError **error)
{
  zmqglib_socket_receive_async (self->socket, G_PRIORITY_DEFAULT, self->cancellable, ignore, NULL);
  zmqglib_socket_wait_async (self->socket, G_IO_IN, G_PRIORITY_DEFAULT, NULL, ignore, NULL);

  return G_OBJECT (g_object_ref (self->socket));
}

static void
close_operation (Fixture *self)
{
  zmqglib_socket_close (ZMQGLIB_SOCKET (self->thing));
}

static GObject *
make_tracker (Fixture *self,
              GError **error)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("tracked");
  ZmqTracker *tracker = zmqglib_message_track (message);

  zmqglib_tracker_wait_async (tracker, self->cancellable, ignore, NULL);
  g_object_set_data_full (G_OBJECT (tracker), "message", g_steal_pointer (&message), (GDestroyNotify) zmqglib_message_unref);

  return G_OBJECT (tracker);
}

static void
close_tracker (Fixture *self)
{
  g_object_set_data (self->thing, "message", NULL);
  g_assert_true (zmqglib_tracker_is_done (ZMQGLIB_TRACKER (self->thing)));
}

static GObject *
make_monitor (Fixture *self,
              GError **error)
{
  return G_OBJECT (zmqglib_monitor_new (self->socket, error));
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
  ZmqClient *client = zmqglib_client_new (self->context, error);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("question");

  g_assert_true (zmqglib_client_connect_to (client, "inproc://nobody", error));
  zmqglib_client_request_async (client, message, self->cancellable, ignore, NULL);

  return G_OBJECT (client);
}

static void
close_client (Fixture *self)
{
  g_assert_false (zmqglib_client_connect_to (ZMQGLIB_CLIENT (self->thing), "inproc://somebody", NULL));
  zmqglib_client_close (ZMQGLIB_CLIENT (self->thing));
}

static GObject *
make_server (Fixture *self,
             GError **error)
{
  ZmqServer *server = zmqglib_server_new (self->context, error);

  g_assert_true (zmqglib_server_bind (server, "inproc://server", error));

  return G_OBJECT (server);
}

static void
close_server (Fixture *self)
{
  g_assert_false (zmqglib_server_bind (ZMQGLIB_SERVER (self->thing), "inproc://another", NULL));
  zmqglib_server_close (ZMQGLIB_SERVER (self->thing));
}

static GObject *
make_feed (Fixture *self,
           GError **error)
{
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (self->socket);

  return G_OBJECT (zmqglib_feed_new (stream));
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
  g_autoptr (ZmqSocket) router = test_socket_new (self->context, ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (router);

  return G_OBJECT (zmqglib_peer_list_new (stream));
}

static void
close_peer_list (Fixture *self)
{
  zmqglib_peer_list_close (ZMQGLIB_PEER_LIST (self->thing));
}

static GObject *
make_proxy (Fixture *self,
            GError **error)
{
  ZmqProxy *proxy = zmqglib_proxy_new (self->socket, self->socket, NULL, error);

  zmqglib_proxy_start (proxy);

  return G_OBJECT (proxy);
}

static void
close_proxy (Fixture *self)
{
  zmqglib_proxy_stop (ZMQGLIB_PROXY (self->thing));
}

static GObject *
make_authenticator (Fixture *self,
                    GError **error)
{
  return G_OBJECT (zmqglib_authenticator_new (self->context, error));
}

static void
close_authenticator (Fixture *self)
{
  zmqglib_authenticator_close (ZMQGLIB_AUTHENTICATOR (self->thing));
}

static const Kind kinds[] = {
  { "stream", make_stream, close_stream },
  { "operation", make_operation, close_operation },
  { "tracker", make_tracker, close_tracker },
  { "monitor", make_monitor, close_monitor },
  { "client", make_client, close_client },
  { "server", make_server, close_server },
  { "feed", make_feed, close_feed },
  { "peer-list", make_peer_list, close_peer_list },
  { "proxy", make_proxy, close_proxy },
  { "authenticator", make_authenticator, close_authenticator },
};

/* GLib calls it, of a source that it is about to dispatch, with the lock of the main context. */
static void
keep_locked (gpointer data)
{
  Fixture *self = data;

  g_atomic_int_set (&self->is_locked, TRUE);
  while (!g_atomic_int_get (&self->may_go_on))
    g_thread_yield ();
}

static void
forget (gpointer data)
{
}

static gboolean
on_dispatched (gpointer data)
{
  return G_SOURCE_REMOVE;
}

static void
get_callback (gpointer     data,
              GSource     *source,
              GSourceFunc *func,
              gpointer    *user_data)
{
  *func = on_dispatched;
  *user_data = data;
}

static GSourceCallbackFuncs callback_funcs = { keep_locked, forget, get_callback };

static void
lock_main_context (Fixture *self)
{
  self->source = g_idle_source_new ();
  g_source_set_callback_indirect (self->source, self, &callback_funcs);
  g_source_attach (self->source, self->loop.main_context);
  life_poll_until (NULL, g_atomic_int_get (&self->is_locked));
}

static const Kind *kind_of_thread;

static void
make_in_thread (gpointer data)
{
  Fixture *self = data;
  g_autoptr (GError) error = NULL;

  self->thing = kind_of_thread->make (self, &error);
  g_assert_no_error (error);
}

static void
fixture_set_up (Fixture      *self,
                gconstpointer data)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autofree char *endpoint = NULL;

  self->context = zmqglib_context_new ();
  self->socket = test_socket_new (self->context, ZMQGLIB_SOCKET_DEALER);
  endpoint = test_bind (self->socket, "inproc");
  self->cancellable = g_cancellable_new ();
  life_loop_start (&self->loop, main_context);

  kind_of_thread = data;
  life_loop_call (&self->loop, make_in_thread, self);
}

static void
drop_all (gpointer data)
{
  Fixture *self = data;

  g_clear_object (&self->thing);
  g_clear_object (&self->socket);
  g_clear_object (&self->context);
}

static void
close_in_thread (gpointer data)
{
  kind_of_thread->close (data);
  drop_all (data);
}

static void
fixture_tear_down (Fixture      *self,
                   gconstpointer data)
{
  g_cancellable_cancel (self->cancellable);
  life_loop_call (&self->loop, drop_all, self);
  life_loop_stop (&self->loop);
  g_source_unref (self->source);
  g_clear_object (&self->cancellable);
  life_settle (NULL);
}

static void
run_child (gpointer data)
{
  Fixture *self = data;

  g_cancellable_cancel (self->cancellable);
  close_in_thread (self);
}

static void
test_locked (Fixture      *self,
             gconstpointer data)
{
  pid_t child;

  lock_main_context (self);
  child = life_fork (run_child, self);
  life_wait_child (child);

  g_atomic_int_set (&self->may_go_on, TRUE);
  life_loop_call (&self->loop, NULL, NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strconcat ("/life/rule-5-fork/main-context-locked/", kinds[i].name, NULL);

      g_test_add (path, Fixture, &kinds[i], fixture_set_up, test_locked, fixture_tear_down);
    }

  return g_test_run ();
}

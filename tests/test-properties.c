/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <dlfcn.h>

#include "test-util.h"

/* What a property tells is what has been set, and what the method of its name tells; so each class is looked at with
 * each of the properties that it has, also with those that come later. */

/* “zmqglib_peer_list” of a ZmqPeerList */
static char *
prefix_of_methods (GObject *object)
{
  GString *prefix = g_string_new ("zmqglib");

  for (const char *c = G_OBJECT_TYPE_NAME (object) + strlen ("Zmq"); *c != '\0'; c++)
    {
      if (g_ascii_isupper (*c))
        g_string_append_c (prefix, '_');
      g_string_append_c (prefix, g_ascii_tolower (*c));
    }

  return g_string_free (prefix, FALSE);
}

static gpointer
find_method (GObject    *object,
             const char *verb,
             const char *property)
{
  g_autofree char *prefix = prefix_of_methods (object);
  g_autofree char *name = g_strconcat (prefix, verb, property, NULL);

  return dlsym (RTLD_DEFAULT, g_strdelimit (name, "-", '_'));
}

/* A program into which the library is linked has no names of functions to be found. */
static gboolean
has_methods (void)
{
  return dlsym (RTLD_DEFAULT, "zmqglib_stream_get_socket") != NULL;
}

static void
get_by_function (GObject *object,
                 gpointer getter,
                 GValue  *value)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      g_value_set_boolean (value, ((gboolean (*) (gpointer)) getter) (object));
      break;
    case G_TYPE_UINT:
      g_value_set_uint (value, ((guint (*) (gpointer)) getter) (object));
      break;
    case G_TYPE_INT64:
      g_value_set_int64 (value, ((gint64 (*) (gpointer)) getter) (object));
      break;
    case G_TYPE_UINT64:
      g_value_set_uint64 (value, ((guint64 (*) (gpointer)) getter) (object));
      break;
    case G_TYPE_ENUM:
      g_value_set_enum (value, ((int (*) (gpointer)) getter) (object));
      break;
    case G_TYPE_STRING:
      g_value_set_string (value, ((const char *(*) (gpointer)) getter) (object));
      break;
    case G_TYPE_OBJECT:
      g_value_set_object (value, ((gpointer (*) (gpointer)) getter) (object));
      break;
    case G_TYPE_BOXED:
      g_value_set_boxed (value, ((gconstpointer (*) (gpointer)) getter) (object));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
assert_same (const GValue *value,
             const GValue *other,
             const char   *name)
{
  if (G_VALUE_HOLDS (value, G_TYPE_BYTES) && g_value_get_boxed (value) != NULL && g_value_get_boxed (other) != NULL)
    {
      g_assert_true (g_bytes_equal (g_value_get_boxed (value), g_value_get_boxed (other)));
    }
  else
    {
      g_autofree char *text = g_strdup_value_contents (value);
      g_autofree char *other_text = g_strdup_value_contents (other);

      if (!g_str_equal (text, other_text))
        g_error ("“%s” is %s, and %s by its method", name, text, other_text);
    }
}

/* Reads each property, and compares those that there is a method for. */
static void
assert_as_by_methods (gpointer object,
                      guint    n_with_method)
{
  guint                   n_properties, n_compared = 0;
  g_autofree GParamSpec **properties = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n_properties);

  for (guint i = 0; i < n_properties; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      gpointer getter = find_method (object, "_get_", properties[i]->name);

      if ((properties[i]->flags & G_PARAM_READABLE) == 0)
        continue;

      g_value_init (&value, properties[i]->value_type);
      g_object_get_property (object, properties[i]->name, &value);
      if (getter != NULL)
        {
          g_auto (GValue) other = G_VALUE_INIT;

          g_value_init (&other, properties[i]->value_type);
          get_by_function (object, getter, &other);
          assert_same (&value, &other, properties[i]->name);
          n_compared++;
        }
    }
  g_assert_cmpuint (n_compared, >=, n_with_method);
}

static void
change (GValue *value)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      g_value_set_boolean (value, !g_value_get_boolean (value));
      break;
    case G_TYPE_UINT:
      g_value_set_uint (value, g_value_get_uint (value) + 1);
      break;
    case G_TYPE_INT64:
      g_value_set_int64 (value, g_value_get_int64 (value) + 1);
      break;
    default:
      g_value_set_enum (value, g_value_get_enum (value) == 0 ? 1 : 0);
    }
}

static void
set_by_function (GObject      *object,
                 const char   *property,
                 const GValue *value)
{
  gpointer setter = find_method (object, "_set_", property);

  g_assert_nonnull (setter);
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      ((void (*) (gpointer, gboolean)) setter) (object, g_value_get_boolean (value));
      break;
    case G_TYPE_UINT:
      ((void (*) (gpointer, guint)) setter) (object, g_value_get_uint (value));
      break;
    case G_TYPE_INT64:
      ((void (*) (gpointer, gint64)) setter) (object, g_value_get_int64 (value));
      break;
    default:
      ((void (*) (gpointer, int)) setter) (object, g_value_get_enum (value));
    }
}

static void
count (GObject    *object,
       GParamSpec *property,
       gpointer    n_notified)
{
  (*(guint *) n_notified)++;
}

/* In either way it is told, once, and not when nothing changes. */
static void
assert_change_is_told (GObject    *object,
                       const char *property,
                       GValue     *value)
{
  g_autofree char *signal = g_strconcat ("notify::", property, NULL);
  guint            n_notified = 0;
  gulong           id = g_signal_connect (object, signal, G_CALLBACK (count), &n_notified);

  change (value);
  g_object_set_property (object, property, value);
  g_assert_cmpuint (n_notified, ==, 1);
  g_object_set_property (object, property, value);
  set_by_function (object, property, value);
  g_assert_cmpuint (n_notified, ==, 1);
  change (value);
  set_by_function (object, property, value);
  g_assert_cmpuint (n_notified, ==, 2);
  g_signal_handler_disconnect (object, id);
}

static void
assert_changes_are_told (gpointer object,
                         guint    n_expected)
{
  guint                   n_properties, n_told = 0;
  g_autofree GParamSpec **properties = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n_properties);

  for (guint i = 0; i < n_properties; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      if ((properties[i]->flags & G_PARAM_EXPLICIT_NOTIFY) == 0)
        continue;

      g_value_init (&value, properties[i]->value_type);
      g_object_get_property (object, properties[i]->name, &value);
      assert_change_is_told (object, properties[i]->name, &value);
      n_told++;
    }
  g_assert_cmpuint (n_told, ==, n_expected);
}

/* Expects TRUE of “owned-by-loop”, and ends that. */
static void
assert_owned_by_loop (gpointer object,
                      void (*close) (gpointer object))
{
  gboolean is_owned = FALSE;

  g_object_get (object, "owned-by-loop", &is_owned, NULL);
  g_assert_true (is_owned);
  close (object);
}

static gpointer
make (GType       type,
      const char *property,
      gpointer    object)
{
  g_autoptr (GError) error = NULL;
  gpointer made = g_initable_new (type, NULL, &error, property, object, "owned-by-loop", TRUE, NULL);

  g_assert_no_error (error);

  return made;
}

static void
test_client (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqClient) client = make (ZMQGLIB_TYPE_CLIENT, "context", context);

  g_object_set (client, "timeout-us", (gint64) 123456, "max-tries", 7, "strategy",
                ZMQGLIB_CLIENT_STRATEGY_SPREAD, "envelope", ZMQGLIB_CLIENT_ENVELOPE_NONE, NULL);
  g_assert_true (zmqglib_client_get_context (client) == context);
  g_assert_cmpint (zmqglib_client_get_timeout_us (client), ==, 123456);
  g_assert_cmpuint (zmqglib_client_get_max_tries (client), ==, 7);
  g_assert_cmpint (zmqglib_client_get_strategy (client), ==, ZMQGLIB_CLIENT_STRATEGY_SPREAD);
  g_assert_cmpint (zmqglib_client_get_envelope (client), ==, ZMQGLIB_CLIENT_ENVELOPE_NONE);

  assert_as_by_methods (client, 7);
  assert_changes_are_told (client, 4);
  assert_owned_by_loop (client, (gpointer) zmqglib_client_close);
}

static void
test_server (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqServer) server = make (ZMQGLIB_TYPE_SERVER, "context", context);
  g_autofree char *endpoint = test_endpoint ("inproc");
  g_autofree char *last_endpoint = NULL;

  g_object_set (server, "max-pending", 5, NULL);
  g_assert_true (zmqglib_server_get_context (server) == context);
  g_assert_cmpuint (zmqglib_server_get_max_pending (server), ==, 5);
  zmqglib_server_bind (server, endpoint, &error);
  g_assert_no_error (error);
  g_object_get (server, "last-endpoint", &last_endpoint, NULL);
  g_assert_cmpstr (last_endpoint, ==, endpoint);

  assert_as_by_methods (server, 3);
  assert_changes_are_told (server, 1);
  assert_owned_by_loop (server, (gpointer) zmqglib_server_close);
}

static gboolean
has_forwarded (gpointer data)
{
  return zmqglib_proxy_get_n_forwarded_in (data) == 2 && zmqglib_proxy_get_n_forwarded_out (data) == 1;
}

/* Two messages of three bytes go in, and one of five goes out. */
static void
pass_through_proxy (ZmqProxy  *proxy,
                    ZmqSocket *frontend,
                    ZmqSocket *backend)
{
  g_autoptr (ZmqSocket) one = test_socket_new (zmqglib_socket_get_context (frontend), ZMQGLIB_SOCKET_PAIR);
  g_autoptr (ZmqSocket) other = test_socket_new (zmqglib_socket_get_context (backend), ZMQGLIB_SOCKET_PAIR);
  g_autofree char *one_endpoint = test_bind (frontend, "inproc");
  g_autofree char *other_endpoint = test_bind (backend, "inproc");

  zmqglib_socket_connect_to (one, one_endpoint, NULL);
  zmqglib_socket_connect_to (other, other_endpoint, NULL);
  zmqglib_proxy_start (proxy);
  test_send_string (one, "abc");
  test_send_string (one, "def");
  test_send_string (other, "vwxyz");
  test_iterate_until (NULL, has_forwarded, proxy);
}

static void
test_proxy (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) frontend = test_socket_new (context, ZMQGLIB_SOCKET_PAIR);
  g_autoptr (ZmqSocket) backend = test_socket_new (context, ZMQGLIB_SOCKET_PAIR);
  g_autoptr (ZmqSocket) capture = test_socket_new (context, ZMQGLIB_SOCKET_PUB);
  g_autoptr (GBytes) in = g_bytes_new_static ("in", 2);
  g_autoptr (GBytes) out = g_bytes_new_static ("out", 3);
  g_autoptr (GBytes) prefix_in = NULL;
  g_autoptr (GBytes) prefix_out = NULL;
  g_autoptr (ZmqSocket) told_frontend = NULL;
  g_autoptr (ZmqSocket) told_backend = NULL;
  g_autoptr (ZmqSocket) told_capture = NULL;
  g_autoptr (ZmqProxy) proxy = g_initable_new (ZMQGLIB_TYPE_PROXY, NULL, &error, "frontend", frontend, "backend", backend,
                                               "capture", capture, "owned-by-loop", TRUE, NULL);

  g_assert_no_error (error);
  g_object_set (proxy, "prefix-in", in, "prefix-out", out, NULL);
  g_object_get (proxy, "frontend", &told_frontend, "backend", &told_backend, "capture", &told_capture, "prefix-in", &prefix_in,
                "prefix-out", &prefix_out, NULL);
  g_assert_true (told_frontend == frontend && told_backend == backend && told_capture == capture);
  g_assert_true (g_bytes_equal (prefix_in, in) && g_bytes_equal (prefix_out, out));

  pass_through_proxy (proxy, frontend, backend);
  g_assert_cmpuint (zmqglib_proxy_get_n_bytes_in (proxy), ==, 6);
  g_assert_cmpuint (zmqglib_proxy_get_n_bytes_out (proxy), ==, 5);
  assert_as_by_methods (proxy, 6);
  g_object_set (proxy, "paused", TRUE, NULL);
  g_assert_true (zmqglib_proxy_get_paused (proxy));
  assert_as_by_methods (proxy, 6);
  assert_changes_are_told (proxy, 1);

  assert_owned_by_loop (proxy, (gpointer) zmqglib_proxy_stop);
}

static gboolean
has_item (gpointer list)
{
  return g_list_model_get_n_items (list) == 1;
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
}

/* Of a stream that is read. */
static gpointer
make_of_stream (GType      type,
                ZmqSocket *socket)
{
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (socket);
  g_autoptr (ZmqStream) told = NULL;
  gpointer made = make (type, "stream", stream);

  g_signal_connect (stream, "received", G_CALLBACK (on_received), NULL);
  g_object_get (made, "stream", &told, NULL);
  g_assert_true (told == stream);

  return made;
}

static void
test_peer_list (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) router = NULL;
  g_autoptr (ZmqSocket) dealer = NULL;
  g_autoptr (ZmqPeerList) list = NULL;
  g_autoptr (ZmqPeer) peer = NULL;

  test_socket_pair (context, "tcp", ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER, &router, &dealer);
  list = make_of_stream (ZMQGLIB_TYPE_PEER_LIST, router);
  g_object_set (list, "expiry-us", (gint64) 60 * G_USEC_PER_SEC, NULL);
  g_assert_cmpint (zmqglib_peer_list_get_expiry_us (list), ==, 60 * G_USEC_PER_SEC);
  assert_as_by_methods (list, 1);
  assert_changes_are_told (list, 1);

  test_send_string (dealer, "here");
  test_iterate_until (NULL, has_item, list);
  peer = g_list_model_get_item (G_LIST_MODEL (list), 0);
  g_assert_cmpstr (zmqglib_peer_get_address (peer), ==, "127.0.0.1");
  g_assert_cmpint (zmqglib_peer_get_last_seen (peer), >, 0);
  g_object_set (peer, "object", context, NULL);
  g_assert_true (zmqglib_peer_get_object (peer) == G_OBJECT (context));
  assert_as_by_methods (peer, 6);

  assert_owned_by_loop (list, (gpointer) zmqglib_peer_list_close);
}

static void
test_feed (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqFeed) feed = NULL;
  g_autoptr (ZmqFeedItem) item = NULL;

  test_socket_pair (context, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  feed = make_of_stream (ZMQGLIB_TYPE_FEED, pull);
  g_object_set (feed, "mode", ZMQGLIB_FEED_MODE_LATEST, "max-items", 3, "interval-us", (gint64) 1000, NULL);
  g_assert_cmpint (zmqglib_feed_get_mode (feed), ==, ZMQGLIB_FEED_MODE_LATEST);
  g_assert_cmpuint (zmqglib_feed_get_max_items (feed), ==, 3);
  g_assert_cmpint (zmqglib_feed_get_interval_us (feed), ==, 1000);
  assert_as_by_methods (feed, 4);

  test_send_string (push, "price");
  test_iterate_until (NULL, has_item, feed);
  item = g_list_model_get_item (G_LIST_MODEL (feed), 0);
  g_assert_cmpint (zmqglib_feed_item_get_time (item), >, 0);
  assert_as_by_methods (item, 4);

  assert_owned_by_loop (feed, (gpointer) zmqglib_feed_close);
}

static void
test_monitor (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqMonitor) monitor = make (ZMQGLIB_TYPE_MONITOR, "socket", socket);

  assert_as_by_methods (monitor, 2);
  assert_owned_by_loop (monitor, (gpointer) zmqglib_monitor_close);
}

static void
test_authenticator (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqContext) told = NULL;
  g_autoptr (ZmqAuthenticator) authenticator = make (ZMQGLIB_TYPE_AUTHENTICATOR, "context", context);

  g_object_set (authenticator, "timeout-us", (gint64) 4321, NULL);
  g_object_get (authenticator, "context", &told, NULL);
  g_assert_true (told == context);
  g_assert_cmpint (zmqglib_authenticator_get_timeout_us (authenticator), ==, 4321);

  assert_as_by_methods (authenticator, 3);
  assert_changes_are_told (authenticator, 1);
  assert_owned_by_loop (authenticator, (gpointer) zmqglib_authenticator_close);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  if (!has_methods ())
    {
      g_print ("1..0 # SKIP The library is linked into the program\n");
      return 0;
    }

  g_test_add_func ("/properties/client", test_client);
  g_test_add_func ("/properties/server", test_server);
  g_test_add_func ("/properties/proxy", test_proxy);
  g_test_add_func ("/properties/peer-list", test_peer_list);
  g_test_add_func ("/properties/feed", test_feed);
  g_test_add_func ("/properties/monitor", test_monitor);
  g_test_add_func ("/properties/authenticator", test_authenticator);

  return g_test_run ();
}

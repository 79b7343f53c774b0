/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gio/gio.h>

#include "test-nothing-aborts.h"

/* Connections through SOCKS proxies, of which most are of no use: libzmq would abort when such a socket is closed. */

typedef enum
{
  PROXY_CLOSES,
  PROXY_IS_NONE,
  PROXY_WANTS_MORE,
  PROXY_REFUSES,
  PROXY_RELAYS,
} ProxyManner;

static const struct
{
  const char *name;
  ProxyManner manner;
} manners[] = {
  { "closes", PROXY_CLOSES },
  { "is-none", PROXY_IS_NONE },
  { "wants-more", PROXY_WANTS_MORE },
  { "refuses", PROXY_REFUSES },
};

static gboolean
read_bytes (GIOStream *stream,
            guint8    *bytes,
            gsize      size)
{
  gsize n_read;

  return g_input_stream_read_all (g_io_stream_get_input_stream (stream), bytes, size, &n_read, NULL, NULL) && n_read == size;
}

static void
write_bytes (GIOStream    *stream,
             const guint8 *bytes,
             gsize         size)
{
  g_output_stream_write_all (g_io_stream_get_output_stream (stream), bytes, size, NULL, NULL, NULL);
}

typedef struct
{
  GIOStream *from;
  GIOStream *to;
} Way;

static gpointer
relay (gpointer data)
{
  Way *way = data;

  g_output_stream_splice (g_io_stream_get_output_stream (way->to), g_io_stream_get_input_stream (way->from),
                          G_OUTPUT_STREAM_SPLICE_NONE, NULL, NULL);
  g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (way->to)), TRUE, TRUE, NULL);

  return NULL;
}

/* An IPv4 address, and a port. */
static void
lead_on (GIOStream    *stream,
         const guint8 *to)
{
  static const guint8 done[] = { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autofree char *address = g_strdup_printf ("%d.%d.%d.%d:%d", to[0], to[1], to[2], to[3], to[4] << 8 | to[5]);
  g_autoptr (GSocketConnection) peer = g_socket_client_connect_to_host (client, address, 0, NULL, NULL);
  Way      there, back;
  GThread *thread;

  g_assert_nonnull (peer);
  there = (Way){ stream, G_IO_STREAM (peer) };
  back = (Way){ G_IO_STREAM (peer), stream };
  write_bytes (stream, done, sizeof done);
  thread = g_thread_new ("relays", relay, &there);
  relay (&back);
  g_thread_join (thread);
}

static void
serve (ProxyManner manner,
       GIOStream  *stream)
{
  static const guint8 none[] = { 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f };
  static const guint8 wants_more[] = { 5, 0xff };
  static const guint8 agrees[] = { 5, 0 };
  static const guint8 refuses[] = { 5, 5, 0, 1, 0, 0, 0, 0, 0, 0 };
  guint8              hello[2];
  guint8              methods[256];
  guint8              request[10];

  if (manner == PROXY_CLOSES || !read_bytes (stream, hello, sizeof hello) || !read_bytes (stream, methods, hello[1]))
    return;

  if (manner == PROXY_IS_NONE)
    write_bytes (stream, none, sizeof none);
  else if (manner == PROXY_WANTS_MORE)
    write_bytes (stream, wants_more, sizeof wants_more);
  else
    {
      write_bytes (stream, agrees, sizeof agrees);
      if (!read_bytes (stream, request, sizeof request))
        return;
      if (manner == PROXY_REFUSES)
        write_bytes (stream, refuses, sizeof refuses);
      else
        lead_on (stream, request + 4);
    }
}

typedef struct
{
  ProxyManner      manner;
  GSocketListener *listener;
  GCancellable    *end;
  GThread         *thread;
  char            *address;
} Proxy;

/* One after the other. */
static gpointer
serve_all (gpointer data)
{
  Proxy *self = data;

  for (;;)
    {
      g_autoptr (GSocketConnection) connection = g_socket_listener_accept (self->listener, NULL, self->end, NULL);

      if (connection == NULL)
        return NULL;
      serve (self->manner, G_IO_STREAM (connection));
    }
}

static void
proxy_start (Proxy      *self,
             ProxyManner manner)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) error = NULL;

  self->manner = manner;
  self->listener = g_socket_listener_new ();
  self->end = g_cancellable_new ();
  g_socket_listener_add_address (self->listener, any, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error);
  g_assert_no_error (error);
  self->address = g_strdup_printf ("127.0.0.1:%d", g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  self->thread = g_thread_new ("proxy", serve_all, self);
}

static void
proxy_stop (Proxy *self)
{
  g_cancellable_cancel (self->end);
  g_thread_join (self->thread);
  g_object_unref (self->end);
  g_object_unref (self->listener);
  g_free (self->address);
}

/* libzmq's thread aborts some time after a socket was closed: when it has tried, and when it has ended. */
static void
try_in_vain (const char *proxy,
             const char *endpoint,
             ZmqError    code)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) push = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *quoted = g_strdup_printf ("“%s”", endpoint);
  g_autoptr (GError) error = NULL;

  g_object_set (push, "socks-proxy", proxy, "linger", 0, NULL);
  if (!zmqglib_socket_connect_to (push, endpoint, &error))
    test_assert_error (error, code, quoted);
  else
    g_test_message ("%s was taken", quoted);
  g_clear_error (&error);
  test_pass_time (100);
  zmqglib_socket_close (push);
  zmqglib_context_terminate (context, NULL, &error);
  g_assert_no_error (error);
}

static void
test_in_vain (gconstpointer data)
{
  Proxy proxy = { 0 };

  if (!test_is_child ())
    return;

  proxy_start (&proxy, manners[GPOINTER_TO_UINT (data)].manner);
  try_in_vain (proxy.address, "tcp://127.0.0.1:2", ZMQGLIB_ERROR_HOST_UNREACHABLE);
  proxy_stop (&proxy);
}

static void
test_not_there (void)
{
  if (test_is_child ())
    try_in_vain ("127.0.0.1:1", "tcp://127.0.0.1:2", ZMQGLIB_ERROR_HOST_UNREACHABLE);
}

/* Nor is the proxy bothered with what libzmq would take for a port. */
static void
test_odd_peers (void)
{
  g_autofree char  *host = g_strnfill (300, 'a');
  g_autofree char  *too_long = g_strdup_printf ("tcp://%s:1", host);
  const char *const odd[] = { "tcp://127.0.0.1:6c://x/y", "tcp://127.0.0.1:0", "tcp://127.0.0.1:1x", "tcp://:1", too_long };
  Proxy             proxy = { 0 };

  if (!test_is_child ())
    return;

  proxy_start (&proxy, PROXY_REFUSES);
  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    try_in_vain (proxy.address, odd[i], ZMQGLIB_ERROR_INVALID_ARGUMENT);
  proxy_stop (&proxy);
}

static void
test_leads_there (void)
{
  Proxy proxy = { 0 };
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint = test_bind (pull, "tcp");
  g_autoptr (GError) error = NULL;

  proxy_start (&proxy, PROXY_RELAYS);
  g_object_set (push, "socks-proxy", proxy.address, NULL);
  zmqglib_socket_connect_to (push, endpoint, &error);
  g_assert_no_error (error);
  test_send_string (push, "through");
  test_receive_string (pull, "through");
  zmqglib_socket_close (push);
  proxy_stop (&proxy);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (manners); i++)
    {
      g_autofree char *path = g_strdup_printf ("/life/rule-7-nothing-aborts/proxied/%s", manners[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_in_vain);
    }
  g_test_add_func ("/life/rule-7-nothing-aborts/proxied/not-there", test_not_there);
  g_test_add_func ("/life/rule-7-nothing-aborts/proxied/odd-peers", test_odd_peers);
  g_test_add_func ("/life/rule-7-nothing-aborts/proxied/leads-there", test_leads_there);

  return g_test_run ();
}

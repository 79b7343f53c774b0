/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <sys/resource.h>

#include "test-proxy.h"

/* What a proxy forwards, in a main loop and in a thread of its own. */

/* Every pair of sockets that proxies are made of, both ways. */
static void
test_pipeline (gconstpointer data)
{
  g_auto (Middle) middle = MIDDLE_INIT;

  middle_open (&middle, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL);
  middle_start (&middle, data);
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      test_send_string (middle.client, text);
      middle_receive (&middle, middle.service, text);
    }
  middle_stop (&middle);
  g_assert_cmpuint (zmqglib_proxy_get_n_forwarded_in (middle.proxy), ==, 1000);
  g_assert_cmpuint (zmqglib_proxy_get_n_forwarded_out (middle.proxy), ==, 0);
  g_assert_cmpuint (zmqglib_proxy_get_n_bytes_in (middle.proxy), ==, 10 + 2 * 90 + 3 * 900);
}

static void
test_requests (gconstpointer data)
{
  g_auto (Middle) middle = MIDDLE_INIT;

  middle_open (&middle, ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_REQ, ZMQGLIB_SOCKET_REP);
  middle_start (&middle, data);
  for (guint i = 0; i < 100; i++)
    {
      test_send_string (middle.client, "question");
      middle_receive (&middle, middle.service, "question");
      test_send_string (middle.service, "answer");
      middle_receive (&middle, middle.client, "answer");
    }
  middle_stop (&middle);
  g_assert_cmpuint (zmqglib_proxy_get_n_forwarded_in (middle.proxy), ==, 100);
  g_assert_cmpuint (zmqglib_proxy_get_n_forwarded_out (middle.proxy), ==, 100);
  g_assert_cmpuint (zmqglib_proxy_get_n_bytes_out (middle.proxy), >, 600);
}

static void
test_publishers (gconstpointer data)
{
  g_auto (Middle) middle = MIDDLE_INIT;
  g_autoptr (ZmqMessage) subscription = NULL;

  middle_open (&middle, ZMQGLIB_SOCKET_XSUB, ZMQGLIB_SOCKET_XPUB, ZMQGLIB_SOCKET_XPUB, ZMQGLIB_SOCKET_SUB);
  middle_start (&middle, data);
  g_assert_true (zmqglib_socket_subscribe (middle.service, "topic", NULL));

  /* it has come to the publisher */
  subscription = middle_receive_any (&middle, middle.client);
  g_assert_cmpuint (zmqglib_message_get_size (subscription), ==, 6);
  test_send_string (middle.client, "other");
  test_send_string (middle.client, "topic 1");
  middle_receive (&middle, middle.service, "topic 1");
}

/* A socket on both sides sends what it receives. */
static void
test_one_socket (gconstpointer data)
{
  g_auto (Middle) middle = MIDDLE_INIT;

  middle_open (&middle, ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR);
  g_clear_object (&middle.proxy);
  middle.proxy = zmqglib_proxy_new (middle.frontend, middle.frontend, NULL, NULL);
  middle_start (&middle, data);
  test_send_string (middle.client, "there and back");
  middle_receive (&middle, middle.client, "there and back");
}

/* Messages stay whole, whatever they are made of. */
static void
test_whole (gconstpointer data)
{
  g_auto (Middle) middle = MIDDLE_INIT;
  const gsize large = test_is_slow_tool () ? 1 << 20 : 100 << 20;

  middle_open (&middle, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL);
  middle_start (&middle, data);
  for (guint n_frames = 1; n_frames < 20000; n_frames = 3 * n_frames + 1)
    {
      g_autoptr (ZmqMessage) message = zmqglib_message_new ();
      g_autoptr (ZmqMessage) received = NULL;

      for (guint i = 0; i < n_frames; i++)
        zmqglib_message_append_data (message, &i, i % sizeof i);
      g_assert_true (zmqglib_socket_send (middle.client, message, NULL, NULL));
      received = middle_receive_any (&middle, middle.service);
      g_assert_true (zmqglib_message_equal (message, received));
    }

  {
    g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (large), large);
    g_autoptr (ZmqMessage) message = zmqglib_message_new_from_bytes (bytes);
    g_autoptr (ZmqMessage) received = NULL;

    g_assert_true (zmqglib_socket_send (middle.client, message, NULL, NULL));
    received = middle_receive_any (&middle, middle.service);
    g_assert_cmpuint (zmqglib_message_get_size (received), ==, large);
  }
}

static void
assert_captured (Middle     *middle,
                 ZmqSocket  *watcher,
                 const char *prefix,
                 const char *text)
{
  g_autoptr (ZmqMessage) message = middle_receive_any (middle, watcher);
  g_autofree char *first = zmqglib_message_get_string (message, 0, NULL);
  g_autofree char *last = zmqglib_message_get_string (message, zmqglib_message_get_n_frames (message) - 1, NULL);

  if (prefix != NULL)
    g_assert_cmpstr (first, ==, prefix);
  g_assert_cmpstr (last, ==, text);
}

/* A copy of each message, told apart by what is put in front. */
static void
test_capture (gconstpointer data)
{
  g_auto (Middle) middle = MIDDLE_INIT;
  g_autoptr (ZmqSocket) capture = NULL;
  g_autoptr (ZmqSocket) watcher = NULL;
  g_autoptr (GBytes) in = g_bytes_new_static ("in", 2);
  g_autoptr (GBytes) out = g_bytes_new_static ("out", 3);
  g_autoptr (GBytes) actual = NULL;

  middle_open (&middle, ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_REQ, ZMQGLIB_SOCKET_REP);
  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL, &capture, &watcher);
  g_clear_object (&middle.proxy);
  middle.proxy = zmqglib_proxy_new (middle.frontend, middle.backend, capture, NULL);
  middle_start (&middle, data);

  for (guint i = 0; i < 2; i++)
    {
      test_send_string (middle.client, "question");
      middle_receive (&middle, middle.service, "question");
      test_send_string (middle.service, "answer");
      middle_receive (&middle, middle.client, "answer");
      assert_captured (&middle, watcher, i > 0 ? "in" : NULL, "question");
      assert_captured (&middle, watcher, i > 0 ? "out" : NULL, "answer");
      g_object_set (middle.proxy, "prefix-in", in, "prefix-out", out, NULL);
    }
  g_object_get (middle.proxy, "prefix-out", &actual, NULL);
  g_assert_true (g_bytes_equal (actual, out));
  middle_stop (&middle);
}

/* Nothing goes through while it is paused, and nothing is lost. */
static void
test_paused (gconstpointer data)
{
  g_auto (Middle) middle = MIDDLE_INIT;

  middle_open (&middle, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL);
  middle_start (&middle, data);
  test_send_string (middle.client, "before");
  middle_receive (&middle, middle.service, "before");

  zmqglib_proxy_set_paused (middle.proxy, TRUE);
  g_assert_true (zmqglib_proxy_get_paused (middle.proxy));
  test_send_string (middle.client, "meanwhile");
  middle_assert_nothing (&middle, middle.service);
  zmqglib_proxy_set_paused (middle.proxy, FALSE);
  middle_receive (&middle, middle.service, "meanwhile");

  /* from the beginning, too */
  middle_stop (&middle);
  zmqglib_proxy_set_paused (middle.proxy, TRUE);
  middle_start (&middle, data);
  test_send_string (middle.client, "after");
  middle_assert_nothing (&middle, middle.service);
  g_object_set (middle.proxy, "paused", FALSE, NULL);
  middle_receive (&middle, middle.service, "after");
}

static void
fill (ZmqSocket *socket,
      guint     *n_sent)
{
  for (*n_sent = 0; *n_sent < 100000; (*n_sent)++)
    {
      g_autofree char *text = g_strdup_printf ("%u", *n_sent);
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (text);

      if (!zmqglib_socket_try_send (socket, message, NULL))
        return;
    }
}

/* A side that can take nothing stops the other’s reading: the messages stay with who sends them, and memory with it. */
static void
test_back_pressure (gconstpointer data)
{
  g_auto (Middle) middle = MIDDLE_INIT;
  g_autofree char *endpoint = NULL;
  g_autoptr (ZmqSocket) late = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  guint n_sent;
  guint n_more;

  middle_open (&middle, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL);
  g_clear_object (&middle.service);
  g_clear_object (&middle.proxy);
  g_clear_object (&middle.backend);
  middle.backend = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_object_set (middle.backend, "send-high-water-mark", 10, NULL);
  endpoint = test_bind (middle.backend, "inproc");
  middle.proxy = zmqglib_proxy_new (middle.frontend, middle.backend, NULL, NULL);
  middle_start (&middle, data);

  /* nobody is there */
  fill (middle.client, &n_sent);
  g_assert_cmpuint (n_sent, <, 100000);
  middle_assert_nothing (&middle, NULL);
  g_assert_cmpuint (zmqglib_proxy_get_n_forwarded_in (middle.proxy), ==, 0);
  fill (middle.client, &n_more);
  g_assert_cmpuint (n_more, ==, 0);

  g_object_set (late, "receive-high-water-mark", 10, NULL);
  g_assert_true (zmqglib_socket_connect_to (late, endpoint, NULL));
  for (guint i = 0; i < n_sent; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      middle_receive (&middle, late, text);
    }
}

/* What waits when it is stopped is there for who reads next; it may be started again. */
static void
test_stopped (gconstpointer data)
{
  g_auto (Middle) middle = MIDDLE_INIT;
  guint n_sent;

  middle_open (&middle, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL);
  g_assert_false (zmqglib_proxy_get_running (middle.proxy));
  middle_start (&middle, data);
  g_assert_true (zmqglib_proxy_get_running (middle.proxy));

  fill (middle.client, &n_sent);
  middle_assert_nothing (&middle, NULL);
  middle_stop (&middle);
  zmqglib_proxy_stop (middle.proxy);
  g_assert_false (zmqglib_proxy_get_running (middle.proxy));
  g_assert_no_error (middle.error);

  /* the rest goes by hand, or in a second run */
  for (guint i = 0; i < n_sent; i++)
    {
      g_autofree char               *text = g_strdup_printf ("%u", i);
      g_autoptr (ZmqMessage) message G_GNUC_UNUSED = NULL;

      if (i == n_sent / 2)
        middle_start (&middle, data);
      if (zmqglib_socket_get_condition (middle.service) & G_IO_IN)
        test_receive_string (middle.service, text);
      else if (i < n_sent / 2)
        test_receive_string (middle.frontend, text);
      else
        middle_receive (&middle, middle.service, text);
    }
}

/* The proxy is to capture where there is room for little. Returns who gets that. */
static ZmqSocket *
middle_capture (Middle *middle)
{
  g_autoptr (ZmqSocket) capture = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  ZmqSocket       *watcher = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autofree char *endpoint = NULL;

  g_object_set (capture, "send-high-water-mark", 1, NULL);
  g_object_set (watcher, "receive-high-water-mark", 1, NULL);
  endpoint = test_bind (watcher, "inproc");
  g_assert_true (zmqglib_socket_connect_to (capture, endpoint, NULL));
  g_clear_object (&middle->proxy);
  middle->proxy = zmqglib_proxy_new (middle->frontend, middle->backend, capture, NULL);

  return watcher;
}

/* What was forwarded and is not captured yet, since there is no room, is captured in the next run. */
static void
test_capture_stopped (gconstpointer data)
{
  g_auto (Middle) middle = MIDDLE_INIT;
  g_autoptr (ZmqSocket) watcher = NULL;
  guint n_sent, n_captured = 0;

  middle_open (&middle, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL);
  watcher = middle_capture (&middle);
  middle_start (&middle, data);
  fill (middle.client, &n_sent);
  middle_assert_nothing (&middle, NULL);

  /* each run forwards some, and captures them, until the watcher is full */
  for (guint i = 0; i < 5; i++)
    {
      guint n_forwarded = zmqglib_proxy_get_n_forwarded_in (middle.proxy);

      middle_stop (&middle);
      middle_start (&middle, data);
      while (n_captured < n_forwarded)
        {
          g_autofree char *text = g_strdup_printf ("%u", n_captured++);

          middle_receive (&middle, watcher, text);
        }
      middle_assert_nothing (&middle, NULL);
    }
  middle_stop (&middle);
}

#define N_ANSWERS 10

/* A handler in whose main loop so much goes the other way that there is no room to capture it all. */
static gboolean
on_forward_slowly (ZmqProxy         *proxy,
                   ZmqProxyDirection direction,
                   ZmqMessage       *message,
                   gpointer          data)
{
  Middle *middle = data;

  for (guint i = 0; direction == ZMQGLIB_PROXY_DIRECTION_IN && i < N_ANSWERS; i++)
    test_send_string (middle->service, "answer");
  if (direction == ZMQGLIB_PROXY_DIRECTION_IN)
    middle_assert_nothing (middle, NULL);

  return FALSE;
}

static void
test_capture_in_handler (void)
{
  g_auto (Middle) middle = MIDDLE_INIT;
  g_autoptr (ZmqSocket) watcher = NULL;
  guint n_questions = 0;

  middle_open (&middle, ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR);
  watcher = middle_capture (&middle);
  g_signal_connect (middle.proxy, "forward", G_CALLBACK (on_forward_slowly), &middle);
  middle_start (&middle, GINT_TO_POINTER (FALSE));

  test_send_string (middle.client, "question");
  for (guint i = 0; i < N_ANSWERS + 1; i++)
    {
      g_autoptr (ZmqMessage) message = middle_receive_any (&middle, watcher);
      g_autofree char *text = zmqglib_message_get_string (message, 0, NULL);

      n_questions += g_str_equal (text, "question");
    }
  g_assert_cmpuint (n_questions, ==, 1);
  middle_receive (&middle, middle.service, "question");
  middle_stop (&middle);
}

static gboolean
on_forward (ZmqProxy         *proxy,
            ZmqProxyDirection direction,
            ZmqMessage       *message,
            gpointer          data)
{
  g_autofree char *text = zmqglib_message_get_string (message, 0, NULL);

  g_assert_cmpint (direction, ==, ZMQGLIB_PROXY_DIRECTION_IN);
  if (g_str_equal (text, "change"))
    zmqglib_message_append_string (message, "changed");
  else if (g_str_equal (text, "empty"))
    g_bytes_unref (zmqglib_message_pop_frame (message));

  return g_str_equal (text, "drop");
}

/* A handler may look, change and drop. */
static void
test_forward (gconstpointer data)
{
  g_auto (Middle) middle = MIDDLE_INIT;
  g_autoptr (ZmqMessage) changed = NULL;

  middle_open (&middle, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL);
  g_signal_connect (middle.proxy, "forward", G_CALLBACK (on_forward), NULL);
  middle_start (&middle, data);
  test_send_string (middle.client, "keep");
  test_send_string (middle.client, "drop");
  test_send_string (middle.client, "empty");
  test_send_string (middle.client, "change");
  middle_receive (&middle, middle.service, "keep");
  changed = middle_receive_any (&middle, middle.service);
  g_assert_cmpuint (zmqglib_message_get_n_frames (changed), ==, 2);
  middle_stop (&middle);
  g_assert_cmpuint (zmqglib_proxy_get_n_forwarded_in (middle.proxy), ==, 2);
}

static gboolean
on_forward_stop (ZmqProxy         *proxy,
                 ZmqProxyDirection direction,
                 ZmqMessage       *message,
                 gpointer          data)
{
  Middle *middle = data;

  if (middle->drops_in_handler)
    g_object_unref (proxy);
  else
    zmqglib_proxy_stop (proxy);

  return FALSE;
}

/* It may stop the proxy, or drop it, from within. */
static void
test_stopped_in_handler (gconstpointer data)
{
  for (guint drops = 0; drops < 2; drops++)
    {
      g_auto (Middle) middle = MIDDLE_INIT;

      middle_open (&middle, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL);
      middle.drops_in_handler = drops;
      g_signal_connect (middle.proxy, "forward", G_CALLBACK (on_forward_stop), &middle);
      middle_start (&middle, data);
      test_send_string (middle.client, "the last");
      middle_receive (&middle, middle.service, "the last");
      if (drops)
        middle.proxy = NULL;
      else
        middle_await_stop (&middle);
    }
}

static gboolean
on_forward_nested (ZmqProxy         *proxy,
                   ZmqProxyDirection direction,
                   ZmqMessage       *message,
                   gpointer          data)
{
  /* the other direction goes on */
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (g_main_context_get_thread_default (), FALSE);

  return FALSE;
}

static void
test_nested_loop (gconstpointer data)
{
  g_auto (Middle) middle = MIDDLE_INIT;

  middle_open (&middle, ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_DEALER);
  g_signal_connect (middle.proxy, "forward", G_CALLBACK (on_forward_nested), NULL);
  middle_start (&middle, data);
  for (guint i = 0; i < 100; i++)
    test_send_string (middle.client, "x");
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (ZmqMessage) message = middle_receive_any (&middle, middle.service);

      g_assert_true (zmqglib_socket_send (middle.service, message, NULL, NULL));
    }
  for (guint i = 0; i < 100; i++)
    middle_receive (&middle, middle.client, "x");
}

/* What ends without being asked to says why. */
static void
test_ends (gconstpointer data)
{
  for (guint way = 0; way < 2; way++)
    {
      g_autoptr (ZmqContext) context = zmqglib_context_new ();
      g_auto (Middle) middle = MIDDLE_INIT;

      middle.context = context;
      middle_open (&middle, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL);
      middle_start (&middle, data);
      if (way == 0)
        zmqglib_context_shutdown (context);
      else
        {
          zmqglib_socket_close (middle.client);
          zmqglib_socket_close (middle.service);
          zmqglib_context_terminate_async (context, NULL, test_keep_result, &middle.result);
        }
      middle_await_stop (&middle);
      g_assert_error (middle.error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TERMINATED);
      if (way == 1)
        test_iterate_until (NULL, test_is_set, &middle.result);
    }
}

/* A socket that is closed, before or while it runs. */
static void
test_closed (gconstpointer data)
{
  for (guint while_running = 0; while_running < 2; while_running++)
    {
      g_auto (Middle) middle = MIDDLE_INIT;

      middle_open (&middle, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL);
      /* in a thread it is the thread's */
      if (while_running && GPOINTER_TO_INT (data))
        continue;

      if (!while_running)
        zmqglib_socket_close (middle.backend);
      middle_start (&middle, data);
      if (while_running)
        zmqglib_socket_close (middle.backend);
      middle_await_stop (&middle);
      g_assert_error (middle.error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED);
    }
}

static void
on_echo (ZmqStream  *stream,
         ZmqMessage *message,
         gpointer    data)
{
  zmqglib_stream_send (stream, message, NULL);
}

static void
on_reply (ZmqStream  *stream,
          ZmqMessage *message,
          gpointer    data)
{
  (*(guint *) data)--;
}

static gboolean
is_zero (gpointer data)
{
  return *(guint *) data == 0;
}

/* Three descriptors for each client: its socket's, and both ends of its connection. */
static guint
count_possible_clients (void)
{
  struct rlimit limit;
  const guint   n_wanted = g_getenv ("ZMQGLIB_TEST_LONG") != NULL ? 10000 : 300;

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);

  return MIN (n_wanted, (limit.rlim_cur - 1000) / 3);
}

/* Each of very many clients gets its own answer. */
static void
test_many_clients (gconstpointer data)
{
  const guint n_clients = count_possible_clients ();
  g_autoptr (ZmqContext) context = g_object_new (ZMQGLIB_TYPE_CONTEXT, "max-sockets", (int) n_clients + 100, NULL);
  g_autoptr (GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (ZmqStream) service = NULL;
  g_autofree char *endpoint = NULL;
  g_auto (Middle) middle = MIDDLE_INIT;
  guint n_waiting = n_clients;

  middle.context = context;
  middle_open (&middle, ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_DEALER);
  endpoint = test_bind (middle.frontend, "tcp");
  service = zmqglib_stream_new (middle.service);
  g_signal_connect (service, "received", G_CALLBACK (on_echo), NULL);
  middle_start (&middle, data);

  for (guint i = 0; i < n_clients; i++)
    {
      g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_DEALER);
      ZmqStream *client = zmqglib_stream_new (socket);

      g_ptr_array_add (clients, client);
      g_signal_connect (client, "received", G_CALLBACK (on_reply), &n_waiting);
      g_assert_true (zmqglib_socket_connect_to (socket, endpoint, NULL));
      g_assert_true (zmqglib_stream_send_string (client, "question", NULL));
    }

  test_iterate_until (NULL, is_zero, &n_waiting);
  g_test_message ("%u clients", n_clients);
  middle_stop (&middle);
  g_assert_cmpuint (zmqglib_proxy_get_n_forwarded_out (middle.proxy), ==, n_clients);
}

static void
assert_no_proxy (ZmqSocket  *frontend,
                 ZmqSocket  *backend,
                 ZmqSocket  *capture,
                 ZmqError    code,
                 const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (zmqglib_proxy_new (frontend, backend, capture, &error));
  test_assert_error (error, code, text);
}

static void
test_errors (void)
{
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqSocket) closed = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqProxy) proxy = NULL;
  g_autoptr (GError) error = NULL;

  zmqglib_socket_close (closed);
  assert_no_proxy (pull, closed, NULL, ZMQGLIB_ERROR_CLOSED, "Could not make a proxy");
  assert_no_proxy (pull, push, closed, ZMQGLIB_ERROR_CLOSED, "Could not make a proxy");
  assert_no_proxy (pull, push, push, ZMQGLIB_ERROR_INVALID_ARGUMENT, "one of the sides");
  assert_no_proxy (push, push, pull, ZMQGLIB_ERROR_INVALID_ARGUMENT, "“pull”");

  proxy = zmqglib_proxy_new (pull, push, NULL, &error);
  g_assert_no_error (error);
  zmqglib_proxy_start (proxy);
  g_assert_false (zmqglib_proxy_start_in_thread (proxy, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE);
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "*running already*");
  zmqglib_proxy_start (proxy);
  g_test_assert_expected_messages ();
  zmqglib_proxy_stop (proxy);
}

/* A message that the backend would tear ends the proxy, and is not lost. */
static void
test_conflating (gconstpointer data)
{
  g_auto (Middle) middle = MIDDLE_INIT;
  g_autoptr (ZmqMessage) multipart = zmqglib_message_new_strings ("a", "b", NULL);
  g_autoptr (ZmqMessage) returned = NULL;

  middle_open (&middle, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL);
  g_object_set (middle.backend, "conflate", TRUE, NULL);
  middle_start (&middle, data);
  test_send_string (middle.client, "single");
  middle_receive (&middle, middle.service, "single");

  g_assert_true (zmqglib_socket_send (middle.client, multipart, NULL, NULL));
  test_send_string (middle.client, "behind");
  middle_await_stop (&middle);
  test_assert_error (middle.error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "single frame");
  zmqglib_proxy_stop (middle.proxy);
  returned = zmqglib_socket_receive (middle.frontend, NULL, NULL);
  g_assert_true (zmqglib_message_equal (returned, multipart));
  test_receive_string (middle.frontend, "behind");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  middle_add_tests ("/proxy/pipeline", test_pipeline);
  middle_add_tests ("/proxy/requests", test_requests);
  middle_add_tests ("/proxy/publishers", test_publishers);
  middle_add_tests ("/proxy/one-socket", test_one_socket);
  middle_add_tests ("/proxy/whole", test_whole);
  middle_add_tests ("/proxy/capture", test_capture);
  middle_add_tests ("/proxy/paused", test_paused);
  middle_add_tests ("/proxy/back-pressure", test_back_pressure);
  middle_add_tests ("/proxy/stopped", test_stopped);
  middle_add_tests ("/proxy/capture-stopped", test_capture_stopped);
  g_test_add_func ("/proxy/capture-in-handler", test_capture_in_handler);
  middle_add_tests ("/proxy/forward", test_forward);
  middle_add_tests ("/proxy/stopped-in-handler", test_stopped_in_handler);
  middle_add_tests ("/proxy/nested-loop", test_nested_loop);
  middle_add_tests ("/proxy/ends", test_ends);
  middle_add_tests ("/proxy/closed", test_closed);
  middle_add_tests ("/proxy/many-clients", test_many_clients);
  middle_add_tests ("/proxy/conflating", test_conflating);
  g_test_add_func ("/proxy/errors", test_errors);

  return g_test_run ();
}

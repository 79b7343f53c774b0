/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <zmq.h>

#include "test-server-util.h"

/* Servers that clients of other makes ask, several at once, and hostile ones; and what they have before a REP stream. */

#define N_REQUESTS 300

static gboolean
has_requests (gpointer data)
{
  Served *served = data;

  return served->requests->len > 0;
}

/* Replies to a request of any, from an idle source, so that several are kept. */
static gboolean
reply_to_any (gpointer data)
{
  Served          *served = data;
  guint            index;
  ZmqRequest      *request;
  g_autofree char *frames = NULL;
  g_autofree char *reply = NULL;

  if (served->requests->len == 0)
    return G_SOURCE_REMOVE;

  index = g_random_int_range (0, served->requests->len);
  request = g_ptr_array_index (served->requests, index);
  frames = served_frames (zmqglib_request_get_message (request));
  reply = g_strconcat ("to|", frames, NULL);
  served_reply_to (request, reply);
  g_ptr_array_remove_index_fast (served->requests, index);

  return has_requests (served);
}

static void
on_request_keep (ZmqServer  *server,
                 ZmqRequest *request,
                 Served     *served)
{
  served_on_request (server, request, served);
  if (served->requests->len == 1)
    g_idle_add (reply_to_any, served);
}

/* Starts a client; NULL when there is nothing to make it with. */
static GSubprocess *
start (Served     *served,
       const char *kind,
       const char *name)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "python", "requester.py", NULL);
  g_autofree char *n = g_strdup_printf ("%d", N_REQUESTS);
  gboolean         is_czmq = g_str_equal (kind, "czmq");
  const char      *program = g_getenv (is_czmq ? "TEST_REQUESTER_CZMQ" : "TEST_PYTHON");
  g_autoptr (GError) error = NULL;
  GSubprocess *client;

  if (program == NULL)
    return NULL;

  if (is_czmq)
    client = g_subprocess_new (0, &error, program, served->endpoint, name, n, NULL);
  else
    client = g_subprocess_new (0, &error, program, script, kind, served->endpoint, name, n, NULL);
  g_assert_no_error (error);

  return client;
}

/* Each client ends well only when each of its requests has had its own reply. */
static void
run_clients (const char *const *kinds,
             guint              max_pending)
{
  g_auto (Served) served = { 0 };
  g_autoptr (GPtrArray) clients = g_ptr_array_new_with_free_func (g_object_unref);

  served_open (&served, "tcp");
  zmqglib_server_set_max_pending (served.server, max_pending);
  g_signal_connect (served.server, "request", G_CALLBACK (on_request_keep), &served);
  for (guint i = 0; kinds[i] != NULL; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s %u", kinds[i], i);
      GSubprocess     *client = start (&served, kinds[i], name);

      if (client != NULL)
        g_ptr_array_add (clients, client);
    }
  if (clients->len == 0)
    {
      g_test_skip ("There is no client of another make");
      return;
    }

  for (guint i = 0; i < clients->len; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

      g_subprocess_wait_check_async (clients->pdata[i], NULL, test_keep_result, &result);
      test_iterate_until (NULL, test_is_set, &result);
      g_subprocess_wait_check_finish (clients->pdata[i], result, &error);
      g_assert_no_error (error);
    }
  g_assert_cmpuint (served.n_told, ==, N_REQUESTS * clients->len);
}

static void
test_client (gconstpointer data)
{
  const char *kinds[] = { data, NULL };

  run_clients (kinds, 0);
}

static void
test_clients (gconstpointer data)
{
  const char *kinds[] = { "req", "dealer", "dealer-bare", "router", "czmq", "dealer", "req", NULL };

  run_clients (kinds, GPOINTER_TO_UINT (data));
}

/* Two replies, of which the second is one too many. */
static void
on_received_twice (ZmqStream  *stream,
                   ZmqMessage *message,
                   gpointer    data)
{
  g_autoptr (ZmqMessage) second = served_message ("second");

  g_assert_true (zmqglib_stream_send (stream, message, NULL));
  g_assert_true (zmqglib_stream_send (stream, second, NULL));
}

static void
on_request_twice (ZmqServer  *server,
                  ZmqRequest *request,
                  gpointer    data)
{
  g_assert_true (zmqglib_request_reply (request, zmqglib_request_get_message (request), NULL));
  served_reply_fails (request, "second", ZMQGLIB_ERROR_WRONG_STATE, "reply");
}

/* A REP stream keeps the reply that is one too many until it has a turn again: it goes to whoever asks next. */
static void
test_second_reply_of_stream (void)
{
  Served served = { .context = zmqglib_context_new () };
  g_autoptr (ZmqSocket) rep = test_socket_new (served.context, ZMQGLIB_SOCKET_REP);
  g_autoptr (ZmqSocket) first = NULL;
  g_autoptr (ZmqSocket) other = NULL;
  g_autoptr (ZmqStream) stream = NULL;

  served.endpoint = test_bind (rep, "tcp");
  stream = zmqglib_stream_new (rep);
  g_signal_connect (stream, "received", G_CALLBACK (on_received_twice), NULL);
  first = served_new_client (&served, ZMQGLIB_SOCKET_REQ);
  other = served_new_client (&served, ZMQGLIB_SOCKET_REQ);
  served_ask (first, "of the first");
  served_expect (first, "of the first");
  served_ask (other, "of the other");
  served_expect (other, "second");
  served_clear (&served);
}

static void
test_second_reply_of_server (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) first = NULL;
  g_autoptr (ZmqSocket) other = NULL;

  served_open (&served, "tcp");
  g_signal_connect (served.server, "request", G_CALLBACK (on_request_twice), NULL);
  first = served_new_client (&served, ZMQGLIB_SOCKET_REQ);
  other = served_new_client (&served, ZMQGLIB_SOCKET_REQ);
  served_ask (first, "of the first");
  served_expect (first, "of the first");
  served_ask (other, "of the other");
  served_expect (other, "of the other");
  served_ask (first, "again");
  served_expect (first, "again");
}

/* A client that sends very many frames, empty or not: all of the envelope, or all of the body. */
typedef struct
{
  const char *endpoint;
  const char *frame;
  guint       n_frames;
} Flood;

static gpointer
flood_thread (gpointer data)
{
  Flood *flood = data;
  void  *context = zmq_ctx_new ();
  void  *socket = zmq_socket (context, ZMQ_DEALER);
  int    linger = 0;

  zmq_connect (socket, flood->endpoint);
  for (guint i = 0; i < flood->n_frames; i++)
    zmq_send (socket, flood->frame, strlen (flood->frame), ZMQ_SNDMORE);
  zmq_send (socket, "", 0, ZMQ_SNDMORE);
  zmq_send (socket, "end", 3, 0);
  /* one small one behind it, whose reply is awaited */
  zmq_send (socket, "", 0, ZMQ_SNDMORE);
  zmq_send (socket, "small", 5, 0);
  for (;;)
    {
      char buffer[8];
      int  n = zmq_recv (socket, buffer, sizeof buffer, 0);

      if (n == 5 && memcmp (buffer, "small", 5) == 0)
        break;
    }
  zmq_setsockopt (socket, ZMQ_LINGER, &linger, sizeof linger);
  zmq_close (socket);
  zmq_ctx_term (context);

  return NULL;
}

static void
on_request_small (ZmqServer  *server,
                  ZmqRequest *request,
                  Served     *served)
{
  ZmqMessage      *message = zmqglib_request_get_message (request);
  g_autofree char *frames = zmqglib_message_get_n_frames (message) == 1 ? served_frames (message) : g_strdup ("many");

  served->n_told++;
  served_reply_to (request, frames);
}

static void
run_flood (const char *frame,
           guint       max_frames,
           guint       n_told)
{
  g_auto (Served) served = { 0 };
  Flood    flood = { .frame = frame, .n_frames = test_is_slow_tool () ? 20000 : 1000000 };
  GThread *thread;

  served_open (&served, "tcp");
  g_object_set (zmqglib_server_get_socket (served.server), "max-frames", max_frames, NULL);
  g_signal_connect (served.server, "request", G_CALLBACK (on_request_small), &served);
  flood.endpoint = served.endpoint;
  thread = g_thread_new ("floods", flood_thread, &flood);
  served_wait (&served, n_told);
  g_thread_join (thread);
}

static void
test_long_envelope (void)
{
  run_flood ("x", 0, 2);
}

static void
test_long_body (void)
{
  run_flood ("", 0, 2);
}

static void
test_max_frames (void)
{
  run_flood ("x", 100, 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/server/client/req", "req", test_client);
  g_test_add_data_func ("/server/client/dealer", "dealer", test_client);
  g_test_add_data_func ("/server/client/dealer-bare", "dealer-bare", test_client);
  g_test_add_data_func ("/server/client/router", "router", test_client);
  g_test_add_data_func ("/server/client/czmq", "czmq", test_client);
  g_test_add_data_func ("/server/clients/any-number", GUINT_TO_POINTER (0), test_clients);
  g_test_add_data_func ("/server/clients/few", GUINT_TO_POINTER (3), test_clients);
  g_test_add_func ("/server/second-reply/of-a-stream", test_second_reply_of_stream);
  g_test_add_func ("/server/second-reply/of-a-server", test_second_reply_of_server);
  g_test_add_func ("/server/long-envelope", test_long_envelope);
  g_test_add_func ("/server/long-body", test_long_body);
  g_test_add_func ("/server/max-frames", test_max_frames);

  return g_test_run ();
}

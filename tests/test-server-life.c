/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <sys/wait.h>
#include <unistd.h>

#include "test-server-util.h"

/* What becomes of a server and its requests when one of them, or what they need, goes, and in other threads. */

static gboolean
is_null (gpointer data)
{
  return *(gpointer *) data == NULL;
}

static gboolean
server_is_closed (gpointer data)
{
  return zmqglib_server_is_closed (data);
}

/* Nothing keeps a context whose server was closed. */
static void
terminate (ZmqContext *context)
{
  g_autoptr (GError) error = NULL;

  zmqglib_context_terminate (context, NULL, &error);
  g_assert_no_error (error);
}

/* Requests that are under way, one of them replied to by another thread just before. */
static void
test_close (gconstpointer data)
{
  gboolean drops = GPOINTER_TO_INT (data);
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;
  g_autoptr (GError) error = NULL;

  served_open (&served, "tcp");
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  served_ask (client, "1||a");
  served_ask (client, "2||b");
  served_wait (&served, 2);
  served_reply (&served, 0, "A");

  if (drops)
    g_clear_object (&served.server);
  else
    {
      zmqglib_server_close (served.server);
      g_assert_true (zmqglib_server_is_closed (served.server));
      zmqglib_server_close (served.server);
      g_assert_true (zmqglib_socket_is_closed (zmqglib_server_get_socket (served.server)));
      g_assert_false (zmqglib_server_bind (served.server, "tcp://127.0.0.1:*", &error));
      test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "“tcp://127.0.0.1:*”: The server is closed");
    }
  served_reply_fails (served_get (&served, 1), "B", ZMQGLIB_ERROR_CLOSED, "reply");
  served_reply_fails (served_get (&served, 1), "B", ZMQGLIB_ERROR_CLOSED, "reply");
  served_reply_fails (served_get (&served, 0), "B", ZMQGLIB_ERROR_WRONG_STATE, "reply");
  served_check (&served, 1, "b");
  served_expect (client, "1||A");
  g_ptr_array_set_size (served.requests, 0);
  if (!drops)
    g_assert_cmpuint (zmqglib_server_get_n_pending (served.server), ==, 0);
  zmqglib_socket_close (client);
  terminate (served.context);
}

static gpointer
reply_thread (gpointer data)
{
  served_reply_to (data, "from a thread");

  return NULL;
}

/* What another thread has replied before the end is sent. */
static void
test_close_after_thread (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;

  served_open (&served, "tcp");
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_REQ);
  served_ask (client, "a");
  served_wait (&served, 1);
  g_main_context_acquire (NULL);
  g_thread_join (g_thread_new ("replies", reply_thread, served_get (&served, 0)));
  zmqglib_server_close (served.server);
  g_main_context_release (NULL);
  served_expect (client, "from a thread");
}

static gpointer
close_thread (gpointer data)
{
  zmqglib_server_close (data);

  return NULL;
}

/* What ends the server from outside. */
static void
test_ended (gconstpointer data)
{
  const char *how = data;
  g_auto (Served) served = { 0 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (ZmqSocket) client = NULL;

  served_open (&served, "tcp");
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  served_ask (client, "a");
  served_wait (&served, 1);

  if (g_str_equal (how, "context"))
    zmqglib_context_shutdown (served.context);
  else if (g_str_equal (how, "termination"))
    {
      zmqglib_socket_close (client);
      zmqglib_context_terminate_async (served.context, NULL, test_keep_result, &result);
      test_iterate_until (NULL, test_is_set, &result);
    }
  else if (g_str_equal (how, "socket"))
    zmqglib_socket_close (zmqglib_server_get_socket (served.server));
  else
    g_thread_join (g_thread_new ("closes", close_thread, served.server));
  test_iterate_until (NULL, server_is_closed, served.server);
  served_reply_fails (served_get (&served, 0), "A", ZMQGLIB_ERROR_CLOSED, "reply");
  zmqglib_socket_close (client);
  terminate (served.context);
}

static void
on_request_end (ZmqServer  *server,
                ZmqRequest *request,
                Served     *served)
{
  served->n_told++;
  if (served->handler != 0)
    zmqglib_server_close (server);
  g_clear_object (&served->server);
  g_ptr_array_add (served->requests, g_object_ref (request));
}

/* A handler drops the server, or closes it first, with more to be told. */
static void
test_ended_in_handler (gconstpointer data)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;

  served_open (&served, "inproc");
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  for (guint i = 0; i < 10; i++)
    served_ask (client, "a");
  served.handler = GPOINTER_TO_INT (data);
  g_signal_connect (served.server, "request", G_CALLBACK (on_request_end), &served);
  g_object_add_weak_pointer (G_OBJECT (served.server), (gpointer *) &served.server);
  test_iterate_until (NULL, is_null, &served.server);
  served_settle ();
  g_assert_cmpuint (served.n_told, ==, 1);
  served_reply_fails (served_get (&served, 0), "A", ZMQGLIB_ERROR_CLOSED, "reply");
  zmqglib_socket_close (client);
  terminate (served.context);
}

typedef struct
{
  Served    *served;
  guint      n_nested;
  GThread   *thread;
  ZmqSocket *client;
} Nesting;

static void
on_request_nest (ZmqServer  *server,
                 ZmqRequest *request,
                 Nesting    *nesting)
{
  Served *served = nesting->served;

  served_on_request (server, request, served);
  if (served->n_told > 1)
    return;

  /* while the first is being told: further ones are told, and a reply of another thread’s gets away */
  served_wait (served, 3);
  nesting->thread = g_thread_new ("replies", reply_thread, served_get (served, 1));
  served_expect (nesting->client, "2||from a thread");
  served_reply (served, 2, "C");
  served_expect (nesting->client, "3||C");
  nesting->n_nested++;
}

static void
test_nested_loop (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;
  Nesting nesting = { &served };

  served_open (&served, "tcp");
  client = nesting.client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  g_signal_connect (served.server, "request", G_CALLBACK (on_request_nest), &nesting);
  served_ask (client, "1||a");
  served_ask (client, "2||b");
  served_ask (client, "3||c");
  served_wait (&served, 3);
  test_iterate_until (NULL, test_is_true, &nesting.n_nested);
  served_reply (&served, 0, "A");
  served_expect (client, "1||A");
  g_thread_join (nesting.thread);
}

static gpointer
unref_thread (gpointer data)
{
  g_object_unref (data);

  return NULL;
}

/* The last reference goes in another thread, while requests come. */
static void
test_dropped_in_thread (void)
{
  for (guint i = 0; i < 50; i++)
    {
      Served served = { 0 };
      g_autoptr (ZmqSocket) client = NULL;
      GThread *thread;

      served_open (&served, "inproc");
      served_listen (&served);
      client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
      for (guint j = 0; j < 20; j++)
        served_ask (client, "a");
      for (guint j = 0; j < i % 7; j++)
        g_main_context_iteration (NULL, FALSE);
      g_object_add_weak_pointer (G_OBJECT (served.server), (gpointer *) &served.server);
      thread = g_thread_new ("drops", unref_thread, served.server);
      while (g_atomic_pointer_get (&served.server) != NULL)
        g_main_context_iteration (NULL, FALSE);
      g_thread_join (thread);
      zmqglib_socket_close (client);
      terminate (served.context);
      served_clear (&served);
    }
}

/* Requests are kept, dropped and replied to by a pool of threads, each of which is told the next at once when one makes
 * room. */
#define N_CLIENTS  3
#define N_THREADS  4
#define N_REQUESTS (test_is_slow_tool () ? 100 : 1000)

typedef struct
{
  GThreadPool *pool;
  guint        n_told;
  guint        most_pending;
} Pool;

static void
work (gpointer data,
      gpointer user_data)
{
  ZmqRequest      *request = data;
  ZmqMessage      *message = zmqglib_request_get_message (request);
  g_autofree char *frames = served_frames (message);
  g_autofree char *reply = g_strconcat ("to ", frames, NULL);

  if (g_str_has_suffix (frames, "dropped"))
    g_thread_yield ();
  else
    served_reply_to (request, reply);
  g_object_unref (request);
}

static void
on_request_push (ZmqServer  *server,
                 ZmqRequest *request,
                 Pool       *pool)
{
  pool->n_told++;
  pool->most_pending = MAX (pool->most_pending, zmqglib_server_get_n_pending (server));
  g_thread_pool_push (pool->pool, g_object_ref (request), NULL);
}

static gpointer
client_thread (gpointer data)
{
  g_autoptr (ZmqSocket) client = data;
  g_autofree char *name = g_uuid_string_random ();
  g_autoptr (GHashTable) awaited = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < (guint) N_REQUESTS; i++)
    {
      g_autofree char *frames = g_strdup_printf ("%s|%u||%s|%u%s", name, i, name, i, i % 3 == 0 ? "dropped" : "");

      served_ask (client, frames);
      if (i % 3 != 0)
        g_hash_table_add (awaited, g_strdup_printf ("%s|%u||to %s|%u", name, i, name, i));
    }
  while (g_hash_table_size (awaited) > 0)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqMessage) message = zmqglib_socket_receive (client, NULL, &error);
      g_autofree char *frames = NULL;

      g_assert_no_error (error);
      frames = served_frames (message);
      g_assert_true (g_hash_table_remove (awaited, frames));
    }
  served_expect_nothing (client);

  return NULL;
}

static gboolean
pool_has_told_all (gpointer data)
{
  Pool *pool = data;

  return pool->n_told >= N_CLIENTS * (guint) N_REQUESTS;
}

static void
test_threads (gconstpointer data)
{
  guint max_pending = GPOINTER_TO_UINT (data);
  g_auto (Served) served = { 0 };
  Pool     pool = { 0 };
  GThread *threads[N_CLIENTS];

  served_open (&served, "tcp");
  pool.pool = g_thread_pool_new (work, NULL, N_THREADS, FALSE, NULL);
  zmqglib_server_set_max_pending (served.server, max_pending);
  g_signal_connect (served.server, "request", G_CALLBACK (on_request_push), &pool);
  for (guint i = 0; i < N_CLIENTS; i++)
    threads[i] = g_thread_new ("asks", client_thread, served_new_client (&served, ZMQGLIB_SOCKET_DEALER));
  test_iterate_until (NULL, pool_has_told_all, &pool);
  served_wait_pending (&served, 0);
  g_thread_pool_free (pool.pool, FALSE, TRUE);
  served_settle ();
  for (guint i = 0; i < N_CLIENTS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (pool.n_told, ==, N_CLIENTS * (guint) N_REQUESTS);
  if (max_pending > 0)
    g_assert_cmpuint (pool.most_pending, <=, max_pending);
}

static gpointer
limit_thread (gpointer data)
{
  zmqglib_server_set_max_pending (data, 3);

  return NULL;
}

/* A loop that sleeps hears that it may tell more. */
static void
test_limit_of_thread (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;
  GThread *thread;

  served_open (&served, "inproc");
  zmqglib_server_set_max_pending (served.server, 1);
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  for (guint i = 0; i < 4; i++)
    served_ask (client, "a");
  served_wait (&served, 1);
  served_settle ();
  g_main_context_acquire (NULL);
  thread = g_thread_new ("limits", limit_thread, served.server);
  served_wait (&served, 3);
  g_main_context_release (NULL);
  g_thread_join (thread);
  g_thread_join (g_thread_new ("drops", unref_thread, g_ptr_array_steal_index (served.requests, 0)));
  served_wait (&served, 4);
}

/* The replies of one thread keep their order, whatever they reply to. */
static gpointer
reply_all_thread (gpointer data)
{
  GPtrArray *requests = data;

  for (guint i = requests->len; i > 0; i--)
    {
      g_autofree char *frames = g_strdup_printf ("%u", requests->len - i);

      served_reply_to (requests->pdata[i - 1], frames);
    }

  return NULL;
}

static void
test_order_of_thread (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;
  GThread *thread;

  served_open (&served, "tcp");
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  for (guint i = 0; i < 200; i++)
    served_ask (client, "a");
  served_wait (&served, 200);
  thread = g_thread_new ("replies", reply_all_thread, served.requests);
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *frames = g_strdup_printf ("%u", i);

      served_expect (client, frames);
    }
  g_thread_join (thread);
}

/* A server of a thread’s own main context. */
static gpointer
server_thread (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  GAsyncQueue *queue = data;
  g_auto (Served) served = { 0 };

  g_main_context_push_thread_default (context);
  served_open (&served, "tcp");
  served_listen (&served);
  g_async_queue_push (queue, g_strdup (served.endpoint));
  test_iterate_until (context, served_has_told, &(ServedCondition){ &served, 1 });
  served_reply (&served, 0, "A");
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_own_context (void)
{
  g_autoptr (GAsyncQueue) queue = g_async_queue_new ();
  GThread *thread = g_thread_new ("serves", server_thread, queue);
  Served   served = { .context = zmqglib_context_get_default () };
  g_autoptr (ZmqSocket) client = NULL;

  served.endpoint = g_async_queue_pop (queue);
  client = served_new_client (&served, ZMQGLIB_SOCKET_REQ);
  served_ask (client, "a");
  test_receive_string (client, "A");
  g_thread_join (thread);
  g_free (served.endpoint);
}

static ZmqServer *
new_owned (ZmqContext *context)
{
  g_autoptr (GError) error = NULL;
  ZmqServer *server = g_initable_new (ZMQGLIB_TYPE_SERVER, NULL, &error, "context", context, "owned-by-loop", TRUE, NULL);

  g_assert_no_error (error);

  return server;
}

/* It lives until it is closed, or its socket is, and then nothing keeps it. */
static void
test_owned_by_loop (gconstpointer data)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  ZmqServer *server = new_owned (context);

  g_object_add_weak_pointer (G_OBJECT (server), (gpointer *) &server);
  g_object_unref (server);
  g_main_context_iteration (NULL, FALSE);
  g_assert_nonnull (server);

  if (g_str_equal (data, "close"))
    zmqglib_server_close (server);
  else if (g_str_equal (data, "socket"))
    zmqglib_socket_close (zmqglib_server_get_socket (server));
  else
    zmqglib_context_shutdown (context);
  test_iterate_until (NULL, is_null, &server);
  terminate (context);
}

/* A main context that is never run goes with what was to be told, and requests that are left keep nothing of it. */
static void
test_context_goes (gconstpointer data)
{
  gboolean owned = GPOINTER_TO_INT (data);
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;
  GMainContext *main_context = g_main_context_new ();
  GSource      *witness = g_idle_source_new ();

  g_main_context_push_thread_default (main_context);
  served_open (&served, "inproc");
  if (owned)
    {
      g_clear_object (&served.server);
      served.server = new_owned (served.context);
      served_bind (&served, "inproc");
    }
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  served_ask (client, "a");
  served_ask (client, "b");
  test_iterate_until (main_context, served_has_told, &(ServedCondition){ &served, 1 });
  g_source_attach (witness, main_context);
  g_main_context_pop_thread_default (main_context);
  g_main_context_unref (main_context);
  g_assert_false (g_source_is_destroyed (witness));

  g_object_add_weak_pointer (G_OBJECT (served.server), (gpointer *) &served.server);
  if (owned)
    zmqglib_server_close (served.server);
  g_object_unref (served.server);
  g_assert_null (served.server);
  g_assert_true (g_source_is_destroyed (witness));
  g_source_unref (witness);
  served_reply_fails (served_get (&served, 0), "A", ZMQGLIB_ERROR_CLOSED, "reply");
  g_ptr_array_set_size (served.requests, 0);
}

static void
child (Served *served)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("from a child");
  g_autoptr (GError) error = NULL;

  alarm (TEST_TIMEOUT_SECONDS);
  g_assert_true (zmqglib_server_is_closed (served->server));
  g_assert_false (zmqglib_request_reply (served_get (served, 0), message, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "reply");
  g_assert_false (zmqglib_server_bind (served->server, "tcp://127.0.0.1:*", &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "“tcp://127.0.0.1:*”: It belongs");
  zmqglib_server_set_max_pending (served->server, 1);
  g_main_context_iteration (NULL, FALSE);
  g_ptr_array_set_size (served->requests, 0);
  zmqglib_server_close (served->server);
  g_clear_object (&served->server);
  g_main_context_iteration (NULL, FALSE);
  _exit (0);
}

/* A child finds the server dead, and disturbs nothing. */
static void
test_fork (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;
  pid_t pid;
  int   status;

  if (test_is_slow_tool ())
    {
      g_test_skip ("What a child leaves alone is lost for valgrind");
      return;
    }

  served_open (&served, "tcp");
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  served_ask (client, "1||a");
  served_ask (client, "2||b");
  served_wait (&served, 2);
  g_signal_handler_block (served.server, served.handler);
  served_ask (client, "3||c");
  test_iterate_until (NULL, (TestDoneFunc) served_has_input, &served);
  pid = fork ();
  if (pid == 0)
    child (&served);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);

  g_signal_handler_unblock (served.server, served.handler);
  served_wait (&served, 3);
  served_reply (&served, 2, "C");
  served_reply (&served, 0, "A");
  served_expect (client, "3||C");
  served_expect (client, "1||A");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/server/close", GINT_TO_POINTER (FALSE), test_close);
  g_test_add_data_func ("/server/drop", GINT_TO_POINTER (TRUE), test_close);
  g_test_add_func ("/server/close-after-thread", test_close_after_thread);
  g_test_add_data_func ("/server/ended/by-context", "context", test_ended);
  g_test_add_data_func ("/server/ended/by-termination", "termination", test_ended);
  g_test_add_data_func ("/server/ended/by-socket", "socket", test_ended);
  g_test_add_data_func ("/server/ended/by-thread", "thread", test_ended);
  g_test_add_data_func ("/server/dropped-in-handler", GINT_TO_POINTER (FALSE), test_ended_in_handler);
  g_test_add_data_func ("/server/closed-in-handler", GINT_TO_POINTER (TRUE), test_ended_in_handler);
  g_test_add_func ("/server/nested-loop", test_nested_loop);
  g_test_add_func ("/server/dropped-in-thread", test_dropped_in_thread);
  g_test_add_data_func ("/server/threads/any-number", GUINT_TO_POINTER (0), test_threads);
  g_test_add_data_func ("/server/threads/one", GUINT_TO_POINTER (1), test_threads);
  g_test_add_data_func ("/server/threads/few", GUINT_TO_POINTER (5), test_threads);
  g_test_add_func ("/server/limit-of-thread", test_limit_of_thread);
  g_test_add_func ("/server/order-of-thread", test_order_of_thread);
  g_test_add_func ("/server/own-context", test_own_context);
  g_test_add_data_func ("/server/owned-by-loop/close", "close", test_owned_by_loop);
  g_test_add_data_func ("/server/owned-by-loop/socket", "socket", test_owned_by_loop);
  g_test_add_data_func ("/server/owned-by-loop/context", "context", test_owned_by_loop);
  g_test_add_data_func ("/server/context-goes", GINT_TO_POINTER (FALSE), test_context_goes);
  g_test_add_data_func ("/server/context-goes/owned", GINT_TO_POINTER (TRUE), test_context_goes);
  g_test_add_func ("/server/fork", test_fork);

  return g_test_run ();
}

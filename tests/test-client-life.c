/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <sys/wait.h>
#include <unistd.h>

#include "test-requests.h"

/* Who may be alive where: clients, their contexts and threads, ended in any order; and who blocks. */

static ZmqMessage *
request (ZmqClient    *client,
         const char   *text,
         GCancellable *cancellable,
         GError      **error)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (text);

  return zmqglib_client_request (client, message, cancellable, error);
}

static void
check_request (ZmqClient  *client,
               const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) answer = request (client, text, NULL, &error);
  g_autofree char *expected = g_strconcat ("re: ", text, NULL);
  g_autofree char *answered = NULL;

  g_assert_no_error (error);
  answered = zmqglib_message_get_string (answer, 0, &error);
  g_assert_cmpstr (answered, ==, expected);
}

static void
test_blocks (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  GAsyncResult *result = NULL;

  raw_server_start (&server, ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  client = requests_client (server.endpoint);
  for (guint i = 0; i < 10; i++)
    check_request (client, "blocking");
  requests_send (client, "not blocking", NULL, &result);
  check_request (client, "blocking");
  requests_check (client, &result, "re: not blocking");
}

static gpointer
block_often (gpointer data)
{
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *text = g_strdup_printf ("%p %u", g_thread_self (), i);

      check_request (data, text);
    }

  return NULL;
}

static void
test_blocks_in_threads (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  GThread *threads[4];

  raw_server_start (&server, ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  client = requests_client (server.endpoint);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("asking", block_often, client);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (zmqglib_client_get_n_pending (client), ==, 0);
}

/* Whoever blocks does not run the program's main loop. */
static gboolean
on_other (gpointer data)
{
  g_assert_not_reached ();
}

static void
on_answer (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (GSource) source_of_others = g_idle_source_new ();
  g_autoptr (ZmqMessage) answer = zmqglib_client_request_finish (ZMQGLIB_CLIENT (source), result, NULL);

  g_assert_nonnull (answer);
  g_source_set_callback (source_of_others, on_other, NULL, NULL);
  g_source_attach (source_of_others, NULL);
  check_request (ZMQGLIB_CLIENT (source), "within");
  g_source_destroy (source_of_others);
  *(gboolean *) data = TRUE;
}

static void
test_blocks_in_a_callback (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("outside");
  gboolean was_called = FALSE;

  raw_server_start (&server, ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  client = requests_client (server.endpoint);
  zmqglib_client_request_async (client, message, NULL, on_answer, &was_called);
  test_iterate_until (NULL, test_is_true, &was_called);
}

typedef struct
{
  ZmqClient    *client;
  GCancellable *cancellable;
  GError       *error;
} Blocked;

static gpointer
block (gpointer data)
{
  Blocked *blocked = data;

  g_assert_null (request (blocked->client, "for ever", blocked->cancellable, &blocked->error));

  return NULL;
}

static void
test_blocking_ends (void)
{
  g_auto (RawServer) server = { 0 };
  Blocked  blocked = { .cancellable = g_cancellable_new () };
  GThread *thread;

  raw_server_start (&server, ZMQ_ROUTER, NULL, NULL, NULL);
  blocked.client = requests_client (server.endpoint);
  zmqglib_client_set_timeout_us (blocked.client, -1);

  thread = g_thread_new ("blocked", block, &blocked);
  while (raw_server_count (&server) < 1)
    g_thread_yield ();
  g_cancellable_cancel (blocked.cancellable);
  g_thread_join (thread);
  g_assert_error (blocked.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&blocked.error);
  g_clear_object (&blocked.cancellable);

  thread = g_thread_new ("blocked", block, &blocked);
  while (raw_server_count (&server) < 2)
    g_thread_yield ();
  zmqglib_client_close (blocked.client);
  g_thread_join (thread);
  test_assert_error (blocked.error, ZMQGLIB_ERROR_CLOSED, "closed");

  block (&blocked);
  test_assert_error (blocked.error, ZMQGLIB_ERROR_CLOSED, "closed");
  g_object_unref (blocked.client);
}

/* The context’s end waits for none of its sockets. */
static void
test_context_ends (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqClient) client = zmqglib_client_new (context, NULL);
  GAsyncResult *result = NULL;

  raw_server_start (&server, ZMQ_ROUTER, NULL, NULL, NULL);
  zmqglib_client_connect_to (client, server.endpoint, NULL);
  zmqglib_client_set_timeout_us (client, -1);
  requests_send (client, "the end", NULL, &result);
  requests_until (raw_server_count (&server) == 1);
  zmqglib_context_shutdown (context);
  error = requests_fail (client, &result);
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TERMINATED);
  g_clear_error (&error);
  g_assert_true (zmqglib_client_is_closed (client));

  zmqglib_context_terminate (context, NULL, &error);
  g_assert_no_error (error);
}

/* Nobody runs the sockets of who has blocked. */
static void
test_context_ends_after_blocking (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqClient) client = zmqglib_client_new (context, NULL);

  raw_server_start (&server, ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  zmqglib_client_connect_to (client, server.endpoint, NULL);
  check_request (client, "once");
  zmqglib_context_shutdown (context);
  requests_until (zmqglib_client_is_closed (client));
  /* the main loop closes the sockets of who has blocked, too */
  requests_until (zmqglib_context_terminate (context, NULL, NULL));
}

static gpointer
connect_elsewhere (gpointer data)
{
  g_autoptr (GError) error = NULL;

  zmqglib_client_connect_to (data, "tcp://127.0.0.1:5", &error);
  g_assert_no_error (error);

  return NULL;
}

/* The loop hears of what another thread has connected only at the end, and leaves no socket open. */
static void
test_connected_elsewhere_and_closed (gconstpointer envelope)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqClient) client = zmqglib_client_new (context, NULL);
  g_autoptr (GError) error = NULL;

  zmqglib_client_set_envelope (client, GPOINTER_TO_INT (envelope));
  g_assert_true (g_main_context_acquire (NULL));
  g_thread_join (g_thread_new ("connects", connect_elsewhere, client));
  zmqglib_client_close (client);
  g_main_context_release (NULL);
  requests_until (zmqglib_client_is_closed (client));

  zmqglib_context_terminate (context, NULL, &error);
  g_assert_no_error (error);
}

static void
test_closed (void)
{
  g_autoptr (ZmqClient) client = requests_client ("tcp://127.0.0.1:5");
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  requests_send (client, "before", NULL, &result);
  zmqglib_client_close (client);
  zmqglib_client_close (client);
  g_assert_true (zmqglib_client_is_closed (client));
  error = requests_fail (client, &result);
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "closed");
  requests_send (client, "after", NULL, &result);
  error = requests_fail (client, &result);
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "closed");
  g_assert_false (zmqglib_client_connect_to (client, "tcp://127.0.0.1:5", &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "“tcp://127.0.0.1:5”: The client is closed");
  g_assert_false (zmqglib_client_disconnect_from (client, "tcp://127.0.0.1:5", &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "closed");
}

/* A request keeps its client, and nothing keeps one without. */
static void
test_dropped (void)
{
  g_auto (RawServer) server = { 0 };
  ZmqClient    *client;
  GAsyncResult *result = NULL;

  raw_server_start (&server, ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  client = requests_client (server.endpoint);
  g_object_add_weak_pointer (G_OBJECT (client), (gpointer *) &client);
  requests_send (client, "keep me", NULL, &result);
  g_object_unref (client);
  requests_until (result != NULL);
  g_assert_nonnull (client);
  g_clear_object (&result);
  requests_until (client == NULL);
}

static gpointer
drop (gpointer data)
{
  g_object_unref (data);

  return NULL;
}

static void
test_dropped_elsewhere (void)
{
  g_auto (RawServer) server = { 0 };

  raw_server_start (&server, ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  for (guint i = 0; i < 20; i++)
    {
      ZmqClient    *client = requests_client (server.endpoint);
      GAsyncResult *result = NULL;

      requests_send (client, "hello", NULL, &result);
      requests_check (client, &result, "re: hello");
      check_request (client, "and blocking");
      requests_send (client, "hello", NULL, &result);
      g_thread_join (g_thread_new ("drop", drop, client));
      requests_until (result != NULL);
      g_object_unref (result);
    }
}

/* In Python and JavaScript, until it is closed. */
static void
test_owned_by_loop (void)
{
  g_autoptr (GError) error = NULL;
  ZmqClient *client = g_initable_new (ZMQGLIB_TYPE_CLIENT, NULL, &error, "owned-by-loop", TRUE, NULL);
  ZmqClient *weak = client;

  g_assert_no_error (error);
  g_object_add_weak_pointer (G_OBJECT (client), (gpointer *) &weak);
  g_object_unref (client);
  g_assert_nonnull (weak);
  zmqglib_client_close (client);
  requests_until (weak == NULL);
}

/* Anybody may ask; the answer comes where it was asked. */
static gpointer
ask_from_own_loop (gpointer data)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("from afar");
  GAsyncResult *results[50] = { NULL };

  g_main_context_push_thread_default (main_context);
  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    zmqglib_client_request_async (data, message, NULL, test_keep_result, &results[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (ZmqMessage) answer = NULL;

      test_iterate_until (main_context, test_is_set, &results[i]);
      answer = zmqglib_client_request_finish (data, results[i], NULL);
      g_assert_nonnull (answer);
      g_object_unref (results[i]);
    }
  g_main_context_pop_thread_default (main_context);

  return NULL;
}

static void
test_asked_by_threads (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  GThread *threads[4];

  raw_server_start (&server, ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  client = requests_client (server.endpoint);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("asking", ask_from_own_loop, client);
  requests_until (raw_server_count (&server) == 200 && zmqglib_client_get_n_pending (client) == 0);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* Callbacks may do anything. */
typedef enum
{
  CLOSE,
  DROP,
  ASK,
  NEST,
  DISCONNECT,
  N_DEEDS
} Deed;

typedef struct
{
  ZmqClient *client;
  RawServer *server;
  Deed       deed;
  guint      n_called;
} Doer;

static void
on_done (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Doer *doer = data;
  g_autoptr (ZmqMessage) answer = zmqglib_client_request_finish (ZMQGLIB_CLIENT (source), result, NULL);

  if (doer->n_called++ > 0)
    return;

  g_assert_nonnull (answer);
  switch (doer->deed)
    {
    case CLOSE:
      zmqglib_client_close (doer->client);
      break;
    case DROP:
      g_clear_object (&doer->client);
      break;
    case ASK:
      zmqglib_client_request_async (doer->client, answer, NULL, on_done, doer);
      break;
    case NEST:
      requests_until (doer->n_called == 5);
      break;
    case DISCONNECT:
      zmqglib_client_disconnect_from (doer->client, doer->server->endpoint, NULL);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
test_callbacks_may_do_anything (void)
{
  g_auto (RawServer) server = { 0 };

  raw_server_start (&server, ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  for (Deed deed = CLOSE; deed < N_DEEDS; deed++)
    {
      Doer doer = { .client = requests_client (server.endpoint), .server = &server, .deed = deed };
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("do it");

      for (guint i = 0; i < 5; i++)
        zmqglib_client_request_async (doer.client, message, NULL, on_done, &doer);
      requests_until (doer.n_called == (deed == ASK ? 6 : 5));
      g_clear_object (&doer.client);
    }
}

/* What frees a frame’s memory may be the last that holds the client. */
static void
on_freed (gpointer data)
{
  ZmqClient **client = data;

  g_clear_object (client);
}

static void
test_memory_may_keep_the_client (void)
{
  g_auto (RawServer) server = { 0 };
  ZmqClient    *client;
  GAsyncResult *result = NULL;

  raw_server_start (&server, ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  client = requests_client (server.endpoint);
  {
    g_autoptr (GBytes) bytes = g_bytes_new_with_free_func ("small", 5, on_freed, &client);
    g_autoptr (ZmqMessage) message = zmqglib_message_new_from_bytes (bytes);

    zmqglib_client_request_async (client, message, NULL, test_keep_result, &result);
  }
  requests_until (result != NULL);
  g_clear_object (&result);
  requests_until (client == NULL);
}

static void
test_forked (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  GAsyncResult *result = NULL;
  GAsyncResult *inherited = NULL;
  int           status;
  pid_t         pid;

  if (test_is_slow_tool ())
    {
      g_test_skip ("the child leaves all alone");
      return;
    }

  raw_server_start (&server, ZMQ_ROUTER, NULL, raw_server_echo, NULL);
  client = requests_client (server.endpoint);
  check_request (client, "before");
  requests_send (client, "under way", NULL, &result);

  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (zmqglib_client_is_closed (client));
      error = requests_fail (client, &result);
      test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "forked");
      g_clear_error (&error);
      g_assert_null (request (client, "inherited", NULL, &error));
      test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "request");
      requests_send (client, "inherited", NULL, &inherited);
      error = requests_fail (client, &inherited);
      test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "request");
      zmqglib_client_close (client);
      g_clear_object (&client);
      _exit (0);
    }

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  requests_check (client, &result, "re: under way");
  check_request (client, "after");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client/blocks", test_blocks);
  g_test_add_func ("/client/blocks-in-threads", test_blocks_in_threads);
  g_test_add_func ("/client/blocks-in-a-callback", test_blocks_in_a_callback);
  g_test_add_func ("/client/blocking-ends", test_blocking_ends);
  g_test_add_func ("/client/context-ends", test_context_ends);
  g_test_add_func ("/client/context-ends-after-blocking", test_context_ends_after_blocking);
  g_test_add_func ("/client/closed", test_closed);
  g_test_add_data_func ("/client/closed-where-connected-elsewhere", GINT_TO_POINTER (ZMQGLIB_CLIENT_ENVELOPE_CORRELATED),
                        test_connected_elsewhere_and_closed);
  g_test_add_data_func ("/client/closed-where-connected-elsewhere-exact", GINT_TO_POINTER (ZMQGLIB_CLIENT_ENVELOPE_NONE),
                        test_connected_elsewhere_and_closed);
  g_test_add_func ("/client/dropped", test_dropped);
  g_test_add_func ("/client/dropped-elsewhere", test_dropped_elsewhere);
  g_test_add_func ("/client/owned-by-loop", test_owned_by_loop);
  g_test_add_func ("/client/asked-by-threads", test_asked_by_threads);
  g_test_add_func ("/client/callbacks-may-do-anything", test_callbacks_may_do_anything);
  g_test_add_func ("/client/memory-may-keep-the-client", test_memory_may_keep_the_client);
  g_test_add_func ("/client/forked", test_forked);

  return g_test_run ();
}

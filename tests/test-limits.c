/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-asked.h"
#include "test-counted.h"
#include "test-killed-util.h"
#include "test-nothing-aborts.h"

/* A process that has no descriptors or no memory left: errors where there is somebody to tell, patience where there is not,
 * and when there is room again all goes on. See also test-nothing-aborts-context.c and -endpoints.c. */

/* of sanitizers, which keep account of all memory there could be */
#ifdef __has_feature
#define NEEDS_ADDRESS_SPACE (__has_feature (address_sanitizer) || __has_feature (thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NEEDS_ADDRESS_SPACE TRUE
#else
#define NEEDS_ADDRESS_SPACE FALSE
#endif

#define N_MESSAGES 200
#define N_PEERS    10
#define N_STREAMS  10

static void
on_request (ZmqServer  *server,
            ZmqRequest *request,
            gpointer    data)
{
  g_hash_table_add (data, zmqglib_request_get_peer (request));
}

/* More come than can be accepted: who is in is served, and the others when there is room. */
static void
test_accepting (void)
{
  g_autoptr (GHashTable) served = NULL;
  g_auto (Answerer) answerer = { NULL };
  g_autofree char *endpoint = NULL;
  GSubprocess     *peers[N_PEERS];
  rlim_t           limit;
  guint            n_served;

  if (!test_is_child ())
    return;

  served = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  endpoint = killed_free_endpoint ();
  for (guint i = 0; i < N_PEERS; i++)
    peers[i] = peer_start ("ask", endpoint);
  answerer_open (&answerer, NULL);
  g_signal_connect (answerer.server, "request", G_CALLBACK (on_request), served);
  limit = test_leave_descriptors (4);
  g_assert_true (zmqglib_server_bind (answerer.server, endpoint, NULL));
  test_until (g_hash_table_size (served) > 0 && answerer.n_runs->len > 100);
  test_pass_time (200);
  n_served = g_hash_table_size (served);
  g_assert_cmpuint (n_served, <, 4);

  test_limit (RLIMIT_NOFILE, limit);
  test_until (g_hash_table_size (served) == N_PEERS);
  g_test_message ("%u served, then %u", n_served, g_hash_table_size (served));
  for (guint i = 0; i < N_PEERS; i++)
    peer_kill (&peers[i]);
}

/* What a stream takes while it cannot even try to connect comes when it can. */
static void
test_connecting (void)
{
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqSocket) pull = NULL;
  g_auto (Counted) sender = { NULL };
  g_auto (Counted) receiver = { NULL };
  g_autofree char *endpoint = NULL;
  rlim_t           limit;
  guint            n_retried;

  if (!test_is_child ())
    return;

  endpoint = killed_free_endpoint ();
  push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_object_set (push, "reconnect-interval", 5, "send-high-water-mark", N_MESSAGES / 2, NULL);
  counted_open (&sender, push);
  counted_open (&receiver, pull);
  sender.n_disconnected = 1; /* so that it counts how often it tries */
  g_assert_true (zmqglib_socket_connect_to (push, endpoint, NULL));
  test_until (sender.n_retried > 0);
  limit = test_leave_descriptors (0);
  n_retried = sender.n_retried;
  counted_send (&sender, N_MESSAGES);
  test_until (sender.n_retried > n_retried + 5);

  test_limit (RLIMIT_NOFILE, limit);
  g_assert_true (zmqglib_socket_bind (pull, endpoint, NULL));
  test_until (receiver.next == sender.n_accepted && counted_is_told (&sender));
  g_assert_cmpuint (receiver.n_missing, ==, 0);
}

/* Sockets until there are no more; after that as many as before. */
static void
test_opening (void)
{
  if (!test_is_child ())
    return;

  test_leave_descriptors (40);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
      g_autoptr (ZmqContext) context = zmqglib_context_new ();
      g_autoptr (GError) error = NULL;
      ZmqSocket *socket;

      while ((socket = zmqglib_socket_new (context, ZMQGLIB_SOCKET_PUSH, &error)) != NULL)
        {
          g_ptr_array_add (sockets, socket);
          g_assert_cmpuint (sockets->len, <, 100);
        }
      g_test_message ("%u sockets: %s", sockets->len, error->message);
      g_assert_cmpuint (sockets->len, >, 10);
      test_assert_error (error, ZMQGLIB_ERROR_TOO_MANY_SOCKETS, "“push”");
      g_ptr_array_set_size (sockets, 0);
      g_assert_true (zmqglib_context_terminate (context, NULL, &error));
    }
}

/* The first operation of a process, for which GLib needs a descriptor of its own. */
static void
test_first_operation (void)
{
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (ZmqMessage) message = NULL;
  rlim_t limit;

  if (!test_is_child ())
    return;

  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  g_main_context_iteration (NULL, FALSE);
  limit = test_leave_descriptors (0);
  zmqglib_socket_receive_async (pull, G_PRIORITY_DEFAULT, NULL, test_keep_result, &result);
  test_send_string (push, "x");
  test_iterate_until (NULL, test_is_set, &result);
  message = zmqglib_socket_receive_finish (pull, result, NULL);
  g_assert_nonnull (message);
  test_limit (RLIMIT_NOFILE, limit);
}

static void
assert_no_descriptor (GError    **error,
                      const char *name)
{
  g_assert_error (*error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TOO_MANY_SOCKETS);
  g_assert_nonnull (strstr ((*error)->message, name));
  g_clear_error (error);
}

/* A call that blocks, and may be cancelled, needs a descriptor to hear of that. What can be done at once needs none. */
static void
test_cancellable_calls (void)
{
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqSocket) lonely = NULL;
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  g_autoptr (ZmqMessage) received = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  rlim_t limit;

  if (!test_is_child ())
    return;

  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  lonely = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  g_assert_true (zmqglib_poller_add_socket (poller, pull, G_IO_IN, NULL, NULL, NULL, &error));
  limit = test_leave_descriptors (0);

  g_assert_false (zmqglib_socket_send (lonely, message, cancellable, &error));
  assert_no_descriptor (&error, "“push”");
  g_assert_null (zmqglib_socket_receive (pull, cancellable, &error));
  assert_no_descriptor (&error, "“pull”");
  g_assert_cmpint (zmqglib_socket_wait (pull, G_IO_IN, -1, cancellable, &error), ==, 0);
  assert_no_descriptor (&error, "“pull”");
  g_assert_cmpint (zmqglib_poller_wait (poller, -1, cancellable, &error), ==, -1);
  assert_no_descriptor (&error, "poller");

  g_assert_true (zmqglib_socket_send (push, message, cancellable, &error));
  while (!(zmqglib_socket_get_condition (pull) & G_IO_IN))
    g_thread_yield ();
  received = zmqglib_socket_receive (pull, cancellable, &error);
  g_assert_no_error (error);
  g_assert_nonnull (received);
  test_limit (RLIMIT_NOFILE, limit);
}

static void
assert_refused (gpointer    object,
                GError    **error,
                const char *what)
{
  g_assert_null (object);
  g_test_message ("%s: %s", what, (*error)->message);
  g_assert_error (*error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TOO_MANY_SOCKETS);
  g_clear_error (error);
}

/* Each thing that needs a descriptor says so. */
static void
refuse_services (ZmqSocket *socket,
                 ZmqProxy  *proxy,
                 Asker     *asker)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  g_autoptr (GError) error = NULL;

  assert_refused (zmqglib_monitor_new (socket, &error), &error, "monitor");
  assert_refused (zmqglib_server_new (NULL, &error), &error, "server");
  assert_refused (zmqglib_authenticator_new (NULL, &error), &error, "authenticator");
  g_assert_false (zmqglib_proxy_start_in_thread (proxy, &error));
  assert_refused (NULL, &error, "proxy");
  g_assert_false (zmqglib_client_connect_to (asker->client, "tcp://127.0.0.1:5", &error));
  assert_refused (NULL, &error, "client");
  assert_refused (zmqglib_client_request (asker->client, message, NULL, &error), &error, "client that blocks");
  /* nobody is there to be asked */
  asker_set_terms (asker, 200, 2);
  asker_ask (asker, 1, NULL);
  test_until (asker_is_done (asker));
  g_assert_cmpuint (asker->n_failed, ==, 1);
}

#define ENDPOINT "inproc://limits"

/* And works when there are some again. */
static void
test_services (void)
{
  g_autoptr (ZmqSocket) frontend = NULL;
  g_autoptr (ZmqSocket) backend = NULL;
  g_autoptr (ZmqProxy) proxy = NULL;
  g_autoptr (ZmqMonitor) monitor = NULL;
  g_auto (Asker) asker = { NULL };
  g_auto (Answerer) answerer = { NULL };
  rlim_t limit;

  if (!test_is_child ())
    return;

  frontend = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  backend = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);
  proxy = zmqglib_proxy_new (frontend, backend, NULL, NULL);
  asker_open (&asker, NULL);
  answerer_open (&answerer, NULL);
  /* one that takes and gives back no descriptor meanwhile, as a connection that is tried again and again does */
  asker_connect (&asker, ENDPOINT);
  limit = test_leave_descriptors (0);
  refuse_services (frontend, proxy, &asker);

  test_limit (RLIMIT_NOFILE, limit);
  g_assert_true (zmqglib_server_bind (answerer.server, ENDPOINT, NULL));
  monitor = zmqglib_monitor_new (frontend, NULL);
  g_assert_nonnull (monitor);
  g_assert_true (zmqglib_proxy_start_in_thread (proxy, NULL));
  zmqglib_proxy_stop (proxy);
  asker_set_terms (&asker, 1000, 10);
  asker_ask (&asker, N_MESSAGES, NULL);
  test_until (asker_is_done (&asker));
  g_assert_cmpuint (asker.n_answered, ==, N_MESSAGES);
}

static void
on_knock (ZmqStream  *stream,
          ZmqMessage *message,
          gpointer    data)
{
  g_assert_cmpstr (zmqglib_message_get_user_id (message), !=, NULL);
  *(gboolean *) data = TRUE;
}

/* Makes a directory with a certificate in it. */
static GFile *
make_directory (ZmqCertificate *certificate)
{
  g_autofree char *path = g_dir_make_tmp ("zmqglib-XXXXXX", NULL);
  GFile           *directory = g_file_new_for_path (path);
  g_autoptr (GFile) file = g_file_get_child (directory, "ann");
  g_autoptr (GError) error = NULL;

  zmqglib_certificate_save_public (certificate, file, NULL, &error);
  g_assert_no_error (error);

  return directory;
}

static void
remove_directory (GFile *directory)
{
  g_autoptr (GFile) file = g_file_get_child (directory, "ann");

  g_assert_true (g_file_delete (file, NULL, NULL));
  g_assert_true (g_file_delete (directory, NULL, NULL));
}

static ZmqSocket *
new_knocker (ZmqCertificate *certificate,
             ZmqCertificate *server_certificate)
{
  ZmqSocket *dealer = test_socket_new (NULL, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (GError) error = NULL;

  zmqglib_socket_set_curve_client (dealer, certificate, zmqglib_certificate_get_public_key (server_certificate), &error);
  g_assert_no_error (error);

  return dealer;
}

static void
knock (ZmqSocket  *dealer,
       const char *endpoint)
{
  g_assert_true (zmqglib_socket_connect_to (dealer, endpoint, NULL));
  test_send_string (dealer, "knock");
}

/* Whose certificate cannot be looked up stays out; the next one comes in when it can. */
static void
test_authenticator (void)
{
  g_autoptr (ZmqContext) context = NULL;
  g_autoptr (ZmqAuthenticator) authenticator = NULL;
  g_autoptr (ZmqCertificate) own = NULL;
  g_autoptr (ZmqCertificate) certificate = NULL;
  g_autoptr (ZmqSocket) router = NULL;
  g_autoptr (ZmqSocket) first = NULL;
  g_autoptr (ZmqSocket) second = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GFile) directory = NULL;
  g_autofree char *endpoint = NULL;
  gboolean         is_in = FALSE;
  rlim_t           limit;

  if (!test_is_child ())
    return;

  context = zmqglib_context_new ();
  authenticator = zmqglib_authenticator_new (context, NULL);
  own = zmqglib_certificate_new (NULL);
  certificate = zmqglib_certificate_new (NULL);
  directory = make_directory (certificate);
  g_assert_true (zmqglib_authenticator_set_certificate_directory (authenticator, NULL, directory, NULL));
  router = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
  first = new_knocker (certificate, own);
  second = new_knocker (certificate, own);
  g_assert_true (zmqglib_socket_set_curve_server (router, own, NULL));
  endpoint = test_bind (router, "tcp");
  stream = zmqglib_stream_new (router);
  g_signal_connect (stream, "received", G_CALLBACK (on_knock), &is_in);

  /* for both ends of one connection */
  limit = test_leave_descriptors (2);
  knock (first, endpoint);
  test_until (zmqglib_authenticator_get_n_denied (authenticator) > 0);
  g_assert_false (is_in);
  g_assert_cmpuint (zmqglib_authenticator_get_n_accepted (authenticator), ==, 0);
  test_limit (RLIMIT_NOFILE, limit);
  knock (second, endpoint);
  test_until (is_in);
  remove_directory (directory);
}

static void
on_message (ZmqStream  *stream,
            ZmqMessage *message,
            gpointer    data)
{
  (*(guint *) data)++;
}

/* Streams whose sockets there are already go on with what the loop has. */
static void
test_streams (void)
{
  g_autoptr (GPtrArray) senders = NULL;
  g_autoptr (GPtrArray) receivers = NULL;
  rlim_t limit;
  guint  n_received = 0;

  if (!test_is_child ())
    return;

  senders = g_ptr_array_new_with_free_func (g_object_unref);
  receivers = g_ptr_array_new_with_free_func (g_object_unref);
  g_main_context_iteration (NULL, FALSE);
  for (guint i = 0; i < N_STREAMS; i++)
    {
      ZmqSocket *pair[2];

      test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pair[0], &pair[1]);
      g_ptr_array_add (receivers, pair[0]);
      g_ptr_array_add (senders, pair[1]);
    }

  limit = test_leave_descriptors (0);
  for (guint i = 0; i < N_STREAMS; i++)
    {
      g_autoptr (ZmqSocket) sender = senders->pdata[i];
      g_autoptr (ZmqSocket) receiver = receivers->pdata[i];

      senders->pdata[i] = zmqglib_stream_new (sender);
      receivers->pdata[i] = zmqglib_stream_new (receiver);
      g_signal_connect (receivers->pdata[i], "received", G_CALLBACK (on_message), &n_received);
    }
  for (guint i = 0; i < N_STREAMS; i++)
    g_assert_true (zmqglib_stream_send_string (senders->pdata[i], "x", NULL));
  test_until (n_received == N_STREAMS);
  test_limit (RLIMIT_NOFILE, limit);
  g_ptr_array_set_size (senders, 0);
  g_ptr_array_set_size (receivers, 0);
}

static gsize
get_address_space (void)
{
  g_autofree char *text = NULL;
  gulong           n_pages;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  n_pages = strtoul (text, NULL, 10);

  return n_pages * sysconf (_SC_PAGESIZE);
}

/* Sends until nothing is taken any more. */
static void
use_all_memory (void)
{
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  const gsize        size = 1 << 20;
  g_autofree guint8 *data = g_malloc0 (size);

  test_socket_pair (NULL, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  g_object_set (push, "send-high-water-mark", 0, NULL);
  stream = zmqglib_stream_new (push);
  test_limit (RLIMIT_AS, get_address_space () + (64 << 20));
  while (zmqglib_stream_send_data (stream, data, size, &error))
    g_main_context_iteration (NULL, FALSE);
  fprintf (stderr, "refused: %s\n", error->message);
  test_end_child ();
}

/* Without memory a program may not go on, but it does not hang, and says why. */
static void
test_memory (void)
{
  if (NEEDS_ADDRESS_SPACE || test_is_slow_tool ())
    {
      g_test_skip ("The tool needs the whole address space");
      return;
    }

  if (g_test_subprocess ())
    {
      use_all_memory ();
      return;
    }

  g_test_trap_subprocess (NULL, TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC, 0);
  g_assert_false (g_test_trap_reached_timeout ());
  g_test_trap_assert_stderr ("*memory*");
}

int
main (int    argc,
      char **argv)
{
  killed_init (argc, argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/limits/descriptors/accepting", test_accepting);
  g_test_add_func ("/limits/descriptors/connecting", test_connecting);
  g_test_add_func ("/limits/descriptors/opening", test_opening);
  g_test_add_func ("/limits/descriptors/first-operation", test_first_operation);
  g_test_add_func ("/limits/descriptors/cancellable-calls", test_cancellable_calls);
  g_test_add_func ("/limits/descriptors/services", test_services);
  g_test_add_func ("/limits/descriptors/authenticator", test_authenticator);
  g_test_add_func ("/limits/descriptors/streams", test_streams);
  g_test_add_func ("/limits/memory", test_memory);

  return g_test_run ();
}

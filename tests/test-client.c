/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-requests.h"

/* What a client sends, and which answer it takes. */

static void
test_asks_any_server (gconstpointer data)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  GAsyncResult *results[3] = { NULL };

  raw_server_start (&server, GPOINTER_TO_INT (data), NULL, raw_server_echo, NULL);
  client = requests_client (server.endpoint);
  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autofree char *text = g_strdup_printf ("%zu", i);

      requests_send (client, text, NULL, &results[i]);
    }
  g_assert_cmpuint (zmqglib_client_get_n_pending (client), ==, G_N_ELEMENTS (results));

  requests_check (client, &results[0], "re: 0");
  requests_check (client, &results[1], "re: 1");
  requests_check (client, &results[2], "re: 2");
  g_assert_cmpuint (zmqglib_client_get_n_pending (client), ==, 0);
}

/* The number, REQ's delimiter, and what was asked. */
static void
on_envelope (RawServer  *self,
             ZmqMessage *message)
{
  gsize size;

  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 5);
  zmqglib_message_peek_frame (message, 1, &size);
  g_assert_cmpuint (size, >, 0);
  zmqglib_message_peek_frame (message, 2, &size);
  g_assert_cmpuint (size, ==, 0);
  raw_server_echo (self, message);
}

static void
test_envelope (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (ZmqMessage) answer = NULL;
  g_autofree char *text = NULL;

  raw_server_start (&server, ZMQ_ROUTER, NULL, on_envelope, NULL);
  client = requests_client (server.endpoint);
  zmqglib_message_append_string (message, "question");
  zmqglib_client_request_async (client, message, NULL, test_keep_result, &result);
  /* the client has what it was given then */
  zmqglib_message_append_string (message, "later");
  test_iterate_until (NULL, test_is_set, &result);

  answer = zmqglib_client_request_finish (client, result, NULL);
  g_assert_cmpuint (zmqglib_message_get_n_frames (answer), ==, 2);
  text = zmqglib_message_get_string (answer, 1, NULL);
  g_assert_cmpstr (text, ==, "re: question");
}

/* Keeps them, and answers from the last to the first, each of them twice. */
#define N_MANY 1000

static void
on_many (RawServer  *self,
         ZmqMessage *message)
{
  GPtrArray *messages = self->data;

  g_ptr_array_add (messages, zmqglib_message_ref (message));
  if (messages->len < N_MANY)
    return;

  while (messages->len > 0)
    {
      raw_server_echo (self, messages->pdata[messages->len - 1]);
      raw_server_echo (self, messages->pdata[messages->len - 1]);
      g_ptr_array_set_size (messages, messages->len - 1);
    }
}

static void
test_many_in_any_order (void)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_message_unref);
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  g_autofree GAsyncResult **results = g_new0 (GAsyncResult *, N_MANY);

  raw_server_start (&server, ZMQ_ROUTER, NULL, on_many, kept);
  client = requests_client (server.endpoint);
  for (guint i = 0; i < N_MANY; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      requests_send (client, text, NULL, &results[i]);
    }
  for (guint i = 0; i < N_MANY; i++)
    {
      g_autofree char *text = g_strdup_printf ("re: %u", i);

      requests_check (client, &results[i], text);
    }
}

/* Answers each request when the next one has come, then again, and with what is no answer at all in between. */
static void
on_confusing (RawServer  *self,
              ZmqMessage *message)
{
  ZmqMessage **last = self->data;
  g_autoptr (ZmqMessage) short_one = zmqglib_message_new ();
  g_autoptr (GBytes) id = zmqglib_message_get_frame (message, 0);
  g_autoptr (GBytes) number = zmqglib_message_get_frame (message, 1);
  g_autoptr (ZmqMessage) other = NULL;

  if (*last == NULL)
    {
      *last = zmqglib_message_ref (message);
      return;
    }

  /* the number alone; the number without a delimiter; a number that nobody has */
  zmqglib_message_append_bytes (short_one, id);
  zmqglib_message_append_bytes (short_one, number);
  raw_server_answer (self, short_one);
  zmqglib_message_append_string (short_one, "no delimiter");
  raw_server_answer (self, short_one);
  other = zmqglib_message_new ();
  zmqglib_message_append_bytes (other, id);
  zmqglib_message_append_string (other, "sixteen letters!");
  zmqglib_message_append_string (other, "");
  zmqglib_message_append_string (other, "forged");
  raw_server_answer (self, other);

  raw_server_echo (self, *last);
  raw_server_echo (self, *last);
  zmqglib_message_unref (*last);
  *last = zmqglib_message_ref (message);
}

static void
test_drops_what_is_no_answer (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  ZmqMessage   *last = NULL;
  GAsyncResult *results[20] = { NULL };

  raw_server_start (&server, ZMQ_ROUTER, NULL, on_confusing, &last);
  client = requests_client (server.endpoint);
  requests_send (client, "0", NULL, &results[0]);
  for (guint i = 1; i < G_N_ELEMENTS (results); i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);
      g_autofree char *expected = g_strdup_printf ("re: %u", i - 1);

      requests_send (client, text, NULL, &results[i]);
      requests_check (client, &results[i - 1], expected);
    }

  zmqglib_client_close (client);
  raw_server_stop (&server);
  g_clear_pointer (&last, zmqglib_message_unref);
  g_error_free (requests_fail (client, &results[G_N_ELEMENTS (results) - 1]));
}

/* A server that answers what another was asked. */
typedef struct
{
  RawServer   other;
  GMutex      lock;
  GBytes     *number;
  ZmqMessage *own;
} Spy;

static void
on_spied (RawServer  *self,
          ZmqMessage *message)
{
  Spy *spy = self->data;

  g_mutex_lock (&spy->lock);
  g_clear_pointer (&spy->number, g_bytes_unref);
  spy->number = zmqglib_message_get_frame (message, 1);
  g_mutex_unlock (&spy->lock);
}

/* Answers the other server's request instead, then its own. */
static void
on_spying (RawServer  *self,
           ZmqMessage *message)
{
  Spy *spy = self->data;
  g_autoptr (ZmqMessage) answer = zmqglib_message_new ();
  g_autoptr (GBytes) id = zmqglib_message_get_frame (message, 0);

  zmqglib_message_append_bytes (answer, id);
  g_mutex_lock (&spy->lock);
  zmqglib_message_append_bytes (answer, spy->number);
  g_mutex_unlock (&spy->lock);
  zmqglib_message_append_string (answer, "");
  zmqglib_message_append_string (answer, "not asked");
  raw_server_answer (self, answer);
  raw_server_echo (self, message);
}

static void
test_takes_answers_of_who_was_asked (void)
{
  Spy spy = { 0 };
  g_auto (RawServer) asked = { 0 };
  g_auto (RawServer) spying = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *silent = NULL;
  GAsyncResult *result = NULL;

  g_mutex_init (&spy.lock);
  raw_server_start (&asked, ZMQ_ROUTER, NULL, on_spied, &spy);
  raw_server_start (&spying, ZMQ_ROUTER, NULL, on_spying, &spy);
  client = requests_client (asked.endpoint);
  g_object_set (client, "strategy", ZMQGLIB_CLIENT_STRATEGY_SPREAD, NULL);
  zmqglib_client_connect_to (client, spying.endpoint, &error);
  g_assert_no_error (error);

  requests_send (client, "secret", cancellable, &silent);
  requests_until (raw_server_count (&asked) == 1);
  requests_send (client, "open", NULL, &result);
  requests_check (client, &result, "re: open");
  g_assert_null (silent);

  g_cancellable_cancel (cancellable);
  error = requests_fail (client, &silent);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  raw_server_stop (&asked);
  raw_server_stop (&spying);
  g_bytes_unref (spy.number);
  g_mutex_clear (&spy.lock);
}

/* What REQ sends, and nothing else; the answer has no more than that. */
static void
on_exact (RawServer  *self,
          ZmqMessage *message)
{
  gsize size;

  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 3);
  zmqglib_message_peek_frame (message, 1, &size);
  g_assert_cmpuint (size, ==, 0);
  raw_server_echo (self, message);
  raw_server_echo (self, message);
}

static void
test_envelope_none (gconstpointer data)
{
  int type = GPOINTER_TO_INT (data);
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = requests_client (NULL);
  GAsyncResult *results[10] = { NULL };
  g_autoptr (GError) error = NULL;

  raw_server_start (&server, type, NULL, type == ZMQ_REP ? raw_server_echo : on_exact, NULL);
  g_object_set (client, "envelope", ZMQGLIB_CLIENT_ENVELOPE_NONE, NULL);
  g_assert_cmpint (zmqglib_client_get_envelope (client), ==, ZMQGLIB_CLIENT_ENVELOPE_NONE);
  zmqglib_client_connect_to (client, server.endpoint, &error);
  g_assert_no_error (error);

  for (guint round = 0; round < 3; round++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (results); i++)
        {
          g_autofree char *text = g_strdup_printf ("%u", i);

          requests_send (client, text, NULL, &results[i]);
        }
      for (guint i = 0; i < G_N_ELEMENTS (results); i++)
        {
          g_autofree char *text = g_strdup_printf ("re: %u", i);

          requests_check (client, &results[i], text);
        }
    }
}

static void
test_properties (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqClient) client = zmqglib_client_new (context, &error);
  g_autoptr (ZmqClient) other = zmqglib_client_new (NULL, &error);

  g_assert_true (zmqglib_client_get_context (client) == context);
  g_assert_true (zmqglib_client_get_context (other) == zmqglib_context_get_default ());
  g_assert_cmpint (zmqglib_client_get_timeout_us (client), ==, 2500000);
  g_assert_cmpuint (zmqglib_client_get_max_tries (client), ==, 3);
  g_assert_cmpint (zmqglib_client_get_strategy (client), ==, ZMQGLIB_CLIENT_STRATEGY_FAILOVER);
  g_assert_cmpint (zmqglib_client_get_envelope (client), ==, ZMQGLIB_CLIENT_ENVELOPE_CORRELATED);
  g_assert_false (zmqglib_client_get_connected (client));

  zmqglib_client_set_timeout_us (client, 5);
  zmqglib_client_set_max_tries (client, 7);
  zmqglib_client_set_strategy (client, ZMQGLIB_CLIENT_STRATEGY_ALL);
  zmqglib_client_set_envelope (client, ZMQGLIB_CLIENT_ENVELOPE_NONE);
  g_assert_cmpint (zmqglib_client_get_timeout_us (client), ==, 5);
  g_assert_cmpuint (zmqglib_client_get_max_tries (client), ==, 7);
  g_assert_cmpint (zmqglib_client_get_strategy (client), ==, ZMQGLIB_CLIENT_STRATEGY_ALL);
  g_assert_cmpint (zmqglib_client_get_envelope (client), ==, ZMQGLIB_CLIENT_ENVELOPE_NONE);
}

static void
on_notify (GObject    *object,
           GParamSpec *pspec,
           gpointer    data)
{
  ++*(guint *) data;
}

static void
test_notifies (void)
{
  g_auto (RawServer) server = { 0 };
  g_autoptr (ZmqClient) client = NULL;
  g_autofree char *endpoint = NULL;
  GAsyncResult    *result = NULL;
  guint            n_pending = 0;
  guint            n_connected = 0;

  raw_server_start (&server, ZMQ_ROUTER, NULL, NULL, NULL);
  endpoint = g_strdup (server.endpoint);
  client = requests_client (NULL);
  g_object_set (client, "max-tries", 1, NULL);
  g_signal_connect (client, "notify::n-pending", G_CALLBACK (on_notify), &n_pending);
  g_signal_connect (client, "notify::connected", G_CALLBACK (on_notify), &n_connected);
  zmqglib_client_connect_to (client, endpoint, NULL);
  requests_until (zmqglib_client_get_connected (client) && n_connected > 0);

  requests_send (client, "question", NULL, &result);
  requests_until (n_pending == 1 && raw_server_count (&server) == 1);

  raw_server_stop (&server);
  n_connected = 0;
  requests_until (!zmqglib_client_get_connected (client) && n_connected > 0);
  g_error_free (requests_fail (client, &result));
  requests_until (n_pending >= 2);
}

static void
on_configure (ZmqClient *client,
              ZmqSocket *socket,
              gpointer   data)
{
  g_autoptr (GError) error = NULL;
  ZmqCertificate **certificates = data;

  g_assert_cmpint (zmqglib_socket_get_socket_type (socket), ==, ZMQGLIB_SOCKET_DEALER);
  zmqglib_socket_set_curve_client (socket, certificates[0], zmqglib_certificate_get_public_key (certificates[1]), &error);
  g_assert_no_error (error);
}

static void
test_configure (void)
{
  g_autoptr (ZmqCertificate) own = zmqglib_certificate_new (NULL);
  g_autoptr (ZmqCertificate) servers = zmqglib_certificate_new (NULL);
  ZmqCertificate *certificates[] = { own, servers };
  g_autoptr (ZmqSocket) server = test_socket_new (zmqglib_context_get_default (), ZMQGLIB_SOCKET_REP);
  g_autoptr (ZmqClient) client = requests_client (NULL);
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  zmqglib_socket_set_curve_server (server, servers, &error);
  g_assert_no_error (error);
  endpoint = test_bind (server, "tcp");
  g_signal_connect (client, "configure", G_CALLBACK (on_configure), certificates);
  zmqglib_client_connect_to (client, endpoint, &error);
  g_assert_no_error (error);

  requests_send (client, "in secret", NULL, &result);
  requests_until (zmqglib_socket_get_condition (server) & G_IO_IN);
  test_receive_string (server, "in secret");
  test_send_string (server, "answer");
  requests_check (client, &result, "answer");
}

/* A server’s key that libzmq refuses. */
static void
on_configure_wrongly (ZmqClient *client,
                      ZmqSocket *socket,
                      gpointer   data)
{
  g_object_set (socket, "curve-server-key", "no key", NULL);
}

static void
test_configure_fails_closed (void)
{
  g_autoptr (ZmqClient) client = requests_client (NULL);
  g_autoptr (GError) error = NULL;

  g_signal_connect (client, "configure", G_CALLBACK (on_configure_wrongly), NULL);
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "*curve-server-key*");
  g_assert_false (zmqglib_client_connect_to (client, "tcp://127.0.0.1:5555", &error));
  g_test_assert_expected_messages ();
  g_assert_nonnull (error);
}

static void
test_bad_input (void)
{
  g_autoptr (ZmqClient) client = requests_client (NULL);
  g_autoptr (ZmqMessage) empty = zmqglib_message_new ();
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  g_assert_false (zmqglib_client_connect_to (client, "carrier-pigeon://roof", &error));
  test_assert_error (error, ZMQGLIB_ERROR_PROTOCOL_NOT_SUPPORTED, "carrier-pigeon://roof");
  g_assert_false (zmqglib_client_disconnect_from (client, "tcp://127.0.0.1:1", &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_FOUND, "tcp://127.0.0.1:1");

  requests_send (client, "whom", NULL, &result);
  error = requests_fail (client, &result);
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "endpoint");

  zmqglib_client_request_async (client, empty, NULL, test_keep_result, &result);
  error = requests_fail (client, &result);
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "no frame");
  g_assert_null (zmqglib_client_request (client, empty, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "no frame");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/client/asks-a-rep", GINT_TO_POINTER (ZMQ_REP), test_asks_any_server);
  g_test_add_data_func ("/client/asks-a-router", GINT_TO_POINTER (ZMQ_ROUTER), test_asks_any_server);
  g_test_add_data_func ("/client/asks-a-dealer", GINT_TO_POINTER (ZMQ_DEALER), test_asks_any_server);
  g_test_add_func ("/client/envelope", test_envelope);
  g_test_add_func ("/client/many-in-any-order", test_many_in_any_order);
  g_test_add_func ("/client/drops-what-is-no-answer", test_drops_what_is_no_answer);
  g_test_add_func ("/client/takes-answers-of-who-was-asked", test_takes_answers_of_who_was_asked);
  g_test_add_data_func ("/client/envelope-none-rep", GINT_TO_POINTER (ZMQ_REP), test_envelope_none);
  g_test_add_data_func ("/client/envelope-none-router", GINT_TO_POINTER (ZMQ_ROUTER), test_envelope_none);
  g_test_add_func ("/client/properties", test_properties);
  g_test_add_func ("/client/notifies", test_notifies);
  g_test_add_func ("/client/configure", test_configure);
  g_test_add_func ("/client/configure-fails-closed", test_configure_fails_closed);
  g_test_add_func ("/client/bad-input", test_bad_input);

  return g_test_run ();
}

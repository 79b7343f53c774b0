/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <zmq.h>

#include "test-authenticator.h"

/* Who does not keep to a protocol: to ZAP within the process, and peers that claim to be somebody. */

/* A client of ZAP in the place of libzmq. */
typedef struct
{
  ZmqContext       *context;
  ZmqAuthenticator *authenticator;
  ZmqSocket        *client; /* a DEALER */
  ZmqStream        *stream;
  GPtrArray        *replies;
  GPtrArray        *requests; /* that handlers keep */
} Desk;

static void
on_reply (ZmqStream  *stream,
          ZmqMessage *message,
          gpointer    data)
{
  Desk *self = data;

  g_ptr_array_add (self->replies, zmqglib_message_ref (message));
}

static void
desk_open (Desk *self)
{
  g_autoptr (GError) error = NULL;

  self->context = zmqglib_context_new ();
  self->authenticator = zmqglib_authenticator_new (self->context, &error);
  g_assert_no_error (error);
  zmqglib_authenticator_add_password (self->authenticator, NULL, "anna", "sesame");
  self->replies = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_message_unref);
  self->requests = g_ptr_array_new_with_free_func (g_object_unref);
  self->client = test_socket_new (self->context, ZMQGLIB_SOCKET_DEALER);
  zmqglib_socket_connect_to (self->client, "inproc://zeromq.zap.01", &error);
  g_assert_no_error (error);
  self->stream = zmqglib_stream_new (self->client);
  g_signal_connect (self->stream, "received", G_CALLBACK (on_reply), self);
}

static void
desk_clear (Desk *self)
{
  g_clear_object (&self->stream);
  g_clear_object (&self->client);
  g_clear_pointer (&self->replies, g_ptr_array_unref);
  g_clear_pointer (&self->requests, g_ptr_array_unref);
  g_clear_object (&self->authenticator);
  g_clear_object (&self->context);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Desk, desk_clear)

static void
desk_send (Desk              *self,
           const char *const *frames)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (frames);
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send (self->stream, message, &error);
  g_assert_no_error (error);
}

static gboolean
has_reply (gpointer data)
{
  return ((Desk *) data)->replies->len > 0;
}

/* Takes the next reply, which has all frames that libzmq wants. */
static void
desk_assert_reply (Desk       *self,
                   const char *request_id,
                   const char *status)
{
  static const char *const expected[] = { "", "1.0", NULL, NULL };
  g_autoptr (ZmqMessage) reply = NULL;
  g_autofree char *actual_id = NULL;
  g_autofree char *actual_status = NULL;
  g_autofree char *version = NULL;

  test_iterate_until (NULL, has_reply, self);
  reply = zmqglib_message_ref (self->replies->pdata[0]);
  g_ptr_array_remove_index (self->replies, 0);

  g_assert_cmpuint (zmqglib_message_get_n_frames (reply), ==, 7);
  version = zmqglib_message_get_string (reply, 1, NULL);
  actual_id = zmqglib_message_get_string (reply, 2, NULL);
  actual_status = zmqglib_message_get_string (reply, 3, NULL);
  g_assert_cmpstr (version, ==, expected[1]);
  g_assert_cmpstr (actual_id, ==, request_id);
  g_assert_cmpstr (actual_status, ==, status);
}

/* What is malformed is denied, where there is somebody to tell, and harms nobody else. */
static void
test_malformed (void)
{
  static const char *const invalid_text = "\xff\xfe";
  const struct
  {
    const char *frames[12];
    const char *status; /* NULL for no answer */
  } requests[] = {
    { { "" }, NULL },
    { { "x" }, NULL },
    { { "", "1.0" }, NULL },
    { { "x", "1.0", "1", "here", "127.0.0.1", "", "PLAIN", "anna", "sesame" }, NULL },
    { { "", "1.0", "1" }, "400" },
    { { "", "2.0", "1", "here", "127.0.0.1", "", "PLAIN", "anna", "sesame" }, "400" },
    { { "", "", "1", "here", "127.0.0.1", "", "PLAIN", "anna", "sesame" }, "400" },
    { { "", "1.0", "1", "here", "127.0.0.1", "", "PLAIN" }, "400" },
    { { "", "1.0", "1", "here", "127.0.0.1", "", "PLAIN", "anna" }, "400" },
    { { "", "1.0", "1", "here", "127.0.0.1", "", "PLAIN", "anna", "sesame", "x" }, "400" },
    { { "", "1.0", "1", "here", "127.0.0.1", "", "plain", "anna", "sesame" }, "400" },
    { { "", "1.0", "1", "here", "127.0.0.1", "", "NULL", "x" }, "400" },
    { { "", "1.0", "1", "here", "127.0.0.1", "", "CURVE", "too short" }, "400" },
    { { "", "1.0", "1", "here", "127.0.0.1", "", "SECRET", "x" }, "400" },
    { { "", "1.0", "1", invalid_text, "127.0.0.1", "", "PLAIN", "anna", "sesame" }, "400" },
    { { "", "1.0", "1", "here", invalid_text, "", "PLAIN", "anna", "sesame" }, "400" },
    { { "", "1.0", "1", "here", "127.0.0.1", "", "PLAIN", invalid_text, "sesame" }, "400" },
    { { "", "1.0", "1", "here", "127.0.0.1", "", "PLAIN", "anna", invalid_text }, "400" },
    { { "", "1.0", "1", "", "no address", "", "PLAIN", "anna", "sesame" }, "200" },
  };
  g_auto (Desk) desk = { 0 };

  desk_open (&desk);
  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      static const char *const good[] = { "", "1.0", "good", "here", "127.0.0.1", "", "PLAIN", "anna", "sesame", NULL };

      g_test_message ("request %" G_GSIZE_FORMAT, i);
      desk_send (&desk, requests[i].frames);
      if (requests[i].status != NULL)
        desk_assert_reply (&desk, "1", requests[i].status);
      desk_send (&desk, good);
      desk_assert_reply (&desk, "good", "200");
    }
}

/* What one would take for another name than it is. */
static void
test_embedded_zero (void)
{
  static const char user[] = "anna\0x";
  g_autoptr (ZmqMessage) message = NULL;
  g_auto (Desk) desk = { 0 };

  desk_open (&desk);
  message = zmqglib_message_new_from_strv ((const char *const[]){ "", "1.0", "1", "here", "", "", "PLAIN", NULL });
  zmqglib_message_append_data (message, user, sizeof user - 1);
  zmqglib_message_append_string (message, "sesame");
  g_assert_true (zmqglib_stream_send (desk.stream, message, NULL));
  desk_assert_reply (&desk, "1", "400");
}

static gboolean
on_authenticate (ZmqAuthenticator *authenticator,
                 ZmqAuthRequest   *request,
                 gpointer          data)
{
  g_ptr_array_add (data, g_object_ref (request));

  return TRUE;
}

static gboolean
has_two (gpointer data)
{
  return ((GPtrArray *) data)->len == 2;
}

/* libzmq aborts when it is told what it does not wait for: a session that asks anew gets one answer, the new one. */
static void
test_asked_anew (void)
{
  static const char *const first[] = { "", "1.0", "first", "here", "127.0.0.1", "", "PLAIN", "emil", "x", NULL };
  static const char *const second[] = { "", "1.0", "second", "here", "127.0.0.1", "", "PLAIN", "emil", "x", NULL };
  static const char *const third[] = { "", "1.0", "third", "here", "127.0.0.1", "", "PLAIN", "anna", "sesame", NULL };
  g_auto (Desk) desk = { 0 };

  desk_open (&desk);
  g_signal_connect (desk.authenticator, "authenticate", G_CALLBACK (on_authenticate), desk.requests);
  desk_send (&desk, first);
  desk_send (&desk, second);
  test_iterate_until (NULL, has_two, desk.requests);

  g_assert_false (zmqglib_auth_request_accept (desk.requests->pdata[0], "emil", NULL));
  g_assert_true (zmqglib_auth_request_accept (desk.requests->pdata[1], "emil", NULL));
  desk_assert_reply (&desk, "second", "200");
  desk_send (&desk, third);
  desk_assert_reply (&desk, "third", "200");
  g_assert_cmpuint (desk.replies->len, ==, 0);
}

/* Each way to deny. */
static void
test_statuses (void)
{
  static const struct
  {
    guint       status;
    const char *told;
  } statuses[] = { { 300, "300" }, { 400, "400" }, { 500, "500" }, { 200, "400" }, { 0, "400" } };
  static const char *const frames[] = { "", "1.0", "1", "here", "127.0.0.1", "", "NULL", NULL };
  g_auto (Desk) desk = { 0 };

  desk_open (&desk);
  g_signal_connect (desk.authenticator, "authenticate", G_CALLBACK (on_authenticate), desk.requests);
  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      desk_send (&desk, frames);
      while (desk.requests->len == 0)
        g_main_context_iteration (NULL, TRUE);
      g_assert_true (zmqglib_auth_request_deny (desk.requests->pdata[0], statuses[i].status, i == 0 ? "reason" : NULL));
      g_ptr_array_set_size (desk.requests, 0);
      desk_assert_reply (&desk, "1", statuses[i].told);
    }
}

/* What could not be told to libzmq, or would be taken for something else, is refused. */
static void
test_metadata (void)
{
  static const char *const frames[] = { "", "1.0", "1", "here", "127.0.0.1", "", "NULL", NULL };
  g_autofree char         *long_name = g_strnfill (256, 'x');
  const char *const        names[] = { "", "User-Id", "user-id", "X-Zmqglib-Mark", long_name };
  g_auto (Desk) desk = { 0 };

  desk_open (&desk);
  g_signal_connect (desk.authenticator, "authenticate", G_CALLBACK (on_authenticate), desk.requests);
  desk_send (&desk, frames);
  while (desk.requests->len == 0)
    g_main_context_iteration (NULL, TRUE);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GHashTable) metadata = g_hash_table_new (g_str_hash, g_str_equal);

      g_hash_table_insert (metadata, (gpointer) names[i], (gpointer) "x");
      g_test_expect_message ("zmqglib", G_LOG_LEVEL_CRITICAL, "*zmqglib_zap_is_metadata*");
      g_assert_false (zmqglib_auth_request_accept (desk.requests->pdata[0], "emil", metadata));
      g_test_assert_expected_messages ();
    }
  g_ptr_array_set_size (desk.requests, 0);
  desk_assert_reply (&desk, "1", "400");
}

/* A peer that speaks ZMTP by itself, and says in its handshake who it would like to be. */

static void
append_property (GByteArray *command,
                 const char *name,
                 const char *value)
{
  const guint8 name_size = strlen (name);
  const guint8 value_size[4] = { 0, 0, 0, strlen (value) };

  g_byte_array_append (command, &name_size, 1);
  g_byte_array_append (command, (const guint8 *) name, name_size);
  g_byte_array_append (command, value_size, sizeof value_size);
  g_byte_array_append (command, (const guint8 *) value, value_size[3]);
}

static void
append_command (GByteArray *bytes,
                GByteArray *command)
{
  const guint8 header[2] = { 4, command->len };

  g_byte_array_append (bytes, header, sizeof header);
  g_byte_array_append (bytes, command->data, command->len);
  g_byte_array_unref (command);
}

static GByteArray *
make_command (const char *name)
{
  GByteArray  *command = g_byte_array_new ();
  const guint8 size = strlen (name);

  g_byte_array_append (command, &size, 1);
  g_byte_array_append (command, (const guint8 *) name, size);

  return command;
}

static void
append_claims (GByteArray *command)
{
  append_property (command, "Socket-Type", "DEALER");
  append_property (command, "User-Id", "root");
  append_property (command, "X-Zmqglib-Mark", "00000000000000000000000000000000");
}

typedef struct
{
  ZmqSecurityMechanism mechanism;
  GSocketConnection   *connection;
  GThread             *thread;
} Impostor;

static void
impostor_write (Impostor   *self,
                GByteArray *bytes)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (self->connection)), bytes->data, bytes->len, NULL,
                             NULL, &error);
  g_assert_no_error (error);
  g_byte_array_unref (bytes);
}

/* libzmq takes what comes before it has spoken for a breach of the protocol. */
static void
impostor_await (Impostor   *self,
                const char *command)
{
  GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (self->connection));
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  while (g_strstr_len (heard->str, heard->len, command) == NULL)
    {
      char   data[256];
      gssize size = g_input_stream_read (stream, data, sizeof data, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpint (size, >, 0);
      for (gssize i = 0; i < size; i++)
        g_string_append_c (heard, data[i] != '\0' ? data[i] : ' ');
    }
}

static GByteArray *
make_greeting (ZmqSecurityMechanism mechanism)
{
  static const guint8 signature[12] = { 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0 };
  const char          null_name[20] = "NULL";
  const char          plain_name[20] = "PLAIN";
  const guint8        rest[32] = { 0 };
  GByteArray         *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, signature, sizeof signature);
  g_byte_array_append (
      bytes, (const guint8 *) (mechanism == ZMQGLIB_SECURITY_MECHANISM_PLAIN ? plain_name : null_name), sizeof null_name);
  g_byte_array_append (bytes, rest, sizeof rest);

  return bytes;
}

static GByteArray *
make_claim (const char *command_name)
{
  GByteArray *bytes = g_byte_array_new ();
  GByteArray *command = make_command (command_name);

  append_claims (command);
  append_command (bytes, command);

  return bytes;
}

static gpointer
impostor_run (gpointer data)
{
  static const guint8 hello[] = "\4anna\6sesame";
  static const guint8 message[] = { 0, 5, 'h', 'e', 'l', 'l', 'o' };
  Impostor           *self = data;
  GByteArray         *bytes = make_greeting (self->mechanism);

  if (self->mechanism == ZMQGLIB_SECURITY_MECHANISM_PLAIN)
    {
      GByteArray *command = make_command ("HELLO");

      g_byte_array_append (command, hello, sizeof hello - 1);
      append_command (bytes, command);
      impostor_write (self, bytes);
      impostor_await (self, "WELCOME");
      impostor_write (self, make_claim ("INITIATE"));
    }
  else
    {
      impostor_write (self, bytes);
      impostor_write (self, make_claim ("READY"));
    }

  impostor_await (self, "READY");
  bytes = g_byte_array_new ();
  impostor_write (self, g_byte_array_append (bytes, message, sizeof message));

  return NULL;
}

static void
impostor_start (Impostor            *self,
                const char          *endpoint,
                ZmqSecurityMechanism mechanism)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;

  self->mechanism = mechanism;
  self->connection = g_socket_client_connect_to_host (client, endpoint + strlen ("tcp://"), 0, NULL, &error);
  g_assert_no_error (error);
  g_socket_set_timeout (g_socket_connection_get_socket (self->connection), TEST_TIMEOUT_SECONDS);
  self->thread = g_thread_new ("impostor", impostor_run, self);
}

static void
impostor_end (Impostor *self)
{
  g_thread_join (self->thread);
  g_object_unref (self->connection);
}

static ZmqMessage *
receive_from_impostor (Gate *gate)
{
  Impostor impostor = { 0 };

  impostor_start (&impostor, gate->endpoint, gate->mechanism);
  test_iterate_until (NULL, test_is_set, &gate->message);
  impostor_end (&impostor);

  return g_steal_pointer (&gate->message);
}

/* A peer that nobody has vouched for may say whatever it likes. */
static void
test_claimed_to_nobody (void)
{
  g_autoptr (ZmqSocket) server = test_socket_new (NULL, ZMQGLIB_SOCKET_ROUTER);
  g_autofree char *endpoint = test_bind (server, "tcp");
  g_autoptr (ZmqMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  Impostor impostor = { 0 };

  impostor_start (&impostor, endpoint, ZMQGLIB_SECURITY_MECHANISM_NULL);
  message = zmqglib_socket_receive (server, NULL, &error);
  g_assert_no_error (error);
  impostor_end (&impostor);
  g_assert_cmpstr (zmqglib_message_get_metadata (message, "User-Id"), ==, "root");
  g_assert_null (zmqglib_message_get_user_id (message));
}

/* Who is let in by its address has no name, and does not get one by claiming it. */
static void
test_claimed_with_address (void)
{
  g_auto (Gate) gate = GATE_INIT;
  g_autoptr (ZmqMessage) message = NULL;

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_NULL, "here");
  zmqglib_authenticator_allow_address (gate.authenticator, "127.0.0.1");
  message = receive_from_impostor (&gate);
  g_assert_null (zmqglib_message_get_user_id (message));
}

/* Who has proven to be one does not become another. */
static void
test_claimed_with_password (void)
{
  g_auto (Gate) gate = GATE_INIT;
  g_autoptr (ZmqMessage) message = NULL;

  gate_open (&gate, ZMQGLIB_SECURITY_MECHANISM_PLAIN, "here");
  zmqglib_authenticator_add_password (gate.authenticator, NULL, "anna", "sesame");
  message = receive_from_impostor (&gate);
  g_assert_cmpstr (zmqglib_message_get_user_id (message), ==, "anna");
}

static void
on_zap_request (ZmqStream  *stream,
                ZmqMessage *message,
                gpointer    data)
{
  g_autofree char *id = zmqglib_message_get_string (message, 1, NULL);
  g_autoptr (ZmqMessage) reply =
      zmqglib_message_new_from_strv ((const char *const[]){ "1.0", id, "200", "OK", "root", "", NULL });

  zmqglib_stream_send (stream, reply, NULL);
}

/* Neither do others speak for an authenticator, who answer libzmq themselves. */
static void
test_foreign_authenticator (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) zap = test_socket_new (context, ZMQGLIB_SOCKET_REP);
  g_autoptr (ZmqSocket) server = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqStream) authenticator = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  g_autofree char *endpoint = NULL;
  Gate             gate = { 0 };
  Impostor         impostor = { 0 };

  g_assert_true (zmqglib_socket_bind (zap, "inproc://zeromq.zap.01", NULL));
  authenticator = zmqglib_stream_new (zap);
  g_signal_connect (authenticator, "received", G_CALLBACK (on_zap_request), NULL);
  g_object_set (server, "zap-domain", "here", NULL);
  endpoint = test_bind (server, "tcp");
  stream = zmqglib_stream_new (server);
  g_signal_connect (stream, "received", G_CALLBACK (gate_on_received), &gate);

  impostor_start (&impostor, endpoint, ZMQGLIB_SECURITY_MECHANISM_NULL);
  test_iterate_until (NULL, test_is_set, &gate.message);
  impostor_end (&impostor);
  g_assert_cmpstr (zmqglib_message_get_metadata (gate.message, "User-Id"), ==, "root");
  g_assert_null (zmqglib_message_get_user_id (gate.message));
  zmqglib_message_unref (gate.message);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/authenticator/zap/malformed", test_malformed);
  g_test_add_func ("/authenticator/zap/embedded-zero", test_embedded_zero);
  g_test_add_func ("/authenticator/zap/asked-anew", test_asked_anew);
  g_test_add_func ("/authenticator/zap/statuses", test_statuses);
  g_test_add_func ("/authenticator/zap/metadata", test_metadata);
  g_test_add_func ("/authenticator/claimed/to-nobody", test_claimed_to_nobody);
  g_test_add_func ("/authenticator/claimed/with-address", test_claimed_with_address);
  g_test_add_func ("/authenticator/claimed/with-password", test_claimed_with_password);
  g_test_add_func ("/authenticator/claimed/foreign-authenticator", test_foreign_authenticator);

  return g_test_run ();
}

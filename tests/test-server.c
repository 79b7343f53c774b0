/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-server-util.h"

/* What a server tells, and what comes back. */

static void
on_request_echo (ZmqServer  *server,
                 ZmqRequest *request,
                 gpointer    data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (zmqglib_request_reply (request, zmqglib_request_get_message (request), &error));
  g_assert_no_error (error);
}

/* REQ checks that what comes back is for its last request. */
static void
test_reply_in_handler (gconstpointer data)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;

  served_open (&served, data);
  client = served_new_client (&served, ZMQGLIB_SOCKET_REQ);
  g_signal_connect (served.server, "request", G_CALLBACK (on_request_echo), NULL);
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *frames = g_strdup_printf ("request|%u", i);

      served_ask (client, frames);
      served_expect (client, frames);
    }
  g_assert_cmpuint (zmqglib_server_get_n_pending (served.server), ==, 0);
}

/* Any number is under way, and answered in any order. */
static void
test_any_order (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;
  g_autoptr (ZmqSocket) other = NULL;

  served_open (&served, "tcp");
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  other = served_new_client (&served, ZMQGLIB_SOCKET_REQ);
  served_ask (client, "1||a");
  served_ask (client, "2||b");
  served_wait (&served, 2);
  served_ask (other, "c");
  served_wait (&served, 3);
  served_ask (client, "3||d");
  served_wait (&served, 4);
  served_check (&served, 0, "a");
  served_check (&served, 2, "c");

  served_reply (&served, 3, "D");
  served_reply (&served, 0, "A");
  served_reply (&served, 2, "C|more");
  served_reply (&served, 1, "B");
  served_expect (other, "C|more");
  served_expect (client, "3||D");
  served_expect (client, "1||A");
  served_expect (client, "2||B");
}

typedef struct
{
  const char *asked;
  const char *told;
  guint       n_told;   /* frames */
  const char *answered; /* to a reply “x|y” */
} Envelope;

static const Envelope envelopes[] = {
  { "|a", "a", 1, "|x|y" },
  { "|a|b|c", "a|b|c", 3, "|x|y" },
  { "id||a", "a", 1, "id||x|y" },
  { "one|two|three||a|b", "a|b", 2, "one|two|three||x|y" },
  { "||a", "|a", 2, "|x|y" },
  { "|a||b", "a||b", 3, "|x|y" },
  { "id||", "", 1, "id||x|y" },
  { "id|", "", 0, "id||x|y" },
  { "", "", 0, "|x|y" },
  { "|", "", 1, "|x|y" },
  { "a", "a", 1, "x|y" },
  { "a|b", "a|b", 2, "x|y" },
  { "a frame that is longer than what libzmq keeps in a message|b", "a frame that is longer than what libzmq keeps in a message|b", 2, "x|y" },
  { "an id that is longer than what libzmq keeps in a message||b", "b", 1, "an id that is longer than what libzmq keeps in a message||x|y" },
};

/* What is in front of the body comes back. */
static void
test_envelope (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;

  served_open (&served, "tcp");
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  for (guint i = 0; i < G_N_ELEMENTS (envelopes); i++)
    {
      const Envelope *envelope = &envelopes[i];

      served_ask (client, envelope->asked);
      served_wait (&served, i + 1);
      g_assert_cmpuint (zmqglib_message_get_n_frames (zmqglib_request_get_message (served_get (&served, i))), ==,
                        envelope->n_told);
      served_check (&served, i, envelope->told);
      served_reply (&served, i, "x|y");
      served_expect (client, envelope->answered);
    }
}

/* The body is the program’s: what becomes of it does not change where the reply goes. */
static void
test_body_changed (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static ("front", 5);
  ZmqMessage *body;

  served_open (&served, "tcp");
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  served_ask (client, "id||body");
  served_wait (&served, 1);
  body = zmqglib_request_get_message (served_get (&served, 0));
  zmqglib_message_prepend_bytes (body, bytes);
  zmqglib_message_prepend_bytes (body, bytes);
  zmqglib_message_prepend_bytes (body, bytes);
  zmqglib_message_append_string (body, "end");
  served_reply (&served, 0, "reply");
  served_expect (client, "id||reply");
  served_check (&served, 0, "front|front|front|body|end");
}

static void
test_refused_replies (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;

  served_open (&served, "tcp");
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_REQ);
  served_ask (client, "a");
  served_wait (&served, 1);

  served_reply_fails (served_get (&served, 0), NULL, ZMQGLIB_ERROR_INVALID_ARGUMENT, "reply");
  g_assert_cmpuint (zmqglib_server_get_n_pending (served.server), ==, 1);
  served_reply (&served, 0, "A");
  g_assert_cmpuint (zmqglib_server_get_n_pending (served.server), ==, 0);
  served_reply_fails (served_get (&served, 0), "B", ZMQGLIB_ERROR_WRONG_STATE, "reply");
  g_assert_cmpuint (zmqglib_server_get_n_pending (served.server), ==, 0);
  served_expect (client, "A");
}

/* A message that is sent elsewhere, and one that answers several, stays as it is. */
static void
test_same_message (void)
{
  g_auto (Served) served = { 0 };
  ZmqSocket *clients[3];
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  g_autofree char *large = g_strnfill (100000, 'x');
  g_autofree char *frames = g_strdup_printf ("reply|%s", large);
  g_autoptr (ZmqMessage) message = served_message (frames);
  g_autoptr (GError) error = NULL;

  served_open (&served, "tcp");
  served_listen (&served);
  push = test_socket_new (served.context, ZMQGLIB_SOCKET_PUSH);
  stream = zmqglib_stream_new (push);
  zmqglib_stream_send (stream, message, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (stream), ==, 1);

  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      clients[i] = served_new_client (&served, i == 0 ? ZMQGLIB_SOCKET_DEALER : ZMQGLIB_SOCKET_REQ);
      served_ask (clients[i], "a");
      served_wait (&served, i + 1);
    }
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      zmqglib_request_reply (served_get (&served, i), message, &error);
      g_assert_no_error (error);
      served_check_message (message, frames);
    }
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      served_expect (clients[i], frames);
      g_object_unref (clients[i]);
    }
}

/* The tracker of a message is about its use as a reply. */
static void
test_tracked_reply (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;
  g_autofree char *large = g_strnfill (100000, 'x');
  g_autoptr (GBytes) bytes = g_bytes_new (large, 100000);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_bytes (bytes);
  g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);

  served_open (&served, "inproc");
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_REQ);
  served_ask (client, "a");
  served_wait (&served, 1);
  g_assert_false (zmqglib_tracker_is_done (tracker));
  g_assert_true (zmqglib_request_reply (served_get (&served, 0), message, NULL));
  g_assert_false (zmqglib_tracker_is_done (tracker));
  served_expect (client, large);
  test_iterate_until (NULL, (TestDoneFunc) zmqglib_tracker_is_done, tracker);
}

/* Nothing is sent for it, and that holds up nobody. */
static void
test_dropped_request (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;

  served_open (&served, "inproc");
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  served_ask (client, "1||a");
  served_ask (client, "2||b");
  served_wait (&served, 2);
  g_assert_cmpuint (zmqglib_server_get_n_pending (served.server), ==, 2);
  g_ptr_array_remove_index (served.requests, 0);
  g_assert_cmpuint (zmqglib_server_get_n_pending (served.server), ==, 1);
  served_settle ();
  served_expect_nothing (client);
  served_reply (&served, 0, "B");
  served_expect (client, "2||B");
}

/* From the loop, and once for what changes in one turn of it. */
static void
test_n_pending (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;
  guint n_pending;

  served_open (&served, "inproc");
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  served_ask (client, "a");
  served_wait (&served, 1);
  served_settle ();
  g_object_get (served.server, "n-pending", &n_pending, NULL);
  g_assert_cmpuint (n_pending, ==, 1);
  g_assert_cmpuint (served.n_notified, ==, 1);

  served_ask (client, "b");
  served_ask (client, "c");
  served_wait (&served, 3);
  served_settle ();
  g_assert_cmpuint (zmqglib_server_get_n_pending (served.server), ==, 3);
  served.n_notified = 0;
  served_reply (&served, 0, "A");
  g_ptr_array_set_size (served.requests, 2);
  g_assert_cmpuint (zmqglib_server_get_n_pending (served.server), ==, 1);
  g_assert_cmpuint (served.n_notified, ==, 0);
  served_settle ();
  g_assert_cmpuint (served.n_notified, ==, 1);

  /* one that is replied to at once changes nothing */
  g_signal_handler_disconnect (served.server, served.handler);
  g_signal_connect (served.server, "request", G_CALLBACK (on_request_echo), NULL);
  served_ask (client, "d");
  served_settle ();
  served_expect (client, "A");
  served_expect (client, "d");
  g_assert_cmpuint (served.n_notified, ==, 1);
}

/* No more are told, but left in the socket, until others are replied to or dropped, or more are allowed. */
static void
test_max_pending (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;

  served_open (&served, "inproc");
  g_object_set (served.server, "max-pending", 3, NULL);
  g_assert_cmpuint (zmqglib_server_get_max_pending (served.server), ==, 3);
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *frames = g_strdup_printf ("%u", i);

      served_ask (client, frames);
    }
  served_wait (&served, 3);
  served_settle ();
  g_assert_cmpuint (served.n_told, ==, 3);
  g_assert_true (served_has_input (&served));

  served_reply (&served, 1, "reply");
  served_settle ();
  g_assert_cmpuint (served.n_told, ==, 4);
  g_ptr_array_remove_index (served.requests, 0);
  served_settle ();
  g_assert_cmpuint (served.n_told, ==, 5);
  zmqglib_server_set_max_pending (served.server, 5);
  served_settle ();
  g_assert_cmpuint (served.n_told, ==, 7);
  zmqglib_server_set_max_pending (served.server, 1);
  g_ptr_array_set_size (served.requests, 2);
  served_settle ();
  g_assert_cmpuint (served.n_told, ==, 7);
  g_ptr_array_set_size (served.requests, 0);
  served_settle ();
  g_assert_cmpuint (served.n_told, ==, 8);
  zmqglib_server_set_max_pending (served.server, 0);
  served_wait (&served, 20);
  for (guint i = 0; i < served.requests->len; i++)
    {
      g_autofree char *frames = g_strdup_printf ("%u", i + 7);

      served_check (&served, i, frames);
    }
}

static void
ask_numbers (ZmqSocket *client,
             guint      n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *frames = g_strdup_printf ("%u", i);

      served_ask (client, frames);
    }
}

static void
check_numbers (Served *served,
               guint   n)
{
  served_wait (served, n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *frames = g_strdup_printf ("%u", i);

      served_check (served, i, frames);
    }
  served_settle ();
  g_assert_cmpuint (served->n_told, ==, n);
}

/* Requests wait in the socket until somebody listens, and come in order. */
static void
test_nobody_listens (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;

  served_open (&served, "inproc");
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  ask_numbers (client, 100);
  served_settle ();
  g_assert_true (served_has_input (&served));
  served_listen (&served);
  check_numbers (&served, 100);
}

static void
on_request_stop (ZmqServer  *server,
                 ZmqRequest *request,
                 Served     *served)
{
  if (served->n_told % 10 != 0)
    return;

  if (served->n_told % 20 == 0)
    g_signal_handler_block (server, served->handler);
  else
    g_clear_signal_handler (&served->handler, server);
}

/* Who stops to listen in a burst gets the rest later: none is lost, and none comes twice. */
static void
test_stops_listening (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;

  served_open (&served, "inproc");
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  ask_numbers (client, 95);
  for (guint n = 10; n < 95; n += 10)
    {
      gulong stopper = g_signal_connect_after (served.server, "request", G_CALLBACK (on_request_stop), &served);

      served_wait (&served, n);
      g_signal_handler_disconnect (served.server, stopper);
      served_settle ();
      g_assert_cmpuint (served.n_told, ==, n);
      if (served.handler != 0)
        g_signal_handler_unblock (served.server, served.handler);
      else
        served_listen (&served);
    }
  check_numbers (&served, 95);
}

/* As promised also when what stops it comes between reading and telling, from another source of the loop. */
static void
on_received_stop (ZmqStream  *stream,
                  ZmqMessage *message,
                  Served     *served)
{
  g_clear_signal_handler (&served->handler, served->server);
}

static void
test_stopped_by_others (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqStream) stream = NULL;

  served_open (&served, "inproc");
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  test_socket_pair (served.context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  stream = zmqglib_stream_new (pull);
  g_signal_connect (stream, "received", G_CALLBACK (on_received_stop), &served);
  ask_numbers (client, 50);
  while (served.n_told < 50)
    {
      if (served.handler == 0)
        served_listen (&served);
      test_send_string (push, "stop");
      g_main_context_iteration (NULL, FALSE);
    }
  check_numbers (&served, 50);
}

static void
test_endpoints (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) near = NULL;
  g_autoptr (ZmqSocket) far = NULL;
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;
  g_autoptr (GError) error = NULL;

  served_open (&served, "tcp");
  first = g_strdup (served.endpoint);
  g_signal_connect (served.server, "notify::last-endpoint", G_CALLBACK (served_on_notify), &served);
  served_listen (&served);
  far = served_new_client (&served, ZMQGLIB_SOCKET_REQ);
  served_bind (&served, "inproc");
  g_assert_cmpuint (served.n_notified, ==, 1);
  near = served_new_client (&served, ZMQGLIB_SOCKET_REQ);
  served_ask (near, "near");
  served_wait (&served, 1);
  served_ask (far, "far");
  served_wait (&served, 2);
  served_reply (&served, 0, "to near");
  served_reply (&served, 1, "to far");
  served_expect (far, "to far");
  served_expect (near, "to near");

  g_assert_false (zmqglib_server_bind (served.server, first, &error));
  test_assert_error (error, ZMQGLIB_ERROR_ADDRESS_IN_USE, first);
  g_assert_false (zmqglib_server_bind (served.server, "no endpoint", &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "no endpoint");
  g_object_get (served.server, "last-endpoint", &last, NULL);
  g_assert_cmpstr (last, ==, served.endpoint);
}

static void
test_properties (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqServer) server = zmqglib_server_new (NULL, &error);
  g_autoptr (ZmqContext) context = NULL;
  g_autoptr (ZmqContext) ended = zmqglib_context_new ();
  g_autoptr (ZmqServer) unmade   G_GNUC_UNUSED = g_object_new (ZMQGLIB_TYPE_SERVER, NULL);
  g_autoptr (ZmqRequest) unasked G_GNUC_UNUSED = g_object_new (ZMQGLIB_TYPE_REQUEST, NULL);
  gboolean                       owned_by_loop;

  g_assert_no_error (error);
  g_object_get (server, "context", &context, "owned-by-loop", &owned_by_loop, NULL);
  g_assert_true (context == zmqglib_context_get_default ());
  g_assert_true (zmqglib_server_get_context (server) == context);
  g_assert_false (owned_by_loop);
  g_assert_null (zmqglib_server_dup_last_endpoint (server));
  g_assert_cmpint (zmqglib_socket_get_socket_type (zmqglib_server_get_socket (server)), ==, ZMQGLIB_SOCKET_ROUTER);
  g_assert_cmpuint (zmqglib_server_get_max_pending (server), ==, 0);
  g_assert_cmpuint (zmqglib_server_get_n_pending (server), ==, 0);
  g_assert_false (zmqglib_server_is_closed (server));

  zmqglib_context_shutdown (ended);
  g_assert_null (zmqglib_server_new (ended, &error));
  test_assert_error (error, ZMQGLIB_ERROR_TERMINATED, "socket");
}

static void
test_peer (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) client = NULL;
  g_autoptr (ZmqSocket) named = NULL;
  g_autoptr (GBytes) name = g_bytes_new_static ("name", 4);
  GBytes *peers[3];
  g_autoptr (GBytes) peer = NULL;
  g_autoptr (ZmqMessage) message = NULL;
  g_autofree char *user_id = NULL;

  served_open (&served, "tcp");
  served_listen (&served);
  client = served_new_client (&served, ZMQGLIB_SOCKET_DEALER);
  named = test_socket_new (served.context, ZMQGLIB_SOCKET_REQ);
  g_object_set (named, "routing-id", name, NULL);
  g_assert_true (zmqglib_socket_connect_to (named, served.endpoint, NULL));
  served_ask (client, "a");
  served_ask (client, "b");
  served_wait (&served, 2);
  served_ask (named, "c");
  served_wait (&served, 3);
  for (guint i = 0; i < 3; i++)
    peers[i] = zmqglib_request_get_peer (served_get (&served, i));
  g_assert_true (g_bytes_equal (peers[0], peers[1]));
  g_assert_cmpuint (g_bytes_get_size (peers[0]), ==, 5);
  g_assert_true (g_bytes_equal (peers[2], name));
  for (guint i = 0; i < 3; i++)
    g_bytes_unref (peers[i]);

  g_object_get (served_get (&served, 2), "peer", &peer, "message", &message, "user-id", &user_id, NULL);
  g_assert_true (g_bytes_equal (peer, name));
  served_check_message (message, "c");
  g_assert_null (user_id);
  g_assert_null (zmqglib_request_get_user_id (served_get (&served, 2)));
}

/* An authenticator vouches for who asks. */
static void
test_user_id (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqAuthenticator) authenticator = NULL;
  g_autoptr (ZmqCertificate) certificate = zmqglib_certificate_new (NULL);
  g_autoptr (ZmqCertificate) own = zmqglib_certificate_new (NULL);
  g_autoptr (ZmqSocket) client = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *user_id = NULL;

  served.context = zmqglib_context_new ();
  served.requests = g_ptr_array_new_with_free_func (g_object_unref);
  authenticator = zmqglib_authenticator_new (served.context, &error);
  g_assert_no_error (error);
  zmqglib_authenticator_allow_key (authenticator, NULL, zmqglib_certificate_get_public_key (own), "Ann");
  served.server = zmqglib_server_new (served.context, &error);
  g_assert_no_error (error);
  zmqglib_socket_set_curve_server (zmqglib_server_get_socket (served.server), certificate, &error);
  g_assert_no_error (error);
  served_bind (&served, "tcp");
  served_listen (&served);

  client = test_socket_new (served.context, ZMQGLIB_SOCKET_REQ);
  zmqglib_socket_set_curve_client (client, own, zmqglib_certificate_get_public_key (certificate), &error);
  g_assert_no_error (error);
  zmqglib_socket_connect_to (client, served.endpoint, &error);
  g_assert_no_error (error);
  served_ask (client, "a");
  served_wait (&served, 1);
  g_assert_cmpstr (zmqglib_request_get_user_id (served_get (&served, 0)), ==, "Ann");
  g_object_get (served_get (&served, 0), "user-id", &user_id, NULL);
  g_assert_cmpstr (user_id, ==, "Ann");
  g_assert_cmpstr (zmqglib_message_get_user_id (zmqglib_request_get_message (served_get (&served, 0))), ==, "Ann");
  served_reply (&served, 0, "A");
  served_expect (client, "A");
}

/* One who does not read misses replies, and nobody else does. */
static void
test_slow_client (void)
{
  g_auto (Served) served = { 0 };
  g_autoptr (ZmqSocket) slow = NULL;
  g_autoptr (ZmqSocket) client = NULL;
  guint n_received = 0;

  served_open (&served, "inproc");
  g_object_set (zmqglib_server_get_socket (served.server), "send-high-water-mark", 1, NULL);
  served_bind (&served, "inproc");
  slow = test_socket_new (served.context, ZMQGLIB_SOCKET_DEALER);
  g_object_set (slow, "receive-high-water-mark", 1, NULL);
  g_assert_true (zmqglib_socket_connect_to (slow, served.endpoint, NULL));
  client = served_new_client (&served, ZMQGLIB_SOCKET_REQ);
  g_signal_connect (served.server, "request", G_CALLBACK (on_request_echo), NULL);
  ask_numbers (slow, 100);
  for (guint i = 0; i < 10; i++)
    {
      served_ask (client, "a");
      served_expect (client, "a");
    }
  served_settle ();
  g_assert_cmpuint (zmqglib_server_get_n_pending (served.server), ==, 0);
  for (;;)
    {
      g_autoptr (ZmqMessage) message = zmqglib_socket_try_receive (slow, NULL);

      if (message == NULL)
        break;
      n_received++;
    }
  g_assert_cmpuint (n_received, <, 100);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/server/reply-in-handler/inproc", "inproc", test_reply_in_handler);
  g_test_add_data_func ("/server/reply-in-handler/ipc", "ipc", test_reply_in_handler);
  g_test_add_data_func ("/server/reply-in-handler/tcp", "tcp", test_reply_in_handler);
  g_test_add_func ("/server/any-order", test_any_order);
  g_test_add_func ("/server/envelope", test_envelope);
  g_test_add_func ("/server/body-changed", test_body_changed);
  g_test_add_func ("/server/refused-replies", test_refused_replies);
  g_test_add_func ("/server/same-message", test_same_message);
  g_test_add_func ("/server/tracked-reply", test_tracked_reply);
  g_test_add_func ("/server/dropped-request", test_dropped_request);
  g_test_add_func ("/server/n-pending", test_n_pending);
  g_test_add_func ("/server/max-pending", test_max_pending);
  g_test_add_func ("/server/nobody-listens", test_nobody_listens);
  g_test_add_func ("/server/stops-listening", test_stops_listening);
  g_test_add_func ("/server/stopped-by-others", test_stopped_by_others);
  g_test_add_func ("/server/endpoints", test_endpoints);
  g_test_add_func ("/server/properties", test_properties);
  g_test_add_func ("/server/peer", test_peer);
  g_test_add_func ("/server/user-id", test_user_id);
  g_test_add_func ("/server/slow-client", test_slow_client);

  return g_test_run ();
}

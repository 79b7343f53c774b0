/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include "test-asked.h"
#include "test-counted.h"
#include "test-network-util.h"

/* Proxies and authenticators in a network that fails. A proxy loses nothing of what it has; an authenticator lets in nobody
 * else, whatever breaks, and afterwards those that it should. */

#define N_MESSAGES 200

/* A proxy on the near side. Its backend connects to the far side, its frontend has the program on the same machine. */
typedef struct
{
  ZmqContext *contexts[2];
  ZmqSocket  *frontend;
  ZmqSocket  *backend;
  ZmqProxy   *proxy;
  Counted     backend_events;
  Counted     sender;
  Counted     receiver;
  Asker       asker;
  Answerer    answerer;
} Middle;

#define MIDDLE_INIT \
  {                 \
    {               \
      NULL          \
    }               \
  }

static void
middle_open (Middle       *self,
             ZmqSocketType frontend,
             ZmqSocketType backend)
{
  network_mend ();
  for (NetworkSide side = NETWORK_SIDE_NEAR; side <= NETWORK_SIDE_FAR; side++)
    self->contexts[side] = network_context (side);
  self->frontend = test_socket_new (self->contexts[NETWORK_SIDE_NEAR], frontend);
  self->backend = test_socket_new (self->contexts[NETWORK_SIDE_NEAR], backend);
  /* what there is no connection for stays where it is */
  g_object_set (self->backend, "immediate", TRUE, NULL);
  network_notice (self->backend);
}

/* Before it has started: then the sockets are its own. */
static void
middle_start (Middle       *self,
              const char   *endpoint,
              gconstpointer in_thread)
{
  g_autoptr (GError) error = NULL;

  self->backend_events.monitor = zmqglib_monitor_new (self->backend, &error);
  g_assert_no_error (error);
  g_signal_connect (self->backend_events.monitor, "event", G_CALLBACK (counted_on_event), &self->backend_events);
  network_connect (self->backend, endpoint);
  self->proxy = zmqglib_proxy_new (self->frontend, self->backend, NULL, &error);
  g_assert_no_error (error);
  if (GPOINTER_TO_INT (in_thread))
    zmqglib_proxy_start_in_thread (self->proxy, &error);
  else
    zmqglib_proxy_start (self->proxy);
  g_assert_no_error (error);
}

static void
middle_clear (Middle *self)
{
  if (self->proxy != NULL)
    {
      zmqglib_proxy_stop (self->proxy);
      test_until (!zmqglib_proxy_get_running (self->proxy));
      zmqglib_monitor_close (self->backend_events.monitor);
    }
  g_clear_object (&self->backend_events.monitor);
  g_clear_object (&self->proxy);
  counted_clear (&self->sender);
  counted_clear (&self->receiver);
  asker_clear (&self->asker);
  answerer_clear (&self->answerer);
  g_clear_object (&self->frontend);
  g_clear_object (&self->backend);
  g_clear_object (&self->contexts[0]);
  g_clear_object (&self->contexts[1]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Middle, middle_clear)

/* From a PUSH of ours through the proxy to a PULL on the far side. */
static void
middle_open_pipeline (Middle       *self,
                      gconstpointer in_thread)
{
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqSocket) pull = NULL;
  g_autofree char *near_endpoint = NULL;
  g_autofree char *far_endpoint = NULL;

  middle_open (self, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH);
  push = test_socket_new (self->contexts[NETWORK_SIDE_NEAR], ZMQGLIB_SOCKET_PUSH);
  pull = test_socket_new (self->contexts[NETWORK_SIDE_FAR], ZMQGLIB_SOCKET_PULL);
  network_notice (pull);
  counted_open (&self->sender, push);
  counted_open (&self->receiver, pull);
  near_endpoint = test_bind (self->frontend, "tcp");
  network_connect (push, near_endpoint);
  far_endpoint = network_bind (NETWORK_SIDE_FAR, pull);
  middle_start (self, far_endpoint, in_thread);
  counted_send (&self->sender, N_MESSAGES);
  test_until (self->receiver.next == N_MESSAGES);
}

static void
middle_end_pipeline (Middle *self,
                     guint   n_lost_at_most)
{
  test_until (self->receiver.next == self->sender.n_accepted);
  g_test_message ("%u sent, %" G_GUINT64_FORMAT " forwarded, %u came, %u missing", self->sender.n_accepted,
                  zmqglib_proxy_get_n_forwarded_in (self->proxy), self->receiver.n_received, self->receiver.n_missing);
  g_assert_cmpuint (zmqglib_proxy_get_n_forwarded_in (self->proxy), ==, self->sender.n_accepted);
  counted_assert_missing_within (&self->receiver, N_MESSAGES, N_MESSAGES + n_lost_at_most);
}

static void
test_proxy_moment (gconstpointer in_thread)
{
  g_auto (Middle) middle = MIDDLE_INIT;

  if (!network_is_there ())
    return;

  middle_open_pipeline (&middle, in_thread);
  wire_cut (&network.wire);
  counted_send (&middle.sender, N_MESSAGES);
  test_pass_time (200);
  wire_mend (&network.wire);
  middle_end_pipeline (&middle, 0);
}

static void
test_proxy_partition (gconstpointer in_thread)
{
  g_auto (Middle) middle = MIDDLE_INIT;
  guint64 n_forwarded;

  if (!network_is_there ())
    return;

  middle_open_pipeline (&middle, in_thread);
  wire_cut (&network.wire);
  counted_send (&middle.sender, N_MESSAGES);
  test_until (middle.backend_events.n_retried > 0);
  /* the proxy’s socket has been told, and learns it with the first message, if not before */
  test_pass_time (200);
  n_forwarded = zmqglib_proxy_get_n_forwarded_in (middle.proxy);
  counted_send (&middle.sender, N_MESSAGES);
  test_pass_time (100);
  g_assert_cmpuint (zmqglib_proxy_get_n_forwarded_in (middle.proxy), ==, n_forwarded);
  wire_mend (&network.wire);
  counted_send (&middle.sender, N_MESSAGES);
  middle_end_pipeline (&middle, N_MESSAGES);
}

/* From a client of ours through the proxy to a server on the far side. */
static void
middle_open_requests (Middle       *self,
                      gconstpointer in_thread)
{
  g_autofree char *near_endpoint = NULL;
  g_autofree char *far_endpoint = NULL;

  middle_open (self, ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER);
  asker_open (&self->asker, self->contexts[NETWORK_SIDE_NEAR]);
  answerer_open (&self->answerer, self->contexts[NETWORK_SIDE_FAR]);
  network_notice (zmqglib_server_get_socket (self->answerer.server));
  near_endpoint = test_bind (self->frontend, "tcp");
  far_endpoint = network_bind (NETWORK_SIDE_FAR, zmqglib_server_get_socket (self->answerer.server));
  asker_connect (&self->asker, near_endpoint);
  middle_start (self, far_endpoint, in_thread);
}

static void
middle_works (Middle *self)
{
  guint n_answered = self->asker.n_answered;

  asker_set_terms (&self->asker, TEST_TIMEOUT_SECONDS * 1000, 1);
  asker_ask (&self->asker, N_MESSAGES, NULL);
  test_until (asker_is_done (&self->asker));
  g_assert_cmpuint (self->asker.n_answered, ==, n_answered + N_MESSAGES);
}

/* Requests that run into the break may fail, in time; all others are answered. */
static void
test_proxy_requests (gconstpointer in_thread)
{
  g_auto (Middle) middle = MIDDLE_INIT;

  if (!network_is_there ())
    return;

  middle_open_requests (&middle, in_thread);
  middle_works (&middle);
  wire_cut (&network.wire);
  asker_set_terms (&middle.asker, 500, 1);
  asker_ask (&middle.asker, N_MESSAGES, NULL);
  test_until (asker_is_done (&middle.asker));
  g_assert_cmpuint (middle.asker.n_failed, ==, N_MESSAGES);
  test_until (middle.backend_events.n_retried > 0);
  test_pass_time (200);
  asker_set_terms (&middle.asker, TEST_TIMEOUT_SECONDS * 1000, 1);
  asker_ask (&middle.asker, N_MESSAGES, NULL);
  wire_mend (&network.wire);
  test_until (asker_is_done (&middle.asker));
  g_assert_cmpuint (middle.asker.n_answered, ==, 2 * N_MESSAGES);
  middle_works (&middle);
  g_test_message ("%u asked, %u answered, %u failed, %" G_GUINT64_FORMAT " forwarded, %" G_GUINT64_FORMAT " back",
                  middle.asker.n_begun, middle.asker.n_answered, middle.asker.n_failed,
                  zmqglib_proxy_get_n_forwarded_in (middle.proxy), zmqglib_proxy_get_n_forwarded_out (middle.proxy));
  g_assert_cmpuint (zmqglib_proxy_get_n_forwarded_in (middle.proxy), ==, middle.asker.n_begun);
}

/* A server on the far side, to which friends and strangers come from the near side. */
typedef struct
{
  ZmqContext       *contexts[2];
  ZmqAuthenticator *authenticator;
  ZmqCertificate   *certificate;
  ZmqCertificate   *friend_certificate;
  ZmqStream        *stream;
  ZmqMonitor       *monitor;
  char             *endpoint;
  GPtrArray        *strangers; /* of ZmqSocket */
  GQueue            kept;      /* of ZmqAuthRequest */
  guint             n_friendly;
  guint             n_handshakes;
} Gate;

static void
gate_on_received (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    data)
{
  Gate            *self = data;
  g_autofree char *text = zmqglib_message_get_string (message, 1, NULL);

  g_assert_cmpstr (text, ==, "friend");
  g_assert_cmpstr (zmqglib_message_get_user_id (message), ==, "Ann");
  self->n_friendly++;
}

static void
gate_on_handshake (ZmqMonitor      *monitor,
                   ZmqMonitorEvent *event,
                   gpointer         data)
{
  ((Gate *) data)->n_handshakes++;
}

static gboolean
gate_on_authenticate (ZmqAuthenticator *authenticator,
                      ZmqAuthRequest   *request,
                      gpointer          data)
{
  g_queue_push_tail (&((Gate *) data)->kept, g_object_ref (request));

  return TRUE;
}

static void
gate_open (Gate *self)
{
  g_autoptr (ZmqSocket) router = NULL;
  g_autoptr (GError) error = NULL;

  network_mend ();
  *self = (Gate){ 0 };
  for (NetworkSide side = NETWORK_SIDE_NEAR; side <= NETWORK_SIDE_FAR; side++)
    self->contexts[side] = network_context (side);
  self->strangers = g_ptr_array_new_with_free_func (g_object_unref);
  self->certificate = zmqglib_certificate_new (NULL);
  self->friend_certificate = zmqglib_certificate_new (NULL);
  self->authenticator = zmqglib_authenticator_new (self->contexts[NETWORK_SIDE_FAR], &error);
  g_assert_no_error (error);
  router = test_socket_new (self->contexts[NETWORK_SIDE_FAR], ZMQGLIB_SOCKET_ROUTER);
  network_notice (router);
  zmqglib_socket_set_curve_server (router, self->certificate, &error);
  g_assert_no_error (error);
  self->monitor = zmqglib_monitor_new (router, &error);
  g_assert_no_error (error);
  g_signal_connect (self->monitor, "event::handshake-succeeded", G_CALLBACK (gate_on_handshake), self);
  self->stream = zmqglib_stream_new (router);
  g_signal_connect (self->stream, "received", G_CALLBACK (gate_on_received), self);
  self->endpoint = network_bind (NETWORK_SIDE_FAR, router);
}

static void
gate_clear (Gate *self)
{
  if (self->stream == NULL)
    return;

  g_queue_clear_full (&self->kept, g_object_unref);
  g_ptr_array_unref (self->strangers);
  g_signal_handlers_disconnect_by_data (self->authenticator, self);
  zmqglib_stream_close (self->stream);
  zmqglib_monitor_close (self->monitor);
  g_clear_object (&self->stream);
  g_clear_object (&self->monitor);
  g_clear_object (&self->authenticator);
  g_clear_object (&self->certificate);
  g_clear_object (&self->friend_certificate);
  g_clear_object (&self->contexts[0]);
  g_clear_object (&self->contexts[1]);
  g_clear_pointer (&self->endpoint, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Gate, gate_clear)

/* Sends a message as soon as it is let in. Without a certificate it does not even try to prove who it is. */
static ZmqSocket *
gate_new_peer (Gate           *self,
               ZmqCertificate *certificate,
               const char     *text)
{
  ZmqSocket *peer = test_socket_new (self->contexts[NETWORK_SIDE_NEAR], ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (text);
  g_autoptr (GError) error = NULL;

  network_notice (peer);
  if (certificate != NULL)
    zmqglib_socket_set_curve_client (peer, certificate, zmqglib_certificate_get_public_key (self->certificate), &error);
  g_assert_no_error (error);
  network_connect (peer, self->endpoint);
  zmqglib_socket_try_send (peer, message, &error);
  g_assert_no_error (error);

  return peer;
}

static void
gate_add_stranger (Gate    *self,
                   gboolean has_certificate)
{
  g_autoptr (ZmqCertificate) certificate = has_certificate ? zmqglib_certificate_new (NULL) : NULL;

  g_ptr_array_add (self->strangers, gate_new_peer (self, certificate, "stranger"));
}

/* One that may come in, does. */
static void
gate_let_friend_in (Gate *self)
{
  guint                      n_friendly = self->n_friendly;
  g_autoptr (ZmqSocket) peer G_GNUC_UNUSED = gate_new_peer (self, self->friend_certificate, "friend");

  test_until (self->n_friendly == n_friendly + 1);
}

/* However often connections break, in whatever state they are. */
static void
test_authenticator_breaks (void)
{
  g_auto (Gate) gate = { 0 };
  g_autoptr (ZmqSocket) first = NULL;

  if (!network_is_there ())
    return;

  gate_open (&gate);
  zmqglib_authenticator_allow_key (gate.authenticator, NULL, zmqglib_certificate_get_public_key (gate.friend_certificate), "Ann");
  gate_let_friend_in (&gate);
  first = gate_new_peer (&gate, gate.friend_certificate, "friend");
  test_until (gate.n_friendly == 2);
  for (guint i = 0; i < 10; i++)
    {
      gate_add_stranger (&gate, i % 2 == 0);
      wire_be_bad (&network.wire);
      test_pass_time (60);
      wire_cut (&network.wire);
      test_pass_time (60);
      g_atomic_int_set (&network.wire.is_cut, FALSE);
      gate_let_friend_in (&gate);
    }
  wire_mend (&network.wire);
  gate_let_friend_in (&gate);
  test_until (gate.n_friendly == 13 && zmqglib_authenticator_get_n_denied (gate.authenticator) > 0);
  g_test_message ("%u friends, %u handshakes, %" G_GUINT64_FORMAT " let in, %" G_GUINT64_FORMAT " kept out", gate.n_friendly,
                  gate.n_handshakes, zmqglib_authenticator_get_n_accepted (gate.authenticator),
                  zmqglib_authenticator_get_n_denied (gate.authenticator));
}

/* Who is let in when it is gone is not there, and its place is nobody else’s. */
static void
test_authenticator_dialog (void)
{
  g_auto (Gate) gate = { 0 };
  g_autoptr (ZmqSocket) gone = NULL;
  g_autoptr (ZmqAuthRequest) request = NULL;
  guint64 n_denied;

  if (!network_is_there ())
    return;

  gate_open (&gate);
  g_signal_connect (gate.authenticator, "authenticate", G_CALLBACK (gate_on_authenticate), &gate);
  gone = gate_new_peer (&gate, gate.friend_certificate, "friend");
  test_until (gate.kept.length == 1);
  request = g_queue_pop_head (&gate.kept);
  wire_cut (&network.wire);
  g_clear_object (&gone);
  test_pass_time (100);
  wire_mend (&network.wire);

  /* the first stranger waits, the friend who is gone is accepted */
  gate_add_stranger (&gate, TRUE);
  test_until (gate.kept.length == 1);
  zmqglib_auth_request_accept (request, "Ann", NULL);
  test_pass_time (300);
  g_assert_cmpuint (gate.n_friendly, ==, 0);
  g_clear_object (&request);
  request = g_queue_pop_head (&gate.kept);
  n_denied = zmqglib_authenticator_get_n_denied (gate.authenticator);
  zmqglib_auth_request_deny (request, 400, "no");
  test_until (zmqglib_authenticator_get_n_denied (gate.authenticator) == n_denied + 1);
  g_signal_handlers_disconnect_by_data (gate.authenticator, &gate);

  zmqglib_authenticator_allow_key (gate.authenticator, NULL, zmqglib_certificate_get_public_key (gate.friend_certificate), "Ann");
  gate_let_friend_in (&gate);
  g_assert_cmpuint (gate.n_friendly, ==, 1);
}

static void
add_proxy_test (const char   *name,
                GTestDataFunc func)
{
  g_autofree char *in_loop = g_strconcat ("/network/proxy/", name, "/in-loop", NULL);
  g_autofree char *in_thread = g_strconcat ("/network/proxy/", name, "/in-thread", NULL);

  g_test_add_data_func (in_loop, GINT_TO_POINTER (FALSE), func);
  g_test_add_data_func (in_thread, GINT_TO_POINTER (TRUE), func);
}

int
main (int    argc,
      char **argv)
{
  network_make ();
  g_test_init (&argc, &argv, NULL);

  add_proxy_test ("moment", test_proxy_moment);
  add_proxy_test ("partition", test_proxy_partition);
  add_proxy_test ("requests", test_proxy_requests);
  g_test_add_func ("/network/authenticator/breaks", test_authenticator_breaks);
  g_test_add_func ("/network/authenticator/dialog", test_authenticator_dialog);

  return network_run_tests ();
}

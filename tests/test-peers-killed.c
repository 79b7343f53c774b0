/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-asked.h"
#include "test-counted.h"
#include "test-killed-util.h"

/* Peers that are killed, stopped and started again, while streams, requests, proxies and authenticators have to do with
 * them. What libzmq had written to a peer that was killed is lost, which is told, and nothing else. */

#define N_MESSAGES 200
#define N_KILLS    8

/* A stream of a DEALER, and a process that sends everything back. */
typedef struct
{
  Counted      counted;
  char        *endpoint;
  GSubprocess *peer;
} Echo;

#define ECHO_INIT \
  {               \
    {             \
      NULL        \
    }             \
  }

static void
echo_open (Echo    *self,
           gboolean has_heartbeats)
{
  g_autoptr (ZmqSocket) dealer = test_socket_new (NULL, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (GError) error = NULL;

  g_object_set (dealer, "reconnect-interval", 10, "send-high-water-mark", N_MESSAGES / 2, NULL);
  if (has_heartbeats)
    g_object_set (dealer, "heartbeat-interval", 100, "heartbeat-timeout", 500, "handshake-interval", 500, NULL);
  self->endpoint = killed_free_endpoint ();
  self->peer = peer_start ("echo", self->endpoint);
  counted_open (&self->counted, dealer);
  zmqglib_socket_connect_to (dealer, self->endpoint, &error);
  g_assert_no_error (error);
  counted_send (&self->counted, N_MESSAGES);
  test_until (self->counted.next == N_MESSAGES);
}

static void
echo_clear (Echo *self)
{
  counted_clear (&self->counted);
  peer_kill (&self->peer);
  g_clear_pointer (&self->endpoint, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Echo, echo_clear)

/* The stream’s socket knows that the peer is gone: see test-network-streams.c. */
static void
echo_notice (Echo *self)
{
  guint n_retried = self->counted.n_retried;

  test_until (self->counted.n_retried > n_retried);
  zmqglib_socket_get_condition (zmqglib_stream_get_socket (self->counted.stream));
}

/* Everything that was sent from then on comes back. */
static void
echo_end (Echo *self)
{
  Counted *counted = &self->counted;

  test_until (counted->next == counted->n_accepted && counted_is_told (counted));
  g_test_message ("%u sent, %u reported as sent, %u came back, %u missing, %u connections", counted->n_accepted,
                  counted->n_sent, counted->n_received, counted->n_missing, counted->n_connected);
  g_assert_cmpuint (counted->n_refused, ==, 0);
  g_assert_cmpuint (counted->n_unreachable, ==, 0);
}

static void
test_stream_killed (void)
{
  g_auto (Echo) echo = ECHO_INIT;
  guint n_noticed;

  echo_open (&echo, FALSE);
  peer_kill (&echo.peer);
  counted_send (&echo.counted, N_MESSAGES);
  echo_notice (&echo);
  n_noticed = echo.counted.n_accepted - zmqglib_stream_get_n_queued (echo.counted.stream);
  counted_send (&echo.counted, N_MESSAGES);
  echo.peer = peer_start ("echo", echo.endpoint);
  counted_send (&echo.counted, N_MESSAGES);
  echo_end (&echo);
  counted_assert_missing_within (&echo.counted, N_MESSAGES, n_noticed);
}

/* Again and again, in the middle of what is sent: none comes twice, or late, and each is reported once. */
static void
test_stream_killed_often (void)
{
  g_auto (Echo) echo = ECHO_INIT;

  echo_open (&echo, FALSE);
  for (guint i = 0; i < N_KILLS; i++)
    {
      guint n_received = echo.counted.n_received;

      counted_send (&echo.counted, N_MESSAGES);
      test_until (echo.counted.n_received > n_received + i);
      peer_kill (&echo.peer);
      echo_notice (&echo);
      echo.peer = peer_start ("echo", echo.endpoint);
    }
  counted_send (&echo.counted, N_MESSAGES);
  echo_end (&echo);
}

/* Nothing is lost, and what the peer does not take waits. */
static void
test_stream_stopped (void)
{
  g_auto (Echo) echo = ECHO_INIT;

  echo_open (&echo, FALSE);
  peer_stop (echo.peer);
  counted_send (&echo.counted, 50 * N_MESSAGES);
  test_pass_time (200);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (echo.counted.stream), >, 0);
  peer_continue (echo.peer);
  echo_end (&echo);
  g_assert_cmpuint (echo.counted.n_missing, ==, 0);
  g_assert_cmpuint (echo.counted.n_connected, ==, 1);
}

/* For so long that it counts as gone. It may then be known twice, and what it had is answered to the one before. */
static void
test_stream_stopped_for_long (void)
{
  g_auto (Echo) echo = ECHO_INIT;
  guint n_noticed;

  echo_open (&echo, TRUE);
  peer_stop (echo.peer);
  counted_send (&echo.counted, N_MESSAGES);
  echo_notice (&echo);
  n_noticed = echo.counted.n_accepted - zmqglib_stream_get_n_queued (echo.counted.stream);
  counted_send (&echo.counted, N_MESSAGES);
  peer_continue (echo.peer);
  echo_end (&echo);
  counted_assert_missing_within (&echo.counted, N_MESSAGES, n_noticed);
}

/* Operations of a socket, any number under way. */
typedef struct
{
  ZmqSocket    *socket;
  GCancellable *cancellable;
  guint         n_begun;
  guint         n_done;
  guint         n_cancelled;
  guint         n_received;
} Calls;

static void
calls_count (Calls        *self,
             const GError *error)
{
  if (error == NULL)
    self->n_done++;
  else
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      self->n_cancelled++;
    }
}

static void
on_sent (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_send_finish (ZMQGLIB_SOCKET (source), result, &error);
  calls_count (data, error);
}

static void
on_received (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Calls *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (source), result, &error);

  if (message != NULL)
    {
      counted_check (message, 0);
      self->n_received++;
    }
  calls_count (self, error);
}

static void
on_waited (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_wait_finish (ZMQGLIB_SOCKET (source), result, &error);
  calls_count (data, error);
}

/* Of each kind so many; some may be cancelled. */
static void
calls_begin (Calls *self,
             guint  n)
{
  for (guint i = 0; i < n; i++)
    {
      GCancellable *cancellable = i % 2 == 0 ? self->cancellable : NULL;
      g_autoptr (ZmqMessage) message = zmqglib_message_new ();

      counted_append_frames (message, i);
      zmqglib_socket_send_async (self->socket, message, G_PRIORITY_DEFAULT, cancellable, on_sent, self);
      zmqglib_socket_receive_async (self->socket, G_PRIORITY_DEFAULT, cancellable, on_received, self);
      zmqglib_socket_wait_async (self->socket, i % 4 < 2 ? G_IO_IN : G_IO_OUT, G_PRIORITY_DEFAULT, cancellable, on_waited, self);
      self->n_begun += 3;
    }
}

static void
calls_cancel (Calls *self)
{
  g_autoptr (GCancellable) old = g_steal_pointer (&self->cancellable);

  self->cancellable = g_cancellable_new ();
  g_cancellable_cancel (old);
}

/* Whether all have ended; else there is one message more to receive. */
static gboolean
calls_end (Calls *self)
{
  g_autoptr (ZmqMessage) message = NULL;

  if (self->n_done + self->n_cancelled == self->n_begun)
    return TRUE;

  message = zmqglib_message_new ();
  counted_append_frames (message, 1);
  zmqglib_socket_send_async (self->socket, message, G_PRIORITY_DEFAULT, NULL, on_sent, self);
  self->n_begun++;

  return FALSE;
}

/* Each ends once: counted, since a result that is finished twice, or not at all, is too much or too little. */
static void
test_calls (void)
{
  g_autofree char *endpoint = killed_free_endpoint ();
  GSubprocess     *peer = peer_start ("echo", endpoint);
  Calls            calls = { .socket = test_socket_new (NULL, ZMQGLIB_SOCKET_DEALER), .cancellable = g_cancellable_new () };

  g_object_set (calls.socket, "reconnect-interval", 10, "send-high-water-mark", 20, "receive-high-water-mark", 20, NULL);
  g_assert_true (zmqglib_socket_connect_to (calls.socket, endpoint, NULL));
  for (guint i = 0; i < N_KILLS; i++)
    {
      calls_begin (&calls, 50);
      test_until (calls.n_received > i);
      peer_stop (peer);
      calls_begin (&calls, 50);
      test_pass_time (10);
      calls_cancel (&calls);
      if (i % 2 == 0)
        peer_continue (peer);
      else
        {
          peer_kill (&peer);
          calls_begin (&calls, 20);
          peer = peer_start ("echo", endpoint);
        }
    }

  /* what waits for messages that were lost has others instead */
  test_pass_time (100);
  calls_cancel (&calls);
  g_assert_cmpuint (calls.n_done + calls.n_cancelled, <=, calls.n_begun);
  test_until (calls_end (&calls));
  g_assert_cmpuint (calls.n_done + calls.n_cancelled, ==, calls.n_begun);
  g_test_message ("%u begun, %u done, %u cancelled, %u received", calls.n_begun, calls.n_done, calls.n_cancelled, calls.n_received);
  peer_kill (&peer);
  g_object_unref (calls.socket);
  g_object_unref (calls.cancellable);
}

/* Two servers, one of which is always there. */
static void
test_client (gconstpointer data)
{
  g_auto (Asker) asker = { NULL };
  char        *endpoints[2];
  GSubprocess *peers[2];

  asker_open (&asker, NULL);
  g_object_set (asker.client, "strategy", GPOINTER_TO_INT (data), NULL);
  for (guint i = 0; i < 2; i++)
    {
      endpoints[i] = killed_free_endpoint ();
      peers[i] = peer_start ("echo", endpoints[i]);
      asker_connect (&asker, endpoints[i]);
    }
  asker_set_terms (&asker, 300, 60);
  for (guint i = 0; i < N_KILLS / 2; i++)
    {
      guint n_answered = asker.n_answered;

      asker_ask (&asker, N_MESSAGES, NULL);
      test_until (asker.n_answered > n_answered + i);
      peer_kill (&peers[i % 2]);
      asker_ask (&asker, N_MESSAGES, NULL);
      test_until (asker_is_done (&asker));
      peers[i % 2] = peer_start ("echo", endpoints[i % 2]);
    }
  g_test_message ("%u asked, %u answered, %u failed, %" G_GINT64_FORMAT " ms for one at most", asker.n_begun, asker.n_answered,
                  asker.n_failed, asker.longest_us / 1000);
  g_assert_cmpuint (asker.n_answered, ==, asker.n_begun);
  for (guint i = 0; i < 2; i++)
    {
      peer_kill (&peers[i]);
      g_free (endpoints[i]);
    }
}

/* Clients that are killed while they wait hold up no others. */
static void
test_server (void)
{
  g_auto (Answerer) answerer = { NULL };
  GSubprocess     *peers[3];
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  answerer_open (&answerer, NULL);
  zmqglib_server_bind (answerer.server, "tcp://127.0.0.1:*", &error);
  g_assert_no_error (error);
  endpoint = zmqglib_server_dup_last_endpoint (answerer.server);
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    peers[i] = peer_start ("ask", endpoint);

  for (guint i = 0; i < N_KILLS; i++)
    {
      GSubprocess **peer = &peers[i % G_N_ELEMENTS (peers)];
      guint         n_runs;

      /* all wait for an answer, one does not live to see it */
      answerer.keeps = TRUE;
      test_until (answerer_get_n_kept (&answerer) == G_N_ELEMENTS (peers));
      g_assert_cmpuint (zmqglib_server_get_n_pending (answerer.server), ==, G_N_ELEMENTS (peers));
      peer_kill (peer);
      answerer_release (&answerer);
      n_runs = answerer.n_runs->len;
      test_until (answerer.n_runs->len > n_runs + 100);
      *peer = peer_start ("ask", endpoint);
    }

  answerer.keeps = TRUE;
  test_until (answerer_get_n_kept (&answerer) == G_N_ELEMENTS (peers));
  answerer.keeps = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    peer_kill (&peers[i]);
  answerer_release (&answerer);
  test_until (zmqglib_server_get_n_pending (answerer.server) == 0);
}

/* Workers behind a proxy: a request that a killed one had is tried again with the other. */
static void
test_proxy (gconstpointer in_thread)
{
  g_auto (Asker) asker = { NULL };
  g_autoptr (ZmqSocket) frontend = test_socket_new (NULL, ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqSocket) backend = test_socket_new (NULL, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqProxy) proxy = NULL;
  g_autofree char *frontend_endpoint = test_bind (frontend, "tcp");
  g_autofree char *backend_endpoint = test_bind (backend, "tcp");
  GSubprocess     *peers[2];

  proxy = zmqglib_proxy_new (frontend, backend, NULL, NULL);
  if (GPOINTER_TO_INT (in_thread))
    g_assert_true (zmqglib_proxy_start_in_thread (proxy, NULL));
  else
    zmqglib_proxy_start (proxy);
  asker_open (&asker, NULL);
  asker_connect (&asker, frontend_endpoint);
  asker_set_terms (&asker, 300, 60);
  for (guint i = 0; i < 2; i++)
    peers[i] = peer_start ("work", backend_endpoint);

  for (guint i = 0; i < N_KILLS / 2; i++)
    {
      guint n_answered = asker.n_answered;

      /* so that it has some that are not answered */
      peer_stop (peers[i % 2]);
      asker_ask (&asker, N_MESSAGES, NULL);
      test_until (asker.n_answered > n_answered + i);
      peer_kill (&peers[i % 2]);
      test_until (asker_is_done (&asker));
      peers[i % 2] = peer_start ("work", backend_endpoint);
    }
  g_test_message ("%u asked, %u answered, %" G_GUINT64_FORMAT " forwarded, %" G_GUINT64_FORMAT " back", asker.n_begun,
                  asker.n_answered, zmqglib_proxy_get_n_forwarded_in (proxy), zmqglib_proxy_get_n_forwarded_out (proxy));
  g_assert_cmpuint (asker.n_answered, ==, asker.n_begun);
  g_assert_cmpuint (zmqglib_proxy_get_n_forwarded_in (proxy), >=, asker.n_begun);
  g_assert_cmpuint (zmqglib_proxy_get_n_forwarded_out (proxy), >=, asker.n_answered);

  zmqglib_proxy_stop (proxy);
  test_until (!zmqglib_proxy_get_running (proxy));
  for (guint i = 0; i < 2; i++)
    peer_kill (&peers[i]);
}

typedef struct
{
  GQueue requests; /* of ZmqAuthRequest */
  guint  n_knocks;
  guint  n_disconnected;
} Dialogs;

static gboolean
on_authenticate (ZmqAuthenticator *authenticator,
                 ZmqAuthRequest   *request,
                 gpointer          data)
{
  g_queue_push_tail (&((Dialogs *) data)->requests, g_object_ref (request));

  return TRUE;
}

static void
on_knock (ZmqStream  *stream,
          ZmqMessage *message,
          gpointer    data)
{
  g_assert_cmpstr (zmqglib_message_get_user_id (message), ==, "Ann");
  ((Dialogs *) data)->n_knocks++;
}

static void
answer_first (Dialogs *dialogs)
{
  g_autoptr (ZmqAuthRequest) request = g_queue_pop_head (&dialogs->requests);

  zmqglib_auth_request_accept (request, "Ann", NULL);
}

/* Whoever is killed while it waits to be let in is let in when it is gone: nobody is there, and the next one waits for its
 * own turn. */
static void
test_authenticator (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqAuthenticator) authenticator = zmqglib_authenticator_new (context, NULL);
  g_autoptr (ZmqSocket) router = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (router);
  g_autofree char *endpoint = NULL;
  GSubprocess     *peer = NULL;
  Dialogs          dialogs = { 0 };

  g_object_set (router, "plain-server", TRUE, NULL);
  endpoint = test_bind (router, "tcp");
  g_signal_connect (authenticator, "authenticate", G_CALLBACK (on_authenticate), &dialogs);
  g_signal_connect (stream, "received", G_CALLBACK (on_knock), &dialogs);
  for (guint i = 0; i < N_KILLS; i++)
    {
      peer = peer_start ("knock", endpoint);
      test_until (dialogs.requests.length == 1);
      if (i % 2 == 0)
        {
          peer_kill (&peer);
          peer = peer_start ("knock", endpoint);
          test_until (dialogs.requests.length == 2);
          answer_first (&dialogs);
          test_pass_time (30);
          g_assert_cmpuint (dialogs.n_knocks, ==, 0);
        }
      peer_kill (&peer);
      answer_first (&dialogs);
      test_pass_time (10);
      g_assert_cmpuint (dialogs.n_knocks, ==, 0);
    }

  peer = peer_start ("knock", endpoint);
  test_until (dialogs.requests.length == 1);
  answer_first (&dialogs);
  test_until (dialogs.n_knocks > 10);
  peer_kill (&peer);
  zmqglib_stream_close (stream);
}

int
main (int    argc,
      char **argv)
{
  killed_init (argc, argv);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/killed/stream/once", test_stream_killed);
  g_test_add_func ("/killed/stream/often", test_stream_killed_often);
  g_test_add_func ("/killed/stream/stopped", test_stream_stopped);
  g_test_add_func ("/killed/stream/stopped-for-long", test_stream_stopped_for_long);
  g_test_add_func ("/killed/calls", test_calls);
  g_test_add_data_func ("/killed/client/failover", GINT_TO_POINTER (ZMQGLIB_CLIENT_STRATEGY_FAILOVER), test_client);
  g_test_add_data_func ("/killed/client/spread", GINT_TO_POINTER (ZMQGLIB_CLIENT_STRATEGY_SPREAD), test_client);
  g_test_add_data_func ("/killed/client/all", GINT_TO_POINTER (ZMQGLIB_CLIENT_STRATEGY_ALL), test_client);
  g_test_add_func ("/killed/server", test_server);
  g_test_add_data_func ("/killed/proxy/in-loop", GINT_TO_POINTER (FALSE), test_proxy);
  g_test_add_data_func ("/killed/proxy/in-thread", GINT_TO_POINTER (TRUE), test_proxy);
  g_test_add_func ("/killed/authenticator", test_authenticator);

  return g_test_run ();
}

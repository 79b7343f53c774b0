/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-asked.h"
#include "test-counted.h"
#include "test-hostile-util.h"

/* Peers that accept a connection and close it at once, and such that connect and are gone at once, hundreds in a second: others
 * do not notice, and what has to come comes when the storm is over. */

#define N_MESSAGES    500
#define N_CONNECTIONS (test_is_slow_tool () ? 100 : 1000)
#define N_STORMERS    4
#define MAX_LATE_US   (2 * G_TIME_SPAN_SECOND)

typedef enum
{
  CLOSE,       /* at once */
  RESET,       /* at once, and not in order */
  CLOSE_LATER, /* when the handshake is done */
  STORM_N_KINDS,
} StormKind;

static const char *const kind_names[] = { "close", "reset", "close-later" };

/* Who accepts and closes. */
typedef struct
{
  StormKind kind;
  int       fd;
  char     *endpoint;
  GThread  *thread;
  int       n_accepted; /* atomic */
} Shutter;

static void
shake_hands (int fd)
{
  static const guint8 ready[] = "\004\034\005READY\013Socket-Type\000\000\000\006ROUTER";
  g_autoptr (GByteArray) bytes = hostile_greeting ("NULL");
  char   answer[512];
  gsize  n_answered = 0;
  gssize n = 1;

  g_byte_array_append (bytes, ready, sizeof ready - 1);
  hostile_send (fd, bytes->data, bytes->len);
  while (n_answered <= 64 + 2 && (n = recv (fd, answer, sizeof answer, 0)) > 0)
    n_answered += n;
}

static gpointer
shutter_run (gpointer data)
{
  Shutter *self = data;
  int      fd;

  while ((fd = accept (self->fd, NULL, NULL)) >= 0)
    {
      if (self->kind == CLOSE_LATER)
        shake_hands (fd);
      if (self->kind == RESET)
        hostile_reset (fd);
      else
        close (fd);
      g_atomic_int_inc (&self->n_accepted);
    }

  return NULL;
}

static void
shutter_start (Shutter  *self,
               StormKind kind)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t          size = sizeof address;

  *self = (Shutter){ .kind = kind, .fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (setsockopt (self->fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof (int)), ==, 0);
  g_assert_cmpint (bind (self->fd, (gpointer) &address, size), ==, 0);
  g_assert_cmpint (listen (self->fd, 100), ==, 0);
  g_assert_cmpint (getsockname (self->fd, (gpointer) &address, &size), ==, 0);
  self->endpoint = g_strdup_printf ("tcp://127.0.0.1:%u", ntohs (address.sin_port));
  self->thread = g_thread_new ("shutter", shutter_run, self);
}

static void
shutter_stop (Shutter *self)
{
  if (self->thread == NULL)
    return;

  shutdown (self->fd, SHUT_RDWR);
  g_thread_join (g_steal_pointer (&self->thread));
  close (self->fd);
}

static void
shutter_clear (Shutter *self)
{
  shutter_stop (self);
  g_clear_pointer (&self->endpoint, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Shutter, shutter_clear)

static guint
shutter_count (Shutter *self)
{
  return g_atomic_int_get (&self->n_accepted);
}

/* Two that have nothing to do with it, and a timer. */
typedef struct
{
  ZmqSocket *sockets[2];
  Counted    sender;
  Counted    receiver;
  guint      timer;
  gint64     last_tick;
  gint64     latest_us;
} Bystanders;

static gboolean
bystanders_on_timer (gpointer data)
{
  Bystanders *self = data;
  gint64      now = g_get_monotonic_time ();

  self->latest_us = MAX (self->latest_us, now - self->last_tick);
  self->last_tick = now;
  counted_send (&self->sender, 1);

  return G_SOURCE_CONTINUE;
}

static void
bystanders_begin (Bystanders *self)
{
  test_socket_pair (NULL, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &self->sockets[0], &self->sockets[1]);
  counted_open (&self->receiver, self->sockets[0]);
  counted_open (&self->sender, self->sockets[1]);
  self->last_tick = g_get_monotonic_time ();
  self->latest_us = 0;
  self->timer = g_timeout_add (5, bystanders_on_timer, self);
}

static void
bystanders_end (Bystanders *self)
{
  g_source_remove (self->timer);
  test_until (self->receiver.next == self->sender.n_accepted);
  g_assert_cmpuint (self->receiver.n_missing, ==, 0);
  if (!test_is_slow_tool ())
    g_assert_cmpint (self->latest_us, <, MAX_LATE_US);
  counted_clear (&self->receiver);
  counted_clear (&self->sender);
  g_object_unref (self->sockets[0]);
  g_object_unref (self->sockets[1]);
}

/* A stream that is shut out: what is handed to no connection is kept. One that is let in and shut out again, and again,
 * gives what libzmq has taken to whoever closes. */
static void
test_shut_out (gconstpointer data)
{
  const StormKind kind = GPOINTER_TO_INT (data);
  g_auto (Shutter) shutter = { 0 };
  g_autoptr (ZmqSocket) dealer = test_socket_new (NULL, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqSocket) router = test_socket_new (NULL, ZMQGLIB_SOCKET_ROUTER);
  g_auto (Counted) sender = { NULL };
  g_auto (Counted) receiver = { NULL };
  Bystanders bystanders;
  guint      n_retried;
  guint      n_before;

  shutter_start (&shutter, kind);
  g_object_set (dealer, "reconnect-interval", 1, "send-high-water-mark", N_MESSAGES / 5, NULL);
  counted_open (&sender, dealer);
  bystanders_begin (&bystanders);
  counted_send (&sender, N_MESSAGES);
  g_assert_true (zmqglib_socket_connect_to (dealer, shutter.endpoint, NULL));
  test_until (shutter_count (&shutter) >= (guint) N_CONNECTIONS / 2);
  g_assert_cmpuint (zmqglib_monitor_get_n_peers (sender.monitor), <=, kind == CLOSE_LATER);
  shutter_stop (&shutter);
  /* when it has been tried in vain some times, the last connection has ended */
  n_retried = sender.n_retried;
  test_until (sender.n_retried >= n_retried + 3);
  n_before = sender.n_accepted - zmqglib_stream_get_n_queued (sender.stream);
  bystanders_end (&bystanders);

  counted_open (&receiver, router);
  receiver.n_in_front = 1;
  while (!zmqglib_socket_bind (router, shutter.endpoint, NULL))
    ;
  counted_send (&sender, N_MESSAGES);
  test_until (receiver.next == sender.n_accepted && counted_is_told (&sender));
  g_test_message ("%u connections, %u sent, %u reported as sent, %u came, %u missing, a timer %" G_GINT64_FORMAT " ms late",
                  shutter_count (&shutter), sender.n_accepted, sender.n_sent, receiver.n_received, receiver.n_missing,
                  bystanders.latest_us / 1000 - 5);
  counted_assert_missing_within (&receiver, 0, kind == CLOSE_LATER ? n_before : 0);
  g_assert_cmpuint (zmqglib_monitor_get_n_peers (sender.monitor), ==, 1);
}

static void
on_configure (ZmqClient *client,
              ZmqSocket *socket,
              gpointer   data)
{
  g_object_set (socket, "reconnect-interval", 1, NULL);
}

/* A client is not kept from its other server, and with none ends in time. */
static void
test_client (void)
{
  g_auto (Shutter) shutter = { 0 };
  g_auto (Asker) asker = { NULL };
  g_auto (Answerer) answerer = { NULL };
  g_autofree char *endpoint = NULL;

  shutter_start (&shutter, CLOSE_LATER);
  asker_open (&asker, NULL);
  g_signal_connect (asker.client, "configure", G_CALLBACK (on_configure), NULL);
  asker_connect (&asker, shutter.endpoint);
  asker_set_terms (&asker, 200, 3);
  asker_ask (&asker, N_MESSAGES, NULL);
  test_until (asker_is_done (&asker));
  g_assert_cmpuint (asker.n_failed, ==, N_MESSAGES);

  answerer_open (&answerer, NULL);
  g_assert_true (zmqglib_server_bind (answerer.server, "tcp://127.0.0.1:*", NULL));
  endpoint = zmqglib_server_dup_last_endpoint (answerer.server);
  asker_connect (&asker, endpoint);
  g_object_set (asker.client, "strategy", ZMQGLIB_CLIENT_STRATEGY_SPREAD, NULL);
  asker_set_terms (&asker, 1000, 10);
  asker_ask (&asker, N_MESSAGES, NULL);
  test_until (asker_is_done (&asker) && shutter_count (&shutter) > (guint) N_CONNECTIONS / 10);
  g_test_message ("%u connections, %u asked, %u answered, %u failed, %" G_GINT64_FORMAT " ms for one at most",
                  shutter_count (&shutter), asker.n_begun, asker.n_answered, asker.n_failed, asker.longest_us / 1000);
  g_assert_cmpuint (asker.n_answered, ==, N_MESSAGES);
}

/* Threads that connect, maybe shake hands, and go. */
typedef struct
{
  HostileTarget target;
  GThread      *threads[N_STORMERS];
  int           n_connections; /* atomic */
  int           is_over;       /* atomic */
} Storm;

static gpointer
storm_run (gpointer data)
{
  Storm *self = data;

  while (!g_atomic_int_get (&self->is_over))
    {
      guint n = g_atomic_int_add (&self->n_connections, 1);
      int   fd = n % 2 == 0 && self->target.name != NULL ? hostile_shake_hands (&self->target) : hostile_connect (&self->target);

      if (n % 4 < 2)
        hostile_reset (fd);
      else
        close (fd);
    }

  return NULL;
}

static void
storm_begin (Storm      *self,
             const char *endpoint,
             const char *name)
{
  *self = (Storm){ .target = { .port = atoi (strrchr (endpoint, ':') + 1), .name = name } };
  for (guint i = 0; i < N_STORMERS; i++)
    self->threads[i] = g_thread_new ("storm", storm_run, self);
}

static guint
storm_count (Storm *self)
{
  return g_atomic_int_get (&self->n_connections);
}

static void
storm_end (Storm *self)
{
  g_atomic_int_set (&self->is_over, TRUE);
  for (guint i = 0; i < N_STORMERS; i++)
    g_thread_join (self->threads[i]);
}

/* A server answers those that stay, and in the end there is nobody but them. */
static void
test_server (void)
{
  g_auto (Asker) asker = { NULL };
  g_auto (Answerer) answerer = { NULL };
  g_autofree char *endpoint = NULL;
  g_autoptr (ZmqMonitor) monitor = NULL;
  Bystanders bystanders;
  Storm      storm;

  answerer_open (&answerer, NULL);
  monitor = zmqglib_monitor_new (zmqglib_server_get_socket (answerer.server), NULL);
  g_assert_true (zmqglib_server_bind (answerer.server, "tcp://127.0.0.1:*", NULL));
  endpoint = zmqglib_server_dup_last_endpoint (answerer.server);
  asker_open (&asker, NULL);
  asker_set_terms (&asker, TEST_TIMEOUT_SECONDS * 1000, 1);
  asker_connect (&asker, endpoint);
  bystanders_begin (&bystanders);
  storm_begin (&storm, endpoint, "DEALER");
  while (storm_count (&storm) < (guint) N_CONNECTIONS)
    {
      asker_ask (&asker, 10, NULL);
      test_until (asker_is_done (&asker));
    }
  storm_end (&storm);
  bystanders_end (&bystanders);
  test_until (zmqglib_monitor_get_n_peers (monitor) == 1);
  g_test_message ("%u connections, %u asked, %u answered, a timer %" G_GINT64_FORMAT " ms late", storm_count (&storm),
                  asker.n_begun, asker.n_answered, bystanders.latest_us / 1000 - 5);
  g_assert_cmpuint (asker.n_answered, ==, asker.n_begun);
  g_assert_cmpuint (answerer_get_most_runs (&answerer), ==, 1);
}

static void
on_knock (ZmqStream  *stream,
          ZmqMessage *message,
          gpointer    data)
{
  g_assert_cmpstr (zmqglib_message_get_user_id (message), ==, "Ann");
  (*(guint *) data)++;
}

static void
let_in (const char *endpoint,
        guint      *n_in)
{
  g_autoptr (ZmqSocket) friend = test_socket_new (NULL, ZMQGLIB_SOCKET_DEALER);
  guint n_before = *n_in;

  g_object_set (friend, "plain-username", "Ann", "plain-password", "secret", NULL);
  g_assert_true (zmqglib_socket_connect_to (friend, endpoint, NULL));
  test_send_string (friend, "knock");
  test_until (*n_in == n_before + 1);
}

/* An authenticator lets in those that it should, and nobody else. */
static void
test_authenticator (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqAuthenticator) authenticator = zmqglib_authenticator_new (context, NULL);
  g_autoptr (ZmqSocket) router = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (router);
  g_autofree char *endpoint = NULL;
  Storm            storm;
  guint            n_in = 0;

  zmqglib_authenticator_add_password (authenticator, NULL, "Ann", "secret");
  g_object_set (router, "plain-server", TRUE, NULL);
  endpoint = test_bind (router, "tcp");
  g_signal_connect (stream, "received", G_CALLBACK (on_knock), &n_in);
  storm_begin (&storm, endpoint, NULL);
  while (storm_count (&storm) < (guint) N_CONNECTIONS)
    let_in (endpoint, &n_in);
  storm_end (&storm);
  let_in (endpoint, &n_in);
  g_test_message ("%u connections, %u let in", storm_count (&storm), n_in);
  g_assert_cmpuint (zmqglib_authenticator_get_n_accepted (authenticator), ==, n_in);
  zmqglib_stream_close (stream);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (StormKind kind = 0; kind < STORM_N_KINDS; kind++)
    {
      g_autofree char *path = g_strconcat ("/storm/shut-out/", kind_names[kind], NULL);

      g_test_add_data_func (path, GINT_TO_POINTER (kind), test_shut_out);
    }
  g_test_add_func ("/storm/client", test_client);
  g_test_add_func ("/storm/server", test_server);
  g_test_add_func ("/storm/authenticator", test_authenticator);

  return g_test_run ();
}

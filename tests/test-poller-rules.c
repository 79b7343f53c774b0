/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <zmq.h>

#include "test-util.h"

/* The ten rules of the poller, each through what the public API can see of it. */

/* how long a slow handler takes: a slice of the poller, 2 ms, has room for a few of them only */
#define SLOW_US      300
#define MAX_IN_SLICE 10

/* how many messages a stream may handle in a row while another one has its share to come */
#define MAX_SHARE 64

/* what GTK redraws at */
#define LOW_PRIORITY (G_PRIORITY_HIGH_IDLE + 20)

typedef struct
{
  ZmqContext *context;
  ZmqSocket  *socket;
  ZmqSocket  *peer;
  ZmqStream  *stream; /* of the socket */
  int         fd;     /* of the socket */
  guint       n_sent;
  guint       n_received;
} Fixture;

typedef int (*GetSockOptFunc) (void *, int, void *, size_t *);

static guint n_queries;

/* Stands before libzmq's own, and counts how often a socket is asked what is ready. */
int
zmq_getsockopt (void   *socket,
                int     option,
                void   *value,
                size_t *size)
{
  static gsize next;

  if (g_once_init_enter (&next))
    g_once_init_leave (&next, (gsize) dlsym (RTLD_NEXT, "zmq_getsockopt"));
  if (option == ZMQ_EVENTS)
    n_queries++;

  return ((GetSockOptFunc) next) (socket, option, value, size);
}

static void
fixture_set_up (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->context = zmqglib_context_new ();
  test_socket_pair (fixture->context, "inproc", ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_DEALER,
                    &fixture->socket, &fixture->peer);

  zmqglib_socket_get_option_int (fixture->socket, ZMQ_FD, &fixture->fd, &error);
  g_assert_no_error (error);
}

/* Lets the default context do all that it can do now. After a slice there is an iteration without
 * anything to do. */
static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE) || g_main_context_iteration (NULL, FALSE))
    ;
}

static void
fixture_tear_down (Fixture      *fixture,
                   gconstpointer data)
{
  g_clear_object (&fixture->stream);
  g_clear_object (&fixture->socket);
  g_clear_object (&fixture->peer);
  g_clear_object (&fixture->context);
  settle ();
}

static void
send_number (ZmqSocket *socket,
             guint      number)
{
  g_autofree char *string = g_strdup_printf ("%u", number);

  test_send_string (socket, string);
}

static void
send_numbers (Fixture *fixture,
              guint    n)
{
  for (guint i = 0; i < n; i++)
    send_number (fixture->peer, fixture->n_sent++);
}

static guint
get_number (ZmqMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *string = zmqglib_message_get_string (message, 0, &error);

  g_assert_no_error (error);

  return g_ascii_strtoull (string, NULL, 10);
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  Fixture *fixture = user_data;

  g_assert_cmpuint (get_number (message), ==, fixture->n_received);
  fixture->n_received++;
}

static void
spin (void)
{
  gint64 end = g_get_monotonic_time () + SLOW_US;

  while (g_get_monotonic_time () < end)
    ;
}

static void
on_received_slowly (ZmqStream  *stream,
                    ZmqMessage *message,
                    gpointer    user_data)
{
  on_received (stream, message, user_data);
  spin ();
}

static gulong
listen_with (Fixture  *fixture,
             GCallback callback)
{
  if (fixture->stream == NULL)
    fixture->stream = zmqglib_stream_new (fixture->socket);

  return g_signal_connect (fixture->stream, "received", callback, fixture);
}

static gboolean
has_received_all (gpointer data)
{
  Fixture *fixture = data;

  return fixture->n_received == fixture->n_sent;
}

/* Looks at the descriptor itself, since an operation on the socket would change what is tested. */
static gboolean
is_signalled (Fixture *fixture)
{
  GPollFD fd = { .fd = fixture->fd, .events = G_IO_IN };

  return g_poll (&fd, 1, 0) == 1;
}

static gboolean
on_time_up (gpointer data)
{
  gboolean *is_over = data;

  *is_over = TRUE;

  return G_SOURCE_REMOVE;
}

/* The loop has nothing to do, and does not spin over it either. */
static void
assert_loop_sleeps (void)
{
  gboolean is_over = FALSE;
  guint    n_iterations = 0;

  settle ();
  g_timeout_add (50, on_time_up, &is_over);
  while (!is_over)
    {
      g_main_context_iteration (NULL, TRUE);
      n_iterations++;
    }

  g_assert_cmpuint (n_iterations, <=, 5);
}

/* The first steps of an iteration: whether something is ready, and how long the loop would wait. */
static gboolean
prepare_loop (int *timeout_ms)
{
  GPollFD  fds[32];
  gboolean ready;
  int      priority;

  g_assert_true (g_main_context_acquire (g_main_context_default ()));
  ready = g_main_context_prepare (g_main_context_default (), &priority);
  g_main_context_query (g_main_context_default (), priority, timeout_ms, fds, G_N_ELEMENTS (fds));
  g_main_context_release (g_main_context_default ());

  return ready;
}

/* Rule 1 */

typedef struct
{
  const char *name;
  void (*run) (Fixture *fixture);
} Operation;

static void
run_get_condition (Fixture *fixture)
{
  g_assert_true (zmqglib_socket_get_condition (fixture->socket) & G_IO_IN);
}

static void
run_get_option (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  int events;

  zmqglib_socket_get_option_int (fixture->socket, ZMQ_EVENTS, &events, &error);
  g_assert_no_error (error);
  g_assert_true (events & ZMQ_POLLIN);
}

static void
run_wait (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_wait (fixture->socket, G_IO_IN, -1, NULL, &error);
  g_assert_no_error (error);
}

static void
run_receive (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive (fixture->socket, NULL, &error);

  g_assert_no_error (error);
  on_received (NULL, message, fixture);
}

static void
run_try_receive (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_try_receive (fixture->socket, &error);

  g_assert_no_error (error);
  on_received (NULL, message, fixture);
}

static void
run_send (Fixture *fixture)
{
  test_send_string (fixture->socket, "hello");
}

static void
run_try_send (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("hello");

  zmqglib_socket_try_send (fixture->socket, message, &error);
  g_assert_no_error (error);
}

static void
run_bind (Fixture *fixture)
{
  /* over tcp libzmq would give itself another signal */
  g_autofree char *endpoint = test_bind (fixture->socket, "inproc");

  g_assert_true (g_str_has_prefix (endpoint, "inproc://"));
}

static void
run_unbind (Fixture *fixture)
{
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  g_object_get (fixture->socket, "last-endpoint", &endpoint, NULL);
  zmqglib_socket_unbind (fixture->socket, endpoint, &error);
  g_assert_no_error (error);
}

static void
run_connect (Fixture *fixture)
{
  g_autofree char *endpoint = test_endpoint ("inproc");
  g_autoptr (GError) error = NULL;

  zmqglib_socket_connect_to (fixture->socket, endpoint, &error);
  g_assert_no_error (error);
}

static void
run_disconnect (Fixture *fixture)
{
  g_assert_false (zmqglib_socket_disconnect_from (fixture->socket, "inproc://nowhere", NULL));
}

static void
run_stream_send (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send_string (fixture->stream, "hello", &error);
  g_assert_no_error (error);
}

static void
run_stream_flush (Fixture *fixture)
{
  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_IN, 1), ==, 1);
}

static const Operation operations[] = {
  { "get-condition", run_get_condition },
  { "get-option", run_get_option },
  { "wait", run_wait },
  { "receive", run_receive },
  { "try-receive", run_try_receive },
  { "send", run_send },
  { "try-send", run_try_send },
  { "bind", run_bind },
  { "unbind", run_unbind },
  { "connect", run_connect },
  { "disconnect", run_disconnect },
  { "stream-send", run_stream_send },
  { "stream-flush", run_stream_flush },
};

/* Nothing but the operation happens between a loop that sleeps and the messages it has to notice,
 * whose signal the operation has used up. */
static void
test_operation_makes_hot (Fixture      *fixture,
                          gconstpointer data)
{
  const Operation *operation = data;

  listen_with (fixture, G_CALLBACK (on_received));
  settle ();

  send_numbers (fixture, 2);
  /* libzmq spares itself looking for commands when it has done so in the last millisecond */
  g_usleep (5000);
  g_assert_true (is_signalled (fixture));
  operation->run (fixture);
  g_assert_false (is_signalled (fixture));
  g_assert_cmpuint (fixture->n_received, <, 2);

  test_iterate_until (NULL, has_received_all, fixture);
}

typedef struct
{
  GSource          source;
  Fixture         *fixture; /* NULL when done */
  const Operation *operation;
} MeddlingSource;

static gboolean
meddling_source_prepare (GSource *source,
                         int     *timeout)
{
  MeddlingSource *self = (MeddlingSource *) source;
  Fixture        *fixture = g_steal_pointer (&self->fixture);

  *timeout = -1;
  if (fixture == NULL)
    return FALSE;

  send_numbers (fixture, 2);
  g_usleep (5000);
  self->operation->run (fixture);

  return FALSE;
}

static gboolean
meddling_source_dispatch (GSource    *source,
                          GSourceFunc callback,
                          gpointer    user_data)
{
  g_assert_not_reached ();
}

static GSourceFuncs meddling_source_funcs = {
  .prepare = meddling_source_prepare,
  .dispatch = meddling_source_dispatch,
};

/* The same when the loop is about to block: another source's prepare, after the poller's own. */
static void
test_operation_in_prepare (Fixture      *fixture,
                           gconstpointer data)
{
  GSource *source = g_source_new (&meddling_source_funcs, sizeof (MeddlingSource));

  listen_with (fixture, G_CALLBACK (on_received));
  settle ();

  ((MeddlingSource *) source)->fixture = fixture;
  ((MeddlingSource *) source)->operation = data;
  g_source_attach (source, NULL);
  g_main_context_iteration (NULL, TRUE);
  test_iterate_until (NULL, has_received_all, fixture);
  g_assert_cmpuint (fixture->n_sent, ==, 2);

  g_source_destroy (source);
  g_source_unref (source);
}

static void
count_ready (ZmqPoller   *poller,
             ZmqSocket   *socket,
             int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  guint *n_ready = user_data;

  (*n_ready)++;
}

/* What is there, and was of no interest so far, has no signal left to give. */
static void
test_wanting_more (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  g_autoptr (GError) error = NULL;
  guint n_ready = 0;

  zmqglib_poller_add_socket (poller, fixture->socket, 0, count_ready, &n_ready, NULL, &error);
  g_assert_no_error (error);
  send_numbers (fixture, 1);
  g_assert_cmpint (zmqglib_poller_wait (poller, 0, NULL, &error), ==, 0);
  g_assert_false (is_signalled (fixture));

  zmqglib_poller_modify_socket (poller, fixture->socket, G_IO_IN, &error);
  g_assert_no_error (error);
  g_assert_cmpint (zmqglib_poller_wait (poller, -1, NULL, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpuint (n_ready, ==, 1);
}

/* Rule 2 */

static void
test_prepare_queries (Fixture      *fixture,
                      gconstpointer data)
{
  int timeout_ms;

  listen_with (fixture, G_CALLBACK (on_received));
  settle ();

  /* asleep: not asked, and nothing keeps the loop from blocking */
  n_queries = 0;
  g_assert_false (prepare_loop (&timeout_ms));
  g_assert_cmpint (timeout_ms, ==, -1);
  g_assert_cmpuint (n_queries, ==, 0);

  /* hot, without anything that is wanted: asked once, and asleep again */
  run_try_send (fixture);
  g_assert_false (prepare_loop (&timeout_ms));
  g_assert_cmpint (timeout_ms, ==, -1);
  g_assert_cmpuint (n_queries, ==, 1);
  g_assert_false (prepare_loop (&timeout_ms));
  g_assert_cmpuint (n_queries, ==, 1);

  /* hot, with a message: ready before the loop polls */
  send_numbers (fixture, 1);
  g_usleep (5000);
  run_try_send (fixture);
  g_assert_false (is_signalled (fixture));
  g_assert_true (prepare_loop (&timeout_ms));
  g_assert_cmpint (timeout_ms, ==, 0);
  g_assert_cmpuint (n_queries, ==, 2);

  test_iterate_until (NULL, has_received_all, fixture);
}

/* Rule 3 */

static void
test_check_collects (Fixture      *fixture,
                     gconstpointer data)
{
  GPollFD fds[32];
  int     priority;
  int     timeout_ms;
  int     n_fds;

  listen_with (fixture, G_CALLBACK (on_received));
  settle ();

  g_assert_true (g_main_context_acquire (g_main_context_default ()));
  g_assert_false (g_main_context_prepare (g_main_context_default (), &priority));
  n_fds = g_main_context_query (g_main_context_default (), priority, &timeout_ms, fds, G_N_ELEMENTS (fds));
  g_assert_cmpint (timeout_ms, ==, -1);

  n_queries = 0;
  send_numbers (fixture, 1);
  g_assert_cmpint (g_poll (fds, n_fds, TEST_TIMEOUT_SECONDS * 1000), >=, 1);
  g_assert_true (g_main_context_check (g_main_context_default (), priority, fds, n_fds));
  g_assert_cmpuint (n_queries, ==, 1);

  g_main_context_dispatch (g_main_context_default ());
  g_assert_cmpuint (fixture->n_received, ==, 1);
  g_main_context_release (g_main_context_default ());
}

#define N_MANY 300

typedef struct
{
  ZmqSocket *sockets[N_MANY];
  ZmqSocket *peers[N_MANY];
  ZmqStream *streams[N_MANY];
  guint      n_received;
} Many;

static void
on_received_many (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    user_data)
{
  Many *many = user_data;

  g_assert_true (many->streams[get_number (message)] == stream);
  many->n_received++;
}

static gboolean
have_all_received (gpointer data)
{
  return ((Many *) data)->n_received == N_MANY;
}

/* More are signalled at once than the kernel is asked for at a time. */
static void
test_check_collects_many (Fixture      *fixture,
                          gconstpointer data)
{
  g_autofree Many *many = g_new0 (Many, 1);

  for (guint i = 0; i < N_MANY; i++)
    {
      test_socket_pair (fixture->context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR,
                        &many->sockets[i], &many->peers[i]);
      many->streams[i] = zmqglib_stream_new (many->sockets[i]);
      g_signal_connect (many->streams[i], "received", G_CALLBACK (on_received_many), many);
    }
  settle ();

  for (guint i = 0; i < N_MANY; i++)
    send_number (many->peers[i], i);
  test_iterate_until (NULL, have_all_received, many);

  for (guint i = 0; i < N_MANY; i++)
    {
      g_object_unref (many->streams[i]);
      g_object_unref (many->sockets[i]);
      g_object_unref (many->peers[i]);
    }
}

typedef struct
{
  ZmqSocket *socket;
  ZmqSocket *peer;
  guint      n_rounds;
} Busy;

static gboolean
on_keep_busy (gpointer data)
{
  Busy *busy = data;

  busy->n_rounds++;
  test_send_string (busy->peer, "hello");
  /* it is known to be ready before the loop gets to poll */
  g_assert_true (zmqglib_socket_get_condition (busy->socket) & G_IO_IN);

  return G_SOURCE_CONTINUE;
}

static void
on_received_busy (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    user_data)
{
  Busy *busy = user_data;

  g_assert_cmpuint (zmqglib_message_get_size (message), ==, strlen ("hello"));
  g_assert_cmpuint (busy->n_rounds, >, 0);
}

/* A stream that is ready in each prepare, so that there is nothing to check, hides no other. */
static void
test_check_is_not_skipped (Fixture      *fixture,
                           gconstpointer data)
{
  g_autoptr (ZmqStream) stream = NULL;
  Busy  busy = { 0 };
  guint idle_id;
  guint n_rounds;

  test_socket_pair (fixture->context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR,
                    &busy.socket, &busy.peer);
  stream = zmqglib_stream_new (busy.socket);
  g_signal_connect (stream, "received", G_CALLBACK (on_received_busy), &busy);
  listen_with (fixture, G_CALLBACK (on_received));
  settle ();

  idle_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_keep_busy, &busy, NULL);
  while (busy.n_rounds < 10)
    g_main_context_iteration (NULL, FALSE);

  send_numbers (fixture, 1);
  n_rounds = busy.n_rounds;
  while (fixture->n_received == 0 && busy.n_rounds < n_rounds + 5)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (fixture->n_received, ==, 1);

  g_source_remove (idle_id);
  g_clear_object (&stream);
  g_object_unref (busy.socket);
  g_object_unref (busy.peer);
}

/* Rule 4 */

typedef struct
{
  Fixture    fixture;
  ZmqSocket *sockets[4];
  ZmqSocket *peers[4];
  ZmqStream *streams[4];
  guint      n_received[4];
  guint      n_each;
  guint      last;
  guint      run;
  guint      longest_run;
  guint      n_all;
} Flood;

/* Whether only the stream itself has messages left: it may go on then. */
static gboolean
is_last (Flood *flood,
         guint  index)
{
  for (guint i = 0; i < G_N_ELEMENTS (flood->streams); i++)
    if (i != index && flood->n_received[i] < flood->n_each)
      return FALSE;

  return TRUE;
}

static void
on_received_flood (ZmqStream  *stream,
                   ZmqMessage *message,
                   gpointer    user_data)
{
  Flood *flood = user_data;
  guint  i = 0;

  while (flood->streams[i] != stream)
    i++;

  g_assert_cmpuint (get_number (message), ==, flood->n_received[i]);
  flood->n_received[i]++;
  flood->n_all++;
  flood->run = flood->last == i ? flood->run + 1 : 1;
  flood->last = i;
  if (!is_last (flood, i))
    flood->longest_run = MAX (flood->longest_run, flood->run);
}

static void
on_received_flood_slowly (ZmqStream  *stream,
                          ZmqMessage *message,
                          gpointer    user_data)
{
  on_received_flood (stream, message, user_data);
  spin ();
}

static Flood *
flood_new (ZmqContext *context,
           guint       n_messages,
           GCallback   callback)
{
  Flood *flood = g_new0 (Flood, 1);

  flood->n_each = n_messages;
  for (guint i = 0; i < G_N_ELEMENTS (flood->streams); i++)
    {
      test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR,
                        &flood->sockets[i], &flood->peers[i]);
      for (guint j = 0; j < n_messages; j++)
        send_number (flood->peers[i], j);

      flood->streams[i] = zmqglib_stream_new (flood->sockets[i]);
      g_signal_connect (flood->streams[i], "received", callback, flood);
    }

  return flood;
}

static void
flood_free (Flood *flood)
{
  for (guint i = 0; i < G_N_ELEMENTS (flood->streams); i++)
    {
      g_object_unref (flood->streams[i]);
      g_object_unref (flood->sockets[i]);
      g_object_unref (flood->peers[i]);
    }
  g_free (flood);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Flood, flood_free)

static void
test_dispatch_in_turn (Fixture      *fixture,
                       gconstpointer data)
{
  g_autoptr (Flood) flood =
      flood_new (fixture->context, 5 * MAX_SHARE, G_CALLBACK (on_received_flood));

  settle ();

  g_assert_cmpuint (flood->n_all, ==, 4 * 5 * MAX_SHARE);
  g_assert_cmpuint (flood->longest_run, >, 0);
  g_assert_cmpuint (flood->longest_run, <=, MAX_SHARE);
}

static void
test_dispatch_within_slice (Fixture      *fixture,
                            gconstpointer data)
{
  g_autoptr (Flood) flood =
      flood_new (fixture->context, MAX_IN_SLICE, G_CALLBACK (on_received_flood_slowly));

  /* the slice is the source’s, not each stream’s; and who was not through is served later, without
   * any other signal */
  for (guint n_before = 0; flood->n_all < 4 * MAX_IN_SLICE; n_before = flood->n_all)
    {
      g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (flood->n_all - n_before, <=, MAX_IN_SLICE);
    }
}

/* Rule 5 */

static void
test_raw_handle (Fixture      *fixture,
                 gconstpointer data)
{
  gpointer handle = zmqglib_socket_get_handle (fixture->socket);
  char     buffer[16];

  listen_with (fixture, G_CALLBACK (on_received));

  for (guint i = 0; i < 3; i++)
    {
      settle ();
      send_numbers (fixture, 2);
      /* takes the first message, and with it the signal of both */
      g_assert_cmpint (zmq_recv (handle, buffer, sizeof buffer, ZMQ_DONTWAIT), >, 0);
      fixture->n_received++;
      g_assert_false (is_signalled (fixture));

      test_iterate_until (NULL, has_received_all, fixture);
    }
}

static void
test_adopted_handle (Fixture      *fixture,
                     gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gpointer context = zmq_ctx_new ();
  gpointer handle = zmq_socket (context, ZMQ_PAIR);
  gpointer peer = zmq_socket (context, ZMQ_PAIR);
  gsize    size = sizeof fixture->fd;
  char     buffer[16];

  g_assert_cmpint (zmq_bind (handle, "inproc://adopted"), ==, 0);
  g_assert_cmpint (zmq_connect (peer, "inproc://adopted"), ==, 0);

  g_clear_object (&fixture->socket);
  fixture->socket = zmqglib_socket_new_for_handle (handle, &error);
  g_assert_no_error (error);
  g_assert_cmpint (zmq_getsockopt (handle, ZMQ_FD, &fixture->fd, &size), ==, 0);
  listen_with (fixture, G_CALLBACK (on_received));

  for (guint i = 0; i < 3; i++)
    {
      settle ();
      g_assert_cmpint (zmq_send (peer, "unseen", 6, 0), ==, 6);
      g_assert_cmpint (zmq_send (peer, i == 0 ? "0" : i == 1 ? "1"
                                                             : "2",
                                 1, 0),
                       ==, 1);
      fixture->n_sent++;
      g_assert_cmpint (zmq_recv (handle, buffer, sizeof buffer, ZMQ_DONTWAIT), ==, 6);
      g_assert_false (is_signalled (fixture));

      test_iterate_until (NULL, has_received_all, fixture);
    }

  g_clear_object (&fixture->stream);
  g_clear_object (&fixture->socket);
  zmq_close (handle);
  zmq_close (peer);
  zmq_ctx_term (context);
}

/* It is just those sockets, and just one query in each iteration. */
static void
test_raw_handle_price (Fixture      *fixture,
                       gconstpointer data)
{
  g_autoptr (Flood) others G_GNUC_UNUSED = flood_new (fixture->context, 0, G_CALLBACK (on_received_flood));

  listen_with (fixture, G_CALLBACK (on_received));
  settle ();
  n_queries = 0;
  for (guint i = 0; i < 5; i++)
    g_assert_false (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpuint (n_queries, ==, 0);

  g_assert_nonnull (zmqglib_socket_get_handle (fixture->socket));
  for (guint i = 0; i < 5; i++)
    g_assert_false (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpuint (n_queries, ==, 5);

  assert_loop_sleeps ();
}

/* Rule 6 */

static void
test_unheard_input (Fixture      *fixture,
                    gconstpointer data)
{
  gulong id;

  fixture->stream = zmqglib_stream_new (fixture->socket);
  settle ();
  send_numbers (fixture, 3);
  assert_loop_sleeps ();

  id = listen_with (fixture, G_CALLBACK (on_received));
  test_iterate_until (NULL, has_received_all, fixture);

  g_signal_handler_block (fixture->stream, id);
  send_numbers (fixture, 3);
  assert_loop_sleeps ();
  g_assert_cmpuint (fixture->n_received, ==, 3);

  /* the rest may be read by somebody else: it is there still */
  run_receive (fixture);
  assert_loop_sleeps ();
  g_assert_cmpuint (fixture->n_received, ==, 4);

  g_signal_handler_unblock (fixture->stream, id);
  test_iterate_until (NULL, has_received_all, fixture);
}

static void
test_unwanted_input (Fixture      *fixture,
                     gconstpointer data)
{
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  g_autoptr (GSource) source = zmqglib_poller_create_source (poller);
  g_autoptr (GError) error = NULL;
  guint n_ready = 0;

  g_source_attach (source, NULL);
  zmqglib_poller_add_socket (poller, fixture->socket, 0, count_ready, &n_ready, NULL, &error);
  g_assert_no_error (error);

  send_numbers (fixture, 1);
  assert_loop_sleeps ();
  g_assert_cmpuint (n_ready, ==, 0);

  zmqglib_poller_modify_socket (poller, fixture->socket, G_IO_IN, &error);
  g_assert_no_error (error);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (n_ready, >, 0);

  g_source_destroy (source);
}

/* Rule 7 */

static gboolean
on_count (gpointer data)
{
  guint *n_calls = data;

  (*n_calls)++;

  return G_SOURCE_CONTINUE;
}

static void
test_yields (Fixture      *fixture,
             gconstpointer data)
{
  guint n_low = 0;
  guint low_id;
  int   timeout_ms;

  send_numbers (fixture, 25 * MAX_IN_SLICE);
  listen_with (fixture, G_CALLBACK (on_received_slowly));
  low_id = g_idle_add_full (LOW_PRIORITY, on_count, &n_low, NULL);

  for (guint i = 0; i < 20; i++)
    {
      guint n_received = fixture->n_received;

      g_assert_true (g_main_context_iteration (NULL, FALSE));
      g_assert_cmpuint (fixture->n_received, >, n_received);
      g_assert_cmpuint (n_low, ==, i);
      n_received = fixture->n_received;

      g_assert_true (g_main_context_iteration (NULL, FALSE));
      g_assert_cmpuint (fixture->n_received, ==, n_received);
      g_assert_cmpuint (n_low, ==, i + 1);
    }
  g_source_remove (low_id);

  /* without anybody else it waits for nothing */
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_false (prepare_loop (&timeout_ms));
  g_assert_cmpint (timeout_ms, ==, 0);
  g_assert_false (g_main_context_iteration (NULL, TRUE));
  g_assert_true (prepare_loop (&timeout_ms));
  g_assert_false (has_received_all (fixture));
  test_iterate_until (NULL, has_received_all, fixture);
}

/* Rule 8 */

typedef struct
{
  Fixture *fixture;
  Fixture  other;
  guint    depth;
} Nesting;

static void
on_received_nested (ZmqStream  *stream,
                    ZmqMessage *message,
                    gpointer    user_data)
{
  Nesting *nesting = user_data;

  g_assert_cmpuint (nesting->depth, ==, 0);
  nesting->depth++;
  on_received (stream, message, nesting->fixture);

  /* a signal of one's own is no reason to spin */
  g_assert_false (zmqglib_socket_get_condition (nesting->fixture->socket) & G_IO_IN);
  send_numbers (nesting->fixture, nesting->fixture->n_sent < 3 ? 1 : 0);
  assert_loop_sleeps ();

  send_numbers (&nesting->other, 5);
  test_iterate_until (NULL, has_received_all, &nesting->other);
  nesting->depth--;
}

static void
test_nested_loop (Fixture      *fixture,
                  gconstpointer data)
{
  Nesting nesting = { .fixture = fixture };

  fixture_set_up (&nesting.other, NULL);
  listen_with (&nesting.other, G_CALLBACK (on_received));
  fixture->stream = zmqglib_stream_new (fixture->socket);
  g_signal_connect (fixture->stream, "received", G_CALLBACK (on_received_nested), &nesting);

  send_numbers (fixture, 1);
  test_iterate_until (NULL, has_received_all, fixture);
  g_assert_cmpuint (fixture->n_received, ==, 3);
  g_assert_cmpuint (nesting.other.n_received, ==, 15);

  fixture_tear_down (&nesting.other, NULL);
}

static void
on_ready_nested (ZmqPoller   *poller,
                 ZmqSocket   *socket,
                 int          fd,
                 GIOCondition condition,
                 gpointer     user_data)
{
  Nesting *nesting = user_data;

  g_assert_cmpuint (nesting->depth, ==, 0);
  nesting->depth++;
  nesting->fixture->n_received++;

  assert_loop_sleeps ();
  send_numbers (&nesting->other, 5);
  test_iterate_until (NULL, has_received_all, &nesting->other);

  if (socket != NULL)
    run_receive (&(Fixture){ .socket = socket, .n_received = nesting->fixture->n_received - 1 });
  nesting->depth--;
}

/* A descriptor stays readable for as long as its function has not read from it. */
static void
test_nested_loop_in_poller (Fixture      *fixture,
                            gconstpointer data)
{
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  g_autoptr (GSource) source = zmqglib_poller_create_source (poller);
  g_autoptr (GError) error = NULL;
  Nesting nesting = { .fixture = fixture };

  fixture_set_up (&nesting.other, NULL);
  listen_with (&nesting.other, G_CALLBACK (on_received));
  g_source_attach (source, NULL);

  zmqglib_poller_add_socket (poller, fixture->socket, G_IO_IN, on_ready_nested, &nesting, NULL,
                             &error);
  g_assert_no_error (error);
  send_numbers (fixture, 2);
  test_iterate_until (NULL, has_received_all, fixture);
  zmqglib_poller_remove_socket (poller, fixture->socket, &error);
  g_assert_no_error (error);

  /* any descriptor that is readable twice: that of a socket with a command */
  fixture->n_sent = fixture->n_received = 0;
  g_assert_cmpint (zmqglib_socket_get_condition (fixture->socket), ==, G_IO_OUT);
  send_numbers (fixture, 1);
  zmqglib_poller_add_fd (poller, fixture->fd, G_IO_IN, on_ready_nested, &nesting, NULL, &error);
  g_assert_no_error (error);
  test_iterate_until (NULL, has_received_all, fixture);
  fixture->n_sent++;
  test_iterate_until (NULL, has_received_all, fixture);
  g_assert_cmpuint (fixture->n_received, ==, 2);
  g_assert_cmpuint (nesting.other.n_received, ==, 20);

  g_source_destroy (source);
  fixture_tear_down (&nesting.other, NULL);
}

/* Rule 9 */

static void
on_received_close (ZmqStream  *stream,
                   ZmqMessage *message,
                   gpointer    user_data)
{
  on_received (stream, message, user_data);
  zmqglib_stream_close (stream);
}

static void
on_closed_count (ZmqStream    *stream,
                 const GError *error,
                 gpointer      user_data)
{
  guint *n_closed = user_data;

  (*n_closed)++;
}

static gboolean
is_positive (gpointer data)
{
  return *(guint *) data > 0;
}

static void
test_close_in_handler (Fixture      *fixture,
                       gconstpointer data)
{
  guint n_closed = 0;

  listen_with (fixture, G_CALLBACK (on_received_close));
  g_signal_connect (fixture->stream, "closed", G_CALLBACK (on_closed_count), &n_closed);
  send_numbers (fixture, 2);

  test_iterate_until (NULL, is_positive, &n_closed);
  assert_loop_sleeps ();
  g_assert_cmpuint (fixture->n_received, ==, 1);
  g_assert_cmpuint (n_closed, ==, 1);
}

static void
on_received_close_socket (ZmqStream  *stream,
                          ZmqMessage *message,
                          gpointer    user_data)
{
  on_received (stream, message, user_data);
  zmqglib_socket_close (zmqglib_stream_get_socket (stream));
}

static void
test_close_socket_in_handler (Fixture      *fixture,
                              gconstpointer data)
{
  guint n_closed = 0;

  listen_with (fixture, G_CALLBACK (on_received_close_socket));
  g_signal_connect (fixture->stream, "closed", G_CALLBACK (on_closed_count), &n_closed);
  send_numbers (fixture, 2);

  test_iterate_until (NULL, is_positive, &n_closed);
  assert_loop_sleeps ();
  g_assert_cmpuint (fixture->n_received, ==, 1);
  g_assert_cmpuint (n_closed, ==, 1);
}

static void
on_received_drop (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    user_data)
{
  Fixture *fixture = user_data;

  on_received (stream, message, user_data);
  g_clear_object (&fixture->stream);
}

static void
test_drop_in_handler (Fixture      *fixture,
                      gconstpointer data)
{
  ZmqStream *stream;

  listen_with (fixture, G_CALLBACK (on_received_drop));
  stream = fixture->stream;
  g_object_add_weak_pointer (G_OBJECT (stream), (gpointer *) &stream);
  send_numbers (fixture, 1);

  test_iterate_until (NULL, has_received_all, fixture);
  g_assert_null (stream);
  assert_loop_sleeps ();
  g_assert_false (zmqglib_socket_is_closed (fixture->socket));
}

static void
on_received_replace (ZmqStream  *stream,
                     ZmqMessage *message,
                     gpointer    user_data)
{
  Fixture *fixture = user_data;

  on_received (stream, message, user_data);
  g_clear_object (&fixture->stream);
  listen_with (fixture, G_CALLBACK (on_received_replace));
}

static void
test_replace_in_handler (Fixture      *fixture,
                         gconstpointer data)
{
  listen_with (fixture, G_CALLBACK (on_received_replace));
  send_numbers (fixture, 100);
  test_iterate_until (NULL, has_received_all, fixture);
  assert_loop_sleeps ();
}

static void
on_received_end_others (ZmqStream  *stream,
                        ZmqMessage *message,
                        gpointer    user_data)
{
  Flood *flood = user_data;

  on_received_flood (stream, message, flood);
  for (guint i = 0; i < G_N_ELEMENTS (flood->streams); i++)
    {
      if (flood->streams[i] == stream)
        continue;

      if (i % 2 == 0)
        zmqglib_stream_close (flood->streams[i]);
      else
        g_object_run_dispose (G_OBJECT (flood->streams[i]));
    }
}

/* All are ready; the first one to be served ends the others. */
static void
test_end_others_in_handler (Fixture      *fixture,
                            gconstpointer data)
{
  g_autoptr (Flood) flood =
      flood_new (fixture->context, 3, G_CALLBACK (on_received_end_others));

  settle ();
  assert_loop_sleeps ();
  g_assert_cmpuint (flood->n_all, ==, 3);
  g_assert_cmpuint (flood->longest_run, ==, 3);
}

static gboolean
on_idle_end (gpointer data)
{
  Fixture *fixture = data;

  zmqglib_stream_close (fixture->stream);
  g_clear_object (&fixture->stream);
  g_clear_object (&fixture->socket);

  return G_SOURCE_REMOVE;
}

static void
on_received_nested_end (ZmqStream  *stream,
                        ZmqMessage *message,
                        gpointer    user_data)
{
  guint n_closed = 0;

  on_received (stream, message, user_data);
  g_signal_connect (stream, "closed", G_CALLBACK (on_closed_count), &n_closed);
  g_idle_add (on_idle_end, user_data);
  test_iterate_until (NULL, is_positive, &n_closed);
  g_signal_handlers_disconnect_by_data (stream, &n_closed);
}

static void
test_end_in_nested_loop (Fixture      *fixture,
                         gconstpointer data)
{
  ZmqStream *stream;

  listen_with (fixture, G_CALLBACK (on_received_nested_end));
  stream = fixture->stream;
  g_object_add_weak_pointer (G_OBJECT (stream), (gpointer *) &stream);
  send_numbers (fixture, 1);

  test_iterate_until (NULL, has_received_all, fixture);
  assert_loop_sleeps ();
  g_assert_null (stream);
}

/* Rule 10 */

typedef struct
{
  guint n_closed;
  int   code;
} Closing;

static void
on_closed (ZmqStream    *stream,
           const GError *error,
           gpointer      user_data)
{
  Closing *closing = user_data;

  g_assert_nonnull (error);
  g_assert_true (error->domain == ZMQGLIB_ERROR);
  closing->n_closed++;
  closing->code = error->code;
}

static void
test_terminated (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (ZmqStream) unheard = zmqglib_stream_new (fixture->peer);
  g_autoptr (GError) error = NULL;
  Closing closing = { 0 };
  Closing unheard_closing = { 0 };

  listen_with (fixture, G_CALLBACK (on_received));
  g_signal_connect (fixture->stream, "closed", G_CALLBACK (on_closed), &closing);
  g_signal_connect (unheard, "closed", G_CALLBACK (on_closed), &unheard_closing);
  settle ();

  zmqglib_context_shutdown (fixture->context);
  test_iterate_until (NULL, is_positive, &closing.n_closed);
  test_iterate_until (NULL, is_positive, &unheard_closing.n_closed);
  assert_loop_sleeps ();

  g_assert_cmpuint (closing.n_closed, ==, 1);
  g_assert_cmpint (closing.code, ==, ZMQGLIB_ERROR_TERMINATED);
  g_assert_cmpuint (unheard_closing.n_closed, ==, 1);
  g_assert_cmpint (unheard_closing.code, ==, ZMQGLIB_ERROR_TERMINATED);
  zmqglib_context_terminate (fixture->context, NULL, &error);
  g_assert_no_error (error);
}

static void
test_closed_by_object (Fixture      *fixture,
                       gconstpointer data)
{
  Closing closing = { 0 };

  listen_with (fixture, G_CALLBACK (on_received));
  g_signal_connect (fixture->stream, "closed", G_CALLBACK (on_closed), &closing);
  settle ();

  zmqglib_socket_close (fixture->socket);
  g_assert_cmpuint (closing.n_closed, ==, 0);
  test_iterate_until (NULL, is_positive, &closing.n_closed);
  assert_loop_sleeps ();

  g_assert_cmpuint (closing.n_closed, ==, 1);
  g_assert_cmpint (closing.code, ==, ZMQGLIB_ERROR_CLOSED);
}

static void
test_closed_by_foreign_code (Fixture      *fixture,
                             gconstpointer data)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (fixture->context, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = test_endpoint ("ipc");
  Closing          closing = { 0 };

  /* A message that nobody takes makes libzmq keep the memory of the closed socket for a while, so
   * that asking it is not only likely to fail in the way that it should. */
  g_object_set (socket, "linger", 1000, NULL);
  zmqglib_socket_connect_to (socket, endpoint, &error);
  g_assert_no_error (error);
  test_send_string (socket, "hello");

  stream = zmqglib_stream_new (socket);
  g_signal_connect (stream, "received", G_CALLBACK (on_received), fixture);
  g_signal_connect (stream, "closed", G_CALLBACK (on_closed), &closing);
  settle ();

  g_assert_cmpint (zmq_close (zmqglib_socket_get_handle (socket)), ==, 0);
  test_iterate_until (NULL, is_positive, &closing.n_closed);
  assert_loop_sleeps ();

  g_assert_cmpuint (closing.n_closed, ==, 1);
  g_assert_cmpint (closing.code, ==, ZMQGLIB_ERROR_CLOSED);
  g_assert_true (zmqglib_socket_is_closed (socket));
}

static void
add_test (const char   *path,
          gconstpointer data,
          void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, data, fixture_set_up, test, fixture_tear_down);
}

static void
add_operations (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    {
      const Operation *operation = &operations[i];
      g_autofree char *path =
          g_strdup_printf ("/poller/rule-01-operations-make-hot/%s", operation->name);
      g_autofree char *prepare_path = g_strdup_printf ("%s-in-prepare", path);

      add_test (path, operation, test_operation_makes_hot);
      add_test (prepare_path, operation, test_operation_in_prepare);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add_operations ();
  add_test ("/poller/rule-01-operations-make-hot/modify", NULL, test_wanting_more);
  add_test ("/poller/rule-02-prepare-queries-hot", NULL, test_prepare_queries);
  add_test ("/poller/rule-03-check-collects-signalled/one", NULL, test_check_collects);
  add_test ("/poller/rule-03-check-collects-signalled/many", NULL, test_check_collects_many);
  add_test ("/poller/rule-03-check-collects-signalled/beside-a-busy-one", NULL,
            test_check_is_not_skipped);
  add_test ("/poller/rule-04-dispatch-serves-shares/in-turn", NULL, test_dispatch_in_turn);
  add_test ("/poller/rule-04-dispatch-serves-shares/within-slice", NULL,
            test_dispatch_within_slice);
  add_test ("/poller/rule-05-raw-handle-stays-hot/given", NULL, test_raw_handle);
  add_test ("/poller/rule-05-raw-handle-stays-hot/adopted", NULL, test_adopted_handle);
  add_test ("/poller/rule-05-raw-handle-stays-hot/price", NULL, test_raw_handle_price);
  add_test ("/poller/rule-06-unheard-input-is-left/stream", NULL, test_unheard_input);
  add_test ("/poller/rule-06-unheard-input-is-left/poller", NULL, test_unwanted_input);
  add_test ("/poller/rule-07-lower-priorities-run", NULL, test_yields);
  add_test ("/poller/rule-08-nested-loop/stream", NULL, test_nested_loop);
  add_test ("/poller/rule-08-nested-loop/poller", NULL, test_nested_loop_in_poller);
  add_test ("/poller/rule-09-handlers-may-end-anything/close", NULL, test_close_in_handler);
  add_test ("/poller/rule-09-handlers-may-end-anything/close-socket", NULL,
            test_close_socket_in_handler);
  add_test ("/poller/rule-09-handlers-may-end-anything/drop", NULL, test_drop_in_handler);
  add_test ("/poller/rule-09-handlers-may-end-anything/replace", NULL, test_replace_in_handler);
  add_test ("/poller/rule-09-handlers-may-end-anything/others", NULL, test_end_others_in_handler);
  add_test ("/poller/rule-09-handlers-may-end-anything/nested", NULL, test_end_in_nested_loop);
  add_test ("/poller/rule-10-dead-socket-is-reported-once/terminated", NULL, test_terminated);
  add_test ("/poller/rule-10-dead-socket-is-reported-once/closed", NULL, test_closed_by_object);
  add_test ("/poller/rule-10-dead-socket-is-reported-once/closed-by-foreign-code", NULL,
            test_closed_by_foreign_code);

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <sys/resource.h>
#include <zmq.h>

#include "test-util.h"

/* What a session does comes from GTest's random numbers: “--seed” repeats it. The random sessions share as many
 * messages as “--messages N” says: 100 million of them take some minutes. */

typedef struct
{
  guint  n_messages; /* in all */
  guint  n_streams;
  gint64 patience_us; /* how long nothing may happen while something is pending */
} Scale;

static const Scale full_scale = { 1000000, 2000, G_USEC_PER_SEC };
/* under valgrind and its like */
static const Scale slow_tool_scale = { 20000, 200, 20 * G_USEC_PER_SEC };

static const Scale *scale = &full_scale;

/* of the random sessions, with --messages */
static gint64 n_session_messages;

/* no side gets far ahead of the other one */
#define HIGH_WATER_MARK 500
#define MAX_QUEUED      2000

/* One socket in the main loop, used in every way there is, and a raw one in a thread. Each side
 * sends its numbers in order, and expects those of the other one. */
typedef struct
{
  ZmqContext *context;
  ZmqSocket  *socket;
  ZmqStream  *stream;
  gpointer    handle; /* the raw one, or NULL: the poller sees all */
  gulong      handler_id;
  gboolean    blocked;

  GSource *driver;     /* does something at random in each iteration; NULL while it rests */
  guint    rest_until; /* this many are received */

  guint n_sent;
  guint n_received; /* atomic */
  guint n_to_send;
  guint n_to_receive;

  gpointer peer_context;
  gpointer peer;
  guint    n_peer_received; /* atomic */
  gboolean is_over;         /* atomic */
} Session;

static void session_drive (Session *self);

/* The peer's thread */

static gboolean
peer_send (Session *self,
           guint    number)
{
  return zmq_send (self->peer, &number, sizeof number, ZMQ_DONTWAIT) == sizeof number;
}

static gboolean
peer_receive (Session *self)
{
  guint number;

  if (zmq_recv (self->peer, &number, sizeof number, ZMQ_DONTWAIT) < 0)
    return FALSE;

  g_assert_cmpuint (number, ==, self->n_peer_received);
  g_atomic_int_inc (&self->n_peer_received);

  return TRUE;
}

static gpointer
peer_thread (gpointer data)
{
  Session *self = data;
  guint    n_sent = 0;

  while (n_sent < self->n_to_receive || self->n_peer_received < self->n_to_send)
    {
      zmq_pollitem_t item = { .socket = self->peer, .events = ZMQ_POLLIN };
      gboolean       busy = FALSE;

      for (guint i = 0; i < 100 && n_sent < self->n_to_receive && peer_send (self, n_sent); i++)
        {
          n_sent++;
          busy = TRUE;
        }
      for (guint i = 0; i < 100 && peer_receive (self); i++)
        busy = TRUE;

      if (n_sent < self->n_to_receive)
        item.events |= ZMQ_POLLOUT;
      if (!busy)
        zmq_poll (&item, 1, 100);
    }

  return NULL;
}

/* Whoever runs it for long does something else meanwhile. */
static gint64
session_get_patience_us (void)
{
  return n_session_messages > 0 ? slow_tool_scale.patience_us : scale->patience_us;
}

/* Ends the test when nothing has come through for too long, with the session as it is then. It does
 * so from a thread, since any source of the loop that it watches would keep that loop awake. */
static gpointer
watchdog_thread (gpointer data)
{
  Session *self = data;
  guint    n_seen = 0;
  gint64   last = g_get_monotonic_time ();

  while (!g_atomic_int_get (&self->is_over))
    {
      guint n_done = g_atomic_int_get (&self->n_received) + g_atomic_int_get (&self->n_peer_received);

      if (n_done != n_seen)
        {
          n_seen = n_done;
          last = g_get_monotonic_time ();
        }
      else if (g_get_monotonic_time () - last > session_get_patience_us ())
        g_error ("Nothing comes through: %u of %u received, %u of %u sent, %u by the peer, "
                 "%u queued, %s",
                 self->n_received, self->n_to_receive, self->n_sent, self->n_to_send,
                 self->n_peer_received, zmqglib_stream_get_n_queued (self->stream),
                 self->driver != NULL ? "active" : "at rest");

      g_usleep (20000);
    }

  return NULL;
}

/* What the session does, at random */

static gboolean
is_listening (Session *self)
{
  return self->handler_id != 0 && !self->blocked;
}

static void
take_number (Session *self,
             guint    number)
{
  g_assert_cmpuint (number, ==, self->n_received);
  g_atomic_int_inc (&self->n_received);
}

static void
take_message (Session    *self,
              ZmqMessage *message)
{
  gsize         size;
  gconstpointer data = zmqglib_message_peek_frame (message, 0, &size);
  guint         number;

  g_assert_cmpuint (size, ==, sizeof number);
  memcpy (&number, data, size);
  take_number (self, number);
}

static guint
random_number (guint max)
{
  return g_test_rand_int_range (1, max + 1);
}

static guint
random_number_to_send (Session *self,
                       guint    max)
{
  guint n = random_number (max);

  return MIN (n, self->n_to_send - self->n_sent);
}

static void
receive_raw (Session *self)
{
  guint number;

  for (guint n = random_number (50); n > 0; n--)
    {
      if (zmq_recv (self->handle, &number, sizeof number, ZMQ_DONTWAIT) < 0)
        return;
      take_number (self, number);
    }
}

static void
receive_from_socket (Session *self)
{
  for (guint n = random_number (50); n > 0; n--)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqMessage) message = zmqglib_socket_try_receive (self->socket, &error);

      if (message == NULL)
        {
          g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
          return;
        }
      take_message (self, message);
    }
}

static void
query (Session *self)
{
  g_assert_cmpuint (zmqglib_socket_get_condition (self->socket) & ~(G_IO_IN | G_IO_OUT), ==, 0);
}

/* How many may be sent past the stream, whose queue is first. */
static guint
random_burst (Session *self)
{
  if (zmqglib_stream_get_n_queued (self->stream) > 0)
    return 0;

  return random_number_to_send (self, 50);
}

static void
send_raw (Session *self)
{
  for (guint n = random_burst (self); n > 0; n--)
    {
      if (zmq_send (self->handle, &self->n_sent, sizeof self->n_sent, ZMQ_DONTWAIT) < 0)
        return;
      self->n_sent++;
    }
}

static ZmqMessage *
next_message (Session *self)
{
  ZmqMessage *message = zmqglib_message_new ();

  zmqglib_message_append_data (message, &self->n_sent, sizeof self->n_sent);

  return message;
}

static void
send_through_socket (Session *self)
{
  for (guint n = random_burst (self); n > 0; n--)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqMessage) message = next_message (self);

      if (!zmqglib_socket_try_send (self->socket, message, &error))
        {
          g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN);
          return;
        }
      self->n_sent++;
    }
}

static void
send_through_stream (Session *self)
{
  for (guint n = random_number_to_send (self, 200); n > 0; n--)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqMessage) message = next_message (self);

      if (zmqglib_stream_get_n_queued (self->stream) >= MAX_QUEUED)
        return;
      zmqglib_stream_send (self->stream, message, &error);
      g_assert_no_error (error);
      self->n_sent++;
    }
}

static void
flush (Session *self)
{
  GIOCondition condition = g_test_rand_bit () ? G_IO_OUT : 0;

  /* when nobody listens it would drop what it reads */
  if (is_listening (self) && g_test_rand_bit ())
    condition |= G_IO_IN;

  zmqglib_stream_flush (self->stream, condition, random_number (50));
}

static gboolean
maybe (guint n)
{
  return g_test_rand_int_range (0, n) == 0;
}

static void do_something (Session *self);

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  Session *self = user_data;

  take_message (self, message);

  /* now and then a handler does it, too */
  if ((self->n_received & 63) == 0 && maybe (4))
    do_something (self);

  if (self->driver == NULL && (self->n_received >= self->rest_until || !is_listening (self)))
    session_drive (self);
}

static void
pause_or_resume (Session *self)
{
  gboolean disconnect = g_test_rand_bit ();

  if (self->handler_id == 0)
    {
      self->handler_id = g_signal_connect (self->stream, "received", G_CALLBACK (on_received), self);
      self->blocked = FALSE;
    }
  else if (self->blocked)
    {
      g_signal_handler_unblock (self->stream, self->handler_id);
      self->blocked = FALSE;
    }
  else if (disconnect)
    g_clear_signal_handler (&self->handler_id, self->stream);
  else
    {
      g_signal_handler_block (self->stream, self->handler_id);
      self->blocked = TRUE;
    }
}

static void
do_something (Session *self)
{
  static void (*const actions[]) (Session * self) = {
    receive_from_socket, query, send_through_socket, send_through_stream, flush, pause_or_resume,
    receive_raw, send_raw
  };
  /* without a raw handle the last two are not possible */
  guint n_actions = G_N_ELEMENTS (actions) - (self->handle != NULL ? 0 : 2);

  actions[g_test_rand_int_range (0, n_actions)](self);
}

/* Leaves everything to the stream for a while: here a lost signal would show. */
static void
rest (Session *self)
{
  if (!is_listening (self))
    pause_or_resume (self);

  self->rest_until = self->n_received + random_number (1000);
  self->rest_until = MIN (self->rest_until, self->n_to_receive);
  g_source_destroy (self->driver);
  g_clear_pointer (&self->driver, g_source_unref);
}

static gboolean
on_drive (gpointer data)
{
  Session *self = data;

  do_something (self);
  if (maybe (8) && self->n_received < self->n_to_receive)
    rest (self);

  return G_SOURCE_CONTINUE;
}

static void
session_drive (Session *self)
{
  self->driver = g_idle_source_new ();
  g_source_set_priority (self->driver, g_test_rand_bit () ? G_PRIORITY_DEFAULT : G_PRIORITY_LOW);
  g_source_set_callback (self->driver, on_drive, self, NULL);
  g_source_attach (self->driver, NULL);
}

static Session *
session_new (ZmqSocketType type,
             gboolean      raw,
             guint         n_messages)
{
  Session         *self = g_new0 (Session, 1);
  g_autofree char *endpoint = NULL;
  int              high_water_mark = HIGH_WATER_MARK;

  self->n_to_send = n_messages * 3 / 10;
  self->n_to_receive = n_messages - self->n_to_send;

  self->context = zmqglib_context_new ();
  self->socket = test_socket_new (self->context, type);
  g_object_set (self->socket, "send-high-water-mark", high_water_mark, "receive-high-water-mark",
                high_water_mark, NULL);
  endpoint = test_bind (self->socket, "tcp");
  if (raw)
    self->handle = zmqglib_socket_get_handle (self->socket);
  self->stream = zmqglib_stream_new (self->socket);

  self->peer_context = zmq_ctx_new ();
  self->peer = zmq_socket (self->peer_context, type);
  zmq_setsockopt (self->peer, ZMQ_SNDHWM, &high_water_mark, sizeof high_water_mark);
  zmq_setsockopt (self->peer, ZMQ_RCVHWM, &high_water_mark, sizeof high_water_mark);
  g_assert_cmpint (zmq_connect (self->peer, endpoint), ==, 0);

  return self;
}

static void
session_free (Session *self)
{
  if (self->driver != NULL)
    g_source_destroy (self->driver);
  g_clear_pointer (&self->driver, g_source_unref);
  g_object_unref (self->stream);
  g_object_unref (self->socket);
  g_object_unref (self->context);
  zmq_close (self->peer);
  zmq_ctx_term (self->peer_context);
  g_free (self);
}

static gboolean
session_is_over (Session *self)
{
  return self->n_received == self->n_to_receive && self->n_sent == self->n_to_send &&
         zmqglib_stream_get_n_queued (self->stream) == 0;
}

static void
run_session (ZmqSocketType type,
             gboolean      raw)
{
  guint    n_messages = n_session_messages > 0 ? n_session_messages : scale->n_messages;
  Session *session = session_new (type, raw, n_messages / 4);
  GThread *peer = g_thread_new ("peer", peer_thread, session);
  GThread *watchdog = g_thread_new ("watchdog", watchdog_thread, session);

  session_drive (session);
  while (!session_is_over (session))
    g_main_context_iteration (NULL, TRUE);

  g_thread_join (peer);
  g_atomic_int_set (&session->is_over, TRUE);
  g_thread_join (watchdog);
  g_assert_cmpuint (session->n_received, ==, session->n_to_receive);
  g_assert_cmpuint (session->n_peer_received, ==, session->n_to_send);

  session_free (session);
}

static void
test_seen_use (gconstpointer data)
{
  run_session (GPOINTER_TO_UINT (data), FALSE);
}

static void
test_raw_use (gconstpointer data)
{
  run_session (GPOINTER_TO_UINT (data), TRUE);
}

/* Streams that are flooded from threads, of which each handler runs a loop of its own at times. */

#define N_FLOODED 4

typedef struct _Flooded Flooded;

typedef struct
{
  Flooded   *all;
  ZmqSocket *socket;
  ZmqSocket *peer;
  ZmqStream *stream;
  guint      n_received;
  gboolean   is_nested;
} FloodedStream;

struct _Flooded
{
  FloodedStream streams[N_FLOODED];
  guint         n_messages; /* for each */
  guint         n_nested;
};

static gpointer
flood_thread (gpointer data)
{
  FloodedStream *self = data;

  for (guint i = 0; i < self->all->n_messages; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqMessage) message = zmqglib_message_new ();

      zmqglib_message_append_data (message, &i, sizeof i);
      zmqglib_socket_send (self->peer, message, NULL, &error);
      g_assert_no_error (error);
    }

  return NULL;
}

/* Those whose handler is not running are through, so that nobody waits for one that waits. */
static gboolean
others_are_through (gpointer data)
{
  Flooded *all = data;

  for (guint i = 0; i < N_FLOODED; i++)
    if (!all->streams[i].is_nested && all->streams[i].n_received < all->n_messages)
      return FALSE;

  return TRUE;
}

static void
on_received_flooded (ZmqStream  *stream,
                     ZmqMessage *message,
                     gpointer    user_data)
{
  FloodedStream *self = user_data;
  guint          number;

  g_assert_false (self->is_nested);
  memcpy (&number, zmqglib_message_peek_frame (message, 0, NULL), sizeof number);
  g_assert_cmpuint (number, ==, self->n_received);
  self->n_received++;

  if (self->n_received != self->all->n_messages / 2)
    return;

  self->all->n_nested++;
  self->is_nested = TRUE;
  test_iterate_until (NULL, others_are_through, self->all);
  self->is_nested = FALSE;
}

static void
test_nested_loops (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  Flooded  all = { .n_messages = scale->n_messages / 20 };
  GThread *threads[N_FLOODED];

  for (guint i = 0; i < N_FLOODED; i++)
    {
      FloodedStream *stream = &all.streams[i];

      stream->all = &all;
      test_socket_pair (context, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &stream->socket,
                        &stream->peer);
      stream->stream = zmqglib_stream_new (stream->socket);
      g_signal_connect (stream->stream, "received", G_CALLBACK (on_received_flooded), stream);
      threads[i] = g_thread_new ("flood", flood_thread, stream);
    }

  test_iterate_until (NULL, others_are_through, &all);
  g_assert_cmpuint (all.n_nested, ==, N_FLOODED);

  for (guint i = 0; i < N_FLOODED; i++)
    {
      g_thread_join (threads[i]);
      g_object_unref (all.streams[i].stream);
      g_object_unref (all.streams[i].socket);
      g_object_unref (all.streams[i].peer);
    }
}

/* Very many streams in one loop */

#define N_EACH 10

typedef struct
{
  ZmqSocket **sockets;
  ZmqSocket **peers;
  ZmqStream **streams;
  guint       n_received;
} Crowd;

static void
on_received_echo (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    user_data)
{
  g_autoptr (GError) error = NULL;
  Crowd *crowd = user_data;

  crowd->n_received++;
  zmqglib_stream_send (stream, message, &error);
  g_assert_no_error (error);
}

static gboolean
crowd_is_through (gpointer data)
{
  return ((Crowd *) data)->n_received == scale->n_streams * N_EACH;
}

/* Two sockets a stream, and what else the process needs. */
static gboolean
allow_files (guint n_files)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  if (limit.rlim_cur >= n_files)
    return TRUE;
  if (limit.rlim_max < n_files)
    return FALSE;

  limit.rlim_cur = n_files;

  return setrlimit (RLIMIT_NOFILE, &limit) == 0;
}

static void
send_to_crowd (Crowd *crowd)
{
  for (guint i = 0; i < scale->n_streams; i++)
    for (guint j = 0; j < N_EACH; j++)
      {
        g_autofree char *string = g_strdup_printf ("%u of %u", j, i);

        test_send_string (crowd->peers[i], string);
      }
}

static void
receive_from_crowd (Crowd *crowd)
{
  for (guint i = 0; i < scale->n_streams; i++)
    for (guint j = 0; j < N_EACH; j++)
      {
        g_autofree char *string = g_strdup_printf ("%u of %u", j, i);

        test_receive_string (crowd->peers[i], string);
      }
}

static void
test_many_streams (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autofree ZmqSocket **sockets = g_new0 (ZmqSocket *, scale->n_streams);
  g_autofree ZmqSocket **peers = g_new0 (ZmqSocket *, scale->n_streams);
  g_autofree ZmqStream **streams = g_new0 (ZmqStream *, scale->n_streams);
  Crowd                  crowd = { .sockets = sockets, .peers = peers, .streams = streams };

  if (!allow_files (2 * scale->n_streams + 100))
    {
      g_test_skip ("The process may not open as many files");
      return;
    }

  g_object_set (context, "max-sockets", 5000, NULL);
  for (guint i = 0; i < scale->n_streams; i++)
    {
      test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, &sockets[i],
                        &peers[i]);
      streams[i] = zmqglib_stream_new (sockets[i]);
      g_signal_connect (streams[i], "received", G_CALLBACK (on_received_echo), &crowd);
    }

  for (guint round = 0; round < 2; round++)
    {
      crowd.n_received = 0;
      send_to_crowd (&crowd);
      test_iterate_until (NULL, crowd_is_through, &crowd);
      receive_from_crowd (&crowd);
    }

  for (guint i = 0; i < scale->n_streams; i++)
    {
      g_object_unref (streams[i]);
      g_object_unref (sockets[i]);
      g_object_unref (peers[i]);
    }
}

int
main (int   argc,
      char *argv[])
{
  const GOptionEntry entries[] = {
    { "messages", 0, 0, G_OPTION_ARG_INT64, &n_session_messages, "How many the random sessions exchange", "N" },
    { NULL }
  };
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  /* the others are GTest's */
  g_option_context_set_ignore_unknown_options (options, TRUE);
  g_option_context_set_help_enabled (options, FALSE);
  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    g_error ("%s", error->message);
  n_session_messages = CLAMP (n_session_messages, 0, G_MAXINT);
  g_test_init (&argc, &argv, NULL);

  if (test_is_slow_tool ())
    scale = &slow_tool_scale;

  g_test_add_data_func ("/poller/stress/seen-use/dealer", GUINT_TO_POINTER (ZMQGLIB_SOCKET_DEALER),
                        test_seen_use);
  g_test_add_data_func ("/poller/stress/seen-use/pair", GUINT_TO_POINTER (ZMQGLIB_SOCKET_PAIR),
                        test_seen_use);
  g_test_add_data_func ("/poller/stress/raw-use/dealer", GUINT_TO_POINTER (ZMQGLIB_SOCKET_DEALER),
                        test_raw_use);
  g_test_add_data_func ("/poller/stress/raw-use/pair", GUINT_TO_POINTER (ZMQGLIB_SOCKET_PAIR),
                        test_raw_use);
  g_test_add_func ("/poller/stress/nested-loops", test_nested_loops);
  g_test_add_func ("/poller/stress/many-streams", test_many_streams);

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-stream-util.h"

/* Sending from any thread. Also run with the thread sanitizer, which finds what these may not see. */

#define N_THREADS 8

typedef struct
{
  ZmqStream *stream;
  guint      number;
  guint      n_messages;
  guint      n_refused;
  GThread   *thread;
} Sender;

static ZmqMessage *
sender_message (Sender *self,
                guint   n)
{
  ZmqMessage *message = zmqglib_message_new ();

  zmqglib_message_append_data (message, &self->number, sizeof self->number);
  zmqglib_message_append_data (message, &n, sizeof n);

  return message;
}

static gpointer
sender_run (gpointer data)
{
  Sender *self = data;

  for (guint i = 0; i < self->n_messages; i++)
    {
      g_autoptr (ZmqMessage) message = sender_message (self, i);
      g_autoptr (GError) error = NULL;

      if (zmqglib_stream_send (self->stream, message, &error))
        continue;
      g_assert_true (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED) ||
                     g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_QUEUE_FULL));
      self->n_refused++;
    }
  g_clear_object (&self->stream);

  return NULL;
}

static void
senders_start (Sender    *senders,
               ZmqStream *stream,
               guint      n_messages)
{
  for (guint i = 0; i < N_THREADS; i++)
    {
      senders[i] = (Sender){ .stream = g_object_ref (stream), .number = i, .n_messages = n_messages };
      senders[i].thread = g_thread_new ("sender", sender_run, &senders[i]);
    }
}

static guint
senders_join (Sender *senders)
{
  guint n_refused = 0;

  for (guint i = 0; i < N_THREADS; i++)
    {
      g_thread_join (senders[i].thread);
      n_refused += senders[i].n_refused;
    }

  return n_refused;
}

static guint
get_number (ZmqMessage *message,
            guint       frame)
{
  gsize         size;
  gconstpointer data = zmqglib_message_peek_frame (message, frame, &size);
  guint         number;

  g_assert_cmpuint (size, ==, sizeof number);
  memcpy (&number, data, sizeof number);

  return number;
}

/* What has come of each sender's messages: each number must be the next one. */
typedef struct
{
  GThread *thread;
  guint    next[N_THREADS];
  guint    n_messages;
  guint    n_failed;
  gboolean is_closed;
} Tally;

static void
tally_add (Tally      *self,
           ZmqMessage *message)
{
  guint number = get_number (message, 0);

  g_assert_true (g_thread_self () == self->thread);
  g_assert_cmpuint (number, <, N_THREADS);
  g_assert_cmpuint (get_number (message, 1), ==, self->next[number]);
  self->next[number]++;
  self->n_messages++;
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             Tally      *tally)
{
  tally_add (tally, message);
}

static void
on_sent (ZmqStream    *stream,
         ZmqMessage   *message,
         const GError *error,
         Tally        *tally)
{
  if (error != NULL)
    {
      g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_CLOSED);
      tally->n_failed++;
    }
  tally_add (tally, message);
}

static void
on_closed (ZmqStream    *stream,
           const GError *error,
           Tally        *tally)
{
  tally->is_closed = TRUE;
}

typedef struct
{
  ZmqContext *context;
  ZmqStream  *stream;
  ZmqStream  *peer;
  Tally       sent;
  Tally       received;
  guint       n_expected;
  Sender      senders[N_THREADS];
} Fixture;

static void
fixture_set_up (Fixture      *self,
                gconstpointer transport)
{
  g_autoptr (ZmqSocket) socket = NULL;
  g_autoptr (ZmqSocket) peer = NULL;

  self->context = zmqglib_context_new ();
  test_socket_pair (self->context, transport, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &peer, &socket);
  self->stream = zmqglib_stream_new (socket);
  self->peer = zmqglib_stream_new (peer);
  self->sent.thread = self->received.thread = g_thread_self ();
  g_signal_connect (self->stream, "sent", G_CALLBACK (on_sent), &self->sent);
  g_signal_connect (self->stream, "closed", G_CALLBACK (on_closed), &self->sent);
  g_signal_connect (self->peer, "received", G_CALLBACK (on_received), &self->received);
}

static void
fixture_tear_down (Fixture      *self,
                   gconstpointer transport)
{
  g_object_unref (self->stream);
  g_object_unref (self->peer);
  g_object_unref (self->context);
}

static gboolean
has_all (gpointer data)
{
  Fixture *self = data;

  return self->sent.n_messages == self->n_expected && self->received.n_messages == self->n_expected;
}

static guint
get_n_messages (void)
{
  return test_is_slow_tool () ? 200 : 5000;
}

static void
test_order (Fixture      *self,
            gconstpointer transport)
{
  guint n_messages = get_n_messages ();

  self->n_expected = N_THREADS * n_messages;
  senders_start (self->senders, self->stream, n_messages);
  test_iterate_until (NULL, has_all, self);
  g_assert_cmpuint (senders_join (self->senders), ==, 0);

  g_assert_cmpuint (self->sent.n_failed, ==, 0);
  for (guint i = 0; i < N_THREADS; i++)
    g_assert_cmpuint (self->received.next[i], ==, n_messages);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (self->stream), ==, 0);
}

/* The stream's own thread sends at the same time, and each thread's order is kept. */
static gboolean
send_one (gpointer data)
{
  Sender *self = data;
  g_autoptr (ZmqMessage) message = sender_message (self, self->n_messages++);
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send (self->stream, message, &error);
  g_assert_no_error (error);

  return self->n_messages < get_n_messages () ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
test_order_with_owner (Fixture      *self,
                       gconstpointer transport)
{
  guint  n_messages = get_n_messages ();
  Sender own = { .stream = self->stream, .number = 0 };

  self->n_expected = N_THREADS * n_messages;
  for (guint i = 1; i < N_THREADS; i++)
    {
      self->senders[i] = (Sender){ .stream = g_object_ref (self->stream), .number = i, .n_messages = n_messages };
      self->senders[i].thread = g_thread_new ("sender", sender_run, &self->senders[i]);
    }
  g_idle_add_full (G_PRIORITY_DEFAULT, send_one, &own, NULL);
  test_iterate_until (NULL, has_all, self);
  for (guint i = 1; i < N_THREADS; i++)
    g_thread_join (self->senders[i].thread);
}

static gboolean
is_closed (gpointer data)
{
  return ((Tally *) data)->is_closed;
}

/* Each message that was taken is reported, sent or not; the others were refused. */
static void
test_close_meanwhile (Fixture      *self,
                      gconstpointer transport)
{
  for (guint round = 0; round < 20; round++)
    {
      guint n_messages = 200;
      guint n_refused;

      senders_start (self->senders, self->stream, n_messages);
      for (guint i = 0; i < round; i++)
        g_main_context_iteration (NULL, FALSE);
      zmqglib_stream_close (self->stream);
      test_iterate_until (NULL, is_closed, &self->sent);
      n_refused = senders_join (self->senders);
      g_assert_cmpuint (self->sent.n_messages + n_refused, ==, N_THREADS * n_messages);

      fixture_tear_down (self, transport);
      memset (self, 0, sizeof *self);
      fixture_set_up (self, transport);
    }
}

/* The owner drops the stream; the last reference goes in one of the other threads. */
static void
test_drop_elsewhere (Fixture      *self,
                     gconstpointer transport)
{
  gpointer stream = self->stream;

  g_object_add_weak_pointer (stream, &stream);
  senders_start (self->senders, self->stream, 100);
  g_clear_object (&self->stream);
  test_iterate_until (NULL, stream_is_null, &stream);
  senders_join (self->senders);
  self->stream = g_object_ref (self->peer);
}

static gpointer
send_and_fail (gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) empty = zmqglib_message_new ();

  g_assert_false (zmqglib_stream_send (data, empty, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "push");

  for (guint i = 0; i < 3; i++)
    {
      zmqglib_stream_send_string (data, "taken", &error);
      g_assert_no_error (error);
    }
  g_assert_false (zmqglib_stream_send_string (data, "too much", &error));
  test_assert_error (error, ZMQGLIB_ERROR_QUEUE_FULL, "push");
  g_assert_cmpuint (zmqglib_stream_get_n_queued (data), ==, 3);

  return NULL;
}

static gpointer
send_to_closed (gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (zmqglib_stream_send_string (data, "too late", &error));
  g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_CLOSED);

  return NULL;
}

static void
test_errors (Fixture      *self,
             gconstpointer transport)
{
  g_signal_handlers_disconnect_by_func (self->stream, on_sent, &self->sent);
  g_object_set (self->stream, "send-limit", 3, NULL);
  g_thread_join (g_thread_new ("sender", send_and_fail, self->stream));
  g_assert_cmpuint (zmqglib_stream_discard (self->stream), ==, 3);
  zmqglib_stream_close (self->stream);
  g_thread_join (g_thread_new ("sender", send_to_closed, self->stream));
  test_iterate_until (NULL, is_closed, &self->sent);
}

static gpointer
send_limited (gpointer data)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("late");
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send_full (data, message, 0, NULL, &error);
  g_assert_no_error (error);

  return NULL;
}

/* A deadline counts from the call. */
static void
test_deadline (StreamFixture *fixture,
               gconstpointer  transport)
{
  g_thread_join (g_thread_new ("sender", send_limited, fixture->stream));
  stream_fixture_wait (fixture, 2);
  stream_fixture_assert_events (fixture, "sent late: again, drained");
}

/* Also before any loop runs, and with what was sent before it in another thread. */
static gpointer
send_posted (gpointer data)
{
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send_string (data, "posted", &error);
  g_assert_no_error (error);

  return NULL;
}

static void
test_flush (StreamFixture *fixture,
            gconstpointer  transport)
{
  stream_fixture_connect_peer_and_wait (fixture);
  g_thread_join (g_thread_new ("sender", send_posted, fixture->stream));
  stream_fixture_send (fixture, "own");
  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_OUT, 0), ==, 2);
  stream_fixture_assert_events (fixture, "sent posted, sent own");
}

/* Two streams that have a message each, of which the first to be called closes the other, in another thread. */
typedef struct
{
  ZmqStream *streams[2];
  guint      n_received;
} Pair;

static gpointer
close_stream (gpointer data)
{
  zmqglib_stream_close (data);

  return NULL;
}

static void
on_received_close_other (ZmqStream  *stream,
                         ZmqMessage *message,
                         Pair       *pair)
{
  ZmqStream *other = pair->streams[stream == pair->streams[0] ? 1 : 0];

  pair->n_received++;
  g_thread_join (g_thread_new ("closer", close_stream, other));
}

static gboolean
pair_is_closed_once (gpointer data)
{
  Pair *pair = data;
  guint n_open = 0;

  for (guint i = 0; i < 2; i++)
    n_open += !zmqglib_stream_is_closed (pair->streams[i]);

  return pair->n_received > 0 && n_open == 1;
}

/* Who was closed hears nothing more, though the loop, which knows of its message, was not told yet. */
static void
test_closed_elsewhere_in_this_turn (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  ZmqSocket *peers[2];
  Pair       pair = { 0 };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (ZmqSocket) socket = NULL;

      test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, &socket, &peers[i]);
      pair.streams[i] = zmqglib_stream_new (socket);
      g_signal_connect (pair.streams[i], "received", G_CALLBACK (on_received_close_other), &pair);
      test_send_string (peers[i], "message");
    }

  test_iterate_until (NULL, pair_is_closed_once, &pair);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (pair.n_received, ==, 1);

  for (guint i = 0; i < 2; i++)
    {
      g_object_unref (pair.streams[i]);
      g_object_unref (peers[i]);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/stream/threads-order/inproc", Fixture, "inproc", fixture_set_up, test_order, fixture_tear_down);
  g_test_add ("/stream/threads-order/tcp", Fixture, "tcp", fixture_set_up, test_order, fixture_tear_down);
  g_test_add ("/stream/threads-order-with-owner", Fixture, "tcp", fixture_set_up, test_order_with_owner, fixture_tear_down);
  g_test_add ("/stream/threads-close-meanwhile", Fixture, "inproc", fixture_set_up, test_close_meanwhile, fixture_tear_down);
  g_test_add ("/stream/threads-drop-elsewhere", Fixture, "inproc", fixture_set_up, test_drop_elsewhere, fixture_tear_down);
  g_test_add ("/stream/threads-errors", Fixture, "inproc", fixture_set_up, test_errors, fixture_tear_down);
  g_test_add_func ("/stream/threads-closed-elsewhere-in-this-turn", test_closed_elsewhere_in_this_turn);
  stream_test_add_for ("threads-deadline", "inproc", test_deadline);
  stream_test_add_for ("threads-flush", "inproc", test_flush);

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-stream-util.h"

/* Those who wait for the next message of a stream, each for one, whatever priority the stream has. */

typedef struct
{
  const char *name;
  int         priority;
} Priority;

static const Priority priorities[] = {
  { "", G_PRIORITY_DEFAULT },
  { "-high", G_PRIORITY_HIGH },
  { "-low", G_PRIORITY_LOW },
};

static void
set_up (StreamFixture *fixture,
        gconstpointer  data)
{
  const Priority *priority = data;

  fixture->priority = priority->priority;
  stream_fixture_set_up (fixture, "inproc");
  stream_fixture_connect_peer (fixture);
}

static void
log_result (StreamFixture *fixture,
            GObject       *source,
            GAsyncResult  *result)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_stream_receive_finish (ZMQGLIB_STREAM (source), result, &error);

  g_assert_true ((message != NULL) == (error == NULL));
  stream_fixture_log (fixture, "got", message, error);
}

static void
on_got (GObject      *source,
        GAsyncResult *result,
        gpointer      data)
{
  log_result (data, source, result);
}

static void
begin (StreamFixture *fixture,
       GCancellable  *cancellable)
{
  /* never told within */
  fixture->quiet = TRUE;
  zmqglib_stream_receive_async (fixture->stream, cancellable, on_got, fixture);
  fixture->quiet = FALSE;
}

static void
send_letters (StreamFixture *fixture,
              const char    *letters)
{
  for (const char *letter = letters; *letter != '\0'; letter++)
    {
      const char string[] = { *letter, '\0' };

      test_send_string (fixture->peer, string);
    }
}

static int
compare_events (gconstpointer a,
                gconstpointer b)
{
  return g_strcmp0 (*(char *const *) a, *(char *const *) b);
}

static guint
find_event (StreamFixture *fixture,
            const char    *event)
{
  guint index;

  g_assert_true (g_ptr_array_find_with_equal_func (fixture->events, event, g_str_equal, &index));

  return index;
}

static void
test_in_turn (StreamFixture *fixture,
              gconstpointer  data)
{
  begin (fixture, NULL);
  begin (fixture, NULL);
  begin (fixture, NULL);
  stream_settle ();
  stream_fixture_assert_events (fixture, "");

  send_letters (fixture, "abcd");
  stream_fixture_wait (fixture, 3);
  stream_settle ();
  stream_fixture_assert_events (fixture, "got a, got b, got c");

  /* nobody has asked for it yet */
  test_receive_string (fixture->socket, "d");
}

/* As a handler, or the function in its place: those who wait come first, and are told first. */
static void
check_before_who_listens (StreamFixture *fixture)
{
  for (guint i = 0; i < 20; i++)
    {
      send_letters (fixture, "abcdef");
      begin (fixture, NULL);
      begin (fixture, NULL);
      begin (fixture, NULL);
      stream_fixture_wait (fixture, 6);
      stream_fixture_assert_events (fixture, "got a, got b, got c, received d, received e, received f");
    }
}

static void
test_before_handlers (StreamFixture *fixture,
                      gconstpointer  data)
{
  g_signal_connect (fixture->stream, "received", G_CALLBACK (stream_fixture_on_received), fixture);
  check_before_who_listens (fixture);
}

static void
test_before_function (StreamFixture *fixture,
                      gconstpointer  data)
{
  zmqglib_stream_set_receive_func (fixture->stream, (ZmqStreamReceiveFunc) stream_fixture_on_received, fixture, NULL);
  check_before_who_listens (fixture);
}

static void
on_received_begin (ZmqStream     *stream,
                   ZmqMessage    *message,
                   StreamFixture *fixture)
{
  stream_fixture_on_received (stream, message, fixture);
  begin (fixture, NULL);
}

/* A handler has the next message, of the same burst, sent elsewhere. */
static void
test_in_handler (StreamFixture *fixture,
                 gconstpointer  data)
{
  g_signal_connect (fixture->stream, "received", G_CALLBACK (on_received_begin), fixture);
  send_letters (fixture, "abcdef");
  stream_fixture_wait (fixture, 6);
  stream_fixture_assert_events (fixture, "received a, got b, received c, got d, received e, got f");
}

static void
test_paused (StreamFixture *fixture,
             gconstpointer  data)
{
  g_signal_connect (fixture->stream, "received", G_CALLBACK (stream_fixture_on_received), fixture);
  g_object_set (fixture->stream, "paused", TRUE, NULL);
  begin (fixture, NULL);
  send_letters (fixture, "abc");
  stream_fixture_wait (fixture, 1);
  stream_settle ();
  stream_fixture_assert_events (fixture, "got a");

  g_object_set (fixture->stream, "paused", FALSE, NULL);
  stream_fixture_wait (fixture, 2);
  stream_fixture_assert_events (fixture, "received b, received c");
}

static void
test_cancelled (StreamFixture *fixture,
                gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  begin (fixture, NULL);
  begin (fixture, cancellable);
  begin (fixture, NULL);
  g_cancellable_cancel (cancellable);
  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "got: cancelled");

  send_letters (fixture, "abc");
  stream_fixture_wait (fixture, 2);
  stream_settle ();
  stream_fixture_assert_events (fixture, "got a, got b");

  /* in advance, and with a message there */
  begin (fixture, cancellable);
  stream_settle ();
  stream_fixture_assert_events (fixture, "got: cancelled");
  begin (fixture, NULL);
  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "got c");
}

static void
on_got_cancel (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  StreamFixture *fixture = data;

  log_result (fixture, source, result);
  g_cancellable_cancel (g_object_get_data (source, "cancellable"));
}

/* The messages were received in one turn: those behind who is cancelled before hearing of it move up. */
static void
test_cancelled_when_answered (StreamFixture *fixture,
                              gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_object_set_data (G_OBJECT (fixture->stream), "cancellable", cancellable);
  send_letters (fixture, "abc");
  zmqglib_stream_receive_async (fixture->stream, NULL, on_got_cancel, fixture);
  begin (fixture, cancellable);
  begin (fixture, NULL);
  stream_fixture_wait (fixture, 3);
  g_ptr_array_sort (fixture->events, compare_events);
  stream_fixture_assert_events (fixture, "got a, got b, got: cancelled");
  test_receive_string (fixture->socket, "c");
}

/* As above, of two of four, of whom one has not been answered. */
static void
test_cancelled_before_others (StreamFixture *fixture,
                              gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_signal_connect (fixture->stream, "received", G_CALLBACK (stream_fixture_on_received), fixture);
  g_object_set_data (G_OBJECT (fixture->stream), "cancellable", cancellable);
  send_letters (fixture, "abcde");
  zmqglib_stream_receive_async (fixture->stream, NULL, on_got_cancel, fixture);
  begin (fixture, cancellable);
  begin (fixture, NULL);
  begin (fixture, cancellable);
  stream_fixture_wait (fixture, 7);
  for (guint i = 0; i < 2; i++)
    g_ptr_array_remove_index (fixture->events, find_event (fixture, "got: cancelled"));
  stream_fixture_assert_events (fixture, "got a, got b, received c, received d, received e");
}

/* Another thread cancels while messages come: each is told once, and in order, or still there. */

#define N_CANCELLED 300

static gpointer
cancel_in_thread (gpointer data)
{
  g_cancellable_cancel (data);

  return NULL;
}

static void
test_cancelled_by_thread (StreamFixture *fixture,
                          gconstpointer  data)
{
  guint n_got = 0;

  for (guint i = 0; i < N_CANCELLED; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);

      test_send_string (fixture->peer, number);
    }

  while (n_got < N_CANCELLED)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autofree char *expected = g_strdup_printf ("got %u", n_got);
      GThread         *thread = g_thread_new ("cancel", cancel_in_thread, cancellable);

      begin (fixture, cancellable);
      stream_fixture_wait (fixture, 1);
      g_thread_join (thread);
      if (g_str_equal (fixture->events->pdata[0], "got: cancelled"))
        {
          g_ptr_array_set_size (fixture->events, 0);
          begin (fixture, NULL);
          stream_fixture_wait (fixture, 1);
        }
      stream_fixture_assert_events (fixture, expected);
      n_got++;
    }
}

static void
test_closed (StreamFixture *fixture,
             gconstpointer  data)
{
  begin (fixture, NULL);
  begin (fixture, NULL);
  zmqglib_stream_close (fixture->stream);
  begin (fixture, NULL);
  stream_fixture_wait (fixture, 4);
  g_ptr_array_sort (fixture->events, compare_events);
  stream_fixture_assert_events (fixture, "closed, got: closed, got: closed, got: closed");
}

static void
test_terminated (StreamFixture *fixture,
                 gconstpointer  data)
{
  begin (fixture, NULL);
  zmqglib_context_shutdown (fixture->context);
  stream_fixture_wait (fixture, 2);
  g_ptr_array_sort (fixture->events, compare_events);
  stream_fixture_assert_events (fixture, "closed: terminated, got: terminated");
}

static void
on_got_close (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  log_result (data, source, result);
  zmqglib_stream_close (ZMQGLIB_STREAM (source));
}

/* What was received before is told nevertheless. */
static void
test_closed_by_callback (StreamFixture *fixture,
                         gconstpointer  data)
{
  send_letters (fixture, "ab");
  zmqglib_stream_receive_async (fixture->stream, NULL, on_got_close, fixture);
  begin (fixture, NULL);
  begin (fixture, NULL);
  stream_fixture_wait (fixture, 4);
  g_assert_cmpstr (fixture->events->pdata[0], ==, "got a");
  g_ptr_array_sort (fixture->events, compare_events);
  stream_fixture_assert_events (fixture, "closed, got a, got b, got: closed");
}

/* Who waits keeps the stream. */
static void
test_dropped (StreamFixture *fixture,
              gconstpointer  data)
{
  begin (fixture, NULL);
  g_object_unref (fixture->stream);
  g_assert_nonnull (fixture->stream);
  stream_settle ();
  send_letters (fixture, "a");
  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "got a");
  test_iterate_until (NULL, stream_is_null, &fixture->stream);
}

static void
test_dropped_and_cancelled (StreamFixture *fixture,
                            gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  begin (fixture, cancellable);
  g_object_unref (fixture->stream);
  g_cancellable_cancel (cancellable);
  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "got: cancelled");
  test_iterate_until (NULL, stream_is_null, &fixture->stream);
}

static void
on_got_nested (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  StreamFixture *fixture = data;

  log_result (fixture, source, result);
  send_letters (fixture, "x");
  stream_fixture_wait (fixture, 4);
}

/* What the callback waits for comes in the loop that it runs: who waits behind it, and who listens. */
static void
test_nested_loop (StreamFixture *fixture,
                  gconstpointer  data)
{
  g_signal_connect (fixture->stream, "received", G_CALLBACK (stream_fixture_on_received), fixture);
  send_letters (fixture, "ab");
  zmqglib_stream_receive_async (fixture->stream, NULL, on_got_nested, fixture);
  begin (fixture, NULL);
  begin (fixture, NULL);
  send_letters (fixture, "c");
  stream_fixture_wait (fixture, 4);
  stream_fixture_assert_events (fixture, "got a, got b, got c, received x");
}

static void
on_received_nested (ZmqStream     *stream,
                    ZmqMessage    *message,
                    StreamFixture *fixture)
{
  g_signal_handlers_disconnect_by_func (stream, on_received_nested, fixture);
  g_signal_connect (stream, "received", G_CALLBACK (stream_fixture_on_received), fixture);
  stream_fixture_on_received (stream, message, fixture);
  begin (fixture, NULL);
  stream_settle ();
  stream_fixture_assert_events (fixture, "received a");
}

/* A stream is left alone while its handler runs, and who waits is told afterwards. */
static void
test_in_loop_of_handler (StreamFixture *fixture,
                         gconstpointer  data)
{
  g_signal_connect (fixture->stream, "received", G_CALLBACK (on_received_nested), fixture);
  send_letters (fixture, "abc");
  stream_fixture_wait (fixture, 2);
  stream_fixture_assert_events (fixture, "got b, received c");
}

/* Begins and receives in the iteration in which the stream has its turn, and before that. */
static gboolean
begin_and_flush (gpointer data)
{
  StreamFixture *fixture = data;

  begin (fixture, NULL);
  begin (fixture, NULL);
  fixture->quiet = TRUE;
  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_IN, 2), ==, 2);
  fixture->quiet = FALSE;

  return G_SOURCE_REMOVE;
}

/* Of a main context of its own, in which a source was before the stream. */
static void
check_own_context (const Priority *priority)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) source = g_idle_source_new ();
  StreamFixture fixture = { .priority = priority->priority };

  g_main_context_push_thread_default (context);
  g_source_set_priority (source, priority->priority);
  g_source_set_callback (source, begin_and_flush, &fixture, NULL);
  g_source_attach (source, context);
  stream_fixture_set_up (&fixture, "inproc");
  stream_fixture_connect_peer (&fixture);
  g_signal_connect (fixture.stream, "received", G_CALLBACK (stream_fixture_on_received), &fixture);
  send_letters (&fixture, "abcd");

  stream_fixture_wait (&fixture, 4);
  stream_fixture_assert_events (&fixture, "got a, got b, received c, received d");
  g_object_unref (fixture.stream);
  test_iterate_until (context, stream_is_null, &fixture.stream);
  g_main_context_pop_thread_default (context);
  stream_fixture_tear_down (&fixture, NULL);
}

static void
test_own_context (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (priorities); i++)
    check_own_context (&priorities[i]);
}

/* What has gone to another main context, here of the same thread, holds up nobody, and comes whatever happens. */
static void
test_other_context (StreamFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_signal_connect (fixture->stream, "received", G_CALLBACK (stream_fixture_on_received), fixture);
  g_main_context_push_thread_default (context);
  begin (fixture, cancellable);
  g_main_context_pop_thread_default (context);
  send_letters (fixture, "ab");
  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "received b");

  g_cancellable_cancel (cancellable);
  zmqglib_stream_close (fixture->stream);
  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "closed");
  while (fixture->events->len == 0)
    g_main_context_iteration (context, TRUE);
  stream_fixture_assert_events (fixture, "got a");
}

static gboolean
has_left (gpointer data)
{
  return zmqglib_stream_flush (data, G_IO_OUT, 1) > 0;
}

static void
test_flush (StreamFixture *fixture,
            gconstpointer  data)
{
  /* they are told from the loop */
  begin (fixture, NULL);
  begin (fixture, NULL);
  send_letters (fixture, "abc");
  fixture->quiet = TRUE;
  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_IN, 0), ==, 2);
  fixture->quiet = FALSE;
  stream_fixture_wait (fixture, 2);
  stream_settle ();
  stream_fixture_assert_events (fixture, "got a, got b");
  test_receive_string (fixture->socket, "c");
  g_assert_false (has_left (fixture->stream));
}

/* Where libzmq would never have a message. */
static void
test_not_supported (void)
{
  StreamFixture fixture = { 0 };

  stream_fixture_open (&fixture, "inproc", ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL);
  begin (&fixture, NULL);
  stream_fixture_wait (&fixture, 1);
  stream_fixture_assert_events (&fixture, "got: not-supported");
  stream_fixture_tear_down (&fixture, NULL);
}

/* The request waits for somebody to send it to, and the answer is waited for meanwhile. */
static void
test_out_of_turn (void)
{
  StreamFixture fixture = { 0 };
  g_autoptr (GError) error = NULL;

  stream_fixture_open (&fixture, "inproc", ZMQGLIB_SOCKET_REQ, ZMQGLIB_SOCKET_REP);
  begin (&fixture, NULL);
  stream_settle ();
  zmqglib_stream_send_string (fixture.stream, "question", &error);
  g_assert_no_error (error);
  stream_settle ();
  stream_fixture_assert_events (&fixture, "");

  stream_fixture_connect_peer (&fixture);
  stream_fixture_wait (&fixture, 2);
  stream_fixture_assert_events (&fixture, "sent question, drained");
  test_receive_string (fixture.peer, "question");
  test_send_string (fixture.peer, "answer");
  stream_fixture_wait (&fixture, 1);
  stream_fixture_assert_events (&fixture, "got answer");
  stream_fixture_tear_down (&fixture, NULL);
}

static void
on_rejected (ZmqStream     *stream,
             const GError  *error,
             StreamFixture *fixture)
{
  stream_fixture_log (fixture, "rejected", NULL, error);
}

static void
test_rejected (StreamFixture *fixture,
               gconstpointer  data)
{
  static const char *const frames[] = { "x", "y", NULL };
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (frames);
  g_autoptr (GError) error = NULL;

  g_object_set (fixture->socket, "max-frames", 1, NULL);
  g_signal_connect (fixture->stream, "rejected", G_CALLBACK (on_rejected), fixture);
  begin (fixture, NULL);
  zmqglib_socket_send (fixture->peer, message, NULL, &error);
  g_assert_no_error (error);
  send_letters (fixture, "a");
  stream_fixture_wait (fixture, 2);
  stream_fixture_assert_events (fixture, "rejected: message-too-large, got a");
}

/* Another thread waits in a main context of its own. */

typedef struct
{
  ZmqStream  *stream;
  gboolean    has_begun;
  ZmqMessage *message;
} Receiver;

static gpointer
receive_in_thread (gpointer data)
{
  Receiver *receiver = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (context);
  zmqglib_stream_receive_async (receiver->stream, NULL, test_keep_result, &result);
  g_atomic_int_set (&receiver->has_begun, TRUE);
  g_main_context_wakeup (NULL);
  test_iterate_until (context, test_is_set, &result);
  g_atomic_pointer_set (&receiver->message, zmqglib_stream_receive_finish (receiver->stream, result, &error));
  g_assert_no_error (error);
  g_clear_object (&result);
  g_main_context_wakeup (NULL);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
test_from_thread (StreamFixture *fixture,
                  gconstpointer  data)
{
  Receiver         receiver = { .stream = fixture->stream };
  GThread         *thread;
  g_autofree char *text = NULL;

  g_signal_connect (fixture->stream, "received", G_CALLBACK (stream_fixture_on_received), fixture);
  thread = g_thread_new ("receive", receive_in_thread, &receiver);
  test_iterate_until (NULL, test_is_true, &receiver.has_begun);
  send_letters (fixture, "ab");
  test_iterate_until (NULL, test_is_set, &receiver.message);
  g_thread_join (thread);
  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "received b");

  text = zmqglib_message_get_string (receiver.message, 0, NULL);
  g_assert_cmpstr (text, ==, "a");
  zmqglib_message_unref (receiver.message);
}

/* Threads wait, and cancel as they like, while the loop runs: each message comes once. */

#define N_THREADS  4
#define N_MESSAGES 2000

typedef struct
{
  ZmqStream *stream;
  int        seen[N_MESSAGES]; /* atomic */
  int        n_seen;           /* atomic */
  int        n_ended;          /* atomic: threads */
} Crowd;

static gboolean
take_result (Crowd        *crowd,
             GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_stream_receive_finish (crowd->stream, result, &error);
  g_autofree char *text = NULL;

  if (message == NULL)
    {
      g_assert_true (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
                     g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED));
      return !g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED);
    }

  text = zmqglib_message_get_string (message, 0, NULL);
  g_assert_cmpint (g_atomic_int_add (&crowd->seen[g_ascii_strtoull (text, NULL, 10)], 1), ==, 0);
  g_atomic_int_inc (&crowd->n_seen);
  g_main_context_wakeup (NULL);

  return TRUE;
}

static gpointer
wait_in_crowd (gpointer data)
{
  Crowd *crowd = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GRand) rand = g_rand_new ();
  gboolean is_open = TRUE;

  g_main_context_push_thread_default (context);
  while (is_open)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();

      zmqglib_stream_receive_async (crowd->stream, cancellable, test_keep_result, &result);
      for (int n_left = g_rand_int_range (rand, 0, 5); n_left > 0 && result == NULL; n_left--)
        g_main_context_iteration (context, FALSE);
      if (g_rand_boolean (rand))
        g_cancellable_cancel (cancellable);
      test_iterate_until (context, test_is_set, &result);
      is_open = take_result (crowd, result);
    }
  g_main_context_pop_thread_default (context);
  g_atomic_int_inc (&crowd->n_ended);

  return NULL;
}

static void
test_crowd (StreamFixture *fixture,
            gconstpointer  data)
{
  g_autofree Crowd *crowd = g_new0 (Crowd, 1);
  GThread          *threads[N_THREADS];

  crowd->stream = fixture->stream;
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("wait", wait_in_crowd, crowd);
  for (guint i = 0; i < N_MESSAGES; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);

      test_send_string (fixture->peer, number);
      g_main_context_iteration (NULL, FALSE);
    }
  test_until (g_atomic_int_get (&crowd->n_seen) == N_MESSAGES);

  zmqglib_stream_close (fixture->stream);
  stream_fixture_wait (fixture, 1);
  /* who has begun to wait just then is told by the stream's main loop */
  test_until (g_atomic_int_get (&crowd->n_ended) == N_THREADS);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  stream_fixture_assert_events (fixture, "closed");
}

static void
add (const char *name,
     StreamTest  test)
{
  for (gsize i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      g_autofree char *path = g_strconcat ("/stream-receive-async/", name, priorities[i].name, NULL);

      g_test_add (path, StreamFixture, &priorities[i], set_up, test, stream_fixture_tear_down);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("in-turn", test_in_turn);
  add ("before-handlers", test_before_handlers);
  add ("before-function", test_before_function);
  add ("in-handler", test_in_handler);
  add ("paused", test_paused);
  add ("cancelled", test_cancelled);
  add ("cancelled-when-answered", test_cancelled_when_answered);
  add ("cancelled-before-others", test_cancelled_before_others);
  add ("cancelled-by-thread", test_cancelled_by_thread);
  add ("closed", test_closed);
  add ("closed-by-callback", test_closed_by_callback);
  add ("terminated", test_terminated);
  add ("dropped", test_dropped);
  add ("dropped-and-cancelled", test_dropped_and_cancelled);
  add ("nested-loop", test_nested_loop);
  add ("in-loop-of-handler", test_in_loop_of_handler);
  add ("flush", test_flush);
  add ("other-context", test_other_context);
  add ("rejected", test_rejected);
  add ("from-thread", test_from_thread);
  add ("crowd", test_crowd);
  g_test_add_func ("/stream-receive-async/own-context", test_own_context);
  g_test_add_func ("/stream-receive-async/not-supported", test_not_supported);
  g_test_add_func ("/stream-receive-async/out-of-turn", test_out_of_turn);

  return g_test_run ();
}

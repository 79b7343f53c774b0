/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-stream-util.h"

/* Messages that are not wanted any more: a deadline or a cancellable for one that is queued. */

static void
send_full (StreamFixture *fixture,
           const char    *string,
           gint64         timeout_us,
           GCancellable  *cancellable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (string);

  fixture->quiet = TRUE;
  zmqglib_stream_send_full (fixture->stream, message, timeout_us, cancellable, &error);
  fixture->quiet = FALSE;
  g_assert_no_error (error);
}

static void
test_deadline (StreamFixture *fixture,
               gconstpointer  transport)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gint64 start;

  send_full (fixture, "patient", 60 * G_USEC_PER_SEC, cancellable);
  send_full (fixture, "at once", 0, NULL);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 2);

  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "sent at once: again");
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 1);

  g_cancellable_cancel (cancellable);
  stream_fixture_wait (fixture, 2);
  stream_fixture_assert_events (fixture, "sent patient: cancelled, drained");

  start = g_get_monotonic_time ();
  send_full (fixture, "late", 30000, NULL);
  stream_fixture_wait (fixture, 2);
  stream_fixture_assert_events (fixture, "sent late: again, drained");
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 30000);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 0);

  /* nobody gets what was dropped */
  stream_fixture_connect_peer (fixture);
  stream_fixture_send (fixture, "1");
  stream_fixture_peer_receive_numbers (fixture, 1, 1);
}

static void
test_deadline_message (StreamFixture *fixture,
                       gconstpointer  transport)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("reusable");
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send_full (fixture->stream, message, 0, NULL, &error);
  g_assert_no_error (error);
  stream_fixture_wait (fixture, 2);
  stream_fixture_assert_events (fixture, "sent reusable: again, drained");

  /* it may be changed again */
  zmqglib_message_append_string (message, "and more");
  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 2);
}

static void
test_cancel (StreamFixture *fixture,
             gconstpointer  transport)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GCancellable) other = g_cancellable_new ();

  send_full (fixture, "1", -1, other);
  send_full (fixture, "unwanted", -1, cancellable);
  send_full (fixture, "2", 60 * G_USEC_PER_SEC, NULL);
  send_full (fixture, "unwanted, too", 60 * G_USEC_PER_SEC, cancellable);
  stream_fixture_send (fixture, "3");
  g_cancellable_cancel (cancellable);

  stream_fixture_wait (fixture, 2);
  stream_fixture_assert_events (fixture, "sent unwanted: cancelled, sent unwanted, too: cancelled");
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 3);

  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_receive_numbers (fixture, 1, 3);
  stream_fixture_wait (fixture, 4);
  stream_fixture_assert_events (fixture, "sent 1, sent 2, sent 3, drained");

  /* too late */
  g_cancellable_cancel (other);
  stream_settle ();
  stream_fixture_assert_events (fixture, "");
}

static void
test_cancelled_before (StreamFixture *fixture,
                       gconstpointer  transport)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("unwanted");
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (zmqglib_stream_send_full (fixture->stream, message, -1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 0);
}

static void
test_sent_stays_sent (StreamFixture *fixture,
                      gconstpointer  transport)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  stream_fixture_connect_peer_and_wait (fixture);
  send_full (fixture, "1", 0, cancellable);
  g_cancellable_cancel (cancellable);
  stream_fixture_wait (fixture, 1);
  stream_settle ();
  stream_fixture_assert_events (fixture, "sent 1");
  stream_fixture_peer_receive_numbers (fixture, 1, 1);
}

static gpointer
cancel (gpointer data)
{
  g_cancellable_cancel (data);

  return NULL;
}

static void
test_cancel_from_thread (StreamFixture *fixture,
                         gconstpointer  transport)
{
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      GThread *thread;

      send_full (fixture, "unwanted", -1, cancellable);
      thread = g_thread_new ("canceller", cancel, cancellable);
      stream_fixture_wait (fixture, 2);
      stream_fixture_assert_events (fixture, "sent unwanted: cancelled, drained");
      g_thread_join (thread);
    }
}

/* A cancellable whose handler, before the stream's or after it, closes the stream. */
static void
test_close_while_cancelled (StreamFixture *fixture,
                            gconstpointer  transport)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_signal_connect_swapped (cancellable, "cancelled", G_CALLBACK (zmqglib_stream_close), fixture->stream);
  send_full (fixture, "unwanted", 60 * G_USEC_PER_SEC, cancellable);
  g_cancellable_cancel (cancellable);
  stream_fixture_wait (fixture, 2);
  stream_fixture_assert_events (fixture, "sent unwanted: closed, closed");
}

static void
test_drop_while_limited (StreamFixture *fixture,
                         gconstpointer  transport)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  send_full (fixture, "unwanted", 1000, cancellable);
  stream_fixture_drop (fixture);
  g_cancellable_cancel (cancellable);
  stream_settle ();
  stream_fixture_assert_events (fixture, "");
}

/* Among many, any may go at any time; the others keep their order. */
static void
test_many (StreamFixture *fixture,
           gconstpointer  transport)
{
  const guint n_messages = 2000;
  g_autoptr (GPtrArray) cancellables = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_kept = 0;

  for (guint i = 0; i < n_messages; i++)
    {
      GCancellable    *cancellable = g_cancellable_new ();
      g_autofree char *text = NULL;

      g_ptr_array_add (cancellables, cancellable);
      if (i % 3 == 0)
        text = g_strdup_printf ("%u", n_kept++);
      send_full (fixture, text != NULL ? text : "unwanted", -1, cancellable);

      /* some go while others come, from the middle and from both ends */
      if (i % 7 == 0)
        for (guint j = i / 2; j <= i; j++)
          if (j % 3 != 0)
            g_cancellable_cancel (g_ptr_array_index (cancellables, j));
      if (i % 100 == 0)
        stream_settle ();
    }
  for (guint i = n_messages; i-- > 0;)
    if (i % 3 != 0)
      g_cancellable_cancel (g_ptr_array_index (cancellables, i));

  stream_fixture_wait (fixture, n_messages - n_kept);
  for (guint i = 0; i < fixture->events->len; i++)
    g_assert_cmpstr (g_ptr_array_index (fixture->events, i), ==, "sent unwanted: cancelled");
  g_ptr_array_set_size (fixture->events, 0);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, n_kept);

  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_receive_numbers (fixture, 0, n_kept);
  stream_fixture_wait (fixture, n_kept + 1);
  g_ptr_array_remove_index (fixture->events, n_kept);
  stream_fixture_assert_numbers (fixture, "sent", 0, n_kept);
}

/* Those that are gone from behind one that stays do not take memory for ever: the same ring is used
 * again. What shows from outside is that all go on as before. */
static void
test_gaps_are_reused (StreamFixture *fixture,
                      gconstpointer  transport)
{
  stream_fixture_send (fixture, "0");
  for (guint i = 0; i < 1000; i++)
    send_full (fixture, "unwanted", 0, NULL);
  stream_fixture_wait (fixture, 1000);
  g_ptr_array_set_size (fixture->events, 0);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 1);

  stream_fixture_send_numbers (fixture, 1, 100);
  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_receive_numbers (fixture, 0, 101);
  stream_fixture_wait (fixture, 102);
}

/* From inside a signal of the stream's own. */
static void
on_sent (ZmqStream    *stream,
         ZmqMessage   *message,
         const GError *error,
         gpointer      cancellable)
{
  if (zmqglib_stream_get_n_queued (stream) > 0)
    g_cancellable_cancel (cancellable);
}

static void
test_cancel_in_handler (StreamFixture *fixture,
                        gconstpointer  transport)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_signal_connect (fixture->stream, "sent", G_CALLBACK (on_sent), cancellable);
  send_full (fixture, "first", 0, NULL);
  send_full (fixture, "second", -1, cancellable);
  stream_fixture_wait (fixture, 3);
  stream_fixture_assert_events (fixture, "sent first: again, sent second: cancelled, drained");
}

static void
test_limit_counts_what_waits (StreamFixture *fixture,
                              gconstpointer  transport)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("too much");
  g_autoptr (GError) error = NULL;

  g_object_set (fixture->stream, "send-limit", 2, NULL);
  send_full (fixture, "1", -1, NULL);
  send_full (fixture, "dropped", 0, NULL);
  g_assert_false (zmqglib_stream_send_full (fixture->stream, message, 0, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_QUEUE_FULL, "dealer");

  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "sent dropped: again");
  send_full (fixture, "2", -1, NULL);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (fixture->stream), ==, 2);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  stream_test_add ("deadline", test_deadline);
  stream_test_add_for ("deadline-message", "inproc", test_deadline_message);
  stream_test_add ("cancel", test_cancel);
  stream_test_add_for ("cancelled-before", "inproc", test_cancelled_before);
  stream_test_add ("sent-stays-sent", test_sent_stays_sent);
  stream_test_add_for ("cancel-from-thread", "inproc", test_cancel_from_thread);
  stream_test_add_for ("close-while-cancelled", "inproc", test_close_while_cancelled);
  stream_test_add_for ("drop-while-limited", "inproc", test_drop_while_limited);
  stream_test_add_for ("many", "tcp", test_many);
  stream_test_add_for ("gaps-are-reused", "inproc", test_gaps_are_reused);
  stream_test_add_for ("cancel-in-handler", "inproc", test_cancel_in_handler);
  stream_test_add_for ("limit-counts-what-waits", "inproc", test_limit_counts_what_waits);

  return g_test_run ();
}

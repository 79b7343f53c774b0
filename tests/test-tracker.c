/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include "test-life-moment.h"

/* When libzmq no longer uses the memory of what is sent without a copy. */

static LifeMoment about_to_wait = LIFE_MOMENT_INIT;

void
g_cond_wait (GCond  *cond,
             GMutex *mutex)
{
  static gpointer next;

  life_moment_come (&about_to_wait);
  ((void (*) (GCond *, GMutex *)) life_next (&next, "g_cond_wait")) (cond, mutex);
}

#define LARGE (100 * 1000 * 1000)

typedef struct
{
  ZmqContext *context;
  ZmqSocket  *pull;
  ZmqSocket  *push;
  char       *buffer;
  guint       n_notified;
  GThread    *thread;
} Fixture;

static gsize
get_size (void)
{
  return test_is_slow_tool () ? LARGE / 100 : LARGE;
}

static void
fixture_set_up (Fixture      *self,
                gconstpointer transport)
{
  self->context = zmqglib_context_new ();
  test_socket_pair (self->context, transport, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &self->pull, &self->push);
  self->buffer = g_malloc (get_size ());
  memset (self->buffer, 'x', get_size ());
  self->thread = g_thread_self ();
}

static void
fixture_tear_down (Fixture      *self,
                   gconstpointer transport)
{
  /* notifications that are still due */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&self->pull);
  g_clear_object (&self->push);
  g_object_unref (self->context);
  g_free (self->buffer);
}

static void
on_done (ZmqTracker *tracker,
         GParamSpec *pspec,
         Fixture    *fixture)
{
  gboolean is_done;

  g_object_get (tracker, "done", &is_done, NULL);
  g_assert_true (is_done);
  g_assert_true (g_thread_self () == fixture->thread);
  fixture->n_notified++;
}

/* A message of the fixture's buffer, and its tracker. */
static ZmqMessage *
make_message (Fixture     *self,
              ZmqTracker **tracker)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (self->buffer, get_size ());
  ZmqMessage *message = zmqglib_message_new_from_bytes (bytes);

  *tracker = zmqglib_message_track (message);
  g_signal_connect (*tracker, "notify::done", G_CALLBACK (on_done), self);

  return message;
}

static gboolean
is_notified (gpointer data)
{
  return ((Fixture *) data)->n_notified > 0;
}

static void
send_message (Fixture    *self,
              ZmqMessage *message)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_send (self->push, message, NULL, &error);
  g_assert_no_error (error);
}

/* The message itself may stay. Over inproc the receiver has the same memory. */
static void
test_done (Fixture      *self,
           gconstpointer transport)
{
  g_autoptr (ZmqTracker) tracker = NULL;
  g_autoptr (ZmqMessage) message = make_message (self, &tracker);
  g_autoptr (ZmqMessage) received = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (zmqglib_tracker_is_done (tracker));
  send_message (self, message);
  g_assert_cmpuint (self->n_notified, ==, 0);

  received = zmqglib_socket_receive (self->pull, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (zmqglib_message_get_size (received), ==, get_size ());
  if (g_str_equal (transport, "inproc"))
    {
      gsize size;

      g_assert_true (zmqglib_message_peek_frame (received, 0, &size) == self->buffer);
      g_assert_false (zmqglib_tracker_is_done (tracker));
      g_clear_pointer (&received, zmqglib_message_unref);
    }

  test_iterate_until (NULL, is_notified, self);
  g_assert_true (zmqglib_tracker_is_done (tracker));
  g_assert_cmpuint (self->n_notified, ==, 1);
}

/* The buffer is filled anew each time that the tracker allows it; the peer sees each filling whole. */
static void
test_reuse (Fixture      *self,
            gconstpointer transport)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (ZmqTracker) tracker = NULL;
      g_autoptr (ZmqMessage) message = make_message (self, &tracker);
      g_autoptr (ZmqMessage) received = NULL;
      g_autoptr (GError) error = NULL;
      const char *data;
      gsize       size;

      memset (self->buffer, 'a' + i, get_size ());
      self->n_notified = 0;
      send_message (self, message);
      received = zmqglib_socket_receive (self->pull, NULL, &error);
      g_assert_no_error (error);
      test_iterate_until (NULL, is_notified, self);
      memset (self->buffer, '-', get_size ());

      data = zmqglib_message_peek_frame (received, 0, &size);
      g_assert_cmpuint (size, ==, get_size ());
      for (gsize j = 0; j < size; j += 4096)
        g_assert_cmpint (data[j], ==, 'a' + (int) i);
      g_assert_cmpint (data[size - 1], ==, 'a' + (int) i);
    }
}

/* Through a stream, while nobody takes it, and then somebody does. */
static void
test_stream (Fixture      *self,
             gconstpointer transport)
{
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (ZmqSocket) lonely = test_socket_new (self->context, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint = test_bind (lonely, transport);
  g_autoptr (ZmqTracker) tracker = NULL;
  g_autoptr (ZmqMessage) message = make_message (self, &tracker);
  g_autoptr (ZmqMessage) received = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) done = NULL;
  g_autoptr (GError) error = NULL;

  stream = zmqglib_stream_new (lonely);
  zmqglib_stream_send (stream, message, &error);
  g_assert_no_error (error);
  zmqglib_tracker_wait_async (tracker, NULL, test_keep_result, &done);
  for (guint i = 0; i < 10; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_null (done);
  g_assert_false (zmqglib_tracker_is_done (tracker));

  zmqglib_socket_connect_to (self->pull, endpoint, &error);
  g_assert_no_error (error);
  zmqglib_socket_receive_async (self->pull, G_PRIORITY_DEFAULT, NULL, test_keep_result, &result);
  test_iterate_until (NULL, test_is_set, &result);
  received = zmqglib_socket_receive_finish (self->pull, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (zmqglib_message_get_size (received), ==, get_size ());

  test_iterate_until (NULL, test_is_set, &done);
  g_assert_true (zmqglib_tracker_wait_finish (tracker, done, &error));
  g_assert_no_error (error);
}

static void
test_small_frames (Fixture      *self,
                   gconstpointer transport)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("small");
  g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
  g_autoptr (ZmqTracker) same = zmqglib_message_track (message);
  g_autoptr (ZmqTracker) next = NULL;

  g_assert_true (tracker == same);
  send_message (self, message);
  g_assert_true (zmqglib_tracker_is_done (tracker));

  next = zmqglib_message_track (message);
  g_assert_true (next != tracker);
  g_assert_false (zmqglib_tracker_is_done (next));
}

static void
test_never_sent (Fixture      *self,
                 gconstpointer transport)
{
  g_autoptr (ZmqTracker) tracker = NULL;
  ZmqMessage *message = make_message (self, &tracker);

  zmqglib_message_unref (message);
  g_assert_true (zmqglib_tracker_is_done (tracker));
  test_iterate_until (NULL, is_notified, self);
}

/* Whoever keeps the message: it is not going to be sent. */
static void
test_dropped (Fixture      *self,
              gconstpointer transport)
{
  g_autoptr (ZmqSocket) lonely = test_socket_new (self->context, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint G_GNUC_UNUSED = test_bind (lonely, transport);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (lonely);
  g_autoptr (ZmqTracker) tracker = NULL;
  g_autoptr (ZmqMessage) message = make_message (self, &tracker);
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send (stream, message, &error);
  g_assert_no_error (error);
  g_assert_false (zmqglib_tracker_is_done (tracker));
  zmqglib_stream_discard (stream);
  g_assert_true (zmqglib_tracker_is_done (tracker));
}

static gpointer
receive_later (gpointer data)
{
  Fixture *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message G_GNUC_UNUSED = zmqglib_socket_receive (self->pull, NULL, &error);

  g_assert_no_error (error);

  return NULL;
}

static void
test_wait (Fixture      *self,
           gconstpointer transport)
{
  g_autoptr (ZmqTracker) tracker = NULL;
  g_autoptr (ZmqMessage) message = make_message (self, &tracker);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  send_message (self, message);
  g_assert_false (zmqglib_tracker_wait (tracker, 1000, cancellable, &error));
  test_assert_error (error, ZMQGLIB_ERROR_AGAIN, "time");

  g_cancellable_cancel (cancellable);
  g_assert_false (zmqglib_tracker_wait (tracker, -1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  thread = g_thread_new ("receiver", receive_later, self);
  g_assert_true (zmqglib_tracker_wait (tracker, TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC, NULL, &error));
  g_assert_no_error (error);
  g_thread_join (thread);
  g_assert_true (zmqglib_tracker_wait (tracker, 0, cancellable, &error));
}

static void
test_wait_async (Fixture      *self,
                 gconstpointer transport)
{
  g_autoptr (ZmqTracker) tracker = NULL;
  g_autoptr (ZmqMessage) message = make_message (self, &tracker);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GAsyncResult) third = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread;

  send_message (self, message);
  zmqglib_tracker_wait_async (tracker, cancellable, test_keep_result, &first);
  zmqglib_tracker_wait_async (tracker, NULL, test_keep_result, &second);
  g_cancellable_cancel (cancellable);
  test_iterate_until (NULL, test_is_set, &first);
  g_assert_false (zmqglib_tracker_wait_finish (tracker, first, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (second);

  thread = g_thread_new ("receiver", receive_later, self);
  test_iterate_until (NULL, test_is_set, &second);
  g_assert_true (zmqglib_tracker_wait_finish (tracker, second, &error));
  g_assert_no_error (error);
  g_thread_join (thread);

  zmqglib_tracker_wait_async (tracker, NULL, test_keep_result, &third);
  test_iterate_until (NULL, test_is_set, &third);
  g_assert_true (zmqglib_tracker_wait_finish (tracker, third, &error));
}

/* A wait is cancelled just when the thread is about to sleep. */
static void
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
test_cancelled_about_to_wait (void)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  g_autoptr (ZmqTracker) tracker = zmqglib_message_track (message);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  life_moment_await (&about_to_wait, cancel, cancellable);
  g_assert_false (zmqglib_tracker_wait (tracker, -1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  life_moment_end (&about_to_wait);
}

static void
add (const char *path,
     const char *transport,
     void (*test) (Fixture      *fixture,
                   gconstpointer transport))
{
  g_test_add (path, Fixture, transport, fixture_set_up, test, fixture_tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/tracker/done/tcp", "tcp", test_done);
  add ("/tracker/done/ipc", "ipc", test_done);
  add ("/tracker/done/inproc", "inproc", test_done);
  add ("/tracker/reuse", "tcp", test_reuse);
  add ("/tracker/stream", "tcp", test_stream);
  add ("/tracker/small-frames", "inproc", test_small_frames);
  add ("/tracker/never-sent", "inproc", test_never_sent);
  add ("/tracker/dropped", "tcp", test_dropped);
  add ("/tracker/wait", "inproc", test_wait);
  add ("/tracker/wait-async", "inproc", test_wait_async);

  g_test_add_func ("/tracker/cancelled-about-to-wait", test_cancelled_about_to_wait);

  return g_test_run ();
}

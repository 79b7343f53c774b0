/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-life-util.h"

/* Rule 3, where it is not a handler that drops what is being worked on: the memory of a message, or what
 * belongs to an entry, goes in the middle of a call, and is the last to hold it. */

static char buffer[10000];

/* A message whose memory holds an object, and lets it go. */
static ZmqMessage *
message_new_holding (gpointer object)
{
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (buffer, 100, g_object_unref, object);

  return zmqglib_message_new_from_bytes (bytes);
}

typedef struct
{
  ZmqContext *context;
  ZmqSocket  *pull;
  ZmqSocket  *push;
  ZmqStream  *stream; /* not owned once a message holds it */
  gint        n_alive;
} Fixture;

static void
fixture_set_up (Fixture      *self,
                gconstpointer data)
{
  self->context = zmqglib_context_new ();
  self->pull = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);
  self->push = test_socket_new (self->context, ZMQGLIB_SOCKET_PUSH);
  self->stream = zmqglib_stream_new (self->push);
  life_count (self->stream, &self->n_alive);
}

static void
fixture_tear_down (Fixture      *self,
                   gconstpointer data)
{
  life_poll_until (NULL, self->n_alive == 0);
  g_object_unref (self->pull);
  g_object_unref (self->push);
  life_terminate (self->context);
  g_object_unref (self->context);
}

static void
fixture_send (Fixture      *self,
              gint64        timeout_us,
              GCancellable *cancellable)
{
  g_autoptr (ZmqMessage) message = message_new_holding (self->stream);
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send_full (self->stream, message, timeout_us, cancellable, &error);
  g_assert_no_error (error);
}

static void
test_time_up (Fixture      *self,
              gconstpointer data)
{
  fixture_send (self, 1000, NULL);
  life_until (NULL, self->n_alive == 0);
}

static void
test_cancelled (Fixture      *self,
                gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  fixture_send (self, -1, cancellable);
  g_cancellable_cancel (cancellable);
  life_until (NULL, self->n_alive == 0);
}

/* The errand is done by the call that comes next, whose stream is gone then. */
static void
test_cancelled_before_a_send (Fixture      *self,
                              gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  fixture_send (self, -1, cancellable);
  g_cancellable_cancel (cancellable);
  zmqglib_stream_send_string (self->stream, "x", &error);
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED);
}

static void
test_discarded (Fixture      *self,
                gconstpointer data)
{
  fixture_send (self, -1, NULL);
  g_assert_cmpuint (zmqglib_stream_discard (self->stream), ==, 1);
}

static void
fixture_connect (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = test_bind (self->pull, "inproc");

  zmqglib_socket_connect_to (self->push, endpoint, &error);
  g_assert_no_error (error);
}

static void
test_flushed (Fixture      *self,
              gconstpointer data)
{
  fixture_send (self, -1, NULL);
  fixture_connect (self);
  g_assert_cmpuint (zmqglib_stream_flush (self->stream, G_IO_OUT, 0), ==, 1);
}

static void
send_holding (gpointer data)
{
  fixture_send (data, -1, NULL);
}

/* What another thread has sent is handed over first by a send here. */
static void
test_sent_elsewhere (Fixture      *self,
                     gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture_connect (self);
  zmqglib_socket_get_condition (self->push);
  life_elsewhere (send_holding, self);
  zmqglib_stream_send_string (self->stream, "mine", &error);
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED);
}

static void
close_stream (gpointer stream)
{
  zmqglib_stream_close (stream);
}

static void
send_closing (gpointer data)
{
  Fixture *self = data;
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (buffer, 100, close_stream, self->stream);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_bytes (bytes);

  g_assert_true (zmqglib_stream_send (self->stream, message, NULL));
}

/* The same, and the stream is not dropped by the message's memory, but closed: that is what the send here says. */
static void
test_closed_elsewhere (Fixture      *self,
                       gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture_connect (self);
  zmqglib_socket_get_condition (self->push);
  life_elsewhere (send_closing, self);
  g_assert_false (zmqglib_stream_send_string (self->stream, "mine", &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "The stream is closed");
  g_object_unref (self->stream);
}

/* Operations of a socket: the memory of the first one's message cancels the second, and begins another. */
typedef struct
{
  ZmqSocket    *other;
  GCancellable *second;
  guint         n_told;
} Lane;

static void
on_sent (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Lane *self = data;
  g_autoptr (GError) error = NULL;

  g_assert_false (zmqglib_socket_send_finish (ZMQGLIB_SOCKET (source), result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  self->n_told++;
}

static void
on_nothing (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
}

static void
cancel_second (gpointer data)
{
  Lane *self = data;

  g_cancellable_cancel (self->second);
  zmqglib_socket_receive_async (self->other, G_PRIORITY_DEFAULT, NULL, on_nothing, NULL);
}

static void
test_operation_cancelled (Fixture      *self,
                          gconstpointer data)
{
  g_autoptr (GCancellable) first = g_cancellable_new ();
  g_autoptr (GCancellable) second = g_cancellable_new ();
  Lane lane = { self->pull, second, 0 };
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (buffer, 100, cancel_second, &lane);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_bytes (bytes);
  g_autoptr (ZmqMessage) other = zmqglib_message_new_from_string ("y");

  g_clear_object (&self->stream);
  g_clear_pointer (&bytes, g_bytes_unref);
  zmqglib_socket_send_async (self->push, message, G_PRIORITY_DEFAULT, first, on_sent, &lane);
  g_clear_pointer (&message, zmqglib_message_unref);
  zmqglib_socket_send_async (self->push, other, G_PRIORITY_DEFAULT, second, on_sent, &lane);
  life_settle (NULL);
  g_cancellable_cancel (first);
  life_until (NULL, lane.n_told == 2);
  zmqglib_socket_close (self->pull);
  life_settle (NULL);
}

/* An entry's data is the last to hold the poller. */
static void
on_ready (ZmqPoller   *poller,
          ZmqSocket   *socket,
          int          fd,
          GIOCondition condition,
          gpointer     data)
{
  g_assert_not_reached ();
}

static void
test_poller_entry (Fixture      *self,
                   gconstpointer data)
{
  ZmqPoller *poller = zmqglib_poller_new ();
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  g_clear_object (&self->stream);
  life_count (poller, &self->n_alive);
  if (GPOINTER_TO_INT (data))
    {
      zmqglib_poller_add_fd (poller, fds[0], G_IO_IN, on_ready, poller, g_object_unref, &error);
      g_assert_no_error (error);
      g_assert_true (zmqglib_poller_remove_fd (poller, fds[0], &error));
    }
  else
    {
      zmqglib_poller_add_socket (poller, self->pull, G_IO_IN, on_ready, poller, g_object_unref, &error);
      g_assert_no_error (error);
      g_assert_true (zmqglib_poller_remove_socket (poller, self->pull, &error));
    }
  g_assert_cmpint (self->n_alive, ==, 0);
  close (fds[0]);
  close (fds[1]);
}

static void
add (const char   *name,
     gconstpointer data,
     void (*test) (Fixture      *fixture,
                   gconstpointer data))
{
  g_autofree char *path = g_strconcat ("/life/rule-3-memory/", name, NULL);

  g_test_add (path, Fixture, data, fixture_set_up, test, fixture_tear_down);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("time-up", NULL, test_time_up);
  add ("cancelled", NULL, test_cancelled);
  add ("cancelled-before-a-send", NULL, test_cancelled_before_a_send);
  add ("discarded", NULL, test_discarded);
  add ("flushed", NULL, test_flushed);
  add ("sent-elsewhere", NULL, test_sent_elsewhere);
  add ("closed-elsewhere", NULL, test_closed_elsewhere);
  add ("operation-cancelled", NULL, test_operation_cancelled);
  add ("poller-entry-socket", GINT_TO_POINTER (FALSE), test_poller_entry);
  add ("poller-entry-fd", GINT_TO_POINTER (TRUE), test_poller_entry);

  return g_test_run ();
}

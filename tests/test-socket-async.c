/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-util.h"

/* Two sockets, and a log of what the operations on the first one have come to, in order. */
typedef struct
{
  ZmqContext *context;
  ZmqSocket  *socket;
  ZmqSocket  *peer;
  GPtrArray  *events; /* of strings */
} Fixture;

/* An operation with a name for the log. */
typedef struct
{
  Fixture    *fixture;
  const char *name;
} Named;

static void
fixture_set_up (Fixture      *self,
                gconstpointer data)
{
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  self->context = zmqglib_context_new ();
  self->socket = test_socket_new (self->context, ZMQGLIB_SOCKET_DEALER);
  self->peer = test_socket_new (self->context, ZMQGLIB_SOCKET_DEALER);
  self->events = g_ptr_array_new_with_free_func (g_free);

  endpoint = test_bind (self->socket, data);
  zmqglib_socket_connect_to (self->peer, endpoint, &error);
  g_assert_no_error (error);
}

static void
fixture_tear_down (Fixture      *self,
                   gconstpointer data)
{
  g_ptr_array_unref (self->events);
  g_object_unref (self->peer);
  g_object_unref (self->socket);
  g_object_unref (self->context);
}

static void
log_result (Named        *named,
            const char   *text,
            const GError *error)
{
  const char *outcome = text;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    outcome = "cancelled";
  else if (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN))
    outcome = "again";
  else if (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED))
    outcome = "closed";
  else if (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TERMINATED))
    outcome = "terminated";
  else
    g_assert_no_error (error);

  g_ptr_array_add (named->fixture->events, g_strdup_printf ("%s %s", named->name, outcome));
  g_free (named);
}

static Named *
name_it (Fixture    *fixture,
         const char *name)
{
  Named *named = g_new0 (Named, 1);

  named->fixture = fixture;
  named->name = name;

  return named;
}

static void
on_received (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (source), result, &error);
  g_autofree char *text = message != NULL ? zmqglib_message_get_string (message, 0, NULL) : NULL;

  g_assert_true ((message == NULL) == (error != NULL));
  log_result (data, text, error);
}

static void
on_sent (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (zmqglib_socket_send_finish (ZMQGLIB_SOCKET (source), result, &error) == (error == NULL));
  log_result (data, "sent", error);
}

static void
on_waited (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (GError) error = NULL;
  GIOCondition condition = zmqglib_socket_wait_finish (ZMQGLIB_SOCKET (source), result, &error);

  g_assert_true ((condition == 0) == (error != NULL));
  log_result (data, condition == G_IO_IN ? "in" : condition == G_IO_OUT ? "out"
                                                                        : "in and out",
              error);
}

static void
receive (Fixture      *fixture,
         const char   *name,
         GCancellable *cancellable)
{
  zmqglib_socket_receive_async (fixture->socket, G_PRIORITY_DEFAULT, cancellable, on_received,
                                name_it (fixture, name));
}

static void
send_text (Fixture      *fixture,
           const char   *text,
           GCancellable *cancellable)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (text);

  zmqglib_socket_send_async (fixture->socket, message, G_PRIORITY_DEFAULT, cancellable, on_sent,
                             name_it (fixture, text));
}

typedef struct
{
  Fixture *fixture;
  guint    n_events;
} Awaited;

static gboolean
has_events (gpointer data)
{
  Awaited *awaited = data;

  return awaited->fixture->events->len >= awaited->n_events;
}

/* Iterates until that much has ended, and compares the log with it. */
static void
assert_events (Fixture    *self,
               guint       n_events,
               const char *expected)
{
  Awaited          awaited = { self, n_events };
  g_autofree char *actual = NULL;

  test_iterate_until (NULL, has_events, &awaited);
  while (g_main_context_iteration (NULL, FALSE))
    ;

  g_ptr_array_add (self->events, NULL);
  actual = g_strjoinv (", ", (char **) self->events->pdata);
  g_ptr_array_set_size (self->events, 0);
  g_assert_cmpstr (actual, ==, expected);
}

static void
test_receive (Fixture      *fixture,
              gconstpointer data)
{
  receive (fixture, "first", NULL);
  receive (fixture, "second", NULL);
  g_assert_cmpuint (fixture->events->len, ==, 0);
  test_send_string (fixture->peer, "a");
  test_send_string (fixture->peer, "b");
  test_send_string (fixture->peer, "c");
  assert_events (fixture, 2, "first a, second b");

  /* what nobody has asked for is still there */
  receive (fixture, "third", NULL);
  g_assert_cmpuint (fixture->events->len, ==, 0);
  assert_events (fixture, 1, "third c");
}

static void
test_send (Fixture      *fixture,
           gconstpointer data)
{
  send_text (fixture, "a", NULL);
  send_text (fixture, "b", NULL);
  g_assert_cmpuint (fixture->events->len, ==, 0);
  assert_events (fixture, 2, "a sent, b sent");
  test_receive_string (fixture->peer, "a");
  test_receive_string (fixture->peer, "b");
}

/* without a peer, nothing can be sent */
static void
test_send_waits (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (ZmqSocket) alone = test_socket_new (fixture->context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqSocket) puller = test_socket_new (fixture->context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("late");
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = test_bind (puller, "tcp");

  zmqglib_socket_send_async (alone, message, G_PRIORITY_DEFAULT, NULL, on_sent, name_it (fixture, "late"));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (fixture->events->len, ==, 0);

  zmqglib_socket_connect_to (alone, endpoint, &error);
  g_assert_no_error (error);
  assert_events (fixture, 1, "late sent");
  test_receive_string (puller, "late");
}

static void
test_wait (Fixture      *fixture,
           gconstpointer data)
{
  zmqglib_socket_wait_async (fixture->socket, G_IO_IN, G_PRIORITY_DEFAULT, NULL, on_waited,
                             name_it (fixture, "input"));
  zmqglib_socket_wait_async (fixture->socket, G_IO_OUT, G_PRIORITY_DEFAULT, NULL, on_waited,
                             name_it (fixture, "output"));
  assert_events (fixture, 1, "output out");

  test_send_string (fixture->peer, "a");
  assert_events (fixture, 1, "input in");
  test_receive_string (fixture->socket, "a");
}

static void
test_cancel (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GCancellable) late = g_cancellable_new ();

  receive (fixture, "first", NULL);
  receive (fixture, "second", cancellable);
  receive (fixture, "third", late);
  g_cancellable_cancel (cancellable);
  assert_events (fixture, 1, "second cancelled");

  test_send_string (fixture->peer, "a");
  test_send_string (fixture->peer, "b");
  assert_events (fixture, 2, "first a, third b");
  g_cancellable_cancel (late);

  /* cancelled from the beginning */
  receive (fixture, "fourth", cancellable);
  send_text (fixture, "fifth", cancellable);
  assert_events (fixture, 2, "fourth cancelled, fifth cancelled");
  test_send_string (fixture->peer, "c");
  test_receive_string (fixture->socket, "c");
}

/* A message that was received is delivered even when the operation is cancelled before the callback.
 * With inproc both are there when the first one is received. */
static void
on_received_cancel (GObject      *source,
                    GAsyncResult *result,
                    gpointer      data)
{
  Named *named = data;

  g_cancellable_cancel (g_object_get_data (source, "cancellable"));
  on_received (source, result, named);
}

static void
test_cancel_late (Fixture      *fixture,
                  gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_object_set_data (G_OBJECT (fixture->socket), "cancellable", cancellable);
  zmqglib_socket_receive_async (fixture->socket, G_PRIORITY_DEFAULT, NULL, on_received_cancel,
                                name_it (fixture, "first"));
  receive (fixture, "second", cancellable);
  test_send_string (fixture->peer, "a");
  test_send_string (fixture->peer, "b");
  assert_events (fixture, 2, "first a, second b");
}

static void
test_timeouts (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (ZmqSocket) alone = test_socket_new (fixture->context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("never");

  g_object_set (fixture->socket, "receive-timeout", 10, NULL);
  receive (fixture, "first", NULL);
  assert_events (fixture, 1, "first again");

  g_object_set (alone, "send-timeout", 10, NULL);
  zmqglib_socket_send_async (alone, message, G_PRIORITY_DEFAULT, NULL, on_sent, name_it (fixture, "never"));
  assert_events (fixture, 1, "never again");

  /* the message may be changed again */
  zmqglib_message_append_string (message, "more");

  /* in time */
  g_object_set (fixture->socket, "receive-timeout", 10000, NULL);
  receive (fixture, "second", NULL);
  test_send_string (fixture->peer, "a");
  assert_events (fixture, 1, "second a");
}

static void
test_close (Fixture      *fixture,
            gconstpointer data)
{
  receive (fixture, "first", NULL);
  receive (fixture, "second", NULL);
  zmqglib_socket_close (fixture->socket);
  assert_events (fixture, 2, "first closed, second closed");

  receive (fixture, "third", NULL);
  send_text (fixture, "fourth", NULL);
  assert_events (fixture, 2, "third closed, fourth closed");
}

/* What is begun when the socket has ended for others ends, too. */
static void
on_received_repeat (GObject      *source,
                    GAsyncResult *result,
                    gpointer      data)
{
  Named *named = data;

  receive (named->fixture, "repeated", NULL);
  on_received (source, result, named);
}

static void
test_repeat (Fixture      *fixture,
             gconstpointer data)
{
  zmqglib_socket_receive_async (fixture->socket, G_PRIORITY_DEFAULT, NULL, on_received_repeat,
                                name_it (fixture, "first"));
  zmqglib_context_shutdown (fixture->context);
  assert_events (fixture, 2, "first terminated, repeated terminated");
}

/* The more urgent one has its turn first, whoever asked first. */
static void
test_priority (Fixture      *fixture,
               gconstpointer data)
{
  zmqglib_socket_receive_async (fixture->socket, G_PRIORITY_LOW, NULL, on_received, name_it (fixture, "low"));
  zmqglib_socket_receive_async (fixture->socket, G_PRIORITY_HIGH, NULL, on_received, name_it (fixture, "high"));
  test_send_string (fixture->peer, "a");
  test_send_string (fixture->peer, "b");
  /* one that comes between the looks of the two goes to the second */
  while (!(zmqglib_socket_get_condition (fixture->socket) & G_IO_IN))
    g_thread_yield ();
  assert_events (fixture, 2, "high a, low b");
}

/* Operations on as many sockets, of which each gets its own. */
#define N_SOCKETS 200

static void
test_sockets (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (ZmqSocket) pusher = test_socket_new (fixture->context, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint = NULL;
  gint64           deadline = g_get_monotonic_time () + TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC;

  /* all connect at once */
  g_object_set (pusher, "backlog", N_SOCKETS, NULL);
  endpoint = test_bind (pusher, data);

  for (guint i = 0; i < N_SOCKETS; i++)
    {
      ZmqSocket *socket = test_socket_new (fixture->context, ZMQGLIB_SOCKET_PULL);
      g_autoptr (GError) error = NULL;

      g_ptr_array_add (sockets, socket);
      zmqglib_socket_connect_to (socket, endpoint, &error);
      g_assert_no_error (error);
      zmqglib_socket_receive_async (socket, G_PRIORITY_DEFAULT, NULL, on_received, name_it (fixture, "one"));
    }

  /* a PUSH deals its messages out in turn, once all have connected */
  while (fixture->events->len < N_SOCKETS)
    {
      test_send_string (pusher, "text");
      g_main_context_iteration (NULL, FALSE);
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
}

static void
test_shutdown (Fixture      *fixture,
               gconstpointer data)
{
  receive (fixture, "first", NULL);
  zmqglib_socket_wait_async (fixture->socket, G_IO_IN, G_PRIORITY_DEFAULT, NULL, on_waited,
                             name_it (fixture, "second"));
  zmqglib_context_shutdown (fixture->context);
  assert_events (fixture, 2, "first terminated, second terminated");

  receive (fixture, "third", NULL);
  assert_events (fixture, 1, "third terminated");
}

/* Callbacks begin the next operation, as the loop of a coroutine does. */
#define N_IN_A_ROW 1000

static void
on_received_again (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  guint *n_left = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (source), result, &error);
  g_autofree char *text = NULL;
  g_autofree char *expected = g_strdup_printf ("%u", N_IN_A_ROW - *n_left);

  g_assert_no_error (error);
  text = zmqglib_message_get_string (message, 0, &error);
  g_assert_cmpstr (text, ==, expected);

  if (--*n_left > 0)
    zmqglib_socket_receive_async (ZMQGLIB_SOCKET (source), G_PRIORITY_DEFAULT, NULL, on_received_again, data);
}

static gboolean
is_zero (gpointer data)
{
  return *(guint *) data == 0;
}

static void
test_in_a_row (Fixture      *fixture,
               gconstpointer data)
{
  guint n_left = N_IN_A_ROW;

  zmqglib_socket_receive_async (fixture->socket, G_PRIORITY_DEFAULT, NULL, on_received_again, &n_left);
  for (guint i = 0; i < N_IN_A_ROW; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);

      test_send_string (fixture->peer, number);
    }
  test_iterate_until (NULL, is_zero, &n_left);
}

/* More than one turn's share under way. */
static void
test_many (Fixture      *fixture,
           gconstpointer data)
{
  for (guint i = 0; i < 200; i++)
    receive (fixture, "operation", NULL);
  for (guint i = 0; i < 200; i++)
    test_send_string (fixture->peer, "text");

  {
    Awaited awaited = { fixture, 200 };

    test_iterate_until (NULL, has_events, &awaited);
  }
}

/* A stream and operations on one socket share what comes in: each message goes to one of them. */
static void
on_stream_received (ZmqStream  *stream,
                    ZmqMessage *message,
                    gpointer    data)
{
  Fixture         *fixture = data;
  g_autofree char *text = zmqglib_message_get_string (message, 0, NULL);

  g_ptr_array_add (fixture->events, g_strdup_printf ("stream %s", text));
}

static void
test_beside_stream (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (fixture->socket);
  gulong id = g_signal_connect (stream, "received", G_CALLBACK (on_stream_received), fixture);

  receive (fixture, "operation", NULL);
  for (guint i = 0; i < 10; i++)
    test_send_string (fixture->peer, "text");

  {
    Awaited awaited = { fixture, 10 };

    test_iterate_until (NULL, has_events, &awaited);
  }
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (fixture->events->len, ==, 10);
  g_ptr_array_set_size (fixture->events, 0);

  /* a paused stream takes nothing */
  g_signal_handler_block (stream, id);
  receive (fixture, "operation", NULL);
  test_send_string (fixture->peer, "b");
  assert_events (fixture, 1, "operation b");
}

#define N_OTHERS 8

static gpointer
send_late (gpointer peer)
{
  g_usleep (20000);
  test_send_string (peer, "late");

  return NULL;
}

/* An operation that was under way beside a stream takes nothing from it as it ends: the loop, which has
 * many sockets, still wakes when a message comes for the stream. */
static void
test_leaves_stream_awake (Fixture      *fixture,
                          gconstpointer data)
{
  ZmqStream *others[N_OTHERS];
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread;

  for (guint i = 0; i < N_OTHERS; i++)
    {
      g_autoptr (ZmqSocket) socket = test_socket_new (fixture->context, ZMQGLIB_SOCKET_PULL);

      others[i] = zmqglib_stream_new (socket);
    }
  stream = zmqglib_stream_new (fixture->socket);
  g_signal_connect (stream, "received", G_CALLBACK (on_stream_received), fixture);

  receive (fixture, "operation", cancellable);
  g_cancellable_cancel (cancellable);
  assert_events (fixture, 1, "operation cancelled");
  while (g_main_context_iteration (NULL, FALSE))
    ;

  /* the peer is handed over to the thread, and back */
  thread = g_thread_new ("late", send_late, fixture->peer);
  assert_events (fixture, 1, "stream late");
  g_thread_join (thread);

  for (guint i = 0; i < N_OTHERS; i++)
    g_object_unref (others[i]);
}

static void
test_bad_message (Fixture      *fixture,
                  gconstpointer data)
{
  g_autoptr (ZmqMessage) empty = zmqglib_message_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  zmqglib_socket_send_async (fixture->socket, empty, G_PRIORITY_DEFAULT, NULL, test_keep_result, &result);
  test_iterate_until (NULL, test_is_set, &result);
  g_assert_false (zmqglib_socket_send_finish (fixture->socket, result, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "dealer");
}

static void
add_for (const char *name,
         const char *transport,
         void (*test) (Fixture      *fixture,
                       gconstpointer data))
{
  g_autofree char *path = g_strdup_printf ("/socket-async/%s/%s", name, transport);

  g_test_add (path, Fixture, transport, fixture_set_up, test, fixture_tear_down);
}

static void
add (const char *name,
     void (*test) (Fixture      *fixture,
                   gconstpointer data))
{
  add_for (name, "inproc", test);
  add_for (name, "ipc", test);
  add_for (name, "tcp", test);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("receive", test_receive);
  add ("send", test_send);
  add ("send-waits", test_send_waits);
  add ("wait", test_wait);
  add ("cancel", test_cancel);
  add_for ("cancel-late", "inproc", test_cancel_late);
  add ("timeouts", test_timeouts);
  add ("close", test_close);
  add ("shutdown", test_shutdown);
  add ("repeat", test_repeat);
  add ("priority", test_priority);
  add ("sockets", test_sockets);
  add ("in-a-row", test_in_a_row);
  add ("many", test_many);
  add ("beside-stream", test_beside_stream);
  add ("leaves-stream-awake", test_leaves_stream_awake);
  add ("bad-message", test_bad_message);

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <zmq.h>

#include "test-life-util.h"

/* What is put back comes first, for every way of reading; and reading many at once. */

typedef struct
{
  ZmqContext *context;
  ZmqSocket  *pull;
  ZmqSocket  *push;
  GString    *log; /* of what came, “1 2 3 ” */
  gboolean    is_ready;
} Fixture;

static void
fixture_set_up (Fixture      *self,
                gconstpointer data)
{
  self->context = zmqglib_context_new ();
  test_socket_pair (self->context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &self->pull, &self->push);
  self->log = g_string_new ("");
}

static void
fixture_tear_down (Fixture      *self,
                   gconstpointer data)
{
  g_clear_object (&self->pull);
  g_clear_object (&self->push);
  life_settle (NULL);
  life_terminate (self->context);
  g_object_unref (self->context);
  g_string_free (self->log, TRUE);
}

static void
fixture_log (Fixture    *self,
             ZmqMessage *message)
{
  g_autofree char *text = zmqglib_message_get_string (message, 0, NULL);

  g_string_append_printf (self->log, "%s ", text);
}

static void
put_back (ZmqSocket  *socket,
          const char *text)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string (text);

  zmqglib_socket_put_back (socket, message);
}

/* The ways to read: each reads as many as the log's length says, and then nothing more is there. */

static void
read_by_try_receive (Fixture *self,
                     gsize    length)
{
  while (self->log->len < length)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqMessage) message = zmqglib_socket_try_receive (self->pull, &error);

      g_assert_no_error (error);
      fixture_log (self, message);
    }
}

static void
read_by_receive (Fixture *self,
                 gsize    length)
{
  while (self->log->len < length)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqMessage) message = zmqglib_socket_receive (self->pull, NULL, &error);

      g_assert_no_error (error);
      fixture_log (self, message);
    }
}

static void
on_receive (GObject      *socket,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (socket), result, &error);

  g_assert_no_error (error);
  fixture_log (data, message);
}

static void
read_by_receive_async (Fixture *self,
                       gsize    length)
{
  for (gsize i = 0; i < length; i += 2)
    zmqglib_socket_receive_async (self->pull, G_PRIORITY_DEFAULT, NULL, on_receive, self);
  life_until (NULL, self->log->len >= length);
}

static void
read_by_receive_many (Fixture *self,
                      gsize    length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) messages = zmqglib_socket_try_receive_many (self->pull, 0, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < messages->len; i++)
    fixture_log (self, messages->pdata[i]);
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             Fixture    *fixture)
{
  fixture_log (fixture, message);
}

static void
read_by_stream (Fixture *self,
                gsize    length)
{
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (self->pull);

  g_signal_connect (stream, "received", G_CALLBACK (on_received), self);
  life_until (NULL, self->log->len >= length);
}

static void
read_by_flush (Fixture *self,
               gsize    length)
{
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (self->pull);

  g_signal_connect (stream, "received", G_CALLBACK (on_received), self);
  g_assert_cmpuint (zmqglib_stream_flush (stream, G_IO_IN, 0), ==, length / 2);
}

static void
read_one (Fixture   *self,
          ZmqSocket *socket)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_try_receive (socket, &error);

  g_assert_no_error (error);
  fixture_log (self, message);
}

static void
on_polled (ZmqPoller   *poller,
           ZmqSocket   *socket,
           int          fd,
           GIOCondition condition,
           gpointer     data)
{
  g_assert_cmpuint (condition, ==, G_IO_IN);
  read_one (data, socket);
}

static ZmqPoller *
make_poller (Fixture *self)
{
  ZmqPoller *poller = zmqglib_poller_new ();
  g_autoptr (GError) error = NULL;

  zmqglib_poller_add_socket (poller, self->pull, G_IO_IN, on_polled, self, NULL, &error);
  g_assert_no_error (error);

  return poller;
}

static void
read_by_poller (Fixture *self,
                gsize    length)
{
  g_autoptr (ZmqPoller) poller = make_poller (self);

  while (self->log->len < length)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (zmqglib_poller_wait (poller, 0, NULL, &error), ==, 1);
      g_assert_no_error (error);
    }
}

static void
read_by_poller_source (Fixture *self,
                       gsize    length)
{
  g_autoptr (ZmqPoller) poller = make_poller (self);
  g_autoptr (GSource) source = zmqglib_poller_create_source (poller);

  g_source_attach (source, NULL);
  life_until (NULL, self->log->len >= length);
  g_source_destroy (source);
}

static gboolean
on_ready (ZmqSocket   *socket,
          GIOCondition condition,
          gpointer     data)
{
  g_assert_cmpuint (condition, ==, G_IO_IN);
  read_one (data, socket);

  return G_SOURCE_CONTINUE;
}

static void
read_by_source (Fixture *self,
                gsize    length)
{
  g_autoptr (GSource) source = zmqglib_socket_create_source (self->pull, G_IO_IN, NULL);

  g_source_set_callback (source, (GSourceFunc) (void (*) (void)) on_ready, self, NULL);
  g_source_attach (source, NULL);
  life_until (NULL, self->log->len >= length);
  g_source_destroy (source);
}

static void
read_by_wait (Fixture *self,
              gsize    length)
{
  while (self->log->len < length)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (zmqglib_socket_wait (self->pull, G_IO_IN, 0, NULL, &error));
      g_assert_no_error (error);
      read_one (self, self->pull);
    }
}

static void
on_wait (GObject      *socket,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GError) error = NULL;
  Fixture *self = data;

  g_assert_cmpuint (zmqglib_socket_wait_finish (ZMQGLIB_SOCKET (socket), result, &error), ==, G_IO_IN);
  g_assert_no_error (error);
  self->is_ready = TRUE;
}

static void
read_by_wait_async (Fixture *self,
                    gsize    length)
{
  while (self->log->len < length)
    {
      self->is_ready = FALSE;
      zmqglib_socket_wait_async (self->pull, G_IO_IN, G_PRIORITY_DEFAULT, NULL, on_wait, self);
      life_until (NULL, self->is_ready);
      read_one (self, self->pull);
    }
}

static void
read_by_condition (Fixture *self,
                   gsize    length)
{
  while (self->log->len < length)
    {
      g_assert_true (zmqglib_socket_get_condition (self->pull) & G_IO_IN);
      read_one (self, self->pull);
    }
}

typedef struct
{
  const char *name;
  void (*read) (Fixture *self,
                gsize    length);
} Way;

static const Way ways[] = {
  { "try-receive", read_by_try_receive },
  { "receive", read_by_receive },
  { "receive-async", read_by_receive_async },
  { "receive-many", read_by_receive_many },
  { "stream", read_by_stream },
  { "flush", read_by_flush },
  { "poller", read_by_poller },
  { "poller-source", read_by_poller_source },
  { "source", read_by_source },
  { "wait", read_by_wait },
  { "wait-async", read_by_wait_async },
  { "condition", read_by_condition },
};

static void
assert_nothing_left (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (zmqglib_socket_try_receive (self->pull, &error));
  g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_AGAIN);
  g_assert_cmpuint (zmqglib_socket_get_condition (self->pull) & G_IO_IN, ==, 0);
}

/* Alone: libzmq knows of no message. */
static void
test_alone (Fixture      *self,
            gconstpointer data)
{
  const Way *way = data;

  put_back (self->pull, "1");
  way->read (self, 2);
  g_assert_cmpstr (self->log->str, ==, "1 ");
  assert_nothing_left (self);
}

/* In front of others, and in front of what was put back before. */
static void
test_order (Fixture      *self,
            gconstpointer data)
{
  const Way *way = data;

  test_send_string (self->push, "3");
  test_send_string (self->push, "4");
  life_poll_until (NULL, zmqglib_socket_get_condition (self->pull) & G_IO_IN);
  put_back (self->pull, "2");
  put_back (self->pull, "1");
  way->read (self, 8);
  g_assert_cmpstr (self->log->str, ==, "1 2 3 4 ");
  assert_nothing_left (self);
}

/* Received, put back, and so on. */
static void
test_again_and_again (Fixture      *self,
                      gconstpointer data)
{
  const Way *way = data;

  test_send_string (self->push, "1");
  test_send_string (self->push, "2");
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqMessage) message = zmqglib_socket_receive (self->pull, NULL, &error);

      g_assert_no_error (error);
      zmqglib_socket_put_back (self->pull, message);
    }
  way->read (self, 4);
  g_assert_cmpstr (self->log->str, ==, "1 2 ");
  assert_nothing_left (self);
}

/* Somebody waits already, in the loop, when it is put back: here, or in another thread. */

static void
put_back_one (gpointer socket)
{
  put_back (socket, "1");
}

static void
put_back_while_waiting (Fixture *self,
                        gboolean is_elsewhere)
{
  life_settle (NULL);
  g_assert_cmpuint (self->log->len, ==, 0);
  if (is_elsewhere)
    life_elsewhere (put_back_one, self->pull);
  else
    put_back_one (self->pull);
  life_until (NULL, self->log->len > 0 || self->is_ready);
  life_settle (NULL);
}

static void
test_stream_waits (Fixture      *self,
                   gconstpointer is_elsewhere)
{
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (self->pull);

  g_signal_connect (stream, "received", G_CALLBACK (on_received), self);
  put_back_while_waiting (self, is_elsewhere != NULL);
  g_assert_cmpstr (self->log->str, ==, "1 ");
}

static void
test_receive_async_waits (Fixture      *self,
                          gconstpointer is_elsewhere)
{
  zmqglib_socket_receive_async (self->pull, G_PRIORITY_DEFAULT, NULL, on_receive, self);
  put_back_while_waiting (self, is_elsewhere != NULL);
  g_assert_cmpstr (self->log->str, ==, "1 ");
}

static void
test_wait_async_waits (Fixture      *self,
                       gconstpointer is_elsewhere)
{
  zmqglib_socket_wait_async (self->pull, G_IO_IN, G_PRIORITY_DEFAULT, NULL, on_wait, self);
  put_back_while_waiting (self, is_elsewhere != NULL);
  read_by_try_receive (self, 2);
  g_assert_cmpstr (self->log->str, ==, "1 ");
}

static void
test_source_waits (Fixture      *self,
                   gconstpointer is_elsewhere)
{
  g_autoptr (GSource) source = zmqglib_socket_create_source (self->pull, G_IO_IN, NULL);

  g_source_set_callback (source, (GSourceFunc) (void (*) (void)) on_ready, self, NULL);
  g_source_attach (source, NULL);
  put_back_while_waiting (self, is_elsewhere != NULL);
  g_source_destroy (source);
  g_assert_cmpstr (self->log->str, ==, "1 ");
}

static void
test_poller_waits (Fixture      *self,
                   gconstpointer is_elsewhere)
{
  g_autoptr (ZmqPoller) poller = make_poller (self);
  g_autoptr (GSource) source = zmqglib_poller_create_source (poller);

  g_source_attach (source, NULL);
  put_back_while_waiting (self, is_elsewhere != NULL);
  g_source_destroy (source);
  g_assert_cmpstr (self->log->str, ==, "1 ");
}

/* A handler puts back what it has: it is told again, before what follows it. */
static void
on_received_put_back (ZmqStream  *stream,
                      ZmqMessage *message,
                      Fixture    *fixture)
{
  fixture_log (fixture, message);
  if (fixture->log->len == 4)
    zmqglib_socket_put_back (fixture->pull, message);
}

static void
test_in_handler (Fixture      *self,
                 gconstpointer data)
{
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (self->pull);

  g_signal_connect (stream, "received", G_CALLBACK (on_received_put_back), self);
  for (guint i = 1; i <= 4; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      test_send_string (self->push, text);
    }
  life_until (NULL, self->log->len == 10);
  g_assert_cmpstr (self->log->str, ==, "1 2 2 3 4 ");
}

/* A stream to which nobody listens, or that is paused, leaves it. */
static void
test_not_read (Fixture      *self,
               gconstpointer data)
{
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (self->pull);
  gulong id = g_signal_connect (stream, "received", G_CALLBACK (on_received), self);

  g_object_set (stream, "paused", TRUE, NULL);
  test_send_string (self->push, "2");
  put_back (self->pull, "1");
  life_settle (NULL);
  g_assert_cmpstr (self->log->str, ==, "");
  g_signal_handler_block (stream, id);
  g_object_set (stream, "paused", FALSE, NULL);
  life_settle (NULL);
  g_assert_cmpstr (self->log->str, ==, "");
  g_signal_handler_unblock (stream, id);
  life_until (NULL, self->log->len == 4);
  g_assert_cmpstr (self->log->str, ==, "1 2 ");
}

/* Whoever has the raw handle does not see it. */
static void
test_foreign (Fixture      *self,
              gconstpointer data)
{
  char text;

  put_back (self->pull, "1");
  test_send_string (self->push, "2");
  g_assert_cmpint (zmq_recv (zmqglib_socket_get_handle (self->pull), &text, 1, 0), ==, 1);
  g_assert_cmpint (text, ==, '2');
  read_by_try_receive (self, 2);
  g_assert_cmpstr (self->log->str, ==, "1 ");
}

/* It goes with the socket, closed or dropped. */
static void
test_closed (Fixture      *self,
             gconstpointer is_dropped)
{
  static char text[] = "x";
  gint        n_alive = 0;

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (text, 1, life_on_destroyed, &n_alive);
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_bytes (bytes);

      n_alive++;
      zmqglib_socket_put_back (self->pull, message);
    }
  g_assert_cmpint (n_alive, ==, 3);
  if (is_dropped != NULL)
    g_clear_object (&self->pull);
  else
    {
      zmqglib_socket_close (self->pull);
      g_assert_cmpint (n_alive, ==, 0);
      put_back (self->pull, "too late");
    }
  g_assert_cmpint (n_alive, ==, 0);
}

/* The turn is put back, too */

static void
assert_wrong_state (ZmqSocket *socket)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("out of turn");
  g_autoptr (GError) error = NULL;

  g_assert_false (zmqglib_socket_try_send (socket, message, &error));
  g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_WRONG_STATE);
  g_clear_error (&error);
  g_assert_false (zmqglib_socket_send (socket, message, NULL, &error));
  g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_WRONG_STATE);
  g_assert_cmpuint (zmqglib_socket_get_condition (socket) & G_IO_OUT, ==, 0);
}

static void
receive_and_put_back (ZmqSocket *socket)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive (socket, NULL, &error);

  g_assert_no_error (error);
  zmqglib_socket_put_back (socket, message);
}

static void
test_turn (gconstpointer with_stream)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) rep = NULL;
  g_autoptr (ZmqSocket) req = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GError) error = NULL;

  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_REP, ZMQGLIB_SOCKET_REQ, &rep, &req);
  test_send_string (req, "question");
  receive_and_put_back (rep);
  assert_wrong_state (rep);
  if (with_stream != NULL)
    {
      /* a stream's answer waits until the question was read */
      stream = zmqglib_stream_new (rep);
      zmqglib_stream_send_string (stream, "answer", &error);
      g_assert_no_error (error);
      life_settle (NULL);
      g_assert_cmpuint (zmqglib_stream_get_n_queued (stream), ==, 1);
      test_receive_string (rep, "question");
      life_until (NULL, zmqglib_stream_get_n_queued (stream) == 0);
    }
  else
    {
      test_receive_string (rep, "question");
      test_send_string (rep, "answer");
    }

  receive_and_put_back (req);
  assert_wrong_state (req);
  test_receive_string (req, "answer");
  test_send_string (req, "another question");
  test_receive_string (rep, "another question");
}

/* A receive that is cancelled as its message comes: the message is told, or it is there for the next. */

typedef struct
{
  gboolean is_over;
  char    *text;
} Received;

static void
on_received_or_cancelled (GObject      *socket,
                          GAsyncResult *result,
                          gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (socket), result, &error);
  Received *received = data;

  received->is_over = TRUE;
  if (message != NULL)
    received->text = zmqglib_message_get_string (message, 0, NULL);
  else
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_cancelled (Fixture      *self,
                gconstpointer data)
{
  const Way *way = data;

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Received received = { FALSE, NULL };

      g_string_set_size (self->log, 0);
      zmqglib_socket_receive_async (self->pull, G_PRIORITY_DEFAULT, cancellable, on_received_or_cancelled, &received);
      test_send_string (self->push, "1");
      test_send_string (self->push, "2");
      for (guint j = 0; j < i % 5; j++)
        g_main_context_iteration (NULL, FALSE);
      g_cancellable_cancel (cancellable);
      life_until (NULL, received.is_over);
      way->read (self, received.text != NULL ? 2 : 4);
      g_assert_cmpstr (self->log->str, ==, received.text != NULL ? "2 " : "1 2 ");
      g_free (received.text);
    }
}

/* Many at once */

static void
assert_many (Fixture    *self,
             guint       limit,
             const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) messages = zmqglib_socket_try_receive_many (self->pull, limit, &error);

  g_assert_no_error (error);
  g_assert_nonnull (messages);
  for (guint i = 0; i < messages->len; i++)
    fixture_log (self, messages->pdata[i]);
  g_assert_cmpstr (self->log->str, ==, expected);
  g_string_set_size (self->log, 0);
}

static void
test_many (Fixture      *self,
           gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  assert_many (self, 0, "");
  assert_many (self, 5, "");
  for (guint i = 1; i <= 6; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      test_send_string (self->push, text);
    }
  zmqglib_socket_wait (self->pull, G_IO_IN, -1, NULL, &error);
  g_assert_no_error (error);
  assert_many (self, 2, "1 2 ");
  put_back (self->pull, "2");
  put_back (self->pull, "1");
  assert_many (self, 3, "1 2 3 ");
  assert_many (self, 100, "4 5 6 ");
  assert_many (self, 0, "");

  zmqglib_socket_close (self->pull);
  g_assert_null (zmqglib_socket_try_receive_many (self->pull, 0, &error));
  g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_CLOSED);
}

static void
add (const char   *name,
     const char   *variant,
     gconstpointer data,
     void (*test) (Fixture      *fixture,
                   gconstpointer data))
{
  g_autofree char *path = g_strconcat ("/messages/", name, variant != NULL ? "/" : NULL, variant, NULL);

  g_test_add (path, Fixture, data, fixture_set_up, test, fixture_tear_down);
}

static void
add_here_and_elsewhere (const char *name,
                        void (*test) (Fixture      *fixture,
                                      gconstpointer data))
{
  add (name, "here", NULL, test);
  add (name, "elsewhere", "elsewhere", test);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      add ("put-back-alone", ways[i].name, &ways[i], test_alone);
      add ("put-back-order", ways[i].name, &ways[i], test_order);
      add ("put-back-again-and-again", ways[i].name, &ways[i], test_again_and_again);
      add ("put-back-cancelled", ways[i].name, &ways[i], test_cancelled);
    }
  add_here_and_elsewhere ("put-back-while-stream-waits", test_stream_waits);
  add_here_and_elsewhere ("put-back-while-receive-async-waits", test_receive_async_waits);
  add_here_and_elsewhere ("put-back-while-wait-async-waits", test_wait_async_waits);
  add_here_and_elsewhere ("put-back-while-source-waits", test_source_waits);
  add_here_and_elsewhere ("put-back-while-poller-waits", test_poller_waits);
  add ("put-back-in-handler", NULL, NULL, test_in_handler);
  add ("put-back-not-read", NULL, NULL, test_not_read);
  add ("put-back-foreign", NULL, NULL, test_foreign);
  add ("put-back-closed", NULL, NULL, test_closed);
  add ("put-back-dropped", NULL, "dropped", test_closed);
  g_test_add_data_func ("/messages/put-back-turn/sockets", NULL, test_turn);
  g_test_add_data_func ("/messages/put-back-turn/stream", "stream", test_turn);
  add ("receive-many", NULL, NULL, test_many);

  return g_test_run ();
}

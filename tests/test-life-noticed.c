/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>

#include "test-life-util.h"

/* Nothing that was there, or was asked for, is forgotten: neither by a nested loop, nor because another
 * thread had its hands in it. */

typedef struct
{
  ZmqContext *context;
  ZmqSocket  *pull;
  ZmqSocket  *push;
  guint       n_received;
} Fixture;

static void
fixture_set_up (Fixture      *self,
                gconstpointer data)
{
  self->context = zmqglib_context_new ();
  test_socket_pair (self->context, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &self->pull, &self->push);
}

static void
fixture_tear_down (Fixture      *self,
                   gconstpointer data)
{
  g_object_unref (self->pull);
  g_object_unref (self->push);
  life_terminate (self->context);
  g_object_unref (self->context);
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  guint *n_received = data;

  (*n_received)++;
}

/* A message comes while a `sent` handler runs a loop of its own. */
static void
on_sent_nested (ZmqStream  *stream,
                ZmqMessage *message,
                GError     *error,
                gpointer    peer)
{
  g_autoptr (ZmqSocket) socket = NULL;

  test_send_string (peer, "hello");
  g_object_get (stream, "socket", &socket, NULL);
  /* the socket's own descriptor tells the nested loop, and nobody asks it there */
  life_settle (NULL);
  g_usleep (50 * G_TIME_SPAN_MILLISECOND);
  life_settle (NULL);
}

static void
test_nested_in_sent (Fixture      *self,
                     gconstpointer data)
{
  g_autoptr (ZmqSocket) one = NULL;
  g_autoptr (ZmqSocket) two = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GError) error = NULL;

  test_socket_pair (self->context, "tcp", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, &one, &two);
  stream = zmqglib_stream_new (one);
  g_signal_connect (stream, "received", G_CALLBACK (on_received), &self->n_received);
  g_signal_connect (stream, "sent", G_CALLBACK (on_sent_nested), two);
  test_send_string (two, "connected");
  life_until (NULL, self->n_received == 1);
  zmqglib_stream_send_string (stream, "x", &error);
  g_assert_no_error (error);
  life_until (NULL, self->n_received == 2);
}

/* Another thread puts a message back while this one sleeps. */
typedef struct
{
  ZmqSocket  *socket;
  ZmqMessage *message;
  guint       n_left;
} PutBack;

static gpointer
put_back (gpointer data)
{
  PutBack *self = data;

  for (; self->n_left > 0; self->n_left--)
    {
      zmqglib_socket_put_back (self->socket, self->message);
      if (self->n_left % 64 == 0)
        g_usleep (100);
    }

  return NULL;
}

static gboolean
on_source_ready (ZmqSocket   *socket,
                 GIOCondition condition,
                 gpointer     data)
{
  guint *n_received = data;
  g_autoptr (ZmqMessage) message = NULL;

  while ((message = zmqglib_socket_try_receive (socket, NULL)) != NULL)
    {
      (*n_received)++;
      g_clear_pointer (&message, zmqglib_message_unref);
    }

  return G_SOURCE_CONTINUE;
}

static void
on_poller_ready (ZmqPoller   *poller,
                 ZmqSocket   *socket,
                 int          fd,
                 GIOCondition condition,
                 gpointer     data)
{
  on_source_ready (socket, condition, data);
}

typedef enum
{
  BY_SOURCE,
  BY_STREAM,
  BY_POLLER_SOURCE,
  BY_POLLER_WAIT,
} By;

#define N_PUT_BACK 5000

static void
test_put_back (Fixture      *self,
               gconstpointer data)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  g_autoptr (ZmqPoller) poller = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GSource) source = NULL;
  g_autoptr (GError) error = NULL;
  PutBack  put = { self->pull, message, test_is_slow_tool () ? N_PUT_BACK / 10 : N_PUT_BACK };
  guint    n_put = put.n_left;
  By       by = GPOINTER_TO_INT (data);
  GThread *thread;

  if (by == BY_STREAM)
    {
      stream = zmqglib_stream_new (self->pull);
      g_signal_connect (stream, "received", G_CALLBACK (on_received), &self->n_received);
    }
  else if (by == BY_SOURCE)
    {
      source = zmqglib_socket_create_source (self->pull, G_IO_IN, NULL);
      g_source_set_callback (source, G_SOURCE_FUNC (on_source_ready), &self->n_received, NULL);
      g_source_attach (source, NULL);
    }
  else
    {
      poller = zmqglib_poller_new ();
      zmqglib_poller_add_socket (poller, self->pull, G_IO_IN, on_poller_ready, &self->n_received, NULL, &error);
      g_assert_no_error (error);
      if (by == BY_POLLER_SOURCE)
        source = zmqglib_poller_create_source (poller);
      if (source != NULL)
        g_source_attach (source, NULL);
    }

  life_settle (NULL);
  thread = g_thread_new ("put-back", put_back, &put);
  if (by == BY_POLLER_WAIT)
    while (self->n_received < n_put)
      {
        g_assert_cmpint (zmqglib_poller_wait (poller, -1, NULL, &error), >, 0);
        g_assert_no_error (error);
      }
  else
    life_until (NULL, self->n_received == n_put);
  g_thread_join (thread);

  if (source != NULL)
    g_source_destroy (source);
}

/* Messages that other threads have sent are handed over before there is no room. */
static void
send_elsewhere (gpointer stream)
{
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send_string (stream, "x", &error);
  g_assert_no_error (error);
}

static void
test_room_for_own (Fixture      *self,
                   gconstpointer data)
{
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GError) error = NULL;

  test_socket_pair (self->context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  stream = g_object_new (ZMQGLIB_TYPE_STREAM, "socket", push, "send-limit", 2, NULL);
  life_elsewhere (send_elsewhere, stream);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (stream), ==, 1);
  life_elsewhere (send_elsewhere, stream);
  zmqglib_stream_send_string (stream, "mine", &error);
  g_assert_no_error (error);
}

/* A limit counts what is yet to be reported, whoever sends. */
typedef struct
{
  ZmqStream *stream;
  gint       n_taken; /* atomic */
  gint       is_over; /* atomic */
  gint       n_reported;
  gint       n_most;
} Limited;

#define LIMIT 10

static gpointer
send_all (gpointer data)
{
  Limited *self = data;

  while (!g_atomic_int_get (&self->is_over))
    if (zmqglib_stream_send_string (self->stream, "x", NULL))
      g_atomic_int_inc (&self->n_taken);
    else
      g_thread_yield ();

  return NULL;
}

static void
on_sent_limited (ZmqStream  *stream,
                 ZmqMessage *message,
                 GError     *error,
                 gpointer    data)
{
  Limited *self = data;
  int      n_taken = g_atomic_int_get (&self->n_taken);

  self->n_most = MAX (self->n_most, n_taken - self->n_reported);
  self->n_reported++;
  g_thread_yield ();
}

static void
test_limit_elsewhere (Fixture      *self,
                      gconstpointer data)
{
  g_autoptr (ZmqStream) stream = g_object_new (ZMQGLIB_TYPE_STREAM, "socket", self->push, "send-limit", LIMIT, NULL);
  Limited  limited = { .stream = stream };
  gulong   handler = g_signal_connect (stream, "sent", G_CALLBACK (on_sent_limited), &limited);
  GThread *thread = g_thread_new ("sender", send_all, &limited);

  life_until (NULL, limited.n_reported >= 500);
  g_atomic_int_set (&limited.is_over, TRUE);
  g_thread_join (thread);
  g_signal_handler_disconnect (stream, handler);

  g_assert_cmpint (limited.n_most, <=, LIMIT + 1);
}

/* A descriptor that is wanted for nothing at first, one that epoll takes and one that it does not, beside
 * few or many others. */
static void
on_fd (ZmqPoller   *poller,
       ZmqSocket   *socket,
       int          fd,
       GIOCondition condition,
       gpointer     data)
{
  guint *n_called = data;

  (*n_called)++;
}

static void
test_descriptor_for_nothing (Fixture      *self,
                             gconstpointer data)
{
  guint n_others = GPOINTER_TO_UINT (data);
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  g_autoptr (GError) error = NULL;
  g_autofree int *others = g_new (int, 2 * n_others);
  int             fds[3];

  for (guint i = 0; i < n_others; i++)
    {
      g_assert_cmpint (pipe (&others[2 * i]), ==, 0);
      zmqglib_poller_add_fd (poller, others[2 * i], G_IO_IN, on_fd, &self->n_received, NULL, &error);
      g_assert_no_error (error);
    }
  g_assert_cmpint (pipe (fds), ==, 0);
  g_assert_cmpint (write (fds[1], "x", 1), ==, 1);
  fds[2] = open (g_test_get_filename (G_TEST_DIST, "test-life-noticed.c", NULL), O_RDONLY);
  g_assert_cmpint (fds[2], >=, 0);

  for (guint i = 0; i < 3; i += 2)
    {
      g_assert_true (zmqglib_poller_add_fd (poller, fds[i], 0, on_fd, &self->n_received, NULL, &error));
      g_assert_cmpint (zmqglib_poller_wait (poller, 0, NULL, &error), ==, 0);
      g_assert_true (zmqglib_poller_modify_fd (poller, fds[i], G_IO_IN, &error));
      g_assert_cmpint (zmqglib_poller_wait (poller, G_USEC_PER_SEC, NULL, &error), ==, 1);
      g_assert_true (zmqglib_poller_modify_fd (poller, fds[i], 0, &error));
      g_assert_cmpint (zmqglib_poller_wait (poller, 0, NULL, &error), ==, 0);
      g_assert_no_error (error);
    }

  for (guint i = 0; i < 3; i++)
    close (fds[i]);
  for (guint i = 0; i < 2 * n_others; i++)
    close (others[i]);
}

/* In a nested loop somebody else's prepare() begins what ends at once. */
typedef struct
{
  GSource    source;
  ZmqSocket *socket;
  guint     *n_told;
  gboolean   has_begun;
} EagerSource;

static void
on_eager_received (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  guint *n_told = data;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (source), result, NULL);

  g_assert_nonnull (message);
  (*n_told)++;
}

static gboolean
eager_prepare (GSource *source,
               int     *timeout)
{
  EagerSource *self = (EagerSource *) source;

  *timeout = -1;
  if (!self->has_begun)
    {
      self->has_begun = TRUE;
      zmqglib_socket_receive_async (self->socket, G_PRIORITY_DEFAULT, NULL, on_eager_received, self->n_told);
    }

  return FALSE;
}

static gboolean
eager_check (GSource *source)
{
  return FALSE;
}

static gboolean
on_outer (gpointer data)
{
  static GSourceFuncs funcs = { .prepare = eager_prepare, .check = eager_check };
  Fixture            *self = data;
  g_autoptr (GSource) source = g_source_new (&funcs, sizeof (EagerSource));

  ((EagerSource *) source)->socket = self->pull;
  ((EagerSource *) source)->n_told = &self->n_received;
  /* asked after the library's */
  g_source_set_priority (source, G_PRIORITY_LOW);
  g_source_attach (source, NULL);
  life_until (NULL, self->n_received > 0);
  g_source_destroy (source);

  return G_SOURCE_REMOVE;
}

static void
test_told_in_prepare (Fixture      *self,
                      gconstpointer data)
{
  g_autoptr (ZmqSocket) other = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqStream) stream G_GNUC_UNUSED = zmqglib_stream_new (other);
  g_autoptr (GError) error = NULL;
  gint64 began;

  test_send_string (self->push, "x");
  g_assert_cmpint (zmqglib_socket_wait (self->pull, G_IO_IN, TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC, NULL, &error), ==,
                   G_IO_IN);
  life_settle (NULL);
  g_idle_add_full (G_PRIORITY_LOW, on_outer, self, NULL);
  began = g_get_monotonic_time ();
  life_until (NULL, self->n_received == 1);
  /* nothing else wakes the loop before its limit of time */
  g_assert_cmpint (g_get_monotonic_time () - began, <, LIFE_TIMEOUT_SECONDS * G_USEC_PER_SEC / 2);
}

static void
add (const char   *name,
     gconstpointer data,
     void (*test) (Fixture      *fixture,
                   gconstpointer data))
{
  g_autofree char *path = g_strconcat ("/life/noticed/", name, NULL);

  g_test_add (path, Fixture, data, fixture_set_up, test, fixture_tear_down);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  add ("nested-in-sent", NULL, test_nested_in_sent);
  add ("put-back/source", GINT_TO_POINTER (BY_SOURCE), test_put_back);
  add ("put-back/stream", GINT_TO_POINTER (BY_STREAM), test_put_back);
  add ("put-back/poller-source", GINT_TO_POINTER (BY_POLLER_SOURCE), test_put_back);
  add ("put-back/poller-wait", GINT_TO_POINTER (BY_POLLER_WAIT), test_put_back);
  add ("room-for-own", NULL, test_room_for_own);
  add ("limit-elsewhere", NULL, test_limit_elsewhere);
  add ("descriptor-for-nothing/few", GUINT_TO_POINTER (1), test_descriptor_for_nothing);
  add ("descriptor-for-nothing/many", GUINT_TO_POINTER (8), test_descriptor_for_nothing);
  add ("told-in-prepare", NULL, test_told_in_prepare);

  return g_test_run ();
}

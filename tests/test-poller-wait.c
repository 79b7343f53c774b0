/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-poller-util.h"

/* Pollers that are waited for, without a main context. */

/* longer than any slice of the poller */
#define SLOW_US 5000

static void
test_wait_empty (PollerFixture *fixture,
                 gconstpointer  data)
{
  GError *error = NULL;

  g_assert_cmpint (zmqglib_poller_wait (fixture->poller, -1, NULL, &error), ==, -1);
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "poller");

  /* it becomes empty again */
  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, poller_on_ready, &fixture->calls);
  zmqglib_poller_remove_socket (fixture->poller, fixture->socket, &error);
  g_assert_no_error (error);
  g_assert_cmpint (zmqglib_poller_wait (fixture->poller, -1, NULL, &error), ==, -1);
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "poller");

  g_assert_cmpint (poller_wait_for (fixture->poller, 0), ==, 0);
}

static void
test_wait_timeout (PollerFixture *fixture,
                   gconstpointer  data)
{
  gint64 begin = g_get_monotonic_time ();

  g_assert_cmpint (poller_wait_for (fixture->poller, 3000), ==, 0);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 3000);

  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, poller_on_ready, &fixture->calls);
  begin = g_get_monotonic_time ();
  g_assert_cmpint (poller_wait_for (fixture->poller, 3000), ==, 0);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 3000);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 0);
}

static gpointer
cancel_thread (gpointer data)
{
  g_usleep (5000);
  g_cancellable_cancel (data);

  return NULL;
}

static void
test_wait_cancelled (PollerFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("cancel", cancel_thread, cancellable);

  /* also an empty poller can wait for ever then */
  g_assert_cmpint (zmqglib_poller_wait (fixture->poller, -1, cancellable, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_thread_join (thread);

  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, poller_on_ready, &fixture->calls);
  g_cancellable_reset (cancellable);
  thread = g_thread_new ("cancel", cancel_thread, cancellable);
  g_assert_cmpint (zmqglib_poller_wait (fixture->poller, -1, cancellable, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_thread_join (thread);

  /* cancelled before, although something is ready */
  test_send_string (fixture->peer, "hello");
  g_assert_cmpint (zmqglib_poller_wait (fixture->poller, -1, cancellable, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 0);

  g_cancellable_reset (cancellable);
  g_clear_error (&error);
  g_assert_cmpint (zmqglib_poller_wait (fixture->poller, -1, cancellable, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 1);
}

static gpointer
send_thread (gpointer data)
{
  g_autoptr (ZmqSocket) socket = data;

  g_usleep (5000);
  test_send_string (socket, "from a thread");

  return NULL;
}

static void
test_wait_wakes (PollerFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, poller_on_ready, &fixture->calls);
  thread = g_thread_new ("send", send_thread, g_steal_pointer (&fixture->peer));
  g_assert_cmpint (zmqglib_poller_wait (fixture->poller, -1, cancellable, &error), ==, 1);
  g_assert_no_error (error);
  g_thread_join (thread);

  test_receive_string (fixture->socket, "from a thread");
}

static void
on_ready_slowly (ZmqPoller   *poller,
                 ZmqSocket   *socket,
                 int          fd,
                 GIOCondition condition,
                 gpointer     user_data)
{
  poller_on_ready (poller, socket, fd, condition, user_data);
  g_usleep (SLOW_US);
}

/* The time slice is for main contexts: one wait is one zmq_poll(), whatever the functions take. */
static void
test_wait_serves_all_once (PollerFixture *fixture,
                           gconstpointer  data)
{
  PollerCalls peer_calls = { 0 };
  PollerCalls fd_calls = { 0 };
  int         fds[2];

  poller_open_pipe (fds);
  poller_write_byte (fds[1]);
  test_send_string (fixture->peer, "hello");
  test_send_string (fixture->socket, "hello");

  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready_slowly, &fixture->calls);
  poller_add_socket (fixture->poller, fixture->peer, G_IO_IN, on_ready_slowly, &peer_calls);
  poller_add_fd (fixture->poller, fds[0], G_IO_IN, on_ready_slowly, &fd_calls);

  for (guint i = 1; i <= 3; i++)
    {
      g_assert_cmpint (poller_wait_for (fixture->poller, 0), ==, 3);
      g_assert_cmpuint (fixture->calls.n_calls, ==, i);
      g_assert_cmpuint (peer_calls.n_calls, ==, i);
      g_assert_cmpuint (fd_calls.n_calls, ==, i);
    }

  g_clear_object (&fixture->poller);
  close (fds[0]);
  close (fds[1]);
}

/* Each of many descriptors is heard, the last one as the first, also beside a cancellable, which is heard as well. */
#define N_MANY 20

static void
on_many_read (ZmqPoller   *poller,
              ZmqSocket   *socket,
              int          fd,
              GIOCondition condition,
              gpointer     data)
{
  guint *n_read = data;
  char   byte;

  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  (*n_read)++;
}

static void
test_wait_many_and_cancellable (PollerFixture *fixture,
                                gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;
  int      fds[N_MANY][2];
  guint    n_read = 0;

  for (guint i = 0; i < N_MANY; i++)
    {
      g_assert_true (g_unix_open_pipe (fds[i], FD_CLOEXEC, &error));
      zmqglib_poller_add_fd (fixture->poller, fds[i][0], G_IO_IN, on_many_read, &n_read, NULL, &error);
      g_assert_no_error (error);
    }
  for (guint i = 0; i < N_MANY; i++)
    {
      g_assert_cmpint (write (fds[i][1], "x", 1), ==, 1);
      g_assert_cmpint (zmqglib_poller_wait (fixture->poller, TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC, cancellable, &error), ==, 1);
      g_assert_no_error (error);
      g_assert_cmpuint (n_read, ==, i + 1);
    }

  thread = g_thread_new ("cancel", cancel_thread, cancellable);
  g_assert_cmpint (zmqglib_poller_wait (fixture->poller, -1, cancellable, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);

  g_clear_object (&fixture->poller);
  for (guint i = 0; i < N_MANY; i++)
    {
      close (fds[i][0]);
      close (fds[i][1]);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  poller_test_add ("/poller/wait/empty", test_wait_empty);
  poller_test_add ("/poller/wait/timeout", test_wait_timeout);
  poller_test_add ("/poller/wait/cancelled", test_wait_cancelled);
  poller_test_add ("/poller/wait/many-and-cancellable", test_wait_many_and_cancellable);
  poller_test_add ("/poller/wait/wakes", test_wait_wakes);
  poller_test_add ("/poller/wait/serves-all-once", test_wait_serves_all_once);

  return g_test_run ();
}

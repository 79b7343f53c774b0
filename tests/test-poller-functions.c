/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-poller-util.h"

/* What a function that a poller calls may do. */

static void
test_remove_in_function (PollerFixture *fixture,
                         gconstpointer  data)
{
  PollerCalls fd_calls = { 0 };
  int         fds[2];

  poller_open_pipe (fds);
  poller_write_byte (fds[1]);
  test_send_string (fixture->peer, "hello");
  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, poller_on_ready_remove, &fixture->calls);
  poller_add_fd (fixture->poller, fds[0], G_IO_IN, poller_on_ready_remove, &fd_calls);

  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 2);
  g_assert_cmpint (poller_wait_for (fixture->poller, 0), ==, 0);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 1);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);
  g_assert_cmpuint (fd_calls.n_calls, ==, 1);
  g_assert_cmpuint (fd_calls.n_destroyed, ==, 1);

  close (fds[0]);
  close (fds[1]);
}

typedef struct
{
  PollerCalls calls; /* first */
  ZmqSocket  *other;
} Replacement;

static void
on_ready_replace (ZmqPoller   *poller,
                  ZmqSocket   *socket,
                  int          fd,
                  GIOCondition condition,
                  gpointer     user_data)
{
  g_autoptr (GError) error = NULL;
  Replacement *replacement = user_data;

  poller_on_ready (poller, socket, fd, condition, user_data);
  zmqglib_poller_remove_socket (poller, replacement->other, &error);
  g_assert_no_error (error);
  zmqglib_poller_remove_socket (poller, socket, &error);
  g_assert_no_error (error);
  poller_add_socket (poller, socket, G_IO_IN, poller_on_ready, replacement);
}

/* Whoever of two that are ready is served first takes the other one out, and itself in anew. */
static void
test_replace_in_function (PollerFixture *fixture,
                          gconstpointer  data)
{
  Replacement first = { .other = fixture->peer };
  Replacement second = { .other = fixture->socket };

  test_send_string (fixture->peer, "hello");
  test_send_string (fixture->socket, "hello");
  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready_replace, &first);
  poller_add_socket (fixture->poller, fixture->peer, G_IO_IN, on_ready_replace, &second);

  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
  g_assert_cmpuint (first.calls.n_calls + second.calls.n_calls, ==, 1);
  g_assert_cmpuint (first.calls.n_destroyed, ==, 1);
  g_assert_cmpuint (second.calls.n_destroyed, ==, 1);

  first.calls.n_destroyed = second.calls.n_destroyed = 0;
  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
  g_assert_cmpuint (first.calls.n_calls + second.calls.n_calls, ==, 2);

  g_clear_object (&fixture->poller);
}

static void
on_ready_wait (ZmqPoller   *poller,
               ZmqSocket   *socket,
               int          fd,
               GIOCondition condition,
               gpointer     user_data)
{
  poller_on_ready (poller, socket, fd, condition, user_data);
  /* the one whose function runs is skipped */
  g_assert_cmpint (poller_wait_long (poller), ==, 1);
}

static void
test_wait_in_function (PollerFixture *fixture,
                       gconstpointer  data)
{
  PollerCalls peer_calls = { 0 };

  test_send_string (fixture->peer, "hello");
  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready_wait, &fixture->calls);
  poller_add_socket (fixture->poller, fixture->peer, G_IO_OUT, poller_on_ready, &peer_calls);

  g_assert_cmpint (poller_wait_long (fixture->poller), >=, 1);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 1);
  g_assert_cmpuint (peer_calls.n_calls, >=, 1);

  g_clear_object (&fixture->poller);
}

typedef struct
{
  PollerCalls calls; /* first */
  GSource    *source;
} Dropped;

static void
on_ready_drop (ZmqPoller   *poller,
               ZmqSocket   *socket,
               int          fd,
               GIOCondition condition,
               gpointer     user_data)
{
  Dropped *dropped = user_data;

  poller_on_ready (poller, socket, fd, condition, user_data);
  g_source_destroy (dropped->source);
  g_clear_pointer (&dropped->source, g_source_unref);
}

/* The poller's last reference goes while its function runs. */
static void
test_drop_in_function (PollerFixture *fixture,
                       gconstpointer  data)
{
  Dropped dropped = { .source = zmqglib_poller_create_source (fixture->poller) };

  g_source_attach (dropped.source, NULL);
  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready_drop, &dropped);
  g_object_add_weak_pointer (G_OBJECT (fixture->poller), (gpointer *) &fixture->poller);
  g_object_unref (fixture->poller);

  test_send_string (fixture->peer, "hello");
  test_iterate_until (NULL, poller_was_called, &dropped);
  g_assert_null (fixture->poller);
  g_assert_cmpuint (dropped.calls.n_calls, ==, 1);
  g_assert_cmpuint (dropped.calls.n_destroyed, ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  poller_test_add ("/poller/function/removes-itself", test_remove_in_function);
  poller_test_add ("/poller/function/replaces", test_replace_in_function);
  poller_test_add ("/poller/function/waits", test_wait_in_function);
  poller_test_add ("/poller/function/drops-poller", test_drop_in_function);

  return g_test_run ();
}

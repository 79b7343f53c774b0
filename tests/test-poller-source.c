/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-poller-util.h"

/* Pollers in a main context. */

static void
on_ready_receive (ZmqPoller   *poller,
                  ZmqSocket   *socket,
                  int          fd,
                  GIOCondition condition,
                  gpointer     user_data)
{
  char byte;

  poller_on_ready (poller, socket, fd, condition, user_data);
  if (socket != NULL)
    test_receive_string (socket, "hello");
  else
    g_assert_cmpint (read (fd, &byte, 1), ==, 1);
}

static void
test_source (PollerFixture *fixture,
             gconstpointer  data)
{
  g_autoptr (GSource) source = zmqglib_poller_create_source (fixture->poller);
  ZmqPoller  *poller = fixture->poller;
  PollerCalls fd_calls = { 0 };
  int         fds[2];

  poller_open_pipe (fds);
  poller_add_socket (poller, fixture->socket, G_IO_IN, on_ready_receive, &fixture->calls);
  g_source_attach (source, NULL);
  poller_settle ();
  g_assert_cmpuint (fixture->calls.n_calls, ==, 0);

  test_send_string (fixture->peer, "hello");
  test_iterate_until (NULL, poller_was_called, &fixture->calls);
  poller_settle ();
  g_assert_cmpuint (fixture->calls.n_calls, ==, 1);

  /* joins later */
  poller_add_fd (poller, fds[0], G_IO_IN, on_ready_receive, &fd_calls);
  poller_settle ();
  g_assert_cmpuint (fd_calls.n_calls, ==, 0);
  poller_write_byte (fds[1]);
  test_iterate_until (NULL, poller_was_called, &fd_calls);
  poller_settle ();
  g_assert_cmpuint (fd_calls.n_calls, ==, 1);

  /* the source keeps the poller */
  g_object_add_weak_pointer (G_OBJECT (poller), (gpointer *) &poller);
  g_clear_object (&fixture->poller);
  g_assert_nonnull (poller);
  test_send_string (fixture->peer, "hello");
  fixture->calls.n_calls = 0;
  test_iterate_until (NULL, poller_was_called, &fixture->calls);

  g_source_destroy (source);
  g_clear_pointer (&source, g_source_unref);
  g_assert_null (poller);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);
  g_assert_cmpuint (fd_calls.n_destroyed, ==, 1);
  close (fds[0]);
  close (fds[1]);
}

/* A poller without a source may be waited for, and one with a source as well. */
static void
test_source_and_wait (PollerFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr (GSource) source = zmqglib_poller_create_source (fixture->poller);

  g_source_attach (source, NULL);
  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready_receive, &fixture->calls);

  for (guint i = 0; i < 10; i++)
    {
      fixture->calls.n_calls = 0;
      test_send_string (fixture->peer, "hello");
      if (i % 2 == 0)
        g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
      else
        test_iterate_until (NULL, poller_was_called, &fixture->calls);
      g_assert_cmpuint (fixture->calls.n_calls, ==, 1);
    }

  g_source_destroy (source);
}

static void
test_source_dead_sockets (PollerFixture *fixture,
                          gconstpointer  data)
{
  g_autoptr (GSource) source = zmqglib_poller_create_source (fixture->poller);
  PollerCalls peer_calls = { 0 };

  g_source_attach (source, NULL);
  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, poller_on_ready, &fixture->calls);
  poller_add_socket (fixture->poller, fixture->peer, G_IO_IN, poller_on_ready, &peer_calls);
  poller_settle ();

  zmqglib_socket_close (fixture->peer);
  zmqglib_context_shutdown (fixture->context);
  test_iterate_until (NULL, poller_was_called, &peer_calls);
  test_iterate_until (NULL, poller_was_called, &fixture->calls);
  poller_settle ();

  g_assert_cmpint (peer_calls.condition, ==, G_IO_NVAL);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_HUP);
  g_assert_cmpuint (peer_calls.n_calls, ==, 1);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 1);
  g_source_destroy (source);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  poller_test_add ("/poller/source/ready", test_source);
  poller_test_add ("/poller/source/and-wait", test_source_and_wait);
  poller_test_add ("/poller/source/dead-sockets", test_source_dead_sockets);

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>

#include "test-poller-util.h"

/* What is in a poller: sockets and descriptors, and how they go. */

static void
test_socket_in (PollerFixture *fixture,
                gconstpointer  data)
{
  PollerCalls *calls = &fixture->calls;

  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, poller_on_ready, calls);
  g_assert_cmpint (poller_wait_for (fixture->poller, 0), ==, 0);
  g_assert_cmpuint (calls->n_calls, ==, 0);

  test_send_string (fixture->peer, "one");
  test_send_string (fixture->peer, "two");
  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
  g_assert_true (calls->socket == fixture->socket);
  g_assert_cmpint (calls->condition, ==, G_IO_IN);

  /* for as long as there is something */
  g_assert_cmpint (poller_wait_for (fixture->poller, 0), ==, 1);
  test_receive_string (fixture->socket, "one");
  g_assert_cmpint (poller_wait_for (fixture->poller, 0), ==, 1);
  test_receive_string (fixture->socket, "two");
  g_assert_cmpint (poller_wait_for (fixture->poller, 0), ==, 0);
  g_assert_cmpuint (calls->n_calls, ==, 3);
}

/* Who only wants to be woken needs no function. */
static void
test_without_function (PollerFixture *fixture,
                       gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  int  fds[2];
  char byte;

  g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, &error));
  g_assert_true (zmqglib_poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, NULL, NULL, NULL, &error));
  g_assert_true (zmqglib_poller_add_fd (fixture->poller, fds[0], G_IO_IN, NULL, NULL, NULL, &error));
  g_assert_cmpint (poller_wait_for (fixture->poller, 0), ==, 0);

  /* it ends a wait, and is not counted */
  g_assert_cmpint (write (fds[1], "x", 1), ==, 1);
  g_assert_cmpint (poller_wait_for (fixture->poller, -1), ==, 0);
  g_assert_cmpint (read (fds[0], &byte, 1), ==, 1);

  test_send_string (fixture->peer, "one");
  g_assert_cmpint (poller_wait_for (fixture->poller, -1), ==, 0);
  zmqglib_socket_close (fixture->socket);
  g_assert_cmpint (poller_wait_for (fixture->poller, -1), ==, 0);

  close (fds[0]);
  close (fds[1]);
}

static void
test_socket_out (PollerFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr (ZmqSocket) alone = test_socket_new (fixture->context, ZMQGLIB_SOCKET_PUSH);
  PollerCalls alone_calls = { 0 };

  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN | G_IO_OUT, poller_on_ready, &fixture->calls);
  poller_add_socket (fixture->poller, alone, G_IO_OUT, poller_on_ready, &alone_calls);

  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_OUT);
  g_assert_cmpuint (alone_calls.n_calls, ==, 0);

  test_send_string (fixture->peer, "hello");
  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_IN | G_IO_OUT);

  g_clear_object (&fixture->poller);
}

static void
test_modify_socket (PollerFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  test_send_string (fixture->peer, "hello");
  poller_add_socket (fixture->poller, fixture->socket, 0, poller_on_ready, &fixture->calls);
  g_assert_cmpint (poller_wait_for (fixture->poller, 1000), ==, 0);

  zmqglib_poller_modify_socket (fixture->poller, fixture->socket, G_IO_IN, &error);
  g_assert_no_error (error);
  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_IN);

  zmqglib_poller_modify_socket (fixture->poller, fixture->socket, G_IO_OUT, &error);
  g_assert_no_error (error);
  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_OUT);

  zmqglib_poller_modify_socket (fixture->poller, fixture->socket, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (poller_wait_for (fixture->poller, 1000), ==, 0);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 2);
}

static void
test_remove_socket (PollerFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  test_send_string (fixture->peer, "hello");
  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, poller_on_ready, &fixture->calls);
  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);

  g_assert_true (zmqglib_poller_remove_socket (fixture->poller, fixture->socket, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);
  g_assert_cmpint (poller_wait_for (fixture->poller, 0), ==, 0);

  /* what was removed can come back */
  fixture->calls = (PollerCalls){ 0 };
  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, poller_on_ready, &fixture->calls);
  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
}

static void
test_fd (PollerFixture *fixture,
         gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  PollerCalls output = { 0 };
  char        byte;
  int         fds[2];

  poller_open_pipe (fds);
  poller_add_fd (fixture->poller, fds[0], G_IO_IN, poller_on_ready, &fixture->calls);
  g_assert_cmpint (poller_wait_for (fixture->poller, 1000), ==, 0);

  poller_add_fd (fixture->poller, fds[1], G_IO_OUT, poller_on_ready, &output);
  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (output.fd, ==, fds[1]);
  g_assert_cmpint (output.condition, ==, G_IO_OUT);

  poller_write_byte (fds[1]);
  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 2);
  g_assert_cmpint (fixture->calls.fd, ==, fds[0]);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_IN);

  zmqglib_poller_modify_fd (fixture->poller, fds[1], 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (read (fds[0], &byte, 1), ==, 1);
  g_assert_cmpint (poller_wait_for (fixture->poller, 1000), ==, 0);

  g_assert_true (zmqglib_poller_remove_fd (fixture->poller, fds[1], &error));
  g_assert_no_error (error);
  g_assert_cmpuint (output.n_destroyed, ==, 1);
  close (fds[1]);
  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_HUP);

  g_clear_object (&fixture->poller);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);
  close (fds[0]);
}

/* Regular files are always ready, and epoll knows nothing of them. */
static void
test_fd_regular_file (PollerFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSource) source = NULL;
  g_autofree char *name = NULL;
  int              fd = g_file_open_tmp ("zmqglib-XXXXXX", &name, &error);

  g_assert_no_error (error);
  g_unlink (name);

  poller_add_fd (fixture->poller, fd, G_IO_IN | G_IO_OUT, poller_on_ready, &fixture->calls);
  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.fd, ==, fd);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_IN | G_IO_OUT);

  zmqglib_poller_modify_fd (fixture->poller, fd, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (poller_wait_for (fixture->poller, 1000), ==, 0);

  /* the same in a main context, also when it has joined after the source */
  g_assert_true (zmqglib_poller_remove_fd (fixture->poller, fd, &error));
  g_assert_no_error (error);
  source = zmqglib_poller_create_source (fixture->poller);
  g_source_attach (source, NULL);
  fixture->calls = (PollerCalls){ 0 };
  poller_add_fd (fixture->poller, fd, G_IO_IN, poller_on_ready, &fixture->calls);
  test_iterate_until (NULL, poller_was_called, &fixture->calls);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_IN);

  g_assert_true (zmqglib_poller_remove_fd (fixture->poller, fd, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);
  poller_settle ();
  g_source_destroy (source);
  close (fd);
}

/* The same file by two numbers: epoll takes both, and a program may have them in two pollers. */
static void
test_fd_in_two_pollers (PollerFixture *fixture,
                        gconstpointer  data)
{
  g_autoptr (ZmqPoller) other = zmqglib_poller_new ();
  PollerCalls other_calls = { 0 };
  int         fds[2];
  int         duplicate;

  poller_open_pipe (fds);
  duplicate = dup (fds[0]);
  poller_write_byte (fds[1]);

  poller_add_fd (fixture->poller, fds[0], G_IO_IN, poller_on_ready, &fixture->calls);
  poller_add_fd (fixture->poller, duplicate, G_IO_IN, poller_on_ready, &fixture->calls);
  poller_add_fd (other, fds[0], G_IO_IN, poller_on_ready, &other_calls);

  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 2);
  g_assert_cmpint (poller_wait_long (other), ==, 1);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 2);
  g_assert_cmpuint (other_calls.n_calls, ==, 1);

  g_clear_object (&fixture->poller);
  g_clear_object (&other);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 2);
  close (duplicate);
  close (fds[0]);
  close (fds[1]);
}

static void
test_bad_socket (PollerFixture *fixture,
                 gconstpointer  data)
{
  ZmqPoller   *poller = fixture->poller;
  ZmqSocket   *socket = fixture->socket;
  PollerCalls *calls = &fixture->calls;
  GError      *error = NULL;

  g_assert_false (zmqglib_poller_modify_socket (poller, socket, G_IO_IN, &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_FOUND, "pair");
  g_assert_false (zmqglib_poller_remove_socket (poller, socket, &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_FOUND, "pair");

  g_assert_false (zmqglib_poller_add_socket (poller, socket, G_IO_IN | G_IO_PRI, poller_on_ready, calls,
                                             poller_on_destroy, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "0x3");

  poller_add_socket (poller, socket, G_IO_IN, poller_on_ready, calls);
  g_assert_false (zmqglib_poller_add_socket (poller, socket, G_IO_IN, poller_on_ready, calls, poller_on_destroy,
                                             &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "pair");
  g_assert_false (zmqglib_poller_modify_socket (poller, socket, G_IO_ERR, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "0x8");

  zmqglib_socket_close (fixture->peer);
  g_assert_false (zmqglib_poller_add_socket (poller, fixture->peer, G_IO_IN, poller_on_ready, calls,
                                             poller_on_destroy, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "poller");

  g_assert_cmpuint (calls->n_destroyed, ==, 0);
  g_assert_true (zmqglib_poller_remove_socket (poller, socket, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (calls->n_destroyed, ==, 1);
}

static void
test_bad_fd (PollerFixture *fixture,
             gconstpointer  data)
{
  ZmqPoller       *poller = fixture->poller;
  PollerCalls     *calls = &fixture->calls;
  GError          *error = NULL;
  g_autofree char *number = NULL;
  int              fds[2];

  poller_open_pipe (fds);
  number = g_strdup_printf ("%d", fds[0]);

  g_assert_false (zmqglib_poller_modify_fd (poller, fds[0], G_IO_IN, &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_FOUND, number);
  g_assert_false (zmqglib_poller_remove_fd (poller, fds[0], &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_FOUND, number);

  g_assert_false (zmqglib_poller_add_fd (poller, fds[0], G_IO_HUP, poller_on_ready, calls, poller_on_destroy,
                                         &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "0x10");

  poller_add_fd (poller, fds[0], G_IO_IN | G_IO_PRI, poller_on_ready, calls);
  g_assert_false (zmqglib_poller_add_fd (poller, fds[0], G_IO_IN, poller_on_ready, calls, poller_on_destroy,
                                         &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, number);
  g_assert_false (zmqglib_poller_modify_fd (poller, fds[0], G_IO_NVAL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "0x20");
  g_assert_true (zmqglib_poller_remove_fd (poller, fds[0], &error));
  g_assert_no_error (error);
  g_assert_cmpuint (calls->n_destroyed, ==, 1);

  close (fds[0]);
  close (fds[1]);
  g_assert_false (zmqglib_poller_add_fd (poller, fds[0], G_IO_IN, poller_on_ready, calls, poller_on_destroy,
                                         &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, g_strerror (EBADF));
  g_assert_false (zmqglib_poller_add_fd (poller, -1, G_IO_IN, poller_on_ready, calls, poller_on_destroy, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "-1");
  g_assert_cmpuint (calls->n_destroyed, ==, 1);
}

static void
test_destroy_once (PollerFixture *fixture,
                   gconstpointer  data)
{
  PollerCalls fd_calls = { 0 };
  int         fds[2];

  poller_open_pipe (fds);
  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, poller_on_ready, &fixture->calls);
  poller_add_fd (fixture->poller, fds[0], G_IO_IN, poller_on_ready, &fd_calls);

  g_object_run_dispose (G_OBJECT (fixture->poller));
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);
  g_assert_cmpuint (fd_calls.n_destroyed, ==, 1);
  g_assert_finalize_object (g_steal_pointer (&fixture->poller));
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);
  g_assert_cmpuint (fd_calls.n_destroyed, ==, 1);

  close (fds[0]);
  close (fds[1]);
}

/* The poller keeps its sockets, and gives them back. */
static void
test_keeps_socket (PollerFixture *fixture,
                   gconstpointer  data)
{
  ZmqSocket *socket = g_steal_pointer (&fixture->socket);

  test_send_string (fixture->peer, "hello");
  poller_add_socket (fixture->poller, socket, G_IO_IN, poller_on_ready_remove, &fixture->calls);
  g_object_add_weak_pointer (G_OBJECT (socket), (gpointer *) &socket);
  g_object_unref (socket);
  g_assert_nonnull (socket);

  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
  g_assert_null (socket);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);
}

static void
test_shut_down (PollerFixture *fixture,
                gconstpointer  data)
{
  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, poller_on_ready, &fixture->calls);
  g_assert_cmpint (poller_wait_for (fixture->poller, 0), ==, 0);

  zmqglib_context_shutdown (fixture->context);
  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_HUP);
  g_assert_true (fixture->calls.socket == fixture->socket);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);

  g_assert_cmpint (poller_wait_for (fixture->poller, 1000), ==, 0);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 1);
  g_assert_false (zmqglib_poller_remove_socket (fixture->poller, fixture->socket, NULL));
}

static void
test_closed (PollerFixture *fixture,
             gconstpointer  data)
{
  poller_add_socket (fixture->poller, fixture->socket, 0, poller_on_ready, &fixture->calls);
  g_assert_cmpint (poller_wait_for (fixture->poller, 0), ==, 0);

  zmqglib_socket_close (fixture->socket);
  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_NVAL);
  g_assert_true (fixture->calls.socket == fixture->socket);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);

  g_assert_cmpint (poller_wait_for (fixture->poller, 1000), ==, 0);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 1);
  g_assert_false (zmqglib_poller_modify_socket (fixture->poller, fixture->socket, G_IO_IN, NULL));
}

/* A closed socket may be taken out before it is reported; its descriptor is another's by then. */
static void
test_closed_and_removed (PollerFixture *fixture,
                         gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) next = NULL;
  g_autoptr (ZmqSocket) next_peer = NULL;
  PollerCalls next_calls = { 0 };

  poller_add_socket (fixture->poller, fixture->socket, G_IO_IN, poller_on_ready, &fixture->calls);
  zmqglib_socket_close (fixture->socket);
  test_socket_pair (fixture->context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, &next,
                    &next_peer);
  poller_add_socket (fixture->poller, next, G_IO_IN, poller_on_ready, &next_calls);

  g_assert_true (zmqglib_poller_remove_socket (fixture->poller, fixture->socket, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 0);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);

  test_send_string (next_peer, "hello");
  g_assert_cmpint (poller_wait_long (fixture->poller), ==, 1);
  g_assert_cmpuint (next_calls.n_calls, ==, 1);

  g_clear_object (&fixture->poller);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  poller_test_add ("/poller/socket/in", test_socket_in);
  poller_test_add ("/poller/without-function", test_without_function);
  poller_test_add ("/poller/socket/out", test_socket_out);
  poller_test_add ("/poller/socket/modify", test_modify_socket);
  poller_test_add ("/poller/socket/remove", test_remove_socket);
  poller_test_add ("/poller/socket/bad-input", test_bad_socket);
  poller_test_add ("/poller/socket/kept", test_keeps_socket);
  poller_test_add ("/poller/socket/shut-down", test_shut_down);
  poller_test_add ("/poller/socket/closed", test_closed);
  poller_test_add ("/poller/socket/closed-and-removed", test_closed_and_removed);
  poller_test_add ("/poller/fd/ready", test_fd);
  poller_test_add ("/poller/fd/regular-file", test_fd_regular_file);
  poller_test_add ("/poller/fd/two-pollers", test_fd_in_two_pollers);
  poller_test_add ("/poller/fd/bad-input", test_bad_fd);
  poller_test_add ("/poller/destroy-once", test_destroy_once);

  return g_test_run ();
}

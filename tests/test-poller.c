/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "test-util.h"

/* longer than any slice of the poller */
#define SLOW_US 5000

/* How often a function was called, with what, and how often its data was freed. */
typedef struct
{
  guint        n_calls;
  guint        n_destroyed;
  ZmqSocket   *socket;
  int          fd;
  GIOCondition condition;
} Calls;

typedef struct
{
  ZmqContext *context;
  ZmqSocket  *socket;
  ZmqSocket  *peer;
  ZmqPoller  *poller;
  Calls       calls;
} Fixture;

static void
fixture_set_up (Fixture      *fixture,
                gconstpointer data)
{
  fixture->context = zmqglib_context_new ();
  fixture->poller = zmqglib_poller_new ();
  test_socket_pair (fixture->context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR,
                    &fixture->socket, &fixture->peer);
}

static void
fixture_tear_down (Fixture      *fixture,
                   gconstpointer data)
{
  g_clear_object (&fixture->poller);
  g_clear_object (&fixture->socket);
  g_clear_object (&fixture->peer);
  g_clear_object (&fixture->context);
}

static void
on_destroy (gpointer data)
{
  ((Calls *) data)->n_destroyed++;
}

static void
on_ready (ZmqPoller   *poller,
          ZmqSocket   *socket,
          int          fd,
          GIOCondition condition,
          gpointer     user_data)
{
  Calls *calls = user_data;

  g_assert_cmpuint (calls->n_destroyed, ==, 0);
  g_assert_true (ZMQGLIB_IS_POLLER (poller));
  g_assert_true ((socket != NULL) == (fd == -1));

  calls->n_calls++;
  calls->socket = socket;
  calls->fd = fd;
  calls->condition = condition;
}

static void
add_socket (ZmqPoller    *poller,
            ZmqSocket    *socket,
            GIOCondition  condition,
            ZmqPollerFunc func,
            gpointer      data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (zmqglib_poller_add_socket (poller, socket, condition, func, data, on_destroy,
                                            &error));
  g_assert_no_error (error);
}

static void
add_fd (ZmqPoller    *poller,
        int           fd,
        GIOCondition  condition,
        ZmqPollerFunc func,
        gpointer      data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (zmqglib_poller_add_fd (poller, fd, condition, func, data, on_destroy, &error));
  g_assert_no_error (error);
}

static int
wait_for (ZmqPoller *poller,
          gint64     timeout_us)
{
  g_autoptr (GError) error = NULL;
  int n_called = zmqglib_poller_wait (poller, timeout_us, NULL, &error);

  g_assert_no_error (error);

  return n_called;
}

static int
wait_long (ZmqPoller *poller)
{
  return wait_for (poller, TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC);
}

static void
open_pipe (int fds[2])
{
  g_autoptr (GError) error = NULL;

  g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, &error));
  g_assert_no_error (error);
}

static void
write_byte (int fd)
{
  g_assert_cmpint (write (fd, "x", 1), ==, 1);
}

static gboolean
was_called (gpointer data)
{
  return ((Calls *) data)->n_calls > 0;
}

/* Lets the default context do all that it can do now. After a slice there is an iteration without
 * anything to do. */
static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE) || g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_socket_in (Fixture      *fixture,
                gconstpointer data)
{
  Calls *calls = &fixture->calls;

  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready, calls);
  g_assert_cmpint (wait_for (fixture->poller, 0), ==, 0);
  g_assert_cmpuint (calls->n_calls, ==, 0);

  test_send_string (fixture->peer, "one");
  test_send_string (fixture->peer, "two");
  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
  g_assert_true (calls->socket == fixture->socket);
  g_assert_cmpint (calls->condition, ==, G_IO_IN);

  /* for as long as there is something */
  g_assert_cmpint (wait_for (fixture->poller, 0), ==, 1);
  test_receive_string (fixture->socket, "one");
  g_assert_cmpint (wait_for (fixture->poller, 0), ==, 1);
  test_receive_string (fixture->socket, "two");
  g_assert_cmpint (wait_for (fixture->poller, 0), ==, 0);
  g_assert_cmpuint (calls->n_calls, ==, 3);
}

static void
test_socket_out (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (ZmqSocket) alone = test_socket_new (fixture->context, ZMQGLIB_SOCKET_PUSH);
  Calls alone_calls = { 0 };

  add_socket (fixture->poller, fixture->socket, G_IO_IN | G_IO_OUT, on_ready, &fixture->calls);
  add_socket (fixture->poller, alone, G_IO_OUT, on_ready, &alone_calls);

  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_OUT);
  g_assert_cmpuint (alone_calls.n_calls, ==, 0);

  test_send_string (fixture->peer, "hello");
  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_IN | G_IO_OUT);

  g_clear_object (&fixture->poller);
}

static void
test_modify_socket (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  test_send_string (fixture->peer, "hello");
  add_socket (fixture->poller, fixture->socket, 0, on_ready, &fixture->calls);
  g_assert_cmpint (wait_for (fixture->poller, 1000), ==, 0);

  zmqglib_poller_modify_socket (fixture->poller, fixture->socket, G_IO_IN, &error);
  g_assert_no_error (error);
  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_IN);

  zmqglib_poller_modify_socket (fixture->poller, fixture->socket, G_IO_OUT, &error);
  g_assert_no_error (error);
  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_OUT);

  zmqglib_poller_modify_socket (fixture->poller, fixture->socket, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (wait_for (fixture->poller, 1000), ==, 0);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 2);
}

static void
test_remove_socket (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  test_send_string (fixture->peer, "hello");
  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready, &fixture->calls);
  g_assert_cmpint (wait_long (fixture->poller), ==, 1);

  g_assert_true (zmqglib_poller_remove_socket (fixture->poller, fixture->socket, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);
  g_assert_cmpint (wait_for (fixture->poller, 0), ==, 0);

  /* what was removed can come back */
  fixture->calls = (Calls){ 0 };
  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready, &fixture->calls);
  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
}

static void
test_fd (Fixture      *fixture,
         gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Calls output = { 0 };
  char  byte;
  int   fds[2];

  open_pipe (fds);
  add_fd (fixture->poller, fds[0], G_IO_IN, on_ready, &fixture->calls);
  g_assert_cmpint (wait_for (fixture->poller, 1000), ==, 0);

  add_fd (fixture->poller, fds[1], G_IO_OUT, on_ready, &output);
  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (output.fd, ==, fds[1]);
  g_assert_cmpint (output.condition, ==, G_IO_OUT);

  write_byte (fds[1]);
  g_assert_cmpint (wait_long (fixture->poller), ==, 2);
  g_assert_cmpint (fixture->calls.fd, ==, fds[0]);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_IN);

  zmqglib_poller_modify_fd (fixture->poller, fds[1], 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (read (fds[0], &byte, 1), ==, 1);
  g_assert_cmpint (wait_for (fixture->poller, 1000), ==, 0);

  g_assert_true (zmqglib_poller_remove_fd (fixture->poller, fds[1], &error));
  g_assert_no_error (error);
  g_assert_cmpuint (output.n_destroyed, ==, 1);
  close (fds[1]);
  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_HUP);

  g_clear_object (&fixture->poller);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);
  close (fds[0]);
}

/* Regular files are always ready, and epoll knows nothing of them. */
static void
test_fd_regular_file (Fixture      *fixture,
                      gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSource) source = NULL;
  g_autofree char *name = NULL;
  int              fd = g_file_open_tmp ("zmqglib-XXXXXX", &name, &error);

  g_assert_no_error (error);
  g_unlink (name);

  add_fd (fixture->poller, fd, G_IO_IN | G_IO_OUT, on_ready, &fixture->calls);
  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.fd, ==, fd);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_IN | G_IO_OUT);

  zmqglib_poller_modify_fd (fixture->poller, fd, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (wait_for (fixture->poller, 1000), ==, 0);

  /* the same in a main context, also when it has joined after the source */
  g_assert_true (zmqglib_poller_remove_fd (fixture->poller, fd, &error));
  g_assert_no_error (error);
  source = zmqglib_poller_create_source (fixture->poller);
  g_source_attach (source, NULL);
  fixture->calls = (Calls){ 0 };
  add_fd (fixture->poller, fd, G_IO_IN, on_ready, &fixture->calls);
  test_iterate_until (NULL, was_called, &fixture->calls);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_IN);

  g_assert_true (zmqglib_poller_remove_fd (fixture->poller, fd, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);
  settle ();
  g_source_destroy (source);
  close (fd);
}

/* The same file by two numbers: epoll takes both, and a program may have them in two pollers. */
static void
test_fd_in_two_pollers (Fixture      *fixture,
                        gconstpointer data)
{
  g_autoptr (ZmqPoller) other = zmqglib_poller_new ();
  Calls other_calls = { 0 };
  int   fds[2];
  int   duplicate;

  open_pipe (fds);
  duplicate = dup (fds[0]);
  write_byte (fds[1]);

  add_fd (fixture->poller, fds[0], G_IO_IN, on_ready, &fixture->calls);
  add_fd (fixture->poller, duplicate, G_IO_IN, on_ready, &fixture->calls);
  add_fd (other, fds[0], G_IO_IN, on_ready, &other_calls);

  g_assert_cmpint (wait_long (fixture->poller), ==, 2);
  g_assert_cmpint (wait_long (other), ==, 1);
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
test_bad_socket (Fixture      *fixture,
                 gconstpointer data)
{
  ZmqPoller *poller = fixture->poller;
  ZmqSocket *socket = fixture->socket;
  Calls     *calls = &fixture->calls;
  GError    *error = NULL;

  g_assert_false (zmqglib_poller_modify_socket (poller, socket, G_IO_IN, &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_FOUND, "pair");
  g_assert_false (zmqglib_poller_remove_socket (poller, socket, &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_FOUND, "pair");

  g_assert_false (zmqglib_poller_add_socket (poller, socket, G_IO_IN | G_IO_PRI, on_ready, calls,
                                             on_destroy, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "0x3");

  add_socket (poller, socket, G_IO_IN, on_ready, calls);
  g_assert_false (zmqglib_poller_add_socket (poller, socket, G_IO_IN, on_ready, calls, on_destroy,
                                             &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "pair");
  g_assert_false (zmqglib_poller_modify_socket (poller, socket, G_IO_ERR, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "0x8");

  zmqglib_socket_close (fixture->peer);
  g_assert_false (zmqglib_poller_add_socket (poller, fixture->peer, G_IO_IN, on_ready, calls,
                                             on_destroy, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "poller");

  g_assert_cmpuint (calls->n_destroyed, ==, 0);
  g_assert_true (zmqglib_poller_remove_socket (poller, socket, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (calls->n_destroyed, ==, 1);
}

static void
test_bad_fd (Fixture      *fixture,
             gconstpointer data)
{
  ZmqPoller       *poller = fixture->poller;
  Calls           *calls = &fixture->calls;
  GError          *error = NULL;
  g_autofree char *number = NULL;
  int              fds[2];

  open_pipe (fds);
  number = g_strdup_printf ("%d", fds[0]);

  g_assert_false (zmqglib_poller_modify_fd (poller, fds[0], G_IO_IN, &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_FOUND, number);
  g_assert_false (zmqglib_poller_remove_fd (poller, fds[0], &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_FOUND, number);

  g_assert_false (zmqglib_poller_add_fd (poller, fds[0], G_IO_HUP, on_ready, calls, on_destroy,
                                         &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "0x10");

  add_fd (poller, fds[0], G_IO_IN | G_IO_PRI, on_ready, calls);
  g_assert_false (zmqglib_poller_add_fd (poller, fds[0], G_IO_IN, on_ready, calls, on_destroy,
                                         &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, number);
  g_assert_false (zmqglib_poller_modify_fd (poller, fds[0], G_IO_NVAL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "0x20");
  g_assert_true (zmqglib_poller_remove_fd (poller, fds[0], &error));
  g_assert_no_error (error);
  g_assert_cmpuint (calls->n_destroyed, ==, 1);

  close (fds[0]);
  close (fds[1]);
  g_assert_false (zmqglib_poller_add_fd (poller, fds[0], G_IO_IN, on_ready, calls, on_destroy,
                                         &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, g_strerror (EBADF));
  g_assert_false (zmqglib_poller_add_fd (poller, -1, G_IO_IN, on_ready, calls, on_destroy, &error));
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "-1");
  g_assert_cmpuint (calls->n_destroyed, ==, 1);
}

static void
test_wait_empty (Fixture      *fixture,
                 gconstpointer data)
{
  GError *error = NULL;

  g_assert_cmpint (zmqglib_poller_wait (fixture->poller, -1, NULL, &error), ==, -1);
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "poller");

  /* it becomes empty again */
  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready, &fixture->calls);
  zmqglib_poller_remove_socket (fixture->poller, fixture->socket, &error);
  g_assert_no_error (error);
  g_assert_cmpint (zmqglib_poller_wait (fixture->poller, -1, NULL, &error), ==, -1);
  test_assert_error (error, ZMQGLIB_ERROR_INVALID_ARGUMENT, "poller");

  g_assert_cmpint (wait_for (fixture->poller, 0), ==, 0);
}

static void
test_wait_timeout (Fixture      *fixture,
                   gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();

  g_assert_cmpint (wait_for (fixture->poller, 3000), ==, 0);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 3000);

  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready, &fixture->calls);
  begin = g_get_monotonic_time ();
  g_assert_cmpint (wait_for (fixture->poller, 3000), ==, 0);
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
test_wait_cancelled (Fixture      *fixture,
                     gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("cancel", cancel_thread, cancellable);

  /* also an empty poller can wait for ever then */
  g_assert_cmpint (zmqglib_poller_wait (fixture->poller, -1, cancellable, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_thread_join (thread);

  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready, &fixture->calls);
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
test_wait_wakes (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready, &fixture->calls);
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
  on_ready (poller, socket, fd, condition, user_data);
  g_usleep (SLOW_US);
}

/* The time slice is for main contexts: one wait is one zmq_poll(), whatever the functions take. */
static void
test_wait_serves_all_once (Fixture      *fixture,
                           gconstpointer data)
{
  Calls peer_calls = { 0 };
  Calls fd_calls = { 0 };
  int   fds[2];

  open_pipe (fds);
  write_byte (fds[1]);
  test_send_string (fixture->peer, "hello");
  test_send_string (fixture->socket, "hello");

  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready_slowly, &fixture->calls);
  add_socket (fixture->poller, fixture->peer, G_IO_IN, on_ready_slowly, &peer_calls);
  add_fd (fixture->poller, fds[0], G_IO_IN, on_ready_slowly, &fd_calls);

  for (guint i = 1; i <= 3; i++)
    {
      g_assert_cmpint (wait_for (fixture->poller, 0), ==, 3);
      g_assert_cmpuint (fixture->calls.n_calls, ==, i);
      g_assert_cmpuint (peer_calls.n_calls, ==, i);
      g_assert_cmpuint (fd_calls.n_calls, ==, i);
    }

  g_clear_object (&fixture->poller);
  close (fds[0]);
  close (fds[1]);
}

static void
on_ready_remove (ZmqPoller   *poller,
                 ZmqSocket   *socket,
                 int          fd,
                 GIOCondition condition,
                 gpointer     user_data)
{
  g_autoptr (GError) error = NULL;
  Calls *calls = user_data;

  on_ready (poller, socket, fd, condition, user_data);
  if (socket != NULL)
    zmqglib_poller_remove_socket (poller, socket, &error);
  else
    zmqglib_poller_remove_fd (poller, fd, &error);
  g_assert_no_error (error);

  /* what the function works with is there until it returns */
  g_assert_cmpuint (calls->n_destroyed, ==, 0);
}

static void
test_remove_in_function (Fixture      *fixture,
                         gconstpointer data)
{
  Calls fd_calls = { 0 };
  int   fds[2];

  open_pipe (fds);
  write_byte (fds[1]);
  test_send_string (fixture->peer, "hello");
  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready_remove, &fixture->calls);
  add_fd (fixture->poller, fds[0], G_IO_IN, on_ready_remove, &fd_calls);

  g_assert_cmpint (wait_long (fixture->poller), ==, 2);
  g_assert_cmpint (wait_for (fixture->poller, 0), ==, 0);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 1);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);
  g_assert_cmpuint (fd_calls.n_calls, ==, 1);
  g_assert_cmpuint (fd_calls.n_destroyed, ==, 1);

  close (fds[0]);
  close (fds[1]);
}

typedef struct
{
  Calls      calls; /* first */
  ZmqSocket *other;
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

  on_ready (poller, socket, fd, condition, user_data);
  zmqglib_poller_remove_socket (poller, replacement->other, &error);
  g_assert_no_error (error);
  zmqglib_poller_remove_socket (poller, socket, &error);
  g_assert_no_error (error);
  add_socket (poller, socket, G_IO_IN, on_ready, replacement);
}

/* Whoever of two that are ready is served first takes the other one out, and itself in anew. */
static void
test_replace_in_function (Fixture      *fixture,
                          gconstpointer data)
{
  Replacement first = { .other = fixture->peer };
  Replacement second = { .other = fixture->socket };

  test_send_string (fixture->peer, "hello");
  test_send_string (fixture->socket, "hello");
  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready_replace, &first);
  add_socket (fixture->poller, fixture->peer, G_IO_IN, on_ready_replace, &second);

  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
  g_assert_cmpuint (first.calls.n_calls + second.calls.n_calls, ==, 1);
  g_assert_cmpuint (first.calls.n_destroyed, ==, 1);
  g_assert_cmpuint (second.calls.n_destroyed, ==, 1);

  first.calls.n_destroyed = second.calls.n_destroyed = 0;
  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
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
  on_ready (poller, socket, fd, condition, user_data);
  /* the one whose function runs is skipped */
  g_assert_cmpint (wait_long (poller), ==, 1);
}

static void
test_wait_in_function (Fixture      *fixture,
                       gconstpointer data)
{
  Calls peer_calls = { 0 };

  test_send_string (fixture->peer, "hello");
  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready_wait, &fixture->calls);
  add_socket (fixture->poller, fixture->peer, G_IO_OUT, on_ready, &peer_calls);

  g_assert_cmpint (wait_long (fixture->poller), >=, 1);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 1);
  g_assert_cmpuint (peer_calls.n_calls, >=, 1);

  g_clear_object (&fixture->poller);
}

static void
test_destroy_once (Fixture      *fixture,
                   gconstpointer data)
{
  Calls fd_calls = { 0 };
  int   fds[2];

  open_pipe (fds);
  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready, &fixture->calls);
  add_fd (fixture->poller, fds[0], G_IO_IN, on_ready, &fd_calls);

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
test_keeps_socket (Fixture      *fixture,
                   gconstpointer data)
{
  ZmqSocket *socket = g_steal_pointer (&fixture->socket);

  test_send_string (fixture->peer, "hello");
  add_socket (fixture->poller, socket, G_IO_IN, on_ready_remove, &fixture->calls);
  g_object_add_weak_pointer (G_OBJECT (socket), (gpointer *) &socket);
  g_object_unref (socket);
  g_assert_nonnull (socket);

  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
  g_assert_null (socket);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);
}

static void
test_shut_down (Fixture      *fixture,
                gconstpointer data)
{
  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready, &fixture->calls);
  g_assert_cmpint (wait_for (fixture->poller, 0), ==, 0);

  zmqglib_context_shutdown (fixture->context);
  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_HUP);
  g_assert_true (fixture->calls.socket == fixture->socket);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);

  g_assert_cmpint (wait_for (fixture->poller, 1000), ==, 0);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 1);
  g_assert_false (zmqglib_poller_remove_socket (fixture->poller, fixture->socket, NULL));
}

static void
test_closed (Fixture      *fixture,
             gconstpointer data)
{
  add_socket (fixture->poller, fixture->socket, 0, on_ready, &fixture->calls);
  g_assert_cmpint (wait_for (fixture->poller, 0), ==, 0);

  zmqglib_socket_close (fixture->socket);
  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_NVAL);
  g_assert_true (fixture->calls.socket == fixture->socket);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);

  g_assert_cmpint (wait_for (fixture->poller, 1000), ==, 0);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 1);
  g_assert_false (zmqglib_poller_modify_socket (fixture->poller, fixture->socket, G_IO_IN, NULL));
}

/* A closed socket may be taken out before it is reported; its descriptor is another's by then. */
static void
test_closed_and_removed (Fixture      *fixture,
                         gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) next = NULL;
  g_autoptr (ZmqSocket) next_peer = NULL;
  Calls next_calls = { 0 };

  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready, &fixture->calls);
  zmqglib_socket_close (fixture->socket);
  test_socket_pair (fixture->context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, &next,
                    &next_peer);
  add_socket (fixture->poller, next, G_IO_IN, on_ready, &next_calls);

  g_assert_true (zmqglib_poller_remove_socket (fixture->poller, fixture->socket, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 0);
  g_assert_cmpuint (fixture->calls.n_destroyed, ==, 1);

  test_send_string (next_peer, "hello");
  g_assert_cmpint (wait_long (fixture->poller), ==, 1);
  g_assert_cmpuint (next_calls.n_calls, ==, 1);

  g_clear_object (&fixture->poller);
}

static void
on_ready_receive (ZmqPoller   *poller,
                  ZmqSocket   *socket,
                  int          fd,
                  GIOCondition condition,
                  gpointer     user_data)
{
  char byte;

  on_ready (poller, socket, fd, condition, user_data);
  if (socket != NULL)
    test_receive_string (socket, "hello");
  else
    g_assert_cmpint (read (fd, &byte, 1), ==, 1);
}

static void
test_source (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (GSource) source = zmqglib_poller_create_source (fixture->poller);
  ZmqPoller *poller = fixture->poller;
  Calls      fd_calls = { 0 };
  int        fds[2];

  open_pipe (fds);
  add_socket (poller, fixture->socket, G_IO_IN, on_ready_receive, &fixture->calls);
  g_source_attach (source, NULL);
  settle ();
  g_assert_cmpuint (fixture->calls.n_calls, ==, 0);

  test_send_string (fixture->peer, "hello");
  test_iterate_until (NULL, was_called, &fixture->calls);
  settle ();
  g_assert_cmpuint (fixture->calls.n_calls, ==, 1);

  /* joins later */
  add_fd (poller, fds[0], G_IO_IN, on_ready_receive, &fd_calls);
  settle ();
  g_assert_cmpuint (fd_calls.n_calls, ==, 0);
  write_byte (fds[1]);
  test_iterate_until (NULL, was_called, &fd_calls);
  settle ();
  g_assert_cmpuint (fd_calls.n_calls, ==, 1);

  /* the source keeps the poller */
  g_object_add_weak_pointer (G_OBJECT (poller), (gpointer *) &poller);
  g_clear_object (&fixture->poller);
  g_assert_nonnull (poller);
  test_send_string (fixture->peer, "hello");
  fixture->calls.n_calls = 0;
  test_iterate_until (NULL, was_called, &fixture->calls);

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
test_source_and_wait (Fixture      *fixture,
                      gconstpointer data)
{
  g_autoptr (GSource) source = zmqglib_poller_create_source (fixture->poller);

  g_source_attach (source, NULL);
  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready_receive, &fixture->calls);

  for (guint i = 0; i < 10; i++)
    {
      fixture->calls.n_calls = 0;
      test_send_string (fixture->peer, "hello");
      if (i % 2 == 0)
        g_assert_cmpint (wait_long (fixture->poller), ==, 1);
      else
        test_iterate_until (NULL, was_called, &fixture->calls);
      g_assert_cmpuint (fixture->calls.n_calls, ==, 1);
    }

  g_source_destroy (source);
}

static void
test_source_dead_sockets (Fixture      *fixture,
                          gconstpointer data)
{
  g_autoptr (GSource) source = zmqglib_poller_create_source (fixture->poller);
  Calls peer_calls = { 0 };

  g_source_attach (source, NULL);
  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready, &fixture->calls);
  add_socket (fixture->poller, fixture->peer, G_IO_IN, on_ready, &peer_calls);
  settle ();

  zmqglib_socket_close (fixture->peer);
  zmqglib_context_shutdown (fixture->context);
  test_iterate_until (NULL, was_called, &peer_calls);
  test_iterate_until (NULL, was_called, &fixture->calls);
  settle ();

  g_assert_cmpint (peer_calls.condition, ==, G_IO_NVAL);
  g_assert_cmpint (fixture->calls.condition, ==, G_IO_HUP);
  g_assert_cmpuint (peer_calls.n_calls, ==, 1);
  g_assert_cmpuint (fixture->calls.n_calls, ==, 1);
  g_source_destroy (source);
}

typedef struct
{
  Calls    calls; /* first */
  GSource *source;
} Dropped;

static void
on_ready_drop (ZmqPoller   *poller,
               ZmqSocket   *socket,
               int          fd,
               GIOCondition condition,
               gpointer     user_data)
{
  Dropped *dropped = user_data;

  on_ready (poller, socket, fd, condition, user_data);
  g_source_destroy (dropped->source);
  g_clear_pointer (&dropped->source, g_source_unref);
}

/* The poller's last reference goes while its function runs. */
static void
test_drop_in_function (Fixture      *fixture,
                       gconstpointer data)
{
  Dropped dropped = { .source = zmqglib_poller_create_source (fixture->poller) };

  g_source_attach (dropped.source, NULL);
  add_socket (fixture->poller, fixture->socket, G_IO_IN, on_ready_drop, &dropped);
  g_object_add_weak_pointer (G_OBJECT (fixture->poller), (gpointer *) &fixture->poller);
  g_object_unref (fixture->poller);

  test_send_string (fixture->peer, "hello");
  test_iterate_until (NULL, was_called, &dropped);
  g_assert_null (fixture->poller);
  g_assert_cmpuint (dropped.calls.n_calls, ==, 1);
  g_assert_cmpuint (dropped.calls.n_destroyed, ==, 1);
}

static void
add_test (const char *path,
          void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, fixture_set_up, test, fixture_tear_down);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add_test ("/poller/socket/in", test_socket_in);
  add_test ("/poller/socket/out", test_socket_out);
  add_test ("/poller/socket/modify", test_modify_socket);
  add_test ("/poller/socket/remove", test_remove_socket);
  add_test ("/poller/socket/bad-input", test_bad_socket);
  add_test ("/poller/socket/kept", test_keeps_socket);
  add_test ("/poller/socket/shut-down", test_shut_down);
  add_test ("/poller/socket/closed", test_closed);
  add_test ("/poller/socket/closed-and-removed", test_closed_and_removed);
  add_test ("/poller/fd/ready", test_fd);
  add_test ("/poller/fd/regular-file", test_fd_regular_file);
  add_test ("/poller/fd/two-pollers", test_fd_in_two_pollers);
  add_test ("/poller/fd/bad-input", test_bad_fd);
  add_test ("/poller/wait/empty", test_wait_empty);
  add_test ("/poller/wait/timeout", test_wait_timeout);
  add_test ("/poller/wait/cancelled", test_wait_cancelled);
  add_test ("/poller/wait/wakes", test_wait_wakes);
  add_test ("/poller/wait/serves-all-once", test_wait_serves_all_once);
  add_test ("/poller/function/removes-itself", test_remove_in_function);
  add_test ("/poller/function/replaces", test_replace_in_function);
  add_test ("/poller/function/waits", test_wait_in_function);
  add_test ("/poller/function/drops-poller", test_drop_in_function);
  add_test ("/poller/destroy-once", test_destroy_once);
  add_test ("/poller/source/ready", test_source);
  add_test ("/poller/source/and-wait", test_source_and_wait);
  add_test ("/poller/source/dead-sockets", test_source_dead_sockets);

  return g_test_run ();
}

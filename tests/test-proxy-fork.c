/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test-proxy.h"

/* What becomes of a proxy in a process that is forked. */

/* In the child of a process it is dead, and the parent’s goes on. */
static void
drop_in_child (Middle *middle)
{
  alarm (TEST_TIMEOUT_SECONDS);
  /* one, when the turn has ended */
  if (zmqglib_proxy_get_n_forwarded_in (middle->proxy) > 1)
    _exit (1);
  zmqglib_proxy_stop (middle->proxy);
  g_clear_object (&middle->proxy);
  _exit (0);
}

static void
assert_child_ends (pid_t child)
{
  int status;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
}

static void
test_fork (gconstpointer data)
{
  g_auto (Middle) middle = MIDDLE_INIT;
  pid_t child;

  if (test_is_slow_tool ())
    {
      g_test_skip ("What a child leaves alone is lost for valgrind");
      return;
    }

  middle_open (&middle, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL);
  middle_start (&middle, data);
  test_send_string (middle.client, "before");
  middle_receive (&middle, middle.service, "before");

  child = fork ();
  if (child == 0)
    drop_in_child (&middle);
  assert_child_ends (child);

  test_send_string (middle.client, "after");
  middle_receive (&middle, middle.service, "after");
}

/* What is dropped by a child that is forked in the next call below. */
static Middle *forked;

/* In the place of GLib's: the proxy calls it for a prefix, with its lock. */
GBytes *
g_bytes_ref (GBytes *bytes)
{
  GBytes *(*actual) (GBytes *);
  Middle *middle = g_atomic_pointer_exchange (&forked, NULL);
  pid_t   child;

  if (middle != NULL)
    {
      child = fork ();
      if (child == 0)
        drop_in_child (middle);
      assert_child_ends (child);
    }

  actual = dlsym (RTLD_NEXT, "g_bytes_ref");

  return actual (bytes);
}

/* No program can keep the thread of a proxy from having its lock when it forks: the child does not wait for it. */
static void
test_fork_while_locked (gconstpointer data)
{
  g_auto (Middle) middle = MIDDLE_INIT;
  g_autoptr (ZmqSocket) capture = NULL;
  g_autoptr (ZmqSocket) watcher = NULL;
  g_autoptr (GBytes) prefix = g_bytes_new_static ("in", 2);

  if (test_is_slow_tool ())
    {
      g_test_skip ("What a child leaves alone is lost for valgrind");
      return;
    }

  middle_open (&middle, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL);
  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PUSH, ZMQGLIB_SOCKET_PULL, &capture, &watcher);
  g_clear_object (&middle.proxy);
  middle.proxy = zmqglib_proxy_new (middle.frontend, middle.backend, capture, NULL);
  g_object_set (middle.proxy, "prefix-in", prefix, NULL);
  middle_start (&middle, data);
  test_send_string (middle.client, "before");
  middle_receive (&middle, middle.service, "before");

  g_atomic_pointer_set (&forked, &middle);
  test_send_string (middle.client, "after");
  middle_receive (&middle, middle.service, "after");
  /* the proxy's thread may be about to capture it */
  test_until (g_atomic_pointer_get (&forked) == NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  middle_add_tests ("/proxy-fork/dead-in-child", test_fork);
  middle_add_tests ("/proxy-fork/while-locked", test_fork_while_locked);

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-unix.h>
#include <unistd.h>

#include "test-util.h"

G_BEGIN_DECLS

/* How often a function was called, with what, and how often its data was freed. */
typedef struct
{
  guint        n_calls;
  guint        n_destroyed;
  ZmqSocket   *socket;
  int          fd;
  GIOCondition condition;
} PollerCalls;

/* Two connected sockets, and a poller that has none of them yet. */
typedef struct
{
  ZmqContext *context;
  ZmqSocket  *socket;
  ZmqSocket  *peer;
  ZmqPoller  *poller;
  PollerCalls calls;
} PollerFixture;

static inline void
poller_fixture_set_up (PollerFixture *fixture,
                       gconstpointer  data)
{
  fixture->context = zmqglib_context_new ();
  fixture->poller = zmqglib_poller_new ();
  test_socket_pair (fixture->context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR,
                    &fixture->socket, &fixture->peer);
}

static inline void
poller_fixture_tear_down (PollerFixture *fixture,
                          gconstpointer  data)
{
  g_clear_object (&fixture->poller);
  g_clear_object (&fixture->socket);
  g_clear_object (&fixture->peer);
  g_clear_object (&fixture->context);
}

static inline void
poller_on_destroy (gpointer data)
{
  ((PollerCalls *) data)->n_destroyed++;
}

static inline void
poller_on_ready (ZmqPoller   *poller,
                 ZmqSocket   *socket,
                 int          fd,
                 GIOCondition condition,
                 gpointer     user_data)
{
  PollerCalls *calls = user_data;

  g_assert_cmpuint (calls->n_destroyed, ==, 0);
  g_assert_true (ZMQGLIB_IS_POLLER (poller));
  g_assert_true ((socket != NULL) == (fd == -1));

  calls->n_calls++;
  calls->socket = socket;
  calls->fd = fd;
  calls->condition = condition;
}

static inline void
poller_add_socket (ZmqPoller    *poller,
                   ZmqSocket    *socket,
                   GIOCondition  condition,
                   ZmqPollerFunc func,
                   gpointer      data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (zmqglib_poller_add_socket (poller, socket, condition, func, data, poller_on_destroy,
                                            &error));
  g_assert_no_error (error);
}

static inline void
poller_add_fd (ZmqPoller    *poller,
               int           fd,
               GIOCondition  condition,
               ZmqPollerFunc func,
               gpointer      data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (zmqglib_poller_add_fd (poller, fd, condition, func, data, poller_on_destroy, &error));
  g_assert_no_error (error);
}

static inline int
poller_wait_for (ZmqPoller *poller,
                 gint64     timeout_us)
{
  g_autoptr (GError) error = NULL;
  int n_called = zmqglib_poller_wait (poller, timeout_us, NULL, &error);

  g_assert_no_error (error);

  return n_called;
}

static inline int
poller_wait_long (ZmqPoller *poller)
{
  return poller_wait_for (poller, TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC);
}

static inline void
poller_open_pipe (int fds[2])
{
  g_autoptr (GError) error = NULL;

  g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, &error));
  g_assert_no_error (error);
}

static inline void
poller_write_byte (int fd)
{
  g_assert_cmpint (write (fd, "x", 1), ==, 1);
}

static inline gboolean
poller_was_called (gpointer data)
{
  return ((PollerCalls *) data)->n_calls > 0;
}

/* Lets the default context do all that it can do now. After a slice there is an iteration without
 * anything to do. */
static inline void
poller_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE) || g_main_context_iteration (NULL, FALSE))
    ;
}

static inline void
poller_on_ready_remove (ZmqPoller   *poller,
                        ZmqSocket   *socket,
                        int          fd,
                        GIOCondition condition,
                        gpointer     user_data)
{
  g_autoptr (GError) error = NULL;
  PollerCalls *calls = user_data;

  poller_on_ready (poller, socket, fd, condition, user_data);
  if (socket != NULL)
    zmqglib_poller_remove_socket (poller, socket, &error);
  else
    zmqglib_poller_remove_fd (poller, fd, &error);
  g_assert_no_error (error);

  /* what the function works with is there until it returns */
  g_assert_cmpuint (calls->n_destroyed, ==, 0);
}

static inline void
poller_test_add (const char *path,
                 void (*test) (PollerFixture *, gconstpointer))
{
  g_test_add (path, PollerFixture, NULL, poller_fixture_set_up, test, poller_fixture_tear_down);
}

G_END_DECLS

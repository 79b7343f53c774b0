/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include "config.h"

#include "test-util.h"

#include <dlfcn.h>
#include <sys/resource.h>
#include <zmq.h>

/* Any number of operations under way cost an iteration of the main loop nothing: no call of libzmq, and
 * no source of their own for a timeout or a cancellable. */

#define N_ITERATIONS 20000

static int n_calls; /* of zmq_getsockopt() */

/* In place of libzmq's, for the whole program. */
int
zmq_getsockopt (void   *handle,
                int     option,
                void   *value,
                size_t *size)
{
  static int (*original) (void *, int, void *, size_t *);

  if (original == NULL)
    original = (int (*) (void *, int, void *, size_t *)) dlsym (RTLD_NEXT, "zmq_getsockopt");
  g_atomic_int_inc (&n_calls);

  return original (handle, option, value, size);
}

static guint
get_n_sockets (void)
{
  guint         n_sockets = test_is_slow_tool () ? 500 : 10000;
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);

  return MIN (n_sockets, limit.rlim_cur / 2 - 100);
}

static gboolean
count_down (gpointer data)
{
  guint *n_left = data;

  return --*n_left > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
is_zero (gpointer data)
{
  return *(guint *) data == 0;
}

/* The processor time of so many iterations, in microseconds. */
static gint64
time_iterations (void)
{
  guint         n_left = N_ITERATIONS;
  struct rusage before, after;

  getrusage (RUSAGE_THREAD, &before);
  g_idle_add (count_down, &n_left);
  test_iterate_until (NULL, is_zero, &n_left);
  getrusage (RUSAGE_THREAD, &after);

  return (after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_stime.tv_sec) * G_USEC_PER_SEC +
         after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_stime.tv_usec;
}

typedef struct
{
  guint n_ended;
  guint n_wanted;
} Count;

static void
on_ended (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Count *count = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (source), result, &error);

  g_assert_null (message);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  count->n_ended++;
}

static gboolean
all_ended (gpointer data)
{
  Count *count = data;

  return count->n_ended == count->n_wanted;
}

static void
test_pending (void)
{
  guint n_sockets = get_n_sockets ();
  g_autoptr (ZmqContext) context = g_object_new (ZMQGLIB_TYPE_CONTEXT, "max-sockets", n_sockets + 10, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  Count  count = { .n_wanted = n_sockets };
  gint64 one = 0, many;

#ifndef HAVE_EPOLL
  g_test_skip ("without epoll each iteration polls all descriptors");
  return;
#endif

  for (guint i = 0; i < n_sockets; i++)
    {
      ZmqSocket *socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);

      g_object_set (socket, "receive-timeout", 600 * 1000, NULL);
      zmqglib_socket_receive_async (socket, G_PRIORITY_DEFAULT, cancellable, on_ended, &count);
      g_ptr_array_add (sockets, socket);
      if (i > 0)
        continue;

      time_iterations ();
      one = time_iterations ();
    }
  time_iterations ();
  g_atomic_int_set (&n_calls, 0);
  many = time_iterations ();
  g_test_message ("%d iterations with one receive pending: %" G_GINT64_FORMAT " µs, with %u: %" G_GINT64_FORMAT " µs",
                  N_ITERATIONS, one, n_sockets, many);

  g_assert_cmpint (g_atomic_int_get (&n_calls), ==, 0);
  g_assert_cmpuint (count.n_ended, ==, 0);
  /* it would be hundreds of times as much with a source each */
  g_assert_cmpint (many, <, 10 * MAX (one, 1000));

  g_cancellable_cancel (cancellable);
  test_iterate_until (NULL, all_ended, &count);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/socket/async/pending-receives-cost-nothing", test_pending);

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <zmq.h>

#include "test-stream-util.h"

/* The ninth promise of a stream: an idle one costs nothing. */

/* Calls of the library into libzmq that ask or take something: the program's symbols come before those
 * of libzmq. */
static int n_calls;

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

int
zmq_msg_recv (zmq_msg_t *message,
              void      *handle,
              int        flags)
{
  static int (*original) (zmq_msg_t *, void *, int);

  if (original == NULL)
    original = (int (*) (zmq_msg_t *, void *, int)) dlsym (RTLD_NEXT, "zmq_msg_recv");
  g_atomic_int_inc (&n_calls);

  return original (message, handle, flags);
}

enum
{
  N_IDLE = 1000,
  N_ITERATIONS = 500
};

static GPtrArray *
make_idle_streams (ZmqContext *context,
                   gboolean    listening,
                   guint      *n_received)
{
  GPtrArray *streams = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < N_IDLE; i++)
    {
      g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
      g_autofree char *endpoint G_GNUC_UNUSED = test_bind (socket, "inproc");
      ZmqStream                *stream = zmqglib_stream_new (socket);

      if (listening)
        stream_connect (stream, G_CALLBACK (stream_on_received_count), n_received);
      g_ptr_array_add (streams, stream);
    }

  return streams;
}

static void
count_iterations (guint n_iterations)
{
  guint n_left = n_iterations;

  g_idle_add (stream_count_down, &n_left);
  test_iterate_until (NULL, stream_is_zero, &n_left);
}

static ZmqContext *
make_large_context (void)
{
  return g_object_new (ZMQGLIB_TYPE_CONTEXT, "max-sockets", 4 * N_IDLE, NULL);
}

static void
check_idle (gboolean listening)
{
  g_autoptr (ZmqContext) context = make_large_context ();
  guint                         n_received = 0;
  g_autoptr (GPtrArray) streams G_GNUC_UNUSED = make_idle_streams (context, listening, &n_received);

  stream_settle ();
  g_atomic_int_set (&n_calls, 0);
  count_iterations (N_ITERATIONS);
  g_assert_cmpint (g_atomic_int_get (&n_calls), ==, 0);
  g_assert_cmpuint (n_received, ==, 0);
}

static void
test_idle (void)
{
  check_idle (TRUE);
}

static void
test_idle_unheard (void)
{
  check_idle (FALSE);
}

static void
on_received_return (ZmqStream  *stream,
                    ZmqMessage *message,
                    gpointer    data)
{
  guint *n_left = data;

  /* one dispatch may do several rounds */
  if (*n_left == 0)
    return;

  --*n_left;
  zmqglib_stream_send (stream, message, NULL);
}

/* Nor does it cost a busy one anything. */
static void
test_idle_beside_busy (void)
{
  g_autoptr (ZmqContext) context = make_large_context ();
  guint                      n_received = 0;
  guint                      n_left = N_ITERATIONS;
  g_autoptr (GPtrArray) idle G_GNUC_UNUSED = make_idle_streams (context, TRUE, &n_received);
  g_autoptr (ZmqSocket) bound = NULL;
  g_autoptr (ZmqSocket) connected = NULL;
  g_autoptr (ZmqStream) one = NULL;
  g_autoptr (ZmqStream) other = NULL;

  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, &bound, &connected);
  one = zmqglib_stream_new (bound);
  other = zmqglib_stream_new (connected);
  stream_connect (one, G_CALLBACK (on_received_return), &n_left);
  stream_connect (other, G_CALLBACK (on_received_return), &n_left);

  stream_settle ();
  g_atomic_int_set (&n_calls, 0);
  zmqglib_stream_send_string (one, "ball", NULL);
  test_iterate_until (NULL, stream_is_zero, &n_left);

  /* a few calls for each message, and not one for each idle stream */
  g_assert_cmpint (g_atomic_int_get (&n_calls), >, N_ITERATIONS);
  g_assert_cmpint (g_atomic_int_get (&n_calls), <, 20 * N_ITERATIONS);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/stream/promise-9-idle-streams-cost-nothing/listening", test_idle);
  g_test_add_func ("/stream/promise-9-idle-streams-cost-nothing/unheard", test_idle_unheard);
  g_test_add_func ("/stream/promise-9-idle-streams-cost-nothing/beside-a-busy-one", test_idle_beside_busy);

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <zmq.h>

#include "test-life-moment.h"

/* A socket is closed by another thread at whatever moment: libzmq's handle goes when nobody uses it any more,
 * and it goes. */

static LifeMoment in_libzmq = LIFE_MOMENT_INIT;
static LifeMoment context_acquired = LIFE_MOMENT_INIT;
static gint       n_closed;        /* atomic; handles */
static gint       n_closed_in_use; /* atomic; while a thread was held up in a call */

int
zmq_msg_recv (zmq_msg_t *msg,
              void      *socket,
              int        flags)
{
  static gpointer next;

  life_moment_come (&in_libzmq);

  return ((int (*) (zmq_msg_t *, void *, int)) life_next (&next, "zmq_msg_recv")) (msg, socket, flags);
}

int
zmq_msg_send (zmq_msg_t *msg,
              void      *socket,
              int        flags)
{
  static gpointer next;

  life_moment_come (&in_libzmq);

  return ((int (*) (zmq_msg_t *, void *, int)) life_next (&next, "zmq_msg_send")) (msg, socket, flags);
}

int
zmq_getsockopt (void   *socket,
                int     option,
                void   *value,
                size_t *size)
{
  static gpointer next;

  if (option == ZMQ_EVENTS)
    life_moment_come (&in_libzmq);

  return ((int (*) (void *, int, void *, size_t *)) life_next (&next, "zmq_getsockopt")) (socket, option, value, size);
}

/* What is taken for the moment is soon given back, and that may be the last that is left of it. */
gboolean
g_main_context_acquire (GMainContext *context)
{
  static gpointer next;
  gboolean        is_owner = ((gboolean (*) (GMainContext *)) life_next (&next, "g_main_context_acquire")) (context);

  if (is_owner)
    life_moment_come (&context_acquired);

  return is_owner;
}

static gint is_held_up; /* atomic */

int
zmq_close (void *socket)
{
  static gpointer next;

  g_atomic_int_inc (&n_closed);
  if (g_atomic_int_get (&is_held_up))
    g_atomic_int_inc (&n_closed_in_use);

  return ((int (*) (void *)) life_next (&next, "zmq_close")) (socket);
}

/* Closes the socket while the thread whose moment it is uses it. */
static void
close_in_use (gpointer socket)
{
  g_atomic_int_set (&is_held_up, TRUE);
  zmqglib_socket_close (socket);
  g_atomic_int_set (&is_held_up, FALSE);
}

/* An operation is tried as soon as it begins, when nobody else watches the socket. */
typedef enum
{
  RECEIVE,
  SEND,
  WAIT,
} Kind;

typedef struct
{
  Kind     kind;
  gboolean is_over;
} Try;

static void
on_tried (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Try       *self = data;
  ZmqSocket *socket = ZMQGLIB_SOCKET (source);
  g_autoptr (ZmqMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  if (self->kind == RECEIVE)
    message = zmqglib_socket_receive_finish (socket, result, &error);
  else if (self->kind == SEND)
    zmqglib_socket_send_finish (socket, result, &error);
  else
    zmqglib_socket_wait_finish (socket, result, &error);
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED);
  self->is_over = TRUE;
}

static void
test_under_first_try (gconstpointer data)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  Try tried = { GPOINTER_TO_INT (data), FALSE };
  g_autoptr (ZmqSocket) socket = test_socket_new (context, tried.kind == SEND ? ZMQGLIB_SOCKET_PUSH : ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");

  n_closed = n_closed_in_use = 0;
  life_moment_await (&in_libzmq, close_in_use, socket);
  if (tried.kind == RECEIVE)
    zmqglib_socket_receive_async (socket, G_PRIORITY_DEFAULT, NULL, on_tried, &tried);
  else if (tried.kind == SEND)
    zmqglib_socket_send_async (socket, message, G_PRIORITY_DEFAULT, NULL, on_tried, &tried);
  else
    zmqglib_socket_wait_async (socket, G_IO_IN, G_PRIORITY_DEFAULT, NULL, on_tried, &tried);

  life_moment_end (&in_libzmq);
  g_assert_cmpint (n_closed_in_use, ==, 0);
  g_assert_cmpint (n_closed, ==, 1);
  life_until (NULL, tried.is_over);
  life_terminate (context);
}

/* The stream alone keeps its main context, which nobody runs, and goes while its socket is being closed. */
static void
drop_stream (gpointer stream)
{
  g_object_unref (stream);
}

static void
test_with_main_context (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  GMainContext *main_context = g_main_context_new ();
  ZmqStream    *stream;

  g_main_context_push_thread_default (main_context);
  stream = zmqglib_stream_new (socket);
  g_main_context_pop_thread_default (main_context);
  g_main_context_unref (main_context);

  life_moment_await (&context_acquired, drop_stream, stream);
  zmqglib_socket_close (socket);
  life_moment_end (&context_acquired);
  life_terminate (context);
}

int
main (int    argc,
      char **argv)
{
  /* what closes a socket under a lock that it needs never comes back */
  alarm (LIFE_TIMEOUT_SECONDS);
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/life/closed/under-first-try/receive", GINT_TO_POINTER (RECEIVE), test_under_first_try);
  g_test_add_data_func ("/life/closed/under-first-try/send", GINT_TO_POINTER (SEND), test_under_first_try);
  g_test_add_data_func ("/life/closed/under-first-try/wait", GINT_TO_POINTER (WAIT), test_under_first_try);
  g_test_add_func ("/life/closed/with-main-context", test_with_main_context);

  return g_test_run ();
}

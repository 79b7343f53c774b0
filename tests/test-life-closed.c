/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <zmq.h>

#include "test-life-moment.h"

/* A socket is closed by another thread at whatever moment: libzmq's handle goes when nobody uses it any more,
 * and it goes. */

static LifeMoment in_libzmq;
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

  g_assert_true (life_moment_has_come (&in_libzmq));
  g_assert_cmpint (n_closed_in_use, ==, 0);
  g_assert_cmpint (n_closed, ==, 1);
  life_until (NULL, tried.is_over);
  life_terminate (context);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/life/closed/under-first-try/receive", GINT_TO_POINTER (RECEIVE), test_under_first_try);
  g_test_add_data_func ("/life/closed/under-first-try/send", GINT_TO_POINTER (SEND), test_under_first_try);
  g_test_add_data_func ("/life/closed/under-first-try/wait", GINT_TO_POINTER (WAIT), test_under_first_try);

  return g_test_run ();
}

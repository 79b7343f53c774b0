/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <zmq.h>

#ifdef __linux__
#include <sys/epoll.h>
#endif

#include "test-life-moment.h"

/* A socket is closed by another thread at whatever moment: libzmq's handle goes when nobody uses it any more,
 * and it goes. */

static LifeMoment in_libzmq = LIFE_MOMENT_INIT;
static LifeMoment context_acquired = LIFE_MOMENT_INIT;
static LifeMoment context_refused = LIFE_MOMENT_INIT;
static LifeMoment context_released = LIFE_MOMENT_INIT;
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

  life_moment_come (is_owner ? &context_acquired : &context_refused);

  return is_owner;
}

void
g_main_context_release (GMainContext *context)
{
  static gpointer next;

  life_moment_come (&context_released);
  ((void (*) (GMainContext *)) life_next (&next, "g_main_context_release")) (context);
}

static gint is_held_up;          /* atomic */
static gint n_unpolled;          /* atomic; descriptors */
static gint n_unpolled_by_close; /* atomic */

void
g_source_remove_poll (GSource *source,
                      GPollFD *pollfd)
{
  static gpointer next;

  g_atomic_int_inc (&n_unpolled);
  ((void (*) (GSource *, GPollFD *)) life_next (&next, "g_source_remove_poll")) (source, pollfd);
}

#ifdef __linux__
int
epoll_ctl (int                 epoll_fd,
           int                 operation,
           int                 fd,
           struct epoll_event *event)
{
  static gpointer next;

  if (operation == EPOLL_CTL_DEL)
    g_atomic_int_inc (&n_unpolled);

  return ((int (*) (int, int, int, struct epoll_event *)) life_next (&next, "epoll_ctl")) (epoll_fd, operation, fd, event);
}
#endif

int
zmq_close (void *socket)
{
  static gpointer next;

  g_atomic_int_set (&n_unpolled_by_close, g_atomic_int_get (&n_unpolled));
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

/* Nobody runs the main context, but another thread has it for the moment. */
static void
close_socket (gpointer socket)
{
  zmqglib_socket_close (socket);
}

typedef enum
{
  CLOSING,
  LOOKING,
} Beside;

static void
test_beside_another (gconstpointer data)
{
  gboolean is_closing = GPOINTER_TO_INT (data) == CLOSING;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (GMainContext) nobodys = g_main_context_new ();
  g_autoptr (ZmqSocket) one = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) other = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (ZmqStream) other_stream G_GNUC_UNUSED = NULL;

  g_main_context_push_thread_default (nobodys);
  stream = zmqglib_stream_new (one);
  other_stream = zmqglib_stream_new (other);
  g_main_context_pop_thread_default (nobodys);

  n_closed = 0;
  life_moment_await (is_closing ? &context_acquired : &context_released, close_socket, other);
  if (is_closing)
    zmqglib_socket_close (one);
  else
    zmqglib_stream_discard (stream);
  life_moment_end (is_closing ? &context_acquired : &context_released);
  g_assert_cmpint (n_closed, ==, is_closing ? 2 : 1);
}

/* The other gives the main context back just before this thread posts. */
typedef struct
{
  GMainContext *main_context;
  GThread      *thread;
  gint          has_it;   /* atomic */
  gint          is_asked; /* atomic; to give it back */
} Holder;

static gpointer
hold (gpointer data)
{
  Holder *self = data;

  g_assert_true (g_main_context_acquire (self->main_context));
  g_atomic_int_set (&self->has_it, TRUE);
  while (!g_atomic_int_get (&self->is_asked))
    g_thread_yield ();
  g_main_context_release (self->main_context);

  return NULL;
}

static void
ask_holder (gpointer data)
{
  Holder *self = data;

  g_atomic_int_set (&self->is_asked, TRUE);
  g_thread_join (self->thread);
}

static void
test_after_another (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (GMainContext) nobodys = g_main_context_new ();
  ZmqSocket *socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  ZmqStream *stream;
  Holder     holder = { .main_context = nobodys };

  g_main_context_push_thread_default (nobodys);
  stream = zmqglib_stream_new (socket);
  g_main_context_pop_thread_default (nobodys);
  g_object_unref (socket);

  n_closed = 0;
  holder.thread = g_thread_new ("holder", hold, &holder);
  life_poll_until (NULL, g_atomic_int_get (&holder.has_it));
  life_moment_await (&context_refused, ask_holder, &holder);
  g_object_unref (stream);
  life_moment_end (&context_refused);
  g_assert_cmpint (n_closed, ==, 1);
}

/* The descriptor goes with the handle, and is not polled by then. */
static void
test_after_descriptor (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqStream) stream G_GNUC_UNUSED = zmqglib_stream_new (socket);

  life_settle (NULL);
  n_closed = 0;
  g_assert_true (g_main_context_acquire (NULL));
  life_elsewhere (close_socket, socket);
  g_assert_cmpint (n_closed, ==, 0);

  /* libzmq's threads have sets of their own, which they do not change now */
  g_atomic_int_set (&n_unpolled, 0);
  life_until (NULL, g_atomic_int_get (&n_closed) == 1);
  g_assert_cmpint (n_unpolled_by_close, >, 0);
  g_main_context_release (NULL);
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
  g_test_add_data_func ("/life/closed/beside-another/who-closes", GINT_TO_POINTER (CLOSING), test_beside_another);
  g_test_add_data_func ("/life/closed/beside-another/who-looks", GINT_TO_POINTER (LOOKING), test_beside_another);
  g_test_add_func ("/life/closed/after-another", test_after_another);
  g_test_add_func ("/life/closed/after-descriptor", test_after_descriptor);

  return g_test_run ();
}

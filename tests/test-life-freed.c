/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <zmq.h>

#include "test-nothing-aborts.h"

/* Rule 3, for who frees the content of a message: libzmq does so in the middle of what it does with a socket, which may be closed or
 * dropped by then. */

typedef struct
{
  ZmqSocket *socket; /* a ROUTER, with a message that it has not read and is about to free */
  ZmqStream *stream; /* its, or NULL */
  ZmqSocket *peer;
  char      *name;
  gboolean   closes; /* rather than drops */
  guint      n_freed;
} Freed;

/* When the name is free, libzmq is about to free the socket, unless somebody keeps it meanwhile. */
static void
await_end (Freed *freed)
{
  for (guint i = 0; i < 1000 && !zmqglib_socket_bind (freed->peer, freed->name, NULL); i++)
    g_thread_yield ();
}

static void
on_freed (gpointer data)
{
  Freed *freed = data;

  freed->n_freed++;
  if (freed->closes)
    zmqglib_socket_close (freed->socket);
  g_clear_object (&freed->stream);
  g_clear_object (&freed->socket);
  await_end (freed);
}

/* What a peer has sent, and the socket has not read, is freed by what that does next after both have given each other up. */
static void
freed_set_up (Freed   *self,
              gboolean has_stream)
{
  static char data[100000];
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (data, sizeof data, on_freed, self);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_bytes (bytes);
  g_autofree char *unread = test_endpoint ("inproc");

  self->name = test_endpoint ("inproc");
  self->socket = test_socket_new (NULL, ZMQGLIB_SOCKET_ROUTER);
  self->peer = test_socket_new (NULL, ZMQGLIB_SOCKET_DEALER);
  g_assert_true (zmqglib_socket_bind (self->socket, self->name, NULL));
  g_assert_true (zmqglib_socket_bind (self->peer, unread, NULL));
  g_assert_true (zmqglib_socket_connect_to (self->socket, unread, NULL));
  if (has_stream)
    self->stream = zmqglib_stream_new (self->socket);
  g_assert_true (zmqglib_socket_try_send (self->peer, message, NULL));
  g_assert_true (zmqglib_socket_disconnect_from (self->socket, unread, NULL));
  zmqglib_socket_get_condition (self->peer);
  g_assert_cmpuint (self->n_freed, ==, 0);
}

static ZmqMessage *
make_message (void)
{
  return zmqglib_message_new_strings ("nobody", "is there", NULL);
}

static void
send_now (Freed *freed)
{
  g_autoptr (ZmqMessage) message = make_message ();

  zmqglib_socket_try_send (freed->socket, message, NULL);
}

static void
send_blocking (Freed *freed)
{
  g_autoptr (ZmqMessage) message = make_message ();

  zmqglib_socket_send (freed->socket, message, NULL, NULL);
}

static void
send_later (Freed *freed)
{
  g_autoptr (ZmqMessage) message = make_message ();

  zmqglib_socket_send_async (freed->socket, message, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}

static void
receive_now (Freed *freed)
{
  g_assert_null (zmqglib_socket_try_receive (freed->socket, NULL));
}

static void
receive_many (Freed *freed)
{
  g_autoptr (GPtrArray) messages G_GNUC_UNUSED = zmqglib_socket_try_receive_many (freed->socket, 10, NULL);
}

static void
receive_blocking (Freed *freed)
{
  g_object_set (freed->socket, "receive-timeout", 1, NULL);
  g_assert_null (zmqglib_socket_receive (freed->socket, NULL, NULL));
}

static void
receive_later (Freed *freed)
{
  zmqglib_socket_receive_async (freed->socket, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}

static void
look (Freed *freed)
{
  zmqglib_socket_get_condition (freed->socket);
}

static void
wait_for_a_moment (Freed *freed)
{
  zmqglib_socket_wait (freed->socket, G_IO_IN, 1, NULL, NULL);
}

static void
read_option (Freed *freed)
{
  int events = 0;

  zmqglib_socket_get_option_int (freed->socket, ZMQ_EVENTS, &events, NULL);
}

static void
connect_over_tcp (Freed *freed)
{
  zmqglib_socket_connect_to (freed->socket, "tcp://127.0.0.1:1", NULL);
}

static void
bind_to_name (Freed *freed)
{
  zmqglib_socket_bind (freed->socket, "inproc://other", NULL);
}

static void
unbind_from_nothing (Freed *freed)
{
  zmqglib_socket_unbind (freed->socket, "ipc:///nowhere", NULL);
}

static void
send_by_stream (Freed *freed)
{
  g_autoptr (ZmqMessage) message = make_message ();

  zmqglib_stream_send (freed->stream, message, NULL);
}

static void
send_data_by_stream (Freed *freed)
{
  zmqglib_stream_send_data (freed->stream, "data", 4, NULL);
}

static void
flush_stream (Freed *freed)
{
  zmqglib_stream_flush (freed->stream, G_IO_IN | G_IO_OUT, 0);
}

static void
never_call (ZmqStream  *stream,
            ZmqMessage *message,
            gpointer    data)
{
  g_assert_not_reached ();
}

static void
iterate (Freed *freed)
{
  if (freed->stream != NULL)
    zmqglib_stream_set_receive_func (freed->stream, never_call, NULL, NULL);
  while (freed->n_freed == 0)
    g_main_context_iteration (NULL, TRUE);
}

static const struct
{
  const char *name;
  void (*act) (Freed *freed);
  gboolean has_stream;
} acts[] = {
  { "send", send_now, FALSE },
  { "send-blocking", send_blocking, FALSE },
  { "send-later", send_later, FALSE },
  { "receive", receive_now, FALSE },
  { "receive-many", receive_many, FALSE },
  { "receive-blocking", receive_blocking, FALSE },
  { "receive-later", receive_later, FALSE },
  { "condition", look, FALSE },
  { "wait", wait_for_a_moment, FALSE },
  { "option", read_option, FALSE },
  { "connect", connect_over_tcp, FALSE },
  { "bind", bind_to_name, FALSE },
  { "unbind", unbind_from_nothing, FALSE },
  { "stream-send", send_by_stream, TRUE },
  { "stream-send-data", send_data_by_stream, TRUE },
  { "stream-flush", flush_stream, TRUE },
  { "stream-loop", iterate, TRUE },
};

static void
test_freed (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);

  if (!test_is_child ())
    return;

  for (gboolean closes = FALSE; closes <= TRUE; closes++)
    {
      Freed freed = { .closes = closes };

      freed_set_up (&freed, acts[i].has_stream);
      acts[i].act (&freed);
      /* an operation holds the socket */
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_assert_cmpuint (freed.n_freed, ==, 1);
      g_clear_object (&freed.peer);
      g_free (freed.name);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    {
      g_autofree char *path = g_strconcat ("/life/rule-3-freed/", acts[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_freed);
    }

  return g_test_run ();
}

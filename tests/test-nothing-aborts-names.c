/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-nothing-aborts.h"

/* Names of inproc:// that sockets have waited for, and left, in whatever order and thread. */

static void
connect_to (ZmqSocket  *socket,
            const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (zmqglib_socket_connect_to (socket, name, &error));
  g_assert_no_error (error);
}

static void
bind_to (ZmqSocket  *socket,
         const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (zmqglib_socket_bind (socket, name, &error));
  g_assert_no_error (error);
}

static ZmqSocket *
conflating_new (ZmqContext   *context,
                ZmqSocketType type)
{
  ZmqSocket *socket = test_socket_new (context, type);

  g_object_set (socket, "conflate", TRUE, NULL);

  return socket;
}

static void
be_closed (ZmqSocket *socket)
{
  zmqglib_socket_close (socket);
}

static void
be_disconnected (ZmqSocket *socket)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (zmqglib_socket_disconnect_from (socket, "inproc://left", &error));
  g_assert_no_error (error);
  zmqglib_socket_get_condition (socket);
}

/* Those whose connection can keep one message. */
static const ZmqSocketType conflating[] = {
  ZMQGLIB_SOCKET_PUSH,
  ZMQGLIB_SOCKET_PULL,
  ZMQGLIB_SOCKET_PUB,
  ZMQGLIB_SOCKET_SUB,
  ZMQGLIB_SOCKET_DEALER,
};

static void
leave_conflating (ZmqContext *context,
                  gboolean    sends,
                  void (*leave) (ZmqSocket *socket))
{
  for (gsize i = 0; i < G_N_ELEMENTS (conflating); i++)
    {
      g_autoptr (ZmqSocket) socket = conflating_new (context, conflating[i]);

      connect_to (socket, "inproc://left");
      /* set before, it is kept by the connection */
      g_object_set (socket, "conflate", FALSE, NULL);
      if (sends && (conflating[i] == ZMQGLIB_SOCKET_PUSH || conflating[i] == ZMQGLIB_SOCKET_DEALER))
        test_send_string (socket, "kept");
      leave (socket);
    }
}

static void
test_conflating (gconstpointer data)
{
  void (*leave) (ZmqSocket * socket) = data;

  if (!test_is_child ())
    return;

  for (guint n = 0; n < 4; n++)
    {
      g_autoptr (ZmqContext) context = zmqglib_context_new ();

      for (guint i = 0; i <= ZMQGLIB_SOCKET_STREAM && n / 2 == 0; i++)
        {
          g_autoptr (ZmqSocket) socket = test_socket_new (context, i);

          leave_conflating (context, n % 2, leave);
          bind_to (socket, "inproc://left");
          zmqglib_socket_get_condition (socket);
          g_assert_true (zmqglib_socket_unbind (socket, "inproc://left", NULL));
        }
      leave_conflating (context, n % 2, leave);
      test_terminate (context);
    }
}

/* While others wait, who has to be told. */
static void
test_conflating_among_others (void)
{
  g_autoptr (ZmqContext) context = NULL;
  g_autoptr (ZmqSocket) one = NULL;
  g_autoptr (ZmqSocket) other = NULL;
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (GError) error = NULL;

  if (!test_is_child ())
    return;

  context = zmqglib_context_new ();
  one = conflating_new (context, ZMQGLIB_SOCKET_PUSH);
  other = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  pull = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  connect_to (one, "inproc://left");
  connect_to (other, "inproc://left");
  g_assert_false (zmqglib_socket_disconnect_from (one, "inproc://left", &error));
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "“inproc://left”");
  g_clear_error (&error);

  zmqglib_socket_close (one);
  g_assert_false (zmqglib_socket_bind (pull, "inproc://left", &error));
  g_test_message ("%s", error->message);
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "“inproc://left”");

  /* nobody does */
  zmqglib_socket_close (other);
  bind_to (pull, "inproc://left");
  zmqglib_socket_close (pull);
  test_terminate (context);
}

/* All that wait go on with who is bound at last. */
static void
test_conflating_waits (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) one = conflating_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqSocket) other = conflating_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqSocket) pull = test_socket_new (context, ZMQGLIB_SOCKET_PULL);

  connect_to (one, "inproc://waited-for");
  connect_to (other, "inproc://waited-for");
  bind_to (pull, "inproc://waited-for");
  test_send_string (one, "one");
  test_receive_string (pull, "one");
  test_send_string (other, "other");
  test_receive_string (pull, "other");
}

/* A subscriber that has gone is not welcomed. */
static void
test_welcome (gconstpointer data)
{
  void (*leave) (ZmqSocket * socket) = data;
  g_autoptr (ZmqContext) context = NULL;
  g_autoptr (ZmqSocket) xpub = NULL;
  g_autoptr (ZmqSocket) gone = NULL;
  g_autoptr (ZmqSocket) sub = NULL;
  g_autoptr (GBytes) welcome = g_bytes_new_static ("hello", 5);
  g_autoptr (GError) error = NULL;

  if (!test_is_child ())
    return;

  context = zmqglib_context_new ();
  xpub = test_socket_new (context, ZMQGLIB_SOCKET_XPUB);
  gone = test_socket_new (context, ZMQGLIB_SOCKET_SUB);
  sub = test_socket_new (context, ZMQGLIB_SOCKET_SUB);
  g_assert_true (zmqglib_socket_subscribe (sub, "", NULL));
  g_object_set (xpub, "xpub-welcome-message", welcome, NULL);

  connect_to (gone, "inproc://left");
  connect_to (sub, "inproc://left");
  leave (gone);
  g_assert_false (zmqglib_socket_bind (xpub, "inproc://left", &error));
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "“inproc://left”");
  g_clear_error (&error);
  g_assert_true (zmqglib_socket_disconnect_from (sub, "inproc://left", &error));
  bind_to (xpub, "inproc://left");
  connect_to (sub, "inproc://left");
  zmqglib_socket_get_condition (xpub);
  test_receive_string (sub, "hello");

  /* who welcomes nobody may be bound */
  g_assert_true (zmqglib_socket_unbind (xpub, "inproc://left", NULL));
  g_clear_object (&gone);
  gone = test_socket_new (context, ZMQGLIB_SOCKET_SUB);
  connect_to (gone, "inproc://left");
  connect_to (sub, "inproc://left");
  leave (gone);
  g_object_set (xpub, "xpub-welcome-message", NULL, NULL);
  bind_to (xpub, "inproc://left");
}

/* libzmq aborts when it finds any other socket there. */
static void
test_authenticators_name (void)
{
  g_autoptr (ZmqContext) context = NULL;
  g_autoptr (ZmqSocket) server = NULL;
  g_autoptr (ZmqSocket) client G_GNUC_UNUSED = NULL;
  g_autoptr (ZmqSocket) waiting = NULL;
  g_autofree char *endpoint = NULL;

  if (!test_is_child ())
    return;

  context = zmqglib_context_new ();
  waiting = test_socket_new (context, ZMQGLIB_SOCKET_DEALER);
  connect_to (waiting, "inproc://zeromq.zap.01");
  for (guint i = 0; i <= ZMQGLIB_SOCKET_STREAM; i++)
    {
      g_autoptr (ZmqSocket) socket = test_socket_new (context, i);
      g_autoptr (GError) error = NULL;

      if (zmqglib_socket_bind (socket, "inproc://zeromq.zap.01", &error))
        {
          g_assert_true (i == ZMQGLIB_SOCKET_ROUTER || i == ZMQGLIB_SOCKET_REP);
          g_assert_true (zmqglib_socket_unbind (socket, "inproc://zeromq.zap.01", NULL));
        }
      else
        test_assert_error (error, ZMQGLIB_ERROR_INCOMPATIBLE, "“inproc://zeromq.zap.01”");
    }

  /* and what waits there is taken by one of the right type */
  server = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_object_set (server, "plain-server", TRUE, "zap-domain", "anybody", NULL);
  bind_to (server, "tcp://127.0.0.1:*");
  g_object_get (server, "last-endpoint", &endpoint, NULL);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (ZmqSocket) intruder = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);

      g_object_set (intruder, "plain-username", "anybody", "plain-password", "anything", NULL);
      connect_to (intruder, endpoint);
    }
  zmqglib_context_shutdown (context);
}

/* Whoever frees a message may do anything, be it in the middle of a change of names. */
typedef struct
{
  ZmqContext *context;
  guint       n_freed;
} Freed;

static void
on_freed (gpointer data)
{
  Freed *freed = data;
  g_autoptr (ZmqSocket) socket = test_socket_new (freed->context, ZMQGLIB_SOCKET_ROUTER);

  freed->n_freed++;
  connect_to (socket, "inproc://freed");
  g_assert_true (zmqglib_socket_disconnect_from (socket, "inproc://freed", NULL));
  bind_to (socket, "inproc://freed");
  g_assert_true (zmqglib_socket_unbind (socket, "inproc://freed", NULL));
}

static void
send_large (ZmqSocket *socket,
            Freed     *freed)
{
  static char data[100000];
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (data, sizeof data, on_freed, freed);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_bytes (bytes);
  g_autoptr (GError) error = NULL;

  g_assert_true (zmqglib_socket_try_send (socket, message, &error));
  g_assert_no_error (error);
}

/* What a peer has sent, and the socket has not read, is freed by what that does next after both have given each other up. */
static void
free_while_leaving (ZmqContext *context,
                    Freed      *freed)
{
  g_autoptr (ZmqSocket) router = test_socket_new (context, ZMQGLIB_SOCKET_ROUTER);
  g_autoptr (ZmqSocket) dealer = test_socket_new (context, ZMQGLIB_SOCKET_DEALER);
  guint n_freed = freed->n_freed;

  bind_to (dealer, "inproc://unread");
  connect_to (router, "inproc://left");
  connect_to (router, "inproc://unread");
  send_large (dealer, freed);
  g_assert_true (zmqglib_socket_disconnect_from (router, "inproc://unread", NULL));
  zmqglib_socket_get_condition (dealer);
  g_assert_cmpuint (freed->n_freed, ==, n_freed);
  be_disconnected (router);
  g_assert_cmpuint (freed->n_freed, ==, n_freed + 1);
}

static void
test_freed (void)
{
  g_autoptr (ZmqContext) context = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  Freed freed = { 0 };

  if (!test_is_child ())
    return;

  freed.context = context = zmqglib_context_new ();
  free_while_leaving (context, &freed);

  /* one that keeps its last message takes it back when it leaves */
  push = conflating_new (context, ZMQGLIB_SOCKET_PUSH);
  connect_to (push, "inproc://left");
  send_large (push, &freed);
  g_assert_cmpuint (freed.n_freed, ==, 1);
  be_disconnected (push);
  g_assert_cmpuint (freed.n_freed, ==, 2);
}

typedef struct
{
  ZmqContext *context;
  gboolean    is_over;
} Binding;

static gpointer
bind_and_unbind (gpointer data)
{
  Binding *binding = data;
  g_autoptr (ZmqSocket) dealer = test_socket_new (binding->context, ZMQGLIB_SOCKET_DEALER);

  while (!g_atomic_int_get (&binding->is_over))
    {
      g_autoptr (GError) error = NULL;

      bind_to (dealer, "inproc://left");
      g_assert_true (zmqglib_socket_unbind (dealer, "inproc://left", &error));
      g_assert_no_error (error);
      zmqglib_socket_get_condition (dealer);
    }

  return NULL;
}

/* One thread waits, and does not any more, while another is bound and is not any more, at any moment. */
static void
test_threads (gconstpointer data)
{
  ZmqSocketType type = GPOINTER_TO_UINT (data);
  Binding       binding = { 0 };
  GThread      *thread;
  g_autoptr (ZmqContext) context = NULL;
  g_autoptr (ZmqSocket) socket = NULL;

  if (!test_is_child ())
    return;

  binding.context = context = zmqglib_context_new ();
  socket = test_socket_new (context, type);
  g_object_set (socket, "conflate", type == ZMQGLIB_SOCKET_PULL, NULL);
  thread = g_thread_new ("binding", bind_and_unbind, &binding);
  for (guint i = 0; i < 30000; i++)
    {
      connect_to (socket, "inproc://left");
      connect_to (socket, "inproc://left");
      be_disconnected (socket);
    }
  g_atomic_int_set (&binding.is_over, TRUE);
  g_thread_join (thread);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define NAMES "/life/rule-7-nothing-aborts/names/"
  g_test_add_data_func (NAMES "conflating/closed", be_closed, test_conflating);
  g_test_add_data_func (NAMES "conflating/disconnected", be_disconnected, test_conflating);
  g_test_add_func (NAMES "conflating/among-others", test_conflating_among_others);
  g_test_add_func (NAMES "conflating/waits", test_conflating_waits);
  g_test_add_data_func (NAMES "welcome/closed", be_closed, test_welcome);
  g_test_add_data_func (NAMES "welcome/disconnected", be_disconnected, test_welcome);
  g_test_add_func (NAMES "authenticators-name", test_authenticators_name);
  g_test_add_func (NAMES "freed", test_freed);
  g_test_add_data_func (NAMES "threads/router", GUINT_TO_POINTER (ZMQGLIB_SOCKET_ROUTER), test_threads);
  g_test_add_data_func (NAMES "threads/conflating", GUINT_TO_POINTER (ZMQGLIB_SOCKET_PULL), test_threads);

  return g_test_run ();
}

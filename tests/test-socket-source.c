/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-util.h"

#define N_MESSAGES 100

typedef struct
{
  int          n_calls;
  int          n_received;
  GIOCondition condition; /* of the last call */
  gboolean     done;
} Calls;

static gboolean
on_ready (ZmqSocket   *socket,
          GIOCondition condition,
          gpointer     data)
{
  Calls *calls = data;

  calls->n_calls++;
  calls->condition = condition;
  calls->done = TRUE;

  return G_SOURCE_REMOVE;
}

static gboolean
on_receive_one (ZmqSocket   *socket,
                GIOCondition condition,
                gpointer     data)
{
  Calls *calls = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = NULL;

  calls->n_calls++;
  g_assert_cmpint (condition, ==, G_IO_IN);
  message = zmqglib_socket_try_receive (socket, &error);
  g_assert_no_error (error);
  calls->n_received++;
  calls->done = calls->n_received == N_MESSAGES;

  return calls->done ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static GSource *
add_source (ZmqSocket          *socket,
            GIOCondition        condition,
            GCancellable       *cancellable,
            ZmqSocketSourceFunc func,
            Calls              *calls)
{
  GSource *source = zmqglib_socket_create_source (socket, condition, cancellable);

  g_source_set_callback (source, (GSourceFunc) (void (*) (void)) func, calls, NULL);
  g_source_attach (source, NULL);

  return source;
}

static void
drop_source (GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

static void
assert_quiet (Calls *calls)
{
  int n_calls = calls->n_calls;

  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpint (calls->n_calls, ==, n_calls);
}

/* It is called for each message, and no time in vain: never without a condition. */
static void
test_receive (gconstpointer data)
{
  const char *transport = data;
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  Calls    calls = { 0 };
  GSource *source;

  test_socket_pair (NULL, transport, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  source = add_source (pull, G_IO_IN, NULL, on_receive_one, &calls);
  assert_quiet (&calls);

  for (guint i = 0; i < N_MESSAGES; i++)
    test_send_string (push, "x");
  test_iterate_until (NULL, test_is_true, &calls.done);
  g_assert_cmpint (calls.n_calls, ==, N_MESSAGES);
  g_assert_true (g_source_is_destroyed (source));
  g_source_unref (source);
}

/* A peer that comes and goes makes the descriptor readable, but there is nothing to receive. */
static void
test_not_in_vain (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autofree char *endpoint = test_bind (pull, "inproc");
  Calls            calls = { 0 };
  GSource         *source = add_source (pull, G_IO_IN, NULL, on_ready, &calls);

  assert_quiet (&calls);

  for (guint i = 0; i < N_MESSAGES; i++)
    {
      g_autoptr (ZmqSocket) push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);

      zmqglib_socket_connect_to (push, endpoint, &error);
      g_assert_no_error (error);
      g_main_context_iteration (NULL, FALSE);
      zmqglib_socket_close (push);
      g_main_context_iteration (NULL, FALSE);
    }

  g_assert_cmpint (calls.n_calls, ==, 0);
  drop_source (source);
}

static gpointer
come_and_go_thread (gpointer data)
{
  const char *endpoint = data;

  for (guint i = 0; i < 5 * N_MESSAGES; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqSocket) push = test_socket_new (NULL, ZMQGLIB_SOCKET_PUSH);

      zmqglib_socket_connect_to (push, endpoint, &error);
      g_assert_no_error (error);

      if (i == 5 * N_MESSAGES - 1)
        test_send_string (push, "last");
    }

  return NULL;
}

/* The same while the loop sleeps. */
static void
test_not_in_vain_when_blocking (void)
{
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autofree char *endpoint = test_bind (pull, "inproc");
  Calls            calls = { 0 };
  GSource         *source = add_source (pull, G_IO_IN, NULL, on_ready, &calls);
  GThread         *thread = g_thread_new ("peers", come_and_go_thread, endpoint);

  test_iterate_until (NULL, test_is_true, &calls.done);
  g_assert_cmpint (calls.condition, ==, G_IO_IN);
  g_thread_join (thread);
  test_receive_string (pull, "last");
  drop_source (source);
}

static gboolean
on_receive_all (ZmqSocket   *socket,
                GIOCondition condition,
                gpointer     data)
{
  Calls *calls = data;

  g_assert_cmpint (condition, ==, G_IO_IN);
  test_receive_string (socket, "x");
  calls->done = TRUE;

  return G_SOURCE_CONTINUE;
}

/* Of two sources the first takes the message away from the other, which is then not called. */
static void
test_two_sources (void)
{
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  Calls    calls[2] = { { 0 }, { 0 } };
  GSource *sources[2];

  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  for (guint i = 0; i < 2; i++)
    sources[i] = add_source (pull, G_IO_IN, NULL, on_receive_all, &calls[i]);

  for (guint i = 0; i < N_MESSAGES; i++)
    {
      calls[0].done = calls[1].done = FALSE;
      test_send_string (push, "x");
      test_iterate_until (NULL, test_is_true, &calls[0].done);
      g_assert_false (calls[1].done);
    }

  drop_source (sources[0]);
  test_send_string (push, "x");
  test_iterate_until (NULL, test_is_true, &calls[1].done);
  drop_source (sources[1]);
}

/* Sends a message just when the main context is asking its sources. */
typedef struct
{
  GSource    source;
  ZmqSocket *push;
} Between;

static gboolean
between_prepare (GSource *source,
                 int     *timeout)
{
  Between *self = (Between *) source;

  if (self->push != NULL)
    test_send_string (g_steal_pointer (&self->push), "x");

  return FALSE;
}

/* The descriptor tells once of a message, and the source that asks the socket first uses that up. The one that was asked just
 * before the message came hears of it nevertheless, though the other does not want it. */
static void
test_signal_used_up (void)
{
  static GSourceFuncs between_funcs = { .prepare = between_prepare };
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  Calls    calls[2] = { { 0 }, { 0 } };
  GSource *source;
  GSource *between = g_source_new (&between_funcs, sizeof (Between));
  GSource *other;

  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  source = add_source (pull, G_IO_IN, NULL, on_ready, &calls[0]);
  g_source_attach (between, NULL);
  other = add_source (pull, G_IO_OUT, NULL, on_ready, &calls[1]);
  assert_quiet (&calls[0]);

  ((Between *) between)->push = push;
  test_iterate_until (NULL, test_is_true, &calls[0].done);
  g_assert_cmpint (calls[0].condition, ==, G_IO_IN);
  g_assert_cmpint (calls[1].n_calls, ==, 0);

  drop_source (source);
  drop_source (between);
  drop_source (other);
}

/* Only what was asked for is told. */
static void
test_condition (void)
{
  g_autoptr (ZmqSocket) a = NULL;
  g_autoptr (ZmqSocket) b = NULL;
  Calls    calls = { 0 };
  GSource *source;

  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, &a, &b);

  source = add_source (a, G_IO_IN, NULL, on_ready, &calls);
  assert_quiet (&calls);
  drop_source (source);

  source = add_source (a, G_IO_IN | G_IO_OUT, NULL, on_ready, &calls);
  test_iterate_until (NULL, test_is_true, &calls.done);
  g_assert_cmpint (calls.condition, ==, G_IO_OUT);
  g_source_unref (source);

  calls.done = FALSE;
  test_send_string (b, "x");
  source = add_source (a, G_IO_IN | G_IO_OUT, NULL, on_ready, &calls);
  test_iterate_until (NULL, test_is_true, &calls.done);
  g_assert_cmpint (calls.condition, ==, G_IO_IN | G_IO_OUT);
  g_source_unref (source);

  calls.done = FALSE;
  source = add_source (a, G_IO_OUT, NULL, on_ready, &calls);
  test_iterate_until (NULL, test_is_true, &calls.done);
  g_assert_cmpint (calls.condition, ==, G_IO_OUT);
  g_source_unref (source);
}

static void
test_cancellable (void)
{
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Calls    calls = { 0 };
  GSource *source = add_source (pull, G_IO_IN, cancellable, on_ready, &calls);

  assert_quiet (&calls);
  g_cancellable_cancel (cancellable);
  test_iterate_until (NULL, test_is_true, &calls.done);
  g_assert_cmpint (calls.n_calls, ==, 1);
  g_assert_cmpint (calls.condition, ==, 0);
  g_source_unref (source);
}

static gpointer
cancel_thread (gpointer data)
{
  g_usleep (10000);
  g_cancellable_cancel (data);

  return NULL;
}

static void
test_cancelled_by_thread (void)
{
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Calls    calls = { 0 };
  GSource *source = add_source (pull, G_IO_IN, cancellable, on_ready, &calls);
  GThread *thread = g_thread_new ("cancel", cancel_thread, cancellable);

  test_iterate_until (NULL, test_is_true, &calls.done);
  g_assert_cmpint (calls.condition, ==, 0);
  g_thread_join (thread);
  g_source_unref (source);
}

static void
test_closed (void)
{
  g_autoptr (ZmqSocket) pull = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  Calls    calls = { 0 };
  GSource *source = add_source (pull, G_IO_IN, NULL, on_ready, &calls);

  assert_quiet (&calls);
  zmqglib_socket_close (pull);
  test_iterate_until (NULL, test_is_true, &calls.done);
  g_assert_cmpint (calls.condition, ==, G_IO_NVAL);
  g_source_unref (source);

  /* also one made afterwards */
  calls.done = FALSE;
  source = add_source (pull, G_IO_IN, NULL, on_ready, &calls);
  test_iterate_until (NULL, test_is_true, &calls.done);
  g_assert_cmpint (calls.condition, ==, G_IO_NVAL);
  g_source_unref (source);
}

static gpointer
shutdown_thread (gpointer data)
{
  g_usleep (10000);
  zmqglib_context_shutdown (data);

  return NULL;
}

static void
test_shutdown (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  Calls    calls = { 0 };
  GSource *source = add_source (pull, G_IO_IN, NULL, on_ready, &calls);
  GThread *thread = g_thread_new ("shutdown", shutdown_thread, context);

  test_iterate_until (NULL, test_is_true, &calls.done);
  g_assert_cmpint (calls.condition, ==, G_IO_HUP);
  g_thread_join (thread);
  g_source_unref (source);
}

static gboolean
on_closure (ZmqSocket   *socket,
            GIOCondition condition,
            gpointer     data)
{
  g_assert_true (ZMQGLIB_IS_SOCKET (socket));
  test_receive_string (socket, "closure");

  return on_ready (socket, condition, data);
}

static void
marshal (GClosure     *closure,
         GValue       *return_value,
         guint         n_params,
         const GValue *params,
         gpointer      hint,
         gpointer      marshal_data)
{
  g_assert_cmpuint (n_params, ==, 2);
  g_assert_true (G_VALUE_HOLDS (&params[0], ZMQGLIB_TYPE_SOCKET));
  g_assert_true (G_VALUE_HOLDS (&params[1], G_TYPE_IO_CONDITION));
  g_value_set_boolean (return_value,
                       on_closure (g_value_get_object (&params[0]), g_value_get_flags (&params[1]), closure->data));
}

static void
test_closure (void)
{
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  Calls     calls = { 0 };
  GSource  *source;
  GClosure *closure = g_closure_new_simple (sizeof (GClosure), &calls);

  test_socket_pair (NULL, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  g_closure_set_marshal (closure, marshal);
  source = zmqglib_socket_create_source (pull, G_IO_IN, NULL);
  g_source_set_closure (source, closure);
  g_source_attach (source, NULL);

  test_send_string (push, "closure");
  test_iterate_until (NULL, test_is_true, &calls.done);
  g_assert_cmpint (calls.condition, ==, G_IO_IN);
  g_assert_true (g_source_is_destroyed (source));
  g_source_unref (source);
}

/* It keeps the socket, and lets it go. */
static void
test_lifetime (void)
{
  ZmqSocket *socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  GSource   *source = zmqglib_socket_create_source (socket, G_IO_IN, NULL);

  g_object_add_weak_pointer (G_OBJECT (socket), (gpointer *) &socket);
  g_object_unref (socket);
  g_assert_nonnull (socket);
  g_source_unref (source);
  g_assert_null (socket);
}

static void
test_without_callback (void)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PUB);
  g_autoptr (GSource) source = zmqglib_socket_create_source (socket, G_IO_OUT, NULL);

  g_source_attach (source, NULL);
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "*without a callback*");
  g_main_context_iteration (NULL, FALSE);
  g_test_assert_expected_messages ();
  g_assert_true (g_source_is_destroyed (source));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/socket-source/receive/inproc", "inproc", test_receive);
  g_test_add_data_func ("/socket-source/receive/ipc", "ipc", test_receive);
  g_test_add_data_func ("/socket-source/receive/tcp", "tcp", test_receive);
  g_test_add_func ("/socket-source/not-in-vain", test_not_in_vain);
  g_test_add_func ("/socket-source/not-in-vain-when-blocking", test_not_in_vain_when_blocking);
  g_test_add_func ("/socket-source/two-sources", test_two_sources);
  g_test_add_func ("/socket-source/signal-used-up", test_signal_used_up);
  g_test_add_func ("/socket-source/condition", test_condition);
  g_test_add_func ("/socket-source/cancellable", test_cancellable);
  g_test_add_func ("/socket-source/cancelled-by-thread", test_cancelled_by_thread);
  g_test_add_func ("/socket-source/closed", test_closed);
  g_test_add_func ("/socket-source/shutdown", test_shutdown);
  g_test_add_func ("/socket-source/closure", test_closure);
  g_test_add_func ("/socket-source/lifetime", test_lifetime);
  g_test_add_func ("/socket-source/without-callback", test_without_callback);

  return g_test_run ();
}

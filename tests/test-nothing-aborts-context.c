/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <sched.h>

#include "test-nothing-aborts.h"

/* Contexts that the system cannot start: their first socket tells why. */

static void
assert_refused (ZmqContext *context,
                ZmqError    code,
                const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (zmqglib_socket_new (context, ZMQGLIB_SOCKET_PULL, &error));
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "“pull”"));
  test_assert_error (error, code, name);
}

static void
assert_works (ZmqContext *context)
{
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;

  test_socket_pair (context, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  test_send_string (push, "works");
  test_receive_string (pull, "works");
}

/* What was set without libzmq holds when it is there. */
static void
test_no_descriptors (void)
{
  g_autoptr (ZmqContext) context = NULL;
  g_autoptr (ZmqContext) terminated = NULL;
  g_autoptr (GError) error = NULL;
  rlim_t original_limit;
  int    io_threads = 0;
  int    size = 0;

  if (!test_is_child ())
    return;

  original_limit = test_leave_descriptors (0);
  context = zmqglib_context_new ();
  terminated = zmqglib_context_new ();
  g_object_set (context, "io-threads", 3, "max-message-size", 5, NULL);
  g_object_get (context, "io-threads", &io_threads, "max-message-size", &size, NULL);
  g_assert_cmpint (io_threads, ==, 3);
  g_assert_cmpint (size, ==, 5);
  g_object_get (context, "socket-limit", &size, NULL);
  g_assert_cmpint (size, ==, 0);
  assert_refused (context, ZMQGLIB_ERROR_TOO_MANY_SOCKETS, "“pull”");
  zmqglib_context_shutdown (terminated);
  assert_refused (terminated, ZMQGLIB_ERROR_TERMINATED, "“pull”");
  g_assert_true (zmqglib_context_terminate (terminated, NULL, &error));
  g_assert_no_error (error);

  test_limit (RLIMIT_NOFILE, original_limit);
  assert_works (context);
}

static void
test_message_size_is_kept (void)
{
  g_autoptr (ZmqContext) context = g_object_new (ZMQGLIB_TYPE_CONTEXT, "max-message-size", 5, NULL);
  g_autoptr (ZmqSocket) push = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("too long");
  g_autoptr (GError) error = NULL;

  if (zmqglib_socket_try_send (push, message, &error))
    g_error ("the size was not kept");
  g_assert_nonnull (error);
}

/* Where there are no device files. */
static void
test_no_devices (void)
{
  g_autofree char *empty = NULL;

  if (geteuid () != 0)
    {
      g_test_skip ("Only root may change the root");
      return;
    }

  if (!test_is_child ())
    return;

  empty = g_dir_make_tmp ("zmqglib-XXXXXX", NULL);
  g_assert_cmpint (chroot (empty), ==, 0);
  g_assert_cmpint (chdir ("/"), ==, 0);
  assert_works (NULL);
  test_end_child ();
}

static void
test_absurd_numbers (void)
{
  static const struct
  {
    const char *name;
    int         number;
  } absurd[] = {
    { "io-threads", G_MAXINT },
    { "io-threads", 500000000 },
    { "io-threads", 40000 },
    { "max-sockets", G_MAXINT },
    { "max-sockets", 500000000 },
  };

  if (!test_is_child ())
    return;

  for (guint i = 0; i < G_N_ELEMENTS (absurd); i++)
    {
      g_autoptr (ZmqContext) context = g_object_new (ZMQGLIB_TYPE_CONTEXT, absurd[i].name, absurd[i].number, NULL);
      g_autofree char *quoted = g_strdup_printf ("“%s” of %d", absurd[i].name, absurd[i].number);

      assert_refused (context, ZMQGLIB_ERROR_INVALID_ARGUMENT, quoted);

      g_object_set (context, absurd[i].name, 1 + (int) g_str_equal (absurd[i].name, "max-sockets"), NULL);
      assert_works (context);
    }
}

static void
test_large_numbers (void)
{
  g_autoptr (ZmqContext) context = g_object_new (ZMQGLIB_TYPE_CONTEXT, "max-sockets", 65535, NULL);
  g_autoptr (ZmqContext) threads = g_object_new (ZMQGLIB_TYPE_CONTEXT, "io-threads", 200, NULL);

  assert_works (context);

  if (!test_is_child ())
    return;

  test_limit (RLIMIT_NOFILE, 300);
  assert_refused (threads, ZMQGLIB_ERROR_TOO_MANY_SOCKETS, "“pull”");
}

static void
test_no_threads (void)
{
  g_autoptr (ZmqContext) context = NULL;

  if (!test_is_child ())
    return;

  context = g_object_new (ZMQGLIB_TYPE_CONTEXT, "io-threads", 20, NULL);
  test_become_nobody ();
  test_limit (RLIMIT_NPROC, 1);
  assert_refused (context, ZMQGLIB_ERROR_NO_THREAD, "“io-threads” of 20");
  test_end_child ();
}

/* libzmq’s threads insist on what they were told. */
static void
test_scheduling (void)
{
  static const struct
  {
    int      policy;
    int      priority;
    ZmqError code;
  } refused[] = {
    { SCHED_FIFO, 10, ZMQGLIB_ERROR_PERMISSION_DENIED },
    { SCHED_RR, 99, ZMQGLIB_ERROR_PERMISSION_DENIED },
    { SCHED_FIFO, -1, ZMQGLIB_ERROR_INVALID_ARGUMENT },
    { SCHED_FIFO, 1000, ZMQGLIB_ERROR_INVALID_ARGUMENT },
    { -1, 10, ZMQGLIB_ERROR_PERMISSION_DENIED },
    { SCHED_OTHER, 0, ZMQGLIB_ERROR_PERMISSION_DENIED },
    { 12345, -1, ZMQGLIB_ERROR_INVALID_ARGUMENT },
    { G_MAXINT, G_MAXINT, ZMQGLIB_ERROR_INVALID_ARGUMENT },
  };

  if (!test_is_child ())
    return;

  test_become_nobody ();
  test_limit (RLIMIT_RTPRIO, 0);
  test_limit (RLIMIT_NICE, 0);

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (ZmqContext) context = g_object_new (ZMQGLIB_TYPE_CONTEXT,
                                                     "thread-scheduling-policy", refused[i].policy,
                                                     "thread-priority", refused[i].priority, NULL);

      assert_refused (context, refused[i].code, "“thread-scheduling-policy”");

      g_object_set (context, "thread-scheduling-policy", SCHED_OTHER, "thread-priority", -1, NULL);
      assert_works (context);
    }

  test_end_child ();
}

/* Who is closed makes room, before libzmq has done with it. */
static void
test_closed_make_room (void)
{
  g_autoptr (ZmqContext) context = g_object_new (ZMQGLIB_TYPE_CONTEXT, "max-sockets", 2, NULL);
  g_autoptr (ZmqSocket) other = test_socket_new (context, ZMQGLIB_SOCKET_PULL);

  for (guint i = 0; i < 3000; i++)
    {
      g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PAIR);

      zmqglib_socket_close (socket);
    }

  g_assert_false (zmqglib_socket_is_closed (other));
}

static gpointer
make_and_close (gpointer data)
{
  for (guint i = 0; i < 40000; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqSocket) socket G_GNUC_UNUSED = zmqglib_socket_new (data, ZMQGLIB_SOCKET_PAIR, &error);

      g_assert_no_error (error);
    }

  return NULL;
}

/* However quickly others are made, from several threads. */
static void
test_closed_make_room_at_once (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  GThread *threads[3];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("making", make_and_close, context);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
connect_to_nobody (ZmqContext *context,
                   guint       n)
{
  g_autoptr (ZmqSocket) push = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *endpoint = g_strdup_printf ("inproc://nobody-%u", i);

      zmqglib_socket_connect_to (push, endpoint, &error);
      g_assert_no_error (error);
    }
}

/* For each connection libzmq would open a socket when it ends. */
static void
test_nobody_was_bound (void)
{
  g_autoptr (ZmqContext) context = NULL;
  g_autoptr (GError) error = NULL;

  if (!test_is_child ())
    return;

  context = g_object_new (ZMQGLIB_TYPE_CONTEXT, "max-sockets", 1, NULL);
  connect_to_nobody (context, 10000);
  g_assert_true (zmqglib_context_terminate (context, NULL, &error));
  g_assert_no_error (error);
}

/* How a context ends in which sockets wait for somebody at inproc:// names. */
typedef struct
{
  const char *name;
  void (*end) (ZmqContext *context, GPtrArray *sockets);
} Ending;

static void
end_by_dropping (ZmqContext *context,
                 GPtrArray  *sockets)
{
  g_ptr_array_set_size (sockets, 0);
}

static void
end_by_closing (ZmqContext *context,
                GPtrArray  *sockets)
{
  g_ptr_array_foreach (sockets, (GFunc) (void (*) (void)) zmqglib_socket_close, NULL);
  test_terminate (context);
}

static void
end_by_shutting_down (ZmqContext *context,
                      GPtrArray  *sockets)
{
  zmqglib_context_shutdown (context);
  end_by_closing (context, sockets);
}

/* The thread closes its sockets when libzmq has begun to end. */
static void
end_while_open (ZmqContext *context,
                GPtrArray  *sockets)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  zmqglib_context_terminate_async (context, NULL, test_keep_result, &result);
  while (!g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TERMINATED))
    {
      g_clear_error (&error);
      zmqglib_socket_connect_to (sockets->pdata[0], "inproc://late", &error);
    }
  g_clear_error (&error);
  g_ptr_array_foreach (sockets, (GFunc) (void (*) (void)) zmqglib_socket_close, NULL);
  test_iterate_until (NULL, test_is_set, &result);
  g_assert_true (zmqglib_context_terminate_finish (context, result, &error));
  g_assert_no_error (error);
}

static const Ending endings[] = {
  { "dropped", end_by_dropping },
  { "closed", end_by_closing },
  { "shut-down", end_by_shutting_down },
  { "open", end_while_open },
};

/* Many of each type, at the same names. */
static void
test_waiting (gconstpointer data)
{
  const Ending *ending = data;
  g_autoptr (ZmqContext) context = NULL;
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  const guint n_sockets = 600;

  if (!test_is_child ())
    return;

  context = g_object_new (ZMQGLIB_TYPE_CONTEXT, "max-sockets", (int) n_sockets, NULL);
  for (guint i = 0; i < n_sockets; i++)
    {
      /* but for STREAM, which has no such peers */
      ZmqSocket *socket = test_socket_new (context, i % ZMQGLIB_SOCKET_STREAM);

      g_ptr_array_add (sockets, socket);
      for (guint j = 0; j < 20; j++)
        {
          g_autofree char *endpoint = g_strdup_printf ("inproc://nobody-%u", j);

          g_assert_true (zmqglib_socket_connect_to (socket, endpoint, NULL));
        }
    }

  ending->end (context, sockets);
}

/* A PAIR that has a peer, and one that has not, where others wait. */
static void
test_pair_and_routers (gconstpointer data)
{
  ZmqSocketType type = GPOINTER_TO_UINT (data);
  g_autoptr (ZmqContext) context = NULL;
  g_autoptr (ZmqSocket) pair = NULL;
  g_autoptr (ZmqSocket) peer = NULL;
  g_autoptr (ZmqSocket) waiting = NULL;
  g_autoptr (ZmqSocket) other = NULL;
  g_autoptr (GError) error = NULL;

  if (!test_is_child ())
    return;

  context = zmqglib_context_new ();
  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, &pair, &peer);
  waiting = test_socket_new (context, type);
  other = test_socket_new (context, ZMQGLIB_SOCKET_DEALER);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (zmqglib_socket_connect_to (waiting, "inproc://pair", NULL));
      g_assert_true (zmqglib_socket_connect_to (other, "inproc://pair", NULL));
    }

  g_assert_false (zmqglib_socket_bind (pair, "inproc://pair", &error));
  g_test_message ("%s", error->message);
  test_assert_error (error, ZMQGLIB_ERROR_INCOMPATIBLE, "“inproc://pair”");
  g_clear_error (&error);
  zmqglib_socket_close (waiting);
  g_assert_false (zmqglib_socket_bind (peer, "inproc://pair", &error));
  test_assert_error (error, ZMQGLIB_ERROR_INCOMPATIBLE, "“inproc://pair”");

  /* anybody else may, and then the name is as any other */
  g_assert_true (zmqglib_socket_bind (other, "inproc://pair", NULL));
  g_assert_true (zmqglib_socket_unbind (other, "inproc://pair", NULL));
  g_assert_true (zmqglib_socket_bind (pair, "inproc://pair", NULL));
  test_send_string (pair, "works");
  test_receive_string (peer, "works");
}

static void
assert_usable (ZmqContext   *context,
               ZmqSocketType type)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (context, type);
  g_autoptr (GError) error = NULL;

  g_assert_true (zmqglib_socket_bind (socket, "inproc://left", &error));
  g_assert_no_error (error);
  zmqglib_socket_get_condition (socket);
  g_assert_true (zmqglib_socket_unbind (socket, "inproc://left", &error));
  g_assert_no_error (error);
}

/* Who has waited and does not any more is no reason for anybody else to abort. */
static void
test_disconnected (gconstpointer data)
{
  ZmqSocketType type = GPOINTER_TO_UINT (data);
  g_autoptr (ZmqContext) context = NULL;
  g_autoptr (ZmqSocket) socket = NULL;
  g_autoptr (ZmqSocket) other = NULL;
  g_autoptr (GError) error = NULL;

  if (!test_is_child ())
    return;

  context = zmqglib_context_new ();
  socket = test_socket_new (context, type);
  other = test_socket_new (context, type);
  g_assert_false (zmqglib_socket_disconnect_from (other, "inproc://left", &error));
  test_assert_error (error, ZMQGLIB_ERROR_NOT_FOUND, "“inproc://left”");
  g_clear_error (&error);
  for (guint i = 0; i < ZMQGLIB_SOCKET_STREAM; i++)
    {
      for (guint n = 0; n <= i % 2; n++)
        g_assert_true (zmqglib_socket_connect_to (socket, "inproc://left", NULL));
      /* for libzmq that is the same */
      g_assert_true ((i % 3 == 0 ? zmqglib_socket_unbind : zmqglib_socket_disconnect_from) (socket, "inproc://left", &error));
      g_assert_no_error (error);
      assert_usable (context, i);
    }

  /* not while another one waits, which goes on with it */
  g_assert_true (zmqglib_socket_connect_to (socket, "inproc://shared", NULL));
  g_assert_true (zmqglib_socket_connect_to (other, "inproc://shared", NULL));
  g_assert_false (zmqglib_socket_disconnect_from (other, "inproc://shared", &error));
  g_test_message ("%s", error->message);
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "“inproc://shared”");

  /* and at the end of the context there may be some that do not wait, and some that do */
  g_assert_true (zmqglib_socket_connect_to (socket, "inproc://left", NULL));
  g_assert_true (zmqglib_socket_disconnect_from (socket, "inproc://left", NULL));
  zmqglib_context_shutdown (context);
  zmqglib_socket_close (socket);
  zmqglib_socket_close (other);
  test_terminate (context);
}

/* Nothing is lacking then. */
static void
test_no_descriptors_to_end (void)
{
  g_autoptr (ZmqContext) context = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  rlim_t original_limit;

  if (!test_is_child ())
    return;

  context = zmqglib_context_new ();
  connect_to_nobody (context, 3);
  /* for these, GLib needs some of its own the first time */
  g_main_context_iteration (NULL, FALSE);
  g_object_unref (g_task_new (NULL, NULL, NULL, NULL));
  original_limit = test_leave_descriptors (0);
  zmqglib_context_terminate_async (context, NULL, test_keep_result, &result);
  test_iterate_until (NULL, test_is_set, &result);
  g_assert_true (zmqglib_context_terminate_finish (context, result, &error));
  g_assert_no_error (error);
  test_limit (RLIMIT_NOFILE, original_limit);
}

/* The socket that is going to take the names cannot be had. */
static void
test_no_descriptors_to_wait (void)
{
  g_autoptr (ZmqContext) context = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (GError) error = NULL;
  rlim_t original_limit;

  if (!test_is_child ())
    return;

  context = zmqglib_context_new ();
  push = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  original_limit = test_leave_descriptors (0);
  g_assert_false (zmqglib_socket_connect_to (push, "inproc://nobody", &error));
  test_assert_error (error, ZMQGLIB_ERROR_TOO_MANY_SOCKETS, "“inproc://nobody”");
  g_clear_error (&error);

  test_limit (RLIMIT_NOFILE, original_limit);
  g_assert_true (zmqglib_socket_connect_to (push, "inproc://nobody", &error));
  g_assert_no_error (error);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/life/rule-7-nothing-aborts/context/no-descriptors", test_no_descriptors);
  g_test_add_func ("/life/rule-7-nothing-aborts/context/message-size-is-kept", test_message_size_is_kept);
  g_test_add_func ("/life/rule-7-nothing-aborts/context/no-devices", test_no_devices);
  g_test_add_func ("/life/rule-7-nothing-aborts/context/absurd-numbers", test_absurd_numbers);
  g_test_add_func ("/life/rule-7-nothing-aborts/context/large-numbers", test_large_numbers);
  g_test_add_func ("/life/rule-7-nothing-aborts/context/no-threads", test_no_threads);
  g_test_add_func ("/life/rule-7-nothing-aborts/context/scheduling", test_scheduling);

  g_test_add_func ("/life/rule-7-nothing-aborts/context/closed-make-room", test_closed_make_room);
  g_test_add_func ("/life/rule-7-nothing-aborts/context/closed-make-room-at-once", test_closed_make_room_at_once);
  g_test_add_func ("/life/rule-7-nothing-aborts/context/nobody-was-bound", test_nobody_was_bound);
  g_test_add_func ("/life/rule-7-nothing-aborts/context/no-descriptors-to-end", test_no_descriptors_to_end);
  g_test_add_func ("/life/rule-7-nothing-aborts/context/no-descriptors-to-wait", test_no_descriptors_to_wait);
  g_test_add_data_func ("/life/rule-7-nothing-aborts/context/pair-and-router", GUINT_TO_POINTER (ZMQGLIB_SOCKET_ROUTER),
                        test_pair_and_routers);
  g_test_add_data_func ("/life/rule-7-nothing-aborts/context/pair-and-rep", GUINT_TO_POINTER (ZMQGLIB_SOCKET_REP),
                        test_pair_and_routers);
  g_test_add_data_func ("/life/rule-7-nothing-aborts/context/disconnected-router", GUINT_TO_POINTER (ZMQGLIB_SOCKET_ROUTER),
                        test_disconnected);
  g_test_add_data_func ("/life/rule-7-nothing-aborts/context/disconnected-rep", GUINT_TO_POINTER (ZMQGLIB_SOCKET_REP),
                        test_disconnected);
  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      g_autofree char *path = g_strconcat ("/life/rule-7-nothing-aborts/context/waiting-", endings[i].name, NULL);

      g_test_add_data_func (path, &endings[i], test_waiting);
    }

  return g_test_run ();
}

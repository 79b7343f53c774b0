/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "test-util.h"

#define N_LINGERING 10

static void
expect_warning (const char *text)
{
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, text);
}

static void
on_notify (ZmqContext *context,
           GParamSpec *pspec,
           guint      *n_notified)
{
  (*n_notified)++;
}

/* Each can be set until there is a socket. */
static void
test_properties (void)
{
  static const struct
  {
    const char *name;
    int         default_value;
    int         value;
    gboolean    later; /* may also be set with a socket */
  } numbers[] = {
    { "io-threads", 1, 3, FALSE },
    { "max-sockets", 1023, 77, FALSE },
    { "max-message-size", G_MAXINT, 1000, TRUE },
    { "thread-priority", -1, 1, FALSE },
    { "thread-scheduling-policy", -1, 0, FALSE },
    { "thread-name-prefix", 0, 42, FALSE },
    { "ipv6", FALSE, TRUE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr (ZmqContext) context = zmqglib_context_new ();
      g_autoptr (ZmqSocket) socket = NULL;
      g_autofree char *warning = g_strdup_printf ("Could not set “%s” of a context*", numbers[i].name);
      guint            n_notified = 0;
      int              value = -2;

      g_signal_connect (context, "notify", G_CALLBACK (on_notify), &n_notified);
      g_object_get (context, numbers[i].name, &value, NULL);
      g_assert_cmpint (value, ==, numbers[i].default_value);

      g_object_set (context, numbers[i].name, numbers[i].value, NULL);
      g_object_get (context, numbers[i].name, &value, NULL);
      g_assert_cmpint (value, ==, numbers[i].value);
      g_assert_cmpuint (n_notified, ==, 1);

      g_object_set (context, numbers[i].name, numbers[i].value, NULL);
      g_assert_cmpuint (n_notified, ==, 1);

      /* a priority may be more than this user may ask for */
      if (g_str_has_prefix (numbers[i].name, "thread-"))
        continue;

      socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
      if (!numbers[i].later)
        expect_warning (warning);
      g_object_set (context, numbers[i].name, numbers[i].default_value, NULL);
      g_test_assert_expected_messages ();
      g_object_get (context, numbers[i].name, &value, NULL);
      g_assert_cmpint (value, ==, numbers[i].later ? numbers[i].default_value : numbers[i].value);
    }
}

static void
test_socket_limit (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (context), "socket-limit");
  int         limit = 0;

  g_object_get (context, "socket-limit", &limit, NULL);
  g_assert_cmpint (limit, >, 1023);
  g_assert_false (pspec->flags & G_PARAM_WRITABLE);
}

static gboolean
has_thread_with_prefix (const char *prefix)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  gboolean    found = FALSE;
  const char *task;

  while ((task = g_dir_read_name (tasks)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", task, "comm", NULL);
      g_autofree char *name = NULL;

      if (g_file_get_contents (path, &name, NULL, NULL) && g_str_has_prefix (name, prefix))
        found = TRUE;
    }

  return found;
}

/* The I/O threads really bear the prefix, once they have come so far. */
static void
test_thread_names (void)
{
  g_autoptr (ZmqContext) context = g_object_new (ZMQGLIB_TYPE_CONTEXT, "thread-name-prefix", 4711, NULL);
  g_autoptr (ZmqSocket) socket = NULL;
  gint64 deadline = g_get_monotonic_time () + TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC;

  if (!g_file_test ("/proc/self/task", G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("There is no /proc");
      return;
    }

  socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  while (!has_thread_with_prefix ("4711"))
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);
}

/* New sockets take it over. */
static void
test_ipv6 (void)
{
  g_autoptr (ZmqContext) context = g_object_new (ZMQGLIB_TYPE_CONTEXT, "ipv6", TRUE, NULL);
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  gboolean ipv6 = FALSE;

  g_object_get (socket, "ipv6", &ipv6, NULL);
  g_assert_true (ipv6);
}

static gpointer
get_default_thread (gpointer data)
{
  return zmqglib_context_get_default ();
}

static void
test_default (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (NULL, ZMQGLIB_SOCKET_PULL);
  GThread *thread = g_thread_new ("default", get_default_thread, NULL);

  g_assert_true (ZMQGLIB_IS_CONTEXT (zmqglib_context_get_default ()));
  g_assert_true (zmqglib_context_get_default () != context);
  g_assert_true (g_thread_join (thread) == zmqglib_context_get_default ());
  g_assert_true (zmqglib_socket_get_context (socket) == zmqglib_context_get_default ());
}

/* inproc:// names belong to one context. */
static void
test_separate (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) first = zmqglib_context_new ();
  g_autoptr (ZmqContext) second = zmqglib_context_new ();
  g_autoptr (ZmqSocket) a = test_socket_new (first, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) b = test_socket_new (second, ZMQGLIB_SOCKET_PULL);
  g_autofree char *endpoint = test_bind (a, "inproc");

  zmqglib_socket_bind (b, endpoint, &error);
  g_assert_no_error (error);
}

static gpointer
receive_until_terminated (gpointer data)
{
  ZmqSocket *socket = data;
  g_autoptr (GError) error = NULL;

  g_assert_null (zmqglib_socket_receive (socket, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_TERMINATED, "pull");
  zmqglib_socket_close (socket);

  return NULL;
}

/* A thread that is about to block may be anywhere, so it is met at several places. */
static void
test_shutdown_wakes (void)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (ZmqContext) context = zmqglib_context_new ();
      g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
      GThread *thread;

      g_object_set (socket, "receive-timeout", -1, NULL);
      thread = g_thread_new ("receive", receive_until_terminated, socket);
      g_usleep (i * 200);
      zmqglib_context_shutdown (context);
      g_thread_join (thread);
    }
}

static void
test_shutdown (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) push = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");

  zmqglib_context_shutdown (context);
  zmqglib_context_shutdown (context);

  g_assert_false (zmqglib_socket_send (push, message, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_TERMINATED, "push");
  g_assert_false (zmqglib_socket_bind (push, "inproc://late", &error));
  test_assert_error (error, ZMQGLIB_ERROR_TERMINATED, "inproc://late");
  g_assert_null (zmqglib_socket_new (context, ZMQGLIB_SOCKET_PULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_TERMINATED, "pull");

  zmqglib_socket_close (push);
  g_assert_true (zmqglib_context_terminate (context, NULL, &error));
  g_assert_no_error (error);
  zmqglib_context_shutdown (context);
}

static void
test_terminate (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) unused = zmqglib_context_new ();
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  int value;

  g_assert_true (zmqglib_context_terminate (unused, NULL, &error));
  g_assert_no_error (error);

  zmqglib_socket_close (socket);
  g_assert_true (zmqglib_context_terminate (context, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (zmqglib_context_terminate (context, NULL, &error));
  g_assert_no_error (error);

  g_assert_null (zmqglib_socket_new (context, ZMQGLIB_SOCKET_PULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_TERMINATED, "pull");
  g_object_get (context, "socket-limit", &value, NULL);
  g_assert_cmpint (value, ==, 0);
  expect_warning ("Could not set “io-threads” of a context: It was terminated");
  g_object_set (context, "io-threads", 2, NULL);
  g_test_assert_expected_messages ();
}

/* It would wait for itself. */
static void
test_terminate_own_sockets (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;

  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  g_assert_false (zmqglib_context_terminate (context, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "2 sockets of this thread");

  /* nothing has changed */
  test_send_string (push, "still works");
  test_receive_string (pull, "still works");

  zmqglib_socket_close (pull);
  g_assert_false (zmqglib_context_terminate (context, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "1 socket of this thread");
  zmqglib_socket_close (push);
  g_assert_true (zmqglib_context_terminate (context, NULL, &error));
  g_assert_no_error (error);
}

static gpointer
make_elsewhere (gpointer context)
{
  return test_socket_new (context, ZMQGLIB_SOCKET_PULL);
}

static void
use_by_asking (ZmqSocket *socket)
{
  g_assert_cmpint (zmqglib_socket_get_condition (socket), ==, 0);
}

static void
use_by_trying (ZmqSocket *socket)
{
  g_assert_null (zmqglib_socket_try_receive (socket, NULL));
}

static void
use_by_waiting (ZmqSocket *socket)
{
  g_assert_cmpint (zmqglib_socket_wait (socket, G_IO_IN, 0, NULL, NULL), ==, 0);
}

static void
use_by_setting (ZmqSocket *socket)
{
  g_object_set (socket, "receive-high-water-mark", 10, NULL);
}

static void
use_by_binding (ZmqSocket *socket)
{
  g_autofree char *endpoint = test_bind (socket, "inproc");

  g_assert_nonnull (endpoint);
}

/* Whatever it was that this thread has done with the socket of another one. */
static void
test_terminate_used_sockets (void)
{
  static void (*const uses[]) (ZmqSocket *) = { use_by_asking, use_by_trying, use_by_waiting, use_by_setting, use_by_binding };

  for (gsize i = 0; i < G_N_ELEMENTS (uses); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqContext) context = zmqglib_context_new ();
      g_autoptr (ZmqSocket) socket = g_thread_join (g_thread_new ("make", make_elsewhere, context));

      uses[i](socket);
      g_assert_false (zmqglib_context_terminate (context, NULL, &error));
      test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "1 socket of this thread");
    }
}

/* It waits for another thread’s socket, which learns of it. */
static void
test_terminate_other_thread (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autofree char *endpoint G_GNUC_UNUSED = test_bind (socket, "inproc");
  g_autoptr (GThread) thread = NULL;

  g_object_set (socket, "receive-timeout", -1, NULL);
  thread = g_thread_new ("receive", receive_until_terminated, socket);

  /* until the socket is the other thread's, this one may not wait for it */
  while (!zmqglib_context_terminate (context, NULL, &error))
    {
      test_assert_error (error, ZMQGLIB_ERROR_WRONG_STATE, "1 socket");
      g_thread_yield ();
    }

  g_thread_join (g_steal_pointer (&thread));
  g_assert_true (zmqglib_socket_is_closed (socket));
}

/* A PUSH that is closed with messages that only leave when somebody binds to the endpoint. */
static char *
leave_unsent (ZmqContext *context)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) other = zmqglib_context_new ();
  g_autoptr (ZmqSocket) probe = test_socket_new (other, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) push = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  char *endpoint = test_bind (probe, "ipc");

  zmqglib_socket_unbind (probe, endpoint, &error);
  g_assert_no_error (error);

  g_object_set (push, "linger", -1, NULL);
  zmqglib_socket_connect_to (push, endpoint, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < N_LINGERING; i++)
    test_send_string (push, "unsent");
  zmqglib_socket_close (push);

  return endpoint;
}

static void
take_unsent (const char *endpoint)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = test_socket_new (context, ZMQGLIB_SOCKET_PULL);

  zmqglib_socket_bind (pull, endpoint, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < N_LINGERING; i++)
    test_receive_string (pull, "unsent");
}

/* Cancelled, it goes on; and once the peer has taken everything it ends. */
static void
test_terminate_waits (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autofree char *endpoint = leave_unsent (context);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) cancelled_result = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  zmqglib_context_terminate_async (context, cancellable, test_keep_result, &cancelled_result);
  zmqglib_context_terminate_async (context, NULL, test_keep_result, &result);
  g_cancellable_cancel (cancellable);
  test_iterate_until (NULL, test_is_set, &cancelled_result);
  g_assert_false (zmqglib_context_terminate_finish (context, cancelled_result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_assert_false (zmqglib_context_terminate (context, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (result);

  take_unsent (endpoint);
  g_assert_true (zmqglib_context_terminate (context, NULL, &error));
  g_assert_no_error (error);
  test_iterate_until (NULL, test_is_set, &result);
  g_assert_true (zmqglib_context_terminate_finish (context, result, &error));
  g_assert_no_error (error);
}

static gpointer
cancel_thread (gpointer data)
{
  g_usleep (20000);
  g_cancellable_cancel (data);

  return NULL;
}

static void
test_terminate_cancelled_while_blocked (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autofree char *endpoint = leave_unsent (context);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread = g_thread_new ("cancel", cancel_thread, cancellable);

  g_assert_false (zmqglib_context_terminate (context, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  take_unsent (endpoint);
}

/* Open sockets of this thread are closed while it waits in the main loop. */
static void
test_terminate_async (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GAsyncResult) result = NULL;

  zmqglib_context_terminate_async (context, NULL, test_keep_result, &result);
  g_assert_null (result);
  g_assert_null (zmqglib_socket_receive (socket, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_TERMINATED, "pull");
  g_assert_null (result);
  zmqglib_socket_close (socket);

  test_iterate_until (NULL, test_is_set, &result);
  g_assert_true (zmqglib_context_terminate_finish (context, result, &error));
  g_assert_no_error (error);
}

/* The messages that nobody takes must not keep the program. */
static void
test_drop_with_unsent (void)
{
  gint64 start;

  if (g_test_subprocess ())
    {
      ZmqContext *context = zmqglib_context_new ();

      start = g_get_monotonic_time ();
      g_free (leave_unsent (context));
      g_object_unref (context);
      g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
      return;
    }

  g_test_trap_subprocess (NULL, TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
  g_assert_false (g_test_trap_reached_timeout ());
  g_test_trap_assert_passed ();
}

/* While the program runs they still leave. */
static void
test_drop_still_sends (void)
{
  ZmqContext      *context = zmqglib_context_new ();
  g_autofree char *endpoint = leave_unsent (context);

  g_object_add_weak_pointer (G_OBJECT (context), (gpointer *) &context);
  g_object_unref (context);
  g_assert_null (context);
  take_unsent (endpoint);
}

static void
test_max_sockets (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqContext) context = g_object_new (ZMQGLIB_TYPE_CONTEXT, "max-sockets", 3, NULL);
  g_autofree char *endpoint = NULL;
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < 3; i++)
    g_ptr_array_add (sockets, test_socket_new (context, ZMQGLIB_SOCKET_PULL));

  g_assert_null (zmqglib_socket_new (context, ZMQGLIB_SOCKET_SUB, &error));
  test_assert_error (error, ZMQGLIB_ERROR_TOO_MANY_SOCKETS, "“max-sockets” of 3");
  g_assert_null (zmqglib_socket_new (context, ZMQGLIB_SOCKET_SUB, &error));
  test_assert_error (error, ZMQGLIB_ERROR_TOO_MANY_SOCKETS, "“sub”");

  /* those that there are go on */
  endpoint = test_bind (g_ptr_array_index (sockets, 0), "inproc");
  g_assert_nonnull (endpoint);
}

static rlim_t
allow_descriptors (rlim_t n_allowed)
{
  struct rlimit limit;
  rlim_t        n_before;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  n_before = limit.rlim_cur;
  limit.rlim_cur = n_allowed;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);

  return n_before;
}

/* Returns the limit that there was. */
static rlim_t
leave_descriptors (guint n_left)
{
  rlim_t n_before = allow_descriptors (100);
  int    fds[100];
  guint  n_fds = 0;

  while ((fds[n_fds] = open ("/dev/null", O_RDONLY)) >= 0)
    n_fds++;
  g_assert_cmpuint (n_fds, >=, n_left);
  while (n_left-- > 0)
    close (fds[--n_fds]);

  return n_before;
}

/* Whatever is left when the first socket or a later one is made, there is an error and no abort. */
static void
test_descriptors_used_up (gconstpointer data)
{
  guint n_left = GPOINTER_TO_UINT (data);
  g_autoptr (ZmqContext) context = NULL;
  g_autoptr (GPtrArray) sockets = NULL;
  g_autoptr (GError) error = NULL;
  rlim_t original_limit;

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC, G_TEST_SUBPROCESS_INHERIT_STDERR);
      g_assert_false (g_test_trap_reached_timeout ());
      g_test_trap_assert_passed ();
      return;
    }

  context = zmqglib_context_new ();
  sockets = g_ptr_array_new_with_free_func (g_object_unref);
  original_limit = leave_descriptors (n_left);

  while (error == NULL)
    {
      ZmqSocket *socket = zmqglib_socket_new (context, ZMQGLIB_SOCKET_PULL, &error);

      g_assert_true ((socket == NULL) == (error != NULL));
      if (socket != NULL)
        g_ptr_array_add (sockets, socket);
    }

  g_assert_null (strstr (error->message, "max-sockets"));
  test_assert_error (error, ZMQGLIB_ERROR_TOO_MANY_SOCKETS, "“pull”");

  if (sockets->len > 0)
    {
      g_assert_false (zmqglib_socket_bind (g_ptr_array_index (sockets, 0), "tcp://127.0.0.1:*", &error));
      test_assert_error (error, ZMQGLIB_ERROR_TOO_MANY_SOCKETS, "tcp://127.0.0.1:*");
    }

  /* a leak checker needs some at the exit */
  allow_descriptors (original_limit);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/context/properties", test_properties);
  g_test_add_func ("/context/socket-limit", test_socket_limit);
  g_test_add_func ("/context/thread-names", test_thread_names);
  g_test_add_func ("/context/ipv6", test_ipv6);
  g_test_add_func ("/context/default", test_default);
  g_test_add_func ("/context/separate", test_separate);
  g_test_add_func ("/context/shutdown", test_shutdown);
  g_test_add_func ("/context/shutdown-wakes", test_shutdown_wakes);
  g_test_add_func ("/context/terminate", test_terminate);
  g_test_add_func ("/context/terminate-own-sockets", test_terminate_own_sockets);
  g_test_add_func ("/context/terminate-used-sockets", test_terminate_used_sockets);
  g_test_add_func ("/context/terminate-other-thread", test_terminate_other_thread);
  g_test_add_func ("/context/terminate-waits", test_terminate_waits);
  g_test_add_func ("/context/terminate-cancelled-while-blocked", test_terminate_cancelled_while_blocked);
  g_test_add_func ("/context/terminate-async", test_terminate_async);
  g_test_add_func ("/context/drop-with-unsent", test_drop_with_unsent);
  g_test_add_func ("/context/drop-still-sends", test_drop_still_sends);
  g_test_add_func ("/context/max-sockets", test_max_sockets);
  for (guint n_left = 0; n_left < 16; n_left++)
    {
      g_autofree char *path = g_strdup_printf ("/context/descriptors-used-up/%u-left", n_left);

      g_test_add_data_func (path, GUINT_TO_POINTER (n_left), test_descriptors_used_up);
    }

  return g_test_run ();
}

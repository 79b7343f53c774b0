/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <stdlib.h>
#include <sys/wait.h>
#include <zmq.h>

#include "test-nothing-aborts.h"

/* What a forked child does with its parent’s contexts disturbs nobody. */

typedef struct
{
  ZmqContext *context;
  ZmqSocket  *pull;
  ZmqSocket  *push;
  gpointer    handle; /* that of the one that pulls */
} Fixture;

static void
fixture_set_up (Fixture      *self,
                gconstpointer data)
{
  self->context = zmqglib_context_new ();
  g_object_set (self->context, "max-sockets", 77, NULL);
  test_socket_pair (self->context, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &self->pull, &self->push);
  self->handle = zmqglib_socket_get_handle (self->pull);
  test_send_string (self->push, "before");
  test_receive_string (self->pull, "before");
}

static void
fixture_tear_down (Fixture      *self,
                   gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  /* the parent goes on, and can end */
  test_send_string (self->push, "after");
  test_receive_string (self->pull, "after");
  g_clear_object (&self->pull);
  g_clear_object (&self->push);
  g_assert_true (zmqglib_context_terminate (self->context, NULL, &error));
  g_assert_no_error (error);
  g_clear_object (&self->context);
}

/* A child that fails aborts; one that hangs is ended by its alarm. */
static void
run_in_child (void (*func) (Fixture *self),
              Fixture *self)
{
  int   status = 0;
  pid_t pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      alarm (TEST_TIMEOUT_SECONDS);
      func (self);
      _exit (0);
    }

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static void
use_inherited (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  int number = 0;

  g_assert_null (zmqglib_socket_new (self->context, ZMQGLIB_SOCKET_PULL, &error));
  g_assert_nonnull (strstr (error->message, "forked"));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "“pull”");

  g_assert_false (zmqglib_context_terminate (self->context, NULL, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "context");
  zmqglib_context_terminate_async (self->context, NULL, test_keep_result, &result);
  test_iterate_until (NULL, test_is_set, &result);
  g_assert_false (zmqglib_context_terminate_finish (self->context, result, &error));
  test_assert_error (error, ZMQGLIB_ERROR_CLOSED, "forked");
  zmqglib_context_shutdown (self->context);

  g_object_get (self->context, "max-sockets", &number, NULL);
  g_assert_cmpint (number, ==, 77);
  g_object_get (self->context, "socket-limit", &number, NULL);
  g_assert_cmpint (number, ==, 0);
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "Could not set “ipv6” of a context: *forked*");
  g_object_set (self->context, "ipv6", TRUE, NULL);
  g_test_assert_expected_messages ();
}

static guint
count_threads (void)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  guint n_threads = 0;

  while (tasks != NULL && g_dir_read_name (tasks) != NULL)
    n_threads++;

  return n_threads;
}

/* libzmq is not even told. */
static void
drop_inherited (Fixture *self)
{
  GObject *context = G_OBJECT (self->context);
  int      type = -1;
  gsize    size = sizeof type;

  g_object_add_weak_pointer (context, (gpointer *) &context);
  g_object_unref (self->pull);
  g_object_unref (self->push);
  g_object_unref (self->context);
  g_assert_null (context);

  g_assert_cmpuint (count_threads (), <=, 1);
  g_assert_cmpint (zmq_getsockopt (self->handle, ZMQ_TYPE, &type, &size), ==, 0);
}

static void
make_anew (Fixture *self)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (GError) error = NULL;

  test_socket_pair (context, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  test_send_string (push, "in the child");
  test_receive_string (pull, "in the child");
  g_clear_object (&pull);
  g_clear_object (&push);
  g_assert_true (zmqglib_context_terminate (context, NULL, &error));
}

static void
use_default (Fixture *self)
{
  g_assert_true (zmqglib_context_get_default () != self->context);
  g_assert_true (zmqglib_context_get_default () == zmqglib_context_get_default ());
  self->context = NULL;
  make_anew (self);
  g_object_unref (test_socket_new (NULL, ZMQGLIB_SOCKET_PULL));
}

static void
test_use_inherited (Fixture      *self,
                    gconstpointer data)
{
  run_in_child (use_inherited, self);
}

static void
test_drop_inherited (Fixture      *self,
                     gconstpointer data)
{
  run_in_child (drop_inherited, self);
}

static void
test_make_anew (Fixture      *self,
                gconstpointer data)
{
  run_in_child (make_anew, self);
}

static void
test_use_default (Fixture      *self,
                  gconstpointer data)
{
  Fixture    with_default = { zmqglib_context_get_default (), NULL, NULL };
  ZmqSocket *pull;
  ZmqSocket *push;

  /* libzmq's threads have begun, and wait: in the midst of that a sanitizer's allocator would be locked in the child */
  test_socket_pair (NULL, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  test_send_string (push, "before");
  test_receive_string (pull, "before");

  run_in_child (use_default, &with_default);
  g_assert_true (zmqglib_context_get_default () == with_default.context);
  g_object_unref (pull);
  g_object_unref (push);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func) \
  g_test_add ("/life/rule-7-nothing-aborts/fork/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

  ADD ("use-inherited", test_use_inherited);
  ADD ("drop-inherited", test_drop_inherited);
  ADD ("make-anew", test_make_anew);
  ADD ("use-default", test_use_default);

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-poller-rules-util.h"

/* Rule 1 of the poller: what an operation on a socket has used up is not lost. */

typedef struct
{
  const char *name;
  void (*run) (RuleFixture *fixture);
} Operation;

static void
run_get_condition (RuleFixture *fixture)
{
  g_assert_true (zmqglib_socket_get_condition (fixture->socket) & G_IO_IN);
}

static void
run_get_option (RuleFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  int events;

  zmqglib_socket_get_option_int (fixture->socket, ZMQ_EVENTS, &events, &error);
  g_assert_no_error (error);
  g_assert_true (events & ZMQ_POLLIN);
}

static void
run_wait (RuleFixture *fixture)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_wait (fixture->socket, G_IO_IN, -1, NULL, &error);
  g_assert_no_error (error);
}

static void
run_try_receive (RuleFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_try_receive (fixture->socket, &error);

  g_assert_no_error (error);
  rule_on_received (NULL, message, fixture);
}

static void
run_send (RuleFixture *fixture)
{
  test_send_string (fixture->socket, "hello");
}

static void
run_bind (RuleFixture *fixture)
{
  /* over tcp libzmq would give itself another signal */
  g_autofree char *endpoint = test_bind (fixture->socket, "inproc");

  g_assert_true (g_str_has_prefix (endpoint, "inproc://"));
}

static void
run_unbind (RuleFixture *fixture)
{
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  g_object_get (fixture->socket, "last-endpoint", &endpoint, NULL);
  zmqglib_socket_unbind (fixture->socket, endpoint, &error);
  g_assert_no_error (error);
}

static void
run_connect (RuleFixture *fixture)
{
  g_autofree char *endpoint = test_endpoint ("inproc");
  g_autoptr (GError) error = NULL;

  zmqglib_socket_connect_to (fixture->socket, endpoint, &error);
  g_assert_no_error (error);
}

static void
run_disconnect (RuleFixture *fixture)
{
  g_assert_false (zmqglib_socket_disconnect_from (fixture->socket, "inproc://nowhere", NULL));
}

static void
run_stream_send (RuleFixture *fixture)
{
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send_string (fixture->stream, "hello", &error);
  g_assert_no_error (error);
}

static void
run_stream_flush (RuleFixture *fixture)
{
  g_assert_cmpuint (zmqglib_stream_flush (fixture->stream, G_IO_IN, 1), ==, 1);
}

static const Operation operations[] = {
  { "get-condition", run_get_condition },
  { "get-option", run_get_option },
  { "wait", run_wait },
  { "receive", rule_receive },
  { "try-receive", run_try_receive },
  { "send", run_send },
  { "try-send", rule_try_send },
  { "bind", run_bind },
  { "unbind", run_unbind },
  { "connect", run_connect },
  { "disconnect", run_disconnect },
  { "stream-send", run_stream_send },
  { "stream-flush", run_stream_flush },
};

/* Nothing but the operation happens between a loop that sleeps and the messages it has to notice,
 * whose signal the operation has used up. */
static void
test_operation_makes_hot (RuleFixture  *fixture,
                          gconstpointer data)
{
  const Operation *operation = data;

  rule_listen_with (fixture, G_CALLBACK (rule_on_received));
  rule_settle ();

  rule_send_numbers (fixture, 2);
  /* libzmq spares itself looking for commands when it has done so in the last millisecond */
  g_usleep (5000);
  g_assert_true (rule_is_signalled (fixture));
  operation->run (fixture);
  g_assert_false (rule_is_signalled (fixture));
  g_assert_cmpuint (fixture->n_received, <, 2);

  test_iterate_until (NULL, rule_has_received_all, fixture);
}

typedef struct
{
  GSource          source;
  RuleFixture     *fixture; /* NULL when done */
  const Operation *operation;
} MeddlingSource;

static gboolean
meddling_source_prepare (GSource *source,
                         int     *timeout)
{
  MeddlingSource *self = (MeddlingSource *) source;
  RuleFixture    *fixture = g_steal_pointer (&self->fixture);

  *timeout = -1;
  if (fixture == NULL)
    return FALSE;

  rule_send_numbers (fixture, 2);
  g_usleep (5000);
  self->operation->run (fixture);

  return FALSE;
}

static gboolean
meddling_source_dispatch (GSource    *source,
                          GSourceFunc callback,
                          gpointer    user_data)
{
  g_assert_not_reached ();
}

static GSourceFuncs meddling_source_funcs = {
  .prepare = meddling_source_prepare,
  .dispatch = meddling_source_dispatch,
};

/* The same when the loop is about to block: another source's prepare, after the poller's own. */
static void
test_operation_in_prepare (RuleFixture  *fixture,
                           gconstpointer data)
{
  GSource *source = g_source_new (&meddling_source_funcs, sizeof (MeddlingSource));

  rule_listen_with (fixture, G_CALLBACK (rule_on_received));
  rule_settle ();

  ((MeddlingSource *) source)->fixture = fixture;
  ((MeddlingSource *) source)->operation = data;
  g_source_attach (source, NULL);
  g_main_context_iteration (NULL, TRUE);
  test_iterate_until (NULL, rule_has_received_all, fixture);
  g_assert_cmpuint (fixture->n_sent, ==, 2);

  g_source_destroy (source);
  g_source_unref (source);
}

/* What is there, and was of no interest so far, has no signal left to give. */
static void
test_wanting_more (RuleFixture  *fixture,
                   gconstpointer data)
{
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  g_autoptr (GError) error = NULL;
  guint n_ready = 0;

  zmqglib_poller_add_socket (poller, fixture->socket, 0, rule_count_ready, &n_ready, NULL, &error);
  g_assert_no_error (error);
  rule_send_numbers (fixture, 1);
  g_assert_cmpint (zmqglib_poller_wait (poller, 0, NULL, &error), ==, 0);
  g_assert_false (rule_is_signalled (fixture));

  zmqglib_poller_modify_socket (poller, fixture->socket, G_IO_IN, &error);
  g_assert_no_error (error);
  g_assert_cmpint (zmqglib_poller_wait (poller, -1, NULL, &error), ==, 1);
  g_assert_no_error (error);
  g_assert_cmpuint (n_ready, ==, 1);
}

static void
add_operations (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    {
      const Operation *operation = &operations[i];
      g_autofree char *path =
          g_strdup_printf ("/poller/rule-01-operations-make-hot/%s", operation->name);
      g_autofree char *prepare_path = g_strdup_printf ("%s-in-prepare", path);

      rule_test_add (path, operation, test_operation_makes_hot);
      rule_test_add (prepare_path, operation, test_operation_in_prepare);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add_operations ();
  rule_test_add ("/poller/rule-01-operations-make-hot/modify", NULL, test_wanting_more);

  return g_test_run ();
}

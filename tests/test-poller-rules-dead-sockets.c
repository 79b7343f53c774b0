/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-poller-rules-util.h"

/* Rule 10 of the poller: a dead socket is reported, once. */

typedef struct
{
  guint n_closed;
  int   code;
} Closing;

static void
on_closed (ZmqStream    *stream,
           const GError *error,
           gpointer      user_data)
{
  Closing *closing = user_data;

  g_assert_nonnull (error);
  g_assert_true (error->domain == ZMQGLIB_ERROR);
  closing->n_closed++;
  closing->code = error->code;
}

static void
test_terminated (RuleFixture  *fixture,
                 gconstpointer data)
{
  g_autoptr (ZmqStream) unheard = zmqglib_stream_new (fixture->peer);
  g_autoptr (GError) error = NULL;
  Closing closing = { 0 };
  Closing unheard_closing = { 0 };

  rule_listen_with (fixture, G_CALLBACK (rule_on_received));
  g_signal_connect (fixture->stream, "closed", G_CALLBACK (on_closed), &closing);
  g_signal_connect (unheard, "closed", G_CALLBACK (on_closed), &unheard_closing);
  rule_settle ();

  zmqglib_context_shutdown (fixture->context);
  test_iterate_until (NULL, rule_is_positive, &closing.n_closed);
  test_iterate_until (NULL, rule_is_positive, &unheard_closing.n_closed);
  rule_assert_loop_sleeps ();

  g_assert_cmpuint (closing.n_closed, ==, 1);
  g_assert_cmpint (closing.code, ==, ZMQGLIB_ERROR_TERMINATED);
  g_assert_cmpuint (unheard_closing.n_closed, ==, 1);
  g_assert_cmpint (unheard_closing.code, ==, ZMQGLIB_ERROR_TERMINATED);
  zmqglib_context_terminate (fixture->context, NULL, &error);
  g_assert_no_error (error);
}

static void
on_waited (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  guint *n_ended = data;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (zmqglib_socket_wait_finish (ZMQGLIB_SOCKET (source), result, &error), ==, 0);
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TERMINATED);
  (*n_ended)++;
}

static gboolean
on_condition (ZmqSocket   *socket,
              GIOCondition condition,
              gpointer     data)
{
  guint *n_ended = data;

  g_assert_cmpint (condition & G_IO_HUP, ==, G_IO_HUP);
  (*n_ended)++;

  return G_SOURCE_REMOVE;
}

static void
on_ready (ZmqPoller   *poller,
          ZmqSocket   *socket,
          int          fd,
          GIOCondition condition,
          gpointer     data)
{
  guint *n_ended = data;

  g_assert_cmpint (condition & G_IO_HUP, ==, G_IO_HUP);
  (*n_ended)++;
}

static gboolean
on_poller (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

typedef struct
{
  guint n_waited;
  guint n_dispatched;
  guint n_polled;
} Ends;

static gboolean
have_all_ended (gpointer data)
{
  Ends *ends = data;

  return ends->n_waited == 3 && ends->n_dispatched == 1 && ends->n_polled == 1;
}

/* However many watch a socket, and at whatever priority: who asks first uses up what libzmq tells. With @data, that is
 * somebody who asks by hand. */
static void
test_terminated_for_all (RuleFixture  *fixture,
                         gconstpointer data)
{
  static const int priorities[] = { G_PRIORITY_HIGH, G_PRIORITY_DEFAULT, G_PRIORITY_LOW };
  g_autoptr (GSource) source = zmqglib_socket_create_source (fixture->peer, G_IO_IN, NULL);
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  g_autoptr (GSource) poller_source = zmqglib_poller_create_source (poller);
  Ends ends = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (priorities); i++)
    zmqglib_socket_wait_async (fixture->peer, G_IO_IN, priorities[i], NULL, on_waited, &ends.n_waited);
  g_source_set_callback (source, G_SOURCE_FUNC (on_condition), &ends.n_dispatched, NULL);
  g_source_attach (source, NULL);
  g_assert_true (zmqglib_poller_add_socket (poller, fixture->peer, G_IO_IN, on_ready, &ends.n_polled, NULL, NULL));
  g_source_set_callback (poller_source, on_poller, NULL, NULL);
  g_source_attach (poller_source, NULL);
  rule_settle ();

  zmqglib_context_shutdown (fixture->context);
  if (data != NULL)
    zmqglib_socket_get_condition (fixture->peer);
  test_iterate_until (NULL, have_all_ended, &ends);
  rule_assert_loop_sleeps ();
  g_source_destroy (poller_source);
}

static void
test_closed_by_object (RuleFixture  *fixture,
                       gconstpointer data)
{
  Closing closing = { 0 };

  rule_listen_with (fixture, G_CALLBACK (rule_on_received));
  g_signal_connect (fixture->stream, "closed", G_CALLBACK (on_closed), &closing);
  rule_settle ();

  zmqglib_socket_close (fixture->socket);
  g_assert_cmpuint (closing.n_closed, ==, 0);
  test_iterate_until (NULL, rule_is_positive, &closing.n_closed);
  rule_assert_loop_sleeps ();

  g_assert_cmpuint (closing.n_closed, ==, 1);
  g_assert_cmpint (closing.code, ==, ZMQGLIB_ERROR_CLOSED);
}

static void
test_closed_by_foreign_code (RuleFixture  *fixture,
                             gconstpointer data)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (fixture->context, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = test_endpoint ("ipc");
  Closing          closing = { 0 };

  /* A message that nobody takes makes libzmq keep the memory of the closed socket for a while, so
   * that asking it is not only likely to fail in the way that it should. */
  g_object_set (socket, "linger", 1000, NULL);
  zmqglib_socket_connect_to (socket, endpoint, &error);
  g_assert_no_error (error);
  test_send_string (socket, "hello");

  stream = zmqglib_stream_new (socket);
  g_signal_connect (stream, "received", G_CALLBACK (rule_on_received), fixture);
  g_signal_connect (stream, "closed", G_CALLBACK (on_closed), &closing);
  rule_settle ();

  g_assert_cmpint (zmq_close (zmqglib_socket_get_handle (socket)), ==, 0);
  test_iterate_until (NULL, rule_is_positive, &closing.n_closed);
  rule_assert_loop_sleeps ();

  g_assert_cmpuint (closing.n_closed, ==, 1);
  g_assert_cmpint (closing.code, ==, ZMQGLIB_ERROR_CLOSED);
  g_assert_true (zmqglib_socket_is_closed (socket));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  rule_test_add ("/poller/rule-10-dead-socket-is-reported-once/terminated", NULL, test_terminated);
  rule_test_add ("/poller/rule-10-dead-socket-is-reported-once/terminated-for-all", NULL, test_terminated_for_all);
  rule_test_add ("/poller/rule-10-dead-socket-is-reported-once/terminated-and-asked", "asked", test_terminated_for_all);
  rule_test_add ("/poller/rule-10-dead-socket-is-reported-once/closed", NULL, test_closed_by_object);
  rule_test_add ("/poller/rule-10-dead-socket-is-reported-once/closed-by-foreign-code", NULL,
                 test_closed_by_foreign_code);

  return g_test_run ();
}

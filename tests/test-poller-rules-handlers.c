/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-poller-rules-util.h"

/* Rules 8 and 9 of the poller: what handlers may do. */

/* Rule 8 */

typedef struct
{
  RuleFixture *fixture;
  RuleFixture  other;
  guint        depth;
} Nesting;

static void
on_received_nested (ZmqStream  *stream,
                    ZmqMessage *message,
                    gpointer    user_data)
{
  Nesting *nesting = user_data;

  g_assert_cmpuint (nesting->depth, ==, 0);
  nesting->depth++;
  rule_on_received (stream, message, nesting->fixture);

  /* a signal of one's own is no reason to spin */
  g_assert_false (zmqglib_socket_get_condition (nesting->fixture->socket) & G_IO_IN);
  rule_send_numbers (nesting->fixture, nesting->fixture->n_sent < 3 ? 1 : 0);
  rule_assert_loop_sleeps ();

  rule_send_numbers (&nesting->other, 5);
  test_iterate_until (NULL, rule_has_received_all, &nesting->other);
  nesting->depth--;
}

static void
test_nested_loop (RuleFixture  *fixture,
                  gconstpointer data)
{
  Nesting nesting = { .fixture = fixture };

  rule_fixture_set_up (&nesting.other, NULL);
  rule_listen_with (&nesting.other, G_CALLBACK (rule_on_received));
  fixture->stream = zmqglib_stream_new (fixture->socket);
  g_signal_connect (fixture->stream, "received", G_CALLBACK (on_received_nested), &nesting);

  rule_send_numbers (fixture, 1);
  test_iterate_until (NULL, rule_has_received_all, fixture);
  g_assert_cmpuint (fixture->n_received, ==, 3);
  g_assert_cmpuint (nesting.other.n_received, ==, 15);

  rule_fixture_tear_down (&nesting.other, NULL);
}

static void
on_ready_nested (ZmqPoller   *poller,
                 ZmqSocket   *socket,
                 int          fd,
                 GIOCondition condition,
                 gpointer     user_data)
{
  Nesting *nesting = user_data;

  g_assert_cmpuint (nesting->depth, ==, 0);
  nesting->depth++;
  nesting->fixture->n_received++;

  rule_assert_loop_sleeps ();
  rule_send_numbers (&nesting->other, 5);
  test_iterate_until (NULL, rule_has_received_all, &nesting->other);

  if (socket != NULL)
    rule_receive (&(RuleFixture){ .socket = socket, .n_received = nesting->fixture->n_received - 1 });
  nesting->depth--;
}

/* A descriptor stays readable for as long as its function has not read from it. */
static void
test_nested_loop_in_poller (RuleFixture  *fixture,
                            gconstpointer data)
{
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  g_autoptr (GSource) source = zmqglib_poller_create_source (poller);
  g_autoptr (GError) error = NULL;
  Nesting nesting = { .fixture = fixture };

  rule_fixture_set_up (&nesting.other, NULL);
  rule_listen_with (&nesting.other, G_CALLBACK (rule_on_received));
  g_source_attach (source, NULL);

  zmqglib_poller_add_socket (poller, fixture->socket, G_IO_IN, on_ready_nested, &nesting, NULL,
                             &error);
  g_assert_no_error (error);
  rule_send_numbers (fixture, 2);
  test_iterate_until (NULL, rule_has_received_all, fixture);
  zmqglib_poller_remove_socket (poller, fixture->socket, &error);
  g_assert_no_error (error);

  /* any descriptor that is readable twice: that of a socket with a command */
  fixture->n_sent = fixture->n_received = 0;
  g_assert_cmpint (zmqglib_socket_get_condition (fixture->socket), ==, G_IO_OUT);
  rule_send_numbers (fixture, 1);
  zmqglib_poller_add_fd (poller, fixture->fd, G_IO_IN, on_ready_nested, &nesting, NULL, &error);
  g_assert_no_error (error);
  test_iterate_until (NULL, rule_has_received_all, fixture);
  fixture->n_sent++;
  test_iterate_until (NULL, rule_has_received_all, fixture);
  g_assert_cmpuint (fixture->n_received, ==, 2);
  g_assert_cmpuint (nesting.other.n_received, ==, 20);

  g_source_destroy (source);
  rule_fixture_tear_down (&nesting.other, NULL);
}

/* Rule 9 */

static void
on_received_close (ZmqStream  *stream,
                   ZmqMessage *message,
                   gpointer    user_data)
{
  rule_on_received (stream, message, user_data);
  zmqglib_stream_close (stream);
}

static void
on_closed_count (ZmqStream    *stream,
                 const GError *error,
                 gpointer      user_data)
{
  guint *n_closed = user_data;

  (*n_closed)++;
}

static void
test_close_in_handler (RuleFixture  *fixture,
                       gconstpointer data)
{
  guint n_closed = 0;

  rule_listen_with (fixture, G_CALLBACK (on_received_close));
  g_signal_connect (fixture->stream, "closed", G_CALLBACK (on_closed_count), &n_closed);
  rule_send_numbers (fixture, 2);

  test_iterate_until (NULL, rule_is_positive, &n_closed);
  rule_assert_loop_sleeps ();
  g_assert_cmpuint (fixture->n_received, ==, 1);
  g_assert_cmpuint (n_closed, ==, 1);
}

static void
on_received_close_socket (ZmqStream  *stream,
                          ZmqMessage *message,
                          gpointer    user_data)
{
  rule_on_received (stream, message, user_data);
  zmqglib_socket_close (zmqglib_stream_get_socket (stream));
}

static void
test_close_socket_in_handler (RuleFixture  *fixture,
                              gconstpointer data)
{
  guint n_closed = 0;

  rule_listen_with (fixture, G_CALLBACK (on_received_close_socket));
  g_signal_connect (fixture->stream, "closed", G_CALLBACK (on_closed_count), &n_closed);
  rule_send_numbers (fixture, 2);

  test_iterate_until (NULL, rule_is_positive, &n_closed);
  rule_assert_loop_sleeps ();
  g_assert_cmpuint (fixture->n_received, ==, 1);
  g_assert_cmpuint (n_closed, ==, 1);
}

static void
on_received_drop (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    user_data)
{
  RuleFixture *fixture = user_data;

  rule_on_received (stream, message, user_data);
  g_clear_object (&fixture->stream);
}

static void
test_drop_in_handler (RuleFixture  *fixture,
                      gconstpointer data)
{
  ZmqStream *stream;

  rule_listen_with (fixture, G_CALLBACK (on_received_drop));
  stream = fixture->stream;
  g_object_add_weak_pointer (G_OBJECT (stream), (gpointer *) &stream);
  rule_send_numbers (fixture, 1);

  test_iterate_until (NULL, rule_has_received_all, fixture);
  g_assert_null (stream);
  rule_assert_loop_sleeps ();
  g_assert_false (zmqglib_socket_is_closed (fixture->socket));
}

static void
on_received_replace (ZmqStream  *stream,
                     ZmqMessage *message,
                     gpointer    user_data)
{
  RuleFixture *fixture = user_data;

  rule_on_received (stream, message, user_data);
  g_clear_object (&fixture->stream);
  rule_listen_with (fixture, G_CALLBACK (on_received_replace));
}

static void
test_replace_in_handler (RuleFixture  *fixture,
                         gconstpointer data)
{
  rule_listen_with (fixture, G_CALLBACK (on_received_replace));
  rule_send_numbers (fixture, 100);
  test_iterate_until (NULL, rule_has_received_all, fixture);
  rule_assert_loop_sleeps ();
}

static void
on_received_end_others (ZmqStream  *stream,
                        ZmqMessage *message,
                        gpointer    user_data)
{
  RuleFlood *flood = user_data;

  rule_flood_on_received (stream, message, flood);
  for (guint i = 0; i < G_N_ELEMENTS (flood->streams); i++)
    {
      if (flood->streams[i] == stream)
        continue;

      if (i % 2 == 0)
        zmqglib_stream_close (flood->streams[i]);
      else
        g_object_run_dispose (G_OBJECT (flood->streams[i]));
    }
}

/* All are ready; the first one to be served ends the others. */
static void
test_end_others_in_handler (RuleFixture  *fixture,
                            gconstpointer data)
{
  g_autoptr (RuleFlood) flood =
      rule_flood_new (fixture->context, 3, G_CALLBACK (on_received_end_others));

  rule_settle ();
  rule_assert_loop_sleeps ();
  g_assert_cmpuint (flood->n_all, ==, 3);
  g_assert_cmpuint (flood->longest_run, ==, 3);
}

static gboolean
on_idle_end (gpointer data)
{
  RuleFixture *fixture = data;

  zmqglib_stream_close (fixture->stream);
  g_clear_object (&fixture->stream);
  g_clear_object (&fixture->socket);

  return G_SOURCE_REMOVE;
}

static void
on_received_nested_end (ZmqStream  *stream,
                        ZmqMessage *message,
                        gpointer    user_data)
{
  guint n_closed = 0;

  rule_on_received (stream, message, user_data);
  g_signal_connect (stream, "closed", G_CALLBACK (on_closed_count), &n_closed);
  g_idle_add (on_idle_end, user_data);
  test_iterate_until (NULL, rule_is_positive, &n_closed);
  g_signal_handlers_disconnect_by_data (stream, &n_closed);
}

static void
test_end_in_nested_loop (RuleFixture  *fixture,
                         gconstpointer data)
{
  ZmqStream *stream;

  rule_listen_with (fixture, G_CALLBACK (on_received_nested_end));
  stream = fixture->stream;
  g_object_add_weak_pointer (G_OBJECT (stream), (gpointer *) &stream);
  rule_send_numbers (fixture, 1);

  test_iterate_until (NULL, rule_has_received_all, fixture);
  rule_assert_loop_sleeps ();
  g_assert_null (stream);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  rule_test_add ("/poller/rule-08-nested-loop/stream", NULL, test_nested_loop);
  rule_test_add ("/poller/rule-08-nested-loop/poller", NULL, test_nested_loop_in_poller);
  rule_test_add ("/poller/rule-09-handlers-may-end-anything/close", NULL, test_close_in_handler);
  rule_test_add ("/poller/rule-09-handlers-may-end-anything/close-socket", NULL,
                 test_close_socket_in_handler);
  rule_test_add ("/poller/rule-09-handlers-may-end-anything/drop", NULL, test_drop_in_handler);
  rule_test_add ("/poller/rule-09-handlers-may-end-anything/replace", NULL, test_replace_in_handler);
  rule_test_add ("/poller/rule-09-handlers-may-end-anything/others", NULL, test_end_others_in_handler);
  rule_test_add ("/poller/rule-09-handlers-may-end-anything/nested", NULL, test_end_in_nested_loop);

  return g_test_run ();
}

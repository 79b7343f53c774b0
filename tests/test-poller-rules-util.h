/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmq.h>

#include "test-util.h"

G_BEGIN_DECLS

/* What the tests of the ten rules of the poller share: each is tested through what the public API can
 * see of it. */

typedef struct
{
  ZmqContext *context;
  ZmqSocket  *socket;
  ZmqSocket  *peer;
  ZmqStream  *stream; /* of the socket */
  int         fd;     /* of the socket */
  guint       n_sent;
  guint       n_received;
} RuleFixture;

static inline void
rule_fixture_set_up (RuleFixture  *fixture,
                     gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->context = zmqglib_context_new ();
  test_socket_pair (fixture->context, "inproc", ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_DEALER,
                    &fixture->socket, &fixture->peer);

  zmqglib_socket_get_option_int (fixture->socket, ZMQ_FD, &fixture->fd, &error);
  g_assert_no_error (error);
}

/* Lets the default context do all that it can do now. After a slice there is an iteration without
 * anything to do. */
static inline void
rule_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE) || g_main_context_iteration (NULL, FALSE))
    ;
}

static inline void
rule_fixture_tear_down (RuleFixture  *fixture,
                        gconstpointer data)
{
  g_clear_object (&fixture->stream);
  g_clear_object (&fixture->socket);
  g_clear_object (&fixture->peer);
  g_clear_object (&fixture->context);
  rule_settle ();
}

static inline void
rule_send_number (ZmqSocket *socket,
                  guint      number)
{
  g_autofree char *string = g_strdup_printf ("%u", number);

  test_send_string (socket, string);
}

static inline void
rule_send_numbers (RuleFixture *fixture,
                   guint        n)
{
  for (guint i = 0; i < n; i++)
    rule_send_number (fixture->peer, fixture->n_sent++);
}

static inline guint
rule_get_number (ZmqMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *string = zmqglib_message_get_string (message, 0, &error);

  g_assert_no_error (error);

  return g_ascii_strtoull (string, NULL, 10);
}

static inline void
rule_on_received (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    user_data)
{
  RuleFixture *fixture = user_data;

  g_assert_cmpuint (rule_get_number (message), ==, fixture->n_received);
  fixture->n_received++;
}

static inline gulong
rule_listen_with (RuleFixture *fixture,
                  GCallback    callback)
{
  if (fixture->stream == NULL)
    fixture->stream = zmqglib_stream_new (fixture->socket);

  return g_signal_connect (fixture->stream, "received", callback, fixture);
}

static inline gboolean
rule_has_received_all (gpointer data)
{
  RuleFixture *fixture = data;

  return fixture->n_received == fixture->n_sent;
}

/* Looks at the descriptor itself, since an operation on the socket would change what is tested. */
static inline gboolean
rule_is_signalled (RuleFixture *fixture)
{
  GPollFD fd = { .fd = fixture->fd, .events = G_IO_IN };

  return g_poll (&fd, 1, 0) == 1;
}

static inline gboolean
rule_on_time_up (gpointer data)
{
  gboolean *is_over = data;

  *is_over = TRUE;

  return G_SOURCE_REMOVE;
}

/* The loop has nothing to do, and does not spin over it either. */
static inline void
rule_assert_loop_sleeps (void)
{
  gboolean is_over = FALSE;
  guint    n_iterations = 0;

  rule_settle ();
  g_timeout_add (50, rule_on_time_up, &is_over);
  while (!is_over)
    {
      g_main_context_iteration (NULL, TRUE);
      n_iterations++;
    }

  g_assert_cmpuint (n_iterations, <=, 5);
}

/* The first steps of an iteration: whether something is ready, and how long the loop would wait. */
static inline gboolean
rule_prepare_loop (int *timeout_ms)
{
  GPollFD  fds[32];
  gboolean ready;
  int      priority;

  g_assert_true (g_main_context_acquire (g_main_context_default ()));
  ready = g_main_context_prepare (g_main_context_default (), &priority);
  g_main_context_query (g_main_context_default (), priority, timeout_ms, fds, G_N_ELEMENTS (fds));
  g_main_context_release (g_main_context_default ());

  return ready;
}

static inline gboolean
rule_is_positive (gpointer data)
{
  return *(guint *) data > 0;
}

static inline void
rule_count_ready (ZmqPoller   *poller,
                  ZmqSocket   *socket,
                  int          fd,
                  GIOCondition condition,
                  gpointer     user_data)
{
  guint *n_ready = user_data;

  (*n_ready)++;
}

static inline void
rule_receive (RuleFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive (fixture->socket, NULL, &error);

  g_assert_no_error (error);
  rule_on_received (NULL, message, fixture);
}

static inline void
rule_try_send (RuleFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("hello");

  zmqglib_socket_try_send (fixture->socket, message, &error);
  g_assert_no_error (error);
}

/* Streams that all have messages to read, and who was served for how long. */
typedef struct
{
  ZmqSocket *sockets[4];
  ZmqSocket *peers[4];
  ZmqStream *streams[4];
  guint      n_received[4];
  guint      n_each;
  guint      last;
  guint      run;
  guint      longest_run;
  guint      n_all;
} RuleFlood;

/* Whether only the stream itself has messages left: it may go on then. */
static inline gboolean
rule_flood_is_last (RuleFlood *flood,
                    guint      index)
{
  for (guint i = 0; i < G_N_ELEMENTS (flood->streams); i++)
    if (i != index && flood->n_received[i] < flood->n_each)
      return FALSE;

  return TRUE;
}

static inline void
rule_flood_on_received (ZmqStream  *stream,
                        ZmqMessage *message,
                        gpointer    user_data)
{
  RuleFlood *flood = user_data;
  guint      i = 0;

  while (flood->streams[i] != stream)
    i++;

  g_assert_cmpuint (rule_get_number (message), ==, flood->n_received[i]);
  flood->n_received[i]++;
  flood->n_all++;
  flood->run = flood->last == i ? flood->run + 1 : 1;
  flood->last = i;
  if (!rule_flood_is_last (flood, i))
    flood->longest_run = MAX (flood->longest_run, flood->run);
}

static inline RuleFlood *
rule_flood_new (ZmqContext *context,
                guint       n_messages,
                GCallback   callback)
{
  RuleFlood *flood = g_new0 (RuleFlood, 1);

  flood->n_each = n_messages;
  for (guint i = 0; i < G_N_ELEMENTS (flood->streams); i++)
    {
      test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR,
                        &flood->sockets[i], &flood->peers[i]);
      for (guint j = 0; j < n_messages; j++)
        rule_send_number (flood->peers[i], j);

      flood->streams[i] = zmqglib_stream_new (flood->sockets[i]);
      g_signal_connect (flood->streams[i], "received", callback, flood);
    }

  return flood;
}

static inline void
rule_flood_free (RuleFlood *flood)
{
  for (guint i = 0; i < G_N_ELEMENTS (flood->streams); i++)
    {
      g_object_unref (flood->streams[i]);
      g_object_unref (flood->sockets[i]);
      g_object_unref (flood->peers[i]);
    }
  g_free (flood);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RuleFlood, rule_flood_free)

static inline void
rule_test_add (const char   *path,
               gconstpointer data,
               void (*test) (RuleFixture *, gconstpointer))
{
  g_test_add (path, RuleFixture, data, rule_fixture_set_up, test, rule_fixture_tear_down);
}

G_END_DECLS

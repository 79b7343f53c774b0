/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-poller-rules-util.h"

/* Rules 4 and 7 of the poller: everybody has a turn. */

/* how long a slow handler takes: a slice of the poller, 2 ms, has room for a few of them only */
#define SLOW_US      300
#define MAX_IN_SLICE 10

/* how many messages a stream may handle in a row while another one has its share to come */
#define MAX_SHARE 64

/* what GTK redraws at */
#define LOW_PRIORITY (G_PRIORITY_HIGH_IDLE + 20)

static void
spin (void)
{
  gint64 end = g_get_monotonic_time () + SLOW_US;

  while (g_get_monotonic_time () < end)
    ;
}

static void
on_received_slowly (ZmqStream  *stream,
                    ZmqMessage *message,
                    gpointer    user_data)
{
  rule_on_received (stream, message, user_data);
  spin ();
}

/* Rule 4 */

static void
on_received_flood_slowly (ZmqStream  *stream,
                          ZmqMessage *message,
                          gpointer    user_data)
{
  rule_flood_on_received (stream, message, user_data);
  spin ();
}

static void
test_dispatch_in_turn (RuleFixture  *fixture,
                       gconstpointer data)
{
  g_autoptr (RuleFlood) flood =
      rule_flood_new (fixture->context, 5 * MAX_SHARE, G_CALLBACK (rule_flood_on_received));

  rule_settle ();

  g_assert_cmpuint (flood->n_all, ==, 4 * 5 * MAX_SHARE);
  g_assert_cmpuint (flood->longest_run, >, 0);
  g_assert_cmpuint (flood->longest_run, <=, MAX_SHARE);
}

static void
test_dispatch_within_slice (RuleFixture  *fixture,
                            gconstpointer data)
{
  g_autoptr (RuleFlood) flood =
      rule_flood_new (fixture->context, MAX_IN_SLICE, G_CALLBACK (on_received_flood_slowly));

  /* the slice is the source’s, not each stream’s; and who was not through is served later, without
   * any other signal */
  for (guint n_before = 0; flood->n_all < 4 * MAX_IN_SLICE; n_before = flood->n_all)
    {
      g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (flood->n_all - n_before, <=, MAX_IN_SLICE);
    }
}

/* Rule 7 */

static gboolean
on_count (gpointer data)
{
  guint *n_calls = data;

  (*n_calls)++;

  return G_SOURCE_CONTINUE;
}

static void
test_yields (RuleFixture  *fixture,
             gconstpointer data)
{
  guint n_low = 0;
  guint low_id;
  int   timeout_ms;

  rule_send_numbers (fixture, 25 * MAX_IN_SLICE);
  rule_listen_with (fixture, G_CALLBACK (on_received_slowly));
  low_id = g_idle_add_full (LOW_PRIORITY, on_count, &n_low, NULL);

  for (guint i = 0; i < 20; i++)
    {
      guint n_received = fixture->n_received;

      g_assert_true (g_main_context_iteration (NULL, FALSE));
      g_assert_cmpuint (fixture->n_received, >, n_received);
      g_assert_cmpuint (n_low, ==, i);
      n_received = fixture->n_received;

      g_assert_true (g_main_context_iteration (NULL, FALSE));
      g_assert_cmpuint (fixture->n_received, ==, n_received);
      g_assert_cmpuint (n_low, ==, i + 1);
    }
  g_source_remove (low_id);

  /* without anybody else it waits for nothing */
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_false (rule_prepare_loop (&timeout_ms));
  g_assert_cmpint (timeout_ms, ==, 0);
  g_assert_false (g_main_context_iteration (NULL, TRUE));
  g_assert_true (rule_prepare_loop (&timeout_ms));
  g_assert_false (rule_has_received_all (fixture));
  test_iterate_until (NULL, rule_has_received_all, fixture);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  rule_test_add ("/poller/rule-04-dispatch-serves-shares/in-turn", NULL, test_dispatch_in_turn);
  rule_test_add ("/poller/rule-04-dispatch-serves-shares/within-slice", NULL,
                 test_dispatch_within_slice);
  rule_test_add ("/poller/rule-07-lower-priorities-run", NULL, test_yields);

  return g_test_run ();
}

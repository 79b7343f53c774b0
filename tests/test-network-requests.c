/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include "test-asked.h"
#include "test-network-util.h"

/* Requests over a network that fails: each ends once, in time, and after it all are answered again. */

#define N_REQUESTS 200

/* A client on the near side, and a server on the far one. */
typedef struct
{
  ZmqContext *contexts[2];
  Asker       asker;
  Answerer    answerer;
  char       *endpoint;
} Talk;

#define TALK_INIT \
  {               \
    {             \
      NULL        \
    }             \
  }

static void
on_configure (ZmqClient *client,
              ZmqSocket *socket,
              gpointer   data)
{
  network_notice (socket);
}

static void
talk_open (Talk    *self,
           gboolean is_noticed)
{
  network_mend ();
  for (NetworkSide side = NETWORK_SIDE_NEAR; side <= NETWORK_SIDE_FAR; side++)
    self->contexts[side] = network_context (side);
  answerer_open (&self->answerer, self->contexts[NETWORK_SIDE_FAR]);
  asker_open (&self->asker, self->contexts[NETWORK_SIDE_NEAR]);
  if (is_noticed)
    {
      network_notice (zmqglib_server_get_socket (self->answerer.server));
      g_signal_connect (self->asker.client, "configure", G_CALLBACK (on_configure), NULL);
    }
  self->endpoint = network_bind (NETWORK_SIDE_FAR, zmqglib_server_get_socket (self->answerer.server));
  asker_connect (&self->asker, self->endpoint);
}

static void
talk_clear (Talk *self)
{
  asker_clear (&self->asker);
  answerer_clear (&self->answerer);
  g_clear_object (&self->contexts[0]);
  g_clear_object (&self->contexts[1]);
  g_clear_pointer (&self->endpoint, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Talk, talk_clear)

static void
talk_tell (Talk *self)
{
  g_test_message ("%u asked, %u answered, %u failed, %u cancelled, %u runs of one at most, %" G_GINT64_FORMAT " ms for one at most",
                  self->asker.n_begun, self->asker.n_answered, self->asker.n_failed, self->asker.n_cancelled,
                  answerer_get_most_runs (&self->answerer), self->asker.longest_us / 1000);
}

/* All that are asked now are answered. */
static void
talk_works (Talk *self)
{
  guint n_answered = self->asker.n_answered;

  asker_set_terms (&self->asker, 2000, 7);
  asker_ask (&self->asker, N_REQUESTS, NULL);
  test_until (asker_is_done (&self->asker));
  g_assert_cmpuint (self->asker.n_answered, ==, n_answered + N_REQUESTS);
  g_assert_cmpuint (zmqglib_client_get_n_pending (self->asker.client), ==, 0);
  test_until (zmqglib_server_get_n_pending (self->answerer.server) == 0);
}

static void
test_bad_wire (void)
{
  g_auto (Talk) talk = TALK_INIT;

  if (!network_is_there ())
    return;

  talk_open (&talk, FALSE);
  wire_be_bad (&network.wire);
  talk_works (&talk);
  talk_tell (&talk);
}

/* A break that is over before a try is. */
static void
test_moment (void)
{
  g_auto (Talk) talk = TALK_INIT;

  if (!network_is_there ())
    return;

  talk_open (&talk, FALSE);
  talk_works (&talk);
  asker_set_terms (&talk.asker, TEST_TIMEOUT_SECONDS * 1000, 1);
  asker_ask (&talk.asker, N_REQUESTS, NULL);
  wire_cut (&network.wire);
  asker_ask (&talk.asker, N_REQUESTS, NULL);
  test_pass_time (300);
  g_assert_false (asker_is_done (&talk.asker));
  wire_mend (&network.wire);
  test_until (asker_is_done (&talk.asker));
  g_assert_cmpuint (talk.asker.n_answered, ==, 3 * N_REQUESTS);
  g_assert_cmpuint (answerer_get_most_runs (&talk.answerer), ==, 1);
  talk_works (&talk);
  talk_tell (&talk);
}

/* A break that is longer than a request may take, and is not noticed, or is, in the middle of a try. */
static void
test_partition (gconstpointer data)
{
  g_auto (Talk) talk = TALK_INIT;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gboolean is_noticed = GPOINTER_TO_INT (data);

  if (!network_is_there ())
    return;

  talk_open (&talk, is_noticed);
  talk_works (&talk);
  wire_cut (&network.wire);
  asker_set_terms (&talk.asker, is_noticed ? 700 : 300, 2);
  asker_ask (&talk.asker, N_REQUESTS, NULL);
  asker_ask (&talk.asker, N_REQUESTS, cancellable);
  test_pass_time (100);
  g_cancellable_cancel (cancellable);
  asker_ask (&talk.asker, N_REQUESTS, NULL);
  test_until (asker_is_done (&talk.asker));
  g_assert_cmpuint (talk.asker.n_cancelled, ==, N_REQUESTS);
  g_assert_cmpuint (talk.asker.n_failed, ==, 2 * N_REQUESTS);
  wire_mend (&network.wire);
  talk_works (&talk);
  talk_tell (&talk);
  g_assert_cmpuint (answerer_get_most_runs (&talk.answerer), <=, 2);
}

/* Who may try often enough is answered. */
static void
test_retried (void)
{
  g_auto (Talk) talk = TALK_INIT;

  if (!network_is_there ())
    return;

  talk_open (&talk, TRUE);
  talk_works (&talk);
  wire_cut (&network.wire);
  asker_set_terms (&talk.asker, 400, 40);
  asker_ask (&talk.asker, N_REQUESTS, NULL);
  test_pass_time (1500);
  g_assert_false (asker_is_done (&talk.asker));
  wire_mend (&network.wire);
  test_until (asker_is_done (&talk.asker));
  g_assert_cmpuint (talk.asker.n_answered, ==, 2 * N_REQUESTS);
  talk_works (&talk);
  talk_tell (&talk);
}

/* What the server answers when nobody can hear it any more counts as answered, and holds up nobody. */
static void
test_late_replies (void)
{
  g_auto (Talk) talk = TALK_INIT;

  if (!network_is_there ())
    return;

  talk_open (&talk, TRUE);
  talk_works (&talk);
  talk.answerer.keeps = TRUE;
  asker_set_terms (&talk.asker, 1500, 1);
  asker_ask (&talk.asker, N_REQUESTS, NULL);
  test_until (answerer_get_n_kept (&talk.answerer) == N_REQUESTS);
  g_assert_cmpuint (zmqglib_server_get_n_pending (talk.answerer.server), ==, N_REQUESTS);
  wire_cut (&network.wire);
  test_until (asker_is_done (&talk.asker));
  g_assert_cmpuint (talk.asker.n_failed, ==, N_REQUESTS);
  answerer_release (&talk.answerer);
  test_until (zmqglib_server_get_n_pending (talk.answerer.server) == 0);
  wire_mend (&network.wire);
  talk_works (&talk);
  talk_tell (&talk);
}

/* Who knows both addresses gets its answers from where the server is. */
static void
test_address_moves (gconstpointer data)
{
  g_auto (Talk) talk = TALK_INIT;
  g_autofree char *moved = NULL;

  if (!network_is_there ())
    return;

  talk_open (&talk, TRUE);
  g_object_set (talk.asker.client, "strategy", GPOINTER_TO_INT (data), NULL);
  moved = network_move (talk.endpoint, NETWORK_OTHER);
  asker_connect (&talk.asker, moved);
  talk_works (&talk);
  network_move_far ();
  asker_set_terms (&talk.asker, 400, 20);
  asker_ask (&talk.asker, N_REQUESTS, NULL);
  test_until (asker_is_done (&talk.asker));
  g_assert_cmpuint (talk.asker.n_failed, ==, 0);
  talk_works (&talk);
  talk_tell (&talk);
}

static GError *
ask_blocking (Talk *talk)
{
  gint64  begun = g_get_monotonic_time ();
  GError *error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("anybody?");
  g_autoptr (ZmqMessage) answer G_GNUC_UNUSED = zmqglib_client_request (talk->asker.client, message, NULL, &error);

  g_assert_cmpint (g_get_monotonic_time () - begun, <, asker_get_limit_us (&talk->asker) + ASKED_SLACK_US);

  return error;
}

/* A request that blocks ends in time, too. */
static void
test_blocking (void)
{
  g_auto (Talk) talk = TALK_INIT;
  g_autoptr (GError) error = NULL;

  if (!network_is_there ())
    return;

  talk_open (&talk, TRUE);
  talk_works (&talk);
  wire_cut (&network.wire);
  asker_set_terms (&talk.asker, 300, 2);
  error = ask_blocking (&talk);
  talk.asker.n_begun++;
  asker_check_error (&talk.asker, error);
  wire_mend (&network.wire);
  talk_works (&talk);
}

int
main (int    argc,
      char **argv)
{
  network_make ();
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/network/requests/bad-wire", test_bad_wire);
  g_test_add_func ("/network/requests/moment", test_moment);
  g_test_add_data_func ("/network/requests/partition/unnoticed", GINT_TO_POINTER (FALSE), test_partition);
  g_test_add_data_func ("/network/requests/partition/noticed", GINT_TO_POINTER (TRUE), test_partition);
  g_test_add_func ("/network/requests/retried", test_retried);
  g_test_add_func ("/network/requests/late-replies", test_late_replies);
  g_test_add_data_func ("/network/requests/address-moves/failover", GINT_TO_POINTER (ZMQGLIB_CLIENT_STRATEGY_FAILOVER),
                        test_address_moves);
  g_test_add_data_func ("/network/requests/address-moves/spread", GINT_TO_POINTER (ZMQGLIB_CLIENT_STRATEGY_SPREAD),
                        test_address_moves);
  g_test_add_data_func ("/network/requests/address-moves/all", GINT_TO_POINTER (ZMQGLIB_CLIENT_STRATEGY_ALL), test_address_moves);
  g_test_add_func ("/network/requests/blocking", test_blocking);

  return network_run_tests ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-stream-util.h"

/* The eighth promise of a stream: a flood leaves the others their turn */

typedef struct
{
  ZmqSocket *socket; /* the thread's while it runs */
  int        stop;
} Flood;

static gpointer
flood_thread (gpointer data)
{
  Flood *flood = data;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("flood");

  while (!g_atomic_int_get (&flood->stop))
    if (!zmqglib_socket_try_send (flood->socket, message, NULL))
      g_thread_yield ();

  return NULL;
}

/* Works for longer than it takes the next message to come. */
static void
on_received_work (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    data)
{
  gint64 end = g_get_monotonic_time () + 200;

  while (g_get_monotonic_time () < end)
    ;
  stream_count_call (data);
}

static void
check_flood (StreamFixture *fixture,
             gconstpointer  transport,
             GCallback      on_received)
{
  Flood    flood = { NULL, FALSE };
  GThread *thread;
  guint    n_received = 0;
  guint    n_timer = 0;
  guint    n_redraws = 0;
  guint    ids[2];
  gint64   end;

  stream_fixture_tear_down (fixture, transport);
  stream_fixture_open (fixture, transport, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH);
  stream_fixture_connect_peer (fixture);
  flood.socket = fixture->peer;
  stream_connect (fixture->stream, on_received, &n_received);
  ids[0] = g_timeout_add (1, stream_count_call, &n_timer);
  ids[1] = g_idle_add_full (G_PRIORITY_HIGH_IDLE + 20, stream_count_call, &n_redraws, NULL);
  thread = g_thread_new ("flood", flood_thread, &flood);

  test_iterate_until (NULL, stream_is_not_zero, &n_received);
  n_received = n_timer = n_redraws = 0;
  end = g_get_monotonic_time () + G_USEC_PER_SEC;
  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);

  g_test_message ("in a second: %u messages, %u turns of a timer, %u of an idle source",
                  n_received, n_timer, n_redraws);
  g_atomic_int_set (&flood.stop, TRUE);
  g_thread_join (thread);
  g_source_remove (ids[0]);
  g_source_remove (ids[1]);

  /* on a quiet machine ten times as many, and more; the exact share is held by counting elsewhere */
  g_assert_cmpuint (n_received, >, 100);
  g_assert_cmpuint (n_timer, >=, 5);
  g_assert_cmpuint (n_redraws, >=, 5);
}

static void
test_flood (StreamFixture *fixture,
            gconstpointer  transport)
{
  check_flood (fixture, transport, G_CALLBACK (stream_on_received_count));
}

static void
test_flood_of_work (StreamFixture *fixture,
                    gconstpointer  transport)
{
  check_flood (fixture, transport, G_CALLBACK (on_received_work));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  stream_test_add ("promise-8-a-flood-leaves-others-their-turn/quick-handler", test_flood);
  stream_test_add ("promise-8-a-flood-leaves-others-their-turn/slow-handler", test_flood_of_work);

  return g_test_run ();
}

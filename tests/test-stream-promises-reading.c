/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-stream-util.h"

/* The first two of the nine promises of a stream. */

/* 1: nothing is read unless somebody listens */

static void
test_nothing_read (StreamFixture *fixture,
                   gconstpointer  transport)
{
  gulong id;

  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 10);
  stream_poll_until (stream_can_receive, fixture->socket);
  stream_settle ();
  test_receive_string (fixture->socket, "0");

  /* a blocked handler does not listen */
  id = stream_fixture_listen (fixture);
  stream_block (fixture->stream, id);
  stream_fixture_peer_send_numbers (fixture, 10, 10);
  stream_settle ();
  test_receive_string (fixture->socket, "1");

  stream_fixture_assert_events (fixture, "");
  stream_unblock (fixture->stream, id);
  stream_fixture_wait (fixture, 18);
  stream_settle ();
  stream_fixture_assert_numbers (fixture, "received", 2, 18);
}

typedef struct
{
  StreamFixture *fixture;
  gulong         id;
  gboolean       is_connected;
  guint          n_until_pause;
  gboolean       blocks; /* else it disconnects */
} Pauser;

static void
on_received_pause (ZmqStream  *stream,
                   ZmqMessage *message,
                   gpointer    data)
{
  Pauser *pauser = data;

  stream_fixture_on_received (stream, message, pauser->fixture);
  if (--pauser->n_until_pause > 0)
    return;

  if (pauser->blocks)
    {
      stream_block (stream, pauser->id);
      return;
    }

  stream_disconnect (stream, &pauser->id);
  pauser->is_connected = FALSE;
}

static void
pauser_listen (Pauser *pauser,
               guint   n_until_pause)
{
  ZmqStream *stream = pauser->fixture->stream;

  pauser->n_until_pause = n_until_pause;
  if (pauser->is_connected)
    stream_unblock (stream, pauser->id);
  else
    pauser->id = stream_connect (stream, G_CALLBACK (on_received_pause), pauser);
  pauser->is_connected = TRUE;
}

/* Pauses in bursts of all lengths: not one message more is read, and none is lost. */
static void
check_pauses (StreamFixture *fixture,
              gboolean       blocks)
{
  enum
  {
    N_MESSAGES = 500
  };
  Pauser pauser = { .fixture = fixture, .blocks = blocks };
  guint  n_received = 0;

  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, N_MESSAGES);

  for (guint n_until_pause = 1; n_received < N_MESSAGES; n_until_pause += 5)
    {
      guint n_wanted = MIN (n_until_pause, N_MESSAGES - n_received);

      pauser_listen (&pauser, n_wanted);
      stream_fixture_wait (fixture, n_wanted);
      stream_settle ();
      stream_fixture_assert_numbers (fixture, "received", n_received, n_wanted);
      n_received += n_wanted;
    }
}

static void
test_disconnect_in_burst (StreamFixture *fixture,
                          gconstpointer  transport)
{
  check_pauses (fixture, FALSE);
}

static void
test_block_in_burst (StreamFixture *fixture,
                     gconstpointer  transport)
{
  check_pauses (fixture, TRUE);
}

/* With two handlers it is the last one that counts. */
static void
test_last_of_two (StreamFixture *fixture,
                  gconstpointer  transport)
{
  Pauser first = { .fixture = fixture };
  Pauser second = { .fixture = fixture };

  stream_fixture_connect_peer (fixture);
  pauser_listen (&first, 2);
  pauser_listen (&second, 3);
  stream_fixture_peer_send_numbers (fixture, 0, 10);
  stream_fixture_wait (fixture, 5);
  stream_settle ();
  stream_fixture_assert_events (fixture, "received 0, received 0, received 1, received 1, received 2");

  stream_fixture_listen (fixture);
  stream_fixture_wait (fixture, 7);
  stream_fixture_assert_numbers (fixture, "received", 3, 7);
}

/* 2: ::received comes once for each whole message, in order, and the message may be kept */

static void
on_received_keep (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    data)
{
  g_ptr_array_add (data, zmqglib_message_ref (message));
}

static gboolean
is_long (gpointer data)
{
  GPtrArray *array = data;

  return array->len >= 300;
}

static ZmqMessage *
make_message (guint index)
{
  ZmqMessage      *message = zmqglib_message_new ();
  g_autofree char *large = g_strnfill (index * 100, 'a' + index % 26);

  /* with short, empty and long frames */
  zmqglib_message_append_data (message, &index, sizeof index);
  for (guint i = 0; i < index % 4; i++)
    zmqglib_message_append_string (message, "");
  zmqglib_message_append_string (message, large);

  return message;
}

static void
test_kept_in_order (StreamFixture *fixture,
                    gconstpointer  transport)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify) zmqglib_message_unref);

  stream_fixture_connect_peer (fixture);
  stream_connect (fixture->stream, G_CALLBACK (on_received_keep), kept);
  for (guint i = 0; i < 300; i++)
    {
      g_autoptr (ZmqMessage) message = make_message (i);
      g_autoptr (GError) error = NULL;

      zmqglib_socket_send (fixture->peer, message, NULL, &error);
      g_assert_no_error (error);
    }
  test_iterate_until (NULL, is_long, kept);
  stream_settle ();
  stream_fixture_drop (fixture);
  zmqglib_socket_close (fixture->socket);

  g_assert_cmpuint (kept->len, ==, 300);
  for (guint i = 0; i < kept->len; i++)
    {
      g_autoptr (ZmqMessage) expected = make_message (i);

      g_assert_true (zmqglib_message_equal (g_ptr_array_index (kept, i), expected));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  stream_test_add ("promise-1-nothing-read-unless-somebody-listens", test_nothing_read);
  stream_test_add ("promise-1-disconnecting-in-a-burst-stops-reading", test_disconnect_in_burst);
  stream_test_add ("promise-1-blocking-in-a-burst-stops-reading", test_block_in_burst);
  stream_test_add ("promise-1-the-last-handler-counts", test_last_of_two);
  stream_test_add ("promise-2-received-once-in-order-and-kept", test_kept_in_order);

  return g_test_run ();
}

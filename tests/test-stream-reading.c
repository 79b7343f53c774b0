/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-stream-util.h"

/* A stream begins an emission before it reads the message when the last one had a single handler in
 * C. Here such a handler brings about, while it is called, that the next emission has others. */

typedef struct
{
  StreamFixture *fixture;
  gulong         id;
  gulong         other_id;
  gulong         hook_id;
  guint          n_until_change;
  guint          n_seen_by_hook;
  void (*change) (StreamFixture *fixture);
} Changer;

static Changer changer;

static void
on_received_change (ZmqStream  *stream,
                    ZmqMessage *message,
                    gpointer    data)
{
  stream_fixture_on_received (stream, message, data);

  if (--changer.n_until_change == 0)
    changer.change (data);
}

/* As language bindings have: the closure has its own marshaller. */
static void
marshal_foreign (GClosure     *closure,
                 GValue       *return_value,
                 guint         n_params,
                 const GValue *params,
                 gpointer      hint,
                 gpointer      marshal_data)
{
  g_autoptr (ZmqMessage) message = g_value_dup_boxed (&params[1]);

  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 1);
  stream_fixture_on_received (g_value_get_object (&params[0]), message, closure->data);
}

static void
marshal_foreign_once (GClosure     *closure,
                      GValue       *return_value,
                      guint         n_params,
                      const GValue *params,
                      gpointer      hint,
                      gpointer      marshal_data)
{
  marshal_foreign (closure, return_value, n_params, params, hint, marshal_data);
  g_clear_signal_handler (&changer.other_id, changer.fixture->stream);
}

static void
connect_foreign (StreamFixture  *fixture,
                 GClosureMarshal marshal)
{
  GClosure *closure = g_closure_new_simple (sizeof (GClosure), fixture);

  g_closure_set_marshal (closure, marshal);
  changer.other_id = g_signal_connect_closure (fixture->stream, "received", closure, FALSE);
}

static void
set_up_changer (StreamFixture *fixture,
                guint          n_until_change,
                void (*change) (StreamFixture *fixture))
{
  changer = (Changer){ .fixture = fixture, .n_until_change = n_until_change, .change = change };
  changer.id = g_signal_connect (fixture->stream, "received", G_CALLBACK (on_received_change), fixture);
}

/* Sends ten messages, of which the change is made in the fourth or the last; what is not heard by
 * then is still in the socket. */
static void
run_change (StreamFixture *fixture,
            guint          n_until_change,
            void (*change) (StreamFixture *fixture),
            guint n_events)
{
  set_up_changer (fixture, n_until_change, change);
  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 10);
  stream_fixture_wait (fixture, n_events);
  stream_settle ();
}

static void
replace_by_foreign (StreamFixture *fixture)
{
  g_clear_signal_handler (&changer.id, fixture->stream);
  connect_foreign (fixture, marshal_foreign);
}

static void
test_foreign (StreamFixture *fixture,
              gconstpointer  transport)
{
  run_change (fixture, 4, replace_by_foreign, 10);
  stream_fixture_assert_numbers (fixture, "received", 0, 10);
}

/* with nothing to read, the new handler is not called */
static void
test_foreign_at_the_end (StreamFixture *fixture,
                         gconstpointer  transport)
{
  run_change (fixture, 10, replace_by_foreign, 10);
  stream_fixture_assert_numbers (fixture, "received", 0, 10);

  stream_fixture_peer_send_numbers (fixture, 10, 3);
  stream_fixture_wait (fixture, 3);
  stream_fixture_assert_numbers (fixture, "received", 10, 3);
}

static void
replace_by_foreign_once (StreamFixture *fixture)
{
  g_clear_signal_handler (&changer.id, fixture->stream);
  connect_foreign (fixture, marshal_foreign_once);
}

static void
test_foreign_once (StreamFixture *fixture,
                   gconstpointer  transport)
{
  run_change (fixture, 4, replace_by_foreign_once, 5);
  stream_fixture_assert_numbers (fixture, "received", 0, 5);
  test_receive_string (fixture->socket, "5");
}

static void
add_another (StreamFixture *fixture)
{
  changer.other_id = g_signal_connect_after (fixture->stream, "received",
                                             G_CALLBACK (stream_fixture_on_received), fixture);
}

static void
test_another (StreamFixture *fixture,
              gconstpointer  transport)
{
  run_change (fixture, 8, add_another, 12);
  stream_fixture_assert_events (fixture, "received 0, received 1, received 2, received 3, "
                                         "received 4, received 5, received 6, received 7, "
                                         "received 8, received 8, received 9, received 9");
}

static void
test_another_at_the_end (StreamFixture *fixture,
                         gconstpointer  transport)
{
  run_change (fixture, 10, add_another, 10);
  stream_fixture_assert_numbers (fixture, "received", 0, 10);

  g_clear_signal_handler (&changer.id, fixture->stream);
  stream_fixture_peer_send_numbers (fixture, 10, 3);
  stream_fixture_wait (fixture, 3);
  stream_fixture_assert_numbers (fixture, "received", 10, 3);
}

static gboolean
on_emission (GSignalInvocationHint *hint,
             guint                  n_params,
             const GValue          *params,
             gpointer               data)
{
  changer.n_seen_by_hook++;

  return G_SOURCE_CONTINUE;
}

static void
replace_by_hook (StreamFixture *fixture)
{
  g_clear_signal_handler (&changer.id, fixture->stream);
  changer.hook_id = g_signal_add_emission_hook (g_signal_lookup ("received", ZMQGLIB_TYPE_STREAM), 0,
                                                on_emission, NULL, NULL);
}

/* a hook does not listen, it only sees what others hear */
static void
test_hook (StreamFixture *fixture,
           gconstpointer  transport)
{
  run_change (fixture, 4, replace_by_hook, 4);
  stream_fixture_assert_numbers (fixture, "received", 0, 4);

  changer.n_seen_by_hook = 0;
  stream_fixture_listen (fixture);
  stream_fixture_wait (fixture, 6);
  stream_fixture_assert_numbers (fixture, "received", 4, 6);
  g_assert_cmpuint (changer.n_seen_by_hook, ==, 6);

  g_signal_remove_emission_hook (g_signal_lookup ("received", ZMQGLIB_TYPE_STREAM), changer.hook_id);
}

static void
on_received_swapped (StreamFixture *fixture,
                     ZmqMessage    *message,
                     ZmqStream     *stream)
{
  g_assert_true (fixture->stream == stream);
  stream_fixture_on_received (stream, message, fixture);
}

static void
on_sent_swapped (StreamFixture *fixture,
                 ZmqMessage    *message,
                 const GError  *error,
                 ZmqStream     *stream)
{
  g_assert_true (fixture->stream == stream);
  stream_fixture_log (fixture, "swapped", message, error);
}

static void
test_swapped (StreamFixture *fixture,
              gconstpointer  transport)
{
  g_signal_handlers_disconnect_by_func (fixture->stream, stream_fixture_on_sent, fixture);
  g_signal_connect_swapped (fixture->stream, "received", G_CALLBACK (on_received_swapped), fixture);
  g_signal_connect_swapped (fixture->stream, "sent", G_CALLBACK (on_sent_swapped), fixture);

  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 3);
  stream_fixture_wait (fixture, 3);
  stream_fixture_assert_numbers (fixture, "received", 0, 3);

  stream_fixture_send (fixture, "a");
  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "swapped a");
}

/* What a handler has kept is not written over by the next message. */
static void
on_received_keep (ZmqStream  *stream,
                  ZmqMessage *message,
                  gpointer    data)
{
  GPtrArray *kept = data;

  /* every second one, so that some memory serves again */
  if (kept->len < 20 && ++changer.n_until_change % 2 == 0)
    g_ptr_array_add (kept, zmqglib_message_get_frame (message, 0));
}

static void
test_kept (StreamFixture *fixture,
           gconstpointer  transport)
{
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  changer = (Changer){ .fixture = fixture };
  g_signal_connect (fixture->stream, "received", G_CALLBACK (on_received_keep), kept);
  stream_fixture_listen (fixture);
  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 40);
  stream_fixture_wait (fixture, 40);

  g_assert_cmpuint (kept->len, ==, 20);
  for (guint i = 0; i < kept->len; i++)
    {
      g_autofree char *expected = g_strdup_printf ("%u", 2 * i + 1);
      GBytes          *bytes = g_ptr_array_index (kept, i);

      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                       expected, strlen (expected));
    }
}

/* Memory that serves again has as many frames as the new message. */
static void
on_received_log_frames (ZmqStream  *stream,
                        ZmqMessage *message,
                        gpointer    data)
{
  StreamFixture *fixture = data;
  g_autoptr (GString) text = g_string_new ("received");

  for (guint i = 0; i < zmqglib_message_get_n_frames (message); i++)
    {
      gsize       size;
      const char *content = zmqglib_message_peek_frame (message, i, &size);

      g_string_append_printf (text, " %.*s", (int) size, content);
    }
  g_ptr_array_add (fixture->events, g_string_free (g_steal_pointer (&text), FALSE));

  /* handlers may also change what they have got */
  if (zmqglib_message_get_n_frames (message) == 2)
    zmqglib_message_append_string (message, "more");
  if (zmqglib_message_get_n_frames (message) == 4)
    g_bytes_unref (zmqglib_message_pop_frame (message));
}

static void
test_frames (StreamFixture *fixture,
             gconstpointer  transport)
{
  const char *const messages[][5] = {
    { "a", "b", "c" },
    { "d" },
    { "e", "f" },
    { "g", "h", "i", "j" },
    { "k", "l", "m" },
    { "n" },
  };

  g_signal_connect (fixture->stream, "received", G_CALLBACK (on_received_log_frames), fixture);
  stream_fixture_connect_peer (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_strv (messages[i]);
      g_autoptr (GError) error = NULL;

      zmqglib_socket_send (fixture->peer, message, NULL, &error);
      g_assert_no_error (error);
    }

  stream_fixture_wait (fixture, G_N_ELEMENTS (messages));
  stream_fixture_assert_events (fixture, "received a b c, received d, received e f, "
                                         "received g h i j, received k l m, received n");
}

/* A stream that only reports takes its socket to be as it was. A handler may have changed that: here
 * it takes the first of two messages, and with it libzmq's signal for both. */
static void
on_sent_take (ZmqStream    *stream,
              ZmqMessage   *message,
              const GError *error,
              gpointer      data)
{
  StreamFixture *fixture = data;

  stream_fixture_peer_send_numbers (fixture, 0, 2);
  test_receive_string (fixture->socket, "0");
}

static void
test_taken_while_reporting (StreamFixture *fixture,
                            gconstpointer  transport)
{
  g_signal_handlers_disconnect_by_func (fixture->stream, stream_fixture_on_sent, fixture);
  g_signal_connect (fixture->stream, "sent", G_CALLBACK (on_sent_take), fixture);
  stream_fixture_listen (fixture);
  stream_fixture_connect_peer_and_wait (fixture);

  stream_fixture_send (fixture, "a");
  stream_fixture_wait (fixture, 1);
  stream_fixture_assert_events (fixture, "received 1");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  stream_test_add ("reading/a-foreign-handler-takes-over", test_foreign);
  stream_test_add ("reading/a-foreign-handler-takes-over-at-the-end", test_foreign_at_the_end);
  stream_test_add ("reading/a-foreign-handler-takes-over-once", test_foreign_once);
  stream_test_add ("reading/another-handler-joins", test_another);
  stream_test_add ("reading/another-handler-joins-at-the-end", test_another_at_the_end);
  stream_test_add ("reading/an-emission-hook-is-added", test_hook);
  stream_test_add ("reading/swapped-handlers", test_swapped);
  stream_test_add ("reading/kept-frames-stay", test_kept);
  stream_test_add_for ("reading/taken-while-reporting", "inproc", test_taken_while_reporting);
  stream_test_add ("reading/as-many-frames-as-were-sent", test_frames);

  return g_test_run ();
}

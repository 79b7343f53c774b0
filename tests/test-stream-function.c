/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-stream-util.h"

/* What a function that receives has beside what a stream promises of it as of a handler: when it comes and
 * goes. */

typedef struct
{
  StreamFixture *fixture;
  const char    *name;
  guint          n_until; /* messages until it acts, or 0 for never */
  void (*act) (gpointer data);
  guint n_destroyed;
} Function;

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  Function *self = data;

  g_assert_cmpuint (self->n_destroyed, ==, 0);
  stream_fixture_log (self->fixture, self->name, message, NULL);
  if (self->n_until > 0 && --self->n_until == 0)
    self->act (self);
  /* not while it is being called */
  g_assert_cmpuint (self->n_destroyed, ==, 0);
}

static void
on_destroyed (gpointer data)
{
  Function *self = data;

  self->n_destroyed++;
}

static void
function_set (Function *self)
{
  zmqglib_stream_set_receive_func (self->fixture->stream, on_received, self, on_destroyed);
}

static void
function_clear (gpointer data)
{
  Function *self = data;

  zmqglib_stream_set_receive_func (self->fixture->stream, NULL, NULL, NULL);
}

static void
test_replaced (StreamFixture *fixture,
               gconstpointer  transport)
{
  Function one = { fixture, "one" };
  Function other = { fixture, "other" };

  stream_fixture_connect_peer (fixture);
  function_set (&one);
  function_set (&other);
  g_assert_cmpuint (one.n_destroyed, ==, 1);
  stream_fixture_peer_send_numbers (fixture, 0, 3);
  stream_fixture_wait (fixture, 3);
  stream_fixture_assert_numbers (fixture, "other", 0, 3);

  /* the same again is another */
  function_set (&other);
  g_assert_cmpuint (other.n_destroyed, ==, 1);
  other.n_destroyed = 0;
  function_clear (&other);
  g_assert_cmpuint (other.n_destroyed, ==, 1);
  g_assert_cmpuint (one.n_destroyed, ==, 1);
}

static Function successor;

static void
set_successor (gpointer data)
{
  function_set (&successor);
}

/* In the middle of a burst the next message is for the next function. */
static void
test_replaced_within (StreamFixture *fixture,
                      gconstpointer  transport)
{
  Function one = { fixture, "one", 4, set_successor };

  successor = (Function){ fixture, "other" };
  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 10);
  function_set (&one);
  stream_fixture_wait (fixture, 10);
  g_assert_cmpuint (one.n_destroyed, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (fixture->events, 3), ==, "one 3");
  g_ptr_array_remove_range (fixture->events, 0, 4);
  stream_fixture_assert_numbers (fixture, "other", 4, 6);
  stream_fixture_drop (fixture);
  g_assert_cmpuint (successor.n_destroyed, ==, 1);
}

/* Then what is left waits in the socket. */
static void
test_cleared_within (StreamFixture *fixture,
                     gconstpointer  transport)
{
  Function one = { fixture, "one", 4, function_clear };

  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 10);
  function_set (&one);
  stream_fixture_wait (fixture, 4);
  stream_settle ();
  stream_fixture_assert_numbers (fixture, "one", 0, 4);
  g_assert_cmpuint (one.n_destroyed, ==, 1);

  stream_poll_until (stream_can_receive, fixture->socket);
  test_receive_string (fixture->socket, "4");
  stream_fixture_listen (fixture);
  stream_fixture_wait (fixture, 5);
  stream_fixture_assert_numbers (fixture, "received", 5, 5);
}

static void
nest (gpointer data)
{
  Function *self = data;

  function_clear (self);
  stream_settle ();
  g_assert_cmpuint (self->n_destroyed, ==, 0);
  function_set (&successor);
  stream_settle ();
}

/* A nested loop leaves alone the stream that is receiving; what is taken away there goes when it returns. */
static void
test_nested (StreamFixture *fixture,
             gconstpointer  transport)
{
  Function one = { fixture, "one", 1, nest };

  successor = (Function){ fixture, "other" };
  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 10);
  function_set (&one);
  stream_fixture_wait (fixture, 1);
  g_assert_cmpuint (one.n_destroyed, ==, 1);
  stream_fixture_wait (fixture, 10);
  g_assert_cmpstr (g_ptr_array_index (fixture->events, 0), ==, "one 0");
  g_ptr_array_remove_index (fixture->events, 0);
  stream_fixture_assert_numbers (fixture, "other", 1, 9);
}

static void
on_received_wrongly (ZmqStream  *stream,
                     ZmqMessage *message,
                     gpointer    data)
{
  g_assert_not_reached ();
}

static gboolean
on_emission (GSignalInvocationHint *hint,
             guint                  n_values,
             const GValue          *values,
             gpointer               data)
{
  g_assert_not_reached ();

  return TRUE;
}

/* Handlers and hooks are not called, are warned of once, and have their turn again later. */
static void
test_over_handlers (StreamFixture *fixture,
                    gconstpointer  transport)
{
  Function one = { fixture, "one" };
  guint    signal = g_signal_lookup ("received", ZMQGLIB_TYPE_STREAM);
  gulong   id;
  gulong   hook_id;

  stream_fixture_connect_peer (fixture);
  id = g_signal_connect (fixture->stream, "received", G_CALLBACK (on_received_wrongly), NULL);
  hook_id = g_signal_add_emission_hook (signal, 0, on_emission, NULL, NULL);
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_WARNING, "*handlers*");
  function_set (&one);
  g_test_assert_expected_messages ();
  one.n_destroyed = 0;
  function_set (&one);
  one.n_destroyed = 0;

  stream_fixture_peer_send_numbers (fixture, 0, 5);
  stream_fixture_wait (fixture, 5);
  stream_fixture_assert_numbers (fixture, "one", 0, 5);

  g_signal_handler_disconnect (fixture->stream, id);
  g_signal_remove_emission_hook (signal, hook_id);
  g_signal_connect (fixture->stream, "received", G_CALLBACK (stream_fixture_on_received), fixture);
  function_clear (&one);
  stream_fixture_peer_send_numbers (fixture, 5, 5);
  stream_fixture_wait (fixture, 5);
  stream_fixture_assert_numbers (fixture, "received", 5, 5);
}

typedef ZmqStream      Subclass;
typedef ZmqStreamClass SubclassClass;

static GType subclass_get_type (void);
G_DEFINE_TYPE (Subclass, subclass, ZMQGLIB_TYPE_STREAM)

static void
subclass_received (ZmqStream  *stream,
                   ZmqMessage *message)
{
  g_assert_not_reached ();
}

static void
subclass_class_init (SubclassClass *klass)
{
  klass->received = subclass_received;
}

static void
subclass_init (Subclass *self)
{
}

/* Nor is the class handler. */
static void
test_over_class_handler (StreamFixture *fixture,
                         gconstpointer  transport)
{
  Function one = { fixture, "one" };

  stream_fixture_drop (fixture);
  fixture->stream = g_object_new (subclass_get_type (), "socket", fixture->socket, NULL);
  g_object_add_weak_pointer (G_OBJECT (fixture->stream), (gpointer *) &fixture->stream);
  function_set (&one);
  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 5);
  stream_fixture_wait (fixture, 5);
  stream_fixture_assert_numbers (fixture, "one", 0, 5);
  stream_fixture_drop (fixture);
  g_assert_cmpuint (one.n_destroyed, ==, 1);
}

static void
test_paused (StreamFixture *fixture,
             gconstpointer  transport)
{
  Function one = { fixture, "one" };

  stream_fixture_connect_peer (fixture);
  g_object_set (fixture->stream, "paused", TRUE, NULL);
  function_set (&one);
  stream_fixture_peer_send_numbers (fixture, 0, 5);
  stream_poll_until (stream_can_receive, fixture->socket);
  stream_settle ();
  stream_fixture_assert_events (fixture, "");
  g_object_set (fixture->stream, "paused", FALSE, NULL);
  stream_fixture_wait (fixture, 5);
  stream_fixture_assert_numbers (fixture, "one", 0, 5);
  stream_fixture_drop (fixture);
  g_assert_cmpuint (one.n_destroyed, ==, 1);
}

static void
close_stream (gpointer data)
{
  Function *self = data;

  zmqglib_stream_close (self->fixture->stream);
}

static void
on_closed_destroyed (ZmqStream    *stream,
                     const GError *error,
                     gpointer      data)
{
  Function *self = data;

  g_assert_cmpuint (self->n_destroyed, ==, 1);
}

/* It goes before ::closed, and a closed stream takes none. */
static void
test_closed (StreamFixture *fixture,
             gconstpointer  transport)
{
  Function one = { fixture, "one", 2, close_stream };
  Function late = { fixture, "late" };

  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 5);
  g_signal_connect (fixture->stream, "closed", G_CALLBACK (on_closed_destroyed), &one);
  function_set (&one);
  stream_fixture_wait (fixture, 3);
  stream_fixture_assert_events (fixture, "one 0, one 1, closed");
  g_assert_cmpuint (one.n_destroyed, ==, 1);

  function_set (&late);
  g_assert_cmpuint (late.n_destroyed, ==, 1);
  function_clear (&late);
  g_assert_cmpuint (late.n_destroyed, ==, 1);
}

static void
drop_stream (gpointer data)
{
  Function *self = data;

  g_object_unref (self->fixture->stream);
}

/* Before the stream has heard of it. */
static void
test_socket_closed (StreamFixture *fixture,
                    gconstpointer  data)
{
  Function one = { fixture, "one" };

  zmqglib_socket_close (fixture->socket);
  function_set (&one);
  g_assert_cmpuint (one.n_destroyed, ==, 1);
}

static void
test_dropped (StreamFixture *fixture,
              gconstpointer  transport)
{
  Function one = { fixture, "one", 2, drop_stream };

  stream_fixture_connect_peer (fixture);
  stream_fixture_peer_send_numbers (fixture, 0, 5);
  function_set (&one);
  test_iterate_until (NULL, stream_is_null, &fixture->stream);
  stream_settle ();
  stream_fixture_assert_events (fixture, "one 0, one 1");
  g_assert_cmpuint (one.n_destroyed, ==, 1);
}

static gpointer
drop_thread (gpointer data)
{
  g_object_unref (data);

  return NULL;
}

/* The function is let go where the stream belongs. */
static void
test_dropped_elsewhere (StreamFixture *fixture,
                        gconstpointer  transport)
{
  Function one = { fixture, "one" };

  function_set (&one);
  g_thread_join (g_thread_new ("drop", drop_thread, fixture->stream));
  test_iterate_until (NULL, stream_is_not_zero, &one.n_destroyed);
  g_assert_null (fixture->stream);
  g_assert_cmpuint (one.n_destroyed, ==, 1);
}

static gpointer
set_thread (gpointer data)
{
  function_set (data);

  return NULL;
}

static void
test_wrong_thread (StreamFixture *fixture,
                   gconstpointer  transport)
{
  Function one = { fixture, "one" };

  g_assert_true (g_main_context_acquire (NULL));
  g_test_expect_message ("zmqglib", G_LOG_LEVEL_CRITICAL, "*thread*");
  g_thread_join (g_thread_new ("set", set_thread, &one));
  g_test_assert_expected_messages ();
  g_main_context_release (NULL);
  g_assert_cmpuint (one.n_destroyed, ==, 1);
}

static void
unref_stream (gpointer data)
{
  g_object_unref (data);
}

static void
on_received_log (ZmqStream  *stream,
                 ZmqMessage *message,
                 gpointer    data)
{
}

/* It may keep the stream, until that is closed. */
static void
test_keeps_stream (StreamFixture *fixture,
                   gconstpointer  transport)
{
  ZmqStream *stream = fixture->stream;

  zmqglib_stream_set_receive_func (stream, on_received_log, stream, unref_stream);
  stream_settle ();
  g_assert_nonnull (fixture->stream);
  zmqglib_stream_close (stream);
  test_iterate_until (NULL, stream_is_null, &fixture->stream);
  stream_fixture_assert_events (fixture, "closed");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  stream_test_add ("function-replaced", test_replaced);
  stream_test_add ("function-replaced-within-itself", test_replaced_within);
  stream_test_add ("function-cleared-within-itself", test_cleared_within);
  stream_test_add ("function-in-a-nested-loop", test_nested);
  stream_test_add ("function-over-handlers", test_over_handlers);
  stream_test_add ("function-over-the-class-handler", test_over_class_handler);
  stream_test_add ("function-paused", test_paused);
  stream_test_add ("function-closes", test_closed);
  stream_test_add ("function-after-the-socket-was-closed", test_socket_closed);
  stream_test_add ("function-drops", test_dropped);
  stream_test_add ("function-dropped-elsewhere", test_dropped_elsewhere);
  stream_test_add ("function-set-by-the-wrong-thread", test_wrong_thread);
  stream_test_add ("function-keeps-the-stream", test_keeps_stream);

  return g_test_run ();
}

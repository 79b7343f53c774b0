/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-feed-util.h"

/* How feeds end, and what they leave behind. */

/* What a program does to a feed, step by step: it sets a function of its own, makes another feed in its place, and closes or
 * drops the one that there was. The stream is for whom it was given to last. */
typedef struct
{
  FeedFixture *fixture;
  const char  *steps;
  ZmqFeed     *other;
  guint        n_called;
  guint        n_let_go;
  guint        n_heard;
} Ending;

static void
on_message (ZmqStream  *stream,
            ZmqMessage *message,
            gpointer    data)
{
  ((Ending *) data)->n_called++;
}

static void
on_let_go (gpointer data)
{
  ((Ending *) data)->n_let_go++;
}

static void
take_step (Ending *self,
           char    step)
{
  FeedFixture *fixture = self->fixture;

  switch (step)
    {
    case 'f':
      zmqglib_stream_set_receive_func (fixture->stream, on_message, self, on_let_go);
      break;
    case 'o':
      self->other = zmqglib_feed_new (fixture->stream);
      zmqglib_feed_set_interval_us (self->other, 0);
      break;
    case 'c':
      zmqglib_feed_close (fixture->feed);
      break;
    case 'd':
      list_shadow_leave (&fixture->shadow);
      g_clear_object (&fixture->feed);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
take_steps (Ending *self)
{
  while (*self->steps != '\0')
    take_step (self, *self->steps++);
}

static void
on_received_take_steps (ZmqStream  *stream,
                        ZmqMessage *message,
                        gpointer    data)
{
  Ending *self = data;

  self->n_heard++;
  g_signal_handlers_disconnect_by_func (stream, on_received_take_steps, data);
  take_steps (self);
}

static guint
count_other (Ending *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->other));
}

static void
end_in_handler (Ending *self)
{
  g_signal_connect (self->fixture->stream, "received", G_CALLBACK (on_received_take_steps), self);
  feed_fixture_publish (self->fixture, "ends", "0");
  requests_until (self->n_heard == 1);
}

/* Those that follow are for who was set last, or, when there is nobody, wait in the socket. */
static void
check_others (Ending *self)
{
  for (guint i = 0; i < 3; i++)
    feed_fixture_publish (self->fixture, "other", "1");
  if (self->other != NULL)
    requests_until (count_other (self) == 3);
  else
    requests_until (self->n_called == 3);
  g_assert_cmpuint (self->n_let_go, ==, 0);

  zmqglib_stream_set_receive_func (self->fixture->stream, NULL, NULL, NULL);
  g_assert_cmpuint (self->n_let_go, ==, self->other != NULL ? 0 : 1);
  g_clear_object (&self->other);
}

static void
check_ending (const char *steps,
              gboolean    in_handler)
{
  FeedFixture fixture = { 0 };
  Ending      ending = { .fixture = &fixture, .steps = steps };

  feed_fixture_set_up (&fixture, NULL);
  if (in_handler)
    end_in_handler (&ending);
  else
    take_steps (&ending);
  check_others (&ending);
  feed_fixture_tear_down (&fixture, NULL);
}

static void
test_leaves_what_others_set (void)
{
  static const char *const endings[] = { "f", "fd", "fc", "fcd", "cf", "cfd", "cfc", "df", "cdf", "co", "cod", "coc", "do" };

  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      check_ending (endings[i], FALSE);
      check_ending (endings[i], TRUE);
    }
}

/* The stream stays with its thread, whichever other one ends what was made of it while nobody runs the main context. */

typedef struct
{
  void (*func) (gpointer object);
  gpointer object;
} End;

static gpointer
end_in_thread (gpointer data)
{
  End *end = data;

  end->func (end->object);

  return NULL;
}

static void
on_counted (ZmqStream  *stream,
            ZmqMessage *message,
            gpointer    data)
{
  ++*(guint *) data;
}

/* What another thread could not do. */
static void
check_own_thread (ZmqStream *stream)
{
  guint n_called = 0;

  zmqglib_stream_set_receive_func (stream, on_counted, &n_called, NULL);
  g_assert_cmpuint (zmqglib_stream_flush (stream, G_IO_IN, 0), ==, 1);
  g_assert_cmpuint (n_called, ==, 1);
  zmqglib_stream_set_receive_func (stream, NULL, NULL, NULL);
}

static void
check_ended_by_thread (gpointer (*make) (ZmqStream *stream),
                       void (*func) (gpointer object),
                       gboolean is_dropped)
{
  g_autoptr (ZmqSocket) socket = NULL;
  g_autoptr (ZmqSocket) peer = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  gpointer object;
  End      end;

  test_socket_pair (zmqglib_context_get_default (), "inproc", ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER, &socket, &peer);
  stream = zmqglib_stream_new (socket);
  object = make (stream);
  test_send_string (peer, "for whom");

  end = (End){ func, object };
  g_thread_join (g_thread_new ("end", end_in_thread, &end));
  check_own_thread (stream);

  if (!is_dropped)
    g_object_unref (object);
  zmqglib_stream_close (stream);
}

static gpointer
make_feed (ZmqStream *stream)
{
  return zmqglib_feed_new (stream);
}

static gpointer
make_peer_list (ZmqStream *stream)
{
  return zmqglib_peer_list_new (stream);
}

static void
close_feed (gpointer feed)
{
  zmqglib_feed_close (feed);
}

static void
close_peer_list (gpointer list)
{
  zmqglib_peer_list_close (list);
}

static void
test_ended_by_thread (void)
{
  check_ended_by_thread (make_feed, g_object_unref, TRUE);
  check_ended_by_thread (make_feed, close_feed, FALSE);
  check_ended_by_thread (make_peer_list, g_object_unref, TRUE);
  check_ended_by_thread (make_peer_list, close_peer_list, FALSE);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/feed-life/leaves-what-others-set", test_leaves_what_others_set);
  g_test_add_func ("/feed-life/ended-by-thread", test_ended_by_thread);

  return g_test_run ();
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <sys/wait.h>
#include <unistd.h>

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

/* In a forked child nothing is told any more, and its main loop has nothing to do for what waited to be. */

typedef struct
{
  ZmqSocket   *peer;
  ZmqStream   *stream;
  ZmqFeed     *feed;
  ZmqPeerList *list;
  guint        n_told;
} Family;

static void
on_told (GListModel *list,
         guint       position,
         guint       removed,
         guint       added,
         gpointer    data)
{
  ((Family *) data)->n_told++;
}

/* One item is shown of each, and something waits to be told in less than a second. */
static void
family_set_up (Family  *self,
               gboolean owned_by_loop)
{
  ZmqSocket *socket;

  test_socket_pair (zmqglib_context_get_default (), "inproc", ZMQGLIB_SOCKET_ROUTER, ZMQGLIB_SOCKET_DEALER, &socket, &self->peer);
  self->stream = zmqglib_stream_new (socket);
  self->feed = g_initable_new (ZMQGLIB_TYPE_FEED, NULL, NULL, "stream", self->stream, "owned-by-loop", owned_by_loop, NULL);
  self->list = g_initable_new (ZMQGLIB_TYPE_PEER_LIST, NULL, NULL, "stream", self->stream, "owned-by-loop", owned_by_loop, NULL);
  g_signal_connect (self->feed, "items-changed", G_CALLBACK (on_told), self);
  g_signal_connect (self->list, "items-changed", G_CALLBACK (on_told), self);

  test_send_string (self->peer, "shown");
  requests_until (self->n_told == 2);
  zmqglib_feed_set_interval_us (self->feed, G_TIME_SPAN_SECOND);
  test_send_string (self->peer, "waits");
  zmqglib_stream_flush (self->stream, G_IO_IN, 0);
  zmqglib_feed_set_interval_us (self->feed, 50 * G_TIME_SPAN_MILLISECOND);
  zmqglib_peer_list_set_expiry_us (self->list, 50 * G_TIME_SPAN_MILLISECOND);
  g_object_unref (socket);
}

static void
family_tear_down (Family *self)
{
  zmqglib_stream_close (self->stream);
  g_object_unref (self->feed);
  g_object_unref (self->list);
  g_object_unref (self->stream);
  g_object_unref (self->peer);
}

static gboolean
on_time (gpointer data)
{
  *(gboolean *) data = TRUE;

  return G_SOURCE_REMOVE;
}

/* For longer than anything waits. */
static void
idle_in_child (Family *self)
{
  gboolean is_over = FALSE;
  guint    n_iterations = 0;

  g_timeout_add (200, on_time, &is_over);
  while (!is_over)
    {
      g_main_context_iteration (NULL, TRUE);
      n_iterations++;
    }
  g_assert_cmpuint (n_iterations, <, 50);
  g_assert_cmpuint (self->n_told, ==, 2);
}

static void
live_in_child (Family *self,
               guint   way)
{
  switch (way)
    {
    case 0:
      break;
    case 1:
      zmqglib_feed_set_max_items (self->feed, 1);
      zmqglib_feed_set_interval_us (self->feed, 0);
      zmqglib_peer_list_set_expiry_us (self->list, 1);
      break;
    case 2:
      zmqglib_feed_close (self->feed);
      zmqglib_peer_list_close (self->list);
      break;
    case 3:
      zmqglib_stream_close (self->stream);
      break;
    default:
      g_assert_not_reached ();
    }
  idle_in_child (self);
}

static void
test_forked_while_due (gconstpointer data)
{
  Family family = { 0 };
  int    status;

  if (test_is_slow_tool ())
    {
      g_test_skip ("the child leaves all alone");
      return;
    }

  for (guint way = 0; way < 4; way++)
    {
      pid_t pid;

      family_set_up (&family, data != NULL);
      pid = fork ();
      g_assert_cmpint (pid, >=, 0);
      if (pid == 0)
        {
          live_in_child (&family, way);
          _exit (0);
        }
      g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
      g_assert_cmpint (status, ==, 0);
      requests_until (family.n_told == 4);
      family_tear_down (&family);
      family = (Family){ 0 };
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/feed-life/leaves-what-others-set", test_leaves_what_others_set);
  g_test_add_func ("/feed-life/ended-by-thread", test_ended_by_thread);
  g_test_add_data_func ("/feed-life/forked-while-due", NULL, test_forked_while_due);
  g_test_add_data_func ("/feed-life/forked-while-due-and-owned-by-loop", "owned", test_forked_while_due);

  return g_test_run ();
}

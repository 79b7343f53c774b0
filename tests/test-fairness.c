/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <time.h>

#include "test-life-util.h"

/* Rule 7 of the poller and promise 8: whatever the traffic, others have their turn after a slice.
 *
 * Nothing is measured that a loaded machine makes longer: handlers take CPU time of the test's own
 * choice, and what counts is how many of them there are between two turns of another source. A slice
 * takes as many of them as fit into it at most, and fewer when the machine is loaded. */

#define REDRAW_PRIORITY (G_PRIORITY_HIGH_IDLE + 20) /* GTK's */
#define MIDDLE_PRIORITY G_PRIORITY_HIGH_IDLE
#define HANDLER_US      100
#define MAX_WAIT_US     8000
#define N_TURNS         40

static void
work (gint64 duration_us)
{
  struct timespec now;
  gint64          end_us;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  end_us = now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000 + duration_us;
  do
    clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  while (now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000 < end_us);
}

typedef struct
{
  ZmqContext *context;
  ZmqSocket  *sockets[2];
  ZmqStream  *streams[2];
  guint       n_calls;
  guint       n_calls_at_turn; /* when the other source had its turn last */
  guint       max_calls;       /* between two turns, from the first one on */
  guint       max_allowed;
  guint       n_turns;
  gint64      handler_us;
  guint       source_id;
  guint       n_calls_at_middle;
} Play;

static gboolean
on_turn (gpointer data)
{
  Play *self = data;

  self->n_turns++;
  self->n_calls_at_turn = self->n_calls;

  return G_SOURCE_CONTINUE;
}

static void
play_call (Play *self)
{
  guint n_calls;

  if (self->handler_us > 0)
    work (self->handler_us);
  n_calls = ++self->n_calls - self->n_calls_at_turn;
  self->max_calls = MAX (self->max_calls, n_calls);
  if (self->max_calls > self->max_allowed)
    g_error ("%u calls without a turn of the other source, which had %u before; at most %u are right",
             self->max_calls, self->n_turns, self->max_allowed);
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             Play       *play)
{
  g_autoptr (GError) error = NULL;

  play_call (play);
  zmqglib_stream_send (stream, message, &error);
  g_assert_no_error (error);
}

static void
on_polled (ZmqPoller   *poller,
           ZmqSocket   *socket,
           int          fd,
           GIOCondition condition,
           gpointer     data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_try_receive (socket, &error);

  g_assert_no_error (error);
  play_call (data);
  zmqglib_socket_try_send (socket, message, &error);
  g_assert_no_error (error);
}

static void
play_begin (Play       *self,
            const char *transport,
            int         priority)
{
  self->context = zmqglib_context_new ();
  test_socket_pair (self->context, transport, ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, &self->sockets[0], &self->sockets[1]);
  self->source_id = g_idle_add_full (priority, on_turn, self, NULL);
}

static void
play_end (Play *self)
{
  g_source_remove (self->source_id);
  for (guint i = 0; i < 2; i++)
    {
      g_clear_object (&self->streams[i]);
      g_clear_object (&self->sockets[i]);
    }
  life_settle (NULL);
  g_object_unref (self->context);
}

/* Between the two: something to do once after whatever was handled, as a timer that falls due meanwhile has. */
typedef struct
{
  GSource source;
  Play   *play;
} MiddleSource;

static gboolean
middle_is_ready (GSource *source)
{
  Play *play = ((MiddleSource *) source)->play;

  return play->n_calls != play->n_calls_at_middle;
}

static gboolean
middle_prepare (GSource *source,
                int     *timeout)
{
  *timeout = -1;

  return middle_is_ready (source);
}

static gboolean
middle_dispatch (GSource    *source,
                 GSourceFunc callback,
                 gpointer    data)
{
  Play *play = ((MiddleSource *) source)->play;

  play->n_calls_at_middle = play->n_calls;

  return G_SOURCE_CONTINUE;
}

static GSource *
middle_source_new (Play *play)
{
  static GSourceFuncs funcs = { .prepare = middle_prepare, .check = middle_is_ready, .dispatch = middle_dispatch };
  GSource            *self = g_source_new (&funcs, sizeof (MiddleSource));

  ((MiddleSource *) self)->play = play;
  g_source_set_priority (self, MIDDLE_PRIORITY);
  g_source_attach (self, NULL);

  return self;
}

/* Some messages go to and fro between two streams of a loop, without ever filling a slice at once. */
typedef struct
{
  const char *transport;
  guint       n_messages;
  gboolean    is_quick;
  gboolean    with_poller;
  gboolean    with_middle;
} Case;

static void
test_to_and_fro (gconstpointer data)
{
  const Case *what = data;
  Play        self = { .handler_us = what->is_quick ? 0 : HANDLER_US };
  g_autoptr (ZmqPoller) poller = NULL;
  g_autoptr (GSource) source = NULL;
  g_autoptr (GSource) middle = NULL;
  g_autoptr (GError) error = NULL;

  /* nothing is handled in less than a fifth of a microsecond */
  self.max_allowed = what->is_quick ? MAX_WAIT_US * 5 : MAX_WAIT_US / HANDLER_US;
  play_begin (&self, what->transport, REDRAW_PRIORITY);
  if (what->with_middle)
    middle = middle_source_new (&self);
  if (what->with_poller)
    poller = zmqglib_poller_new ();
  for (guint i = 0; i < 2; i++)
    if (what->with_poller)
      {
        zmqglib_poller_add_socket (poller, self.sockets[i], G_IO_IN, on_polled, &self, NULL, &error);
        g_assert_no_error (error);
      }
    else
      {
        self.streams[i] = zmqglib_stream_new (self.sockets[i]);
        g_signal_connect (self.streams[i], "received", G_CALLBACK (on_received), &self);
      }
  if (what->with_poller)
    {
      source = zmqglib_poller_create_source (poller);
      g_source_attach (source, NULL);
    }

  for (guint i = 0; i < what->n_messages; i++)
    test_send_string (self.sockets[0], "to and fro");
  /* the sockets are idle until the first message is there */
  life_until (NULL, self.n_calls > 0);
  self.n_turns = 0;
  life_until (NULL, self.n_turns >= N_TURNS && self.n_calls > 10 * what->n_messages);

  if (source != NULL)
    g_source_destroy (source);
  if (middle != NULL)
    g_source_destroy (middle);
  play_end (&self);
}

/* Handlers that are slow after thousands of quick ones: a source of the same priority, such as a timer
 * that is due, waits for one or two of them. */

#define N_QUICK 5000
#define SLOW_US 5000

typedef struct
{
  Play  play;
  guint n_received;
  guint n_quick;
  guint n_slow;
} Slowing;

static void
on_received_slowing (ZmqStream  *stream,
                     ZmqMessage *message,
                     Slowing    *self)
{
  if (++self->n_received <= self->n_quick)
    {
      self->play.n_calls_at_turn = self->play.n_calls;
      return;
    }
  self->play.handler_us = SLOW_US;
  play_call (&self->play);
}

static void
test_slowing (gconstpointer data)
{
  guint    number = GPOINTER_TO_UINT (data);
  gboolean is_timer = number % 2;
  gboolean is_lower = number / 2;
  guint    n_quick = test_is_slow_tool () ? N_QUICK / 10 : N_QUICK;
  Slowing  self = { .n_quick = n_quick, .n_slow = 30, .play.max_allowed = is_lower ? 4 : 3 };
  g_autoptr (GError) error = NULL;

  play_begin (&self.play, "inproc", is_lower ? REDRAW_PRIORITY : G_PRIORITY_DEFAULT);
  if (is_timer)
    {
      g_source_remove (self.play.source_id);
      self.play.source_id = g_timeout_add_full (is_lower ? REDRAW_PRIORITY : G_PRIORITY_DEFAULT, 1, on_turn, &self.play, NULL);
    }
  g_object_set (self.play.sockets[0], "receive-high-water-mark", 0, NULL);
  g_object_set (self.play.sockets[1], "send-high-water-mark", 0, NULL);
  for (guint i = 0; i < n_quick + self.n_slow; i++)
    {
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");

      /* an end that is full takes no more: then there are fewer quick ones */
      if (!zmqglib_socket_try_send (self.play.sockets[1], message, &error))
        {
          self.n_quick = i - self.n_slow;
          g_clear_error (&error);
          break;
        }
    }
  self.play.streams[0] = zmqglib_stream_new (self.play.sockets[0]);
  g_signal_connect (self.play.streams[0], "received", G_CALLBACK (on_received_slowing), &self);
  life_until (NULL, self.n_received == self.n_quick + self.n_slow);
  g_assert_cmpuint (self.play.n_turns, >, 0);
  play_end (&self.play);
}

/* The same with several streams, each of which has some: a share is as short as the slice is. */

#define N_STREAMS 8
#define N_EACH    10

static void
on_received_slowly (ZmqStream  *stream,
                    ZmqMessage *message,
                    Play       *play)
{
  play_call (play);
}

static void
test_slow_crowd (gconstpointer data)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  ZmqSocket *sockets[N_STREAMS];
  ZmqSocket *peers[N_STREAMS];
  ZmqStream *streams[N_STREAMS];
  int        priority = GPOINTER_TO_INT (data);
  Play       self = { .handler_us = SLOW_US, .max_allowed = 4 };
  guint      source_id;

  for (guint i = 0; i < N_STREAMS; i++)
    {
      test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &sockets[i], &peers[i]);
      streams[i] = zmqglib_stream_new (sockets[i]);
      g_signal_connect (streams[i], "received", G_CALLBACK (on_received_slowly), &self);
      for (guint j = 0; j < N_EACH; j++)
        test_send_string (peers[i], "x");
    }
  source_id = g_idle_add_full (priority, on_turn, &self, NULL);
  life_until (NULL, self.n_calls == N_STREAMS * N_EACH);
  g_source_remove (source_id);
  for (guint i = 0; i < N_STREAMS; i++)
    {
      g_object_unref (streams[i]);
      g_object_unref (sockets[i]);
      g_object_unref (peers[i]);
    }
}

static void
add_to_and_fro (const Case *what)
{
  g_autofree char *path = g_strdup_printf ("/fairness/%s-%s-handlers%s/%s-%u", what->with_poller ? "poller" : "stream",
                                           what->is_quick ? "quick" : "busy", what->with_middle ? "-and-another" : "",
                                           what->transport, what->n_messages);

  g_test_add_data_func_full (path, g_memdup2 (what, sizeof *what), test_to_and_fro, g_free);
}

int
main (int   argc,
      char *argv[])
{
  static const char *const slowing_names[] = { "idle", "timer", "lower-idle", "lower-timer" };

  g_test_init (&argc, &argv, NULL);

  for (guint n_messages = 1; n_messages <= 100; n_messages *= 10)
    for (guint i = 0; i < 16; i++)
      {
        Case what = { i % 2 == 0 ? "inproc" : "tcp", n_messages, i / 2 % 2, i / 4 % 2, i / 8 };

        add_to_and_fro (&what);
      }
  for (guint i = 0; i < G_N_ELEMENTS (slowing_names); i++)
    {
      g_autofree char *path = g_strdup_printf ("/fairness/slow-after-quick/%s", slowing_names[i]);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_slowing);
    }
  g_test_add_data_func ("/fairness/slow-crowd/same-priority", GINT_TO_POINTER (G_PRIORITY_DEFAULT), test_slow_crowd);
  g_test_add_data_func ("/fairness/slow-crowd/lower-priority", GINT_TO_POINTER (REDRAW_PRIORITY), test_slow_crowd);

  return g_test_run ();
}

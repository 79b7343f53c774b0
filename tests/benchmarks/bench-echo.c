/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How others in the main context fare while two streams of it play messages to and fro, so that each
 * dispatch is short and there is always another. Sides: echo, and working, in which a handler takes
 * 5 ms. As many messages are on the way as “--frames” says. */

#include "bench.h"
#include "lateness.h"

#define WARM_UP_US  (100 * G_TIME_SPAN_MILLISECOND)
#define DURATION_US (2 * G_TIME_SPAN_SECOND)
#define WORK_US     (5 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  Bench      bench;
  GMainLoop *loop;
  ZmqStream *streams[2];
  gboolean   working;
  gint64     n_messages;
  gint64     started_us; /* the warm-up is over, 0 before */
} Echo;

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  Echo    *echo = user_data;
  gint64   end = echo->working ? g_get_monotonic_time () + WORK_US : 0;
  gboolean taken = zmqglib_stream_send (stream, message, NULL);

  g_assert (taken);
  echo->n_messages++;
  while (g_get_monotonic_time () < end)
    ;
}

static gboolean
on_warm (gpointer data)
{
  Echo *echo = data;

  echo->started_us = g_get_monotonic_time ();
  echo->n_messages = 0;

  return G_SOURCE_REMOVE;
}

static gboolean
on_over (gpointer data)
{
  g_main_loop_quit (data);

  return G_SOURCE_REMOVE;
}

static void
set_up (Echo  *echo,
        int    argc,
        char **argv)
{
  static const char *const sides[] = { "echo", "working", NULL };
  g_autofree char         *endpoint = NULL;
  g_autoptr (ZmqSocket) bound = NULL;
  g_autoptr (ZmqSocket) connected = NULL;
  g_autoptr (GError) error = NULL;

  bench_init (&echo->bench, argc, argv, sides);
  echo->working = g_str_equal (echo->bench.side, "working");
  echo->loop = g_main_loop_new (NULL, FALSE);

  bound = bench_bind (&echo->bench, ZMQGLIB_SOCKET_PAIR, &endpoint);
  connected = zmqglib_socket_new (echo->bench.context, ZMQGLIB_SOCKET_PAIR, &error);
  if (connected == NULL || !zmqglib_socket_connect_to (connected, endpoint, &error))
    bench_fail ("%s", error->message);

  echo->streams[0] = zmqglib_stream_new (bound);
  echo->streams[1] = zmqglib_stream_new (connected);
  for (guint i = 0; i < 2; i++)
    g_signal_connect (echo->streams[i], "received", G_CALLBACK (on_received), echo);
  for (int i = 0; i < echo->bench.frames; i++)
    zmqglib_stream_send_string (echo->streams[0], "x", NULL);
}

int
main (int   argc,
      char *argv[])
{
  Echo     echo = { .n_messages = 0 };
  Lateness lateness;
  gint64   ended_us;

  set_up (&echo, argc, argv);
  lateness_begin (&lateness, &echo.started_us);
  g_timeout_add (WARM_UP_US / 1000, on_warm, &echo);
  g_timeout_add ((WARM_UP_US + DURATION_US) / 1000, on_over, echo.loop);
  g_main_loop_run (echo.loop);

  ended_us = g_get_monotonic_time ();
  lateness_end (&lateness, ended_us);
  lateness_print (&lateness, echo.n_messages * 1e6 / (ended_us - echo.started_us));

  lateness_clear (&lateness);
  for (guint i = 0; i < 2; i++)
    g_object_unref (echo.streams[i]);
  g_main_loop_unref (echo.loop);
  bench_clear (&echo.bench);

  return 0;
}

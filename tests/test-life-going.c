/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include "test-life-moment.h"

/* A main context, or what is in it, goes in one thread while others use what was in it. */

/* Somebody drops the stream whose loop is busy, and somebody else has still something to say to the loop. */
typedef struct
{
  ZmqSocket *socket;
  ZmqStream *stream;
} Busy;

static void
make_stream (gpointer data)
{
  Busy *self = data;

  self->stream = zmqglib_stream_new (self->socket);
}

static gpointer
put_back_often (gpointer data)
{
  Busy *self = data;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");

  for (guint i = 0; i < 200; i++)
    zmqglib_socket_put_back (self->socket, message);

  return NULL;
}

static void
test_errands_of_nobody (void)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  guint    n_rounds = test_is_slow_tool () ? 100 : 2000;
  LifeLoop loop;

  life_loop_start (&loop, main_context);
  for (guint i = 0; i < n_rounds; i++)
    {
      Busy     busy = { .socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL) };
      GThread *thread;

      life_loop_call (&loop, make_stream, &busy);
      thread = g_thread_new ("busy", put_back_often, &busy);
      g_object_unref (busy.stream);
      g_thread_join (thread);
      g_object_unref (busy.socket);
    }
  life_loop_stop (&loop);
  life_terminate (context);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/life/going/errands-of-nobody", test_errands_of_nobody);

  return g_test_run ();
}

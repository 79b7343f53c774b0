/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <zmq.h>

#include "test-life-moment.h"

/* A stream with a limit never has more messages, and takes them up to that, whoever sends and whatever the
 * stream's thread is doing just then. */

static LifeMoment in_send = LIFE_MOMENT_INIT;
static LifeMoment in_taking = LIFE_MOMENT_INIT;

int
zmq_msg_send (zmq_msg_t *msg,
              void      *socket,
              int        flags)
{
  static gpointer next;

  life_moment_come (&in_send);

  return ((int (*) (zmq_msg_t *, void *, int)) life_next (&next, "zmq_msg_send")) (msg, socket, flags);
}

/* A cancellable is watched when its message has just been taken to those that wait. */
gulong
g_signal_connect_data (gpointer       instance,
                       const char    *signal,
                       GCallback      handler,
                       gpointer       data,
                       GClosureNotify destroy,
                       GConnectFlags  flags)
{
  static gpointer next;

  life_moment_come (&in_taking);

  return ((gulong (*) (gpointer, const char *, GCallback, gpointer, GClosureNotify, GConnectFlags))
              life_next (&next, "g_signal_connect_data")) (instance, signal, handler, data, destroy, flags);
}

typedef struct
{
  ZmqStream    *stream;
  GCancellable *cancellable;
  guint         n_asked;
  guint         n_taken;
} Sender;

static void
send_some (gpointer data)
{
  Sender *self = data;

  for (guint i = 0; i < self->n_asked; i++)
    {
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
      /* the last may be cancelled */
      GCancellable *cancellable = i + 1 == self->n_asked ? self->cancellable : NULL;

      self->n_taken += zmqglib_stream_send_full (self->stream, message, -1, cancellable, NULL);
    }
}

static ZmqStream *
stream_new (ZmqContext *context,
            guint       limit)
{
  g_autoptr (ZmqSocket) push = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);

  return g_object_new (ZMQGLIB_TYPE_STREAM, "socket", push, "send-limit", limit, NULL);
}

static void
test_never_exceeded (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqStream) stream = stream_new (context, 1);
  Sender own = { stream, NULL, 1, 0 };
  Sender other = own;

  life_moment_await (&in_send, send_some, &other);
  send_some (&own);
  life_moment_end (&in_send);
  g_assert_cmpuint (own.n_taken + other.n_taken, ==, 1);
}

static void
test_reached (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ZmqStream) stream = stream_new (context, 4);
  Sender before = { stream, cancellable, 3, 0 };
  Sender other = { stream, NULL, 2, 0 };

  life_settle (NULL);
  life_elsewhere (send_some, &before);
  g_assert_cmpuint (before.n_taken, ==, 3);
  life_moment_await (&in_taking, send_some, &other);
  g_main_context_iteration (NULL, FALSE);
  life_moment_end (&in_taking);
  g_assert_cmpuint (other.n_taken, ==, 1);
  g_assert_cmpuint (zmqglib_stream_get_n_queued (stream), ==, 4);
}

/* The count is right from when the limit is set, and after messages have gone in each way. */
static void
on_sent (ZmqStream  *stream,
         ZmqMessage *message,
         GError     *error,
         gpointer    data)
{
  guint *n_sent = data;

  (*n_sent)++;
}

static void
test_counted (gconstpointer data)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqStream) stream = stream_new (context, 0);
  gboolean is_reported = GPOINTER_TO_INT (data);
  guint    n_sent = 0;
  guint    n_expected = 0;

  if (is_reported)
    g_signal_connect (stream, "sent", G_CALLBACK (on_sent), &n_sent);
  for (guint i = 0; i < 4; i++)
    {
      Sender own = { stream, NULL, 2, 0 };
      Sender other = { stream, NULL, 10, 0 };

      if (i % 2 != 0)
        life_elsewhere (send_some, &own);
      else
        send_some (&own);
      g_assert_cmpuint (own.n_taken, ==, 2);
      g_object_set (stream, "send-limit", 5, NULL);
      life_elsewhere (send_some, &other);
      g_assert_cmpuint (other.n_taken, ==, 3);
      own = (Sender){ stream, NULL, 1, 0 };
      send_some (&own);
      g_assert_cmpuint (own.n_taken, ==, 0);

      g_assert_cmpuint (zmqglib_stream_discard (stream), ==, 5);
      n_expected += is_reported ? 5 : 0;
      life_until (NULL, n_sent == n_expected);
      if (i == 1)
        g_object_set (stream, "send-limit", 0, NULL);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/life/limited/never-exceeded", test_never_exceeded);
  g_test_add_func ("/life/limited/reached", test_reached);
  g_test_add_data_func ("/life/limited/counted/unreported", GINT_TO_POINTER (FALSE), test_counted);
  g_test_add_data_func ("/life/limited/counted/reported", GINT_TO_POINTER (TRUE), test_counted);

  return g_test_run ();
}

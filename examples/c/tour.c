/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A tour: servers and clients that talk over tcp, all in one main loop and one thread.
 *
 *   echo              four DEALER clients ask a ROUTER server, and check each answer
 *   burst             a PUSH sends to a PULL as fast as the two can
 *   pause and resume  the PULL stops to listen half-way, and goes on later
 *
 * Every message bears a number. The program fails when one is lost or comes out of order.
 */

#include <locale.h>
#include <string.h>
#include <unistd.h>

#include <zmqglib/zmqglib.h>

#define N_CLIENTS   4
#define N_QUESTIONS 2500 /* a client */
#define N_BURST     500000
#define BURST_TIME  (2 * G_USEC_PER_SEC) /* at most, however slow the machine is */
#define BURST_AHEAD 1000                 /* messages handed to the stream and not yet sent */
#define N_PAUSED    20000
#define PAUSE_MS    500
#define STALL_TIME  (10 * G_USEC_PER_SEC)

/* One stop of the tour. What it counts are the messages that were received. */
typedef struct
{
  const char *name;
  GMainLoop  *loop;
  guint64     n_expected;
  guint64     n_received;
  guint64     n_misplaced;
  guint64     n_bytes;
  gint64      started;
  gint64      last_received;
  GArray     *round_trips; /* of gint64, µs */
  char       *remark;
  GError     *error;
} Stop;

/* A client of the echo server. */
typedef struct
{
  Stop      *stop;
  ZmqStream *stream;
  guint32    n_asked;
  gint64     asked_at;
} Client;

/* Numbered messages from a PUSH to a PULL. */
typedef struct
{
  Stop      *stop;
  ZmqStream *push;
  ZmqStream *pull;
  gulong     received_id;
  guint64    n_sent;
  gsize      padding;
  guint64    pause_at; /* 0: never */
} Flow;

/* Port “*” is any that is free; @endpoint says which it became. */
static ZmqStream *
bind_stream (ZmqSocketType type,
             char        **endpoint,
             GError      **error)
{
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, type, error);

  if (socket == NULL || !zmqglib_socket_bind (socket, "tcp://127.0.0.1:*", error))
    return NULL;

  g_object_get (socket, "last-endpoint", endpoint, NULL);

  return zmqglib_stream_new (socket);
}

static ZmqStream *
connect_stream (ZmqSocketType type,
                const char   *endpoint,
                GError      **error)
{
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, type, error);

  if (socket == NULL || !zmqglib_socket_connect_to (socket, endpoint, error))
    return NULL;

  return zmqglib_stream_new (socket);
}

static double
seconds_of (Stop *stop)
{
  return MAX (stop->last_received - stop->started, 1) / (double) G_USEC_PER_SEC;
}

/* On a terminal the line of progress is written over and over. */
static void
show_progress (Stop *stop)
{
  gboolean live = isatty (STDOUT_FILENO);

  g_print ("%s%-16s  %'9" G_GUINT64_FORMAT " of %'9" G_GUINT64_FORMAT " messages%s",
           live ? "\r\033[K" : "", stop->name, stop->n_received, stop->n_expected,
           live ? "" : "\n");
}

static gboolean
on_tick (gpointer user_data)
{
  Stop *stop = user_data;

  show_progress (stop);
  if (g_get_monotonic_time () - MAX (stop->last_received, stop->started) > STALL_TIME)
    g_main_loop_quit (stop->loop);

  return G_SOURCE_CONTINUE;
}

static void
stop_fail (Stop   *stop,
           GError *error)
{
  if (stop->error == NULL)
    stop->error = error;
  else
    g_error_free (error);

  g_main_loop_quit (stop->loop);
}

static void
stop_expect (Stop   *stop,
             guint64 n_expected)
{
  stop->n_expected = n_expected;
  if (stop->n_received == n_expected)
    g_main_loop_quit (stop->loop);
}

static void
stop_count (Stop       *stop,
            ZmqMessage *message,
            gboolean    in_order)
{
  stop->n_received++;
  stop->n_bytes += zmqglib_message_get_size (message);
  stop->n_misplaced += !in_order;
  stop->last_received = g_get_monotonic_time ();
  stop_expect (stop, stop->n_expected);
}

static void
stop_send (Stop       *stop,
           ZmqStream  *stream,
           ZmqMessage *message)
{
  GError *error = NULL;

  if (!zmqglib_stream_send (stream, message, &error))
    stop_fail (stop, error);
}

/* Runs the main loop until all has come, or nothing comes any more. */
static void
stop_run (Stop *stop)
{
  guint tick = g_timeout_add (isatty (STDOUT_FILENO) ? 100 : 500, on_tick, stop);

  g_main_loop_run (stop->loop);
  g_source_remove (tick);
  show_progress (stop);
  if (isatty (STDOUT_FILENO))
    g_print ("\n");
}

/* Echo */

/* A ROUTER’s message begins with the routing id of the client it comes from. Sent back with that in
 * front it goes to this client. */
static void
on_question (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  Stop *stop = user_data;
  g_autoptr (ZmqMessage) answer = zmqglib_message_copy (message);

  zmqglib_message_append_string (answer, "as you say");
  stop_count (stop, message, TRUE);
  stop_send (stop, stream, answer);
}

static void
client_ask (Client *client)
{
  g_autoptr (ZmqMessage) question = zmqglib_message_new ();

  zmqglib_message_append_variant (question, g_variant_new_uint32 (client->n_asked++));
  zmqglib_message_append_string (question, "Is this the way?");
  client->asked_at = g_get_monotonic_time ();
  stop_send (client->stop, client->stream, question);
}

static void
on_answer (ZmqStream  *stream,
           ZmqMessage *message,
           gpointer    user_data)
{
  Client *client = user_data;
  gint64 round_trip = g_get_monotonic_time () - client->asked_at;
  g_autoptr (GVariant) number = NULL;
  GError *error = NULL;

  number = zmqglib_message_get_variant (message, 0, G_VARIANT_TYPE_UINT32, &error);
  if (number == NULL)
    {
      stop_fail (client->stop, error);
      return;
    }

  g_array_append_val (client->stop->round_trips, round_trip);
  stop_count (client->stop, message, g_variant_get_uint32 (number) == client->n_asked - 1);
  if (client->n_asked < N_QUESTIONS)
    client_ask (client);
}

static gboolean
run_echo (Stop    *stop,
          GError **error)
{
  Client clients[N_CLIENTS] = { { NULL } };
  g_autofree char *endpoint = NULL;
  g_autoptr (ZmqStream) server = bind_stream (ZMQGLIB_SOCKET_ROUTER, &endpoint, error);
  gboolean connected = server != NULL;

  if (connected)
    g_signal_connect (server, "received", G_CALLBACK (on_question), stop);

  for (guint i = 0; connected && i < N_CLIENTS; i++)
    {
      clients[i].stop = stop;
      clients[i].stream = connect_stream (ZMQGLIB_SOCKET_DEALER, endpoint, error);
      connected = clients[i].stream != NULL;
      if (connected)
        {
          g_signal_connect (clients[i].stream, "received", G_CALLBACK (on_answer), &clients[i]);
          client_ask (&clients[i]);
        }
    }

  if (connected)
    stop_run (stop);

  for (guint i = 0; i < N_CLIENTS; i++)
    g_clear_object (&clients[i].stream);

  return connected;
}

/* Burst, pause and resume */

static void
flow_send_next (Flow *flow)
{
  static const char padding[1024];
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();

  zmqglib_message_append_data (message, &flow->n_sent, sizeof flow->n_sent);
  if (flow->padding > 0)
    zmqglib_message_append_data (message, padding, MIN (flow->padding, sizeof padding));
  flow->n_sent++;
  stop_send (flow->stop, flow->push, message);
}

/* One was sent, so one more may go: the queue does not grow, however slow the other end is. */
static void
on_sent (ZmqStream    *stream,
         ZmqMessage   *message,
         const GError *error,
         gpointer      user_data)
{
  Flow *flow = user_data;
  Stop *stop = flow->stop;

  if (error != NULL)
    stop_fail (stop, g_error_copy (error));
  else if (flow->pause_at == 0 && g_get_monotonic_time () - stop->started > BURST_TIME)
    stop_expect (stop, flow->n_sent);
  else if (flow->n_sent < stop->n_expected)
    flow_send_next (flow);
}

static gboolean
on_pause_over (gpointer user_data)
{
  Flow *flow = user_data;
  Stop *stop = flow->stop;

  stop->remark = g_strdup_printf ("%'" G_GUINT64_FORMAT " read during a pause of %u ms, while %'u waited to be sent",
                                  stop->n_received - flow->pause_at, PAUSE_MS,
                                  zmqglib_stream_get_n_queued (flow->push));
  stop->n_misplaced += stop->n_received - flow->pause_at;
  g_signal_handler_unblock (flow->pull, flow->received_id);

  return G_SOURCE_REMOVE;
}

static void
on_numbered (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  Flow *flow = user_data;
  guint64 number = G_MAXUINT64;
  gsize size = 0;
  gconstpointer data = zmqglib_message_peek_frame (message, 0, &size);

  if (size == sizeof number)
    memcpy (&number, data, size);
  stop_count (flow->stop, message, number == flow->stop->n_received);

  /* A stream that nobody listens to reads nothing. */
  if (flow->stop->n_received == flow->pause_at)
    {
      g_signal_handler_block (stream, flow->received_id);
      g_timeout_add (PAUSE_MS, on_pause_over, flow);
    }
}

static gboolean
run_flow (Stop    *stop,
          guint    n_ahead,
          gsize    padding,
          guint64  pause_at,
          GError **error)
{
  g_autofree char *endpoint = NULL;
  g_autoptr (ZmqStream) pull = bind_stream (ZMQGLIB_SOCKET_PULL, &endpoint, error);
  g_autoptr (ZmqStream) push = NULL;
  Flow flow = { .stop = stop, .padding = padding, .pause_at = pause_at };

  if (pull != NULL)
    push = connect_stream (ZMQGLIB_SOCKET_PUSH, endpoint, error);
  if (push == NULL)
    return FALSE;

  flow.pull = pull;
  flow.push = push;
  flow.received_id = g_signal_connect (pull, "received", G_CALLBACK (on_numbered), &flow);
  g_signal_connect (push, "sent", G_CALLBACK (on_sent), &flow);

  for (guint i = 0; i < n_ahead; i++)
    flow_send_next (&flow);
  stop_run (stop);

  return TRUE;
}

/* The tour */

static gint
compare_times (gconstpointer a,
               gconstpointer b)
{
  gint64 left = *(const gint64 *) a;
  gint64 right = *(const gint64 *) b;

  return (left > right) - (left < right);
}

static void
describe_round_trips (Stop *stop)
{
  GArray *times = stop->round_trips;

  if (times->len == 0)
    return;

  g_array_sort (times, compare_times);
  stop->remark = g_strdup_printf ("round trip: median %" G_GINT64_FORMAT " µs, 99th percentile %" G_GINT64_FORMAT " µs",
                                  g_array_index (times, gint64, times->len / 2),
                                  g_array_index (times, gint64, times->len * 99 / 100));
}

static gboolean
stop_is_fine (Stop *stop)
{
  return stop->error == NULL && stop->n_received == stop->n_expected && stop->n_misplaced == 0;
}

static void
show_row (Stop *stop)
{
  g_print ("%-16s  %'9" G_GUINT64_FORMAT "  %'11" G_GUINT64_FORMAT "  %7.2f  %'10.0f\n",
           stop->name, stop->n_received, stop->n_bytes, seconds_of (stop),
           stop->n_received / seconds_of (stop));
  if (stop->remark != NULL)
    g_print ("                  %s\n", stop->remark);
  if (stop->error != NULL)
    g_print ("                  FAILED: %s\n", stop->error->message);
  else if (!stop_is_fine (stop))
    g_print ("                  FAILED: %" G_GUINT64_FORMAT " lost, %" G_GUINT64_FORMAT " out of place\n",
             stop->n_expected - stop->n_received, stop->n_misplaced);
}

/* Makes one stop of the tour, and shows a row of the table when called again. */
static void
stop_begin (Stop       *stop,
            const char *name,
            guint64     n_expected)
{
  stop->name = name;
  stop->n_expected = n_expected;
  stop->loop = g_main_loop_new (NULL, FALSE);
  stop->round_trips = g_array_new (FALSE, FALSE, sizeof (gint64));
  stop->started = stop->last_received = g_get_monotonic_time ();
}

static void
stop_clear (Stop *stop)
{
  g_clear_pointer (&stop->loop, g_main_loop_unref);
  g_clear_pointer (&stop->round_trips, g_array_unref);
  g_clear_pointer (&stop->remark, g_free);
  g_clear_error (&stop->error);
}

int
main (void)
{
  Stop echo = { NULL };
  Stop burst = { NULL };
  Stop paused = { NULL };
}

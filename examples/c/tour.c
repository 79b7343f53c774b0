/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A tour: servers and clients that talk over tcp, all in one main loop and one thread.
 *
 *   echo              four DEALER clients ask a ROUTER server, and check each answer
 *   burst             a PUSH sends to a PULL as fast as the two can
 *   pause and resume  the PULL stops listening half-way, and goes on later
 *
 * Every message bears a number. The program fails when one is lost or comes out of order. */

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zmqglib/zmqglib.h>

#define N_CLIENTS   4
#define N_QUESTIONS 2500   /* of each client */
#define N_BURST     500000 /* unless the command line says otherwise */
#define N_AHEAD     1000   /* how far the sender of the burst runs ahead of its socket */
#define N_PAUSED    20000
#define PADDING     1024 /* so that they do not all fit into the buffers between the two sockets */
#define PAUSE_MS    500
#define STALL_TIME  (10 * G_USEC_PER_SEC)

/* One stop of the tour, and what has come in there. */
typedef struct
{
  const char *name;
  GMainLoop  *loop;
  guint       n_expected;
  guint       n_received;
  guint       n_misplaced;
  gsize       n_bytes;
  gint64      started;
  gint64      last_received;
  char       *remark;
} Stop;

/* A client of the echo server. */
typedef struct
{
  Stop      *stop;
  ZmqStream *stream;
  guint      n_asked;
  gint64     asked_at;
  GArray    *round_trips; /* of guint, µs; one for all clients */
} Client;

/* Numbered messages from a PUSH to a PULL. */
typedef struct
{
  Stop      *stop;
  ZmqStream *push;
  ZmqStream *pull;
  gulong     received_id;
  guint      n_sent;
  gsize      padding;
  guint      pause_at; /* 0: never */
} Flow;

G_NORETURN static void
give_up (GError *error)
{
  g_printerr ("\n%s\n", error->message);
  exit (EXIT_FAILURE);
}

/* Port “*” is any that is free; @endpoint says which it became. */
static ZmqStream *
bind_stream (ZmqSocketType type,
             char        **endpoint)
{
  GError *error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, type, &error);

  if (socket == NULL || !zmqglib_socket_bind (socket, "tcp://127.0.0.1:*", &error))
    give_up (error);

  g_object_get (socket, "last-endpoint", endpoint, NULL);

  return zmqglib_stream_new (socket);
}

static ZmqStream *
connect_stream (ZmqSocketType type,
                const char   *endpoint)
{
  GError *error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, type, &error);

  if (socket == NULL || !zmqglib_socket_connect_to (socket, endpoint, &error))
    give_up (error);

  return zmqglib_stream_new (socket);
}

static void
send_message (ZmqStream  *stream,
              ZmqMessage *message)
{
  GError *error = NULL;

  if (!zmqglib_stream_send (stream, message, &error))
    give_up (error);
}

/* A terminal has one line of progress, written over and over. */
static void
show_progress (Stop *stop)
{
  gboolean live = isatty (STDOUT_FILENO);

  g_print ("%s%-16s %'9u of %'9u messages%s",
           live ? "\r" : "", stop->name, stop->n_received, stop->n_expected, live ? "" : "\n");
}

static gboolean
on_tick (gpointer user_data)
{
  Stop *stop = user_data;

  show_progress (stop);
  if (g_get_monotonic_time () - stop->last_received > STALL_TIME)
    g_main_loop_quit (stop->loop);

  return G_SOURCE_CONTINUE;
}

/* Runs the main loop until all has come, or nothing comes any more. */
static void
stop_run (Stop *stop)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  guint tick = g_timeout_add (isatty (STDOUT_FILENO) ? 100 : 500, on_tick, stop);

  stop->loop = loop;
  stop->started = stop->last_received = g_get_monotonic_time ();
  g_main_loop_run (loop);
  g_source_remove (tick);

  show_progress (stop);
  if (isatty (STDOUT_FILENO))
    g_print ("\n");
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
  if (stop->n_received == stop->n_expected)
    g_main_loop_quit (stop->loop);
}

/* A ROUTER’s message begins with the routing id of the client it came from. With that in front the
 * answer goes back to the same client. */
static void
on_question (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  g_autoptr (ZmqMessage) answer = zmqglib_message_copy (message);

  zmqglib_message_append_string (answer, "It is.");
  send_message (stream, answer);
  stop_count (user_data, message, TRUE);
}

static void
client_ask (Client *client)
{
  g_autoptr (ZmqMessage) question = zmqglib_message_new ();

  zmqglib_message_append_variant (question, g_variant_new_uint32 (client->n_asked++));
  zmqglib_message_append_string (question, "Is this the way?");
  client->asked_at = g_get_monotonic_time ();
  send_message (client->stream, question);
}

static void
on_answer (ZmqStream  *stream,
           ZmqMessage *message,
           gpointer    user_data)
{
  Client *client = user_data;
  guint   round_trip = g_get_monotonic_time () - client->asked_at;
  GError *error = NULL;
  g_autoptr (GVariant) number =
      zmqglib_message_get_variant (message, 0, G_VARIANT_TYPE_UINT32, &error);

  if (number == NULL)
    give_up (error);

  g_array_append_val (client->round_trips, round_trip);
  stop_count (client->stop, message, g_variant_get_uint32 (number) == client->n_asked - 1);
  if (client->n_asked < N_QUESTIONS)
    client_ask (client);
}

static int
compare_times (gconstpointer a,
               gconstpointer b)
{
  const guint *left = a;
  const guint *right = b;

  return *left < *right ? -1 : *left > *right;
}

static char *
describe_times (GArray *times)
{
  g_array_sort (times, compare_times);

  return g_strdup_printf ("round trip: median %.2f ms, 99th percentile %.2f ms",
                          g_array_index (times, guint, times->len / 2) / 1e3,
                          g_array_index (times, guint, times->len * 99 / 100) / 1e3);
}

static void
run_echo (Stop *stop)
{
  g_autofree char *endpoint = NULL;
  g_autoptr (ZmqStream) server = bind_stream (ZMQGLIB_SOCKET_ROUTER, &endpoint);
  g_autoptr (GArray) round_trips = g_array_new (FALSE, FALSE, sizeof (guint));
  Client clients[N_CLIENTS];

  g_signal_connect (server, "received", G_CALLBACK (on_question), stop);

  for (guint i = 0; i < N_CLIENTS; i++)
    {
      ZmqStream *stream = connect_stream (ZMQGLIB_SOCKET_DEALER, endpoint);

      clients[i] = (Client){ .stop = stop, .stream = stream, .round_trips = round_trips };
      g_signal_connect (stream, "received", G_CALLBACK (on_answer), &clients[i]);
      client_ask (&clients[i]);
    }

  stop_run (stop);
  if (round_trips->len > 0)
    stop->remark = describe_times (round_trips);

  for (guint i = 0; i < N_CLIENTS; i++)
    g_object_unref (clients[i].stream);
}

static void
flow_send_next (Flow *flow)
{
  static const char padding[PADDING];
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();

  zmqglib_message_append_data (message, &flow->n_sent, sizeof flow->n_sent);
  if (flow->padding > 0)
    zmqglib_message_append_data (message, padding, flow->padding);
  flow->n_sent++;
  send_message (flow->push, message);
}

/* One was sent, so one more may go: the queue does not grow, however slow the other end is. */
static void
on_sent (ZmqStream  *stream,
         ZmqMessage *message,
         GError     *error,
         gpointer    user_data)
{
  Flow *flow = user_data;

  if (error != NULL)
    give_up (error);
  if (flow->n_sent < flow->stop->n_expected)
    flow_send_next (flow);
}

static gboolean
on_pause_over (gpointer user_data)
{
  Flow *flow = user_data;
  guint n_read = flow->stop->n_received - flow->pause_at;

  flow->stop->n_misplaced += n_read;
  flow->stop->remark = g_strdup_printf ("in a pause of %d ms %u were read, %'u waited to be sent",
                                        PAUSE_MS, n_read, zmqglib_stream_get_n_queued (flow->push));
  g_signal_handler_unblock (flow->pull, flow->received_id);

  return G_SOURCE_REMOVE;
}

static void
on_numbered (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  Flow         *flow = user_data;
  guint         number = G_MAXUINT;
  gsize         size = 0;
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

/* @n_ahead messages are sent to begin with; after that each that is through brings the next. */
static void
run_flow (Stop *stop,
          guint n_ahead,
          gsize padding,
          guint pause_at)
{
  g_autofree char *endpoint = NULL;
  g_autoptr (ZmqStream) pull = bind_stream (ZMQGLIB_SOCKET_PULL, &endpoint);
  g_autoptr (ZmqStream) push = connect_stream (ZMQGLIB_SOCKET_PUSH, endpoint);
  Flow flow = { .stop = stop, .push = push, .pull = pull, .padding = padding, .pause_at = pause_at };

  flow.received_id = g_signal_connect (pull, "received", G_CALLBACK (on_numbered), &flow);
  g_signal_connect (push, "sent", G_CALLBACK (on_sent), &flow);

  while (flow.n_sent < MIN (n_ahead, stop->n_expected))
    flow_send_next (&flow);
  stop_run (stop);
}

static gboolean
show_row (Stop *stop)
{
  double seconds = MAX (stop->last_received - stop->started, 1) / (double) G_USEC_PER_SEC;

  g_print ("%-16s %'9u %'11zu %8.2f %'11.0f  %s\n",
           stop->name, stop->n_received, stop->n_bytes, seconds, stop->n_received / seconds,
           stop->remark ? stop->remark : "");
  if (stop->n_received == stop->n_expected && stop->n_misplaced == 0)
    return TRUE;

  g_print ("FAILED: %u lost, %u out of order\n",
           stop->n_expected - stop->n_received, stop->n_misplaced);
  return FALSE;
}

int
main (int   argc,
      char *argv[])
{
  Stop stops[] = {
    { .name = "echo", .n_expected = 2 * N_CLIENTS * N_QUESTIONS }, /* questions and answers */
    { .name = "burst", .n_expected = argc > 1 ? g_ascii_strtoull (argv[1], NULL, 10) : N_BURST },
    { .name = "pause and resume", .n_expected = N_PAUSED },
  };
  gboolean fine = TRUE;

  setlocale (LC_ALL, "");

  run_echo (&stops[0]);
  run_flow (&stops[1], N_AHEAD, 0, 0);
  run_flow (&stops[2], N_PAUSED, PADDING, N_PAUSED / 2);

  g_print ("\n%-16s %9s %11s %8s %11s\n", "", "messages", "bytes", "seconds", "messages/s");
  for (guint i = 0; i < G_N_ELEMENTS (stops); i++)
    {
      fine &= show_row (&stops[i]);
      g_free (stops[i].remark);
    }
  if (fine)
    g_print ("Nothing was lost, and all came in order.\n");

  return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}

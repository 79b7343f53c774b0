/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How fast requests are answered, a thousand of them under way, by a bare ROUTER in another thread:
 *
 *   client   a ZmqClient in a main loop
 *   dealer   a DEALER and zmq_poll(), with a number in front of each request that says which it is */

#include "bench.h"

#include <errno.h>
#include <stdlib.h>

#define N_UNDER_WAY 1000

typedef struct
{
  BenchMeter meter;
  char      *endpoint;
  void      *context; /* of the server */
  int        size;
  gint64     n_sent;
  gint64     count;
  ZmqClient *client;
  GMainLoop *loop;
} Asking;

/* Gives back what it gets, until the context ends, which may be between two frames. */
static gpointer
serve (gpointer data)
{
  zmq_msg_t frame;

  zmq_msg_init (&frame);
  while (zmq_msg_recv (&frame, data, 0) >= 0 && zmq_msg_send (&frame, data, zmq_msg_more (&frame) ? ZMQ_SNDMORE : 0) >= 0)
    ;
  zmq_msg_close (&frame);
  zmq_close (data);

  return NULL;
}

static GThread *
start_server (Asking *self)
{
  const int none = 0;
  char      endpoint[256];
  size_t    size = sizeof endpoint;
  void     *socket;

  self->context = zmq_ctx_new ();
  socket = zmq_socket (self->context, ZMQ_ROUTER);
  /* a ROUTER drops answers beyond its high-water mark */
  zmq_setsockopt (socket, ZMQ_SNDHWM, &none, sizeof none);
  zmq_setsockopt (socket, ZMQ_LINGER, &none, sizeof none);
  bench_check (zmq_bind (socket, "tcp://127.0.0.1:*"));
  bench_check (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size));
  self->endpoint = g_strdup (endpoint);

  return g_thread_new ("server", serve, socket);
}

static void
send_frame (void         *socket,
            gconstpointer data,
            gsize         size,
            int           flags)
{
  bench_check (zmq_send (socket, data, size, flags));
}

static void
send_bare (Asking *self,
           void   *socket)
{
  guint8  body[1024] = { 0 };
  guint64 number = self->n_sent++;

  bench_write_number (body, number);
  send_frame (socket, &number, sizeof number, ZMQ_SNDMORE);
  send_frame (socket, "", 0, ZMQ_SNDMORE);
  send_frame (socket, body, self->size, 0);
}

/* Whose answer it is, looked up as a program would. Returns FALSE when there is none. */
static gboolean
receive_bare (Asking     *self,
              void       *socket,
              GHashTable *under_way)
{
  guint64   number;
  zmq_msg_t body;

  if (zmq_recv (socket, &number, sizeof number, ZMQ_DONTWAIT) < 0)
    return FALSE;

  bench_check (zmq_recv (socket, NULL, 0, 0));
  zmq_msg_init (&body);
  bench_check (zmq_msg_recv (&body, socket, 0));
  if (!g_hash_table_remove (under_way, GSIZE_TO_POINTER (number + 1)))
    bench_fail ("an answer to nothing");
  bench_touch (&self->meter, zmq_msg_data (&body), zmq_msg_size (&body));
  zmq_msg_close (&body);

  return TRUE;
}

static void
ask_bare (Asking *self)
{
  g_autoptr (GHashTable) under_way = g_hash_table_new (NULL, NULL);
  void          *context = zmq_ctx_new ();
  void          *socket = zmq_socket (context, ZMQ_DEALER);
  zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLIN };
  gboolean       is_over = FALSE;
  const int      none = 0;

  /* nobody waits for what is under way at the end */
  zmq_setsockopt (socket, ZMQ_LINGER, &none, sizeof none);
  bench_check (zmq_connect (socket, self->endpoint));
  for (guint i = 0; i < N_UNDER_WAY; i++)
    {
      g_hash_table_add (under_way, GSIZE_TO_POINTER (self->n_sent + 1));
      send_bare (self, socket);
    }

  while (!is_over)
    {
      bench_check (zmq_poll (&item, 1, -1));
      while (!is_over && receive_bare (self, socket, under_way))
        {
          is_over = bench_meter_count (&self->meter);
          g_hash_table_add (under_way, GSIZE_TO_POINTER (self->n_sent + 1));
          send_bare (self, socket);
        }
    }

  zmq_close (socket);
  zmq_ctx_destroy (context);
}

static void on_answer (GObject      *source,
                       GAsyncResult *result,
                       gpointer      data);

static void
send_by_client (Asking *self)
{
  guint8 body[1024] = { 0 };
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();

  bench_write_number (body, self->n_sent++);
  zmqglib_message_append_data (message, body, self->size);
  zmqglib_client_request_async (self->client, message, NULL, on_answer, self);
}

static void
on_answer (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Asking *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) answer = zmqglib_client_request_finish (self->client, result, &error);
  gconstpointer body;
  gsize         size;

  if (!g_main_loop_is_running (self->loop))
    return;

  if (answer == NULL)
    bench_fail ("%s", error->message);
  body = zmqglib_message_peek_frame (answer, 0, &size);
  bench_touch (&self->meter, body, size);
  if (bench_meter_count (&self->meter))
    g_main_loop_quit (self->loop);
  else
    send_by_client (self);
}

static void
ask_by_client (Asking *self)
{
  g_autoptr (GError) error = NULL;

  self->client = zmqglib_client_new (NULL, &error);
  if (self->client == NULL || !zmqglib_client_connect_to (self->client, self->endpoint, &error))
    bench_fail ("%s", error->message);

  self->loop = g_main_loop_new (NULL, FALSE);
  for (guint i = 0; i < N_UNDER_WAY; i++)
    send_by_client (self);
  g_main_loop_run (self->loop);

  zmqglib_client_close (self->client);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (self->client);
  g_main_loop_unref (self->loop);
}

int
main (int    argc,
      char **argv)
{
  static const char *const sides[] = { "client", "dealer", NULL };
  Bench                    bench = { .count = 200000, .size = 64 };
  Asking                   asking = { 0 };
  GThread                 *server;

  bench_init (&bench, argc, argv, sides);
  bench_meter_init (&asking.meter, bench.count);
  asking.size = CLAMP (bench.size, (int) sizeof (guint64), 1024);
  server = start_server (&asking);
  if (g_str_equal (bench.side, "client"))
    ask_by_client (&asking);
  else
    ask_bare (&asking);
  bench_meter_print (&asking.meter);

  zmq_ctx_shutdown (asking.context);
  g_thread_join (server);
  zmq_ctx_destroy (asking.context);
  g_free (asking.endpoint);
  bench_clear (&bench);

  return EXIT_SUCCESS;
}

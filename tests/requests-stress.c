/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Requests under random faults: servers that answer late, twice, in any order or never, are killed, stopped and started
 * again, while a client keeps a thousand requests under way. Every request ends, with its own answer or an error, and no
 * server was asked more often than it may have been.
 *
 *   requests-stress [--requests N] [--seed S] [--strategy failover|spread|all] */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>
#include <zmqglib/zmqglib.h>

#define N_SERVERS   3
#define N_UNDER_WAY 1000
#define MAX_TRIES   5
#define TIMEOUT_US  (300 * G_TIME_SPAN_MILLISECOND)

static int   n_requests = 1000000;
static int   seed;
static char *strategy_name;

static const GOptionEntry entries[] = {
  { "requests", 0, 0, G_OPTION_ARG_INT, &n_requests, "How many", "N" },
  { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "Of the random faults", "S" },
  { "strategy", 0, 0, G_OPTION_ARG_STRING, &strategy_name, "failover, spread or all", "STRATEGY" },
  { NULL }
};

/* A server. Each frame of a request is the number of that; the answer is the same, with the server’s in front. */
typedef struct
{
  GQueue kept; /* of GPtrArray of zmq_msg_t */
  GRand *rand;
  void  *socket;
} Server;

static void
frames_free (gpointer data)
{
  zmq_msg_close (data);
  g_free (data);
}

static GPtrArray *
receive (void *socket,
         int   flags)
{
  GPtrArray *frames = g_ptr_array_new_with_free_func (frames_free);

  do
    {
      zmq_msg_t *frame = g_new (zmq_msg_t, 1);

      zmq_msg_init (frame);
      g_ptr_array_add (frames, frame);
      if (zmq_msg_recv (frame, socket, flags) < 0)
        {
          g_ptr_array_unref (frames);
          return NULL;
        }
    }
  while (zmq_msg_more (frames->pdata[frames->len - 1]));

  return frames;
}

static void
answer (Server    *self,
        GPtrArray *frames)
{
  for (guint i = 0; i < frames->len; i++)
    {
      zmq_msg_t copy;

      zmq_msg_init (&copy);
      zmq_msg_copy (&copy, frames->pdata[i]);
      zmq_msg_send (&copy, self->socket, i + 1 < frames->len ? ZMQ_SNDMORE : 0);
    }
}

static void
serve_one (Server    *self,
           GPtrArray *frames)
{
  int fate = g_rand_int_range (self->rand, 0, 1000);

  if (fate < 2) /* never */
    g_ptr_array_unref (frames);
  else if (fate < 100 && self->kept.length < 100) /* later, behind others */
    g_queue_insert_before (&self->kept, g_queue_peek_nth_link (&self->kept, g_rand_int_range (self->rand, 0, 10)), frames);
  else
    {
      answer (self, frames);
      if (fate > 950)
        answer (self, frames);
      g_ptr_array_unref (frames);
    }
}

static void
serve (const char *endpoint)
{
  const int none = 0;
  Server    self = { .rand = g_rand_new (), .socket = zmq_socket (zmq_ctx_new (), ZMQ_ROUTER) };

  zmq_setsockopt (self.socket, ZMQ_SNDHWM, &none, sizeof none);
  while (zmq_bind (self.socket, endpoint) != 0)
    g_usleep (1000);

  for (;;)
    {
      GPtrArray *frames = receive (self.socket, self.kept.length > 0 ? ZMQ_DONTWAIT : 0);

      if (frames != NULL)
        serve_one (&self, frames);
      if (self.kept.length > 0 && (frames == NULL || g_rand_int_range (self.rand, 0, 10) == 0))
        {
          GPtrArray *late = g_queue_pop_head (&self.kept);

          answer (&self, late);
          g_ptr_array_unref (late);
        }
    }
}

typedef struct
{
  const char   *program;
  char         *endpoints[N_SERVERS];
  GSubprocess  *servers[N_SERVERS];
  gboolean      stopped[N_SERVERS];
  ZmqClient    *client;
  GMainLoop    *loop;
  GCancellable *cancellable; /* of some of them */
  GRand        *rand;
  guint64       n_begun;
  guint64       n_answered;
  guint64       n_failed;
  guint64       n_cancelled;
  guint64       n_kills;
  guint64       n_stops;
} Stress;

static void
start_server (Stress *self,
              guint   which)
{
  g_autoptr (GError) error = NULL;

  self->servers[which] = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, self->program, "--serve", self->endpoints[which], NULL);
  if (self->servers[which] == NULL)
    g_error ("%s", error->message);
}

static void
kill_server (Stress *self,
             guint   which)
{
  g_subprocess_force_exit (self->servers[which]);
  g_subprocess_wait (self->servers[which], NULL, NULL);
  g_clear_object (&self->servers[which]);
  self->stopped[which] = FALSE;
}

static gboolean
on_fault (gpointer data)
{
  Stress *self = data;
  guint   which = g_rand_int_range (self->rand, 0, N_SERVERS);

  if (self->stopped[which])
    {
      g_subprocess_send_signal (self->servers[which], SIGCONT);
      self->stopped[which] = FALSE;
    }
  else if (g_rand_boolean (self->rand))
    {
      kill_server (self, which);
      start_server (self, which);
      self->n_kills++;
    }
  else
    {
      g_subprocess_send_signal (self->servers[which], SIGSTOP);
      self->stopped[which] = TRUE;
      self->n_stops++;
    }

  return G_SOURCE_CONTINUE;
}

static gboolean
on_cancel (gpointer data)
{
  Stress       *self = data;
  GCancellable *old = self->cancellable;

  self->cancellable = g_cancellable_new ();
  g_cancellable_cancel (old);
  g_object_unref (old);

  return G_SOURCE_CONTINUE;
}

static void begin_request (Stress *self);

typedef struct
{
  Stress *stress;
  guint64 number;
  guint   n_told;
} Request;

static void
count_answer (Stress     *self,
              Request    *request,
              ZmqMessage *message)
{
  gsize         size;
  gconstpointer data = zmqglib_message_peek_frame (message, 0, &size);

  if (zmqglib_message_get_n_frames (message) != 1 || size != sizeof request->number ||
      memcmp (data, &request->number, size) != 0)
    g_error ("Request %" G_GUINT64_FORMAT " was given another’s answer", request->number);
  self->n_answered++;
}

static void
on_answer (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autofree Request *request = data;
  Stress             *self = request->stress;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_client_request_finish (self->client, result, &error);

  if (message != NULL)
    count_answer (self, request, message);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->n_cancelled++;
  else if (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN) ||
           g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_HOST_UNREACHABLE))
    self->n_failed++;
  else
    g_error ("Request %" G_GUINT64_FORMAT ": %s", request->number, error->message);

  if (self->n_begun < (guint64) n_requests)
    begin_request (self);
  else if (self->n_answered + self->n_failed + self->n_cancelled == (guint64) n_requests)
    g_main_loop_quit (self->loop);
}

static void
begin_request (Stress *self)
{
  Request *request = g_new0 (Request, 1);
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  gboolean may_cancel = g_rand_int_range (self->rand, 0, 50) == 0;

  request->stress = self;
  request->number = self->n_begun++;
  zmqglib_message_append_data (message, &request->number, sizeof request->number);
  zmqglib_client_request_async (self->client, message, may_cancel ? self->cancellable : NULL, on_answer, request);
}

static gboolean
on_report (gpointer data)
{
  Stress *self = data;

  g_print ("# %" G_GUINT64_FORMAT " answered, %" G_GUINT64_FORMAT " failed, %" G_GUINT64_FORMAT " cancelled, %" G_GUINT64_FORMAT
           " kills, %" G_GUINT64_FORMAT " stops\n",
           self->n_answered, self->n_failed, self->n_cancelled, self->n_kills, self->n_stops);

  return G_SOURCE_CONTINUE;
}

static void
open_client (Stress *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GEnumClass) strategies = g_type_class_ref (ZMQGLIB_TYPE_CLIENT_STRATEGY);
  GEnumValue *strategy = g_enum_get_value_by_nick (strategies, strategy_name != NULL ? strategy_name : "failover");

  if (strategy == NULL)
    g_error ("There is no strategy “%s”", strategy_name);

  self->client = zmqglib_client_new (NULL, &error);
  g_object_set (self->client, "timeout-us", TIMEOUT_US, "max-tries", MAX_TRIES, "strategy", strategy->value, NULL);
  for (guint i = 0; i < N_SERVERS; i++)
    if (!zmqglib_client_connect_to (self->client, self->endpoints[i], &error))
      g_error ("%s", error->message);
}

static char *
make_endpoint (guint which)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();

  return g_strdup_printf ("tcp://127.0.0.1:%u", g_socket_listener_add_any_inet_port (listener, NULL, NULL));
}

static void
run (Stress *self)
{
  guint sources[3];

  for (guint i = 0; i < N_SERVERS; i++)
    {
      self->endpoints[i] = make_endpoint (i);
      start_server (self, i);
    }
  open_client (self);
  self->cancellable = g_cancellable_new ();
  self->loop = g_main_loop_new (NULL, FALSE);
  sources[0] = g_timeout_add (20, on_fault, self);
  sources[1] = g_timeout_add (37, on_cancel, self);
  sources[2] = g_timeout_add_seconds (10, on_report, self);

  for (guint i = 0; i < MIN (N_UNDER_WAY, (guint) n_requests); i++)
    begin_request (self);
  g_main_loop_run (self->loop);
  on_report (self);
  for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);

  for (guint i = 0; i < N_SERVERS; i++)
    {
      kill_server (self, i);
      g_free (self->endpoints[i]);
    }
  if (self->n_answered < self->n_failed)
    g_error ("Most requests failed");
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  Stress self = { .program = argv[0] };

  if (argc == 3 && g_str_equal (argv[1], "--serve"))
    serve (argv[2]);

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    g_error ("%s", error->message);

  if (seed == 0)
    seed = g_random_int_range (1, G_MAXINT);
  g_print ("1..1\n# seed %d\n", seed);
  self.rand = g_rand_new_with_seed (seed);
  run (&self);
  g_print ("ok 1 %d requests\n", n_requests);

  zmqglib_client_close (self.client);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (self.client);
  g_object_unref (self.cancellable);
  g_main_loop_unref (self.loop);
  g_rand_free (self.rand);
  g_free (strategy_name);

  return EXIT_SUCCESS;
}

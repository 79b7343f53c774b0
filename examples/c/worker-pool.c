/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A pool of workers, each with the stream of a DEALER, around the stream of a ROUTER.
 *
 * A worker says that it is ready, is given a number, and answers with its square, which also says
 * that it is ready again. Each number goes to the worker that has been ready for longest. */

#include <stdlib.h>

#include <zmqglib/zmqglib.h>

#define N_WORKERS 3
#define N_TASKS   12

typedef struct _Pool Pool;

typedef struct
{
  Pool      *pool;
  ZmqStream *stream;
  guint      number; /* at work on it */
} Worker;

struct _Pool
{
  GMainLoop  *loop;
  ZmqStream  *stream;
  Worker      workers[N_WORKERS];
  GQueue      idle; /* of GBytes, the workers’ routing ids */
  GHashTable *took_part;
  guint       results[N_TASKS];
  guint       n_results;
  guint       n_given;
  guint       n_stopped;
};

static void
check (GError *error)
{
  if (error == NULL)
    return;

  g_printerr ("%s\n", error->message);
  exit (EXIT_FAILURE);
}

static gboolean
on_worked (gpointer data)
{
  Worker          *self = data;
  g_autofree char *result = g_strdup_printf ("%u", self->number * self->number);
  g_autoptr (GError) error = NULL;

  zmqglib_stream_send_string (self->stream, result, &error);
  check (error);

  return G_SOURCE_REMOVE;
}

static void
on_task (ZmqStream  *stream,
         ZmqMessage *message,
         gpointer    data)
{
  Worker *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = zmqglib_message_get_string (message, 0, &error);

  check (error);
  if (g_str_equal (text, "stop"))
    {
      zmqglib_stream_close (stream);
      return;
    }

  self->number = atoi (text);
  g_timeout_add (1 + self->number % 5, on_worked, self);
}

static void
on_worker_closed (ZmqStream    *stream,
                  const GError *error,
                  gpointer      data)
{
  Pool *pool = ((Worker *) data)->pool;

  if (++pool->n_stopped == N_WORKERS)
    g_main_loop_quit (pool->loop);
}

static void
worker_start (Worker     *self,
              Pool       *pool,
              const char *endpoint)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_DEALER, &error);

  check (error);
  g_object_set (socket, "linger", 0, NULL);
  zmqglib_socket_connect_to (socket, endpoint, &error);
  check (error);

  self->pool = pool;
  self->stream = zmqglib_stream_new (socket);
  g_signal_connect (self->stream, "received", G_CALLBACK (on_task), self);
  g_signal_connect (self->stream, "closed", G_CALLBACK (on_worker_closed), self);
  zmqglib_stream_send_string (self->stream, "ready", &error);
  check (error);
}

/* Sends to the worker that has been ready for longest. */
static void
give (Pool       *self,
      const char *text)
{
  g_autoptr (GBytes) worker = g_queue_pop_head (&self->idle);
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_bytes (worker);
  g_autoptr (GError) error = NULL;

  zmqglib_message_append_string (message, text);
  zmqglib_stream_send (self->stream, message, &error);
  check (error);
}

static void
give_tasks (Pool *self)
{
  while (self->n_given < N_TASKS && self->idle.length > 0)
    {
      g_autofree char *task = g_strdup_printf ("%u", ++self->n_given);

      give (self, task);
    }
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  return *(const int *) a - *(const int *) b;
}

static void
report (Pool *self)
{
  guint sum = 0;

  qsort (self->results, N_TASKS, sizeof *self->results, compare);
  for (guint i = 0; i < N_TASKS; i++)
    {
      sum += self->results[i];
      g_print ("%u%s", self->results[i], i + 1 < N_TASKS ? " " : "\n");
    }
  g_print ("the sum is %u\n", sum);
  if (g_hash_table_size (self->took_part) == N_WORKERS)
    g_print ("all %d workers took part\n", N_WORKERS);
}

static void
on_answer (ZmqStream  *stream,
           ZmqMessage *message,
           gpointer    data)
{
  Pool *self = data;
  g_autoptr (GError) error = NULL;
  GBytes          *worker = zmqglib_message_pop_frame (message);
  g_autofree char *text = zmqglib_message_get_string (message, 0, &error);

  check (error);
  g_queue_push_tail (&self->idle, worker);
  if (g_str_equal (text, "ready"))
    {
      if (self->idle.length < N_WORKERS)
        return;
      g_print ("%d workers are ready\n", N_WORKERS);
    }
  else
    {
      self->results[self->n_results++] = atoi (text);
      g_hash_table_add (self->took_part, g_bytes_ref (worker));
    }

  give_tasks (self);
  if (self->n_results == N_TASKS)
    {
      report (self);
      while (self->idle.length > 0)
        give (self, "stop");
    }
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GHashTable) took_part =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) router = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_ROUTER, &error);
  g_autoptr (ZmqStream) stream = NULL;
  g_autofree char *endpoint = NULL;
  Pool             pool = { .loop = loop, .took_part = took_part };

  check (error);
  zmqglib_socket_bind (router, "tcp://127.0.0.1:*", &error);
  check (error);
  g_object_get (router, "last-endpoint", &endpoint, NULL);

  pool.stream = stream = zmqglib_stream_new (router);
  g_signal_connect (stream, "received", G_CALLBACK (on_answer), &pool);
  for (guint i = 0; i < N_WORKERS; i++)
    worker_start (&pool.workers[i], &pool, endpoint);
  g_main_loop_run (loop);

  g_print ("%u workers have stopped\n", pool.n_stopped);
  zmqglib_stream_close (stream);
  for (guint i = 0; i < N_WORKERS; i++)
    g_object_unref (pool.workers[i].stream);

  return EXIT_SUCCESS;
}

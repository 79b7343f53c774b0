/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A pool of threads that work for a main loop: primes are counted, a thousand numbers a job. */

#include <stdlib.h>

#include <zmqglib/zmqglib.h>

#define N_WORKERS 4
#define N_JOBS    20
#define STEP      1000

typedef struct
{
  GMainLoop  *loop;
  ZmqContext *context; /* of its own, so that its end is that of the threads */
  ZmqStream  *jobs;
  ZmqStream  *results;
  GThread    *threads[N_WORKERS];
  guint       n_results;
  guint       n_primes;
} Pool;

static void
check (GError *error)
{
  if (error == NULL)
    return;

  g_printerr ("%s\n", error->message);
  exit (EXIT_FAILURE);
}

/* In the threads, with sockets of their own, and calls that block. */

static gboolean
is_prime (guint number)
{
  for (guint divisor = 2; divisor * divisor <= number; divisor++)
    {
      if (number % divisor == 0)
        return FALSE;
    }

  return number >= 2;
}

static char *
count_primes (const char *job)
{
  guint first = atoi (job);
  guint n_primes = 0;

  for (guint number = first; number < first + STEP; number++)
    n_primes += is_prime (number);

  return g_strdup_printf ("%u", n_primes);
}

static ZmqSocket *
connect_socket (ZmqContext   *context,
                ZmqSocketType type,
                const char   *endpoint,
                GError      **error)
{
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (context, type, error);

  if (socket == NULL)
    return NULL;

  /* one job at a time, so that the next one goes to who has time */
  if (type == ZMQGLIB_SOCKET_PULL)
    g_object_set (socket, "receive-high-water-mark", 1, NULL);

  return zmqglib_socket_connect_to (socket, endpoint, error) ? g_steal_pointer (&socket) : NULL;
}

static gpointer
work (gpointer data)
{
  ZmqContext *context = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) jobs = connect_socket (context, ZMQGLIB_SOCKET_PULL, "inproc://jobs", &error);
  g_autoptr (ZmqSocket) results = NULL;

  if (jobs != NULL)
    results = connect_socket (context, ZMQGLIB_SOCKET_PUSH, "inproc://results", &error);
  while (error == NULL)
    {
      g_autoptr (ZmqMessage) job = zmqglib_socket_receive (jobs, NULL, &error);
      g_autofree char *text = job != NULL ? zmqglib_message_get_string (job, 0, &error) : NULL;

      if (text != NULL)
        {
          g_autofree char *count = count_primes (text);
          g_autoptr (ZmqMessage) result = zmqglib_message_new_from_string (count);

          zmqglib_socket_send (results, result, NULL, &error);
        }
    }

  /* else it is the end, which may have come before the thread has begun */
  if (!g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TERMINATED))
    check (error);

  return NULL;
}

/* In the main loop. */

static void
on_result (ZmqStream  *stream,
           ZmqMessage *message,
           gpointer    data)
{
  Pool *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *count = zmqglib_message_get_string (message, 0, &error);

  check (error);
  self->n_primes += atoi (count);
  if (++self->n_results == N_JOBS)
    g_main_loop_quit (self->loop);
}

static ZmqStream *
open_stream (Pool         *self,
             ZmqSocketType type,
             const char   *endpoint)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (self->context, type, &error);

  check (error);
  if (type == ZMQGLIB_SOCKET_PUSH)
    g_object_set (socket, "send-high-water-mark", 1, NULL);
  zmqglib_socket_bind (socket, endpoint, &error);
  check (error);

  return zmqglib_stream_new (socket);
}

static void
pool_start (Pool *self)
{
  self->context = zmqglib_context_new ();
  self->jobs = open_stream (self, ZMQGLIB_SOCKET_PUSH, "inproc://jobs");
  self->results = open_stream (self, ZMQGLIB_SOCKET_PULL, "inproc://results");
  g_signal_connect (self->results, "received", G_CALLBACK (on_result), self);

  for (guint i = 0; i < N_WORKERS; i++)
    self->threads[i] = g_thread_new ("worker", work, self->context);

  for (guint i = 0; i < N_JOBS; i++)
    {
      g_autofree char *job = g_strdup_printf ("%u", i * STEP);
      g_autoptr (GError) error = NULL;

      zmqglib_stream_send_string (self->jobs, job, &error);
      check (error);
    }
}

static void
pool_end (Pool *self)
{
  g_autoptr (GError) error = NULL;

  zmqglib_stream_close (self->jobs);
  zmqglib_stream_close (self->results);
  zmqglib_context_terminate (self->context, NULL, &error);
  check (error);
  for (guint i = 0; i < N_WORKERS; i++)
    g_thread_join (self->threads[i]);

  g_object_unref (self->jobs);
  g_object_unref (self->results);
  g_object_unref (self->context);
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Pool pool = { .loop = loop };

  pool_start (&pool);
  g_main_loop_run (loop);
  pool_end (&pool);
  g_print ("%u primes below %d\n", pool.n_primes, N_JOBS * STEP);
  g_print ("all threads have ended\n");

  return EXIT_SUCCESS;
}

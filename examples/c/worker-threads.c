/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Counts the primes below a million with a pool of worker threads.
 *
 * The main loop has a ROUTER, each worker a DEALER of its own. A worker says that it is ready, is
 * given a job, and answers with the result, which also says that it is ready again. So each worker
 * has as much to do as it can. */

#include <stdlib.h>

#include <zmqglib/zmqglib.h>

#define ENDPOINT  "inproc://workers"
#define N_WORKERS 4
#define LIMIT     1000000
#define STEP      20000 /* numbers in one job */

typedef struct
{
  GMainLoop *loop;
  ZmqStream *stream;
  guint32    next;      /* where the next job begins */
  guint      n_workers; /* still at work */
  guint      n_primes;
  gboolean   failed;
} Pool;

static gboolean
is_prime (guint32 number)
{
  if (number < 2)
    return FALSE;
  for (guint32 divisor = 2; divisor * divisor <= number; divisor++)
    {
      if (number % divisor == 0)
        return FALSE;
    }

  return TRUE;
}

static guint32
count_primes (guint32 from,
              guint32 to)
{
  guint32 n_primes = 0;

  for (guint32 number = from; number < to; number++)
    n_primes += is_prime (number);

  return n_primes;
}

/* Works until there is an empty job, which is the last. Returns FALSE on an error. */
static gboolean
work (ZmqSocket *socket,
      GError   **error)
{
  guint32 n_primes = 0;

  for (;;)
    {
      g_autoptr (ZmqMessage) answer = zmqglib_message_new ();
      g_autoptr (ZmqMessage) job = NULL;
      g_autoptr (GVariant) range = NULL;
      guint32 from, to;

      zmqglib_message_append_variant (answer, g_variant_new_uint32 (n_primes));
      if (!zmqglib_socket_send (socket, answer, NULL, error))
        return FALSE;

      job = zmqglib_socket_receive (socket, NULL, error);
      if (job == NULL)
        return FALSE;
      range = zmqglib_message_get_variant (job, 0, G_VARIANT_TYPE ("(uu)"), error);
      if (range == NULL)
        return FALSE;

      g_variant_get (range, "(uu)", &from, &to);
      if (from == to)
        return TRUE;
      n_primes = count_primes (from, to);
    }
}

/* A socket belongs to one thread: each worker makes its own. */
static gpointer
worker_thread (gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_DEALER, &error);

  if (socket == NULL || !zmqglib_socket_connect_to (socket, ENDPOINT, &error) ||
      !work (socket, &error))
    g_printerr ("A worker ended: %s\n", error->message);

  return NULL;
}

static gboolean
give_job (Pool    *pool,
          GBytes  *worker,
          GError **error)
{
  g_autoptr (ZmqMessage) job = zmqglib_message_new_from_bytes (worker);
  guint32 end = MIN (pool->next + STEP, LIMIT);

  if (pool->next == end)
    pool->n_workers--;
  zmqglib_message_append_variant (job, g_variant_new ("(uu)", pool->next, end));
  pool->next = end;

  return zmqglib_stream_send (pool->stream, job, error);
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  Pool *pool = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) worker = zmqglib_message_get_frame (message, 0);
  g_autoptr (GVariant) n_primes =
      zmqglib_message_get_variant (message, 1, G_VARIANT_TYPE_UINT32, &error);

  if (n_primes != NULL)
    pool->n_primes += g_variant_get_uint32 (n_primes);
  if (n_primes == NULL || !give_job (pool, worker, &error))
    {
      g_printerr ("%s\n", error->message);
      pool->failed = TRUE;
    }
  if (pool->failed || pool->n_workers == 0)
    g_main_loop_quit (pool->loop);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (NULL, ZMQGLIB_SOCKET_ROUTER, &error);
  g_autoptr (ZmqStream) stream = NULL;
  GThread *threads[N_WORKERS];
  Pool     pool = { .loop = loop, .n_workers = N_WORKERS };

  if (socket == NULL || !zmqglib_socket_bind (socket, ENDPOINT, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }

  pool.stream = stream = zmqglib_stream_new (socket);
  g_signal_connect (stream, "received", G_CALLBACK (on_received), &pool);
  for (guint i = 0; i < N_WORKERS; i++)
    threads[i] = g_thread_new ("worker", worker_thread, NULL);
  g_main_loop_run (loop);

  if (pool.failed) /* the workers still wait: end them with an error */
    zmqglib_context_shutdown (zmqglib_context_get_default ());
  for (guint i = 0; i < N_WORKERS; i++)
    g_thread_join (threads[i]);
  zmqglib_stream_close (stream);

  g_print ("There are %u primes below %u\n", pool.n_primes, LIMIT);

  return pool.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

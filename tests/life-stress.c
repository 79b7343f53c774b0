/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "life-stress.h"

/* The rules of life at random. Threads make, use, hand over, cancel, close and drop streams, operations,
 * sources, pollers and trackers; some run main contexts of their own, the others leave their things to
 * the main thread's. With --forks some fork, and their children do as they like with what they inherit.
 *
 * Whatever happens, no message is lost or out of order, each operation is told of once, and in the end
 * nothing is left. What a run did comes from its seed, as far as threads can be repeated at all. */

Stress stress = { .seconds = 5, .n_workers = 6 };

static Worker           workers[STRESS_MAX_WORKERS];
static __thread Worker *this_worker;

/* Whoever forks has all others wait outside of the library and of GLib. */
static pthread_rwlock_t turn_lock;

#define MAX_CHILDREN 4

static pid_t  children[MAX_CHILDREN];
static gint64 next_fork_us;

Worker *
stress_get_worker (void)
{
  return this_worker;
}

guint
stress_random (Worker *worker,
               guint   n)
{
  worker->random ^= worker->random << 13;
  worker->random ^= worker->random >> 7;
  worker->random ^= worker->random << 17;

  return (worker->random >> 20) % n;
}

void
stress_hand_over (gpointer data)
{
  /* one each for some, so that no more is ordered than has to be */
  static pthread_mutex_t locks[64];
  pthread_mutex_t       *lock = &locks[((gsize) data >> 4) % G_N_ELEMENTS (locks)];

  pthread_mutex_lock (lock);
  pthread_mutex_unlock (lock);
}

static void
on_object_gone (gpointer data,
                GObject *where_it_was)
{
  g_atomic_int_add (&stress.n_objects, -1);
}

void
stress_count_object (gpointer object)
{
  g_atomic_int_inc (&stress.n_objects);
  g_object_weak_ref (object, on_object_gone, NULL);
}

/* What may be said of something that was ended by another thread, or inherited. */
void
stress_check_error (const GError *error)
{
  if (error == NULL || g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED))
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (g_atomic_int_get (&stress.is_over) && g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TERMINATED))
    return;
  stress_fail ("%s", error->message);
}

ZmqSocket *
stress_socket_new (ZmqContext   *context,
                   ZmqSocketType type)
{
  g_autoptr (GError) error = NULL;
  ZmqSocket *socket = zmqglib_socket_new (context, type, &error);

  if (socket == NULL)
    stress_fail ("%s: %d operations of %d told of, %d objects", error->message, g_atomic_int_get (&stress.n_told),
                 g_atomic_int_get (&stress.n_begun), g_atomic_int_get (&stress.n_objects));
  stress_count_object (socket);
  g_object_set (socket, "linger", 0, NULL);

  return socket;
}

char *
stress_bind (ZmqSocket *socket)
{
  static gint n_endpoints;
  char       *endpoint = g_strdup_printf ("inproc://stress-%d", g_atomic_int_add (&n_endpoints, 1));
  g_autoptr (GError) error = NULL;

  if (!zmqglib_socket_bind (socket, endpoint, &error))
    stress_fail ("%s", error->message);

  return endpoint;
}

/* The other side may have gone meanwhile: libzmq then waits for it, in a context for so many at most. */
void
stress_connect (ZmqSocket  *socket,
                const char *endpoint)
{
  g_autoptr (GError) error = NULL;

  if (!zmqglib_socket_connect_to (socket, endpoint, &error) &&
      !g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_TOO_MANY_SOCKETS))
    stress_fail ("%s", error->message);
}

/* A context of its own, with all that there is in it */

static void
on_round_received (ZmqStream  *stream,
                   ZmqMessage *message,
                   gint       *n_received)
{
  g_atomic_int_inc (n_received);
}

static void
make_context (Worker *worker)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = stress_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) push = stress_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint = stress_bind (pull);
  g_autoptr (GError) error = NULL;
  gint *n_received = g_new0 (gint, 1);

  stress_connect (push, endpoint);
  /* in the worker's own loop only, since what is elsewhere is not waited for */
  if (worker->main_context != NULL || worker->number == 0)
    {
      g_autoptr (ZmqStream) stream = zmqglib_stream_new (pull);
      g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("round");

      stress_count_object (stream);
      g_signal_connect (stream, "received", G_CALLBACK (on_round_received), n_received);
      if (!zmqglib_socket_send (push, message, NULL, &error))
        stress_fail ("%s", error->message);
      worker->depth++;
      while (g_atomic_int_get (n_received) == 0)
        g_main_context_iteration (worker->main_context, FALSE);
      worker->depth--;
    }
  g_free (n_received);
  g_clear_object (&pull);
  g_clear_object (&push);
  if (!zmqglib_context_terminate (context, NULL, &error))
    stress_fail ("%s", error->message);
  g_atomic_int_inc (&stress.n_contexts);
}

void
stress_act (Worker *worker)
{
  guint choice = stress_random (worker, 1000);

  if (choice < 60)
    stress_links_make (worker);
  else if (choice < 160)
    stress_links_complete (worker);
  else if (choice < 600)
    stress_links_send (worker);
  else if (choice < 630)
    stress_links_end (worker);
  else if (choice < 680)
    stress_links_drain (worker);
  else if (choice < 740)
    stress_things_begin (worker);
  else if (choice < 770)
    stress_things_make_source (worker);
  else if (choice < 785)
    stress_things_make_poller (worker);
  else if (choice < 995)
    stress_things_end (worker);
  else if (worker->depth == 0)
    make_context (worker);
}

void
stress_on_callback (void)
{
  Worker *worker = this_worker;

  if (stress.is_child || worker->depth >= 3 || g_atomic_int_get (&stress.is_over))
    return;

  worker->depth++;
  if (stress_random (worker, 20) == 0)
    stress_act (worker);
  else if (stress_random (worker, 50) == 0)
    for (guint i = 0; i < 5; i++)
      g_main_context_iteration (g_main_context_get_thread_default (), FALSE);
  worker->depth--;
}

/* Forks */

static void
child_run (Worker *worker)
{
  stress.is_child = TRUE;
  signal (SIGALRM, SIG_DFL);
  alarm (60);
  for (guint i = 0; i < 30; i++)
    switch (stress_random (worker, 6))
      {
      case 0:
        stress_things_end (worker);
        break;
      case 1:
        stress_links_end (worker);
        break;
      case 2:
        stress_links_send (worker);
        break;
      case 3:
        for (guint j = 0; j < 5; j++)
          g_main_context_iteration (worker->main_context, FALSE);
        break;
      case 4:
        stress_links_drain (worker);
        break;
      default:
        if (i % 10 == 0)
          make_context (worker);
        break;
      }
  if (stress_random (worker, 4) == 0)
    g_clear_object (&stress.context);
  _exit (0);
}

static void
check_child (pid_t *slot,
             int    flags)
{
  int   status;
  pid_t pid = waitpid (*slot, &status, flags);

  if (pid == 0 || (pid < 0 && errno == EINTR))
    return;
  stress_assert (pid == *slot);
  *slot = 0;
  if (WIFSIGNALED (status))
    stress_fail ("a child was ended by signal %d", WTERMSIG (status));
  stress_assert (WIFEXITED (status) && WEXITSTATUS (status) == 0);
}

/* With all other threads at rest. */
static void
maybe_fork (Worker *worker)
{
  if (g_get_monotonic_time () < next_fork_us)
    return;
  next_fork_us = g_get_monotonic_time () + 1000 * (5 + stress_random (worker, 20));
  for (guint i = 0; i < MAX_CHILDREN; i++)
    {
      if (children[i] != 0)
        check_child (&children[i], WNOHANG);
      if (children[i] != 0)
        continue;

      fflush (NULL);
      children[i] = fork ();
      stress_assert (children[i] >= 0);
      if (children[i] == 0)
        child_run (worker);
      g_atomic_int_inc (&stress.n_forks);
      return;
    }
}

/* Workers */

static void
worker_turn (Worker *worker)
{
  gboolean has_loop = worker->main_context != NULL || worker->number == 0;

  pthread_rwlock_rdlock (&turn_lock);
  for (guint i = 0; i < 3; i++)
    stress_act (worker);
  for (guint i = 0; i < 4; i++)
    stress_links_check (worker);
  for (guint i = 0; has_loop && i < 10; i++)
    if (!g_main_context_iteration (worker->main_context, FALSE))
      break;
  pthread_rwlock_unlock (&turn_lock);

  if (stress.with_forks && stress_random (worker, 50) == 0)
    {
      pthread_rwlock_wrlock (&turn_lock);
      maybe_fork (worker);
      pthread_rwlock_unlock (&turn_lock);
    }
}

static gpointer
worker_run (gpointer data)
{
  Worker *worker = data;

  this_worker = worker;
  if (worker->main_context != NULL)
    g_main_context_push_thread_default (worker->main_context);
  while (!g_atomic_int_get (&stress.is_over))
    worker_turn (worker);
  if (worker->main_context != NULL)
    g_main_context_pop_thread_default (worker->main_context);

  return NULL;
}

static gboolean
all_is_over (void)
{
  return stress_links_are_over () && g_atomic_int_get (&stress.n_told) == g_atomic_int_get (&stress.n_begun) &&
         g_atomic_int_get (&stress.n_objects) == 0 && g_atomic_int_get (&stress.n_closures) == 0;
}

/* The main thread runs all loops, now that the others have ended. */
static void
run_until (gboolean (*is_over) (void),
           const char *what)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (!is_over ())
    {
      for (guint i = 0; i < stress.n_workers; i++)
        g_main_context_iteration (workers[i].main_context, FALSE);
      for (guint i = 0; i < 20; i++)
        stress_links_check (&workers[0]);
      if (g_get_monotonic_time () > deadline)
        stress_fail ("%s: %d operations of %d told of, %d objects and %d closures are left", what, stress.n_told,
                     stress.n_begun, stress.n_objects, stress.n_closures);
    }
}

static void
finish (void)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < MAX_CHILDREN; i++)
    while (children[i] != 0)
      check_child (&children[i], 0);
  stress_things_end_all (&workers[0]);
  stress_links_finish (&workers[0]);
  run_until (stress_links_are_over, "messages were lost");
  zmqglib_context_shutdown (stress.context);
  run_until (all_is_over, "something never ends");
  if (!zmqglib_context_terminate (stress.context, NULL, &error))
    stress_fail ("%s", error->message);
  g_object_unref (stress.context);
}

static void
on_hung (int signal_number)
{
  static const char text[] = "life-stress: hangs\n";

  if (write (2, text, sizeof text - 1) > 0)
    abort ();
}

static void
parse_arguments (int    *argc,
                 char ***argv)
{
  int                n_workers = stress.n_workers;
  gint64             seed = 0;
  const GOptionEntry entries[] = {
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &stress.seconds, "How long", "N" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &n_workers, "How many threads, the main one included", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "What is done, as another run told", "N" },
    { "forks", 0, 0, G_OPTION_ARG_NONE, &stress.with_forks, "Fork, too", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, argc, argv, &error))
    {
      fprintf (stderr, "%s\n", error->message);
      exit (2);
    }
  stress.n_workers = CLAMP (n_workers, 1, STRESS_MAX_WORKERS);
  stress.seed = seed != 0 ? (guint64) seed : g_random_int ();
}

static void
set_up (void)
{
  pthread_rwlockattr_t attributes;
  struct rlimit        limit;

  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_FATAL_MASK);
  pthread_rwlockattr_init (&attributes);
  pthread_rwlockattr_setkind_np (&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
  pthread_rwlock_init (&turn_lock, &attributes);
  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  signal (SIGALRM, on_hung);
  alarm (stress.seconds + 150);

  stress.context = zmqglib_context_new ();
  g_object_set (stress.context, "max-sockets", 8000, NULL);
  for (guint i = 0; i < stress.n_workers; i++)
    {
      workers[i].number = i;
      workers[i].random = (stress.seed + i) * 0x9e3779b97f4a7c15 + 1;
      /* the main thread has the default context, half of the others have their own */
      if (i % 2 == 1)
        workers[i].main_context = g_main_context_new ();
    }
}

int
main (int   argc,
      char *argv[])
{
  gint64 end_us;

  parse_arguments (&argc, &argv);
  set_up ();
  end_us = g_get_monotonic_time () + stress.seconds * G_USEC_PER_SEC;

  this_worker = &workers[0];
  for (guint i = 1; i < stress.n_workers; i++)
    workers[i].thread = g_thread_new ("worker", worker_run, &workers[i]);
  while (g_get_monotonic_time () < end_us)
    worker_turn (&workers[0]);
  g_atomic_int_set (&stress.is_over, TRUE);
  for (guint i = 1; i < stress.n_workers; i++)
    g_thread_join (workers[i].thread);
  finish ();
  for (guint i = 0; i < stress.n_workers; i++)
    g_clear_pointer (&workers[i].main_context, g_main_context_unref);

  printf ("life-stress: seed %" G_GUINT64_FORMAT ", %u threads, %g s: %d links, %d messages sent, %d received, "
          "%d operations, %d sources, %d pollers, %d contexts, %d forks\n",
          stress.seed, stress.n_workers, stress.seconds, stress.n_links, stress.n_sent, stress.n_received,
          stress.n_begun, stress.n_sources, stress.n_pollers, stress.n_contexts, stress.n_forks);

  return 0;
}

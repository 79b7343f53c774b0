/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test-stream-util.h"

G_BEGIN_DECLS

/* What the tests of the rules of life share: loops in threads, other threads, children, and counts
 * of what is alive. Nothing here is late on a slow machine: the limit of time is for what hangs. */

#define LIFE_TIMEOUT_SECONDS 60

/* Iterates the main context until the expression is true. */
#define life_until(main_context, expression)                                                    \
  G_STMT_START                                                                                  \
  {                                                                                             \
    GSource *_timeout = g_timeout_source_new_seconds (LIFE_TIMEOUT_SECONDS);                    \
    gboolean _timed_out = FALSE;                                                                \
                                                                                                \
    g_source_set_callback (_timeout, test_on_timeout, &_timed_out, NULL);                       \
    g_source_attach (_timeout, (main_context));                                                 \
    while (!(expression))                                                                       \
      {                                                                                         \
        g_main_context_iteration ((main_context), TRUE);                                        \
        if (_timed_out)                                                                         \
          g_error ("%s:%d: never came true: %s", __FILE__, __LINE__, G_STRINGIFY (expression)); \
      }                                                                                         \
    g_source_destroy (_timeout);                                                                \
    g_source_unref (_timeout);                                                                  \
  }                                                                                             \
  G_STMT_END

/* The same for what wakes no loop, such as the state of a socket, or what another thread does. */
#define life_poll_until(main_context, expression)                                               \
  G_STMT_START                                                                                  \
  {                                                                                             \
    gint64 _deadline = g_get_monotonic_time () + LIFE_TIMEOUT_SECONDS * G_USEC_PER_SEC;         \
                                                                                                \
    while (!(expression))                                                                       \
      {                                                                                         \
        if (!g_main_context_iteration ((main_context), FALSE))                                  \
          g_thread_yield ();                                                                    \
        if (g_get_monotonic_time () > _deadline)                                                \
          g_error ("%s:%d: never came true: %s", __FILE__, __LINE__, G_STRINGIFY (expression)); \
      }                                                                                         \
  }                                                                                             \
  G_STMT_END

/* Lets a main context do all that it has to do by now. */
static inline void
life_settle (GMainContext *main_context)
{
  g_autoptr (GSource) idle = g_idle_source_new ();
  guint n_left = 20;

  g_source_set_priority (idle, G_PRIORITY_LOW + 1000);
  g_source_set_callback (idle, stream_count_down, &n_left, NULL);
  g_source_attach (idle, main_context);
  life_until (main_context, n_left == 0);
}

/* A call in a thread of its own, which is over when this returns. */
typedef void (*LifeFunc) (gpointer data);

typedef struct
{
  LifeFunc func;
  gpointer data;
} LifeCall;

static inline gpointer
life_call_run (gpointer data)
{
  LifeCall *call = data;

  call->func (call->data);

  return NULL;
}

static inline void
life_elsewhere (LifeFunc func,
                gpointer data)
{
  LifeCall call = { func, data };

  g_thread_join (g_thread_new ("elsewhere", life_call_run, &call));
}

/* A main context that a thread of its own runs. */
typedef struct
{
  GMainContext *main_context;
  GThread      *thread;
  gint          is_over; /* atomic */

  pthread_mutex_t lock;
  pthread_cond_t  condition;
  guint           n_called;
} LifeLoop;

static inline gpointer
life_loop_run (gpointer data)
{
  LifeLoop *self = data;

  g_main_context_push_thread_default (self->main_context);
  while (!g_atomic_int_get (&self->is_over))
    g_main_context_iteration (self->main_context, TRUE);
  g_main_context_pop_thread_default (self->main_context);

  return NULL;
}

static inline void
life_loop_start (LifeLoop     *self,
                 GMainContext *main_context)
{
  self->main_context = g_main_context_ref (main_context != NULL ? main_context : g_main_context_default ());
  self->is_over = FALSE;
  self->n_called = 0;
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->condition, NULL);
  self->thread = g_thread_new ("loop", life_loop_run, self);
}

static inline void
life_loop_stop (LifeLoop *self)
{
  g_atomic_int_set (&self->is_over, TRUE);
  g_main_context_wakeup (self->main_context);
  g_thread_join (self->thread);
  pthread_mutex_destroy (&self->lock);
  pthread_cond_destroy (&self->condition);
  g_clear_pointer (&self->main_context, g_main_context_unref);
}

typedef struct
{
  LifeLoop *loop;
  LifeFunc  func;
  gpointer  data;
  guint     n_called; /* before */
} LifeLoopCall;

static inline gboolean
life_loop_on_call (gpointer data)
{
  LifeLoopCall *call = data;
  LifeLoop     *self = call->loop;

  if (call->func != NULL)
    call->func (call->data);

  pthread_mutex_lock (&self->lock);
  self->n_called++;
  pthread_cond_broadcast (&self->condition);
  pthread_mutex_unlock (&self->lock);

  return G_SOURCE_REMOVE;
}

/* Runs the function in the loop's thread, and waits for its end. At a priority as low as that, so
 * that the loop has done what it had to do before: a message that was there is told. */
static inline void
life_loop_call (LifeLoop *self,
                LifeFunc  func,
                gpointer  data)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  LifeLoopCall call = { self, func, data, 0 };

  pthread_mutex_lock (&self->lock);
  call.n_called = self->n_called;
  g_source_set_priority (source, G_PRIORITY_LOW);
  g_source_set_callback (source, life_loop_on_call, &call, NULL);
  g_source_attach (source, self->main_context);
  while (self->n_called == call.n_called)
    pthread_cond_wait (&self->condition, &self->lock);
  pthread_mutex_unlock (&self->lock);
}

/* Lets the loop turn until the expression is true, of which each part is atomic. */
#define life_loop_until(loop, expression)                                                       \
  G_STMT_START                                                                                  \
  {                                                                                             \
    gint64 _deadline = g_get_monotonic_time () + LIFE_TIMEOUT_SECONDS * G_USEC_PER_SEC;         \
                                                                                                \
    while (!(expression))                                                                       \
      {                                                                                         \
        life_loop_call ((loop), NULL, NULL);                                                    \
        if (g_get_monotonic_time () > _deadline)                                                \
          g_error ("%s:%d: never came true: %s", __FILE__, __LINE__, G_STRINGIFY (expression)); \
      }                                                                                         \
  }                                                                                             \
  G_STMT_END

/* Counts how many of the objects that it is told of are there. */
static inline void
life_on_gone (gpointer data,
              GObject *where_it_was)
{
  gint *n_alive = data;

  g_atomic_int_add (n_alive, -1);
}

static inline void
life_count (gpointer object,
            gint    *n_alive)
{
  g_atomic_int_inc (n_alive);
  g_object_weak_ref (object, life_on_gone, n_alive);
}

/* The same for the data of a handler, a source or a poller's function: it is destroyed with these. */
static inline void
life_on_destroyed (gpointer data)
{
  gint *n_alive = data;

  g_atomic_int_add (n_alive, -1);
}

static inline void
life_on_closure_destroyed (gpointer  data,
                           GClosure *closure)
{
  life_on_destroyed (data);
}

/* CPU time of the process, or of what has ended of its children. */
static inline gint64
life_get_cpu_us (int who)
{
  struct rusage usage;

  getrusage (who, &usage);

  return (gint64) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC +
         usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static inline gboolean
life_on_idle_over (gpointer data)
{
  gboolean *is_over = data;

  *is_over = TRUE;

  return G_SOURCE_REMOVE;
}

/* The CPU time that the process takes while its loop has nothing to do for that long. This is the
 * one thing that is not waited for but measured: a loop that spins takes all of the time, however
 * loaded the machine is, as far as it gets any. */
static inline gint64
life_get_idle_cpu_us (GMainContext *main_context,
                      guint         interval_ms)
{
  g_autoptr (GSource) timeout = g_timeout_source_new (interval_ms);
  gint64   before = life_get_cpu_us (RUSAGE_SELF);
  gboolean is_over = FALSE;

  g_source_set_callback (timeout, life_on_idle_over, &is_over, NULL);
  g_source_attach (timeout, main_context);
  while (!is_over)
    g_main_context_iteration (main_context, TRUE);

  return life_get_cpu_us (RUSAGE_SELF) - before;
}

/* Forks; the child runs the function and exits without any cleaning up, with 0 when it comes back. */
static inline pid_t
life_fork (LifeFunc func,
           gpointer data)
{
  pid_t pid;

  fflush (NULL);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid > 0)
    return pid;

  /* a child that hangs must not outlive the test */
  alarm (LIFE_TIMEOUT_SECONDS);
  func (data);
  _exit (0);
}

static inline gboolean
life_child_is_over (pid_t pid,
                    int  *status)
{
  pid_t ended = waitpid (pid, status, WNOHANG);

  g_assert_true (ended == pid || ended == 0 || errno == EINTR);

  return ended == pid;
}

static inline void
life_assert_child_exited (int status)
{
  if (WIFSIGNALED (status))
    g_error ("The child was ended by signal %d (%s)", WTERMSIG (status), strsignal (WTERMSIG (status)));
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

static inline gboolean
life_keep_awake (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Runs the parent's loop until the child has exited well. */
static inline void
life_wait_child (pid_t pid)
{
  g_autoptr (GSource) tick = g_timeout_source_new (5);
  int status;

  g_source_set_callback (tick, life_keep_awake, NULL, NULL);
  g_source_attach (tick, g_main_context_get_thread_default ());
  life_until (g_main_context_get_thread_default (), life_child_is_over (pid, &status));
  g_source_destroy (tick);
  life_assert_child_exited (status);
}

/* A message of one number. */
static inline ZmqMessage *
life_message_new (guint number)
{
  ZmqMessage *message = zmqglib_message_new ();

  zmqglib_message_append_data (message, &number, sizeof number);

  return message;
}

static inline guint
life_message_get_number (ZmqMessage *message,
                         guint       index)
{
  gsize         size;
  gconstpointer data = zmqglib_message_peek_frame (message, index, &size);
  guint         number;

  g_assert_cmpuint (size, ==, sizeof number);
  memcpy (&number, data, sizeof number);

  return number;
}

/* Cancels what hangs, so that the test fails rather than hangs, too. */
typedef struct
{
  GCancellable   *cancellable;
  pthread_mutex_t lock;
  pthread_cond_t  condition;
  gboolean        is_over;
} LifeWatchdog;

static inline gpointer
life_watchdog_run (gpointer data)
{
  LifeWatchdog   *self = data;
  struct timespec deadline;

  clock_gettime (CLOCK_REALTIME, &deadline);
  deadline.tv_sec += LIFE_TIMEOUT_SECONDS;
  pthread_mutex_lock (&self->lock);
  while (!self->is_over)
    if (pthread_cond_timedwait (&self->condition, &self->lock, &deadline) == ETIMEDOUT)
      {
        g_cancellable_cancel (self->cancellable);
        break;
      }
  pthread_mutex_unlock (&self->lock);

  return NULL;
}

/* FALSE when it refused to wait for what it knows to be open. */
static inline gboolean
life_try_terminate (ZmqContext *context)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  LifeWatchdog watchdog = { cancellable, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, FALSE };
  GThread     *thread = g_thread_new ("watchdog", life_watchdog_run, &watchdog);

  zmqglib_context_terminate (context, cancellable, &error);
  if (!g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE))
    g_assert_no_error (error);

  pthread_mutex_lock (&watchdog.lock);
  watchdog.is_over = TRUE;
  pthread_cond_signal (&watchdog.condition);
  pthread_mutex_unlock (&watchdog.lock);
  g_thread_join (thread);

  return error == NULL;
}

static inline void
life_terminate (ZmqContext *context)
{
  g_assert_true (life_try_terminate (context));
}

G_END_DECLS

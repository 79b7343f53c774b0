/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "context/zmqglib-context-private.h"

/* Tries beforehand what libzmq aborts without. */

static int
open_any (void)
{
  /* not a file: there may be none that could be opened */
  int fd = socket (AF_UNIX, SOCK_DGRAM, 0);

  if (fd >= 0)
    fcntl (fd, F_SETFD, FD_CLOEXEC);

  return fd;
}

/*
 * zmqglib_context_has_descriptors:
 * @n_needed: how many
 *
 * Tries whether the process may open so many file descriptors, where libzmq would abort without.
 *
 * Returns: %TRUE when it may
 */
gboolean
zmqglib_context_has_descriptors (guint n_needed)
{
  struct rlimit   limit;
  g_autofree int *fds = NULL;
  guint           n_found = 0;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < n_needed)
    return FALSE;

  fds = g_try_new (int, n_needed);
  if (fds == NULL)
    return FALSE;

  while (n_found < n_needed &&
         (fds[n_found] = n_found == 0 ? open_any () : fcntl (fds[0], F_DUPFD_CLOEXEC, 0)) >= 0)
    n_found++;
  for (guint i = 0; i < n_found; i++)
    close (fds[i]);

  return n_found == n_needed;
}

typedef struct
{
  const ZmqContextValues *values;
  pthread_mutex_t         mutex;
  pthread_cond_t          let_go;
  gboolean                may_end;
  int                     errnum; /* why a thread could not be scheduled as wanted, or 0 */
} Rehearsal;

/* What libzmq does in each of its threads, and insists on. A nice value is the thread's own on
 * Linux, so that nobody else is made faster by this. */
static int
apply_scheduling (const ZmqContextValues *values)
{
  struct sched_param param;
  gboolean           is_nice;
  int                policy;
  int                errnum = pthread_getschedparam (pthread_self (), &policy, &param);

  if (values->thread_scheduling_policy != -1)
    policy = values->thread_scheduling_policy;
  is_nice = policy != SCHED_FIFO && policy != SCHED_RR;
  if (values->thread_priority != -1)
    param.sched_priority = is_nice ? 0 : values->thread_priority;

  if (errnum == 0)
    errnum = pthread_setschedparam (pthread_self (), policy, &param);

  if (errnum == 0 && is_nice && values->thread_priority != -1)
    {
      errno = 0;
      /* -1 may also be what it becomes, but libzmq does not know that either */
      if (nice (-20) == -1)
        errnum = errno != 0 ? errno : EPERM;
    }

  return errnum;
}

static void *
rehearse_thread (void *data)
{
  Rehearsal *rehearsal = data;
  int        errnum = apply_scheduling (rehearsal->values);

  pthread_mutex_lock (&rehearsal->mutex);
  if (errnum != 0)
    rehearsal->errnum = errnum;
  while (!rehearsal->may_end)
    pthread_cond_wait (&rehearsal->let_go, &rehearsal->mutex);
  pthread_mutex_unlock (&rehearsal->mutex);

  return NULL;
}

/*
 * zmqglib_context_try_threads:
 * @values: how many threads libzmq will be told to start, and how these are scheduled
 *
 * Starts as many threads as libzmq will, all at once, and ends them. They are libzmq's kind of
 * threads rather than GLib's, which aborts without, too.
 *
 * Returns: 0, %EAGAIN when there cannot be so many threads, or why they cannot be scheduled so
 */
int
zmqglib_context_try_threads (const ZmqContextValues *values)
{
  Rehearsal             rehearsal = { .values = values };
  guint                 n_needed = values->io_threads + 1; /* and the one that closes sockets */
  g_autofree pthread_t *threads = g_new (pthread_t, n_needed);
  guint                 n_started = 0;

  pthread_mutex_init (&rehearsal.mutex, NULL);
  pthread_cond_init (&rehearsal.let_go, NULL);

  while (n_started < n_needed &&
         pthread_create (&threads[n_started], NULL, rehearse_thread, &rehearsal) == 0)
    n_started++;

  pthread_mutex_lock (&rehearsal.mutex);
  rehearsal.may_end = TRUE;
  pthread_cond_broadcast (&rehearsal.let_go);
  pthread_mutex_unlock (&rehearsal.mutex);
  for (guint i = 0; i < n_started; i++)
    pthread_join (threads[i], NULL);

  pthread_cond_destroy (&rehearsal.let_go);
  pthread_mutex_destroy (&rehearsal.mutex);

  return n_started < n_needed ? EAGAIN : rehearsal.errnum;
}

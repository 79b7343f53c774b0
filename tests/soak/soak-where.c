/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "soak.h"

/* Where the main thread is, when another one finds that it is late: addr2line says what is not named. */

#define MAX_FRAMES 40

static pthread_t main_thread;

static void
on_signal (int number)
{
  static const char text[] = "soak: The main loop is late, and here:\n";
  void             *frames[MAX_FRAMES];
  int               n = backtrace (frames, MAX_FRAMES);

  if (write (STDERR_FILENO, text, sizeof text - 1) > 0)
    backtrace_symbols_fd (frames, n, STDERR_FILENO);
}

void
soak_where_begin (void)
{
  struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
  void            *frame;

  /* what it needs is loaded now rather than in the handler */
  backtrace (&frame, 1);
  main_thread = pthread_self ();
  sigaction (SIGUSR1, &action, NULL);
}

void
soak_where_tell (void)
{
  pthread_kill (main_thread, SIGUSR1);
}

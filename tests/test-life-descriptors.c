/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <fcntl.h>
#include <sys/socket.h>

#include "test-life-util.h"

/* Rule 6: an address, or a number, is no identity. A descriptor that was closed, duplicated or used anew
 * by others is at worst ignored: no memory is touched, nothing spins, and the others go on. */

typedef enum
{
  BY_WAIT,
  BY_SOURCE,
} By;

#define MAX_OTHERS 8 /* with so many, the epoll set is used */

typedef struct
{
  By           by;
  guint        n_others;
  ZmqPoller   *poller;
  GSource     *source;
  int          others[MAX_OTHERS][2];
  guint        n_others_called;
  int          fds[2];
  int          duplicate;
  guint        n_called;
  GIOCondition condition;
} Fixture;

static void
on_other (ZmqPoller   *poller,
          ZmqSocket   *socket,
          int          fd,
          GIOCondition condition,
          gpointer     data)
{
  Fixture *self = data;
  char     byte;

  /* a descriptor that was closed is no descriptor, and called with that */
  if ((condition & G_IO_IN) == 0)
    return;
  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  self->n_others_called++;
}

static void
on_called (ZmqPoller   *poller,
           ZmqSocket   *socket,
           int          fd,
           GIOCondition condition,
           gpointer     data)
{
  Fixture *self = data;

  self->n_called++;
  self->condition = condition;
}

static void
make_pipe (int fds[2])
{
  g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
}

static void
fixture_set_up (Fixture      *self,
                gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->by = GPOINTER_TO_UINT (data) % 2;
  self->n_others = GPOINTER_TO_UINT (data) / 2 * MAX_OTHERS;
  self->duplicate = -1;
  self->poller = zmqglib_poller_new ();
  if (self->by == BY_SOURCE)
    {
      self->source = zmqglib_poller_create_source (self->poller);
      g_source_attach (self->source, NULL);
    }
  for (guint i = 0; i < self->n_others; i++)
    {
      make_pipe (self->others[i]);
      zmqglib_poller_add_fd (self->poller, self->others[i][0], G_IO_IN, on_other, self, NULL, &error);
      g_assert_no_error (error);
    }
  make_pipe (self->fds);
  zmqglib_poller_add_fd (self->poller, self->fds[0], G_IO_IN, on_called, self, NULL, &error);
  g_assert_no_error (error);
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
fixture_tear_down (Fixture      *self,
                   gconstpointer data)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_object_unref (self->poller);
  for (guint i = 0; i < self->n_others; i++)
    {
      close_fd (&self->others[i][0]);
      close_fd (&self->others[i][1]);
    }
  close_fd (&self->fds[0]);
  close_fd (&self->fds[1]);
  close_fd (&self->duplicate);
}

/* Polls once, for that long at most. */
static void
fixture_poll (Fixture *self,
              guint    timeout_ms)
{
  g_autoptr (GError) error = NULL;

  if (self->by == BY_SOURCE)
    {
      g_main_context_iteration (NULL, FALSE);
      return;
    }
  zmqglib_poller_wait (self->poller, timeout_ms * 1000, NULL, &error);
  if (!g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN))
    g_assert_no_error (error);
}

/* Each of the others is heard as before. */
static void
fixture_assert_others (Fixture *self)
{
  self->n_others_called = 0;
  for (guint i = 0; i < self->n_others; i++)
    g_assert_cmpint (write (self->others[i][1], "x", 1), ==, 1);
  life_poll_until (NULL, (fixture_poll (self, 0), self->n_others_called == self->n_others));
}

/* Nothing is there to do, and so nothing is done. */
static void
fixture_assert_idle (Fixture *self)
{
  guint  n_called = self->n_called;
  gint64 cpu_us;

  if (self->by == BY_SOURCE)
    cpu_us = life_get_idle_cpu_us (NULL, 100);
  else
    {
      gint64 before = life_get_cpu_us (RUSAGE_SELF);

      fixture_poll (self, 100);
      cpu_us = life_get_cpu_us (RUSAGE_SELF) - before;
    }
  g_assert_cmpint (cpu_us, <, 50000);
  g_assert_cmpuint (self->n_called, ==, n_called);
}

/* Closed, then removed: what is readable still is another's. */
static void
test_closed_before_removed (Fixture      *self,
                            gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture_assert_others (self);
  self->duplicate = fcntl (self->fds[0], F_DUPFD_CLOEXEC, 100);
  close (self->fds[0]);
  zmqglib_poller_remove_fd (self->poller, self->fds[0], &error);
  g_assert_no_error (error);
  self->fds[0] = -1;
  g_assert_cmpint (write (self->fds[1], "x", 1), ==, 1);

  fixture_assert_idle (self);
  g_assert_cmpuint (self->n_called, ==, 0);
  fixture_assert_others (self);
  fixture_assert_idle (self);
}

/* The same, and the poller ends without having looked again. */
static void
test_closed_and_dropped (Fixture      *self,
                         gconstpointer data)
{
  fixture_assert_others (self);
  self->duplicate = fcntl (self->fds[0], F_DUPFD_CLOEXEC, 100);
  close_fd (&self->fds[0]);
  g_assert_cmpint (write (self->fds[1], "x", 1), ==, 1);
}

/* Another process has the file open, which was closed here before it was removed. */
static void
child_waits (gpointer data)
{
  int *end_fds = data;
  char byte;

  close (end_fds[1]);
  while (read (end_fds[0], &byte, 1) < 0 && errno == EINTR)
    ;
}

static void
test_closed_but_inherited (Fixture      *self,
                           gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int   end_fds[2];
  pid_t pid;

  fixture_assert_others (self);
  make_pipe (end_fds);
  pid = life_fork (child_waits, end_fds);
  close (self->fds[0]);
  zmqglib_poller_remove_fd (self->poller, self->fds[0], &error);
  g_assert_no_error (error);
  self->fds[0] = -1;
  g_assert_cmpint (write (self->fds[1], "x", 1), ==, 1);
  fixture_assert_idle (self);
  fixture_assert_others (self);

  close (end_fds[1]);
  close (end_fds[0]);
  life_wait_child (pid);
  fixture_assert_others (self);
}

/* The number is another file's, before or after the poller was told. What comes is the new one's. */
static void
fixture_use_anew (Fixture *self,
                  int      new_fds[2])
{
  self->duplicate = fcntl (self->fds[0], F_DUPFD_CLOEXEC, 100);
  make_pipe (new_fds);
  g_assert_cmpint (dup2 (new_fds[0], self->fds[0]), ==, self->fds[0]);
  close_fd (&new_fds[0]);
  g_assert_cmpint (write (self->fds[1], "old", 3), ==, 3);
}

/* What is written there is called for, once. */
static void
fixture_assert_heard (Fixture *self,
                      int      fd)
{
  char byte;

  g_assert_cmpint (write (fd, "n", 1), ==, 1);
  life_poll_until (NULL, (fixture_poll (self, 0), self->n_called > 0));
  g_assert_cmpint (read (self->fds[0], &byte, 1), ==, 1);
  g_assert_cmpint (byte, ==, 'n');
  fixture_poll (self, 0);
  fixture_assert_idle (self);
}

static void
fixture_assert_new (Fixture *self,
                    int      new_fds[2])
{
  g_autoptr (GError) error = NULL;

  self->n_called = 0;
  zmqglib_poller_add_fd (self->poller, self->fds[0], G_IO_IN, on_called, self, NULL, &error);
  g_assert_no_error (error);
  fixture_assert_idle (self);
  fixture_assert_others (self);
  g_assert_cmpuint (self->n_called, ==, 0);

  fixture_assert_heard (self, new_fds[1]);
  close_fd (&new_fds[1]);
}

static void
test_used_anew_then_removed (Fixture      *self,
                             gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int new_fds[2];

  fixture_assert_others (self);
  fixture_use_anew (self, new_fds);
  zmqglib_poller_remove_fd (self->poller, self->fds[0], &error);
  g_assert_no_error (error);
  fixture_assert_new (self, new_fds);
}

static void
test_used_anew_after_removed (Fixture      *self,
                              gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int new_fds[2];
  int number = self->fds[0];

  fixture_assert_others (self);
  self->duplicate = fcntl (number, F_DUPFD_CLOEXEC, 100);
  close (number);
  zmqglib_poller_remove_fd (self->poller, number, &error);
  g_assert_no_error (error);
  make_pipe (new_fds);
  if (new_fds[0] != number)
    {
      g_assert_cmpint (dup2 (new_fds[0], number), ==, number);
      close_fd (&new_fds[0]);
    }
  g_assert_cmpint (write (self->fds[1], "old", 3), ==, 3);
  fixture_assert_new (self, new_fds);
}

/* Closed and never removed: the poller may say once that it is no descriptor, and must not spin for the
 * duplicate. */
static void
test_closed_and_forgotten (Fixture      *self,
                           gconstpointer data)
{
  fixture_assert_others (self);
  self->duplicate = fcntl (self->fds[0], F_DUPFD_CLOEXEC, 100);
  close_fd (&self->fds[0]);
  fixture_assert_others (self);
  for (guint i = 0; i < 10; i++)
    fixture_poll (self, 0);
  fixture_assert_others (self);
}

/* The same, and the duplicate becomes readable. */
static void
test_forgotten_and_readable (Fixture      *self,
                             gconstpointer data)
{
  fixture_assert_others (self);
  self->duplicate = fcntl (self->fds[0], F_DUPFD_CLOEXEC, 100);
  close_fd (&self->fds[0]);
  g_assert_cmpint (write (self->fds[1], "x", 1), ==, 1);
  fixture_assert_others (self);
  for (guint i = 0; i < 10; i++)
    fixture_poll (self, 0);
  g_assert_cmpuint (self->n_called, <=, 1);
  fixture_assert_idle (self);
  fixture_assert_others (self);
}

/* Its number is another file's, and the poller never told: it is called for what has the number, and for nothing else. */
static void
test_used_anew_and_forgotten (Fixture      *self,
                              gconstpointer data)
{
  int new_fds[2];

  fixture_assert_others (self);
  fixture_use_anew (self, new_fds);
  fixture_assert_idle (self);
  fixture_assert_others (self);
  g_assert_cmpuint (self->n_called, ==, 0);

  fixture_assert_heard (self, new_fds[1]);
  fixture_assert_others (self);
  close_fd (&new_fds[1]);
}

/* Hung up */

static void
test_hung_up_and_unwanted (Fixture      *self,
                           gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  zmqglib_poller_modify_fd (self->poller, self->fds[0], 0, &error);
  g_assert_no_error (error);
  close_fd (&self->fds[1]);
  for (guint i = 0; i < 20; i++)
    fixture_poll (self, 0);
  fixture_assert_idle (self);
  g_assert_cmpuint (self->n_called, ==, 0);
  fixture_assert_others (self);
  g_assert_cmpuint (self->n_called, ==, 0);

  zmqglib_poller_modify_fd (self->poller, self->fds[0], G_IO_IN, &error);
  g_assert_no_error (error);
  life_poll_until (NULL, (fixture_poll (self, 0), self->n_called > 0));
  g_assert_true (self->condition & G_IO_HUP);

  /* and no more again */
  zmqglib_poller_modify_fd (self->poller, self->fds[0], 0, &error);
  g_assert_no_error (error);
  fixture_poll (self, 0);
  fixture_assert_idle (self);
}

/* Wanted for something else than before */
static void
fixture_want (Fixture     *self,
              int          fd,
              GIOCondition condition)
{
  g_autoptr (GError) error = NULL;

  zmqglib_poller_modify_fd (self->poller, fd, condition, &error);
  g_assert_no_error (error);
}

static void
fixture_assert_ready (Fixture     *self,
                      GIOCondition condition)
{
  self->n_called = 0;
  life_poll_until (NULL, (fixture_poll (self, 0), self->n_called > 0));
  g_assert_cmpint (self->condition, ==, condition);
}

static void
test_wanted_otherwise (Fixture      *self,
                       gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int  pair[2];
  char byte;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  zmqglib_poller_add_fd (self->poller, pair[0], G_IO_IN, on_called, self, NULL, &error);
  g_assert_no_error (error);
  fixture_assert_idle (self);
  fixture_want (self, pair[0], G_IO_OUT);
  fixture_assert_ready (self, G_IO_OUT);
  fixture_want (self, pair[0], G_IO_IN);
  fixture_poll (self, 0);
  fixture_assert_idle (self);
  g_assert_cmpint (write (pair[1], "x", 1), ==, 1);
  fixture_assert_ready (self, G_IO_IN);
  g_assert_cmpint (read (pair[0], &byte, 1), ==, 1);
  fixture_assert_others (self);

  zmqglib_poller_remove_fd (self->poller, pair[0], &error);
  g_assert_no_error (error);
  close (pair[0]);
  close (pair[1]);
}

/* A loop in the callback of what is hung up, or has something to read, goes round for what happens in
 * it, not for that. */
typedef struct
{
  Fixture *fixture;
  guint    n_iterations;
  gboolean was_called;
} Nested;

static void
on_called_nested (ZmqPoller   *poller,
                  ZmqSocket   *socket,
                  int          fd,
                  GIOCondition condition,
                  gpointer     data)
{
  Nested  *self = data;
  gboolean is_over = FALSE;
  gint64   before;

  g_assert_false (self->was_called);
  self->was_called = TRUE;
  before = life_get_cpu_us (RUSAGE_SELF);
  g_timeout_add (100, life_on_idle_over, &is_over);
  while (!is_over)
    {
      g_main_context_iteration (NULL, TRUE);
      self->n_iterations++;
    }
  g_assert_cmpint (life_get_cpu_us (RUSAGE_SELF) - before, <, 50000);

  /* the others have their turn in it, if a loop runs the poller at all */
  if (self->fixture->by == BY_SOURCE)
    fixture_assert_others (self->fixture);
  zmqglib_poller_remove_fd (poller, fd, NULL);
}

static void
run_nested (Fixture *self,
            gboolean is_hung_up)
{
  g_autoptr (GError) error = NULL;
  Nested nested = { self, 0, FALSE };

  zmqglib_poller_remove_fd (self->poller, self->fds[0], &error);
  g_assert_no_error (error);
  zmqglib_poller_add_fd (self->poller, self->fds[0], G_IO_IN, on_called_nested, &nested, NULL, &error);
  g_assert_no_error (error);
  if (is_hung_up)
    close_fd (&self->fds[1]);
  else
    g_assert_cmpint (write (self->fds[1], "x", 1), ==, 1);
  life_poll_until (NULL, (fixture_poll (self, 0), nested.was_called));
  g_assert_cmpuint (nested.n_iterations, <, 50);
  fixture_assert_others (self);
}

static void
test_nested_hung_up (Fixture      *self,
                     gconstpointer data)
{
  run_nested (self, TRUE);
}

static void
test_nested_readable (Fixture      *self,
                      gconstpointer data)
{
  run_nested (self, FALSE);
}

/* A child does as it likes with the poller and the descriptors that it inherits. */
static void
child_uses_poller (gpointer data)
{
  Fixture *self = data;
  int      new_fds[2];

  make_pipe (new_fds);
  zmqglib_poller_remove_fd (self->poller, self->fds[0], NULL);
  zmqglib_poller_add_fd (self->poller, new_fds[0], G_IO_IN, on_called, self, NULL, NULL);
  for (guint i = 0; i < 5; i++)
    fixture_poll (self, 1);
  for (guint i = 0; i < self->n_others; i++)
    {
      if (i % 2 == 0)
        zmqglib_poller_remove_fd (self->poller, self->others[i][0], NULL);
      close (self->others[i][0]);
    }
  close (self->fds[0]);
  fixture_poll (self, 1);
  g_clear_object (&self->poller);
}

static void
test_inherited (Fixture      *self,
                gconstpointer data)
{
  char byte;

  fixture_assert_others (self);
  life_wait_child (life_fork (child_uses_poller, self));
  g_assert_cmpuint (self->n_called, ==, 0);
  fixture_assert_idle (self);
  fixture_assert_others (self);
  g_assert_cmpint (write (self->fds[1], "x", 1), ==, 1);
  life_poll_until (NULL, (fixture_poll (self, 0), self->n_called > 0));
  g_assert_cmpint (read (self->fds[0], &byte, 1), ==, 1);
  fixture_poll (self, 0);
  fixture_assert_idle (self);
}

/* The kernel's numbers of the eventfds that the process has open, or nothing where the kernel does not tell. */
static GArray *
list_eventfds (void)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fdinfo", 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/fdinfo", name, NULL);
      g_autofree char *text = NULL;
      const char      *line;
      guint64          id;

      if (!g_file_get_contents (path, &text, NULL, NULL) || (line = strstr (text, "eventfd-id:")) == NULL)
        continue;
      id = g_ascii_strtoull (line + strlen ("eventfd-id:"), NULL, 10);
      g_array_append_val (ids, id);
    }

  return ids;
}

static gboolean
has_eventfd (GArray *ids,
             guint64 id)
{
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, guint64, i) == id)
      return TRUE;

  return FALSE;
}

typedef struct
{
  ZmqPoller *poller;
  GArray    *shared; /* what the poller has opened */
} Inherited;

static void
child_looks_at_eventfds (gpointer data)
{
  Inherited *inherited = data;
  g_autoptr (GArray) ids = NULL;

  zmqglib_poller_wait (inherited->poller, 0, NULL, NULL);
  ids = list_eventfds ();
  for (guint i = 0; i < inherited->shared->len; i++)
    g_assert_false (has_eventfd (ids, g_array_index (inherited->shared, guint64, i)));
}

/* Who wakes a poller in a child does not wake the parent's, and takes no call to wake from it. */
static void
test_wakes_only_itself (void)
{
  g_autoptr (GArray) before = list_eventfds ();
  g_autoptr (GArray) after = NULL;
  g_autoptr (GArray) shared = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  Inherited inherited = { poller, shared };

  if (test_is_slow_tool ())
    {
      g_test_skip ("What a child leaves alone is lost for valgrind");
      return;
    }

  after = list_eventfds ();
  for (guint i = 0; i < after->len; i++)
    if (!has_eventfd (before, g_array_index (after, guint64, i)))
      g_array_append_val (shared, g_array_index (after, guint64, i));
  if (shared->len == 0)
    {
      g_test_skip ("The kernel does not tell one eventfd from the other");
      return;
    }

  life_wait_child (life_fork (child_looks_at_eventfds, &inherited));
}

/* A program that has closed its input gets 0 for what it opens next, which is a number like any other. */
typedef enum
{
  ZERO_OF_POLLER,
  ZERO_OF_SET, /* epoll's, which is opened when there is much to watch */
  ZERO_OF_PIPE,
  N_ZEROS,
} Zero;

static void
zero_set_up (Fixture      *self,
             gconstpointer data)
{
  Zero  zero = GPOINTER_TO_UINT (data) / 2;
  guint n_made = 0;

  self->by = GPOINTER_TO_UINT (data) % 2;
  self->n_others = MAX_OTHERS;
  self->duplicate = fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 100);
  for (; n_made < self->n_others; n_made++)
    make_pipe (self->others[n_made]);
  if (zero == ZERO_OF_PIPE)
    close (STDIN_FILENO);
  make_pipe (self->fds);
  g_assert_cmpint (self->fds[0] == STDIN_FILENO, ==, zero == ZERO_OF_PIPE);

  if (zero == ZERO_OF_POLLER)
    close (STDIN_FILENO);
  self->poller = zmqglib_poller_new ();
  if (self->by == BY_SOURCE)
    {
      self->source = zmqglib_poller_create_source (self->poller);
      g_source_attach (self->source, NULL);
    }

  if (zero == ZERO_OF_SET)
    close (STDIN_FILENO);
  for (guint i = 0; i < self->n_others; i++)
    zmqglib_poller_add_fd (self->poller, self->others[i][0], G_IO_IN, on_other, self, NULL, NULL);
  zmqglib_poller_add_fd (self->poller, self->fds[0], G_IO_IN, on_called, self, NULL, NULL);
}

static void
zero_tear_down (Fixture      *self,
                gconstpointer data)
{
  int input = self->duplicate;

  self->duplicate = -1;
  fixture_tear_down (self, data);
  /* and is closed like any other */
  g_assert_cmpint (fcntl (STDIN_FILENO, F_GETFD), ==, -1);
  g_assert_cmpint (dup2 (input, STDIN_FILENO), ==, STDIN_FILENO);
  close (input);
}

static void
test_zero (Fixture      *self,
           gconstpointer data)
{
  char byte;

  fixture_assert_others (self);
  g_assert_cmpint (write (self->fds[1], "x", 1), ==, 1);
  life_poll_until (NULL, (fixture_poll (self, 0), self->n_called > 0));
  g_assert_cmpint (read (self->fds[0], &byte, 1), ==, 1);
  fixture_poll (self, 0);
  fixture_assert_idle (self);
  fixture_assert_others (self);
}

static void
add_zeros (void)
{
  static const char *const names[N_ZEROS] = { "poller", "set", "pipe" };

  for (guint i = 0; i < 2 * N_ZEROS; i++)
    {
      g_autofree char *path = g_strdup_printf ("/life/rule-6-zero/%s-%s", names[i / 2], i % 2 == BY_WAIT ? "wait" : "source");

      g_test_add (path, Fixture, GUINT_TO_POINTER (i), zero_set_up, test_zero, zero_tear_down);
    }
}

static void
add (const char *rule,
     void (*test) (Fixture      *fixture,
                   gconstpointer data))
{
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *path = g_strdup_printf ("/life/rule-6-%s/%s-%s", rule, i / 2 == 0 ? "alone" : "among-others",
                                               i % 2 == BY_WAIT ? "wait" : "source");

      g_test_add (path, Fixture, GUINT_TO_POINTER (i), fixture_set_up, test, fixture_tear_down);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("closed-before-removed", test_closed_before_removed);
  add ("closed-and-dropped", test_closed_and_dropped);
  add ("closed-but-inherited", test_closed_but_inherited);
  add ("closed-and-forgotten", test_closed_and_forgotten);
  add ("forgotten-and-readable", test_forgotten_and_readable);
  add ("used-anew-and-forgotten", test_used_anew_and_forgotten);
  add ("used-anew-then-removed", test_used_anew_then_removed);
  add ("used-anew-after-removed", test_used_anew_after_removed);
  add ("hung-up-and-unwanted", test_hung_up_and_unwanted);
  add ("wanted-otherwise", test_wanted_otherwise);
  add ("nested-loop-hung-up", test_nested_hung_up);
  add ("nested-loop-readable", test_nested_readable);
  add ("inherited", test_inherited);
  g_test_add_func ("/life/rule-5-poller-wakes-only-itself", test_wakes_only_itself);
  add_zeros ();

  return g_test_run ();
}

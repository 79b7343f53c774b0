/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <unistd.h>

#include "test-util.h"

G_BEGIN_DECLS

/* What may end the process is done in another one. Returns whether this is that one; else it has
 * been waited for, and passed. */
static inline gboolean
test_is_child (void)
{
  if (g_test_subprocess ())
    return TRUE;

  g_test_trap_subprocess (NULL, TEST_TIMEOUT_SECONDS * G_USEC_PER_SEC, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_assert_false (g_test_trap_reached_timeout ());
  g_test_trap_assert_passed ();

  return FALSE;
}

/* Returns the limit that there was. */
static inline rlim_t
test_limit (int    resource,
            rlim_t n_allowed)
{
  struct rlimit limit;
  rlim_t        n_before;

  g_assert_cmpint (getrlimit (resource, &limit), ==, 0);
  n_before = limit.rlim_cur;
  limit.rlim_cur = n_allowed;
  g_assert_cmpint (setrlimit (resource, &limit), ==, 0);

  return n_before;
}

/* Leaves so many descriptors to be opened; returns the limit that there was, which a sanitizer
 * needs at the exit. */
static inline rlim_t
test_leave_descriptors (guint n_left)
{
  rlim_t n_before = test_limit (RLIMIT_NOFILE, 100);
  int    fds[100];
  guint  n_fds = 0;

  while ((fds[n_fds] = dup (0)) >= 0)
    n_fds++;
  g_assert_cmpuint (n_fds, >=, n_left);
  while (n_left-- > 0)
    close (fds[--n_fds]);

  return n_before;
}

/* Ends a process that may not even be looked at by a leak checker any more. */
static inline void
test_end_child (void)
{
  _exit (0);
}

static inline void
test_terminate (ZmqContext *context)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (zmqglib_context_terminate (context, NULL, &error));
  g_assert_no_error (error);
}

/* Gives up what root may do; others have nothing to give up. */
static inline void
test_become_nobody (void)
{
  if (geteuid () != 0)
    return;

  g_assert_cmpint (setgroups (0, NULL), ==, 0);
  g_assert_cmpint (setgid (65534), ==, 0);
  g_assert_cmpint (setuid (65534), ==, 0);
}

G_END_DECLS

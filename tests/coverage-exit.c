/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Part of the library where its lines are counted, in builds with b_coverage, and in no other. Children that
 * tests fork end by _exit (), which saves no counts; and each shared object can save but its own. So there,
 * programs that are linked with the library find this function before that of the C library.
 */

#include "config.h"

#include <sys/syscall.h>
#include <unistd.h>

/* gcov's, in each object that it counts */
void __gcov_dump (void);

__attribute__ ((visibility ("default"))) void
_exit (int status)
{
  __gcov_dump ();
  for (;;)
    syscall (SYS_exit_group, status);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soak.h"

/* The program once more, with forks, and without what has a thread of its own in the library: a child can be forked
 * only while no other thread is inside of it or of GLib. It fails by itself, and then this process does, too. */

static void
start (void)
{
  g_autofree char *hours = g_strdup_printf ("%g", soak.hours * 2);
  g_autofree char *tick = g_strdup_printf ("%g", soak.tick_seconds);
  g_autofree char *rate = g_strdup_printf ("%d", soak.rate);
  g_autofree char *patience = g_strdup_printf ("%g", soak.patience_us / 1e6);
  g_autofree char *lateness = g_strdup_printf ("%g", soak.lateness_us / 1e6);
  const gboolean   is_to_fail = g_strcmp0 (soak.plant, "twin") == 0;
  const char      *arguments[] = {
         soak.program, "--name", "forking", "--hours", hours, "--tick", tick, "--rate", rate, "--patience", patience, "--lateness",
         lateness, "--parts", "collectors,churn,echo,requests,replies,feeds,peers,forks", is_to_fail ? "--plant" : NULL, "fail", NULL
  };

  soak_child_ends_in_order (soak_child_start ("forking", arguments));
}

const SoakPart soak_twin = { "twin", start, NULL, NULL, NULL };

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soak-asker.h"

/* Requests to three servers, each a process of its own that answers late and in any order, and is stopped or killed at
 * times. */

#define N_SERVERS  3
#define FAULT_MS   1500
#define TIMEOUT_US (2 * G_USEC_PER_SEC)

static SoakAsker  asker;
static SoakChild *servers[N_SERVERS];
static guint      n_kills;

static gboolean
on_ask (gpointer data)
{
  soak_asker_ask (&asker);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_fault (gpointer data)
{
  if (g_rand_int_range (soak.rand, 0, 3) == 0)
    {
      soak_child_kill (servers[g_rand_int_range (soak.rand, 0, N_SERVERS)]);
      n_kills++;
    }
  soak_asker_cancel (&asker);

  return G_SOURCE_CONTINUE;
}

static void
start (void)
{
  soak_asker_open (&asker, "requests", ZMQGLIB_CLIENT_STRATEGY_SPREAD, TIMEOUT_US);
  for (guint i = 0; i < N_SERVERS && !soak.has_failed; i++)
    {
      g_autofree char *endpoint = g_strdup_printf ("ipc://%s/server-%u", soak.folder, i);

      servers[i] = soak_child_start_self ("serve", endpoint);
      soak_child_may_be_stopped (servers[i]);
      soak_asker_connect (&asker, endpoint);
    }
  soak_add_timer (SOAK_ASKER_MS, on_ask);
  soak_add_timer (FAULT_MS, on_fault);
}

static void
check (gint64 now)
{
  soak_asker_check (&asker, now);
}

static void
print (GString *line)
{
  soak_asker_print (&asker, line);
  g_string_append_printf (line, "killed %u  ", n_kills);
}

static void
stop (void)
{
  soak_asker_close (&asker);
}

const SoakPart soak_requests = { "requests", start, check, print, stop };

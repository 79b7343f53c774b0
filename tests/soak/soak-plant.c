/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <unistd.h>

#include "soak.h"

/* Faults made on purpose, so that one sees that they are seen. Two more are where they have to be: a message that is
 * lost, and a child that hangs. */

static gpointer kept;

static gboolean
on_leak (gpointer data)
{
  gpointer *leaked = g_malloc0 (20000);

  *leaked = kept;
  kept = leaked;

  return G_SOURCE_CONTINUE;
}

static gboolean
on_leak_descriptor (gpointer data)
{
  return open ("/dev/null", O_RDONLY | O_CLOEXEC) >= 0;
}

static gboolean
on_block (gpointer data)
{
  g_usleep (soak.lateness_us * 3 / 2);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_leak_object (gpointer data)
{
  soak_count_object (zmqglib_stream_new_connected (ZMQGLIB_SOCKET_DEALER, "inproc://nobody", NULL));

  return G_SOURCE_CONTINUE;
}

void
soak_plant (void)
{
  if (g_strcmp0 (soak.plant, "memory") == 0)
    soak_add_timer (20, on_leak);
  else if (g_strcmp0 (soak.plant, "descriptors") == 0)
    soak_add_timer (100, on_leak_descriptor);
  else if (g_strcmp0 (soak.plant, "objects") == 0)
    soak_add_timer (100, on_leak_object);
  else if (g_strcmp0 (soak.plant, "block") == 0)
    soak_add_timer (3000, on_block);
}

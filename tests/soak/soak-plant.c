/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <unistd.h>

#include "soak.h"

/* Faults made on purpose, so that one sees that they are seen. Three more are where they have to be: a message that is
 * lost, a child that hangs, and a twin that fails. */

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
  soak_count_object (g_object_new (G_TYPE_OBJECT, NULL));

  return G_SOURCE_CONTINUE;
}

static gboolean
on_stand_still (gpointer data)
{
  g_usleep (G_MAXULONG);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_fail (gpointer data)
{
  soak_fail ("As was asked for");

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
  else if (g_strcmp0 (soak.plant, "still") == 0)
    soak_add_timer (1000, on_stand_still);
  else if (g_strcmp0 (soak.plant, "fail") == 0)
    soak_add_timer (1000, on_fail);
}

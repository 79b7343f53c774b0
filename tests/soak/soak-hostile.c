/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soak-hostile.h"

/* Processes that attack whatever other parts have bound to for them. */

static GPtrArray *endpoints;

void
soak_hostile_add (const char *endpoint)
{
  if (endpoints == NULL)
    endpoints = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (endpoints, g_strdup (endpoint));
}

static void
start (void)
{
  for (guint i = 0; endpoints != NULL && i < endpoints->len; i++)
    soak_child_start_self ("attack", endpoints->pdata[i]);
}

static void
stop (void)
{
  g_clear_pointer (&endpoints, g_ptr_array_unref);
}

const SoakPart soak_hostile = { "hostile", start, NULL, NULL, stop };

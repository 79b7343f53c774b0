/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How others in the main context fare while one stream is flooded. Sides: slices, no-slices, and the
 * same with a slower handler: working-slices, working-no-slices. */

#include "flood.h"
#include "lateness.h"

#define DURATION_US (2 * G_TIME_SPAN_SECOND)

int
main (int   argc,
      char *argv[])
{
  static const char *const sides[] = {
    "slices", "no-slices", "working-slices", "working-no-slices", NULL
  };
  Flood    flood;
  Lateness lateness;

  flood_init (&flood, argc, argv, sides, DURATION_US);
  lateness_begin (&lateness, &flood.started_us);
  flood_open (&flood);
  g_main_loop_run (flood.loop);

  lateness_end (&lateness, flood.ended_us);
  lateness_print (&lateness, flood_get_rate (&flood));

  lateness_clear (&lateness);
  flood_clear (&flood);

  return 0;
}

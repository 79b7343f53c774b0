/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soak-slope.h"

#define MIN_VALUES 9

/* How far the straight line that fits the values best rises from the first of them to the last. */
static double
get_rise (const double *values,
          gsize         n)
{
  double sum_x = 0, sum_y = 0, sum_xy = 0, sum_xx = 0;

  for (gsize i = 0; i < n; i++)
    {
      sum_x += i;
      sum_y += values[i];
      sum_xy += i * values[i];
      sum_xx += (double) i * i;
    }

  return (n * sum_xy - sum_x * sum_y) / (n * sum_xx - sum_x * sum_x) * (n - 1);
}

static double
get_min (const double *values,
         gsize         n)
{
  double min = values[0];

  for (gsize i = 1; i < n; i++)
    min = MIN (min, values[i]);

  return min;
}

static double
get_max (const double *values,
         gsize         n)
{
  double max = values[0];

  for (gsize i = 1; i < n; i++)
    max = MAX (max, values[i]);

  return max;
}

/* It grows when the fitted line rises by more than @limit, which is what a step may be that happens once; when it
 * rises on in the second half, so that it was no step; and when the least of the last third is above the most of the
 * first one, so that it is not what goes up and down. */
gboolean
soak_slope_grows (const double *values,
                  gsize         n,
                  double        limit)
{
  gsize third = n / 3;
  gsize half = n / 2;

  if (n < MIN_VALUES)
    return FALSE;

  return get_rise (values, n) > limit && get_rise (values + n - half, half) > limit / 4 &&
         get_min (values + n - third, third) > get_max (values, third);
}

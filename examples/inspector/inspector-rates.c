/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <glib/gi18n.h>

#include "inspector-rates.h"

static void
count (InspectorStore *store,
       guint64        *counts)
{
  counts[0] = inspector_store_get_n_messages (store, INSPECTOR_RECEIVED) + inspector_store_get_n_messages (store, INSPECTOR_TO_BACKEND);
  counts[1] = inspector_store_get_n_messages (store, INSPECTOR_SENT) + inspector_store_get_n_messages (store, INSPECTOR_TO_FRONTEND);
  counts[2] = inspector_store_get_n_bytes (store, INSPECTOR_RECEIVED) + inspector_store_get_n_bytes (store, INSPECTOR_TO_BACKEND);
  counts[3] = inspector_store_get_n_bytes (store, INSPECTOR_SENT) + inspector_store_get_n_bytes (store, INSPECTOR_TO_FRONTEND);
}

void
inspector_rates_sample (InspectorRates *self,
                        InspectorStore *store,
                        gint64          time_us)
{
  double  seconds = (double) (time_us - self->time) / G_USEC_PER_SEC;
  guint64 counts[4];

  count (store, counts);
  if (self->time != 0 && seconds > 0)
    {
      InspectorRate *rate = &self->rates[self->n++ % INSPECTOR_RATES_LENGTH];

      rate->messages_in = (counts[0] - self->counts[0]) / seconds;
      rate->messages_out = (counts[1] - self->counts[1]) / seconds;
      rate->bytes_in = (counts[2] - self->counts[2]) / seconds;
      rate->bytes_out = (counts[3] - self->counts[3]) / seconds;
    }
  for (guint i = 0; i < 4; i++)
    self->counts[i] = counts[i];
  self->time = time_us;
}

InspectorRate
inspector_rates_get (const InspectorRates *self,
                     guint                 age)
{
  const InspectorRate none = { 0 };

  return age < MIN (self->n, INSPECTOR_RATES_LENGTH) ? self->rates[(self->n - 1 - age) % INSPECTOR_RATES_LENGTH] : none;
}

double
inspector_rates_round_up (double rate,
                          guint  n_parts)
{
  for (guint64 unit = 1;; unit *= 10)
    for (guint i = 1; i < 10; i++)
      if (unit * i >= rate && (i <= 2 || i % 2 == 0) && unit * i % n_parts == 0)
        return unit * i;
}

char *
inspector_rates_format (double rate)
{
  if (rate >= 999950)
    /* Translators: a million of something */
    return g_strdup_printf (_ ("%.1f M"), rate / 1e6);
  if (rate >= 9999.5)
    /* Translators: a thousand of something */
    return g_strdup_printf (_ ("%.1f k"), rate / 1e3);

  return g_strdup_printf ("%.0f", rate);
}

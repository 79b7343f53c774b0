/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "inspector-store.h"

G_BEGIN_DECLS

#define INSPECTOR_RATES_LENGTH      120
#define INSPECTOR_RATES_INTERVAL_US (G_USEC_PER_SEC / 2)

/* Messages and bytes a second, now and over the last minute: “in” is what was received or forwarded to a backend. */
typedef struct
{
  double messages_in;
  double messages_out;
  double bytes_in;
  double bytes_out;
} InspectorRate;

typedef struct
{
  InspectorRate rates[INSPECTOR_RATES_LENGTH]; /* a ring */
  guint         n;                             /* of all that ever were */
  gint64        time;
  guint64       counts[4];
} InspectorRates;

/* to be called once an interval, or less often */
void inspector_rates_sample (InspectorRates *self,
                             InspectorStore *store,
                             gint64          time_us);
/* 0 is the latest; all is 0 before the first */
InspectorRate inspector_rates_get (const InspectorRates *self,
                                   guint                 age);
/* A round number that is not below the rate, and can be divided into so many whole ones. */
double inspector_rates_round_up (double rate,
                                 guint  n_parts);
/* “12.3 k” */
char *inspector_rates_format (double rate);

G_END_DECLS

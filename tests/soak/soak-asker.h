/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "soak.h"

G_BEGIN_DECLS

/* A ZmqClient that asks all the time. Every request ends, with its own answer, or because there was none in time or it was
 * cancelled. */

#define SOAK_ASKER_MS 20

typedef struct
{
  const char   *name;
  ZmqClient    *client;
  GCancellable *cancellable; /* of some requests */
  GQueue        under_way;
  guint64       n_begun;
  guint64       n_answered;
  guint64       n_failed;
  guint64       n_cancelled;
} SoakAsker;

void soak_asker_open (SoakAsker        *self,
                      const char       *name,
                      ZmqClientStrategy strategy,
                      gint64            timeout_us);
void soak_asker_connect (SoakAsker  *self,
                         const char *endpoint);
void soak_asker_ask (SoakAsker *self); /* some, each SOAK_ASKER_MS */
void soak_asker_cancel (SoakAsker *self);
void soak_asker_check (SoakAsker *self,
                       gint64     now);
void soak_asker_print (SoakAsker *self,
                       GString   *line);
void soak_asker_close (SoakAsker *self);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/zmqglib-expiry-private.h"
#include "services/zmqglib-client-letter-private.h"
#include "services/zmqglib-client-private.h"

G_BEGIN_DECLS

typedef struct _ZmqClientCall   ZmqClientCall;
typedef struct _ZmqClientAsking ZmqClientAsking;

/* That a route was asked, in this round or one before. */
struct _ZmqClientAsking
{
  ZmqClientTry      try; /* first */
  ZmqClientAsking  *next;
  ZmqClientRoute   *route;
  ZmqClientChannel *own; /* the channel of this try alone; or NULL */
};

/* A request under way: rounds of asking, in each of which one route is asked, or all are. Belongs to who owns the main
 * context; a reference may be dropped in any thread. */
struct _ZmqClientCall
{
  ZmqExpiry expiry; /* first */

  int                          ref_count; /* atomic */
  ZmqClientCore               *core;
  const ZmqClientChannelFuncs *funcs;
  GTask                       *task; /* keeps the messages; NULL when it has returned */
  ZmqAgenda                   *task_agenda;
  ZmqMessage                  *enclosed; /* the request; the task's, as it goes where foreign code may free its memory */
  ZmqTracker                  *tracker;  /* of the request, which is held meanwhile, or NULL */
  ZmqClientTerms               terms;
  guint64                      number;
  guint                        round;   /* counts from 1 */
  guint                        n_tries; /* with this one */
  guint                        n_left;  /* routes that may still answer in this round */
  int                          errnum;  /* why the round before has ended */
  ZmqClientAsking             *askings;
  ZmqClientAsking              only; /* most often there is one */
};

ZmqClientCall *zmqglib_client_call_new (ZmqClientCore               *core,
                                        GTask                       *task,
                                        ZmqMessage                  *message,
                                        ZmqClientTerms               terms,
                                        const ZmqClientChannelFuncs *funcs);
ZmqClientCall *zmqglib_client_call_ref (ZmqClientCall *self);
void           zmqglib_client_call_unref (ZmqClientCall *self);

void zmqglib_client_call_begin (ZmqClientCall *self);
void zmqglib_client_call_return (ZmqClientCall *self,
                                 ZmqMessage    *answer);
void zmqglib_client_call_fail (ZmqClientCall *self,
                               GError        *error);
void zmqglib_client_call_lose (ZmqClientCall  *self,
                               ZmqClientRoute *route);

gboolean zmqglib_client_call_has_asked (ZmqClientCall    *self,
                                        ZmqClientChannel *channel);
gboolean zmqglib_client_call_is_asking (ZmqClientCall  *self,
                                        ZmqClientRoute *route,
                                        gboolean        also_waiting);
int      zmqglib_client_call_compare (gconstpointer a,
                                      gconstpointer b);

G_END_DECLS

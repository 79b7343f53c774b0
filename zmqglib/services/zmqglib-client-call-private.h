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
  ZmqClientChannel *own;        /* the channel of this try alone; or NULL */
  gboolean          is_awaited; /* nobody has said that it is not answered */
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
  ZmqClientAsking             *askings; /* the latest route first */
  ZmqClientAsking              only;    /* most often there is one */
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
void zmqglib_client_call_lose (ZmqClientCall   *self,
                               ZmqClientAsking *asking);
int  zmqglib_client_call_compare (gconstpointer a,
                                  gconstpointer b);

/* zmqglib-client-asking.c */
ZmqClientAsking *zmqglib_client_asking_new (ZmqClientCall  *call,
                                            ZmqClientRoute *route);
ZmqClientAsking *zmqglib_client_asking_renew (ZmqClientCall  *call,
                                              ZmqClientRoute *route);
void             zmqglib_client_asking_withdraw (ZmqClientAsking *self);
void             zmqglib_client_askings_clear (ZmqClientCall *call);
void             zmqglib_client_askings_trim (ZmqClientCall  *call,
                                              ZmqClientRoute *route);
ZmqClientRoute  *zmqglib_client_askings_choose (ZmqClientCall *call);
ZmqClientAsking *zmqglib_client_askings_find_awaited (ZmqClientCall  *call,
                                                      ZmqClientRoute *route,
                                                      gboolean        is_gone);
gboolean         zmqglib_client_askings_has_channel (ZmqClientCall    *call,
                                                     ZmqClientChannel *channel);
gboolean         zmqglib_client_askings_were_sent (ZmqClientCall *call);

G_END_DECLS

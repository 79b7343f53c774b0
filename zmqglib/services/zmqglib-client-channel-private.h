/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-socket.h>

#include "loop/zmqglib-poll-source-private.h"
#include "services/zmqglib-monitor-hub-private.h"

G_BEGIN_DECLS

typedef struct _ZmqClientChannel ZmqClientChannel;
typedef struct _ZmqClientTry     ZmqClientTry;

/* What a channel tells its user, by who owns the main context, as errands are done: no foreign code is run. */
typedef struct
{
  /* a message has come in, which is lent */
  void (*received) (ZmqClientChannel *self,
                    ZmqMessage       *message);
  /* libzmq does not take what is to be sent, now or ever */
  void (*refused) (ZmqClientTry *try,
                   int           errnum);
  /* its connection has broken: nobody answers what was sent before */
  void (*lost) (ZmqClientChannel *self);
  /* whether it is connected has changed */
  void (*changed) (ZmqClientChannel *self);
  /* the socket is no more, and the channel closed */
  void (*dead) (ZmqClientChannel *self,
                int               errnum);
  /* the main context is no more */
  void (*abandoned) (ZmqClientChannel *self);
} ZmqClientChannelFuncs;

/* A message on its way through a channel, part of who sends it. */
struct _ZmqClientTry
{
  GList             link;
  ZmqClientChannel *channel; /* NULL when it is in none */
  ZmqMessage       *message; /* unowned */
  ZmqTracker       *tracker; /* likewise; of each time that it is sent, or NULL */
  gpointer          owner;
  guint             round;
  guint             n_sent; /* how often, by whatever channel */
  gboolean          is_sent;
};

/* A socket of a client in its loop: what waits until libzmq takes it, in order, and what an answer is awaited for.
 * Belongs to who owns the main context, but for what is said to be otherwise. */
struct _ZmqClientChannel
{
  ZmqMonitorSubscriber subscriber; /* first */

  int                          ref_count; /* atomic */
  const ZmqClientChannelFuncs *funcs;
  gpointer                     owner; /* unowned */
  ZmqSocketCore               *socket;
  ZmqAgenda                   *agenda;
  ZmqPollItem                 *item; /* NULL when it is not in the loop */
  GQueue                       waiting;
  GQueue                       sent;
  ZmqMonitorHub               *hub;       /* NULL when nobody follows its connection */
  int                          n_peers;   /* atomic */
  int                          n_losses;  /* atomic; that are yet to be told */
  int                          news_due;  /* atomic; something is going to be told */
  gboolean                     connected; /* as was told last */
  gboolean                     is_down;   /* there is no connection, as libzmq would tell */
  gboolean                     loss_due;  /* its connection has broken: to be told when all is read that it has brought */
  gboolean                     is_behind; /* there was more to read than there was time */
  gboolean                     is_closed;
  gboolean                     has_sent; /* in this dispatch */
};

ZmqClientChannel *zmqglib_client_channel_new (ZmqSocket                   *socket,
                                              ZmqAgenda                   *agenda,
                                              const ZmqClientChannelFuncs *funcs);
ZmqClientChannel *zmqglib_client_channel_ref (ZmqClientChannel *self);
void              zmqglib_client_channel_unref (ZmqClientChannel *self);
gboolean          zmqglib_client_channel_follow (ZmqClientChannel *self,
                                                 const char       *endpoint,
                                                 GError          **error);
void              zmqglib_client_channel_open (ZmqClientChannel *self,
                                               gpointer          owner);
void              zmqglib_client_channel_close (ZmqClientChannel *self);
void              zmqglib_client_channel_send (ZmqClientChannel *self,
                                               ZmqClientTry     *try);
gboolean          zmqglib_client_channel_catch_up (ZmqClientChannel *self);
void              zmqglib_client_try_withdraw (ZmqClientTry *try);

G_END_DECLS

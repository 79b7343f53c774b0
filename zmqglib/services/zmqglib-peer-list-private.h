/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-peer-list.h>

#include "base/zmqglib-agenda-private.h"
#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-front-private.h"
#include "services/zmqglib-peer-private.h"
#include "stream/zmqglib-stream-tap-private.h"

G_BEGIN_DECLS

/* What a main loop has of a list of peers. It is touched only by who owns the main context, but for what is said to be
 * otherwise. */
typedef struct
{
  ZmqStreamTap tap; /* first */

  int         ref_count; /* atomic */
  ZmqFront   *front;     /* the list */
  guint       generation;
  ZmqAgenda  *agenda;
  ZmqDeadline deadline;    /* of the next look */
  gboolean    is_told;     /* a look is due now */
  gboolean    is_changing; /* it is being told that the list has changed */
  GHashTable *peers;       /* by their ids */
  GSequence  *shown;       /* of ZmqPeer, in the order in which they came */
  GQueue      all;         /* of ZmqPeer, the one that was not heard of for longest first */
  GQueue      news;        /* of ZmqPeer, owned: those to be shown, and those that were and are to go */
  GQueue      changed;     /* of ZmqPeer that were heard of */
  gint64      expiry_us;   /* 0 for never */
  gint64      notified;    /* in monotonic time */
  int         is_closed;   /* atomic */
  gboolean    is_released; /* the stream tells it nothing any more */
} ZmqPeerListCore;

struct _ZmqPeerList
{
  GObject parent_instance;

  ZmqPeerListCore *core;
  ZmqStream       *stream;
  gboolean         owned_by_loop;
};

enum
{
  PEER_LIST_PROP_0,
  PEER_LIST_PROP_STREAM,
  PEER_LIST_PROP_OWNED_BY_LOOP,
  PEER_LIST_PROP_EXPIRY_US,
  PEER_LIST_PROP_N_ITEMS,
  PEER_LIST_N_PROPS
};

extern guint       zmqglib_peer_list_appeared_signal;
extern guint       zmqglib_peer_list_expired_signal;
extern GParamSpec *zmqglib_peer_list_properties[PEER_LIST_N_PROPS];

ZmqPeerListCore *zmqglib_peer_list_core_new (ZmqPeerList *front);
void             zmqglib_peer_list_core_unref (ZmqPeerListCore *self);
gboolean         zmqglib_peer_list_core_open (ZmqPeerListCore *self,
                                              ZmqStream       *stream,
                                              ZmqPeerList     *keeper,
                                              GError         **error);
void             zmqglib_peer_list_core_close (ZmqPeerListCore *self,
                                               ZmqStream       *stream,
                                               gboolean         is_gone);
void             zmqglib_peer_list_core_look (ZmqPeerListCore *self);

G_END_DECLS

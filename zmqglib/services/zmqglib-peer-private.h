/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-peer.h>
#include <zmqglib/zmqglib-message.h>

G_BEGIN_DECLS

/* What a list keeps of a peer, in it. */
typedef struct
{
  GList          link;    /* among all, the one that was not heard of for longest first */
  GList          changed; /* among those whose properties are to be notified */
  GSequenceIter *place;   /* NULL when it is not shown yet, or no more */
  gint64         heard;   /* in monotonic time */
  gboolean       is_changed;
} ZmqPeerEntry;

ZmqPeer      *zmqglib_peer_new (ZmqMessage *message);
ZmqPeerEntry *zmqglib_peer_get_entry (ZmqPeer *self);
gboolean      zmqglib_peer_is_sender (ZmqPeer    *self,
                                      ZmqMessage *message);
void          zmqglib_peer_hear (ZmqPeer *self);
void          zmqglib_peer_notify (ZmqPeer *self);

G_END_DECLS

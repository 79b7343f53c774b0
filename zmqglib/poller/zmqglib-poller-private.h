/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-poller.h>

#include "loop/zmqglib-poll-set-private.h"

G_BEGIN_DECLS

struct _ZmqPoller
{
  GObject parent_instance;

  ZmqPollSet  set;
  GHashTable *sockets;  /* ZmqSocket → ZmqPollerEntry */
  GHashTable *fds;      /* int → ZmqPollerEntry */
  guint       n_called; /* functions, in the turn that is under way */
};

typedef struct
{
  ZmqPoller     *poller; /* unowned */
  ZmqSocket     *socket; /* or NULL */
  int            fd;     /* or -1 */
  GIOCondition   condition;
  ZmqPollItem   *item;
  ZmqPollerFunc  func;
  gpointer       user_data;
  GDestroyNotify destroy;
} ZmqPollerEntry;

extern const ZmqPollItemFuncs zmqglib_poller_entry_funcs;

ZmqPollerEntry *zmqglib_poller_entry_new (ZmqPoller     *self,
                                          GIOCondition   condition,
                                          ZmqPollerFunc  func,
                                          gpointer       user_data,
                                          GDestroyNotify destroy);
void            zmqglib_poller_entry_remove (gpointer data);

G_END_DECLS

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
  GHashTable *sockets;  /* ZmqSocket → Entry */
  GHashTable *fds;      /* int → Entry */
  guint       n_called; /* functions, in the turn that is under way */
};

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/zmqglib-turn-private.h"
#include "loop/zmqglib-poll-backend-private.h"
#include "socket/zmqglib-socket-private.h"

G_BEGIN_DECLS

/* Beside the conditions of a descriptor: the owner has work of its own, whatever its socket says. */
#define ZMQGLIB_POLL_WORK ((GIOCondition) (1 << 16))
#define ZMQGLIB_POLL_ALL  ((GIOCondition) ~0)

typedef struct _ZmqPollItem ZmqPollItem;
typedef struct _ZmqPollSet  ZmqPollSet;

/* What the owner knows of its socket after it has been served, which saves a query. */
typedef enum
{
  ZMQGLIB_POLL_UNKNOWN,
  ZMQGLIB_POLL_UNCHANGED, /* the owner itself did nothing with it */
  ZMQGLIB_POLL_HAS_INPUT, /* there may be more: only the share or the time was used up */
  ZMQGLIB_POLL_NO_INPUT,  /* the last thing it did was to receive, and there was nothing (EAGAIN) */
} ZmqPollOutcome;

typedef struct
{
  /* Which of these the owner wants now. Asked each time that the item is looked at, for no more than
   * has to be known; runs no foreign code. */
  GIOCondition (*get_wanted) (ZmqPollItem *item,
                              GIOCondition among);

  /* Serves what is ready, a bounded share and not beyond the slice. With an errnum the item has been
   * taken out of the set, because its socket is no more. */
  ZmqPollOutcome (*serve) (ZmqPollItem *item,
                           GIOCondition ready,
                           int          errnum,
                           ZmqSlice    *slice);
} ZmqPollItemFuncs;

struct _ZmqPollItem
{
  ZmqSocketWatch          watch; /* first */
  ZmqPollFD               fd;    /* the socket's, or a plain one */
  const ZmqPollItemFuncs *funcs;
  gpointer                owner;

  ZmqPollSet  *set;       /* NULL when removed */
  ZmqSocket   *socket;    /* NULL for a plain descriptor */
  GList        link;      /* in one of the set's queues */
  GQueue      *queue;     /* that one, or NULL when asleep */
  GIOCondition condition; /* of the socket, when it was last known */
  GIOCondition ready;
  int          errnum; /* to be reported */
  int          ref_count;
  guint        fickle : 1;  /* its owner may start to want input without a word */
  guint        serving : 1; /* its owner is being called */
  guint        touched : 1; /* meanwhile somebody has used the socket */
};

/* zmq_poll() taken apart: any number of sockets and descriptors, each asleep, to be looked at, or
 * ready. Who drives it calls prepare, polls the back end's descriptors unless something is ready,
 * then check, and dispatch when something is ready. It belongs to one thread. */
struct _ZmqPollSet
{
  ZmqPollBackend backend;
  GQueue         hot;      /* to be queried before anybody may block */
  GQueue         restless; /* may change without a signal: asked about each time */
  GQueue         ready;    /* to be served */
  guint          n_items;
  gint64         slice_us;
  guint          n_yields;      /* used its slice up: so many iterations are others' at most */
  guint          blocking : 1;  /* prepared, and perhaps polling by now */
  guint          collected : 1; /* the back end was asked since the last dispatch */
};

void zmqglib_poll_set_init (ZmqPollSet *self);
void zmqglib_poll_set_clear (ZmqPollSet *self);

gboolean zmqglib_poll_set_prepare (ZmqPollSet *self,
                                   int        *timeout_ms);
gboolean zmqglib_poll_set_check (ZmqPollSet *self);
guint    zmqglib_poll_set_dispatch (ZmqPollSet *self,
                                    GSource    *source);
void     zmqglib_poll_set_end_yield (ZmqPollSet *self);

ZmqPollItem *zmqglib_poll_set_add_socket (ZmqPollSet             *self,
                                          ZmqSocket              *socket,
                                          gboolean                fickle,
                                          const ZmqPollItemFuncs *funcs,
                                          gpointer                owner);
ZmqPollItem *zmqglib_poll_set_add_fd (ZmqPollSet             *self,
                                      int                     fd,
                                      const ZmqPollItemFuncs *funcs,
                                      gpointer                owner);
void         zmqglib_poll_item_remove (ZmqPollItem *item);
void         zmqglib_poll_item_changed (ZmqPollItem *item);

G_END_DECLS

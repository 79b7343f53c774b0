/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/zmqglib-agenda-private.h"
#include "base/zmqglib-wakeup-private.h"
#include "loop/zmqglib-poll-backend-private.h"
#include "socket/zmqglib-socket-core-private.h"

G_BEGIN_DECLS

/* Beside the conditions of a descriptor: the owner has work of its own, whatever its socket says; and
 * it wants to be called to try a send even where libzmq says that none is possible. */
#define ZMQGLIB_POLL_WORK ((GIOCondition) (1 << 16))
#define ZMQGLIB_POLL_TRY  ((GIOCondition) (1 << 17))
#define ZMQGLIB_POLL_ALL  ((GIOCondition) ~0)

/* How long a set without an agenda, and without a descriptor to be woken by, sleeps at most: it is not woken by
 * what other threads do to its sockets, and has to look. */
#define ZMQGLIB_POLL_LOOK_MS 100

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

  /* The main context is no more; the item is to be removed. Only for those that do not keep it. */
  void (*lose) (ZmqPollItem *item);
} ZmqPollItemFuncs;

/* See the table in the source. */
typedef enum
{
  ZMQGLIB_ITEM_ASLEEP,
  ZMQGLIB_ITEM_HOT,
  ZMQGLIB_ITEM_RESTLESS,
  ZMQGLIB_ITEM_READY,
  ZMQGLIB_ITEM_SERVED,
  ZMQGLIB_ITEM_GONE,
  ZMQGLIB_N_ITEM_STATES
} ZmqPollItemState;

struct _ZmqPollItem
{
  ZmqSocketWatch          watch; /* first */
  ZmqPollFD               fd;    /* the socket's, or a plain one, or -1 of an item that only has work */
  const ZmqPollItemFuncs *funcs;
  gpointer                owner;

  ZmqPollSet    *set;      /* NULL when gone */
  ZmqSocketCore *socket;   /* NULL for a plain descriptor, and when it only has work */
  GList          link;     /* in the queue of its state */
  GList          all_link; /* among all items */
  GList          refused_link;

  int              ref_count; /* atomic */
  ZmqPollItemState state;
  GIOCondition     condition; /* of the socket, when it was last known */
  GIOCondition     ready;
  int              is_posted;   /* atomic; its set is about to hear that the socket was touched */
  int              errnum;      /* to be reported */
  guint            fickle : 1;  /* its owner may start to want input without a word */
  guint            touched : 1; /* somebody has used the socket while the item was served */
  guint            refused : 1; /* a send was refused, and nothing has changed since */
};

/* zmq_poll() taken apart: any number of sockets and descriptors, each asleep, to be looked at, or
 * ready. Who drives it calls prepare, polls the back end's descriptors unless something is ready,
 * then check, and dispatch when something is ready. It belongs to one main context, or without an
 * agenda to one thread. */
struct _ZmqPollSet
{
  ZmqPollBackend backend;
  ZmqAgenda     *agenda;  /* unowned; NULL when it is not one that a main context shares */
  GThread       *thread;  /* atomic; without an agenda, whose it is, or NULL */
  ZmqAgendaQueue errands; /* without an agenda, what other threads have posted */
  ZmqWakeup      wakeup;  /* without an agenda, which ends a poll, in a main context or not */
  guint          generation;
  GQueue         items;
  GQueue         queues[ZMQGLIB_N_ITEM_STATES]; /* of those that the table says */
  GQueue         refused;
  ZmqDeadline    retry;         /* of what was refused */
  guint          blocking : 1;  /* prepared, and perhaps polling by now */
  guint          collected : 1; /* the back end was asked since the last dispatch */
};

void zmqglib_poll_set_init (ZmqPollSet *self,
                            ZmqAgenda  *agenda);
void zmqglib_poll_set_clear (ZmqPollSet *self);
void zmqglib_poll_set_lose (ZmqPollSet *self);
void zmqglib_poll_set_ensure_process (ZmqPollSet *self);
void zmqglib_poll_set_run_errands (ZmqPollSet *self);
void zmqglib_poll_set_claim (ZmqPollSet *self);
void zmqglib_poll_set_take_over (ZmqPollSet *self);

gboolean zmqglib_poll_set_prepare (ZmqPollSet *self);
gboolean zmqglib_poll_set_check (ZmqPollSet *self);
void     zmqglib_poll_set_dispatch (ZmqPollSet *self,
                                    GSource    *source,
                                    ZmqSlice   *slice);

ZmqPollItem *zmqglib_poll_set_add_socket (ZmqPollSet             *self,
                                          ZmqSocketCore          *socket,
                                          gboolean                fickle,
                                          const ZmqPollItemFuncs *funcs,
                                          gpointer                owner);
ZmqPollItem *zmqglib_poll_set_add_fd (ZmqPollSet             *self,
                                      int                     fd,
                                      const ZmqPollItemFuncs *funcs,
                                      gpointer                owner);
ZmqPollItem *zmqglib_poll_set_add_work (ZmqPollSet             *self,
                                        const ZmqPollItemFuncs *funcs,
                                        gpointer                owner);
ZmqPollItem *zmqglib_poll_item_ref (ZmqPollItem *item);
void         zmqglib_poll_item_unref (ZmqPollItem *item);
void         zmqglib_poll_item_move (ZmqPollItem     *item,
                                     ZmqPollItemState state);
void         zmqglib_poll_item_heat (ZmqPollItem *item);
void         zmqglib_poll_item_settle (ZmqPollItem *item,
                                       GIOCondition condition);
void         zmqglib_poll_item_fail (ZmqPollItem *item,
                                     int          errnum);
void         zmqglib_poll_item_detach (ZmqPollItem *item);
void         zmqglib_poll_item_end_refusal (ZmqPollItem *item);
void         zmqglib_poll_item_unwatch (ZmqPollItem *item);
void         zmqglib_poll_item_remove (ZmqPollItem *item);
void         zmqglib_poll_item_changed (ZmqPollItem *item);
void         zmqglib_poll_item_set_fickle (ZmqPollItem *item,
                                           gboolean     fickle);
void         zmqglib_poll_item_touch (ZmqPollItem *item);
void         zmqglib_poll_item_refuse (ZmqPollItem *item);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-server.h>
#include <zmqglib/zmqglib-stream.h>

#include "base/zmqglib-agenda-private.h"
#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-front-private.h"
#include "base/zmqglib-lock-private.h"

G_BEGIN_DECLS

/* What a main loop has of a server. It is touched only by who owns the main context, but for what is said to be
 * otherwise, and lives as long as anybody may still reply. */
typedef struct
{
  int         ref_count; /* atomic */
  ZmqFront   *front;     /* the server */
  guint       generation;
  ZmqAgenda  *agenda;
  ZmqMessage *next;         /* which was read, and is about to be told; or NULL */
  guint       told_pending; /* the value that was last notified */
  gboolean    has_left;

  int n_pending;   /* atomic; requests that were told, and neither replied to nor dropped */
  int max_pending; /* atomic; 0 for no limit */
  int is_closed;   /* atomic */
  int notify_due;  /* atomic; the property is going to be notified */

  ZmqLock    lock;     /* of what follows */
  ZmqServer *listener; /* unowned; NULL when it is disposed of */
  ZmqStream *stream;   /* NULL when the server was closed */
  char      *last_endpoint;
} ZmqServerCore;

struct _ZmqServer
{
  GObject parent_instance;

  ZmqServerCore *core;
  ZmqContext    *context;
  ZmqSocket     *socket;
  gboolean       owned_by_loop;
};

enum
{
  SERVER_PROP_0,
  SERVER_PROP_CONTEXT,
  SERVER_PROP_OWNED_BY_LOOP,
  SERVER_PROP_MAX_PENDING,
  SERVER_PROP_N_PENDING,
  SERVER_PROP_LAST_ENDPOINT,
  SERVER_N_PROPS
};

extern guint       zmqglib_server_request_signal;
extern GParamSpec *zmqglib_server_properties[SERVER_N_PROPS];

static inline gboolean
zmqglib_server_core_is_inherited (ZmqServerCore *self)
{
  return zmqglib_fork_is_inherited (self->generation);
}

static inline gboolean
zmqglib_server_core_is_open (ZmqServerCore *self)
{
  return !g_atomic_int_get (&self->is_closed) && !zmqglib_server_core_is_inherited (self);
}

/* zmqglib-server-core.c */
ZmqServerCore *zmqglib_server_core_new (ZmqServer *front);
ZmqServerCore *zmqglib_server_core_ref (ZmqServerCore *self);
void           zmqglib_server_core_unref (ZmqServerCore *self);
ZmqStream     *zmqglib_server_core_dup_stream (ZmqServerCore *self);
gboolean       zmqglib_server_core_wants (ZmqServerCore *self);
void           zmqglib_server_core_count (ZmqServerCore *self,
                                          int            change);
gboolean       zmqglib_server_core_set_max_pending (ZmqServerCore *self,
                                                    guint          max_pending);
char          *zmqglib_server_core_dup_last_endpoint (ZmqServerCore *self);
void           zmqglib_server_core_take_last_endpoint (ZmqServerCore *self,
                                                       char          *endpoint);
gboolean       zmqglib_server_core_check (ZmqServerCore *self,
                                          const char    *what,
                                          GError       **error);

/* zmqglib-server-desk.c */
void zmqglib_server_desk_open (ZmqServerCore *core,
                               ZmqSocket     *socket,
                               ZmqServer     *keeper);
void zmqglib_server_desk_close (ZmqServerCore *core);

G_END_DECLS

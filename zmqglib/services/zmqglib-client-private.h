/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-client.h>

#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-front-private.h"
#include "base/zmqglib-lock-private.h"
#include "services/zmqglib-client-channel-private.h"

G_BEGIN_DECLS

/* Where a client's requests go. */
typedef struct
{
  int               ref_count; /* atomic */
  char             *endpoint;
  gboolean          is_exact; /* each try has a channel of its own; the one here only tells whether there is a connection */
  ZmqClientChannel *channel;
  gboolean          is_gone;
} ZmqClientRoute;

/* What a main loop has of a client. It is touched only by who owns the main context, but for what is said to be
 * otherwise, and lives as long as a request is under way. */
typedef struct
{
  int        ref_count; /* atomic */
  ZmqFront  *front;     /* the client */
  guint      generation;
  ZmqAgenda *agenda;

  GPtrArray  *routes;
  guint       current; /* of a client that fails over, the route that it uses */
  guint       turn;    /* of one that spreads */
  GHashTable *pending; /* by their numbers */
  guint64     salt;    /* says whose numbers they are */
  guint64     last_number;
  gboolean    has_left;
  int         told_pending; /* the values that were last notified */
  gboolean    told_connected;
  void (*ended) (ZmqClient *front); /* called from the main loop */

  int is_closed;   /* atomic */
  int n_pending;   /* atomic */
  int n_connected; /* atomic; routes */
  int notify_due;  /* atomic; the properties are going to be notified */

  ZmqLock       lock;    /* of what follows */
  GMainContext *context; /* which the client keeps; NULL when it was closed */
} ZmqClientCore;

/* What holds for a request from its beginning on. */
typedef struct
{
  gint64            timeout_us;
  guint             max_tries;
  ZmqClientStrategy strategy;
  ZmqClientEnvelope envelope; /* of what is connected from then on */
} ZmqClientTerms;

struct _ZmqClient
{
  GObject parent_instance;

  ZmqClientCore *core;
  ZmqContext    *context;
  gboolean       owned_by_loop;

  ZmqLock        lock; /* of what follows */
  ZmqClientTerms terms;
  GPtrArray     *endpoints; /* of ZmqClientEndpoint */
  guint          serial;    /* which has another value when they have changed */
  GQueue         twins;     /* of ZmqClientTwin that nobody uses */
  GQueue         busy_twins;
};

typedef struct
{
  char    *endpoint;
  gboolean is_exact;
} ZmqClientEndpoint;

enum
{
  CLIENT_PROP_0,
  CLIENT_PROP_CONTEXT,
  CLIENT_PROP_OWNED_BY_LOOP,
  CLIENT_PROP_TIMEOUT_US,
  CLIENT_PROP_MAX_TRIES,
  CLIENT_PROP_STRATEGY,
  CLIENT_PROP_ENVELOPE,
  CLIENT_PROP_N_PENDING,
  CLIENT_PROP_CONNECTED,
  CLIENT_N_PROPS
};

extern guint       zmqglib_client_configure_signal;
extern GParamSpec *zmqglib_client_properties[CLIENT_N_PROPS];

static inline gboolean
zmqglib_client_core_is_open (ZmqClientCore *self)
{
  return !g_atomic_int_get (&self->is_closed) && !zmqglib_fork_is_inherited (self->generation);
}

/* zmqglib-client-core.c */
ZmqClientCore *zmqglib_client_core_new (ZmqClient    *front,
                                        GMainContext *context);
ZmqClientCore *zmqglib_client_core_ref (ZmqClientCore *self);
void           zmqglib_client_core_unref (ZmqClientCore *self);
void           zmqglib_client_core_count (ZmqClientCore *self,
                                          int            n_pending,
                                          int            n_connected);
GMainContext  *zmqglib_client_core_steal_context (ZmqClientCore *self);

ZmqClientEndpoint *zmqglib_client_endpoint_copy (const ZmqClientEndpoint *self);
void               zmqglib_client_endpoint_free (gpointer data);

ZmqClientRoute *zmqglib_client_route_new (const char *endpoint,
                                          gboolean    is_exact);
ZmqClientRoute *zmqglib_client_route_ref (ZmqClientRoute *self);
void            zmqglib_client_route_unref (ZmqClientRoute *self);

/* zmqglib-client-socket.c */
ZmqClientChannel *zmqglib_client_connect_channel (ZmqClient                   *client,
                                                  ZmqAgenda                   *agenda,
                                                  ZmqSocketType                type,
                                                  const char                  *endpoint,
                                                  const ZmqClientChannelFuncs *funcs,
                                                  GError                     **error);

/* zmqglib-client-desk.c */
void     zmqglib_client_desk_begin (ZmqClientCore *core,
                                    GTask         *task,
                                    ZmqMessage    *message,
                                    ZmqClientTerms terms);
gboolean zmqglib_client_desk_connect (ZmqClientCore           *core,
                                      ZmqClient               *client,
                                      const ZmqClientEndpoint *endpoint,
                                      GError                 **error);
void     zmqglib_client_desk_disconnect (ZmqClientCore *core,
                                         const char    *endpoint);
void     zmqglib_client_desk_close (ZmqClientCore *core);
GError  *zmqglib_client_desk_make_error (ZmqClientCore *core,
                                         const char    *what);

/* zmqglib-client-twin.c */
ZmqMessage *zmqglib_client_block (ZmqClient     *client,
                                  ZmqMessage    *message,
                                  GCancellable  *cancellable,
                                  ZmqClientTerms terms,
                                  GError       **error);
void        zmqglib_client_close_twins (ZmqClient *client);
GPtrArray  *zmqglib_client_list_busy_twins (ZmqClient *client);

/* zmqglib-client-terms.c */
ZmqClientTerms zmqglib_client_get_terms (ZmqClient *self);
void           zmqglib_client_set_terms (ZmqClient     *self,
                                         ZmqClientTerms terms,
                                         guint          prop_id);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-authenticator.h>
#include <zmqglib/zmqglib-stream.h>

#include "base/zmqglib-agenda-private.h"
#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-front-private.h"
#include "base/zmqglib-lock-private.h"
#include "security/zmqglib-auth-rules-private.h"

G_BEGIN_DECLS

/* What a main loop has of an authenticator. It is touched only by who owns the main context, but for what is said to
 * be otherwise, and lives as long as anybody may still answer. */
typedef struct
{
  int         ref_count; /* atomic */
  ZmqFront   *front;     /* the authenticator */
  guint       generation;
  ZmqContext *zmq_context; /* set once, as the next */
  ZmqStream  *stream;      /* of the socket that libzmq asks */
  ZmqAgenda  *agenda;
  GHashTable *tickets;   /* of those who wait, by the sessions that ask */
  int         is_closed; /* atomic */
  gboolean    has_left;

  ZmqAuthRules rules; /* any thread's */

  ZmqLock       lock;    /* of what follows */
  GMainContext *context; /* which the authenticator keeps; NULL when it was closed */
  gint64        timeout_us;
  guint64       n_accepted;
  guint64       n_denied;
  gboolean      counts_due; /* they are going to be notified */
} ZmqAuthCore;

struct _ZmqAuthenticator
{
  GObject parent_instance;

  ZmqAuthCore *core;
  ZmqContext  *context; /* what the constructor is given */
  gboolean     owned_by_loop;
};

enum
{
  AUTH_PROP_0,
  AUTH_PROP_CONTEXT,
  AUTH_PROP_OWNED_BY_LOOP,
  AUTH_PROP_TIMEOUT_US,
  AUTH_PROP_N_ACCEPTED,
  AUTH_PROP_N_DENIED,
  AUTH_N_PROPS
};

extern guint       zmqglib_authenticate_signal;
extern GParamSpec *zmqglib_authenticator_properties[AUTH_N_PROPS];

static inline gboolean
zmqglib_auth_core_is_open (ZmqAuthCore *self)
{
  return self->stream != NULL && !g_atomic_int_get (&self->is_closed) && !zmqglib_fork_is_inherited (self->generation);
}

ZmqAuthCore *zmqglib_auth_core_new (ZmqAuthenticator *front);
ZmqAuthCore *zmqglib_auth_core_ref (ZmqAuthCore *self);
void         zmqglib_auth_core_unref (ZmqAuthCore *self);
void         zmqglib_auth_core_count (ZmqAuthCore *self,
                                      gboolean     is_accepted);

G_END_DECLS

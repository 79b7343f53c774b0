/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-proxy.h>

#include "base/zmqglib-agenda-private.h"
#include "base/zmqglib-lock-private.h"
#include "socket/zmqglib-socket-core-private.h"

G_BEGIN_DECLS

typedef struct _ZmqProxyRun ZmqProxyRun;

enum
{
  PROXY_PROP_0,
  PROXY_PROP_FRONTEND,
  PROXY_PROP_BACKEND,
  PROXY_PROP_CAPTURE,
  PROXY_PROP_OWNED_BY_LOOP,
  PROXY_PROP_PAUSED,
  PROXY_PROP_RUNNING,
  PROXY_PROP_N_FORWARDED_IN,
  PROXY_PROP_N_FORWARDED_OUT,
  PROXY_PROP_N_BYTES_IN,
  PROXY_PROP_N_BYTES_OUT,
  PROXY_PROP_PREFIX_IN,
  PROXY_PROP_PREFIX_OUT,
  PROXY_N_PROPS
};

enum
{
  PROXY_FORWARD,
  PROXY_STOPPED,
  PROXY_N_SIGNALS
};

extern guint       zmqglib_proxy_signals[PROXY_N_SIGNALS];
extern GParamSpec *zmqglib_proxy_properties[PROXY_N_PROPS];

/* What has gone in one direction. */
typedef struct
{
  guint64 n_forwarded;
  guint64 n_bytes;
} ZmqProxyCount;

/* What the object, and who runs the proxy in whatever thread, have in common. */
typedef struct
{
  int        ref_count; /* atomic */
  GWeakRef   front;     /* to the proxy */
  ZmqAgenda *home;      /* of the main context where the proxy was made, which is told */
  int        paused;    /* atomic */

  guint         generation;
  ZmqLock       lock;   /* of what follows */
  ZmqProxyRun  *run;    /* that is under way, or NULL */
  ZmqProxy     *keeper; /* the proxy, strongly, while it runs and is owned by the loop */
  ZmqProxyCount counts[2];
  GBytes       *prefixes[2];
  ZmqMessage   *captured; /* atomic: what is to be captured still, while it is stopped, or NULL */
  GMainContext *context;  /* of the home, which the proxy keeps */
} ZmqProxyCore;

struct _ZmqProxy
{
  GObject parent_instance;

  ZmqProxyCore *core;
  ZmqSocket    *frontend;
  ZmqSocket    *backend;
  ZmqSocket    *capture; /* or NULL */
  gboolean      owned_by_loop;
};

ZmqProxyCore *zmqglib_proxy_core_new (ZmqProxy *front);
ZmqProxyCore *zmqglib_proxy_core_ref (ZmqProxyCore *self);
void          zmqglib_proxy_core_unref (ZmqProxyCore *self);
ZmqProxy     *zmqglib_proxy_core_upgrade (ZmqProxyCore *self);
gboolean      zmqglib_proxy_core_is_running (ZmqProxyCore *self);
ZmqProxyCount zmqglib_proxy_core_get_count (ZmqProxyCore     *self,
                                            ZmqProxyDirection direction);
void          zmqglib_proxy_core_tell_running (ZmqProxyCore *self);
void          zmqglib_proxy_core_tell_stopped (ZmqProxyCore *self,
                                               GError       *error);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "base/zmqglib-lock-private.h"

G_BEGIN_DECLS

/* A file descriptor in a back end. */
typedef struct
{
  GPollFD  pollfd; /* one that is watched for no event is not watched at all */
  guint    id;     /* by which epoll knows it */
  GList    link;
  gboolean in_epoll;   /* else polled one by one */
  gboolean is_foreign; /* others may close it, and its number be another file's then */
} ZmqPollFD;

/* Which descriptors a poll set watches, and how: a few, and what epoll does not take, each by itself
 * in the main context's own poll; all others through one epoll set, where there is epoll. */
typedef struct
{
  GPollFD     epoll_pollfd; /* its descriptor is -1 until there is a member */
  GHashTable *members;      /* of the epoll set: id → ZmqPollFD */
  GHashTable *numbers;      /* of the members: descriptor → the latest ZmqPollFD */
  guint       last_id;
  gboolean    inherited; /* the epoll set is the parent's, and not to be touched */
  GQueue      singles;   /* of ZmqPollFD */

  ZmqLock    lock;    /* of what follows */
  GPtrArray *sources; /* of GSource, unowned, that poll for this back end */
} ZmqPollBackend;

typedef void (*ZmqPollFDFunc) (ZmqPollFD *fd);

void zmqglib_poll_backend_init (ZmqPollBackend *self);
void zmqglib_poll_backend_clear (ZmqPollBackend *self);
void zmqglib_poll_backend_inherit (ZmqPollBackend *self);
void zmqglib_poll_backend_renew (ZmqPollBackend *self);

void zmqglib_poll_backend_add (ZmqPollBackend *self,
                               ZmqPollFD      *fd);
void zmqglib_poll_backend_modify (ZmqPollBackend *self,
                                  ZmqPollFD      *fd,
                                  GIOCondition    condition);
void zmqglib_poll_backend_remove (ZmqPollBackend *self,
                                  ZmqPollFD      *fd);
void zmqglib_poll_backend_collect (ZmqPollBackend *self,
                                   gboolean        polled,
                                   ZmqPollFDFunc   signalled);

void zmqglib_poll_backend_attach (ZmqPollBackend *self,
                                  GSource        *source);
void zmqglib_poll_backend_detach (ZmqPollBackend *self,
                                  GSource        *source);
void zmqglib_poll_backend_include (ZmqPollBackend *self,
                                   GPollFD        *pollfd);
void zmqglib_poll_backend_exclude (ZmqPollBackend *self,
                                   GPollFD        *pollfd);
void zmqglib_poll_backend_poll (ZmqPollBackend *self,
                                GPollFD       **extras,
                                guint           n_extras,
                                int             timeout_ms);

G_END_DECLS

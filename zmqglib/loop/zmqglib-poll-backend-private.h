/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A file descriptor in a back end. */
typedef struct
{
  GPollFD  pollfd;
  GList    link;
  gboolean in_epoll; /* else polled one by one */
} ZmqPollFD;

/* Which descriptors a poll set watches, and how: a few, and what epoll does not take, each by itself
 * in the main context's own poll; all others through one epoll set, where there is epoll. */
typedef struct
{
  int         epoll_fd;
  GPollFD     epoll_pollfd;
  GHashTable *epoll_members; /* int → ZmqPollFD */
  GQueue      singles;       /* of ZmqPollFD */
  GPtrArray  *sources;       /* of GSource, unowned, that poll for this back end */
} ZmqPollBackend;

typedef void (*ZmqPollFDFunc) (ZmqPollFD *fd);

void zmqglib_poll_backend_init (ZmqPollBackend *self);
void zmqglib_poll_backend_clear (ZmqPollBackend *self);

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
void zmqglib_poll_backend_wake (ZmqPollBackend *self);
void zmqglib_poll_backend_poll (ZmqPollBackend *self,
                                GPollFD        *extra,
                                int             timeout_ms);

G_END_DECLS

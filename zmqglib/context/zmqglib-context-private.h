/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-context.h>
#include <zmqglib/zmqglib-enums.h>

#include "base/zmqglib-latch-private.h"
#include "base/zmqglib-lock-private.h"

G_BEGIN_DECLS

/* A context counts its sockets through this list, so that waiting for one of them in the thread
 * that would have to close it can be refused. */
typedef struct
{
  GList         link;
  GThread      *thread; /* the last to use the socket; atomic */
  ZmqSocketType type;
  GSList       *names;        /* what it is bound to in its own process, as inproc://name */
  GSList       *waits;        /* at names that nobody is bound to */
  gboolean      conflates;    /* has waited with a connection that keeps one message */
  gboolean      is_unguarded; /* asks an authenticator, and lets peers in when there is none */
} ZmqSocketRecord;

/* What is set of a context; it is kept here, since libzmq's context may not be there. */
typedef struct
{
  int io_threads;
  int max_sockets;
  int max_message_size;
  int ipv6;
  int thread_priority;
  int thread_scheduling_policy;
  int thread_name_prefix;
} ZmqContextValues;

struct _ZmqContext
{
  GObject parent_instance;

  ZmqLock          lock;
  gpointer         handle;        /* made when something needs it */
  guint            generation;    /* of the process that it belongs to */
  GQueue           sockets;       /* of ZmqSocketRecord */
  GHashTable      *bound;         /* inproc:// names that a socket is bound to */
  GHashTable      *awaited;       /* inproc:// names that were connected to and that nobody has had, and by whom */
  gpointer         catcher;       /* a socket that takes these in the end, or NULL */
  gpointer         authenticator; /* or NULL */
  GDestroyNotify   end_authenticator;
  ZmqContextValues values;
  gboolean         authenticates; /* there is an authenticator, or was one */
  gboolean         adopted;       /* the handle is somebody else's, who ends it */
  int              socket_limit;  /* when it is */
  gboolean         started;       /* libzmq's threads run */
  gboolean         shut_down;     /* by zmqglib_context_shutdown() */
  gboolean         terminating;   /* the handle belongs to a terminating thread */
  ZmqLatch         terminated;
  GThread         *terminator; /* that thread, until somebody has seen its end */
};

gboolean zmqglib_context_has_descriptors (guint n_needed);
int      zmqglib_context_try_threads (const ZmqContextValues *values);

GHashTable *zmqglib_context_awaited_new (void);

int  zmqglib_context_connect_to_name (ZmqContext      *self,
                                      ZmqSocketRecord *record,
                                      gpointer         handle,
                                      const char      *name,
                                      gboolean         conflates);
int  zmqglib_context_leave_name (ZmqContext      *self,
                                 ZmqSocketRecord *record,
                                 gpointer         handle,
                                 const char      *name);
int  zmqglib_context_bind_name (ZmqContext      *self,
                                ZmqSocketRecord *record,
                                gpointer         handle,
                                const char      *name,
                                gboolean         welcomes);
void zmqglib_context_catch_names (ZmqContext *self);
void zmqglib_context_leave_all_names (ZmqContext      *self,
                                      ZmqSocketRecord *record);

gboolean zmqglib_context_check_trust (ZmqContext *self,
                                      const char *what,
                                      GError    **error);
gboolean zmqglib_context_set_authenticator (ZmqContext    *self,
                                            gpointer       authenticator,
                                            GDestroyNotify end,
                                            const char    *what,
                                            GError       **error);
gboolean zmqglib_context_release_authenticator (ZmqContext *self,
                                                gpointer    authenticator);
void     zmqglib_context_end_authenticator (ZmqContext *self);
gboolean zmqglib_context_admit (ZmqContext      *self,
                                ZmqSocketRecord *record,
                                gboolean         is_guarded);

gboolean zmqglib_context_is_inherited (ZmqContext *self);
int      zmqglib_context_ensure_handle (ZmqContext *self);
void     zmqglib_context_adopt_handle (ZmqContext *self,
                                       gpointer    handle);
void     zmqglib_context_end_handle (gpointer handle,
                                     gpointer catcher);
void     zmqglib_context_abandon_handle (ZmqContext *self);

gpointer zmqglib_context_open_handle (ZmqContext      *self,
                                      ZmqSocketType    type,
                                      ZmqSocketRecord *record,
                                      GError         **error);
void     zmqglib_context_close_handle (ZmqContext      *self,
                                       gpointer         handle,
                                       ZmqSocketRecord *record);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-socket.h>

#include "context/zmqglib-context-private.h"

G_BEGIN_DECLS

typedef struct _ZmqSocketWatch ZmqSocketWatch;

/* What those who sleep until a socket's descriptor is readable have to be told, since every
 * operation on the socket may use that signal up. */
typedef struct
{
  /* an operation may have changed what is ready */
  void (*touched) (ZmqSocketWatch *watch);
  /* somebody has asked what is ready: nothing else is, and the descriptor will tell the next change */
  void (*observed) (ZmqSocketWatch *watch,
                    GIOCondition    condition);
  /* the socket is about to be closed */
  void (*closed) (ZmqSocketWatch *watch);
} ZmqSocketWatchFuncs;

struct _ZmqSocketWatch
{
  GList                      link;
  const ZmqSocketWatchFuncs *funcs;
};

struct _ZmqSocket
{
  GObject parent_instance;

  ZmqContext     *context; /* NULL when adopted */
  ZmqSocketType   type;
  gpointer        handle;  /* NULL when closed */
  int             fd;      /* its ZMQ_FD */
  gboolean        adopted; /* the handle is somebody else's */
  gboolean        exposed; /* foreign code may use the handle unseen */
  GQueue          watches; /* of ZmqSocketWatch */
  GSList         *lanes;   /* of operations under way */
  ZmqSocketRecord record;
  GError         *init_error;
};

/* The calling thread has the socket from now on. */
static inline void
zmqglib_socket_claim (ZmqSocket *self)
{
  g_atomic_pointer_set (&self->record.thread, g_thread_self ());
}

void zmqglib_socket_add_watch (ZmqSocket      *self,
                               ZmqSocketWatch *watch);
void zmqglib_socket_remove_watch (ZmqSocket      *self,
                                  ZmqSocketWatch *watch);
void zmqglib_socket_touch (ZmqSocket *self);
int  zmqglib_socket_query (ZmqSocket    *self,
                           GIOCondition *condition);
void zmqglib_socket_forget (ZmqSocket *self);

gboolean zmqglib_socket_check_open (ZmqSocket  *self,
                                    const char *what,
                                    GError    **error);

char *zmqglib_socket_describe_send (ZmqSocket *self);
char *zmqglib_socket_describe_receive (ZmqSocket *self);
char *zmqglib_socket_describe_wait (ZmqSocket *self);

gboolean zmqglib_socket_check_message (ZmqSocket  *self,
                                       ZmqMessage *message,
                                       GError    **error);
gboolean zmqglib_socket_check_usable (ZmqSocket *self,
                                      char *(*describe) (ZmqSocket *self),
                                      GError **error);

const char *zmqglib_socket_get_type_nick (ZmqSocket *self);

void zmqglib_socket_install_options (GObjectClass *object_class,
                                     guint         first_prop_id);
void zmqglib_socket_get_option (ZmqSocket  *self,
                                GValue     *value,
                                GParamSpec *pspec);
void zmqglib_socket_set_option (ZmqSocket    *self,
                                const GValue *value,
                                GParamSpec   *pspec);

G_END_DECLS

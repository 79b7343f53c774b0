/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <errno.h>

#include "base/zmqglib-agenda-private.h"
#include "base/zmqglib-fork-private.h"
#include "base/zmqglib-lock-private.h"
#include "context/zmqglib-context-private.h"
#include "message/zmqglib-message-private.h"

G_BEGIN_DECLS

typedef struct _ZmqSocketCore     ZmqSocketCore;
typedef struct _ZmqSocketWatch    ZmqSocketWatch;
typedef struct _ZmqSocketFollower ZmqSocketFollower;

/* What those who sleep until a socket's descriptor is readable have to be told, since every operation
 * on the socket may use that signal up. Called by the thread that uses the socket, under the socket's
 * lock. */
typedef struct
{
  /* an operation may have changed what is ready */
  void (*touched) (ZmqSocketWatch *watch);
  /* somebody has asked what is ready: nothing else is, and the descriptor will tell the next change */
  void (*observed) (ZmqSocketWatch *watch,
                    GIOCondition    condition);
  /* The socket is about to be closed, in whichever thread; the handle may be kept, and let go later. Returns an
   * agenda, to be unreferenced, to which something was posted that is not to wait for a loop, or NULL. */
  ZmqAgenda *(*closed) (ZmqSocketWatch *watch);
} ZmqSocketWatchFuncs;

struct _ZmqSocketWatch
{
  GList                      link;
  const ZmqSocketWatchFuncs *funcs;
};

/* Who follows what becomes of a socket's connections: told, by the thread that has the socket, of what libzmq does not
 * tell. What is sent and received costs nothing more. */
struct _ZmqSocketFollower
{
  void (*joining) (ZmqSocketFollower *self,
                   const char        *endpoint);
  void (*left) (ZmqSocketFollower *self,
                const char        *endpoint);
  /* nobody has the socket any more */
  void (*release) (ZmqSocketFollower *self);
};

/* Whether a message is not read to its end, and what becomes of the rest. */
typedef enum
{
  ZMQGLIB_PORTION_NONE,
  ZMQGLIB_PORTION_KEPT,
  ZMQGLIB_PORTION_DROPPED
} ZmqPortion;

/* What is at the bottom of a socket: it lives as long as the object, or somebody in a loop, uses it,
 * and closes the handle when nobody does any more. */
struct _ZmqSocketCore
{
  ZmqContext     *context;   /* NULL when adopted */
  gpointer        handle;    /* atomic; NULL when closed */
  int             ref_count; /* atomic */
  ZmqSocketType   type;
  int             fd;           /* its ZMQ_FD */
  guint           generation;   /* of the process that made it */
  gboolean        adopted;      /* the handle is somebody else's */
  gboolean        exposed;      /* foreign code may use the handle unseen */
  gboolean        is_reachable; /* was bound or connected, by other transports than inproc */
  gboolean        conflates;    /* keeps one message, and tears those of several frames */
  gboolean        welcomes;     /* has a message for each new peer */
  int             has_failed;   /* atomic; libzmq has said that the socket cannot be used any more */
  int             n_returned;   /* messages that were put back, and one half read; read atomically without the lock */
  guint           max_frames;   /* of a message; G_MAXUINT for no limit */
  ZmqPortion      portion;
  ZmqMessage     *partial; /* what there is of a message; or NULL */
  ZmqSocketRecord record;

  ZmqLock  lock;      /* of what follows */
  gpointer closing;   /* the handle from then on, until no thread can be using it */
  GQueue   watches;   /* of ZmqSocketWatch */
  GQueue   returned;  /* of ZmqMessage that were put back */
  GSList  *lanes;     /* of operations under way */
  int      n_watches; /* read atomically without the lock */
  guint    n_keepers; /* who may be using it, before and after */

  ZmqSocketFollower *follower; /* of the thread that has the socket; or NULL */
};

/* The calling thread has the socket from now on. */
static inline void
zmqglib_socket_core_claim (ZmqSocketCore *self)
{
  g_atomic_pointer_set (&self->record.thread, g_thread_self ());
}

static inline gpointer
zmqglib_socket_core_get_handle (ZmqSocketCore *self)
{
  return g_atomic_pointer_get (&self->handle);
}

/* Zero, or an error number that says why the socket cannot be used at all. */
static inline int
zmqglib_socket_core_check (ZmqSocketCore *self)
{
  if (zmqglib_fork_is_inherited (self->generation))
    return ZMQGLIB_EFORKED;

  return zmqglib_socket_core_get_handle (self) != NULL ? 0 : ENOTSOCK;
}

/* Whether somebody has to be told beside @own, who most often is the only one. */
static inline gboolean
zmqglib_socket_core_is_watched (ZmqSocketCore  *self,
                                ZmqSocketWatch *own)
{
  return g_atomic_int_get (&self->n_watches) > (own != NULL ? 1 : 0);
}

ZmqSocketCore *zmqglib_socket_core_new (ZmqContext   *context,
                                        ZmqSocketType type,
                                        gpointer      handle,
                                        GError      **error);
ZmqSocketCore *zmqglib_socket_core_ref (ZmqSocketCore *self);
void           zmqglib_socket_core_unref (ZmqSocketCore *self);
void           zmqglib_socket_core_close (ZmqSocketCore *self);
void           zmqglib_socket_core_forget (ZmqSocketCore *self);
void           zmqglib_socket_core_keep_handle (ZmqSocketCore *self);
gboolean       zmqglib_socket_core_hold_handle (ZmqSocketCore *self);
void           zmqglib_socket_core_let_handle_go (ZmqSocketCore *self);

void zmqglib_socket_core_add_watch (ZmqSocketCore  *self,
                                    ZmqSocketWatch *watch);
void zmqglib_socket_core_remove_watch (ZmqSocketCore  *self,
                                       ZmqSocketWatch *watch);
void zmqglib_socket_core_touch (ZmqSocketCore  *self,
                                ZmqSocketWatch *own);
int  zmqglib_socket_core_query (ZmqSocketCore  *self,
                                ZmqSocketWatch *own,
                                GIOCondition   *condition);

int  zmqglib_socket_core_send_parcel (ZmqSocketCore   *self,
                                      const ZmqParcel *parcel);
int  zmqglib_socket_core_send (ZmqSocketCore *self,
                               ZmqMessage    *message);
int  zmqglib_socket_core_receive_first (ZmqSocketCore *self,
                                        ZmqMessage   **message);
int  zmqglib_socket_core_receive_whole (ZmqSocketCore *self,
                                        ZmqMessage   **message);
void zmqglib_socket_core_read_out (ZmqSocketCore *self);
int  zmqglib_socket_core_receive_more (ZmqSocketCore *self,
                                       ZmqMessage   **message,
                                       int            errnum);
void zmqglib_socket_core_put_back (ZmqSocketCore  *self,
                                   ZmqMessage     *message,
                                   ZmqSocketWatch *own);

/*
 * zmqglib_socket_core_receive:
 * @message: (inout): a message that nobody needs any more, whose memory serves again, or %NULL; set to
 *   the message
 *
 * Receives a message without blocking. Who watches the socket has to be told.
 *
 * Returns: 0, or an error number, when @message has no meaningful content: %ZMQGLIB_EPARTIAL when reading it takes
 *   longer than a loop has time, so that it has to be called again, and %ZMQGLIB_EREJECTED when a message was dropped
 */
static inline int
zmqglib_socket_core_receive (ZmqSocketCore *self,
                             ZmqMessage   **message)
{
  int errnum = zmqglib_socket_core_receive_first (self, message);

  if (G_LIKELY (errnum == 0) || (errnum != ZMQGLIB_EPARTIAL && errnum != ZMQGLIB_EREJECTED))
    return errnum;

  return zmqglib_socket_core_receive_more (self, message, errnum);
}

gboolean zmqglib_socket_core_check_open (ZmqSocketCore *self,
                                         const char    *what,
                                         GError       **error);
gboolean zmqglib_socket_core_check_message (ZmqSocketCore *self,
                                            ZmqMessage    *message,
                                            GError       **error);

const char *zmqglib_socket_core_get_type_nick (ZmqSocketCore *self);
char       *zmqglib_socket_core_describe_send (ZmqSocketCore *self);
char       *zmqglib_socket_core_describe_receive (ZmqSocketCore *self);
char       *zmqglib_socket_core_describe_wait (ZmqSocketCore *self);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>

#include "base/zmqglib-debug-private.h"
#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "base/zmqglib-withholding-private.h"
#include "socket/zmqglib-socket-core-private.h"

/* How many messages that are dropped one call passes over. */
#define MAX_REJECTED 1000

static gboolean
read_int_option (ZmqSocketCore *self,
                 int            option,
                 int           *value)
{
  gsize size = sizeof *value;

  return zmq_getsockopt (self->handle, option, value, &size) == 0;
}

static void
open_handle (ZmqSocketCore *self,
             GError       **error)
{
  self->handle = zmqglib_context_open_handle (self->context, self->type, &self->record, error);

  if (self->handle != NULL && !read_int_option (self, ZMQ_FD, &self->fd))
    {
      zmqglib_error_set (error, zmq_errno (), _ ("Could not create a “%s” socket"),
                         zmqglib_socket_core_get_type_nick (self));
      zmqglib_socket_core_close (self);
    }
}

static void
adopt_handle (ZmqSocketCore *self,
              gpointer       handle)
{
  int type;

  self->handle = handle;
  self->adopted = TRUE;
  self->exposed = TRUE;

  /* whatever was asked for: who owns it has chosen */
  if (read_int_option (self, ZMQ_TYPE, &type))
    self->type = type;

  read_int_option (self, ZMQ_FD, &self->fd);
  read_int_option (self, ZMQ_CONFLATE, &self->conflates);
}

/*
 * zmqglib_socket_core_new:
 * @context: (nullable): the context to live in, unless a handle is adopted
 * @handle: (nullable): the foreign handle to adopt
 *
 * Returns: (transfer full): a core, which is closed when @error is set
 */
ZmqSocketCore *
zmqglib_socket_core_new (ZmqContext   *context,
                         ZmqSocketType type,
                         gpointer      handle,
                         GError      **error)
{
  ZmqSocketCore *self = g_new0 (ZmqSocketCore, 1);

  self->ref_count = 1;
  self->type = type;
  self->fd = -1;
  self->max_frames = G_MAXUINT;
  self->generation = zmqglib_fork_generation;
  zmqglib_lock_init (&self->lock);

  if (handle != NULL)
    adopt_handle (self, handle);
  else
    {
      self->context = g_object_ref (context);
      open_handle (self, error);
    }

  if (self->handle != NULL)
    zmqglib_debug ("%p: A \"%s\" socket was %s", (gpointer) self, zmqglib_socket_core_get_type_nick (self),
                   self->adopted ? "adopted" : "made");

  return self;
}

ZmqSocketCore *
zmqglib_socket_core_ref (ZmqSocketCore *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

/*
 * zmqglib_socket_core_unref:
 *
 * May be called from any thread: nobody else uses the handle when the last reference goes.
 */
void
zmqglib_socket_core_unref (ZmqSocketCore *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  zmqglib_socket_core_close (self);
  if (self->follower != NULL)
    self->follower->release (self->follower);
  g_clear_pointer (&self->partial, zmqglib_message_unref);
  g_clear_object (&self->context);
  zmqglib_lock_clear (&self->lock);
  g_free (self);
}

void
zmqglib_socket_core_add_watch (ZmqSocketCore  *self,
                               ZmqSocketWatch *watch)
{
  watch->link = (GList){ .data = watch };

  zmqglib_lock_take (&self->lock);
  g_queue_push_tail_link (&self->watches, &watch->link);
  g_atomic_int_inc (&self->n_watches);
  zmqglib_lock_give (&self->lock);
}

/*
 * zmqglib_socket_core_remove_watch:
 *
 * Afterwards the watch is not called any more, and not being called, by whatever thread.
 */
void
zmqglib_socket_core_remove_watch (ZmqSocketCore  *self,
                                  ZmqSocketWatch *watch)
{
  zmqglib_lock_take (&self->lock);
  g_queue_unlink (&self->watches, &watch->link);
  g_atomic_int_add (&self->n_watches, -1);
  zmqglib_lock_give (&self->lock);
}

/*
 * zmqglib_socket_core_touch:
 * @own: (nullable): who knows already
 *
 * To be called after each operation that may have processed libzmq's commands: who sleeps until the
 * descriptor is readable would otherwise sleep on.
 */
void
zmqglib_socket_core_touch (ZmqSocketCore  *self,
                           ZmqSocketWatch *own)
{
  if (!zmqglib_socket_core_is_watched (self, own))
    return;

  zmqglib_lock_take (&self->lock);
  for (GList *l = self->watches.head; l != NULL; l = l->next)
    {
      ZmqSocketWatch *watch = l->data;

      if (watch != own)
        watch->funcs->touched (watch);
    }
  zmqglib_lock_give (&self->lock);
}

static void
notify_observed (ZmqSocketCore  *self,
                 ZmqSocketWatch *own,
                 GIOCondition    condition)
{
  zmqglib_lock_take (&self->lock);
  for (GList *l = self->watches.head; l != NULL; l = l->next)
    {
      ZmqSocketWatch *watch = l->data;

      if (watch != own)
        watch->funcs->observed (watch, condition);
    }
  zmqglib_lock_give (&self->lock);
}

/* The descriptor tells once that the context was shut down, and who asks has used that up for all others, who have to ask as
 * well. They are told once, too, so that they do not tell each other for ever. */
static void
notify_failed (ZmqSocketCore  *self,
               ZmqSocketWatch *own)
{
  if (g_atomic_int_compare_and_exchange (&self->has_failed, FALSE, TRUE))
    zmqglib_socket_core_touch (self, own);
}

/* Who sends and receives strictly in turn has not received what was put back. */
static gboolean
takes_turns (ZmqSocketCore *self)
{
  return self->type == ZMQGLIB_SOCKET_REP || self->type == ZMQGLIB_SOCKET_REQ;
}

static inline int
ask (gpointer handle,
     int     *events)
{
  gsize size = sizeof *events;
  int   errnum = 0;

  zmqglib_withholding_begin ();
  while (zmq_getsockopt (handle, ZMQ_EVENTS, events, &size) != 0 && (errnum = zmq_errno ()) == EINTR)
    errnum = 0;
  zmqglib_withholding_end ();

  return errnum;
}

/*
 * zmqglib_socket_core_query:
 * @own: (nullable): who asks, and need not be told
 * @condition: (out): what is ready, %G_IO_IN or %G_IO_OUT
 *
 * Asks libzmq what is ready (`ZMQ_EVENTS`) and tells it to all others who watch the socket.
 *
 * Returns: 0, or an error number
 */
int
zmqglib_socket_core_query (ZmqSocketCore  *self,
                           ZmqSocketWatch *own,
                           GIOCondition   *condition)
{
  int events = 0;
  int errnum = zmqglib_socket_core_check (self);

  *condition = 0;
  if (errnum != 0)
    return errnum;

  errnum = ask (zmqglib_socket_core_get_handle (self), &events);
  if (errnum != 0)
    {
      notify_failed (self, own);
      return errnum;
    }

  if (events & ZMQ_POLLIN)
    *condition |= G_IO_IN;
  if (events & ZMQ_POLLOUT)
    *condition |= G_IO_OUT;
  if (G_UNLIKELY (g_atomic_int_get (&self->n_returned) > 0))
    *condition = (*condition & (takes_turns (self) ? 0 : G_IO_OUT)) | G_IO_IN;

  if (zmqglib_socket_core_is_watched (self, own))
    notify_observed (self, own, *condition);

  return 0;
}

/*
 * zmqglib_socket_core_send:
 * @message: a message of at least one frame
 *
 * Sends a message without blocking, whole or not at all. Who watches the socket has to be told.
 *
 * Returns: 0, or an error number
 */
int
zmqglib_socket_core_send (ZmqSocketCore *self,
                          ZmqMessage    *message)
{
  int errnum;

  zmqglib_withholding_begin ();
  errnum = zmqglib_socket_core_send_parcel (self, &(ZmqParcel){ .message = message });
  zmqglib_withholding_end ();

  return errnum;
}

/*
 * zmqglib_socket_core_send_parcel:
 *
 * As zmqglib_socket_core_send(), for who withholds foreign code already.
 */
int
zmqglib_socket_core_send_parcel (ZmqSocketCore   *self,
                                 const ZmqParcel *parcel)
{
  int errnum = zmqglib_socket_core_check (self);

  if (errnum != 0)
    return errnum;
  if (G_UNLIKELY (g_atomic_int_get (&self->n_returned) > 0) && takes_turns (self))
    return EFSM;
  if (G_UNLIKELY (self->conflates) && parcel->message != NULL && parcel->message->n_frames > 1)
    return ZMQGLIB_ETORN;

  return zmqglib_parcel_send (parcel, zmqglib_socket_core_get_handle (self), self->type);
}

static ZmqMessage *
take_returned (ZmqSocketCore *self)
{
  ZmqMessage *message;

  zmqglib_lock_take (&self->lock);
  message = g_queue_pop_head (&self->returned);
  if (message != NULL)
    g_atomic_int_add (&self->n_returned, -1);
  zmqglib_lock_give (&self->lock);

  return message;
}

static inline int
receive_into (ZmqSocketCore *self,
              ZmqMessage    *message)
{
  int errnum;

  if (G_UNLIKELY (!zmqglib_message_is_single (message)))
    return zmqglib_message_refill (message, zmqglib_socket_core_get_handle (self), self->max_frames);

  errnum = zmqglib_message_receive_single (message, zmqglib_socket_core_get_handle (self));
  if (G_LIKELY (errnum != ZMQGLIB_EPARTIAL))
    return errnum;

  return zmqglib_message_receive_rest (message, zmqglib_socket_core_get_handle (self), self->max_frames);
}

/*
 * zmqglib_socket_core_receive_first:
 *
 * Receives a message, or its first portion, for zmqglib_socket_core_receive().
 */
int
zmqglib_socket_core_receive_first (ZmqSocketCore *self,
                                   ZmqMessage   **message)
{
  int errnum = zmqglib_socket_core_check (self);

  if (errnum != 0)
    return errnum;

  if (G_UNLIKELY (g_atomic_int_get (&self->n_returned) > 0))
    {
      ZmqMessage *returned = take_returned (self);

      if (returned != NULL)
        {
          g_clear_pointer (message, zmqglib_message_unref);
          *message = returned;
          return 0;
        }
      if (self->portion != ZMQGLIB_PORTION_NONE)
        return ZMQGLIB_EPARTIAL;
    }

  if (*message == NULL)
    *message = zmqglib_message_new ();

  zmqglib_withholding_begin ();
  errnum = receive_into (self, *message);
  zmqglib_withholding_end ();

  return errnum;
}

/*
 * zmqglib_socket_core_receive_whole:
 *
 * As zmqglib_socket_core_receive(), for who is in no loop: a message of very many frames is read to its end, and those
 * that are dropped are passed over. A peer that sends nothing else does not keep us for ever.
 */
int
zmqglib_socket_core_receive_whole (ZmqSocketCore *self,
                                   ZmqMessage   **message)
{
  guint n_rejected = 0;
  int   errnum;

  do
    errnum = zmqglib_socket_core_receive (self, message);
  while (errnum == ZMQGLIB_EPARTIAL || (errnum == ZMQGLIB_EREJECTED && ++n_rejected < MAX_REJECTED));

  return errnum == ZMQGLIB_EREJECTED ? EAGAIN : errnum;
}

/*
 * zmqglib_socket_core_put_back:
 * @own: (nullable): who watches the socket and need not be told
 *
 * Puts a message back, so that the next reader gets it. May be called from any thread.
 */
void
zmqglib_socket_core_put_back (ZmqSocketCore  *self,
                              ZmqMessage     *message,
                              ZmqSocketWatch *own)
{
  zmqglib_lock_take (&self->lock);
  if (self->handle == NULL)
    {
      zmqglib_lock_give (&self->lock);
      return;
    }
  g_queue_push_head (&self->returned, zmqglib_message_ref (message));
  g_atomic_int_inc (&self->n_returned);
  zmqglib_lock_give (&self->lock);

  zmqglib_socket_core_touch (self, own);
}

/*
 * zmqglib_socket_core_read_out:
 *
 * Reads a message that is half read to its end, for who reads next: libzmq aborts when a connection is given up
 * between two of its frames.
 */
void
zmqglib_socket_core_read_out (ZmqSocketCore *self)
{
  ZmqMessage *message = NULL;
  int         errnum = EAGAIN;

  while (self->portion != ZMQGLIB_PORTION_NONE && zmqglib_socket_core_check (self) == 0)
    errnum = zmqglib_socket_core_receive_more (self, &message, ZMQGLIB_EPARTIAL);

  if (errnum == 0)
    zmqglib_socket_core_put_back (self, message, NULL);
  g_clear_pointer (&message, zmqglib_message_unref);
}

/*
 * zmqglib_socket_core_check_message:
 *
 * Returns: %TRUE, or %FALSE with @error set when this is not a message that the socket can send
 */
gboolean
zmqglib_socket_core_check_message (ZmqSocketCore *self,
                                   ZmqMessage    *message,
                                   GError       **error)
{
  const char *reason;

  if (G_LIKELY (message->n_frames == 1))
    return TRUE;

  if (message->n_frames == 0)
    reason = _ ("The message has no frame");
  else if (self->conflates)
    reason = zmqglib_error_get_reason (ZMQGLIB_ETORN);
  else
    return TRUE;

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
               _ ("Could not send through a “%s” socket: %s"),
               zmqglib_socket_core_get_type_nick (self), reason);

  return FALSE;
}

/*
 * zmqglib_socket_core_check_open:
 * @what: what cannot be done otherwise, translated
 *
 * Returns: %TRUE, with the socket the calling thread's, or %FALSE with @error set when it is of no use
 */
gboolean
zmqglib_socket_core_check_open (ZmqSocketCore *self,
                                const char    *what,
                                GError       **error)
{
  int errnum = zmqglib_socket_core_check (self);

  if (errnum == 0)
    {
      zmqglib_socket_core_claim (self);
      return TRUE;
    }

  zmqglib_error_set (error, errnum, "%s", what);

  return FALSE;
}

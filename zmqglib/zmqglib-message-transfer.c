/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "zmqglib-message-private.h"

/* From this size on a frame is sent by reference: below, copying it is cheaper than the allocation
 * and the reference counting across threads that sharing costs. */
#define SHARE_THRESHOLD 8192

/* Takes a frame's content away, as far as libzmq does not do so itself when it receives into it. */
static void
recycle_frame (ZmqFrame *frame)
{
  if (frame->bytes != NULL)
    g_clear_pointer (&frame->bytes, g_bytes_unref);
}

static int
receive_frame (ZmqFrame *frame,
               gpointer  handle)
{
  while (zmq_msg_recv (&frame->msg, handle, ZMQ_DONTWAIT) < 0)
    {
      int errnum = zmq_errno ();

      if (errnum != EINTR)
        return errnum;
    }

  return 0;
}

/*
 * zmqglib_message_refill:
 * @self: a message that nobody else holds
 * @handle: a libzmq socket
 *
 * Receives a whole message without blocking, into the memory of one that is not needed any more:
 * in a flood there is neither an allocation for a message, nor for its frames.
 *
 * Returns: 0, or an error number, when @self has no meaningful content
 */
int
zmqglib_message_refill (ZmqMessage *self,
                        gpointer    handle)
{
  guint     n_old;
  guint     n_received = 0;
  ZmqFrame *frame;

  /* frames that were taken off, or that a GBytes pointed into once, are not worth the trouble */
  if (self->offset > 0 || self->viewed)
    zmqglib_message_clear (self);
  n_old = self->n_frames;

  do
    {
      int errnum;

      if (n_received < n_old)
        {
          frame = &self->frames[n_received];
          recycle_frame (frame);
        }
      else
        frame = zmqglib_message_add_frame (self);
      n_received++;

      errnum = receive_frame (frame, handle);
      if (errnum != 0)
        return errnum;
    }
  while (zmq_msg_more (&frame->msg));

  while (self->n_frames > n_received)
    {
      frame = &self->frames[--self->n_frames];
      recycle_frame (frame);
      zmq_msg_close (&frame->msg);
    }

  return 0;
}

/*
 * zmqglib_message_receive:
 * @handle: a libzmq socket
 * @errnum: (out): why there is none
 *
 * Receives a whole message without blocking.
 *
 * Returns: (nullable) (transfer full): the message
 */
ZmqMessage *
zmqglib_message_receive (gpointer handle,
                         int     *errnum)
{
  ZmqMessage *self = zmqglib_message_new ();

  *errnum = zmqglib_message_refill (self, handle);
  if (*errnum != 0)
    g_clear_pointer (&self, zmqglib_message_unref);

  return self;
}

static void
release_bytes (void *data,
               void *hint)
{
  g_bytes_unref (hint);
}

/* Fills @msg, which libzmq will own, with the frame's content. */
static int
export_frame (ZmqMessage *self,
              ZmqFrame   *frame,
              zmq_msg_t  *msg)
{
  gconstpointer data;
  gsize         size;
  int           rc;

  if (frame->bytes == NULL)
    {
      /* the first to share a content marks it as shared, in the frame */
      gboolean contended = zmqglib_message_is_shared (self);

      zmq_msg_init (msg);
      if (contended)
        g_bit_lock (&self->lock, 0);
      rc = zmq_msg_copy (msg, &frame->msg);
      if (contended)
        g_bit_unlock (&self->lock, 0);
      return rc;
    }

  data = g_bytes_get_data (frame->bytes, &size);

  if (size >= SHARE_THRESHOLD)
    return zmq_msg_init_data (msg, (gpointer) data, size, release_bytes, g_bytes_ref (frame->bytes));

  rc = zmq_msg_init_size (msg, size);
  if (rc == 0 && size > 0)
    memcpy (zmq_msg_data (msg), data, size);

  return rc;
}

/*
 * zmqglib_message_send:
 * @handle: a libzmq socket
 *
 * Sends all frames, or none, without blocking. The message stays as it is.
 *
 * Returns: 0, or an error number
 */
int
zmqglib_message_send (ZmqMessage *self,
                      gpointer    handle)
{
  guint i = 0;

  while (i < self->n_frames)
    {
      int       flags = i + 1 < self->n_frames ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT;
      zmq_msg_t msg;

      if (export_frame (self, zmqglib_message_get_nth_frame (self, i), &msg) != 0)
        return zmq_errno ();

      if (zmq_msg_send (&msg, handle, flags) >= 0)
        {
          i++;
          continue;
        }

      int errnum = zmq_errno ();

      zmq_msg_close (&msg);

      /* The peer of a message half sent went away: libzmq has forgotten the first frames, and the
       * whole message may go to another one. */
      if (errnum == EAGAIN && i > 0)
        i = 0;
      else if (errnum != EINTR)
        return errnum;
    }

  return 0;
}

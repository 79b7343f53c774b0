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

/*
 * zmqglib_message_receive:
 * @reused: (nullable) (transfer full): a message that nobody else holds, whose memory serves again
 * @handle: a libzmq socket
 * @errnum: (out): why there is none
 *
 * Receives a whole message without blocking.
 *
 * Returns: (nullable) (transfer full): the message
 */
ZmqMessage *
zmqglib_message_receive (ZmqMessage *reused,
                         gpointer    handle,
                         int        *errnum)
{
  ZmqMessage *self = reused != NULL ? reused : zmqglib_message_new ();
  ZmqFrame   *frame;

  if (self->n_frames > 0)
    zmqglib_message_clear (self);

  do
    {
      frame = zmqglib_message_add_frame (self);

      while (zmq_msg_recv (&frame->msg, handle, ZMQ_DONTWAIT) < 0)
        {
          *errnum = zmq_errno ();

          if (*errnum != EINTR)
            {
              zmqglib_message_unref (self);
              return NULL;
            }
        }
    }
  while (zmq_msg_more (&frame->msg));

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
      zmq_msg_init (msg);
      g_bit_lock (&self->lock, 0);
      rc = zmq_msg_copy (msg, &frame->msg);
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

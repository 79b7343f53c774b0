/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "base/zmqglib-withholding-private.h"
#include "message/zmqglib-message-private.h"

/* How a message comes from libzmq: whole, and without blocking. What has very many frames comes in portions, between
 * which others have their turn, and what has more than it may have is dropped as it is read. */

/* Less than a slice of the main loop's time. */
#define PORTION_FRAMES 8192

/* Takes a frame's content away, as far as libzmq does not do so itself when it receives into it. */
static void
recycle_frame (ZmqFrame *frame)
{
  GBytes *bytes = g_steal_pointer (&frame->bytes);

  /* there may be a part of a message yet to come */
  if (bytes != NULL && !zmqglib_withhold ((GDestroyNotify) g_bytes_unref, bytes))
    g_bytes_unref (bytes);
}

static int
receive_msg (zmq_msg_t *msg,
             gpointer   handle)
{
  while (zmq_msg_recv (msg, handle, ZMQ_DONTWAIT) < 0)
    {
      int errnum = zmq_errno ();

      if (errnum != EINTR)
        return errnum;
    }

  return 0;
}

static void
drop_frames (ZmqMessage *self,
             guint       n_left)
{
  while (self->n_frames > n_left)
    {
      ZmqFrame *frame = &self->frames[--self->n_frames];

      recycle_frame (frame);
      zmq_msg_close (&frame->msg);
    }
}

/* Receives a message's frames, but for the first ones that are there already: all, or a portion. */
static int
receive_frames (ZmqMessage *self,
                guint       n_received,
                gpointer    handle,
                guint       max_frames)
{
  const guint n_old = self->n_frames;
  const guint n_portion = n_received + PORTION_FRAMES;
  ZmqFrame   *frame;

  do
    {
      int errnum;

      if (n_received >= max_frames)
        return ZMQGLIB_EREJECTED;
      if (n_received == n_portion)
        {
          drop_frames (self, n_received);
          return ZMQGLIB_EPARTIAL;
        }

      if (n_received < n_old)
        {
          frame = &self->frames[n_received];
          recycle_frame (frame);
        }
      else
        frame = zmqglib_message_add_frame (self);
      n_received++;

      errnum = receive_msg (&frame->msg, handle);
      if (errnum != 0)
        return errnum;
    }
  while (zmq_msg_more (&frame->msg));

  drop_frames (self, n_received);

  return 0;
}

/*
 * zmqglib_message_receive_single:
 * @self: a message that zmqglib_message_is_single(), and that nobody else holds
 *
 * Receives a frame without blocking, in the place of the one that there is: in a flood there is neither an
 * allocation for a message, nor for its frame.
 *
 * Returns: 0; %ZMQGLIB_EPARTIAL, when zmqglib_message_receive_rest() has to go on; or an error number
 */
int
zmqglib_message_receive_single (ZmqMessage *self,
                                gpointer    handle)
{
  zmq_msg_t *msg = &self->frames->msg;
  int        errnum = receive_msg (msg, handle);

  if (errnum != 0)
    return errnum;

  return zmq_msg_more (msg) ? ZMQGLIB_EPARTIAL : 0;
}

/*
 * zmqglib_message_refill:
 * @self: a message that nobody else holds
 * @handle: a libzmq socket
 * @max_frames: how many frames it may have, at least 1
 *
 * Receives a message without blocking, into the memory of one that is not needed any more.
 *
 * Returns: 0; or %ZMQGLIB_EPARTIAL, when zmqglib_message_receive_rest() has to go on; %ZMQGLIB_EREJECTED, when
 *   zmqglib_message_drop_rest() has to; or an error number, when @self has no meaningful content
 */
int
zmqglib_message_refill (ZmqMessage *self,
                        gpointer    handle,
                        guint       max_frames)
{
  /* frames that were taken off, or that a GBytes pointed into once, are not worth the trouble */
  if (self->offset > 0 || self->viewed || self->tracker != NULL)
    zmqglib_message_clear (self);

  return receive_frames (self, 0, handle, max_frames);
}

/*
 * zmqglib_message_receive_rest:
 *
 * Receives more of a message that is not whole yet.
 *
 * Returns: as zmqglib_message_refill()
 */
int
zmqglib_message_receive_rest (ZmqMessage *self,
                              gpointer    handle,
                              guint       max_frames)
{
  return receive_frames (self, self->n_frames, handle, max_frames);
}

/*
 * zmqglib_message_drop_rest:
 *
 * Receives what is left of a message, or a portion of it, for nobody.
 *
 * Returns: 0 at its end, %ZMQGLIB_EPARTIAL before, or an error number
 */
int
zmqglib_message_drop_rest (gpointer handle)
{
  zmq_msg_t msg;
  gboolean  is_more = TRUE;
  int       errnum = 0;

  zmq_msg_init (&msg);
  for (guint i = 0; is_more && errnum == 0 && i < PORTION_FRAMES; i++)
    {
      errnum = receive_msg (&msg, handle);
      is_more = zmq_msg_more (&msg);
    }
  zmq_msg_close (&msg);

  if (errnum != 0)
    return errnum;

  return is_more ? ZMQGLIB_EPARTIAL : 0;
}

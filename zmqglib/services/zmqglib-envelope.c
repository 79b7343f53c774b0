/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "services/zmqglib-envelope-private.h"

/* What says where a message came from, and where an answer goes: frames in front of its body, each of one of those that
 * have passed it on, up to an empty frame, which REQ puts there. An envelope is a message of these frames. */

static gboolean
is_empty (ZmqFrame *frame)
{
  gsize size;

  zmqglib_frame_get_data (frame, &size);

  return size == 0;
}

/* How many frames are the envelope’s. */
static guint
measure (ZmqMessage *message,
         guint       first)
{
  for (guint i = first; i < message->n_frames; i++)
    if (is_empty (zmqglib_message_get_nth_frame (message, i)))
      return i + 1;

  return MIN (first, message->n_frames);
}

static void
move_frame (ZmqMessage *from,
            guint       index,
            ZmqMessage *to)
{
  ZmqFrame *frame = zmqglib_message_get_nth_frame (from, index);
  ZmqFrame *added = zmqglib_message_add_frame (to);

  added->bytes = g_steal_pointer (&frame->bytes);
  if (g_atomic_int_get (&from->viewed))
    zmq_msg_copy (&added->msg, &frame->msg);
  else
    zmq_msg_move (&added->msg, &frame->msg);
}

/*
 * zmqglib_envelope_split:
 * @message: a message that nobody else has, of which the body is left
 * @first: how many frames are of the envelope whatever they are, as the routing id that a ROUTER socket puts in front
 *
 * Takes the envelope off a message: all up to the first empty frame behind those, or, when there is none, only those.
 *
 * Returns: (transfer full): the envelope
 */
ZmqMessage *
zmqglib_envelope_split (ZmqMessage *message,
                        guint       first)
{
  ZmqMessage *self = zmqglib_message_new ();
  guint       n_frames = measure (message, first);

  for (guint i = 0; i < n_frames; i++)
    move_frame (message, i, self);
  zmqglib_message_skip_frames (message, n_frames);

  return self;
}

/*
 * zmqglib_envelope_seal:
 * @body: a message, which others may be reading, and which stays as it is
 *
 * Returns: (transfer full): a message of the envelope’s frames and the body’s, which shares their memory
 */
ZmqMessage *
zmqglib_envelope_seal (ZmqMessage *self,
                       ZmqMessage *body)
{
  ZmqMessage *message = zmqglib_message_new ();

  zmqglib_message_share_frames (message, self, 0);
  zmqglib_message_share_frames (message, body, 0);

  return message;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "message/zmqglib-message-private.h"

/* The memory of a message: its frames, who points into them, and who holds it. */

/* A program that answers a ROUTER's peers puts an envelope of two or so frames in front. */
#define HEADROOM 4

/* More than any program has in mind. */
#define MANY_FRAMES 4096

typedef struct
{
  ZmqFrame *frames;
  guint     n_frames; /* with those that were taken off */
  gboolean  is_inline;
} FrameArray;

static void
frame_array_clear (FrameArray *array)
{
  for (guint i = 0; i < array->n_frames; i++)
    {
      g_clear_pointer (&array->frames[i].bytes, g_bytes_unref);
      zmq_msg_close (&array->frames[i].msg);
    }

  if (!array->is_inline)
    g_free (array->frames);
}

static void
frame_array_free (gpointer data)
{
  frame_array_clear (data);
  g_free (data);
}

static FrameArray
get_array (ZmqMessage *self)
{
  return (FrameArray){
    .frames = self->frames,
    .n_frames = self->offset + self->n_frames,
    .is_inline = self->frames == &self->inline_frame,
  };
}

/*
 * zmqglib_message_steal_tracker:
 *
 * Returns: (nullable): the tracker, to be released
 */
ZmqTracker *
zmqglib_message_steal_tracker (ZmqMessage *self)
{
  ZmqTracker *tracker;

  if (g_atomic_pointer_get (&self->tracker) == NULL)
    return NULL;

  /* another thread may be sending the same message */
  g_bit_lock (&self->lock, ZMQGLIB_MESSAGE_TRACKER_LOCK);
  tracker = self->tracker;
  g_atomic_pointer_set (&self->tracker, NULL);
  g_bit_unlock (&self->lock, ZMQGLIB_MESSAGE_TRACKER_LOCK);

  return tracker;
}

/*
 * zmqglib_message_end_tracking:
 *
 * To be called when the message has been sent, or is not going to be.
 */
void
zmqglib_message_end_tracking (ZmqMessage *self)
{
  ZmqTracker *tracker = zmqglib_message_steal_tracker (self);

  if (tracker != NULL)
    zmqglib_tracker_release (tracker);
}

/*
 * zmqglib_message_lend_tracker:
 * @tracker: one that the caller holds
 *
 * Lets it know of the next time that the message is sent, by who alone has the message.
 */
void
zmqglib_message_lend_tracker (ZmqMessage *self,
                              ZmqTracker *tracker)
{
  if (self->tracker != NULL)
    return;

  zmqglib_tracker_hold (g_object_ref (tracker));
  g_atomic_pointer_set (&self->tracker, tracker);
}

/*
 * zmqglib_message_give_tracker:
 * @to: a message of the same content, which nobody else has, and which is sent instead
 */
void
zmqglib_message_give_tracker (ZmqMessage *self,
                              ZmqMessage *to)
{
  ZmqTracker *tracker = zmqglib_message_steal_tracker (self);

  if (tracker != NULL)
    to->tracker = tracker;
}

static void
release_frames (ZmqMessage *self)
{
  FrameArray array = get_array (self);

  zmqglib_message_end_tracking (self);
  frame_array_clear (&array);
  if (self->retired != NULL)
    g_slist_free_full (g_steal_pointer (&self->retired), frame_array_free);
}

/* Takes all frames off; nobody else may hold the message. */
void
zmqglib_message_clear (ZmqMessage *self)
{
  release_frames (self);

  self->frames = &self->inline_frame;
  self->n_allocated = 1;
  self->offset = 0;
  self->n_frames = 0;
  self->viewed = FALSE;
}

static void
frame_init (ZmqFrame *frame)
{
  frame->bytes = NULL;
  zmq_msg_init (&frame->msg);
}

static gboolean
may_move (ZmqMessage *self)
{
  return self->n_frames >= MANY_FRAMES && self->offset == 0 && !g_atomic_int_get (&self->viewed);
}

/* To move each of a hundred thousand frames takes longer than a loop has time. libzmq moves a zmq_msg_t by copying it, so
 * that the array may move as a whole, which the system does without touching the memory. */
static void
grow_at_once (ZmqMessage *self)
{
  self->n_allocated = 2 * self->n_frames;
  self->frames = g_renew (ZmqFrame, self->frames, self->n_allocated);
}

/* Makes room for another frame behind the others, and for @headroom in front of them.
 *
 * libzmq keeps a small frame's bytes inside its zmq_msg_t, so that an array into which a GBytes may
 * point has to stay in its place: the frames are then copied, and the old array is kept. */
static void
grow (ZmqMessage *self,
      guint       headroom)
{
  FrameArray old = get_array (self);
  guint      n_allocated = headroom + MAX (4, 2 * self->n_frames);
  ZmqFrame  *frames = g_new (ZmqFrame, n_allocated);
  gboolean   viewed = g_atomic_int_get (&self->viewed);

  for (guint i = 0; i < headroom; i++)
    frame_init (&frames[i]);

  for (guint i = 0; i < self->n_frames; i++)
    {
      ZmqFrame *from = &self->frames[self->offset + i];
      ZmqFrame *to = &frames[headroom + i];

      frame_init (to);
      to->bytes = g_steal_pointer (&from->bytes);
      if (viewed)
        zmq_msg_copy (&to->msg, &from->msg);
      else
        zmq_msg_move (&to->msg, &from->msg);
    }

  if (viewed)
    self->retired = g_slist_prepend (self->retired, g_memdup2 (&old, sizeof old));
  else
    frame_array_clear (&old);

  self->frames = frames;
  self->n_allocated = n_allocated;
  self->offset = headroom;
}

/* An empty frame behind the others. */
ZmqFrame *
zmqglib_message_add_frame (ZmqMessage *self)
{
  ZmqFrame *frame;

  if (self->offset + self->n_frames == self->n_allocated)
    {
      if (G_UNLIKELY (may_move (self)))
        grow_at_once (self);
      else
        grow (self, 0);
    }

  frame = &self->frames[self->offset + self->n_frames++];
  frame_init (frame);

  return frame;
}

/* An empty frame in front of the others. */
ZmqFrame *
zmqglib_message_add_first_frame (ZmqMessage *self)
{
  ZmqFrame *frame;

  /* a frame that was taken off may still be looked at */
  if (self->offset == 0 || zmq_msg_size (&self->frames[self->offset - 1].msg) > 0)
    grow (self, HEADROOM);

  frame = &self->frames[--self->offset];
  self->n_frames++;
  zmq_msg_close (&frame->msg);
  frame_init (frame);

  return frame;
}

/* Copies data into an empty frame. */
void
zmqglib_frame_fill (ZmqFrame     *frame,
                    gconstpointer data,
                    gsize         size)
{
  if (zmq_msg_init_size (&frame->msg, size) != 0)
    g_error ("%s: failed to allocate %" G_GSIZE_FORMAT " bytes", G_STRLOC, size);

  if (size > 0)
    memcpy (zmq_msg_data (&frame->msg), data, size);
}

/* Puts bytes into an empty frame. Those that keep the message itself, as what view_frame() gives, are copied: it would keep
 * itself for ever. So is whatever else comes to a message that somebody looks at: the bytes may keep another message, in
 * which that puts what it sees. */
void
zmqglib_message_set_frame_bytes (ZmqMessage *self,
                                 ZmqFrame   *frame,
                                 GBytes     *bytes)
{
  /* an empty one may keep whatever it was taken from */
  if (g_bytes_get_size (bytes) == 0 || g_atomic_int_get (&self->viewed))
    zmqglib_frame_fill (frame, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  else
    frame->bytes = g_bytes_ref (bytes);
}

/* A frame as a GBytes that shares, and keeps, the message's memory. */
GBytes *
zmqglib_message_view_frame (ZmqMessage *self,
                            ZmqFrame   *frame)
{
  if (frame->bytes != NULL)
    return g_bytes_ref (frame->bytes);

  g_atomic_int_set (&self->viewed, TRUE);

  return g_bytes_new_with_free_func (zmq_msg_data (&frame->msg), zmq_msg_size (&frame->msg),
                                     (GDestroyNotify) zmqglib_message_unref,
                                     zmqglib_message_ref (self));
}

static void
free_msg (gpointer data)
{
  zmq_msg_close (data);
  g_free (data);
}

/* A frame as a GBytes of its own: if it kept the message, putting it on again, as who answers a
 * ROUTER's peers does, would make the message keep itself. */
GBytes *
zmqglib_message_take_frame (ZmqMessage *self,
                            ZmqFrame   *frame)
{
  zmq_msg_t *msg;

  if (frame->bytes != NULL)
    return g_steal_pointer (&frame->bytes);

  msg = g_new (zmq_msg_t, 1);
  zmq_msg_init (msg);
  if (g_atomic_int_get (&self->viewed))
    zmq_msg_copy (msg, &frame->msg);
  else
    zmq_msg_move (msg, &frame->msg);

  return g_bytes_new_with_free_func (zmq_msg_data (msg), zmq_msg_size (msg), free_msg, msg);
}

/*
 * zmqglib_message_skip_frames:
 * @n_frames: how many, of those that there are
 *
 * Takes the first frames off, without a look at them: their memory stays as long as the message. Nobody else may hold it.
 */
void
zmqglib_message_skip_frames (ZmqMessage *self,
                             guint       n_frames)
{
  self->offset += n_frames;
  self->n_frames -= n_frames;
}

/*
 * zmqglib_message_reserve:
 *
 * Makes room for so many frames in an empty message, which then need not be moved.
 */
void
zmqglib_message_reserve (ZmqMessage *self,
                         guint       n_frames)
{
  g_assert (self->n_frames == 0 && self->frames == &self->inline_frame);

  self->frames = g_new (ZmqFrame, n_frames);
  self->n_allocated = n_frames;
}

gboolean
zmqglib_message_may_change (ZmqMessage *self)
{
  return g_atomic_int_get (&self->frozen) == 0;
}

/*
 * zmqglib_message_freeze:
 *
 * Marks the message as queued: it must not change until a call of zmqglib_message_thaw().
 */
void
zmqglib_message_freeze (ZmqMessage *self)
{
  g_atomic_int_inc (&self->frozen);
}

void
zmqglib_message_thaw (ZmqMessage *self)
{
  g_atomic_int_add (&self->frozen, -1);
}

/**
 * zmqglib_message_new: (constructor)
 *
 * Creates a message without frames, to be filled with [method@Zmq.Message.append_bytes] and its
 * siblings.
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
 */
ZmqMessage *
zmqglib_message_new (void)
{
  ZmqMessage *self = g_new (ZmqMessage, 1);

  self->ref_count = 1;
  self->frozen = 0;
  self->viewed = FALSE;
  self->lock = 0;
  self->offset = 0;
  self->n_frames = 0;
  self->n_allocated = 1;
  self->frames = &self->inline_frame;
  self->retired = NULL;
  self->n_boxed = 0;
  self->tracker = NULL;

  return self;
}

/**
 * zmqglib_message_ref:
 * @self: a message
 *
 * Adds a reference. May be called from any thread.
 *
 * Returns: (transfer full): the same message
 *
 * Since: 1.0
 */
ZmqMessage *
zmqglib_message_ref (ZmqMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_int_inc (&self->ref_count);

  return self;
}

/**
 * zmqglib_message_unref:
 * @self: (transfer full): a message
 *
 * Drops a reference; the last one frees the message. May be called from any thread.
 *
 * Since: 1.0
 */
void
zmqglib_message_unref (ZmqMessage *self)
{
  g_return_if_fail (self != NULL);

  if (g_atomic_int_dec_and_test (&self->ref_count))
    {
      release_frames (self);
      g_free (self);
    }
}

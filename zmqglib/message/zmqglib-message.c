/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "message/zmqglib-message-private.h"

/* A program that answers a ROUTER's peers puts an envelope of two or so frames in front. */
#define HEADROOM 4

typedef struct
{
  ZmqFrame *frames;
  guint     n_frames; /* with those that were taken off */
  gboolean  is_inline;
} FrameArray;

/* A value that is made of the message may be looked at by anybody. */
static ZmqMessage *
zmqglib_message_copy_boxed (ZmqMessage *self)
{
  if (self->reader != NULL)
    self->reader->read (self, self->reader->owner);

  return zmqglib_message_ref (self);
}

/**
 * ZmqMessage:
 *
 * A message: a list of frames, each some bytes, that travels as a whole or not at all.
 *
 * Frames come out as `GBytes` that share the message's memory, without a copy. Large frames are
 * also sent without one.
 *
 * A message is built by one thread. One that was received or that is queued may be kept with
 * [method@Zmq.Message.ref] for as long as one likes, and read by any thread.
 */
G_DEFINE_BOXED_TYPE (ZmqMessage, zmqglib_message, zmqglib_message_copy_boxed, zmqglib_message_unref)

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
    grow (self, 0);

  frame = &self->frames[self->offset + self->n_frames++];
  frame_init (frame);

  return frame;
}

/* Copies data into an empty frame. */
static void
fill_frame (ZmqFrame     *frame,
            gconstpointer data,
            gsize         size)
{
  if (zmq_msg_init_size (&frame->msg, size) != 0)
    g_error ("%s: failed to allocate %" G_GSIZE_FORMAT " bytes", G_STRLOC, size);

  if (size > 0)
    memcpy (zmq_msg_data (&frame->msg), data, size);
}

static gboolean
frame_array_contains (FrameArray *array,
                      const char *data)
{
  for (guint i = 0; i < array->n_frames; i++)
    {
      zmq_msg_t  *msg = &array->frames[i].msg;
      const char *start = zmq_msg_data (msg);

      if (data >= start && data <= start + zmq_msg_size (msg))
        return TRUE;
    }

  return FALSE;
}

static gboolean
points_into (ZmqMessage *self,
             GBytes     *bytes)
{
  const char *data = g_bytes_get_data (bytes, NULL);
  FrameArray  array = get_array (self);

  if (frame_array_contains (&array, data))
    return TRUE;

  for (GSList *l = self->retired; l != NULL; l = l->next)
    if (frame_array_contains (l->data, data))
      return TRUE;

  return FALSE;
}

/* Puts bytes into an empty frame. Those that keep the message itself, as what view_frame() gives,
 * are copied: it would keep itself for ever. */
static void
set_frame_bytes (ZmqMessage *self,
                 ZmqFrame   *frame,
                 GBytes     *bytes)
{
  if (g_atomic_int_get (&self->viewed) && points_into (self, bytes))
    fill_frame (frame, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
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
static GBytes *
take_frame (ZmqMessage *self,
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

static gboolean
may_change (ZmqMessage *self)
{
  return g_atomic_int_get (&self->frozen) == 0;
}

gboolean
zmqglib_message_is_shared (ZmqMessage *self)
{
  return g_atomic_int_get (&self->ref_count) > 1;
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
  self->tracker = NULL;
  self->reader = NULL;

  return self;
}

/**
 * zmqglib_message_new_from_bytes: (constructor)
 * @bytes: the frame's bytes
 *
 * Creates a message of one frame that shares the memory of @bytes.
 *
 * Returns: (transfer full): a new message
 */
ZmqMessage *
zmqglib_message_new_from_bytes (GBytes *bytes)
{
  ZmqMessage *self;

  g_return_val_if_fail (bytes != NULL, NULL);

  self = zmqglib_message_new ();
  zmqglib_message_append_bytes (self, bytes);

  return self;
}

/**
 * zmqglib_message_new_from_string: (constructor)
 * @string: a string
 *
 * Creates a message of one frame, a string without its terminating NUL.
 *
 * Returns: (transfer full): a new message
 */
ZmqMessage *
zmqglib_message_new_from_string (const char *string)
{
  ZmqMessage *self;

  g_return_val_if_fail (string != NULL, NULL);

  self = zmqglib_message_new ();
  zmqglib_message_append_string (self, string);

  return self;
}

/**
 * zmqglib_message_new_from_strv: (constructor)
 * @strv: (array zero-terminated=1): strings
 *
 * Creates a message of a frame a string, without their terminating NULs.
 *
 * Returns: (transfer full): a new message
 */
ZmqMessage *
zmqglib_message_new_from_strv (const char *const *strv)
{
  ZmqMessage *self;

  g_return_val_if_fail (strv != NULL, NULL);

  self = zmqglib_message_new ();
  for (; *strv != NULL; strv++)
    zmqglib_message_append_string (self, *strv);

  return self;
}

/**
 * zmqglib_message_ref:
 * @self: a message
 *
 * Adds a reference. May be called from any thread.
 *
 * Returns: (transfer full): the same message
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

/**
 * zmqglib_message_copy:
 * @self: a message
 *
 * Makes a new message of the same frames, which share their memory with those of @self. The new one
 * may be changed, whatever becomes of the old one.
 *
 * Returns: (transfer full): a new message
 */
ZmqMessage *
zmqglib_message_copy (ZmqMessage *self)
{
  ZmqMessage *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = zmqglib_message_new ();
  for (guint i = 0; i < self->n_frames; i++)
    zmqglib_message_add_frame (copy)->bytes = zmqglib_message_view_frame (self, zmqglib_message_get_nth_frame (self, i));

  return copy;
}

/**
 * zmqglib_message_append_bytes:
 * @self: a message that is not queued
 * @bytes: the frame's bytes
 *
 * Appends a frame that shares the memory of @bytes. When the message is sent, a large frame is
 * handed to libzmq without a copy. A frame of @self itself, from [method@Zmq.Message.get_frame], is
 * copied.
 */
void
zmqglib_message_append_bytes (ZmqMessage *self,
                              GBytes     *bytes)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (may_change (self));
  g_return_if_fail (bytes != NULL);

  set_frame_bytes (self, zmqglib_message_add_frame (self), bytes);
}

/**
 * zmqglib_message_append_data:
 * @self: a message that is not queued
 * @data: (array length=size) (element-type guint8) (nullable): the frame's bytes
 * @size: how many bytes
 *
 * Appends a frame with a copy of @data.
 */
void
zmqglib_message_append_data (ZmqMessage   *self,
                             gconstpointer data,
                             gsize         size)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (may_change (self));
  g_return_if_fail (data != NULL || size == 0);

  fill_frame (zmqglib_message_add_frame (self), data, size);
}

/**
 * zmqglib_message_append_string:
 * @self: a message that is not queued
 * @string: a string
 *
 * Appends a frame with a copy of @string, without its terminating NUL.
 */
void
zmqglib_message_append_string (ZmqMessage *self,
                               const char *string)
{
  g_return_if_fail (string != NULL);

  zmqglib_message_append_data (self, string, strlen (string));
}

/**
 * zmqglib_message_append_variant:
 * @self: a message that is not queued
 * @variant: a variant; a floating reference is taken
 *
 * Appends a frame with the serialised form of @variant, in this machine's byte order.
 *
 * Its type is not sent along: the receiver says it to [method@Zmq.Message.get_variant], or both
 * agree on `v`.
 */
void
zmqglib_message_append_variant (ZmqMessage *self,
                                GVariant   *variant)
{
  g_autoptr (GVariant) sunk = NULL;

  g_return_if_fail (variant != NULL);

  sunk = g_variant_ref_sink (variant);

  g_return_if_fail (self != NULL);
  g_return_if_fail (may_change (self));

  zmqglib_message_add_frame (self)->bytes = g_variant_get_data_as_bytes (sunk);
}

/**
 * zmqglib_message_prepend_bytes:
 * @self: a message that is not queued
 * @bytes: the frame's bytes
 *
 * Puts a frame in front of the others, such as the routing id that a ROUTER socket sends to. It
 * shares the memory of @bytes.
 */
void
zmqglib_message_prepend_bytes (ZmqMessage *self,
                               GBytes     *bytes)
{
  ZmqFrame *frame;

  g_return_if_fail (self != NULL);
  g_return_if_fail (may_change (self));
  g_return_if_fail (bytes != NULL);

  /* a frame that was taken off may still be looked at */
  if (self->offset == 0 || zmq_msg_size (&self->frames[self->offset - 1].msg) > 0)
    grow (self, HEADROOM);

  frame = &self->frames[--self->offset];
  self->n_frames++;
  zmq_msg_close (&frame->msg);
  frame_init (frame);
  set_frame_bytes (self, frame, bytes);
}

/**
 * zmqglib_message_pop_frame:
 * @self: a message that is not queued
 *
 * Takes the first frame off, such as the routing id that a ROUTER socket puts in front.
 *
 * Returns: (transfer full) (nullable): the frame's bytes, or %NULL when there is no frame
 */
GBytes *
zmqglib_message_pop_frame (ZmqMessage *self)
{
  ZmqFrame *frame;
  GBytes   *bytes;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (may_change (self), NULL);

  frame = zmqglib_message_get_nth_frame (self, 0);
  if (frame == NULL)
    return NULL;

  bytes = take_frame (self, frame);
  self->offset++;
  self->n_frames--;

  return bytes;
}

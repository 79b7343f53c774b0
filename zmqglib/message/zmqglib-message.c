/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "message/zmqglib-message-private.h"

static ZmqMessage *
zmqglib_message_copy_boxed (ZmqMessage *self)
{
  g_atomic_int_inc (&self->n_boxed);

  return zmqglib_message_ref (self);
}

/**
 * ZmqMessage:
 *
 * A message: a list of frames, each some bytes, that travels as a whole or not at all.
 *
 * ```c
 * message = zmqglib_message_new_strings ("weather", "fine", NULL);
 * zmqglib_message_append_variant (message, g_variant_new_double (21.5));
 * zmqglib_stream_send (stream, message, &error);
 * ```
 *
 * In Python:
 *
 * ```python
 * message = Zmq.Message('weather', 'fine')
 * message.append_variant(GLib.Variant('d', 21.5))
 * topic, text, degrees = message
 * print(topic.decode(), text.decode(), message.get_variant(2, GLib.VariantType('d')))
 * ```
 *
 * Frames come out as `GBytes` that share the message's memory, without a copy. Large frames are
 * also sent without one.
 *
 * A message is built by one thread. One that was received or that is queued may be kept with
 * [method@Zmq.Message.ref] for as long as one likes, and read by any thread.
 *
 * Since: 1.0
 */
G_DEFINE_BOXED_TYPE (ZmqMessage, zmqglib_message, zmqglib_message_copy_boxed, zmqglib_message_unref)

/**
 * zmqglib_message_new_from_bytes: (constructor)
 * @bytes: the frame's bytes
 *
 * Creates a message of one frame that shares the memory of @bytes.
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
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
 *
 * Since: 1.0
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
 *
 * Since: 1.0
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
 * zmqglib_message_copy:
 * @self: a message
 *
 * Makes a new message of the same frames, which share their memory with those of @self. The new one
 * may be changed, whatever becomes of the old one.
 *
 * Returns: (transfer full): a new message
 *
 * Since: 1.0
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
 * handed to libzmq without a copy. After a call of [method@Zmq.Message.get_frame] or
 * [method@Zmq.Message.get_frames] on @self, @bytes are copied instead: messages that have frames of
 * each other would keep each other for ever.
 *
 * Since: 1.0
 */
void
zmqglib_message_append_bytes (ZmqMessage *self,
                              GBytes     *bytes)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (zmqglib_message_may_change (self));
  g_return_if_fail (bytes != NULL);

  zmqglib_message_set_frame_bytes (self, zmqglib_message_add_frame (self), bytes);
}

/**
 * zmqglib_message_append_data:
 * @self: a message that is not queued
 * @data: (array length=size) (element-type guint8) (nullable): the frame's bytes
 * @size: how many bytes
 *
 * Appends a frame with a copy of @data.
 *
 * Since: 1.0
 */
void
zmqglib_message_append_data (ZmqMessage   *self,
                             gconstpointer data,
                             gsize         size)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (zmqglib_message_may_change (self));
  g_return_if_fail (data != NULL || size == 0);

  zmqglib_frame_fill (zmqglib_message_add_frame (self), data, size);
}

/**
 * zmqglib_message_append_string:
 * @self: a message that is not queued
 * @string: a string
 *
 * Appends a frame with a copy of @string, without its terminating NUL.
 *
 * Since: 1.0
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
 * Appends a frame with the serialised form of @variant, whose numbers have the least significant byte first,
 * whatever the machine: what it sends another one can read.
 *
 * Its type is not sent along: the receiver says it to [method@Zmq.Message.get_variant], or both
 * agree on `v`.
 *
 * Since: 1.0
 */
void
zmqglib_message_append_variant (ZmqMessage *self,
                                GVariant   *variant)
{
  g_autoptr (GVariant) sunk = NULL;
  g_autoptr (GVariant) ordered = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_return_if_fail (variant != NULL);

  sunk = g_variant_ref_sink (variant);

  g_return_if_fail (self != NULL);
  g_return_if_fail (zmqglib_message_may_change (self));

  ordered = zmqglib_variant_swap_order (sunk);
  bytes = g_variant_get_data_as_bytes (ordered);
  zmqglib_message_set_frame_bytes (self, zmqglib_message_add_frame (self), bytes);
}

/**
 * zmqglib_message_prepend_bytes:
 * @self: a message that is not queued
 * @bytes: the frame's bytes
 *
 * Puts a frame in front of the others, such as the routing id that a ROUTER socket sends to. It
 * shares the memory of @bytes, as with [method@Zmq.Message.append_bytes].
 *
 * Since: 1.0
 */
void
zmqglib_message_prepend_bytes (ZmqMessage *self,
                               GBytes     *bytes)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (zmqglib_message_may_change (self));
  g_return_if_fail (bytes != NULL);

  zmqglib_message_set_frame_bytes (self, zmqglib_message_add_first_frame (self), bytes);
}

/**
 * zmqglib_message_pop_frame:
 * @self: a message that is not queued
 *
 * Takes the first frame off, such as the routing id that a ROUTER socket puts in front.
 *
 * Returns: (transfer full) (nullable): the frame's bytes, or %NULL when there is no frame
 *
 * Since: 1.0
 */
GBytes *
zmqglib_message_pop_frame (ZmqMessage *self)
{
  ZmqFrame *frame;
  GBytes   *bytes;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (zmqglib_message_may_change (self), NULL);

  frame = zmqglib_message_get_nth_frame (self, 0);
  if (frame == NULL)
    return NULL;

  bytes = zmqglib_message_take_frame (self, frame);
  self->offset++;
  self->n_frames--;

  return bytes;
}

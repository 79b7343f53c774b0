/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <string.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "message/zmqglib-message-private.h"

/**
 * zmqglib_message_get_n_frames:
 * @self: a message
 *
 * Gets how many frames there are.
 *
 * Returns: the number of frames
 *
 * Since: 1.0
 */
guint
zmqglib_message_get_n_frames (ZmqMessage *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_frames;
}

/**
 * zmqglib_message_get_size:
 * @self: a message
 *
 * Gets the size of all frames together.
 *
 * Returns: a number of bytes
 *
 * Since: 1.0
 */
gsize
zmqglib_message_get_size (ZmqMessage *self)
{
  gsize total = 0;

  g_return_val_if_fail (self != NULL, 0);

  for (guint i = 0; i < self->n_frames; i++)
    {
      gsize size;

      zmqglib_frame_get_data (zmqglib_message_get_nth_frame (self, i), &size);
      total += size;
    }

  return total;
}

/**
 * zmqglib_message_get_frame:
 * @self: a message
 * @index: which frame, from 0
 *
 * Gets a frame. Its bytes are not copied: they share the message's memory, and keep it.
 *
 * Returns: (transfer full) (nullable): the frame's bytes, or %NULL when there is no such frame
 *
 * Since: 1.0
 */
GBytes *
zmqglib_message_get_frame (ZmqMessage *self,
                           guint       index)
{
  ZmqFrame *frame;

  g_return_val_if_fail (self != NULL, NULL);

  frame = zmqglib_message_get_nth_frame (self, index);

  return frame != NULL ? zmqglib_message_view_frame (self, frame) : NULL;
}

/**
 * zmqglib_message_get_frames:
 * @self: a message
 *
 * Gets all frames, each as [method@Zmq.Message.get_frame] does.
 *
 * Returns: (transfer container) (element-type GBytes): the frames
 *
 * Since: 1.0
 */
GPtrArray *
zmqglib_message_get_frames (ZmqMessage *self)
{
  GPtrArray *frames;

  g_return_val_if_fail (self != NULL, NULL);

  frames = g_ptr_array_new_full (self->n_frames, (GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < self->n_frames; i++)
    g_ptr_array_add (frames, zmqglib_message_view_frame (self, zmqglib_message_get_nth_frame (self, i)));

  return frames;
}

/**
 * zmqglib_message_peek_frame:
 * @self: a message
 * @index: which frame, from 0
 * @size: (out) (optional): the frame's size in bytes
 *
 * Looks at a frame without any allocation. The pointer is valid until the message is freed or
 * changed.
 *
 * Language bindings copy the bytes, into what the language has for them. For frames of some
 * kilobytes at most that is faster than [method@Zmq.Message.get_frame].
 *
 * Returns: (array length=size) (element-type guint8) (transfer none) (nullable): the frame's bytes;
 *   %NULL when there is no such frame, and perhaps when it is empty
 *
 * Since: 1.0
 */
gconstpointer
zmqglib_message_peek_frame (ZmqMessage *self,
                            guint       index,
                            gsize      *size)
{
  ZmqFrame     *frame;
  gconstpointer data = NULL;
  gsize         frame_size = 0;

  g_return_val_if_fail (self != NULL, NULL);

  frame = zmqglib_message_get_nth_frame (self, index);
  if (frame != NULL)
    data = zmqglib_frame_get_data (frame, &frame_size);

  if (size != NULL)
    *size = frame_size;

  return data;
}

static ZmqFrame *
get_nth_frame_or_error (ZmqMessage *self,
                        guint       index,
                        GError    **error)
{
  ZmqFrame *frame = zmqglib_message_get_nth_frame (self, index);

  if (frame == NULL)
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                 ngettext ("There is no frame %u in a message of %u frame",
                           "There is no frame %u in a message of %u frames", self->n_frames),
                 index, self->n_frames);

  return frame;
}

/**
 * zmqglib_message_get_string:
 * @self: a message
 * @index: which frame, from 0
 * @error: return location for an error
 *
 * Gets a frame as a string.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_DATA when the frame is not valid UTF-8 or has a NUL in it,
 * and with %ZMQGLIB_ERROR_INVALID_ARGUMENT when there is no such frame.
 *
 * Returns: (transfer full): a copy of the frame, with a terminating NUL
 *
 * Since: 1.0
 */
char *
zmqglib_message_get_string (ZmqMessage *self,
                            guint       index,
                            GError    **error)
{
  ZmqFrame     *frame;
  gconstpointer data;
  gsize         size;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  frame = get_nth_frame_or_error (self, index, error);
  if (frame == NULL)
    return NULL;

  data = zmqglib_frame_get_data (frame, &size);

  if (!g_utf8_validate_len (data != NULL ? data : "", size, NULL))
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_DATA,
                   _ ("Frame %u is not valid UTF-8 text"), index);
      return NULL;
    }

  return g_strndup (data != NULL ? data : "", size);
}

/**
 * zmqglib_message_get_variant:
 * @self: a message
 * @index: which frame, from 0
 * @type: the variant's type, a definite one
 * @error: return location for an error
 *
 * Gets a frame as a variant, as [method@Zmq.Message.append_variant] put it: little-endian, whatever the machine.
 *
 * Fails with %ZMQGLIB_ERROR_INVALID_DATA when the frame is not the normal form of a variant of
 * this type, as one that was cut short, and with %ZMQGLIB_ERROR_INVALID_ARGUMENT when there is
 * no such frame or @type is not definite.
 *
 * Returns: (transfer full): the variant
 *
 * Since: 1.0
 */
GVariant *
zmqglib_message_get_variant (ZmqMessage         *self,
                             guint               index,
                             const GVariantType *type,
                             GError            **error)
{
  ZmqFrame *frame;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GVariant) variant = NULL;
  g_autofree char *type_string = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (type != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  type_string = g_variant_type_dup_string (type);
  if (!g_variant_type_is_definite (type))
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                   _ ("Frame %u cannot be read as a variant of the indefinite type “%s”"),
                   index, type_string);
      return NULL;
    }

  frame = get_nth_frame_or_error (self, index, error);
  if (frame == NULL)
    return NULL;

  bytes = zmqglib_message_view_frame (self, frame);
  variant = g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, FALSE));

  if (!g_variant_is_normal_form (variant) || g_variant_get_size (variant) != g_bytes_get_size (bytes))
    {
      g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_DATA,
                   _ ("Frame %u is not a variant of type “%s”"), index, type_string);
      return NULL;
    }

  return zmqglib_variant_swap_order (variant);
}

/**
 * zmqglib_message_get_metadata:
 * @self: a message
 * @name: the name of a property, such as `Peer-Address`, `Socket-Type`, `Routing-Id` or `User-Id`
 *
 * Gets what libzmq knows of the connection that a message came over (`zmq_msg_gets ()`). `Peer-Address` is what the
 * system says; all else may be what the peer claims, `User-Id` included: [method@Zmq.Message.get_user_id] tells what
 * an authenticator has said.
 *
 * Returns: (transfer none) (nullable): the property's value, or %NULL when the message was not
 *   received, came over `inproc://`, or does not have it
 *
 * Since: 1.0
 */
const char *
zmqglib_message_get_metadata (ZmqMessage *self,
                              const char *name)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  /* is not for peers, and who tells them what a message's metadata is would tell it */
  if (strcmp (name, ZMQGLIB_MESSAGE_MARK) == 0)
    return NULL;

  /* the envelope that a ROUTER puts in front has none */
  for (guint i = 0; i < self->n_frames; i++)
    {
      ZmqFrame   *frame = zmqglib_message_get_nth_frame (self, i);
      const char *value = frame->bytes == NULL ? zmq_msg_gets (&frame->msg, name) : NULL;

      if (value != NULL)
        return value;
    }

  return NULL;
}

/**
 * zmqglib_message_equal:
 * @self: a message
 * @other: another message
 *
 * Whether two messages have the same frames: as many, of the same bytes.
 *
 * Returns: %TRUE when they are equal
 *
 * Since: 1.0
 */
gboolean
zmqglib_message_equal (ZmqMessage *self,
                       ZmqMessage *other)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (other != NULL, FALSE);

  if (self->n_frames != other->n_frames)
    return FALSE;

  for (guint i = 0; i < self->n_frames; i++)
    {
      gsize         size, other_size;
      gconstpointer data = zmqglib_frame_get_data (zmqglib_message_get_nth_frame (self, i), &size);
      gconstpointer other_data = zmqglib_frame_get_data (zmqglib_message_get_nth_frame (other, i), &other_size);

      if (size != other_size || (size > 0 && memcmp (data, other_data, size) != 0))
        return FALSE;
    }

  return TRUE;
}

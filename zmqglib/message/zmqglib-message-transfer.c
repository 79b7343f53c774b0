/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/zmqglib-withholding-private.h"
#include "message/zmqglib-message-private.h"

/* From this size on a frame is sent by reference: below, copying it is cheaper than the allocation
 * and the reference counting across threads that sharing costs. */
#define SHARE_THRESHOLD 8192

/* Up to this size libzmq keeps a content in the zmq_msg_t itself, of which there is nothing to share. The
 * lock would be 2 % of a small message's sending. */
#define INLINE_SIZE 24

static void
release_bytes (void *data,
               void *hint)
{
  if (!zmqglib_withhold ((GDestroyNotify) g_bytes_unref, hint))
    g_bytes_unref (hint);
}

/* A use of a frame's memory by libzmq, which somebody wants to know the end of. */
typedef struct
{
  GBytes     *bytes;
  ZmqTracker *tracker;
} ZmqUse;

/* Begins a use that the message's tracker counts, or returns NULL when it has none, or none any more. */
static ZmqUse *
use_new (ZmqMessage *message,
         ZmqFrame   *frame)
{
  ZmqTracker *tracker;
  ZmqUse     *use;

  if (g_atomic_pointer_get (&message->tracker) == NULL)
    return NULL;

  g_bit_lock (&message->lock, ZMQGLIB_MESSAGE_TRACKER_LOCK);
  tracker = message->tracker;
  if (tracker != NULL)
    zmqglib_tracker_hold (g_object_ref (tracker));
  g_bit_unlock (&message->lock, ZMQGLIB_MESSAGE_TRACKER_LOCK);

  if (tracker == NULL)
    return NULL;

  use = g_new (ZmqUse, 1);
  use->bytes = g_bytes_ref (frame->bytes);
  use->tracker = tracker;

  return use;
}

static void
use_free (gpointer data)
{
  ZmqUse *use = data;

  g_bytes_unref (use->bytes);
  zmqglib_tracker_release (use->tracker);
  g_free (use);
}

static void
release_tracked (void *data,
                 void *hint)
{
  if (!zmqglib_withhold (use_free, hint))
    use_free (hint);
}

static int
share_bytes (ZmqMessage *self,
             ZmqFrame   *frame,
             zmq_msg_t  *msg)
{
  gsize    size;
  gpointer data = (gpointer) g_bytes_get_data (frame->bytes, &size);
  ZmqUse  *use = use_new (self, frame);

  if (use != NULL)
    return zmq_msg_init_data (msg, data, size, release_tracked, use);

  return zmq_msg_init_data (msg, data, size, release_bytes, g_bytes_ref (frame->bytes));
}

/* Hardly ever is another thread there already: it costs less to see that here. */
static inline void
lock_content (ZmqMessage *self)
{
  if (g_atomic_int_or ((guint *) &self->lock, 1u << ZMQGLIB_MESSAGE_CONTENT_LOCK) & (1u << ZMQGLIB_MESSAGE_CONTENT_LOCK))
    g_bit_lock (&self->lock, ZMQGLIB_MESSAGE_CONTENT_LOCK);
}

static int
copy_data (gconstpointer data,
           gsize         size,
           zmq_msg_t    *msg)
{
  int rc = zmq_msg_init_size (msg, size);

  if (rc == 0 && size > 0)
    memcpy (zmq_msg_data (msg), data, size);

  return rc;
}

/* Fills @msg, which libzmq will own, with the frame's content. */
static int
export_frame (ZmqMessage *self,
              ZmqFrame   *frame,
              zmq_msg_t  *msg)
{
  gconstpointer data;
  gsize         size;

  if (frame->bytes == NULL)
    {
      /* the first to share a content marks it as shared, in the frame */
      gboolean is_marked = zmq_msg_size (&frame->msg) > INLINE_SIZE;
      int      rc;

      zmq_msg_init (msg);
      if (is_marked)
        lock_content (self);
      rc = zmq_msg_copy (msg, &frame->msg);
      if (is_marked)
        g_bit_unlock (&self->lock, ZMQGLIB_MESSAGE_CONTENT_LOCK);
      return rc;
    }

  data = g_bytes_get_data (frame->bytes, &size);

  return size >= SHARE_THRESHOLD ? share_bytes (self, frame, msg) : copy_data (data, size, msg);
}

/*
 * zmqglib_message_share_frames:
 * @from: a message, which others may be reading
 * @first: its first frame to take
 *
 * Appends the frames of another message, sharing their memory where that is less than to copy it.
 */
void
zmqglib_message_share_frames (ZmqMessage *self,
                              ZmqMessage *from,
                              guint       first)
{
  for (guint i = first; i < from->n_frames; i++)
    {
      ZmqFrame *frame = zmqglib_message_get_nth_frame (from, i);
      ZmqFrame *added = zmqglib_message_add_frame (self);

      if (frame->bytes != NULL)
        added->bytes = g_bytes_ref (frame->bytes);
      else
        export_frame (from, frame, &added->msg);
    }
}

/* Whether the type sends to one of many peers in turn, and drops the rest of a message itself when the
 * peer goes that has had the first frames. */
static gboolean
drops_rest (ZmqSocketType type)
{
  return type == ZMQGLIB_SOCKET_PUSH || type == ZMQGLIB_SOCKET_DEALER || type == ZMQGLIB_SOCKET_REQ;
}

/* Takes over @msg. */
static inline int
send_msg (zmq_msg_t *msg,
          gpointer   handle,
          int        flags)
{
  while (zmq_msg_send (msg, handle, flags) < 0)
    {
      int errnum = zmq_errno ();

      if (errnum != EINTR)
        {
          zmq_msg_close (msg);
          return errnum;
        }
    }

  return 0;
}

static int
send_frame (ZmqMessage *self,
            guint       index,
            gpointer    handle)
{
  int       flags = index + 1 < self->n_frames ? ZMQ_DONTWAIT | ZMQ_SNDMORE : ZMQ_DONTWAIT;
  zmq_msg_t msg;

  if (export_frame (self, zmqglib_message_get_nth_frame (self, index), &msg) != 0)
    return zmq_errno ();

  return send_msg (&msg, handle, flags);
}

/* The peer of a message half sent went away. What was sent of it is dropped, and as far as libzmq still
 * waits for the rest in order to drop it, too, it gets the rest. Returns 0 when the whole may then be
 * sent anew. */
static int
finish_rest (ZmqMessage   *self,
             guint         index,
             gpointer      handle,
             ZmqSocketType type)
{
  if (!drops_rest (type))
    return 0;

  while (++index < self->n_frames)
    {
      int errnum = send_frame (self, index, handle);

      if (errnum != 0)
        return errnum;
    }

  /* this was its turn, which it cannot have again */
  return type == ZMQGLIB_SOCKET_REQ ? EHOSTUNREACH : 0;
}

/*
 * zmqglib_message_send:
 * @handle: a libzmq socket
 * @type: its type
 *
 * Sends all frames, or none, without blocking. The message stays as it is.
 *
 * Returns: 0, or an error number
 */
int
zmqglib_message_send (ZmqMessage   *self,
                      gpointer      handle,
                      ZmqSocketType type)
{
  guint i = 0;

  while (i < self->n_frames)
    {
      int errnum = send_frame (self, i, handle);

      if (errnum == 0)
        {
          i++;
          continue;
        }

      if (errnum == EAGAIN && i > 0)
        errnum = finish_rest (self, i, handle, type);
      if (errnum != 0)
        return errnum;
      i = 0;
    }

  if (g_atomic_pointer_get (&self->tracker) != NULL)
    zmqglib_message_end_tracking (self);

  return 0;
}

static int
export_bytes (GBytes    *bytes,
              zmq_msg_t *msg)
{
  gsize         size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  if (size < SHARE_THRESHOLD)
    return copy_data (data, size, msg);

  return zmq_msg_init_data (msg, (gpointer) data, size, release_bytes, g_bytes_ref (bytes));
}

/*
 * zmqglib_parcel_send:
 * @handle: a libzmq socket
 * @type: its type
 *
 * Sends what there is, all of it or nothing, without blocking, and without making a message of it.
 *
 * Returns: 0, or an error number
 */
int
zmqglib_parcel_send (const ZmqParcel *self,
                     gpointer         handle,
                     ZmqSocketType    type)
{
  zmq_msg_t msg;
  int       rc;

  if (self->message != NULL)
    return zmqglib_message_send (self->message, handle, type);

  rc = self->bytes != NULL ? export_bytes (self->bytes, &msg) : copy_data (self->data, self->size, &msg);

  return rc == 0 ? send_msg (&msg, handle, ZMQ_DONTWAIT) : zmq_errno ();
}

/*
 * zmqglib_parcel_get_message:
 *
 * Returns: (transfer full): what there is, as a message
 */
ZmqMessage *
zmqglib_parcel_get_message (const ZmqParcel *self)
{
  ZmqMessage *message;

  if (self->message != NULL)
    return zmqglib_message_ref (self->message);
  if (self->bytes != NULL)
    return zmqglib_message_new_from_bytes (self->bytes);

  message = zmqglib_message_new ();
  zmqglib_message_append_data (message, self->data, self->size);

  return message;
}

/**
 * zmqglib_message_track:
 * @self: a message that has yet to be sent
 *
 * Makes a tracker that tells when libzmq no longer uses the memory of the frames that were appended
 * as `GBytes`: large ones are sent without a copy. It is about the next time that the message is
 * sent; until then there is one tracker only.
 *
 * A frame below 8 KiB, and one that came from [method@Zmq.Message.append_data], is copied when the
 * message is sent. To be called by the thread that builds the message.
 *
 * Returns: (transfer full): the tracker
 *
 * Since: 1.0
 */
ZmqTracker *
zmqglib_message_track (ZmqMessage *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (self->tracker == NULL)
    self->tracker = zmqglib_tracker_new ();

  return g_object_ref (self->tracker);
}

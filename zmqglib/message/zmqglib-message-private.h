/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmq.h>

#include <zmqglib/zmqglib-enums.h>
#include <zmqglib/zmqglib-message.h>

#include "message/zmqglib-tracker-private.h"

G_BEGIN_DECLS

/* In the place of libzmq's error numbers: a message has more frames than are read at once; and it has more than it may
 * have, and was dropped. */
#define ZMQGLIB_EPARTIAL  (ZMQ_HAUSNUMERO + 1001)
#define ZMQGLIB_EREJECTED (ZMQ_HAUSNUMERO + 1002)

/* The bits of a message's lock. */
#define ZMQGLIB_MESSAGE_CONTENT_LOCK 0
#define ZMQGLIB_MESSAGE_TRACKER_LOCK 1

/* The metadata by which an authenticator of this process vouches for a user. */
#define ZMQGLIB_MESSAGE_MARK "X-Zmqglib-Mark"

/* A frame is either a GBytes, when a program made it, or else a libzmq message. */
typedef struct
{
  GBytes   *bytes;
  zmq_msg_t msg;
} ZmqFrame;

struct _ZmqMessage
{
  int       ref_count; /* atomic */
  int       frozen;    /* atomic; in how many queues it is */
  int       viewed;    /* atomic; somebody has a GBytes that points into a frame */
  int       lock;      /* bit locks, of the content of libzmq's messages and of the tracker */
  guint     offset;    /* of the first frame in the array; those before were taken off */
  guint     n_frames;
  guint     n_allocated;
  ZmqFrame *frames;  /* an array, or &inline_frame */
  GSList   *retired; /* earlier arrays that a GBytes may point into */
  ZmqFrame  inline_frame;

  int         n_boxed; /* atomic; how often it was copied as a boxed type, to be shown to somebody */
  ZmqTracker *tracker; /* of the next time that it is sent, or NULL; under the second bit lock */
};

static inline ZmqFrame *
zmqglib_message_get_nth_frame (ZmqMessage *self,
                               guint       index)
{
  return index < self->n_frames ? &self->frames[self->offset + index] : NULL;
}

/* What most often comes after a message of one frame is another. */
static inline gboolean
zmqglib_message_is_single (ZmqMessage *self)
{
  return self->n_frames == 1 && self->offset == 0 && !self->viewed && self->tracker == NULL && self->frames->bytes == NULL;
}

static inline gconstpointer
zmqglib_frame_get_data (ZmqFrame *frame,
                        gsize    *size)
{
  if (frame->bytes != NULL)
    return g_bytes_get_data (frame->bytes, size);

  *size = zmq_msg_size (&frame->msg);

  return zmq_msg_data (&frame->msg);
}

/* From this machine's byte order to the one that variants have in messages, and back. */
static inline GVariant *
zmqglib_variant_swap_order (GVariant *variant)
{
  return G_BYTE_ORDER == G_LITTLE_ENDIAN ? g_variant_ref (variant) : g_variant_byteswap (variant);
}

static inline gboolean
zmqglib_message_is_shared (ZmqMessage *self)
{
  return g_atomic_int_get (&self->ref_count) > 1;
}

/* What is to be sent: a message, or a frame of which there may never be one. */
typedef struct
{
  ZmqMessage   *message; /* or NULL, and */
  GBytes       *bytes;   /* or NULL, and */
  gconstpointer data;
  gsize         size;
} ZmqParcel;

void      zmqglib_message_clear (ZmqMessage *self);
ZmqFrame *zmqglib_message_add_frame (ZmqMessage *self);
ZmqFrame *zmqglib_message_add_first_frame (ZmqMessage *self);
GBytes   *zmqglib_message_view_frame (ZmqMessage *self,
                                      ZmqFrame   *frame);
GBytes   *zmqglib_message_take_frame (ZmqMessage *self,
                                      ZmqFrame   *frame);
void      zmqglib_message_set_frame_bytes (ZmqMessage *self,
                                           ZmqFrame   *frame,
                                           GBytes     *bytes);
void      zmqglib_frame_fill (ZmqFrame     *frame,
                              gconstpointer data,
                              gsize         size);
void      zmqglib_message_skip_frames (ZmqMessage *self,
                                       guint       n_frames);
void      zmqglib_message_reserve (ZmqMessage *self,
                                   guint       n_frames);
void      zmqglib_message_share_frames (ZmqMessage *self,
                                        ZmqMessage *from,
                                        guint       first);

int zmqglib_message_receive_single (ZmqMessage *self,
                                    gpointer    handle);
int zmqglib_message_refill (ZmqMessage *self,
                            gpointer    handle,
                            guint       max_frames);
int zmqglib_message_receive_rest (ZmqMessage *self,
                                  gpointer    handle,
                                  guint       max_frames);
int zmqglib_message_drop_rest (gpointer handle);
int zmqglib_message_send (ZmqMessage   *self,
                          gpointer      handle,
                          ZmqSocketType type);

int         zmqglib_parcel_send (const ZmqParcel *self,
                                 gpointer         handle,
                                 ZmqSocketType    type);
ZmqMessage *zmqglib_parcel_get_message (const ZmqParcel *self);

const char *zmqglib_message_get_mark (void);
const char *zmqglib_message_get_nth_user_id (ZmqMessage *self,
                                             guint       index);

gboolean    zmqglib_message_may_change (ZmqMessage *self);
void        zmqglib_message_freeze (ZmqMessage *self);
void        zmqglib_message_thaw (ZmqMessage *self);
ZmqTracker *zmqglib_message_steal_tracker (ZmqMessage *self);
void        zmqglib_message_lend_tracker (ZmqMessage *self, ZmqTracker *tracker);
void        zmqglib_message_end_tracking (ZmqMessage *self);
void        zmqglib_message_give_tracker (ZmqMessage *self,
                                          ZmqMessage *to);

G_END_DECLS

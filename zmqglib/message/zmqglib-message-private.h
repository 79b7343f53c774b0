/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmq.h>

#include <zmqglib/zmqglib-message.h>

#include "message/zmqglib-tracker-private.h"

G_BEGIN_DECLS

/* A frame is either a GBytes, when a program made it, or else a libzmq message. */
typedef struct
{
  GBytes   *bytes;
  zmq_msg_t msg;
} ZmqFrame;

/* Who is to fill a message that is handed around before it has been read. */
typedef struct
{
  void (*read) (ZmqMessage *message,
                gpointer    owner);
  gpointer owner;
  int      errnum; /* what became of it */
} ZmqMessageReader;

struct _ZmqMessage
{
  int       ref_count; /* atomic */
  int       frozen;    /* atomic; in how many queues it is */
  int       viewed;    /* atomic; somebody has a GBytes that points into a frame */
  int       lock;      /* a bit lock around sharing the content of libzmq's messages */
  guint     offset;    /* of the first frame in the array; those before were taken off */
  guint     n_frames;
  guint     n_allocated;
  ZmqFrame *frames;  /* an array, or &inline_frame */
  GSList   *retired; /* earlier arrays that a GBytes may point into */
  ZmqFrame  inline_frame;

  ZmqTracker       *tracker; /* of the next time that it is sent, or NULL */
  ZmqMessageReader *reader;  /* to be called before anybody sees the message; mostly NULL */
};

static inline ZmqFrame *
zmqglib_message_get_nth_frame (ZmqMessage *self,
                               guint       index)
{
  return index < self->n_frames ? &self->frames[self->offset + index] : NULL;
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

void      zmqglib_message_clear (ZmqMessage *self);
ZmqFrame *zmqglib_message_add_frame (ZmqMessage *self);
GBytes   *zmqglib_message_view_frame (ZmqMessage *self,
                                      ZmqFrame   *frame);

int         zmqglib_message_refill (ZmqMessage *self,
                                    gpointer    handle);
ZmqMessage *zmqglib_message_receive (gpointer handle,
                                     int     *errnum);
int         zmqglib_message_send (ZmqMessage *self,
                                  gpointer    handle);

gboolean zmqglib_message_is_shared (ZmqMessage *self);
void     zmqglib_message_freeze (ZmqMessage *self);
void     zmqglib_message_thaw (ZmqMessage *self);
void     zmqglib_message_end_tracking (ZmqMessage *self);

G_END_DECLS

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-stream.h>

#include "socket/zmqglib-socket-core-private.h"

G_BEGIN_DECLS

typedef struct _ZmqStreamTap ZmqStreamTap;

/* Who is told of each message that a stream receives, before the stream's function or handlers, and takes none from
 * anybody. */
struct _ZmqStreamTap
{
  ZmqSocketWatch watch; /* first; so that who has no tap is not asked about it */
  GList          link;

  /* Runs no foreign code. */
  void (*heard) (ZmqStreamTap *self,
                 ZmqMessage   *message);
  /* the stream is no more, or has let the tap go */
  void (*released) (ZmqStreamTap *self);
};

void zmqglib_stream_add_tap (ZmqStream    *stream,
                             ZmqStreamTap *tap);
void zmqglib_stream_remove_tap (ZmqStream    *stream,
                                ZmqStreamTap *tap);

G_END_DECLS

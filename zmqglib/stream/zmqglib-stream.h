/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-socket.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_STREAM (zmqglib_stream_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (ZmqStream, zmqglib_stream, ZMQGLIB, STREAM, GObject)

/**
 * ZmqStreamClass:
 * @parent_class: the parent class
 * @received: the class handler of [signal@Zmq.Stream::received]; a subclass that sets it listens,
 *   so that its streams read without any signal handler
 * @sent: the class handler of [signal@Zmq.Stream::sent]
 * @drained: the class handler of [signal@Zmq.Stream::drained]
 * @closed: the class handler of [signal@Zmq.Stream::closed]
 * @rejected: the class handler of [signal@Zmq.Stream::rejected]
 *
 * The class of [class@Zmq.Stream].
 *
 * In JavaScript a virtual function only borrows the message that it is given: who keeps it keeps
 * `message.ref ()`. A signal handler may keep the message itself.
 *
 * Since: 1.0
 */
struct _ZmqStreamClass
{
  GObjectClass parent_class;

  void (*received) (ZmqStream  *self,
                    ZmqMessage *message);
  void (*sent) (ZmqStream    *self,
                ZmqMessage   *message,
                const GError *error);
  void (*drained) (ZmqStream *self);
  void (*closed) (ZmqStream    *self,
                  const GError *error);
  void (*rejected) (ZmqStream    *self,
                    const GError *error);

  /*< private >*/
  gpointer padding[7];
};

ZMQGLIB_AVAILABLE_IN_1_0
ZmqStream *zmqglib_stream_new (ZmqSocket *socket);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqStream *zmqglib_stream_new_bound (ZmqSocketType type,
                                     const char   *endpoint,
                                     GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqStream *zmqglib_stream_new_connected (ZmqSocketType type,
                                         const char   *endpoint,
                                         GError      **error);

typedef void (*ZmqStreamReceiveFunc) (ZmqStream  *self,
                                      ZmqMessage *message,
                                      gpointer    user_data);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_stream_set_receive_func (ZmqStream           *self,
                                      ZmqStreamReceiveFunc func,
                                      gpointer             user_data,
                                      GDestroyNotify       destroy);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_stream_send (ZmqStream  *self,
                              ZmqMessage *message,
                              GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_stream_send_full (ZmqStream    *self,
                                   ZmqMessage   *message,
                                   gint64        timeout_us,
                                   GCancellable *cancellable,
                                   GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_stream_send_data (ZmqStream    *self,
                                   gconstpointer data,
                                   gsize         size,
                                   GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_stream_send_bytes (ZmqStream *self,
                                    GBytes    *bytes,
                                    GError   **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_stream_send_string (ZmqStream  *self,
                                     const char *string,
                                     GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_stream_receive_async (ZmqStream          *self,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMessage *zmqglib_stream_receive_finish (ZmqStream    *self,
                                           GAsyncResult *result,
                                           GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
guint zmqglib_stream_flush (ZmqStream   *self,
                            GIOCondition condition,
                            guint        limit);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_stream_close (ZmqStream *self);

ZMQGLIB_AVAILABLE_IN_1_0
guint zmqglib_stream_discard (ZmqStream *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_stream_drain_async (ZmqStream          *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_stream_drain_finish (ZmqStream    *self,
                                      GAsyncResult *result,
                                      GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqSocket *zmqglib_stream_get_socket (ZmqStream *self);

ZMQGLIB_AVAILABLE_IN_1_0
guint zmqglib_stream_get_n_queued (ZmqStream *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_stream_is_closed (ZmqStream *self);

G_END_DECLS

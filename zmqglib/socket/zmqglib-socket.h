/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-context.h>
#include <zmqglib/zmqglib-enums.h>
#include <zmqglib/zmqglib-message.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_SOCKET (zmqglib_socket_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqSocket, zmqglib_socket, ZMQGLIB, SOCKET, GObject)

/**
 * ZmqSocketSourceFunc:
 * @socket: the socket
 * @condition: what is ready
 * @user_data: the data given to [method@GLib.Source.set_callback]
 *
 * The callback of a source made by [method@Zmq.Socket.create_source].
 *
 * Returns: %G_SOURCE_CONTINUE to keep the source, %G_SOURCE_REMOVE to destroy it
 *
 * Since: 1.0
 */
typedef gboolean (*ZmqSocketSourceFunc) (ZmqSocket   *socket,
                                         GIOCondition condition,
                                         gpointer     user_data);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqSocket *zmqglib_socket_new (ZmqContext   *context,
                               ZmqSocketType type,
                               GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqSocket *zmqglib_socket_new_for_handle (gpointer handle,
                                          GError **error);

ZMQGLIB_AVAILABLE_IN_1_0
gpointer zmqglib_socket_get_handle (ZmqSocket *self);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqContext *zmqglib_socket_get_context (ZmqSocket *self);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqSocketType zmqglib_socket_get_socket_type (ZmqSocket *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_socket_close (ZmqSocket *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_is_closed (ZmqSocket *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_bind (ZmqSocket  *self,
                              const char *endpoint,
                              GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_unbind (ZmqSocket  *self,
                                const char *endpoint,
                                GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_connect_to (ZmqSocket  *self,
                                    const char *endpoint,
                                    GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_disconnect_from (ZmqSocket  *self,
                                         const char *endpoint,
                                         GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_subscribe (ZmqSocket  *self,
                                   const char *prefix,
                                   GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_unsubscribe (ZmqSocket  *self,
                                     const char *prefix,
                                     GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_subscribe_bytes (ZmqSocket *self,
                                         GBytes    *prefix,
                                         GError   **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_unsubscribe_bytes (ZmqSocket *self,
                                           GBytes    *prefix,
                                           GError   **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_send (ZmqSocket    *self,
                              ZmqMessage   *message,
                              GCancellable *cancellable,
                              GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMessage *zmqglib_socket_receive (ZmqSocket    *self,
                                    GCancellable *cancellable,
                                    GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_try_send (ZmqSocket  *self,
                                  ZmqMessage *message,
                                  GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMessage *zmqglib_socket_try_receive (ZmqSocket *self,
                                        GError   **error);

ZMQGLIB_AVAILABLE_IN_1_0
GPtrArray *zmqglib_socket_try_receive_many (ZmqSocket *self,
                                            guint      limit,
                                            GError   **error);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_socket_put_back (ZmqSocket  *self,
                              ZmqMessage *message);

ZMQGLIB_AVAILABLE_IN_1_0
GIOCondition zmqglib_socket_get_condition (ZmqSocket *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_wait (ZmqSocket    *self,
                              GIOCondition  condition,
                              gint64        timeout_us,
                              GCancellable *cancellable,
                              GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_socket_send_async (ZmqSocket          *self,
                                ZmqMessage         *message,
                                int                 io_priority,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_send_finish (ZmqSocket    *self,
                                     GAsyncResult *result,
                                     GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_socket_receive_async (ZmqSocket          *self,
                                   int                 io_priority,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMessage *zmqglib_socket_receive_finish (ZmqSocket    *self,
                                           GAsyncResult *result,
                                           GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_socket_wait_async (ZmqSocket          *self,
                                GIOCondition        condition,
                                int                 io_priority,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data);

ZMQGLIB_AVAILABLE_IN_1_0
GIOCondition zmqglib_socket_wait_finish (ZmqSocket    *self,
                                         GAsyncResult *result,
                                         GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
GSource *zmqglib_socket_create_source (ZmqSocket    *self,
                                       GIOCondition  condition,
                                       GCancellable *cancellable);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_set_option (ZmqSocket    *self,
                                    const char   *name,
                                    const GValue *value,
                                    GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_set_option_int (ZmqSocket *self,
                                        int        option,
                                        int        value,
                                        GError   **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_get_option_int (ZmqSocket *self,
                                        int        option,
                                        int       *value,
                                        GError   **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_socket_set_option_bytes (ZmqSocket *self,
                                          int        option,
                                          GBytes    *value,
                                          GError   **error);

ZMQGLIB_AVAILABLE_IN_1_0
GBytes *zmqglib_socket_get_option_bytes (ZmqSocket *self,
                                         int        option,
                                         GError   **error);

G_END_DECLS

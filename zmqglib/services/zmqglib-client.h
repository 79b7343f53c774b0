/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-context.h>
#include <zmqglib/zmqglib-enums.h>
#include <zmqglib/zmqglib-message.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_CLIENT (zmqglib_client_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqClient, zmqglib_client, ZMQGLIB, CLIENT, GObject)

ZMQGLIB_AVAILABLE_IN_1_0
ZmqClient *zmqglib_client_new (ZmqContext *context,
                               GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_client_connect_to (ZmqClient  *self,
                                    const char *endpoint,
                                    GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_client_disconnect_from (ZmqClient  *self,
                                         const char *endpoint,
                                         GError    **error);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_client_request_async (ZmqClient          *self,
                                   ZmqMessage         *message,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMessage *zmqglib_client_request_finish (ZmqClient    *self,
                                           GAsyncResult *result,
                                           GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqMessage *zmqglib_client_request (ZmqClient    *self,
                                    ZmqMessage   *message,
                                    GCancellable *cancellable,
                                    GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_client_close (ZmqClient *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_client_is_closed (ZmqClient *self);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqContext *zmqglib_client_get_context (ZmqClient *self);

ZMQGLIB_AVAILABLE_IN_1_0
guint zmqglib_client_get_n_pending (ZmqClient *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_client_get_connected (ZmqClient *self);

ZMQGLIB_AVAILABLE_IN_1_0
gint64 zmqglib_client_get_timeout_us (ZmqClient *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_client_set_timeout_us (ZmqClient *self,
                                    gint64     timeout_us);

ZMQGLIB_AVAILABLE_IN_1_0
guint zmqglib_client_get_max_tries (ZmqClient *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_client_set_max_tries (ZmqClient *self,
                                   guint      max_tries);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqClientStrategy zmqglib_client_get_strategy (ZmqClient *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_client_set_strategy (ZmqClient        *self,
                                  ZmqClientStrategy strategy);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqClientEnvelope zmqglib_client_get_envelope (ZmqClient *self);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_client_set_envelope (ZmqClient        *self,
                                  ZmqClientEnvelope envelope);

G_END_DECLS

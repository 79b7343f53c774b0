/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-version-macros.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_CONTEXT (zmqglib_context_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqContext, zmqglib_context, ZMQGLIB, CONTEXT, GObject)

ZMQGLIB_AVAILABLE_IN_1_0
ZmqContext *zmqglib_context_new (void);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqContext *zmqglib_context_new_for_handle (gpointer zmq_ctx);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqContext *zmqglib_context_get_default (void);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_context_shutdown (ZmqContext *self);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_context_terminate (ZmqContext   *self,
                                    GCancellable *cancellable,
                                    GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
void zmqglib_context_terminate_async (ZmqContext         *self,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_context_terminate_finish (ZmqContext   *self,
                                           GAsyncResult *result,
                                           GError      **error);

G_END_DECLS

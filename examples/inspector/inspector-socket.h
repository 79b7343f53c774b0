/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "inspector-session.h"

G_BEGIN_DECLS

#define INSPECTOR_TYPE_SOCKET (inspector_socket_get_type ())
G_DECLARE_FINAL_TYPE (InspectorSocket, inspector_socket, INSPECTOR, SOCKET, InspectorSession)

/* A socket of any type, and what comes to it. Property: “n-queued”, what waits to be sent. Signal “failed”, with an error:
 * a message could not be sent. */
InspectorSession *inspector_socket_new (ZmqSocketType type,
                                        GError      **error);

/* before it is bound or connected */
gboolean inspector_socket_set_curve (InspectorSocket *self,
                                     ZmqCertificate  *own,
                                     ZmqCertificate  *server,
                                     GError         **error);

gboolean inspector_socket_bind (InspectorSocket *self,
                                const char      *address,
                                GError         **error);
gboolean inspector_socket_connect (InspectorSocket *self,
                                   const char      *address,
                                   GError         **error);
/* unbinds or disconnects */
gboolean inspector_socket_leave (InspectorSocket *self,
                                 const char      *address,
                                 GError         **error);
gboolean inspector_socket_subscribe (InspectorSocket *self,
                                     const char      *prefix,
                                     GError         **error);
gboolean inspector_socket_unsubscribe (InspectorSocket *self,
                                       const char      *prefix,
                                       GError         **error);
gboolean inspector_socket_send (InspectorSocket *self,
                                ZmqMessage      *message,
                                GError         **error);

/* the prefixes, once each */
const char *const *inspector_socket_get_subscriptions (InspectorSocket *self);
gboolean           inspector_socket_can_send (InspectorSocket *self);
gboolean           inspector_socket_can_subscribe (InspectorSocket *self);
guint              inspector_socket_get_n_queued (InspectorSocket *self);

/* “SUB” or “sub” */
gboolean    inspector_socket_parse_type (const char    *name,
                                         ZmqSocketType *type);
const char *inspector_socket_get_type_name (ZmqSocketType type);

G_END_DECLS

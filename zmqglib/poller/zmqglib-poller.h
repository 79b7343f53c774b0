/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-socket.h>

G_BEGIN_DECLS

#define ZMQGLIB_TYPE_POLLER (zmqglib_poller_get_type ())

ZMQGLIB_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (ZmqPoller, zmqglib_poller, ZMQGLIB, POLLER, GObject)

/**
 * ZmqPollerFunc:
 * @poller: the poller
 * @socket: (nullable): the socket that is ready, or %NULL when it is a file descriptor
 * @fd: the file descriptor that is ready, or -1 when it is a socket
 * @condition: what is ready, of what was asked for; for a socket also %G_IO_HUP when its context
 *   was shut down and %G_IO_NVAL when it was closed, both after it was taken out of the poller; for
 *   a file descriptor also %G_IO_ERR, %G_IO_HUP and %G_IO_NVAL
 * @user_data: the data given with the function
 *
 * Called when something that a [class@Zmq.Poller] watches is ready.
 *
 * Since: 1.0
 */
typedef void (*ZmqPollerFunc) (ZmqPoller   *poller,
                               ZmqSocket   *socket,
                               int          fd,
                               GIOCondition condition,
                               gpointer     user_data);

ZMQGLIB_AVAILABLE_IN_1_0
ZmqPoller *zmqglib_poller_new (void);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_poller_add_socket (ZmqPoller     *self,
                                    ZmqSocket     *socket,
                                    GIOCondition   condition,
                                    ZmqPollerFunc  func,
                                    gpointer       user_data,
                                    GDestroyNotify destroy,
                                    GError       **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_poller_add_fd (ZmqPoller     *self,
                                int            fd,
                                GIOCondition   condition,
                                ZmqPollerFunc  func,
                                gpointer       user_data,
                                GDestroyNotify destroy,
                                GError       **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_poller_modify_socket (ZmqPoller   *self,
                                       ZmqSocket   *socket,
                                       GIOCondition condition,
                                       GError     **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_poller_modify_fd (ZmqPoller   *self,
                                   int          fd,
                                   GIOCondition condition,
                                   GError     **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_poller_remove_socket (ZmqPoller *self,
                                       ZmqSocket *socket,
                                       GError   **error);

ZMQGLIB_AVAILABLE_IN_1_0
gboolean zmqglib_poller_remove_fd (ZmqPoller *self,
                                   int        fd,
                                   GError   **error);

ZMQGLIB_AVAILABLE_IN_1_0
int zmqglib_poller_wait (ZmqPoller    *self,
                         gint64        timeout_us,
                         GCancellable *cancellable,
                         GError      **error);

ZMQGLIB_AVAILABLE_IN_1_0
GSource *zmqglib_poller_create_source (ZmqPoller *self);

G_END_DECLS

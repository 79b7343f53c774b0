/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <zmqglib/zmqglib.h>

/* For a socket that strangers can connect to, before it is bound. The numbers are a small service's. */
static inline void
harden (ZmqSocket *socket)
{
  g_object_set (socket,
                "max-message-size", (gint64) 1 << 20, /* of a frame; larger ones end the connection */
                "max-frames", 16,                     /* of a message; longer ones are dropped */
                "receive-high-water-mark", 100,       /* messages that wait, for each connection */
                "send-high-water-mark", 100,          /* likewise, for who does not read */
                "handshake-interval", 3000,           /* ms, until a connection has said who it is */
                "tcp-keepalive", 1,                   /* so that who is gone is noticed; no heartbeats */
                "tcp-keepalive-idle", 60,
                "linger", 1000, /* ms; who does not read does not keep the program */
                NULL);
}

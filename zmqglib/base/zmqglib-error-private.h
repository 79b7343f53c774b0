/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmq.h>

#include <zmqglib/zmqglib-error.h>

G_BEGIN_DECLS

/* Beside libzmq's error numbers: a socket that keeps one frame would tear the message. */
#define ZMQGLIB_ETORN (ZMQ_HAUSNUMERO + 1003)

ZmqError    zmqglib_error_from_errno (int errnum);
const char *zmqglib_error_get_reason (int errnum);
void        zmqglib_error_set (GError    **error,
                               int         errnum,
                               const char *format,
                               ...) G_GNUC_PRINTF (3, 4);
GError     *zmqglib_error_new_cancelled (void);
char       *zmqglib_error_show (const char *name);

G_END_DECLS

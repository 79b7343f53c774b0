/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-socket.h>

#include "socket/zmqglib-socket-options-private.h"

G_BEGIN_DECLS

/* of which the last is NULL */
extern const ZmqSocketOption *const zmqglib_option_tables[];

const ZmqSocketOption *zmqglib_option_find (int option);
gboolean               zmqglib_option_is_number (const ZmqSocketOption *row);

int      zmqglib_option_read (ZmqSocket *self,
                              int        option,
                              GBytes   **bytes);
gboolean zmqglib_option_get_number (GBytes *bytes,
                                    gint64 *number);

int zmqglib_option_write (ZmqSocket    *self,
                          int           option,
                          gconstpointer data,
                          gsize         size);
int zmqglib_option_write_number (ZmqSocket             *self,
                                 const ZmqSocketOption *row,
                                 int                    option,
                                 gint64                 number);
int zmqglib_option_write_key (ZmqSocket  *self,
                              int         option,
                              const char *text,
                              gsize       size);
int zmqglib_option_write_bytes (ZmqSocket *self,
                                int        option,
                                GBytes    *bytes);

G_END_DECLS

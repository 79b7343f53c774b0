/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-message.h>

G_BEGIN_DECLS

ZmqMessage *zmqglib_client_letter_new (ZmqMessage *body);
void        zmqglib_client_letter_number (ZmqMessage *self,
                                          guint64     salt,
                                          guint64     number);
gboolean    zmqglib_client_letter_is_empty (ZmqMessage *self);
ZmqMessage *zmqglib_client_letter_get_body (ZmqMessage *self);
gboolean    zmqglib_client_letter_read (ZmqMessage *message,
                                        guint64     salt,
                                        guint64    *number);

G_END_DECLS

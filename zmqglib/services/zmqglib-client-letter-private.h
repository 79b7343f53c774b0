/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-message.h>

G_BEGIN_DECLS

/* What is asked. Who made the frames' memory may have it freed by foreign code, so that it goes where the task goes, and
 * not in the middle of anything. */
typedef struct
{
  ZmqMessage *enclosed; /* with the number and an empty frame in front */
  ZmqMessage *body;     /* NULL until somebody is sent that alone */
} ZmqClientLetter;

ZmqClientLetter *zmqglib_client_letter_new (ZmqMessage *message);
void             zmqglib_client_letter_free (gpointer data);
void             zmqglib_client_letter_number (ZmqClientLetter *self,
                                               guint64          salt,
                                               guint64          number);
gboolean         zmqglib_client_letter_is_empty (ZmqClientLetter *self);
ZmqMessage      *zmqglib_client_letter_get_body (ZmqClientLetter *self);
gboolean         zmqglib_client_letter_read (ZmqMessage *message,
                                             guint64     salt,
                                             guint64    *number);

G_END_DECLS

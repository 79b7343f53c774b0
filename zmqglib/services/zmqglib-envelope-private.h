/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "message/zmqglib-message-private.h"

G_BEGIN_DECLS

ZmqMessage *zmqglib_envelope_split (ZmqMessage *message,
                                    guint       first);
ZmqMessage *zmqglib_envelope_seal (ZmqMessage *self,
                                   ZmqMessage *body);

G_END_DECLS

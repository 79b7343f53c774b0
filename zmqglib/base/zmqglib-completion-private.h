/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "base/zmqglib-agenda-private.h"

G_BEGIN_DECLS

ZmqAgenda *zmqglib_completion_acquire_agenda (GTask *task);

void zmqglib_completion_return_boolean (GTask     *task,
                                        ZmqAgenda *agenda);
void zmqglib_completion_return_int (GTask     *task,
                                    ZmqAgenda *agenda,
                                    gssize     value);
void zmqglib_completion_return_pointer (GTask         *task,
                                        ZmqAgenda     *agenda,
                                        gpointer       value,
                                        GDestroyNotify destroy);
void zmqglib_completion_return_error (GTask     *task,
                                      ZmqAgenda *agenda,
                                      GError    *error);

G_END_DECLS

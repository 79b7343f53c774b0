/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib.h>

G_BEGIN_DECLS

gboolean tool_option_set (ZmqSocket  *socket,
                          const char *assignment,
                          GError    **error);

G_END_DECLS

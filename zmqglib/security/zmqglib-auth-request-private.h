/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <zmqglib/zmqglib-auth-request.h>

#include "security/zmqglib-auth-ticket-private.h"

G_BEGIN_DECLS

ZmqAuthRequest *zmqglib_auth_request_new (ZmqAuthTicket *ticket);

G_END_DECLS

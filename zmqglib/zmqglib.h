/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include <zmqglib/zmqglib-version.h>
#include <zmqglib/zmqglib-version-macros.h>
#include <zmqglib/zmqglib-enums.h>
#include <zmqglib/zmqglib-enum-types.h>
#include <zmqglib/zmqglib-error.h>
#include <zmqglib/zmqglib-certificate.h>
#include <zmqglib/zmqglib-curve.h>
#include <zmqglib/zmqglib-client.h>
#include <zmqglib/zmqglib-context.h>
#include <zmqglib/zmqglib-message.h>
#include <zmqglib/zmqglib-option.h>
#include <zmqglib/zmqglib-socket.h>
#include <zmqglib/zmqglib-poller.h>
#include <zmqglib/zmqglib-stream.h>
#include <zmqglib/zmqglib-tracker.h>
#include <zmqglib/zmqglib-feed-item.h>
#include <zmqglib/zmqglib-feed.h>
#include <zmqglib/zmqglib-monitor-event.h>
#include <zmqglib/zmqglib-monitor.h>
#include <zmqglib/zmqglib-peer.h>
#include <zmqglib/zmqglib-peer-list.h>
#include <zmqglib/zmqglib-proxy.h>
#include <zmqglib/zmqglib-request.h>
#include <zmqglib/zmqglib-server.h>
#include <zmqglib/zmqglib-auth-request.h>
#include <zmqglib/zmqglib-authenticator.h>
#include <zmqglib/zmqglib-socket-curve.h>

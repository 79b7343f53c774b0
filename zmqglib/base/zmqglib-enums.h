/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * ZmqSocketType:
 * @ZMQGLIB_SOCKET_PAIR: talks to exactly one peer, both ways
 * @ZMQGLIB_SOCKET_PUB: publishes to every subscriber; messages to none are dropped
 * @ZMQGLIB_SOCKET_SUB: receives what it has subscribed to
 * @ZMQGLIB_SOCKET_REQ: sends a request, then receives the reply, strictly in turn
 * @ZMQGLIB_SOCKET_REP: receives a request, then sends the reply, strictly in turn
 * @ZMQGLIB_SOCKET_DEALER: sends round-robin and receives fairly, without turns
 * @ZMQGLIB_SOCKET_ROUTER: receives with the sender's routing id in front, and sends to the peer
 *   whose routing id stands in front
 * @ZMQGLIB_SOCKET_PULL: receives from PUSH sockets
 * @ZMQGLIB_SOCKET_PUSH: sends round-robin to PULL sockets
 * @ZMQGLIB_SOCKET_XPUB: like PUB, and receives the subscriptions as messages
 * @ZMQGLIB_SOCKET_XSUB: like SUB, and sends subscriptions as messages
 * @ZMQGLIB_SOCKET_STREAM: talks raw TCP with peers that do not know ZeroMQ
 *
 * The messaging pattern of a [class@Zmq.Socket], with libzmq's own numbers.
 *
 * Since: 1.0
 */
typedef enum
{
  ZMQGLIB_SOCKET_PAIR = 0,
  ZMQGLIB_SOCKET_PUB = 1,
  ZMQGLIB_SOCKET_SUB = 2,
  ZMQGLIB_SOCKET_REQ = 3,
  ZMQGLIB_SOCKET_REP = 4,
  ZMQGLIB_SOCKET_DEALER = 5,
  ZMQGLIB_SOCKET_ROUTER = 6,
  ZMQGLIB_SOCKET_PULL = 7,
  ZMQGLIB_SOCKET_PUSH = 8,
  ZMQGLIB_SOCKET_XPUB = 9,
  ZMQGLIB_SOCKET_XSUB = 10,
  ZMQGLIB_SOCKET_STREAM = 11
} ZmqSocketType;

/**
 * ZmqSecurityMechanism:
 * @ZMQGLIB_SECURITY_MECHANISM_NULL: no authentication, no encryption
 * @ZMQGLIB_SECURITY_MECHANISM_PLAIN: user name and password in clear text
 * @ZMQGLIB_SECURITY_MECHANISM_CURVE: authentication and encryption by elliptic curves
 * @ZMQGLIB_SECURITY_MECHANISM_GSSAPI: authentication and encryption through GSSAPI, as Kerberos
 *
 * How a [class@Zmq.Socket] secures its connections.
 *
 * Since: 1.0
 */
typedef enum
{
  ZMQGLIB_SECURITY_MECHANISM_NULL = 0,
  ZMQGLIB_SECURITY_MECHANISM_PLAIN = 1,
  ZMQGLIB_SECURITY_MECHANISM_CURVE = 2,
  ZMQGLIB_SECURITY_MECHANISM_GSSAPI = 3
} ZmqSecurityMechanism;

/**
 * ZmqGssapiNameType:
 * @ZMQGLIB_GSSAPI_NAME_TYPE_HOST_BASED: a service on a host, `service@host`
 * @ZMQGLIB_GSSAPI_NAME_TYPE_USER_NAME: a local user's name
 * @ZMQGLIB_GSSAPI_NAME_TYPE_KRB5_PRINCIPAL: a Kerberos principal
 *
 * How the name of a GSSAPI principal is to be read.
 *
 * Since: 1.0
 */
typedef enum
{
  ZMQGLIB_GSSAPI_NAME_TYPE_HOST_BASED = 0,
  ZMQGLIB_GSSAPI_NAME_TYPE_USER_NAME = 1,
  ZMQGLIB_GSSAPI_NAME_TYPE_KRB5_PRINCIPAL = 2
} ZmqGssapiNameType;

/**
 * ZmqMonitorEventKind:
 * @ZMQGLIB_MONITOR_EVENT_CONNECTED: the transport has connected to the peer, which has yet to shake hands
 * @ZMQGLIB_MONITOR_EVENT_CONNECT_DELAYED: connecting takes its time
 * @ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED: connecting has failed, and is tried again after an interval
 * @ZMQGLIB_MONITOR_EVENT_LISTENING: the socket is bound and takes connections
 * @ZMQGLIB_MONITOR_EVENT_BIND_FAILED: the socket could not be bound
 * @ZMQGLIB_MONITOR_EVENT_ACCEPTED: the transport has accepted a peer, which has yet to shake hands
 * @ZMQGLIB_MONITOR_EVENT_ACCEPT_FAILED: a peer could not be accepted
 * @ZMQGLIB_MONITOR_EVENT_CLOSED: the descriptor of an endpoint was closed, which no longer listens or connects
 * @ZMQGLIB_MONITOR_EVENT_CLOSE_FAILED: such a descriptor could not be closed
 * @ZMQGLIB_MONITOR_EVENT_DISCONNECTED: a connection was lost, or ended by the peer
 * @ZMQGLIB_MONITOR_EVENT_MONITOR_STOPPED: the last of all: the socket is closed, or its context was shut down
 * @ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_NO_DETAIL: a peer did not get through the handshake
 * @ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED: a peer got through the handshake: messages can pass
 * @ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_PROTOCOL: a peer, or the authenticator, broke the protocol
 * @ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_AUTH: a peer was refused
 *
 * What has happened to a connection of a [class@Zmq.Socket], with libzmq's own numbers (`ZMQ_EVENT_…`).
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  ZMQGLIB_MONITOR_EVENT_CONNECTED = 1 << 0,
  ZMQGLIB_MONITOR_EVENT_CONNECT_DELAYED = 1 << 1,
  ZMQGLIB_MONITOR_EVENT_CONNECT_RETRIED = 1 << 2,
  ZMQGLIB_MONITOR_EVENT_LISTENING = 1 << 3,
  ZMQGLIB_MONITOR_EVENT_BIND_FAILED = 1 << 4,
  ZMQGLIB_MONITOR_EVENT_ACCEPTED = 1 << 5,
  ZMQGLIB_MONITOR_EVENT_ACCEPT_FAILED = 1 << 6,
  ZMQGLIB_MONITOR_EVENT_CLOSED = 1 << 7,
  ZMQGLIB_MONITOR_EVENT_CLOSE_FAILED = 1 << 8,
  ZMQGLIB_MONITOR_EVENT_DISCONNECTED = 1 << 9,
  ZMQGLIB_MONITOR_EVENT_MONITOR_STOPPED = 1 << 10,
  ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_NO_DETAIL = 1 << 11,
  ZMQGLIB_MONITOR_EVENT_HANDSHAKE_SUCCEEDED = 1 << 12,
  ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_PROTOCOL = 1 << 13,
  ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_AUTH = 1 << 14
} ZmqMonitorEventKind;

/**
 * ZmqProxyDirection:
 * @ZMQGLIB_PROXY_DIRECTION_IN: from the frontend to the backend, as requests go
 * @ZMQGLIB_PROXY_DIRECTION_OUT: from the backend to the frontend, as replies go
 *
 * Where a message goes that a [class@Zmq.Proxy] forwards.
 *
 * Since: 1.0
 */
typedef enum
{
  ZMQGLIB_PROXY_DIRECTION_IN,
  ZMQGLIB_PROXY_DIRECTION_OUT
} ZmqProxyDirection;

/**
 * ZmqClientStrategy:
 * @ZMQGLIB_CLIENT_STRATEGY_FAILOVER: always the same one, until a try gets no answer there: then the next one
 * @ZMQGLIB_CLIENT_STRATEGY_SPREAD: one after the other, in turn
 * @ZMQGLIB_CLIENT_STRATEGY_ALL: each at once, and the first answer counts
 *
 * Which of its endpoints a [class@Zmq.Client] asks.
 *
 * Since: 1.0
 */
typedef enum
{
  ZMQGLIB_CLIENT_STRATEGY_FAILOVER,
  ZMQGLIB_CLIENT_STRATEGY_SPREAD,
  ZMQGLIB_CLIENT_STRATEGY_ALL
} ZmqClientStrategy;

/**
 * ZmqClientEnvelope:
 * @ZMQGLIB_CLIENT_ENVELOPE_CORRELATED: the request’s number, in front of the empty frame that ends REQ’s envelope
 * @ZMQGLIB_CLIENT_ENVELOPE_NONE: nothing but that empty frame, exactly as REQ sends it
 *
 * What a [class@Zmq.Client] puts in front of a request.
 *
 * Since: 1.0
 */
typedef enum
{
  ZMQGLIB_CLIENT_ENVELOPE_CORRELATED,
  ZMQGLIB_CLIENT_ENVELOPE_NONE
} ZmqClientEnvelope;

/**
 * ZmqFeedMode:
 * @ZMQGLIB_FEED_MODE_LOG: an item a message, the newest last
 * @ZMQGLIB_FEED_MODE_LATEST: an item a topic, with the latest message of that
 *
 * What a [class@Zmq.Feed] shows.
 *
 * Since: 1.0
 */
typedef enum
{
  ZMQGLIB_FEED_MODE_LOG,
  ZMQGLIB_FEED_MODE_LATEST
} ZmqFeedMode;

G_END_DECLS

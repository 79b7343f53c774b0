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
 */
typedef enum
{
  ZMQGLIB_GSSAPI_NAME_TYPE_HOST_BASED = 0,
  ZMQGLIB_GSSAPI_NAME_TYPE_USER_NAME = 1,
  ZMQGLIB_GSSAPI_NAME_TYPE_KRB5_PRINCIPAL = 2
} ZmqGssapiNameType;

G_END_DECLS

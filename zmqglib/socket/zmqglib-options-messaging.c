/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmq.h>

#include "base/zmqglib-i18n-private.h"
#include "socket/zmqglib-socket-options-private.h"

/* Queues, timeouts, routing, and how the messaging patterns behave. */
const ZmqSocketOption zmqglib_options_messaging[] = {
  /**
   * ZmqSocket:send-high-water-mark:
   *
   * How many outgoing messages are queued for each peer; 0 for no limit. Defaults to 1000. What
   * happens beyond depends on the socket type: sending blocks, or messages are dropped. May be set
   * at any time (`ZMQ_SNDHWM`).
   *
   * Since: 1.0
   */
  { "send-high-water-mark", ZMQ_SNDHWM, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, 0, G_MAXINT, 1000,
    N_ ("How many outgoing messages are queued for each peer") },

  /**
   * ZmqSocket:receive-high-water-mark:
   *
   * How many incoming messages are queued for each peer; 0 for no limit. Defaults to 1000. May be
   * set at any time (`ZMQ_RCVHWM`).
   *
   * Since: 1.0
   */
  { "receive-high-water-mark", ZMQ_RCVHWM, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, 0, G_MAXINT, 1000,
    N_ ("How many incoming messages are queued for each peer") },

  /**
   * ZmqSocket:send-timeout:
   *
   * How long [method@Zmq.Socket.send] waits until the message can be sent, in milliseconds; 0 for
   * not at all, -1 for ever. Defaults to -1. May be set at any time (`ZMQ_SNDTIMEO`).
   *
   * Since: 1.0
   */
  { "send-timeout", ZMQ_SNDTIMEO, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, -1, G_MAXINT, -1,
    N_ ("How long sending waits, in milliseconds") },

  /**
   * ZmqSocket:receive-timeout:
   *
   * How long [method@Zmq.Socket.receive] waits for a message, in milliseconds; 0 for not at all, -1
   * for ever. Defaults to -1. May be set at any time (`ZMQ_RCVTIMEO`).
   *
   * Since: 1.0
   */
  { "receive-timeout", ZMQ_RCVTIMEO, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, -1, G_MAXINT, -1,
    N_ ("How long receiving waits, in milliseconds") },

  /**
   * ZmqSocket:linger:
   *
   * How long unsent messages are kept after the socket was disconnected or closed, in milliseconds;
   * 0 to drop them at once, -1 to keep them until they are sent. Defaults to -1, for SUB and XSUB
   * sockets to 0. May be set at any time (`ZMQ_LINGER`).
   *
   * Since: 1.0
   */
  { "linger", ZMQ_LINGER, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, -1, G_MAXINT, -1,
    N_ ("How long unsent messages are kept after closing, in milliseconds") },

  /**
   * ZmqSocket:immediate:
   *
   * Whether messages are queued for completed connections alone: sending then blocks while there is
   * none, instead of entrusting messages to a peer that may never be there. Defaults to %FALSE. Set
   * before connecting (`ZMQ_IMMEDIATE`).
   *
   * Since: 1.0
   */
  { "immediate", ZMQ_IMMEDIATE, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_READWRITE, 0, 1, FALSE,
    N_ ("Whether messages are queued for completed connections alone") },

  /**
   * ZmqSocket:conflate:
   *
   * Whether just the newest message is kept in each queue, whatever the high-water marks say; it
   * must have one frame only. For PULL, PUSH, PUB, SUB and DEALER sockets. Defaults to %FALSE. Set
   * before binding or connecting (`ZMQ_CONFLATE`).
   *
   * Since: 1.0
   */
  { "conflate", ZMQ_CONFLATE, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_READWRITE, 0, 1, FALSE,
    N_ ("Whether just the newest message is kept in each queue") },

  /**
   * ZmqSocket:max-message-size:
   *
   * The largest frame, in bytes, that a peer may send before it is disconnected; -1 for no limit.
   * Defaults to -1. Set before binding or connecting (`ZMQ_MAXMSGSIZE`).
   *
   * It bounds each frame, the handshake’s included, and neither their number nor a publisher’s subscriptions; see
   * [property@Zmq.Socket:max-frames], and [What libzmq cannot bound](security.html#what-libzmq-cannot-bound).
   *
   * Since: 1.0
   */
  { "max-message-size", ZMQ_MAXMSGSIZE, ZMQGLIB_OPTION_KIND_INT64, G_PARAM_READWRITE, -1, G_MAXINT64, -1,
    N_ ("The largest frame that a peer may send, in bytes") },

  /**
   * ZmqSocket:affinity:
   *
   * Which I/O threads of the context handle new connections, as a mask whose lowest bit is the
   * first thread; 0 for all of them. Defaults to 0. Set before binding or connecting
   * (`ZMQ_AFFINITY`).
   *
   * Since: 1.0
   */
  { "affinity", ZMQ_AFFINITY, ZMQGLIB_OPTION_KIND_UINT64, G_PARAM_READWRITE, 0, 0, 0,
    N_ ("Which I/O threads handle new connections, as a mask") },

  /**
   * ZmqSocket:routing-id:
   *
   * The name under which a ROUTER socket knows this one, from 1 to 255 bytes, the first of which is
   * not zero; once set it cannot be unset. Defaults to %NULL, when the ROUTER makes a name up. Set
   * before binding or connecting (`ZMQ_ROUTING_ID`).
   *
   * Since: 1.0
   */
  { "routing-id", ZMQ_ROUTING_ID, ZMQGLIB_OPTION_KIND_BYTES, G_PARAM_READWRITE, 0, 0, 0,
    N_ ("The name under which a ROUTER socket knows this one") },

  /**
   * ZmqSocket:connect-routing-id:
   *
   * The routing id of the peer that is connected to next, and of that one only, so that it can be
   * sent to at once: from 1 to 255 bytes, the first of which is not zero. A socket can use each once,
   * also after disconnecting. A ROUTER connects to such peers before it is bound, and before it is
   * connected to others: these may call themselves the same. For ROUTER and STREAM sockets;
   * write-only. Defaults to %NULL. Set before each [method@Zmq.Socket.connect_to]
   * (`ZMQ_CONNECT_ROUTING_ID`).
   *
   * Since: 1.0
   */
  { "connect-routing-id", ZMQ_CONNECT_ROUTING_ID, ZMQGLIB_OPTION_KIND_BYTES, G_PARAM_WRITABLE, 0, 0, 0,
    N_ ("The routing id of the peer that is connected to next") },

  /**
   * ZmqSocket:probe-router:
   *
   * Whether an empty message is sent over each new connection, by which a ROUTER at the other end
   * learns of it. For REQ, DEALER and ROUTER sockets whose peers are all ROUTER sockets, and not
   * together with [property@Zmq.Socket:router-raw]; write-only. Defaults to %FALSE. Set before binding
   * or connecting (`ZMQ_PROBE_ROUTER`).
   *
   * Since: 1.0
   */
  { "probe-router", ZMQ_PROBE_ROUTER, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_WRITABLE, 0, 1, FALSE,
    N_ ("Whether an empty message is sent over each new connection") },

  /**
   * ZmqSocket:router-mandatory:
   *
   * Whether a message for an unknown peer fails with %ZMQGLIB_ERROR_HOST_UNREACHABLE, and one
   * for a peer whose queue is full waits; else both are dropped. For ROUTER sockets; write-only.
   * Defaults to %FALSE. May be set at any time (`ZMQ_ROUTER_MANDATORY`).
   *
   * Since: 1.0
   */
  { "router-mandatory", ZMQ_ROUTER_MANDATORY, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_WRITABLE, 0, 1, FALSE,
    N_ ("Whether sending to an unknown peer fails") },

  /**
   * ZmqSocket:router-handover:
   *
   * Whether a new peer takes over the routing id of an old one, which is disconnected; else the new
   * one is turned away. For ROUTER sockets; write-only. Defaults to %FALSE. May be set at any time
   * (`ZMQ_ROUTER_HANDOVER`).
   *
   * Since: 1.0
   */
  { "router-handover", ZMQ_ROUTER_HANDOVER, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_WRITABLE, 0, 1, FALSE,
    N_ ("Whether a new peer takes over the routing id of an old one") },

  /**
   * ZmqSocket:router-raw:
   *
   * Whether `tcp://` carries plain data, without ZeroMQ's framing; libzmq would rather have a
   * STREAM socket used. For ROUTER sockets, and not together with
   * [property@Zmq.Socket:probe-router]; write-only. Defaults to %FALSE. Set before binding or connecting
   * (`ZMQ_ROUTER_RAW`).
   *
   * Since: 1.0
   */
  { "router-raw", ZMQ_ROUTER_RAW, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_WRITABLE, 0, 1, FALSE,
    N_ ("Whether TCP carries plain data, without framing") },

  /**
   * ZmqSocket:request-correlate:
   *
   * Whether a frame with a number goes before each request, and a reply without the same number is
   * dropped. For REQ sockets; write-only. Defaults to %FALSE. May be set at any time
   * (`ZMQ_REQ_CORRELATE`).
   *
   * Since: 1.0
   */
  { "request-correlate", ZMQ_REQ_CORRELATE, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_WRITABLE, 0, 1, FALSE,
    N_ ("Whether replies are matched with requests by a number") },

  /**
   * ZmqSocket:request-relaxed:
   *
   * Whether a request may be sent before the last one was replied to, which is then given up. Best
   * used with [property@Zmq.Socket:request-correlate]. For REQ sockets; write-only. Defaults to
   * %FALSE. May be set at any time (`ZMQ_REQ_RELAXED`).
   *
   * Since: 1.0
   */
  { "request-relaxed", ZMQ_REQ_RELAXED, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_WRITABLE, 0, 1, FALSE,
    N_ ("Whether a request may be sent before the last one was replied to") },

  /**
   * ZmqSocket:invert-matching:
   *
   * Whether subscriptions tell what is not wanted. For PUB, XPUB and SUB sockets; when a publisher
   * has it, its SUB peers need it too. Defaults to %FALSE. Set before binding or connecting
   * (`ZMQ_INVERT_MATCHING`).
   *
   * Since: 1.0
   */
  { "invert-matching", ZMQ_INVERT_MATCHING, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_READWRITE, 0, 1, FALSE,
    N_ ("Whether subscriptions tell what is not wanted") },

  /**
   * ZmqSocket:xpub-verbose:
   *
   * Whether each subscription is received, not just the first one to the same prefix. It ends
   * [property@Zmq.Socket:xpub-verboser]. For XPUB sockets; write-only. Defaults to %FALSE. May be
   * set at any time (`ZMQ_XPUB_VERBOSE`).
   *
   * Since: 1.0
   */
  { "xpub-verbose", ZMQ_XPUB_VERBOSE, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_WRITABLE, 0, 1, FALSE,
    N_ ("Whether each subscription is received") },

  /**
   * ZmqSocket:xpub-verboser:
   *
   * Whether each subscription and each unsubscription is received, not just the first and the last
   * one of the same prefix. It replaces what [property@Zmq.Socket:xpub-verbose] said. For XPUB
   * sockets; write-only. Defaults to %FALSE. May be set at any time (`ZMQ_XPUB_VERBOSER`).
   *
   * Since: 1.0
   */
  { "xpub-verboser", ZMQ_XPUB_VERBOSER, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_WRITABLE, 0, 1, FALSE,
    N_ ("Whether each subscription and unsubscription is received") },

  /**
   * ZmqSocket:xpub-manual:
   *
   * Whether a subscription that was received has no effect by itself: the one that counts is made
   * for that subscriber with [method@Zmq.Socket.subscribe]. For XPUB sockets; write-only. Defaults
   * to %FALSE. Set before binding or connecting (`ZMQ_XPUB_MANUAL`).
   *
   * Since: 1.0
   */
  { "xpub-manual", ZMQ_XPUB_MANUAL, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_WRITABLE, 0, 1, FALSE,
    N_ ("Whether received subscriptions have no effect by themselves") },

  /**
   * ZmqSocket:xpub-no-drop:
   *
   * Whether sending waits, or fails with %ZMQGLIB_ERROR_AGAIN, when the queue of a subscriber is
   * full; else that subscriber misses the message. For XPUB and PUB sockets; write-only. Defaults
   * to %FALSE. Set before binding or connecting (`ZMQ_XPUB_NODROP`).
   *
   * Since: 1.0
   */
  { "xpub-no-drop", ZMQ_XPUB_NODROP, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_WRITABLE, 0, 1, FALSE,
    N_ ("Whether sending waits when the queue of a subscriber is full") },

  /**
   * ZmqSocket:xpub-welcome-message:
   *
   * A message that each subscriber gets when it connects, if it has subscribed to it by then; %NULL
   * for none. For XPUB sockets, which have to receive the subscriptions; write-only. Defaults to
   * %NULL. Set before binding or connecting (`ZMQ_XPUB_WELCOME_MSG`).
   *
   * Since: 1.0
   */
  { "xpub-welcome-message", ZMQ_XPUB_WELCOME_MSG, ZMQGLIB_OPTION_KIND_BYTES, G_PARAM_WRITABLE, 0, 0, 0,
    N_ ("A message that each subscriber gets when it connects") },

  /**
   * ZmqSocket:stream-notify:
   *
   * Whether an empty message is received when a peer connects and when it disconnects. For STREAM
   * sockets; write-only. Defaults to %TRUE. Set before binding or connecting (`ZMQ_STREAM_NOTIFY`).
   *
   * Since: 1.0
   */
  { "stream-notify", ZMQ_STREAM_NOTIFY, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_WRITABLE, 0, 1, TRUE,
    N_ ("Whether an empty message tells of each new and lost peer") },

  { NULL }
};

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmq.h>

#include "base/zmqglib-i18n-private.h"
#include "socket/zmqglib-socket-options-private.h"

/* Endpoints, connections, and what the single transports have of their own. */
const ZmqSocketOption zmqglib_options_transport[] = {
  /**
   * ZmqSocket:last-endpoint:
   *
   * The endpoint that was bound or connected to last, with the real port where a free one was asked
   * for. Defaults to %NULL (`ZMQ_LAST_ENDPOINT`).
   *
   * Since: 1.0
   */
  { "last-endpoint", ZMQ_LAST_ENDPOINT, ZMQGLIB_OPTION_KIND_STRING, G_PARAM_READABLE, 0, 0, 0,
    N_ ("The endpoint that was bound or connected to last") },

  /**
   * ZmqSocket:use-fd:
   *
   * A file descriptor that listens already, as systemd hands it over, for `tcp://` and `ipc://` to
   * use instead of opening one, and to close; -1 for none. Each serves one endpoint: binding fails when
   * it is used already, or is not a listening socket of the endpoint's transport. Defaults to -1. Set
   * before binding (`ZMQ_USE_FD`).
   *
   * Since: 1.0
   */
  { "use-fd", ZMQ_USE_FD, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, -1, G_MAXINT, -1,
    N_ ("A listening file descriptor to use instead of opening one") },

  /**
   * ZmqSocket:bind-to-device:
   *
   * The network interface or VRF that TCP and UDP are tied to, a name of at most 16 bytes; the
   * program may need `CAP_NET_RAW`. Defaults to %NULL, for any. Set before binding or connecting
   * (`ZMQ_BINDTODEVICE`).
   *
   * Since: 1.0
   */
  { "bind-to-device", ZMQ_BINDTODEVICE, ZMQGLIB_OPTION_KIND_STRING, G_PARAM_READWRITE, 0, 0, 0,
    N_ ("The network interface that TCP and UDP are tied to") },

  /**
   * ZmqSocket:backlog:
   *
   * How many incoming connections may wait to be accepted, as in `listen ()`. Defaults to 100. Set
   * before binding (`ZMQ_BACKLOG`).
   *
   * Since: 1.0
   */
  { "backlog", ZMQ_BACKLOG, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, 0, G_MAXINT, 100,
    N_ ("How many incoming connections may wait to be accepted") },

  /**
   * ZmqSocket:connect-timeout:
   *
   * How long a TCP connection may take to come about, in milliseconds; 0 for the system's default.
   * Defaults to 0. Set before connecting (`ZMQ_CONNECT_TIMEOUT`).
   *
   * Since: 1.0
   */
  { "connect-timeout", ZMQ_CONNECT_TIMEOUT, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, 0, G_MAXINT, 0,
    N_ ("How long a TCP connection may take to come about, in milliseconds") },

  /**
   * ZmqSocket:handshake-interval:
   *
   * How long the handshake of a new connection may take, in milliseconds, before it is closed; 0
   * for no limit, with which half-open connections of anybody stay for ever. Not for STREAM sockets. Defaults
   * to 30000. Set before binding or connecting (`ZMQ_HANDSHAKE_IVL`).
   *
   * Since: 1.0
   */
  { "handshake-interval", ZMQ_HANDSHAKE_IVL, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE,
    0, G_MAXINT, 30000,
    N_ ("How long the handshake of a new connection may take, in milliseconds") },

  /**
   * ZmqSocket:reconnect-interval:
   *
   * How long to wait before a lost connection is tried again, in milliseconds, about which libzmq
   * varies it; -1 to not try again. Defaults to 100. Set before connecting (`ZMQ_RECONNECT_IVL`).
   *
   * Since: 1.0
   */
  { "reconnect-interval", ZMQ_RECONNECT_IVL, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE,
    -1, G_MAXINT, 100,
    N_ ("How long to wait before a lost connection is tried again, in milliseconds") },

  /**
   * ZmqSocket:reconnect-interval-max:
   *
   * Up to how many milliseconds [property@Zmq.Socket:reconnect-interval] doubles with each attempt;
   * 0 for no doubling, and less than that interval has no effect. Defaults to 0. Set before
   * connecting (`ZMQ_RECONNECT_IVL_MAX`).
   *
   * Since: 1.0
   */
  { "reconnect-interval-max", ZMQ_RECONNECT_IVL_MAX, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE,
    0, G_MAXINT, 0,
    N_ ("Up to where the interval doubles with each attempt, in milliseconds") },

  /**
   * ZmqSocket:heartbeat-interval:
   *
   * How often a sign of life is sent over each connection, in milliseconds; 0 for never. Defaults
   * to 0. Set before binding or connecting (`ZMQ_HEARTBEAT_IVL`).
   *
   * Not for sockets that strangers can connect to: when one is not read, as that of a paused stream, and the peer
   * resets the connection, libzmq 4.3.4 ends the process at the next sign of life; see
   * [What libzmq cannot bound](security.html#what-libzmq-cannot-bound).
   *
   * Since: 1.0
   */
  { "heartbeat-interval", ZMQ_HEARTBEAT_IVL, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, 0, G_MAXINT, 0,
    N_ ("How often a sign of life is sent, in milliseconds") },

  /**
   * ZmqSocket:heartbeat-ttl:
   *
   * After how many milliseconds without a message or sign of life the peer shall drop the
   * connection, from 0 to 6553599, rounded down to a tenth of a second; 0 for never. Needs
   * [property@Zmq.Socket:heartbeat-interval]. Defaults to 0. Set before binding or connecting
   * (`ZMQ_HEARTBEAT_TTL`).
   *
   * Since: 1.0
   */
  { "heartbeat-ttl", ZMQ_HEARTBEAT_TTL, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, 0, 6553599, 0,
    N_ ("After how long a silence the peer drops the connection, in milliseconds") },

  /**
   * ZmqSocket:heartbeat-timeout:
   *
   * How long to wait for anything from the peer after a sign of life was sent, in milliseconds,
   * before the connection is dropped; 0 for ever, -1, which cannot be set again once it was
   * changed, for as long as [property@Zmq.Socket:heartbeat-interval]. Defaults to -1. Set before
   * binding or connecting (`ZMQ_HEARTBEAT_TIMEOUT`).
   *
   * A connection that is full takes no sign of life either, and then this time does not begin: that its peer cannot be
   * reached any more is noticed by TCP, after [property@Zmq.Socket:tcp-max-retransmit-timeout], so set that as well. The
   * peer’s [property@Zmq.Socket:heartbeat-ttl] does it only if the last that came was its sign of life.
   *
   * Since: 1.0
   */
  { "heartbeat-timeout", ZMQ_HEARTBEAT_TIMEOUT, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE,
    -1, G_MAXINT, -1,
    N_ ("How long to wait for an answer to a sign of life, in milliseconds") },

  /**
   * ZmqSocket:send-buffer-size:
   *
   * The size of the kernel's send buffer, in bytes (`SO_SNDBUF`); -1 for the system's default.
   * Defaults to -1. Set before binding or connecting (`ZMQ_SNDBUF`).
   *
   * Since: 1.0
   */
  { "send-buffer-size", ZMQ_SNDBUF, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, -1, G_MAXINT, -1,
    N_ ("The size of the kernel’s send buffer, in bytes") },

  /**
   * ZmqSocket:receive-buffer-size:
   *
   * The size of the kernel's receive buffer, in bytes (`SO_RCVBUF`); -1 for the system's default.
   * Defaults to -1. Set before binding or connecting (`ZMQ_RCVBUF`).
   *
   * Since: 1.0
   */
  { "receive-buffer-size", ZMQ_RCVBUF, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, -1, G_MAXINT, -1,
    N_ ("The size of the kernel’s receive buffer, in bytes") },

  /**
   * ZmqSocket:type-of-service:
   *
   * The byte of IP's header that tells the priority of packets, from 0 to 255. Defaults to 0. Set
   * before binding or connecting (`ZMQ_TOS`).
   *
   * Since: 1.0
   */
  { "type-of-service", ZMQ_TOS, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, 0, G_MAXUINT8, 0,
    N_ ("The byte of IP’s header that tells the priority of packets") },

  /**
   * ZmqSocket:ipv6:
   *
   * Whether IPv6 is used beside IPv4. Defaults to what [property@Zmq.Context:ipv6] was when the
   * socket was made, which is %FALSE if not set. Set before binding or connecting (`ZMQ_IPV6`).
   *
   * Since: 1.0
   */
  { "ipv6", ZMQ_IPV6, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_READWRITE, 0, 1, FALSE,
    N_ ("Whether IPv6 is used beside IPv4") },

  /**
   * ZmqSocket:socks-proxy:
   *
   * The SOCKS5 proxy through which TCP connects, as `host:port`, which then also looks up host
   * names. Connecting fails when it cannot be reached, or does not reach the peer; libzmq aborts when
   * either is gone later and the socket is closed then. Defaults to %NULL, for none. Set before connecting (`ZMQ_SOCKS_PROXY`).
   *
   * Since: 1.0
   */
  { "socks-proxy", ZMQ_SOCKS_PROXY, ZMQGLIB_OPTION_KIND_STRING, G_PARAM_READWRITE, 0, 0, 0,
    N_ ("The SOCKS5 proxy through which TCP connects") },

  /**
   * ZmqSocket:tcp-keepalive:
   *
   * Whether TCP checks silent connections (`SO_KEEPALIVE`): 1 for yes, 0 for no, -1 for the
   * system's default. Defaults to -1. Set before binding or connecting (`ZMQ_TCP_KEEPALIVE`).
   *
   * Since: 1.0
   */
  { "tcp-keepalive", ZMQ_TCP_KEEPALIVE, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, -1, 1, -1,
    N_ ("Whether TCP checks silent connections") },

  /**
   * ZmqSocket:tcp-keepalive-count:
   *
   * After how many checks without an answer TCP gives a connection up (`TCP_KEEPCNT`); -1 for the
   * system's default. Defaults to -1. Set before binding or connecting (`ZMQ_TCP_KEEPALIVE_CNT`).
   *
   * Since: 1.0
   */
  { "tcp-keepalive-count", ZMQ_TCP_KEEPALIVE_CNT, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE,
    -1, G_MAXINT, -1,
    N_ ("After how many checks without an answer TCP gives a connection up") },

  /**
   * ZmqSocket:tcp-keepalive-idle:
   *
   * How long a connection is silent before TCP checks it, in seconds (`TCP_KEEPIDLE`); -1 for the
   * system's default. Defaults to -1. Set before binding or connecting (`ZMQ_TCP_KEEPALIVE_IDLE`).
   *
   * Since: 1.0
   */
  { "tcp-keepalive-idle", ZMQ_TCP_KEEPALIVE_IDLE, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE,
    -1, G_MAXINT, -1,
    N_ ("How long a connection is silent before TCP checks it, in seconds") },

  /**
   * ZmqSocket:tcp-keepalive-interval:
   *
   * How long TCP waits between two checks, in seconds (`TCP_KEEPINTVL`); -1 for the system's
   * default. Defaults to -1. Set before binding or connecting (`ZMQ_TCP_KEEPALIVE_INTVL`).
   *
   * Since: 1.0
   */
  { "tcp-keepalive-interval", ZMQ_TCP_KEEPALIVE_INTVL, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE,
    -1, G_MAXINT, -1,
    N_ ("How long TCP waits between two checks, in seconds") },

  /**
   * ZmqSocket:tcp-max-retransmit-timeout:
   *
   * How long TCP goes on sending data that is not acknowledged, in milliseconds, before it gives
   * the connection up; 0 for the system's default. Defaults to 0. Set before binding or connecting
   * (`ZMQ_TCP_MAXRT`).
   *
   * Since: 1.0
   */
  { "tcp-max-retransmit-timeout", ZMQ_TCP_MAXRT, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE,
    0, G_MAXINT, 0,
    N_ ("How long TCP sends unacknowledged data again, in milliseconds") },

  /**
   * ZmqSocket:rate:
   *
   * The largest data rate of multicast, in kilobits a second, from 1. Defaults to 100. Set before
   * binding or connecting (`ZMQ_RATE`).
   *
   * Since: 1.0
   */
  { "rate", ZMQ_RATE, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, 1, G_MAXINT, 100,
    N_ ("The largest data rate of multicast, in kilobits a second") },

  /**
   * ZmqSocket:recovery-interval:
   *
   * How long a receiver may be away from a multicast group without losing data, in milliseconds;
   * all that is sent in that time is held in memory. Defaults to 10000. Set before binding or
   * connecting (`ZMQ_RECOVERY_IVL`).
   *
   * Since: 1.0
   */
  { "recovery-interval", ZMQ_RECOVERY_IVL, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE,
    0, G_MAXINT, 10000,
    N_ ("How long a multicast receiver may be away, in milliseconds") },

  /**
   * ZmqSocket:multicast-hops:
   *
   * How many networks a multicast packet may cross, from 1, which is the local one, to 255.
   * Defaults to 1. Set before binding or connecting (`ZMQ_MULTICAST_HOPS`).
   *
   * Since: 1.0
   */
  { "multicast-hops", ZMQ_MULTICAST_HOPS, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE, 1, G_MAXUINT8, 1,
    N_ ("How many networks a multicast packet may cross") },

  /**
   * ZmqSocket:multicast-max-tpdu:
   *
   * The largest multicast packet, in bytes, from 1; not more than the smallest MTU on the way.
   * Defaults to 1500. Set before binding or connecting (`ZMQ_MULTICAST_MAXTPDU`).
   *
   * Since: 1.0
   */
  { "multicast-max-tpdu", ZMQ_MULTICAST_MAXTPDU, ZMQGLIB_OPTION_KIND_INT, G_PARAM_READWRITE,
    1, G_MAXINT, 1500,
    N_ ("The largest multicast packet, in bytes") },

  /**
   * ZmqSocket:vmci-buffer-size:
   *
   * The size of the buffer of a VMCI connection, in bytes; 0 for the system's default. Write-only,
   * and only with a libzmq that has VMCI. Defaults to 0. Set before binding or connecting
   * (`ZMQ_VMCI_BUFFER_SIZE`).
   *
   * Since: 1.0
   */
  { "vmci-buffer-size", ZMQ_VMCI_BUFFER_SIZE, ZMQGLIB_OPTION_KIND_UINT64, G_PARAM_WRITABLE, 0, 0, 0,
    N_ ("The size of the buffer of a VMCI connection, in bytes") },

  /**
   * ZmqSocket:vmci-buffer-min-size:
   *
   * The smallest size of the buffer of a VMCI connection, in bytes; 0 for the system's default.
   * Write-only, and only with a libzmq that has VMCI. Defaults to 0. Set before binding or
   * connecting (`ZMQ_VMCI_BUFFER_MIN_SIZE`).
   *
   * Since: 1.0
   */
  { "vmci-buffer-min-size", ZMQ_VMCI_BUFFER_MIN_SIZE, ZMQGLIB_OPTION_KIND_UINT64, G_PARAM_WRITABLE,
    0, 0, 0,
    N_ ("The smallest size of the buffer of a VMCI connection, in bytes") },

  /**
   * ZmqSocket:vmci-buffer-max-size:
   *
   * The largest size of the buffer of a VMCI connection, in bytes; 0 for the system's default.
   * Write-only, and only with a libzmq that has VMCI. Defaults to 0. Set before binding or
   * connecting (`ZMQ_VMCI_BUFFER_MAX_SIZE`).
   *
   * Since: 1.0
   */
  { "vmci-buffer-max-size", ZMQ_VMCI_BUFFER_MAX_SIZE, ZMQGLIB_OPTION_KIND_UINT64, G_PARAM_WRITABLE,
    0, 0, 0,
    N_ ("The largest size of the buffer of a VMCI connection, in bytes") },

  /**
   * ZmqSocket:vmci-connect-timeout:
   *
   * How long a VMCI connection may take to come about, in milliseconds; -1 for the system's
   * default. Write-only, and only with a libzmq that has VMCI. Defaults to -1. Set before binding
   * or connecting (`ZMQ_VMCI_CONNECT_TIMEOUT`).
   *
   * Since: 1.0
   */
  { "vmci-connect-timeout", ZMQ_VMCI_CONNECT_TIMEOUT, ZMQGLIB_OPTION_KIND_INT, G_PARAM_WRITABLE,
    -1, G_MAXINT, -1,
    N_ ("How long a VMCI connection may take to come about, in milliseconds") },

  { NULL }
};

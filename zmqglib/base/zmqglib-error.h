/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include <zmqglib/zmqglib-version-macros.h>

G_BEGIN_DECLS

/**
 * ZMQGLIB_ERROR:
 *
 * The error domain of zmqglib. Its codes are those of [error@Zmq.Error].
 *
 * Since: 1.0
 */
#define ZMQGLIB_ERROR (zmqglib_error_quark ())

/**
 * ZmqError:
 * @ZMQGLIB_ERROR_FAILED: something that has no code of its own
 * @ZMQGLIB_ERROR_AGAIN: not possible now, but perhaps later (`EAGAIN`); also a timeout
 * @ZMQGLIB_ERROR_INVALID_ARGUMENT: a malformed endpoint, an option out of its range (`EINVAL`)
 * @ZMQGLIB_ERROR_INVALID_DATA: a frame does not hold what was asked of it
 * @ZMQGLIB_ERROR_NOT_SUPPORTED: not supported by this socket type or this build of libzmq
 * @ZMQGLIB_ERROR_PROTOCOL_NOT_SUPPORTED: the endpoint's transport is not known
 * @ZMQGLIB_ERROR_INCOMPATIBLE: the transport does not go with the socket type (`ENOCOMPATPROTO`)
 * @ZMQGLIB_ERROR_ADDRESS_IN_USE: somebody else is bound to the endpoint
 * @ZMQGLIB_ERROR_ADDRESS_NOT_AVAILABLE: the endpoint's address is not one of this machine's
 * @ZMQGLIB_ERROR_NOT_FOUND: no such endpoint or device, or nothing such in a poller
 * @ZMQGLIB_ERROR_WRONG_STATE: not in the socket's turn (`EFSM`), or the object is not ready for it
 * @ZMQGLIB_ERROR_TERMINATED: the context was shut down (`ETERM`)
 * @ZMQGLIB_ERROR_CLOSED: the object is closed (`ENOTSOCK`)
 * @ZMQGLIB_ERROR_NO_THREAD: no I/O thread is available (`EMTHREAD`)
 * @ZMQGLIB_ERROR_HOST_UNREACHABLE: no such peer (`EHOSTUNREACH`)
 * @ZMQGLIB_ERROR_MESSAGE_TOO_LARGE: larger than allowed (`EMSGSIZE`)
 * @ZMQGLIB_ERROR_TOO_MANY_SOCKETS: no more sockets or file descriptors (`EMFILE`)
 * @ZMQGLIB_ERROR_PERMISSION_DENIED: the system does not allow it
 * @ZMQGLIB_ERROR_QUEUE_FULL: a stream's send limit is reached
 *
 * Error codes of the domain `ZMQGLIB_ERROR`.
 *
 * Since: 1.0
 */
typedef enum
{
  ZMQGLIB_ERROR_FAILED,
  ZMQGLIB_ERROR_AGAIN,
  ZMQGLIB_ERROR_INVALID_ARGUMENT,
  ZMQGLIB_ERROR_INVALID_DATA,
  ZMQGLIB_ERROR_NOT_SUPPORTED,
  ZMQGLIB_ERROR_PROTOCOL_NOT_SUPPORTED,
  ZMQGLIB_ERROR_INCOMPATIBLE,
  ZMQGLIB_ERROR_ADDRESS_IN_USE,
  ZMQGLIB_ERROR_ADDRESS_NOT_AVAILABLE,
  ZMQGLIB_ERROR_NOT_FOUND,
  ZMQGLIB_ERROR_WRONG_STATE,
  ZMQGLIB_ERROR_TERMINATED,
  ZMQGLIB_ERROR_CLOSED,
  ZMQGLIB_ERROR_NO_THREAD,
  ZMQGLIB_ERROR_HOST_UNREACHABLE,
  ZMQGLIB_ERROR_MESSAGE_TOO_LARGE,
  ZMQGLIB_ERROR_TOO_MANY_SOCKETS,
  ZMQGLIB_ERROR_PERMISSION_DENIED,
  ZMQGLIB_ERROR_QUEUE_FULL
} ZmqError;

ZMQGLIB_AVAILABLE_IN_1_0
GQuark zmqglib_error_quark (void);

G_END_DECLS

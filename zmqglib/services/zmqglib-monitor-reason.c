/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "services/zmqglib-monitor-event-private.h"

/* Why something has failed, as a sentence. */

#ifndef ZMQ_PROTOCOL_ERROR_WS_UNSPECIFIED
#define ZMQ_PROTOCOL_ERROR_WS_UNSPECIFIED 0x30000000
#endif

static const char *
get_command_reason (guint32 value)
{
  switch (value)
    {
    case ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE:
      return _ ("The peer sent a malformed command MESSAGE");
    case ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO:
      return _ ("The peer sent a malformed command HELLO");
    case ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE:
      return _ ("The peer sent a malformed command INITIATE");
    case ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR:
      return _ ("The peer sent a malformed command ERROR");
    case ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY:
      return _ ("The peer sent a malformed command READY");
    case ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME:
      return _ ("The peer sent a malformed command WELCOME");
    default:
      return _ ("The peer sent a malformed command");
    }
}

static const char *
get_zap_reason (guint32 value)
{
  switch (value)
    {
    case ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY:
      return _ ("The authenticator sent a malformed reply");
    case ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID:
      return _ ("The authenticator replied to another request");
    case ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION:
      return _ ("The authenticator replied in another version of its protocol");
    case ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE:
      return _ ("The authenticator replied with an invalid status");
    case ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA:
      return _ ("The authenticator replied with invalid metadata");
    default:
      return _ ("The authenticator broke its protocol");
    }
}

static const char *
get_protocol_reason (guint32 value)
{
  switch (value)
    {
    case ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED:
      return _ ("The peer broke the protocol, or refused the connection");
    case ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND:
      return _ ("The peer sent an unexpected command");
    case ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE:
      return _ ("The peer sent a command out of sequence");
    case ZMQ_PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE:
      return _ ("The exchange of keys failed");
    case ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA:
      return _ ("The peer sent invalid metadata");
    case ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC:
      return _ ("The keys of the two sides do not fit");
    case ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH:
      return _ ("The peer uses another security mechanism");
    case ZMQ_PROTOCOL_ERROR_WS_UNSPECIFIED:
      return _ ("The peer broke the WebSocket protocol");
    default:
      break;
    }

  if ((value & ZMQ_PROTOCOL_ERROR_ZAP_UNSPECIFIED) != 0)
    return get_zap_reason (value);

  return get_command_reason (value);
}

static const char *
get_status_reason (guint32 status)
{
  switch (status)
    {
    case 300:
      return _ ("The authenticator could not decide for the moment");
    case 400:
      return _ ("The authenticator refused the peer");
    case 500:
      return _ ("The authenticator had an error");
    default:
      return _ ("The authenticator answered with another status");
    }
}

static ZmqError
get_protocol_code (guint32 value)
{
  return value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH ? ZMQGLIB_ERROR_INCOMPATIBLE : ZMQGLIB_ERROR_INVALID_DATA;
}

static GError *
make_handshake_error (ZmqError    code,
                      const char *endpoint,
                      const char *reason)
{
  return g_error_new (ZMQGLIB_ERROR, code, _ ("The handshake at “%s” failed: %s"), endpoint, reason);
}

static GError *
make_system_error (int   errnum,
                   char *what)
{
  GError *error = NULL;

  zmqglib_error_set (&error, errnum, "%s", what);
  g_free (what);

  return error;
}

/*
 * zmqglib_monitor_make_error:
 * @value: what libzmq says beside
 * @endpoint: (nullable): where it has happened
 *
 * Returns: (nullable): an error for what has failed
 */
GError *
zmqglib_monitor_make_error (ZmqMonitorEventKind kind,
                            guint32             value,
                            const char         *endpoint)
{
  const char *where = endpoint != NULL ? endpoint : "?";

  switch (kind)
    {
    case ZMQGLIB_MONITOR_EVENT_BIND_FAILED:
      return make_system_error (value, g_strdup_printf (_ ("Could not bind to “%s”"), where));
    case ZMQGLIB_MONITOR_EVENT_ACCEPT_FAILED:
      return make_system_error (value, g_strdup_printf (_ ("Could not accept a peer at “%s”"), where));
    case ZMQGLIB_MONITOR_EVENT_CLOSE_FAILED:
      return make_system_error (value, g_strdup_printf (_ ("Could not close the descriptor of “%s”"), where));
    case ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
      if (value == 0 || value == EPIPE || value == ECONNRESET)
        return make_handshake_error (ZMQGLIB_ERROR_FAILED, where, _ ("The peer closed the connection"));
      /* so libzmq says it, of no address */
      if (value == EFAULT)
        return make_handshake_error (ZMQGLIB_ERROR_PERMISSION_DENIED, where, _ ("There is no authenticator to let the peer in"));
      return make_system_error (value, g_strdup_printf (_ ("The handshake at “%s” failed"), where));
    case ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      return make_handshake_error (get_protocol_code (value), where, get_protocol_reason (value));
    case ZMQGLIB_MONITOR_EVENT_HANDSHAKE_FAILED_AUTH:
      return make_handshake_error (ZMQGLIB_ERROR_PERMISSION_DENIED, where, get_status_reason (value));
    case ZMQGLIB_MONITOR_EVENT_MONITOR_STOPPED:
      return value != 0 ? make_system_error (value, g_strdup (_ ("The monitor has stopped"))) : NULL;
    default:
      return NULL;
    }
}

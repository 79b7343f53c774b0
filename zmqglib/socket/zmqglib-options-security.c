/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <zmq.h>

#include "base/zmqglib-i18n-private.h"
#include "socket/zmqglib-socket-options-private.h"

#define SELECTS_MECHANISM          (G_PARAM_READWRITE | ZMQGLIB_OPTION_SELECTS_MECHANISM)
#define SELECTS_MECHANISM_SECRETLY (G_PARAM_WRITABLE | ZMQGLIB_OPTION_SELECTS_MECHANISM | ZMQGLIB_OPTION_IS_SECRET)

/* Authentication and encryption. The mechanism has no option of its own: it is the one whose
 * options were set last.
 *
 * “(setter none)” keeps the scanner from taking zmqglib_socket_set_curve_server() for the property's setter. */
const ZmqSocketOption zmqglib_options_security[] = {
  /**
   * ZmqSocket:security-mechanism:
   *
   * How the next connections are secured, which follows from the properties of the single
   * mechanisms: it is the one of which something was set last. What has its value already changes nothing when it is
   * set to that again. Defaults to
   * %ZMQGLIB_SECURITY_MECHANISM_NULL (`ZMQ_MECHANISM`).
   *
   * Since: 1.0
   */
  { "security-mechanism", ZMQ_MECHANISM, ZMQGLIB_OPTION_KIND_SECURITY_MECHANISM, G_PARAM_READABLE,
    0, 0, ZMQ_NULL,
    N_ ("How the next connections are secured") },

  /**
   * ZmqSocket:zap-domain:
   *
   * The domain that the authenticator at `inproc://zeromq.zap.01` is told, from 1 to 255 bytes;
   * once set it cannot be unset. Defaults to %NULL, with which the NULL mechanism asks no
   * authenticator. Applies to later binds and connections (`ZMQ_ZAP_DOMAIN`).
   *
   * Since: 1.0
   */
  { "zap-domain", ZMQ_ZAP_DOMAIN, ZMQGLIB_OPTION_KIND_STRING, G_PARAM_READWRITE, 0, 0, 0,
    N_ ("The domain that the authenticator is told") },

  /**
   * ZmqSocket:zap-enforce-domain:
   *
   * Whether nobody is let in while there is no authenticator: without it, a server of the CURVE mechanism then lets
   * everybody in who knows its public key. It can be set when there is a [property@Zmq.Socket:zap-domain], and binding
   * a server sets it in a context that has a [class@Zmq.Authenticator], or had one. Defaults to %FALSE. Applies to
   * later binds and connections (`ZMQ_ZAP_ENFORCE_DOMAIN`).
   *
   * Since: 1.0
   */
  { "zap-enforce-domain", ZMQGLIB_OPTION_ZAP_ENFORCE_DOMAIN, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_READWRITE, 0, 1, FALSE,
    N_ ("Whether nobody is let in while there is no authenticator") },

  /**
   * ZmqSocket:plain-server:
   *
   * Whether the socket is the server of the PLAIN mechanism, which asks peers for a user name and a password; %FALSE
   * makes such a server one without security, and changes nothing else. Defaults to %FALSE. Applies to later binds
   * and connections (`ZMQ_PLAIN_SERVER`).
   *
   * Since: 1.0
   */
  { "plain-server", ZMQ_PLAIN_SERVER, ZMQGLIB_OPTION_KIND_BOOLEAN, SELECTS_MECHANISM, 0, 1, FALSE,
    N_ ("Whether the socket is the server of the PLAIN mechanism") },

  /**
   * ZmqSocket:plain-username:
   *
   * The user name that a client of the PLAIN mechanism gives, from 1 to 255 bytes; %NULL makes a client of PLAIN one
   * without security, and libzmq goes on telling the last name. Defaults to %NULL. Applies to later binds and
   * connections (`ZMQ_PLAIN_USERNAME`).
   *
   * Since: 1.0
   */
  { "plain-username", ZMQ_PLAIN_USERNAME, ZMQGLIB_OPTION_KIND_STRING, SELECTS_MECHANISM, 0, 0, 0,
    N_ ("The user name that a client of the PLAIN mechanism gives") },

  /**
   * ZmqSocket:plain-password:
   *
   * The password that a client of the PLAIN mechanism gives, from 1 to 255 bytes; %NULL makes a client of PLAIN one
   * without security. It cannot be read. Defaults to %NULL. Applies to later binds and connections
   * (`ZMQ_PLAIN_PASSWORD`).
   *
   * Since: 1.0
   */
  { "plain-password", ZMQ_PLAIN_PASSWORD, ZMQGLIB_OPTION_KIND_STRING, SELECTS_MECHANISM_SECRETLY,
    0, 0, 0,
    N_ ("The password that a client of the PLAIN mechanism gives") },

  /**
   * ZmqSocket:curve-server: (setter none)
   *
   * Whether the socket is the server of the CURVE mechanism, which needs [property@Zmq.Socket:curve-secret-key];
   * %FALSE makes such a server one without security, and changes nothing else. Defaults to %FALSE. Applies to later
   * binds and connections (`ZMQ_CURVE_SERVER`).
   *
   * Since: 1.0
   */
  { "curve-server", ZMQ_CURVE_SERVER, ZMQGLIB_OPTION_KIND_BOOLEAN, SELECTS_MECHANISM, 0, 1, FALSE,
    N_ ("Whether the socket is the server of the CURVE mechanism") },

  /**
   * ZmqSocket:curve-public-key:
   *
   * The socket's own public key, 40 characters of Z85; once set it cannot be unset. Clients of the
   * CURVE mechanism need it. Defaults to %NULL. Applies to later binds and connections
   * (`ZMQ_CURVE_PUBLICKEY`).
   *
   * Since: 1.0
   */
  { "curve-public-key", ZMQ_CURVE_PUBLICKEY, ZMQGLIB_OPTION_KIND_KEY, SELECTS_MECHANISM, 0, 0, 0,
    N_ ("The socket’s own public key, as Z85 text") },

  /**
   * ZmqSocket:curve-secret-key:
   *
   * The socket's own secret key, 40 characters of Z85; once set it cannot be unset. Clients and servers of the CURVE
   * mechanism need it. It cannot be read. Defaults to %NULL. Applies to later binds and connections
   * (`ZMQ_CURVE_SECRETKEY`).
   *
   * Since: 1.0
   */
  { "curve-secret-key", ZMQ_CURVE_SECRETKEY, ZMQGLIB_OPTION_KIND_KEY, SELECTS_MECHANISM_SECRETLY,
    0, 0, 0,
    N_ ("The socket’s own secret key, as Z85 text") },

  /**
   * ZmqSocket:curve-server-key:
   *
   * The public key of the server, 40 characters of Z85; once set it cannot be unset. Clients of the CURVE mechanism
   * need it, and setting it makes the socket one. Defaults to %NULL. Applies to later binds and connections
   * (`ZMQ_CURVE_SERVERKEY`).
   *
   * Since: 1.0
   */
  { "curve-server-key", ZMQ_CURVE_SERVERKEY, ZMQGLIB_OPTION_KIND_KEY, SELECTS_MECHANISM, 0, 0, 0,
    N_ ("The public key of the server, as Z85 text") },

  /**
   * ZmqSocket:gssapi-server:
   *
   * Whether the socket is the server of the GSSAPI mechanism; %FALSE makes such a server a client.
   * Defaults to %FALSE. Applies to later binds and connections (`ZMQ_GSSAPI_SERVER`).
   *
   * Since: 1.0
   */
  { "gssapi-server", ZMQ_GSSAPI_SERVER, ZMQGLIB_OPTION_KIND_BOOLEAN, SELECTS_MECHANISM, 0, 1, FALSE,
    N_ ("Whether the socket is the server of the GSSAPI mechanism") },

  /**
   * ZmqSocket:gssapi-principal:
   *
   * The principal whose credentials the socket uses, from 1 to 255 bytes; once set it cannot be
   * unset. Defaults to %NULL. Applies to later binds and connections (`ZMQ_GSSAPI_PRINCIPAL`).
   *
   * Since: 1.0
   */
  { "gssapi-principal", ZMQ_GSSAPI_PRINCIPAL, ZMQGLIB_OPTION_KIND_STRING, SELECTS_MECHANISM, 0, 0, 0,
    N_ ("The principal whose credentials the socket uses") },

  /**
   * ZmqSocket:gssapi-service-principal:
   *
   * The principal of the server that a client of the GSSAPI mechanism connects to, from 1 to 255
   * bytes; once set it cannot be unset. Setting it makes the socket a client. Defaults to %NULL.
   * Applies to later binds and connections (`ZMQ_GSSAPI_SERVICE_PRINCIPAL`).
   *
   * Since: 1.0
   */
  { "gssapi-service-principal", ZMQ_GSSAPI_SERVICE_PRINCIPAL, ZMQGLIB_OPTION_KIND_STRING,
    SELECTS_MECHANISM, 0, 0, 0,
    N_ ("The principal of the server that a GSSAPI client connects to") },

  /**
   * ZmqSocket:gssapi-plaintext:
   *
   * Whether the GSSAPI mechanism leaves messages unencrypted. Defaults to %FALSE. Applies to later binds and
   * connections (`ZMQ_GSSAPI_PLAINTEXT`).
   *
   * Since: 1.0
   */
  { "gssapi-plaintext", ZMQ_GSSAPI_PLAINTEXT, ZMQGLIB_OPTION_KIND_BOOLEAN, G_PARAM_READWRITE,
    0, 1, FALSE,
    N_ ("Whether the GSSAPI mechanism leaves messages unencrypted") },

  /**
   * ZmqSocket:gssapi-principal-name-type:
   *
   * How the name in [property@Zmq.Socket:gssapi-principal] is to be read. Defaults to
   * %ZMQGLIB_GSSAPI_NAME_TYPE_HOST_BASED. Applies to later binds and connections
   * (`ZMQ_GSSAPI_PRINCIPAL_NAMETYPE`).
   *
   * Since: 1.0
   */
  { "gssapi-principal-name-type", ZMQ_GSSAPI_PRINCIPAL_NAMETYPE, ZMQGLIB_OPTION_KIND_GSSAPI_NAME_TYPE,
    G_PARAM_READWRITE, 0, 0, ZMQ_GSSAPI_NT_HOSTBASED,
    N_ ("How the name in “gssapi-principal” is to be read") },

  /**
   * ZmqSocket:gssapi-service-principal-name-type:
   *
   * How the name in [property@Zmq.Socket:gssapi-service-principal] is to be read. Defaults to
   * %ZMQGLIB_GSSAPI_NAME_TYPE_HOST_BASED. Applies to later binds and connections
   * (`ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE`).
   *
   * Since: 1.0
   */
  { "gssapi-service-principal-name-type", ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE,
    ZMQGLIB_OPTION_KIND_GSSAPI_NAME_TYPE, G_PARAM_READWRITE, 0, 0, ZMQ_GSSAPI_NT_HOSTBASED,
    N_ ("How the name in “gssapi-service-principal” is to be read") },

  { NULL }
};

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "socket/zmqglib-endpoint-check-private.h"

/* libzmq does not forget a connection to its SOCKS proxy that has failed, whether the proxy cannot be reached, is
 * none, or cannot reach the peer, and aborts when the socket is closed next. So GIO goes that way before. */

/* libzmq insists that a host that it names to a proxy is not longer */
#define MAX_HOST_SIZE   255
#define DEFAULT_PORT    1080
#define TIMEOUT_SECONDS 5

static char *
get_proxy (ZmqSocket *self)
{
  char  proxy[1024] = "";
  gsize size = sizeof proxy;

  if (zmq_getsockopt (self->core->handle, ZMQ_SOCKS_PROXY, proxy, &size) != 0 || proxy[0] == '\0')
    return NULL;

  return g_strdup (proxy);
}

/* As libzmq takes it apart: what is behind the last colon is the port, which has to be a number, since names are not
 * looked up. */
static gboolean
parse_peer (const char *address,
            char      **host,
            guint16    *port)
{
  const char *colon = strrchr (address, ':');
  gsize       size;
  guint64     number;

  if (colon == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT16, &number, NULL))
    return FALSE;

  size = colon - address;
  if (size >= 2 && address[0] == '[' && colon[-1] == ']')
    {
      address++;
      size -= 2;
    }
  if (size == 0 || size > MAX_HOST_SIZE)
    return FALSE;

  *host = g_strndup (address, size);
  *port = number;

  return TRUE;
}

static gboolean
reaches (const char *proxy,
         const char *host,
         guint16     port,
         GError    **error)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocketAddress) route = NULL;
  g_autoptr (GProxy) socks = g_proxy_get_default_for_protocol ("socks5");
  g_autoptr (GIOStream) stream = NULL;

  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_timeout (client, TIMEOUT_SECONDS);
  connection = g_socket_client_connect_to_host (client, proxy, DEFAULT_PORT, NULL, error);
  if (connection == NULL)
    return FALSE;

  address = g_socket_connection_get_remote_address (connection, error);
  if (address == NULL)
    return FALSE;

  route = g_proxy_address_new (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)),
                               g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)), "socks5", host, port, NULL, NULL);
  stream = g_proxy_connect (socks, G_IO_STREAM (connection), G_PROXY_ADDRESS (route), NULL, error);

  return stream != NULL;
}

/*
 * zmqglib_endpoint_check_proxy:
 * @what: what cannot be done otherwise, translated
 *
 * Goes the way through the proxy of the socket, if it has one, to a peer that it is to be connected to, and back.
 *
 * Returns: %TRUE, or %FALSE with @error set
 */
gboolean
zmqglib_endpoint_check_proxy (ZmqSocket  *self,
                              const char *endpoint,
                              const char *what,
                              GError    **error)
{
  g_autofree char *proxy = g_str_has_prefix (endpoint, "tcp://") ? get_proxy (self) : NULL;
  g_autofree char *host = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *shown_reason = NULL;
  g_autoptr (GError) reason = NULL;
  guint16 port;

  if (proxy == NULL)
    return TRUE;

  if (!parse_peer (endpoint + strlen ("tcp://"), &host, &port))
    {
      zmqglib_endpoint_set_error (error, EINVAL, endpoint, what);
      return FALSE;
    }

  if (reaches (proxy, host, port, &reason))
    return TRUE;

  /* GIO, too, names what cannot be reached */
  shown = zmqglib_error_show (proxy);
  shown_reason = zmqglib_error_show (reason->message);
  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_HOST_UNREACHABLE,
               /* Translators: what could not be done, a host and a port, and why */
               _ ("%s: The SOCKS proxy “%s” does not lead there: %s"), what, shown, shown_reason);

  return FALSE;
}

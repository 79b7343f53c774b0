/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "socket/zmqglib-endpoint-check-private.h"

/* norm://, pgm:// and epgm:// are opened by libzmq's I/O threads, which abort at whatever fails,
 * so everything that they do is done beforehand. */

/* NORM opens up to nine, PGM up to six */
#define N_DESCRIPTORS 16

#define MIN_PGM_TPDU 256
#define MAX_PGM_TPDU 16384
#define MAX_PGM_RATE (G_MAXINT / 1000)

#ifndef IPPROTO_PGM
#define IPPROTO_PGM 113
#endif

typedef struct
{
  gboolean      is_norm;
  gboolean      is_raw;    /* PGM without UDP, for which a privilege is needed */
  char         *interface; /* or an address of it; NULL when it was not told */
  GInetAddress *address;
  guint16       port;
} Multicast;

static void
multicast_clear (Multicast *multicast)
{
  g_free (multicast->interface);
  g_clear_object (&multicast->address);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Multicast, multicast_clear)

/* Takes “interface;” off; NORM may have the number of a node before it. */
static const char *
parse_interface (Multicast  *multicast,
                 const char *address)
{
  const char *start = address;
  const char *comma = strchr (address, ',');
  const char *end;

  if (comma != NULL && multicast->is_norm)
    {
      g_autofree char *node = g_strndup (address, comma - address);

      if (!g_ascii_string_to_unsigned (node, 10, 1, G_MAXUINT32 - 1, NULL, NULL))
        return NULL;
      start = comma + 1;
    }

  end = strchr (start, ';');
  if (end == NULL)
    return start;

  multicast->interface = g_strndup (start, end - start);

  return end + 1;
}

/* Only numbers: looking a name up takes time, and may tell another address the next time. */
static gboolean
parse_address (Multicast  *multicast,
               const char *address)
{
  const char      *start = parse_interface (multicast, address);
  const char      *colon = start != NULL ? strrchr (start, ':') : NULL;
  g_autofree char *host = NULL;
  guint64          port;

  if (colon == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT16, &port, NULL))
    return FALSE;

  host = g_strndup (start, colon - start);
  multicast->port = port;
  multicast->address = g_inet_address_new_from_string (host);

  return multicast->address != NULL;
}

static gboolean
parse_endpoint (Multicast  *multicast,
                const char *endpoint)
{
  const char *address = strstr (endpoint, "://") + strlen ("://");

  multicast->is_norm = g_str_has_prefix (endpoint, "norm:");
  multicast->is_raw = g_str_has_prefix (endpoint, "pgm:");

  return parse_address (multicast, address);
}

static int
open_for (const Multicast *multicast)
{
  int family = g_inet_address_get_family (multicast->address);

  return multicast->is_raw ? socket (family, SOCK_RAW, IPPROTO_PGM)
                           : socket (family, SOCK_DGRAM, 0);
}

/* Nobody else may have the port, unless it is for a group, which many may listen to. */
static int
try_port (const Multicast *multicast,
          int              fd)
{
  g_autoptr (GInetAddress) any =
      g_inet_address_new_any (g_inet_address_get_family (multicast->address));
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (any, multicast->port);
  struct sockaddr_storage native;
  int                     yes = 1;

  if (!g_socket_address_to_native (address, &native, sizeof native, NULL))
    return EINVAL;

  if (g_inet_address_get_is_multicast (multicast->address) &&
      (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
       setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) != 0))
    return errno;

  return bind (fd, (struct sockaddr *) &native, g_socket_address_get_native_size (address)) == 0
             ? 0
             : errno;
}

static int
try_interface (const Multicast *multicast)
{
  g_autoptr (GInetAddress) address = NULL;
  g_autoptr (GSocketAddress) local = NULL;
  struct sockaddr_storage native;
  int                     fd;
  int                     errnum = 0;

  if (multicast->interface == NULL || if_nametoindex (multicast->interface) != 0)
    return 0;

  address = g_inet_address_new_from_string (multicast->interface);
  if (address == NULL)
    return ENODEV;

  local = g_inet_socket_address_new (address, 0);
  fd = socket (g_inet_address_get_family (address), SOCK_DGRAM, 0);
  if (fd < 0 || !g_socket_address_to_native (local, &native, sizeof native, NULL) ||
      bind (fd, (struct sockaddr *) &native, g_socket_address_get_native_size (local)) != 0)
    errnum = errno == EADDRNOTAVAIL ? ENODEV : errno;
  if (fd >= 0)
    close (fd);

  return errnum;
}

static int
try_group (const Multicast *multicast,
           int              fd)
{
  struct group_req request = { 0 };
  g_autoptr (GSocketAddress) group = g_inet_socket_address_new (multicast->address, 0);
  gboolean is_ipv6 = g_inet_address_get_family (multicast->address) == G_SOCKET_FAMILY_IPV6;

  if (!g_inet_address_get_is_multicast (multicast->address))
    return 0;

  if (multicast->interface != NULL)
    request.gr_interface = if_nametoindex (multicast->interface);

  if (!g_socket_address_to_native (group, &request.gr_group, sizeof request.gr_group, NULL))
    return EINVAL;

  return setsockopt (fd, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, MCAST_JOIN_GROUP, &request, sizeof request) == 0
             ? 0
             : errno;
}

static int
rehearse (const Multicast *multicast)
{
  int fd = open_for (multicast);
  int errnum = fd >= 0 ? 0 : errno;

  if (errnum == 0)
    errnum = try_interface (multicast);
  if (errnum == 0 && multicast->is_norm)
    errnum = try_port (multicast, fd);
  if (errnum == 0)
    errnum = try_group (multicast, fd);

  if (fd >= 0)
    close (fd);

  return errnum;
}

static int
get_option (ZmqSocket *self,
            int        option)
{
  int   value = 0;
  gsize size = sizeof value;

  zmq_getsockopt (self->core->handle, option, &value, &size);

  return value;
}

/* What PGM insists on: a packet has room for its headers and more, and leaves within a second. */
static gboolean
check_pgm_options (ZmqSocket  *self,
                   const char *what,
                   GError    **error)
{
  int rate = get_option (self, ZMQ_RATE);
  int tpdu = get_option (self, ZMQ_MULTICAST_MAXTPDU);

  if (tpdu >= MIN_PGM_TPDU && tpdu <= MAX_PGM_TPDU && rate <= MAX_PGM_RATE &&
      rate * 1000 / 8 >= tpdu)
    return TRUE;

  g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
               /* Translators: what could not be done, and two numbers */
               _ ("%s: A “rate” of %d does not go with a “multicast-max-tpdu” of %d"),
               what, rate, tpdu);

  return FALSE;
}

/* What libzmq refuses by itself, it tells better. */
static gboolean
is_opened (ZmqSocket  *self,
           const char *endpoint)
{
  gboolean is_norm = g_str_has_prefix (endpoint, "norm://");
  gboolean is_pgm = g_str_has_prefix (endpoint, "pgm://") || g_str_has_prefix (endpoint, "epgm://");

  switch (self->core->type)
    {
    case ZMQGLIB_SOCKET_PUB:
    case ZMQGLIB_SOCKET_SUB:
    case ZMQGLIB_SOCKET_XPUB:
    case ZMQGLIB_SOCKET_XSUB:
      return (is_norm && zmq_has ("norm")) || (is_pgm && zmq_has ("pgm"));
    default:
      return FALSE;
    }
}

/*
 * zmqglib_endpoint_check_multicast:
 * @what: what cannot be done otherwise, translated
 *
 * Checks an endpoint of multicast; others are passed.
 *
 * Returns: %TRUE, or %FALSE with @error set
 */
gboolean
zmqglib_endpoint_check_multicast (ZmqSocket  *self,
                                  const char *endpoint,
                                  const char *what,
                                  GError    **error)
{
  g_auto (Multicast) multicast = { 0 };
  int errnum;

  if (!is_opened (self, endpoint))
    return TRUE;

  if (!parse_endpoint (&multicast, endpoint))
    errnum = EINVAL;
  else if (!zmqglib_context_has_descriptors (N_DESCRIPTORS))
    errnum = EMFILE;
  else
    errnum = rehearse (&multicast);

  if (errnum != 0)
    zmqglib_error_set (error, errnum, "%s", what);

  return errnum == 0 && (multicast.is_norm || check_pgm_options (self, what, error));
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include "base/zmqglib-error-private.h"
#include "base/zmqglib-i18n-private.h"
#include "socket/zmqglib-endpoint-check-private.h"

/* What has to be looked at before libzmq is told to bind or to connect, since it would abort, take
 * what belongs to others, or take the endpoint for another one. */

/* By descriptor: the inode of the socket that libzmq was given to listen with. libzmq closes it,
 * and aborts when it is given the same one twice. */
static GHashTable *used_fds;

/* libzmq takes a number that is too large for another one. */
static gboolean
is_bad_port (const char *address)
{
  const char *port = strrchr (address, ':');

  if (port == NULL || g_str_has_suffix (address, "]"))
    return FALSE;

  port++;

  return (g_ascii_isdigit (*port) || *port == '-' || *port == '+') &&
         !g_ascii_string_to_unsigned (port, 10, 0, G_MAXUINT16, NULL, NULL);
}

/* The address of a source, which has a port as well, may come before that of the peer. */
static gboolean
has_bad_port (const char *endpoint)
{
  g_auto (GStrv) addresses = NULL;

  if (!g_str_has_prefix (endpoint, "tcp://"))
    return FALSE;

  addresses = g_strsplit (endpoint + strlen ("tcp://"), ";", -1);
  for (guint i = 0; addresses[i] != NULL; i++)
    if (is_bad_port (addresses[i]))
      return TRUE;

  return FALSE;
}

/*
 * zmqglib_endpoint_check:
 * @what: what cannot be done otherwise, translated
 *
 * Checks what holds for every use of an endpoint: libzmq aborts when it cannot open a descriptor to
 * look an address up with.
 *
 * Returns: %TRUE, or %FALSE with @error set
 */
gboolean
zmqglib_endpoint_check (const char *endpoint,
                        const char *what,
                        GError    **error)
{
  if (g_str_has_prefix (endpoint, "inproc:") || zmqglib_context_has_descriptors (1))
    return TRUE;

  zmqglib_error_set (error, EMFILE, "%s", what);

  return FALSE;
}

static gboolean
check_port (const char *endpoint,
            const char *what,
            GError    **error)
{
  if (!has_bad_port (endpoint))
    return TRUE;

  zmqglib_endpoint_set_error (error, EINVAL, endpoint, what);

  return FALSE;
}

static int
get_use_fd (ZmqSocket *self)
{
  int   fd = -1;
  gsize size = sizeof fd;

  return zmq_getsockopt (self->core->handle, ZMQ_USE_FD, &fd, &size) == 0 ? fd : -1;
}

static gboolean
get_int (int  fd,
         int  option,
         int *value)
{
  socklen_t size = sizeof *value;

  return getsockopt (fd, SOL_SOCKET, option, value, &size) == 0;
}

static gboolean
listens (int         fd,
         const char *endpoint)
{
  struct sockaddr_storage address;
  socklen_t               size = sizeof address;
  int                     type = 0;
  int                     accepts = 0;

  if (!get_int (fd, SO_TYPE, &type) || type != SOCK_STREAM ||
      !get_int (fd, SO_ACCEPTCONN, &accepts) || !accepts ||
      getsockname (fd, (struct sockaddr *) &address, &size) != 0)
    return FALSE;

  if (g_str_has_prefix (endpoint, "tcp://"))
    return address.ss_family == AF_INET || address.ss_family == AF_INET6;
  else
    return address.ss_family == AF_UNIX;
}

static gboolean
is_used (int fd)
{
  struct stat status;
  gpointer    inode = NULL;
  gboolean    used;

  if (fstat (fd, &status) != 0)
    return FALSE;

  g_mutex_lock (&zmqglib_fork_lock);
  used = used_fds != NULL &&
         g_hash_table_lookup_extended (used_fds, GINT_TO_POINTER (fd), NULL, &inode) &&
         GPOINTER_TO_SIZE (inode) == (gsize) status.st_ino;
  g_mutex_unlock (&zmqglib_fork_lock);

  return used;
}

/*
 * zmqglib_endpoint_bound:
 * @endpoint: what the socket was bound to
 *
 * Remembers the descriptor that libzmq has taken over for it, if any.
 */
void
zmqglib_endpoint_bound (ZmqSocket  *self,
                        const char *endpoint)
{
  int         fd = g_str_has_prefix (endpoint, "inproc:") ? -1 : get_use_fd (self);
  struct stat status;

  if (fd == -1 || fstat (fd, &status) != 0)
    return;

  g_mutex_lock (&zmqglib_fork_lock);
  if (used_fds == NULL)
    used_fds = g_hash_table_new (NULL, NULL);
  g_hash_table_insert (used_fds, GINT_TO_POINTER (fd), GSIZE_TO_POINTER (status.st_ino));
  g_mutex_unlock (&zmqglib_fork_lock);
}

static gboolean
check_use_fd (int         fd,
              const char *endpoint,
              const char *what,
              GError    **error)
{
  if (!listens (fd, endpoint))
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_INVALID_ARGUMENT,
                 /* Translators: what could not be done, and a number */
                 _ ("%s: The “use-fd” of %d is not a listening socket of that transport"), what, fd);
  else if (is_used (fd))
    g_set_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_ADDRESS_IN_USE,
                 /* Translators: what could not be done, and a number */
                 _ ("%s: The “use-fd” of %d listens for another endpoint already"), what, fd);
  else
    return TRUE;

  return FALSE;
}

/* Whether somebody listens at the path of a socket. A datagram does not go with the kind of socket
 * that listens there, so that nobody is disturbed by the question. */
static gboolean
is_listened_at (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int                fd = socket (AF_UNIX, SOCK_DGRAM, 0);
  gboolean           refused;

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  refused = fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) != 0 &&
            errno == ECONNREFUSED;
  if (fd >= 0)
    close (fd);

  return !refused;
}

/* A listener that was unbound or closed goes a moment later, in libzmq's own thread. */
#define GOING_US  (100 * G_TIME_SPAN_MILLISECOND)
#define GLANCE_US (1 * G_TIME_SPAN_MILLISECOND)

static gboolean
stays_listened_at (const char *path)
{
  gint64 end = g_get_monotonic_time () + GOING_US;

  while (is_listened_at (path))
    {
      if (g_get_monotonic_time () >= end)
        return TRUE;
      g_usleep (GLANCE_US);
    }

  return FALSE;
}

/* libzmq removes what is at the path before it looks further, even of an abstract name. */
static int
find_ipc_obstacle (const char *path)
{
  struct stat status;

  /* libzmq makes a new path up */
  if (path[0] == '*')
    return 0;

  if (strlen (path) >= sizeof ((struct sockaddr_un *) NULL)->sun_path)
    return ENAMETOOLONG;

  if (lstat (path, &status) != 0)
    return 0;

  return !S_ISSOCK (status.st_mode) || stays_listened_at (path) ? EADDRINUSE : 0;
}

/*
 * zmqglib_endpoint_check_bind:
 * @what: what cannot be done otherwise, translated
 *
 * Checks what a socket is to be bound to.
 *
 * Returns: %TRUE, or %FALSE with @error set
 */
gboolean
zmqglib_endpoint_check_bind (ZmqSocket  *self,
                             const char *endpoint,
                             const char *what,
                             GError    **error)
{
  gboolean is_ipc = g_str_has_prefix (endpoint, "ipc://");
  gboolean may_listen = is_ipc || g_str_has_prefix (endpoint, "tcp://");
  int      fd = may_listen ? get_use_fd (self) : -1;
  int      errnum;

  if (!zmqglib_endpoint_check (endpoint, what, error) || !check_port (endpoint, what, error))
    return FALSE;

  if (fd != -1)
    return check_use_fd (fd, endpoint, what, error);

  errnum = is_ipc ? find_ipc_obstacle (endpoint + strlen ("ipc://")) : 0;
  if (errnum != 0)
    zmqglib_error_set (error, errnum, "%s", what);

  return errnum == 0 && zmqglib_endpoint_check_multicast (self, endpoint, what, error);
}

/*
 * zmqglib_endpoint_check_connect:
 * @what: what cannot be done otherwise, translated
 *
 * Checks what a socket is to be connected to.
 *
 * Returns: %TRUE, or %FALSE with @error set
 */
gboolean
zmqglib_endpoint_check_connect (ZmqSocket  *self,
                                const char *endpoint,
                                const char *what,
                                GError    **error)
{
  return zmqglib_endpoint_check (endpoint, what, error) && check_port (endpoint, what, error) &&
         zmqglib_endpoint_check_proxy (self, endpoint, what, error) &&
         zmqglib_endpoint_check_multicast (self, endpoint, what, error);
}

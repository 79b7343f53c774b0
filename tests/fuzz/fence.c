/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fence.h"
#include "fuzz.h"

/* The functions of the C library by which libzmq and GIO reach out are those here, since a program's come first. */

static GThread *player;
static gboolean is_outside = TRUE;

void
fence_put_up (void)
{
  if (player != NULL)
    return;

  player = g_thread_self ();
  /* where paths are that begin nowhere */
  fuzz_assert (chdir (fuzz_get_folder ()) == 0);
}

void
fence_enter (void)
{
  is_outside = FALSE;
}

void
fence_leave (void)
{
  is_outside = TRUE;
}

/* What libFuzzer itself does is not looked at. */
static gboolean
is_within (void)
{
  return player != NULL && (g_thread_self () != player || !is_outside);
}

static gboolean
is_own_path (const char *path)
{
  return strstr (path, "..") == NULL && (path[0] != '/' || g_str_has_prefix (path, fuzz_get_folder ()));
}

static gboolean
is_own_unix (const struct sockaddr *address,
             socklen_t              size)
{
  struct sockaddr_un copy = { 0 };
  char               path[sizeof copy.sun_path + 1] = "";

  memcpy (&copy, address, MIN (size, sizeof copy));
  memcpy (path, copy.sun_path, sizeof copy.sun_path);

  return path[0] == '\0' || is_own_path (path);
}

/* Any address of the machine becomes the one that only the machine has. */
static gboolean
make_own (const struct sockaddr   *address,
          socklen_t                size,
          struct sockaddr_storage *own)
{
  memset (own, 0, sizeof *own);
  memcpy (own, address, MIN (size, sizeof *own));
  if (own->ss_family == AF_INET)
    {
      struct sockaddr_in *in = (gpointer) own;

      if (in->sin_addr.s_addr == htonl (INADDR_ANY))
        in->sin_addr.s_addr = htonl (INADDR_LOOPBACK);
      return ntohl (in->sin_addr.s_addr) >> 24 == 127;
    }
  if (own->ss_family == AF_INET6)
    {
      struct sockaddr_in6 *in6 = (gpointer) own;

      if (IN6_IS_ADDR_UNSPECIFIED (&in6->sin6_addr))
        in6->sin6_addr = in6addr_loopback;
      return IN6_IS_ADDR_LOOPBACK (&in6->sin6_addr);
    }

  return own->ss_family == AF_UNIX && is_own_unix (address, size);
}

static int
fail (int errnum)
{
  errno = errnum;

  return -1;
}

int
bind (int                    fd,
      const struct sockaddr *address,
      socklen_t              size)
{
  int (*next) (int, const struct sockaddr *, socklen_t) = fuzz_find_next ("bind");
  struct sockaddr_storage own;

  if (!is_within ())
    return next (fd, address, size);

  return make_own (address, size, &own) ? next (fd, (const struct sockaddr *) &own, size) : fail (EADDRNOTAVAIL);
}

int
connect (int                    fd,
         const struct sockaddr *address,
         socklen_t              size)
{
  int (*next) (int, const struct sockaddr *, socklen_t) = fuzz_find_next ("connect");
  struct sockaddr_storage own;

  if (!is_within ())
    return next (fd, address, size);

  return make_own (address, size, &own) ? next (fd, (const struct sockaddr *) &own, size) : fail (ENETUNREACH);
}

/* What is no connection could go to whole groups of machines. */
int
socket (int domain,
        int type,
        int protocol)
{
  int (*next) (int, int, int) = fuzz_find_next ("socket");
  const gboolean is_inet = domain == AF_INET || domain == AF_INET6;

  if (is_within () && domain != AF_UNIX && !(is_inet && (type & 0xf) == SOCK_STREAM))
    return fail (EACCES);

  return next (domain, type, protocol);
}

int
unlink (const char *path)
{
  int (*next) (const char *) = fuzz_find_next ("unlink");

  return is_within () && !is_own_path (path) ? fail (EACCES) : next (path);
}

int
getaddrinfo (const char            *node,
             const char            *service,
             const struct addrinfo *hints,
             struct addrinfo      **result)
{
  int (*next) (const char *, const char *, const struct addrinfo *, struct addrinfo **) = fuzz_find_next ("getaddrinfo");
  struct addrinfo numeric = { 0 };

  if (hints != NULL)
    numeric = *hints;
  if (is_within ())
    numeric.ai_flags |= AI_NUMERICHOST;

  return next (node, service, hints != NULL || is_within () ? &numeric : NULL, result);
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

/* Who includes this defines _GNU_SOURCE. */
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>

#include "test-network-wire.h"

G_BEGIN_DECLS

/* Two networks of the test's own with a wire between them. The process has sockets on both sides: what a thread of libzmq
 * opens is on the side that the thread was on when it started the context. */

#define NETWORK_DEVICE "wire0"
#define NETWORK_NEAR   "10.9.0.1"
#define NETWORK_FAR    "10.9.0.2"
#define NETWORK_OTHER  "10.9.0.3" /* where the far side may move to */

typedef enum
{
  NETWORK_SIDE_NEAR,
  NETWORK_SIDE_FAR,
} NetworkSide;

typedef struct
{
  Wire  wire;
  int   sides[2];  /* the namespaces */
  char *no_reason; /* why there are none */
} Network;

static Network network;

/* The thread, and what it starts, is on that side from now on. */
static inline void
network_go (NetworkSide side)
{
  g_assert_cmpint (setns (network.sides[side], CLONE_NEWNET), ==, 0);
}

static inline void
network_go_in_child (gpointer data)
{
  setns (network.sides[GPOINTER_TO_UINT (data)], CLONE_NEWNET);
}

/* Runs “ip” of iproute2 on that side. */
static inline void
network_ip (NetworkSide side,
            const char *arguments)
{
  g_autofree char *command = g_strdup_printf ("ip %s", arguments);
  g_auto (GStrv) argv = g_strsplit (command, " ", -1);
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH, network_go_in_child, GUINT_TO_POINTER (side), NULL, NULL, &status, &error);
  g_assert_no_error (error);
  if (!g_spawn_check_wait_status (status, &error))
    g_error ("“%s”: %s", command, error->message);
}

static inline gboolean
network_write_map (const char *path,
                   guint       id)
{
  FILE    *file = fopen (path, "w");
  gboolean is_written;

  if (file == NULL)
    return FALSE;

  is_written = fprintf (file, "0 %u 1\n", id) > 0;

  return fclose (file) == 0 && is_written;
}

/* As somebody who is root there, and only there; or, in a chroot, where that may not be, as root. */
static inline gboolean
network_unshare (void)
{
  const guint uid = geteuid ();
  const guint gid = getegid ();
  FILE       *file;

  if (unshare (CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0)
    return unshare (CLONE_NEWNET | CLONE_NEWNS) == 0;

  file = fopen ("/proc/self/setgroups", "w");
  if (file == NULL || fputs ("deny", file) < 0 || fclose (file) != 0)
    return FALSE;

  return network_write_map ("/proc/self/gid_map", gid) && network_write_map ("/proc/self/uid_map", uid);
}

static inline gboolean
network_open_side (NetworkSide side)
{
  network.sides[side] = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  network.wire.fds[side] = wire_open_device (NETWORK_DEVICE);

  return network.sides[side] >= 0 && network.wire.fds[side] >= 0;
}

static inline const char *
network_try_to_make (void)
{
  g_autofree char *ip = g_find_program_in_path ("ip");

  if (ip == NULL)
    return "There is no “ip” of iproute2";
  if (!network_unshare ())
    return "No network namespace may be made";
  if (!network_open_side (NETWORK_SIDE_NEAR))
    return "No TUN device may be made";
  if (unshare (CLONE_NEWNET) != 0)
    return "No second network namespace may be made";
  if (!network_open_side (NETWORK_SIDE_FAR))
    return "No second TUN device may be made";

  return NULL;
}

static inline const char *
network_get_address (NetworkSide side)
{
  return side == NETWORK_SIDE_NEAR ? NETWORK_NEAR : NETWORK_FAR;
}

/* First of all, before there is any thread. Where it cannot be, each test is skipped with the reason. */
static inline void
network_make (void)
{
  const char *reason = network_try_to_make ();

  if (reason != NULL)
    network.no_reason = g_strdup_printf ("%s: %s", reason, g_strerror (errno));
}

static inline gboolean
network_is_there (void)
{
  if (network.no_reason == NULL)
    return TRUE;

  g_test_skip (network.no_reason);

  return FALSE;
}

/* Both sides as they are in the beginning. */
static inline void
network_mend (void)
{
  wire_mend (&network.wire);
  for (NetworkSide side = NETWORK_SIDE_NEAR; side <= NETWORK_SIDE_FAR; side++)
    {
      g_autofree char *address = g_strdup_printf ("address add %s/24 dev " NETWORK_DEVICE, network_get_address (side));

      network_ip (side, "address flush dev " NETWORK_DEVICE);
      network_ip (side, address);
      network_ip (side, "link set " NETWORK_DEVICE " up");
    }
}

/* After g_test_init(). */
static inline int
network_run_tests (void)
{
  int status;

  if (network.no_reason != NULL)
    return g_test_run ();

  for (NetworkSide side = NETWORK_SIDE_NEAR; side <= NETWORK_SIDE_FAR; side++)
    network_ip (side, "link set lo up");
  network_go (NETWORK_SIDE_NEAR);
  wire_start (&network.wire);
  status = g_test_run ();
  wire_stop (&network.wire);

  return status;
}

/* A context whose threads are on that side. */
static inline ZmqContext *
network_context (NetworkSide side)
{
  ZmqContext                 *context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) first G_GNUC_UNUSED = NULL;

  network_go (side);
  first = test_socket_new (context, ZMQGLIB_SOCKET_PAIR);
  network_go (NETWORK_SIDE_NEAR);

  return context;
}

/* Binds to any address of that side; returns the endpoint at its first one. */
static inline char *
network_bind (NetworkSide side,
              ZmqSocket  *socket)
{
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  network_go (side);
  zmqglib_socket_bind (socket, "tcp://*:*", &error);
  network_go (NETWORK_SIDE_NEAR);
  g_assert_no_error (error);
  g_object_get (socket, "last-endpoint", &endpoint, NULL);

  return g_strdup_printf ("tcp://%s%s", network_get_address (side), strrchr (endpoint, ':'));
}

/* The far side has another address. */
static inline void
network_move_far (void)
{
  network_ip (NETWORK_SIDE_FAR, "address del " NETWORK_FAR "/24 dev " NETWORK_DEVICE);
  network_ip (NETWORK_SIDE_FAR, "address add " NETWORK_OTHER "/24 dev " NETWORK_DEVICE);
}

/* The same port of another address. */
static inline char *
network_move (const char *endpoint,
              const char *address)
{
  return g_strdup_printf ("tcp://%s%s", address, strrchr (endpoint, ':'));
}

/* What was sent while the wire is cut goes nowhere, so the other side is asked, often enough to know soon when it is
 * gone, and not so often that it is taken for gone when the machine is busy. Where the connection is full, so that nothing
 * can be asked, it is TCP that gives up; that the other side’s questions do not come, libzmq notices only if one of
 * them was the last that came. A connection that nobody answers is tried anew before TCP itself would. */
static inline void
network_notice (ZmqSocket *socket)
{
  g_object_set (socket, "heartbeat-interval", 100, "heartbeat-timeout", 1000, "heartbeat-ttl", 1000, "connect-timeout", 300, "handshake-interval",
                3000, "reconnect-interval", 20, "tcp-max-retransmit-timeout", 1500, NULL);
}

static inline void
network_connect (ZmqSocket  *socket,
                 const char *endpoint)
{
  g_autoptr (GError) error = NULL;

  zmqglib_socket_connect_to (socket, endpoint, &error);
  g_assert_no_error (error);
}

G_END_DECLS

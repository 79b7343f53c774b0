/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "test-util.h"

G_BEGIN_DECLS

/* A wire between two network devices, which loses packets, keeps them back, lets one overtake the other, sends them twice,
 * or is cut: what “tc … netem” does, where the kernel has that, and what any kernel with TUN devices lets a program do. */

#define WIRE_LARGEST_PACKET 65536

typedef struct
{
  gint64 due; /* in monotonic time */
  int    fd;  /* where it comes out */
  gsize  size;
  guint8 data[];
} WirePacket;

typedef struct
{
  int      fds[2]; /* the devices, from the side of who is the wire */
  int      stop_fd;
  GThread *thread;
  GRand   *rand;
  GQueue   packets; /* of WirePacket, the first to come out first */

  /* atomic; may be changed at any time */
  int is_cut;
  int delay_us;
  int jitter_us;
  int loss;    /* of a thousand packets */
  int doubled; /* of a thousand packets */
  int n_carried;
  int n_lost;
} Wire;

static inline void
wire_insert (Wire         *self,
             int           fd,
             gconstpointer data,
             gsize         size)
{
  WirePacket *packet = g_malloc (sizeof *packet + size);
  int         jitter_us = g_atomic_int_get (&self->jitter_us);
  GList      *before = self->packets.tail;

  packet->due = g_get_monotonic_time () + g_atomic_int_get (&self->delay_us);
  if (jitter_us > 0)
    packet->due += g_rand_int_range (self->rand, 0, jitter_us);
  packet->fd = fd;
  packet->size = size;
  memcpy (packet->data, data, size);

  while (before != NULL && ((WirePacket *) before->data)->due > packet->due)
    before = before->prev;
  g_queue_insert_after (&self->packets, before, packet);
}

static inline gboolean
wire_happens (Wire *self,
              int  *of_a_thousand)
{
  return g_rand_int_range (self->rand, 0, 1000) < g_atomic_int_get (of_a_thousand);
}

static inline void
wire_read (Wire *self,
           guint side)
{
  static guint8 data[WIRE_LARGEST_PACKET]; /* there is one wire */
  gssize        size;

  while ((size = read (self->fds[side], data, sizeof data)) > 0)
    {
      if (g_atomic_int_get (&self->is_cut) || wire_happens (self, &self->loss))
        {
          g_atomic_int_inc (&self->n_lost);
          continue;
        }
      wire_insert (self, self->fds[!side], data, size);
      if (wire_happens (self, &self->doubled))
        wire_insert (self, self->fds[!side], data, size);
    }
}

/* What is under way when the wire is cut is lost, too, as is what comes out where the device is down. */
static inline void
wire_write (Wire *self)
{
  while (self->packets.head != NULL && ((WirePacket *) self->packets.head->data)->due <= g_get_monotonic_time ())
    {
      g_autofree WirePacket *packet = g_queue_pop_head (&self->packets);

      if (!g_atomic_int_get (&self->is_cut) && write (packet->fd, packet->data, packet->size) > 0)
        g_atomic_int_inc (&self->n_carried);
      else
        g_atomic_int_inc (&self->n_lost);
    }
}

static inline int
wire_get_timeout_ms (Wire *self)
{
  gint64 left_us;

  if (self->packets.head == NULL)
    return -1;

  left_us = ((WirePacket *) self->packets.head->data)->due - g_get_monotonic_time ();

  return left_us <= 0 ? 0 : (int) (left_us / 1000 + 1);
}

static inline gpointer
wire_run (gpointer data)
{
  Wire         *self = data;
  struct pollfd fds[] = {
    { .fd = self->fds[0], .events = POLLIN },
    { .fd = self->fds[1], .events = POLLIN },
    { .fd = self->stop_fd, .events = POLLIN },
  };

  while (fds[2].revents == 0)
    {
      poll (fds, G_N_ELEMENTS (fds), wire_get_timeout_ms (self));
      for (guint side = 0; side < 2; side++)
        if (fds[side].revents != 0)
          wire_read (self, side);
      wire_write (self);
    }

  return NULL;
}

/* Makes a device in the network namespace that the thread is in; -1 with errno set where that may not be. */
static inline int
wire_open_device (const char *name)
{
  struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
  int          fd = open ("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0)
    return -1;

  g_strlcpy (request.ifr_name, name, sizeof request.ifr_name);
  if (ioctl (fd, TUNSETIFF, &request) != 0)
    {
      int saved_errno = errno;

      close (fd);
      errno = saved_errno;
      return -1;
    }

  return fd;
}

static inline void
wire_start (Wire *self)
{
  self->stop_fd = eventfd (0, EFD_CLOEXEC);
  self->rand = g_rand_new_with_seed (g_test_rand_int ());
  self->thread = g_thread_new ("wire", wire_run, self);
}

static inline void
wire_stop (Wire *self)
{
  guint64 one = 1;

  g_assert_cmpint (write (self->stop_fd, &one, sizeof one), ==, sizeof one);
  g_thread_join (self->thread);
  close (self->stop_fd);
  close (self->fds[0]);
  close (self->fds[1]);
  g_queue_clear_full (&self->packets, g_free);
  g_rand_free (self->rand);
}

/* As good as new. */
static inline void
wire_mend (Wire *self)
{
  g_atomic_int_set (&self->is_cut, FALSE);
  g_atomic_int_set (&self->delay_us, 0);
  g_atomic_int_set (&self->jitter_us, 0);
  g_atomic_int_set (&self->loss, 0);
  g_atomic_int_set (&self->doubled, 0);
}

static inline void
wire_cut (Wire *self)
{
  g_atomic_int_set (&self->is_cut, TRUE);
}

/* Late, in another order, some twice, and some not at all. */
static inline void
wire_be_bad (Wire *self)
{
  g_atomic_int_set (&self->delay_us, 3000);
  g_atomic_int_set (&self->jitter_us, 5000);
  g_atomic_int_set (&self->loss, 30);
  g_atomic_int_set (&self->doubled, 20);
}

G_END_DECLS

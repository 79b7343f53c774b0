/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Peers that speak ZMTP 3.0 by hand, and badly. Each of them blocks, in a thread of its own, for some seconds at
 * most; what becomes of what it sends is not its concern. */

#define HOSTILE_PASSWORD "a good peer says this"

/* ZMTP's flags of a frame. */
#define HOSTILE_MORE    1
#define HOSTILE_LONG    2
#define HOSTILE_COMMAND 4

typedef struct
{
  guint16     port;
  const char *name; /* of the type that it claims to be, or NULL when there is no handshake */
  guint       scale;
} HostileTarget;

static inline int
hostile_connect (const HostileTarget *target)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (target->port) };
  struct timeval     limit = { .tv_sec = 5 };
  int                fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);

  return fd;
}

/* Sends as much as the other side takes. */
static inline gboolean
hostile_send (int           fd,
              gconstpointer data,
              gsize         size)
{
  while (size > 0)
    {
      gssize n = send (fd, data, size, MSG_NOSIGNAL);

      if (n <= 0)
        return FALSE;
      data = (const char *) data + n;
      size -= n;
    }

  return TRUE;
}

/* Ends the connection at once, whatever was not read. */
static inline void
hostile_reset (int fd)
{
  struct linger now = { .l_onoff = 1 };

  setsockopt (fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close (fd);
}

static inline void
hostile_append_frame (GByteArray   *bytes,
                      guint8        flags,
                      gconstpointer data,
                      guint8        size)
{
  g_byte_array_append (bytes, &flags, 1);
  g_byte_array_append (bytes, &size, 1);
  g_byte_array_append (bytes, data, size);
}

static inline GByteArray *
hostile_greeting (const char *mechanism)
{
  GByteArray *bytes = g_byte_array_new ();
  guint8      greeting[64] = { 0xff, [9] = 0x7f, 3 };

  memcpy (greeting + 12, mechanism, strlen (mechanism));
  g_byte_array_append (bytes, greeting, sizeof greeting);

  return bytes;
}

/* A connection whose handshake is done: before it has had the other side's half, libzmq takes nothing else. */
static inline int
hostile_shake_hands (const HostileTarget *target)
{
  g_autoptr (GByteArray) bytes = hostile_greeting ("NULL");
  g_autoptr (GByteArray) ready = g_byte_array_new ();
  guint8 size[] = { 0, 0, 0, strlen (target->name) };
  char   answer[256];
  gsize  n_answered = 0;
  gssize n = 1;
  int    fd = hostile_connect (target);

  g_byte_array_append (ready, (const guint8 *) "\005READY\013Socket-Type", 18);
  g_byte_array_append (ready, size, sizeof size);
  g_byte_array_append (ready, (const guint8 *) target->name, strlen (target->name));
  hostile_append_frame (bytes, HOSTILE_COMMAND, ready->data, ready->len);
  hostile_send (fd, bytes->data, bytes->len);

  while (n_answered <= 64 && (n = recv (fd, answer, sizeof answer, 0)) > 0)
    n_answered += n;

  return fd;
}

static inline void
hostile_send_bytes_and_close (const HostileTarget *target,
                              GByteArray          *bytes,
                              gboolean             reset)
{
  int fd = hostile_connect (target);

  hostile_send (fd, bytes->data, bytes->len);
  if (reset)
    hostile_reset (fd);
  else
    close (fd);
}

static inline void
hostile_send_noise (const HostileTarget *target)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (guint i = 0; i < 4096; i++)
    {
      guint8 byte = g_test_rand_int ();

      g_byte_array_append (bytes, &byte, 1);
    }
  hostile_send_bytes_and_close (target, bytes, TRUE);
  /* what looks like a greeting, and is cut, or goes on with noise */
  bytes->data[0] = 0xff;
  bytes->data[9] = 0x7f;
  hostile_send_bytes_and_close (target, bytes, FALSE);
  g_byte_array_set_size (bytes, 30);
  hostile_send_bytes_and_close (target, bytes, FALSE);
}

static inline void
hostile_send_wrong_mechanisms (const HostileTarget *target)
{
  static const char *const mechanisms[] = { "CURVE", "PLAIN", "GSSAPI", "", "NULLNULLNULLNULLNULL" };

  for (gsize i = 0; i < G_N_ELEMENTS (mechanisms); i++)
    {
      g_autoptr (GByteArray) bytes = hostile_greeting (mechanisms[i]);

      hostile_append_frame (bytes, HOSTILE_COMMAND, "\005HELLO\377", 7);
      hostile_send_bytes_and_close (target, bytes, i % 2 == 0);
    }
}

static inline void
hostile_send_wrong_commands (const HostileTarget *target)
{
  static const char *const commands[] = {
    "\005READY\377", "\005READY\001a\377\377\377\377", "\005ERROR\377", "\377", "\011SUBSCRIBE", "\006CANCEL", "\000"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (GByteArray) bytes = hostile_greeting ("NULL");

      hostile_append_frame (bytes, HOSTILE_COMMAND, commands[i], strlen (commands[i]));
      hostile_send_bytes_and_close (target, bytes, i % 2 == 0);
    }
}

/* So many connections that say nothing, and go again. */
static inline void
hostile_connect_often (const HostileTarget *target)
{
  for (guint i = 0; i < 100 * target->scale; i++)
    {
      int fd = hostile_connect (target);

      if (i % 2 == 0)
        hostile_reset (fd);
      else
        close (fd);
    }
}

/* A byte at a time, slowly. */
static inline void
hostile_trickle (const HostileTarget *target)
{
  g_autoptr (GByteArray) bytes = hostile_greeting ("NULL");
  int fd = hostile_connect (target);

  for (guint i = 0; i < bytes->len && hostile_send (fd, bytes->data + i, 1); i++)
    g_usleep (1000);
  close (fd);
}

static inline void
hostile_attack_before_handshake (const HostileTarget *target)
{
  hostile_send_noise (target);
  hostile_send_wrong_mechanisms (target);
  hostile_send_wrong_commands (target);
  hostile_connect_often (target);
  hostile_trickle (target);
}

static inline void
hostile_after_handshake (const HostileTarget *target,
                         gconstpointer        data,
                         gsize                size,
                         gboolean             reset)
{
  int fd = hostile_shake_hands (target);

  hostile_send (fd, data, size);
  if (reset)
    hostile_reset (fd);
  else
    close (fd);
}

/* Frames that announce more than they have, or than there could be. */
static inline void
hostile_send_wrong_lengths (const HostileTarget *target)
{
  static const guint8 huge[] = { HOSTILE_LONG, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'x' };
  static const guint8 negative[] = { HOSTILE_LONG, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'x' };
  static const guint8 large[] = { HOSTILE_LONG, 0, 0, 0, 0, 0x40, 0, 0, 0, 'x' };
  static const guint8 cut[] = { 0, 200, 'x', 'y' };
  static const guint8 cut_message[] = { HOSTILE_MORE, 1, 'x', HOSTILE_MORE, 1, 'y' };
  static const guint8 flags[] = { 0xff, 1, 'x' };

  for (gboolean reset = FALSE; reset <= TRUE; reset++)
    {
      hostile_after_handshake (target, huge, sizeof huge, reset);
      hostile_after_handshake (target, negative, sizeof negative, reset);
      hostile_after_handshake (target, large, sizeof large, reset);
      hostile_after_handshake (target, cut, sizeof cut, reset);
      hostile_after_handshake (target, cut_message, sizeof cut_message, reset);
      hostile_after_handshake (target, flags, sizeof flags, reset);
    }
}

/* A message of so many frames that it takes long to read, with its end or without. The first frame is the one that ends
 * the envelope of a REP. */
static inline void
hostile_send_bomb (const HostileTarget *target,
                   gboolean             ends)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  char answer[256];
  int  fd = hostile_shake_hands (target);

  hostile_append_frame (bytes, HOSTILE_MORE, "", 0);
  for (guint i = 0; i < 100000 * target->scale; i++)
    hostile_append_frame (bytes, HOSTILE_MORE, "x", 1);
  if (ends)
    hostile_append_frame (bytes, 0, "x", 1);
  hostile_send (fd, bytes->data, bytes->len);
  /* what was sent is read before the end of the connection is noticed, unless there is something unread here */
  shutdown (fd, SHUT_WR);
  while (recv (fd, answer, sizeof answer, 0) > 0)
    ;
  close (fd);
}

static inline void
hostile_attack_after_handshake (const HostileTarget *target)
{
  if (target->name == NULL)
    return;

  hostile_send_wrong_lengths (target);
  hostile_send_bomb (target, FALSE);
  hostile_send_bomb (target, TRUE);
}

/* Some that stop in the middle of a handshake are closed when the time for it is up. */
static inline void
hostile_wait_to_be_thrown_out (const HostileTarget *target)
{
  g_autoptr (GByteArray) greeting = hostile_greeting ("NULL");
  int fds[30];

  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      fds[i] = hostile_connect (target);
      hostile_send (fds[i], greeting->data, i * 64 / (G_N_ELEMENTS (fds) - 1));
    }

  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      char   answer[256];
      gssize n;

      while ((n = recv (fds[i], answer, sizeof answer, 0)) > 0)
        ;
      g_assert_true (n == 0 || errno == ECONNRESET);
      close (fds[i]);
    }
}

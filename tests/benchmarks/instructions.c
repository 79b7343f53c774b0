/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* instructions CASE N: receives or sends N messages within one function, measure_CASE(), for
 * callgrind to count the instructions of. In one thread and over inproc, from a preloaded socket or
 * into one that takes everything, so that it does the same in each run. check-instructions runs it.
 *
 * instructions about: says what the numbers depend on, as JSON. */

#include "config.h"

#include <gnu/libc-version.h>
#include <string.h>
#include <time.h>

#include <zmq.h>
#include <zmqglib/zmqglib.h>

#define ENDPOINT   "inproc://instructions"
#define FRAME_SIZE 64
#define N_AHEAD    1000 /* messages that the sender runs ahead of the handler of “sent” */

#ifdef __clang__
#define COMPILER __VERSION__ /* with a name of its own */
#else
#define COMPILER "gcc " __VERSION__
#endif

#if defined(__x86_64__)
#define MACHINE "x86-64"
#elif defined(__aarch64__)
#define MACHINE "aarch64"
#else
#define MACHINE "another"
#endif

typedef struct
{
  ZmqSocket  *socket;
  ZmqSocket  *peer;
  gpointer    handle;  /* of the socket for the bare loops, of the peer for the streams */
  ZmqStream  *stream;  /* NULL for the bare loops */
  ZmqMonitor *monitor; /* or NULL */
  guint       n_expected;
  guint       n_made;
  guint       n_done;
} Fixture;

typedef struct
{
  const char   *name;
  ZmqSocketType type;
  gboolean      bare;
  gboolean      quick; /* without signals */
  void (*measure) (Fixture *fixture);
} Case;

/* In the place of libc's: valgrind makes everything slow, but not equally slow in each run, and how
 * often a stream looks at the clock depends on what the clock says. */
int
clock_gettime (clockid_t        id,
               struct timespec *time)
{
  static __thread gint64 now_us;

  now_us++;
  time->tv_sec = now_us / G_USEC_PER_SEC;
  time->tv_nsec = now_us % G_USEC_PER_SEC * 1000;

  return 0;
}

static void
fill (char *data,
      guint number)
{
  memset (data, 0, FRAME_SIZE);
  memcpy (data, &number, sizeof number);
}

static void
take (Fixture      *fixture,
      gconstpointer data,
      gsize         size)
{
  guint number;

  g_assert_cmpuint (size, ==, FRAME_SIZE);
  memcpy (&number, data, sizeof number);
  g_assert_cmpuint (number, ==, fixture->n_done);
  fixture->n_done++;
}

static void
send_bare (gpointer handle,
           guint    number)
{
  zmq_msg_t message;
  int       result;

  result = zmq_msg_init_size (&message, FRAME_SIZE);
  g_assert_cmpint (result, ==, 0);
  fill (zmq_msg_data (&message), number);
  result = zmq_msg_send (&message, handle, 0);
  g_assert_cmpint (result, ==, FRAME_SIZE);
}

static void
send_next (Fixture *fixture)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  char     data[FRAME_SIZE];
  gboolean taken;

  fill (data, fixture->n_made++);
  zmqglib_message_append_data (message, data, sizeof data);
  taken = zmqglib_stream_send (fixture->stream, message, NULL);
  g_assert_true (taken);
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    user_data)
{
  gsize         size;
  gconstpointer data = zmqglib_message_peek_frame (message, 0, &size);

  take (user_data, data, size);
}

static void
on_sent (ZmqStream    *stream,
         ZmqMessage   *message,
         const GError *error,
         gpointer      user_data)
{
  Fixture *fixture = user_data;

  g_assert_no_error (error);
  fixture->n_done++;
  if (fixture->n_made < fixture->n_expected)
    send_next (fixture);
}

static void
send_next_data (Fixture *fixture)
{
  char     data[FRAME_SIZE];
  gboolean taken;

  fill (data, fixture->n_made++);
  taken = zmqglib_stream_send_data (fixture->stream, data, sizeof data, NULL);
  g_assert_true (taken);
}

static void
iterate_until_done (Fixture *fixture)
{
  while (fixture->n_done < fixture->n_expected)
    g_main_context_iteration (NULL, FALSE);
}

static G_NO_INLINE void
measure_receive (Fixture *fixture)
{
  iterate_until_done (fixture);
}

/* The same, of a socket that is monitored: it is to cost the same. */
static G_NO_INLINE void
measure_receive_monitored (Fixture *fixture)
{
  iterate_until_done (fixture);
}

static G_NO_INLINE void
measure_receive_function (Fixture *fixture)
{
  iterate_until_done (fixture);
}

static G_NO_INLINE void
measure_send (Fixture *fixture)
{
  while (fixture->n_made < MIN (N_AHEAD, fixture->n_expected))
    send_next (fixture);

  iterate_until_done (fixture);
}

static gboolean
send_a_share (gpointer user_data)
{
  Fixture *fixture = user_data;

  for (guint i = 0; i < N_AHEAD && fixture->n_done < fixture->n_expected; i++)
    {
      send_next_data (fixture);
      fixture->n_done++;
    }

  return fixture->n_done < fixture->n_expected;
}

/* As a program does: from a source of the main loop. */
static G_NO_INLINE void
measure_send_data (Fixture *fixture)
{
  g_idle_add (send_a_share, fixture);

  iterate_until_done (fixture);
}

static G_NO_INLINE void
measure_receive_bare (Fixture *fixture)
{
  zmq_pollitem_t item = { .socket = fixture->handle, .events = ZMQ_POLLIN };
  zmq_msg_t      message;

  zmq_msg_init (&message);

  while (fixture->n_done < fixture->n_expected)
    {
      zmq_poll (&item, 1, -1);
      while (zmq_msg_recv (&message, fixture->handle, ZMQ_DONTWAIT) >= 0)
        take (fixture, zmq_msg_data (&message), zmq_msg_size (&message));
    }

  zmq_msg_close (&message);
}

static G_NO_INLINE void
measure_send_bare (Fixture *fixture)
{
  while (fixture->n_done < fixture->n_expected)
    send_bare (fixture->handle, fixture->n_done++);
}

static const Case cases[] = {
  { "receive", ZMQGLIB_SOCKET_PULL, FALSE, FALSE, measure_receive },
  { "receive-monitored", ZMQGLIB_SOCKET_PULL, FALSE, FALSE, measure_receive_monitored },
  { "receive-function", ZMQGLIB_SOCKET_PULL, FALSE, TRUE, measure_receive_function },
  { "receive-bare", ZMQGLIB_SOCKET_PULL, TRUE, FALSE, measure_receive_bare },
  { "send", ZMQGLIB_SOCKET_PUSH, FALSE, FALSE, measure_send },
  { "send-data", ZMQGLIB_SOCKET_PUSH, FALSE, TRUE, measure_send_data },
  { "send-bare", ZMQGLIB_SOCKET_PUSH, TRUE, FALSE, measure_send_bare },
};

static ZmqSocket *
new_socket (ZmqSocketType type)
{
  g_autoptr (GError) error = NULL;
  ZmqSocket *socket = zmqglib_socket_new (NULL, type, &error);

  g_assert_no_error (error);
  g_object_set (socket, "send-high-water-mark", 0, "receive-high-water-mark", 0, "linger", 0, NULL);

  return socket;
}

static void
fixture_init (Fixture    *self,
              const Case *which,
              guint       n_expected)
{
  gboolean receives = which->type == ZMQGLIB_SOCKET_PULL;
  g_autoptr (GError) error = NULL;

  self->n_expected = n_expected;
  self->socket = new_socket (which->type);
  self->peer = new_socket (receives ? ZMQGLIB_SOCKET_PUSH : ZMQGLIB_SOCKET_PULL);
  if (which->measure == measure_receive_monitored)
    self->monitor = zmqglib_monitor_new (self->socket, &error);
  g_assert_no_error (error);
  zmqglib_socket_bind (self->socket, ENDPOINT, &error);
  g_assert_no_error (error);
  zmqglib_socket_connect_to (self->peer, ENDPOINT, &error);
  g_assert_no_error (error);

  /* a stream's socket whose handle is out is never at rest */
  self->handle = zmqglib_socket_get_handle (which->bare ? self->socket : self->peer);

  if (receives)
    for (guint i = 0; i < n_expected; i++)
      send_bare (zmqglib_socket_get_handle (self->peer), i);

  if (which->bare)
    return;

  self->stream = zmqglib_stream_new (self->socket);
  if (receives && which->quick)
    zmqglib_stream_set_receive_func (self->stream, on_received, self, NULL);
  else if (receives)
    g_signal_connect (self->stream, "received", G_CALLBACK (on_received), self);
  else if (!which->quick)
    g_signal_connect (self->stream, "sent", G_CALLBACK (on_sent), self);
}

static void
fixture_clear (Fixture *self)
{
  g_clear_object (&self->stream);
  g_clear_object (&self->monitor);
  g_clear_object (&self->socket);
  g_clear_object (&self->peer);
}

static void
say_about (void)
{
  int major, minor, patch;

  zmq_version (&major, &minor, &patch);
  g_print ("{\"compiler\": \"%s\", \"machine\": \"%s\", \"GLib\": \"%u.%u.%u\", "
           "\"libzmq\": \"%d.%d.%d\", \"glibc\": \"%s\"}\n",
           COMPILER, MACHINE, glib_major_version, glib_minor_version, glib_micro_version,
           major, minor, patch, gnu_get_libc_version ());
}

int
main (int   argc,
      char *argv[])
{
  if (argc == 2 && g_str_equal (argv[1], "about"))
    {
      say_about ();
      return 0;
    }

  for (gsize i = 0; argc == 3 && i < G_N_ELEMENTS (cases); i++)
    if (g_str_equal (argv[1], cases[i].name))
      {
        Fixture fixture = { NULL };

        fixture_init (&fixture, &cases[i], strtoul (argv[2], NULL, 10));
        cases[i].measure (&fixture);
        fixture_clear (&fixture);
        return 0;
      }

  g_printerr ("Usage: instructions about | receive[-monitored|-function|-bare] N | send[-data|-bare] N\n");

  return 2;
}

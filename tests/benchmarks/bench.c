/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define EXIT_USAGE       2
#define DEADLINE_SECONDS 120   /* a message that was lost must not let a side wait for ever */
#define PATIENCE_MS      30000 /* nor a peer whose side has died */

struct _BenchPeer
{
  GSubprocess *process; /* or the thread */
  GThread     *thread;
  ZmqSocket   *socket; /* that the handle is from, unless it came from outside */
  void        *handle;

  char  *role;
  char  *endpoint;
  int    size;
  int    frames;
  gint64 count;
};

void
bench_fail (const char *format,
            ...)
{
  va_list          arguments;
  g_autofree char *message = NULL;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  g_printerr ("%s\n", message);
  exit (EXIT_FAILURE);
}

void
bench_fail_order (guint64 number,
                  guint64 expected)
{
  bench_fail ("Frame %" G_GUINT64_FORMAT " came instead of %" G_GUINT64_FORMAT, number, expected);
}

/* For the result of a libzmq function. */
void
bench_check (int result)
{
  if (result == -1)
    bench_fail ("libzmq: %s", zmq_strerror (zmq_errno ()));
}

gint64
bench_now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);

  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

gint64
bench_cpu_ns (void)
{
  struct timespec used;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &used);

  return used.tv_sec * G_GINT64_CONSTANT (1000000000) + used.tv_nsec;
}

/* Options and output */

static void
bench_fail_usage (const char *message)
{
  g_printerr ("%s\n", message);
  exit (EXIT_USAGE);
}

static void
bench_parse (Bench *bench,
             int    argc,
             char **argv)
{
  const GOptionEntry entries[] = {
    { "side", 0, 0, G_OPTION_ARG_STRING, &bench->side, "What to measure", "NAME" },
    { "transport", 0, 0, G_OPTION_ARG_STRING, &bench->transport, "tcp, ipc or inproc", "NAME" },
    { "size", 0, 0, G_OPTION_ARG_INT, &bench->size, "Size of a frame, 8 at least", "BYTES" },
    { "frames", 0, 0, G_OPTION_ARG_INT, &bench->frames, "Frames in a message", "N" },
    { "count", 0, 0, G_OPTION_ARG_INT64, &bench->count, "Messages, or sockets", "N" },
    { "idle", 0, 0, G_OPTION_ARG_INT, &bench->idle, "Idle sockets in the same loop", "N" },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    bench_fail_usage (error->message);
}

/* Reads the command line; numbers that it does not name stay as they are, or become usual ones. A
 * count that is 0 before means that there need not be one. */
void
bench_init (Bench             *bench,
            int                argc,
            char             **argv,
            const char *const *sides)
{
  static const char *const transports[] = { "tcp", "ipc", "inproc", NULL };
  gint64                   least_count = bench->count == 0 ? 0 : 2; /* one ends the warm-up, and one is measured */

  if (bench->size == 0)
    bench->size = 64;
  if (bench->frames == 0)
    bench->frames = 1;

  bench_parse (bench, argc, argv);

  if (bench->side == NULL)
    bench->side = g_strdup (sides[0]);
  if (bench->transport == NULL)
    bench->transport = g_strdup ("tcp");

  if (!g_strv_contains (sides, bench->side))
    bench_fail_usage ("There is no such side");
  if (!g_strv_contains (transports, bench->transport))
    bench_fail_usage ("There is no such transport");
  if (bench->size < (int) sizeof (guint64) || bench->frames < 1 || bench->idle < 0 ||
      bench->count < least_count)
    bench_fail_usage ("A number is too small");

  bench->context = zmqglib_context_new ();
  alarm (DEADLINE_SECONDS);
}

void
bench_clear (Bench *bench)
{
  g_clear_object (&bench->context);

  if (bench->directory != NULL)
    {
      g_autofree char *socket = g_build_filename (bench->directory, "socket", NULL);

      /* libzmq would remove it too, but from a thread that may not get so far any more. */
      g_unlink (socket);
      g_rmdir (bench->directory);
    }

  g_clear_pointer (&bench->directory, g_free);
  g_clear_pointer (&bench->side, g_free);
  g_clear_pointer (&bench->transport, g_free);
}

/* Prints pairs of a name and a double, up to NULL, as an object of JSON. */
void
bench_print (const char *name,
             double      figure,
             ...)
{
  g_autoptr (GString) line = g_string_new ("{");
  va_list arguments;

  va_start (arguments, figure);
  while (name != NULL)
    {
      char number[G_ASCII_DTOSTR_BUF_SIZE];

      g_string_append_printf (line, "%s\"%s\": %s", line->len > 1 ? ", " : "", name,
                              g_ascii_formatd (number, sizeof number, "%.3f", figure));

      name = va_arg (arguments, const char *);
      if (name != NULL)
        figure = va_arg (arguments, double);
    }
  va_end (arguments);

  g_print ("%s}\n", line->str);
}

/* Sockets */

/* Lets the context have so many sockets, each of which needs a file descriptor. */
void
bench_allow_sockets (Bench *bench,
                     int    n_sockets)
{
  struct rlimit limit;

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);

  g_object_set (bench->context, "max-sockets", n_sockets, NULL);
}

/* An endpoint to bind to. */
char *
bench_dup_endpoint (Bench *bench)
{
  g_autoptr (GError) error = NULL;

  if (g_str_equal (bench->transport, "tcp"))
    return g_strdup ("tcp://127.0.0.1:*");

  if (g_str_equal (bench->transport, "inproc"))
    return g_strdup ("inproc://bench");

  bench->directory = g_dir_make_tmp ("zmqglib-XXXXXX", &error);
  if (bench->directory == NULL)
    bench_fail ("%s", error->message);

  return g_strdup_printf ("ipc://%s/socket", bench->directory);
}

/* A bound socket, and where its peer has to connect to. Bare sides use its handle only. */
ZmqSocket *
bench_bind (Bench        *bench,
            ZmqSocketType type,
            char        **endpoint)
{
  g_autofree char *wanted = bench_dup_endpoint (bench);
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (bench->context, type, &error);

  if (socket == NULL || !zmqglib_socket_bind (socket, wanted, &error))
    bench_fail ("%s", error->message);

  g_object_get (socket, "last-endpoint", endpoint, NULL);

  return g_steal_pointer (&socket);
}

/* Peers */

/* The socket type that a peer in this role has, or -1. */
int
bench_peer_get_socket_type (const char *role)
{
  if (g_str_equal (role, "push"))
    return ZMQ_PUSH;
  if (g_str_equal (role, "pull"))
    return ZMQ_PULL;
  if (g_str_equal (role, "echo"))
    return ZMQ_REP;

  return -1;
}

static void
bench_peer_push (void  *handle,
                 int    size,
                 int    frames,
                 gint64 count)
{
  guint64 number = 0;

  for (gint64 i = 0; count == 0 || i < count; i++)
    for (int frame = 1; frame <= frames; frame++)
      {
        zmq_msg_t message;

        bench_check (zmq_msg_init_size (&message, size));
        memset (zmq_msg_data (&message), 0, size);
        bench_write_number (zmq_msg_data (&message), number++);
        bench_check (zmq_msg_send (&message, handle, frame < frames ? ZMQ_SNDMORE : 0));
      }
}

static void
bench_peer_pull (void  *handle,
                 gint64 count)
{
  BenchMeter meter;
  zmq_msg_t  message;

  bench_meter_init (&meter, count);
  bench_check (zmq_msg_init (&message));

  do
    {
      do
        {
          bench_check (zmq_msg_recv (&message, handle, 0));
          bench_touch (&meter, zmq_msg_data (&message), zmq_msg_size (&message));
        }
      while (zmq_msg_more (&message));
    }
  while (!bench_meter_count (&meter));

  zmq_msg_close (&message);
}

static void
bench_peer_echo (void *handle)
{
  zmq_msg_t message;

  bench_check (zmq_msg_init (&message));

  for (;;)
    {
      bench_check (zmq_msg_recv (&message, handle, 0));
      if (zmq_msg_size (&message) == 0)
        break;
      bench_check (zmq_msg_send (&message, handle, zmq_msg_more (&message) ? ZMQ_SNDMORE : 0));
    }

  zmq_msg_close (&message);
}

/* Connects the socket, of the type that the role wants, and plays the role to its end. */
void
bench_peer_run_role (void       *handle,
                     const char *role,
                     const char *endpoint,
                     int         size,
                     int         frames,
                     gint64      count)
{
  const int patience = PATIENCE_MS;

  zmq_setsockopt (handle, ZMQ_SNDTIMEO, &patience, sizeof patience);
  zmq_setsockopt (handle, ZMQ_RCVTIMEO, &patience, sizeof patience);
  zmq_setsockopt (handle, ZMQ_LINGER, &patience, sizeof patience);
  bench_check (zmq_connect (handle, endpoint));

  if (g_str_equal (role, "push"))
    bench_peer_push (handle, size, frames, count);
  else if (g_str_equal (role, "pull"))
    bench_peer_pull (handle, count);
  else
    bench_peer_echo (handle);
}

static gpointer
bench_peer_thread (gpointer data)
{
  BenchPeer *self = data;

  bench_peer_run_role (self->handle, self->role, self->endpoint, self->size, self->frames, self->count);

  return NULL;
}

static void
bench_peer_start_thread (BenchPeer *self,
                         Bench     *bench)
{
  g_autoptr (GError) error = NULL;

  if (self->handle == NULL)
    {
      self->socket = zmqglib_socket_new (bench->context, bench_peer_get_socket_type (self->role), &error);
      if (self->socket == NULL)
        bench_fail ("%s", error->message);
      self->handle = zmqglib_socket_get_handle (self->socket);
    }

  self->thread = g_thread_new ("peer", bench_peer_thread, self);
}

static void
bench_peer_start_process (BenchPeer *self)
{
  const char      *program = g_getenv ("BENCH_PEER");
  g_autofree char *size = g_strdup_printf ("%d", self->size);
  g_autofree char *frames = g_strdup_printf ("%d", self->frames);
  g_autofree char *count = g_strdup_printf ("%" G_GINT64_FORMAT, self->count);
  g_autoptr (GError) error = NULL;

  if (program == NULL)
    bench_fail ("The environment variable BENCH_PEER has to name the program bench-peer");

  self->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE, &error, program, self->role, self->endpoint,
                                    size, frames, count, NULL);
  if (self->process == NULL)
    bench_fail ("%s", error->message);
}

/* Starts a peer that plays “push”, “pull” or “echo”. With inproc it is a thread; a program whose
 * sockets are not of the bench's context then gives it the handle of one that is of its own. */
BenchPeer *
bench_peer_start (Bench      *bench,
                  const char *role,
                  const char *endpoint,
                  void       *handle)
{
  BenchPeer *self = g_new0 (BenchPeer, 1);

  self->role = g_strdup (role);
  self->endpoint = g_strdup (endpoint);
  self->size = bench->size;
  self->frames = bench->frames;
  self->count = bench->count;
  self->handle = handle;

  if (g_str_equal (bench->transport, "inproc"))
    bench_peer_start_thread (self, bench);
  else
    bench_peer_start_process (self);

  return self;
}

static void
bench_peer_free (BenchPeer *self)
{
  g_clear_object (&self->process);
  g_clear_object (&self->socket);
  g_free (self->role);
  g_free (self->endpoint);
  g_free (self);
}

/* Waits until the peer has played its role, and frees it; fails when the peer has failed. For a
 * “push”, all has to be received by then. */
void
bench_peer_wait (BenchPeer *self)
{
  g_autoptr (GError) error = NULL;

  if (self->thread != NULL)
    g_thread_join (self->thread);
  else if (!g_output_stream_close (g_subprocess_get_stdin_pipe (self->process), NULL, &error) ||
           !g_subprocess_wait_check (self->process, NULL, &error))
    bench_fail ("The peer failed: %s", error->message);

  bench_peer_free (self);
}

/* Ends a peer that is a process and plays a role without end. */
void
bench_peer_kill (BenchPeer *self)
{
  g_assert (self->process != NULL);

  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);

  bench_peer_free (self);
}

/* Measuring */

/* A signal as quick as GObject has them, with a pointer that nobody copies. */
guint
bench_add_signal (GType type)
{
  guint id = g_signal_new ("bench", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                           g_cclosure_marshal_VOID__POINTER, G_TYPE_NONE, 1, G_TYPE_POINTER);

  g_signal_set_va_marshaller (id, type, g_cclosure_marshal_VOID__POINTERv);

  return id;
}

void
bench_write_number (void   *frame,
                    guint64 number)
{
  number = GUINT64_TO_LE (number);
  memcpy (frame, &number, sizeof number);
}

void
bench_meter_init (BenchMeter *self,
                  gint64      count)
{
  *self = (BenchMeter){ .count = count, .warm_up = MAX (count / 20, 1) };
}

/* Messages a second, those of the warm-up left out. */
double
bench_meter_get_rate (const BenchMeter *self)
{
  return (self->count - self->warm_up) * 1e9 / MAX (self->ended_ns - self->started_ns, 1);
}

/* With the share of the time in which the thread had something to do: one that waits is held up by somebody
 * else. */
void
bench_meter_print (const BenchMeter *self)
{
  double elapsed_ns = MAX (self->ended_ns - self->started_ns, 1);

  bench_print ("messages_per_second", bench_meter_get_rate (self),
               "busy", (self->ended_cpu_ns - self->started_cpu_ns) / elapsed_ns, NULL);
}

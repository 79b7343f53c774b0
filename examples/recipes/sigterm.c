/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A service that is told to end by SIGTERM, and first sends all that it has.
 *
 * The program tells itself. Who collects what the service sends is made by the program, too, and reads only then. */

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <glib-unix.h>

#include <zmqglib/zmqglib.h>

#define N_RECORDS   3000
#define RECORD_SIZE 4096

/* how long a collector that is not there may hold up the end, in each of two steps */
#define DRAIN_MS  5000
#define LINGER_MS 5000

typedef struct
{
  ZmqContext   *context;
  ZmqStream    *stream;
  GCancellable *cancellable;
  guint         timer;
} Service;

typedef struct
{
  GMainLoop *loop;
  Service    service;
  gboolean   has_ended;
  ZmqStream *collector;
  guint      n_collected;
} Program;

static void
check (GError *error)
{
  if (error == NULL)
    return;

  g_printerr ("%s\n", error->message);
  exit (EXIT_FAILURE);
}

static void
quit_when_done (Program *self)
{
  if (self->has_ended && self->n_collected == N_RECORDS)
    g_main_loop_quit (self->loop);
}

/* The service. */

static void
on_terminated (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  Program *self = data;
  g_autoptr (GError) error = NULL;

  zmqglib_context_terminate_finish (ZMQGLIB_CONTEXT (source), result, &error);
  check (error);
  g_print ("the service has ended\n");
  self->has_ended = TRUE;
  quit_when_done (self);
}

static gboolean
on_late (gpointer data)
{
  Service *self = data;

  self->timer = 0;
  g_cancellable_cancel (self->cancellable);

  return G_SOURCE_REMOVE;
}

/* libzmq has all of it; when the context is terminated, the network has. */
static void
on_drained (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  Program *self = data;
  g_autoptr (GError) error = NULL;

  zmqglib_stream_drain_finish (self->service.stream, result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_printerr ("%u records were not taken in time\n", zmqglib_stream_get_n_queued (self->service.stream));
  else
    check (error);
  g_clear_handle_id (&self->service.timer, g_source_remove);
  zmqglib_stream_close (self->service.stream);
  zmqglib_context_terminate_async (self->service.context, NULL, on_terminated, self);
}

static void
service_end (Program *self)
{
  self->service.cancellable = g_cancellable_new ();
  self->service.timer = g_timeout_add (DRAIN_MS, on_late, &self->service);
  zmqglib_stream_drain_async (self->service.stream, self->service.cancellable, on_drained, self);
}

static void
service_start (Service    *self,
               const char *endpoint)
{
  static const char record[RECORD_SIZE];

  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = NULL;

  self->context = zmqglib_context_new ();
  socket = zmqglib_socket_new (self->context, ZMQGLIB_SOCKET_PUSH, &error);
  check (error);
  g_object_set (socket, "linger", LINGER_MS, NULL);
  zmqglib_socket_connect_to (socket, endpoint, &error);
  check (error);

  self->stream = zmqglib_stream_new (socket);
  for (guint i = 0; i < N_RECORDS && error == NULL; i++)
    zmqglib_stream_send_data (self->stream, record, sizeof record, &error);
  check (error);
}

/* The collector. */

static void
on_record (ZmqStream  *stream,
           ZmqMessage *message,
           gpointer    data)
{
  Program *self = data;

  self->n_collected++;
  quit_when_done (self);
}

static ZmqStream *
open_collector (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqSocket) socket = zmqglib_socket_new (context, ZMQGLIB_SOCKET_PULL, &error);

  check (error);
  zmqglib_socket_bind (socket, "tcp://127.0.0.1:*", &error);
  check (error);

  return zmqglib_stream_new (socket);
}

static gboolean
on_sigterm (gpointer data)
{
  Program *self = data;

  g_print ("told to end\n");
  service_end (self);
  g_signal_connect (self->collector, "received", G_CALLBACK (on_record), self);

  return G_SOURCE_REMOVE;
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (ZmqStream) collector = open_collector ();
  g_autofree char *endpoint = NULL;
  Program          program = { .loop = loop, .collector = collector };

  g_object_get (zmqglib_stream_get_socket (collector), "last-endpoint", &endpoint, NULL);
  g_unix_signal_add (SIGTERM, on_sigterm, &program);
  service_start (&program.service, endpoint);
  kill (getpid (), SIGTERM);
  g_main_loop_run (loop);
  g_print ("%u records have come\n", program.n_collected);

  g_object_unref (program.service.cancellable);
  g_object_unref (program.service.stream);
  g_object_unref (program.service.context);

  return EXIT_SUCCESS;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A proxy between clients and workers: either side knows only the proxy, and may come and go.
 *
 * The client and the workers are made by the program itself. */

#include <stdlib.h>

#include <zmqglib/zmqglib.h>

#define N_WORKERS   3
#define N_QUESTIONS 10

typedef struct
{
  GMainLoop *loop;
  guint      answers[N_QUESTIONS];
  guint      n_answers;
} Program;

static void
check (GError *error)
{
  if (error == NULL)
    return;

  g_printerr ("%s\n", error->message);
  exit (EXIT_FAILURE);
}

static ZmqSocket *
bind_socket (ZmqSocketType type,
             char        **endpoint)
{
  g_autoptr (GError) error = NULL;
  ZmqSocket *socket = zmqglib_socket_new (NULL, type, &error);

  check (error);
  zmqglib_socket_bind (socket, "tcp://127.0.0.1:*", &error);
  check (error);
  g_object_get (socket, "last-endpoint", endpoint, NULL);

  return socket;
}

static ZmqProxy *
start_proxy (char **for_clients,
             char **for_workers)
{
  g_autoptr (ZmqSocket) router = bind_socket (ZMQGLIB_SOCKET_ROUTER, for_clients);
  g_autoptr (ZmqSocket) dealer = bind_socket (ZMQGLIB_SOCKET_DEALER, for_workers);
  g_autoptr (GError) error = NULL;
  ZmqProxy *proxy = zmqglib_proxy_new (router, dealer, NULL, &error);

  check (error);
  zmqglib_proxy_start (proxy);

  return proxy;
}

static void
on_question (ZmqStream  *worker,
             ZmqMessage *message,
             gpointer    data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = zmqglib_message_get_string (message, 0, &error);
  g_autofree char *answer = NULL;

  check (error);
  answer = g_strdup_printf ("%d", atoi (text) * atoi (text));
  zmqglib_stream_send_string (worker, answer, &error);
  check (error);
}

static ZmqStream *
open_worker (const char *endpoint)
{
  g_autoptr (GError) error = NULL;
  ZmqStream *stream = zmqglib_stream_new_connected (ZMQGLIB_SOCKET_REP, endpoint, &error);

  check (error);
  g_signal_connect (stream, "received", G_CALLBACK (on_question), NULL);

  return stream;
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  return *(const int *) a - *(const int *) b;
}

static void
on_answer (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Program *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) answer = zmqglib_client_request_finish (ZMQGLIB_CLIENT (source), result, &error);
  g_autofree char *text = NULL;

  check (error);
  text = zmqglib_message_get_string (answer, 0, &error);
  check (error);
  self->answers[self->n_answers++] = atoi (text);
  if (self->n_answers == N_QUESTIONS)
    g_main_loop_quit (self->loop);
}

static void
ask (Program    *self,
     const char *endpoint)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqClient) client = zmqglib_client_new (NULL, &error);

  check (error);
  zmqglib_client_connect_to (client, endpoint, &error);
  check (error);

  for (guint i = 0; i < N_QUESTIONS; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);
      g_autoptr (ZmqMessage) question = zmqglib_message_new_from_string (number);

      zmqglib_client_request_async (client, question, NULL, on_answer, self);
    }

  g_main_loop_run (self->loop);
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autofree char *for_clients = NULL;
  g_autofree char *for_workers = NULL;
  g_autoptr (ZmqProxy) proxy = start_proxy (&for_clients, &for_workers);
  ZmqStream *workers[N_WORKERS];
  Program    program = { .loop = loop };

  for (guint i = 0; i < N_WORKERS; i++)
    workers[i] = open_worker (for_workers);
  ask (&program, for_clients);

  qsort (program.answers, N_QUESTIONS, sizeof *program.answers, compare);
  for (guint i = 0; i < N_QUESTIONS; i++)
    g_print ("%u%s", program.answers[i], i + 1 < N_QUESTIONS ? " " : "\n");

  for (guint i = 0; i < N_WORKERS; i++)
    g_object_unref (workers[i]);
  zmqglib_proxy_stop (proxy);
  g_print ("%" G_GUINT64_FORMAT " questions, %" G_GUINT64_FORMAT " answers\n",
           zmqglib_proxy_get_n_forwarded_in (proxy), zmqglib_proxy_get_n_forwarded_out (proxy));

  return EXIT_SUCCESS;
}

/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A client that asks again, and asks another server when the first one does not answer.
 *
 * Both servers are made by the program itself: each answers once, and then no more, as if it hung. */

#include <stdlib.h>

#include <zmqglib/zmqglib.h>

#define TIMEOUT_US G_TIME_SPAN_SECOND /* of one try */

static const char *const questions[] = { "one", "two", "three" };

typedef struct
{
  ZmqServer  *server;
  const char *name;
  gboolean    hangs;
} Server;

typedef struct
{
  GMainLoop *loop;
  ZmqClient *client;
  guint      n_asked;
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
on_request (ZmqServer  *server,
            ZmqRequest *request,
            gpointer    data)
{
  Server          *self = data;
  g_autofree char *question = zmqglib_message_get_string (zmqglib_request_get_message (request), 0, NULL);
  g_autoptr (ZmqMessage) reply = NULL;
  g_autoptr (GError) error = NULL;

  if (self->hangs || question == NULL)
    return;

  reply = zmqglib_message_new_strings (self->name, question, NULL);
  zmqglib_request_reply (request, reply, &error);
  check (error);
  self->hangs = TRUE;
}

static void
serve (Server    *self,
       ZmqClient *client)
{
  g_autofree char *endpoint = NULL;
  g_autoptr (GError) error = NULL;

  self->server = zmqglib_server_new (NULL, &error);
  check (error);
  g_signal_connect (self->server, "request", G_CALLBACK (on_request), self);
  zmqglib_server_bind (self->server, "tcp://127.0.0.1:*", &error);
  check (error);

  endpoint = zmqglib_server_dup_last_endpoint (self->server);
  zmqglib_client_connect_to (client, endpoint, &error);
  check (error);
}

static void ask (Program *self);

static void
on_answer (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Program    *self = data;
  const char *question = questions[self->n_asked - 1];
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) answer = zmqglib_client_request_finish (self->client, result, &error);

  if (g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN))
    g_print ("nobody answers: %s\n", question);
  else
    {
      g_auto (GStrv) frames = NULL;

      check (error);
      frames = zmqglib_message_dup_strv (answer, &error);
      check (error);
      g_print ("%s answers: %s\n", frames[0], frames[1]);
    }

  if (self->n_asked < G_N_ELEMENTS (questions))
    ask (self);
  else
    g_main_loop_quit (self->loop);
}

static void
ask (Program *self)
{
  g_autoptr (ZmqMessage) question = zmqglib_message_new_from_string (questions[self->n_asked++]);

  zmqglib_client_request_async (self->client, question, NULL, on_answer, self);
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqClient) client = zmqglib_client_new (NULL, &error);
  Program program = { .loop = loop, .client = client };
  Server  servers[] = { { .name = "first" }, { .name = "second" } };

  check (error);
  zmqglib_client_set_timeout_us (client, TIMEOUT_US);
  zmqglib_client_set_max_tries (client, 2);
  zmqglib_client_set_strategy (client, ZMQGLIB_CLIENT_STRATEGY_FAILOVER);
  for (guint i = 0; i < G_N_ELEMENTS (servers); i++)
    serve (&servers[i], client);

  ask (&program);
  g_main_loop_run (loop);

  for (guint i = 0; i < G_N_ELEMENTS (servers); i++)
    g_object_unref (servers[i].server);

  return EXIT_SUCCESS;
}

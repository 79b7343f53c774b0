/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>
#include <zmq.h>

#include "soak-flow.h"
#include "soak-roles.h"

/* What the program does as a child: it serves, publishes, or sends peers that come and go. */

#define N_TOPICS 500

/* Requests are answered from the last to the first, at times that are no one's; some never are. */
#define MAX_KEPT 50

static void
answer_some (GPtrArray *kept,
             guint      n_left)
{
  while (kept->len > n_left)
    {
      g_autoptr (ZmqRequest) request = g_ptr_array_steal_index_fast (kept, g_random_int_range (0, kept->len));

      /* nobody may wait for it any more */
      if (g_random_int_range (0, 2000) != 0)
        zmqglib_request_reply (request, zmqglib_request_get_message (request), NULL);
    }
}

static void
on_request (ZmqServer  *server,
            ZmqRequest *request,
            gpointer    data)
{
  GPtrArray *kept = data;

  g_ptr_array_add (kept, g_object_ref (request));
  answer_some (kept, MAX_KEPT);
}

static gboolean
on_answer (gpointer data)
{
  answer_some (data, g_random_int_range (0, 10));

  return G_SOURCE_CONTINUE;
}

static void
serve (const char *endpoint)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;
  ZmqServer *server = zmqglib_server_new (NULL, &error);

  if (server == NULL || !zmqglib_server_bind (server, endpoint, &error))
    g_error ("%s", error->message);
  g_signal_connect (server, "request", G_CALLBACK (on_request), kept);
  g_timeout_add (20, on_answer, kept);
  g_main_loop_run (loop);
}

typedef struct
{
  ZmqStream *stream;
  guint64    number;
} Publisher;

static gboolean
on_publish (gpointer data)
{
  Publisher *self = data;

  for (int n = soak.rate / 50 + 1; n > 0; n--)
    {
      g_autofree char *topic = g_strdup_printf ("topic %u", g_random_int_range (0, N_TOPICS));
      g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, self->number++);
      g_autoptr (ZmqMessage) message = zmqglib_message_new_strings (topic, number, NULL);
      g_autoptr (GError) error = NULL;

      if (!zmqglib_stream_send (self->stream, message, &error))
        g_error ("%s", error->message);
    }

  return G_SOURCE_CONTINUE;
}

static void
publish (const char *endpoint)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  Publisher self = { .stream = zmqglib_stream_new_connected (ZMQGLIB_SOCKET_PUB, endpoint, &error) };

  if (self.stream == NULL)
    g_error ("%s", error->message);
  g_timeout_add (20, on_publish, &self);
  g_main_loop_run (loop);
}

/* Peers that come, send numbers up to the one that they tell first, and go; some without a word. */
static void
visit (void       *context,
       const char *endpoint)
{
  void   *socket = zmq_socket (context, ZMQ_DEALER);
  guint64 n = g_random_int_range (0, 20);
  char    text[32];

  zmq_connect (socket, endpoint);
  for (guint64 i = 0; i < n; i++)
    {
      int size = g_snprintf (text, sizeof text, "%u of %u", (guint) i, (guint) n);

      zmq_send (socket, "visit", 5, ZMQ_SNDMORE);
      zmq_send (socket, text, size, 0);
    }
  g_usleep (g_random_int_range (0, 20000));
  /* what was sent is still delivered */
  zmq_close (socket);
}

static void
send_peers (const char *endpoint)
{
  void *context = zmq_ctx_new ();

  for (;;)
    {
      visit (context, endpoint);
      g_usleep (1000 * g_random_int_range (1, 40000 / MAX (soak.rate, 1) + 2));
    }
}

/* None of them ends by itself. */
int
soak_play (const char *role,
           const char *endpoint)
{
  if (g_str_equal (role, "serve"))
    serve (endpoint);
  else if (g_str_equal (role, "publish"))
    publish (endpoint);
  else if (g_str_equal (role, "visit"))
    send_peers (endpoint);
  else if (g_str_equal (role, "attack"))
    soak_attack (endpoint);

  return 2;
}

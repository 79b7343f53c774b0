/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soak.h"

/* What is made, used once, and dropped all the time, by whichever thread has it last: streams, operations that are still
 * under way or are cancelled, sources, and whole contexts. */

#define MAKE_MS     20
#define MAX_PAIRS   20
#define CONTEXT_ONE 25 /* of so many has a context of its own */

typedef struct
{
  ZmqStream    *pull;
  ZmqStream    *push;
  ZmqSocket    *waiting; /* with an operation that nobody will end */
  GCancellable *cancellable;
  GList         link;
} Pair;

static GQueue  pairs;
static guint   n_begun; /* of operations */
static guint   n_ended;
static guint64 n_made;
static guint64 n_done;

static void
on_received_async (GObject      *source,
                   GAsyncResult *result,
                   gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (source), result, &error);

  n_ended++;
  if (message != NULL)
    soak_fail ("churn: a message has come that nobody sent");
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && !g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_CLOSED))
    soak_check_error (g_steal_pointer (&error));
}

static gboolean
on_source (ZmqSocket   *socket,
           GIOCondition condition,
           gpointer     data)
{
  return G_SOURCE_CONTINUE;
}

static void
drop (Pair *self)
{
  g_queue_unlink (&pairs, &self->link);
  g_signal_handlers_disconnect_by_data (self->pull, self);
  g_cancellable_cancel (self->cancellable);
  soak_drop (self->cancellable);
  soak_drop (self->waiting);
  soak_drop (self->push);
  soak_drop (self->pull);
  g_free (self);
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  n_done++;
  drop (data);
}

static ZmqStream *
make_stream (ZmqContext   *context,
             ZmqSocketType type,
             const char   *endpoint,
             gboolean      binds)
{
  GError    *error = NULL;
  ZmqSocket *socket = zmqglib_socket_new (context, type, &error);
  ZmqStream *stream;

  if (soak_check_error (error) && !(binds ? zmqglib_socket_bind (socket, endpoint, &error) : zmqglib_socket_connect_to (socket, endpoint, &error)))
    soak_check_error (error);
  stream = zmqglib_stream_new (socket);
  soak_count_object (stream);
  g_object_unref (socket);

  return stream;
}

/* A source that is destroyed with the operation’s socket dropped elsewhere, and an operation that is cancelled. */
static void
begin_to_wait (Pair       *self,
               ZmqContext *context)
{
  g_autoptr (GSource) source = NULL;
  GError *error = NULL;

  self->waiting = zmqglib_socket_new (context, ZMQGLIB_SOCKET_PULL, &error);
  if (!soak_check_error (error))
    return;
  soak_count_object (self->waiting);
  self->cancellable = g_cancellable_new ();
  zmqglib_socket_receive_async (self->waiting, G_PRIORITY_DEFAULT, self->cancellable, on_received_async, NULL);
  n_begun++;
  source = zmqglib_socket_create_source (self->waiting, G_IO_IN, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (on_source), NULL, NULL);
  g_source_attach (source, NULL);
  g_source_destroy (source);
}

static gboolean
on_make (gpointer data)
{
  g_autofree char *endpoint = g_strdup_printf ("inproc://churn-%" G_GUINT64_FORMAT, n_made);
  g_autoptr (ZmqContext) context = n_made % CONTEXT_ONE == 0 ? zmqglib_context_new () : NULL;
  GError *error = NULL;
  Pair   *self;

  if (pairs.length >= MAX_PAIRS || soak.has_failed)
    return G_SOURCE_CONTINUE;
  self = g_new0 (Pair, 1);
  self->link.data = self;
  g_queue_push_tail_link (&pairs, &self->link);
  self->pull = make_stream (context, ZMQGLIB_SOCKET_PULL, endpoint, TRUE);
  self->push = make_stream (context, ZMQGLIB_SOCKET_PUSH, endpoint, FALSE);
  begin_to_wait (self, context);
  g_signal_connect (self->pull, "received", G_CALLBACK (on_received), self);
  zmqglib_stream_send_string (self->push, "once", &error);
  soak_check_error (error);
  n_made++;

  return G_SOURCE_CONTINUE;
}

static void
start (void)
{
  soak_add_timer (MAKE_MS, on_make);
}

static void
check (gint64 now)
{
  if (n_made != n_done + pairs.length)
    soak_fail ("churn: of %" G_GUINT64_FORMAT " messages %" G_GUINT64_FORMAT " came", n_made, n_done);
  if (n_begun - n_ended > 2 * MAX_PAIRS)
    soak_fail ("churn: %u operations never end", n_begun - n_ended);
}

static void
print (GString *line)
{
  g_string_append_printf (line, "churned %" G_GUINT64_FORMAT "  ", n_done);
}

static void
stop (void)
{
  while (pairs.length > 0)
    drop (pairs.head->data);
  while (n_ended < n_begun)
    g_main_context_iteration (NULL, TRUE);
}

const SoakPart soak_churn = { "churn", start, check, print, stop };

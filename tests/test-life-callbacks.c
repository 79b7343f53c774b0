/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <fcntl.h>

#include "test-life-util.h"

/* Rule 3: a public function, and whatever calls back, keeps what it works on. A world of all kinds of
 * things, in which one callback does the worst to all of them at once. */

typedef enum
{
  WHERE_RECEIVED,
  WHERE_SENT,
  WHERE_DRAINED,
  WHERE_CLOSED,
  WHERE_DRAIN,
  WHERE_TRACKER,
  WHERE_RECEIVE,
  WHERE_WAIT,
  WHERE_SEND,
  WHERE_SOURCE,
  WHERE_POLLER,
  WHERE_POLLER_FD,
  WHERE_FLUSH_IN,  /* received, in a call of flush () */
  WHERE_FLUSH_OUT, /* sent, the same */
  WHERE_POLLER_WAIT,
} Where;

static const char *const where_names[] = {
  "received", "sent", "drained", "closed", "drain", "tracker", "receive", "wait", "send", "source",
  "poller", "poller-fd", "flush-in", "flush-out", "poller-wait"
};

typedef enum
{
  WHAT_CLOSE_STREAMS,
  WHAT_DISPOSE_STREAMS,
  WHAT_CLOSE_SOCKETS,
  WHAT_DESTROY_SOURCES,
  WHAT_CANCEL,
  WHAT_EMPTY_POLLER,
  WHAT_SHUT_DOWN,
  WHAT_DROP_ALL,
  WHAT_DROP_ALL_ELSEWHERE,
  WHAT_NESTED_LOOP,
  WHAT_DROP_ALL_AND_NESTED_LOOP,
} What;

static const char *const what_names[] = {
  "close-streams", "dispose-streams", "close-sockets", "destroy-sources", "cancel", "empty-poller",
  "shut-down", "drop-all", "drop-all-elsewhere", "nested-loop", "drop-all-and-nested-loop"
};

#define N_MESSAGES   10
#define N_OPERATIONS 3

typedef struct
{
  Where    where;
  What     what;
  gboolean has_acted;
  gboolean by_call; /* whether flush () or wait () runs */

  ZmqContext   *context;
  GCancellable *cancellable;
  ZmqStream    *in;
  ZmqStream    *out;
  ZmqSocket    *receiver;
  ZmqSocket    *sender;
  ZmqSocket    *watched;
  ZmqSocket    *polled;
  GSource      *source;
  ZmqPoller    *poller;
  GSource      *poller_source;
  ZmqTracker   *tracker;
  ZmqSocket    *peers[6];
  char         *out_endpoint;
  char         *sender_endpoint;
  int           fds[2];

  gint  n_alive;
  guint n_begun;
  guint n_told;
  guint n_queued;
  guint n_sent;
  guint n_closed;
} World;

static void world_act (World *self,
                       Where  where);

/* What the world calls */

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             World      *world)
{
  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 1);
  world_act (world, world->by_call ? WHERE_FLUSH_IN : WHERE_RECEIVED);
}

static void
on_sent (ZmqStream    *stream,
         ZmqMessage   *message,
         const GError *error,
         World        *world)
{
  world->n_sent++;
  world_act (world, world->by_call ? WHERE_FLUSH_OUT : WHERE_SENT);
}

static void
on_drained (ZmqStream *stream,
            World     *world)
{
  world_act (world, WHERE_DRAINED);
}

static void
on_closed (ZmqStream    *stream,
           const GError *error,
           World        *world)
{
  world->n_closed++;
  world_act (world, WHERE_CLOSED);
}

static void
on_drain (GObject      *stream,
          GAsyncResult *result,
          gpointer      data)
{
  World *world = data;

  zmqglib_stream_drain_finish (ZMQGLIB_STREAM (stream), result, NULL);
  world->n_told++;
  world_act (world, WHERE_DRAIN);
}

static void
on_tracked (GObject      *tracker,
            GAsyncResult *result,
            gpointer      data)
{
  World *world = data;

  zmqglib_tracker_wait_finish (ZMQGLIB_TRACKER (tracker), result, NULL);
  world->n_told++;
  world_act (world, WHERE_TRACKER);
}

static void
on_receive (GObject      *socket,
            GAsyncResult *result,
            gpointer      data)
{
  World      *world = data;
  ZmqMessage *message = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (socket), result, NULL);

  g_clear_pointer (&message, zmqglib_message_unref);
  world->n_told++;
  world_act (world, WHERE_RECEIVE);
}

static void
on_wait (GObject      *socket,
         GAsyncResult *result,
         gpointer      data)
{
  World *world = data;

  zmqglib_socket_wait_finish (ZMQGLIB_SOCKET (socket), result, NULL);
  world->n_told++;
  world_act (world, WHERE_WAIT);
}

static void
on_send (GObject      *socket,
         GAsyncResult *result,
         gpointer      data)
{
  World *world = data;

  zmqglib_socket_send_finish (ZMQGLIB_SOCKET (socket), result, NULL);
  world->n_told++;
  world_act (world, WHERE_SEND);
}

static gboolean
on_ready (ZmqSocket   *socket,
          GIOCondition condition,
          gpointer     data)
{
  g_autoptr (ZmqMessage) message = zmqglib_socket_try_receive (socket, NULL);

  world_act (data, WHERE_SOURCE);

  return message != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void
on_polled (ZmqPoller   *poller,
           ZmqSocket   *socket,
           int          fd,
           GIOCondition condition,
           gpointer     data)
{
  World                         *world = data;
  g_autoptr (ZmqMessage) message G_GNUC_UNUSED = socket != NULL ? zmqglib_socket_try_receive (socket, NULL) : NULL;
  char                           byte;

  if (socket == NULL && read (fd, &byte, 1) != 1)
    zmqglib_poller_remove_fd (poller, fd, NULL);
  world_act (world, world->by_call ? WHERE_POLLER_WAIT : socket != NULL ? WHERE_POLLER
                                                                        : WHERE_POLLER_FD);
}

/* The world begins */

static ZmqSocket *
world_make_socket (World        *self,
                   ZmqSocketType type)
{
  ZmqSocket *socket = test_socket_new (self->context, type);

  life_count (socket, &self->n_alive);

  return socket;
}

static ZmqSocket *
world_make_pull (World *self,
                 guint  number)
{
  ZmqSocket       *socket = world_make_socket (self, ZMQGLIB_SOCKET_PULL);
  g_autofree char *endpoint = test_bind (socket, "inproc");
  g_autoptr (GError) error = NULL;

  self->peers[number] = test_socket_new (self->context, ZMQGLIB_SOCKET_PUSH);
  zmqglib_socket_connect_to (self->peers[number], endpoint, &error);
  g_assert_no_error (error);

  return socket;
}

static ZmqSocket *
world_make_push (World *self,
                 guint  number,
                 char **endpoint)
{
  ZmqSocket *socket = world_make_socket (self, ZMQGLIB_SOCKET_PUSH);

  *endpoint = test_bind (socket, "inproc");
  self->peers[number] = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);

  return socket;
}

static void
world_queue (World *self)
{
  for (guint i = 0; i < N_MESSAGES; i++)
    {
      g_autoptr (ZmqMessage) message = life_message_new (i);
      g_autoptr (GError) error = NULL;

      if (i == N_MESSAGES / 2)
        self->tracker = zmqglib_message_track (message);
      zmqglib_stream_send (self->out, message, &error);
      g_assert_no_error (error);
      self->n_queued++;
    }
}

static void
world_make_streams (World *self)
{
  g_autoptr (ZmqSocket) in = world_make_pull (self, 0);
  g_autoptr (ZmqSocket) out = world_make_push (self, 1, &self->out_endpoint);

  self->in = zmqglib_stream_new (in);
  life_count (self->in, &self->n_alive);
  g_signal_connect (self->in, "received", G_CALLBACK (on_received), self);
  self->out = zmqglib_stream_new (out);
  life_count (self->out, &self->n_alive);
  g_signal_connect (self->out, "sent", G_CALLBACK (on_sent), self);
  g_signal_connect (self->out, "drained", G_CALLBACK (on_drained), self);
  g_signal_connect (self->in, "closed", G_CALLBACK (on_closed), self);
  world_queue (self);
}

static void
world_make_operations (World *self)
{
  self->receiver = world_make_pull (self, 2);
  self->sender = world_make_push (self, 3, &self->sender_endpoint);

  for (guint i = 0; i < N_OPERATIONS; i++)
    {
      g_autoptr (ZmqMessage) message = life_message_new (i);
      GCancellable *cancellable = i % 2 == 1 ? self->cancellable : NULL;

      zmqglib_stream_drain_async (self->out, cancellable, on_drain, self);
      zmqglib_tracker_wait_async (self->tracker, cancellable, on_tracked, self);
      zmqglib_socket_receive_async (self->receiver, G_PRIORITY_DEFAULT, cancellable, on_receive, self);
      zmqglib_socket_wait_async (self->receiver, G_IO_IN, G_PRIORITY_DEFAULT, cancellable, on_wait, self);
      zmqglib_socket_send_async (self->sender, message, G_PRIORITY_DEFAULT, cancellable, on_send, self);
      self->n_begun += 5;
    }
}

static void
world_make_sources (World *self)
{
  g_autoptr (GError) error = NULL;

  self->watched = world_make_pull (self, 4);
  self->source = zmqglib_socket_create_source (self->watched, G_IO_IN, self->cancellable);
  g_source_set_callback (self->source, (GSourceFunc) (void (*) (void)) on_ready, self, NULL);
  g_source_attach (self->source, NULL);

  self->polled = world_make_pull (self, 5);
  self->poller = zmqglib_poller_new ();
  life_count (self->poller, &self->n_alive);
  g_assert_cmpint (pipe2 (self->fds, O_NONBLOCK | O_CLOEXEC), ==, 0);
  zmqglib_poller_add_socket (self->poller, self->polled, G_IO_IN, on_polled, self, NULL, &error);
  g_assert_no_error (error);
  zmqglib_poller_add_fd (self->poller, self->fds[0], G_IO_IN, on_polled, self, NULL, &error);
  g_assert_no_error (error);
  self->poller_source = zmqglib_poller_create_source (self->poller);
  g_source_attach (self->poller_source, NULL);
}

/* All of it has something to do at once. */
static void
world_trigger (World *self)
{
  g_autoptr (GError) error = NULL;
  static const guint receivers[] = { 0, 2, 4, 5 };

  for (guint i = 0; i < G_N_ELEMENTS (receivers); i++)
    for (guint j = 0; j < N_MESSAGES; j++)
      test_send_string (self->peers[receivers[i]], "message");
  zmqglib_socket_connect_to (self->peers[1], self->out_endpoint, &error);
  g_assert_no_error (error);
  zmqglib_socket_connect_to (self->peers[3], self->sender_endpoint, &error);
  g_assert_no_error (error);
  g_assert_cmpint (write (self->fds[1], "xx", 2), ==, 2);
}

/* and does one of these. */
static void
world_drop (gpointer data)
{
  World *self = data;

  if (self->source != NULL)
    g_source_destroy (self->source);
  if (self->poller_source != NULL)
    g_source_destroy (self->poller_source);
  g_clear_pointer (&self->source, g_source_unref);
  g_clear_pointer (&self->poller_source, g_source_unref);
  g_clear_object (&self->poller);
  g_clear_object (&self->in);
  g_clear_object (&self->out);
  g_clear_object (&self->receiver);
  g_clear_object (&self->sender);
  g_clear_object (&self->watched);
  g_clear_object (&self->polled);
  g_clear_object (&self->tracker);
}

static void
world_close_sockets (World *self)
{
  ZmqSocket *sockets[] = {
    zmqglib_stream_get_socket (self->in), zmqglib_stream_get_socket (self->out), self->receiver,
    self->sender, self->watched, self->polled
  };

  for (guint i = 0; i < G_N_ELEMENTS (sockets); i++)
    zmqglib_socket_close (sockets[i]);
}

static void
world_act (World *self,
           Where  where)
{
  if (where != self->where || self->has_acted)
    return;

  self->has_acted = TRUE;
  switch (self->what)
    {
    case WHAT_CLOSE_STREAMS:
      zmqglib_stream_close (self->in);
      zmqglib_stream_close (self->out);
      break;
    case WHAT_DISPOSE_STREAMS:
      g_object_run_dispose (G_OBJECT (self->in));
      g_object_run_dispose (G_OBJECT (self->out));
      break;
    case WHAT_CLOSE_SOCKETS:
      world_close_sockets (self);
      break;
    case WHAT_DESTROY_SOURCES:
      g_source_destroy (self->source);
      g_source_destroy (self->poller_source);
      break;
    case WHAT_CANCEL:
      g_cancellable_cancel (self->cancellable);
      break;
    case WHAT_EMPTY_POLLER:
      zmqglib_poller_remove_socket (self->poller, self->polled, NULL);
      zmqglib_poller_remove_fd (self->poller, self->fds[0], NULL);
      break;
    case WHAT_SHUT_DOWN:
      zmqglib_context_shutdown (self->context);
      break;
    case WHAT_DROP_ALL:
      world_drop (self);
      break;
    case WHAT_DROP_ALL_ELSEWHERE:
      life_elsewhere (world_drop, self);
      break;
    case WHAT_NESTED_LOOP:
      life_settle (NULL);
      break;
    case WHAT_DROP_ALL_AND_NESTED_LOOP:
      world_drop (self);
      life_settle (NULL);
      break;
    }
}

/* Those calls that call back themselves, and may not find their object in place afterwards. */
static void
world_call (World *self)
{
  g_autoptr (GError) error = NULL;

  self->by_call = TRUE;
  if (self->where == WHERE_FLUSH_IN)
    zmqglib_stream_flush (self->in, G_IO_IN, 0);
  else if (self->where == WHERE_FLUSH_OUT)
    {
      zmqglib_socket_wait (zmqglib_stream_get_socket (self->out), G_IO_OUT, -1, NULL, &error);
      g_assert_no_error (error);
      zmqglib_stream_flush (self->out, G_IO_OUT, 0);
    }
  else if (self->where == WHERE_POLLER_WAIT)
    zmqglib_poller_wait (self->poller, -1, NULL, &error);
  self->by_call = FALSE;
}

static void
test_world (gconstpointer data)
{
  World *self = g_new0 (World, 1);
  guint  number = GPOINTER_TO_UINT (data);

  self->where = number % G_N_ELEMENTS (where_names);
  self->what = number / G_N_ELEMENTS (where_names);
  self->context = zmqglib_context_new ();
  self->cancellable = g_cancellable_new ();
  world_make_streams (self);
  world_make_operations (self);
  world_make_sources (self);

  if (self->where == WHERE_POLLER_WAIT)
    g_source_destroy (self->poller_source);
  life_settle (NULL);
  world_trigger (self);
  if (self->where == WHERE_CLOSED)
    zmqglib_stream_close (self->in);
  world_call (self);
  life_until (NULL, self->has_acted);
  life_settle (NULL);

  /* the rest of the world ends, and whatever waited has been told, once */
  zmqglib_context_shutdown (self->context);
  life_settle (NULL);
  world_drop (self);
  life_until (NULL, self->n_alive == 0);
  life_settle (NULL);
  g_assert_cmpuint (self->n_told, ==, self->n_begun);
  g_assert_cmpuint (self->n_sent, <=, self->n_queued);
  g_assert_cmpuint (self->n_closed, <=, 1);

  for (guint i = 0; i < G_N_ELEMENTS (self->peers); i++)
    g_clear_object (&self->peers[i]);
  close (self->fds[0]);
  close (self->fds[1]);
  life_terminate (self->context);
  g_object_unref (self->context);
  g_object_unref (self->cancellable);
  g_free (self->out_endpoint);
  g_free (self->sender_endpoint);
  g_free (self);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint what = 0; what < G_N_ELEMENTS (what_names); what++)
    for (guint where = 0; where < G_N_ELEMENTS (where_names); where++)
      {
        g_autofree char *path = g_strdup_printf ("/life/rule-3-%s/%s", what_names[what], where_names[where]);

        g_test_add_data_func (path, GUINT_TO_POINTER (what * G_N_ELEMENTS (where_names) + where), test_world);
      }

  return g_test_run ();
}

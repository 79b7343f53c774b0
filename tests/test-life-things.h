/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "test-life-util.h"

G_BEGIN_DECLS

/* The kinds of things that a main loop may have of the library's, how each begins in one thread and
 * ends in another. */

typedef enum
{
  KIND_STREAM,
  KIND_RECEIVE, /* a pending receive_async () */
  KIND_NEXT,    /* the same, of a stream */
  KIND_SEND,
  KIND_WAIT,
  KIND_SOURCE, /* of a socket */
  KIND_POLLER, /* and its source */
  KIND_TRACKER,
  KIND_DRAIN,
} ThingKind;

static const char *const thing_kind_names[] = {
  "stream", "receive", "next", "send", "wait", "source", "poller", "tracker", "drain"
};

typedef enum
{
  END_DROP,   /* each reference that the program has */
  END_CANCEL, /* then drop */
  END_CLOSE,  /* then drop */
} ThingEnd;

static const char *const thing_end_names[] = { "dropped", "cancelled", "closed" };

typedef enum
{
  LOOP_RUNNING,
  LOOP_NOT_YET,
  LOOP_BY_HAND,
  LOOP_NEVER,
} ThingLoop;

static const char *const thing_loop_names[] = { "running", "not-yet", "by-hand", "never" };

typedef struct
{
  ThingKind kind;
  ThingEnd  end;
  ThingLoop loop;
} ThingCase;

typedef struct
{
  gint n_alive;  /* atomic: objects, and data of closures; the first, since that is what these have */
  gint n_told;   /* atomic: the end of the operation, or of the stream */
  gint n_called; /* atomic: other calls */

  ThingCase     what;
  GMainContext *main_context;
  ZmqContext   *context;
  char         *endpoint;
  ZmqSocket    *peer;

  ZmqSocket    *socket;
  ZmqStream    *stream;
  GSource      *source;
  ZmqPoller    *poller;
  ZmqTracker   *tracker;
  GCancellable *cancellable;
} Thing;

static inline gboolean
thing_is_operation (const Thing *self)
{
  return self->what.kind != KIND_STREAM && self->what.kind != KIND_SOURCE && self->what.kind != KIND_POLLER;
}

static inline gboolean
thing_is_sender (const Thing *self)
{
  return self->what.kind == KIND_SEND || self->what.kind == KIND_TRACKER || self->what.kind == KIND_DRAIN;
}

/* What the things call */

static inline void
thing_on_done (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  Thing *self = data;
  g_autoptr (GError) error = NULL;
  ZmqMessage *message = NULL;

  g_assert_true (g_main_context_is_owner (self->main_context));
  switch (self->what.kind)
    {
    case KIND_RECEIVE:
      message = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (source), result, &error);
      g_clear_pointer (&message, zmqglib_message_unref);
      break;
    case KIND_NEXT:
      message = zmqglib_stream_receive_finish (ZMQGLIB_STREAM (source), result, &error);
      g_clear_pointer (&message, zmqglib_message_unref);
      break;
    case KIND_SEND:
      zmqglib_socket_send_finish (ZMQGLIB_SOCKET (source), result, &error);
      break;
    case KIND_WAIT:
      zmqglib_socket_wait_finish (ZMQGLIB_SOCKET (source), result, &error);
      break;
    case KIND_TRACKER:
      zmqglib_tracker_wait_finish (ZMQGLIB_TRACKER (source), result, &error);
      break;
    case KIND_DRAIN:
      zmqglib_stream_drain_finish (ZMQGLIB_STREAM (source), result, &error);
      break;
    default:
      g_assert_not_reached ();
    }

  /* a tracked message that is dropped is done, too */
  if (self->what.end == END_CANCEL && (self->what.kind != KIND_TRACKER || error != NULL))
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  else if (self->what.end == END_CLOSE && self->what.kind != KIND_TRACKER)
    g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_CLOSED);
  else if (self->what.loop != LOOP_NEVER)
    g_assert_no_error (error);
  g_atomic_int_inc (&self->n_told);
}

static inline void
thing_on_received (ZmqStream  *stream,
                   ZmqMessage *message,
                   Thing      *self)
{
  g_assert_true (g_main_context_is_owner (self->main_context));
  g_assert_cmpuint (zmqglib_message_get_n_frames (message), ==, 1);
  g_atomic_int_inc (&self->n_called);
}

static inline void
thing_on_closed (ZmqStream    *stream,
                 const GError *error,
                 Thing        *self)
{
  g_assert_true (g_main_context_is_owner (self->main_context));
  g_assert_no_error (error);
  g_atomic_int_inc (&self->n_told);
}

static inline gboolean
thing_on_ready (ZmqSocket   *socket,
                GIOCondition condition,
                gpointer     data)
{
  Thing *self = data;
  g_autoptr (ZmqMessage) message = NULL;

  g_assert_true (g_main_context_is_owner (self->main_context));
  g_atomic_int_inc (&self->n_called);
  if ((condition & G_IO_IN) == 0)
    return G_SOURCE_REMOVE;
  message = zmqglib_socket_try_receive (socket, NULL);

  return G_SOURCE_CONTINUE;
}

static inline void
thing_on_polled (ZmqPoller   *poller,
                 ZmqSocket   *socket,
                 int          fd,
                 GIOCondition condition,
                 gpointer     data)
{
  thing_on_ready (socket, condition, data);
}

/* A thing begins in the thread that has its main context, as that thread's default. */

static inline void
thing_begin_stream (Thing *self)
{
  self->stream = zmqglib_stream_new (self->socket);
  life_count (self->stream, &self->n_alive);
  if (thing_is_sender (self))
    return;

  g_atomic_int_inc (&self->n_alive);
  g_signal_connect_data (self->stream, "received", G_CALLBACK (thing_on_received), self, life_on_closure_destroyed, 0);
  g_signal_connect (self->stream, "closed", G_CALLBACK (thing_on_closed), self);
}

/* Which has no handler but who waits. */
static inline void
thing_begin_next (Thing *self)
{
  self->stream = zmqglib_stream_new (self->socket);
  life_count (self->stream, &self->n_alive);
  zmqglib_stream_receive_async (self->stream, self->cancellable, thing_on_done, self);
}

static inline void
thing_begin_source (Thing *self)
{
  self->source = zmqglib_socket_create_source (self->socket, G_IO_IN, self->cancellable);
  g_atomic_int_inc (&self->n_alive);
  g_source_set_callback (self->source, (GSourceFunc) (void (*) (void)) thing_on_ready, self, life_on_destroyed);
  g_source_attach (self->source, self->main_context);
}

static inline void
thing_begin_poller (Thing *self)
{
  g_autoptr (GError) error = NULL;

  self->poller = zmqglib_poller_new ();
  life_count (self->poller, &self->n_alive);
  g_atomic_int_inc (&self->n_alive);
  zmqglib_poller_add_socket (self->poller, self->socket, G_IO_IN, thing_on_polled, self, life_on_destroyed, &error);
  g_assert_no_error (error);
  self->source = zmqglib_poller_create_source (self->poller);
  g_source_attach (self->source, self->main_context);
}

/* A message that nobody takes, in a stream. */
static inline void
thing_begin_queued (Thing *self)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("queued");
  g_autoptr (GError) error = NULL;

  thing_begin_stream (self);
  if (self->what.kind == KIND_TRACKER)
    {
      self->tracker = zmqglib_message_track (message);
      life_count (self->tracker, &self->n_alive);
    }
  zmqglib_stream_send (self->stream, message, &error);
  g_assert_no_error (error);

  if (self->what.kind == KIND_TRACKER)
    zmqglib_tracker_wait_async (self->tracker, self->cancellable, thing_on_done, self);
  else
    zmqglib_stream_drain_async (self->stream, self->cancellable, thing_on_done, self);
}

static inline void
thing_begin (gpointer data)
{
  Thing *self = data;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("sent");

  self->cancellable = g_cancellable_new ();
  self->socket = test_socket_new (self->context, thing_is_sender (self) ? ZMQGLIB_SOCKET_PUSH : ZMQGLIB_SOCKET_PULL);
  life_count (self->socket, &self->n_alive);
  self->endpoint = test_bind (self->socket, "inproc");

  switch (self->what.kind)
    {
    case KIND_STREAM:
      thing_begin_stream (self);
      break;
    case KIND_RECEIVE:
      zmqglib_socket_receive_async (self->socket, G_PRIORITY_DEFAULT, self->cancellable, thing_on_done, self);
      break;
    case KIND_NEXT:
      thing_begin_next (self);
      break;
    case KIND_SEND:
      zmqglib_socket_send_async (self->socket, message, G_PRIORITY_DEFAULT, self->cancellable, thing_on_done, self);
      break;
    case KIND_WAIT:
      zmqglib_socket_wait_async (self->socket, G_IO_IN, G_PRIORITY_DEFAULT, self->cancellable, thing_on_done, self);
      break;
    case KIND_SOURCE:
      thing_begin_source (self);
      break;
    case KIND_POLLER:
      thing_begin_poller (self);
      break;
    case KIND_TRACKER:
    case KIND_DRAIN:
      thing_begin_queued (self);
      break;
    }
}

/* It ends in another one, */
static inline void
thing_drop (Thing *self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_clear_object (&self->poller);
  g_clear_object (&self->stream);
  g_clear_object (&self->tracker);
  g_clear_object (&self->socket);
  g_clear_object (&self->cancellable);
}

static inline void
thing_end (gpointer data)
{
  Thing *self = data;

  if (self->what.end == END_CANCEL)
    g_cancellable_cancel (self->cancellable);
  else if (self->what.end == END_CLOSE && self->stream != NULL)
    zmqglib_stream_close (self->stream);
  else if (self->what.end == END_CLOSE)
    zmqglib_socket_close (self->socket);

  /* what is told of its end is still to be told */
  if (self->what.end != END_CLOSE || self->what.kind != KIND_STREAM || self->what.loop == LOOP_NEVER)
    thing_drop (self);
}

/* and what is only dropped, while it goes on, is ended by the peer. */
static inline void
thing_let_go_on (Thing *self)
{
  g_autoptr (GError) error = NULL;

  if (self->what.end != END_DROP || !thing_is_operation (self) || self->what.kind == KIND_TRACKER)
    return;

  if (thing_is_sender (self))
    {
      zmqglib_socket_connect_to (self->peer, self->endpoint, &error);
      g_assert_no_error (error);
    }
  else
    test_send_string (self->peer, "at last");
}

static inline void
thing_drop_in_thread (gpointer data)
{
  thing_drop (data);
}

/* Some traffic, so that the loop is about the thing as it ends. */
static inline void
thing_set_up_peer (Thing *self)
{
  g_autoptr (GError) error = NULL;

  self->peer = test_socket_new (self->context, thing_is_sender (self) ? ZMQGLIB_SOCKET_PULL : ZMQGLIB_SOCKET_PUSH);
  if (thing_is_sender (self))
    return;

  zmqglib_socket_connect_to (self->peer, self->endpoint, &error);
  g_assert_no_error (error);
  if (!thing_is_operation (self))
    for (guint i = 0; i < 5; i++)
      test_send_string (self->peer, "traffic");
}

G_END_DECLS

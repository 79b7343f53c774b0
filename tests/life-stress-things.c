/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>

#include "life-stress.h"

/* Operations, sources, pollers and trackers, which any worker may begin in its main context, and any
 * other one end. What can be ended lies in a bag; the bag's lock hands it over. */

#define MAX_THINGS 150

typedef struct
{
  GCancellable *cancellable; /* of an operation, or */
  GSource      *source;      /* to be destroyed */
  GObject      *object;      /* to be dropped */
  ZmqStream    *stream;      /* to be closed */
  ZmqSocket    *peer;        /* of an operation's socket: it may end that well */
  char         *endpoint;    /* for the peer, when it is not connected yet */
} Thing;

static pthread_mutex_t bag_lock = PTHREAD_MUTEX_INITIALIZER;
static Thing          *bag[MAX_THINGS];

/* An operation, which is told of once. */
typedef enum
{
  KIND_RECEIVE,
  KIND_NEXT, /* of a stream */
  KIND_SEND,
  KIND_WAIT,
  KIND_TRACKER,
  N_KINDS,
} Kind;

typedef struct
{
  Kind          kind;
  gint          n_told; /* atomic */
  GMainContext *main_context;
} Operation;

static void
send_letter (ZmqSocket *socket)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("to one of many");
  g_autoptr (GError) error = NULL;

  if (!zmqglib_socket_try_send (socket, message, &error) && !g_error_matches (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_AGAIN))
    stress_check_error (error);
}

static void
thing_end (Thing  *self,
           Worker *worker)
{
  if (self->peer != NULL && !stress.is_child && stress_random (worker, 2) == 0)
    {
      if (self->endpoint != NULL)
        stress_connect (self->peer, self->endpoint);
      else
        send_letter (self->peer);
      /* perhaps both at once */
      if (stress_random (worker, 2) == 0)
        g_thread_yield ();
    }
  if (self->source != NULL)
    {
      if (stress_random (worker, 2) == 0)
        g_clear_object (&self->object);
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }
  if (self->cancellable != NULL)
    {
      g_cancellable_cancel (self->cancellable);
      g_object_unref (self->cancellable);
    }
  if (self->stream != NULL)
    zmqglib_stream_close (self->stream);
  g_clear_object (&self->stream);
  g_clear_object (&self->object);
  g_clear_object (&self->peer);
  g_free (self->endpoint);
  g_free (self);
}

/* Puts a thing into the bag, and ends what is in its place. */
static void
bag_put (Worker *worker,
         Thing  *thing)
{
  Thing **slot = &bag[stress_random (worker, MAX_THINGS)];
  Thing  *old;

  pthread_mutex_lock (&bag_lock);
  old = *slot;
  *slot = thing;
  pthread_mutex_unlock (&bag_lock);
  if (old != NULL)
    thing_end (old, worker);
}

void
stress_things_end (Worker *worker)
{
  Thing **slot = &bag[stress_random (worker, MAX_THINGS)];
  Thing  *thing;

  pthread_mutex_lock (&bag_lock);
  thing = g_steal_pointer (slot);
  pthread_mutex_unlock (&bag_lock);
  if (thing != NULL)
    thing_end (thing, worker);
}

void
stress_things_end_all (Worker *worker)
{
  for (guint i = 0; i < MAX_THINGS; i++)
    if (bag[i] != NULL)
      thing_end (g_steal_pointer (&bag[i]), worker);
}

void
stress_things_add_cancellable (Worker       *worker,
                               GCancellable *cancellable)
{
  Thing *thing = g_new0 (Thing, 1);

  thing->cancellable = g_object_ref (cancellable);
  bag_put (worker, thing);
}

/* Operations */

static void
on_told (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Operation *self = data;
  g_autoptr (GError) error = NULL;
  ZmqMessage *message = NULL;

  stress_hand_over (self);
  if (g_atomic_int_add (&self->n_told, 1) != 0)
    stress_fail ("an operation was told of twice");
  stress_assert (g_main_context_is_owner (self->main_context));
  switch (self->kind)
    {
    case KIND_RECEIVE:
      message = zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (source), result, &error);
      stress_assert ((message != NULL) == (error == NULL));
      stress_assert (message == NULL || zmqglib_message_get_n_frames (message) == 1);
      g_clear_pointer (&message, zmqglib_message_unref);
      break;
    case KIND_NEXT:
      message = zmqglib_stream_receive_finish (ZMQGLIB_STREAM (source), result, &error);
      stress_assert ((message != NULL) == (error == NULL));
      stress_assert (message == NULL || zmqglib_message_get_n_frames (message) == 1);
      g_clear_pointer (&message, zmqglib_message_unref);
      break;
    case KIND_SEND:
      stress_assert (zmqglib_socket_send_finish (ZMQGLIB_SOCKET (source), result, &error) == (error == NULL));
      break;
    case KIND_WAIT:
      stress_assert ((zmqglib_socket_wait_finish (ZMQGLIB_SOCKET (source), result, &error) != 0) == (error == NULL));
      break;
    case KIND_TRACKER:
      stress_assert (zmqglib_tracker_wait_finish (ZMQGLIB_TRACKER (source), result, &error) == (error == NULL));
      break;
    default:
      g_assert_not_reached ();
    }
  stress_check_error (error);
  g_main_context_unref (self->main_context);
  g_free (self);
  g_atomic_int_inc (&stress.n_told);
  stress_on_callback ();
}

static Operation *
operation_new (Worker *worker,
               Kind    kind)
{
  Operation *self = g_new0 (Operation, 1);

  self->kind = kind;
  self->main_context = g_main_context_ref (worker->main_context != NULL ? worker->main_context : g_main_context_default ());
  stress_hand_over (self);
  g_atomic_int_inc (&stress.n_begun);

  return self;
}

static void
begin_on_socket (Worker       *worker,
                 Kind          kind,
                 ZmqSocket    *socket,
                 GCancellable *cancellable)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  Operation *operation = operation_new (worker, kind);

  if (kind == KIND_RECEIVE)
    zmqglib_socket_receive_async (socket, G_PRIORITY_DEFAULT, cancellable, on_told, operation);
  else if (kind == KIND_SEND)
    zmqglib_socket_send_async (socket, message, G_PRIORITY_DEFAULT, cancellable, on_told, operation);
  else
    zmqglib_socket_wait_async (socket, G_IO_IN, G_PRIORITY_DEFAULT, cancellable, on_told, operation);
}

/* Of a stream that somebody listens to as well, or nobody, and that is dropped while it is waited for. */

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             gpointer    data)
{
  stress_assert (zmqglib_message_get_n_frames (message) == 1);
  stress_on_callback ();
}

static void
begin_next (Worker    *worker,
            Thing     *thing,
            ZmqSocket *socket)
{
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (socket);
  gboolean is_closed = stress_random (worker, 2) == 0;

  stress_count_object (stream);
  if (stress_random (worker, 2) == 0)
    g_signal_connect (stream, "received", G_CALLBACK (on_received), NULL);
  for (guint i = 1 + stress_random (worker, 5); i > 0; i--)
    zmqglib_stream_receive_async (stream, is_closed && stress_random (worker, 2) == 0 ? NULL : thing->cancellable, on_told,
                                  operation_new (worker, KIND_NEXT));
  /* who cannot be cancelled waits for that */
  if (is_closed)
    thing->stream = g_steal_pointer (&stream);
}

static void
begin_tracker (Worker *worker)
{
  static char memory[20000];
  g_autoptr (ZmqSocket) push = stress_socket_new (stress.context, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint = stress_bind (push);
  g_autoptr (ZmqSocket) pull = stress_socket_new (stress.context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (push);
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autoptr (GBytes) bytes = g_bytes_new_static (memory, stress_random (worker, sizeof memory));
  g_autoptr (ZmqTracker) tracker = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Thing *thing = g_new0 (Thing, 1);

  stress_count_object (stream);
  zmqglib_message_append_bytes (message, bytes);
  tracker = zmqglib_message_track (message);
  stress_count_object (tracker);
  if (stress_random (worker, 2) == 0)
    stress_connect (pull, endpoint);
  for (guint i = 0; i < 2; i++)
    zmqglib_tracker_wait_async (tracker, i == 0 ? cancellable : NULL, on_told, operation_new (worker, KIND_TRACKER));
  if (!zmqglib_stream_send (stream, message, NULL))
    stress_assert (stress.is_child);

  thing->object = G_OBJECT (g_steal_pointer (&stream));
  thing->cancellable = g_steal_pointer (&cancellable);
  bag_put (worker, thing);
}

void
stress_things_begin (Worker *worker)
{
  Kind     kind = stress_random (worker, N_KINDS);
  gboolean is_sender = kind == KIND_SEND;
  Thing   *thing;
  g_autoptr (ZmqSocket) socket = NULL;
  g_autofree char *endpoint = NULL;

  if (kind == KIND_TRACKER)
    {
      begin_tracker (worker);
      return;
    }

  thing = g_new0 (Thing, 1);
  thing->cancellable = g_cancellable_new ();
  socket = stress_socket_new (stress.context, is_sender ? ZMQGLIB_SOCKET_PUSH : ZMQGLIB_SOCKET_PULL);
  thing->peer = stress_socket_new (stress.context, is_sender ? ZMQGLIB_SOCKET_PULL : ZMQGLIB_SOCKET_PUSH);
  endpoint = stress_bind (socket);
  if (is_sender)
    thing->endpoint = g_steal_pointer (&endpoint);
  else
    stress_connect (thing->peer, endpoint);

  if (!is_sender && stress_random (worker, 2) == 0)
    send_letter (thing->peer);
  if (kind == KIND_NEXT)
    begin_next (worker, thing, socket);
  for (guint i = kind == KIND_NEXT ? 0 : 1 + stress_random (worker, 3); i > 0; i--)
    begin_on_socket (worker, kind, socket, thing->cancellable);
  if (stress_random (worker, 4) == 0)
    g_cancellable_cancel (thing->cancellable);
  bag_put (worker, thing);
}

/* Sources and pollers */

static void
on_closure_gone (gpointer data)
{
  gint *is_gone = data;

  stress_hand_over (is_gone);
  stress_assert (g_atomic_int_add (is_gone, 1) == 0);
  g_free (is_gone);
  g_atomic_int_add (&stress.n_closures, -1);
}

static gpointer
closure_new (void)
{
  gint *is_gone = g_new0 (gint, 1);

  stress_hand_over (is_gone);
  g_atomic_int_inc (&stress.n_closures);

  return is_gone;
}

static gboolean
on_ready (ZmqSocket   *socket,
          GIOCondition condition,
          gpointer     data)
{
  gint *is_gone = data;
  g_autoptr (ZmqMessage) message = NULL;

  stress_hand_over (is_gone);
  stress_assert (g_atomic_int_get (is_gone) == 0);
  if ((condition & G_IO_IN) == 0)
    return G_SOURCE_REMOVE;
  message = zmqglib_socket_try_receive (socket, NULL);
  stress_on_callback ();

  return G_SOURCE_CONTINUE;
}

static void
on_polled (ZmqPoller   *poller,
           ZmqSocket   *socket,
           int          fd,
           GIOCondition condition,
           gpointer     data)
{
  on_ready (socket, condition, data);
}

/* A socket that gets some messages from a peer that goes. */
static ZmqSocket *
make_fed_socket (Worker *worker)
{
  ZmqSocket *socket = stress_socket_new (stress.context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqSocket) peer = stress_socket_new (stress.context, ZMQGLIB_SOCKET_PUSH);
  g_autofree char *endpoint = stress_bind (socket);

  stress_connect (peer, endpoint);
  for (guint i = stress_random (worker, 4); i > 0; i--)
    send_letter (peer);

  return socket;
}

void
stress_things_make_source (Worker *worker)
{
  Thing *thing = g_new0 (Thing, 1);
  g_autoptr (ZmqSocket) socket = make_fed_socket (worker);
  g_autoptr (GCancellable) cancellable = stress_random (worker, 2) == 0 ? g_cancellable_new () : NULL;

  thing->source = zmqglib_socket_create_source (socket, G_IO_IN, cancellable);
  g_source_set_callback (thing->source, (GSourceFunc) (void (*) (void)) on_ready, closure_new (), on_closure_gone);
  g_source_attach (thing->source, worker->main_context);
  if (stress_random (worker, 2) == 0)
    thing->object = G_OBJECT (g_steal_pointer (&socket));
  thing->cancellable = g_steal_pointer (&cancellable);
  g_atomic_int_inc (&stress.n_sources);
  bag_put (worker, thing);
}

void
stress_things_make_poller (Worker *worker)
{
  Thing     *thing = g_new0 (Thing, 1);
  ZmqPoller *poller = zmqglib_poller_new ();

  stress_count_object (poller);
  for (guint i = 1 + stress_random (worker, 5); i > 0; i--)
    {
      g_autoptr (ZmqSocket) socket = make_fed_socket (worker);
      g_autoptr (GError) error = NULL;

      zmqglib_poller_add_socket (poller, socket, G_IO_IN, on_polled, closure_new (), on_closure_gone, &error);
      stress_check_error (error);
    }
  thing->source = zmqglib_poller_create_source (poller);
  g_source_attach (thing->source, worker->main_context);
  thing->object = G_OBJECT (poller);
  g_atomic_int_inc (&stress.n_pollers);
  bag_put (worker, thing);
}

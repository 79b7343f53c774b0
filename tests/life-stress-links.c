/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "life-stress.h"

/* A link is a stream that any worker sends through, and one that receives, perhaps in another loop.
 * Each worker's messages come in order. A link may end well: then all have come, and all were reported;
 * or it is closed: then all were reported; or it is dropped, by whichever thread. */

#define MAX_LINKS  24
#define MAX_ENDING 64

typedef enum
{
  STATE_HALF, /* nobody receives yet */
  STATE_WHOLE,
  STATE_FINISHING, /* it ends when all have come */
  STATE_CLOSING,   /* it ends when all were reported */
} State;

typedef struct
{
  gint  ref_count; /* atomic */
  char *endpoint;

  pthread_mutex_t lock;
  State           state;
  ZmqStream      *out;
  ZmqStream      *in;
  guint           n_users; /* sending just now */
  guint           n_accepted[STRESS_MAX_WORKERS];
  guint           n_reported[STRESS_MAX_WORKERS];
  guint           n_received[STRESS_MAX_WORKERS];
  gboolean        is_closed;
} Link;

typedef struct
{
  guint worker;
  guint number;
} Letter;

static pthread_mutex_t links_lock = PTHREAD_MUTEX_INITIALIZER;
static Link           *links[MAX_LINKS];   /* open */
static Link           *ending[MAX_ENDING]; /* finishing or closing */

static Link *
link_ref (Link *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

static void
link_unref (Link *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  stress_assert (self->out == NULL && self->in == NULL);
  pthread_mutex_destroy (&self->lock);
  g_free (self->endpoint);
  g_free (self);
}

static void
on_closure_gone (gpointer  data,
                 GClosure *closure)
{
  stress_hand_over (data);
  g_atomic_int_add (&stress.n_closures, -1);
  link_unref (data);
}

static void
link_connect (Link       *self,
              ZmqStream  *stream,
              const char *signal,
              GCallback   callback)
{
  g_atomic_int_inc (&stress.n_closures);
  g_signal_connect_data (stream, signal, callback, link_ref (self), on_closure_gone, 0);
}

static void
on_function_gone (gpointer data)
{
  on_closure_gone (data, NULL);
}

static void
get_letter (ZmqMessage *message,
            Letter     *letter)
{
  gsize         size;
  gconstpointer data;

  if (zmqglib_message_get_n_frames (message) != 1)
    stress_fail ("a message of %u frames", zmqglib_message_get_n_frames (message));
  data = zmqglib_message_peek_frame (message, 0, &size);
  stress_assert (size == sizeof *letter);
  memcpy (letter, data, sizeof *letter);
  stress_assert (letter->worker < stress.n_workers);
}

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             Link       *self)
{
  Letter letter;
  guint  expected;

  stress_hand_over (self);
  stress_assert (!stress.is_child);
  get_letter (message, &letter);
  pthread_mutex_lock (&self->lock);
  expected = self->n_received[letter.worker]++;
  pthread_mutex_unlock (&self->lock);
  if (letter.number != expected)
    stress_fail ("received %u of worker %u, not %u", letter.number, letter.worker, expected);
  g_atomic_int_inc (&stress.n_received);
  stress_on_callback ();
}

static void
on_sent (ZmqStream    *stream,
         ZmqMessage   *message,
         const GError *error,
         Link         *self)
{
  Letter letter;
  guint  expected;

  stress_hand_over (self);
  stress_check_error (error);
  get_letter (message, &letter);
  pthread_mutex_lock (&self->lock);
  expected = self->n_reported[letter.worker]++;
  pthread_mutex_unlock (&self->lock);
  if (letter.number != expected)
    stress_fail ("reported %u of worker %u, not %u", letter.number, letter.worker, expected);
  stress_on_callback ();
}

static void
on_closed (ZmqStream    *stream,
           const GError *error,
           Link         *self)
{
  stress_hand_over (self);
  stress_check_error (error);
  pthread_mutex_lock (&self->lock);
  stress_assert (!self->is_closed);
  self->is_closed = TRUE;
  pthread_mutex_unlock (&self->lock);
  stress_on_callback ();
}

static ZmqStream *
make_stream (ZmqSocket *socket)
{
  ZmqStream *stream = zmqglib_stream_new (socket);

  stress_count_object (stream);
  g_object_unref (socket);

  return stream;
}

/* Puts a link where there is room; FALSE when there is none. */
static gboolean
put (Link **slots,
     guint  n_slots,
     Link  *link)
{
  for (guint i = 0; i < n_slots; i++)
    if (slots[i] == NULL)
      {
        slots[i] = link;
        return TRUE;
      }

  return FALSE;
}

/* A reference to a link at random, or NULL. */
static Link *
get_random (Worker *worker)
{
  Link *link;

  pthread_mutex_lock (&links_lock);
  link = links[stress_random (worker, MAX_LINKS)];
  if (link != NULL)
    link_ref (link);
  pthread_mutex_unlock (&links_lock);

  return link;
}

/* The same, and nobody else gets it any more. */
static Link *
take_random (Worker *worker)
{
  Link **slot = &links[stress_random (worker, MAX_LINKS)];
  Link  *link;

  pthread_mutex_lock (&links_lock);
  link = g_steal_pointer (slot);
  pthread_mutex_unlock (&links_lock);

  return link;
}

void
stress_links_make (Worker *worker)
{
  Link      *self = g_new0 (Link, 1);
  ZmqSocket *socket = stress_socket_new (stress.context, ZMQGLIB_SOCKET_PUSH);
  gboolean   has_room;

  self->ref_count = 1;
  pthread_mutex_init (&self->lock, NULL);
  self->endpoint = stress_bind (socket);
  self->out = make_stream (socket);
  link_connect (self, self->out, "sent", G_CALLBACK (on_sent));
  link_connect (self, self->out, "closed", G_CALLBACK (on_closed));
  stress_hand_over (self);

  pthread_mutex_lock (&links_lock);
  has_room = put (links, MAX_LINKS, self);
  pthread_mutex_unlock (&links_lock);
  if (has_room)
    g_atomic_int_inc (&stress.n_links);
  else
    {
      g_clear_object (&self->out);
      link_unref (self);
    }
}

/* By a handler, or where this thread runs the main context also by a function. */
static void
listen_to (Link      *self,
           ZmqStream *stream,
           Worker    *worker)
{
  if (worker->main_context == NULL || stress_random (worker, 2) == 0)
    {
      link_connect (self, stream, "received", G_CALLBACK (on_received));
      return;
    }

  g_atomic_int_inc (&stress.n_closures);
  zmqglib_stream_set_receive_func (stream, (ZmqStreamReceiveFunc) on_received, link_ref (self), on_function_gone);
}

void
stress_links_complete (Worker *worker)
{
  Link      *self = get_random (worker);
  gboolean   is_ours;
  ZmqSocket *socket;
  ZmqStream *stream;

  if (self == NULL)
    return;
  pthread_mutex_lock (&self->lock);
  is_ours = self->state == STATE_HALF;
  if (is_ours)
    self->state = STATE_WHOLE;
  pthread_mutex_unlock (&self->lock);
  if (!is_ours)
    {
      link_unref (self);
      return;
    }

  /* the socket is this thread's until the stream is made, and nothing is read before somebody listens */
  socket = stress_socket_new (stress.context, ZMQGLIB_SOCKET_PULL);
  stress_connect (socket, self->endpoint);
  stream = make_stream (socket);
  listen_to (self, stream, worker);
  /* a handler that comes in another thread than the loop's is seen when the loop turns */
  g_main_context_wakeup (worker->main_context);

  pthread_mutex_lock (&self->lock);
  if (self->out != NULL)
    self->in = g_steal_pointer (&stream);
  pthread_mutex_unlock (&self->lock);
  g_clear_object (&stream);
  link_unref (self);
}

static gboolean
send_letter (ZmqStream    *out,
             const Letter *letter,
             Worker       *worker,
             GError      **error)
{
  g_autoptr (ZmqMessage) message = NULL;

  if (stress_random (worker, 2) == 0)
    return zmqglib_stream_send_data (out, letter, sizeof *letter, error);

  message = zmqglib_message_new ();
  zmqglib_message_append_data (message, letter, sizeof *letter);

  return zmqglib_stream_send (out, message, error);
}

void
stress_links_send (Worker *worker)
{
  Link      *self = get_random (worker);
  ZmqStream *out = NULL;
  guint      n_messages = 1 + stress_random (worker, 20);

  if (self == NULL)
    return;
  pthread_mutex_lock (&self->lock);
  if (self->state <= STATE_WHOLE && self->out != NULL)
    {
      out = g_object_ref (self->out);
      self->n_users++;
    }
  pthread_mutex_unlock (&self->lock);

  for (guint i = 0; out != NULL && i < n_messages && zmqglib_stream_get_n_queued (out) < 1000; i++)
    {
      Letter letter = { worker->number, self->n_accepted[worker->number] };
      g_autoptr (GError) error = NULL;

      if (!send_letter (out, &letter, worker, &error))
        {
          stress_check_error (error);
          break;
        }
      /* in a child everything is refused */
      stress_assert (!stress.is_child);
      pthread_mutex_lock (&self->lock);
      self->n_accepted[worker->number]++;
      pthread_mutex_unlock (&self->lock);
      g_atomic_int_inc (&stress.n_sent);
    }

  if (out != NULL)
    {
      pthread_mutex_lock (&self->lock);
      self->n_users--;
      pthread_mutex_unlock (&self->lock);
      g_object_unref (out);
    }
  link_unref (self);
}

static void
on_drained (GObject      *stream,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr (GError) error = NULL;
  gint *is_told = data;

  stress_hand_over (is_told);
  if (!zmqglib_stream_drain_finish (ZMQGLIB_STREAM (stream), result, &error))
    stress_check_error (error);
  stress_assert (g_atomic_int_add (is_told, 1) == 0);
  g_free (is_told);
  g_atomic_int_inc (&stress.n_told);
  stress_on_callback ();
}

void
stress_links_drain (Worker *worker)
{
  Link      *self = get_random (worker);
  ZmqStream *out = NULL;

  if (self == NULL)
    return;
  pthread_mutex_lock (&self->lock);
  if (self->out != NULL)
    out = g_object_ref (self->out);
  pthread_mutex_unlock (&self->lock);
  if (out != NULL)
    {
      gint *is_told = g_new0 (gint, 1);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();

      stress_hand_over (is_told);
      g_atomic_int_inc (&stress.n_begun);
      zmqglib_stream_drain_async (out, cancellable, on_drained, is_told);
      /* the stream is kept by what drains it, which is cancelled sooner or later */
      stress_things_add_cancellable (worker, cancellable);
      g_object_unref (out);
    }
  link_unref (self);
}

/* Lets go of the streams: here, or whoever has a reference lets go of it last. */
static void
link_drop (Link   *self,
           Worker *worker)
{
  ZmqStream *streams[2];

  pthread_mutex_lock (&self->lock);
  streams[0] = g_steal_pointer (&self->out);
  streams[1] = g_steal_pointer (&self->in);
  pthread_mutex_unlock (&self->lock);

  for (guint i = 0; i < 2; i++)
    if (streams[i] != NULL && stress_random (worker, 3) == 0)
      zmqglib_stream_close (streams[i]);
  for (guint i = 0; i < 2; i++)
    g_clear_object (&streams[i]);
  link_unref (self);
}

/* Waits for its end, when there is room among those that do. */
static void
link_end_as (Link   *self,
             Worker *worker,
             State   state)
{
  gboolean has_room;

  pthread_mutex_lock (&self->lock);
  self->state = state;
  pthread_mutex_unlock (&self->lock);
  if (state == STATE_CLOSING)
    zmqglib_stream_close (self->out);

  pthread_mutex_lock (&links_lock);
  has_room = put (ending, MAX_ENDING, self);
  pthread_mutex_unlock (&links_lock);
  if (!has_room)
    link_drop (self, worker);
}

void
stress_links_end (Worker *worker)
{
  Link *self = take_random (worker);
  State state;

  if (self == NULL)
    return;

  pthread_mutex_lock (&self->lock);
  state = self->state;
  pthread_mutex_unlock (&self->lock);
  switch (stress.is_child ? 2 : stress_random (worker, 3))
    {
    case 0:
      if (state == STATE_WHOLE)
        {
          link_end_as (self, worker, STATE_FINISHING);
          break;
        }
      G_GNUC_FALLTHROUGH;
    case 1:
      link_end_as (self, worker, STATE_CLOSING);
      break;
    default:
      link_drop (self, worker);
      break;
    }
}

static gboolean
link_is_over (Link *self)
{
  gboolean is_over;

  pthread_mutex_lock (&self->lock);
  is_over = self->n_users == 0 && (self->state == STATE_FINISHING || self->is_closed);
  for (guint i = 0; is_over && i < stress.n_workers; i++)
    {
      if (self->state == STATE_FINISHING)
        is_over = self->n_received[i] == self->n_accepted[i] && self->n_reported[i] == self->n_accepted[i];
      else if (self->n_reported[i] != self->n_accepted[i])
        stress_fail ("closed, and %u of %u messages of worker %u were reported", self->n_reported[i],
                     self->n_accepted[i], i);
    }
  pthread_mutex_unlock (&self->lock);

  return is_over;
}

/* Looks whether one of those that end has come to its end. */
void
stress_links_check (Worker *worker)
{
  Link **slot = &ending[stress_random (worker, MAX_ENDING)];
  Link  *self;

  if (stress.is_child)
    return;
  pthread_mutex_lock (&links_lock);
  self = *slot;
  if (self != NULL && link_is_over (self))
    *slot = NULL;
  else
    self = NULL;
  pthread_mutex_unlock (&links_lock);
  if (self != NULL)
    link_drop (self, worker);
}

/* All of them end well, now that nobody sends any more. */
void
stress_links_finish (Worker *worker)
{
  for (guint i = 0; i < MAX_LINKS; i++)
    if (links[i] != NULL)
      {
        Link *self = g_steal_pointer (&links[i]);

        link_end_as (self, worker, self->state == STATE_WHOLE ? STATE_FINISHING : STATE_CLOSING);
      }
}

gboolean
stress_links_are_over (void)
{
  for (guint i = 0; i < MAX_ENDING; i++)
    if (ending[i] != NULL)
      return FALSE;

  return TRUE;
}

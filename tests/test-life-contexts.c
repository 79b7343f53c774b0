/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-life-things.h"

/* Rule 2: a poll set is touched only by who owns its main context; whoever else wants something of it
 * posts it. So things may be made, used, and ended in threads that do not own their main context. */

static gboolean
is_served (Thing *self)
{
  return thing_is_operation (self) ? g_atomic_int_get (&self->n_told) == 1 : g_atomic_int_get (&self->n_called) == 5;
}

static gboolean
is_gone (Thing *self)
{
  return g_atomic_int_get (&self->n_alive) == 0;
}

static Thing *
thing_new (const ThingCase *what,
           GMainContext    *main_context,
           ZmqContext      *context)
{
  Thing *self = g_new0 (Thing, 1);

  self->what = *what;
  self->main_context = main_context;
  self->context = context;

  return self;
}

static void
thing_free (Thing *self)
{
  g_clear_object (&self->peer);
  g_free (self->endpoint);
  g_free (self);
}

/* Things begin in this thread while another one runs their main context, and are served there. */
static void
begin_while_run (const ThingCase *what,
                 GMainContext    *main_context)
{
  guint n_rounds = test_is_slow_tool () ? 3 : 30;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  LifeLoop loop;

  life_loop_start (&loop, main_context);
  life_loop_call (&loop, NULL, NULL);
  for (guint i = 0; i < n_rounds; i++)
    {
      Thing *thing = thing_new (what, main_context, context);

      thing_begin (thing);
      thing_set_up_peer (thing);
      if (what->kind == KIND_TRACKER)
        zmqglib_stream_close (thing->stream);
      thing_let_go_on (thing);
      life_loop_until (&loop, is_served (thing));
      thing_drop (thing);
      life_loop_until (&loop, is_gone (thing));
      g_assert_true (is_served (thing));
      thing_free (thing);
    }
  life_loop_stop (&loop);
  life_terminate (context);
}

static void
test_default_context (gconstpointer data)
{
  begin_while_run (data, g_main_context_default ());
}

/* This thread has the context as its default, but has let another one run it. */
static void
test_pushed_context (gconstpointer data)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();

  g_main_context_push_thread_default (main_context);
  g_main_context_release (main_context);
  begin_while_run (data, main_context);
  g_assert_true (g_main_context_acquire (main_context));
  g_main_context_pop_thread_default (main_context);
}

/* The other way round: what several threads begin, this one runs. */
typedef struct
{
  ThingCase     what;
  GMainContext *main_context;
  ZmqContext   *context;
  gint         *n_over; /* atomic */
  GThread      *thread;
} Beginner;

static gpointer
begin_and_drop (gpointer data)
{
  Beginner *self = data;
  guint     n_rounds = test_is_slow_tool () ? 3 : 20;

  for (guint i = 0; i < n_rounds; i++)
    {
      Thing *thing = thing_new (&self->what, self->main_context, self->context);

      thing_begin (thing);
      thing_set_up_peer (thing);
      if (self->what.kind == KIND_TRACKER)
        zmqglib_stream_close (thing->stream);
      thing_let_go_on (thing);
      if (!thing_is_operation (thing) && i % 2 == 0)
        while (!is_served (thing))
          g_thread_yield ();
      thing_drop (thing);
      while (!is_gone (thing))
        g_thread_yield ();
      thing_free (thing);
    }
  g_atomic_int_inc (self->n_over);
  g_main_context_wakeup (self->main_context);

  return NULL;
}

#define N_BEGINNERS 3

static void
test_several_threads (gconstpointer data)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  Beginner beginners[N_BEGINNERS];
  gint     n_over = 0;

  for (guint i = 0; i < N_BEGINNERS; i++)
    {
      beginners[i] = (Beginner){ *(const ThingCase *) data, g_main_context_default (), context, &n_over, NULL };
      beginners[i].thread = g_thread_new ("beginner", begin_and_drop, &beginners[i]);
    }
  life_until (NULL, g_atomic_int_get (&n_over) == N_BEGINNERS);
  for (guint i = 0; i < N_BEGINNERS; i++)
    g_thread_join (beginners[i].thread);
  life_terminate (context);
}

/* Operations that another thread cancels as they begin, in a thread that does not own their context:
 * each ends, once. */
typedef struct
{
  ThingKind     kind;
  ZmqSocket    *socket;
  ZmqStream    *stream;
  ZmqTracker   *tracker;
  GCancellable *cancellable; /* of the operation that begins now */
  gint          gate;        /* atomic: n when operation n may be cancelled, -n when it was */
  gint          is_over;     /* atomic */
  gint          n_told;      /* atomic */
  guint         n_operations;
} Race;

static void
on_race_done (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  Race *self = data;
  g_autoptr (GError) error = NULL;

  switch (self->kind)
    {
    case KIND_RECEIVE:
      g_assert_null (zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (source), result, &error));
      break;
    case KIND_NEXT:
      g_assert_null (zmqglib_stream_receive_finish (ZMQGLIB_STREAM (source), result, &error));
      break;
    case KIND_SEND:
      g_assert_false (zmqglib_socket_send_finish (ZMQGLIB_SOCKET (source), result, &error));
      break;
    case KIND_WAIT:
      g_assert_cmpuint (zmqglib_socket_wait_finish (ZMQGLIB_SOCKET (source), result, &error), ==, 0);
      break;
    case KIND_TRACKER:
      g_assert_false (zmqglib_tracker_wait_finish (ZMQGLIB_TRACKER (source), result, &error));
      break;
    default:
      g_assert_false (zmqglib_stream_drain_finish (ZMQGLIB_STREAM (source), result, &error));
      break;
    }
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_atomic_int_inc (&self->n_told);
}

static gpointer
cancel_thread (gpointer data)
{
  Race *self = data;
  gint  last = 0;
  guint random = 1;

  for (;;)
    {
      gint gate = g_atomic_int_get (&self->gate);

      if (g_atomic_int_get (&self->is_over))
        return NULL;
      if (gate <= last)
        {
          g_thread_yield ();
          continue;
        }
      last = gate;
      random = random * 1103515245 + 12345;
      for (guint i = (random >> 16) % 1000; i > 0; i--)
        g_atomic_int_get (&self->is_over);
      g_cancellable_cancel (self->cancellable);
      g_atomic_int_set (&self->gate, -gate);
    }
}

static void
race_begin_one (Race *self)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");

  switch (self->kind)
    {
    case KIND_RECEIVE:
      zmqglib_socket_receive_async (self->socket, G_PRIORITY_DEFAULT, self->cancellable, on_race_done, self);
      break;
    case KIND_NEXT:
      zmqglib_stream_receive_async (self->stream, self->cancellable, on_race_done, self);
      break;
    case KIND_SEND:
      zmqglib_socket_send_async (self->socket, message, G_PRIORITY_DEFAULT, self->cancellable, on_race_done, self);
      break;
    case KIND_WAIT:
      zmqglib_socket_wait_async (self->socket, G_IO_IN, G_PRIORITY_DEFAULT, self->cancellable, on_race_done, self);
      break;
    case KIND_TRACKER:
      zmqglib_tracker_wait_async (self->tracker, self->cancellable, on_race_done, self);
      break;
    default:
      zmqglib_stream_drain_async (self->stream, self->cancellable, on_race_done, self);
      break;
    }
}

static gpointer
race_begin_all (gpointer data)
{
  Race *self = data;

  for (guint i = 1; i <= self->n_operations; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();

      self->cancellable = cancellable;
      g_atomic_int_set (&self->gate, i);
      race_begin_one (self);
      while (g_atomic_int_get (&self->gate) != -(gint) i)
        g_thread_yield ();
      /* not too far ahead of the loop */
      while ((gint) i - g_atomic_int_get (&self->n_told) > 100)
        g_thread_yield ();
    }
  g_atomic_int_set (&self->is_over, TRUE);

  return NULL;
}

static void
test_cancelled_as_it_begins (gconstpointer data)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("never sent");
  Race self = { .kind = GPOINTER_TO_INT (data), .n_operations = test_is_slow_tool () ? 100 : 5000 };
  g_autoptr (GError) error = NULL;
  GThread *canceller;
  GThread *beginner;

  self.socket = test_socket_new (context, self.kind == KIND_SEND || self.kind == KIND_DRAIN ? ZMQGLIB_SOCKET_PUSH : ZMQGLIB_SOCKET_PULL);
  self.tracker = zmqglib_message_track (message);
  if (self.kind == KIND_DRAIN || self.kind == KIND_NEXT)
    self.stream = zmqglib_stream_new (self.socket);
  if (self.kind == KIND_DRAIN)
    {
      zmqglib_stream_send_string (self.stream, "x", &error);
      g_assert_no_error (error);
    }

  canceller = g_thread_new ("canceller", cancel_thread, &self);
  beginner = g_thread_new ("beginner", race_begin_all, &self);
  life_poll_until (NULL, g_atomic_int_get (&self.is_over));
  g_thread_join (canceller);
  g_thread_join (beginner);
  life_poll_until (NULL, (guint) self.n_told == self.n_operations);

  g_object_unref (self.tracker);
  g_clear_object (&self.stream);
  g_object_unref (self.socket);
  life_terminate (context);
}

/* Sends of the stream's maker, who does not own the context, of a third thread and of the owner. */
#define N_SENDERS 3

typedef struct
{
  ZmqStream *stream;
  guint      number;
  guint      n_messages;
  guint      n_sent; /* atomic */
} Sender;

static void
sender_send (Sender *self)
{
  g_autoptr (ZmqMessage) message = life_message_new (self->number);
  g_autoptr (GError) error = NULL;

  zmqglib_message_append_data (message, &self->n_sent, sizeof self->n_sent);
  zmqglib_stream_send (self->stream, message, &error);
  g_assert_no_error (error);
  g_atomic_int_inc (&self->n_sent);
}

static gpointer
sender_run (gpointer data)
{
  Sender *self = data;

  while (self->n_sent < self->n_messages)
    sender_send (self);

  return NULL;
}

static gboolean
sender_on_turn (gpointer data)
{
  Sender *self = data;

  for (guint i = 0; i < 10 && self->n_sent < self->n_messages; i++)
    sender_send (self);

  return self->n_sent < self->n_messages ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

typedef struct
{
  GMainContext *main_context;
  guint         next[N_SENDERS];
  gint          n_messages; /* atomic */
} Tally;

static void
tally_add (ZmqMessage *message,
           Tally      *tally)
{
  guint number = life_message_get_number (message, 0);

  g_assert_true (g_main_context_is_owner (tally->main_context));
  g_assert_cmpuint (number, <, N_SENDERS);
  g_assert_cmpuint (life_message_get_number (message, 1), ==, tally->next[number]);
  tally->next[number]++;
  g_atomic_int_inc (&tally->n_messages);
}

static void
on_tally_sent (ZmqStream    *stream,
               ZmqMessage   *message,
               const GError *error,
               Tally        *tally)
{
  g_assert_no_error (error);
  tally_add (message, tally);
}

static void
on_tally_received (ZmqStream  *stream,
                   ZmqMessage *message,
                   Tally      *tally)
{
  tally_add (message, tally);
}

static void
test_order (gconstpointer data)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (ZmqStream) peer = NULL;
  g_autoptr (GSource) turn = g_idle_source_new ();
  Tally    sent = { .main_context = g_main_context_default () };
  Tally    received = { .main_context = g_main_context_default () };
  Sender   senders[N_SENDERS];
  guint    n_messages = test_is_slow_tool () ? 200 : 5000;
  GThread *third;
  LifeLoop loop;

  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  life_loop_start (&loop, NULL);
  life_loop_call (&loop, NULL, NULL);
  stream = zmqglib_stream_new (push);
  g_signal_connect (stream, "sent", G_CALLBACK (on_tally_sent), &sent);
  peer = zmqglib_stream_new (pull);
  g_signal_connect (peer, "received", G_CALLBACK (on_tally_received), &received);

  for (guint i = 0; i < N_SENDERS; i++)
    senders[i] = (Sender){ stream, i, n_messages, 0 };
  g_source_set_priority (turn, G_PRIORITY_DEFAULT);
  g_source_set_callback (turn, sender_on_turn, &senders[0], NULL);
  g_source_attach (turn, NULL);
  third = g_thread_new ("third", sender_run, &senders[1]);
  sender_run (&senders[2]);
  g_thread_join (third);

  life_loop_until (&loop, g_atomic_int_get (&sent.n_messages) == (gint) (N_SENDERS * n_messages) &&
                              g_atomic_int_get (&received.n_messages) == (gint) (N_SENDERS * n_messages));
  g_assert_cmpuint (zmqglib_stream_get_n_queued (stream), ==, 0);
  life_loop_stop (&loop);
}

/* Nobody runs the loop yet: what the threads send in turn comes in that order. */
static void
send_from (gpointer data)
{
  sender_send (data);
}

static void
test_order_before_the_loop (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) push = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqSocket) pull = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autofree char *endpoint = test_bind (push, "inproc");
  g_autoptr (ZmqStream) stream = zmqglib_stream_new (push);
  g_autoptr (GError) error = NULL;
  Sender sender = { stream, 0, 0, 0 };

  for (guint i = 0; i < 5; i++)
    {
      life_elsewhere (send_from, &sender);
      sender_send (&sender);
    }
  zmqglib_socket_connect_to (pull, endpoint, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (ZmqMessage) message = NULL;

      life_poll_until (NULL, (message = zmqglib_socket_try_receive (pull, NULL)) != NULL);
      g_assert_cmpuint (life_message_get_number (message, 1), ==, i);
    }
}

/* A thread that has a main context and does not iterate it, until it is told to. */
typedef struct
{
  GMainContext   *main_context;
  GThread        *thread;
  pthread_mutex_t lock;
  pthread_cond_t  condition;
  gboolean        has_it;
  gboolean        is_released;
} Owner;

static gpointer
owner_run (gpointer data)
{
  Owner *self = data;

  g_assert_true (g_main_context_acquire (self->main_context));
  pthread_mutex_lock (&self->lock);
  self->has_it = TRUE;
  pthread_cond_broadcast (&self->condition);
  while (!self->is_released)
    pthread_cond_wait (&self->condition, &self->lock);
  pthread_mutex_unlock (&self->lock);
  g_main_context_release (self->main_context);

  return NULL;
}

static void
owner_start (Owner        *self,
             GMainContext *main_context)
{
  *self = (Owner){ main_context, NULL, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, FALSE, FALSE };
  self->thread = g_thread_new ("owner", owner_run, self);
  pthread_mutex_lock (&self->lock);
  while (!self->has_it)
    pthread_cond_wait (&self->condition, &self->lock);
  pthread_mutex_unlock (&self->lock);
}

static void
owner_stop (Owner *self)
{
  pthread_mutex_lock (&self->lock);
  self->is_released = TRUE;
  pthread_cond_broadcast (&self->condition);
  pthread_mutex_unlock (&self->lock);
  g_thread_join (self->thread);
}

/* What was posted is done by the next call that can acquire the context, though nobody iterates it. */
static void
test_next_call_does_posts (void)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqSocket) pull = NULL;
  ZmqStream *stream;
  Sender     sender = { NULL, 0, 0, 0 };
  Owner      owner;

  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  g_main_context_push_thread_default (main_context);
  sender.stream = stream = zmqglib_stream_new (push);
  g_main_context_pop_thread_default (main_context);

  owner_start (&owner, main_context);
  sender_send (&sender);
  sender_send (&sender);
  owner_stop (&owner);
  sender_send (&sender);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (ZmqMessage) message = NULL;
      g_autoptr (GError) error = NULL;

      message = zmqglib_socket_receive (pull, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (life_message_get_number (message, 1), ==, i);
    }
  g_object_unref (stream);
}

/* A stream whose end was posted does not keep its context from terminating. */
static void
test_terminate_does_posts (void)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  gint       n_alive = 0;
  ZmqSocket *socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  ZmqStream *stream;
  Owner      owner;

  life_count (socket, &n_alive);
  g_main_context_push_thread_default (main_context);
  stream = zmqglib_stream_new (socket);
  g_main_context_pop_thread_default (main_context);
  g_object_unref (socket);

  owner_start (&owner, main_context);
  g_object_unref (stream);
  owner_stop (&owner);
  life_terminate (context);
  g_assert_cmpint (n_alive, ==, 0);
}

/* While a thread has the main context and does not iterate it, terminating waits, and can be told not
 * to. */
static gpointer
cancel_late (gpointer cancellable)
{
  /* an earlier or a later moment does no harm: it is to hit the wait, most of the time */
  g_usleep (20000);
  g_cancellable_cancel (cancellable);

  return NULL;
}

static void
test_terminate_cancelled (void)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  ZmqSocket *socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  ZmqStream *stream;
  GThread   *canceller;
  Owner      owner;

  g_main_context_push_thread_default (main_context);
  stream = zmqglib_stream_new (socket);
  g_main_context_pop_thread_default (main_context);
  g_object_unref (socket);

  owner_start (&owner, main_context);
  g_object_unref (stream);
  canceller = g_thread_new ("canceller", cancel_late, cancellable);
  g_assert_false (zmqglib_context_terminate (context, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (canceller);
  owner_stop (&owner);
  life_terminate (context);
}

/* Everything at once of what nobody ever runs. */
static void
make_and_drop (gpointer data)
{
  g_autoptr (ZmqSocket) socket = test_socket_new (data, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqStream) stream G_GNUC_UNUSED = zmqglib_stream_new (socket);
  g_autoptr (ZmqStream) closed = NULL;
  g_autoptr (ZmqSocket) other = test_socket_new (data, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (GError) error = NULL;

  closed = zmqglib_stream_new (other);
  zmqglib_stream_send_string (closed, "queued", &error);
  g_assert_no_error (error);
  zmqglib_stream_close (closed);
}

static void
test_no_loop_at_all (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();

  for (guint i = 0; i < 20; i++)
    {
      life_elsewhere (make_and_drop, context);
      make_and_drop (context);
    }
  life_terminate (context);
}

static void
test_main_context (void)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (GMainContext) got = NULL;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqStream) stream = NULL;

  g_main_context_push_thread_default (main_context);
  stream = zmqglib_stream_new (socket);
  g_main_context_pop_thread_default (main_context);
  g_object_get (stream, "main-context", &got, NULL);
  g_assert_true (got == main_context);
}

static void
add_for_kinds (const char   *rule,
               GTestDataFunc test)
{
  for (ThingKind kind = KIND_STREAM; kind <= KIND_DRAIN; kind++)
    {
      ThingCase        what = { kind, END_DROP, LOOP_RUNNING };
      g_autofree char *path = g_strdup_printf ("/life/rule-2-%s/%s", rule, thing_kind_names[kind]);

      g_test_add_data_func_full (path, g_memdup2 (&what, sizeof what), test, g_free);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add_for_kinds ("begun-elsewhere", test_default_context);
  add_for_kinds ("begun-with-pushed-context", test_pushed_context);
  add_for_kinds ("begun-by-several-threads", test_several_threads);
  for (ThingKind kind = KIND_RECEIVE; kind <= KIND_DRAIN; kind++)
    if (kind != KIND_SOURCE && kind != KIND_POLLER)
      {
        g_autofree char *path = g_strdup_printf ("/life/rule-2-cancelled-as-it-begins/%s", thing_kind_names[kind]);

        g_test_add_data_func (path, GINT_TO_POINTER (kind), test_cancelled_as_it_begins);
      }
  g_test_add_data_func ("/life/rule-2-order", NULL, test_order);
  g_test_add_func ("/life/rule-2-order-before-the-loop", test_order_before_the_loop);
  g_test_add_func ("/life/rule-2-next-call-does-posts", test_next_call_does_posts);
  g_test_add_func ("/life/rule-2-terminate-does-posts", test_terminate_does_posts);
  g_test_add_func ("/life/rule-2-terminate-cancelled", test_terminate_cancelled);
  g_test_add_func ("/life/rule-2-no-loop-at-all", test_no_loop_at_all);
  g_test_add_func ("/life/rule-2-main-context", test_main_context);

  return g_test_run ();
}

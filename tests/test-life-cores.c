/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-life-things.h"

/* Rule 1: what is in a loop is never the GObject, so that each thing may end in any thread, whatever
 * its loop does meanwhile. Each kind of thing × each way to end it × what becomes of its loop. */

static gint
get_n_expected (Thing *self)
{
  return thing_is_operation (self) || (self->what.kind == KIND_STREAM && self->what.end == END_CLOSE) ? 1 : 0;
}

static gboolean
is_over (Thing *self)
{
  return g_atomic_int_get (&self->n_told) == get_n_expected (self);
}

static gboolean
is_gone (Thing *self)
{
  return g_atomic_int_get (&self->n_alive) == 0;
}

static gpointer
end_thread (gpointer data)
{
  thing_end (data);

  return NULL;
}

static void
run_in_loop (Thing *self)
{
  LifeLoop loop;

  life_loop_start (&loop, self->main_context);
  if (self->what.loop == LOOP_RUNNING)
    {
      life_loop_call (&loop, thing_begin, self);
      thing_set_up_peer (self);
      life_elsewhere (thing_end, self);
    }
  thing_let_go_on (self);
  life_loop_until (&loop, is_over (self));
  life_elsewhere (thing_drop_in_thread, self);
  life_loop_until (&loop, is_gone (self));
  life_loop_stop (&loop);
}

static void
run_by_hand (Thing *self)
{
  GThread *thread = g_thread_new ("end", end_thread, self);

  if (self->what.end == END_DROP)
    {
      g_thread_join (thread);
      thread = NULL;
    }
  thing_let_go_on (self);
  life_poll_until (self->main_context, is_over (self));
  g_clear_pointer (&thread, g_thread_join);
  life_elsewhere (thing_drop_in_thread, self);
  life_poll_until (self->main_context, is_gone (self));
}

/* Nobody iterates the main context: what ended is let go of, and the contexts end. What a GTask has
 * to say waits for whoever may iterate, and keeps its socket and its main context until then, as all
 * GTasks do: so the context may say that the socket is open, but it must not wait. */
static void
run_never (Thing   *self,
           gboolean is_context_first)
{
  life_elsewhere (thing_end, self);
  g_clear_object (&self->peer);
  if (!thing_is_operation (self))
    {
      if (is_context_first)
        g_clear_pointer (&self->main_context, g_main_context_unref);
      life_terminate (self->context);
      g_clear_pointer (&self->main_context, g_main_context_unref);
    }
  else
    {
      if (!life_try_terminate (self->context))
        zmqglib_context_shutdown (self->context);
      life_until (self->main_context, is_over (self));
    }
  g_clear_pointer (&self->main_context, g_main_context_unref);
  g_assert_true (is_gone (self));
}

static void
run_round (const ThingCase *what,
           guint            round)
{
  Thing *self = g_new0 (Thing, 1);

  self->what = *what;
  self->main_context = g_main_context_new ();
  self->context = zmqglib_context_new ();
  if (what->loop != LOOP_RUNNING)
    {
      g_main_context_push_thread_default (self->main_context);
      thing_begin (self);
      g_main_context_pop_thread_default (self->main_context);
      thing_set_up_peer (self);
    }

  switch (what->loop)
    {
    case LOOP_NOT_YET:
      life_elsewhere (thing_end, self);
      run_in_loop (self);
      break;
    case LOOP_RUNNING:
      run_in_loop (self);
      break;
    case LOOP_BY_HAND:
      run_by_hand (self);
      break;
    case LOOP_NEVER:
      run_never (self, round % 2 == 1);
      break;
    }

  g_assert_cmpint (self->n_told, ==, what->loop == LOOP_NEVER && !thing_is_operation (self) ? 0 : get_n_expected (self));
  g_clear_object (&self->peer);
  life_terminate (self->context);
  g_object_unref (self->context);
  g_clear_pointer (&self->main_context, g_main_context_unref);
  g_free (self->endpoint);
  g_free (self);
}

static void
test_case (gconstpointer data)
{
  guint n_rounds = test_is_slow_tool () ? 3 : 20;

  for (guint i = 0; i < n_rounds; i++)
    run_round (data, i);
}

/* A stream that its loop owns, as the bindings have it */

static void
on_toggled (gpointer data,
            GObject *object,
            gboolean is_last)
{
  gint *n_toggled = data;

  g_atomic_int_inc (n_toggled);
}

static void
count_received (ZmqStream  *stream,
                ZmqMessage *message,
                guint      *n_received)
{
  (*n_received)++;
}

/* While the loop owns a stream, nothing that it calls takes it from one reference to two, which a
 * binding's toggle reference would be told under GLib's lock; and it lives until it is closed. */
static void
test_owned_by_loop (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  ZmqStream *stream;
  gint       n_alive = 0;
  gint       n_toggled = 0;
  guint      n_received = 0;

  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  stream = g_object_new (ZMQGLIB_TYPE_STREAM, "socket", pull, "owned-by-loop", TRUE, NULL);
  life_count (stream, &n_alive);
  g_signal_connect (stream, "received", G_CALLBACK (count_received), &n_received);
  g_object_add_toggle_ref (G_OBJECT (stream), on_toggled, &n_toggled);
  g_object_unref (stream);

  n_toggled = 0;
  for (guint i = 0; i < 100; i++)
    {
      test_send_string (push, "x");
      life_until (NULL, n_received == i + 1);
    }
  g_assert_cmpint (n_toggled, ==, 0);
  g_assert_cmpint (n_alive, ==, 1);

  zmqglib_stream_close (stream);
  life_settle (NULL);
  /* the binding is told once that the reference is its own again */
  g_assert_cmpint (n_toggled, ==, 1);
  g_assert_cmpint (n_alive, ==, 1);
  g_object_remove_toggle_ref (G_OBJECT (stream), on_toggled, &n_toggled);
  g_assert_cmpint (n_alive, ==, 0);
}

static void
test_owned_without_references (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  ZmqStream *stream;
  gint       n_alive = 0;
  guint      n_received = 0;

  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  stream = g_object_new (ZMQGLIB_TYPE_STREAM, "socket", pull, "owned-by-loop", TRUE, NULL);
  life_count (stream, &n_alive);
  g_signal_connect (stream, "received", G_CALLBACK (count_received), &n_received);
  g_object_unref (stream);

  test_send_string (push, "x");
  life_until (NULL, n_received == 1);
  g_assert_cmpint (n_alive, ==, 1);

  /* closed from behind: it goes by itself */
  zmqglib_socket_close (pull);
  life_until (NULL, n_alive == 0);
}

/* Dispose tells that nobody is left, in whichever thread: nobody is resurrected, and each pending
 * operation ends. */
static void
on_drain_closed (GObject      *stream,
                 GAsyncResult *result,
                 gpointer      data)
{
  g_autoptr (GError) error = NULL;
  gint *n_told = data;

  g_assert_false (zmqglib_stream_drain_finish (ZMQGLIB_STREAM (stream), result, &error));
  g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_CLOSED);
  (*n_told)++;
}

static void
dispose_and_drop (gpointer stream)
{
  g_object_run_dispose (stream);
  g_object_unref (stream);
}

static void
test_disposed (gconstpointer data)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  gboolean is_elsewhere = GPOINTER_TO_INT (data);

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (ZmqSocket) push = test_socket_new (context, ZMQGLIB_SOCKET_PUSH);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      ZmqStream *stream = zmqglib_stream_new (push);
      gint       n_alive = 0;
      gint       n_told = 0;

      life_count (cancellable, &n_alive);
      zmqglib_stream_send_string (stream, "x", &error);
      g_assert_no_error (error);
      zmqglib_stream_drain_async (stream, i % 2 == 0 ? cancellable : NULL, on_drain_closed, &n_told);
      if (i % 3 == 0)
        g_main_context_iteration (NULL, FALSE);

      if (is_elsewhere)
        life_elsewhere (dispose_and_drop, stream);
      else
        dispose_and_drop (stream);
      life_until (NULL, n_told == 1);
      g_clear_object (&cancellable);
      life_until (NULL, n_alive == 0);
    }
}

/* Streams by the thousand, made in a loop, dropped by another thread as soon as they are there. */
typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t  condition;
  GQueue          streams;
  gboolean        is_over;
} Dropper;

static gpointer
dropper_run (gpointer data)
{
  Dropper *self = data;

  for (;;)
    {
      ZmqStream *stream;

      pthread_mutex_lock (&self->lock);
      while ((stream = g_queue_pop_head (&self->streams)) == NULL && !self->is_over)
        pthread_cond_wait (&self->condition, &self->lock);
      pthread_mutex_unlock (&self->lock);
      if (stream == NULL)
        return NULL;
      g_object_unref (stream);
    }
}

static void
test_dropped_by_thousands (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  Dropper  dropper = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, G_QUEUE_INIT, FALSE };
  GThread *thread = g_thread_new ("dropper", dropper_run, &dropper);
  guint    n_streams = test_is_slow_tool () ? 200 : 5000;
  guint    n_received = 0;
  gint     n_alive = 0;

  for (guint i = 0; i < n_streams; i++)
    {
      g_autoptr (ZmqSocket) pull = NULL;
      g_autoptr (ZmqSocket) push = NULL;
      ZmqStream *stream;

      /* no more at once than there may be sockets */
      life_poll_until (NULL, g_atomic_int_get (&n_alive) < 200);
      test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PAIR, ZMQGLIB_SOCKET_PAIR, &pull, &push);
      life_count (pull, &n_alive);
      stream = zmqglib_stream_new (pull);
      g_signal_connect (stream, "received", G_CALLBACK (count_received), &n_received);
      test_send_string (push, "x");

      pthread_mutex_lock (&dropper.lock);
      g_queue_push_tail (&dropper.streams, stream);
      pthread_cond_signal (&dropper.condition);
      pthread_mutex_unlock (&dropper.lock);
      g_main_context_iteration (NULL, FALSE);
    }

  pthread_mutex_lock (&dropper.lock);
  dropper.is_over = TRUE;
  pthread_cond_signal (&dropper.condition);
  pthread_mutex_unlock (&dropper.lock);
  life_poll_until (NULL, g_atomic_int_get (&n_alive) == 0);
  g_thread_join (thread);
  life_terminate (context);
}

static gboolean
is_possible (ThingKind kind,
             ThingEnd  end)
{
  switch (kind)
    {
    case KIND_STREAM:
      return end != END_CANCEL;
    case KIND_POLLER:
      return end == END_DROP;
    default:
      return TRUE;
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (ThingKind kind = KIND_STREAM; kind <= KIND_DRAIN; kind++)
    for (ThingEnd end = END_DROP; end <= END_CLOSE; end++)
      for (ThingLoop loop = LOOP_RUNNING; loop <= LOOP_NEVER; loop++)
        {
          ThingCase        what = { kind, end, loop };
          g_autofree char *path = g_strdup_printf ("/life/rule-1-%s-%s/%s", thing_kind_names[kind],
                                                   thing_end_names[end], thing_loop_names[loop]);

          if (is_possible (kind, end))
            g_test_add_data_func_full (path, g_memdup2 (&what, sizeof what), test_case, g_free);
        }
  g_test_add_func ("/life/rule-1-owned-by-loop/toggle-references", test_owned_by_loop);
  g_test_add_func ("/life/rule-1-owned-by-loop/no-references", test_owned_without_references);
  g_test_add_data_func ("/life/rule-1-disposed/here", GINT_TO_POINTER (FALSE), test_disposed);
  g_test_add_data_func ("/life/rule-1-disposed/elsewhere", GINT_TO_POINTER (TRUE), test_disposed);
  g_test_add_func ("/life/rule-1-dropped-by-thousands", test_dropped_by_thousands);

  return g_test_run ();
}

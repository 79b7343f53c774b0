/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>

#include "test-life-util.h"

/* Who tells something to another thread's main loop wakes that loop next, which may by then have heard of it, and have let go of
 * all that there was: what it is woken by is there nevertheless. */

typedef struct
{
  ZmqContext   *context;
  ZmqSocket    *socket;
  ZmqSocket    *peer;
  ZmqStream    *stream;
  ZmqStream    *lonely; /* has no peer */
  ZmqMessage   *message;
  ZmqTracker   *tracker;
  GCancellable *cancellable;

  int n_results; /* atomic */
  int n_turns;   /* atomic: of the other's main loop */
  int has_begun; /* atomic */
  int may_go;    /* atomic: no turn before */
  int is_gone;   /* atomic */
} Fixture;

typedef struct
{
  const char *name;
  void (*begin) (Fixture *self); /* in the other thread */
  void (*end) (Fixture *self);   /* in this one */
} Kind;

static _Thread_local Fixture *stopped; /* whose thread stops where it wakes another, until that has gone */
static guint                  n_stopped;

/* The other has all the time that it wants, for what it is told, if this is it. */
static void
let_other_go (Fixture *self)
{
  int n_turns = g_atomic_int_get (&self->n_turns) + 10;

  n_stopped++;
  g_atomic_int_set (&self->may_go, TRUE);
  while (!g_atomic_int_get (&self->is_gone) && g_atomic_int_get (&self->n_turns) < n_turns)
    g_thread_yield ();
}

/* Which may be linked into the program. */
static gboolean
is_of_library (gpointer address)
{
  Dl_info info;

  return dladdr (address, &info) != 0 && (strstr (info.dli_fname, "zmqglib") != NULL || strstr (info.dli_fname, "woken") != NULL);
}

/* In the place of the C library's. */
ssize_t
write (int           fd,
       gconstpointer buffer,
       size_t        size)
{
  static ssize_t (*actual) (int, gconstpointer, size_t);

  if (stopped != NULL && is_of_library (__builtin_return_address (0)))
    {
      let_other_go (stopped);
      g_assert_cmpint (fcntl (fd, F_GETFD), >=, 0);
    }

  if (actual == NULL)
    actual = dlsym (RTLD_NEXT, "write");

  return actual (fd, buffer, size);
}

static void
on_result (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Fixture *self = data;

  g_atomic_int_inc (&self->n_results);
}

static void
begin_receive (Fixture *self)
{
  zmqglib_stream_receive_async (self->stream, self->cancellable, on_result, self);
}

static void
end_receive (Fixture *self)
{
  test_send_string (self->peer, "for the other");
  life_until (NULL, g_atomic_int_get (&self->is_gone));
}

static void
end_by_cancelling (Fixture *self)
{
  g_cancellable_cancel (self->cancellable);
  /* in the main loop whose stream it is */
  life_settle (NULL);
}

static void
end_by_closing (Fixture *self)
{
  zmqglib_stream_close (self->stream);
  zmqglib_stream_close (self->lonely);
}

static void
begin_drain (Fixture *self)
{
  g_assert_true (zmqglib_stream_send_string (self->lonely, "for nobody", NULL));
  zmqglib_stream_drain_async (self->lonely, self->cancellable, on_result, self);
}

static void
begin_wait (Fixture *self)
{
  zmqglib_socket_wait_async (self->peer, G_IO_IN, G_PRIORITY_DEFAULT, self->cancellable, on_result, self);
}

static void
begin_track (Fixture *self)
{
  zmqglib_tracker_wait_async (self->tracker, self->cancellable, on_result, self);
}

static void
end_track (Fixture *self)
{
  g_clear_pointer (&self->message, zmqglib_message_unref);
}

static const Kind kinds[] = {
  { "received", begin_receive, end_receive },
  { "receive-cancelled", begin_receive, end_by_cancelling },
  { "receive-closed", begin_receive, end_by_closing },
  { "drain-cancelled", begin_drain, end_by_cancelling },
  { "drain-closed", begin_drain, end_by_closing },
  { "wait-cancelled", begin_wait, end_by_cancelling },
  { "tracked", begin_track, end_track },
  { "track-cancelled", begin_track, end_by_cancelling },
};

static const Kind *kind_of_thread;

static gpointer
other_thread (gpointer data)
{
  Fixture      *self = data;
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  kind_of_thread->begin (self);
  g_atomic_int_set (&self->has_begun, TRUE);
  while (!g_atomic_int_get (&self->may_go))
    g_thread_yield ();
  while (g_atomic_int_get (&self->n_results) == 0)
    {
      g_main_context_iteration (context, FALSE);
      g_atomic_int_inc (&self->n_turns);
    }
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  g_atomic_int_set (&self->is_gone, TRUE);

  return NULL;
}

static void
fixture_set_up (Fixture      *self,
                gconstpointer data)
{
  g_autoptr (ZmqSocket) push = NULL;

  kind_of_thread = data;
  n_stopped = 0;
  self->context = zmqglib_context_new ();
  push = test_socket_new (self->context, ZMQGLIB_SOCKET_PUSH);
  self->lonely = zmqglib_stream_new (push);
  self->cancellable = g_cancellable_new ();
  test_socket_pair (self->context, "inproc", ZMQGLIB_SOCKET_DEALER, ZMQGLIB_SOCKET_DEALER, &self->socket, &self->peer);
  self->stream = zmqglib_stream_new (self->socket);
  self->message = zmqglib_message_new_from_string ("tracked");
  self->tracker = zmqglib_message_track (self->message);
}

static void
fixture_tear_down (Fixture      *self,
                   gconstpointer data)
{
  zmqglib_stream_close (self->lonely);
  g_clear_object (&self->lonely);
  g_clear_object (&self->stream);
  g_clear_object (&self->tracker);
  g_clear_pointer (&self->message, zmqglib_message_unref);
  zmqglib_socket_close (self->peer);
  g_clear_object (&self->peer);
  g_clear_object (&self->socket);
  g_clear_object (&self->cancellable);
  life_terminate (self->context);
  g_clear_object (&self->context);
}

static void
test_woken (Fixture      *self,
            gconstpointer data)
{
  GThread *thread = g_thread_new ("other", other_thread, self);

  life_poll_until (NULL, g_atomic_int_get (&self->has_begun));
  stopped = self;
  kind_of_thread->end (self);
  stopped = NULL;
  g_assert_cmpuint (n_stopped, >=, 1);
  g_thread_join (thread);
  g_assert_cmpint (self->n_results, ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strconcat ("/life/woken-when-told/", kinds[i].name, NULL);

      g_test_add (path, Fixture, &kinds[i], fixture_set_up, test_woken, fixture_tear_down);
    }

  return g_test_run ();
}

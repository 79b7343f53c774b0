/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "test-life-util.h"

/* Rule 5: the process may fork while another thread has the lock of anything of the library's, and is not there in the
 * child to give it back. The child goes on as with any other thing of its parent's: what it calls fails or does nothing, and
 * what it drops goes. The threads here call what takes nothing of GLib's, which makes no such promise. */

typedef struct
{
  ZmqContext       *context;
  ZmqClient        *client;
  ZmqServer        *server;
  ZmqAuthenticator *authenticator;
  ZmqTracker       *tracker;
  int               is_over;   /* atomic */
  int               n_threads; /* atomic: which have begun */
} Fixture;

static void
ask_client (Fixture *self)
{
  zmqglib_client_get_timeout_us (self->client);
}

static void
ask_server (Fixture *self)
{
  g_free (zmqglib_server_dup_last_endpoint (self->server));
}

static void
ask_authenticator (Fixture *self)
{
  zmqglib_authenticator_get_n_denied (self->authenticator);
}

static void
ask_tracker (Fixture *self)
{
  zmqglib_tracker_is_done (self->tracker);
}

static void (*const ask_funcs[]) (Fixture *self) = { ask_client, ask_server, ask_authenticator, ask_tracker };

static gpointer
ask_on (gpointer data)
{
  Fixture *self = data;
  void (*ask) (Fixture * self) = ask_funcs[g_atomic_int_add (&self->n_threads, 1)];

  while (!g_atomic_int_get (&self->is_over))
    ask (self);

  return NULL;
}

static void
fixture_set_up (Fixture      *self,
                gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("tracked");

  self->context = zmqglib_context_new ();
  self->authenticator = zmqglib_authenticator_new (self->context, &error);
  g_assert_no_error (error);
  self->client = zmqglib_client_new (self->context, &error);
  g_assert_no_error (error);
  self->server = zmqglib_server_new (self->context, &error);
  g_assert_no_error (error);
  g_assert_true (zmqglib_server_bind (self->server, "inproc://locked", NULL));
  self->tracker = zmqglib_message_track (message);
}

static void
drop_all (Fixture *self)
{
  g_clear_object (&self->client);
  g_clear_object (&self->server);
  g_clear_object (&self->authenticator);
  g_clear_object (&self->tracker);
  g_clear_object (&self->context);
}

static void
fixture_tear_down (Fixture      *self,
                   gconstpointer data)
{
  drop_all (self);
  life_settle (NULL);
}

static void
count_received (ZmqStream  *stream,
                ZmqMessage *message,
                guint      *n_received)
{
  ++*n_received;
}

static void
talk (ZmqContext *context)
{
  ZmqSocket *pull, *push;
  ZmqStream *stream;
  guint      n_received = 0;

  test_socket_pair (context, "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  stream = zmqglib_stream_new (pull);
  g_signal_connect (stream, "received", G_CALLBACK (count_received), &n_received);
  test_send_string (push, "of the child");
  life_until (NULL, n_received == 1);
}

static void
run_child (gpointer data)
{
  Fixture *self = data;

  for (gsize i = 0; i < G_N_ELEMENTS (ask_funcs); i++)
    ask_funcs[i](self);
  g_assert_false (zmqglib_client_connect_to (self->client, "inproc://locked", NULL));
  g_assert_false (zmqglib_server_bind (self->server, "inproc://another", NULL));
  drop_all (self);
  talk (zmqglib_context_get_default ());
}

static void
test_locked (Fixture      *self,
             gconstpointer data)
{
  GThread *threads[G_N_ELEMENTS (ask_funcs)];
  guint    n_children = test_is_slow_tool () ? 5 : 100;

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("asks", ask_on, self);
  life_poll_until (NULL, g_atomic_int_get (&self->n_threads) == G_N_ELEMENTS (threads));

  for (guint i = 0; i < n_children; i++)
    life_wait_child (life_fork (run_child, self));

  g_atomic_int_set (&self->is_over, TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/life/rule-5-fork/locked", Fixture, NULL, fixture_set_up, test_locked, fixture_tear_down);

  return g_test_run ();
}

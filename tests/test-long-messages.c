/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "test-frames-util.h"

/* Messages of very many frames are read in pieces: every way of reading goes on in the middle of them. */

/* Very many frames: more than are read within a slice, however fast the machine is. */
static guint
many (void)
{
  return test_is_slow_tool () ? 100000 : 300000;
}

/* A message of very many frames is half read, by a stream that is gone or stays, and another one comes after it. */
static ZmqStream *
read_half (FramesFixture *self)
{
  ZmqStream *stream = frames_listen_to (self);

  frames_send (self->peer, many ());
  frames_send (self->peer, 2);
  frames_wait_for_input (self->socket);
  while (g_main_context_iteration (NULL, FALSE) && self->n_turns++ < 1)
    ;
  frames_assert_log (self, "");

  return stream;
}

static void
read_half_and_drop (FramesFixture *self)
{
  g_autoptr (ZmqStream) stream G_GNUC_UNUSED = read_half (self);
}

static void
assert_whole (FramesFixture *self)
{
  g_autofree char *expected = g_strdup_printf ("%u 2 ", many ());

  frames_assert_log (self, expected);
}

static void
until_whole (FramesFixture *self)
{
  life_until (NULL, g_str_has_suffix (self->log->str, " 2 "));
  assert_whole (self);
}

static void
test_half_try_receive (FramesFixture *self,
                       gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  read_half_and_drop (self);
  g_assert_true (zmqglib_socket_get_condition (self->socket) & G_IO_IN);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (ZmqMessage) message = zmqglib_socket_try_receive (self->socket, &error);

      g_assert_no_error (error);
      frames_log_message (self, message);
    }
  assert_whole (self);
}

static void
test_half_receive (FramesFixture *self,
                   gconstpointer  data)
{
  read_half_and_drop (self);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ZmqMessage) message = zmqglib_socket_receive (self->socket, NULL, &error);

      g_assert_no_error (error);
      frames_log_message (self, message);
    }
  assert_whole (self);
}

static void
test_half_receive_many (FramesFixture *self,
                        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) messages = NULL;

  read_half_and_drop (self);
  messages = zmqglib_socket_try_receive_many (self->socket, 0, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < messages->len; i++)
    frames_log_message (self, messages->pdata[i]);
  assert_whole (self);
}

/* An operation reads in pieces, too, and others go on. */
static void
test_half_receive_async (FramesFixture *self,
                         gconstpointer  data)
{
  read_half_and_drop (self);
  zmqglib_socket_receive_async (self->socket, G_PRIORITY_DEFAULT, NULL, frames_on_receive, self);
  zmqglib_socket_receive_async (self->socket, G_PRIORITY_DEFAULT, NULL, frames_on_receive, self);
  frames_assert_log (self, "");
  g_main_context_iteration (NULL, FALSE);
  frames_assert_log (self, "");
  until_whole (self);
}

static void
test_half_stream (FramesFixture *self,
                  gconstpointer  data)
{
  g_autoptr (ZmqStream) stream = NULL;

  read_half_and_drop (self);
  stream = frames_listen_to (self);
  until_whole (self);
}

static void
test_half_flush (FramesFixture *self,
                 gconstpointer  data)
{
  g_autoptr (ZmqStream) stream = read_half (self);

  g_assert_cmpuint (zmqglib_stream_flush (stream, G_IO_IN, 0), ==, 2);
  assert_whole (self);
}

static gboolean
on_ready (ZmqSocket   *socket,
          GIOCondition condition,
          gpointer     data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_socket_try_receive (socket, &error);

  g_assert_no_error (error);
  frames_log_message (data, message);

  return G_SOURCE_CONTINUE;
}

static void
test_half_source (FramesFixture *self,
                  gconstpointer  data)
{
  g_autoptr (GSource) source = NULL;

  read_half_and_drop (self);
  source = zmqglib_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (on_ready), self, NULL);
  g_source_attach (source, NULL);
  until_whole (self);
  g_source_destroy (source);
}

/* What is put back was read before. */
static void
test_half_put_back (FramesFixture *self,
                    gconstpointer  data)
{
  g_autoptr (ZmqStream) stream G_GNUC_UNUSED = read_half (self);
  g_autoptr (ZmqMessage) message = zmqglib_message_new ();
  g_autofree char *expected = g_strdup_printf ("0 %u 2 ", many ());

  zmqglib_socket_put_back (self->socket, message);
  life_until (NULL, g_str_has_suffix (self->log->str, " 2 "));
  frames_assert_log (self, expected);
}

/* Nobody listens any more: it waits, and costs the loop nothing. */
static void
test_half_paused (FramesFixture *self,
                  gconstpointer  data)
{
  g_autoptr (ZmqStream) stream = read_half (self);

  g_object_set (stream, "paused", TRUE, NULL);
  life_settle (NULL);
  g_assert_false (g_main_context_pending (NULL));
  frames_assert_log (self, "");

  g_object_set (stream, "paused", FALSE, NULL);
  until_whole (self);
}

/* libzmq aborts when a connection is given up in the middle of a message; here that is read before. */
static void
check_half_disconnected (FramesFixture *self,
                         const char    *transport)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *endpoint = NULL;
  g_autoptr (ZmqSocket) push = test_socket_new (self->context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqSocket) pull = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqStream) stream = NULL;
  g_autofree char *expected = g_strdup_printf ("%u ", many ());

  endpoint = test_bind (push, transport);
  zmqglib_socket_connect_to (pull, endpoint, &error);
  g_assert_no_error (error);
  g_clear_object (&self->socket);
  g_clear_object (&self->peer);
  self->socket = g_steal_pointer (&pull);
  self->peer = g_steal_pointer (&push);

  stream = read_half (self);
  zmqglib_socket_disconnect_from (self->socket, endpoint, &error);
  g_assert_no_error (error);
  life_until (NULL, g_str_has_prefix (self->log->str, expected));
}

static void
test_half_disconnected (FramesFixture *self,
                        gconstpointer  data)
{
  check_half_disconnected (self, "inproc");
}

static void
test_half_disconnected_tcp (FramesFixture *self,
                            gconstpointer  data)
{
  check_half_disconnected (self, "tcp");
}

/* The peer goes: what it has sent stays. */
static void
test_half_peer_gone (FramesFixture *self,
                     gconstpointer  data)
{
  g_autoptr (ZmqStream) stream G_GNUC_UNUSED = read_half (self);

  g_clear_object (&self->peer);
  until_whole (self);
}

/* Who is given the handle finds no half of a message. */
static void
test_half_handle (FramesFixture *self,
                  gconstpointer  data)
{
  g_autofree char *expected = g_strdup_printf ("%u ", many ());
  g_autoptr (ZmqMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  gpointer handle;
  guint    number = G_MAXUINT;

  read_half_and_drop (self);
  handle = zmqglib_socket_get_handle (self->socket);
  g_assert_cmpint (zmq_recv (handle, &number, sizeof number, 0), ==, sizeof number);
  g_assert_cmpuint (number, ==, 0);
  g_assert_cmpint (zmq_recv (handle, &number, sizeof number, 0), ==, sizeof number);
  g_assert_cmpuint (number, ==, 1);

  message = zmqglib_socket_try_receive (self->socket, &error);
  g_assert_no_error (error);
  frames_log_message (self, message);
  frames_assert_log (self, expected);
}

static void
test_half_closed (FramesFixture *self,
                  gconstpointer  data)
{
  g_autoptr (ZmqStream) stream = read_half (self);

  zmqglib_stream_close (stream);
  life_settle (NULL);
  frames_assert_log (self, "");
}

static void
test_half_dropped (FramesFixture *self,
                   gconstpointer  data)
{
  read_half_and_drop (self);
  g_clear_object (&self->socket);
}

static gpointer
close_socket (gpointer socket)
{
  zmqglib_socket_close (socket);

  return NULL;
}

/* Another thread closes it: what is half read is let go by the thread that reads. */
static void
test_half_closed_elsewhere (FramesFixture *self,
                            gconstpointer  data)
{
  g_autoptr (ZmqStream) stream = read_half (self);

  g_thread_join (g_thread_new ("closer", close_socket, self->socket));
  life_until (NULL, zmqglib_stream_is_closed (stream));
  frames_assert_log (self, "");
}

/* A child drops what it has inherited in the middle of a message; the parent reads on. */
static void
test_half_forked (FramesFixture *self,
                  gconstpointer  data)
{
  g_autoptr (ZmqStream) stream = read_half (self);
  int   status = -1;
  pid_t pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      g_clear_object (&stream);
      g_clear_object (&self->socket);
      _exit (0);
    }

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  until_whole (self);
}

static void
test_half_shut_down (FramesFixture *self,
                     gconstpointer  data)
{
  g_autoptr (ZmqStream) stream = read_half (self);

  zmqglib_context_shutdown (self->context);
  life_until (NULL, zmqglib_stream_is_closed (stream));
  frames_assert_log (self, "");
}

/* The limit holds for what is half read when it is set. */
static void
test_half_limited (FramesFixture *self,
                   gconstpointer  data)
{
  g_autoptr (ZmqStream) stream G_GNUC_UNUSED = read_half (self);

  g_object_set (self->socket, "max-frames", 10, NULL);
  life_until (NULL, self->log->len >= 4);
  frames_assert_log (self, "! 2 ");
}

/* A half reply cannot be sent past: the turn is not over. */
static void
test_half_turn (FramesFixture *self,
                gconstpointer  data)
{
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("");
  g_autoptr (GError) error = NULL;
  ZmqSocket *rep, *req;

  g_clear_object (&self->socket);
  g_clear_object (&self->peer);
  test_socket_pair (self->context, "inproc", ZMQGLIB_SOCKET_REP, ZMQGLIB_SOCKET_REQ, &rep, &req);
  self->socket = rep;
  self->peer = req;

  stream = frames_listen_to (self);
  frames_send (req, many ());
  frames_wait_for_input (rep);
  while (g_main_context_iteration (NULL, FALSE) && self->n_turns++ < 1)
    ;
  frames_assert_log (self, "");
  g_assert_cmpint (zmqglib_socket_get_condition (rep), ==, G_IO_IN);
  g_assert_false (zmqglib_socket_try_send (rep, message, &error));
  g_assert_error (error, ZMQGLIB_ERROR, ZMQGLIB_ERROR_WRONG_STATE);
  life_until (NULL, self->log->len > 0);
  g_clear_error (&error);
  g_assert_true (zmqglib_socket_try_send (rep, message, &error));
}

static ZmqSocket *
connect_as (FramesFixture *self,
            const char    *endpoint,
            const char    *name)
{
  ZmqSocket *dealer = test_socket_new (self->context, ZMQGLIB_SOCKET_DEALER);
  g_autoptr (GBytes) id = g_bytes_new (name, strlen (name));
  g_autoptr (GError) error = NULL;

  g_object_set (dealer, "routing-id", id, NULL);
  zmqglib_socket_connect_to (dealer, endpoint, &error);
  g_assert_no_error (error);

  return dealer;
}

static void
on_any_message (ZmqStream  *stream,
                ZmqMessage *message,
                gpointer    data)
{
  (*(guint *) data)++;
}

/* Somebody takes the place of the peer whose message is being read. */
static void
test_half_handed_over (FramesFixture *self,
                       gconstpointer  data)
{
  g_autoptr (ZmqStream) stream = NULL;
  g_autoptr (ZmqSocket) rival = NULL;
  g_autofree char *endpoint = NULL;
  guint            n_received = 0;

  g_clear_object (&self->socket);
  g_clear_object (&self->peer);
  self->socket = test_socket_new (self->context, ZMQGLIB_SOCKET_ROUTER);
  g_object_set (self->socket, "router-handover", TRUE, NULL);
  endpoint = test_bind (self->socket, "inproc");
  self->peer = connect_as (self, endpoint, "name");

  stream = zmqglib_stream_new (self->socket);
  g_signal_connect (stream, "received", G_CALLBACK (on_any_message), &n_received);
  frames_send (self->peer, many ());
  frames_wait_for_input (self->socket);
  g_main_context_iteration (NULL, FALSE);
  rival = connect_as (self, endpoint, "name");
  frames_send (rival, 1);
  life_until (NULL, n_received == 2);
}

static gboolean
on_tick (gpointer data)
{
  ++*(guint *) data;

  return G_SOURCE_CONTINUE;
}

/* A message of a million frames, read or dropped, leaves others of the loop their turns: one in each slice, in which no machine
 * reads so many. */
#define MAX_FRAMES_OF_A_TURN 100000

static void
check_turns (FramesFixture *self,
             gboolean       drops)
{
  g_autoptr (ZmqStream) stream G_GNUC_UNUSED = frames_listen_to (self);
  guint                        n_frames = test_is_slow_tool () ? 100000 : 1000000;
  guint                        n_turns = 0;
  guint                        id;

  g_object_set (self->socket, "max-frames", drops ? 1000 : 0, NULL);
  frames_send (self->peer, n_frames);
  frames_wait_for_input (self->socket);
  id = g_idle_add_full (G_PRIORITY_LOW, on_tick, &n_turns, NULL);
  life_until (NULL, self->log->len > 0);
  g_source_remove (id);

  g_assert_cmpuint (n_turns, >, 3);
  g_assert_cmpuint (n_turns, >=, n_frames / MAX_FRAMES_OF_A_TURN);
  if (drops)
    frames_assert_log (self, "! ");
}

static void
test_turns_read (FramesFixture *self,
                 gconstpointer  data)
{
  check_turns (self, FALSE);
}

static void
test_turns_dropped (FramesFixture *self,
                    gconstpointer  data)
{
  check_turns (self, TRUE);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  frames_add ("try-receive", test_half_try_receive);
  frames_add ("receive", test_half_receive);
  frames_add ("receive-many", test_half_receive_many);
  frames_add ("receive-async", test_half_receive_async);
  frames_add ("stream", test_half_stream);
  frames_add ("flush", test_half_flush);
  frames_add ("source", test_half_source);
  frames_add ("put-back", test_half_put_back);
  frames_add ("paused", test_half_paused);
  frames_add ("disconnected", test_half_disconnected);
  frames_add ("disconnected-tcp", test_half_disconnected_tcp);
  frames_add ("peer-gone", test_half_peer_gone);
  frames_add ("handle", test_half_handle);
  frames_add ("closed", test_half_closed);
  frames_add ("dropped", test_half_dropped);
  frames_add ("closed-elsewhere", test_half_closed_elsewhere);
  frames_add ("forked", test_half_forked);
  frames_add ("shut-down", test_half_shut_down);
  frames_add ("limited", test_half_limited);
  frames_add ("turn", test_half_turn);
  frames_add ("handed-over", test_half_handed_over);
  frames_add ("turns", test_turns_read);
  frames_add ("turns-dropped", test_turns_dropped);

  return g_test_run ();
}

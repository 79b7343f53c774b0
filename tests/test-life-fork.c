/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include <fcntl.h>
#include <glib-unix.h>

#include "test-life-util.h"

/* Rule 5: a fork is survived. The parent gets all its messages and burns nothing, whatever the child
 * does with what it inherited, while the child is there and when it has gone. In the child what it
 * inherited is dead and says so, and what it makes anew works. */

#define MAX_STREAMS  12 /* more than are polled each by itself */
#define N_OPERATIONS 7

typedef struct _Family Family;

typedef struct
{
  Family    *family;
  ZmqStream *stream;
  ZmqSocket *socket;
  ZmqSocket *peer;
  guint      n_received;
  guint      n_closed; /* with CLOSED */
} Member;

struct _Family
{
  const char *transport;
  guint       n_members;
  pid_t       parent;
  ZmqContext *context;
  Member      members[MAX_STREAMS];

  /* things that wait */
  ZmqSocket  *receiver;
  ZmqSocket  *sender;
  ZmqStream  *queuing;
  ZmqStream  *waiting;
  ZmqMessage *tracked;
  ZmqTracker *tracker;
  ZmqPoller  *poller;
  GSource    *poller_source;
  GSource    *source;
  guint       n_told; /* with CLOSED, or in a tracker's case, without */

  /* the child tells that it is through, and is told that it may end */
  int   done_fds[2];
  int   end_fds[2];
  guint n_sent; /* to each */
};

/* What the parent's things call */

static void
on_received (ZmqStream  *stream,
             ZmqMessage *message,
             Member     *member)
{
  g_assert_cmpint (getpid (), ==, member->family->parent);
  g_assert_cmpuint (life_message_get_number (message, 0), ==, member->n_received);
  member->n_received++;
}

static void
on_closed (ZmqStream    *stream,
           const GError *error,
           Member       *member)
{
  if (error != NULL)
    {
      g_assert_cmpint (getpid (), !=, member->family->parent);
      g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_CLOSED);
    }
  member->n_closed++;
}

static void
family_told (Family *self,
             GError *error)
{
  g_assert_cmpint (getpid (), !=, self->parent);
  g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_CLOSED);
  self->n_told++;
}

static void
on_receive (GObject      *socket,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (zmqglib_socket_receive_finish (ZMQGLIB_SOCKET (socket), result, &error));
  family_told (data, error);
}

static void
on_send (GObject      *socket,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (zmqglib_socket_send_finish (ZMQGLIB_SOCKET (socket), result, &error));
  family_told (data, error);
}

static void
on_wait (GObject      *socket,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (zmqglib_socket_wait_finish (ZMQGLIB_SOCKET (socket), result, &error), ==, 0);
  family_told (data, error);
}

static void
on_drain (GObject      *stream,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (zmqglib_stream_drain_finish (ZMQGLIB_STREAM (stream), result, &error));
  family_told (data, error);
}

static void
on_next (GObject      *stream,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (zmqglib_stream_receive_finish (ZMQGLIB_STREAM (stream), result, &error));
  family_told (data, error);
}

static gboolean
on_ready (ZmqSocket   *socket,
          GIOCondition condition,
          gpointer     data)
{
  Family *self = data;

  g_assert_cmpint (getpid (), !=, self->parent);

  return G_SOURCE_REMOVE;
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

/* The parent's things */

static void
family_add_member (Family *self,
                   guint   number)
{
  Member *member = &self->members[number];

  member->family = self;
  test_socket_pair (self->context, self->transport, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &member->socket, &member->peer);
  member->stream = zmqglib_stream_new (member->socket);
  g_signal_connect (member->stream, "received", G_CALLBACK (on_received), member);
  g_signal_connect (member->stream, "closed", G_CALLBACK (on_closed), member);
}

static void
family_begin_operations (Family *self)
{
  g_autoptr (ZmqSocket) lonely = test_socket_new (self->context, ZMQGLIB_SOCKET_PUSH);
  g_autoptr (ZmqSocket) silent = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GError) error = NULL;

  self->receiver = test_socket_new (self->context, ZMQGLIB_SOCKET_PULL);
  self->sender = test_socket_new (self->context, ZMQGLIB_SOCKET_PUSH);
  self->queuing = zmqglib_stream_new (lonely);
  zmqglib_stream_send_string (self->queuing, "queued", &error);
  g_assert_no_error (error);
  self->waiting = zmqglib_stream_new (silent);
  self->tracked = zmqglib_message_new_from_string ("x");

  zmqglib_stream_receive_async (self->waiting, NULL, on_next, self);
  zmqglib_socket_receive_async (self->receiver, G_PRIORITY_DEFAULT, NULL, on_receive, self);
  zmqglib_socket_receive_async (self->receiver, G_PRIORITY_LOW, NULL, on_receive, self);
  zmqglib_socket_wait_async (self->receiver, G_IO_IN, G_PRIORITY_DEFAULT, NULL, on_wait, self);
  zmqglib_socket_send_async (self->sender, self->tracked, G_PRIORITY_DEFAULT, NULL, on_send, self);
  zmqglib_stream_drain_async (self->queuing, NULL, on_drain, self);
  zmqglib_stream_drain_async (self->queuing, NULL, on_drain, self);

  self->source = zmqglib_socket_create_source (self->receiver, G_IO_IN, NULL);
  g_source_set_callback (self->source, (GSourceFunc) (void (*) (void)) on_ready, self, NULL);
  g_source_attach (self->source, NULL);
  self->poller = zmqglib_poller_new ();
  zmqglib_poller_add_socket (self->poller, self->receiver, G_IO_IN, on_polled, self, NULL, &error);
  g_assert_no_error (error);
  self->poller_source = zmqglib_poller_create_source (self->poller);
  g_source_attach (self->poller_source, NULL);
}

static Family *
family_new (const char *transport,
            guint       n_members,
            gboolean    with_operations)
{
  Family *self = g_new0 (Family, 1);

  self->transport = transport;
  self->n_members = n_members;
  self->parent = getpid ();
  self->context = zmqglib_context_new ();
  for (guint i = 0; i < n_members; i++)
    family_add_member (self, i);
  if (with_operations)
    family_begin_operations (self);
  g_assert_cmpint (pipe2 (self->done_fds, O_CLOEXEC), ==, 0);
  g_assert_cmpint (pipe2 (self->end_fds, O_CLOEXEC), ==, 0);

  return self;
}

/* What only the test knows of, not its streams. */
static void
family_drop (Family *self)
{
  for (guint i = 0; i < self->n_members; i++)
    {
      g_clear_object (&self->members[i].stream);
      g_clear_object (&self->members[i].socket);
      g_clear_object (&self->members[i].peer);
    }
  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_source_destroy (self->poller_source);
    }
  g_clear_pointer (&self->source, g_source_unref);
  g_clear_pointer (&self->poller_source, g_source_unref);
  g_clear_object (&self->poller);
  g_clear_object (&self->receiver);
  g_clear_object (&self->sender);
  g_clear_object (&self->queuing);
  g_clear_object (&self->waiting);
  g_clear_object (&self->tracker);
  g_clear_pointer (&self->tracked, zmqglib_message_unref);
}

static void
on_end_of_operation (GObject      *source,
                     GAsyncResult *result,
                     gpointer      data)
{
}

static void
family_free (Family *self)
{
  /* operations end without being told of in this process: their functions say so */
  self->parent = 0;
  if (self->receiver != NULL)
    {
      zmqglib_socket_close (self->receiver);
      zmqglib_socket_close (self->sender);
      zmqglib_stream_close (self->queuing);
      zmqglib_stream_close (self->waiting);
    }
  family_drop (self);
  life_settle (NULL);
  close (self->done_fds[0]);
  close (self->done_fds[1]);
  close (self->end_fds[0]);
  close (self->end_fds[1]);
  life_terminate (self->context);
  g_object_unref (self->context);
  g_free (self);
}

static void
family_send (Family *self,
             guint   n_messages)
{
  for (guint i = 0; i < n_messages; i++, self->n_sent++)
    for (guint j = 0; j < self->n_members; j++)
      {
        g_autoptr (ZmqMessage) message = life_message_new (self->n_sent);
        g_autoptr (GError) error = NULL;

        zmqglib_socket_send (self->members[j].peer, message, NULL, &error);
        g_assert_no_error (error);
      }
}

static gboolean
family_has_all (Family *self)
{
  for (guint i = 0; i < self->n_members; i++)
    if (self->members[i].n_received < self->n_sent)
      return FALSE;

  return TRUE;
}

static void
family_assert_undisturbed (Family *self)
{
  for (guint i = 0; i < 3; i++)
    {
      family_send (self, 2);
      life_until (NULL, family_has_all (self));
    }
  g_assert_cmpuint (self->n_told, ==, 0);
  for (guint i = 0; i < self->n_members; i++)
    g_assert_cmpuint (self->members[i].n_closed, ==, 0);
}

/* What the child does */

static void
child_exits (Family *self)
{
}

static void
child_closes_streams (Family *self)
{
  for (guint i = 0; i < self->n_members; i++)
    zmqglib_stream_close (self->members[i].stream);
}

static void
child_closes_sockets (Family *self)
{
  for (guint i = 0; i < self->n_members; i++)
    {
      zmqglib_socket_close (self->members[i].socket);
      zmqglib_socket_close (self->members[i].peer);
    }
}

static void
child_drops (Family *self)
{
  family_drop (self);
  g_clear_object (&self->context);
}

static gboolean
family_has_died (Family *self)
{
  for (guint i = 0; i < self->n_members; i++)
    if (self->members[i].n_closed == 0)
      return FALSE;

  return self->receiver == NULL || self->n_told == N_OPERATIONS;
}

/* Everything that is inherited ends, once, and then the loop has nothing to do. */
static void
child_iterates (Family *self)
{
  life_until (NULL, family_has_died (self));
  life_settle (NULL);
  for (guint i = 0; i < self->n_members; i++)
    {
      g_assert_cmpuint (self->members[i].n_closed, ==, 1);
      g_assert_true (zmqglib_stream_is_closed (self->members[i].stream));
    }
  g_assert_cmpuint (self->n_told, ==, self->receiver != NULL ? N_OPERATIONS : 0);
  g_assert_cmpint (life_get_idle_cpu_us (NULL, 100), <, 50000);
}

static void
count_received (ZmqStream  *stream,
                ZmqMessage *message,
                guint      *n_received)
{
  (*n_received)++;
}

#define N_NEW 5

/* A context of the child's own; its streams are on the main context that it inherited. */
static void
make_new (ZmqContext *context)
{
  ZmqSocket *pulls[N_NEW];
  ZmqSocket *pushes[N_NEW];
  ZmqStream *streams[N_NEW];
  guint      n_received = 0;

  for (guint i = 0; i < N_NEW; i++)
    {
      test_socket_pair (context, i % 2 == 0 ? "tcp" : "inproc", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pulls[i], &pushes[i]);
      streams[i] = zmqglib_stream_new (pulls[i]);
      g_signal_connect (streams[i], "received", G_CALLBACK (count_received), &n_received);
    }
  for (guint i = 0; i < 20 * N_NEW; i++)
    test_send_string (pushes[i % N_NEW], "x");
  life_until (NULL, n_received == 20 * N_NEW);
  for (guint i = 0; i < N_NEW; i++)
    {
      g_object_unref (streams[i]);
      g_object_unref (pulls[i]);
      g_object_unref (pushes[i]);
    }
}

static void
child_makes_new (Family *self)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();

  make_new (context);
  life_terminate (context);
}

static void
child_uses_default (Family *self)
{
  make_new (zmqglib_context_get_default ());
}

static void
child_closes_and_makes_new (Family *self)
{
  child_closes_streams (self);
  child_makes_new (self);
  child_drops (self);
  child_uses_default (self);
}

static void
grandchild (gpointer data)
{
  Family *self = data;

  child_iterates (self);
  child_makes_new (self);
  child_drops (self);
}

static void
child_forks_again (Family *self)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  guint n_received = 0;

  test_socket_pair (context, "tcp", ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  stream = zmqglib_stream_new (pull);
  g_signal_connect (stream, "received", G_CALLBACK (count_received), &n_received);
  life_wait_child (life_fork (grandchild, self));
  test_send_string (push, "x");
  life_until (NULL, n_received == 1);
}

/* Each call on what is inherited fails at once. */
#define assert_closed(call)                                            \
  G_STMT_START                                                         \
  {                                                                    \
    g_autoptr (GError) error = NULL;                                   \
                                                                       \
    g_assert_false (call);                                             \
    g_assert_error (error, ZMQGLIB_ERROR, (int) ZMQGLIB_ERROR_CLOSED); \
    g_assert_cmpstr (error->message, !=, "");                          \
  }                                                                    \
  G_STMT_END

static void
assert_socket_is_dead (ZmqSocket  *socket,
                       ZmqMessage *message)
{
  assert_closed (zmqglib_socket_try_send (socket, message, &error));
  assert_closed (zmqglib_socket_try_receive (socket, &error) != NULL);
  assert_closed (zmqglib_socket_send (socket, message, NULL, &error));
  assert_closed (zmqglib_socket_receive (socket, NULL, &error) != NULL);
  assert_closed (zmqglib_socket_wait (socket, G_IO_IN | G_IO_OUT, -1, NULL, &error));
  assert_closed (zmqglib_socket_bind (socket, "inproc://nowhere", &error));
  assert_closed (zmqglib_socket_connect_to (socket, "inproc://nowhere", &error));
  assert_closed (zmqglib_socket_disconnect_from (socket, "inproc://nowhere", &error));
  assert_closed (zmqglib_socket_set_option_int (socket, 17, 0, &error));
  g_assert_cmpuint (zmqglib_socket_get_condition (socket) & (G_IO_IN | G_IO_OUT), ==, 0);
}

static void
child_calls (Family *self)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");
  guint n_told = self->n_told;

  for (guint i = 0; i < self->n_members; i++)
    {
      Member *member = &self->members[i];

      assert_socket_is_dead (member->socket, message);
      assert_socket_is_dead (member->peer, message);
      assert_closed (zmqglib_stream_send (member->stream, message, &error));
      g_assert_cmpuint (zmqglib_stream_flush (member->stream, G_IO_IN | G_IO_OUT, 0), ==, 0);
    }
  assert_closed (zmqglib_context_terminate (self->context, NULL, &error));
  zmqglib_context_shutdown (self->context);
  assert_closed (zmqglib_socket_new (self->context, ZMQGLIB_SOCKET_PULL, &error) != NULL);
  zmqglib_socket_receive_async (self->members[0].socket, G_PRIORITY_DEFAULT, NULL, on_receive, self);
  zmqglib_socket_send_async (self->members[0].peer, message, G_PRIORITY_DEFAULT, NULL, on_send, self);
  zmqglib_socket_wait_async (self->members[0].socket, G_IO_IN, G_PRIORITY_DEFAULT, NULL, on_wait, self);
  zmqglib_stream_drain_async (self->members[0].stream, NULL, on_end_of_operation, self);
  life_until (NULL, self->n_told >= n_told + 3);
}

/* Not through _exit (), as what forks without caring does. */
static void
child_exits_cleanly (Family *self)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  if (!test_is_slow_tool ())
    {
      g_assert_cmpint (write (self->done_fds[1], "x", 1), ==, 1);
      exit (0);
    }
#endif
}

typedef struct
{
  const char *name;
  void (*func) (Family *self);
} Child;

static const Child children[] = {
  { "exits", child_exits },
  { "exits-cleanly", child_exits_cleanly },
  { "closes-streams", child_closes_streams },
  { "closes-sockets", child_closes_sockets },
  { "drops", child_drops },
  { "iterates", child_iterates },
  { "makes-new", child_makes_new },
  { "uses-default", child_uses_default },
  { "closes-and-makes-new", child_closes_and_makes_new },
  { "forks-again", child_forks_again },
  { "calls", child_calls },
};

typedef struct
{
  const Child *child;
  const char  *transport;
  guint        n_members;
  gboolean     with_operations;
} Case;

typedef struct
{
  Family      *family;
  const Child *child;
} Birth;

static void
child_run (gpointer data)
{
  Birth  *birth = data;
  Family *self = birth->family;
  char    byte;

  birth->child->func (self);
  g_assert_cmpint (write (self->done_fds[1], "x", 1), ==, 1);
  close (self->end_fds[1]);
  while (read (self->end_fds[0], &byte, 1) < 0 && errno == EINTR)
    ;
}

static gboolean
on_child_done (int          fd,
               GIOCondition condition,
               gpointer     data)
{
  gboolean *is_done = data;
  char      byte;

  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  *is_done = TRUE;

  return G_SOURCE_REMOVE;
}

static void
test_fork (gconstpointer data)
{
  const Case *what = data;
  Family     *family = family_new (what->transport, what->n_members, what->with_operations);
  Birth       birth = { family, what->child };
  gboolean    is_done = FALSE;
  gboolean    is_over = FALSE;
  pid_t       pid;
  GSource    *source;
  int         status;

  /* streams have been at work, or are new and have not joined their loop yet */
  if (what->n_members % 2 == 0)
    {
      family_send (family, 3);
      life_until (NULL, family_has_all (family));
      life_settle (NULL);
    }

  pid = life_fork (child_run, &birth);
  source = g_unix_fd_source_new (family->done_fds[0], G_IO_IN);
  g_source_set_callback (source, (GSourceFunc) (void (*) (void)) on_child_done, &is_done, NULL);
  g_source_attach (source, NULL);
  while (!is_done && !is_over)
    {
      is_over = life_child_is_over (pid, &status);
      family_send (family, 1);
      life_until (NULL, family_has_all (family));
    }

  g_assert_cmpint (life_get_idle_cpu_us (NULL, 100), <, 50000);
  family_assert_undisturbed (family);
  close (family->end_fds[1]);
  family->end_fds[1] = dup (family->end_fds[0]);
  if (is_over)
    life_assert_child_exited (status);
  else
    life_wait_child (pid);
  family_assert_undisturbed (family);

  g_source_destroy (source);
  g_source_unref (source);
  family_free (family);
}

/* The fork happens in a handler, in the middle of a burst, and the child goes on from there. */
typedef struct
{
  Member   member; /* unused but for the stream and its sockets */
  guint    n_received;
  guint    n_closed;
  gboolean has_forked;
  pid_t    pid; /* 0 in the child */
} Burst;

static void
on_burst_received (ZmqStream  *stream,
                   ZmqMessage *message,
                   Burst      *self)
{
  g_assert_cmpuint (life_message_get_number (message, 0), ==, self->n_received);
  g_assert_true (!self->has_forked || self->pid != 0);
  self->n_received++;
  if (self->n_received == 10)
    {
      fflush (NULL);
      self->has_forked = TRUE;
      self->pid = fork ();
      if (self->pid == 0)
        alarm (LIFE_TIMEOUT_SECONDS);
    }
}

static void
on_burst_closed (ZmqStream    *stream,
                 const GError *error,
                 Burst        *self)
{
  self->n_closed++;
}

static void
test_fork_in_handler (gconstpointer transport)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) pull = NULL;
  g_autoptr (ZmqSocket) push = NULL;
  g_autoptr (ZmqStream) stream = NULL;
  Burst burst = { .n_received = 0 };

  test_socket_pair (context, transport, ZMQGLIB_SOCKET_PULL, ZMQGLIB_SOCKET_PUSH, &pull, &push);
  stream = zmqglib_stream_new (pull);
  g_signal_connect (stream, "received", G_CALLBACK (on_burst_received), &burst);
  g_signal_connect (stream, "closed", G_CALLBACK (on_burst_closed), &burst);
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (ZmqMessage) message = life_message_new (i);
      g_autoptr (GError) error = NULL;

      zmqglib_socket_send (push, message, NULL, &error);
      g_assert_no_error (error);
    }

  life_until (NULL, burst.has_forked);
  if (burst.pid == 0)
    {
      life_until (NULL, burst.n_closed == 1);
      _exit (burst.n_received == 10 ? 0 : 1);
    }
  life_until (NULL, burst.n_received == 100);
  life_wait_child (burst.pid);
  g_assert_cmpuint (burst.n_closed, ==, 0);
}

/* Many, as a pool of workers is. */
static void
test_many_children (void)
{
  guint   n_children = test_is_slow_tool () ? 4 : 24;
  Family *family = family_new ("tcp", MAX_STREAMS, FALSE);
  pid_t  *pids = g_newa (pid_t, n_children);
  Birth  *births = g_newa (Birth, n_children);

  for (guint i = 0; i < n_children; i++)
    {
      births[i] = (Birth){ family, &children[i % G_N_ELEMENTS (children)] };
      pids[i] = life_fork (child_run, &births[i]);
      family_send (family, 1);
    }
  close (family->end_fds[1]);
  family->end_fds[1] = dup (family->end_fds[0]);
  for (guint i = 0; i < n_children; i++)
    life_wait_child (pids[i]);
  life_until (NULL, family_has_all (family));
  family_assert_undisturbed (family);
  g_assert_cmpint (life_get_idle_cpu_us (NULL, 100), <, 50000);
  family_free (family);
}

/* In the child the default context is another one than that it inherited, and works. */
static void
child_asks_for_default (gpointer inherited)
{
  g_assert_true (zmqglib_context_get_default () != inherited);
  g_assert_true (zmqglib_context_get_default () == zmqglib_context_get_default ());
  make_new (zmqglib_context_get_default ());
}

static void
test_default_context (void)
{
  ZmqContext *context = zmqglib_context_get_default ();

  make_new (context);
  life_wait_child (life_fork (child_asks_for_default, context));
  make_new (context);
  g_assert_true (zmqglib_context_get_default () == context);
}

static void
add_cases (guint    n_members,
           gboolean with_operations)
{
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    for (guint j = 0; j < 2; j++)
      {
        Case             what = { &children[i], j == 0 ? "tcp" : "inproc", n_members, with_operations };
        g_autofree char *path = g_strdup_printf ("/life/rule-5-child-%s/%u-%s%s", children[i].name,
                                                 n_members, what.transport,
                                                 with_operations ? "-operations" : "");

        g_test_add_data_func_full (path, g_memdup2 (&what, sizeof what), test_fork, g_free);
      }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add_cases (1, FALSE);
  add_cases (2, TRUE);
  add_cases (MAX_STREAMS, FALSE);
  add_cases (MAX_STREAMS, TRUE);
  g_test_add_data_func ("/life/rule-5-fork-in-handler/tcp", "tcp", test_fork_in_handler);
  g_test_add_data_func ("/life/rule-5-fork-in-handler/inproc", "inproc", test_fork_in_handler);
  g_test_add_func ("/life/rule-5-many-children", test_many_children);
  g_test_add_func ("/life/rule-5-default-context", test_default_context);

  return g_test_run ();
}

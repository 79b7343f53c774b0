/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE

#include "test-life-moment.h"

/* A main context, or what is in it, goes in one thread while others use what was in it. */

/* What a poll set does to its lists: each of these calls may be where its thread is held up, and no other
 * thread puts anything into a list. */
static LifeMoment in_list = LIFE_MOMENT_INIT;
static guint      n_calls_before;
static GThread   *going; /* atomic; the thread in which the main context goes */
static gint       n_put; /* atomic; by other threads */

void
g_queue_unlink (GQueue *queue,
                GList  *link)
{
  static gpointer next;

  if (g_atomic_pointer_get (&going) == g_thread_self () && n_calls_before-- == 0)
    life_moment_come (&in_list);
  ((void (*) (GQueue *, GList *)) life_next (&next, "g_queue_unlink")) (queue, link);
}

void
g_queue_push_tail_link (GQueue *queue,
                        GList  *link)
{
  static gpointer next;

  if (g_atomic_pointer_get (&going) != NULL && g_atomic_pointer_get (&going) != g_thread_self ())
    g_atomic_int_inc (&n_put);
  ((void (*) (GQueue *, GList *)) life_next (&next, "g_queue_push_tail_link")) (queue, link);
}

/* Streams that were dropped leave with their main context, in one thread, while another uses their sockets. */
typedef struct
{
  ZmqSocket *sockets[2];
  ZmqStream *streams[2];
} Pair;

static void
drop_pair (gpointer data)
{
  Pair *self = data;

  for (guint i = 0; i < G_N_ELEMENTS (self->streams); i++)
    g_object_unref (self->streams[i]);
}

static void
put_back (gpointer socket)
{
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");

  zmqglib_socket_put_back (socket, message);
}

static void
close_socket (gpointer socket)
{
  zmqglib_socket_close (socket);
}

/* FALSE when the main context has gone without so many calls. */
static gboolean
go_while (ZmqContext *context,
          LifeFunc    func,
          guint       n_calls)
{
  GMainContext *main_context = g_main_context_new ();
  Pair          pair;
  gboolean      has_come;

  g_main_context_push_thread_default (main_context);
  for (guint i = 0; i < G_N_ELEMENTS (pair.streams); i++)
    {
      pair.sockets[i] = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
      pair.streams[i] = zmqglib_stream_new (pair.sockets[i]);
    }
  /* this thread has the main context, so that they only say that they are gone */
  life_elsewhere (drop_pair, &pair);
  g_main_context_pop_thread_default (main_context);

  life_moment_await (&in_list, func, pair.sockets[0]);
  n_calls_before = n_calls;
  g_atomic_pointer_set (&going, g_thread_self ());
  g_main_context_unref (main_context);
  g_atomic_pointer_set (&going, NULL);
  has_come = !life_moment_take (&in_list);
  if (has_come)
    life_moment_end (&in_list);

  for (guint i = 0; i < G_N_ELEMENTS (pair.sockets); i++)
    g_object_unref (pair.sockets[i]);

  return has_come;
}

static void
test_main_context_while (gconstpointer data)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  guint n_calls = 0;

  g_atomic_int_set (&n_put, 0);
  while (go_while (context, *(LifeFunc *) data, n_calls))
    {
      g_assert_cmpint (n_put, ==, 0);
      n_calls++;
    }
  g_assert_cmpuint (n_calls, >, G_N_ELEMENTS (((Pair *) NULL)->streams));
  life_terminate (context);
}

/* Who destroys a poller's source calls foreign code before GLib has taken what the poller polls for out of the main
 * context: what is removed from the poller then is not polled for any more. */
typedef struct
{
  GMainContext *main_context;
  ZmqPoller    *poller;
  int           fd;
  int           n_polled;
} Polled;

static int
count_polled (GMainContext *main_context)
{
  int n_polled;
  int priority;
  int timeout;

  g_assert_true (g_main_context_acquire (main_context));
  g_main_context_prepare (main_context, &priority);
  n_polled = g_main_context_query (main_context, G_MAXINT, &timeout, NULL, 0);
  g_main_context_release (main_context);

  return n_polled;
}

static void
on_fd (ZmqPoller   *poller,
       ZmqSocket   *socket,
       int          fd,
       GIOCondition condition,
       gpointer     data)
{
}

static void
remove_polled (gpointer data)
{
  Polled *self = data;

  g_assert_true (zmqglib_poller_remove_fd (self->poller, self->fd, NULL));
  self->n_polled = count_polled (self->main_context);
}

static void
test_poller_source_destroyed (void)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  g_autoptr (GSource) source = zmqglib_poller_create_source (poller);
  g_autofree char *name = NULL;
  Polled           polled = { .main_context = main_context, .poller = poller };
  int              n_polled;

  /* a regular file is never in an epoll set */
  polled.fd = g_file_open_tmp (NULL, &name, NULL);
  g_assert_cmpint (polled.fd, >=, 0);
  unlink (name);
  g_assert_true (zmqglib_poller_add_fd (poller, polled.fd, G_IO_IN, on_fd, NULL, NULL, NULL));
  g_source_set_callback (source, life_keep_awake, &polled, remove_polled);
  g_source_attach (source, main_context);
  n_polled = count_polled (main_context);
  g_source_destroy (source);
  g_assert_cmpint (polled.n_polled, ==, n_polled - 1);
  close (polled.fd);
}

/* A message is put back, which wakes a main context that goes just then: it may not have gone by the time. */
static LifeMoment waking = LIFE_MOMENT_INIT;

void
g_main_context_wakeup (GMainContext *main_context)
{
  static gpointer next;

  life_moment_come (&waking);
  ((void (*) (GMainContext *)) life_next (&next, "g_main_context_wakeup")) (main_context);
}

void
g_source_set_ready_time (GSource *source,
                         gint64   ready_time)
{
  static gpointer next;

  life_moment_come (&waking);
  ((void (*) (GSource *, gint64)) life_next (&next, "g_source_set_ready_time")) (source, ready_time);
}

typedef struct
{
  GMainContext *main_context;
  ZmqSocket    *socket;
} Woken;

static void
drop_main_context (gpointer main_context)
{
  g_main_context_unref (main_context);
}

static void
put_back_for (gpointer data)
{
  Woken *self = data;

  life_moment_await (&waking, drop_main_context, self->main_context);
  put_back (self->socket);
  if (life_moment_take (&waking))
    {
      /* it was told in another way, for which the main context is not needed */
      g_main_context_unref (self->main_context);
      return;
    }

  g_assert_true (waking.had_to_wait);
  life_moment_end (&waking);
}

static gboolean
on_socket (ZmqSocket   *socket,
           GIOCondition condition,
           gpointer     data)
{
  return G_SOURCE_CONTINUE;
}

static void
on_polled_socket (ZmqPoller   *poller,
                  ZmqSocket   *socket,
                  int          fd,
                  GIOCondition condition,
                  gpointer     data)
{
}

static void
test_main_context_while_woken (gconstpointer data)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (GSource) source = NULL;
  Woken woken = { g_main_context_new (), socket };
  int   priority;

  if (GPOINTER_TO_INT (data))
    {
      g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();

      g_assert_true (zmqglib_poller_add_socket (poller, socket, G_IO_IN, on_polled_socket, NULL, NULL, NULL));
      source = zmqglib_poller_create_source (poller);
    }
  else
    {
      source = zmqglib_socket_create_source (socket, G_IO_IN, NULL);
      g_source_set_callback (source, G_SOURCE_FUNC (on_socket), NULL, NULL);
    }
  g_source_attach (source, woken.main_context);

  /* as if it was about to sleep, and then never came to check, since something more important came up */
  g_assert_true (g_main_context_acquire (woken.main_context));
  g_main_context_prepare (woken.main_context, &priority);
  g_main_context_release (woken.main_context);
  life_elsewhere (put_back_for, &woken);
}

/* Somebody drops the stream whose loop is busy, and somebody else has still something to say to the loop. */
typedef struct
{
  ZmqSocket *socket;
  ZmqStream *stream;
} Busy;

static void
make_stream (gpointer data)
{
  Busy *self = data;

  self->stream = zmqglib_stream_new (self->socket);
}

static gpointer
put_back_often (gpointer data)
{
  Busy *self = data;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");

  for (guint i = 0; i < 200; i++)
    zmqglib_socket_put_back (self->socket, message);

  return NULL;
}

static void
test_errands_of_nobody (void)
{
  g_autoptr (GMainContext) main_context = g_main_context_new ();
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  guint    n_rounds = test_is_slow_tool () ? 100 : 2000;
  LifeLoop loop;

  life_loop_start (&loop, main_context);
  for (guint i = 0; i < n_rounds; i++)
    {
      Busy     busy = { .socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL) };
      GThread *thread;

      life_loop_call (&loop, make_stream, &busy);
      thread = g_thread_new ("busy", put_back_often, &busy);
      g_object_unref (busy.stream);
      g_thread_join (thread);
      g_object_unref (busy.socket);
    }
  life_loop_stop (&loop);
  life_terminate (context);
}

/* A poller that a child has inherited with its source, where another thread of the child has something for its loop,
 * which is about to sleep: each time it has to be woken. */
#define N_WAKES 20

typedef struct
{
  ZmqPoller *poller;
  ZmqSocket *socket; /* the child's */
  gint       n_called;
} Inherited;

static void
on_woken (ZmqPoller   *poller,
          ZmqSocket   *socket,
          int          fd,
          GIOCondition condition,
          gpointer     data)
{
  Inherited *self = data;
  g_autoptr (ZmqMessage) message = zmqglib_socket_try_receive (socket, NULL);

  if (message != NULL)
    g_atomic_int_inc (&self->n_called);
}

static gpointer
put_back_one_by_one (gpointer data)
{
  Inherited *self = data;
  g_autoptr (ZmqMessage) message = zmqglib_message_new_from_string ("x");

  for (gint i = 0; i < N_WAKES; i++)
    {
      while (g_atomic_int_get (&self->n_called) < i)
        g_thread_yield ();
      /* long enough for the loop to fall asleep */
      g_usleep (2000);
      zmqglib_socket_put_back (self->socket, message);
    }

  return NULL;
}

static void
child_is_woken (gpointer data)
{
  Inherited *self = data;
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  GThread *thread;

  self->socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_assert_true (zmqglib_poller_add_socket (self->poller, self->socket, G_IO_IN, on_woken, self, NULL, NULL));
  thread = g_thread_new ("puts back", put_back_one_by_one, self);
  while (g_atomic_int_get (&self->n_called) < N_WAKES)
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
}

static void
test_child_is_woken (void)
{
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  g_autoptr (GSource) source = zmqglib_poller_create_source (poller);
  Inherited inherited = { .poller = poller };

  g_source_attach (source, NULL);
  g_main_context_iteration (NULL, FALSE);
  life_wait_child (life_fork (child_is_woken, &inherited));
  g_source_destroy (source);
}

/* A source of a socket goes in one thread, and another one comes meanwhile: each has to wait for the other, as whoever looks
 * through those who watch the socket has to. */
static void
make_source (gpointer socket)
{
  g_source_unref (zmqglib_socket_create_source (socket, G_IO_IN, NULL));
}

static void
test_socket_source_while (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  GSource *source = zmqglib_socket_create_source (socket, G_IO_IN, NULL);

  life_moment_await (&in_list, make_source, socket);
  n_calls_before = 0;
  g_atomic_pointer_set (&going, g_thread_self ());
  g_source_unref (source);
  g_atomic_pointer_set (&going, NULL);
  life_moment_end (&in_list);
  g_assert_true (in_list.had_to_wait);
}

/* Whoever adds a socket to a poller is who uses it from then on; who used it before touches none of its lists. */
typedef struct
{
  ZmqPoller *poller;
  ZmqSocket *socket;
  GThread   *thread;
} Added;

static void
ignore_polled (ZmqPoller   *poller,
               ZmqSocket   *socket,
               int          fd,
               GIOCondition condition,
               gpointer     data)
{
}

static void
add_socket (gpointer data)
{
  Added *self = data;

  self->thread = g_thread_ref (g_thread_self ());
  g_assert_true (zmqglib_poller_add_socket (self->poller, self->socket, G_IO_IN, ignore_polled, NULL, NULL, NULL));
}

static void
test_poller_used_elsewhere (void)
{
  g_autoptr (ZmqContext) context = zmqglib_context_new ();
  g_autoptr (ZmqSocket) socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  Added added = { poller, socket, NULL };

  zmqglib_poller_wait (poller, 0, NULL, NULL);
  life_elsewhere (add_socket, &added);
  g_atomic_int_set (&n_put, 0);
  g_atomic_pointer_set (&going, added.thread);
  zmqglib_socket_close (socket);
  g_atomic_pointer_set (&going, NULL);
  g_assert_cmpint (n_put, ==, 0);
  g_thread_unref (added.thread);
}

/* What another thread has had to say of a socket does not keep that with a poller, which nobody may ever wait for again. */
static void
try_to_receive (gpointer socket)
{
  g_assert_null (zmqglib_socket_try_receive (socket, NULL));
}

static void
test_removed_from_poller (void)
{
  ZmqContext *context = zmqglib_context_new ();
  ZmqSocket  *socket = test_socket_new (context, ZMQGLIB_SOCKET_PULL);
  g_autoptr (ZmqPoller) poller = zmqglib_poller_new ();
  gint n_alive = 0;

  life_count (context, &n_alive);
  g_assert_true (zmqglib_poller_add_socket (poller, socket, G_IO_IN, ignore_polled, NULL, NULL, NULL));
  zmqglib_poller_wait (poller, 0, NULL, NULL);
  life_elsewhere (try_to_receive, socket);
  g_assert_true (zmqglib_poller_remove_socket (poller, socket, NULL));
  g_object_unref (socket);
  g_object_unref (context);
  life_poll_until (NULL, g_atomic_int_get (&n_alive) == 0);
}

int
main (int    argc,
      char **argv)
{
  static const LifeFunc put_back_func = put_back;
  static const LifeFunc close_func = close_socket;

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/life/going/errands-of-nobody", test_errands_of_nobody);

  g_test_add_data_func ("/life/going/main-context-while/put-back", &put_back_func, test_main_context_while);
  g_test_add_data_func ("/life/going/main-context-while/closed", &close_func, test_main_context_while);

  g_test_add_func ("/life/going/socket-source-while", test_socket_source_while);
  g_test_add_func ("/life/going/poller-used-elsewhere", test_poller_used_elsewhere);
  g_test_add_func ("/life/going/removed-from-poller", test_removed_from_poller);
  g_test_add_func ("/life/going/poller-source-destroyed", test_poller_source_destroyed);

  g_test_add_data_func ("/life/going/main-context-while-woken/socket", GINT_TO_POINTER (FALSE), test_main_context_while_woken);
  g_test_add_data_func ("/life/going/main-context-while-woken/poller", GINT_TO_POINTER (TRUE), test_main_context_while_woken);

  g_test_add_func ("/life/going/forked-poller-is-woken", test_child_is_woken);

  return g_test_run ();
}
